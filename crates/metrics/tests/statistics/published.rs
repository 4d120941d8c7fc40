//! Published scores of agents on Atari-100k, compared with rliable and with published tables.

use std::collections::BTreeMap;

use serde::Deserialize;
use zerolab_metrics::statistics::{AgentPair, Normalisation, Profile, ScoreMatrix};

use crate::bootstrap::assert_same_interval;
use crate::{assert_equal, matrix};

#[derive(Deserialize)]
struct Scores {
    random: Vec<f64>,
    human: Vec<f64>,
    agents: Vec<Agent>,
}

/// Estimates are recomputed from the scores of the source, to four digits.
#[derive(Deserialize)]
struct Agent {
    name: String,
    mean: f64,
    median: f64,
    iqm: f64,
    optimality_gap: f64,
    /// The number of games whose mean score is at least the human's.
    superhuman_games: u32,
    /// Whether the estimates are computed from the games' means instead of runs.
    of_means: bool,
    game_means: Vec<f64>,
    runs: Option<Vec<Vec<f64>>>,
}

#[derive(Deserialize)]
struct Goldens {
    reps: usize,
    improvement_reps: usize,
    thresholds: Vec<f64>,
    band_thresholds: Vec<f64>,
    runs: Vec<Point>,
    game_means: Vec<Point>,
    intervals: Vec<Intervals>,
    improvements: Vec<Improvement>,
    ragged: Ragged,
}

#[derive(Deserialize)]
struct Point {
    name: String,
    aggregates: [f64; 4],
    half_gap: f64,
    profile: Vec<f64>,
    average_profile: Vec<f64>,
}

#[derive(Deserialize)]
struct Intervals {
    name: String,
    aggregates: Vec<(f64, f64)>,
    profile: Vec<(f64, f64)>,
    average_profile: Vec<(f64, f64)>,
}

#[derive(Deserialize)]
struct Improvement {
    first: String,
    second: String,
    runs: usize,
    probability: f64,
    interval: Option<(f64, f64)>,
}

#[derive(Deserialize)]
struct Ragged {
    runs: Vec<usize>,
    aggregates: [f64; 4],
    intervals: Vec<(f64, f64)>,
}

type Statistic = fn(&ScoreMatrix) -> f64;

const AGGREGATES: [(&str, Statistic); 4] = [
    ("mean", ScoreMatrix::mean),
    ("median", ScoreMatrix::median),
    ("IQM", ScoreMatrix::iqm),
    ("optimality gap", |scores| scores.optimality_gap(1.0)),
];

fn published() -> Scores {
    serde_json::from_str(include_str!("../goldens/atari100k.json")).unwrap()
}

fn goldens() -> Goldens {
    serde_json::from_str(include_str!("../goldens/published.json")).unwrap()
}

impl Scores {
    fn human_normalised(&self, scores: ScoreMatrix) -> ScoreMatrix {
        let scale = |(zero, one): (&f64, &f64)| Normalisation::new(*zero, *one).unwrap();
        let scales: Vec<Normalisation> = self.random.iter().zip(&self.human).map(scale).collect();
        scores.normalised(&scales).unwrap()
    }

    /// The human-normalised scores of every agent whose runs are published.
    fn runs(&self) -> BTreeMap<&str, ScoreMatrix> {
        let runs =
            |agent: &Agent| agent.runs.as_ref().map(|runs| self.human_normalised(matrix(runs)));
        self.agents.iter().filter_map(|agent| Some((agent.name.as_str(), runs(agent)?))).collect()
    }

    /// The human-normalised game means of an agent, as one run for each game.
    fn game_means(&self, agent: &Agent) -> ScoreMatrix {
        self.human_normalised(matrix(agent.game_means.iter().map(|score| [*score])))
    }
}

fn first_runs(scores: &ScoreMatrix, runs: impl Fn(usize) -> usize) -> ScoreMatrix {
    matrix(scores.tasks().enumerate().map(|(task, scores)| &scores[..runs(task)]))
}

#[test]
fn aggregates_and_profiles_equal_rliable() {
    let (published, goldens) = (published(), goldens());
    let check = |scores: &ScoreMatrix, golden: &Point| {
        for ((what, statistic), expected) in AGGREGATES.iter().zip(golden.aggregates) {
            assert_equal(statistic(scores), expected, &format!("{} {what}", golden.name));
        }
        assert_equal(scores.optimality_gap(0.5), golden.half_gap, &golden.name);
        for (profile, expected) in
            [(Profile::Scores, &golden.profile), (Profile::AverageScores, &golden.average_profile)]
        {
            let shares = profile.shares(scores, &goldens.thresholds);
            assert_eq!(shares.len(), expected.len());
            for (share, expected) in shares.iter().zip(expected) {
                assert_equal(*share, *expected, &format!("{} {profile:?}", golden.name));
            }
        }
    };
    let runs = published.runs();
    assert_eq!((runs.len(), goldens.game_means.len()), (8, published.agents.len()));
    for golden in &goldens.runs {
        check(&runs[golden.name.as_str()], golden);
    }
    for (agent, golden) in published.agents.iter().zip(&goldens.game_means) {
        assert_eq!(agent.name, golden.name);
        check(&published.game_means(agent), golden);
    }
}

#[test]
fn intervals_and_bands_equal_rliable_within_the_error_of_resampling() {
    let (published, goldens) = (published(), goldens());
    let agents = published.runs();
    for golden in &goldens.intervals {
        let scores = &agents[golden.name.as_str()];
        for ((what, statistic), expected) in AGGREGATES.iter().zip(&golden.aggregates) {
            let what = format!("{} {what}", golden.name);
            assert_same_interval(*expected, goldens.reps, &what, |bootstrap| {
                bootstrap.interval_of(scores, statistic).unwrap()
            });
        }
        for (profile, bands) in
            [(Profile::Scores, &golden.profile), (Profile::AverageScores, &golden.average_profile)]
        {
            for (threshold, band) in goldens.band_thresholds.iter().zip(bands) {
                let what = format!("{} {profile:?} at {threshold}", golden.name);
                assert_same_interval(*band, goldens.reps, &what, |bootstrap| {
                    profile.points(scores, &[*threshold], &bootstrap)[0].band.unwrap()
                });
            }
        }
    }
}

#[test]
fn the_probability_of_improvement_equals_rliable_with_ties_and_unequal_numbers_of_runs() {
    let (published, goldens) = (published(), goldens());
    let agents = published.runs();
    for golden in &goldens.improvements {
        let first = agents[golden.first.as_str()].clone();
        let second = first_runs(&agents[golden.second.as_str()], |_| golden.runs);
        let pair = AgentPair::independent(first, second).unwrap();
        let what = format!("{} over {}", golden.first, golden.second);
        assert_equal(pair.probability_of_improvement(), golden.probability, &what);
        if let Some(interval) = golden.interval {
            assert_same_interval(interval, goldens.improvement_reps, &what, |bootstrap| {
                bootstrap.interval_of(&pair, AgentPair::probability_of_improvement).unwrap()
            });
        }
    }
}

#[test]
fn tasks_with_unequal_numbers_of_runs_equal_full_tasks_of_repeated_runs() {
    let (published, goldens) = (published(), goldens());
    let ragged = first_runs(&published.runs()["DIAMOND"], |task| goldens.ragged.runs[task]);
    for (((what, statistic), expected), interval) in
        AGGREGATES.iter().zip(goldens.ragged.aggregates).zip(goldens.ragged.intervals)
    {
        assert_equal(statistic(&ragged), expected, what);
        assert_same_interval(interval, goldens.reps, what, |bootstrap| {
            bootstrap.interval_of(&ragged, statistic).unwrap()
        });
    }
}

#[test]
fn published_tables_are_reproduced_to_their_last_digit() {
    let published = published();
    let mut runs = published.runs();
    for agent in &published.agents {
        let means = published.game_means(agent);
        // The game means and the table are both rounded in the source.
        let check = |ours: f64, theirs: f64, what: &str| {
            assert!((ours - theirs).abs() < 1e-4, "{} {what}: {ours} {theirs}", agent.name);
        };
        check(means.mean(), agent.mean, "mean");
        check(means.median(), agent.median, "median");
        let at_least_human = Profile::AverageScores.shares(&means, &[1.0_f64.next_down()])[0];
        assert_equal(26.0 * at_least_human, f64::from(agent.superhuman_games), &agent.name);
        // The IQM and the optimality gap of runs need the runs.
        let scores = if agent.of_means { Some(means) } else { runs.remove(agent.name.as_str()) };
        if let Some(scores) = scores {
            check(scores.mean(), agent.mean, "mean of runs");
            check(scores.median(), agent.median, "median of runs");
            check(scores.iqm(), agent.iqm, "IQM");
            check(scores.optimality_gap(1.0), agent.optimality_gap, "optimality gap");
        }
    }
    assert!(runs.is_empty(), "not in any table: {:?}", runs.keys());
}
