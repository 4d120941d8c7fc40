//! Counts the checks of each rule, and keeps the first objection to it.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use super::finding::{Checkup, Finding, Objection, Outcome};
use super::information::measure;
use super::rule::Rule;
use super::script::Script;
use super::subject::Subject;
use super::{Effort, description};

const FAILED: &str = "the environment failed";

/// What was found of one rule until now.
#[derive(Debug, Default)]
struct Count {
    held: u64,
    objection: Option<Objection>,
}

pub(super) struct Tally<'a> {
    subject: Subject<'a>,
    counts: BTreeMap<Rule, Count>,
}

impl<'a> Tally<'a> {
    pub fn new(subject: Subject<'a>) -> Self {
        if let Some(fault) = description::fault(&subject.description) {
            subject.witness.borrow_mut().note(Rule::Described, || fault);
        }
        Self { subject, counts: BTreeMap::new() }
    }

    pub fn steps(&self) -> u64 {
        self.subject.witness.borrow().steps
    }

    fn is_broken(&self, rule: Rule) -> bool {
        let objection = self.counts.get(&rule).and_then(|count| count.objection.as_ref());
        objection.is_some_and(|objection| objection.outcome == Outcome::Broken)
    }

    /// Checks a rule that was not broken before.
    pub fn check(&mut self, rule: Rule, script: &Script) {
        if self.is_broken(rule) {
            return;
        }
        // A copy may be made of the saved state.
        if rule == Rule::Copied && self.is_broken(Rule::Restored) {
            let why = Objection::not_checked("a saved state is not restored");
            self.counts.entry(rule).or_default().objection.get_or_insert(why);
            return;
        }
        let mut result = self.checked(rule, script);
        let is_broken = |result: &Result<(), Objection>| {
            result.as_ref().is_err_and(|objection| objection.outcome == Outcome::Broken)
        };
        if rule.needs_determinism() {
            // An environment that is random only sometimes may have passed until now.
            if is_broken(&result) {
                self.check(Rule::Deterministic, script);
            }
            if self.is_broken(Rule::Deterministic) {
                result =
                    Err(Objection::not_checked("the same actions do not give the same episode"));
            }
        }
        let count = self.counts.entry(rule).or_default();
        match result {
            Ok(()) => count.held += 1,
            Err(objection) => {
                // A broken rule is worse than one that could not be checked once.
                if count.objection.is_none() || objection.outcome == Outcome::Broken {
                    count.objection = Some(objection);
                }
            }
        }
    }

    fn checked(&self, rule: Rule, script: &Script) -> Result<(), Objection> {
        let failures = || self.subject.witness.borrow().failures;
        let before = failures();
        let result = caught(|| rule.check(&self.subject, script)).unwrap_or_else(|panic| {
            self.subject.witness.borrow_mut().see_failure(&panic);
            Ok(())
        });
        // What a failed environment shows says nothing of the rule.
        if failures() > before { Err(Objection::not_checked(FAILED)) } else { result }
    }

    /// Measures the environment, and lists what was found.
    pub fn finish(mut self, effort: &Effort, deadline: Option<Instant>) -> Checkup {
        self.subject.deadline = deadline;
        let measured = caught(|| measure(&self.subject, effort.seed, effort.steps));
        let information = measured.ok().and_then(Result::ok);
        let findings = Rule::ALL.map(|rule| self.finding(rule)).into();
        Checkup { findings, information }
    }

    fn finding(&self, rule: Rule) -> Finding {
        let witness = self.subject.witness.borrow();
        let fault = witness.fault(rule).map(Objection::broken);
        let count = self.counts.get(&rule);
        let objection = count.and_then(|count| count.objection.clone());
        let held = count.map_or(0, |count| count.held);
        let unseen = |seen: u64, what: &str| (seen == 0).then(|| Objection::not_checked(what));
        let unseen = match rule {
            Rule::Rewards | Rule::LegalAccepted => unseen(witness.steps, "no step was taken"),
            Rule::OneEnd => unseen(witness.ends, "no episode ended"),
            _ => None,
        };
        // Rules that are only watched: the failure may be of one of them.
        let unseen = unseen.or_else(|| {
            (count.is_none() && rule > Rule::NoFailure && witness.failures > 0)
                .then(|| Objection::not_checked(FAILED))
        });
        // One check that shows the rule is enough, where others could not.
        let objection = objection.filter(|it| it.outcome == Outcome::Broken || held == 0);
        match fault.or(objection).or(unseen) {
            Some(Objection { outcome, details }) => Finding { rule, outcome, details },
            None => Finding { rule, outcome: Outcome::Holds, details: held_details(held) },
        }
    }
}

fn held_details(held: u64) -> String {
    if held > 1 { format!("checked {held} times") } else { String::new() }
}

/// The findings if one rule is broken so that nothing else can be checked.
pub(super) fn only(broken: Rule, why: &str) -> Checkup {
    let finding = |rule: Rule| {
        let (outcome, details) = match rule {
            _ if rule == broken => (Outcome::Broken, why),
            Rule::Made if broken == Rule::Described => (Outcome::Holds, ""),
            _ => (Outcome::NotChecked, ""),
        };
        Finding { rule, outcome, details: details.to_owned() }
    };
    Checkup { findings: Rule::ALL.map(finding).into(), information: None }
}

/// The result of `call`, or the message of its panic.
pub(super) fn caught<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        text.unwrap_or_else(|| "a panic without a message".to_owned())
    })
}
