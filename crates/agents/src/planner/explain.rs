//! The planner's actions with the results of their searches, for people who watch it.

use zerolab_metrics::Phase;
use zerolab_search::{Node, Purpose};

use super::acting::actions;
use super::agent::Planner;
use super::lookahead::{Lookahead, SearchOutput};
use crate::agent::{AgentError, Observations};
use crate::decision::{Decision, ImaginedStep, probabilities};

impl<L: Lookahead> Planner<L> {
    /// The actions of [`Planner::greedy_actions`] with the search results.
    pub(super) fn explain_searches(
        &mut self,
        seen: &Observations<'_>,
        seeds: Vec<u64>,
    ) -> Result<Vec<Decision>, AgentError> {
        let SearchOutput { found, logits, .. } =
            self.search(seen, Purpose::Greedy, Phase::Evaluation, seeds)?;
        let width = self.context.description.num_actions;
        let decisions = actions(&found).into_iter().enumerate().map(|(row, action)| {
            let of_row = row * width..(row + 1) * width;
            Decision {
                action,
                value: Some(found.values[row]),
                policy: found.policies[of_row.clone()].to_vec(),
                prior: probabilities(&logits[of_row.clone()], &seen.legal[of_row.clone()]),
                visits: found.visits[of_row.clone()].to_vec(),
                action_values: found.q[of_row].to_vec(),
                imagined: principal_line(&self.lookahead.tree(row), action),
            }
        });
        Ok(decisions.collect())
    }
}

/// The path from the root to a leaf: first the chosen action, then the most visited child. Ties go to the
/// child that was expanded first.
fn principal_line(nodes: &[Node], chosen: usize) -> Vec<ImaginedStep> {
    let mut line = Vec::new();
    let mut at = 0;
    loop {
        let children = nodes.iter().enumerate().filter(|(_, node)| node.parent == Some(at));
        let next = if line.is_empty() {
            children.into_iter().find(|(_, node)| node.action == Some(chosen as u32))
        } else {
            children.rev().max_by_key(|(_, node)| node.visits)
        };
        let Some((index, Node { action: Some(action), reward, value, .. })) = next else {
            return line;
        };
        line.push(ImaginedStep { action: *action as usize, reward: *reward, value: *value });
        at = index as u32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(parent: Option<u32>, action: u32, visits: u32, reward: f32) -> Node {
        let action = parent.map(|_| action);
        Node { parent, action, visits, value: 0.5, reward, prior: 0.5, depth: 0 }
    }

    #[test]
    fn the_line_begins_with_the_chosen_action_and_goes_on_by_visits() {
        let nodes = [
            node(None, 0, 8, 0.0),
            node(Some(0), 0, 3, 1.0),
            node(Some(0), 1, 4, 2.0),
            node(Some(2), 1, 1, 3.0),
            node(Some(2), 0, 2, 4.0),
            node(Some(2), 2, 2, 5.0),
        ];
        let rewards = |chosen| {
            let line = principal_line(&nodes, chosen);
            line.iter().map(|step| (step.action, step.reward)).collect::<Vec<_>>()
        };
        assert_eq!(rewards(1), [(1, 2.0), (0, 4.0)]);
        assert_eq!(rewards(0), [(0, 1.0)]);
        assert_eq!(rewards(2), []);
    }
}
