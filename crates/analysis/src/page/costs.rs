//! The section on costs: the mean cost of each group, the reference prices, and the breakdown into factors.

use zerolab_metrics::PriceSheet;

use super::sections::manifests;
use crate::cost_breakdown::cost_breakdowns;
use crate::findings::Findings;
use crate::html::escape;
use crate::numbers::{duration, prefixed, score};
use crate::prices::{REAL_STEPS_PER_SECOND, price_sheet};
use crate::report_table::{Align, ReportTable, TableCell};

/// The mean cost of each group, the reference prices and the breakdown.
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
            TableCell::shortened(&group.agent, findings.short_agent(&group.agent)),
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
    let means = if findings.has_single_runs() { "" } else { "Means over finished runs. " };
    let prices: String = price_sheets(findings).iter().map(price_note).collect();
    format!(
        "{}<p class=\"note\">{means}Training FLOPs do not include \
         evaluation. A real second of play is {REAL_STEPS_PER_SECOND} real steps (Atari’s 60 frames per \
         second at frame skip 4), also for environments without a clock. Imagined steps are the recurrent \
         inferences of acting and reanalysis.</p>\n{prices}",
        table.html(),
    ) + &breakdown(findings)
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
        "<p class=\"note\">Reference price: {}, ${} per hour, {} W ({}; {}).</p>\n",
        escape(&sheet.hardware),
        sheet.dollars_per_hour,
        sheet.watts,
        escape(&sheet.source),
        escape(&sheet.date),
    )
}

/// The breakdown of the training's FLOPs, one factor per column.
fn breakdown(findings: &Findings) -> String {
    let breakdowns = cost_breakdowns(findings);
    if breakdowns.is_empty() {
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
        ("× total", Align::Right),
    ]);
    for breakdown in breakdowns {
        let group = &findings.groups[breakdown.group];
        table.rows.push(vec![
            group.environment.as_str().into(),
            TableCell::shortened(&group.agent, findings.short_agent(&group.agent)),
            TableCell::number(breakdown.simulator, prefixed),
            TableCell::known(breakdown.model, prefixed),
            TableCell::known(breakdown.acting, prefixed),
            TableCell::known(breakdown.learning, prefixed),
            TableCell::number(breakdown.training, prefixed),
            TableCell::number(breakdown.training / breakdown.simulator, prefixed),
        ]);
    }
    format!(
        "<h3>Cost breakdown</h3>\n{}<p class=\"note\">Per real second of play. Simulator: simple \
         operations of the environment. Each factor is relative to the column before: stepping the learned \
         model instead (FLOPs of a recurrent inference), acting with planning (all of acting), learning \
         (all of training). Training: the resulting FLOPs.</p>\n",
        table.html(),
    )
}
