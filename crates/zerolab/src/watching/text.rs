//! A watched step as text: the picture, and beside it what the agent thinks. With colours and in one place where a
//! terminal is there, plain and one after the other where not.

use std::io::{self, Write};

use zerolab_agents::{Deliberation, ImaginedStep};
use zerolab_environments::Description;
use zerolab_experiments::inspect::imagined::ImaginedReward;
use zerolab_experiments::inspect::watch::WatchedStep;

use super::picture::{Cell, Colour, Picture};
use crate::table::Table;

/// Characters of a bar.
const BAR: usize = 10;

/// Steps of the imagined line that are shown.
const IMAGINED: usize = 6;

/// Shows steps as text.
pub struct Text<'a> {
    /// What is seen in.
    pub description: &'a Description,
    /// Whether there is a terminal: colours, and each step in the place of the one before.
    pub terminal: bool,
    /// Who is watched, where; above the first step, in a terminal above each.
    pub head: String,
}

/// A line, and how wide it is to the eye.
type Line = (String, usize);

impl Text<'_> {
    /// Writes one step.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, step: &WatchedStep, out: &mut dyn Write) -> io::Result<()> {
        if self.terminal {
            // From the top left corner, and nothing of what was there before.
            write!(out, "\x1b[H\x1b[J")?;
        }
        if self.terminal || step.step == 0 {
            writeln!(out, "{}\n", self.head)?;
        }
        let mut end = String::new();
        if step.terminated {
            end.push_str(", the end");
        } else if step.truncated {
            end.push_str(", cut off");
        }
        let WatchedStep { step: number, action, reward, .. } = step;
        let head = format!("step {number}: action {action}, reward {reward:+}");
        writeln!(out, "{head}, return {:+}{end}", step.r#return)?;
        self.beside(self.seen(&step.observation), thought(step), out)?;
        if let Some(last) = &step.last_observation {
            writeln!(out, "\nat the end")?;
            self.beside(self.seen(last), Vec::new(), out)?;
        }
        writeln!(out)?;
        out.flush()
    }

    fn beside(&self, left: Vec<Line>, right: Vec<String>, out: &mut dyn Write) -> io::Result<()> {
        let width = left.iter().map(|(_, width)| *width).max().unwrap_or(0);
        for row in 0..left.len().max(right.len()) {
            let (line, wide) = left.get(row).map_or(("", 0), |(line, wide)| (line, *wide));
            let said = right.get(row).map_or("", String::as_str);
            let gap = if said.is_empty() { 0 } else { width - wide + 3 };
            writeln!(out, "{line}{:gap$}{said}", "")?;
        }
        Ok(())
    }

    /// The observation, line by line.
    fn seen(&self, observation: &[f32]) -> Vec<Line> {
        match Picture::of(self.description, observation) {
            None => observation.iter().enumerate().map(feature).collect(),
            Some(picture) if self.terminal && picture.is_image => half_blocks(&picture),
            Some(picture) if self.terminal => picture.rows().map(coloured).collect(),
            Some(picture) => {
                let rows = picture.rows();
                rows.map(|row| (row.iter().map(|cell| cell.mark).collect(), row.len())).collect()
            }
        }
    }
}

/// A number of a vector, with a bar to the left or the right of the middle; it may be of any size.
fn feature((index, &value): (usize, &f32)) -> Line {
    let half = BAR / 2;
    let share = (value.abs() / (1.0 + value.abs())).clamp(0.0, 1.0);
    let filled = (share * half as f32).round() as usize;
    let (bar, rest) = ("█".repeat(filled), " ".repeat(half - filled));
    let empty = " ".repeat(half);
    let bars =
        if value < 0.0 { format!("{rest}{bar}|{empty}") } else { format!("{empty}|{bar}{rest}") };
    let line = format!("{index:>3} {value:>+9.3} {bars}");
    let width = line.chars().count();
    (line, width)
}

/// Two columns of background a cell, as wide as they are high.
fn coloured(row: &[Cell]) -> Line {
    let cell = |cell: &Cell| format!("\x1b[48;2;{}m  ", parameters(cell.colour));
    (row.iter().map(cell).collect::<String>() + "\x1b[0m", 2 * row.len())
}

/// Two rows of cells a line: the upper half in the colour of the text, the lower in that of the background.
fn half_blocks(picture: &Picture) -> Vec<Line> {
    let rows: Vec<&[Cell]> = picture.rows().collect();
    let line = |pair: &[&[Cell]]| {
        let mut line = String::new();
        for (column, upper) in pair[0].iter().enumerate() {
            let lower = pair.get(1).map_or(upper, |row| &row[column]);
            let (upper, lower) = (parameters(upper.colour), parameters(lower.colour));
            line.push_str(&format!("\x1b[38;2;{upper};48;2;{lower}m▀"));
        }
        (line + "\x1b[0m", picture.width)
    };
    rows.chunks(2).map(line).collect()
}

fn parameters([red, green, blue]: Colour) -> String {
    format!("{red};{green};{blue}")
}

/// What the agent thought, line by line.
fn thought(step: &WatchedStep) -> Vec<String> {
    let Some(thought) = &step.thought else { return vec!["the opponent's move".to_owned()] };
    let mut lines = Vec::new();
    lines.extend(thought.value.map(|value| format!("value {value:+.2}")));
    lines.extend(actions(thought, &step.legal));
    if !thought.imagined.is_empty() {
        let imagined = thought.imagined.iter().take(IMAGINED);
        let steps =
            imagined.map(|ImaginedStep { action, reward, .. }| format!("{action} {reward:+.2}"));
        lines.push(format!("imagines {}", steps.collect::<Vec<_>>().join(", ")));
    }
    let before: Vec<String> = step
        .foreseen
        .iter()
        .filter(|foreseen| foreseen.steps_before > 0)
        .map(|ImaginedReward { steps_before, reward }| {
            format!("{steps_before} before {reward:+.2}")
        })
        .collect();
    if !before.is_empty() {
        lines.push(format!("reward {:+.2}, imagined {}", step.reward, before.join(", ")));
    }
    lines
}

/// A row an action: those columns of which the agent tells something.
fn actions(thought: &Deliberation, legal: &[bool]) -> Vec<String> {
    let Deliberation { policy, prior, visits, action_values, .. } = thought;
    if policy.is_empty() && action_values.is_empty() {
        return Vec::new();
    }
    let mut headings = vec!["action"];
    let told = [
        ("policy", !policy.is_empty()),
        ("", !policy.is_empty()),
        ("prior", !prior.is_empty()),
        ("visits", !visits.is_empty()),
        ("value", !action_values.is_empty()),
    ];
    headings.extend(told.into_iter().filter(|(_, told)| *told).map(|(heading, _)| heading));
    let mut table = Table::new(&headings);
    for (action, legal) in legal.iter().enumerate() {
        let mut cells = vec![match (action == thought.action, legal) {
            (true, _) => format!("> {action}"),
            (false, true) => format!("  {action}"),
            (false, false) => format!("  {action} illegal"),
        }];
        let number = |numbers: &[f32]| numbers.get(action).copied();
        if let Some(share) = number(policy) {
            cells.push(format!("{share:.2}"));
            cells.push(bar(share));
        }
        cells.extend(number(prior).map(|share| format!("{share:.2}")));
        cells.extend(visits.get(action).map(u32::to_string));
        cells.extend(number(action_values).map(|value| format!("{value:+.2}")));
        table.row(cells);
    }
    table.to_string().lines().map(str::to_owned).collect()
}

/// A bar for a share between 0 and 1, padded.
fn bar(share: f32) -> String {
    let filled = (share.clamp(0.0, 1.0) * BAR as f32).round() as usize;
    format!("{:<BAR$}", "█".repeat(filled))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn description() -> Description {
        Description {
            name: "world".to_owned(),
            observation_shape: vec![1, 2, 2],
            frames: 1,
            observation_range: (0.0, 1.0),
            num_actions: 3,
            num_players: 2,
            max_episode_steps: None,
            operations_per_step: 1,
        }
    }

    fn step() -> WatchedStep {
        let imagined = [(1, 0.0), (2, 1.0)];
        let imagined = imagined.map(|(action, reward)| ImaginedStep { action, reward, value: 0.0 });
        WatchedStep {
            step: 4,
            observation: vec![0.0, 1.0, 0.0, 0.0],
            legal: vec![true, true, false],
            to_play: 0,
            action: 1,
            thought: Some(Deliberation {
                action: 1,
                value: Some(0.5),
                policy: vec![0.25, 0.75, 0.0],
                prior: vec![0.5, 0.5, 0.0],
                visits: vec![1, 3, 0],
                action_values: vec![-0.5, 1.0, 0.0],
                imagined: imagined.to_vec(),
            }),
            reward: 1.0,
            performance: 1.0,
            r#return: 1.0,
            terminated: true,
            truncated: false,
            foreseen: vec![
                ImaginedReward { steps_before: 2, reward: 0.75 },
                ImaginedReward { steps_before: 0, reward: 1.0 },
            ],
            last_observation: Some(vec![0.0, 0.0, 0.0, 1.0]),
        }
    }

    fn written(step: &WatchedStep, terminal: bool) -> String {
        let mut out = Vec::new();
        Text { description: &description(), terminal, head: "who, where".to_owned() }
            .write(step, &mut out)
            .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn thoughts_stand_beside_what_is_seen() {
        let expected = "\
step 4: action 1, reward +1, return +1, the end
.#   value +0.50
..   action       policy              prior  visits  value
       0            0.25  ███          0.50       1  -0.50
     > 1            0.75  ████████     0.50       3  +1.00
       2 illegal    0.00               0.00       0  +0.00
     imagines 1 +0.00, 2 +1.00
     reward +1.00, imagined 2 before +0.75

at the end
..
.#

";
        assert_eq!(written(&step(), false), expected);
    }

    #[test]
    fn an_opponent_thinks_nothing_and_a_terminal_has_colours() {
        let step = WatchedStep { thought: None, last_observation: None, ..step() };
        assert!(written(&step, false).ends_with("\n.#   the opponent's move\n..\n\n"));
        let coloured = written(&step, true);
        assert!(coloured.starts_with("\x1b[H\x1b[Jwho, where\n\nstep 4"));
        assert!(
            coloured.contains("\x1b[48;2;0;0;0m  \x1b[48;2;51;153;255m  \x1b[0m   the opponent")
        );
    }
}
