//! `[[phase]]`: the task changes during a run.

use serde_json::Value;

use crate::harness::Lab;

/// Agents with and without a replay buffer in a task that changes twice; the last phase ends with updates alone.
pub const PHASES: &str = "\
[experiment]
name = \"phases\"
retries = 1000

[environment]
name = \"gridworlds/forbidden_shortcut\"
observation = \"vector\"

[[phase]]
real_steps = 400

[[phase]]
real_steps = 200
environment = { licence = 1.0, licensed = 0.5 }
updates = 30

[[phase]]
real_steps = 300
environment = { fine = 0.5 }
replay = \"forget\"
reset = [\"all\"]
updates = 50

[budget]
lanes = 4

[evaluation]
every = 150
episodes = 2

[checkpoint]
every = 30

[agents.efficientzero]
training.learning_starts = 100
[agents.dqn]
learning_starts = 100
[agents.random]
";

/// A spec with one agent and these phases.
fn with_phases(agent: &str, phases: &str) -> String {
    format!(
        "[experiment]\nname = \"one\"\n[environment]\nname = \"gridworlds/forbidden_shortcut\"\n\
         observation = \"vector\"\n{phases}\n[evaluation]\nevery = 150\nepisodes = 2\n[agents.{agent}]\n"
    )
}

fn number(record: &Value, field: &str) -> u64 {
    record[field].as_u64().unwrap()
}

#[test]
fn each_phase_has_its_environment_and_its_updates() {
    let lab = Lab::new(PHASES);
    lab.succeed("run spec.toml");
    let records = lab.records(&lab.run_id("efficientzero"));
    let of_kind = |kind: &'static str| records.iter().filter(move |record| record["kind"] == kind);
    let begins: Vec<(u64, u64)> =
        of_kind("phase").map(|it| (number(it, "real_steps"), number(it, "phase"))).collect();
    assert_eq!(begins, [(400, 2), (600, 3)]);
    // An evaluation at the end of each phase's steps, after its updates, and at the start of the next phase.
    let evaluations: Vec<u64> = of_kind("evaluation").map(|it| number(it, "real_steps")).collect();
    assert_eq!(evaluations, [152, 300, 400, 400, 452, 600, 600, 600, 752, 900, 900]);
    // A quarter of an update for each real step after 100; in phase 3 there is no experience at the start.
    let updates = |at: u64| {
        let there = records.iter().filter(|it| number(it, "real_steps") == at);
        there.map(|it| number(it, "updates")).max().unwrap()
    };
    assert_eq!([updates(400), updates(600)], [75, 125 + 30]);
    assert_eq!(updates(900), 125 + 30 + 50 + 50);
    // Licences are seen in phase 2 alone.
    let licences = |from: u64, to: u64| -> u64 {
        let there =
            of_kind("episode").filter(|it| (from + 1..=to).contains(&number(it, "real_steps")));
        there.map(|it| number(&it["events"], "licence")).sum()
    };
    assert_eq!((licences(0, 400), licences(600, 900)), (0, 0));
    assert!(licences(400, 600) > 0);
    // The steps of all episodes are those of the run, but for the episodes that are open at its end.
    let steps = |to: u64| -> u64 {
        let ended = of_kind("episode").filter(|it| number(it, "real_steps") <= to);
        ended.map(|it| number(it, "length")).sum()
    };
    assert_eq!((steps(400), steps(600)), (400, 600));
    let account = of_kind("cost").next_back().unwrap();
    assert_eq!(number(&account["phases"]["learning"], "updates"), updates(900));
    let planned = lab.json("plan spec.toml --json");
    let forecast = planned["forecast"].as_array().unwrap();
    let of_agent = forecast.iter().find(|it| it["agent"] == "efficientzero").unwrap();
    assert_eq!(of_agent["summary"]["forecast"]["learning"]["updates"], updates(900));
}

#[test]
fn one_phase_is_a_plain_run() {
    let ids = |phases: &str| {
        let lab = Lab::new(&with_phases("dqn", phases));
        lab.succeed("run spec.toml");
        let id = lab.run_ids().remove(0);
        (lab.records(&id), id)
    };
    let plain = ids("fine = -0.5\n[budget]\nreal_steps = 600");
    let phased = ids("[[phase]]\nreal_steps = 600\nenvironment = { fine = -0.5 }");
    assert_eq!(plain, phased);
    let with_updates = "[[phase]]\nreal_steps = 600\nenvironment = { fine = -0.5 }\nupdates = 1";
    assert_ne!(ids(with_updates).1, plain.1);
}

/// The file of a run is a spec of this run.
#[test]
fn the_file_of_a_run_plans_the_same_run() {
    let lab = Lab::new(PHASES);
    lab.succeed("run spec.toml --only dqn");
    let id = lab.run_id("dqn");
    let planned = lab.json(&format!("plan results/runs/{id}/run.toml --json"));
    assert_eq!(planned["runs"][0]["id"], Value::from(id.clone()));
    // Evaluated later, the agent is in the environment of the last phase.
    lab.succeed(&format!("evaluate {id} --episodes 3"));
    lab.succeed(&format!("evaluate {id} --episodes 3 --set environment.licence=1.0"));
}

#[test]
fn phases_that_cannot_be_are_refused_before_anything_starts() {
    let refused = |agent: &str, phases: &str, arguments: &str| {
        let lab = Lab::new(&with_phases(agent, phases));
        let ran = lab.run(&format!("plan spec.toml {arguments}"));
        assert_ne!(ran.code, Some(0), "{phases}");
        ran.err.replace(&lab.path("").display().to_string(), "")
    };
    let two = "[[phase]]\nreal_steps = 400\n[[phase]]\nreal_steps = 200\n";
    let errors = [
        refused("dqn", &format!("{two}[budget]\nreal_steps = 600"), ""),
        refused("dqn", "[[phase]]\nreal_steps = 401\n[[phase]]\nreal_steps = 200", ""),
        refused("dqn", "[[phase]]\nreal_steps = 400\nreplay = \"forget\"", ""),
        refused("dqn", "[[phase]]\nreal_steps = 0", ""),
        refused("dqn", &format!("{two}environment = {{ observation = \"planes\" }}"), ""),
        refused("dqn", &format!("{two}environment = {{ fines = 1.0 }}"), ""),
        refused("dqn", &format!("{two}reset = [\"reward\"]"), ""),
        refused("ppo", &format!("{two}updates = 10"), ""),
        refused("dqn", two, "--set phase.3.real_steps=100"),
        refused("dqn", two, "--set phase.last.real_steps=100"),
        refused("dqn", two, "--set budget.real_steps=100"),
        refused("dqn", "", ""),
    ];
    insta::assert_snapshot!(errors.join("\n"));
}

/// Phases can be swept, and a figure and a hypothesis ask for the half-life of what an agent did at the change.
#[test]
fn half_lives_are_compared_and_lines_show_where_a_phase_begins() {
    let lab = Lab::new(
        "[experiment]\nname = \"rule\"\nseeds = 5\n\
         [environment]\nname = \"gridworlds/forbidden_shortcut\"\nobservation = \"vector\"\n\
         [[phase]]\nreal_steps = 40\n\
         [[phase]]\nreal_steps = 400\nenvironment = { licence = 1.0 }\n\
         [evaluation]\nevery = 40\nepisodes = 4\n\
         [agents.random]\n\
         [agents.optimal]\n\
         [sweep]\n\"phase.1.real_steps\" = [40, 80]\n\
         [[hypothesis]]\nmetric = \"half_life.breach\"\nstatement = \"random > -1\"\n\
         [[hypothesis]]\nmetric = \"steps_until[return>=-5]\"\nstatement = \"optimal < 1\"\n\
         [[figure]]\nkind = \"sweep-response\"\ny = \"half_life.breach\"\n\
         [[figure]]\nkind = \"learning-curve\"\nx = \"real_steps\"\ny = \"rate.breach\"\n",
    );
    let ran = lab.succeed("run spec.toml");
    assert!(ran.out.contains("holds"), "{}", ran.out);
    let page = lab.read("results/rule/report.html");
    assert!(page.contains("a further phase of the training begins"), "no lines");
    assert!(page.contains("half-life of breach (real steps)"));
}
