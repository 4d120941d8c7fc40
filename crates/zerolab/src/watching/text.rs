//! A watched step as text: the picture, and beside it the agent's decision, or below it in a narrow terminal. A
//! terminal shows steps in colour, each in the place of the previous one; elsewhere they are printed plainly, one
//! after the other.

use std::io::{self, Write};

use zerolab_environments::{Description, Scene};
use zerolab_experiments::inspect::watch::WatchedStep;
use zerolab_metrics::display_width::display_width;

use super::decision::decision_lines;
use super::picture::{Colour, Picture, PictureCell};

/// The length of the bar of a feature in characters.
const BAR_LENGTH: usize = 10;

/// Images of more columns are made smaller.
const MOST_COLUMNS: usize = 96;

/// The space between the observation and the decision.
const GAP: usize = 3;

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
    /// Prints one step, in lines of at most `width` columns if that is given.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(
        &self,
        step: &WatchedStep,
        width: Option<usize>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let width = width.unwrap_or(usize::MAX);
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
        let WatchedStep { step: number, action, events, .. } = step;
        let reward = step.reward.map_or("hidden".to_owned(), |reward| format!("{reward:+}"));
        let heading = format!("step {number}: action {action}, reward {reward}");
        let events: String = events.iter().map(|event| format!(", {event}")).collect();
        writeln!(out, "{heading}, return {:+}{events}{end}", step.r#return)?;
        let seen = self.lines(&step.observation, step.scene.as_ref(), width);
        print_beside_or_below(&seen, step, width, out)?;
        if let Some(last) = &step.last_observation {
            writeln!(out, "\nat the end")?;
            print_columns(&self.lines(last, step.last_scene.as_ref(), width), 0, &[], out)?;
        }
        writeln!(out)?;
        out.flush()
    }

    /// The lines of a state. Its picture, if it is an image, is only for a terminal.
    fn lines(&self, observation: &[f32], scene: Option<&Scene>, width: usize) -> Vec<Line> {
        let scene = scene.filter(|scene| self.terminal || !scene.is_image);
        let picture = scene.map(Picture::of_scene);
        match picture.or_else(|| Picture::of(self.description, observation)) {
            None => observation.iter().enumerate().map(feature).collect(),
            Some(picture) if self.terminal && picture.is_image => {
                let columns = width.clamp(1, MOST_COLUMNS);
                half_blocks(&picture.shrunk(picture.width.div_ceil(columns)))
            }
            Some(picture) if self.terminal => picture.rows().map(coloured).collect(),
            Some(picture) => {
                let rows = picture.rows();
                rows.map(|row| (row.iter().map(|cell| cell.mark).collect(), row.len())).collect()
            }
        }
    }
}

/// Prints the lines of an observation, and the agent's decision beside them. The decision stands below them if both
/// are wider than `width`.
fn print_beside_or_below(
    observation: &[Line],
    step: &WatchedStep,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let observation_width = observation.iter().map(|(_, width)| *width).max().unwrap_or(0);
    let room = width.saturating_sub(observation_width + GAP);
    let beside = decision_lines(step, room);
    if beside.iter().all(|line| display_width(line) <= room) {
        return print_columns(observation, observation_width + GAP, &beside, out);
    }
    print_columns(observation, 0, &[], out)?;
    decision_lines(step, width).iter().try_for_each(|line| writeln!(out, "{line}"))
}

/// Prints two columns of lines, the second of which begins at the column `start`.
fn print_columns(
    left: &[Line],
    start: usize,
    right: &[String],
    out: &mut dyn Write,
) -> io::Result<()> {
    for row in 0..left.len().max(right.len()) {
        let (line, width) = left.get(row).map_or(("", 0), |(line, width)| (line, *width));
        let other = right.get(row).map_or("", String::as_str);
        let gap = if other.is_empty() { 0 } else { start.saturating_sub(width) };
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

#[cfg(test)]
mod tests {
    use super::*;
    use zerolab_agents::{Decision, ImaginedStep};
    use zerolab_experiments::inspect::imagined::ImaginedReward;

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
            reward: Some(1.0),
            performance: 1.0,
            events: Vec::new(),
            r#return: 1.0,
            terminated: true,
            truncated: false,
            foreseen: vec![
                ImaginedReward { steps_before: 2, reward: 0.75 },
                ImaginedReward { steps_before: 0, reward: 1.0 },
            ],
            last_observation: Some(vec![0.0, 0.0, 0.0, 1.0]),
            scene: None,
            last_scene: None,
        }
    }

    fn written(step: &WatchedStep, terminal: bool, width: Option<usize>) -> String {
        let mut out = Vec::new();
        Text { description: &description(), terminal, heading: "agent, environment".to_owned() }
            .write(step, width, &mut out)
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
        assert_eq!(written(&step(), false, None), expected);
    }

    /// The lines of the decision in a terminal of `width` columns.
    fn decision_in(width: usize) -> String {
        let step = WatchedStep { last_observation: None, ..step() };
        let written = written(&step, false, Some(width));
        written.split_once('\n').unwrap().1.trim_end().to_owned()
    }

    #[test]
    fn beside_the_observation_bars_are_left_out_and_lists_wrapped_where_room_is_short() {
        let expected = "\
.#   value +0.50
..   action       policy  prior  visits  value
       0            0.25   0.50       1  -0.50
     > 1            0.75   0.50       3  +1.00
       2 illegal    0.00   0.00       0  +0.00
     imagines 1 +0.00, 2 +1.00
     reward +1.00, imagined 2 before +0.75";
        assert_eq!(decision_in(46), expected);
    }

    #[test]
    fn the_decision_is_below_the_observation_if_it_is_too_wide_to_be_beside_it() {
        let expected = "\
.#
..
value +0.50
action       policy  prior  visits  value
  0            0.25   0.50       1  -0.50
> 1            0.75   0.50       3  +1.00
  2 illegal    0.00   0.00       0  +0.00
imagines 1 +0.00, 2 +1.00
reward +1.00, imagined 2 before +0.75";
        assert_eq!(decision_in(45), expected);
        let wrapped = "imagines 1 +0.00,\n2 +1.00\nreward +1.00,\nimagined 2 before +0.75";
        assert!(decision_in(24).ends_with(wrapped));
    }

    #[test]
    fn an_image_of_the_environment_is_for_terminals_and_a_board_for_files_too() {
        let with = |scene: Scene, terminal| {
            let step = WatchedStep { scene: Some(scene), last_observation: None, ..step() };
            written(&step, terminal, Some(200))
        };
        let mut board = Scene::board(1, 2);
        board.put(0, 1, 2);
        assert!(with(board, false).contains("\n.o   value"));
        let image = Scene::image(4, 192);
        assert_eq!(
            with(image.clone(), false),
            with(Scene { cells: vec![1; 768], ..image.clone() }, false)
        );
        let drawn = with(image, true);
        assert_eq!(drawn.lines().filter(|line| line.matches('▀').count() == 96).count(), 1);
    }

    #[test]
    fn an_opponent_has_no_decision_and_a_terminal_has_colours() {
        let step = WatchedStep { thought: None, last_observation: None, ..step() };
        assert!(written(&step, false, None).ends_with("\n.#   the opponent's move\n..\n\n"));
        let coloured = written(&step, true, None);
        assert!(coloured.starts_with("\x1b[H\x1b[Jagent, environment\n\nstep 4"));
        assert!(
            coloured.contains("\x1b[48;2;0;0;0m  \x1b[48;2;51;153;255m  \x1b[0m   the opponent")
        );
    }
}
