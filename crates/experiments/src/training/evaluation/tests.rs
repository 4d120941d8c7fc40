//! Games of two players in the training loop: self-play in training, a fixed opponent in evaluations.

use zerolab_agents::Device;
use zerolab_metrics::{EpisodeRecord, EvaluationRecord, Record};

use crate::plan::forecast::preset_run;
use crate::training::Training;

/// The records of the random agent after `steps` real steps, with two evaluations of `episodes` episodes.
/// `options` are options of the environment as TOML.
fn records(environment: &str, options: &str, (steps, episodes): (u64, usize)) -> Vec<Record> {
    let mut run = preset_run("random", environment, steps).unwrap();
    run.environment.options.extend(options.parse::<toml::Table>().unwrap());
    run.evaluation.episodes = episodes;
    run.evaluation.every = steps / 2;
    let mut training = Training::new(&run, &Device::cpu()).unwrap();
    let mut records = Vec::new();
    while !training.is_finished() {
        training.advance(&mut records, &|| false).unwrap();
    }
    records
}

fn evaluations(records: &[Record]) -> Vec<&EvaluationRecord> {
    let evaluations = records.iter().filter_map(|record| match record {
        Record::Evaluation(found) => Some(found),
        _ => None,
    });
    evaluations.collect()
}

fn episodes(records: &[Record]) -> Vec<&EpisodeRecord> {
    let episodes = records.iter().filter_map(|record| match record {
        Record::Episode(found) => Some(found),
        _ => None,
    });
    episodes.collect()
}

/// Checks that the player who moved last won, or nobody did. The agent moves first in even episodes.
fn check(evaluation: &EvaluationRecord) {
    assert_eq!(evaluation.returns, evaluation.performances);
    for (episode, (&length, &result)) in
        evaluation.lengths.iter().zip(&evaluation.returns).enumerate()
    {
        let agent_moved_last = (length as usize - 1) % 2 == episode % 2;
        let possible = if agent_moved_last { [0.0, 1.0] } else { [0.0, -1.0] };
        assert!(possible.contains(&result), "episode {episode}: {result} after {length} moves");
    }
}

/// The episodes of an evaluation, one per line.
fn rendered(evaluation: &EvaluationRecord) -> String {
    let line = |episode: usize| {
        let side = ["first", "second"][episode % 2];
        let (length, result) = (evaluation.lengths[episode], evaluation.returns[episode]);
        format!("moves {side}, {length} moves, {result:+}\n")
    };
    (0..evaluation.lengths.len()).map(line).collect()
}

#[test]
fn the_random_agent_loses_to_the_perfect_player() {
    let records = records("board/tictactoe", "", (400, 8));
    evaluations(&records).into_iter().for_each(check);
    insta::assert_snapshot!(rendered(evaluations(&records)[1]));
}

#[test]
fn the_random_agent_loses_to_alpha_beta() {
    let records = records("board/connect4", "", (400, 8));
    evaluations(&records).into_iter().for_each(check);
    insta::assert_snapshot!(rendered(evaluations(&records)[1]));
}

/// Whether the mean result is within four standard errors of `expected`. The standard deviation of a result
/// is below 0.9.
fn is_about<'a>(results: impl Iterator<Item = &'a f64>, expected: f64) -> bool {
    let results: Vec<f64> = results.copied().collect();
    let count = results.len() as f64;
    (results.iter().sum::<f64>() / count - expected).abs() < 4.0 * 0.9 / count.sqrt()
}

/// The expected result of the first of two random players: it wins 737 of 1,260 games, the second 121 of 420.
const FIRST_MOVERS_LEAD: f64 = 737.0 / 1_260.0 - 121.0 / 420.0;

#[test]
fn against_a_random_opponent_the_agent_leads_where_it_moves_first() {
    let records = records("board/tictactoe", "opponent_depth = 0", (400, 4_000));
    let evaluation = evaluations(&records)[0];
    check(evaluation);
    let results = || evaluation.returns.iter();
    assert!(is_about(results().step_by(2), FIRST_MOVERS_LEAD));
    assert!(is_about(results().skip(1).step_by(2), -FIRST_MOVERS_LEAD));
}

#[test]
fn an_episode_of_self_play_is_recorded_as_the_first_players() {
    let records = records("board/tictactoe", "", (20_000, 1));
    let episodes = episodes(&records);
    assert!(is_about(episodes.iter().map(|episode| &episode.r#return), FIRST_MOVERS_LEAD));
    for episode in episodes {
        assert_eq!(episode.performance, episode.r#return);
        let first_moved_last = episode.length % 2 == 1;
        assert!(episode.r#return != if first_moved_last { -1.0 } else { 1.0 });
    }
}
