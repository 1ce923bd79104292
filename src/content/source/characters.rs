//! Finds characters that make a text read differently from what is stored: direction marks, invisible characters, tags, control
//! characters, letters of two alphabets in one word; text that is not in normal form C; text in an old code. Never changes a text.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark, is_nfc};

use super::legacy::{self, Legacy};
use super::text::{SourceText, TextSpan};
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::limits::CHARACTER_FAULTS;
use crate::base::text::is_hidden;
use crate::text;

/// All faults of the characters of a text file.
pub fn check(file: &SourceText) -> Vec<Diagnostic> {
    if file.text().is_ascii() && !file.text().bytes().any(|c| c.is_ascii_control() && c != b'\n' && c != b'\t') {
        return Vec::new();
    }
    let mut faults = Vec::new();
    for (index, line) in file.text().split('\n').enumerate() {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let place = |column: usize, length: usize| {
            let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            file.location(TextSpan { line: number, column: small(column), length: small(length) })
        };
        let old = legacy::find(line);
        if let Some(old) = &old {
            faults.push(old_encoding_fault(place(old.first.0 + 1, old.first.1), old));
        }
        // In TCVN3 the soft hyphen is ư.
        let hidden = |c: char| is_hidden(c) && (old.is_none() || c != '\u{ad}');
        faults.extend(
            line.chars().enumerate().filter(|(_, c)| hidden(*c)).take(CHARACTER_FAULTS).map(|(at, c)| hidden_fault(place(at + 1, 1), c)),
        );
        if !is_nfc(line) {
            faults.push(decomposed_fault(place(first_decomposed(line), 1)));
        }
        faults.extend(
            mixed_script_words(line).take(CHARACTER_FAULTS).map(|(at, word)| mixed_script_fault(place(at + 1, word.chars().count()), word)),
        );
        if faults.len() >= CHARACTER_FAULTS {
            break;
        }
    }
    faults.truncate(CHARACTER_FAULTS);
    faults
}

/// A name in small letters without marks: đ is d.
pub fn without_marks(name: &str) -> String {
    name.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).map(|c| if c == 'đ' { 'd' } else { c }).collect()
}

/// The fault of a value whose hidden character appears only after its escapes are resolved (`"\u202E"`, `&#x202E;`).
pub fn hidden_in_value(value: &str, place: impl FnOnce() -> SourceLocation) -> Option<Diagnostic> {
    let found = value.chars().find(|c| is_hidden(*c))?;
    let place = place();
    (!place.source.contains(found)).then(|| hidden_fault(place, found))
}

fn hidden_fault(place: SourceLocation, c: char) -> Diagnostic {
    let code = u32::from(c);
    let (vi, en) = match c {
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            ("ký tự đổi chiều chữ", "a character that turns the direction of text")
        }
        '\u{fe00}'..='\u{fe0f}' => ("ký tự chọn kiểu chữ", "a variation selector"),
        '\0'..='\u{9f}' => ("ký tự điều khiển", "a control character"),
        _ => ("ký tự vô hình", "an invisible character"),
    };
    Diagnostic::error(
        "hidden-character",
        place,
        text!(vi: "{vi} U+{code:04X}", en: "{en} U+{code:04X}"),
        text!(
            vi: "xóa ký tự này: người duyệt không nhìn thấy nó (xóa rồi gõ lại đoạn chữ quanh đó)",
            en: "delete it: a reviewer can't see it (delete and type the text around it again)"
        ),
    )
}

fn old_encoding_fault(place: SourceLocation, old: &Legacy) -> Diagnostic {
    let name = old.name;
    let decoded: String = old.decoded.trim().chars().take(200).collect();
    Diagnostic::error(
        "old-encoding",
        place,
        text!(vi: "chữ viết bằng bảng mã cũ {name}: màn hình hiện sai chữ", en: "text in the old code {name}: the screen shows wrong letters"),
        text!(
            vi: "chuyển sang Unicode (UniKey: Ctrl+Shift+F6) rồi dán lại; dòng này là: {decoded}",
            en: "convert it to Unicode (UniKey: Ctrl+Shift+F6) and paste it again; this line reads: {decoded}"
        ),
    )
}

fn decomposed_fault(place: SourceLocation) -> Diagnostic {
    Diagnostic::error(
        "not-nfc",
        place,
        text!(vi: "chữ có dấu viết theo kiểu tổ hợp (không phải dựng sẵn, NFC)", en: "text with combining marks (not in Unicode normal form C)"),
        text!(
            vi: "gõ lại với bảng mã Unicode dựng sẵn, hoặc chuyển cả tệp: uconv -x any-nfc",
            en: "type it again with precomposed letters, or convert the file: uconv -x any-nfc"
        ),
    )
}

fn mixed_script_fault(place: SourceLocation, word: &str) -> Diagnostic {
    Diagnostic::warning(
        "mixed-script",
        place,
        text!(vi: "từ “{word}” trộn chữ La-tinh với chữ cái khác trông giống", en: "the word “{word}” mixes Latin letters with look-alikes of another alphabet"),
        text!(vi: "gõ lại từ này", en: "type the word again"),
    )
}

/// Column from 1 of the first character that normal form C would change.
fn first_decomposed(line: &str) -> usize {
    let same = line.chars().zip(line.nfc()).take_while(|(a, b)| a == b).count();
    same + 1
}

fn mixed_script_words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let other = |c: char| matches!(c, '\u{370}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' | '\u{1f00}'..='\u{1fff}') && c.is_alphabetic();
    let latin = |c: char| c.is_alphabetic() && matches!(c, 'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
    line.split(|c: char| !c.is_alphanumeric()).filter(move |word| word.chars().any(other) && word.chars().any(latin)).map(|word| {
        let before = (word.as_ptr() as usize) - (line.as_ptr() as usize);
        (line[..before].chars().count(), word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_character() {
        let file = SourceText::new("a.md", "Cao Bằng\nx\u{202e}y pаy\ne\u{301}");
        let found: Vec<_> = check(&file).iter().map(|fault| (fault.code, fault.place.line, fault.place.column)).collect();
        assert_eq!(found, [("hidden-character", 2, 2), ("mixed-script", 2, 5), ("not-nfc", 3, 1)]);
    }
}
