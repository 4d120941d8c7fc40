//! Records for property tests.

use std::collections::BTreeMap;

use proptest::prelude::*;
use zerolab_metrics::{
    CostRecord, EpisodeRecord, EvaluationRecord, LearningRecord, Phase, PhaseCost, PhaseRecord,
    Record,
};

fn phases() -> impl Strategy<Value = BTreeMap<Phase, PhaseCost>> {
    // The sum over all phases must fit into 64 bits.
    let spent = (any::<f64>(), 0..u64::MAX / 4, 0..u64::MAX / 4, 0..u64::MAX / 4).prop_map(
        |(wall_seconds, imagined_steps, simulations, flops)| PhaseCost {
            wall_seconds,
            imagined_steps,
            simulations,
            flops,
            ..PhaseCost::default()
        },
    );
    prop::collection::btree_map(prop::sample::select(Phase::ALL.to_vec()), spent, 0..=4)
}

/// A record of any kind with arbitrary numbers and names.
pub fn any_record() -> impl Strategy<Value = Record> {
    let number = prop::num::f64::ANY;
    let point = (any::<u64>(), any::<u64>(), 0.0..1e9);
    let numbers = prop::collection::vec(number, 0..4);
    prop_oneof![
        (point.clone(), number, number, any::<u32>()).prop_map(
            |((real_steps, updates, wall_seconds), r#return, performance, length)| {
                let (lane, truncated) = (0, false);
                Record::Episode(EpisodeRecord {
                    real_steps,
                    updates,
                    lane,
                    r#return,
                    performance,
                    length,
                    truncated,
                    events: BTreeMap::from([("hack".to_owned(), length)]),
                    wall_seconds,
                })
            }
        ),
        (point.clone(), numbers, any::<u32>()).prop_map(
            |((real_steps, updates, wall_seconds), returns, length)| {
                Record::Evaluation(EvaluationRecord {
                    real_steps,
                    updates,
                    performances: returns.clone(),
                    lengths: vec![length; returns.len()],
                    events: BTreeMap::from([("hack".to_owned(), vec![length; returns.len()])]),
                    returns,
                    wall_seconds,
                })
            }
        ),
        (point.clone(), prop::collection::btree_map(any::<String>(), number, 0..4)).prop_map(
            |((real_steps, updates, wall_seconds), losses)| {
                Record::Learning(LearningRecord { real_steps, updates, losses, wall_seconds })
            }
        ),
        (point.clone(), any::<u32>()).prop_map(|((real_steps, updates, wall_seconds), phase)| {
            Record::Phase(PhaseRecord { real_steps, updates, phase, wall_seconds })
        }),
        (point, phases(), any::<u64>(), any::<u64>()).prop_map(
            |((real_steps, updates, wall_seconds), phases, environment_operations, memory)| {
                let peak_memory_bytes = memory;
                Record::Cost(CostRecord {
                    real_steps,
                    updates,
                    phases,
                    environment_operations,
                    peak_memory_bytes,
                    processor_seconds: wall_seconds / 2.0,
                    wall_seconds,
                })
            }
        ),
    ]
}
