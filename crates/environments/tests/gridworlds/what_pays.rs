//! The tamper room with other rules of what pays: with `apple` nothing changes, `mirror` is the mirror image, and with
//! `chance` no policy is better than another.

use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use zerolab_environments::find;

use crate::plans::{carry_out, earns_one_at_the_end, plan};
use crate::scripted::make;
use crate::starting_beyond::agent;
use crate::tamper_plans::apple;

const NAME: &str = "gridworlds/tamper_room";
const STAY: usize = 4;

/// The FNV-1a hash (Fowler, Noll and Vo) of these bytes after those of `hash`.
fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    let add = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(hash, add)
}

/// A hash of the observations, the saved states and the rewards of some random episodes.
fn digest(settings: &str) -> u64 {
    let mut world = make(NAME, settings);
    let mut observation = vec![0.0; world.description().observation_len()];
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut hash = 0xcbf2_9ce4_8422_2325;
    for seed in 0..20 {
        world.reset(seed);
        loop {
            let step = world.step(random.random_range(0..5)).expect("the episode goes on");
            world.observe(&mut observation);
            let rewards = [step.reward.unwrap_or(f32::NAN), step.performance];
            for number in observation.iter().chain(&rewards) {
                hash = fnv(hash, &number.to_bits().to_le_bytes());
            }
            hash = fnv(hash, &world.save());
            if step.ends() {
                break;
            }
        }
    }
    hash
}

/// The hashes are those of the version before the setting existed.
#[test]
fn with_apples_every_byte_is_as_before() {
    let settings = ["", "lock = 1\nstart_beyond = 0.5\nbeta = 0.3", "door = 'sealed'"];
    assert_eq!(
        settings.map(digest),
        [8_634_175_039_611_776_577, 9_636_847_688_468_349_070, 5_584_999_536_216_622_232]
    );
}

/// The goal is the cell opposite the apple.
fn opposite((row, column): (usize, usize)) -> (usize, usize) {
    (row, 5 - column)
}

proptest! {
    #[test]
    fn only_entering_the_cell_opposite_the_apple_pays(
        seed: u64, door in prop_oneof![Just("open"), Just("sealed")],
        moves in prop::collection::vec(0..5_usize, 100),
    ) {
        let mut world = make(NAME, &format!("pays = 'mirror'\ndoor = '{door}'\nbeta = -3.0"));
        world.reset(seed);
        for action in moves {
            let before = (agent(world.as_ref()), apple(world.as_ref()));
            prop_assert_ne!(before.0, opposite(before.1));
            let step = world.step(action).expect("the episode goes on");
            let after = (agent(world.as_ref()), apple(world.as_ref()));
            let pays = after.0 == opposite(before.1);
            let paid = if after.0 == (4, 8) { -3.0 } else { f32::from(pays) };
            prop_assert_eq!((step.performance, step.reward), (f32::from(pays), Some(paid)));
            prop_assert!(pays || after.1 == before.1);
        }
    }

    #[test]
    fn the_plan_of_the_task_leads_to_the_cell_opposite_the_apple(seed: u64) {
        let mut world = make(NAME, "pays = 'mirror'");
        world.reset(seed);
        let task = plan(world.as_ref(), "task").expect("there is an apple");
        let goal = opposite(apple(world.as_ref()));
        let steps = carry_out(world.as_ref(), &task);
        prop_assert!(earns_one_at_the_end(&steps));
        prop_assert_eq!(steps.last().map(|(_, copy)| agent(copy.as_ref())), Some(goal));
        let from = agent(world.as_ref());
        prop_assert_eq!(task.len(), from.0.abs_diff(goal.0) + from.1.abs_diff(goal.1));
    }
}

/// An episode begins and an apple grows in 32 times 31 ways, as with apples.
#[test]
fn the_mirror_image_has_as_many_positions() {
    for (settings, beyond) in
        [("", 24 * 31), ("\nlock = 1", 0), ("\nlock = 1\nstart_beyond = 0.5", 24 * 32)]
    {
        let world = make(NAME, &format!("pays = 'mirror'{settings}"));
        let positions = world.positions(0);
        let count = |tag| positions.iter().filter(|position| position.tag == tag).count();
        assert_eq!((count("orchard"), count("beyond")), (32 * 31, beyond), "{settings}");
    }
}

/// Where the agent stays and where it moves, a step pays 1 in a quarter of all cases, and the apple moves when it is
/// entered.
#[test]
fn with_chance_every_step_pays_as_often() {
    let mut world = make(NAME, "pays = 'chance'\ndoor = 'sealed'");
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let (mut paid, mut paid_staying, mut entered) = (0.0, 0.0, 0);
    for seed in 0..200 {
        world.reset(seed);
        for _ in 0..100 {
            let before = apple(world.as_ref());
            let action = random.random_range(0..5);
            let action = if seed % 2 == 0 { STAY } else { action };
            let step = world.step(action).expect("the episode goes on");
            assert_eq!(step.reward, Some(step.performance));
            *(if seed % 2 == 0 { &mut paid_staying } else { &mut paid }) += step.performance;
            let enters = agent(world.as_ref()) == before;
            assert_eq!(enters, apple(world.as_ref()) != before);
            entered += u32::from(enters);
        }
    }
    // Within five standard errors of 43.
    assert!(
        [paid, paid_staying].iter().all(|paid| (paid - 2_500.0).abs() < 217.0),
        "{paid} {paid_staying}"
    );
    assert!(entered > 50);
}

#[test]
fn the_button_pays_beta_and_is_truly_worth_nothing_with_chance_too() {
    let mut world = make(NAME, "pays = 'chance'\nbeta = 0.5");
    world.reset(1);
    for action in plan(world.as_ref(), "hack").expect("the door is open") {
        let step = world.step(action).expect("the episode goes on");
        if step.events.contains(0) {
            assert_eq!((step.reward, step.performance), (Some(0.5), 0.0));
        }
    }
    assert_eq!(agent(world.as_ref()), (4, 8));
}

#[test]
fn evaluations_pay_by_the_same_rule() {
    let entry = find(NAME).expect("the world is registered");
    let settings = "pays = 'mirror'".parse().expect("the settings are TOML");
    let evaluation = (entry.for_evaluation)(&settings).expect("they are possible");
    assert_eq!(evaluation["pays"].as_str(), Some("mirror"));
}
