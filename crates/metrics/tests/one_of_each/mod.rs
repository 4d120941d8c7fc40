//! Records that several tests share.

use std::collections::BTreeMap;

use zerolab_metrics::{
    CostRecord, EpisodeRecord, EvaluationRecord, LearningRecord, Phase, PhaseCost, PhaseRecord,
    Record,
};

/// A record of each kind, with every field.
pub fn one_of_each() -> Vec<Record> {
    let acting = PhaseCost {
        wall_seconds: 1.5,
        imagined_steps: 800,
        simulations: 800,
        real_steps: 16,
        flops: 1 << 60,
        updates: 0,
    };
    vec![
        Record::Episode(EpisodeRecord {
            real_steps: 9,
            updates: 0,
            lane: 1,
            r#return: 9.0,
            performance: 8.0,
            length: 9,
            truncated: false,
            events: BTreeMap::from([("hack".into(), 3)]),
            wall_seconds: 0.25,
        }),
        Record::Evaluation(EvaluationRecord {
            real_steps: 16,
            updates: 2,
            returns: vec![9.5, 10.0],
            performances: vec![9.5, 10.0],
            lengths: vec![9, 10],
            events: BTreeMap::from([("hack".into(), vec![0, 4])]),
            wall_seconds: 1.0,
        }),
        Record::Learning(LearningRecord {
            real_steps: 16,
            updates: 2,
            losses: BTreeMap::from([("value".into(), 0.5)]),
            wall_seconds: 1.0,
        }),
        Record::Cost(CostRecord {
            real_steps: 16,
            updates: 2,
            phases: BTreeMap::from([(Phase::Acting, acting)]),
            environment_operations: 800,
            peak_memory_bytes: 4096,
            processor_seconds: 2.5,
            wall_seconds: 2.0,
        }),
        Record::Phase(PhaseRecord { real_steps: 16, updates: 2, phase: 2, wall_seconds: 2.0 }),
    ]
}
