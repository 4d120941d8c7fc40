//! The training loop: budgets, evaluations, records; and that agents learn in it.

use super::*;
use crate::plan::forecast::preset_run;

fn run(real_steps: u64, lanes: usize, every: u64) -> ResolvedRun {
    let mut run = preset_run("random", "catch", real_steps).unwrap();
    run.budget.lanes = lanes;
    run.evaluation.every = every;
    run.evaluation.episodes = 5;
    run
}

fn records(run: &ResolvedRun) -> Vec<Record> {
    let mut training = Training::new(run, &Device::cpu()).unwrap();
    let mut records = Vec::new();
    while !training.is_finished() {
        training.advance(&mut records, &|| false).unwrap();
    }
    records
}

fn evaluations(records: &[Record]) -> Vec<&EvaluationRecord> {
    records
        .iter()
        .filter_map(|record| match record {
            Record::Evaluation(found) => Some(found),
            _ => None,
        })
        .collect()
}

fn last_cost(records: &[Record]) -> &CostRecord {
    records
        .iter()
        .rev()
        .find_map(|record| match record {
            Record::Cost(found) => Some(found),
            _ => None,
        })
        .unwrap()
}

#[test]
fn the_budget_is_spent_exactly_and_evaluations_follow_multiples_and_the_end() {
    let records = records(&run(10, 3, 4));
    let at: Vec<u64> = evaluations(&records).iter().map(|found| found.real_steps).collect();
    assert_eq!(at, [6, 9, 10]);
    let cost = last_cost(&records);
    assert_eq!(cost.real_steps, 10);
    assert_eq!(cost.phases[&Phase::Acting].real_steps, 10);
}

#[test]
fn an_end_on_a_multiple_is_evaluated_once() {
    let records = records(&run(12, 3, 6));
    let at: Vec<u64> = evaluations(&records).iter().map(|found| found.real_steps).collect();
    assert_eq!(at, [6, 12]);
}

#[test]
fn steps_of_evaluations_are_counted_apart() {
    let records = records(&run(40, 4, 10));
    let lengths = evaluations(&records).iter().flat_map(|found| &found.lengths).sum::<u32>();
    assert_eq!(last_cost(&records).phases[&Phase::Evaluation].real_steps, u64::from(lengths));
    assert!(evaluations(&records).iter().all(|found| found.returns.len() == 5));
}

#[test]
fn evaluations_do_not_change_training() {
    let episodes = |every| {
        let mut records = records(&run(200, 4, every));
        records.retain(|record| matches!(record, Record::Episode(_)));
        records.iter().map(Record::without_times_and_memory).collect::<Vec<_>>()
    };
    assert!(episodes(10).len() > 10);
    assert_eq!(episodes(10), episodes(200));
}

#[test]
fn the_records_depend_only_on_the_configuration() {
    let timeless = |run: &ResolvedRun| {
        records(run).iter().map(Record::without_times_and_memory).collect::<Vec<_>>()
    };
    let one = run(200, 4, 50);
    let other = ResolvedRun { seed: 1, ..one.clone() };
    assert_eq!(timeless(&one), timeless(&one));
    assert_ne!(timeless(&one), timeless(&other));
}

/// The mean return of an evaluation after `real_steps` real steps of CartPole. A random policy gets 22.
fn balanced(preset: &str, real_steps: u64) -> f64 {
    let mut run = preset_run(preset, "cartpole", real_steps).unwrap();
    run.evaluation.episodes = 32;
    let records = records(&run);
    let returns = &evaluations(&records)[0].returns;
    returns.iter().sum::<f64>() / returns.len() as f64
}

/// The seeds 0 to 15 reached from 122 to 500 after 8,000 real steps.
#[test]
fn ppo_learns_to_balance_a_pole() {
    let mean = balanced("ppo", 8_000);
    assert!(mean > 100.0, "{mean}");
}

/// The seeds 0 to 7 reached from 166 to 500 after 6,000 real steps.
#[test]
fn rainbow_learns_to_balance_a_pole() {
    let mean = balanced("rainbow", 6_000);
    assert!(mean > 100.0, "{mean}");
}

#[cfg(feature = "atari")]
#[test]
fn training_plays_lives_and_evaluations_play_whole_games() {
    let mut run = preset_run("random", "atari/breakout", 600).unwrap();
    run.budget.lanes = 2;
    run.evaluation.every = 600;
    run.evaluation.episodes = 3;
    let records = records(&run);
    let lives = records.iter().filter_map(|record| match record {
        Record::Episode(episode) => Some(episode.length),
        _ => None,
    });
    let lives: Vec<u32> = lives.collect();
    let games = &evaluations(&records)[0].lengths;
    assert!(lives.len() > 6, "{lives:?}");
    // A game has five lives.
    let mean = |lengths: &[u32]| f64::from(lengths.iter().sum::<u32>()) / lengths.len() as f64;
    assert!(mean(games) > 3.0 * mean(&lives), "{games:?} {lives:?}");
}
