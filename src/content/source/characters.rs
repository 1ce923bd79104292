//! Finds characters that make a text read differently from what is stored: direction marks, invisible characters, tags, control
//! characters, letters of two alphabets in one word; text that is not in normal form C; text in an old code. Never changes a text.

use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory, NoncharacterCodePoint, PrependedConcatenationMark, Script};
use icu_properties::{CodePointMapData, CodePointSetData};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark, is_nfc};

use super::alike::{self, script};
use super::legacy::{self, Legacy};
use super::shown::ShownText;
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
        let hidden = |c: char| has_no_ink(c) && (old.is_none() || c != '\u{ad}');
        faults.extend(
            line.chars().enumerate().filter(|(_, c)| hidden(*c)).take(CHARACTER_FAULTS).map(|(at, c)| hidden_fault(place(at + 1, 1), c)),
        );
        if !is_nfc(line) {
            faults.push(decomposed_fault(place(first_decomposed(line), 1)));
        }
        faults.extend(
            mixed_script_words(line, alike::takes_wide(file, line))
                .take(CHARACTER_FAULTS)
                .map(|(at, word)| mixed_script_fault(place(line[..at].chars().count() + 1, word.chars().count()), word)),
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

/// The faults of a text that appear only once its escapes are resolved (`"\u202E"`, `&#x202E;`).
pub fn check_shown(shown: &ShownText, file: &SourceText) -> Vec<Diagnostic> {
    let text = shown.text();
    let place = |written| file.location(file.span(written));
    let raw = |written| &file.text()[written];
    let mut faults = Vec::new();
    for (at, c) in text.char_indices().filter(|(_, c)| has_no_ink(*c)) {
        let written = shown.written(at..at + c.len_utf8());
        if !raw(written.clone()).contains(c) {
            faults.push(hidden_fault(place(written), c));
        }
    }
    if !is_nfc(text) {
        let from = first_decomposed(text) - 1;
        let mut bytes = text.char_indices().map(|(at, c)| at..at + c.len_utf8()).skip(from);
        let (first, second) = (bytes.next().unwrap_or_default(), bytes.next());
        let found = place(shown.written(first.start..second.map_or(first.end, |next| next.end)));
        if is_nfc(&found.source) {
            faults.push(decomposed_fault(found));
        }
    }
    for (at, word) in mixed_script_words(text, alike::takes_wide(file, text)) {
        let written = shown.written(at..at + word.len());
        if !raw(written.clone()).contains(word) {
            faults.push(mixed_script_fault(place(written), word));
        }
    }
    faults.truncate(CHARACTER_FAULTS);
    faults
}

/// Whether a text may read differently once its escapes are resolved.
pub fn may_hide(text: &str) -> bool {
    text.contains('&')
}

/// Whether nothing is drawn for a character that is not a space.
fn has_no_ink(c: char) -> bool {
    // Below stand the letters of most texts.
    is_hidden(c) || (c > '\u{24f}' && (is_without_glyph(c) || is_without_meaning(c)))
}

fn is_without_glyph(c: char) -> bool {
    let formats = CodePointMapData::<GeneralCategory>::new().get(c) == GeneralCategory::Format;
    // Braille's pattern without a dot is drawn as nothing, and no property of Unicode says so.
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
        || (formats && !CodePointSetData::new::<PrependedConcatenationMark>().contains(c))
        || c == '\u{2800}'
        // A space that fonts draw as a dash.
        || c == '\u{1680}'
}

/// Whether a character stands for none, or for an object that is not there.
fn is_without_meaning(c: char) -> bool {
    CodePointSetData::new::<NoncharacterCodePoint>().contains(c) || c == '\u{fffc}'
}

fn hidden_fault(place: SourceLocation, c: char) -> Diagnostic {
    let code = u32::from(c);
    let (vi, en) = match c {
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            ("ký tự đổi chiều chữ", "a character that reverses the direction of text")
        }
        '\u{fe00}'..='\u{fe0f}' => ("ký tự chọn kiểu chữ", "a variation selector"),
        '\0'..='\u{9f}' => ("ký tự điều khiển", "a control character"),
        _ => ("ký tự vô hình", "an invisible character"),
    };
    Diagnostic::error(
        "hidden-character",
        place,
        text!(vi: "{vi} (U+{code:04X})", en: "{en} (U+{code:04X})"),
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
    let cause = match alike::first(word).map(|c| (c, u32::from(c))) {
        Some((c, code)) if !mixes_alphabets(word) => text!(
            vi: "từ “{word}” có ký tự “{c}” (U+{code:04X}) trông như chữ hoặc số thường mà không phải",
            en: "the word “{word}” holds “{c}” (U+{code:04X}), which looks like a usual letter or digit and is none"
        ),
        _ => {
            text!(vi: "từ “{word}” trộn chữ La-tinh với chữ cái khác trông giống", en: "the word “{word}” mixes Latin letters with look-alikes of another alphabet")
        }
    };
    Diagnostic::warning("mixed-script", place, cause, text!(vi: "gõ lại từ này", en: "type the word again"))
}

/// Column from 1 of the first character that normal form C would change.
fn first_decomposed(line: &str) -> usize {
    let same = line.chars().zip(line.nfc()).take_while(|(a, b)| a == b).count();
    same + 1
}

/// The words with letters of two alphabets, or with other signs in place of usual letters and digits, and the byte at which each begins.
/// `takes_wide`: words of fullwidth letters and digits alone are none.
fn mixed_script_words(text: &str, takes_wide: bool) -> impl Iterator<Item = (usize, &str)> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(move |word| !word.is_ascii() && (mixes_alphabets(word) || alike::imitates(word, takes_wide)))
        .map(|word| ((word.as_ptr() as usize) - (text.as_ptr() as usize), word))
}

fn mixes_alphabets(word: &str) -> bool {
    let latin = |c: char| c.is_alphabetic() && script(c) == Script::Latin;
    word.chars().any(imitates_latin) && word.chars().any(latin)
}

/// Whether a letter is of an alphabet whose letters look like Latin ones.
fn imitates_latin(c: char) -> bool {
    let alike = [Script::Armenian, Script::Cherokee, Script::Coptic, Script::Cyrillic, Script::Greek, Script::Lisu];
    c.is_alphabetic() && alike.contains(&script(c))
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

    #[test]
    fn characters_without_ink_are_told_from_letters_signs_and_spaces() {
        let without = "\u{ad}\u{34f}\u{61c}\u{115f}\u{1160}\u{17b4}\u{17b5}\u{180b}\u{180e}\u{180f}\u{1680}\u{200b}\u{200d}\u{2060}\u{2800}\u{3164}\u{fdd0}\u{fe0f}\u{ffa0}\
            \u{fff0}\u{fff9}\u{fffc}\u{ffff}\u{13430}\u{1bca0}\u{1d173}\u{1fffe}\u{e0041}\u{e0100}";
        assert_eq!(without.chars().filter(|c| !has_no_ink(*c)).collect::<String>(), "");
        let with = "aạẫĐ₫–—…“”•→\u{a0}\u{2009}\u{202f}\u{3000}中華，。「」々〇🎉☎❤🇻👍🏽é°²½№㎡\u{600}อขे\u{301}\n\t";
        assert_eq!(with.chars().filter(|c| has_no_ink(*c)).collect::<String>(), "");
    }
}
