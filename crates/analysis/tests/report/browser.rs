//! The page in a browser: headless Chromium opens it, and an added script uses it as a reader does.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::report_on;
use crate::synthetic::finished_experiment;

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
const column = (index) => [...table.tBodies[0].rows].map((row) => row.cells[index].textContent);
seen.push(`agents: ${column(1)}`);
for (const [name, index] of [["return", 2], ["return", 2], ["return", 2], ["agent", 1]]) {
  const heading = table.tHead.rows[0].cells[index];
  heading.querySelector("button").click();
  seen.push(`sorted by ${name}, ${heading.getAttribute("aria-sort")}: ${column(1)}; ${column(2)}`);
}

const curves = all(".views")[0];
const views = () => all("figure", curves).map((figure) => (shown(figure) ? "shown" : "hidden"));
seen.push(`views: ${all("label", curves).map((label) => label.textContent.trim())}`);
seen.push(`at first: ${views()}`);
all("input", curves)[1].click();
seen.push(`by the second: ${views()}`);
all("input", curves)[0].click();

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
document.body.style.width = "390px";
seen.push(`wider than a phone: ${document.body.scrollWidth > 390}`);
seen.push(`fetched: ${performance.getEntriesByType("resource").length}`);
seen.push(`problems: ${problems.length ? problems : "none"}`);
const text = document.createElement("pre");
text.textContent = seen.join("\n");
document.body.replaceChildren(text);
</script>"#;

/// The page's contents after its scripts have run.
#[track_caller]
fn opened(path: &Path) -> String {
    let mut chromium = Command::new("chromium");
    chromium.args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]);
    chromium.arg(format!("file://{}", path.display()));
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
    let dom = opened(&path);
    let (_, seen) = dom.split_once("<pre>").expect("what the reader saw");
    let (seen, _) = seen.split_once("</pre>").expect("its end");
    let seen = seen.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    insta::assert_snapshot!("reader", seen);
}
