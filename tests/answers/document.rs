//! The text of the answers: its sections, with their tables and sentences.

/// The text of the answers.
pub struct Answers {
    pub sections: Vec<Section>,
    /// How many figures it shows.
    pub figures: usize,
}

/// What stands below a heading, without the sections below it.
#[derive(Default)]
pub struct Section {
    /// The heading of the question that it belongs to.
    pub question: String,
    pub heading: String,
    pub tables: Vec<Table>,
    /// All that is not in a table, with single spaces.
    pub prose: String,
    /// All of it.
    pub whole: String,
}

/// The rows of a table, below its heading.
pub type Table = Vec<Vec<String>>;

impl Answers {
    pub fn read(text: &str) -> Self {
        let mut sections = vec![Section::default()];
        let mut in_table = false;
        for line in text.lines() {
            let last = sections.last_mut().unwrap();
            if line.starts_with('#') {
                let heading = line.trim_start_matches('#').trim().to_owned();
                let question = match line.starts_with("### ") {
                    true => last.question.clone(),
                    false => heading.clone(),
                };
                sections.push(Section { question, heading, ..Section::default() });
                in_table = false;
                continue;
            }
            last.whole += line.trim();
            last.whole.push(' ');
            if let Some(row) = line.strip_prefix('|') {
                if !in_table {
                    last.tables.push(Table::new());
                }
                let cells = row.trim_end().trim_end_matches('|').split('|');
                let cells: Vec<String> = cells.map(|cell| cell.trim().to_owned()).collect();
                last.tables.last_mut().unwrap().push(cells);
            } else if !line.starts_with("![") {
                last.prose += line.trim();
                last.prose.push(' ');
            }
            in_table = line.starts_with('|');
        }
        for section in &mut sections {
            // Without the heading and the line below it.
            section.tables.iter_mut().for_each(|table| drop(table.drain(..2)));
            for text in [&mut section.prose, &mut section.whole] {
                *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            }
        }
        let figures = text.lines().filter(|line| line.starts_with("![")).count();
        Self { sections, figures }
    }

    pub fn section(&self, heading: &str) -> &Section {
        let found = self.sections.iter().find(|section| section.heading == heading);
        found.unwrap_or_else(|| panic!("docs/answers.md has no section `{heading}`"))
    }
}

/// A text without code and without the targets of links.
pub fn plain(text: &str) -> String {
    let words: String = text.split('`').step_by(2).collect::<Vec<_>>().join("`");
    let mut plain = String::new();
    let mut rest = words.as_str();
    while let Some((before, after)) = rest.split_once("](") {
        plain += before;
        rest = after.split_once(')').map_or("", |(_, after)| after);
    }
    plain + rest
}
