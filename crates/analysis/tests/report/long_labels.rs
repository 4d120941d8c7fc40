//! Long labels: every text of a figure is inside it, and different labels stay different.

use ab_glyph::{Font, FontRef, ScaleFont};

use crate::report_on;
use crate::synthetic::{ResultsFolder, SyntheticRun, finished_run};

static FONT: &[u8] = include_bytes!("../../fonts/DejaVuSans.ttf");

const SIMULATIONS: &str = "agents.*.search.simulations";
const RATE: &str = "agents.*.optimizer.learning_rate";
const SHARE: &str = "agents.*.reanalyse.of_the_oldest_quarter.share_of_fresh_targets";
const NOISE: &str = "environment.probability_that_an_action_is_repeated";

/// Settings with long names, drawn together, of two agents in one environment.
fn long_labels() -> ResultsFolder {
    let mut folder = ResultsFolder::new();
    let drawn = [("8", "0.0001", "0.25"), ("16", "0.00031622776", "0.5"), ("32", "0.001", "0.75")];
    for (place, (simulations, rate, share)) in drawn.into_iter().enumerate() {
        for agent in ["efficientzero", "efficientzero without the consistency loss"] {
            for seed in 0..4 {
                let axes = vec![
                    (SIMULATIONS, simulations),
                    (RATE, rate),
                    (SHARE, share),
                    (NOISE, "0.0123456789"),
                ];
                let returns = [0.1 * seed as f64, place as f64 + 0.1 * seed as f64];
                folder.add(&SyntheticRun { axes, ..finished_run("catch", agent, seed, &returns) });
            }
        }
    }
    folder
}

/// The horizontal texts of an SVG: the left and the right end in pixels, and the text.
fn horizontal_texts(svg: &str) -> Vec<(f32, f32, &str)> {
    let font = FontRef::try_from_slice(FONT).expect("the font");
    let attribute = |tag: &str, name: &str| -> Option<String> {
        let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
        Some(rest.split_once('"')?.0.to_owned())
    };
    let mut texts = Vec::new();
    for part in svg.split("<text").skip(1) {
        let (tag, rest) = part.split_once('>').expect("a tag ends");
        let text = rest.split_once("</text>").expect("a text ends").0.trim();
        if attribute(tag, "transform").is_some() {
            continue;
        }
        let number = |name| attribute(tag, name).expect(name).parse::<f32>().expect("a number");
        // Plotters divides the size by this number for SVG viewers.
        let scaled = font.as_scaled(number("font-size") * 1.24);
        let width: f32 = text.chars().map(|c| scaled.h_advance(scaled.glyph_id(c))).sum();
        let left = match attribute(tag, "text-anchor").as_deref() {
            Some("end") => number("x") - width,
            Some("middle") => number("x") - width / 2.0,
            _ => number("x"),
        };
        texts.push((left, left + width, text));
    }
    texts
}

#[test]
fn every_text_is_inside_its_figure() {
    let mut folder = long_labels();
    for kind in zerolab_analysis::figures() {
        folder.figure(kind.name, "");
    }
    report_on(&folder);
    let files = std::fs::read_dir(folder.path().join("made-up/figures")).expect("figures");
    let names = files.map(|file| file.expect("a file").file_name().into_string().expect("UTF-8"));
    let mut checked = 0;
    for name in names.filter(|name| name.ends_with(".svg")) {
        let svg = folder.text(&format!("figures/{name}"));
        let (_, size) = svg.split_once("viewBox=\"0 0 ").expect("a size");
        let right: f32 = size.split(' ').next().expect("a width").parse().expect("a number");
        for (start, end, text) in horizontal_texts(&svg) {
            assert!(start >= 0.0 && end <= right, "{name}: {start}–{end} of {right}: {text}");
            checked += 1;
        }
    }
    assert!(checked > 100, "{checked}");
}

#[test]
fn a_legend_names_what_differs_and_the_page_has_whole_labels() {
    let folder = long_labels();
    report_on(&folder);
    let svg = folder.text("figures/learning-curve-real-steps.svg");
    let texts = horizontal_texts(&svg);
    let first = texts.iter().position(|(_, _, text)| text.contains("lr=")).expect("a legend");
    let legend: Vec<&str> = texts[first..].iter().map(|(_, _, text)| *text).collect();
    insta::assert_snapshot!("legend", legend.join("\n"));
    let page = folder.text("report.html");
    let whole = "efficientzero without the consistency loss [optimizer.learning_rate=0.00031622776, \
                 reanalyse.of_the_oldest_quarter.share_of_fresh_targets=0.5, search.simulations=16] (4 seeds)";
    assert!(page.contains(&format!("\"{whole}\"")), "the tooltip of the legend");
}
