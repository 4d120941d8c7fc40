//! What exactly known policies reach in the environments of a plan.

use std::collections::BTreeMap;

use zerolab_environments::tabular::Expected;
use zerolab_metrics::{Anchors, ExperimentFile, Reached};

use crate::plan::examination::PlannedExamination;
use crate::plan::instantiate;
use crate::plan::resolved::{EnvironmentChoice, ResolvedRun};

/// The anchors of each environment, which are computed once: it can take seconds.
pub(super) struct KnownAnchors<'a> {
    /// By the hash of a run's settings, from an earlier file of the experiment.
    earlier: BTreeMap<&'a str, Anchors>,
    /// By the hash of a run's settings and the file of an examination, from there too.
    earlier_examined: BTreeMap<(&'a str, &'a str), Anchors>,
    /// By the environment with its settings.
    computed: BTreeMap<String, Option<Anchors>>,
}

impl<'a> KnownAnchors<'a> {
    /// Those of the same runs in `earlier`.
    pub(super) fn of_file(earlier: Option<&'a ExperimentFile>) -> Self {
        let runs = || earlier.iter().flat_map(|file| &file.runs);
        let known = runs().filter_map(|run| Some((run.settings_hash.as_str(), run.anchors?)));
        let examined = runs().flat_map(|run| {
            let of_run = run.examinations.iter();
            of_run.filter_map(|it| Some(((&*run.settings_hash, &*it.file), it.anchors?)))
        });
        let (earlier, earlier_examined) = (known.collect(), examined.collect());
        Self { earlier, earlier_examined, computed: BTreeMap::new() }
    }

    /// Those of the environment of a run's evaluations, without discount. `None` if it has no exact solution,
    /// or cannot be made here.
    pub(super) fn of(&mut self, run: &ResolvedRun) -> Option<Anchors> {
        if let Some(anchors) = self.earlier.get(run.settings_hash().as_str()) {
            return Some(*anchors);
        }
        self.of_environment(&run.evaluated_environment())
    }

    /// Those of the environment of an examination, as [`of`](Self::of).
    pub(super) fn of_examination(
        &mut self,
        run: &ResolvedRun,
        planned: &PlannedExamination,
    ) -> Option<Anchors> {
        let (hash, file) = (run.settings_hash(), planned.file_name(run));
        match self.earlier_examined.get(&(hash.as_str(), file.as_str())) {
            Some(anchors) => Some(*anchors),
            None => self.of_environment(&planned.environment),
        }
    }

    fn of_environment(&mut self, environment: &EnvironmentChoice) -> Option<Anchors> {
        let EnvironmentChoice { name, options } = environment;
        *self.computed.entry(format!("{name} {options}")).or_insert_with(|| {
            let environment = instantiate::evaluation_environment_of(environment).ok()?;
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
