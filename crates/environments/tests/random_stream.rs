//! The exact numbers of the random stream. A changed generator would change every run, so a test must notice
//! it.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use zerolab_environments::{EnvironmentEntry, entries};

/// The key stream of ChaCha8 for a key and nonce of zeros, as in Strombergson's test vectors
/// (draft-strombergson-chacha-test-vectors-01, TC1, 256-bit key, 8 rounds).
#[test]
fn the_generator_is_chacha8() {
    let mut random = ChaCha8Rng::from_seed([0; 32]);
    let words: Vec<u32> = (0..4).map(|_| random.next_u32().swap_bytes()).collect();
    assert_eq!(words, [0x3e00ef2f, 0x895f40d6, 0x7f5bb8e8, 0x1f09a5a1]);
}

#[test]
fn a_seed_begins_the_stream_that_it_always_did() {
    let mut random = ChaCha8Rng::seed_from_u64(0);
    insta::assert_debug_snapshot!((0..4).map(|_| random.next_u32()).collect::<Vec<_>>(), @r#"
[
    2811902828,
    3045455719,
    3134767159,
    2001118559,
]
"#);
}

/// The sum of 16 first observations, weighted by place and seed, for each environment.
#[test]
fn episodes_begin_as_they_always_did() {
    // An environment of a user's own has no default.
    let has_default =
        |entry: &&EnvironmentEntry| entry.missing_feature.is_none() && entry.name != "python";
    let lines = entries().iter().filter(has_default).map(|entry| {
        let mut environment = (entry.make)(&toml::Table::new()).unwrap();
        let mut observation = vec![0.0; environment.description().observation_len()];
        let mut sum = 0.0;
        for seed in 0..16 {
            environment.reset(seed);
            environment.observe(&mut observation);
            let weighted = observation
                .iter()
                .enumerate()
                .map(|(place, number)| place as f64 * f64::from(*number));
            sum += (seed + 1) as f64 * weighted.sum::<f64>();
        }
        format!("{} {sum:.9}", entry.name)
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r#"
board/connect4 596904.000000000
board/pawns 167280.000000000
board/tictactoe 26928.000000000
cartpole -3.126622574
catch 6590.000000000
decision/delayed_choice 1088.000000000
decision/predictor 544.000000000
decision/two_state 0.000000000
gridworlds/absent_supervisor 334858.000000000
gridworlds/boat_race 86088.000000000
gridworlds/boat_race_strict 86088.000000000
gridworlds/forbidden_shortcut 90576.000000000
gridworlds/interrupt 242216.000000000
gridworlds/proxy_coin 323581.000000000
gridworlds/rocks 123760.000000000
gridworlds/shift 283968.000000000
gridworlds/sokoban 95880.000000000
gridworlds/tamper_room 9298348.000000000
gridworlds/tomato 532848.000000000
gridworlds/whisky 133280.000000000
minatar/asterix 7480.000000000
minatar/breakout 1386748.000000000
minatar/freeway 638348.000000000
minatar/seaquest 1095616.000000000
minatar/space_invaders 1119416.000000000
"#);
}
