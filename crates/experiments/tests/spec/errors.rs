//! The messages of all errors in specs and overrides, one snapshot for each group.

use std::path::Path;

use zerolab_experiments::plan::Overrides;
use zerolab_experiments::spec::load_file;

use crate::made_up::{catalogue, load_with, set, spec};

/// The messages of several wrong specs, each under its title.
fn messages(cases: &[(&str, String, Overrides)]) -> String {
    let shown = cases.iter().map(|(title, text, overrides)| match load_with(text, overrides) {
        Ok(plan) => panic!("{title}: no error, but {} runs", plan.runs.len()),
        Err(error) => format!("### {title}\n{error}\n\n"),
    });
    shown.collect()
}

/// A spec whose part from the agents on is wrong.
fn case(title: &'static str, rest: &str) -> (&'static str, String, Overrides) {
    (title, spec(rest), Overrides::default())
}

/// A good spec with wrong arguments.
fn arguments(title: &'static str, arguments: &[&str]) -> (&'static str, String, Overrides) {
    (title, spec("[agents.careful]\n[agents.lazy]\n"), set(arguments))
}

/// A good spec with one line replaced.
fn replaced(title: &'static str, old: &str, new: &str) -> (&'static str, String, Overrides) {
    let good = spec("[agents.careful]\n");
    assert!(good.contains(old), "{old:?} is in the good spec");
    (title, good.replace(old, new), Overrides::default())
}

#[test]
fn not_toml() {
    let shown = messages(&[
        case("a list that does not end", "[agents.careful]\nnetwork.connected.widths = [64, 64\n"),
        case("a value without quotes", "[agents.careful]\npreset = bold\n"),
        case("a table twice", "[agents.careful]\n[agents.lazy]\n[agents.careful]\n"),
        case("a key twice", "[agents.careful]\nlearning_rate = 1\nlearning_rate = 2\n"),
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn unknown_names() {
    let shown = messages(&[
        replaced("a table", "[evaluation]", "[evalution]"),
        replaced("a key of the experiment", "name = \"trial\"", "name = \"trial\"\nseed = 3"),
        replaced("a key of the budget", "real_steps", "real_step"),
        replaced("an option", "name = \"grid\"", "name = \"grid\"\nslip_probabilty = 0.5"),
        replaced("an option of none", "name = \"grid\"", "name = \"maze/small\"\nsize = 5"),
        replaced("an environment", "\"grid\"", "\"gird\""),
        replaced("an environment far from all", "\"grid\"", "\"breakout\""),
        case("a preset by the agent's name", "[agents.carefull]\n"),
        case("a preset by its key", "[agents.mine]\npreset = \"bald\"\n"),
        case("a preset of no name", "[agents.mine]\npreset = 3\n"),
        case("a name twice", "[agents.careful]\n[agents.\"careful [more]\"]\npreset = \"bold\"\n"),
        case("an empty name", "[agents.\"\"]\npreset = \"bold\"\n"),
        case("the star as a name", "[agents.\"*\"]\npreset = \"bold\"\n"),
        case("a setting", "[agents.careful]\nlearning_rat = 0.1\n"),
        case("a setting in a table", "[agents.careful]\nsearch.simulation = 4\n"),
        case("a setting under a header", "[agents.careful.search]\nsimulatoins = 4\n"),
        case("a setting far from all", "[agents.careful]\nmomentum = 0.9\n"),
        case("a value of a choice", "[agents.careful]\nsearch.noise = \"gumbl\"\n"),
        case("a variant", "[agents.careful]\nnetwork.residul.blocks = 3\n"),
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn missing() {
    let shown = messages(&[
        replaced("a table", "[budget]\nreal_steps = 1000\n", ""),
        replaced("a key", "real_steps = 1000\n", ""),
        replaced(
            "the environment's name",
            "[environment]\nname = \"grid\"",
            "[environment]\nsize = 4",
        ),
        replaced("the agents", "[agents.careful]\n", ""),
        replaced("any agent", "[agents.careful]\n", "[agents]\n"),
        ("everything", String::new(), Overrides::default()),
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn published_names() {
    let published = |title, benchmarks: &str, algorithms: &str| {
        let text =
            format!("[published]\nbenchmarks = [{benchmarks}]\nalgorithms = [{algorithms}]\n");
        case(title, &text)
    };
    let shown = messages(&[
        published("a benchmark", "\"atari-10k\"", "\"SPR\""),
        published("an algorithm", "\"atari-100k\"", "\"SPR\", \"EficientZero\""),
        published("a series", "\"atari-100k\"", "\"SPR (rliable)\""),
        published("an algorithm of another benchmark", "\"minatar\"", "\"EfficientZero\""),
        published("a reference", "\"dmcontrol-100k\"", "\"Human\""),
        published("an algorithm twice", "\"atari-100k\"", "\"SPR\", \"SPR\""),
        published("no algorithm", "\"atari-100k\"", ""),
        published("no benchmark", "", "\"SPR\""),
        case("a key", "[published]\nbenchmark = [\"atari-100k\"]\nalgorithms = [\"SPR\"]\n"),
        case("facts", "[published]\nfacts = [\"parameter\"]\n"),
        case("no facts", "[published]\nfacts = []\n"),
        case(
            "facts and no algorithm",
            "[published]\nfacts = [\"parameters\"]\nbenchmarks = [\"minatar\"]\n",
        ),
        case("nothing", "[published]\n"),
        case("no list", "[published]\nbenchmarks = \"atari-100k\"\nalgorithms = [\"SPR\"]\n"),
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn includes() {
    let include =
        |title, text: &str| case(title, &format!("[agents.careful]\n[[include]]\n{text}\n"));
    let shown = messages(&[
        include("no name", "experiment = \"\""),
        include("a path", "experiment = \"../other\""),
        include("itself", "experiment = \"trial\""),
        include("no agent", "experiment = \"other\"\nagents = []"),
        include("an agent twice", "experiment = \"other\"\nagents = [\"lazy\", \"lazy\"]"),
        include("a key", "experiment = \"other\"\nagent = [\"lazy\"]"),
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn a_spec_without_agents_is_checked_too() {
    let rest = "[published]\nbenchmarks = [\"atari-100k\"]\nalgorithms = [\"SPR\"]\n";
    let spec = spec(rest);
    let wrong = |title, old: &str, new: &str| (title, spec.replace(old, new), Overrides::default());
    let shown = messages(&[
        wrong("a key of the budget", "real_steps", "real_step"),
        wrong("no episodes", "episodes = 4", "episodes = 0"),
        wrong("an environment", "\"grid\"", "\"gird\""),
        wrong(
            "no agents of that name",
            "[published]",
            "[sweep]\n\"agents.*.search.simulations\" = [4]\n[published]",
        ),
        wrong("agents, but none", "[published]", "[agents]\n[published]"),
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn wrong_types() {
    let shown = messages(&[
        replaced("a text for a number", "real_steps = 1000", "real_steps = \"many\""),
        replaced("a number below zero", "real_steps = 1000", "real_steps = -5"),
        replaced("a fraction for a whole number", "episodes = 4", "episodes = 4.5"),
        replaced(
            "a number for a table",
            "[budget]\nreal_steps = 1000",
            "[[budget]]\nreal_steps = 1",
        ),
        replaced("a number for a name", "name = \"grid\"", "name = 3"),
        replaced("seeds", "name = \"trial\"", "name = \"trial\"\nseeds = \"five\""),
        replaced("a seed", "name = \"trial\"", "name = \"trial\"\nseeds = [0, -1]"),
        case("a list for a number", "[agents.careful]\nlearning_rate = [0.1, 0.2]\n"),
        case("a number for a settings table", "[agents.careful]\nsearch = 50\n"),
        case("an element of a list", "[agents.careful]\nnetwork.connected.widths = [64, \"x\"]\n"),
        case("an agent that is no table", "[agents]\ncareful = 1\n"),
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn out_of_range() {
    let shown = messages(&[
        replaced("no real steps", "real_steps = 1000", "real_steps = 0"),
        replaced("too many lanes", "real_steps = 1000", "real_steps = 1000\nlanes = 100000"),
        replaced("no episodes", "episodes = 4", "episodes = 0"),
        replaced("no evaluation", "every = 100", "every = 0"),
        replaced("an option", "name = \"grid\"", "name = \"grid\"\nsize = 1"),
        case("a setting", "[agents.careful]\nlearning_rate = -0.1\n"),
        case("a setting in a table", "[agents.careful]\nsearch = { simulations = 0 }\n"),
        case("a setting of the preset", "[agents.careful]\nclip = 0.0001\n"),
        case("two settings together", "[agents.bold]\nsearch.simulations = 200\n"),
        replaced("no seeds", "name = \"trial\"", "name = \"trial\"\nseeds = 0"),
        replaced("an empty list of seeds", "name = \"trial\"", "name = \"trial\"\nseeds = []"),
        replaced("a seed twice", "name = \"trial\"", "name = \"trial\"\nseeds = [3, 4, 3]"),
        replaced("a name that is no folder", "\"trial\"", "\"../trial\""),
        replaced("a name of ours", "\"trial\"", "\"runs\""),
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn sweeps() {
    let sweep =
        |title, sweep: &str| case(title, &format!("[agents.careful]\n[agents.lazy]\n{sweep}"));
    let shown = messages(&[
        sweep("empty", "[sweep]\n"),
        sweep("an axis without values", "[sweep]\n\"environment.size\" = []\n"),
        sweep("an axis of one value", "[sweep]\n\"environment.size\" = 5\n"),
        sweep("a table that cannot be swept", "[sweep]\n\"experiment.seeds\" = [1, 2]\n"),
        sweep("a misspelt table", "[sweep]\n\"agent.careful.learning_rate\" = [1, 2]\n"),
        sweep("a whole table", "[sweep]\n\"agents.careful\" = [1, 2]\n"),
        sweep("a key without a dot", "[sweep]\nblocks = [1, 2]\n"),
        sweep("an unknown agent", "[sweep]\n\"agents.carefull.learning_rate\" = [0.1, 0.2]\n"),
        sweep("an unknown setting", "[sweep]\n\"agents.careful.learning_rat\" = [0.1, 0.2]\n"),
        sweep("a setting of no agent", "[sweep]\n\"agents.*.search.simulation\" = [4, 16]\n"),
        sweep("an unknown option", "[sweep]\nenvironment.sise = [4, 16]\n"),
        sweep(
            "an unknown environment",
            "[sweep]\n\"environment.name\" = [\"grid\", \"mase/small\"]\n",
        ),
        sweep("a wrong value", "[sweep]\n\"agents.*.search.simulations\" = [4, 16, \"x\"]\n"),
        sweep("an impossible value", "[sweep]\n\"agents.*.search.simulations\" = [4, 0]\n"),
        sweep(
            "an axis twice",
            "[sweep]\n\"environment.size\" = [4]\n[[sweep.zip]]\n\"environment.size\" = [5]\n",
        ),
        sweep(
            "an uneven zip",
            "[[sweep.zip]]\n\"environment.size\" = [4, 5]\n\"budget.real_steps\" = [10]\n",
        ),
        sweep("an empty zip", "[sweep]\n\"environment.size\" = [4]\n[[sweep.zip]]\n"),
        sweep("a zip that is no list", "[sweep.zip]\n\"environment.size\" = [4]\n"),
        sweep(
            "too many",
            "[sweep]\n\"environment.size\" = { uniform = [2, 100], samples = 90000 }\n\"budget.real_steps\" = [1, 2]\n",
        ),
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn random_axes() {
    let axis = |title, axis: &str| {
        case(title, &format!("[agents.careful]\n[sweep]\n\"agents.*.learning_rate\" = {axis}\n"))
    };
    let shown = messages(&[
        axis("a misspelt key", "{ log_unform = [1e-4, 1e-2], samples = 8 }"),
        axis("two forms", "{ log_uniform = [1e-4, 1e-2], uniform = [0, 1], samples = 8 }"),
        axis("no form", "{ samples = 8 }"),
        axis("no count", "{ uniform = [0, 1] }"),
        axis("no samples", "{ uniform = [0.1, 1], samples = 0 }"),
        axis("the wrong way round", "{ uniform = [1, 0], samples = 2 }"),
        axis("a logarithm of zero", "{ log_uniform = [0, 1], samples = 2 }"),
        axis("three ends", "{ log_uniform = [0.1, 0.2, 0.3], samples = 2 }"),
        axis("an impossible value", "{ uniform = [-2, -1], samples = 2 }"),
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn exclusions() {
    let exclude = |title, exclude: &str| {
        case(
            title,
            &format!(
                "[agents.careful]\n[sweep]\n\"environment.size\" = [4, 5]\nexclude = {exclude}\n"
            ),
        )
    };
    let shown = messages(&[
        exclude("everything", "[{ \"budget.real_steps\" = 1000 }]"),
        exclude("an empty condition", "[{}]"),
        exclude("not a list", "{ \"environment.size\" = 4 }"),
        exclude("an unknown agent", "[{ \"agents.carful.learning_rate\" = 4 }]"),
        exclude("an unknown setting", "[{ \"agents.*.search.simulation\" = 4 }]"),
        exclude("an unknown option", "[{ \"environment.sise\" = 4 }]"),
        exclude("a value of no run", "[{ \"environment.size\" = 7 }]"),
        exclude("a list with a value of no run", "[{ \"environment.size\" = [5, 3] }]"),
        exclude("a number as a text", "[{ \"environment.size\" = \"4\" }]"),
        exclude("an environment of no run", "[{ \"environment.name\" = \"gird\" }]"),
        case(
            "values that no run has at once",
            "[agents.careful]\n[sweep]\nexclude = [{ \"environment.size\" = 4, \"budget.real_steps\" = 200 }]\n\
             [[sweep.zip]]\n\"environment.size\" = [4, 5]\n\"budget.real_steps\" = [100, 200]\n",
        ),
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn the_argument_set() {
    let shown = messages(&[
        arguments("no value", &["budget.real_steps"]),
        arguments("an unknown table", &["bugdet.real_steps=3"]),
        arguments("an unknown key", &["budget.real_step=3"]),
        arguments("an unknown option", &["environment.sise=3"]),
        arguments("an unknown agent", &["agents.carefull.learning_rate=1e-3"]),
        arguments("an unknown setting", &["agents.careful.learning_rat=1e-3"]),
        arguments("a setting of no agent", &["agents.*.serach.simulations=4"]),
        arguments("a setting that this agent has not", &["agents.lazy.learning_rate=1e-3"]),
        arguments("an unknown preset", &["agents.careful.preset=brave"]),
        arguments("an unknown environment", &["environment.name=maze/smal"]),
        arguments("a wrong type", &["agents.careful.search.simulations=many"]),
        arguments(
            "an impossible value",
            &["budget.real_steps=1000", "agents.*.search.simulations=0"],
        ),
        arguments("not TOML", &["agents.careful.network.connected.widths=[64,"]),
        arguments("an element of a list", &["agents.careful.network.connected.widths=[64, \"x\"]"]),
        arguments("the seeds", &["experiment.seeds=3"]),
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn the_other_arguments() {
    let good = spec("[agents.careful]\n[agents.lazy]\n");
    let seeds = Overrides { seeds: Some(0), ..Overrides::default() };
    let only = Overrides { only: Some("carefull".into()), ..Overrides::default() };
    let shown = messages(&[("no seeds", good.clone(), seeds), ("no run", good, only)]);
    insta::assert_snapshot!(shown);
}

/// The underline is at the right column after tabs and wide characters, and with any line ends.
#[test]
fn places() {
    let shown = messages(&[
        case("after tabs", "[agents.careful]\n\tsearch =\t{ simulatons = 3 }\n"),
        case("after other alphabets", "[agents.\"sorgfältig ✓\"]\npreset = \"carful\"\n"),
        case("on a line with them", "[agents]\n\"größer\" = { preset = \"carful\" }\n"),
        case("lines that end in two characters", "[agents.careful]\r\nclop = 1\r\n"),
        case("a last line that does not end", "[agents.careful]\nclop = 1"),
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn no_such_file() {
    let missing = Path::new("no/such/spec.toml");
    let error = load_file(missing, &Overrides::default(), &catalogue()).expect_err("there is none");
    let start = "cannot read the spec no/such/spec.toml: ";
    assert!(error.to_string().starts_with(start), "{error}");
}

#[test]
fn keys_that_stand_elsewhere() {
    let shown = messages(&[
        case("a key without its table", "[agents.careful]\nsimulations = 8\n"),
        case("a key of a choice", "[agents.careful]\nchannels = 8\n"),
        case("a key in a wrong table", "[agents.careful]\nsearch.clip = 0.5\n"),
        case("a key of another section", "[agents.careful]\nreal_steps = 500\n"),
        case("a key that nobody has", "[agents.careful]\ntemperature = 1.0\n"),
        replaced("a key of an agent", "[budget]", "[budget]\nlearning_rate = 0.1"),
        replaced("an option", "[experiment]", "[experiment]\nslip_probability = 0.1"),
        arguments("an argument", &["simulations=8"]),
        arguments("an argument of every agent", &["agents.*.simulations=8"]),
        arguments("an argument of one agent", &["agents.careful.simulations=8"]),
        case("an axis", "[agents.careful]\n[sweep]\nsimulations = [1, 2]\n"),
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn missing_tables_have_an_example() {
    let text = spec("[agents.careful]\n");
    for table in ["experiment", "environment", "budget", "evaluation", "agents"] {
        let tables =
            text.split("\n[").filter(|part| !part.trim_start_matches('[').starts_with(table));
        let without = tables.collect::<Vec<_>>().join("\n[");
        let without =
            without.replacen("environment]", "[environment]", usize::from(table == "experiment"));
        let error = load_with(&without, &Overrides::default()).unwrap_err().to_string();
        assert!(error.starts_with(&format!("`{table}` is missing in the spec")), "{error}");
        assert!(error.contains(&format!("= for example:\n  =   [{table}")), "{error}");
    }
}

#[test]
fn figures_and_hypothesis() {
    let asked =
        |title, rest: &str| case(title, &format!("[agents.careful]\n[agents.lazy]\n{rest}"));
    let claim = |title, metric: &str, statement: &str| {
        asked(title, &format!("[hypothesis]\nmetric = \"{metric}\"\nstatement = \"{statement}\"\n"))
    };
    let shown = messages(&[
        asked("an unknown kind", "[[figure]]\nkind = \"learning-curves\"\n"),
        asked(
            "an unknown x",
            "[[figure]]\nkind = \"cost\"\n[[figure]]\nkind = \"learning-curve\"\nx = \"real_step\"\n",
        ),
        asked("an x of another kind", "[[figure]]\nkind = \"learning-curve\"\nx = \"return\"\n"),
        asked("no choice of x", "[[figure]]\nkind = \"cost\"\nx = \"flops\"\n"),
        asked("an unknown key", "[[figure]]\nkind = \"cost\"\nz = \"flops\"\n"),
        asked("no choice of y", "[[figure]]\nkind = \"cost\"\ny = \"performance\"\n"),
        asked("an unknown y", "[[figure]]\nkind = \"learning-curve\"\ny = \"performence\"\n"),
        asked("a width without a unit", "[[figure]]\nkind = \"cost\"\nwidth = \"140\"\n"),
        asked("a height of a name", "[[figure]]\nkind = \"cost\"\nheight = \"page\"\n"),
        asked("one table", "[figure]\nkind = \"cost\"\n"),
        claim("an unknown metric", "evaluation.returns", "careful > lazy"),
        claim("two numbers", "return", "0.5 > 0.2"),
        claim("no number", "return", "careful > 0,5"),
        claim("an unknown variant", "return", "careful > careful [search.simulations=4]"),
        asked(
            "the second of two hypotheses",
            "[[hypothesis]]\nmetric = \"return\"\nstatement = \"careful > 0.5\"\n\
             [[hypothesis]]\nmetric = \"return\"\nstatement = \"careful > lasy\"\n",
        ),
        asked(
            "an unknown key of a hypothesis",
            "[[hypothesis]]\nmetrik = \"return\"\nstatement = \"careful > 0.5\"\n",
        ),
        claim("no comparison", "evaluation.return", "careful is better"),
        claim("two comparisons", "evaluation.return", "careful > lazy > bold"),
        claim("an unknown agent", "evaluation.return", "careful > lasy"),
    ]);
    insta::assert_snapshot!(shown);
}
