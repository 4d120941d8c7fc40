//! Every rule of `zerolab check` holds for every script, and a check finds nothing.

use proptest::prelude::*;
use proptest::sample::select;
use zerolab_environments::checking::{Effort, Outcome, Rule, Script, check};

use crate::cases::{cases, choices, insist};

fn scripts() -> impl Strategy<Value = Script> {
    let parts = (any::<u64>(), any::<u64>(), choices(0..60), choices(1..60));
    parts.prop_map(|(seed, other_seed, before, after)| Script { seed, other_seed, before, after })
}

proptest! {
    #[test]
    fn the_seed_and_the_actions_decide_everything(
        case in select(cases()), seed: u64, other_seed: u64, before in choices(0..30), after in choices(1..200),
    ) {
        insist(Rule::Deterministic, &case, &Script { seed, other_seed, before, after });
    }

    #[test]
    fn an_illegal_action_is_refused_and_changes_nothing(case in select(cases()), script in scripts()) {
        insist(Rule::IllegalRefused, &case, &script);
    }

    #[test]
    fn an_action_that_does_not_exist_is_refused_and_changes_nothing(
        case in select(cases()), script in scripts(),
    ) {
        insist(Rule::UnknownRefused, &case, &script);
    }

    #[test]
    fn a_restored_environment_continues_identically(case in select(cases()), script in scripts()) {
        insist(Rule::Restored, &case, &script);
    }

    #[test]
    fn a_clone_is_independent_and_continues_identically(case in select(cases()), script in scripts()) {
        insist(Rule::Copied, &case, &script);
    }

    #[test]
    fn a_damaged_state_is_refused_and_changes_nothing(case in select(cases()), script in scripts()) {
        insist(Rule::DamagedRefused, &case, &script);
    }

    #[test]
    fn where_there_are_two_players_an_opponent_has_a_legal_action(
        case in select(cases()), script in scripts(),
    ) {
        insist(Rule::Turns, &case, &script);
    }
}

#[test]
fn every_episode_ends_and_no_step_outside_an_episode_is_accepted() {
    for case in cases() {
        let script = Script { seed: 3, ..Script::default() };
        insist(Rule::Ends, &case, &script);
        insist(Rule::OutsideRefused, &case, &script);
    }
}

#[test]
fn a_check_of_a_registered_environment_finds_nothing() {
    for case in cases() {
        let checkup = check(&|| case.try_make(), &Effort { steps: 300, time: None, seed: 0 });
        let name = case.entry.name;
        assert!(checkup.passes(), "{name} {}: {:#?}", case.settings, checkup.findings);
        let skipped = checkup.findings.iter().filter(|it| it.outcome == Outcome::NotChecked);
        assert_eq!(skipped.count(), 0, "{name} {}: {:#?}", case.settings, checkup.findings);
        assert!(checkup.information.is_some(), "{name}");
    }
}
