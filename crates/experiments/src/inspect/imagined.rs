//! What an agent imagined of steps that then came: a thought speaks of a step as long as all that was done since is what
//! it had imagined.

use std::collections::VecDeque;

use serde::Serialize;
use zerolab_agents::ImaginedStep;

/// What one earlier thought had imagined of a step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Foreseen {
    /// How many real steps before this one it was; 0 is the thought that chose this step's action.
    pub steps_before: u32,
    /// The reward that it imagined, of the player who acts.
    pub reward: f32,
}

/// Lines of play in thought that what was really done has not left yet, the earliest first.
#[derive(Clone, Debug, Default)]
pub struct Foresight {
    lines: VecDeque<Line>,
}

/// What is left of a line.
#[derive(Clone, Debug)]
struct Line {
    /// Of the real step at which it was thought.
    from: u32,
    /// The next step first.
    left: VecDeque<ImaginedStep>,
}

impl Foresight {
    /// Takes in a line that begins with real step number `step`, which is still to be passed.
    pub fn imagine(&mut self, step: u32, line: &[ImaginedStep]) {
        self.lines.push_back(Line { from: step, left: line.iter().copied().collect() });
    }

    /// Goes on by real step number `step`, in which `action` was done: what was imagined of it.
    pub fn pass(&mut self, step: u32, action: usize) -> Vec<Foreseen> {
        let mut foreseen = Vec::new();
        self.lines.retain_mut(|line| {
            let next = line.left.pop_front().filter(|next| next.action == action);
            foreseen.extend(next.map(|ImaginedStep { reward, .. }| Foreseen {
                steps_before: step - line.from,
                reward,
            }));
            next.is_some() && !line.left.is_empty()
        });
        foreseen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(steps: &[(usize, f32)]) -> Vec<ImaginedStep> {
        let step = |&(action, reward)| ImaginedStep { action, reward, value: 0.0 };
        steps.iter().map(step).collect()
    }

    #[test]
    fn a_line_speaks_until_something_else_is_done() {
        let mut foresight = Foresight::default();
        let mut pass = |step, imagined: &[(usize, f32)], action| {
            foresight.imagine(step, &line(imagined));
            let foreseen = foresight.pass(step, action);
            foreseen.iter().map(|of| (of.steps_before, of.reward)).collect::<Vec<_>>()
        };
        assert_eq!(pass(0, &[(1, 0.1), (2, 0.2), (0, 0.3)], 1), [(0, 0.1)]);
        assert_eq!(pass(1, &[(2, 1.1), (1, 1.2)], 2), [(1, 0.2), (0, 1.1)]);
        assert_eq!(pass(2, &[(0, 2.1)], 0), [(2, 0.3), (0, 2.1)]);
        assert_eq!(pass(3, &[], 1), []);
    }
}
