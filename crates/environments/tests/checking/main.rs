//! The check finds what is wrong with an environment under the right rule, and blames nothing else.

mod faulty;

use faulty::{Fault, make};
use zerolab_environments::checking::{Checkup, Effort, Outcome, Rule, check};

fn checked(fault: Fault) -> Checkup {
    check(&|| make(fault), &Effort { steps: 3_000, time: None, seed: 0 })
}

fn outcome(checkup: &Checkup, rule: Rule) -> Outcome {
    checkup.findings.iter().find(|finding| finding.rule == rule).unwrap().outcome
}

#[test]
fn an_environment_that_keeps_every_rule_passes() {
    let checkup = checked(Fault::None);
    let expected = |rule: Rule| match rule {
        Rule::Turns => Outcome::NotApplicable,
        _ => Outcome::Holds,
    };
    for finding in &checkup.findings {
        assert_eq!(finding.outcome, expected(finding.rule), "{finding:?}");
    }
    assert!(checkup.information.is_some_and(|information| information.episodes.is_some()));
}

#[test]
fn each_fault_is_found_under_its_rule_and_no_other_rule_is_blamed() {
    let faults = [
        (Fault::WrongShape, Rule::Described),
        (Fault::SecondInstance, Rule::Made),
        (Fault::Panics, Rule::NoFailure),
        (Fault::GlobalCounter, Rule::Deterministic),
        (Fault::ForgetsOnReset, Rule::Deterministic),
        (Fault::NanObservation, Rule::Observations),
        (Fault::OutOfRange, Rule::Observations),
        (Fault::InfiniteReward, Rule::Rewards),
        (Fault::NoLegalAction, Rule::SomeLegal),
        (Fault::RefusesLegal, Rule::LegalAccepted),
        (Fault::AcceptsIllegal, Rule::IllegalRefused),
        (Fault::IllegalChangesState, Rule::IllegalRefused),
        (Fault::AcceptsUnknown, Rule::UnknownRefused),
        (Fault::ForgetsField, Rule::Restored),
        (Fault::SharedState, Rule::Copied),
        (Fault::AcceptsDamaged, Rule::DamagedRefused),
        (Fault::NeverEnds, Rule::Ends),
        (Fault::NeverEndsWithoutLimit, Rule::Ends),
        (Fault::TwoEnds, Rule::OneEnd),
        (Fault::StepAfterEnd, Rule::OutsideRefused),
        (Fault::WrongPlayer, Rule::Turns),
        (Fault::OpponentOfOne, Rule::Turns),
    ];
    for (fault, rule) in faults {
        let checkup = checked(fault);
        assert_eq!(checkup.broken(), [rule], "{fault:?}: {:#?}", checkup.findings);
    }
}

#[test]
fn an_environment_without_chance_is_warned_about_and_passes() {
    let checkup = checked(Fault::IgnoresSeed);
    assert_eq!(outcome(&checkup, Rule::SeedsMatter), Outcome::Warning);
    assert!(checkup.passes(), "{:#?}", checkup.findings);
}

#[test]
fn what_compares_plays_is_not_checked_where_plays_differ_by_themselves() {
    let checkup = checked(Fault::GlobalCounter);
    for rule in [Rule::Restored, Rule::Copied, Rule::IllegalRefused, Rule::DamagedRefused] {
        assert_eq!(outcome(&checkup, rule), Outcome::NotChecked, "{rule:?}");
    }
}

#[test]
fn the_same_seed_finds_the_same() {
    for fault in [Fault::None, Fault::ForgetsField, Fault::NanObservation] {
        assert_eq!(checked(fault).findings, checked(fault).findings);
    }
}
