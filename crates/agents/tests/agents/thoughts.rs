//! What an agent says that it thinks.

use zerolab_agents::registry::presets;
use zerolab_metrics::Phase;

use crate::run::{Run, WORLDS};

/// Asked for its thoughts an agent does what it does unasked, and what it says of that holds together.
#[test]
fn what_an_agent_thinks_is_of_what_it_does() {
    let small = presets().iter().filter(|preset| !preset.name.contains('/'));
    for (preset, world) in small.flat_map(|preset| WORLDS.map(|world| (preset.name, world))) {
        let (mut run, mut unasked) = (Run::new(preset, world, 1), Run::new(preset, world, 1));
        for _ in 0..8 {
            run.round();
            unasked.round();
        }
        let num_actions = run.lanes.world().description().num_actions;
        let thoughts = run.asked(|agent, seen| agent.deliberate(seen, 5).unwrap());
        let actions: Vec<usize> = thoughts.iter().map(|thought| thought.action).collect();
        assert_eq!(actions, unasked.evaluate(), "{preset} in {world}");
        assert_eq!(
            run.agent.account().phase(Phase::Evaluation).flops,
            unasked.agent.account().phase(Phase::Evaluation).flops,
            "{preset} in {world}"
        );
        for thought in thoughts {
            for shares in [&thought.policy, &thought.prior] {
                let sum: f32 = shares.iter().sum();
                assert!(
                    shares.is_empty() || shares.len() == num_actions && (sum - 1.0).abs() < 1e-5
                );
            }
            if !thought.visits.is_empty() {
                assert_eq!(thought.visits.iter().sum::<u32>(), 3, "{preset} in {world}");
                assert!(thought.imagined.len() <= 3);
                let first = thought.imagined[0];
                assert_eq!(first.action, thought.action);
            }
            if let (Some(value), true) = (thought.value, thought.policy.is_empty()) {
                let best = thought.action_values.iter().copied().fold(f32::MIN, f32::max);
                assert_eq!(value, best, "{preset} in {world}");
            }
        }
        run.round();
        unasked.round();
        assert_eq!(run.actions, unasked.actions, "{preset} in {world}");
    }
}
