//! Published results next to our own, computed once and read by the tables, the figures and the page.
//!
//! Published results come from the tables of [`zerolab_metrics::published`], under the names that the
//! experiment uses. Our own are the finished runs in environments that are tasks of the benchmark. No
//! published number enters an estimate of ours. Estimates that stand side by side are over the same tasks:
//! those that we have. What was published for a whole benchmark has an entry of its own.

mod aggregates;
mod comparison;
mod entry;
pub(crate) mod facts;
mod ours;
mod series;
pub(crate) mod text;

pub(crate) use comparison::PublishedComparison;
pub(crate) use entry::{AggregateScore, Benchmark, BenchmarkEntry, METRICS, Origin, TaskScore};
