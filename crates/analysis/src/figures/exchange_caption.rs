//! What the figure `exchange` says in words: its definitions, the fitted rates, and how far away the references are.

use zerolab_metrics::statistics::{ExchangeRate, Interval};

use super::legend::LegendEntry;
use crate::exchange::{Exchange, Level, LevelVariant};
use crate::numbers::{count, counted, enumerated, exact, prefixed, score};

/// A known number of imagined steps per real step.
pub(super) struct Reference {
    pub imagined: f64,
    /// Its name beside its line.
    pub name: &'static str,
    /// Where it comes from.
    pub source: &'static str,
}

/// EfficientZero: Ye et al. 2021, with 50 simulations, 120,000 updates of 256 samples and 6 searches for each, in 100,000
/// real steps. The others are a claim and an invented example.
const REFERENCES: [Reference; 3] = [
    Reference {
        imagined: 92_210.0,
        name: "EfficientZero (paper)",
        source: "EfficientZero on Atari 100k, as published",
    },
    Reference {
        imagined: 1.05e6,
        name: "a year in 30 s",
        source: "a year imagined in 30 real seconds",
    },
    Reference {
        imagined: 2.8e8,
        name: "8,000 years in 15 min",
        source: "8,000 years of chess imagined in 15 real minutes",
    },
];

/// A reference at most this many times the greatest number here has a line. Farther ones would squeeze the points.
const NEAR: f64 = 10.0;

/// The references, and the numbers of imagined steps per real step that they are compared with.
pub(super) struct References {
    /// Those that have a line.
    pub drawn: Vec<&'static Reference>,
    /// Those that lie too far beyond the right end of the axis.
    beyond: Vec<&'static Reference>,
    least: f64,
    most: f64,
}

impl References {
    pub fn of(panels: &[Exchange<'_>]) -> Self {
        let imagined = || variants(panels).map(|(_, it)| it.imagined()).filter(|it| *it > 0.0);
        let (least, most) =
            (imagined().fold(f64::INFINITY, f64::min), imagined().fold(0.0, f64::max));
        let (drawn, beyond) =
            REFERENCES.iter().partition(|reference| reference.imagined <= NEAR * most);
        Self { drawn, beyond, least, most }
    }

    /// The entries of the legend: first those that have a line.
    pub fn legend(&self) -> impl Iterator<Item = LegendEntry> {
        let drawn = self.drawn.iter().map(|it| (it, written(it.imagined)));
        let times = |it: &Reference| format!("{} times as many", prefixed(it.imagined / self.most));
        let beyond = self.beyond.iter().map(move |it| (it, times(it)));
        drawn.chain(beyond).map(|(it, text)| LegendEntry {
            text: format!("{}: {text}", it.name),
            whole: format!("{}: {}", it.source, written(it.imagined)),
        })
    }

    fn in_words(&self) -> String {
        let most = self.most;
        let reference = |reference: &&Reference| {
            let times = reference.imagined / most;
            let far = match times > 1.0 {
                true => format!("{} times the most here", prefixed(times)),
                false => "not more than the most here".to_owned(),
            };
            format!("{} ({}, {far})", reference.source, written(reference.imagined))
        };
        let names = |of: &[&'static Reference]| {
            enumerated(&of.iter().map(reference).collect::<Vec<String>>())
        };
        let mut sentences = vec![format!(
            "Agents here imagine between {} and {} steps per real step.",
            score(self.least),
            score(most)
        )];
        if !self.drawn.is_empty() {
            sentences.push(format!("Vertical lines: {}.", names(&self.drawn)));
        }
        if !self.beyond.is_empty() {
            sentences.push(format!("Beyond the axis: {}.", names(&self.beyond)));
        }
        sentences.join(" ")
    }
}

/// The caption of the figure.
pub(super) fn caption(panels: &[Exchange<'_>], known: &References) -> String {
    let parts = [
        "Real steps of training until the mean return of an evaluation first reaches a level, against imagined steps per \
         real step (acting and reanalysis, at the end of a run). Both axes are logarithmic. A point is an agent with its \
         settings: the median over its finished runs (Kaplan–Meier; a run that never reaches the level is censored at \
         its end) with its 95 % interval, without a cap where the runs do not bound it. Points of the levels stand side by \
         side."
            .to_owned(),
        levels(panels),
        zero_column(panels),
        missing(panels),
        rates(panels),
        known.in_words(),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

/// A rate with its interval, of which an end may be infinite: `0.42 [0.31, ∞)`.
pub(super) fn rate_in_words(rate: &ExchangeRate) -> String {
    let two = |value: f64| score((100.0 * value).round() / 100.0);
    let Some(Interval { low, high }) = rate.interval else { return two(rate.rate) };
    let low = if low.is_finite() { format!("[{}", two(low)) } else { "(−∞".to_owned() };
    let high = if high.is_finite() { format!("{}]", two(high)) } else { "∞)".to_owned() };
    format!("{} {low}, {high}", two(rate.rate))
}

fn levels(panels: &[Exchange<'_>]) -> String {
    let ends = |is_exact: bool, ends: &str| {
        let names = panels.iter().filter(|panel| panel.is_exact == is_exact);
        let names: Vec<String> = names.map(|panel| panel.environment.to_owned()).collect();
        (!names.is_empty()).then(|| match names.len() == panels.len() {
            true => ends.to_owned(),
            false => format!("{ends} ({})", enumerated(&names)),
        })
    };
    let exact =
        ends(true, "from random actions to the best policy for the paid reward, both exact");
    let seen = ends(false, "from the lowest to the highest mean return of an evaluation");
    let ends: Vec<String> = exact.into_iter().chain(seen).collect();
    format!("Levels are shares of the way {}.", ends.join(", or "))
}

fn variants<'b, 'a>(
    panels: &'b [Exchange<'a>],
) -> impl Iterator<Item = (&'b Level<'a>, &'b LevelVariant<'a>)> {
    let levels = panels.iter().flat_map(|panel| &panel.levels);
    levels.flat_map(|level| level.variants.iter().map(move |variant| (level, variant)))
}

fn zero_column(panels: &[Exchange<'_>]) -> String {
    let drawn = |it: &LevelVariant<'_>| it.imagined() == 0.0 && it.median().is_some();
    match variants(panels).any(|(_, it)| drawn(it)) {
        true => "Agents that imagine nothing stand in the column 0 and are not joined.".to_owned(),
        false => String::new(),
    }
}

fn missing(panels: &[Exchange<'_>]) -> String {
    let points = variants(panels).count();
    let missing = variants(panels).filter(|(_, it)| it.median().is_none()).count();
    match missing {
        0 => String::new(),
        missing => format!(
            "{} of {} are missing, because fewer than half of the runs reach the level.",
            count(missing as u64),
            counted(points, "point")
        ),
    }
}

fn rates(panels: &[Exchange<'_>]) -> String {
    let of_panel = |panel: &Exchange<'_>| {
        let rate = |level: &Level<'_>| {
            let rate = level.rate.as_ref()?;
            let variants = rate.variants;
            Some(format!("{} % {} ({variants} agents)", level.percent, rate_in_words(rate)))
        };
        let rates: Vec<String> = panel.levels.iter().filter_map(rate).collect();
        (!rates.is_empty()).then(|| format!("{}: {}", panel.environment, rates.join(", ")))
    };
    let rates: Vec<String> = panels.iter().filter_map(of_panel).collect();
    if rates.is_empty() {
        return "There is no exchange rate: it needs three agents with different imagined steps per real step that reach \
                a level."
            .to_owned();
    }
    let left_out = variants(panels)
        .any(|(level, it)| level.rate.is_some() && it.imagined() > 0.0 && it.median().is_none());
    let bias = match left_out {
        true => {
            " Agents that do not reach a level are left out of its fit. If they are those that imagine least, χ is too low."
        }
        false => "",
    };
    format!(
        "χ is the exchange rate: with ten times the imagination, real steps fall to 10^−χ of what they were (least \
         squares over the logarithms; 95 % bootstrap interval over seeds, infinite where the runs do not bound it). \
         {}.{bias}",
        rates.join("; ")
    )
}

fn written(value: f64) -> String {
    if value < 1e6 { exact(value) } else { prefixed(value) }
}
