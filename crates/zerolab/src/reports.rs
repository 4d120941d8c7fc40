//! Reports, or a message without the feature `reports`.

#[cfg(feature = "reports")]
mod built {
    use std::io::{self, Write};
    use std::path::{Path, PathBuf};
    use std::sync::mpsc::{self, RecvTimeoutError, Sender};
    use std::thread::{self, JoinHandle};
    use std::time::{Duration, Instant};

    use zerolab_analysis::{IndexText, Report, ReportError, report_while_training};
    use zerolab_experiments::inspect::changed_settings::changed_settings;
    use zerolab_experiments::plan::resolved::ResolvedRun;
    use zerolab_experiments::spec::Figure;
    use zerolab_metrics::RunReference;
    use zerolab_metrics::text_table::{Align, TextTable};

    use crate::best_effort::BestEffort;
    use crate::error::CommandError;
    use crate::terminal::fitted;

    /// The kinds of figure, each with its summary.
    pub fn figures() -> Option<Vec<(Figure, &'static str)>> {
        let figures = zerolab_analysis::figures().iter();
        let known = |kind, xs, has_y| Figure { kind, xs, has_y };
        Some(
            figures
                .map(|figure| (known(figure.name, figure.xs, figure.has_y), figure.summary))
                .collect(),
        )
    }

    /// The least seconds between two versions of a page that is followed.
    const SECONDS: u32 = 5;
    /// Writing a page takes at most one part in so many of the time.
    const PARTS: u32 = 10;

    /// Writes the reports of experiments, and an index of several. Prints their tables, their answers and the
    /// paths of their pages.
    pub fn write(
        results: &Path,
        experiments: &[String],
        out: &mut dyn Write,
    ) -> Result<(), CommandError> {
        let mut reports = Vec::new();
        for experiment in experiments {
            let report = zerolab_analysis::report(results, experiment)?;
            print(&report, out)?;
            reports.push(report);
        }
        if reports.len() > 1 {
            let index = results.join("index.html");
            zerolab_analysis::write_index(&index, "Experiments", None, &reports)?;
            writeln!(out, "\n{}", index.display())?;
        }
        Ok(())
    }

    /// Writes the reports of a folder of specs, and their index with its text into the folder of the same name in the
    /// results. Prints the states of the experiments and the path of the index.
    pub fn write_folder(
        results: &Path,
        experiments: &[String],
        (name, text): (&str, Option<(PathBuf, String)>),
        out: &mut dyn Write,
    ) -> Result<(), CommandError> {
        let columns = [("experiment", Align::Left), ("runs", Align::Left)];
        let mut table = TextTable::new(&columns);
        let mut reports = Vec::new();
        for experiment in experiments {
            let report = zerolab_analysis::report(results, experiment)?;
            for note in &report.notes {
                writeln!(BestEffort(io::stderr()), "note: {experiment}: {note}")?;
            }
            table.row([report.name().to_owned(), report.state().to_owned()]);
            reports.push(report);
        }
        let text = text.map(|(path, markdown)| IndexText { path, markdown });
        let index = results.join(name).join("index.html");
        let title = format!("Experiments: {name}");
        zerolab_analysis::write_index(&index, &title, text.as_ref(), &reports)?;
        writeln!(out, "{}\n\n{}", fitted(table).to_string().trim_end(), index.display())?;
        Ok(())
    }

    fn print(report: &Report, out: &mut dyn Write) -> Result<(), CommandError> {
        let tables = report.tables.iter().map(|table| fitted(table.clone()).to_string());
        writeln!(out, "{}", tables.collect::<Vec<_>>().join("\n").trim_end())?;
        if !report.answer.is_empty() {
            writeln!(out, "\n{}", report.answer)?;
        }
        writeln!(out, "\n{}", report.page.display())?;
        for note in &report.notes {
            writeln!(BestEffort(io::stderr()), "note: {note}")?;
        }
        Ok(())
    }

    /// Writes the page of a run into its folder, and prints its path.
    pub fn write_run(
        folder: &Path,
        run: &ResolvedRun,
        out: &mut dyn Write,
    ) -> Result<(), CommandError> {
        let id = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let reference = RunReference {
            id,
            settings_hash: String::new(),
            environment: run.environment.name.clone(),
            agent: run.agent.name().to_owned(),
            seed: run.seed,
            axes: Default::default(),
            networks: None,
            changes: run.changes(),
            anchors: None,
            examinations: Vec::new(),
        };
        let page = zerolab_analysis::report_run(folder, &reference, &changed_settings(run))?;
        Ok(writeln!(out, "{}", page.display())?)
    }

    /// Writes the report of an experiment again and again until all of its runs are finished, and prints it at the
    /// end.
    pub fn follow(
        results: &Path,
        experiment: &str,
        out: &mut dyn Write,
    ) -> Result<(), CommandError> {
        let mut is_first = true;
        loop {
            let began = Instant::now();
            let report = report_while_training(results, experiment, SECONDS)?;
            if report.is_finished {
                return print(&report, out);
            }
            if std::mem::take(&mut is_first) {
                let page = report.page.display();
                writeln!(
                    BestEffort(io::stderr()),
                    "{page} is written again until all runs are finished; Ctrl-C ends this"
                )?;
            }
            thread::sleep(pause(began));
        }
    }

    /// The time until the next version of a page whose writing began at `began`.
    fn pause(began: Instant) -> Duration {
        (PARTS * began.elapsed()).max(Duration::from_secs(SECONDS.into()))
    }

    /// Writes the report of an experiment again and again, in the background, until it is dropped.
    pub struct Follower {
        stop: Option<Sender<()>>,
        thread: Option<JoinHandle<()>>,
    }

    impl Follower {
        /// Begins. Prints the address of the page.
        pub fn start(results: &Path, experiment: &str) -> Result<Self, CommandError> {
            let page = std::path::absolute(results.join(experiment).join("report.html"))?;
            writeln!(BestEffort(io::stderr()), "follow the training in file://{}", page.display())?;
            let (stop, stopped) = mpsc::channel();
            let (results, experiment) = (results.to_owned(), experiment.to_owned());
            let work = move || {
                // An error ends this; the report after the training says what is wrong.
                let write = || -> Result<Instant, ReportError> {
                    let began = Instant::now();
                    report_while_training(&results, &experiment, SECONDS).map(|_| began)
                };
                while let Ok(began) = write() {
                    if stopped.recv_timeout(pause(began)) != Err(RecvTimeoutError::Timeout) {
                        break;
                    }
                }
                // The last version does not load itself again.
                drop(zerolab_analysis::report(&results, &experiment));
            };
            Ok(Self { stop: Some(stop), thread: Some(thread::spawn(work)) })
        }
    }

    impl Drop for Follower {
        fn drop(&mut self) {
            drop(self.stop.take());
            drop(self.thread.take().map(JoinHandle::join));
        }
    }
}

#[cfg(not(feature = "reports"))]
mod built {
    use std::io::Write;
    use std::path::{Path, PathBuf};

    use zerolab_experiments::plan::resolved::ResolvedRun;
    use zerolab_experiments::spec::Figure;

    use crate::error::CommandError;

    /// Unknown in this build: any kind in a spec is accepted.
    pub fn figures() -> Option<Vec<(Figure, &'static str)>> {
        None
    }

    /// Prints how to get the reports.
    pub fn write(
        results: &Path,
        experiments: &[String],
        out: &mut dyn Write,
    ) -> Result<(), CommandError> {
        let folders = experiments.iter().map(|name| results.join(name).display().to_string());
        only_trains(results, &folders.collect::<Vec<_>>().join(" "), out)
    }

    /// Prints how to get the reports.
    pub fn write_folder(
        results: &Path,
        experiments: &[String],
        _: (&str, Option<(PathBuf, String)>),
        out: &mut dyn Write,
    ) -> Result<(), CommandError> {
        write(results, experiments, out)
    }

    /// Prints how to get the page.
    pub fn write_run(
        folder: &Path,
        _: &ResolvedRun,
        out: &mut dyn Write,
    ) -> Result<(), CommandError> {
        only_trains(folder, &folder.display().to_string(), out)
    }

    /// Prints how to get the report.
    pub fn follow(
        results: &Path,
        experiment: &str,
        out: &mut dyn Write,
    ) -> Result<(), CommandError> {
        write(results, &[experiment.to_owned()], out)
    }

    fn only_trains(folder: &Path, reported: &str, out: &mut dyn Write) -> Result<(), CommandError> {
        writeln!(
            out,
            "this build only trains: copy {} to a machine with the full program and run \
             `zerolab report {reported}` there",
            folder.display(),
        )?;
        Ok(())
    }

    /// Nothing can be followed in this build.
    pub struct Follower;

    impl Follower {
        /// Does nothing.
        pub fn start(_: &Path, _: &str) -> Result<Self, CommandError> {
            Ok(Self)
        }
    }
}

pub use built::{Follower, figures, follow, write, write_folder, write_run};
