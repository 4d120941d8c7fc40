//! Colours: eight that colour-blind people can distinguish (Okabe and Ito 2008). An agent has the same
//! colour in every figure of every experiment.

use plotters::style::RGBColor;

use super::markers::Marker;
use crate::findings::Findings;
use crate::groups::distinct_in_order;

const BLUE: RGBColor = RGBColor(0x00, 0x72, 0xB2);
const VERMILLION: RGBColor = RGBColor(0xD5, 0x5E, 0x00);
const GREEN: RGBColor = RGBColor(0x00, 0x9E, 0x73);
const PURPLE: RGBColor = RGBColor(0xCC, 0x79, 0xA7);
const ORANGE: RGBColor = RGBColor(0xE6, 0x9F, 0x00);
const SKY: RGBColor = RGBColor(0x56, 0xB4, 0xE9);
const YELLOW: RGBColor = RGBColor(0xC9, 0xB8, 0x00);
/// Also the colour of published results.
pub(crate) const GREY: RGBColor = RGBColor(0x76, 0x76, 0x76);

/// Text and axes. The page replaces this colour in dark mode.
pub(crate) const INK: RGBColor = RGBColor(0x00, 0x00, 0x00);
/// Grid lines.
pub(crate) const FAINT: RGBColor = RGBColor(0xD9, 0xD9, 0xD9);

/// In the order in which agents without a fixed colour take them. Yellow is darkened and black is replaced
/// by grey, so that both are visible on white and on dark backgrounds.
const COLOURS: [RGBColor; 8] = [BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, YELLOW, GREY];

/// Agents with a fixed colour.
const FIXED_COLOURS: [(&str, RGBColor); 5] = [
    ("efficientzero", BLUE),
    ("muzero", VERMILLION),
    ("dqn", GREEN),
    ("ppo", PURPLE),
    ("random", GREY),
];

/// The marker of each colour of [`COLOURS`]: it distinguishes agents in greyscale.
const MARKERS: [Marker; 8] = [
    Marker::Circle,
    Marker::Square,
    Marker::Triangle,
    Marker::Diamond,
    Marker::Inverted,
    Marker::Cross,
    Marker::Plus,
    Marker::Ring,
];

/// How an agent's line looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct LineStyle {
    pub colour: RGBColor,
    pub marker: Marker,
    /// From the ninth agent on, colours repeat with dashed lines.
    pub dashed: bool,
}

impl LineStyle {
    fn new(colour: RGBColor, dashed: bool) -> Self {
        let index = COLOURS.iter().position(|known| *known == colour).unwrap_or(0);
        Self { colour, marker: MARKERS[index], dashed }
    }
}

/// The line style of each agent of an experiment.
pub(crate) struct Palette<'a> {
    lines: Vec<(&'a str, LineStyle)>,
}

impl<'a> Palette<'a> {
    pub fn of(findings: &'a Findings) -> Self {
        Self::for_agents(&distinct_in_order(&findings.groups, |group| &group.agent))
    }

    /// For these agents, in the order of the plan.
    pub fn for_agents(agents: &[&'a str]) -> Self {
        let fixed = |agent: &str| {
            FIXED_COLOURS.iter().find(|(name, _)| *name == agent).map(|(_, colour)| *colour)
        };
        let taken: Vec<RGBColor> = agents.iter().filter_map(|agent| fixed(agent)).collect();
        let free: Vec<RGBColor> =
            COLOURS.into_iter().filter(|colour| !taken.contains(colour)).collect();
        let mut others = 0;
        let lines = agents.iter().map(|agent| {
            let style =
                fixed(agent).map(|colour| LineStyle::new(colour, false)).unwrap_or_else(|| {
                    let index = others;
                    others += 1;
                    match free.get(index) {
                        Some(colour) => LineStyle::new(*colour, false),
                        None => LineStyle::new(COLOURS[(index - free.len()) % COLOURS.len()], true),
                    }
                });
            (*agent, style)
        });
        Self { lines: lines.collect() }
    }

    /// The line style of `agent`; dashed grey for one that is not in the experiment.
    pub fn line(&self, agent: &str) -> LineStyle {
        let found = self.lines.iter().find(|(name, _)| *name == agent);
        found.map_or(LineStyle::new(GREY, true), |(_, style)| *style)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_has_the_same_colour_whichever_others_there_are() {
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
        for (index, first) in agents.iter().enumerate() {
            for second in &agents[..index] {
                assert_ne!(palette.line(first), palette.line(second), "{first}, {second}");
            }
        }
    }
}
