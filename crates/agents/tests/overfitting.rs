//! Every model-free preset can overfit a few steps.
//!
//! Each episode is one step. The observation determines which action has the reward 1; the others have -1.

use zerolab_agents::registry::{find, find_preset};
use zerolab_agents::{
    Agent, Context, Device, EnvironmentBatch, Mode, Observations, PhasedUpdates, Transition,
};
use zerolab_environments::Description;

const ACTIONS: usize = 3;
const CONTEXTS: usize = 6;
const BUDGET: u64 = 6_000;

fn agent(preset: &str, small: &str) -> Box<dyn Agent> {
    let mut table: toml::Table = toml::from_str(find_preset(preset).unwrap().toml).unwrap();
    let kind = table.remove("agent").unwrap();
    table.extend(toml::from_str::<toml::Table>(small).unwrap());
    let entry = find(kind.as_str().unwrap()).unwrap();
    let context = Context {
        description: Description::new("contexts", [CONTEXTS], ACTIONS),
        real_steps: BUDGET,
        phases: PhasedUpdates::default(),
        lanes: CONTEXTS,
        seed: 1,
        device: Device::cpu(),
    };
    (entry.make)(&(entry.resolve)(&table).unwrap(), &context).unwrap()
}

fn context(number: usize) -> Vec<f32> {
    (0..CONTEXTS).map(|at| f32::from(u8::from(at == number))).collect()
}

fn best(context: usize) -> usize {
    context % ACTIONS
}

/// The last loss, and the agent's action in each context.
fn taught(agent: &mut dyn Agent) -> (f64, Vec<usize>) {
    let observations: Vec<f32> = (0..CONTEXTS).flat_map(context).collect();
    let legal = [true; CONTEXTS * ACTIONS];
    let (to_play, environments) = ([0; CONTEXTS], EnvironmentBatch::default());
    let seen = Observations {
        observations: &observations,
        legal: &legal,
        to_play: &to_play,
        environments,
    };
    for round in 1..=BUDGET / CONTEXTS as u64 {
        let actions = agent.act(&seen, Mode::Explore).unwrap();
        let transition = |(lane, action): (usize, usize)| Transition {
            lane,
            observation: context(lane),
            action,
            reward: Some(if action == best(lane) { 1.0 } else { -1.0 }),
            terminated: true,
            truncated: false,
            next_observation: context(lane),
            legal: vec![true; ACTIONS],
            to_play: 0,
            next_to_play: 0,
        };
        agent.observe(actions.into_iter().enumerate().map(transition).collect()).unwrap();
        if round * 2 == BUDGET / CONTEXTS as u64 {
            agent.drain_losses();
        }
        agent.learn(round * CONTEXTS as u64).unwrap();
    }
    let losses = agent.drain_losses();
    let loss = losses.get("value").or(losses.get("total")).copied().unwrap();
    (loss, agent.act(&seen, Mode::Evaluate { seed: 0 }).unwrap())
}

#[test]
fn a_few_steps_can_be_overfitted() {
    let values = "learning_starts = 60\nupdate_ratio = 0.25\ntarget_interval = 50\n\
                  optimizer.learning_rate = 3e-3\n";
    // With an atom at each of the two returns the distributions can be exact.
    let exact = "distributional = { enabled = true, atoms = 3, minimum = -1.0, maximum = 1.0 }\n";
    let rollouts = "rollout_steps = 16\noptimizer.learning_rate = 3e-3\n";
    for (preset, small) in [
        ("dqn", values.to_owned()),
        ("rainbow", format!("{values}{exact}")),
        ("der", format!("{values}{exact}")),
        ("ppo", rollouts.to_owned()),
    ] {
        let (loss, actions) = taught(&mut *agent(preset, &small));
        assert_eq!(actions, (0..CONTEXTS).map(best).collect::<Vec<_>>(), "{preset}: {loss}");
        assert!(loss < 0.05, "{preset} is left with a loss of {loss}");
    }
}
