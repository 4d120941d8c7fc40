//! What the runs cost: the account, the prices that it is stated at, and the ladder from the simulator's own cost to that
//! of the training.

use zerolab_metrics::PriceSheet;

use super::escape;
use super::sections::{files_note, manifests};
use crate::findings::Findings;
use crate::ladder::ladders;
use crate::numbers::{duration, prefixed, score};
use crate::prices::{REAL_STEPS_PER_SECOND, price_sheet};
use crate::report_table::{Align, ReportTable, TableCell};

/// The cost account of each group, and the prices that it is stated at.
pub(super) fn costs(findings: &Findings) -> String {
    if findings.costs.is_empty() {
        return String::new();
    }
    let mut table = ReportTable::new(&[
        ("environment", Align::Left),
        ("agent", Align::Left),
        ("runs", Align::Right),
        ("time", Align::Right),
        ("processor time", Align::Right),
        ("training FLOPs", Align::Right),
        ("FLOPs / real second", Align::Right),
        ("FLOPs / simulator operation", Align::Right),
        ("imagined / real step", Align::Right),
        ("peak memory", Align::Right),
        ("dollars", Align::Right),
        ("kWh", Align::Right),
    ]);
    for cost in &findings.costs {
        let group = &findings.groups[cost.group];
        table.rows.push(vec![
            group.environment.as_str().into(),
            group.agent.as_str().into(),
            TableCell::count(cost.runs),
            TableCell::number(cost.wall_seconds, duration),
            TableCell::known(cost.processor_seconds, duration),
            TableCell::number(cost.flops, prefixed),
            TableCell::known(cost.flops_per_real_second, prefixed),
            TableCell::known(cost.flops_per_environment_operation, prefixed),
            TableCell::known(cost.imagined_steps_per_real_step, prefixed),
            memory(cost.peak_memory_bytes),
            TableCell::known(cost.dollars, score),
            TableCell::known(cost.kilowatt_hours, score),
        ]);
    }
    let prices: String = price_sheets(findings).iter().map(price_note).collect();
    format!(
        "<h2>Cost account</h2>\n{}<p class=\"note\">Means over finished runs; evaluation is not part of training \
         FLOPs. A real second of play is {REAL_STEPS_PER_SECOND} real steps (Atari’s 60 frames a second at frame skip \
         4), also where an environment has no clock. Imagined steps are the recurrent inferences of acting and \
         reanalysis.</p>\n{prices}{}",
        table.html(),
        files_note("costs"),
    ) + &ladder(findings)
}

fn memory(bytes: f64) -> TableCell {
    let known = Some(bytes).filter(|bytes| *bytes > 0.0);
    TableCell::known(known, |bytes| format!("{}B", prefixed(bytes)))
}

fn price_sheets(findings: &Findings) -> Vec<PriceSheet> {
    let mut sheets: Vec<PriceSheet> = Vec::new();
    for sheet in manifests(findings).filter_map(|manifest| price_sheet(&manifest.provenance.device))
    {
        if !sheets.contains(&sheet) {
            sheets.push(sheet);
        }
    }
    sheets
}

fn price_note(sheet: &PriceSheet) -> String {
    format!(
        "<p class=\"note\">Priced as {}: ${} an hour, {} W ({}; {}).</p>\n",
        escape(&sheet.hardware),
        sheet.dollars_per_hour,
        sheet.watts,
        escape(&sheet.source),
        escape(&sheet.date),
    )
}

/// From what the simulator takes to what the training takes, a rung a column.
fn ladder(findings: &Findings) -> String {
    let ladders = ladders(findings);
    if ladders.is_empty() {
        return String::new();
    }
    let mut table = ReportTable::new(&[
        ("environment", Align::Left),
        ("agent", Align::Left),
        ("simulator", Align::Right),
        ("× learned model", Align::Right),
        ("× acting", Align::Right),
        ("× learning", Align::Right),
        ("= training", Align::Right),
        ("× in all", Align::Right),
    ]);
    for ladder in ladders {
        let group = &findings.groups[ladder.group];
        table.rows.push(vec![
            group.environment.as_str().into(),
            group.agent.as_str().into(),
            TableCell::number(ladder.simulator, prefixed),
            TableCell::known(ladder.model, prefixed),
            TableCell::known(ladder.acting, prefixed),
            TableCell::known(ladder.learning, prefixed),
            TableCell::number(ladder.training, prefixed),
            TableCell::number(ladder.training / ladder.simulator, prefixed),
        ]);
    }
    format!(
        "<h3>From the simulator to the training</h3>\n{}<p class=\"note\">All for a real second of play: the simple \
         operations of the environment itself; how many times as much it takes to step the learned model instead \
         (FLOPs of a recurrent inference); to act by planning with it (all of acting); to learn from that (all of training); and \
         the FLOPs of training that come of it.</p>\n",
        table.html(),
    )
}
