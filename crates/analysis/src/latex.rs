//! Final scores as a LaTeX table, with the rules of the package `booktabs`.

use crate::findings::Findings;
use crate::groups::distinct_in_order;
use crate::numbers::{count, interval, score};
use crate::scores::Estimate;
use zerolab_metrics::Measure;

/// The table: one row per agent, below the name of its environment.
pub(crate) fn score_table(findings: &Findings) -> String {
    let mut metrics = vec![&Measure::Return];
    metrics.extend(findings.performance_differs().then_some(&Measure::Performance));
    let columns = "rr".repeat(metrics.len());
    let headings: String =
        metrics.iter().map(|metric| format!(" & {} & 95\\,\\% interval", metric.name())).collect();
    let mut table = format!(
        "% Needs \\usepackage{{booktabs}}. Statistics over seeds: IQM from 4 seeds on, otherwise the mean, with\n\
         % 95 % percentile bootstrap intervals.\n\\begin{{tabular}}{{l{columns}r}}\n\\toprule\n\
         agent{headings} & seeds \\\\\n"
    );
    let width = 2 + 2 * metrics.len();
    for environment in distinct_in_order(&findings.groups, |group| &group.environment) {
        let name = escape_latex(environment);
        table.push_str(&format!("\\midrule\n\\multicolumn{{{width}}}{{l}}{{{name}}} \\\\\n"));
        let here = findings.groups.iter().enumerate();
        for (index, group) in here.filter(|(_, group)| group.environment == environment) {
            let estimate = |metric| findings.score(index, metric).and_then(|it| it.estimate);
            let cells: String = metrics.iter().map(|metric| cells(estimate(metric))).collect();
            let seeds = estimate(&Measure::Return).map_or(0, |estimate| estimate.seeds);
            let agent = row_start(&escape_latex(findings.short_agent(&group.agent)));
            table.push_str(&format!("{agent}{cells} & {} \\\\\n", count(seeds as u64)));
        }
    }
    table + "\\bottomrule\n\\end{tabular}\n"
}

/// A text at the beginning of a row. TeX reads `*` and `[` after the end `\\` of the row before as its arguments.
fn row_start(text: &str) -> String {
    let protection = if text.trim_start().starts_with(['*', '[']) { "{}" } else { "" };
    format!("{protection}{text}")
}

/// The value and its interval. Minus signs are those of mathematics.
fn cells(estimate: Option<Estimate>) -> String {
    let number = |text: String| text.replace('-', "$-$");
    let value = estimate.map_or("--".to_owned(), |it| number(score(it.value)));
    let ends = estimate.and_then(|it| it.interval);
    let ends = ends.map_or("--".to_owned(), |it| number(interval(it, score)));
    format!(" & {value} & {ends}")
}

/// Text for LaTeX and BibTeX: letters that mean something to TeX are escaped.
pub(crate) fn escape_latex(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '\\' => escaped.push_str(r"\textbackslash{}"),
            '~' => escaped.push_str(r"\textasciitilde{}"),
            '^' => escaped.push_str(r"\textasciicircum{}"),
            '<' => escaped.push_str(r"\textless{}"),
            '>' => escaped.push_str(r"\textgreater{}"),
            '|' => escaped.push_str(r"\textbar{}"),
            // `\textquotedbl` exists in the encoding T1 only.
            '"' => escaped.push_str(r"\char34{}"),
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => escaped.extend(['\\', letter]),
            _ => escaped.push(letter),
        }
    }
    escaped
}
