//! The training loop, the same for every agent.
//!
//! A round is: act on all lanes → step the lanes → observe → learn → record. Evaluations follow when they are
//! due. The phases of a training are in `course`. A training can be saved between two rounds and resumed later with the same result.
//!
//! One real step is one action in one lane. All lanes step together. The last round may step fewer lanes, so
//! that the budget is spent exactly. [`Training`] holds the complete state. Files are in `run::folder`, and
//! who may train a run is decided in `run::claim`.

mod saving;

use zerolab_agents::{Agent, Device, Mode, Streams, Transition};
use zerolab_environments::StepError;
use zerolab_metrics::{
    Account, CostRecord, EpisodeRecord, EvaluationRecord, LearningRecord, Phase, PhaseRecord,
    Record,
};

use crate::error::RunError;
use crate::plan::instantiate;
use crate::plan::resolved::ResolvedRun;
use crate::training::clock::{Clock, ResourceUse};
use crate::training::course::{Course, Next, Progress};
use crate::training::evaluation::{
    BestActions, EpisodeStreams, Evaluator, choose_actions, step_error,
};
use crate::training::foretelling::foretell;
use crate::training::lane::{Lane, LaneBatch};
use crate::training::parallel::map_parallel;

/// Records of losses between two evaluations.
const LEARNING_RECORDS_PER_EVALUATION: u64 = 10;

/// The state of a run in training.
pub struct Training<'a> {
    run: &'a ResolvedRun,
    agent: Box<dyn Agent>,
    lanes: Vec<Lane>,
    /// `[lanes]`.
    episodes_begun: Vec<u64>,
    real_steps: u64,
    course: Course,
    /// Whether to evaluate before the next round.
    evaluation_due: bool,
    evaluator: Evaluator,
    has_events: bool,
    clock: Clock,
    /// Lanes that did not come to their saved state again when the run was resumed.
    begun_anew: usize,
}

impl<'a> Training<'a> {
    /// The start of a run: agent, environments and first episodes. The networks are on `device`.
    ///
    /// # Errors
    /// If the environment or the agent cannot be made.
    pub fn new(run: &'a ResolvedRun, device: &Device) -> Result<Self, RunError> {
        let description = instantiate::description(run)?;
        let course = Course::new(run)?;
        let mut training = Self {
            run,
            agent: instantiate::agent(run, &description, device)?,
            lanes: lanes(run, &course)?,
            episodes_begun: vec![0; run.budget.lanes],
            real_steps: 0,
            evaluation_due: false,
            evaluator: evaluator(run, &course)?,
            course,
            has_events: !description.events.is_empty(),
            clock: Clock::after(ResourceUse::default()),
            begun_anew: 0,
        };
        (0..run.budget.lanes).for_each(|lane| training.begin_episode(lane));
        Ok(training)
    }

    /// Real steps taken so far.
    pub fn real_steps(&self) -> u64 {
        self.real_steps
    }

    /// How many lanes began new episodes when the run was resumed, because they did not come to their saved state again.
    pub fn begun_anew(&self) -> usize {
        self.begun_anew
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        Progress { real_steps: self.real_steps, further: self.course.done_without_steps() }
    }

    /// The cost so far, by phase.
    pub fn account(&mut self) -> &Account {
        self.agent.account()
    }

    /// Whether the budget is spent and the last evaluation done.
    pub fn is_finished(&self) -> bool {
        self.next() == Next::End && !self.evaluation_due
    }

    /// Whether a further phase has begun and has taken no real step.
    pub fn is_at_begin_of_phase(&self) -> bool {
        self.course.is_at_begin(self.real_steps)
    }

    /// What comes next, apart from an evaluation.
    fn next(&self) -> Next {
        self.course.next(self.real_steps)
    }

    /// Trains one round, and evaluates if an evaluation is due. A round is one real step in each lane, or in
    /// as many lanes as the budget allows. After the real steps of a phase it is some of its updates without real steps,
    /// or the start of the next phase. An evaluation is abandoned if `stop` returns true. Adds to
    /// `records`.
    ///
    /// # Errors
    /// If the agent fails or the environment refuses an action.
    pub fn advance(
        &mut self,
        records: &mut Vec<Record>,
        stop: &dyn Fn() -> bool,
    ) -> Result<(), RunError> {
        if !self.evaluation_due {
            match self.next() {
                Next::Steps => self.round(records)?,
                Next::Updates(updates) => self.update_offline(updates, records)?,
                Next::Phase => self.begin_phase(records)?,
                Next::End => {}
            }
        }
        if self.evaluation_due
            && let Some(evaluation) = self.evaluate(stop)?
        {
            self.evaluation_due = false;
            records.push(evaluation);
            records.push(self.cost());
        }
        Ok(())
    }

    fn round(&mut self, records: &mut Vec<Record>) -> Result<(), RunError> {
        let before = self.real_steps;
        let mut transitions = self.act_and_step()?;
        self.real_steps += transitions.len() as u64;
        if self.course.phase_follows_after(self.real_steps) {
            // The next step of each lane is in another task.
            transitions.iter_mut().for_each(|step| step.truncated |= !step.terminated);
        }
        let ended = ended_lanes(&transitions);

        self.agent.observe(transitions).map_err(instantiate::failed(&self.run.agent))?;
        self.agent.learn(self.real_steps).map_err(instantiate::failed(&self.run.agent))?;

        for (lane, truncated) in ended {
            records.push(self.episode(lane, truncated));
            self.begin_episode(lane);
        }
        let every = self.run.evaluation.every.max(1);
        let (after, last) = (self.real_steps, self.next() != Next::Steps);
        let due = |every: u64| before / every < after / every || last;
        if due((every / LEARNING_RECORDS_PER_EVALUATION).max(1)) {
            records.extend(self.learning());
        }
        self.evaluation_due = due(every);
        Ok(())
    }

    /// Some of the updates without real steps after a phase.
    fn update_offline(&mut self, updates: u64, records: &mut Vec<Record>) -> Result<(), RunError> {
        if self.agent.weights().is_some() {
            self.agent.learn_offline(updates).map_err(instantiate::failed(&self.run.agent))?;
        }
        self.course.count_updates(updates);
        if !matches!(self.next(), Next::Updates(_)) {
            records.extend(self.learning());
            self.evaluation_due = true;
        }
        Ok(())
    }

    /// The next phase: other environments, and what it asks of the agent.
    fn begin_phase(&mut self, records: &mut Vec<Record>) -> Result<(), RunError> {
        let start = self.course.begin_next();
        self.agent.begin_phase(&start).map_err(instantiate::failed(&self.run.agent))?;
        self.lanes = lanes(self.run, &self.course)?;
        self.evaluator = evaluator(self.run, &self.course)?;
        (0..self.lanes.len()).for_each(|lane| self.begin_episode(lane));
        records.push(Record::Phase(PhaseRecord {
            real_steps: self.real_steps,
            updates: self.agent.updates(),
            phase: u32::try_from(start.phase + 1).unwrap_or(u32::MAX),
            wall_seconds: self.wall_seconds(),
        }));
        self.evaluation_due = true;
        Ok(())
    }

    fn act_and_step(&mut self) -> Result<Vec<Transition>, RunError> {
        let remaining = self.course.steps_left(self.real_steps);
        let lanes = usize::try_from(remaining).unwrap_or(usize::MAX).min(self.lanes.len());
        self.foretell(lanes)?;
        let timer = self.agent.account().start();
        let batch = LaneBatch::gather(self.lanes[..lanes].iter());
        let actions =
            choose_actions(self.run, &mut *self.agent, &batch.observations(), Mode::Explore)?;
        self.lanes.iter_mut().zip(&actions).for_each(|(lane, action)| lane.announce(*action));
        let each = self.lanes.iter_mut().zip(actions).enumerate().collect();
        let transitions =
            map_parallel(each, self.course.operations_per_step(), |(index, (lane, action))| {
                transition(index, lane, action).map_err(step_error(self.run))
            });
        let transitions = transitions.into_iter().collect::<Result<Vec<_>, RunError>>()?;
        let account = self.agent.account();
        account.stop(Phase::Acting, timer);
        account.phase(Phase::Acting).real_steps += lanes as u64;
        Ok(transitions)
    }

    /// Tells the environments that ask for it what the agent would do now.
    fn foretell(&mut self, lanes: usize) -> Result<(), RunError> {
        let seed = Streams::new(self.run.seed).seed("foretelling", self.real_steps);
        let mut lanes: Vec<&mut Lane> = self.lanes[..lanes].iter_mut().collect();
        foretell(self.run, &mut *self.agent, &mut lanes, Mode::Foretell { seed })
    }

    /// The environment's seed depends only on the run's seed, the lane and the episode, so it is the same for
    /// every agent.
    fn begin_episode(&mut self, lane: usize) {
        let episode = &mut self.episodes_begun[lane];
        let seed = Streams::new(self.run.seed).seed(&format!("environment/lane-{lane}"), *episode);
        *episode += 1;
        self.lanes[lane].begin_next(seed);
    }

    fn episode(&self, lane: usize, truncated: bool) -> Record {
        let totals = self.lanes[lane].totals();
        Record::Episode(EpisodeRecord {
            real_steps: self.real_steps,
            updates: self.agent.updates(),
            lane: u32::try_from(lane).unwrap_or(u32::MAX),
            r#return: totals.r#return,
            performance: totals.performance,
            length: totals.length,
            truncated,
            events: self.lanes[lane]
                .events()
                .map(|(name, steps)| (name.to_owned(), steps))
                .collect(),
            wall_seconds: self.wall_seconds(),
        })
    }

    /// The losses since the last record; `None` if there was no update.
    fn learning(&mut self) -> Option<Record> {
        let losses = self.agent.drain_losses();
        (!losses.is_empty()).then(|| {
            Record::Learning(LearningRecord {
                real_steps: self.real_steps,
                updates: self.agent.updates(),
                losses,
                wall_seconds: self.wall_seconds(),
            })
        })
    }

    /// `None` if `stop` returned true.
    fn evaluate(&mut self, stop: &dyn Fn() -> bool) -> Result<Option<Record>, RunError> {
        let streams = EpisodeStreams::of_run(self.run, self.real_steps);
        let decide = &mut BestActions(self.run);
        let played = self.evaluator.play(self.run, &mut *self.agent, &streams, decide, stop)?;
        let evaluation = played.map(|episodes| EvaluationRecord {
            real_steps: self.real_steps,
            updates: self.agent.updates(),
            returns: episodes.returns,
            performances: episodes.performances,
            lengths: episodes.lengths,
            events: episodes.events,
            wall_seconds: self.wall_seconds(),
        });
        Ok(evaluation.map(Record::Evaluation))
    }

    fn cost(&mut self) -> Record {
        let ResourceUse { wall_seconds, processor_seconds, peak_memory_bytes } = self.clock.now();
        Record::Cost(CostRecord {
            real_steps: self.real_steps,
            updates: self.agent.updates(),
            phases: self.agent.account().phases().clone(),
            environment_operations: self.course.operations(self.real_steps),
            peak_memory_bytes,
            processor_seconds,
            wall_seconds,
        })
    }

    /// Seconds of training, including those of earlier processes.
    pub fn wall_seconds(&self) -> f64 {
        self.clock.now().wall_seconds
    }
}

/// The lanes of the current phase, without episodes.
fn lanes(run: &ResolvedRun, course: &Course) -> Result<Vec<Lane>, RunError> {
    // With several players the agent plays all of them, and returns are the first player's.
    let environments = instantiate::environments(course.environment(), run.budget.lanes)?;
    Ok(environments.into_iter().map(|environment| Lane::new(environment, 0)).collect())
}

fn evaluator(run: &ResolvedRun, course: &Course) -> Result<Evaluator, RunError> {
    let environment = run.evaluated_in(course.environment().clone());
    Evaluator::new(&environment, 0..run.evaluation.episodes as u64)
}

/// Takes `action` in lane `index`.
fn transition(index: usize, lane: &mut Lane, action: usize) -> Result<Transition, StepError> {
    let (observation, legal) = (lane.observation().to_vec(), lane.legal().to_vec());
    let to_play = lane.to_play();
    let step = lane.step(action)?;
    Ok(Transition {
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
    })
}

/// The lanes whose episode ended in this round, and whether it was truncated.
fn ended_lanes(transitions: &[Transition]) -> Vec<(usize, bool)> {
    let ended = transitions.iter().filter(|step| step.terminated || step.truncated);
    ended.map(|step| (step.lane, step.truncated && !step.terminated)).collect()
}

#[cfg(test)]
mod tests;
