//! Lists of things by name: the environments, agents, presets and kinds of figure that a spec may name.
//!
//! A [`Registry`] is a static list. A program may extend it once, before it first reads it: so every reader sees the
//! same list. What is wrong with an extension is a [`RegistryError`].
//!
//! # Example
//!
//! ```
//! use zerolab_registry::{Named, Registry, RegistryError};
//!
//! struct Colour(&'static str);
//!
//! impl Named for Colour {
//!     fn name(&self) -> &str {
//!         self.0
//!     }
//! }
//!
//! static COLOURS: Registry<Colour> = Registry::new("colour", || vec![Colour("red")]);
//!
//! COLOURS.extend(vec![Colour("blue")])?;
//! assert_eq!(COLOURS.entries().len(), 2);
//! assert!(COLOURS.find("blue").is_some());
//! // It has been read: nothing can be added any more.
//! assert!(matches!(COLOURS.extend(vec![Colour("green")]), Err(RegistryError::TooLate { .. })));
//! # Ok::<(), RegistryError>(())
//! ```

// Not among the workspace's lints: tests may unwrap.
#![warn(clippy::unwrap_used)]

use std::sync::OnceLock;

/// The greatest length of a name, in characters.
const LONGEST_NAME: usize = 64;

/// Something with a name in a spec.
pub trait Named {
    /// Its name.
    fn name(&self) -> &str;
}

/// All things of one kind.
pub struct Registry<T> {
    kind: &'static str,
    built_in: fn() -> Vec<T>,
    entries: OnceLock<Vec<T>>,
}

/// Why things cannot be added to a registry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// Two things have the same name.
    #[error("there is another {kind} called `{name}`: give the one that you add another name")]
    Doubled {
        /// What has the name, such as `environment`.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// A name with characters that a spec or a folder cannot have.
    #[error(
        "`{name}` cannot be the name of the {kind} that you add: a name has ASCII letters, digits, `-` and `_`, in \
         parts divided by `/` that do not begin with `-`, and at most {LONGEST_NAME} characters"
    )]
    BadName {
        /// What has the name.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// The registry has been read or extended before.
    #[error(
        "the {kind} `{name}` is added too late: add everything in one call, at the beginning of the program"
    )]
    TooLate {
        /// What is added.
        kind: &'static str,
        /// The name of the first of them.
        name: String,
    },
}

impl<T: Named> Registry<T> {
    /// A registry of things of a `kind`, a singular noun for messages. `built_in` is called at most once.
    pub const fn new(kind: &'static str, built_in: fn() -> Vec<T>) -> Self {
        Self { kind, built_in, entries: OnceLock::new() }
    }

    /// All things, the added ones last.
    pub fn entries(&self) -> &[T] {
        self.entries.get_or_init(self.built_in)
    }

    /// The thing with this name.
    pub fn find(&self, name: &str) -> Option<&T> {
        self.entries().iter().find(|entry| entry.name() == name)
    }

    /// Adds things at the end. Adding nothing is always possible.
    ///
    /// # Errors
    /// If a name is wrong or occurs twice, or if the registry has been read or extended before. The registry then stays
    /// as it is.
    pub fn extend(&self, added: Vec<T>) -> Result<(), RegistryError> {
        let kind = self.kind;
        let Some(first) = added.first().map(|it| it.name().to_owned()) else { return Ok(()) };
        let mut all = (self.built_in)();
        for thing in added {
            let name = thing.name().to_owned();
            check_name(kind, &name)?;
            if all.iter().any(|known| known.name() == name) {
                return Err(RegistryError::Doubled { kind, name });
            }
            all.push(thing);
        }
        self.entries.set(all).map_err(|_| RegistryError::TooLate { kind, name: first })
    }
}

/// Checks that the name of something of this `kind` can stand in specs and in names of folders.
///
/// # Errors
/// If it cannot.
pub fn check_name(kind: &'static str, name: &str) -> Result<(), RegistryError> {
    let is_known = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let is_part =
        |part: &str| !part.is_empty() && !part.starts_with('-') && part.chars().all(is_known);
    if name.len() <= LONGEST_NAME && name.split('/').all(is_part) {
        return Ok(());
    }
    Err(RegistryError::BadName { kind, name: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fruit(&'static str);

    impl Named for Fruit {
        fn name(&self) -> &str {
            self.0
        }
    }

    fn fruits() -> Registry<Fruit> {
        Registry::new("fruit", || vec![Fruit("apple"), Fruit("stone/plum")])
    }

    fn names(registry: &Registry<Fruit>) -> Vec<&str> {
        registry.entries().iter().map(Named::name).collect()
    }

    #[test]
    fn added_things_come_last_and_are_found() {
        let registry = fruits();
        registry.extend(vec![Fruit("Fig_2"), Fruit("stone/cherry")]).unwrap();
        assert_eq!(names(&registry), ["apple", "stone/plum", "Fig_2", "stone/cherry"]);
        assert!(registry.find("stone/cherry").is_some() && registry.find("cherry").is_none());
    }

    #[test]
    fn a_name_is_there_once_and_a_refused_extension_changes_nothing() {
        for added in [vec!["fig", "apple"], vec!["fig", "fig"]] {
            let registry = fruits();
            let doubled = added[1].to_owned();
            let error = registry.extend(added.into_iter().map(Fruit).collect()).unwrap_err();
            assert_eq!(error, RegistryError::Doubled { kind: "fruit", name: doubled });
            assert_eq!(names(&registry), ["apple", "stone/plum"]);
        }
    }

    #[test]
    fn a_name_has_few_characters() {
        let long: &'static str = "a".repeat(LONGEST_NAME + 1).leak();
        for name in
            ["", " ", "a b", "a.b", "/a", "a/", "a//b", "-a", "a/-b", "é", "a\nb", "..", long]
        {
            let error = fruits().extend(vec![Fruit(name)]).unwrap_err();
            assert_eq!(error, RegistryError::BadName { kind: "fruit", name: name.to_owned() });
            assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
        }
        fruits().extend(vec![Fruit(&long[1..])]).unwrap();
    }

    #[test]
    fn a_registry_is_extended_once_and_before_it_is_read() {
        let late = || RegistryError::TooLate { kind: "fruit", name: "lime".to_owned() };
        let read = fruits();
        assert!(read.find("apple").is_some());
        assert_eq!(read.extend(vec![Fruit("lime")]), Err(late()));
        let extended = fruits();
        extended.extend(vec![Fruit("fig")]).unwrap();
        assert_eq!(extended.extend(vec![Fruit("lime"), Fruit("date")]), Err(late()));
        assert_eq!(names(&extended), ["apple", "stone/plum", "fig"]);
    }

    #[test]
    fn adding_nothing_is_always_possible() {
        let registry = fruits();
        registry.extend(Vec::new()).unwrap();
        registry.extend(vec![Fruit("fig")]).unwrap();
        registry.extend(Vec::new()).unwrap();
        assert_eq!(names(&registry).len(), 3);
    }
}
