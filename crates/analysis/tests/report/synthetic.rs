//! Synthetic results folders: runs with known numbers.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tempfile::TempDir;
use zerolab_metrics::{
    Anchors, CostRecord, EpisodeRecord, EvaluationRecord, Examination, ExaminationReference,
    ExperimentFile, FigureRequest, Hypothesis, IncludeRequest, Manifest, NetworkSize, Phase,
    PhaseCost, Provenance, PublishedRequest, Record, RunReference, RunState,
};

/// A results folder that is deleted at the end of the test.
pub struct ResultsFolder {
    folder: TempDir,
    experiment: ExperimentFile,
}

/// A synthetic run.
#[derive(Clone)]
pub struct SyntheticRun {
    pub environment: &'static str,
    pub agent: &'static str,
    pub seed: u64,
    pub axes: Vec<(&'static str, &'static str)>,
    pub state: RunState,
    pub reason: Option<&'static str>,
    /// The mean return of each evaluation, 1,000 real steps apart.
    pub returns: Vec<f64>,
    /// The return minus the performance.
    pub reward_surplus: f64,
    /// The share of the steps of each evaluation in which the event `hack` happens; none without events.
    pub hacks: Vec<f64>,
    /// What exactly known policies reach.
    pub anchors: Option<Anchors>,
    /// The examination `search`: its axis `search.simulations`, and the return of its two episodes.
    pub searches: Vec<(&'static str, f64)>,
    pub imagined_steps: u64,
    pub total_real_steps: u64,
}

/// A finished run with these mean returns.
pub fn finished_run(
    environment: &'static str,
    agent: &'static str,
    seed: u64,
    returns: &[f64],
) -> SyntheticRun {
    let axes = Vec::new();
    let imagined_steps = if agent == "random" { 0 } else { 50_000 };
    let returns = returns.to_vec();
    SyntheticRun {
        environment,
        agent,
        seed,
        axes,
        state: RunState::Done,
        reason: None,
        returns,
        reward_surplus: 0.0,
        hacks: Vec::new(),
        anchors: None,
        searches: Vec::new(),
        imagined_steps,
        total_real_steps: 3_000,
    }
}

/// The examination `search` with so many simulations.
fn examination(simulations: &str) -> ExaminationReference {
    ExaminationReference {
        name: "search".to_owned(),
        axes: BTreeMap::from([("search.simulations".to_owned(), simulations.to_owned())]),
        file: format!("search-{simulations}.json"),
        anchors: None,
    }
}

impl SyntheticRun {
    pub fn id(&self) -> String {
        let axes: String =
            self.axes.iter().map(|(_, value)| format!("-{}", value.trim_matches('"'))).collect();
        format!(
            "{}-{}{axes}-s{}-0123abcd",
            self.environment.replace('/', "-"),
            self.agent.replace(' ', "-"),
            self.seed
        )
    }

    fn reference(&self) -> RunReference {
        let axes =
            self.axes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        RunReference {
            id: self.id(),
            settings_hash: String::new(),
            environment: self.environment.to_owned(),
            agent: self.agent.to_owned(),
            seed: self.seed,
            axes,
            networks: (self.agent != "random")
                .then_some(NetworkSize { parameters: 2_000, imagined_step_flops: Some(400) }),
            changes: Vec::new(),
            anchors: self.anchors,
            examinations: self.searches.iter().map(|(at, _)| examination(at)).collect(),
        }
    }

    /// The file of the examination `search` with this return.
    fn searched(&self, r#return: f64) -> Examination {
        Examination {
            run_id: self.id(),
            settings_hash: String::new(),
            environment: self.environment.to_owned(),
            agent: self.agent.to_owned(),
            run_seed: self.seed,
            real_steps: self.total_real_steps,
            weights: None,
            set: Vec::new(),
            seed: None,
            returns: vec![r#return - 0.5, r#return + 0.5],
            performances: vec![r#return; 2],
            lengths: vec![10, 12],
            events: BTreeMap::new(),
            measures: BTreeMap::from([("values.gap".to_owned(), 2.0 * r#return)]),
        }
    }

    fn records(&self) -> Vec<Record> {
        let evaluations = self.returns.iter().enumerate().flat_map(|(place, mean)| {
            let real_steps = 1_000 * (place as u64 + 1);
            // Two episodes with the given mean return.
            let returns = vec![mean - 0.5, mean + 0.5];
            let performances = returns.iter().map(|value| value - self.reward_surplus).collect();
            let wall_seconds = real_steps as f64 / 100.0 + self.seed as f64;
            let evaluation = Record::Evaluation(EvaluationRecord {
                real_steps,
                updates: real_steps / 2,
                returns,
                performances,
                lengths: vec![10, 12],
                events: self
                    .hacked(place, |share| vec![(10.0 * share) as u32, (12.0 * share) as u32]),
                wall_seconds,
            });
            // Without events one episode is enough.
            let episodes = if self.hacks.is_empty() { 1 } else { 50 };
            let episode = move |number: u64| {
                Record::Episode(EpisodeRecord {
                    real_steps: real_steps - 1_000 + number * 1_000 / episodes,
                    updates: real_steps / 2,
                    lane: 0,
                    r#return: *mean,
                    performance: mean - self.reward_surplus,
                    length: 11,
                    truncated: false,
                    events: self.hacked(place, |share| (11.0 * share) as u32),
                    wall_seconds,
                })
            };
            let episodes = (1..=episodes).map(episode);
            episodes.chain([evaluation, Record::Cost(self.cost(real_steps))])
        });
        let never = self.returns.is_empty().then(|| Record::Cost(self.cost(0)));
        evaluations.chain(never).collect()
    }

    /// The event `hack` at an evaluation, if the environment has it.
    fn hacked<T>(&self, place: usize, count: impl Fn(f64) -> T) -> BTreeMap<String, T> {
        self.hacks.get(place).map(|share| ("hack".to_owned(), count(*share))).into_iter().collect()
    }

    /// The cost record at a number of real steps. Imagined steps grow evenly; seconds are always those of
    /// the end.
    fn cost(&self, real_steps: u64) -> CostRecord {
        let imagined =
            self.imagined_steps * real_steps / (1_000 * self.returns.len().max(1) as u64);
        let acting = PhaseCost {
            wall_seconds: 4.0,
            imagined_steps: imagined,
            simulations: imagined,
            real_steps,
            updates: 0,
            flops: imagined * 1_000,
        };
        let learning = PhaseCost {
            wall_seconds: 10.0,
            updates: real_steps / 2,
            flops: imagined * 3_000,
            ..PhaseCost::default()
        };
        let evaluation = PhaseCost {
            wall_seconds: 2.0,
            real_steps: 22,
            flops: imagined * 100,
            ..PhaseCost::default()
        };
        let mut phases = BTreeMap::from([(Phase::Acting, acting), (Phase::Evaluation, evaluation)]);
        if imagined > 0 {
            phases.insert(Phase::Learning, learning);
        }
        CostRecord {
            real_steps,
            updates: real_steps / 2,
            phases,
            environment_operations: real_steps * 40,
            peak_memory_bytes: 80_000_000,
            processor_seconds: 30.0,
            wall_seconds: 36.0,
        }
    }

    fn manifest(&self) -> Manifest {
        Manifest {
            state: self.state,
            run_id: self.id(),
            experiment: "made-up".into(),
            environment: self.environment.into(),
            agent: self.agent.into(),
            preset: self.agent.into(),
            seed: self.seed,
            real_steps: 1_000 * self.returns.len() as u64,
            total_real_steps: self.total_real_steps,
            attempt: 1,
            resumed_from: 0,
            provenance: Provenance {
                versions: BTreeMap::from([("zerolab".into(), "0.1.0".into())]),
                git_revision: Some("0123456789abcdef".into()),
                command: "zerolab run experiments/made-up.toml".into(),
                host: "somewhere".into(),
                processor: "an abacus".into(),
                device: "cpu".into(),
                ..Provenance::default()
            },
            process_id: 1,
            process_namespace: String::new(),
            settings_hash: String::new(),
            started_unix_seconds: 1_000_000,
            attempt_started_unix_seconds: 1_000_000,
            trained_seconds: 36.0,
            finished_unix_seconds: Some(1_000_036),
            heartbeat_unix_seconds: 1_000_036,
            exit_reason: self.reason.map(str::to_owned),
            failures: Vec::new(),
            inexact_resumes: Vec::new(),
            records: None,
        }
    }
}

impl ResultsFolder {
    pub fn new() -> Self {
        let experiment = ExperimentFile {
            name: "made-up".into(),
            question: "Does <planning> pay & how much?".into(),
            spec_path: "experiments/made-up.toml".into(),
            spec_from_results: None,
            changes: Vec::new(),
            command: "zerolab run experiments/made-up.toml".into(),
            budget_real_steps: 3_000,
            hypotheses: Vec::new(),
            published: None,
            figures: Vec::new(),
            includes: Vec::new(),
            runs: Vec::new(),
        };
        let folder = TempDir::new().expect("a temporary folder");
        fs::create_dir_all(folder.path().join("made-up")).expect("a folder");
        fs::create_dir_all(folder.path().join("runs")).expect("a folder");
        let made = Self { folder, experiment };
        made.write_experiment();
        made
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Adds a run to the plan and its files to the folder.
    pub fn add(&mut self, run: &SyntheticRun) {
        self.plan(run);
        let folder = self.run_folder(run);
        fs::create_dir_all(&folder).expect("a folder");
        let manifest = run.manifest().to_json().expect("JSON");
        fs::write(folder.join("manifest.json"), manifest).expect("a file");
        let lines: String = run
            .records()
            .iter()
            .map(|record| serde_json::to_string(record).expect("JSON") + "\n")
            .collect();
        fs::write(folder.join("records.jsonl"), lines).expect("a file");
        let folder = self.path().join("examinations").join(run.id());
        fs::create_dir_all(&folder).expect("a folder");
        for (simulations, r#return) in &run.searches {
            let text = run.searched(*r#return).to_json().expect("JSON");
            fs::write(folder.join(examination(simulations).file), text).expect("a file");
        }
    }

    /// Adds a run to the plan only.
    pub fn plan(&mut self, run: &SyntheticRun) {
        self.experiment.runs.push(run.reference());
        self.write_experiment();
    }

    pub fn run_folder(&self, run: &SyntheticRun) -> std::path::PathBuf {
        self.path().join("runs").join(run.id())
    }

    pub fn hypothesis(&mut self, metric: &str, statement: &str) {
        self.experiment.hypotheses.clear();
        self.further_hypothesis(metric, statement);
    }

    /// Adds a hypothesis to those that there are.
    pub fn further_hypothesis(&mut self, metric: &str, statement: &str) {
        let (metric, statement) = (metric.into(), statement.into());
        self.experiment.hypotheses.push(Hypothesis {
            metric,
            statement,
            environment: String::new(),
        });
        self.write_experiment();
    }

    pub fn published(&mut self, benchmarks: &[&str], algorithms: &[&str]) {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        self.experiment.published = Some(PublishedRequest {
            benchmarks: owned(benchmarks),
            algorithms: owned(algorithms),
            facts: Vec::new(),
        });
        self.write_experiment();
    }

    /// Asks for tables of facts, besides what else was published.
    pub fn facts(&mut self, facts: &[&str]) {
        let (benchmarks, algorithms) = (Vec::new(), Vec::new());
        let none = PublishedRequest { benchmarks, algorithms, facts: Vec::new() };
        let published = self.experiment.published.get_or_insert(none);
        published.facts = facts.iter().map(|name| (*name).to_owned()).collect();
        self.write_experiment();
    }

    /// Includes agents of another experiment; all if there are none.
    pub fn include(&mut self, experiment: &str, agents: &[&str]) {
        let agents = agents.iter().map(|agent| (*agent).to_owned()).collect();
        let experiment = experiment.to_owned();
        self.experiment.includes.push(IncludeRequest { experiment, agents });
        self.write_experiment();
    }

    pub fn figure(&mut self, kind: &str, x: &str) {
        self.sized_figure(kind, x, ["", ""]);
    }

    /// Asks for a figure of a measure.
    pub fn figure_of(&mut self, kind: &str, x: &str, y: &str) {
        let (kind, x, y) = (kind.into(), x.into(), vec![y.into()]);
        let (width, height) = (String::new(), String::new());
        self.experiment.figures.push(FigureRequest { kind, x, y, width, height });
        self.write_experiment();
    }

    /// Asks for a figure with a panel for each measure.
    pub fn figures_of(&mut self, kind: &str, measures: &[&str]) {
        self.figure_of(kind, "", measures[0]);
        let further = measures[1..].iter().map(|measure| (*measure).to_owned());
        self.experiment.figures.last_mut().expect("the figure").y.extend(further);
        self.write_experiment();
    }

    /// Asks for a figure of a width and a height.
    pub fn sized_figure(&mut self, kind: &str, x: &str, [width, height]: [&str; 2]) {
        let (kind, x, width, height) = (kind.into(), x.into(), width.into(), height.into());
        let y = Vec::new();
        self.experiment.figures.push(FigureRequest { kind, x, y, width, height });
        self.write_experiment();
    }

    /// A file of the report.
    pub fn read(&self, name: &str) -> Vec<u8> {
        let path = self.path().join("made-up").join(name);
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).expect("UTF-8")
    }

    fn write_experiment(&self) {
        let json = serde_json::to_string_pretty(&self.experiment).expect("JSON");
        fs::write(self.path().join("made-up/experiment.json"), json).expect("a file");
    }
}

/// Three agents in two environments with 5 finished seeds. The last returns of `efficientzero` on
/// `cartpole` are 480, 485, 490, 495 and 500, those of `muzero` 20 less.
pub fn finished_experiment() -> ResultsFolder {
    let mut folder = ResultsFolder::new();
    for environment in ["cartpole", "catch"] {
        let scale = if environment == "cartpole" { 1.0 } else { 0.002 };
        for (agent, best) in [("efficientzero", 480.0), ("muzero", 460.0), ("random", 20.0)] {
            for seed in 0..5 {
                let last = best + 5.0 * seed as f64;
                let learnt =
                    if agent == "random" { [last; 3] } else { [last / 4.0, last / 2.0, last] };
                folder.add(&finished_run(
                    environment,
                    agent,
                    seed,
                    &learnt.map(|value| value * scale),
                ));
            }
        }
    }
    folder
}
