//! Tables from CSV files: a header row and rows of the same length. The separator is the one that makes all rows equally long.
//! Never chooses between two separators that both fit, never fills a gap.

use csv::ReaderBuilder;

/// A table whose rows all have as many cells as the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvTable {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// A table, and what an author should know of how it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedTable {
    pub table: CsvTable,
    /// One of [`SEPARATORS`].
    pub separator: char,
    /// Lines, from 1, of rows without any text. They are left out.
    pub blank_rows: Vec<u32>,
    /// Columns, from 1, without any text. They are left out.
    pub blank_columns: Vec<usize>,
    /// Lines, from 1, and cells that a spreadsheet's formula or its error has left, in place of a value.
    pub formulas: Vec<(u32, String)>,
}

/// Why a file is not a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableFault {
    /// No header, or no row.
    Empty,
    /// Read with either of these separators, all rows have several cells and are equally long.
    Unclear(char, char),
    /// A quote is open to the end; holds the line, from 1, of the row in which it opens.
    OpenQuote(u32),
    /// A row whose cells are not as many as those of the header.
    Ragged {
        separator: char,
        /// From 1.
        line: u32,
        /// Cells of the header.
        expected: usize,
        /// Cells in this line.
        found: usize,
    },
}

/// What may separate the cells; the first is the usual one.
pub const SEPARATORS: [char; 3] = [',', ';', '\t'];

/// Rows with some text, each with its line, and the lines of rows without.
struct Records {
    rows: Vec<(u32, Vec<String>)>,
    blank: Vec<u32>,
}

/// Reads a table; stops at the first fault.
pub fn parse(text: &str) -> Result<ParsedTable, TableFault> {
    let (separator, Records { rows, blank }) = separated(text)?;
    let broken = rows.iter().rfind(|(_, row)| row.iter().any(|cell| cell.contains('\n')));
    if let Some((line, _)) = broken.filter(|_| text.matches('"').count() % 2 == 1) {
        return Err(TableFault::OpenQuote(*line));
    }
    let expected = rows.first().map_or(0, |(_, header)| header.len());
    if let Some((line, row)) = rows.iter().find(|(_, row)| row.len() != expected) {
        return Err(TableFault::Ragged { separator, line: *line, expected, found: row.len() });
    }
    if rows.len() < 2 {
        return Err(TableFault::Empty);
    }
    let with_text = |column: &usize| rows.iter().any(|(_, row)| !row[*column].is_empty());
    let (kept, blank_columns): (Vec<usize>, Vec<usize>) = (0..expected).partition(with_text);
    let formulas = rows.iter().flat_map(|(line, row)| row.iter().filter(|cell| is_formula(cell)).map(move |cell| (*line, cell.clone())));
    let formulas = formulas.collect();
    let mut rows = rows.iter().map(|(_, row)| kept.iter().map(|column| row[*column].clone()).collect::<Vec<_>>());
    let table = CsvTable { header: rows.next().unwrap_or_default(), rows: rows.collect() };
    let blank_columns = blank_columns.into_iter().map(|column| column + 1).collect();
    Ok(ParsedTable { table, separator, blank_rows: blank, blank_columns, formulas })
}

/// Whether a cell is an error of a spreadsheet (`#REF!`, `#N/A`, `Err:502`, `####` of a column that is too narrow) or a formula.
fn is_formula(cell: &str) -> bool {
    if let Some(rest) = cell.strip_prefix('=') {
        return rest.starts_with(|c: char| c.is_ascii_alphanumeric() || "(+-\"$'".contains(c));
    }
    if let Some(number) = cell.strip_prefix("Err:") {
        return !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit());
    }
    let Some(rest) = cell.strip_prefix('#') else { return false };
    let name = rest.trim_end_matches(['!', '?']);
    let shouted = !name.is_empty() && name.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || b"_/".contains(&c));
    (shouted && (name.len() < rest.len() || matches!(name, "N/A" | "GETTING_DATA"))) || (rest.len() > 1 && rest.bytes().all(|c| c == b'#'))
}

impl Records {
    /// Cells of the header.
    fn cells(&self) -> usize {
        self.rows.first().map_or(0, |(_, header)| header.len())
    }

    fn is_whole(&self) -> bool {
        self.rows.iter().all(|(_, row)| row.len() == self.cells())
    }

    /// Quotes that are text. Read with a wrong separator, those around a cell are.
    fn quotes(&self) -> usize {
        self.rows.iter().flat_map(|(_, row)| row).map(|cell| cell.matches('"').count()).sum()
    }
}

/// The separator of a table, with its rows.
fn separated(text: &str) -> Result<(char, Records), TableFault> {
    let mut able: Vec<(char, Records)> = SEPARATORS.into_iter().map(|sign| (sign, records(text, sign))).collect();
    // Nothing but separators: no other one makes text of them.
    if let Some(at) = able.iter().position(|(_, records)| records.rows.is_empty()) {
        return Ok(able.swap_remove(at));
    }
    able.retain(|(_, records)| records.cells() > 1);
    let fitting = able.iter().filter(|(_, records)| records.is_whole());
    let mut fitting: Vec<(usize, char)> = fitting.map(|(sign, records)| (records.quotes(), *sign)).collect();
    fitting.sort_by_key(|(quotes, _)| *quotes);
    let chosen = match fitting.as_slice() {
        [(least, one), (next, other), ..] if least == next => return Err(TableFault::Unclear(*one, *other)),
        [(_, one), ..] => Some(*one),
        // Ragged: the separator of most cells of the header is the one that was meant.
        [] => able.iter().rev().max_by_key(|(_, records)| records.cells()).map(|(sign, _)| *sign),
    };
    let sign = chosen.unwrap_or(SEPARATORS[0]);
    Ok((sign, able.into_iter().find(|(other, _)| *other == sign).map_or_else(|| records(text, sign), |(_, records)| records)))
}

fn records(text: &str, separator: char) -> Records {
    let mut reader = ReaderBuilder::new();
    let sign = u8::try_from(separator).unwrap_or(b',');
    let mut reader = reader.has_headers(false).flexible(true).delimiter(sign).from_reader(text.as_bytes());
    let mut out = Records { rows: Vec::new(), blank: Vec::new() };
    for record in reader.records().filter_map(Result::ok) {
        let line = record.position().map_or(0, |position| u32::try_from(position.line()).unwrap_or(u32::MAX));
        let row: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
        if row.iter().all(String::is_empty) { out.blank.push(line) } else { out.rows.push((line, row)) }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> (char, Vec<Vec<String>>) {
        let parsed = parse(text).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
        (parsed.separator, [vec![parsed.table.header], parsed.table.rows].concat())
    }

    #[test]
    fn ragged_and_empty_files_are_faults() {
        let ragged = |separator, line, expected, found| Err(TableFault::Ragged { separator, line, expected, found });
        assert_eq!(parse("a,b\n1,2\n3\n"), ragged(',', 3, 2, 1));
        assert_eq!(parse("a;b\n1,5;2\n3\n"), ragged(';', 3, 2, 1));
        assert_eq!(parse("a\tb\n1\t2\t3\n"), ragged('\t', 2, 2, 3));
        assert_eq!(parse("a,b\n1,5,x\n"), ragged(',', 2, 2, 3));
        // A row broken over two lines within quotes counts once.
        assert_eq!(parse("a;b\n\"x\ny\";1\n2\n"), ragged(';', 4, 2, 1));
        for empty in ["", "a,b\n", "\n\n", ";;\n;;\n", "a;b\n;\n"] {
            assert_eq!(parse(empty), Err(TableFault::Empty), "{empty:?}");
        }
        assert_eq!(parse("a,b\n1,\"x\n2,y\n3,z\n"), Err(TableFault::OpenQuote(2)));
    }

    #[test]
    fn the_separator_is_the_one_that_makes_all_rows_equal() {
        for (text, separator, last) in [
            ("a,b\n\"1,5\", x \n", ',', ["1,5", "x"]),
            ("a;b\n1;2\n", ';', ["1", "2"]),
            ("a;b\n1,5;\"x;y\"\n", ';', ["1,5", "x;y"]),
            ("a;b\n1,5;2,5\n0,5;1,5\n", ';', ["0,5", "1,5"]),
            ("a\tb\n1\t2\n\n", '\t', ["1", "2"]),
            ("a;b\n\"x\ny\";1\n", ';', ["x\ny", "1"]),
            ("a,\"b; c\"\n1,\"2; 3\"\n", ',', ["1", "2; 3"]),
            ("a;\"b, c\"\n1;\"2, 3\"\n", ';', ["1", "2, 3"]),
            ("a,b\n5\" pipe,x\n", ',', ["5\" pipe", "x"]),
        ] {
            let (found, rows) = rows(text);
            assert_eq!((found, rows.last().unwrap().as_slice()), (separator, last.map(str::to_owned).as_slice()), "{text:?}");
        }
        assert_eq!(rows("a\nb;c\n"), (',', vec![vec!["a".to_owned()], vec!["b;c".to_owned()]]));
        assert_eq!(parse("a;b,c\nd;e,f\n"), Err(TableFault::Unclear(',', ';')));
        assert_eq!(parse("a;b\nd\n"), Err(TableFault::Ragged { separator: ';', line: 2, expected: 2, found: 1 }));
    }

    #[test]
    fn errors_and_formulas_of_spreadsheets_are_found_and_texts_are_not() {
        for odd in [
            "#REF!",
            "#N/A",
            "#DIV/0!",
            "#VALUE!",
            "#NAME?",
            "#NUM!",
            "#NULL!",
            "#SPILL!",
            "#ERROR!",
            "Err:502",
            "#####",
            "=A1+B2",
            "=SUM(A1:A9)",
            "=-B2",
        ] {
            assert_eq!(parse(&format!("a,b\n1,\"{odd}\"\n")).unwrap().formulas, [(2, odd.to_owned())], "{odd}");
        }
        for text in ["#gopy", "#1", "# 5", "##", "= 5 người", "+84 206", "-5", "N/A", "A=B", "#Hashtag!", "Err:", "=>", "==="] {
            let found = parse(&format!("a,b\n1,\"{text}\"\n")).unwrap().formulas;
            assert!(found.is_empty(), "{text}: {found:?}");
        }
    }

    #[test]
    fn rows_and_columns_without_text_are_left_out_and_named() {
        let parsed = parse("a;;b;\n;;;\n1;;;\n\n; ;2;\n;;;\n").unwrap();
        assert_eq!((&*parsed.blank_rows, &*parsed.blank_columns), (&[2, 6][..], &[2, 4][..]));
        assert_eq!((parsed.table.header.concat(), parsed.table.rows.len()), ("ab".to_owned(), 2));
        assert_eq!(parsed.table.rows, [["1", ""], ["", "2"]]);
        // A column that has only a header, or no header, keeps its place.
        assert_eq!(parse("a,b\n1,\n").unwrap().blank_columns, [0; 0]);
        assert_eq!(parse(",b\n1,2\n").unwrap().blank_columns, [0; 0]);
    }
}
