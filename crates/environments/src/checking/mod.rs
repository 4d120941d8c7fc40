//! Whether an environment keeps the rules of [`Environment`](crate::Environment).
//!
//! [`check`] plays an environment with random legal actions and compares what it does with every [`Rule`]. The
//! property tests of this crate check single rules with [`Rule::check`], for every registered environment.
//! `zerolab check` prints what is found of an environment of a user.
//!
//! A broken rule does not hide others: each rule is checked by itself, and rules that compare plays are not
//! checked if plays differ by themselves. A clock limits the effort and measures the speed. It decides nothing
//! else.
//!
//! ```
//! use zerolab_environments::checking::{Effort, check};
//! use zerolab_environments::find;
//!
//! let entry = find("catch").ok_or("no such environment")?;
//! let make = || (entry.make)(&toml::Table::new());
//! let checkup = check(&make, &Effort { steps: 500, ..Effort::default() });
//! assert!(checkup.passes(), "{:?}", checkup.findings);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod actions;
mod chance;
mod description;
mod ends;
mod finding;
mod information;
mod rule;
mod script;
mod states;
mod subject;
mod tally;
mod trace;
mod witness;

use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

pub use finding::{Checkup, Finding, Objection, Outcome};
pub use information::{Episodes, EventCount, Information};
pub use rule::Rule;
pub use script::Script;
pub use subject::{Maker, Subject};
pub use trace::{Reading, Trace};

use tally::Tally;

/// How much is played, and from which seed.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Steps of the checks that are repeated, and at most so many of random play. The search for the end of an
    /// episode takes more.
    pub steps: u64,
    /// About the time that a check takes at most; `None` if steps alone limit it.
    pub time: Option<Duration>,
    /// Decides what is played.
    pub seed: u64,
}

impl Default for Effort {
    fn default() -> Self {
        Self { steps: 5_000, time: Some(Duration::from_secs(10)), seed: 0 }
    }
}

impl Effort {
    /// The moment at which this part of the time is over.
    fn deadline(&self, start: Instant, part: f64) -> Option<Instant> {
        start.checked_add(self.time?.mul_f64(part))
    }
}

impl Rule {
    /// Checks the rule with one script. A rule that every play shows to be kept or broken is checked by
    /// [`Subject::fault`] instead, and always holds here.
    ///
    /// # Errors
    /// If it does not hold, or the script does not show whether it does.
    pub fn check(self, subject: &Subject, script: &Script) -> Result<(), Objection> {
        match self {
            Self::Deterministic => chance::deterministic(subject, script),
            Self::SeedsMatter => chance::seeds_matter(subject, script),
            Self::IllegalRefused => actions::illegal_refused(subject, script),
            Self::UnknownRefused => actions::unknown_refused(subject, script),
            Self::Turns => actions::turns(subject, script),
            Self::Restored => states::restored(subject, script),
            Self::Copied => states::copied(subject, script),
            Self::DamagedRefused => states::damaged_refused(subject, script),
            Self::Ends => ends::ends(subject, script),
            Self::OutsideRefused => ends::outside_refused(subject, script),
            Self::Made
            | Self::Described
            | Self::NoFailure
            | Self::Observations
            | Self::Rewards
            | Self::SomeLegal
            | Self::LegalAccepted
            | Self::OneEnd => Ok(()),
        }
    }
}

/// Checks every rule. A panic of the environment is a finding, too.
pub fn check(make: Maker, effort: &Effort) -> Checkup {
    let start = Instant::now();
    let subject = match tally::caught(|| Subject::new(make)) {
        Ok(Ok(subject)) => subject,
        Ok(Err(error)) => return tally::only(Rule::Made, &error.to_string()),
        Err(panic) => return tally::only(Rule::NoFailure, &panic),
    };
    if let Some(fault) = description::impossible_size(&subject.description) {
        return tally::only(Rule::Described, &fault);
    }
    let mut tally = Tally::new(Subject { deadline: effort.deadline(start, 0.8), ..subject });
    let mut random = ChaCha8Rng::seed_from_u64(effort.seed);
    let half_time = effort.deadline(start, 0.5);
    let mut script = Script::draw(&mut random);
    loop {
        let steps_before = tally.steps();
        for rule in Rule::REPEATED {
            tally.check(rule, &script);
        }
        script = Script::draw(&mut random);
        let is_late = half_time.is_some_and(|half_time| Instant::now() > half_time);
        // An environment that cannot be played any more shows nothing new.
        let is_stuck = tally.steps() == steps_before;
        if is_late || is_stuck || tally.steps() >= effort.steps {
            break;
        }
    }
    for rule in Rule::ONCE {
        tally.check(rule, &script);
    }
    tally.finish(effort, effort.deadline(start, 1.0))
}
