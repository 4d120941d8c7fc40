//! Expands `[sweep]` into combinations of settings.
//!
//! Every key is an axis, and axes are crossed. The axes of a `[[sweep.zip]]` table advance together, and so do
//! the random axes of a block, unless one says `crossed = true`. Each
//! `[[sweep.block]]` is a sweep of its own, crossed with the axes outside of blocks; the result is the union
//! of the blocks. `exclude` is read here and applied to resolved runs in `exclude`.

use super::axis;
use super::exclude::Exclusion;
use super::keys::{Key, split};
use super::located_error::LocatedError;
use super::node::{Content, Node};
use super::sections::MAX_RUNS;
use super::similar::did_you_mean;
use super::source::Span;

/// One key and its value.
#[derive(Debug, Clone)]
pub(super) struct Assignment {
    /// The key.
    pub key: Key,
    /// Its value.
    pub value: Node,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where an assignment comes from. A later one overrides an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// `[sweep]`
    Sweep,
    /// `--set`
    CommandLine,
    /// `[examination.NAME]`
    Examination,
}

impl Assignment {
    /// Whether it comes from the sweep.
    pub fn is_swept(&self) -> bool {
        self.origin == Origin::Sweep
    }
}

/// One point of the sweep: the value of each axis.
pub(super) type Combination = Vec<Assignment>;

/// The combinations of one block, and what is excluded from them.
#[derive(Debug)]
pub(super) struct Block {
    /// The first axis changes slowest.
    pub combinations: Vec<Combination>,
    /// The runs of this block to drop.
    pub exclusions: Vec<Exclusion>,
}

/// The parts of the spec that a sweep depends on.
#[derive(Debug, Clone, Copy)]
pub(super) struct SweepContext<'a> {
    /// The names of the agents.
    pub agents: &'a [String],
    /// The seed of random axes.
    pub sweep_seed: u64,
}

/// Reads the table `[sweep]`. Without one there is one block with one empty combination.
pub(super) fn read(
    sweep: Option<&Node>,
    context: SweepContext<'_>,
) -> Result<Vec<Block>, LocatedError> {
    let Some(sweep) = sweep else {
        return Ok(vec![Block { combinations: vec![Vec::new()], exclusions: Vec::new() }]);
    };
    if sweep.entries().is_empty() {
        return Err(LocatedError::new(sweep.span, "empty sweep: there is no axis in it").help(
            "an axis is a key with a list, such as `\"environment.name\" = [\"cartpole\", \"catch\"]`",
        ));
    }
    let outside = sweep.without("block");
    let blocks = tables(sweep, "block")?;
    if blocks.is_empty() {
        return Ok(vec![context.block(&[&outside])?]);
    }
    blocks.iter().map(|block| context.block(&[&outside, block])).collect()
}

/// One axis: the assignments of each step. A zipped axis has several keys.
type Axis = Vec<Combination>;

/// An axis as written: its steps, and whether it is drawn together with the other random axes.
struct WrittenAxis {
    steps: Axis,
    is_joint: bool,
}

impl SweepContext<'_> {
    /// The block with the axes of all `parts`.
    fn block(self, parts: &[&Node]) -> Result<Block, LocatedError> {
        let mut axes: Vec<Axis> = Vec::new();
        // The index of the axis that joins the random ones.
        let mut joint: Option<usize> = None;
        let mut exclusions = Vec::new();
        for part in parts {
            for (key, node) in part.entries() {
                match key.as_str() {
                    "zip" => {
                        for table in tables(part, "zip")? {
                            axes.push(self.zip(table)?);
                        }
                    }
                    "exclude" => {
                        for table in tables(part, "exclude")? {
                            exclusions.push(Exclusion::read(table, self.agents)?);
                        }
                    }
                    _ => {
                        for WrittenAxis { steps, is_joint } in self.axes(key, node)? {
                            match joint.filter(|_| is_joint) {
                                Some(index) => join(&mut axes[index], steps, TOGETHER)?,
                                None => {
                                    joint = joint.or(is_joint.then_some(axes.len()));
                                    axes.push(steps);
                                }
                            }
                        }
                    }
                }
            }
        }
        check_distinct(&axes)?;
        if joint.is_some() {
            exclusions.iter_mut().for_each(Exclusion::leave_to_chance);
        }
        let place = parts.last().map_or(parts[0].span, |part| part.span);
        Ok(Block { combinations: cross(&axes, place)?, exclusions })
    }

    /// The axes at `key` and below it.
    fn axes(self, key: &str, node: &Node) -> Result<Vec<WrittenAxis>, LocatedError> {
        let parts = split(key);
        if parts.len() == 1 && axis::is_axis(node) {
            let names = ["zip", "block", "exclude", "budget.real_steps", "environment.name"];
            let error = LocatedError::new(node.key, format!("unknown key `{key}` in the sweep"));
            return Err(match did_you_mean(key, &names) {
                Some(_) => error.suggest(key, &names),
                None => error.unknown_key(key, &names),
            });
        }
        leaves(parts, node, axis::is_axis)
            .into_iter()
            .map(|(parts, node)| {
                let key = Key::new(parts, node.key, self.agents)?;
                let values = axis::values(node, &key.written, self.sweep_seed)?;
                let step =
                    |value| vec![Assignment { key: key.clone(), value, origin: Origin::Sweep }];
                let steps = values.into_iter().map(step).collect();
                Ok(WrittenAxis { steps, is_joint: axis::is_joint(node) })
            })
            .collect()
    }

    /// The axes of one `[[sweep.zip]]` table as one axis.
    fn zip(self, table: &Node) -> Result<Axis, LocatedError> {
        let mut zipped: Option<Axis> = None;
        for (key, node) in table.entries() {
            for WrittenAxis { steps, .. } in self.axes(key, node)? {
                match &mut zipped {
                    None => zipped = Some(steps),
                    Some(zipped) => join(zipped, steps, EVEN)?,
                }
            }
        }
        zipped.ok_or_else(|| {
            LocatedError::new(table.span, "empty sweep: there is no axis in this table")
        })
    }
}

const EVEN: &str = "all axes of a zip must have the same number of values";
const TOGETHER: &str = "random axes are drawn together: give them the same `samples`, or write `crossed = true` \
    in one to cross it with the others";

/// Lets `axis` advance together with `steps`. `rule` is the help if their lengths differ.
fn join(steps: &mut Axis, axis: Axis, rule: &str) -> Result<(), LocatedError> {
    if steps.len() != axis.len() {
        return Err(uneven(steps, &axis).help(rule));
    }
    steps.iter_mut().zip(axis).for_each(|(step, more)| step.extend(more));
    Ok(())
}

fn uneven(steps: &Axis, axis: &Axis) -> LocatedError {
    let (first, second) = (&steps[0][0].key, &axis[0][0].key);
    let (long, wide) = (steps.len(), axis.len());
    let message = format!(
        "uneven axes: {long} values of `{}`, but {wide} of `{}`",
        first.written, second.written
    );
    LocatedError::new(second.span, message)
}

/// The tables of `[[sweep.NAME]]`; there may be none.
fn tables<'a>(sweep: &'a Node, name: &str) -> Result<Vec<&'a Node>, LocatedError> {
    let Some(node) = sweep.get(name) else { return Ok(Vec::new()) };
    let wrong = |node: &Node| {
        LocatedError::new(node.span, format!("`sweep.{name}` is a list of tables"))
            .help(format!("write `[[sweep.{name}]]` above the keys of each table"))
    };
    let Content::Array(elements) = &node.content else { return Err(wrong(node)) };
    let table = |element: &'a Node| match element.content {
        Content::Table(_) => Ok(element),
        Content::Array(_) | Content::Scalar(_) => Err(wrong(element)),
    };
    elements.iter().map(table).collect()
}

/// The leaves of the dotted keys below `node`, with all parts of their keys.
pub(super) fn leaves(
    parts: Vec<String>,
    node: &Node,
    is_leaf: fn(&Node) -> bool,
) -> Vec<(Vec<String>, &Node)> {
    if is_leaf(node) {
        return vec![(parts, node)];
    }
    let below = |key: &str| parts.iter().cloned().chain(split(key)).collect();
    node.entries().iter().flat_map(|(key, inner)| leaves(below(key), inner, is_leaf)).collect()
}

fn check_distinct(axes: &[Axis]) -> Result<(), LocatedError> {
    let keys: Vec<&Key> =
        axes.iter().flat_map(|axis| axis[0].iter().map(|assignment| &assignment.key)).collect();
    for (index, key) in keys.iter().enumerate() {
        if keys[..index].iter().any(|other| other.is_same(key)) {
            return Err(LocatedError::new(
                key.span,
                format!("`{}` is an axis already", key.written),
            )
            .help("a block may have each key only once"));
        }
    }
    Ok(())
}

/// All combinations of one step of each axis; the first axis changes slowest.
pub(super) fn cross(axes: &[Axis], place: Span) -> Result<Vec<Combination>, LocatedError> {
    let count = axes.iter().try_fold(1_u64, |count, axis| count.checked_mul(axis.len() as u64));
    if count.is_none_or(|count| count > MAX_RUNS) {
        return Err(LocatedError::new(
            place,
            format!("the sweep has more than {MAX_RUNS} combinations"),
        )
        .help("remove some values, or draw a few with `{ uniform = [lo, hi], samples = n }`"));
    }
    let mut combinations = vec![Vec::new()];
    for axis in axes {
        combinations = combinations
            .iter()
            .flat_map(|left: &Combination| {
                axis.iter().map(|step| left.iter().chain(step).cloned().collect())
            })
            .collect();
    }
    Ok(combinations)
}
