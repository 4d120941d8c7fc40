//! Shades and dashes of the variants of one agent, and lighter colours for dark backgrounds.

use plotters::style::RGBColor;
use zerolab_metrics::labels::settings_of_label;

use super::colour_scale::luminance;
use super::palette::{COLOURS, Dash};

/// More shades of a colour cannot be told apart.
const MAX_LEVELS: usize = 6;

/// The shade and the dashes of a variant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct VariantLook {
    /// From 0, the lightest.
    pub level: usize,
    /// The number of shades.
    pub levels: usize,
    /// An index of [`Dash::ALL`].
    pub dash: usize,
}

/// The look of each variant of one agent, given their labels. The values of one setting have shades, darker for
/// greater ones, and those of a second setting have dashes. Otherwise variants have shades and then dashes in turn.
pub(super) fn variant_looks(labels: &[&str]) -> Vec<VariantLook> {
    let mut settings = varied_settings(labels);
    settings.sort_by_key(|values| std::cmp::Reverse(values.iter().max().copied()));
    let count = |values: &Vec<usize>| values.iter().max().map_or(1, |last| last + 1);
    let in_turn = |place: usize, number: usize| {
        let levels = number.min(MAX_LEVELS);
        VariantLook { level: place % levels, levels, dash: place / levels % Dash::ALL.len() }
    };
    let places = 0..labels.len();
    match settings.as_slice() {
        [values] => values.iter().map(|&place| in_turn(place, count(values))).collect(),
        [shaded, dashed] if count(shaded) <= MAX_LEVELS && count(dashed) <= Dash::ALL.len() => {
            let look = |place: usize| VariantLook {
                level: shaded[place],
                levels: count(shaded),
                dash: dashed[place],
            };
            places.map(look).collect()
        }
        _ => places.map(|place| in_turn(place, labels.len())).collect(),
    }
}

/// For each setting that varies the place of each label's value among its values.
fn varied_settings(labels: &[&str]) -> Vec<Vec<usize>> {
    let settings: Vec<Vec<(&str, &str)>> = labels
        .iter()
        .map(|label| settings_of_label(label).iter().filter_map(|it| it.split_once('=')).collect())
        .collect();
    let mut keys: Vec<&str> = settings.iter().flatten().map(|(key, _)| *key).collect();
    keys.sort_unstable();
    keys.dedup();
    let places = |key: &str| -> Option<Vec<usize>> {
        let of_key = |of: &Vec<(&str, &str)>| {
            of.iter().find(|(known, _)| *known == key).map_or(String::new(), |(_, it)| (*it).into())
        };
        let written: Vec<String> = settings.iter().map(of_key).collect();
        let mut values: Vec<&String> = written.iter().collect();
        values.sort_by(|first, second| {
            let number = |text: &str| text.replace('_', "").parse::<f64>().ok();
            match (number(first), number(second)) {
                (Some(first), Some(second)) => first.total_cmp(&second),
                _ => first.cmp(second),
            }
        });
        values.dedup();
        let place = |value: &String| values.iter().position(|known| *known == value);
        (values.len() > 1).then(|| written.iter().filter_map(place).collect())
    };
    keys.into_iter().filter_map(places).collect()
}

/// The shade of `colour` at one of `levels` from light to dark; the colour itself if there is one level.
pub(super) fn shade(colour: RGBColor, level: usize, levels: usize) -> RGBColor {
    if levels < 2 {
        return colour;
    }
    // A light colour would not be visible if it was lightened.
    let lightest = if luminance(colour) > 0.3 { 0.0 } else { 0.4 };
    let along = level as f64 / (levels - 1) as f64;
    let towards_black = along * (0.6 + lightest) - lightest;
    if towards_black < 0.0 {
        mixed(colour, 255, -towards_black)
    } else {
        mixed(colour, 0, towards_black)
    }
}

fn mixed(colour: RGBColor, with: u8, share: f64) -> RGBColor {
    let part =
        |part: u8| (f64::from(part) + share * (f64::from(with) - f64::from(part))).round() as u8;
    RGBColor(part(colour.0), part(colour.1), part(colour.2))
}

/// The CSS rules that lighten the lines of agents on a dark background, for the colours in `svgs`.
pub(crate) fn dark_mode_rules<'a>(svgs: impl Iterator<Item = &'a str> + Clone) -> String {
    let mut rules = String::new();
    let shades = |colour: RGBColor| {
        let levels = (1..=MAX_LEVELS).flat_map(|levels| (0..levels).map(move |it| (it, levels)));
        levels.map(move |(level, levels)| shade(colour, level, levels))
    };
    let mut colours: Vec<RGBColor> = COLOURS.into_iter().flat_map(shades).collect();
    colours.sort_by_key(|it| (it.0, it.1, it.2));
    colours.dedup();
    for colour in colours {
        let (name, light) = (hexadecimal(colour), hexadecimal(mixed(colour, 255, 0.4)));
        for attribute in ["stroke", "fill"] {
            let selector = format!("{attribute}=\"{name}\"");
            if svgs.clone().any(|svg| svg.contains(&selector)) {
                rules.push_str(&format!("figure svg [{selector}]{{{attribute}:{light}}}\n"));
            }
        }
    }
    rules
}

fn hexadecimal(colour: RGBColor) -> String {
    format!("#{:02X}{:02X}{:02X}", colour.0, colour.1, colour.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greater_values_are_darker() {
        for colour in COLOURS {
            let lights: Vec<f64> =
                (0..MAX_LEVELS).map(|level| luminance(shade(colour, level, MAX_LEVELS))).collect();
            assert!(
                lights.windows(2).all(|pair| pair[0] > 1.2 * pair[1]),
                "{colour:?}: {lights:?}"
            );
        }
        let looks = variant_looks(&["dqn [a=16]", "dqn [a=4]", "dqn [a=128]"]);
        assert_eq!(looks.iter().map(|look| look.level).collect::<Vec<_>>(), [1, 0, 2]);
    }
}
