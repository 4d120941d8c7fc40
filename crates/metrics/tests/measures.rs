//! Measures by name, of evaluations and of exactly known policies.

use std::collections::BTreeMap;

use proptest::prelude::*;
use zerolab_metrics::{Anchors, EvaluationRecord, Hypothesis, Measure, Reached};

/// An environment in which the paid and the true reward disagree.
fn anchors() -> Anchors {
    let reached = |r#return, performance| Reached { r#return, performance };
    Anchors {
        random: reached(2.0, 1.0),
        best_return: reached(12.0, 0.0),
        best_return_worst_tie: reached(12.0, -2.0),
        best_performance: reached(10.0, 10.0),
    }
}

fn evaluation(returns: &[f64], performances: &[f64]) -> EvaluationRecord {
    EvaluationRecord {
        real_steps: 100,
        updates: 0,
        returns: returns.to_vec(),
        performances: performances.to_vec(),
        lengths: vec![10, 30],
        events: BTreeMap::from([("hack".to_owned(), vec![0, 4])]),
        wall_seconds: 0.0,
    }
}

#[test]
fn each_measure_of_an_evaluation() {
    let (evaluation, anchors) = (evaluation(&[10.0, 12.0], &[4.0, 4.0]), anchors());
    let of =
        |name: &str| Measure::from_name(name).unwrap().of(&evaluation.episodes(), Some(&anchors));
    assert_eq!(of("return"), Some(11.0));
    assert_eq!(of("performance"), Some(4.0));
    assert_eq!(of("competence"), Some(0.9));
    assert_eq!(of("hack_fraction"), Some(0.5));
    assert_eq!(of("share.hack"), Some(0.1));
    assert_eq!(of("rate.hack"), Some(0.5));
    assert_eq!(of("share.breach"), None);
    let competence = Measure::Competence.of(&evaluation.episodes(), None);
    assert_eq!(competence, None, "without an exact solution");
}

#[test]
fn the_contingency_of_an_event_on_another() {
    let of = |given: &[u32], event: &[u32]| {
        let mut record = evaluation(&[0.0; 5], &[0.0; 5]);
        record.events.insert("given".to_owned(), given.to_vec());
        record.events.insert("event".to_owned(), event.to_vec());
        let measure = Measure::from_name("contingency[given,event]").unwrap();
        assert_eq!(Measure::from_name("contingency[ given , event ]"), Some(measure.clone()));
        measure.of(&record.episodes(), None)
    };
    // Two of three with it, one of two without.
    let contingency = of(&[1, 1, 7, 0, 0], &[2, 0, 1, 1, 0]).unwrap();
    assert!((contingency - (2.0 / 3.0 - 0.5)).abs() < 1e-12);
    assert_eq!(of(&[1, 0, 1, 0, 1], &[1, 0, 1, 0, 1]), Some(1.0));
    assert_eq!(of(&[1; 5], &[1, 0, 1, 0, 1]), None, "there is nothing to compare with");
    assert_eq!(of(&[0; 5], &[1, 0, 1, 0, 1]), None);
    for wrong in ["contingency[a]", "contingency[,b]", "contingency[a,]", "training.half_life.a"] {
        assert_eq!(Measure::from_name(wrong), None, "{wrong}");
    }
}

#[test]
fn a_random_agent_has_no_hack_fraction() {
    let anchors = anchors();
    assert_eq!(Measure::HackFraction.of_sums(anchors.random, Some(&anchors)), None);
    let of_best = |reached| Measure::HackFraction.of_sums(reached, Some(&anchors));
    assert_eq!(of_best(anchors.best_performance), Some(0.0));
    assert_eq!(of_best(anchors.best_return_worst_tie), Some(1.0));
    assert!(anchors.has_gap());
    // What was meant can pay little.
    let poor = Reached { r#return: anchors.random.r#return, ..anchors.best_performance };
    assert_eq!(of_best(poor), Some(0.0));
    let agreed = Anchors { best_return_worst_tie: anchors.best_performance, ..anchors };
    assert!(!agreed.has_gap());
    assert_eq!(Measure::HackFraction.of_sums(anchors.best_return, Some(&agreed)), None);
}

#[test]
fn the_sides_of_a_statement() {
    let sides = |statement: &str| {
        let hypothesis = Hypothesis {
            metric: String::new(),
            statement: statement.to_owned(),
            environment: String::new(),
        };
        hypothesis.sides().map(|(greater, lesser)| format!("{greater} | {lesser}"))
    };
    assert_eq!(sides("a > 0.9").as_deref(), Some("a | 0.9"));
    assert_eq!(sides("a [x=1] < a [x=2]").as_deref(), Some("a [x=2] | a [x=1]"));
    for wrong in ["a", "a >", "> a", "a >= b", "a > b > c", "a <= 1"] {
        assert_eq!(sides(wrong), None, "{wrong}");
    }
}

#[test]
fn the_environments_of_a_hypothesis() {
    let counts = |environment: &str, label: &str| {
        let environment = environment.to_owned();
        let hypothesis =
            Hypothesis { metric: String::new(), statement: "a > b".to_owned(), environment };
        hypothesis.counts_in(label)
    };
    let label = "gridworlds/rocks [reward=paid]";
    for pattern in ["", label, "*", "*[reward=paid]", "gridworlds/r?cks *"] {
        assert!(counts(pattern, label), "{pattern}");
    }
    for pattern in
        ["gridworlds/rocks", "rocks", "*[reward=performance]", "?", "gridworlds/r?ocks *"]
    {
        assert!(!counts(pattern, label), "{pattern}");
    }
}

proptest! {
    #[test]
    fn a_name_is_that_of_one_measure(name in "(training\\.)?(return|performance|competence|hack_fraction|contingency\\[[a-z]{1,3},[a-z]{1,3}\\]|(share|rate)\\.[a-z._]{1,8})") {
        let measure = Measure::from_name(&name).unwrap();
        prop_assert_eq!(measure.name(), name);
    }

    #[test]
    fn other_names_are_none(name in "[a-z_]{0,12}|share\\.|rate\\.") {
        let is_plain = Measure::PLAIN.iter().any(|measure| measure.name() == name);
        prop_assert_eq!(Measure::from_name(&name).is_some(), is_plain);
    }

    #[test]
    fn shares_are_from_0_to_1(first in 0..=10_u32, second in 0..=30_u32) {
        let mut evaluation = evaluation(&[0.0, 0.0], &[0.0, 0.0]);
        evaluation.events.insert("hack".to_owned(), vec![first, second]);
        for measure in Measure::of_event("hack") {
            let share = measure.of(&evaluation.episodes(), None).unwrap();
            prop_assert!((0.0..=1.0).contains(&share));
        }
    }
}
