//! With known dynamics as the model and enough simulations, a search finds the optimal action.

use std::convert::Infallible;

use zerolab_search::{Dynamics, Purpose, Search, Settings, SimulatorModel, Transition};

use crate::models::presets;

const ACTIONS: usize = 3;
const STEPS: usize = 3;

/// A random tree of `STEPS` steps, whose returns are from -1 to 1; a state is the path to it.
#[derive(Clone)]
struct Maze {
    seed: u64,
    /// 1, or -1 where two players take turns.
    discount: f32,
    /// Action that cannot be taken after itself.
    blocked: Option<u32>,
}

impl Maze {
    fn reward(&self, path: &[u32]) -> f32 {
        let mut h = self.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        for action in path {
            h = (h ^ (h >> 29) ^ (u64::from(*action) + 1)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        }
        ((h >> 40) as f32 / 8_388_608.0 - 1.0) / STEPS as f32
    }

    fn is_blocked(&self, path: &[u32], action: u32) -> bool {
        self.blocked == Some(action) && path.last() == Some(&action)
    }

    fn q(&self, path: &[u32], action: u32) -> f32 {
        let path = [path, &[action]].concat();
        let possible = (0..ACTIONS as u32).filter(|a| !self.is_blocked(&path, *a));
        let best = possible.map(|a| if path.len() < STEPS { self.q(&path, a) } else { 0.0 });
        self.reward(&path) + self.discount * best.fold(f32::NEG_INFINITY, f32::max)
    }

    fn found(&self, settings: &Settings) -> u32 {
        let mut simulator = SimulatorModel::new(self.clone(), ACTIONS);
        let Ok(roots) = simulator.roots(vec![Vec::new()], vec![self.seed]);
        let mut search = Search::new(settings, self.discount, None);
        let Ok(found) = search.run(&roots, Purpose::Greedy, &mut simulator);
        found.actions[0]
    }
}

impl Dynamics for Maze {
    type State = Vec<u32>;
    type Error = Infallible;

    fn step(&mut self, path: &Vec<u32>, action: u32) -> Result<Transition<Vec<u32>>, Infallible> {
        assert!(path.len() < STEPS, "there is no step after the last");
        assert!(!self.is_blocked(path, action), "no way {action} after {path:?}");
        let path = [path.as_slice(), &[action]].concat();
        let reward = self.reward(&path);
        Ok(Transition { reward, state: (path.len() < STEPS).then_some(path), discount: None })
    }

    fn evaluate(
        &mut self,
        paths: &[&Vec<u32>],
        values: &mut [f32],
        logits: &mut [f32],
    ) -> Result<(), Infallible> {
        values.fill(0.0);
        for (path, logits) in paths.iter().zip(logits.chunks_mut(ACTIONS)) {
            for (action, logit) in (0..).zip(logits) {
                *logit = if self.is_blocked(path, action) { f32::NEG_INFINITY } else { 0.0 };
            }
        }
        Ok(())
    }
}

#[track_caller]
fn assert_optimal(discount: f32, blocked: Option<u32>) {
    let mut mazes = 0;
    for seed in 0..40 {
        let maze = Maze { seed, discount, blocked };
        let mut q: Vec<(f32, u32)> =
            (0..ACTIONS as u32).map(|action| (maze.q(&[], action), action)).collect();
        q.sort_by(|a, b| b.0.total_cmp(&a.0));
        // Nearly equal actions take longer to tell apart.
        if q[0].0 - q[1].0 < 0.1 / STEPS as f32 {
            continue;
        }
        mazes += 1;
        for (name, settings) in presets() {
            let mut settings = Settings { simulations: 3000, ..settings };
            // All values of the network are 0, so early Q-values are poor. At the usual weight of 0.1 the
            // Gumbel search would keep the first action that looks better than the value.
            settings.gumbel.value_scale = 0.03;
            assert_eq!(maze.found(&settings), q[0].1, "{name}, maze {seed}: {q:?}");
        }
    }
    assert!(mazes > 25, "only {mazes} mazes have a best action");
}

#[test]
fn one_player_plays_optimally() {
    assert_optimal(1.0, None);
}

#[test]
fn two_players_play_minimax() {
    assert_optimal(-1.0, None);
}

/// The dynamics never get an action whose logit they set to -∞.
#[test]
fn blocked_ways_are_never_tried() {
    assert_optimal(1.0, Some(1));
}
