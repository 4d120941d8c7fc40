//! Search over proposed actions.

use std::convert::Infallible;

use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use zerolab_search::{
    Evaluations, Expansion, Proposals, Proposer, Purpose, Roots, SampledModel, Search,
    SearchResult, Settings, proposal_logits,
};

use crate::models::{Rule, StepOutput, presets, search};

/// Actions are numbers: the closer to `best`, the higher the reward. Every state has three proposals.
struct Line {
    best: f32,
    /// `[B]` of each call.
    taken: Vec<Vec<f32>>,
}

const STEPS: [f32; 3] = [-1.0, 0.25, 1.0];

impl Proposer for Line {
    type Action = f32;
    type Error = Infallible;

    fn recurrent(
        &mut self,
        _expansion: &Expansion<'_>,
        actions: &[f32],
        out: &mut Evaluations,
        proposals: &mut Vec<f32>,
    ) -> Result<(), Infallible> {
        for (reward, action) in out.rewards.iter_mut().zip(actions) {
            *reward = -(action - self.best).powi(2);
            proposals.extend(STEPS);
        }
        self.taken.push(actions.to_vec());
        out.values.fill(0.0);
        out.logits.fill(0.0);
        Ok(())
    }
}

#[test]
fn the_best_proposal_is_found() {
    for (name, settings) in presets() {
        let proposals = vec![-1.0, -0.5, 0.4, 2.0, 3.0, 0.3];
        let mut model = SampledModel::new(Line { best: 0.3, taken: Vec::new() }, 3, proposals);
        let roots = Roots {
            num_actions: 3,
            values: vec![0.0; 2],
            logits: vec![0.0; 6],
            legal: None,
            seeds: vec![1, 2],
        };
        let settings = Settings { simulations: 50, ..settings };
        let Ok(SearchResult { actions, .. }) =
            Search::new(&settings, 0.5, None).run(&roots, Purpose::Greedy, &mut model);
        let chosen = [0, 1].map(|root| *model.action(root, actions[root]));
        assert_eq!(chosen, [0.4, 0.3], "{name}");
    }
}

proptest! {
    /// If every action is proposed once, with the prior of the policy, a search over proposals equals the
    /// search over the actions.
    #[test]
    fn with_every_action_proposed_it_is_the_plain_search(seed in 0_u64..1000, preset in 0_usize..6) {
        const ACTIONS: usize = 4;
        let logits = |state: u64| -> Vec<f32> {
            (0..ACTIONS as u64).map(|a| ((state >> (7 * a)) % 9) as f32 / 4.0).collect()
        };
        let step = |state: u64, action: usize| {
            (state * 31 + action as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        };
        let reward = |state: u64| ((state >> 20) % 17) as f32 / 8.0 - 1.0;
        /// Proposes the actions, each as a number twice as high.
        struct Doubled<F> {
            rule: F,
            states: Vec<u64>,
        }
        impl<F: Fn(u64, usize) -> (u64, f32, Vec<f32>)> Proposer for Doubled<F> {
            type Action = usize;
            type Error = Infallible;

            fn recurrent(
                &mut self,
                expansion: &Expansion<'_>,
                actions: &[usize],
                out: &mut Evaluations,
                proposals: &mut Vec<usize>,
            ) -> Result<(), Infallible> {
                let state = self.states[expansion.parents[0] as usize];
                let (state, reward, logits) = (self.rule)(state, actions[0] / 2);
                self.states.push(state);
                out.rewards[0] = reward;
                out.values[0] = 0.0;
                out.logits.copy_from_slice(&proposal_logits(&logits, &[0.0; ACTIONS], &[1; ACTIONS]));
                proposals.extend((0..ACTIONS).map(|action| 2 * action));
                Ok(())
            }
        }
        let settings = Settings { simulations: 30, ..presets().swap_remove(preset).1 };
        let roots = Roots {
            num_actions: ACTIONS,
            values: vec![0.0],
            logits: logits(seed),
            legal: None,
            seeds: vec![seed],
        };
        let explore = Purpose::Explore { temperature: 1.0 };
        let mut plain = Rule::new(vec![seed], |state, action| {
            let state = step(*state, action);
            StepOutput { state, reward: reward(state), value: 0.0, logits: logits(state), discount: None }
        });
        let plain = search(&settings, 0.9, None, &roots, explore, &mut plain);
        let rule = |state, action| {
            let state = step(state, action);
            (state, reward(state), logits(state))
        };
        let doubled = Doubled { rule, states: vec![seed] };
        let mut model = SampledModel::new(doubled, ACTIONS, (0..ACTIONS).map(|a| 2 * a).collect());
        let sampled = search(&settings, 0.9, None, &roots, explore, &mut model);
        prop_assert_eq!(*model.action(0, sampled.actions[0]), 2 * plain.actions[0] as usize);
        prop_assert_eq!(plain, sampled);
    }

    /// The prior of a proposal is (β̂/β) · π, up to what makes the priors add up to 1.
    #[test]
    fn proposals_weigh_what_the_sampling_left_out(
        logits in prop::collection::vec(-3.0_f32..3.0, 1..40),
        temperature in 0.5_f32..3.0,
        num_proposals in 1_usize..20,
        seed in any::<u64>(),
    ) {
        let mut stream = ChaCha8Rng::seed_from_u64(seed);
        let drawn = Proposals::draw(&logits, temperature, num_proposals, &mut stream);
        prop_assert_eq!(drawn.actions.len(), num_proposals);
        prop_assert_eq!(drawn.logits.len(), num_proposals);
        let proposed: Vec<_> =
            drawn.actions.iter().zip(&drawn.logits).filter(|(_, logit)| logit.is_finite()).collect();
        let mut draws = 0.0;
        for (index, (action, logit)) in proposed.iter().enumerate() {
            prop_assert!(proposed[..index].iter().all(|(earlier, _)| earlier != action));
            let policy = logits[**action as usize];
            // (β̂/β) · π = n · π^(1 - 1/T), up to a factor.
            let highest = logits.iter().copied().fold(f32::MIN, f32::max);
            let count = (**logit - policy + (policy - highest) / temperature).exp();
            prop_assert!((count - count.round()).abs() < 1e-3 * count, "{} draws", count);
            draws += count;
        }
        prop_assert!((draws - num_proposals as f32).abs() < 1e-2, "{} draws", draws);
    }
}

/// Draws from the policy itself have equal priors, and their frequencies are those of the policy.
#[test]
fn the_proposals_of_the_policy_itself_are_equal() {
    let logits = proposal_logits(&[-0.5, -3.0], &[-0.5, -3.0], &[1, 1]);
    assert_eq!(logits, [0.0, 0.0]);
    let (policy, mut counts) = ([0.6_f32, 0.3, 0.1], [0; 3]);
    let mut stream = ChaCha8Rng::seed_from_u64(5);
    for _ in 0..20_000 {
        let drawn = Proposals::draw(&policy.map(f32::ln), 1.0, 1, &mut stream);
        counts[drawn.actions[0] as usize] += 1;
    }
    for (share, count) in policy.iter().zip(counts) {
        assert!((share - count as f32 / 20_000.0).abs() < 0.015, "{counts:?}");
    }
}
