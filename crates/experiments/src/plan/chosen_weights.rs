//! Which weights of a finished run an agent is opened with.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error, Unexpected, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// Which weights of a finished run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChosenWeights {
    /// Those at the end of the training.
    Last,
    /// Those of the run's evaluation with the highest mean return, the first of equal ones.
    Best,
    /// Those of the run's evaluation after so many real steps.
    At(u64),
}

impl fmt::Display for ChosenWeights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Last => f.write_str("last"),
            Self::Best => f.write_str("best"),
            Self::At(real_steps) => write!(f, "{real_steps}"),
        }
    }
}

impl Serialize for ChosenWeights {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::At(real_steps) => real_steps.serialize(serializer),
            named => named.to_string().serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for ChosenWeights {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WeightsVisitor)
    }
}

struct WeightsVisitor;

impl Visitor<'_> for WeightsVisitor {
    type Value = ChosenWeights;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("`last`, `best` or a number of real steps")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<ChosenWeights, E> {
        match text {
            "last" => Ok(ChosenWeights::Last),
            "best" => Ok(ChosenWeights::Best),
            _ => Err(E::invalid_value(Unexpected::Str(text), &self)),
        }
    }

    fn visit_u64<E: Error>(self, real_steps: u64) -> Result<ChosenWeights, E> {
        Ok(ChosenWeights::At(real_steps))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<ChosenWeights, E> {
        let invalid = |_| E::invalid_value(Unexpected::Signed(number), &self);
        u64::try_from(number).map(ChosenWeights::At).map_err(invalid)
    }
}

impl JsonSchema for ChosenWeights {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ChosenWeights".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [{ "enum": ["last", "best"] }, { "type": "integer", "minimum": 0 }]
        })
    }
}
