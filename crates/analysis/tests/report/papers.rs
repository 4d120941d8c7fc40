//! What a paper takes from a report: PDFs, sizes, captions and tables for LaTeX.

use std::collections::BTreeMap;

use crate::report_on;
use crate::synthetic::{ResultsFolder, SyntheticRun, finished_experiment, finished_run};

/// Bytes as text, in which those that are no UTF-8 are replaced.
fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The texts of a PDF as `pdftotext` finds them: by its map from glyphs to characters.
fn texts_of_pdf(pdf: &str) -> Vec<String> {
    let code = |hexadecimal: &str| u16::from_str_radix(hexadecimal, 16).expect("a number");
    let (_, map) = pdf.split_once("beginbfchar").expect("a map to characters");
    let (map, _) = map.split_once("endcmap").expect("its end");
    let mut characters: BTreeMap<u16, char> = BTreeMap::new();
    for line in map.lines().filter(|line| line.starts_with('<')) {
        let mut codes = line.split(['<', '>']).filter(|part| !part.trim().is_empty());
        let (glyph, character) = (codes.next().expect("a glyph"), codes.next().expect("its code"));
        characters
            .insert(code(glyph), char::from_u32(code(character).into()).expect("a character"));
    }
    let shown = pdf.lines().filter_map(|line| line.strip_suffix(") Tj")?.strip_prefix('('));
    let text = |written: &str| -> String {
        let pairs = string_of_pdf(written);
        let glyphs = pairs.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
        glyphs.map(|glyph| characters[&glyph]).collect()
    };
    shown.map(text).collect()
}

/// The bytes of a literal string.
fn string_of_pdf(written: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = written.bytes().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let escaped = rest.next().expect("an escaped byte");
        bytes.push(match escaped {
            b'0'..=b'7' => {
                let [tens, ones] = [0, 1].map(|_| rest.next().expect("a digit") - b'0');
                64 * (escaped - b'0') + 8 * tens + ones
            }
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'b' => 8,
            b'f' => 12,
            other => other,
        });
    }
    bytes
}

#[test]
fn every_figure_has_a_pdf_with_its_font_and_a_caption() {
    let folder = finished_experiment();
    report_on(&folder);
    for name in ["learning-curve-real-steps", "per-task-return", "cost-by-phase"] {
        let pdf = text_of(&folder.read(&format!("figures/{name}.pdf")));
        assert!(pdf.starts_with("%PDF-") && pdf.trim_end().ends_with("%%EOF"), "{name}");
        assert!(pdf.contains("/FontFile2") && pdf.contains("+DejaVuSans"), "{name}");
        // Every text of the SVG is in the PDF.
        let svg = folder.text(&format!("figures/{name}.svg"));
        let found = texts_of_pdf(&pdf);
        let texts = svg.split("<text").skip(1).map(|part| {
            let (_, rest) = part.split_once('>').expect("a tag ends");
            rest.split_once("</text>").expect("a text ends").0.trim().to_owned()
        });
        for text in texts {
            assert!(found.contains(&text), "{name}: {text} in {found:?}");
        }
        let caption = folder.text(&format!("figures/{name}.caption.txt"));
        assert!(
            caption.ends_with("Finished seeds of each agent in each environment: 5.\n"),
            "{caption}"
        );
    }
    let caption = folder.text("figures/learning-curve-real-steps.caption.txt");
    assert!(caption.contains("IQM over seeds") && caption.contains("95 % bootstrap interval"));
}

/// The size of a PDF in points and of its SVG in pixels.
fn sizes(folder: &ResultsFolder, name: &str) -> ([f64; 2], [f64; 2]) {
    let pair = |text: &str, before: &str, after: char| -> [f64; 2] {
        let (_, rest) = text.split_once(before).expect(before);
        let (numbers, _) = rest.split_once(after).expect("an end");
        let numbers: Vec<f64> =
            numbers.split_whitespace().map(|it| it.parse().expect("a number")).collect();
        [numbers[0], numbers[1]]
    };
    let pdf = text_of(&folder.read(&format!("figures/{name}.pdf")));
    let svg = folder.text(&format!("figures/{name}.svg"));
    (pair(&pdf, "/MediaBox [0 0 ", ']'), pair(&svg, "viewBox=\"0 0 ", '"'))
}

#[test]
fn a_spec_gives_the_size_of_a_figure() {
    let mut folder = finished_experiment();
    folder.sized_figure("learning-curve", "", ["column", "70mm"]);
    folder.sized_figure("per-task", "return", ["140mm", ""]);
    folder.sized_figure("cost-by-phase", "", ["page", "40mm"]);
    report_on(&folder);
    let millimetres = |points: [f64; 2]| points.map(|it| (it / 72.0 * 25.4 * 10.0).round() / 10.0);
    let (pdf, svg) = sizes(&folder, "learning-curve-real-steps");
    assert_eq!((pdf[0].round(), svg[0]), (3.25 * 72.0, 1_200.0));
    // Two panels of the least height need more than 70 mm.
    assert!(millimetres(pdf)[1] > 70.0);
    let (pdf, _) = sizes(&folder, "per-task-return");
    assert_eq!(millimetres(pdf)[0], 140.0);
    let (pdf, _) = sizes(&folder, "cost-by-phase");
    assert!((pdf[0] - 6.75 * 72.0).abs() < 0.2 && millimetres(pdf)[1] > 40.0, "{pdf:?}");
    // Without a request the files are as wide as the page.
    let (_, svg) = sizes(&folder, "learning-curve-wall-seconds");
    let mut high = finished_experiment();
    high.sized_figure("learning-curve", "real_steps", ["", "120mm"]);
    report_on(&high);
    let (pdf, higher) = sizes(&high, "learning-curve-real-steps");
    assert_eq!((millimetres(pdf)[1], higher[0]), (120.0, svg[0]));
}

#[test]
fn final_scores_are_a_latex_table() {
    let mut folder = ResultsFolder::new();
    for rate in ["0.001", "0.0001"] {
        for seed in 0..4 {
            let axes = vec![("agents.*.learning_rate", rate), ("agents.*.max_norm", "40")];
            let run = finished_run("minatar/space_invaders", "dqn", seed, &[-3.5 + seed as f64]);
            folder.add(&SyntheticRun { axes, ..run });
        }
    }
    folder.add(&finished_run("minatar/space_invaders", "100 % random", 0, &[1.0]));
    report_on(&folder);
    let table = folder.text("tables/final_scores.tex");
    insta::assert_snapshot!("final_scores.tex", table);
    let depth = |text: &str| text.matches('{').count() as i64 - text.matches('}').count() as i64;
    let unescaped = table.replace("\\{", "").replace("\\}", "");
    assert_eq!(depth(&unescaped), 0);
    let rows = table.lines().filter(|line| line.ends_with("\\\\") && !line.contains("multicolumn"));
    assert!(rows.clone().count() == 4 && rows.clone().all(|row| row.matches('&').count() == 3));
}

#[test]
fn names_mean_nothing_to_tex() {
    let mut folder = ResultsFolder::new();
    for agent in ["*star", "[x] foo", "<b> \"quoted\" | pipe > 1"] {
        folder.add(&finished_run("catch", agent, 0, &[1.0]));
    }
    report_on(&folder);
    let table = folder.text("tables/final_scores.tex");
    for row in [
        "{}*star & 1",
        "{}[x] foo & 1",
        r"\textless{}b\textgreater{} \char34{}quoted\char34{} \textbar{} pipe \textgreater{} 1 & 1",
    ] {
        assert!(table.lines().any(|line| line.starts_with(row)), "{row}: {table}");
    }
}
