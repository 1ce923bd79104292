//! Estimates without a browser how many lines a slide's text takes on a face, at the smallest letters that can be read there.
//! Never renders: a browser measures for certain.

use super::picture::PictureBox;
use crate::content::model::faces::Face;
use crate::content::source::markdown::MarkdownDocument;
use crate::content::source::table::CsvTable;

/// Height of capitals, width of a letter, and the distance of lines, as parts of the type's size.
const CAPITAL: f64 = 0.72;
const LETTER: f64 = 0.52;
const LINE: f64 = 1.45;
/// The part of the face that margins and foot leave, across and down; beside a picture margins take more.
const ACROSS: f64 = 0.92;
const DOWN: f64 = 0.8;
/// A picture above or below gives way until the text has this part of the height.
const STACKED: f64 = 0.4;
/// A title is larger than the smallest text of its page, by its length from short to long.
const TITLE: [f64; 4] = [2.6, 2.2, 1.9, 1.6];

/// The amount of text on a slide; letters are counted as wide as Latin ones.
#[derive(Clone, Debug, Default)]
pub struct SlideText {
    /// Letters of the title, and its length as themes know it, from 1 to 4.
    title: (usize, u8),
    /// Beside each other; mostly one.
    columns: Vec<Vec<Block>>,
    /// Rows of cells.
    table: Vec<Vec<usize>>,
}

/// A paragraph, a list item, a heading or a row of a table in the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Block {
    letters: usize,
    /// Begins with a bullet or number.
    listed: bool,
}

/// The room of text on a face, in letters that can just be read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TextRoom {
    /// Lines from the top to the bottom.
    pub lines: f64,
    /// Letters in a line.
    pub letters: f64,
}

impl SlideText {
    /// The text of a title with `length` from 1 to 4, the columns of a body, and a table.
    pub fn new((title, length): (&str, u8), columns: &[MarkdownDocument], table: Option<&CsvTable>) -> Self {
        let cells = |row: &Vec<String>| row.iter().map(|cell| letters(cell)).collect();
        let rows = table.into_iter().flat_map(|table| [&table.header].into_iter().chain(&table.rows));
        let columns = columns.iter().map(|column| blocks(&column.to_html(&|_| None))).collect();
        Self { title: (letters(title), length), columns, table: rows.map(cells).collect() }
    }

    /// Lines that the text takes where a line holds this number of letters.
    pub fn lines(&self, per_line: f64) -> f64 {
        let size = TITLE[usize::from(self.title.1.clamp(1, 4)) - 1];
        let title = wrapped(self.title.0, per_line / size) * size;
        let share = per_line / self.columns.len().max(1) as f64;
        let column = |blocks: &Vec<Block>| blocks.iter().map(|block| block.lines(share)).sum::<f64>();
        title + self.columns.iter().map(column).fold(0.0, f64::max) + self.table_lines(per_line)
    }

    /// The rows of the table, each as high as its highest cell; a column is as wide as its longest cell asks.
    fn table_lines(&self, per_line: f64) -> f64 {
        let count = self.table.first().map_or(0, Vec::len);
        let longest = |column: usize| self.table.iter().filter_map(|row| row.get(column)).max().copied().unwrap_or(0) as f64 + 2.0;
        let widths: Vec<f64> = (0..count).map(longest).collect();
        let scale = (per_line / widths.iter().sum::<f64>()).min(1.0);
        let row =
            |cells: &Vec<usize>| cells.iter().zip(&widths).map(|(cell, width)| wrapped(*cell, width * scale)).fold(1.0, f64::max) + 0.3;
        self.table.iter().map(row).sum()
    }
}

impl Block {
    fn lines(self, per_line: f64) -> f64 {
        let (indent, gap) = if self.listed { (2.5, 0.2) } else { (0.0, 0.35) };
        wrapped(self.letters, per_line - indent) + gap
    }
}

impl TextRoom {
    /// The room on a face; `picture` is the box of a picture that stands beside the text, above or below it.
    pub fn on(face: Face, picture: Option<PictureBox>) -> Self {
        let size = f64::from(face.floor) / 100.0 / CAPITAL;
        let (mut width, mut height) = (f64::from(face.width) * ACROSS, f64::from(face.height) * DOWN);
        if let Some(picture) = picture.filter(|picture| !picture.contain) {
            if picture.width < face.width {
                width = f64::from(face.width - picture.width) * 0.88;
            } else if picture.height < face.height {
                let left = f64::from(face.height - picture.height).max(f64::from(face.height) * STACKED);
                height = left * (DOWN + 0.05);
            }
        }
        Self { lines: height / (size * LINE), letters: width / (size * LETTER) }
    }
}

fn wrapped(letters: usize, per_line: f64) -> f64 {
    if letters == 0 { 0.0 } else { (letters as f64 / per_line.max(1.0)).ceil() }
}

/// A Chinese character is as wide as two letters.
fn letters(text: &str) -> usize {
    text.chars().map(|c| if c >= '\u{2e80}' { 2 } else { 1 }).sum()
}

/// The blocks of a body's HTML, as our Markdown writes it.
fn blocks(html: &str) -> Vec<Block> {
    let mut out = Vec::new();
    let mut block = Block { letters: 0, listed: false };
    for part in html.split('<') {
        let (tag, text) = part.split_once('>').unwrap_or(("", part));
        if tag == "li" {
            block.listed = true;
        }
        let ends = ["li", "/li", "/p", "/h1", "/h2", "/h3", "/h4", "/h5", "/h6", "/tr", "br /", "p", "ul", "ol"].contains(&tag);
        if ends && block.letters > 0 {
            let listed = tag == "li";
            out.push(std::mem::replace(&mut block, Block { letters: 0, listed }));
        }
        block.letters += letters(text.trim_matches('\n'));
    }
    if block.letters > 0 {
        out.push(block);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::source::markdown;

    fn lines(body: &str, per_line: f64) -> f64 {
        SlideText::new(("Một tiêu đề", 1), &[markdown::parse(body)], None).lines(per_line)
    }

    #[test]
    fn each_paragraph_item_and_row_begins_a_line() {
        assert_eq!(blocks(&markdown::parse("Một\n\n- hai\n- ba bốn\n\n1. năm").to_html(&|_| None)).len(), 4);
        assert!(lines("- một\n- hai\n- ba\n- bốn", 60.0) > lines("một hai ba bốn", 60.0) + 2.5);
        assert!(lines(&"chữ ".repeat(300), 60.0) > 20.0);
        assert!(lines(&"字".repeat(300), 60.0) > 10.0, "a character is as wide as two letters");
        let table = |rows: usize| CsvTable { header: vec!["A".into(), "B".into()], rows: vec![vec!["một".into(), "2".into()]; rows] };
        let high = |rows| SlideText::new(("A", 1), &[], Some(&table(rows))).lines(60.0);
        assert!(high(30) > high(10) + 20.0);
    }

    #[test]
    fn a_picture_takes_its_room_and_distance_makes_letters_larger() {
        let face = Face::from((1_920, 1_080));
        let alone = TextRoom::on(face, None);
        let beside = TextRoom::on(face, Some(PictureBox { width: 998, height: 1_080, contain: false }));
        assert!(beside.letters < alone.letters / 1.8 && (beside.lines - alone.lines).abs() < 0.01);
        assert_eq!(
            TextRoom::on(face, Some(PictureBox { width: 1_920, height: 1_080, contain: false })),
            alone,
            "text stands on a whole picture"
        );
        assert!(TextRoom::on(Face { floor: face.floor * 2, ..face }, None).lines < alone.lines * 0.51);
    }
}
