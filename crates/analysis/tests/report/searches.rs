//! Figures of searches over several settings.

use crate::figures::{assert_well_formed, data_of};
use crate::report_on;
use crate::synthetic::{ResultsFolder, SyntheticRun, finished_run};

const SIMULATIONS: &str = "agents.*.search.simulations";
const UNROLL: &str = "agents.*.unroll_steps";
const RATE: &str = "agents.*.learning_rate";
const TARGET: &str = "agents.*.target";
const CATCH_ROWS: &str = "environment.rows";

type Axes = Vec<(&'static str, &'static str)>;

/// Adds 4 seeds with the interquartile mean `middle`.
fn add(folder: &mut ResultsFolder, agent: &'static str, axes: &Axes, middle: f64) {
    for (seed, beside) in (0..).zip([-0.5, -0.25, 0.25, 0.5]) {
        let axes = axes.clone();
        folder
            .add(&SyntheticRun { axes, ..finished_run("catch", agent, seed, &[middle + beside]) });
    }
}

/// Simulations crossed with unroll steps, the last pair unfinished; the random agent has neither setting.
fn crossed() -> ResultsFolder {
    let mut folder = ResultsFolder::new();
    add(&mut folder, "random", &Vec::new(), -3.0);
    for (up, unroll) in ["10", "5"].into_iter().enumerate() {
        for (along, simulations) in ["4", "16", "128"].into_iter().enumerate() {
            let axes = vec![(SIMULATIONS, simulations), (UNROLL, unroll)];
            if (along, up) == (2, 1) {
                folder.plan(&SyntheticRun { axes, ..finished_run("catch", "muzero", 0, &[]) });
            } else {
                add(&mut folder, "muzero", &axes, along as f64 - 10.0 * up as f64);
            }
        }
    }
    folder
}

/// Six random draws of two numbers and a name; the fourth is the best.
fn drawn() -> ResultsFolder {
    let mut folder = ResultsFolder::new();
    let rates = ["1.23456e-5", "0.000316", "0.00214", "0.0001", "0.0046", "0.000562341"];
    let rows = ["5", "7", "9", "6", "8", "10"];
    for (place, (rate, rows)) in rates.into_iter().zip(rows).enumerate() {
        let target = ["\"soft\"", "\"hard\"", "\"none\""][place % 3];
        let axes = vec![(RATE, rate), (CATCH_ROWS, rows), (TARGET, target)];
        add(&mut folder, "muzero", &axes, 4.0 - (place as f64 - 3.0).abs());
    }
    folder
}

/// The texts of an SVG, each as `(x, y, text)`.
fn words(svg: &str) -> Vec<(i32, i32, &str)> {
    let texts = svg.split("<text ").skip(1).map(|text| {
        let number = |name: &str| {
            let (_, rest) = text.split_once(&format!("{name}=\"")).expect("an attribute");
            rest.split_once('"').expect("its end").0.parse().expect("a number")
        };
        let (_, word) = text.split_once('>').expect("a text");
        (number("x"), number("y"), word.split_once("</text>").expect("its end").0.trim())
    });
    texts.collect()
}

#[track_caller]
fn place_of(words: &[(i32, i32, &str)], word: &str) -> (i32, i32) {
    let found = words.iter().find(|(_, _, other)| *other == word);
    found.map(|(x, y, _)| (*x, *y)).unwrap_or_else(|| panic!("no `{word}` in {words:?}"))
}

#[test]
fn a_heat_map_shows_each_pair_of_values_in_order_and_dashes_where_nothing_has_finished() {
    let mut folder = crossed();
    folder.figure("heat-map", "");
    report_on(&folder);
    insta::assert_snapshot!("heat_map.csv", data_of(&folder, "heat-map"));
    let svg = folder.text("figures/heat-map.svg");
    let words = words(&svg);
    let at = |word| place_of(&words, word);
    // Values along x are in numerical order, although "128" < "16" as text; greater values of y are above.
    assert!(at("4").0 < at("16").0 && at("16").0 < at("128").0);
    assert!(at("10").1 < at("5").1);
    assert!(words.iter().any(|(_, _, word)| *word == "sims →"), "{words:?}");
    assert!(words.iter().any(|(_, _, word)| *word == "↑ unroll_steps"), "{words:?}");
    // The score of (4, 5) is in the right cell, and so is the dash of (128, 5).
    assert_eq!(at("-10"), (at("4").0, at("5").1));
    assert_eq!(at("–"), (at("128").0, at("5").1));
    // The greatest score is dark with light text, the least is light with dark text that dark mode does not
    // change.
    let line = |word: &str| svg.split("<text ").find(|text| text.contains(&format!("\n{word}\n")));
    assert!(line("2").expect("a cell").contains("fill=\"#FFFFFF\""));
    assert!(line("-10").expect("a cell").contains("fill=\"#010101\""));
}

#[test]
fn a_pair_of_settings_has_a_panel_for_each_value_of_a_third() {
    let mut folder = ResultsFolder::new();
    for rows in ["5", "10"] {
        for simulations in ["2", "16"] {
            for unroll in ["3", "5", "7"] {
                let axes = vec![(SIMULATIONS, simulations), (UNROLL, unroll), (CATCH_ROWS, rows)];
                add(&mut folder, "muzero", &axes, 1.0);
            }
        }
    }
    folder.figure("heat-map", "");
    report_on(&folder);
    let data = data_of(&folder, "heat-map");
    // Each of three pairs has all 12 groups, in one panel per value of the third setting.
    assert_eq!(data.lines().count(), 1 + 3 * 12);
    for panel in
        ["catch [rows=5]: search.simulations, unroll_steps=7", "catch: search.simulations, rows=5"]
    {
        assert!(data.contains(panel), "{panel}\n{data}");
    }
    assert!(data.contains("muzero [search.simulations=16]"), "{data}");
}

#[test]
fn lines_of_a_search_go_through_its_settings_to_its_scores() {
    let mut folder = drawn();
    folder.figure("parallel", "");
    report_on(&folder);
    insta::assert_snapshot!("parallel.csv", data_of(&folder, "parallel"));
    let svg = folder.text("figures/parallel.svg");
    let words = words(&svg);
    let at = |word| place_of(&words, word);
    // Options of the environment are axes too. Axes end at the values tried; long numbers are rounded.
    for word in ["rows", "lr (log)", "target", "final return", "5", "10", "1.23e-5", "0.0046"] {
        at(word);
    }
    // Names are evenly spaced, in alphabetical order from below.
    let heights = ["hard", "none", "soft"].map(|name| at(name).1);
    assert_eq!(heights[0] - heights[1], heights[1] - heights[2]);
    assert!(heights[0] > heights[1]);
    // The best is drawn last: the last line has the dark end of the colour scale.
    let last = svg.rsplit("<polyline ").find(|line| line.contains("stroke-width=\"7\""));
    assert!(last.expect("a line").contains("#440154"));
}

#[test]
fn names_of_settings_do_not_overlap() {
    let mut folder = ResultsFolder::new();
    let keys = [
        "agents.*.reanalyse.of_the_oldest_quarter.share_of_fresh_targets",
        "agents.*.search.root_exploration_fraction",
        "agents.*.x",
        "agents.*.optimiser.learning_rate_of_the_last_layer",
        "environment.rows",
    ];
    for value in ["1", "2"] {
        add(&mut folder, "muzero", &keys.map(|key| (key, value)).to_vec(), 1.0);
    }
    folder.figure("parallel", "");
    report_on(&folder);
    let svg = folder.text("figures/parallel.svg");
    assert_well_formed(&svg);
    let words = words(&svg);
    let names = words.iter().filter(|(_, _, word)| {
        let word = word.trim_end_matches(" (log)");
        keys.iter().any(|key| key.ends_with(&format!(".{word}")))
    });
    let mut names: Vec<_> = names.collect();
    assert_eq!(names.len(), keys.len(), "{words:?}");
    names.sort_unstable();
    for (place, (x, y, name)) in names.iter().enumerate() {
        // Characters are wider than 18 pixels on average: a name that reaches the next one must stand above
        // it.
        let end = x + 18 * name.len() as i32;
        for (other_x, other_y, other) in &names[place + 1..] {
            assert!(end < *other_x || y < other_y, "{name} lies over {other}");
        }
    }
}

#[test]
fn what_is_no_search_is_not_drawn_for_a_stated_reason() {
    let mut reasons = Vec::new();
    let mut judge = |what: &str, mut folder: ResultsFolder| {
        folder.figure("heat-map", "");
        folder.figure("parallel", "");
        report_on(&folder);
        let page = folder.text("report.html");
        let lines = page.lines().filter(|line| line.contains("Not drawn:"));
        reasons.push(format!("{what}\n{}", lines.collect::<Vec<_>>().join("\n")));
    };
    let mut one = ResultsFolder::new();
    for simulations in ["2", "16"] {
        add(&mut one, "muzero", &vec![(SIMULATIONS, simulations)], 1.0);
    }
    judge("one setting", one);
    let mut planned = ResultsFolder::new();
    for value in ["2", "16"] {
        let axes = vec![(SIMULATIONS, value), (UNROLL, value)];
        planned.plan(&SyntheticRun { axes, ..finished_run("catch", "muzero", 0, &[]) });
    }
    judge("nothing finished", planned);
    let mut single = ResultsFolder::new();
    add(&mut single, "muzero", &vec![(SIMULATIONS, "2"), (UNROLL, "3")], 1.0);
    judge("one choice", single);
    judge("a random search", drawn());
    let mut many = ResultsFolder::new();
    for bits in 0..32 {
        let value = |place: usize| if bits >> place & 1 == 0 { "1" } else { "2" };
        let keys = [SIMULATIONS, UNROLL, RATE, CATCH_ROWS, "agents.*.clip"];
        let axes = keys.iter().enumerate().map(|(place, key)| (*key, value(place))).collect();
        many.add(&SyntheticRun { axes, ..finished_run("catch", "muzero", 0, &[1.0]) });
    }
    judge("five settings crossed", many);
    insta::assert_snapshot!("not_drawn", reasons.join("\n\n"));
}
