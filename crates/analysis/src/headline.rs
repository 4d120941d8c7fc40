//! The headline of the page: the verdict, or the best agents, in a few short sentences.

use zerolab_metrics::labels::short_label;
use zerolab_metrics::statistics::Verdict;

use crate::answer::{
    claim, progress_sentence, published_only, verdict_name, why_undecided, with_interval,
};
use crate::best_settings::{BestSetting, best_settings, place};
use crate::findings::Findings;
use crate::groups::distinct_in_order;
use crate::hypothesis::{HypothesisResult, TestedHypothesis};
use crate::numbers::counted;

/// With more environments the headline counts them.
const MAX_ENVIRONMENTS: usize = 3;
/// The best agents of a sweep that are named in an environment; others only with their best of several settings.
const MAX_AGENTS: usize = 3;

/// The verdict on each hypothesis that was tested, as a class of the style sheet and a sentence.
pub(crate) fn verdicts(findings: &Findings) -> Vec<(&'static str, String)> {
    let verdict = |it: &TestedHypothesis| {
        let HypothesisResult::Tested { verdict, tests } = &it.result else { return None };
        let name = verdict_name(*verdict);
        let why = match verdict {
            Verdict::Undecided => format!(", because {}", why_undecided(tests)),
            Verdict::Holds | Verdict::Fails => String::new(),
        };
        Some((name, format!("Hypothesis {}: {name}{why}.", claim(findings, it))))
    };
    findings.hypotheses.iter().filter_map(verdict).collect()
}

/// The sentences of an index: the verdicts, and what follows them. Before the first run, what will be tested.
pub(crate) fn for_index(findings: &Findings) -> Vec<String> {
    if findings.has_begun() || findings.runs.is_empty() {
        let verdicts = verdicts(findings).into_iter().map(|(_, sentence)| sentence);
        return verdicts.chain(sentences(findings)).collect();
    }
    let untested =
        |it: &TestedHypothesis| format!("Hypothesis {}: no runs yet.", claim(findings, it));
    findings.hypotheses.iter().map(untested).collect()
}

/// The sentences after the verdict. Without one they name the best agents, in a sweep the best settings.
pub(crate) fn sentences(findings: &Findings) -> Vec<String> {
    let environments: Vec<(&str, Vec<BestSetting<'_>>)> =
        distinct_in_order(&findings.groups, |group| &group.environment)
            .into_iter()
            .map(|environment| (environment, best_settings(findings, environment)))
            .filter(|(_, best)| !best.is_empty())
            .collect();
    let is_sweep = environments.iter().flat_map(|(_, best)| best).any(|best| best.tried > 1);
    let nothing =
        || published_only(findings).unwrap_or("No run has finished with an evaluation yet.");
    let mut sentences: Vec<String> = match environments.len() {
        0 => vec![nothing().to_owned()],
        _ if !verdicts(findings).is_empty() && !is_sweep => Vec::new(),
        1..=MAX_ENVIRONMENTS => environments
            .iter()
            .flat_map(|(environment, best)| of_environment(environment, best))
            .collect(),
        _ => over_environments(&environments),
    };
    if is_sweep {
        sentences.push(
            "The best setting was chosen by these scores, so its interval is optimistic. Runs with new seeds \
             would show its true score."
                .to_owned(),
        );
    }
    sentences.extend(findings.hypotheses.iter().filter_map(|it| match &it.result {
        HypothesisResult::NotTestable(why) => {
            Some(format!("The hypothesis {} cannot be tested: {why}.", claim(findings, it)))
        }
        HypothesisResult::Tested { .. } => None,
    }));
    sentences.extend(progress_sentence(findings));
    sentences
}

/// The best agent, or the best setting of each agent of a sweep.
fn of_environment(environment: &str, best: &[BestSetting<'_>]) -> Vec<String> {
    let environment = short_label(environment);
    let is_sweep = best.iter().any(|best| best.tried > 1);
    let next = match best {
        [_, next, ..] if !is_sweep => {
            let (agent, score) = (&next.group.agent, with_interval(&next.estimate));
            format!("; next is {agent} with {score} ({})", next.seeds_and_budget(best))
        }
        _ => String::new(),
    };
    let all = best;
    let sentence = |(rank, best): (usize, &BestSetting<'_>)| {
        let estimate = &best.estimate;
        let reach = match rank {
            0 => format!("{}, {}", place(all, &environment), short_label(&best.group.agent)),
            _ => short_label(&best.group.agent),
        };
        let statistic = estimate.statistic;
        format!(
            "{reach}{} reaches {} {} return of {} ({}){next}.",
            best.choice(),
            statistic.article(),
            statistic.name(),
            with_interval(estimate),
            best.seeds_and_budget(all)
        )
    };
    let first = if is_sweep { MAX_AGENTS } else { 1 };
    let named = best.iter().enumerate().filter(|(rank, best)| *rank < first || best.tried > 1);
    let mut sentences: Vec<String> = named.map(sentence).collect();
    let others = best.len() - sentences.len();
    if is_sweep && others > 0 {
        sentences.push(format!("The table has {}.", counted(others, "more agent")));
    }
    sentences
}

/// In how many environments each agent is the best; the first agents only.
fn over_environments(environments: &[(&str, Vec<BestSetting<'_>>)]) -> Vec<String> {
    let total = counted(environments.len(), "environment");
    let winners: Vec<&str> =
        environments.iter().map(|(_, best)| best[0].group.agent_name.as_str()).collect();
    let mut agents = distinct_in_order(&winners, |name| name);
    let wins = |agent: &str| winners.iter().filter(|winner| **winner == agent).count();
    agents.sort_by_key(|agent| std::cmp::Reverse(wins(agent)));
    let sentence =
        |agent: &&str| format!("{agent} has the highest return in {} of {total}.", wins(agent));
    agents.iter().take(MAX_AGENTS).map(sentence).collect()
}
