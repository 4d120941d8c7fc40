//! The measures of values, of agents whose values are known exactly.

use std::collections::HashMap;
use std::path::Path;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use zerolab_agents::{Agent, AgentError, Decision, Ledger, Mode, Observations, Transition};
use zerolab_environments::Environment;
use zerolab_environments::tabular::{Objective, Solution, Ties};
use zerolab_search::{Dynamics, Purpose, Search, Settings, SimulatorModel};

use super::optimum::Optimum;
use super::values::DecisionLog;
use crate::plan::resolved::ResolvedRun;
use crate::plan::{Overrides, instantiate};
use crate::spec::{Catalogue, load_text};
use crate::training::evaluation::play_episodes;

const DISCOUNT: f64 = 0.9;
const EPISODES: u64 = 40;

/// A run in a world without chance, of which only the environment and the discount matter here.
fn run() -> ResolvedRun {
    let spec = format!(
        "[experiment]\nname = \"exact\"\n[environment]\nname = \"decision/delayed_choice\"\nlength = 6\n\
         observation = \"vector\"\n[budget]\nreal_steps = 100\n[evaluation]\nevery = 100\nepisodes = 8\n\
         [agents.dqn]\ndiscount = {DISCOUNT}\n"
    );
    let catalogue = Catalogue::built_in(None);
    let plan = load_text(Path::new("exact.toml"), spec, &Overrides::default(), &catalogue).unwrap();
    plan.runs[0].clone()
}

/// An agent whose model is the environment. The value of a state is the best one, with an error.
struct Exact {
    /// The environment in each state, by its observation.
    states: HashMap<Vec<u32>, Box<dyn Environment>>,
    solution: Box<dyn Solution>,
    search: Settings,
    /// The standard deviation of the errors of values.
    noise: f64,
    /// Whether the prior is the best action, and not uniform.
    knows_actions: bool,
    errors: ChaCha8Rng,
    ledger: Ledger,
}

fn key(environment: &dyn Environment) -> Vec<u32> {
    let mut observation = vec![0.0; environment.description().observation_len()];
    environment.observe(&mut observation);
    observation.into_iter().map(f32::to_bits).collect()
}

impl Exact {
    fn new(run: &ResolvedRun, simulations: u32) -> Self {
        let mut first = instantiate::evaluation_environment(run).unwrap();
        first.reset(0);
        let solver = first.solver().unwrap();
        let solution = solver.solve(Objective::Return(Ties::Best), DISCOUNT);
        let mut states: HashMap<_, Box<dyn Environment>> = HashMap::new();
        let mut found = vec![first];
        while let Some(environment) = found.pop() {
            for action in 0..environment.description().num_actions {
                let mut next = environment.clone_box();
                if !next.step(action).unwrap().ends() && !states.contains_key(&key(&*next)) {
                    found.push(next);
                }
            }
            states.insert(key(&*environment), environment);
        }
        Self {
            states,
            solution,
            search: Settings { simulations, ..Settings::mctx_muzero() },
            noise: 0.0,
            knows_actions: false,
            errors: ChaCha8Rng::seed_from_u64(1),
            ledger: Ledger::default(),
        }
    }
}

/// The environment as the rules of a search, with the best values.
struct Rules<'a> {
    solution: &'a dyn Solution,
    noise: f64,
    knows_actions: bool,
    errors: &'a mut ChaCha8Rng,
}

impl Dynamics for Rules<'_> {
    type State = Box<dyn Environment>;
    type Error = AgentError;

    fn step(
        &mut self,
        state: &Self::State,
        action: u32,
    ) -> Result<zerolab_search::Transition<Self::State>, AgentError> {
        let mut next = state.clone_box();
        let step = next.step(action as usize)?;
        Ok(zerolab_search::Transition {
            reward: step.reward.unwrap(),
            state: (!step.ends()).then_some(next),
            discount: None,
        })
    }

    fn evaluate(
        &mut self,
        states: &[&Self::State],
        values: &mut [f32],
        logits: &mut [f32],
    ) -> Result<(), AgentError> {
        let width = logits.len() / states.len().max(1);
        for (row, state) in states.iter().enumerate() {
            let saved = state.save();
            let error = self.noise * normal(self.errors);
            values[row] = (self.solution.value(&saved).unwrap() + error) as f32;
            let logits = &mut logits[row * width..(row + 1) * width];
            logits.fill(0.0);
            if self.knows_actions {
                logits[self.solution.action(&saved).unwrap()] = 1e4;
            }
        }
        Ok(())
    }
}

/// A draw from the standard normal distribution (Box and Muller 1958).
fn normal(stream: &mut ChaCha8Rng) -> f64 {
    let mut unit = || ((stream.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
    (-2.0 * unit().ln()).sqrt() * (std::f64::consts::TAU * unit()).cos()
}

impl Agent for Exact {
    fn act(&mut self, seen: &Observations<'_>, mode: Mode) -> Result<Vec<usize>, AgentError> {
        let Mode::Evaluate { seed } = mode else { panic!("it only plays evaluations") };
        let decisions = self.explain(seen, seed)?;
        Ok(decisions.into_iter().map(|decision| decision.action).collect())
    }

    fn explain(&mut self, seen: &Observations<'_>, seed: u64) -> Result<Vec<Decision>, AgentError> {
        let width = seen.observations.len() / seen.rows();
        let rows = seen.observations.chunks(width);
        let bits = |row: &[f32]| row.iter().map(|number| number.to_bits()).collect::<Vec<_>>();
        let states: Vec<_> = rows.map(|row| self.states[&bits(row)].clone_box()).collect();
        let num_actions = seen.legal.len() / seen.rows();
        let Self { solution, noise, knows_actions, errors, .. } = self;
        let (noise, knows_actions) = (*noise, *knows_actions);
        let rules = Rules { solution: &**solution, noise, knows_actions, errors };
        let mut model = SimulatorModel::new(rules, num_actions);
        let seeds = (0..states.len() as u64).map(|row| seed ^ row).collect();
        let roots = model.roots(states, seeds)?;
        let mut search = Search::new(&self.search, DISCOUNT as f32, None);
        let found = search.run(&roots, Purpose::Greedy, &mut model)?;
        let decision = |(action, value): (u32, f32)| Decision {
            action: action as usize,
            value: Some(value),
            ..Decision::default()
        };
        Ok(found.actions.into_iter().zip(found.values).map(decision).collect())
    }

    fn observe(&mut self, _: Vec<Transition>) -> Result<(), AgentError> {
        Ok(())
    }

    fn learn(&mut self, _: u64) -> Result<(), AgentError> {
        Ok(())
    }

    fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn ledger_mut(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    fn save(&self, _: &Path, _: Option<&Path>) -> Result<(), AgentError> {
        Ok(())
    }

    fn load(&mut self, _: &Path) -> Result<(), AgentError> {
        Ok(())
    }
}

/// The measures of the agent's values, by name.
fn measured(run: &ResolvedRun, agent: &mut Exact) -> HashMap<String, f64> {
    let optimum = Optimum::of(run).unwrap();
    let mut log = DecisionLog::new(run, &optimum);
    let asked = (EPISODES, Some(1), 0);
    let played = play_episodes(run, agent, asked, &mut log, &|| false).unwrap().unwrap();
    let measures: HashMap<String, f64> = log.measures(&played.returns).into_iter().collect();
    let known = super::VALUES.map(|name| format!("values.{name}"));
    assert!(measures.keys().all(|name| known.contains(name)), "{measures:?}");
    measures
}

#[test]
fn with_the_true_model_and_its_best_play_nothing_is_expected_that_does_not_come() {
    let run = run();
    for simulations in [0, 1, 8, 64] {
        let mut agent = Exact { knows_actions: true, ..Exact::new(&run, simulations) };
        let measures = measured(&run, &mut agent);
        assert!(measures["values.gap"].abs() < 1e-5, "{simulations}: {measures:?}");
        assert!(measures["values.excess"].abs() < 1e-5, "{simulations}: {measures:?}");
        assert_eq!(measures["values.delusion"], 0.0);
        let error = measures["values.at_start"] - measures["values.best_at_start"];
        assert!(error.abs() < 1e-5, "{simulations}: {measures:?}");
    }
}

#[test]
fn with_the_true_model_no_value_exceeds_the_best_one_and_search_comes_closer() {
    let run = run();
    let excess = |simulations| {
        let measures = measured(&run, &mut Exact::new(&run, simulations));
        assert!(measures["values.excess"] < 1e-5, "{simulations}: {measures:?}");
        assert_eq!(measures["values.delusion"], 0.0, "{simulations}");
        // All actions of the chain are equal, so that a choice at the root is the only way to lose.
        assert!(measures["values.gap"] < 1e-5, "{simulations}: {measures:?}");
        measures["values.excess"]
    };
    let [few, many] = [4, 256].map(excess);
    assert!(many > few, "{few} {many}");
}

#[test]
fn errors_of_values_are_counted_as_delusions_as_often_as_they_exceed_the_margin() {
    let run = run();
    // Without a search the value at the root is that of the leaf. The margin is 5 % of the best return.
    let best = measured(&run, &mut Exact::new(&run, 0))["values.best_at_start"];
    for (in_margins, probability) in [(0.5, 0.02275), (1.0, 0.15866), (2.0, 0.30854)] {
        let noise = in_margins * 0.05 * best;
        let mut agent = Exact { noise, knows_actions: true, ..Exact::new(&run, 0) };
        let share = measured(&run, &mut agent)["values.delusion"];
        let decisions = EPISODES as f64 * 7.0;
        let error = (probability * (1.0 - probability) / decisions).sqrt();
        assert!((share - probability).abs() < 4.0 * error, "{in_margins}: {share}");
    }
}

#[test]
fn a_search_averages_the_errors_of_its_leaves() {
    let run = run();
    let best = measured(&run, &mut Exact::new(&run, 0))["values.best_at_start"];
    let delusion = |simulations| {
        let mut agent = Exact { noise: 2.0 * 0.05 * best, ..Exact::new(&run, simulations) };
        measured(&run, &mut agent)["values.delusion"]
    };
    let [none, many] = [0, 64].map(delusion);
    assert!(none > 0.2 && many < none / 3.0, "{none} {many}");
}
