//! The page in a browser: headless Chromium opens it, and an added script uses it as a reader does.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::report_on;
use crate::synthetic::{ResultsFolder, SyntheticRun, finished_experiment, finished_run};

/// Added before the page: collects errors.
const LISTENER: &str = "<script>
const problems = [];
addEventListener('error', (event) => problems.push(event.message));
addEventListener('securitypolicyviolation', (event) => problems.push(`${event.violatedDirective} ${event.blockedURI}`));
console.error = console.warn = (...words) => problems.push(words.join(' '));
</script>";

/// Added after the page: does what a reader does, and notes what is shown.
const READER: &str = r#"<script>
const seen = [];
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const shown = (element) => element.getClientRects().length > 0;

const table = all("table")[0];
const bodies = [...table.tBodies];
seen.push(`environments: ${bodies.filter((body) => body.className === "head").map((body) => body.textContent.trim())}`);
const column = (index) => bodies.filter((body) => body.className !== "head")
  .map((body) => [...body.rows].map((row) => row.cells[index].textContent)).join(" | ");
seen.push(`agents: ${column(0)}`);
for (const [name, index] of [["return", 1], ["return", 1], ["return", 1], ["agent", 0]]) {
  const heading = table.tHead.rows[0].cells[index];
  heading.querySelector("button").click();
  seen.push(`sorted by ${name}, ${heading.getAttribute("aria-sort")}: ${column(0)}; ${column(1)}`);
}

const curves = all(".views").find((views) => views.querySelector("fieldset"));
const views = () => all("figure", curves).map((figure) => (shown(figure) ? "shown" : "hidden"));
seen.push(`views: ${all("label", curves).map((label) => label.textContent.trim())}`);
seen.push(`at first: ${views()}`);
all("input", curves)[1].click();
seen.push(`by the second: ${views()}`);
all("input", curves)[0].click();

const seeds = all(".on-page .seeds", curves)[0];
const control = curves.querySelector("[type=checkbox]");
const lines = () => `${shown(seeds) ? "shown" : "hidden"}`;
const before = lines();
control.click();
seen.push(`lines of seeds: ${before}, then ${lines()}: ${seeds.children.length}`);
control.click();

const plot = all(".plot", curves)[0];
const svg = plot.querySelector("svg");
const tip = plot.querySelector(".tip");
const spots = JSON.parse(plot.querySelector("script").textContent);
const point = (x, y) => {
  const box = svg.getBoundingClientRect();
  const scale = box.width / svg.viewBox.baseVal.width;
  const at = { clientX: box.left + x * scale, clientY: box.top + y * scale, pointerType: "mouse", bubbles: true };
  svg.dispatchEvent(new PointerEvent("pointermove", at));
  return shown(tip) ? tip.textContent.split("\n") : "nothing";
};
seen.push(`pointer near the first point: ${JSON.stringify(point(spots[0][0] + 8, spots[0][1] - 8))}`);
const inside = (inner, outer) => inner.left >= outer.left - 1 && inner.right <= outer.right + 1;
seen.push(`inside the figure: ${inside(tip.getBoundingClientRect(), plot.getBoundingClientRect())}`);
seen.push(`pointer in a corner: ${JSON.stringify(point(2, 2))}`);
const press = (key) => {
  svg.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  return shown(tip) ? tip.textContent.split("\n") : "nothing";
};
svg.focus();
for (const key of ["ArrowLeft", "ArrowRight", "Escape"]) seen.push(`${key}: ${JSON.stringify(press(key))}`);

const unnamed = all("svg").filter((svg) => !(svg.getAttribute("aria-label") || "").trim());
seen.push(`figures without words: ${unnamed.length} of ${all("svg").length}`);
seen.push(`fetched: ${performance.getEntriesByType("resource").length}`);
seen.push(`problems: ${problems.length ? problems : "none"}`);
const text = document.createElement("pre");
text.textContent = seen.join("\n");
document.body.replaceChildren(text);
</script>"#;

/// Added to the page that holds the report in a frame as wide as a screen: looks at what is shown.
const LOOKER: &str = r#"<script>
const look = (page, width) => {
  const view = page.defaultView;
  const all = (selector, within = page) => [...within.querySelectorAll(selector)];
  const shown = (element) => element.getClientRects().length > 0;
  const found = [];
  const sizes = [];
  const plots = all("figure svg").filter(shown);
  if (plots.length < 2) found.push(`only ${plots.length} figures`);
  for (const svg of plots) {
    const [, , right, bottom] = svg.getAttribute("viewBox").split(" ").map(Number);
    const scale = svg.getBoundingClientRect().width / right;
    const texts = all("text", svg);
    for (const text of texts) {
      const box = svg.getScreenCTM().inverse().multiply(text.getScreenCTM());
      const { x, y, width, height } = text.getBBox();
      const corners = [[x, y], [x + width, y + height]]
        .map(([x, y]) => new view.DOMPoint(x, y).matrixTransform(box));
      const inside = corners.every((at) => at.x >= -1 && at.y >= -1 && at.x <= right + 1 && at.y <= bottom + 1);
      if (!inside) found.push(`clipped: ${text.textContent.trim()}`);
      sizes.push(scale * Number(text.getAttribute("font-size")));
    }
  }
  const labels = Math.min(...sizes);
  if (labels < 11) found.push(`text of ${labels.toFixed(1)} px`);
  const common = plots.map((svg) => svg.getBoundingClientRect().width / svg.viewBox.baseVal.width);
  if (Math.max(...common) > 1.02 * Math.min(...common)) found.push(`scales ${common}`);
  const overflow = page.documentElement.scrollWidth - width;
  if (overflow > 0) found.push(`wider by ${overflow} px`);
  const controls = all("a, button, input, summary, svg[tabindex], .scroll").filter(shown);
  const unreachable = controls.filter((control) => control.tabIndex < 0);
  if (unreachable.length) found.push(`not by keyboard: ${unreachable.length}`);
  found.push(...contrasts(page, view, all, shown));
  return found;
};

const colour = (text) => text.match(/[\d.]+/g).map(Number);
const luminance = ([red, green, blue]) => {
  const linear = [red, green, blue].map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
};
const background = (element, view) => {
  for (let at = element; at; at = at.parentElement) {
    const found = colour(view.getComputedStyle(at).backgroundColor);
    if (found.length < 4 || found[3] > 0) return found;
  }
  return [255, 255, 255];
};
// Texts with less contrast than WCAG's 4.5, in the page and in figures.
const contrasts = (page, view, all, shown) => {
  const low = new Set();
  const compare = (element, front) => {
    const [one, other] = [luminance(front), luminance(background(element, view))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) low.add(`contrast ${contrast.toFixed(1)}: ${element.textContent.trim().slice(0, 40)}`);
  };
  for (const element of all("main *").filter(shown)) {
    const ownText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!ownText || element.matches("script, style, text, svg *")) continue;
    compare(element, colour(view.getComputedStyle(element).color));
  }
  // Cells of heat maps bring their own background.
  for (const text of all("figure svg text[fill='#000000']").filter(shown)) {
    compare(text, colour(view.getComputedStyle(text).fill));
  }
  return [...low];
};

addEventListener("load", () => {
  const frame = document.querySelector("iframe");
  const width = frame.clientWidth;
  const found = look(frame.contentDocument, width);
  const said = document.createElement("pre");
  said.textContent = found.length ? found.join("\n") : "nothing to mend";
  document.body.append(said);
});
</script>"#;

/// The page's contents after its scripts have run.
#[track_caller]
fn opened(path: &Path, more: &[&str]) -> String {
    let mut chromium = Command::new("chromium");
    chromium.args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]);
    chromium.args(more).arg(format!("file://{}", path.display()));
    let output = chromium.output().expect("`chromium` in the PATH (Debian's package chromium)");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
#[ignore = "needs Chromium"]
fn a_reader_sorts_tables_chooses_axes_and_reads_exact_numbers() {
    let folder = finished_experiment();
    let page = fs::read_to_string(report_on(&folder).page).expect("a page");
    let page = page.replacen("<head>", &format!("<head>{LISTENER}"), 1);
    let page = page.replacen("</body>", &format!("{READER}</body>"), 1);
    let path = folder.path().join("read.html");
    fs::write(&path, page).expect("a file");
    let dom = opened(&path, &[]);
    let (_, seen) = dom.split_once("<pre>").expect("what the reader saw");
    let (seen, _) = seen.split_once("</pre>").expect("its end");
    let seen = seen.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    insta::assert_snapshot!("reader", seen);
}

/// What is wrong with the page at a width and in a colour scheme.
#[track_caller]
fn looked_at(folder: &ResultsFolder, width: u32, dark: bool) -> String {
    let page = format!(
        "<!doctype html><meta charset=\"utf-8\"><iframe src=\"report.html\" \
         style=\"border:0;width:{width}px;height:900px\"></iframe>{LOOKER}"
    );
    let path = folder.path().join("made-up/look.html");
    fs::write(&path, page).expect("a file");
    let mut options = vec!["--allow-file-access-from-files", "--window-size=1400,1000"];
    options.extend(dark.then_some("--blink-settings=preferredColorScheme=0"));
    let dom = opened(&path, &options);
    let (_, said) = dom.split_once("<pre>").unwrap_or_else(|| panic!("no words in {dom}"));
    said.split_once("</pre>").expect("an end").0.to_owned()
}

/// An experiment with every kind of figure, long names of settings and many variants.
fn every_figure() -> ResultsFolder {
    let mut folder = ResultsFolder::new();
    folder.hypothesis("evaluation.return", "efficientzero > random");
    let keys = [
        "agents.*.optimizer.learning_rate",
        "agents.*.reanalyse.of_the_oldest_quarter.share_of_fresh_targets",
    ];
    for environment in ["catch", "minatar/space_invaders", "cartpole"] {
        for (place, rate) in ["0.0001", "0.00031622776", "0.001", "0.01"].into_iter().enumerate() {
            for (up, share) in ["0.25", "0.5", "0.75"].into_iter().enumerate() {
                for seed in 0..5 {
                    let last = 10.0 * place as f64 - 3.0 * up as f64 + seed as f64;
                    let axes = vec![(keys[0], rate), (keys[1], share)];
                    let run = finished_run(environment, "efficientzero", seed, &[0.1, last]);
                    folder.add(&SyntheticRun { axes, ..run });
                }
            }
        }
        for seed in 0..5 {
            folder.add(&finished_run(environment, "random", seed, &[0.1, 0.5 * seed as f64]));
        }
    }
    folder.facts(&["environments", "parameters", "training-cost", "compute-per-second"]);
    for kind in zerolab_analysis::figures() {
        folder.figure(kind.name, "");
    }
    folder
}

#[test]
#[ignore = "needs Chromium"]
fn at_every_width_texts_are_whole_large_enough_and_have_contrast() {
    let folder = every_figure();
    report_on(&folder);
    for width in [390, 768, 1280] {
        for dark in [false, true] {
            let found = looked_at(&folder, width, dark);
            assert_eq!(found, "nothing to mend", "at {width} pixels, dark: {dark}");
        }
    }
}
