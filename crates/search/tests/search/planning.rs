//! With a true simulator as the model and enough simulations, the action found is the optimal one.

use zerolab_search::{Roots, Settings, Use, search};

use crate::models::{Outcome, Rule};

const ACTIONS: usize = 3;
const STEPS: usize = 3;

/// A random tree of `STEPS` steps; a state is the path to it.
struct World {
    seed: u64,
    /// 1, or -1 where two players take turns.
    discount: f32,
}

impl World {
    /// In [-1, 1].
    fn reward(&self, path: &[usize]) -> f32 {
        let mut h = self.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        for action in path {
            h = (h ^ (h >> 29) ^ (*action as u64 + 1)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        }
        (h >> 40) as f32 / 8_388_608.0 - 1.0
    }

    fn q(&self, path: &mut Vec<usize>, action: usize) -> f32 {
        path.push(action);
        let best = |path: &mut Vec<usize>| {
            (0..ACTIONS).map(|a| self.q(path, a)).fold(f32::NEG_INFINITY, f32::max)
        };
        let value = if path.len() < STEPS { best(path) } else { 0.0 };
        let q = self.reward(path) + self.discount * value;
        path.pop();
        q
    }

    fn found(&self, settings: &Settings) -> usize {
        let roots = Roots {
            num_actions: ACTIONS,
            values: vec![0.0],
            logits: vec![0.0; ACTIONS],
            legal: None,
            seeds: vec![self.seed],
        };
        let mut model = Rule::new(vec![Vec::new()], |path: &Vec<usize>, action| {
            let state = [path.as_slice(), &[action]].concat();
            let over = state.len() >= STEPS;
            let reward = if state.len() <= STEPS { self.reward(&state) } else { 0.0 };
            let logits = vec![0.0; ACTIONS];
            Outcome { state, reward, value: 0.0, logits, discount: over.then_some(0.0) }
        });
        let found = search(settings, self.discount, None, &roots, Use::Greedy, &mut model).unwrap();
        found.actions[0] as usize
    }
}

#[track_caller]
fn assert_optimal(discount: f32) {
    let mut worlds = 0;
    for seed in 0..40 {
        let world = World { seed, discount };
        let mut q: Vec<(f32, usize)> =
            (0..ACTIONS).map(|action| (world.q(&mut Vec::new(), action), action)).collect();
        q.sort_by(|a, b| b.0.total_cmp(&a.0));
        // Nearly equal actions take longer to tell apart.
        if q[0].0 - q[1].0 < 0.1 {
            continue;
        }
        worlds += 1;
        let presets = [
            ("efficientzero", Settings::efficientzero()),
            ("muzero", Settings::muzero()),
            ("mctx muzero", Settings::mctx_muzero()),
            ("gumbel muzero", Settings::gumbel_muzero()),
        ];
        for (name, settings) in presets {
            let mut settings = Settings { simulations: 3000, ..settings };
            // The model's values say nothing (they are all 0), so Q deserves less trust than usual:
            // at 0.1 the Gumbel search stays with the first action that looks better than that.
            settings.gumbel.value_scale = 0.03;
            assert_eq!(world.found(&settings), q[0].1, "{name}, world {seed}: {q:?}");
        }
    }
    assert!(worlds > 25, "only {worlds} worlds have a best action");
}

#[test]
fn one_player_plays_optimally() {
    assert_optimal(1.0);
}

#[test]
fn two_players_play_minimax() {
    assert_optimal(-1.0);
}
