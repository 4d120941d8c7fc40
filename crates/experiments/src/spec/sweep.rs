//! `[sweep]` as written, made into the combinations that it asks for.
//!
//! Every key is an axis; axes are crossed; the axes of a `[[sweep.zip]]` table advance together; each
//! `[[sweep.block]]` is a sweep of its own, crossed with the axes outside of blocks, and blocks are a
//! union. `exclude` is read here and applied to resolved runs in `exclude`.

use super::axis;
use super::exclude::Exclusion;
use super::fault::Fault;
use super::keys::{Key, split};
use super::node::{Content, Node};
use super::sections::MOST_RUNS;
use super::source::Span;

/// One value for one key.
#[derive(Debug, Clone)]
pub(super) struct Assignment {
    /// What is set.
    pub key: Key,
    /// To what.
    pub value: Node,
    /// Whether it comes from an axis of the sweep rather than from `--set`.
    pub swept: bool,
}

/// What a sweep makes of each agent and seed: one of these settings together.
pub(super) type Combination = Vec<Assignment>;

/// The combinations of one block, and what is dropped from them.
#[derive(Debug)]
pub(super) struct Block {
    /// In order: the first axis changes slowest.
    pub combinations: Vec<Combination>,
    /// Runs of this block that are not wanted.
    pub exclusions: Vec<Exclusion>,
}

/// What reading needs to know of the rest of the spec.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around<'a> {
    /// The names of the agents.
    pub agents: &'a [String],
    /// What random axes are drawn from.
    pub sweep_seed: u64,
}

/// Reads the table `[sweep]`. Without one there is one block of one empty combination.
pub(super) fn read(sweep: Option<&Node>, around: Around<'_>) -> Result<Vec<Block>, Fault> {
    let Some(sweep) = sweep else {
        return Ok(vec![Block { combinations: vec![Vec::new()], exclusions: Vec::new() }]);
    };
    if sweep.entries().is_empty() {
        return Err(Fault::new(sweep.span, "empty sweep: there is no axis in it").help(
            "an axis is a key with a list, as `\"environment.name\" = [\"cartpole\", \"catch\"]`",
        ));
    }
    let outside = sweep.without("block");
    let blocks = tables(sweep, "block")?;
    if blocks.is_empty() {
        return Ok(vec![around.block(&[&outside])?]);
    }
    blocks.iter().map(|block| around.block(&[&outside, block])).collect()
}

/// Axes that advance together: the settings of each step. A plain axis is one key wide.
type Axes = Vec<Combination>;

impl Around<'_> {
    /// The block whose axes stand in all of `parts`.
    fn block(self, parts: &[&Node]) -> Result<Block, Fault> {
        let mut axes: Vec<Axes> = Vec::new();
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
                    _ => axes.extend(self.axes(key, node)?),
                }
            }
        }
        check_distinct(&axes)?;
        let place = parts.last().map_or(parts[0].span, |part| part.span);
        Ok(Block { combinations: cross(&axes, place)?, exclusions })
    }

    /// The axes at and below one key of a block.
    fn axes(self, key: &str, node: &Node) -> Result<Vec<Axes>, Fault> {
        let parts = split(key);
        if parts.len() == 1 && axis::is_axis(node) {
            return Err(Fault::new(node.key, format!("unknown key `{key}` in the sweep")).suggest(
                key,
                &["zip", "block", "exclude", "budget.real_steps", "environment.name"],
            ));
        }
        leaves(parts, node, axis::is_axis)
            .into_iter()
            .map(|(parts, node)| {
                let key = Key::new(parts, node.key, self.agents)?;
                let values = axis::values(node, &key.written, self.sweep_seed)?;
                let step = |value| vec![Assignment { key: key.clone(), value, swept: true }];
                Ok(values.into_iter().map(step).collect())
            })
            .collect()
    }

    /// The axes of one `[[sweep.zip]]` table as one.
    fn zip(self, table: &Node) -> Result<Axes, Fault> {
        let mut zipped: Option<Axes> = None;
        for (key, node) in table.entries() {
            for axis in self.axes(key, node)? {
                match &mut zipped {
                    None => zipped = Some(axis),
                    Some(steps) if steps.len() == axis.len() => {
                        for (step, more) in steps.iter_mut().zip(axis) {
                            step.extend(more);
                        }
                    }
                    Some(steps) => return Err(uneven(steps, &axis)),
                }
            }
        }
        zipped.ok_or_else(|| Fault::new(table.span, "empty sweep: there is no axis in this table"))
    }
}

fn uneven(steps: &Axes, axis: &Axes) -> Fault {
    let (first, second) = (&steps[0][0].key, &axis[0][0].key);
    let (long, wide) = (steps.len(), axis.len());
    let message =
        format!("uneven zip: {long} of `{}`, but {wide} of `{}`", first.written, second.written);
    Fault::new(second.span, message).help("axes that advance together are equally long")
}

/// The tables of `[[sweep.NAME]]`, of which there may be none.
fn tables<'a>(sweep: &'a Node, name: &str) -> Result<Vec<&'a Node>, Fault> {
    let Some(node) = sweep.get(name) else { return Ok(Vec::new()) };
    let wrong = |node: &Node| {
        Fault::new(node.span, format!("`sweep.{name}` is a list of tables"))
            .help(format!("write `[[sweep.{name}]]` above the keys of each table"))
    };
    let Content::Array(elements) = &node.content else { return Err(wrong(node)) };
    let table = |element: &'a Node| match element.content {
        Content::Table(_) => Ok(element),
        Content::Array(_) | Content::Scalar(_) => Err(wrong(element)),
    };
    elements.iter().map(table).collect()
}

/// What stands at the ends of the dotted keys below `node`: those that `is_leaf`, with all their parts.
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

fn check_distinct(axes: &[Axes]) -> Result<(), Fault> {
    let keys: Vec<&Key> =
        axes.iter().flat_map(|axis| axis[0].iter().map(|assignment| &assignment.key)).collect();
    for (index, key) in keys.iter().enumerate() {
        if keys[..index].iter().any(|other| other.is_same(key)) {
            return Err(Fault::new(key.span, format!("`{}` is an axis already", key.written))
                .help("one key varies in one place of a block"));
        }
    }
    Ok(())
}

/// Every choice of one step from each axis; the first axis changes slowest.
fn cross(axes: &[Axes], place: Span) -> Result<Vec<Combination>, Fault> {
    let count = axes.iter().try_fold(1_u64, |count, axis| count.checked_mul(axis.len() as u64));
    if count.is_none_or(|count| count > MOST_RUNS) {
        return Err(Fault::new(place, format!("the sweep has more than {MOST_RUNS} combinations"))
            .help(
                "leave out some values, or draw a few with `{ uniform = [lo, hi], samples = n }`",
            ));
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
