//! What exactly known policies reach in the environments of a plan.

use std::collections::BTreeMap;

use zerolab_environments::tabular::Expected;
use zerolab_metrics::{Anchors, Reached};

use crate::plan::instantiate;
use crate::plan::resolved::ResolvedRun;

/// The anchors of each environment, which are computed once.
#[derive(Default)]
pub(super) struct KnownAnchors(BTreeMap<String, Option<Anchors>>);

impl KnownAnchors {
    /// Those of the environment of a run's evaluations, without discount. `None` if it has no exact solution,
    /// or cannot be made here.
    pub(super) fn of(&mut self, run: &ResolvedRun) -> Option<Anchors> {
        let environment = format!("{} {}", run.environment.name, run.environment.options);
        *self.0.entry(environment).or_insert_with(|| {
            let environment = instantiate::evaluation_environment(run).ok()?;
            let anchors = environment.solver()?.anchors(1.0);
            Some(Anchors {
                random: reached(anchors.random),
                best_return: reached(anchors.best_return),
                best_return_worst_tie: reached(anchors.best_return_worst_tie),
                best_performance: reached(anchors.best_performance),
            })
        })
    }
}

fn reached(expected: Expected) -> Reached {
    Reached { r#return: expected.r#return, performance: expected.performance }
}
