//! Where words of a page stand in the files of its slide.
//! Never guesses: words that stand in none of them have no place.

use std::path::Path;

use crate::base::diagnostic::SourceLocation;
use crate::content::model::values::{MediaKey, Slide};
use crate::content::source;
use crate::content::source::text::{SourceText, TextSpan};

/// This many words, or all that there are, have to be the same.
const FEWEST: usize = 3;

/// The texts of a slide.
pub struct Places {
    files: Vec<SourceText>,
}

impl Places {
    /// Reads the files of a slide: its own and its table.
    pub fn new(root: &Path, slide: &Slide) -> Self {
        let table = slide.media.get(&MediaKey::Table).map(|media| media.path.as_str());
        let names = [Some(slide.place.path.as_str()), table];
        Self { files: names.into_iter().flatten().filter_map(|name| source::read_text(root, name)).collect() }
    }

    /// The place where a file has these words, or as many of the first as stand together on a line.
    pub fn find(&self, words: &str) -> Option<SourceLocation> {
        let seen = |word: &str| word.chars().filter(|c| is_seen(*c)).collect::<String>();
        let words: Vec<String> = words.trim_end_matches('…').split_whitespace().map(seen).filter(|word| !word.is_empty()).collect();
        let fewest = FEWEST.min(words.len()).max(1);
        let starts = (fewest..=words.len()).rev().map(|count| words[..count].join(" "));
        starts.into_iter().find_map(|start| self.files.iter().find_map(|file| find_in(file, &start)))
    }
}

/// Whether a character is seen as it is written: no mark of emphasis, and none that binds or breaks without a width.
fn is_seen(c: char) -> bool {
    !matches!(c, '*' | '_' | '`' | '\\' | '\u{ad}' | '\u{200b}' | '\u{2060}')
}

fn find_in(file: &SourceText, words: &str) -> Option<SourceLocation> {
    let words: Vec<char> = words.chars().collect();
    (1..).zip(file.text().lines()).find_map(|(line, text)| {
        // A page binds words by spaces of other kinds; each takes the place of one.
        let seen = (1_u32..).zip(text.chars()).filter(|(_, c)| is_seen(*c));
        let (columns, seen): (Vec<u32>, Vec<char>) = seen.map(|(column, c)| (column, if c.is_whitespace() { ' ' } else { c })).unzip();
        let at = seen.windows(words.len().max(1)).position(|part| part == words)?;
        let (column, last) = (columns.get(at)?, columns.get(at + words.len() - 1)?);
        Some(file.location(TextSpan { line, column: *column, length: last - column + 1 }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_on_their_line_and_others_have_no_place() {
        let slide = SourceText::new("slides/a.md", "---\ntitle: Đèo Mã Phục\n---\nMột hai ba bốn.\nNăm\u{a0}sáu bảy\n");
        let places = Places { files: vec![slide, SourceText::new("slides/a.csv", "Xã,Số\nĐàm Thủy,12\n")] };
        let place = |words: &str| places.find(words).map(|found| (found.path, found.line, found.column, found.length));
        assert_eq!(place("hai ba bốn. Năm sáu…"), Some(("slides/a.md".into(), 4, 5, 11)));
        assert_eq!(place("Năm sáu\u{a0}bảy"), Some(("slides/a.md".into(), 5, 1, 11)));
        assert_eq!(place("Mã Phục"), Some(("slides/a.md".into(), 2, 12, 7)));
        assert_eq!(place("Đàm Thủy"), Some(("slides/a.csv".into(), 2, 1, 8)));
        assert_eq!(place("hai ba năm"), None);
        // Lines that begin alike, with marks and spaces that bind.
        let item = |number: u32| format!("- Nộp **hồ sơ** tại bộ phận một cửa (mục {number})\n");
        let list: String = (0..14).map(item).collect();
        let places = Places { files: vec![SourceText::new("slides/b.md", &format!("---\ntitle: B\n---\n{list}"))] };
        let lost = "Nộp hồ\u{a0}sơ tại bộ phận một\u{a0}cửa (\u{2060}mục\u{a0}9) Nộp hồ\u{a0}sơ tại…";
        let found = places.find(lost).unwrap();
        assert_eq!((found.line, found.column, found.source.contains("(mục 9)")), (13, 3, true));
        assert_eq!(place("Sở Văn hóa hai"), None);
        assert_eq!(place(""), None);
    }
}
