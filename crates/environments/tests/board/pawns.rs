//! Pawns against numbers that another program computed: values, positions, and how often en passant decides.

use std::collections::{HashMap, HashSet};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use zerolab_environments::tabular::{Objective, Solution, Ties};
use zerolab_environments::{Environment, find};

use crate::tree::{after, game, legal};

pub const NAME: &str = "board/pawns";
pub const EN_PASSANT: usize = 0;
const OFFER: usize = 1;

/// What the player to move sees, as exact bits. It contains the whole position.
pub fn seen(game: &dyn Environment) -> Vec<u32> {
    let mut observation = vec![f32::NAN; game.description().observation_len()];
    game.observe(&mut observation);
    observation.into_iter().map(f32::to_bits).collect()
}

pub fn solve(game: &dyn Environment, discount: f64) -> Box<dyn Solution> {
    let solver = game.solver().expect("the game has an exact solution");
    solver.solve(Objective::Return(Ties::Best), discount)
}

/// A search of the whole game through the common interface of environments.
#[derive(Default)]
pub struct Search {
    /// By what is seen: the value for the player to move, and whether the game goes on.
    pub values: HashMap<Vec<u32>, (f32, bool)>,
    /// Positions in which a capture en passant is possible.
    possible: usize,
    /// Those in which nothing else keeps the value.
    decisive: usize,
}

impl Search {
    pub fn of(settings: &str) -> (Self, f32) {
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

/// The settings; the value for the first player without and with en passant (never offered or not); the positions with
/// it in which nobody has reached the last row; those with a capture en passant; those in which nothing else keeps the
/// value.
const KNOWN: [(&str, [f32; 2], [usize; 3]); 4] = [
    ("", [1.0, -1.0], [3_174, 191, 33]),
    ("stalemate = 'draw'", [1.0, 0.0], [3_174, 191, 47]),
    ("rows = 7", [-1.0, 1.0], [12_117, 763, 71]),
    ("columns = 4", [-1.0, -1.0], [89_728, 7_506, 610]),
];

#[test]
fn values_and_positions_are_as_another_program_found() {
    for (settings, values, counts) in KNOWN {
        let [off, on] = values;
        for (en_passant, expected) in [("off", off), ("on", on), ("never-offered", on)] {
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
