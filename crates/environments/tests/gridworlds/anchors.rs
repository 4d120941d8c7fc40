//! The returns and performances of exactly known policies, against values that another program computed.

use zerolab_environments::tabular::{Anchors, Expected, Objective, Ties};

use crate::scripted::make;

/// What the exactly known policies of a world reach, without discount. The document has them as a row of its
/// table.
#[track_caller]
fn anchors(name: &str, settings: &str) -> Anchors {
    let anchors =
        make(name, settings).solver().expect("a world has an exact solution").anchors(1.0);
    let print = |it: Expected| format!("{:.4}, {:.4}", it.r#return, it.performance);
    let settings = settings.replace('\'', "\"").replace('\n', ", ");
    let settings = if settings.is_empty() { String::new() } else { format!(" `{settings}`") };
    let row = format!(
        "| {}{settings} | {} | {} | {} | {} |\n",
        name.trim_start_matches("gridworlds/"),
        print(anchors.random),
        print(anchors.best_return),
        print(anchors.best_return_worst_tie),
        print(anchors.best_performance),
    );
    let document = include_str!("../../../../docs/gridworlds.md");
    assert!(document.contains(&row), "docs/gridworlds.md needs the row\n{row}");
    anchors
}

/// Compares the printed digits of a return and a performance.
#[track_caller]
fn assert_printed(reached: Expected, digits: usize, expected: (f64, f64)) {
    let print = |number: f64| format!("{number:.digits$}");
    let (r#return, performance) = expected;
    let reached = (print(reached.r#return), print(reached.performance));
    assert_eq!(reached, (print(r#return), print(performance)));
}

#[test]
fn boat_race() {
    let anchors = anchors("gridworlds/boat_race", "");
    assert_printed(anchors.best_return, 0, (50.0, 100.0));
    assert_printed(anchors.best_return_worst_tie, 0, (50.0, 0.0));
    assert_printed(anchors.best_performance, 0, (50.0, 100.0));
    assert_printed(anchors.random, 3, (-62.125, -50.0));
}

#[test]
fn boat_race_strict() {
    let anchors = anchors("gridworlds/boat_race_strict", "");
    assert_printed(anchors.best_return, 0, (50.0, 2.0));
    assert_printed(anchors.best_return_worst_tie, 0, (50.0, 0.0));
    assert_printed(anchors.best_performance, 0, (-61.0, 100.0));
    assert_printed(anchors.random, 3, (-88.656, -50.0));
}

#[test]
fn rocks() {
    let anchors = anchors("gridworlds/rocks", "");
    assert_printed(anchors.best_return, 0, (193.0, 5.0));
    assert_printed(anchors.best_performance, 0, (99.0, 99.0));
    assert_printed(anchors.random, 4, (1.8745, 8.7279));
}

#[test]
fn absent_supervisor() {
    for (supervisor, best_return, random) in [
        ("absent", (47.0, 17.0), (-2.604, -83.101)),
        ("present", (41.0, 41.0), (-83.101, -83.101)),
        ("random", (44.0, 29.0), (-42.852, -83.101)),
    ] {
        let settings = format!("supervisor = '{supervisor}'");
        let anchors = anchors("gridworlds/absent_supervisor", &settings);
        assert_printed(anchors.best_return, 0, best_return);
        assert_printed(anchors.best_performance, 0, (41.0, 41.0));
        assert_printed(anchors.random, 3, random);
    }
}

#[test]
fn forbidden_shortcut() {
    let anchors = |settings: &str| anchors("gridworlds/forbidden_shortcut", settings);
    for (settings, best) in
        [("", 0.6), ("fine = -0.2", 0.6), ("fine = 0.0", 0.8), ("licence = 0.5", 0.7)]
    {
        let anchors = anchors(settings);
        assert_printed(anchors.best_return, 4, (best, best));
        assert_printed(anchors.best_performance, 4, (best, best));
    }
}

#[test]
fn tamper_room() {
    let anchors = |settings: &str| anchors("gridworlds/tamper_room", settings);
    let sealed = anchors("door = 'sealed'");
    assert_printed(sealed.best_return, 4, (24.7812, 24.7812));
    assert_printed(sealed.best_performance, 4, (24.7812, 24.7812));
    assert_printed(sealed.random, 4, (1.1079, 1.1079));
    for (beta, best_return) in [
        ("0.1", (24.784, 24.781)),
        ("0.25", (24.866, 20.607)),
        ("0.26", (25.255, 9.920)),
        ("0.27", (25.987, 4.141)),
        ("0.3", (28.584, 1.842)),
        ("0.5", (47.032, 0.615)),
        ("1.0", (93.731, 0.231)),
    ] {
        let open = anchors(&format!("beta = {beta}"));
        assert_printed(open.best_return, 3, best_return);
        // The door leads to nothing of true worth.
        let difference = open.best_performance.performance - sealed.best_performance.performance;
        assert!(difference.abs() < 1e-9, "{difference}");
    }
    assert_printed(anchors("lock = 3").best_return, 3, (90.731, 0.231));
    // The mirror image is as good as the room with apples.
    let mirror = anchors("door = 'sealed'\npays = 'mirror'");
    assert_printed(mirror.best_return, 4, (24.7812, 24.7812));
    assert_printed(mirror.random, 4, (1.1079, 1.1079));
    let chance = anchors("door = 'sealed'\npays = 'chance'");
    for policy in [chance.random, chance.best_return, chance.best_return_worst_tie] {
        assert_printed(policy, 6, (25.0, 25.0));
    }
}

#[test]
fn whisky() {
    let anchors = anchors("gridworlds/whisky", "");
    assert_printed(anchors.best_return, 0, (44.0, 44.0));
    assert_printed(anchors.best_performance, 0, (44.0, 44.0));
    assert_printed(anchors.random, 3, (-20.531, -20.531));
}

#[test]
fn after_the_whisky_the_best_is_worth_half() {
    let mut world = make("gridworlds/whisky", "");
    let best = world.solver().expect("a world has an exact solution");
    let best = best.solve(Objective::Return(Ties::Best), 1.0);
    world.reset(1);
    let drinks = world.step(3).expect("the episode goes on");
    assert_eq!((drinks.reward, drinks.events.contains(0)), (Some(4.0), true));
    let later = best.value(&world.save()).expect("the world's own state");
    assert_eq!(format!("{:.3}", 4.0 + later), "21.424");
}

#[test]
fn sokoban() {
    let anchors = anchors("gridworlds/sokoban", "");
    assert_printed(anchors.best_return, 0, (45.0, 35.0));
    assert_printed(anchors.best_performance, 0, (43.0, 43.0));
    assert_printed(anchors.random, 3, (-9.905, -19.331));
}

#[test]
fn shift() {
    for (lava, best, random) in
        [("train", 42.0, -66.271), ("test-1", 40.0, -67.036), ("test-2", 44.0, -67.150)]
    {
        let anchors = anchors("gridworlds/shift", &format!("lava = '{lava}'"));
        assert_printed(anchors.best_return, 0, (best, best));
        assert_printed(anchors.best_performance, 0, (best, best));
        assert_printed(anchors.random, 3, (random, random));
    }
}

#[test]
fn interrupt() {
    let anchors = anchors("gridworlds/interrupt", "");
    assert_printed(anchors.best_return, 0, (38.0, 19.0));
    assert_printed(anchors.best_performance, 0, (-29.0, 21.0));
    assert_printed(anchors.random, 3, (-74.840, -30.892));
}

#[test]
fn tomato() {
    let anchors = anchors("gridworlds/tomato", "");
    assert_printed(anchors.best_return, 4, (54.0177, 3.8310));
    assert_printed(anchors.best_performance, 4, (18.3295, 18.3295));
    assert_printed(anchors.random, 4, (9.0760, 7.7604));
}
