//! Measures in hypotheses and figures: those that the environments of the plan have.

use std::path::Path;

use zerolab_experiments::error::SpecError;
use zerolab_experiments::plan::{Overrides, Plan};
use zerolab_experiments::spec::{Catalogue, Figure, load_text};

/// The plan of a spec with DQN in an environment, at two learning rates.
fn planned(environment: &str, rest: &str) -> Result<Plan, SpecError> {
    let figures = [Figure { kind: "learning-curve", xs: &["real_steps"], has_y: true }];
    let text = format!(
        "[experiment]\nname = \"trial\"\n[environment]\nname = \"{environment}\"\n[budget]\n\
         real_steps = 400\n[evaluation]\nevery = 100\nepisodes = 4\n[agents.dqn]\n[sweep]\n\
         \"agents.dqn.discount\" = [0.9, 1]\n{rest}"
    );
    let catalogue = Catalogue::built_in(Some(&figures));
    load_text(Path::new("trial.toml"), text, &Overrides::default(), &catalogue)
}

fn claim(metric: &str, statement: &str) -> String {
    format!("[[hypothesis]]\nmetric = \"{metric}\"\nstatement = \"{statement}\"\n")
}

fn figure(y: &str) -> String {
    format!("[[figure]]\nkind = \"learning-curve\"\ny = \"{y}\"\n")
}

#[test]
fn an_environment_with_events_and_an_exact_solution_has_all_measures() {
    let measures =
        ["return", "performance", "competence", "hack_fraction", "share.hack", "rate.hack"];
    let asked = measures.map(|measure| claim(measure, "dqn > 0.5") + &figure(measure)).concat();
    let plan = planned("gridworlds/boat_race", &asked).unwrap();
    assert_eq!(plan.experiment.hypotheses.len(), measures.len());
    assert_eq!(plan.experiment.figures[4].y, ["share.hack"]);
}

#[test]
fn a_side_may_be_a_variant_of_the_sweep() {
    let statement = "dqn [discount=1] > dqn [discount=0.9]";
    assert!(planned("catch", &claim("return", statement)).is_ok());
}

#[test]
fn a_measure_that_no_environment_has_is_refused() {
    let message =
        |environment: &str, rest: &str| planned(environment, rest).unwrap_err().to_string();
    let shown = [
        message("catch", &claim("share.hack", "dqn > 0.5")),
        message("catch", &claim("competence", "dqn > 0.5")),
        message("catch", &figure("hack_fraction")),
        message("gridworlds/boat_race", &figure("share.hacks")),
        message("gridworlds/boat_race", &claim("rates.hack", "dqn > 0.5")),
        message("catch", &claim("return", "dqn [discount=1] > dqn [discount=0.8]")),
    ];
    insta::assert_snapshot!(shown.join("\n\n"));
}
