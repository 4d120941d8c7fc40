//! Pawns against numbers that another program computed: values, positions, and how often en passant decides.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;
use proptest::sample::{Index, select};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use zerolab_environments::tabular::{Objective, Solution, Ties};
use zerolab_environments::{Environment, find};

use crate::tree::{after, game, legal};

const NAME: &str = "board/pawns";
const EN_PASSANT: usize = 0;
const OFFER: usize = 1;

/// What the player to move sees, as exact bits. It contains the whole position.
fn seen(game: &dyn Environment) -> Vec<u32> {
    let mut observation = vec![f32::NAN; game.description().observation_len()];
    game.observe(&mut observation);
    observation.into_iter().map(f32::to_bits).collect()
}

fn solve(game: &dyn Environment, discount: f64) -> Box<dyn Solution> {
    let solver = game.solver().expect("the game has an exact solution");
    solver.solve(Objective::Return(Ties::Best), discount)
}

/// A search of the whole game through the common interface of environments.
#[derive(Default)]
struct Search {
    /// By what is seen: the value for the player to move, and whether the game goes on.
    values: HashMap<Vec<u32>, (f32, bool)>,
    /// Positions in which a capture en passant is possible.
    possible: usize,
    /// Those in which nothing else keeps the value.
    decisive: usize,
}

impl Search {
    fn of(settings: &str) -> (Self, f32) {
        let mut search = Self::default();
        let value = search.value(&*game(NAME, settings, 0));
        (search, value)
    }

    fn value(&mut self, game: &dyn Environment) -> f32 {
        let key = seen(game);
        if let Some((value, _)) = self.values.get(&key) {
            return *value;
        }
        let of_action = |action| {
            let (next, step) = after(game, action);
            let reward = step.reward.expect("no reward is hidden");
            if step.terminated {
                if !is_at_edge(&*next) {
                    self.values.insert(seen(&*next), (-reward, false));
                }
                return (reward, step.events.contains(EN_PASSANT));
            }
            (-self.value(&*next), step.events.contains(EN_PASSANT))
        };
        let values: Vec<(f32, bool)> = legal(game).into_iter().map(of_action).collect();
        let best = values.iter().map(|(value, _)| *value).fold(f32::MIN, f32::max);
        if values.iter().any(|(_, is_en_passant)| *is_en_passant) {
            self.possible += 1;
            let mut of_best = values.iter().filter(|(value, _)| *value == best);
            self.decisive += usize::from(of_best.all(|(_, is_en_passant)| *is_en_passant));
        }
        self.values.insert(key, (best, true));
        best
    }
}

/// Whether a pawn of the other player is in its last row.
fn is_at_edge(game: &dyn Environment) -> bool {
    let [_, rows, columns] = game.description().observation_shape[..] else { return false };
    let other = &seen(game)[rows * columns..2 * rows * columns];
    other[(rows - 1) * columns..].iter().any(|number| *number != 0)
}

/// The settings; the value for the first player without and with en passant; the positions with it in which nobody has
/// reached the last row; those with a capture en passant; those in which nothing else keeps the value.
const KNOWN: [(&str, [f32; 2], [usize; 3]); 4] = [
    ("", [1.0, -1.0], [3_174, 191, 33]),
    ("stalemate = 'draw'", [1.0, 0.0], [3_174, 191, 47]),
    ("rows = 7", [-1.0, 1.0], [12_117, 763, 71]),
    ("columns = 4", [-1.0, -1.0], [89_728, 7_506, 610]),
];

#[test]
fn values_and_positions_are_as_another_program_found() {
    for (settings, values, counts) in KNOWN {
        for (en_passant, expected) in ["off", "on"].into_iter().zip(values) {
            let settings = format!("{settings}\nen_passant = '{en_passant}'");
            let (search, value) = Search::of(&settings);
            assert_eq!(value, expected, "{settings}");
            let game = game(NAME, &settings, 0);
            let solved = solve(&*game, 1.0).value(&game.save());
            assert_eq!(solved, Ok(expected.into()), "{settings}");
            if en_passant == "on" {
                let found = [search.values.len(), search.possible, search.decisive];
                assert_eq!(found, counts, "{settings}");
            } else {
                assert_eq!(search.possible, 0);
            }
        }
    }
}

#[test]
fn positions_by_tag_are_those_in_which_the_game_goes_on() {
    for (settings, counts) in [("", [191, 33]), ("stalemate = 'draw'", [191, 47])] {
        let (search, _) = Search::of(settings);
        let mut game = game(NAME, settings, 0);
        let solution = solve(&*game, 1.0);
        let mut found: HashMap<&str, HashSet<Vec<u32>>> = HashMap::new();
        let positions = game.positions(0);
        let mut only_moves = 0;
        for position in &positions {
            game.restore(&position.state).expect("a position is a possible state");
            let is_only_move = |action: usize| after(&*game, action).1.events.contains(EN_PASSANT);
            if position.tag == "decisive" && legal(&*game).into_iter().all(is_only_move) {
                only_moves += 1;
            }
            found.entry(position.tag).or_default().insert(seen(&*game));
            let (value, goes_on) = search.values[&seen(&*game)];
            assert!(goes_on);
            assert_eq!(solution.value(&position.state), Ok(value.into()));
        }
        let go_on = search.values.values().filter(|(_, goes_on)| *goes_on).count();
        let count = |tag: &str| found[tag].len();
        assert_eq!([count("all"), count("start")], [go_on, 1]);
        assert_eq!([count("en_passant"), count("decisive")], counts);
        assert!(found["decisive"].is_subset(&found["en_passant"]));
        assert_eq!(only_moves, 11);
        assert_eq!(positions.len(), go_on + 1 + counts[0] + counts[1], "none is listed twice");
        assert_eq!(game.positions(24), []);
    }
}

/// Of a large board a part of the positions is listed.
#[test]
fn the_positions_of_a_large_board_are_thinned_out() {
    let positions = game(NAME, "columns = 4", 0).positions(0);
    for (tag, least, most) in
        [("all", 3_000, 4_096), ("en_passant", 3_700, 4_096), ("decisive", 610, 610)]
    {
        let count = positions.iter().filter(|position| position.tag == tag).count();
        assert!((least..=most).contains(&count), "{tag}: {count}");
    }
}

/// `4 · cell + move` on the default board, with cells counted row after row from the top.
fn action(row: usize, column: usize, kind: usize) -> usize {
    4 * (3 * row + column) + kind
}

/// White moves two rows, black one, white again two beside the black pawn: black can capture at once, and only then.
#[test]
fn en_passant_is_as_in_chess() {
    let begin = |en_passant: &str| {
        let mut game = game(NAME, &format!("en_passant = '{en_passant}'"), 0);
        // To row 2; black then to row 3 from its side, which is row 2 for white. They are neighbours.
        game.step(action(4, 0, 0)).unwrap();
        game.step(action(4, 1, 1)).unwrap();
        game
    };
    // The black pawn in column 1 passed over the cell in row 2; the white one in row 3 attacks it.
    let capture = action(3, 0, 3);
    let mut on = begin("on");
    assert!(legal(&*on).contains(&capture));
    let (next, step) = after(&*on, capture);
    assert!(step.events.contains(EN_PASSANT));
    let (own, other) = (&seen(&*next)[..18], &seen(&*next)[18..36]);
    let count = |plane: &[u32]| plane.iter().filter(|number| **number != 0).count();
    assert_eq!((count(own), count(other)), (2, 3));
    // One move later the right is gone.
    on.step(action(4, 2, 0)).unwrap();
    on.step(action(4, 0, 0)).unwrap();
    assert!(!legal(&*on).contains(&capture));

    assert!(!legal(&*begin("off")).contains(&capture));
    let mut never = game(NAME, "en_passant = 'never-offered'", 0);
    never.step(action(4, 0, 0)).unwrap();
    assert!(!legal(&*never).contains(&action(4, 1, 1)), "it would allow the capture");
    assert!(legal(&*never).contains(&action(4, 2, 1)), "no pawn is beside it");
}

#[test]
fn a_cell_passed_over_is_seen_unless_the_rule_does_not_exist() {
    for (en_passant, seen_cells) in [("on", 1), ("never-offered", 1), ("off", 0)] {
        let mut game = game(NAME, &format!("en_passant = '{en_passant}'"), 0);
        assert_eq!(game.description().observation_shape, [4, 6, 3]);
        game.step(action(4, 0, 1)).unwrap();
        let target = &seen(&*game)[36..54];
        // The other player sees it in row 2.
        assert_eq!(target.iter().filter(|number| **number != 0).count(), seen_cells);
        assert_eq!(target[6] != 0, seen_cells == 1);
    }
}

#[test]
fn en_passant_is_never_offered_where_it_must_not_be() {
    fn search(game: &dyn Environment, known: &mut HashSet<Vec<u32>>) {
        if !known.insert(seen(game)) {
            return;
        }
        for action in legal(game) {
            let (next, step) = after(game, action);
            assert!(!step.events.contains(OFFER) && !step.events.contains(EN_PASSANT));
            if !step.terminated {
                search(&*next, known);
            }
        }
    }
    let mut known = HashSet::new();
    search(&*game(NAME, "en_passant = 'never-offered'", 0), &mut known);
    assert!(known.len() > 1_000, "{}", known.len());
}

/// Of the games of random players with en passant, 42 % offer it.
#[test]
fn random_games_offer_en_passant_often() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut offers = 0;
    for seed in 0..4_000 {
        let mut game = game(NAME, "", seed);
        let mut is_offered = false;
        loop {
            let actions = legal(&*game);
            let step = game.step(actions[random.random_range(0..actions.len())]).unwrap();
            is_offered |= step.events.contains(OFFER);
            if step.terminated {
                break;
            }
        }
        offers += u32::from(is_offered);
    }
    assert!((1_520..=1_840).contains(&offers), "{offers} of 4000");
}

const SETTINGS: [&str; 6] = [
    "",
    "en_passant = 'off'",
    "en_passant = 'never-offered'\nstalemate = 'draw'",
    "stalemate = 'draw'",
    "columns = 2\nrows = 8",
    "rows = 5",
];

proptest! {
    /// What an action is worth is what it leads to, and a position is worth its best action.
    #[test]
    fn values_agree_with_each_other(
        settings in select(&SETTINGS[..]), discount in prop_oneof![Just(1.0), 0.5..1.0],
        moves in prop::collection::vec(any::<Index>(), 0..20),
    ) {
        let mut game = game(NAME, settings, 0);
        let solution = solve(&*game, discount);
        for choice in moves {
            let actions = legal(&*game);
            let values = solution.action_values(&game.save()).expect("a position of the game");
            for (action, value) in values.iter().enumerate() {
                if !actions.contains(&action) {
                    prop_assert_eq!(*value, f64::NEG_INFINITY);
                    continue;
                }
                let (next, step) = after(&*game, action);
                let later = solution.value(&next.save()).expect("a position of the game");
                let expected = step.reward.map_or(0.0, f64::from) - discount * later;
                prop_assert!((value - expected).abs() < 1e-12);
            }
            let best = values.iter().copied().fold(f64::MIN, f64::max);
            prop_assert_eq!(solution.value(&game.save()), Ok(best));
            let chosen = solution.action(&game.save()).expect("a position of the game");
            prop_assert_eq!(values[chosen], best);
            // The opponent plays as well as possible, also with seeds of other games.
            for seed in 0..3 {
                let opponent = game.simulator(seed).expect("there are copies").opponent_action();
                prop_assert_eq!(opponent.map(|action| values[action]), Some(best));
            }
            if game.step(*choice.get(&actions)).unwrap().terminated {
                let over = solution.action_values(&game.save()).expect("a position of the game");
                prop_assert_eq!(over, vec![0.0; game.description().num_actions]);
                break;
            }
        }
    }
}

#[test]
fn the_opponent_draws_among_all_best_actions() {
    let begun = game(NAME, "en_passant = 'off'", 0);
    let values = solve(&*begun, 0.9).action_values(&begun.save()).expect("a position of the game");
    let greatest = values.iter().copied().fold(f64::MIN, f64::max);
    let best: HashSet<usize> = (0..values.len()).filter(|&it| values[it] == greatest).collect();
    let at = |seed| begun.simulator(seed).expect("there are copies").opponent_action();
    let chosen: HashSet<usize> = (0..100).filter_map(at).collect();
    assert_eq!(chosen, best);
}

/// Random play against the opponent, from both sides, within five standard errors.
#[test]
fn the_result_of_random_play_is_known() {
    for settings in ["", "en_passant = 'off'\nstalemate = 'draw'"] {
        let begun = game(NAME, settings, 0);
        let anchors = begun.solver().expect("it is solved").anchors(1.0);
        assert_eq!(anchors.best_return.r#return, 0.0);
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let (mut sum, games) = (0.0, 4_000);
        for seed in 0..games {
            // A copy shares the solution.
            let mut game = begun.clone_box();
            game.reset(seed);
            let player = (seed % 2) as usize;
            sum += loop {
                let mover = game.to_play();
                let actions = legal(&*game);
                let action = if mover == player {
                    actions[random.random_range(0..actions.len())]
                } else {
                    game.opponent_action().unwrap()
                };
                let step = game.step(action).unwrap();
                if step.terminated {
                    let reward = f64::from(step.reward.unwrap());
                    break if mover == player { reward } else { -reward };
                }
            };
        }
        let (mean, known) = (sum / games as f64, anchors.random.r#return);
        assert!((mean - known).abs() < 5.0 / f64::from(games as u32).sqrt(), "{mean} {known}");
        assert!((-1.0..-0.5).contains(&known), "{known}");
    }
}

#[test]
fn impossible_boards_are_refused() {
    let refused = |settings: &str| {
        let entry = find(NAME).unwrap();
        (entry.resolve)(&settings.parse().unwrap()).unwrap_err().to_string()
    };
    insta::assert_snapshot!(refused("columns = 1"), @"`columns`: must be between 2 and 4, not 1");
    insta::assert_snapshot!(refused("columns = 5"), @"`columns`: must be between 2 and 4, not 5");
    insta::assert_snapshot!(refused("rows = 4"), @"`rows`: must be between 5 and 8, not 4");
    insta::assert_snapshot!(refused("rows = 9"), @"`rows`: must be between 5 and 8, not 9");
    insta::assert_snapshot!(refused("rows = 7\ncolumns = 4"), @"`rows`: columns * rows must be at most 24, not 28");
}

/// Not only the first one: a cell that nobody passed over, a pawn too many, the wrong player to move.
#[test]
fn damaged_states_are_refused() {
    let tag = game(NAME, "", 0).save();
    let save = |own: u32, other: u32, target: u32, is_second: bool, plies: u32| {
        let state = ((own, other, target, is_second), 0_u64, (plies, false));
        zerolab_environments::encode_state("board/pawns 1", &state)
    };
    let (own, other) = (0b111 << 12, 0b111 << 3);
    assert_eq!(save(own, other, 0, false, 0), tag);
    let mut game = game(NAME, "", 0);
    for wrong in [
        save(own, other, 1 << 6, false, 0),
        save(own | 1 << 10, other, 0, false, 0),
        save(own, other, 0, true, 0),
        save(own, other, 0, false, 2),
        save(own, own, 0, false, 0),
        save(own, other | 1 << 20, 0, false, 0),
        save(1 << 15, other, 0, false, 2),
        save(1, other, 0, false, 2),
        save(0, other, 0, false, 2),
    ] {
        assert!(game.restore(&wrong).is_err());
        assert_eq!(game.save(), tag);
    }
}
