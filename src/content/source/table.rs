//! Tables from CSV files: a header row and rows of the same length.
//! Never reads with another separator, never fills a gap.

use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::numbers;
use crate::text;

/// A table whose rows all have as many cells as the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvTable {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// Why a file is not a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableFault {
    /// No header, or no row.
    Empty,
    /// The cells are separated by this character instead of a comma.
    Separator(char),
    /// A row whose cells are not as many as those of the header.
    Ragged {
        /// From 1.
        line: u32,
        /// Cells of the header.
        expected: usize,
        /// Cells in this line.
        found: usize,
    },
}

impl TableFault {
    /// The fault in words, in the file at `path` with this text.
    pub fn to_diagnostic(&self, path: &str, text: &str) -> Diagnostic {
        let line = if let Self::Ragged { line, .. } = self { *line } else { 1 };
        let source = text.lines().nth((line as usize).saturating_sub(1)).unwrap_or_default().to_owned();
        let sign_at = |sign: char| source.chars().position(|c| c == sign).and_then(|at| u32::try_from(at).ok());
        let column = 1 + if let Self::Separator(sign) = self { sign_at(*sign).unwrap_or(0) } else { 0 };
        let place = SourceLocation { path: path.to_owned(), line, column, length: 1, source };
        match self {
            Self::Empty => Diagnostic::error(
                "table-ragged",
                place,
                text!(vi: "bảng cần một hàng tiêu đề và ít nhất một hàng dữ liệu", en: "a table needs a header row and at least one row"),
                text!(vi: "viết hàng tiêu đề, rồi mỗi hàng một dòng, các ô cách nhau bằng dấu phẩy", en: "write a header row, then one line for each row, cells separated by commas"),
            ),
            Self::Separator(sign) => {
                let (vi, en) = if *sign == '\t' { ("dấu tab", "tabs") } else { ("dấu chấm phẩy", "semicolons") };
                Diagnostic::error(
                    "table-separator",
                    place,
                    text!(vi: "các ô cách nhau bằng {vi}, không phải dấu phẩy", en: "the cells are separated by {en}, not by commas"),
                    text!(
                        vi: "lưu lại với dấu phẩy (LibreOffice: Lưu thành CSV, dấu phân cách “,”); ô có dấu phẩy đặt trong ngoặc kép",
                        en: "save it with commas (LibreOffice: save as CSV, field delimiter “,”); put quotes around a cell that holds a comma"
                    ),
                )
            }
            Self::Ragged { expected, found, .. } => {
                let help = if found > expected {
                    text!(
                        vi: "ô có dấu phẩy (như 1,5 hay “thứ Hai, thứ Ba”) đặt trong ngoặc kép: \"1,5\"; thừa ô thì bỏ bớt",
                        en: "put quotes around a cell that holds a comma, such as \"1,5\"; remove a cell that is too many"
                    )
                } else {
                    text!(
                        vi: "thêm ô còn thiếu; ô trống vẫn cần dấu phẩy; hàng bị ngắt dòng thì nối lại",
                        en: "add the missing cells, an empty one needs its comma too; join a row that is broken over two lines"
                    )
                };
                let cells = numbers::counted(*found, "cell");
                let cause =
                    text!(vi: "hàng này có {found} ô, hàng tiêu đề có {expected} ô", en: "this row has {cells}, the header has {expected}");
                Diagnostic::error("table-ragged", place, cause, help)
            }
        }
    }
}

/// Reads a comma-separated table; stops at the first fault.
pub fn parse(text: &str) -> Result<CsvTable, TableFault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows: Vec<Vec<String>> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| TableFault::Empty)?;
        let line = record.position().map_or(0, |position| u32::try_from(position.line()).unwrap_or(u32::MAX));
        let expected = rows.first().map_or(record.len(), Vec::len);
        if record.len() != expected {
            let ragged = TableFault::Ragged { line, expected, found: record.len() };
            return Err(other_separator(text).map_or(ragged, TableFault::Separator));
        }
        rows.push(record.iter().map(|cell| cell.trim().to_owned()).collect());
    }
    if rows.len() < 2 {
        return Err(TableFault::Empty);
    }
    let header = rows.remove(0);
    match other_separator(text).filter(|_| header.len() == 1) {
        Some(sign) => Err(TableFault::Separator(sign)),
        None => Ok(CsvTable { header, rows }),
    }
}

/// A semicolon or tab that stands equally often in every line, outside quotes.
fn other_separator(text: &str) -> Option<char> {
    [';', '\t'].into_iter().find(|sign| {
        let outside = |line: &str| line.split('"').step_by(2).flat_map(str::chars).filter(|c| c == sign).count();
        let mut counts = text.lines().filter(|line| !line.trim().is_empty()).map(outside);
        counts.next().is_some_and(|first| first > 0 && counts.all(|count| count == first))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ragged_and_empty_files_are_faults() {
        assert_eq!(parse("a,b\n1,2\n3\n"), Err(TableFault::Ragged { line: 3, expected: 2, found: 1 }));
        assert_eq!(parse(""), Err(TableFault::Empty));
        assert_eq!(parse("\u{feff}a,b\n\"1,5\", x \n").unwrap().rows, [["1,5", "x"]]);
    }

    #[test]
    fn another_separator_is_told_also_among_commas() {
        assert_eq!(parse("a;b\n1;2\n"), Err(TableFault::Separator(';')));
        assert_eq!(parse("a;b\n1,5;\"x;y\"\n"), Err(TableFault::Separator(';')));
        assert_eq!(parse("a\tb\n1\t2\n\n"), Err(TableFault::Separator('\t')));
        assert_eq!(parse("a\nb;c\n").unwrap().header, ["a"]);
        assert_eq!(parse("a;b,c\nd;e,f\n").unwrap().header, ["a;b", "c"]);
    }
}
