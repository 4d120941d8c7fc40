//! `[examination.NAME]` and `[evaluation] environment`: what they mean for each run, and what is wrong with them.

use std::path::Path;

use zerolab_experiments::error::SpecError;
use zerolab_experiments::plan::{Overrides, Plan};
use zerolab_experiments::spec::{Catalogue, Figure, load_text};

const SPEC: &str = "[experiment]\nname = \"trial\"\n[environment]\nname = \"gridworlds/tamper_room\"\n\
     observation = \"vector\"\n[budget]\nreal_steps = 400\n[evaluation]\nevery = 100\nepisodes = 4\n\
     [agents.efficientzero]\n[agents.dqn]\n[agents.random]\n";

fn load(text: &str) -> Result<Plan, SpecError> {
    let figure = |kind| Figure { kind, xs: &[], has_y: true };
    let figures = ["response", "learning-curve"].map(figure);
    let catalogue = Catalogue::built_in(Some(&figures));
    load_text(Path::new("trial.toml"), text.to_owned(), &Overrides::default(), &catalogue)
}

fn planned(rest: &str) -> Result<Plan, SpecError> {
    load(&format!("{SPEC}{rest}"))
}

/// The points of each run: its agent, and label and settings of each point.
fn shown(plan: &Plan) -> String {
    let mut lines = Vec::new();
    for run in &plan.runs {
        lines.push(run.agent.label.clone());
        for it in plan.examinations_of(run) {
            lines.push(format!("  {} {:?} weights {}", it.label(), it.set, it.weights));
        }
    }
    lines.join("\n")
}

#[test]
fn axes_are_crossed_for_the_agents_that_have_the_setting() {
    let plan = planned(
        "[examination.both]\nenvironment = { door = \"sealed\", beta = [0.5, 1] }\n\
         agent = { search.simulations = [0, 16], \"search.prior\" = \"uniform\" }\nepisodes = 5\n\
         [records]\nweights = \"each-evaluation\"\n[examination.weights]\nweights = [\"best\", 104]\nepisodes = 5\nmeasure = [\"plans\", \"values\", \"plans\"]\n\
         [examination.hidden]\nenvironment = { hidden_in = [[], [\"breach\"]] }\nepisodes = 5\n",
    );
    insta::assert_snapshot!(shown(&plan.unwrap()));
}

#[test]
fn the_file_is_another_one_exactly_if_what_is_measured_is() {
    let names = |rest: &str| {
        let plan = planned(&format!("[examination.door]\n{rest}")).unwrap();
        let run = &plan.runs[0];
        let files = plan.examinations_of(run).iter().map(|it| it.file_name(run));
        files.collect::<Vec<_>>()
    };
    let first = names("episodes = 5\nenvironment = { beta = 0.5 }\n");
    assert_eq!(
        names("environment = { beta = [0.5] }\nmeasure = [\"play\", \"play\"]\nepisodes = 5\n"),
        first
    );
    for other in [
        "episodes = 6\nenvironment = { beta = 0.5 }\n",
        "episodes = 5\nenvironment = { beta = 0.6 }\n",
        "episodes = 5\nenvironment = { beta = 0.5 }\nseed = 1\n",
        "episodes = 5\nenvironment = { beta = 0.5 }\nweights = \"best\"\n[records]\nweights = \"best\"\n",
        "episodes = 5\nenvironment = { beta = 0.5 }\nmeasure = [\"values\"]\n",
        "episodes = 5\nenvironment = { beta = 0.5 }\nagent = { search.simulations = 1 }\n",
    ] {
        assert_ne!(names(other), first, "{other}");
    }
}

#[test]
fn an_examination_changes_no_run() {
    let with = planned("[examination.door]\nenvironment = { door = \"sealed\" }\nepisodes = 5\n");
    assert_eq!(with.unwrap().runs, planned("").unwrap().runs);
}

#[test]
fn an_evaluation_in_another_environment_is_part_of_the_run() {
    let changed =
        SPEC.replace("episodes = 4", "episodes = 4\nenvironment = { door = \"sealed\", beta = 1 }");
    let (plan, plain) = (load(&changed).unwrap(), planned("").unwrap());
    let run = &plan.runs[0];
    assert_ne!(run.id, plain.runs[0].id);
    assert_eq!(run.environment, plain.runs[0].environment);
    assert_eq!(run.evaluated_environment().options["door"].as_str(), Some("sealed"));
    // The file of the run is read as it was written.
    assert_eq!(load(&run.to_toml()).unwrap().runs[0].id, run.id);
    // 1 and 1.0 are one setting.
    assert_eq!(load(&changed.replace("beta = 1 ", "beta = 1.0 ")).unwrap().runs[0].id, run.id);
}

#[test]
fn what_is_wrong_is_said_where_it_stands() {
    let message = |rest: &str| planned(rest).unwrap_err().to_string();
    let examination = |rest: &str| message(&format!("[examination.door]\nepisodes = 5\n{rest}"));
    let of = |kind: &str, measure: &str| {
        let asked = match kind {
            "figure" => {
                format!("[[figure]]\nkind = \"response\"\ny = [\"{measure}\"]\n")
            }
            "curve" => {
                format!("[[figure]]\nkind = \"learning-curve\"\ny = \"{measure}\"\n")
            }
            _ => format!("[hypothesis]\nmetric = \"{measure}\"\nstatement = \"dqn > 0.5\"\n"),
        };
        examination(&format!("environment = {{ door = [\"sealed\", \"open\"] }}\n{asked}"))
    };
    let evaluated = |environment: &str| {
        let text =
            SPEC.replace("episodes = 4", &format!("episodes = 4\nenvironment = {environment}"));
        load(&text).unwrap_err().to_string()
    };
    let shown = [
        message("[examination.door]\n"),
        message("[examination.\"door.open\"]\nepisodes = 5\n"),
        message("[examination.door]\nepisodes = 0\n"),
        examination("episode = 3\n"),
        examination("measure = []\n"),
        examination("measure = [\"plan\"]\n"),
        examination("weights = \"first\"\n"),
        examination("weights = []\n"),
        examination("weights = \"best\"\n"),
        examination("weights = 104\n"),
        examination("weights = 100\n[records]\nweights = \"each-evaluation\"\n"),
        examination("environment = { name = \"catch\" }\n"),
        examination("agent = { preset = \"dqn\" }\n"),
        examination("agent = { network.vector.channels = 8 }\n"),
        examination("environment = { beta = [1, 0.5, 1.0] }\n"),
        examination("environment = { doors = \"open\" }\n"),
        examination("environment = { door = [\"open\", \"ajar\"] }\n"),
        examination("environment = { door = [] }\n"),
        examination("environment = { observation = \"planes\" }\n"),
        examination("agent = { search.simulation = 3 }\n"),
        examination("agent = { search.simulations = -3 }\n"),
        of("hypothesis", "examination.doors.return"),
        of("hypothesis", "examination.door.return"),
        of("hypothesis", "examination.door[door=ajar].return"),
        of("hypothesis", "examination.door[door=open].values.gap"),
        of("figure", "examination.door[door=open].return"),
        of("figure", "return"),
        of("curve", "examination.door[door=open].return"),
        of("hypothesis", "examination.door[door=open].values.gab"),
        examination("[[figure]]\nkind = \"response\"\n"),
        examination("[[figure]]\nkind = \"learning-curve\"\ny = [\"return\", \"performance\"]\n"),
        of("figure", "examination.door.share.hacks"),
        evaluated("{ door = \"ajar\" }"),
        evaluated("{ observation = \"planes\" }"),
    ];
    insta::assert_snapshot!(shown.join("\n\n"));
}
