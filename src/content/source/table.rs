//! Tables from CSV files: a header row and rows of the same length.
//! Never guesses a separator, never fills a gap.

use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::text;

/// A table whose rows all have as many cells as the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvTable {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// Why a file is not a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableFault {
    /// From 1.
    pub line: u32,
    /// Cells of the header; 0 without a header or without rows.
    pub expected: usize,
    /// Cells in this line.
    pub found: usize,
}

impl TableFault {
    /// The fault in words, in the file at `path` with this text.
    pub fn to_diagnostic(&self, path: &str, text: &str) -> Diagnostic {
        let Self { line, expected, found } = self;
        let source = text.lines().nth((*line as usize).saturating_sub(1)).unwrap_or_default().to_owned();
        let cause = if *expected == 0 {
            text!(vi: "bảng cần một hàng tiêu đề và ít nhất một hàng dữ liệu", en: "a table needs a header row and at least one row")
        } else {
            text!(vi: "hàng này có {found} ô, hàng tiêu đề có {expected} ô", en: "this row has {found} cells, the header has {expected}")
        };
        Diagnostic::error(
            "table-ragged",
            SourceLocation { path: path.to_owned(), line: *line, column: 1, length: 1, source },
            cause,
            text!(
                vi: "mỗi hàng phải đủ số ô; đặt ô có dấu phẩy trong ngoặc kép",
                en: "give every row the same number of cells; put quotes around a cell that holds a comma"
            ),
        )
    }
}

/// Reads a comma-separated table; stops at the first fault.
pub fn parse(text: &str) -> Result<CsvTable, TableFault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows: Vec<Vec<String>> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| TableFault { line: 1, expected: 0, found: 0 })?;
        let line = record.position().map_or(0, |position| u32::try_from(position.line()).unwrap_or(u32::MAX));
        let expected = rows.first().map_or(record.len(), Vec::len);
        if record.len() != expected {
            return Err(TableFault { line, expected, found: record.len() });
        }
        rows.push(record.iter().map(|cell| cell.trim().to_owned()).collect());
    }
    if rows.len() < 2 {
        return Err(TableFault { line: 1, expected: 0, found: rows.len() });
    }
    let header = rows.remove(0);
    Ok(CsvTable { header, rows })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ragged_and_empty_files_are_faults() {
        assert_eq!(parse("a,b\n1,2\n3\n"), Err(TableFault { line: 3, expected: 2, found: 1 }));
        assert_eq!(parse(""), Err(TableFault { line: 1, expected: 0, found: 0 }));
        assert_eq!(parse("\u{feff}a,b\n\"1,5\", x \n").unwrap().rows, [["1,5", "x"]]);
    }
}
