//! The faults of tables in words, and what an author should know of how a table was read.
//! Never reads one.

use super::table::{ParsedTable, SEPARATORS, TableFault};
use super::text::{SourceText, TextSpan};
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::limits::MAX_FAULTS_PER_FILE;
use crate::base::numbers;
use crate::base::text::{Text, printable};
use crate::text;

/// Most lines or columns that a warning names.
const SHOWN: usize = 8;

impl TableFault {
    /// The fault in words, in this file.
    pub fn to_diagnostic(&self, file: &SourceText) -> Diagnostic {
        match self {
            Self::Empty => Diagnostic::error(
                "table-ragged",
                at(file, 1, None),
                text!(vi: "bảng cần một hàng tiêu đề và ít nhất một hàng dữ liệu", en: "a table needs a header row and at least one row"),
                text!(vi: "viết hàng tiêu đề, rồi mỗi hàng một dòng, các ô cách nhau bằng dấu phẩy", en: "write a header row, then one line for each row, cells separated by commas"),
            ),
            Self::Unclear(one, other) => {
                let (Text { vi, en }, Text { vi: other_vi, en: other_en }) = (sign_name(*one), sign_name(*other));
                Diagnostic::error(
                    "table-unclear",
                    at(file, 1, Some(*other)),
                    text!(
                        vi: "không rõ các ô cách nhau bằng {vi} hay {other_vi}: đọc theo cách nào các hàng cũng đủ ô",
                        en: "it is not clear whether {en} or {other_en} separate the cells: read either way, all rows are equally long"
                    ),
                    text!(vi: "đặt trong ngoặc kép mỗi ô có một trong hai dấu đó", en: "put quotes around each cell that holds one of the two signs"),
                )
            }
            Self::OpenQuote(line) => Diagnostic::error(
                "table-quote",
                at(file, *line, Some('"')),
                text!(vi: "dấu ngoặc kép mở ở hàng này không được đóng lại", en: "a quote that opens in this row is not closed"),
                text!(vi: "thêm dấu ngoặc kép ở cuối ô; dấu ngoặc kép trong ô viết hai lần: \"\"", en: "add the quote at the end of the cell; write a quote inside a cell twice: \"\""),
            ),
            Self::Ragged { separator, line, expected, found } => ragged(at(file, *line, None), *separator, (*expected, *found)),
        }
    }
}

fn ragged(place: SourceLocation, separator: char, (expected, found): (usize, usize)) -> Diagnostic {
    let Text { vi, en } = sign_name(separator);
    let example = if separator == ';' { "A; B" } else { "1,5" };
    let help = if found > expected {
        text!(
            vi: "ô có {vi} thì đặt trong ngoặc kép, như \"{example}\"; thừa ô thì bỏ bớt",
            en: "put quotes around a cell that holds {en}, such as \"{example}\"; remove a cell that is too many"
        )
    } else {
        text!(
            vi: "thêm ô còn thiếu; ô trống vẫn cần {vi}; hàng bị ngắt dòng thì nối lại",
            en: "add the missing cells, an empty one needs its place too; join a row that is broken over two lines"
        )
    };
    let cells = numbers::counted(found, "cell");
    let cause = text!(
        vi: "hàng này có {found} ô, hàng tiêu đề có {expected} ô (các ô cách nhau bằng {vi})",
        en: "this row has {cells}, the header has {expected} (cells separated by {en})"
    );
    Diagnostic::error("table-ragged", place, cause, help)
}

impl ParsedTable {
    /// What the author of the file should know: another separator than the usual one, and what was left out.
    pub fn notes(&self, file: &SourceText) -> Vec<Diagnostic> {
        let mut out = Vec::new();
        if self.separator != SEPARATORS[0] {
            let Text { vi, en } = sign_name(self.separator);
            out.push(Diagnostic::warning(
                "table-separator",
                at(file, 1, Some(self.separator)),
                text!(vi: "các ô cách nhau bằng {vi}, không phải dấu phẩy; bảng được đọc theo {vi}", en: "the cells are separated by {en}, not by commas; the table is read so"),
                text!(
                    vi: "xem trang có đúng các cột không; để không còn cảnh báo, lưu lại với dấu phẩy (LibreOffice: Lưu thành CSV, dấu phân cách “,”)",
                    en: "look whether the slide has the right columns; to be warned no more, save it with commas (LibreOffice: save as CSV, field delimiter “,”)"
                ),
            ));
        }
        if let Some(first) = self.blank_rows.first() {
            let lines = listed(self.blank_rows.iter().map(ToString::to_string), self.blank_rows.len());
            out.push(blank(
                at(file, *first, None),
                &text!(vi: "hàng trống bị bỏ qua: dòng {lines}", en: "rows without text are left out: lines {lines}"),
            ));
        }
        if !self.blank_columns.is_empty() {
            let columns = listed(self.blank_columns.iter().map(|column| column_name(*column)), self.blank_columns.len());
            out.push(blank(
                at(file, 1, None),
                &text!(vi: "cột trống bị bỏ qua: cột {columns}", en: "columns without text are left out: {columns}"),
            ));
        }
        out.extend(self.formulas.iter().take(MAX_FAULTS_PER_FILE).map(|(line, cell)| formula(file, *line, cell)));
        out
    }
}

/// A cell in which a formula or its error stands.
fn formula(file: &SourceText, line: u32, cell: &str) -> Diagnostic {
    let shown = printable(cell);
    let before = file.line(line).find(cell).map_or("", |at| &file.line(line)[..at]);
    let count = |text: &str| u32::try_from(text.chars().count()).unwrap_or(1);
    let place = file.location(TextSpan { line, column: 1 + count(before), length: count(cell).max(1) });
    Diagnostic::warning(
        "table-formula",
        place,
        text!(vi: "ô này là công thức hay mã lỗi của bảng tính, không phải giá trị: trang chiếu hiện nguyên “{shown}”", en: "this cell is a spreadsheet's formula or error, not a value: the slide shows “{shown}” as it stands"),
        text!(vi: "sửa ô trong bảng tính rồi lưu lại, hoặc ghi giá trị vào đây", en: "correct the cell in the spreadsheet and save it again, or write the value here"),
    )
}

fn blank(place: SourceLocation, cause: &Text) -> Diagnostic {
    let help = text!(vi: "xóa phần trống trong bảng tính rồi lưu lại; nếu ở đó phải có chữ thì điền vào", en: "delete what is empty in the spreadsheet and save it again; fill it in if text belongs there");
    Diagnostic::warning("table-blank", place, cause.clone(), help)
}

fn listed(names: impl Iterator<Item = String>, count: usize) -> String {
    let more = if count > SHOWN { ", …" } else { "" };
    names.take(SHOWN).collect::<Vec<_>>().join(", ") + more
}

/// A column as spreadsheets name it: 1 is A, 27 is AA.
fn column_name(number: usize) -> String {
    let mut rest = number;
    let mut letters = Vec::new();
    while rest > 0 {
        letters.push(u8::try_from((rest - 1) % 26).map_or('?', |at| char::from(b'A' + at)));
        rest = (rest - 1) / 26;
    }
    letters.into_iter().rev().collect()
}

fn sign_name(sign: char) -> Text {
    match sign {
        ';' => text!(vi: "dấu chấm phẩy", en: "semicolons"),
        '\t' => text!(vi: "dấu tab", en: "tabs"),
        _ => text!(vi: "dấu phẩy", en: "commas"),
    }
}

/// A line of the file, at the first place of a sign in it.
fn at(file: &SourceText, line: u32, sign: Option<char>) -> SourceLocation {
    let found = sign.and_then(|sign| file.line(line).chars().position(|c| c == sign));
    let column = 1 + found.and_then(|at| u32::try_from(at).ok()).unwrap_or(0);
    file.location(TextSpan { line, column, length: 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_the_names_of_spreadsheets() {
        assert_eq!([1, 2, 26, 27, 52, 703].map(column_name), ["A", "B", "Z", "AA", "AZ", "AAA"]);
    }
}
