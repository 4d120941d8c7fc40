//! Tests a hypothesis of the form `a > b`: it holds, fails or is undecided.
//!
//! The test in each environment uses the 95 % bootstrap interval of the difference between the two agents'
//! estimates. The hypothesis holds if the interval is above 0 and fails if it is below 0. It is undecided
//! if the interval contains 0 or there are fewer than [`MIN_SEEDS`] seeds. If both agents have the same
//! seeds, the bootstrap draws pairs of runs, because equal seeds give equal environments. Of several tests
//! all must hold; one that fails is enough to fail.

use std::collections::BTreeMap;

use zerolab_metrics::Hypothesis;
use zerolab_metrics::statistics::{Bootstrap, Interval};

use crate::groups::Group;
use crate::results::RunResults;
use crate::scores::{ScoreMetric, Statistic, seed_scores};

/// With fewer seeds, resampling gives no useful interval.
const MIN_SEEDS: usize = 3;

/// The verdict on a hypothesis.
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

    /// The verdict as the verb of a sentence.
    pub fn verb(self) -> &'static str {
        if self == Verdict::Undecided { "is undecided" } else { self.name() }
    }
}

/// The test for two groups in one environment.
pub(crate) struct HypothesisTest {
    pub environment: String,
    pub verdict: Verdict,
    pub metric: ScoreMetric,
    pub statistic: Statistic,
    /// The estimate of the agent that should be greater minus that of the other agent.
    pub difference: Option<f64>,
    pub interval: Option<Interval>,
    pub seeds: (usize, usize),
    pub paired: bool,
}

/// The result for a whole hypothesis.
pub(crate) enum HypothesisResult {
    Tested {
        verdict: Verdict,
        tests: Vec<HypothesisTest>,
    },
    /// The statement or its metric cannot be tested, with the reason.
    NotTestable(String),
}

/// Tests `hypothesis` on the finished runs.
pub(crate) fn test_hypothesis(
    hypothesis: &Hypothesis,
    groups: &[Group],
    runs: &[RunResults],
) -> HypothesisResult {
    let metric = match hypothesis.metric.as_str() {
        "" | "evaluation.return" => ScoreMetric::Return,
        "evaluation.performance" => ScoreMetric::Performance,
        other => {
            return HypothesisResult::NotTestable(format!(
                "its metric `{other}` is neither `evaluation.return` nor `evaluation.performance`"
            ));
        }
    };
    let Some((greater, lesser)) = sides(&hypothesis.statement) else {
        return HypothesisResult::NotTestable(
            "its statement is not of the form `a > b` or `a < b`".to_owned(),
        );
    };
    let pairs = match pairs(greater, lesser, groups) {
        Ok(pairs) => pairs,
        Err(missing) => {
            return HypothesisResult::NotTestable(format!(
                "the experiment has no agent `{missing}`"
            ));
        }
    };
    if pairs.is_empty() {
        return HypothesisResult::NotTestable(format!(
            "`{greater}` and `{lesser}` have no environment in common"
        ));
    }
    let tests: Vec<HypothesisTest> =
        pairs.into_iter().map(|(first, second)| compare(first, second, metric, runs)).collect();
    let verdict = if tests.iter().any(|test| test.verdict == Verdict::Fails) {
        Verdict::Fails
    } else if tests.iter().all(|test| test.verdict == Verdict::Holds) {
        Verdict::Holds
    } else {
        Verdict::Undecided
    };
    HypothesisResult::Tested { verdict, tests }
}

/// The side that should be greater, and the other side.
pub(crate) fn sides(statement: &str) -> Option<(&str, &str)> {
    let (left, right) = statement.split_once(['>', '<'])?;
    let (left, right) = (left.trim(), right.trim());
    if left.is_empty() || right.is_empty() || right.contains(['>', '<', '=']) {
        return None;
    }
    Some(if statement.contains('>') { (left, right) } else { (right, left) })
}

/// The pairs of groups to compare: in the same environment, and with equal axes if there is such a pair.
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

fn compare(
    first: &Group,
    second: &Group,
    metric: ScoreMetric,
    runs: &[RunResults],
) -> HypothesisTest {
    let firsts: BTreeMap<u64, f64> = seed_scores(first, runs, metric).collect();
    let seconds: BTreeMap<u64, f64> = seed_scores(second, runs, metric).collect();
    let difference = Difference::of(&firsts, &seconds);
    HypothesisTest {
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

/// The difference between the estimates of two agents in one environment.
pub(crate) struct Difference {
    pub statistic: Statistic,
    /// Nothing if one agent has no score.
    pub value: Option<f64>,
    /// Nothing with fewer than [`MIN_SEEDS`] seeds.
    pub interval: Option<Interval>,
    /// Whether both have the same seeds, so that the bootstrap draws pairs.
    pub paired: bool,
}

impl Difference {
    /// The estimate of `firsts` minus that of `seconds`; both are scores by seed.
    pub fn of(firsts: &BTreeMap<u64, f64>, seconds: &BTreeMap<u64, f64>) -> Self {
        let fewest = firsts.len().min(seconds.len());
        let statistic = Statistic::of_seeds(fewest);
        let paired = firsts.keys().eq(seconds.keys());
        let (first_scores, second_scores): (Vec<f64>, Vec<f64>) =
            (firsts.values().copied().collect(), seconds.values().copied().collect());
        let function = statistic.function();
        let interval = (fewest >= MIN_SEEDS).then(|| match paired {
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
