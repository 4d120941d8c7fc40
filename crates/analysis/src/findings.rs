//! All contents of a report, computed once from the results; tables, figures and the page read them.

use std::collections::BTreeSet;

use zerolab_metrics::labels::differing_labels;
use zerolab_metrics::{ExperimentFile, Hypothesis, Measure, RunReference};

use crate::comparisons::{PairwiseComparison, comparisons};
use crate::costs::{GroupCost, group_costs};
use crate::curves::{Curve, curves};
use crate::error::ReportError;
use crate::event_times::{EventTimes, event_times};
use crate::groups::{Group, distinct_in_order, group_runs};
use crate::hypothesis::{TestedHypothesis, test_hypothesis};
use crate::published::PublishedComparison;
use crate::results::{ExperimentResults, RunResults, RunStatus};
use crate::scores::{Estimate, FinalScore, final_scores};

/// The measures which not every report has, for which the experiment's figures and hypotheses ask, where a run has them.
fn asked(experiment: &ExperimentFile, runs: &[RunResults]) -> Vec<Measure> {
    let figures = experiment.figures.iter().flat_map(|figure| &figure.y);
    let figures = figures.filter_map(|y| Measure::from_name(y));
    let mut measures = Vec::new();
    for measure in figures.chain(experiment.hypotheses.iter().filter_map(Hypothesis::measure)) {
        let is_known = match &measure {
            Measure::Examined { label, .. } => {
                runs.iter().any(|run| run.examinations.contains_key(label))
            }
            measure if measure.is_in_every_report() => false,
            measure => runs.iter().any(|run| run.score(measure).is_some()),
        };
        if is_known && !measures.contains(&measure) {
            measures.push(measure);
        }
    }
    measures
}

/// The results and everything derived from them.
pub(crate) struct Findings {
    pub experiment: ExperimentFile,
    pub runs: Vec<RunResults>,
    /// What the experiment includes from others and is not there, each in a sentence.
    pub not_included: Vec<String>,
    pub groups: Vec<Group>,
    pub scores: Vec<FinalScore>,
    pub comparisons: Vec<PairwiseComparison>,
    /// Of the return.
    pub curves: Vec<Curve>,
    /// When runs began to do what events name.
    pub event_times: Vec<EventTimes>,
    pub costs: Vec<GroupCost>,
    /// The experiment's hypotheses with their results.
    pub hypotheses: Vec<TestedHypothesis>,
    /// Each agent with its swept settings, and its label by what differs from the others.
    short_agents: Vec<(String, String)>,
    /// Published results next to our own, if the experiment asks for them.
    pub published: Option<PublishedComparison>,
}

impl Findings {
    /// # Errors
    ///
    /// If the experiment asks for published results that do not exist.
    pub fn of(results: ExperimentResults) -> Result<Self, ReportError> {
        let ExperimentResults { experiment, runs, not_included } = results;
        let groups = group_runs(&runs);
        let hypotheses = experiment.hypotheses.iter();
        let hypotheses = hypotheses.map(|it| test_hypothesis(it, &groups, &runs)).collect();
        let request = experiment.published.as_ref();
        let published =
            request.map(|request| PublishedComparison::of(request, &groups, &runs)).transpose()?;
        let agents = distinct_in_order(&groups, |group| &group.agent);
        let short = differing_labels(&agents);
        let short_agents = agents.into_iter().map(str::to_owned).zip(short).collect();
        Ok(Self {
            short_agents,
            scores: final_scores(&groups, &runs, &asked(&experiment, &runs)),
            comparisons: comparisons(&groups, &runs),
            curves: curves(&groups, &runs, &Measure::Return),
            event_times: event_times(&groups, &runs),
            costs: group_costs(&groups, &runs),
            hypotheses,
            published,
            groups,
            experiment,
            runs,
            not_included,
        })
    }

    /// The label of an agent by what differs from the others, with short names of settings.
    pub fn short_agent<'a>(&'a self, agent: &'a str) -> &'a str {
        let found = self.short_agents.iter().find(|(known, _)| known == agent);
        found.map_or(agent, |(_, short)| short)
    }

    /// The final score of a group.
    pub fn score(&self, group: usize, measure: &Measure) -> Option<&FinalScore> {
        self.scores.iter().find(|score| score.group == group && score.measure == *measure)
    }

    /// The first run and the final score of each group that has one.
    pub fn final_estimates(
        &self,
        measure: &Measure,
    ) -> impl Iterator<Item = (&RunReference, Estimate)> {
        self.groups.iter().enumerate().filter_map(move |(index, group)| {
            let reference = &self.runs[*group.runs.first()?].reference;
            Some((reference, self.score(index, measure)?.estimate?))
        })
    }

    /// The measures beyond the sums of rewards that any group has, in the order of their first appearance.
    pub fn further_measures(&self) -> Vec<&Measure> {
        let mut measures: Vec<&Measure> = Vec::new();
        for score in &self.scores {
            let is_sum = matches!(score.measure, Measure::Return | Measure::Performance);
            if !is_sum && !measures.contains(&&score.measure) {
                measures.push(&score.measure);
            }
        }
        measures
    }

    /// The keys that the experiment sweeps, each once, in alphabetical order.
    pub fn swept_keys(&self) -> Vec<&str> {
        let keys = self.runs.iter().flat_map(|run| run.reference.axes.keys());
        keys.map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The agent on one side of the first hypothesis with an agent there, or else the first agent of the plan. `side` chooses from
    /// the greater and the lesser side.
    pub fn base(&self, side: for<'a> fn((&'a str, &'a str)) -> &'a str) -> Option<&str> {
        let mut named = self.experiment.hypotheses.iter().filter_map(|it| it.sides().map(side));
        let found = named.find_map(|name| self.groups.iter().find(|group| group.is_called(name)));
        Some(&found.or(self.groups.first())?.agent)
    }

    /// The mean cost of a group.
    pub fn cost(&self, group: usize) -> Option<&GroupCost> {
        self.costs.iter().find(|cost| cost.group == group)
    }

    /// Whether the performance (true rewards) of any run differs from its return (observed rewards).
    pub fn performance_differs(&self) -> bool {
        let differs = |run: &RunResults| {
            run.evaluations().any(|evaluation| evaluation.returns != evaluation.performances)
        };
        self.runs.iter().any(differs)
    }

    /// Whether no agent has several runs in an environment: then nothing is a mean over seeds.
    pub fn has_single_runs(&self) -> bool {
        self.groups.iter().all(|group| group.runs.len() == 1)
    }

    /// Whether any run has started.
    pub fn has_begun(&self) -> bool {
        self.runs.iter().any(|run| run.status != RunStatus::Pending)
    }

    /// The number of runs with each status, in the order of the statuses; only those that occur.
    pub fn status_counts(&self) -> Vec<(RunStatus, usize)> {
        let mut statuses: Vec<RunStatus> = self.runs.iter().map(|run| run.status).collect();
        statuses.sort();
        let counted = statuses.chunk_by(|first, second| first == second);
        counted.map(|equal| (equal[0], equal.len())).collect()
    }
}
