//! The published tables are complete, and recomputed numbers follow from our statistics.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Debug;
use std::hash::Hash;

use zerolab_metrics::published::{
    Aggregate, AggregateMetric, Evidence, PublishedSeries, PublishedTables, is_task,
};
use zerolab_metrics::statistics::{Bootstrap, Normalisation, ScoreMatrix};

fn published() -> PublishedTables {
    PublishedTables::read().unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn assert_distinct<Key: Hash + Eq + Debug>(keys: impl IntoIterator<Item = Key>) {
    let mut seen = HashSet::new();
    for key in keys {
        let shown = format!("{key:?}");
        assert!(seen.insert(key), "{shown} occurs twice");
    }
}

#[test]
fn every_row_is_there_once() {
    let it = published();
    assert!(it.scores.len() > 1_000 && it.runs.len() > 1_000 && it.aggregates.len() > 300);
    assert!(it.ablations.len() > 20 && it.costs.len() > 30);
    assert_distinct(
        it.scores
            .iter()
            .map(|row| (&row.benchmark, &row.algorithm, &row.series, &row.task, row.real_steps)),
    );
    assert_distinct(
        it.runs.iter().map(|row| (&row.benchmark, &row.algorithm, &row.series, &row.task, row.run)),
    );
    assert_distinct(
        it.aggregates
            .iter()
            .map(|row| (&row.benchmark, &row.algorithm, &row.series, row.metric, row.kind)),
    );
    assert_distinct(
        it.ablations
            .iter()
            .map(|row| (&row.benchmark, &row.algorithm, &row.variant, &row.task, &row.metric)),
    );
    assert_distinct(it.costs.iter().map(|row| (&row.algorithm, &row.variant, &row.what)));
    assert!(it.environments.len() > 10 && it.quantities.len() > 30);
    assert_distinct(it.environments.iter().map(|row| (&row.environment, &row.agent)));
    assert_distinct(it.quantities.iter().map(|row| (&row.table, &row.quantity, &row.name)));
    assert_distinct(it.sources.iter().map(|row| &row.source));
}

#[test]
fn every_row_has_a_source_and_every_source_a_row() {
    let it = published();
    let named: BTreeSet<&str> = (it.scores.iter().map(|row| row.source.as_str()))
        .chain(it.runs.iter().map(|row| row.source.as_str()))
        .chain(it.aggregates.iter().map(|row| row.source.as_str()))
        .chain(it.ablations.iter().map(|row| row.source.as_str()))
        .chain(it.costs.iter().map(|row| row.source.as_str()))
        .chain(it.environments.iter().map(|row| row.source.as_str()))
        .chain(it.quantities.iter().map(|row| row.source.as_str()))
        .collect();
    let known: BTreeSet<&str> = it.sources.iter().map(|row| row.source.as_str()).collect();
    assert_eq!(named, known);
    for source in &it.sources {
        assert!(source.citation.len() > 10, "{}", source.source);
        assert!(source.address.is_empty() || source.address.starts_with("https://"));
    }
}

#[test]
fn numbers_are_finite_and_intervals_hold_their_estimates() {
    let it = published();
    assert!(it.scores.iter().all(|row| row.score.is_finite()));
    assert!(it.scores.iter().all(|row| row.deviation.is_none_or(|it| it > 0.0)));
    for row in &it.aggregates {
        assert_eq!(row.low.is_some(), row.high.is_some(), "{row:?}");
        if let (Some(low), Some(high)) = (row.low, row.high) {
            assert!(low <= row.value && row.value <= high, "{row:?}");
        }
    }
}

#[test]
fn every_series_of_scores_has_every_task_of_its_benchmark_with_known_exceptions() {
    let it = published();
    let mut partial = BTreeMap::new();
    for benchmark in it.benchmarks() {
        let tasks = it.tasks(benchmark).len();
        for series in it.series(benchmark) {
            let scored: BTreeSet<_> =
                it.scores_of(benchmark, &series).map(|row| &row.task).collect();
            if !scored.is_empty() && scored.len() < tasks {
                partial.insert(series.name(), scored.len());
            }
        }
    }
    let expected = [("EfficientZero (supplement)", 3), ("PPO (gymnax)", 4)];
    assert_eq!(partial, expected.map(|(name, tasks)| (name.to_owned(), tasks)).into());
}

#[test]
fn a_name_means_the_first_series_or_the_one_it_names() {
    let it = published();
    let found = |name| it.find("atari-100k", name).map(|series| series.name());
    assert_eq!(found("SPR").as_deref(), Some("SPR (rliable runs)"));
    assert_eq!(found("SPR (EfficientZero paper)").as_deref(), Some("SPR (EfficientZero paper)"));
    assert_eq!(found("EfficientZero").as_deref(), Some("EfficientZero (paper)"));
    assert_eq!(found("TWISTER").as_deref(), Some("TWISTER (paper)"));
    assert_eq!((found("Human"), found("SPRR")), (None, None));
    for benchmark in it.benchmarks() {
        for name in it.names(benchmark) {
            assert!(it.find(benchmark, &name).is_some(), "{name}");
        }
    }
}

#[test]
fn an_environment_is_a_task_by_its_name() {
    for (environment, benchmark, task) in [
        ("atari/ms_pacman", "atari-100k", "MsPacman"),
        ("atari/up_n_down", "atari-100k", "UpNDown"),
        ("atari/UpNDown", "atari-100k", "UpNDown"),
        ("minatar/space_invaders", "minatar", "space_invaders"),
    ] {
        assert!(is_task(environment, benchmark, task), "{environment}");
    }
    for (environment, benchmark, task) in [
        ("minatar/breakout", "atari-100k", "Breakout"),
        ("atari/pong", "atari-100k", "Breakout"),
        ("breakout", "atari-100k", "Breakout"),
    ] {
        assert!(!is_task(environment, benchmark, task), "{environment}");
    }
}

/// Human-normalised scores by task, and whether they are those of runs or, if there are none, of the tasks'
/// means.
fn normalised(it: &PublishedTables, row: &Aggregate) -> Option<(ScoreMatrix, bool)> {
    let series = PublishedSeries { algorithm: row.algorithm.clone(), series: row.series.clone() };
    let tasks = it.tasks(&row.benchmark);
    let scales: Option<Vec<Normalisation>> =
        tasks.iter().map(|task| it.scale(&row.benchmark, task).unwrap()).collect();
    let mean = |task: &&str| {
        let rows = it.scores.iter().filter(|score| score.benchmark == row.benchmark);
        let mut rows =
            rows.filter(|score| (&score.algorithm, &score.series) == (&row.algorithm, &row.series));
        rows.find(|score| score.task == **task).map(|score| [score.score])
    };
    let (scores, is_of_runs) = match it.runs_of(&row.benchmark, &series).unwrap() {
        Some(runs) => (runs, true),
        None => {
            let means: Option<Vec<[f64; 1]>> = tasks.iter().map(mean).collect();
            (ScoreMatrix::new(means?).ok()?, false)
        }
    };
    Some((scores.normalised(&scales?).unwrap(), is_of_runs))
}

/// The number of decimals of `value`.
fn decimals(value: f64) -> i32 {
    value.to_string().split_once('.').map_or(0, |(_, fraction)| fraction.len() as i32)
}

/// Half a unit of the last decimal, plus a rounding error.
fn half_a_digit(decimals: i32) -> f64 {
    0.5 * 0.1_f64.powi(decimals) * (1.0 + 1e-6)
}

/// The error of a mean or a median of normalised scores that comes from rounding the tasks' scores, to as
/// many decimals as any score of the series has.
fn rounding(it: &PublishedTables, row: &Aggregate) -> f64 {
    let series = PublishedSeries { algorithm: row.algorithm.clone(), series: row.series.clone() };
    let scores = || it.scores_of(&row.benchmark, &series);
    let half = half_a_digit(scores().map(|score| decimals(score.score)).max().unwrap_or(0));
    let of_task = |task: &str| {
        let scale = it.scale(&row.benchmark, task).unwrap().unwrap();
        (scale.apply(half) - scale.apply(0.0)).abs()
    };
    let errors: Vec<f64> = scores().map(|score| of_task(&score.task)).collect();
    match row.metric {
        AggregateMetric::Median => errors.iter().copied().fold(0.0, f64::max),
        _ => errors.iter().sum::<f64>() / errors.len() as f64,
    }
}

/// The comparison of a row with our statistics.
enum Verdict {
    Equal,
    Differs(f64),
    NeedsRuns,
    NeedsScores,
}

fn verdict(it: &PublishedTables, row: &Aggregate) -> Verdict {
    match normalised(it, row) {
        None => Verdict::NeedsScores,
        // Means suffice for some metrics, and for rows that are computed from means.
        Some((scores, is_of_runs)) => {
            let suits =
                is_of_runs || row.metric.is_of_means() || row.kind == Evidence::RecomputedFromMeans;
            let ours = row.metric.of(&scores);
            // These rows use the scores in the table exactly as they are.
            let is_exact = is_of_runs || row.kind == Evidence::RecomputedFromMeans;
            let rounding = if is_exact { 0.0 } else { rounding(it, row) };
            match (ours - row.value).abs() <= half_a_digit(decimals(row.value)) + rounding {
                _ if !suits => Verdict::NeedsRuns,
                true => Verdict::Equal,
                false => Verdict::Differs(ours),
            }
        }
    }
}

#[test]
fn what_was_recomputed_comes_out_of_our_statistics() {
    let it = published();
    let recomputed = it
        .aggregates
        .iter()
        .filter(|row| matches!(row.kind, Evidence::Recomputed | Evidence::RecomputedFromMeans));
    let (mut equal, mut others) = (0, Vec::new());
    for row in recomputed {
        let name = format!("{} ({}) {}", row.algorithm, row.series, row.metric.name());
        match verdict(&it, row) {
            Verdict::Equal => equal += 1,
            Verdict::Differs(ours) => {
                panic!("{name}: {} in the table, {ours} from scores", row.value)
            }
            Verdict::NeedsRuns => {
                others.push(format!("{name}: the scores of its runs are not here"))
            }
            Verdict::NeedsScores => {
                others.push(format!("{name}: no scores of its runs or tasks are here"))
            }
        }
    }
    insta::assert_snapshot!(format!("{equal} come out, all but these:\n{}", others.join("\n")));
}

#[test]
fn what_was_published_comes_out_or_is_disputed() {
    let it = published();
    let stated = it
        .aggregates
        .iter()
        .filter(|row| matches!(row.kind, Evidence::Published | Evidence::SecondHand));
    let (mut equal, mut disputed, mut unknown) = (0, Vec::new(), 0);
    for row in stated {
        let name = format!("{} ({}) {}", row.algorithm, row.series, row.metric.name());
        match verdict(&it, row) {
            Verdict::Equal => equal += 1,
            Verdict::NeedsRuns | Verdict::NeedsScores => unknown += 1,
            Verdict::Differs(ours) => {
                assert!(
                    !row.disputed.is_empty(),
                    "{name}: {} published, {ours} from scores",
                    row.value
                );
                disputed.push(format!("{name}: {}, but {ours:.4}: {}", row.value, row.disputed));
            }
        }
    }
    let disputed = disputed.join("\n");
    insta::assert_snapshot!(format!(
        "{equal} come out, {unknown} have no scores here, and these do not:\n{disputed}"
    ));
}

/// The standard error of an interval's end is 1 % of the interval's width for 5,000 resamples and 1.5 % for
/// 2,000 (normal estimates). 8 % is more than four times both together.
#[test]
fn intervals_of_runs_come_out_within_the_error_of_resampling() {
    let it = published();
    let mut compared = 0;
    for row in it.aggregates.iter().filter(|row| row.kind == Evidence::Recomputed) {
        let (Some(low), Some(high), Some((scores, true))) =
            (row.low, row.high, normalised(&it, row))
        else {
            continue;
        };
        let ours = Bootstrap::default().interval_of(&scores, |drawn| row.metric.of(drawn)).unwrap();
        let error = 0.08 * (high - low);
        // The median over tasks changes in steps, so its ends have larger errors.
        let error = if row.metric == AggregateMetric::Median { 2.0 * error } else { error };
        assert!(
            (ours.low - low).abs() < error && (ours.high - high).abs() < error,
            "{row:?} {ours:?}"
        );
        compared += 1;
    }
    assert_eq!(compared, 8 * 4);
}
