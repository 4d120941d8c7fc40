//! Everything that a report says, computed once from the results and read by tables, figures and page.

use std::collections::BTreeSet;

use zerolab_metrics::{ExperimentFile, RunReference};

use crate::comparisons::{Comparison, comparisons};
use crate::costs::{GroupCost, group_costs};
use crate::curves::{Curve, curves};
use crate::error::ReportError;
use crate::groups::{Group, group};
use crate::hypothesis::{Judgement, judge, sides};
use crate::published::Beside;
use crate::results::{Results, Run, Status};
use crate::scores::{Estimate, Metric, Score, final_scores};

/// The results with all that follows from them.
pub(crate) struct Findings {
    pub experiment: ExperimentFile,
    pub runs: Vec<Run>,
    pub groups: Vec<Group>,
    pub scores: Vec<Score>,
    pub comparisons: Vec<Comparison>,
    pub curves: Vec<Curve>,
    pub costs: Vec<GroupCost>,
    pub judgement: Option<Judgement>,
    /// What others published, if the experiment asks for it.
    pub published: Option<Beside>,
}

impl Findings {
    /// # Errors
    ///
    /// If the experiment asks for published results that there are not.
    pub fn of(results: Results) -> Result<Self, ReportError> {
        let Results { experiment, runs } = results;
        let groups = group(&runs);
        let judgement =
            experiment.hypothesis.as_ref().map(|hypothesis| judge(hypothesis, &groups, &runs));
        let asked = experiment.published.as_ref();
        let published = asked.map(|asked| Beside::of(asked, &groups, &runs)).transpose()?;
        Ok(Self {
            scores: final_scores(&groups, &runs),
            comparisons: comparisons(&groups, &runs),
            curves: curves(&groups, &runs),
            costs: group_costs(&groups, &runs),
            judgement,
            published,
            groups,
            experiment,
            runs,
        })
    }

    /// The final score of a group.
    pub fn score(&self, group: usize, metric: Metric) -> Option<&Score> {
        self.scores.iter().find(|score| score.group == group && score.metric == metric)
    }

    /// Each group that has a final return, known by its first run.
    pub fn final_returns(&self) -> impl Iterator<Item = (&RunReference, Estimate)> {
        self.groups.iter().enumerate().filter_map(|(place, group)| {
            let reference = &self.runs[*group.runs.first()?].reference;
            Some((reference, self.score(place, Metric::Return)?.estimate?))
        })
    }

    /// The keys that the experiment sweeps, each once, in alphabetical order.
    pub fn swept_keys(&self) -> Vec<&str> {
        let keys = self.runs.iter().flat_map(|run| run.reference.axes.keys());
        keys.map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The agent that the hypothesis expects to be the greater or the lesser, or else the first of the plan.
    pub fn base(&self, side: for<'a> fn((&'a str, &'a str)) -> &'a str) -> Option<&str> {
        let statement = self.experiment.hypothesis.as_ref().map(|it| it.statement.as_str());
        let named = statement.and_then(sides).map(side);
        let is_named = |group: &&Group| {
            named.is_some_and(|name| group.agent == name || group.agent_name == name)
        };
        let group = self.groups.iter().find(is_named).or(self.groups.first())?;
        Some(&group.agent)
    }

    /// The mean cost of a group.
    pub fn cost(&self, group: usize) -> Option<&GroupCost> {
        self.costs.iter().find(|cost| cost.group == group)
    }

    /// Whether any run was truly worth something else than it was paid.
    pub fn performance_differs(&self) -> bool {
        let differs = |run: &Run| {
            run.evaluations().any(|evaluation| evaluation.returns != evaluation.performances)
        };
        self.runs.iter().any(differs)
    }

    /// Whether any run has been begun.
    pub fn has_begun(&self) -> bool {
        self.runs.iter().any(|run| run.status != Status::Missing)
    }

    /// How many runs are in each state, in the order of the states; none that has no run.
    pub fn states(&self) -> Vec<(Status, usize)> {
        let mut states: Vec<Status> = self.runs.iter().map(|run| run.status).collect();
        states.sort();
        let counted = states.chunk_by(|first, second| first == second);
        counted.map(|equal| (equal[0], equal.len())).collect()
    }
}
