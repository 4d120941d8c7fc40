//! The verdict on a hypothesis of the form `a > b`: holds, fails, undecided.
//!
//! Judged in each environment by the 95 % bootstrap interval of the difference between the two agents'
//! estimates: holds if it lies above 0, fails if it lies below, undecided if it contains 0 or there are
//! fewer than [`FEWEST_SEEDS`] seeds. Runs that share their seeds are drawn in pairs, since they share
//! the environments' chance. Over several comparisons it holds if all hold, and fails if any fails.

use std::collections::BTreeMap;

use zerolab_metrics::Hypothesis;
use zerolab_metrics::statistics::{Bootstrap, Interval};

use crate::groups::Group;
use crate::results::Run;
use crate::scores::{Metric, Statistic, seed_scores};

/// Below this, resampling says nothing about the spread.
const FEWEST_SEEDS: usize = 3;

/// What the report prints on a hypothesis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Holds,
    Fails,
    Undecided,
}

impl Verdict {
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::Fails => "fails",
            Verdict::Undecided => "undecided",
        }
    }

    /// As the verb of a sentence.
    pub fn verb(self) -> &'static str {
        if self == Verdict::Undecided { "is undecided" } else { self.name() }
    }
}

/// One comparison of two groups.
pub(crate) struct Comparison {
    pub environment: String,
    pub verdict: Verdict,
    pub metric: Metric,
    pub statistic: Statistic,
    /// The estimate of the first agent less that of the second, the way round that the statement expects to be positive.
    pub difference: Option<f64>,
    pub interval: Option<Interval>,
    pub seeds: (usize, usize),
    pub paired: bool,
}

/// The judgement of a whole hypothesis.
pub(crate) enum Judgement {
    Judged {
        verdict: Verdict,
        comparisons: Vec<Comparison>,
    },
    /// The statement or its metric is none that can be judged here; the message says why.
    CannotJudge(String),
}

/// Judges `hypothesis` on the finished runs.
pub(crate) fn judge(hypothesis: &Hypothesis, groups: &[Group], runs: &[Run]) -> Judgement {
    let metric = match hypothesis.metric.as_str() {
        "" | "evaluation.return" => Metric::Return,
        "evaluation.performance" => Metric::Performance,
        other => {
            return Judgement::CannotJudge(format!(
                "its metric `{other}` is neither `evaluation.return` nor `evaluation.performance`"
            ));
        }
    };
    let Some((greater, lesser)) = sides(&hypothesis.statement) else {
        return Judgement::CannotJudge(
            "its statement is not of the form `a > b` or `a < b`".to_owned(),
        );
    };
    let pairs = match pairs(greater, lesser, groups) {
        Ok(pairs) => pairs,
        Err(missing) => {
            return Judgement::CannotJudge(format!(
                "no agent of the experiment is called `{missing}`"
            ));
        }
    };
    if pairs.is_empty() {
        return Judgement::CannotJudge(format!("`{greater}` and `{lesser}` share no environment"));
    }
    let comparisons: Vec<Comparison> =
        pairs.into_iter().map(|(first, second)| compare(first, second, metric, runs)).collect();
    let verdict = if comparisons.iter().any(|comparison| comparison.verdict == Verdict::Fails) {
        Verdict::Fails
    } else if comparisons.iter().all(|comparison| comparison.verdict == Verdict::Holds) {
        Verdict::Holds
    } else {
        Verdict::Undecided
    };
    Judgement::Judged { verdict, comparisons }
}

/// The side that should be greater, and the other.
pub(crate) fn sides(statement: &str) -> Option<(&str, &str)> {
    let (left, right) = statement.split_once(['>', '<'])?;
    let (left, right) = (left.trim(), right.trim());
    if left.is_empty() || right.is_empty() || right.contains(['>', '<', '=']) {
        return None;
    }
    Some(if statement.contains('>') { (left, right) } else { (right, left) })
}

/// Every pair of groups to compare: in one environment, with equal axes where both sides have them.
fn pairs<'a>(
    greater: &str,
    lesser: &str,
    groups: &'a [Group],
) -> Result<Vec<(&'a Group, &'a Group)>, String> {
    let named = |name: &str| -> Result<Vec<&'a Group>, String> {
        let found: Vec<&Group> =
            groups.iter().filter(|group| group.agent == name || group.agent_name == name).collect();
        if found.is_empty() { Err(name.to_owned()) } else { Ok(found) }
    };
    let (greater, lesser) = (named(greater)?, named(lesser)?);
    let mut pairs = Vec::new();
    for first in greater {
        let here: Vec<&Group> = lesser
            .iter()
            .copied()
            .filter(|second| second.environment == first.environment)
            .collect();
        let equal_axes: Vec<&Group> =
            here.iter().copied().filter(|second| second.axes == first.axes).collect();
        let seconds = if equal_axes.is_empty() { here } else { equal_axes };
        pairs.extend(seconds.into_iter().map(|second| (first, second)));
    }
    Ok(pairs)
}

fn compare(first: &Group, second: &Group, metric: Metric, runs: &[Run]) -> Comparison {
    let firsts: BTreeMap<u64, f64> = seed_scores(first, runs, metric).collect();
    let seconds: BTreeMap<u64, f64> = seed_scores(second, runs, metric).collect();
    let difference = Difference::of(&firsts, &seconds);
    Comparison {
        environment: if first.agent == first.agent_name && second.agent == second.agent_name {
            first.environment.clone()
        } else {
            format!("{} ({} against {})", first.environment, first.agent, second.agent)
        },
        verdict: verdict(difference.interval),
        metric,
        statistic: difference.statistic,
        difference: difference.value,
        interval: difference.interval,
        seeds: (firsts.len(), seconds.len()),
        paired: difference.paired,
    }
}

/// The estimate of one agent less that of another in one environment.
pub(crate) struct Difference {
    pub statistic: Statistic,
    /// Nothing where one has no score.
    pub value: Option<f64>,
    /// Nothing below [`FEWEST_SEEDS`] seeds.
    pub interval: Option<Interval>,
    /// Whether both have the same seeds, so that these were drawn in pairs.
    pub paired: bool,
}

impl Difference {
    /// Of the scores by seed of the one and the other.
    pub fn of(firsts: &BTreeMap<u64, f64>, seconds: &BTreeMap<u64, f64>) -> Self {
        let fewest = firsts.len().min(seconds.len());
        let statistic = Statistic::of_seeds(fewest);
        let paired = firsts.keys().eq(seconds.keys());
        let (first_scores, second_scores): (Vec<f64>, Vec<f64>) =
            (firsts.values().copied().collect(), seconds.values().copied().collect());
        let function = statistic.function();
        let interval = (fewest >= FEWEST_SEEDS).then(|| match paired {
            true => {
                let pairs: Vec<(f64, f64)> =
                    first_scores.iter().copied().zip(second_scores.iter().copied()).collect();
                Bootstrap::default().paired_difference(&pairs, function)
            }
            false => Bootstrap::default().difference(&first_scores, &second_scores, function),
        });
        let value = function(&first_scores) - function(&second_scores);
        Self {
            statistic,
            value: value.is_finite().then_some(value),
            interval: interval.flatten(),
            paired,
        }
    }
}

fn verdict(interval: Option<Interval>) -> Verdict {
    match interval {
        Some(interval) if interval.low > 0.0 => Verdict::Holds,
        Some(interval) if interval.high < 0.0 => Verdict::Fails,
        _ => Verdict::Undecided,
    }
}
