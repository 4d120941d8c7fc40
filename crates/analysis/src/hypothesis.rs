//! Tests a hypothesis of the form `a > b`, where a side is an agent or a number: it holds, fails or is undecided.
//!
//! In each environment the difference between the mean scores of the two sides has a 95 % interval, from 5 seeds
//! on. [`Verdict`] says what follows from them. If both sides are agents with the same seeds, runs are compared in
//! pairs, because equal seeds give equal environments.

use std::collections::BTreeMap;

use zerolab_metrics::statistics::{MeanDifference, Verdict};
use zerolab_metrics::{Hypothesis, Measure};

use crate::groups::Group;
use crate::results::RunResults;
use crate::scores::{measures_of, seed_scores};

/// The test in one environment.
pub(crate) struct HypothesisTest {
    pub environment: String,
    pub measure: Measure,
    /// The side that should be greater minus the other; nothing if one of them has no score.
    pub difference: Option<MeanDifference>,
    /// The number with which an agent is compared.
    pub number: Option<Number>,
    /// The mean of that agent; nothing if two agents are compared, or it has no score.
    pub mean: Option<MeanDifference>,
    /// The seeds of the greater and of the lesser side; of the agent, if the other side is a number.
    pub seeds: (usize, usize),
    /// The finished runs for which the measure is not defined.
    pub undefined: usize,
}

/// A number on one side of a hypothesis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Number {
    pub value: f64,
    /// Whether the agent should have more than it.
    pub is_lesser: bool,
}

/// A hypothesis with its result.
pub(crate) struct TestedHypothesis {
    pub hypothesis: Hypothesis,
    pub result: HypothesisResult,
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
) -> TestedHypothesis {
    let result = match tests(hypothesis, groups, runs) {
        Ok(tests) => {
            let differences: Vec<Option<MeanDifference>> =
                tests.iter().map(|test| test.difference).collect();
            HypothesisResult::Tested { verdict: Verdict::of(&differences), tests }
        }
        Err(why) => HypothesisResult::NotTestable(why),
    };
    TestedHypothesis { hypothesis: hypothesis.clone(), result }
}

/// The tests in all environments, or the reason why there are none.
fn tests(
    hypothesis: &Hypothesis,
    groups: &[Group],
    runs: &[RunResults],
) -> Result<Vec<HypothesisTest>, String> {
    let measure = hypothesis
        .measure()
        .ok_or_else(|| format!("there is no measure called `{}`", hypothesis.metric))?;
    let (greater, lesser) = hypothesis
        .sides()
        .ok_or_else(|| "its statement is not of the form `a > b` or `a < b`".to_owned())?;
    let number = |side: &str| {
        let is_agent = groups.iter().any(|group| group.is_called(side));
        side.parse::<f64>().ok().filter(|value| value.is_finite() && !is_agent)
    };
    let named = |name: &str| named(name, hypothesis, &measure, groups, runs);
    match (number(greater), number(lesser)) {
        (Some(_), Some(_)) => Err("it compares two numbers".to_owned()),
        (None, Some(value)) => {
            let number = Number { value, is_lesser: true };
            Ok(named(greater)?.iter().map(|it| beside(it, number, &measure, runs)).collect())
        }
        (Some(value), None) => {
            let number = Number { value, is_lesser: false };
            Ok(named(lesser)?.iter().map(|it| beside(it, number, &measure, runs)).collect())
        }
        (None, None) => {
            let pairs = pairs(named(greater)?, &named(lesser)?);
            if pairs.is_empty() {
                return Err(format!("`{greater}` and `{lesser}` have no environment in common"));
            }
            Ok(pairs
                .into_iter()
                .map(|(first, second)| compare(first, second, &measure, runs))
                .collect())
        }
    }
}

/// The groups of an agent or of one of its variants in the environments of a hypothesis that have its measure.
fn named<'a>(
    name: &str,
    hypothesis: &Hypothesis,
    measure: &Measure,
    groups: &'a [Group],
    runs: &[RunResults],
) -> Result<Vec<&'a Group>, String> {
    let is_here = |group: &&Group| hypothesis.counts_in(&group.environment);
    let found: Vec<&Group> =
        groups.iter().filter(|group| group.is_called(name)).filter(is_here).collect();
    if found.is_empty() {
        return Err(match hypothesis.environment.as_str() {
            "" => format!("the experiment has no agent `{name}`"),
            wanted => format!("the experiment has no agent `{name}` in `{wanted}`"),
        });
    }
    // What has not been evaluated may still have it.
    let can_have = |group: &&Group| {
        let is_evaluated = group.finished(runs).any(|run| run.evaluations().last().is_some());
        !is_evaluated || group.has(measure, runs) || measures_of(group, runs).contains(measure)
    };
    let found: Vec<&Group> = found.into_iter().filter(can_have).collect();
    match (found.is_empty(), measure.is_in_every_report()) {
        (false, _) => Ok(found),
        (true, true) => Err(format!("no environment of `{name}` has a {}", measure.title())),
        (true, false) => {
            Err(format!("no finished run of `{name}` has a defined {}", measure.title()))
        }
    }
}

/// The pairs of groups to compare: in the same environment, and with equal axes if there is such a pair.
fn pairs<'a>(greater: Vec<&'a Group>, lesser: &[&'a Group]) -> Vec<(&'a Group, &'a Group)> {
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
    pairs
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
        number: None,
        mean: None,
        seeds: (firsts.len(), seconds.len()),
        undefined: undefined(first, firsts.len(), runs) + undefined(second, seconds.len(), runs),
    }
}

/// Compares an agent with a number.
fn beside(group: &Group, number: Number, measure: &Measure, runs: &[RunResults]) -> HypothesisTest {
    let scores: Vec<f64> = seed_scores(group, runs, measure).map(|(_, score)| score).collect();
    let difference = MeanDifference::from_number(&scores, number.value);
    let is_variant = group.agent != group.agent_name;
    HypothesisTest {
        environment: match is_variant {
            true => format!("{} ({})", group.environment, group.agent),
            false => group.environment.clone(),
        },
        measure: measure.clone(),
        difference: difference.map(|it| if number.is_lesser { it } else { it.reversed() }),
        number: Some(number),
        mean: MeanDifference::from_number(&scores, 0.0),
        seeds: (scores.len(), scores.len()),
        undefined: undefined(group, scores.len(), runs),
    }
}

/// The finished and evaluated runs without a score.
fn undefined(group: &Group, scores: usize, runs: &[RunResults]) -> usize {
    group
        .finished(runs)
        .filter(|run| run.evaluations().next().is_some())
        .count()
        .saturating_sub(scores)
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
