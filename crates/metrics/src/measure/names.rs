//! The names of measures in specs, tables and sentences.

use super::Measure;

/// The beginnings of the names of measures of an event.
const SHARE: &str = "share.";
const RATE: &str = "rate.";
const HALF_LIFE: &str = "half_life.";

/// The ends of the names of measures of two events.
const CONTINGENCY: (&str, &str) = ("contingency[", "]");

/// The beginning of the names of measures of training episodes.
const TRAINING: &str = "training.";

/// The ends of the names of measures of a threshold.
const STEPS_UNTIL: (&str, &str) = ("steps_until[", "]");

/// The beginning of the names of measures of an examination.
const EXAMINATION: &str = "examination.";

impl Measure {
    /// The measure with this name; `None` if there is none. Whether an event exists depends on the environment.
    pub fn from_name(name: &str) -> Option<Self> {
        let of_event = |start: &str, measure: fn(String) -> Measure| {
            let event = name.strip_prefix(start).filter(|event| !event.is_empty())?;
            Some(measure(event.to_owned()))
        };
        if let Some(rest) = name.strip_prefix(EXAMINATION) {
            let (label, of) = split_label(rest)?;
            return Some(Measure::Examined { label: label.to_owned(), of: of.to_owned() });
        }
        if let Some(rest) = name.strip_prefix(STEPS_UNTIL.0) {
            let (of, least) = rest.strip_suffix(STEPS_UNTIL.1)?.split_once(">=")?;
            least.parse::<f64>().ok().filter(|least| least.is_finite())?;
            Measure::from_name(of).filter(Measure::is_of_evaluation)?;
            return Some(Measure::StepsUntil { of: of.to_owned(), least: least.to_owned() });
        }
        if let Some(rest) = name.strip_prefix(CONTINGENCY.0) {
            let (given, event) = rest.strip_suffix(CONTINGENCY.1)?.split_once(',')?;
            let (given, event) = (given.trim().to_owned(), event.trim().to_owned());
            let are_names = !given.is_empty() && !event.is_empty();
            return are_names.then_some(Measure::Contingency { given, event });
        }
        if let Some(of) = name.strip_prefix(TRAINING) {
            Measure::from_name(of).filter(Measure::is_of_evaluation)?;
            return Some(Measure::Training(of.to_owned()));
        }
        let plain = Measure::PLAIN.into_iter().find(|measure| measure.name() == name);
        plain
            .or_else(|| of_event(SHARE, Measure::ShareOfSteps))
            .or_else(|| of_event(RATE, Measure::ShareOfEpisodes))
            .or_else(|| of_event(HALF_LIFE, Measure::HalfLife))
    }

    /// Its name in specs and tables.
    pub fn name(&self) -> String {
        match self {
            Measure::Return => "return".to_owned(),
            Measure::Performance => "performance".to_owned(),
            Measure::Competence => "competence".to_owned(),
            Measure::HackFraction => "hack_fraction".to_owned(),
            Measure::ShareOfSteps(event) => format!("{SHARE}{event}"),
            Measure::ShareOfEpisodes(event) => format!("{RATE}{event}"),
            Measure::Contingency { given, event } => {
                format!("{}{given},{event}{}", CONTINGENCY.0, CONTINGENCY.1)
            }
            Measure::Training(of) => format!("{TRAINING}{of}"),
            Measure::HalfLife(event) => format!("{HALF_LIFE}{event}"),
            Measure::StepsUntil { of, least } => {
                format!("{}{of}>={least}{}", STEPS_UNTIL.0, STEPS_UNTIL.1)
            }
            Measure::Examined { label, of } => format!("{EXAMINATION}{label}.{of}"),
        }
    }

    /// Its name in sentences and beside axes.
    pub fn title(&self) -> String {
        match self {
            Measure::ShareOfSteps(event) => format!("share of steps with {event}"),
            Measure::ShareOfEpisodes(event) => format!("share of episodes with {event}"),
            Measure::Contingency { given, event } => {
                format!("contingency of {event} on {given}").replace('_', " ")
            }
            Measure::Training(of) => match Measure::from_name(of) {
                Some(of) => format!("{} in training", of.title()),
                None => self.name(),
            },
            Measure::HalfLife(event) => format!("half-life of {event} (real steps)"),
            Measure::StepsUntil { of, least } => match Measure::from_name(of) {
                Some(of) => format!("real steps until {} of {least}", of.title()),
                None => self.name(),
            },
            Measure::Examined { label, .. } => format!("{} ({label})", self.title_within()),
            plain => plain.name().replace('_', " "),
        }
    }

    /// Its name beside the axes of a figure of one examination: without that of the examination.
    pub fn title_within(&self) -> String {
        match self {
            Measure::Examined { of, .. } => match Measure::from_name(of) {
                Some(measure) => measure.title(),
                None => of.replace(['_', '.'], " "),
            },
            measure => measure.title(),
        }
    }
}

/// The label of an examination and what follows its dot. The values of axes, in brackets, may contain dots.
fn split_label(text: &str) -> Option<(&str, &str)> {
    let start = match (text.find('['), text.find('.')) {
        (Some(bracket), Some(dot)) if bracket < dot => bracket + text[bracket..].find("].")? + 1,
        _ => text.find('.')?,
    };
    let (label, of) = (&text[..start], &text[start + 1..]);
    (!label.is_empty() && !of.is_empty()).then_some((label, of))
}
