//! Colours: eight that colour-blind people tell apart (Okabe and Ito 2008), and the same one for the same
//! agent in every figure of every experiment.

use plotters::style::RGBColor;

use super::marks::Mark;
use crate::findings::Findings;
use crate::groups::in_order;

const BLUE: RGBColor = RGBColor(0x00, 0x72, 0xB2);
const VERMILLION: RGBColor = RGBColor(0xD5, 0x5E, 0x00);
const GREEN: RGBColor = RGBColor(0x00, 0x9E, 0x73);
const PURPLE: RGBColor = RGBColor(0xCC, 0x79, 0xA7);
const ORANGE: RGBColor = RGBColor(0xE6, 0x9F, 0x00);
const SKY: RGBColor = RGBColor(0x56, 0xB4, 0xE9);
const YELLOW: RGBColor = RGBColor(0xC9, 0xB8, 0x00);
/// Also what others published.
pub(crate) const GREY: RGBColor = RGBColor(0x76, 0x76, 0x76);

/// Text and axes; the page gives this colour its own in the dark.
pub(crate) const INK: RGBColor = RGBColor(0x00, 0x00, 0x00);
/// Grid lines.
pub(crate) const FAINT: RGBColor = RGBColor(0xD9, 0xD9, 0xD9);

/// In the order in which agents without a colour of their own take them. Yellow is darkened, black is
/// grey, both to be seen on white and on dark.
const COLOURS: [RGBColor; 8] = [BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, YELLOW, GREY];

/// Agents that keep their colour from one experiment to the next.
const KEPT: [(&str, RGBColor); 5] = [
    ("efficientzero", BLUE),
    ("muzero", VERMILLION),
    ("dqn", GREEN),
    ("ppo", PURPLE),
    ("random", GREY),
];

/// The mark of each colour of [`COLOURS`]: in greyscale it is what tells agents apart.
const MARKS: [Mark; 8] = [
    Mark::Circle,
    Mark::Square,
    Mark::Triangle,
    Mark::Diamond,
    Mark::Inverted,
    Mark::Cross,
    Mark::Plus,
    Mark::Ring,
];

/// How an agent's line looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct LineStyle {
    pub colour: RGBColor,
    pub mark: Mark,
    /// Beyond eight agents colours come again, dashed.
    pub dashed: bool,
}

impl LineStyle {
    fn new(colour: RGBColor, dashed: bool) -> Self {
        let place = COLOURS.iter().position(|known| *known == colour).unwrap_or(0);
        Self { colour, mark: MARKS[place], dashed }
    }
}

/// The line of each agent of an experiment.
pub(crate) struct Palette<'a> {
    lines: Vec<(&'a str, LineStyle)>,
}

impl<'a> Palette<'a> {
    pub fn of(findings: &'a Findings) -> Self {
        Self::for_agents(&in_order(&findings.groups, |group| &group.agent))
    }

    /// Of these agents, in the order of the plan.
    pub fn for_agents(agents: &[&'a str]) -> Self {
        let kept =
            |agent: &str| KEPT.iter().find(|(name, _)| *name == agent).map(|(_, colour)| *colour);
        let taken: Vec<RGBColor> = agents.iter().filter_map(|agent| kept(agent)).collect();
        let free: Vec<RGBColor> =
            COLOURS.into_iter().filter(|colour| !taken.contains(colour)).collect();
        let mut others = 0;
        let lines = agents.iter().map(|agent| {
            let style =
                kept(agent).map(|colour| LineStyle::new(colour, false)).unwrap_or_else(|| {
                    let place = others;
                    others += 1;
                    match free.get(place) {
                        Some(colour) => LineStyle::new(*colour, false),
                        None => LineStyle::new(COLOURS[(place - free.len()) % COLOURS.len()], true),
                    }
                });
            (*agent, style)
        });
        Self { lines: lines.collect() }
    }

    /// The line of `agent`; grey for one that is not in the experiment.
    pub fn line(&self, agent: &str) -> LineStyle {
        let found = self.lines.iter().find(|(name, _)| *name == agent);
        found.map_or(LineStyle::new(GREY, true), |(_, style)| *style)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_keeps_its_colour_whatever_stands_beside_it() {
        let alone = Palette::for_agents(&["muzero"]);
        let among = Palette::for_agents(&["my variant", "random", "efficientzero", "muzero"]);
        assert_eq!(alone.line("muzero"), among.line("muzero"));
    }

    #[test]
    fn no_two_agents_share_a_line_up_to_sixteen() {
        let names: Vec<String> = (0..13).map(|number| format!("variant {number}")).collect();
        let mut agents: Vec<&str> = names.iter().map(String::as_str).collect();
        agents.extend(["efficientzero", "muzero", "random"]);
        let palette = Palette::for_agents(&agents);
        for (place, first) in agents.iter().enumerate() {
            for second in &agents[..place] {
                assert_ne!(palette.line(first), palette.line(second), "{first}, {second}");
            }
        }
    }
}
