//! A watched step as text: the picture, beside it the agent's decision. A terminal shows steps in colour,
//! each in the place of the previous one; elsewhere they are printed plainly, one after the other.

use std::io::{self, Write};

use zerolab_agents::{Decision, ImaginedStep};
use zerolab_environments::Description;
use zerolab_experiments::inspect::imagined::ImaginedReward;
use zerolab_experiments::inspect::watch::WatchedStep;
use zerolab_metrics::text_table::{Align, TextTable};

use super::picture::{Colour, Picture, PictureCell};

/// The length of a bar in characters.
const BAR_LENGTH: usize = 10;

/// The number of imagined steps that are shown.
const IMAGINED_STEPS: usize = 6;

/// Prints steps as text.
pub struct Text<'a> {
    /// The environment.
    pub description: &'a Description,
    /// Whether the output is a terminal.
    pub terminal: bool,
    /// The heading, printed once, or above each step in a terminal.
    pub heading: String,
}

/// A line and its visible width.
type Line = (String, usize);

impl Text<'_> {
    /// Prints one step.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, step: &WatchedStep, out: &mut dyn Write) -> io::Result<()> {
        if self.terminal {
            // Move to the top left corner and clear the screen.
            write!(out, "\x1b[H\x1b[J")?;
        }
        if self.terminal || step.step == 0 {
            writeln!(out, "{}\n", self.heading)?;
        }
        let mut end = String::new();
        if step.terminated {
            end.push_str(", the end");
        } else if step.truncated {
            end.push_str(", cut off");
        }
        let WatchedStep { step: number, action, reward, .. } = step;
        let heading = format!("step {number}: action {action}, reward {reward:+}");
        writeln!(out, "{heading}, return {:+}{end}", step.r#return)?;
        print_columns(self.observation(&step.observation), decision(step), out)?;
        if let Some(last) = &step.last_observation {
            writeln!(out, "\nat the end")?;
            print_columns(self.observation(last), Vec::new(), out)?;
        }
        writeln!(out)?;
        out.flush()
    }

    /// The lines of an observation.
    fn observation(&self, observation: &[f32]) -> Vec<Line> {
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

/// Prints two columns of lines beside each other.
fn print_columns(left: Vec<Line>, right: Vec<String>, out: &mut dyn Write) -> io::Result<()> {
    let width = left.iter().map(|(_, width)| *width).max().unwrap_or(0);
    for row in 0..left.len().max(right.len()) {
        let (line, line_width) = left.get(row).map_or(("", 0), |(line, width)| (line, *width));
        let other = right.get(row).map_or("", String::as_str);
        let gap = if other.is_empty() { 0 } else { width - line_width + 3 };
        writeln!(out, "{line}{:gap$}{other}", "")?;
    }
    Ok(())
}

/// A feature of a vector, with a bar of x / (1 + |x|) to the left or the right of the middle.
fn feature((index, &value): (usize, &f32)) -> Line {
    let half = BAR_LENGTH / 2;
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

/// Two characters of background colour for each cell, which make it a square.
fn coloured(row: &[PictureCell]) -> Line {
    let cell = |cell: &PictureCell| format!("\x1b[48;2;{}m  ", parameters(cell.colour));
    (row.iter().map(cell).collect::<String>() + "\x1b[0m", 2 * row.len())
}

/// Two rows of cells in each line: the upper half in the text colour, the lower in the background colour.
fn half_blocks(picture: &Picture) -> Vec<Line> {
    let rows: Vec<&[PictureCell]> = picture.rows().collect();
    let line = |pair: &[&[PictureCell]]| {
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

/// The lines of the agent's decision.
fn decision(step: &WatchedStep) -> Vec<String> {
    let Some(decision) = &step.thought else { return vec!["the opponent's move".to_owned()] };
    let mut lines = Vec::new();
    lines.extend(decision.value.map(|value| format!("value {value:+.2}")));
    lines.extend(actions(decision, &step.legal));
    if !decision.imagined.is_empty() {
        let imagined = decision.imagined.iter().take(IMAGINED_STEPS);
        let steps =
            imagined.map(|ImaginedStep { action, reward, .. }| format!("{action} {reward:+.2}"));
        lines.push(format!("imagines {}", steps.collect::<Vec<_>>().join(", ")));
    }
    let earlier: Vec<String> = step
        .foreseen
        .iter()
        .filter(|foreseen| foreseen.steps_before > 0)
        .map(|ImaginedReward { steps_before, reward }| {
            format!("{steps_before} before {reward:+.2}")
        })
        .collect();
    if !earlier.is_empty() {
        lines.push(format!("reward {:+.2}, imagined {}", step.reward, earlier.join(", ")));
    }
    lines
}

/// The table of actions, with the columns that the agent has values for.
fn actions(decision: &Decision, legal: &[bool]) -> Vec<String> {
    let Decision { policy, prior, visits, action_values, .. } = decision;
    if policy.is_empty() && action_values.is_empty() {
        return Vec::new();
    }
    let columns = [
        (true, ("action", Align::Left)),
        (!policy.is_empty(), ("policy", Align::Right)),
        (!policy.is_empty(), ("", Align::Left)),
        (!prior.is_empty(), ("prior", Align::Right)),
        (!visits.is_empty(), ("visits", Align::Right)),
        (!action_values.is_empty(), ("value", Align::Right)),
    ];
    let columns: Vec<(&str, Align)> =
        columns.into_iter().filter(|(known, _)| *known).map(|(_, column)| column).collect();
    let mut table = TextTable::new(&columns).without_rule();
    for (action, legal) in legal.iter().enumerate() {
        let mut cells = vec![match (action == decision.action, legal) {
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

/// A bar for a share in [0, 1], padded to [`BAR_LENGTH`].
fn bar(share: f32) -> String {
    let filled = (share.clamp(0.0, 1.0) * BAR_LENGTH as f32).round() as usize;
    format!("{:<BAR_LENGTH$}", "█".repeat(filled))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn description() -> Description {
        Description { num_players: 2, ..Description::new("world", [1, 2, 2], 3) }
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
            thought: Some(Decision {
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
        Text { description: &description(), terminal, heading: "agent, environment".to_owned() }
            .write(step, &mut out)
            .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_decision_is_beside_the_observation() {
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
    fn an_opponent_has_no_decision_and_a_terminal_has_colours() {
        let step = WatchedStep { thought: None, last_observation: None, ..step() };
        assert!(written(&step, false).ends_with("\n.#   the opponent's move\n..\n\n"));
        let coloured = written(&step, true);
        assert!(coloured.starts_with("\x1b[H\x1b[Jagent, environment\n\nstep 4"));
        assert!(
            coloured.contains("\x1b[48;2;0;0;0m  \x1b[48;2;51;153;255m  \x1b[0m   the opponent")
        );
    }
}
