//! Trainings are reproducible, resume exactly, and contain no illegal action.

use zerolab_agents::registry::presets;
use zerolab_agents::{EnvironmentBatch, Mode, Observations, Transition};

use crate::lanes::observe;
use crate::small::settings;
use crate::test_run::{BUDGET, ENVIRONMENTS, LANES, TestRun, context, environment};

#[test]
fn a_run_is_reproducible_and_neither_evaluating_nor_foretelling_changes_it() {
    for preset in presets() {
        let first = TestRun::new(preset.name, "cartpole", 3).finish();
        let mut second = TestRun::new(preset.name, "cartpole", 3);
        while second.real_steps < BUDGET {
            second.round();
            second.evaluate();
            second.foretell();
        }
        assert_eq!(first.actions, second.actions, "{}", preset.name);
    }
}

#[test]
fn a_saved_agent_resumes_exactly() {
    for environment in ENVIRONMENTS {
        for preset in presets() {
            let before = tempfile::tempdir().unwrap();
            let now = tempfile::tempdir().unwrap();
            let mut run = TestRun::new(preset.name, environment, 2);
            let half = BUDGET / LANES as u64 / 2;
            (0..half / 2).for_each(|_| run.round());
            run.agent.save(before.path(), None).unwrap();
            (half / 2..half).for_each(|_| run.round());
            run.agent.save(now.path(), Some(before.path())).unwrap();
            drop(before);
            let (entry, table) = settings(preset.name);
            let mut again = TestRun {
                agent: (entry.make)(&table, &context(run.lanes.environment(), 77)).unwrap(),
                lanes: run.lanes.clone(),
                actions: run.actions.clone(),
                ..run
            };
            again.agent.load(now.path()).unwrap();
            let first =
                TestRun { agent: run.agent, lanes: run.lanes, actions: run.actions, ..again };
            assert_eq!(
                first.finish().actions,
                again.finish().actions,
                "{} on {environment}",
                preset.name
            );
        }
    }
}

#[test]
fn no_action_is_illegal() {
    // The exact solution does not ask which actions are legal.
    for preset in presets().iter().filter(|preset| preset.name != "optimal") {
        let mut environment = environment("catch");
        environment.reset(0);
        let (entry, table) = settings(preset.name);
        let mut agent = (entry.make)(&table, &context(&*environment, 4)).unwrap();
        let observation = observe(&*environment);
        let environments = [&*environment; LANES];
        for round in 0..BUDGET as usize / LANES {
            // Every set of legal actions except the empty one.
            let legal: Vec<bool> = (0..LANES)
                .flat_map(|lane| {
                    (0..3).map(move |action| (1 + (round + lane) % 7) >> action & 1 == 1)
                })
                .collect();
            let seen = Observations {
                observations: &observation.repeat(LANES),
                legal: &legal,
                to_play: &[0; LANES],
                environments: EnvironmentBatch::new(&environments),
            };
            for mode in [Mode::Evaluate { seed: round as u64 }, Mode::Explore] {
                let actions = agent.act(&seen, mode).unwrap();
                for (row, action) in legal.chunks(3).zip(&actions) {
                    assert!(row[*action], "{} does {action} of {row:?}", preset.name);
                }
                if mode == Mode::Explore {
                    let transition = |(lane, &action): (usize, &usize)| Transition {
                        lane,
                        observation: observation.clone(),
                        action,
                        reward: Some(1.0),
                        terminated: round % 5 == 4,
                        truncated: round % 7 == 6,
                        next_observation: observation.clone(),
                        legal: legal[lane * 3..][..3].to_vec(),
                        to_play: 0,
                        next_to_play: 0,
                    };
                    agent.observe(actions.iter().enumerate().map(transition).collect()).unwrap();
                    agent.learn((round * LANES + LANES) as u64).unwrap();
                }
            }
        }
    }
}
