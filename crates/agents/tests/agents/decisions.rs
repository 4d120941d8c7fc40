//! Agents' explanations of their actions.

use zerolab_agents::registry::presets;
use zerolab_metrics::Phase;

use crate::test_run::{ENVIRONMENTS, TestRun};

/// Explained actions are those of an evaluation, and their estimates are consistent.
#[test]
fn explanations_belong_to_the_actions() {
    let small = presets().iter().filter(|preset| !preset.name.contains('/'));
    for (preset, environment) in
        small.flat_map(|preset| ENVIRONMENTS.map(|environment| (preset.name, environment)))
    {
        let (mut run, mut unasked) =
            (TestRun::new(preset, environment, 1), TestRun::new(preset, environment, 1));
        for _ in 0..8 {
            run.round();
            unasked.round();
        }
        let num_actions = run.lanes.environment().description().num_actions;
        let decisions = run.asked(|agent, seen| agent.explain(seen, 5).unwrap());
        let actions: Vec<usize> = decisions.iter().map(|decision| decision.action).collect();
        assert_eq!(actions, unasked.evaluate(), "{preset} in {environment}");
        assert_eq!(
            run.agent.account().phase(Phase::Evaluation).flops,
            unasked.agent.account().phase(Phase::Evaluation).flops,
            "{preset} in {environment}"
        );
        for decision in decisions {
            for shares in [&decision.policy, &decision.prior] {
                let sum: f32 = shares.iter().sum();
                assert!(
                    shares.is_empty() || shares.len() == num_actions && (sum - 1.0).abs() < 1e-5
                );
            }
            if !decision.visits.is_empty() {
                assert_eq!(decision.visits.iter().sum::<u32>(), 3, "{preset} in {environment}");
                assert!(decision.imagined.len() <= 3);
                let first = decision.imagined[0];
                assert_eq!(first.action, decision.action);
            }
            if let (Some(value), true) = (decision.value, decision.policy.is_empty()) {
                let best = decision.action_values.iter().copied().fold(f32::MIN, f32::max);
                assert_eq!(value, best, "{preset} in {environment}");
            }
        }
        run.round();
        unasked.round();
        assert_eq!(run.actions, unasked.actions, "{preset} in {environment}");
    }
}
