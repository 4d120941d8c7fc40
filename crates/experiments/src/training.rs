//! The loop of a run, the same for every agent:
//! act on the lanes → step the lanes → observe → learn → record → evaluate when due.
//!
//! One real step is one action in one lane. All lanes step together; only the last round may hold fewer,
//! so that the budget is spent exactly. Everything that decides the future stands in [`Training`].
//! Files are not here (`run_folder`), nor who may train the run (`claim`).

use std::time::Instant;

use zerolab_agents::{Agent, Device, Mode, Streams, Transition};
use zerolab_metrics::{Cost, Episode, Evaluation, Learning, Phase, Record, peak_memory_bytes};

use crate::assembly;
use crate::lane::{Batch, Lane};
use crate::play::{Examination, choose, refused};
use crate::resolved::ResolvedRun;
use crate::run_error::RunError;

/// The losses are recorded so many times from one evaluation to the next.
const LEARNING_RECORDS_PER_EVALUATION: u64 = 10;

/// A run in the middle of its training.
pub struct Training<'a> {
    run: &'a ResolvedRun,
    agent: Box<dyn Agent>,
    lanes: Vec<Lane>,
    /// Of each lane.
    episodes_begun: Vec<u64>,
    real_steps: u64,
    examination: Examination,
    operations_per_step: u64,
    started: Instant,
}

impl<'a> Training<'a> {
    /// A run of which nothing is trained yet: agent and environments made, first episodes begun. The
    /// networks compute on `device`.
    ///
    /// # Errors
    /// If the environment or the agent cannot be made.
    pub fn new(run: &'a ResolvedRun, device: &Device) -> Result<Self, RunError> {
        let description = assembly::environment(run)?.description().clone();
        // Where players take turns the agent is all of them, and an episode is recorded as the first one's.
        let lane = |_| Ok(Lane::new(assembly::environment(run)?, 0));
        let mut training = Self {
            run,
            agent: assembly::agent(run, &description, device)?,
            lanes: (0..run.budget.lanes).map(lane).collect::<Result<_, RunError>>()?,
            episodes_begun: vec![0; run.budget.lanes],
            real_steps: 0,
            examination: Examination::new(run)?,
            operations_per_step: description.operations_per_step,
            started: Instant::now(),
        };
        (0..run.budget.lanes).for_each(|lane| training.begin_episode(lane));
        Ok(training)
    }

    /// Real steps taken so far.
    pub fn real_steps(&self) -> u64 {
        self.real_steps
    }

    /// Whether the budget is spent.
    pub fn is_finished(&self) -> bool {
        self.real_steps >= self.run.budget.real_steps
    }

    /// One round: a real step in each lane, or in as many as the budget still allows. What there is to
    /// record is added to `records`.
    ///
    /// # Errors
    /// If the agent fails or the environment refuses an action.
    pub fn round(&mut self, records: &mut Vec<Record>) -> Result<(), RunError> {
        let before = self.real_steps;
        let transitions = self.act_and_step()?;
        self.real_steps += transitions.len() as u64;
        let ended = ended_lanes(&transitions);

        self.agent.observe(transitions).map_err(assembly::failed(&self.run.agent))?;
        self.agent.learn(self.real_steps).map_err(assembly::failed(&self.run.agent))?;

        for (lane, truncated) in ended {
            records.push(self.episode(lane, truncated));
            self.begin_episode(lane);
        }
        let every = self.run.evaluation.every.max(1);
        let (after, last) = (self.real_steps, self.is_finished());
        let due = |every: u64| before / every < after / every || last;
        if due((every / LEARNING_RECORDS_PER_EVALUATION).max(1)) {
            records.extend(self.learning());
        }
        if due(every) {
            records.push(self.evaluate()?);
            records.push(self.cost());
        }
        Ok(())
    }

    fn act_and_step(&mut self) -> Result<Vec<Transition>, RunError> {
        let remaining = self.run.budget.real_steps.saturating_sub(self.real_steps);
        let lanes = usize::try_from(remaining).unwrap_or(usize::MAX).min(self.lanes.len());
        let timer = self.agent.account().start();
        let batch = Batch::gather(self.lanes[..lanes].iter());
        let actions = choose(self.run, &mut *self.agent, &batch.seen(), Mode::Explore)?;
        let mut transitions = Vec::with_capacity(lanes);
        for (index, action) in actions.into_iter().enumerate() {
            let lane = &mut self.lanes[index];
            let (observation, legal) = (lane.observation().to_vec(), lane.legal().to_vec());
            let to_play = lane.to_play();
            let step = lane.step(action).map_err(refused(self.run))?;
            transitions.push(Transition {
                lane: index,
                observation,
                action,
                reward: step.reward,
                terminated: step.terminated,
                truncated: step.truncated,
                next_observation: lane.observation().to_vec(),
                legal,
                to_play,
                next_to_play: lane.to_play(),
            });
        }
        let account = self.agent.account();
        account.stop(Phase::Acting, timer);
        account.phase(Phase::Acting).real_steps += lanes as u64;
        Ok(transitions)
    }

    /// The same seed gives every agent the same episodes in each lane.
    fn begin_episode(&mut self, lane: usize) {
        let episode = &mut self.episodes_begun[lane];
        let seed = Streams::new(self.run.seed).seed(&format!("environment/lane-{lane}"), *episode);
        *episode += 1;
        self.lanes[lane].begin(seed);
    }

    fn episode(&self, lane: usize, truncated: bool) -> Record {
        let tally = self.lanes[lane].tally();
        Record::Episode(Episode {
            real_steps: self.real_steps,
            updates: self.agent.updates(),
            lane: u32::try_from(lane).unwrap_or(u32::MAX),
            r#return: tally.r#return,
            performance: tally.performance,
            length: tally.length,
            truncated,
            wall_seconds: self.wall_seconds(),
        })
    }

    /// Nothing where there was no update since the last one.
    fn learning(&mut self) -> Option<Record> {
        let losses = self.agent.drain_losses();
        (!losses.is_empty()).then(|| {
            Record::Learning(Learning {
                real_steps: self.real_steps,
                updates: self.agent.updates(),
                losses,
                wall_seconds: self.wall_seconds(),
            })
        })
    }

    fn evaluate(&mut self) -> Result<Record, RunError> {
        let tallies = self.examination.play(self.run, &mut *self.agent, self.real_steps)?;
        Ok(Record::Evaluation(Evaluation {
            real_steps: self.real_steps,
            updates: self.agent.updates(),
            returns: tallies.iter().map(|tally| tally.r#return).collect(),
            performances: tallies.iter().map(|tally| tally.performance).collect(),
            lengths: tallies.iter().map(|tally| tally.length).collect(),
            wall_seconds: self.wall_seconds(),
        }))
    }

    fn cost(&mut self) -> Record {
        Record::Cost(Cost {
            real_steps: self.real_steps,
            updates: self.agent.updates(),
            phases: self.agent.account().phases().clone(),
            environment_operations: self.real_steps * self.operations_per_step,
            peak_memory_bytes: peak_memory_bytes(),
            wall_seconds: self.wall_seconds(),
        })
    }

    fn wall_seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }
}

/// Lanes whose episode ended in this round, and whether it was cut off.
fn ended_lanes(transitions: &[Transition]) -> Vec<(usize, bool)> {
    let ended = transitions.iter().filter(|step| step.terminated || step.truncated);
    ended.map(|step| (step.lane, step.truncated && !step.terminated)).collect()
}

#[cfg(test)]
mod tests;
