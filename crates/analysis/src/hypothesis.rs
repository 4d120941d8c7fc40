//! Tests a hypothesis of the form `a > b`: it holds, fails or is undecided.
//!
//! In each environment the difference between the two agents' mean scores has a 95 % interval, from 5 seeds
//! on. [`Verdict`] says what follows from them. If both agents have the same seeds, runs are compared in
//! pairs, because equal seeds give equal environments.

use std::collections::BTreeMap;

use zerolab_metrics::{Hypothesis, Measure};
use zerolab_metrics::statistics::{MeanDifference, Verdict};

use crate::groups::Group;
use crate::results::RunResults;
use crate::scores::seed_scores;

/// The test for two groups in one environment.
pub(crate) struct HypothesisTest {
    pub environment: String,
    pub measure: Measure,
    /// The agent that should be greater minus the other; nothing if one of them has no score.
    pub difference: Option<MeanDifference>,
    pub seeds: (usize, usize),
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
    let Some(measure) = hypothesis.measure() else {
        return HypothesisResult::NotTestable(format!(
            "there is no measure called `{}`",
            hypothesis.metric
        ));
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
        pairs.into_iter().map(|(first, second)| compare(first, second, &measure, runs)).collect();
    let differences: Vec<Option<MeanDifference>> =
        tests.iter().map(|test| test.difference).collect();
    let verdict = Verdict::of(&differences);
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
    measure: &Measure,
    runs: &[RunResults],
) -> HypothesisTest {
    let firsts: BTreeMap<u64, f64> = seed_scores(first, runs, measure).collect();
    let seconds: BTreeMap<u64, f64> = seed_scores(second, runs, measure).collect();
    HypothesisTest {
        environment: if first.agent == first.agent_name && second.agent == second.agent_name {
            first.environment.clone()
        } else {
            format!("{} ({} against {})", first.environment, first.agent, second.agent)
        },
        measure: measure.clone(),
        difference: mean_difference(&firsts, &seconds),
        seeds: (firsts.len(), seconds.len()),
    }
}

/// The mean of `firsts` minus that of `seconds`; both are scores by seed. In pairs if they have the same
/// seeds.
pub(crate) fn mean_difference(
    firsts: &BTreeMap<u64, f64>,
    seconds: &BTreeMap<u64, f64>,
) -> Option<MeanDifference> {
    let (first, second): (Vec<f64>, Vec<f64>) =
        (firsts.values().copied().collect(), seconds.values().copied().collect());
    if firsts.keys().eq(seconds.keys()) {
        MeanDifference::paired(&first.into_iter().zip(second).collect::<Vec<_>>())
    } else {
        MeanDifference::independent(&first, &second)
    }
}
