//! Asking an agent for the actions of a round, and playing evaluation episodes with it.

use zerolab_agents::{Agent, Mode, Observations, Streams};
use zerolab_metrics::Phase;

use crate::assembly;
use crate::lane::{Batch, Lane, Tally};
use crate::resolved::ResolvedRun;
use crate::run_error::RunError;

/// Where neither the environment nor the agent ends an episode, an evaluation does: half an hour of
/// Atari at a frame skip of 4.
const LONGEST_EPISODE: u32 = 27_000;

/// The agent's action for each row.
///
/// # Errors
/// If the agent fails, or answers for another number of rows.
pub fn choose(
    run: &ResolvedRun,
    agent: &mut dyn Agent,
    seen: &Observations<'_>,
    mode: Mode,
) -> Result<Vec<usize>, RunError> {
    let actions = agent.act(seen, mode).map_err(assembly::failed(&run.agent))?;
    let (chosen, lanes) = (actions.len(), seen.rows());
    if chosen != lanes {
        return Err(RunError::Actions { name: run.agent.kind.clone(), chosen, lanes });
    }
    Ok(actions)
}

/// The environments in which the agent is examined, apart from those that it is trained in.
pub struct Examination {
    lanes: Vec<Lane>,
    batch: Batch,
}

impl Examination {
    /// One environment for each evaluation episode.
    ///
    /// # Errors
    /// If the environment cannot be made.
    pub fn new(run: &ResolvedRun) -> Result<Self, RunError> {
        let lane = |_| Ok(Lane::new(assembly::environment(run)?));
        let lanes = (0..run.evaluation.episodes).map(lane).collect::<Result<_, RunError>>()?;
        Ok(Self { lanes, batch: Batch::default() })
    }

    /// Plays every episode, side by side in one batch that shrinks as they end.
    ///
    /// The episodes are the same each time (seeds `evaluation`, 0, 1, …); the agent's own chance is new
    /// at each decision and each `real_steps`. Nothing in the training changes by it.
    ///
    /// # Errors
    /// If the agent fails or the environment refuses an action.
    pub fn play(
        &mut self,
        run: &ResolvedRun,
        agent: &mut dyn Agent,
        real_steps: u64,
    ) -> Result<Vec<Tally>, RunError> {
        let timer = agent.account().start();
        let streams = Streams::new(run.seed);
        let chance = format!("evaluation/actions/{real_steps}");
        for (episode, lane) in self.lanes.iter_mut().enumerate() {
            lane.begin(streams.seed("evaluation", episode as u64));
        }
        let mut playing: Vec<usize> = (0..self.lanes.len()).collect();
        for decision in 0.. {
            if playing.is_empty() {
                break;
            }
            agent.account().phase(Phase::Evaluation).real_steps += playing.len() as u64;
            let seen = self.batch.gather(playing.iter().map(|&lane| &self.lanes[lane]));
            let mode = Mode::Evaluate { seed: streams.seed(&chance, decision) };
            let actions = choose(run, agent, &seen, mode)?;
            playing = self.step(run, &playing, &actions)?;
        }
        agent.account().stop(Phase::Evaluation, timer);
        Ok(self.lanes.iter().map(Lane::tally).collect())
    }

    /// Steps the lanes that still play; returns those that go on.
    fn step(
        &mut self,
        run: &ResolvedRun,
        playing: &[usize],
        actions: &[usize],
    ) -> Result<Vec<usize>, RunError> {
        let mut go_on = Vec::with_capacity(playing.len());
        for (&lane, &action) in playing.iter().zip(actions) {
            let step = self.lanes[lane].step(action).map_err(refused(run))?;
            let long = self.lanes[lane].tally().length >= LONGEST_EPISODE;
            if !(step.terminated || step.truncated || long) {
                go_on.push(lane);
            }
        }
        Ok(go_on)
    }
}

/// For `map_err` on a step of the run's environment.
pub(crate) fn refused(
    run: &ResolvedRun,
) -> impl Fn(zerolab_environments::StepError) -> RunError + use<'_> {
    |source| RunError::Step { name: run.environment.name.clone(), source }
}
