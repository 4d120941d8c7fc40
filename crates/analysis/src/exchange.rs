//! How much real experience imagined experience replaces: for each environment and each of some levels of the return,
//! the real steps that every variant needs to reach it, and the exchange rate over variants.

use zerolab_metrics::Measure;
use zerolab_metrics::statistics::{
    Bootstrap, EventTime, ExchangeRate, ExchangeVariant, time_to_threshold,
};

use crate::costs::RunCost;
use crate::findings::Findings;
use crate::groups::{Group, distinct_in_order};
use crate::results::RunResults;

/// The levels: percent of the way between two returns.
pub(crate) const LEVELS: [u32; 4] = [25, 50, 75, 90];

/// The levels in an environment.
pub(crate) struct Exchange<'a> {
    pub environment: &'a str,
    /// Whether levels lie between the returns of random actions and of the best policy, which are known exactly.
    /// Otherwise they lie between the lowest and the highest mean return of an evaluation.
    pub is_exact: bool,
    /// One for each of [`LEVELS`].
    pub levels: Vec<Level<'a>>,
}

/// A level of the return, and the real steps to it.
pub(crate) struct Level<'a> {
    pub percent: u32,
    pub r#return: f64,
    /// In the order of imagined steps.
    pub variants: Vec<LevelVariant<'a>>,
    pub rate: Option<ExchangeRate>,
}

/// A variant at a level.
pub(crate) struct LevelVariant<'a> {
    pub group: &'a Group,
    pub variant: ExchangeVariant,
    /// How many of its runs reach the level.
    pub reached: usize,
}

impl LevelVariant<'_> {
    /// Imagined steps per real step.
    pub fn imagined(&self) -> f64 {
        self.variant.imagined()
    }

    /// The median of real steps to the level; nothing if fewer than half of the runs reach it.
    pub fn median(&self) -> Option<f64> {
        self.variant.times().median()
    }
}

/// A finished run: imagined steps per real step, and the mean returns of its evaluations after so many real steps.
struct ExchangeRun {
    imagined: f64,
    returns: Vec<(f64, f64)>,
}

/// The exchange in each environment in which finished runs have recorded their costs and reach different returns.
pub(crate) fn exchanges(findings: &Findings) -> Vec<Exchange<'_>> {
    let environments = distinct_in_order(&findings.groups, |group| &group.environment);
    environments.into_iter().filter_map(|environment| exchange(findings, environment)).collect()
}

fn exchange<'a>(findings: &'a Findings, environment: &'a str) -> Option<Exchange<'a>> {
    let here = findings.groups.iter().filter(|group| group.environment == environment);
    let variants: Vec<(&Group, Vec<ExchangeRun>)> = here
        .map(|group| (group, group.finished(&findings.runs).filter_map(exchange_run).collect()))
        .collect();
    let mut references = variants
        .iter()
        .flat_map(|(group, _)| &group.runs)
        .map(|&run| &findings.runs[run].reference);
    let exact = references.find_map(|reference| reference.anchors);
    let exact = exact.map(|anchors| (anchors.random.r#return, anchors.best_return.r#return));
    let runs = variants.iter().flat_map(|(_, runs)| runs);
    let returns = runs.flat_map(|run| run.returns.iter().map(|(_, value)| *value));
    let seen = returns.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    let exact = exact.filter(|(random, best)| random < best);
    let (low, high) = exact.unwrap_or(seen);
    let level =
        |percent: u32| level(&variants, percent, low + f64::from(percent) / 100.0 * (high - low));
    (low < high).then(|| Exchange {
        environment,
        is_exact: exact.is_some(),
        levels: LEVELS.into_iter().map(level).collect(),
    })
}

fn exchange_run(run: &RunResults) -> Option<ExchangeRun> {
    let imagined = RunCost::of(run)?.derived.imagined_steps_per_real_step?;
    // A level that is reached before the first real step has no logarithm.
    let trained = run.evaluations().filter(|evaluation| evaluation.real_steps > 0);
    let returns = trained.filter_map(|evaluation| {
        Some((evaluation.real_steps as f64, run.measured(&Measure::Return, evaluation)?))
    });
    Some(ExchangeRun { imagined, returns: returns.collect() })
}

fn level<'a>(variants: &[(&'a Group, Vec<ExchangeRun>)], percent: u32, r#return: f64) -> Level<'a> {
    let of_variant = |(group, runs): &(&'a Group, Vec<ExchangeRun>)| {
        let times = runs
            .iter()
            .filter_map(|run| Some((run.imagined, time_to_threshold(&run.returns, r#return)?)));
        let times: Vec<(f64, EventTime)> = times.collect();
        let reached = times.iter().filter(|(_, time)| matches!(time, EventTime::Reached(_)));
        let reached = reached.count();
        Some(LevelVariant { group, variant: ExchangeVariant::new(times).ok()?, reached })
    };
    let mut variants: Vec<LevelVariant> = variants.iter().filter_map(of_variant).collect();
    variants.sort_by(|first, second| first.imagined().total_cmp(&second.imagined()));
    let fitted: Vec<ExchangeVariant> = variants.iter().map(|it| it.variant.clone()).collect();
    let rate = ExchangeRate::of(&fitted, &Bootstrap::default());
    Level { percent, r#return, variants, rate }
}
