//! Reads a Markdown document: its fenced code blocks, the commands in them, and the text around them.

/// A Markdown document.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Document {
    pub blocks: Vec<Block>,
    /// The lines outside of blocks.
    pub prose: Vec<String>,
}

/// A fenced code block.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// What follows the opening fence.
    pub language: String,
    /// The number of the first line inside, from 1.
    pub first_line: usize,
    pub lines: Vec<String>,
}

impl Document {
    /// Takes a document apart.
    ///
    /// # Errors
    /// If a block does not end.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut document = Self::default();
        let mut open: Option<(Fence, Block)> = None;
        for (index, line) in text.lines().enumerate() {
            let fence = Fence::of(line);
            match open.take() {
                None => match fence {
                    Some(fence) => {
                        let language = fence.info.to_owned();
                        let block = Block { language, first_line: index + 2, lines: Vec::new() };
                        open = Some((fence, block));
                    }
                    None => document.prose.push(line.to_owned()),
                },
                Some((opening, block)) if fence.as_ref().is_some_and(|end| end.ends(&opening)) => {
                    document.blocks.push(block);
                }
                Some((opening, mut block)) => {
                    // A block in a list is indented as a whole.
                    let indented = line.len() - line.trim_start().len();
                    block.lines.push(line[opening.indent.min(indented)..].to_owned());
                    open = Some((opening, block));
                }
            }
        }
        match open {
            None => Ok(document),
            Some((_, block)) => Err(format!("the block of line {} does not end", block.first_line)),
        }
    }

    /// The blocks in a language.
    pub fn blocks_in(&self, language: &str) -> impl Iterator<Item = &Block> {
        self.blocks.iter().filter(move |block| block.language == language)
    }
}

impl Block {
    pub fn text(&self) -> String {
        self.lines.iter().map(|line| format!("{line}\n")).collect()
    }

    /// The lines of a shell block. Lines that end with a backslash are joined with the next one.
    pub fn shell_lines(&self) -> Vec<String> {
        let joined = self.text().replace("\\\n", " ");
        joined.lines().map(|line| line.trim().to_owned()).collect()
    }
}

/// The arguments of `zerolab` in a line that calls it, however the program is started.
pub fn arguments_of_zerolab(line: &str) -> Option<&str> {
    let starts = ["zerolab ", "target/release/zerolab ", "cargo run --release -- "];
    starts.iter().find_map(|start| line.strip_prefix(start)).map(str::trim)
}

/// A line that opens or closes a block.
struct Fence<'a> {
    indent: usize,
    mark: char,
    length: usize,
    info: &'a str,
}

impl<'a> Fence<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let trimmed = line.trim_start();
        let mark = trimmed.chars().next().filter(|mark| ['`', '~'].contains(mark))?;
        let info = trimmed.trim_start_matches(mark);
        let length = trimmed.len() - info.len();
        // Backticks in what follows are a code span.
        let opens = length >= 3 && !(mark == '`' && info.contains('`'));
        let indent = line.len() - trimmed.len();
        opens.then_some(Self { indent, mark, length, info: info.trim() })
    }

    fn ends(&self, opening: &Fence<'_>) -> bool {
        self.mark == opening.mark && self.length >= opening.length && self.info.is_empty()
    }
}

#[test]
fn blocks_are_read_with_their_languages_and_lines() {
    let text = "# Title\n\n```sh\nzerolab plan a\n\nls\n```\ntext\n````text\n```sh\n````\nend\n";
    let block = |language: &str, first_line, lines: &[&str]| Block {
        language: language.to_owned(),
        first_line,
        lines: lines.iter().map(|&line| line.to_owned()).collect(),
    };
    let document = Document::read(text).unwrap();
    let shell = block("sh", 4, &["zerolab plan a", "", "ls"]);
    assert_eq!(document.blocks, [shell, block("text", 10, &["```sh"])]);
    assert_eq!(document.prose, ["# Title", "", "text", "end"]);
}

#[test]
fn a_block_in_a_list_loses_its_indentation() {
    let text = "1. First:\n\n   ```toml\n   [a]\n     b = 1\n   ```\n";
    let document = Document::read(text).unwrap();
    assert_eq!(document.blocks[0].lines, ["[a]", "  b = 1"]);
}

#[test]
fn a_block_without_an_end_is_an_error() {
    let error = Document::read("a\n```sh\nzerolab plan\n~~~\n").unwrap_err();
    assert_eq!(error, "the block of line 3 does not end");
}

#[test]
fn inline_code_opens_no_block() {
    let document = Document::read("```not a block``` is text\n").unwrap();
    assert_eq!((document.blocks.len(), document.prose.len()), (0, 1));
}

#[test]
fn commands_are_found_and_continued_lines_joined() {
    let text = "```sh\nzerolab run a.toml \\\n    --jobs 2\n$ zerolab x\ncargo build\n\
                target/release/zerolab list agents\ncargo run --release -- schema > a\n```\n";
    let document = Document::read(text).unwrap();
    let lines = document.blocks[0].shell_lines();
    let commands: Vec<&str> = lines.iter().filter_map(|line| arguments_of_zerolab(line)).collect();
    assert_eq!(commands, ["run a.toml      --jobs 2", "list agents", "schema > a"]);
}
