//! Colours: eight that colour-blind people can distinguish, six of them by Okabe and Ito (2008). An agent has the same
//! colour in every figure of every experiment. Its swept variants have shades of it and dashes.

use plotters::style::RGBColor;
use zerolab_metrics::labels::{agent_name, differing_labels};

use super::markers::Marker;
use super::shades::{shade, variant_looks};
use crate::findings::Findings;
use crate::groups::distinct_in_order;

const BLUE: RGBColor = RGBColor(0x00, 0x72, 0xB2);
const VERMILLION: RGBColor = RGBColor(0xD5, 0x5E, 0x00);
const GREEN: RGBColor = RGBColor(0x00, 0x9E, 0x73);
const PURPLE: RGBColor = RGBColor(0xCC, 0x79, 0xA7);
const ORANGE: RGBColor = RGBColor(0xE6, 0x9F, 0x00);
const SKY: RGBColor = RGBColor(0x56, 0xB4, 0xE9);
const BROWN: RGBColor = RGBColor(0x78, 0x30, 0x00);
/// Also the colour of published results.
pub(crate) const GREY: RGBColor = RGBColor(0x4D, 0x4D, 0x4D);

/// Text and axes. The page replaces this colour in dark mode.
pub(crate) const INK: RGBColor = RGBColor(0x00, 0x00, 0x00);
/// Grid lines.
pub(crate) const FAINT: RGBColor = RGBColor(0xD9, 0xD9, 0xD9);

/// In the order in which agents without a fixed colour take them. Brown replaces yellow and dark grey
/// replaces black: both are visible on white and on dark backgrounds, and differ from the others also for colour-blind
/// people.
pub(super) const COLOURS: [RGBColor; 8] =
    [BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BROWN, GREY];

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

/// The dashes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dash {
    Solid,
    Dashed,
    Dotted,
    LongDashed,
}

impl Dash {
    pub const ALL: [Dash; 4] = [Dash::Solid, Dash::Dashed, Dash::Dotted, Dash::LongDashed];

    /// The lengths of a dash and of a gap in pixels; nothing for a solid line.
    pub fn lengths(self) -> Option<(i32, i32)> {
        match self {
            Dash::Solid => None,
            Dash::Dashed => Some((24, 14)),
            Dash::Dotted => Some((7, 12)),
            Dash::LongDashed => Some((60, 16)),
        }
    }
}

/// How an agent's line looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct LineStyle {
    pub colour: RGBColor,
    pub marker: Marker,
    pub dash: Dash,
}

impl LineStyle {
    /// A solid line of one colour.
    pub const fn solid(colour: RGBColor, marker: Marker) -> Self {
        Self { colour, marker, dash: Dash::Solid }
    }
}

/// The line style and the short label of each agent of an experiment.
pub(crate) struct Palette {
    variants: Vec<Variant>,
}

struct Variant {
    agent: String,
    label: String,
    line: LineStyle,
}

impl Palette {
    /// For the agents of an experiment with their swept settings.
    pub fn of(findings: &Findings) -> Self {
        Self::of_labels(findings, &distinct_in_order(&findings.groups, |group| &group.agent))
    }

    /// For labels with fewer settings. The agents have the same colours as in [`Palette::of`].
    pub fn of_labels(findings: &Findings, labels: &[&str]) -> Self {
        Self::new(&distinct_in_order(&findings.groups, |group| &group.agent_name), labels)
    }

    /// For agents of these names, in the order of the plan.
    fn new(names: &[&str], labels: &[&str]) -> Self {
        let texts = differing_labels(labels);
        let looks = base_looks(names);
        let mut variants: Vec<Variant> = Vec::new();
        for (name, (colour, cycle)) in names.iter().zip(looks) {
            let of_name: Vec<usize> =
                (0..labels.len()).filter(|&index| agent_name(labels[index]) == *name).collect();
            let whole: Vec<&str> = of_name.iter().map(|&index| labels[index]).collect();
            let first = COLOURS.iter().position(|known| *known == colour).unwrap_or(0);
            for (place, (index, look)) in of_name.iter().zip(variant_looks(&whole)).enumerate() {
                let line = LineStyle {
                    colour: shade(colour, look.level, look.levels),
                    marker: MARKERS[(first + cycle + place) % MARKERS.len()],
                    dash: Dash::ALL[(look.dash + cycle) % Dash::ALL.len()],
                };
                let (agent, label) = (labels[*index].to_owned(), texts[*index].clone());
                variants.push(Variant { agent, label, line });
            }
        }
        Self { variants }
    }

    /// The line style of `agent`; dashed grey for one that is not in the experiment.
    pub fn line(&self, agent: &str) -> LineStyle {
        let found = self.variants.iter().find(|variant| variant.agent == agent);
        let other = LineStyle { colour: GREY, marker: Marker::Ring, dash: Dash::Dashed };
        found.map_or(other, |variant| variant.line)
    }

    /// The label of `agent`: what differs from the others, with short names of settings.
    pub fn label<'a>(&'a self, agent: &'a str) -> &'a str {
        let found = self.variants.iter().find(|variant| variant.agent == agent);
        found.map_or(agent, |variant| &variant.label)
    }
}

/// The colour of each agent, and how many agents before it have that colour.
fn base_looks(names: &[&str]) -> Vec<(RGBColor, usize)> {
    let fixed = |name: &str| {
        FIXED_COLOURS.iter().find(|(known, _)| *known == name).map(|(_, colour)| *colour)
    };
    let taken: Vec<RGBColor> = names.iter().filter_map(|name| fixed(name)).collect();
    let free = COLOURS.into_iter().filter(|colour| !taken.contains(colour));
    let mut others = free
        .map(|colour| (colour, 0))
        .chain((1..).flat_map(|cycle| COLOURS.into_iter().map(move |colour| (colour, cycle))));
    let mut next = || others.next().unwrap_or((GREY, 0));
    names.iter().map(|name| fixed(name).map_or_else(&mut next, |colour| (colour, 0))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_distinct(palette: &Palette) {
        for (index, first) in palette.variants.iter().enumerate() {
            for second in &palette.variants[..index] {
                assert_ne!(first.line, second.line, "{}, {}", first.agent, second.agent);
                let (first, second) = (first.line, second.line);
                assert!(
                    first.colour != second.colour || first.dash != second.dash,
                    "{first:?}, {second:?}"
                );
            }
        }
    }

    #[test]
    fn an_agent_has_the_same_colour_whichever_others_there_are() {
        let names = ["my variant", "random", "efficientzero", "muzero"];
        let (alone, among) = (Palette::new(&["muzero"], &["muzero"]), Palette::new(&names, &names));
        assert_eq!(alone.line("muzero"), among.line("muzero"));
    }

    #[test]
    fn twenty_four_agents_have_lines_of_their_own() {
        let names: Vec<String> = (0..21).map(|number| format!("variant {number}")).collect();
        let mut agents: Vec<&str> = names.iter().map(String::as_str).collect();
        agents.extend(["efficientzero", "muzero", "random"]);
        assert_distinct(&Palette::new(&agents, &agents));
    }

    #[test]
    fn twenty_four_variants_of_one_agent_have_lines_of_their_own() {
        let drawn: Vec<String> =
            (0..24).map(|number| format!("dqn [a={number}, b={}]", 24 - number)).collect();
        let crossed: Vec<String> =
            (0..24).map(|number| format!("dqn [a={}, b={}]", number % 6, number / 6)).collect();
        let along: Vec<String> = (0..24).map(|number| format!("dqn [a={number}]")).collect();
        for labels in [drawn, crossed, along] {
            let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
            assert_distinct(&Palette::new(&["dqn"], &labels));
        }
    }

    #[test]
    fn of_two_crossed_settings_one_has_shades_and_the_other_dashes() {
        let labels = ["dqn [a=1, b=1]", "dqn [a=2, b=1]", "dqn [a=4, b=1]"];
        let others = ["dqn [a=1, b=2]", "dqn [a=2, b=2]", "dqn [a=4, b=2]"];
        let palette = Palette::new(&["dqn"], &[labels, others].concat());
        for (label, other) in labels.into_iter().zip(others) {
            let (line, other) = (palette.line(label), palette.line(other));
            assert_eq!((line.colour, line.dash), (other.colour, Dash::Solid));
            assert_eq!(other.dash, Dash::Dashed);
        }
    }
}
