//! Signs that look like usual Latin letters and digits and are others: dotless and phonetic letters, fullwidth, mathematical and circled ones.
//! Never knows letters of other alphabets: `characters` does.

use icu_properties::CodePointMapData;
use icu_properties::props::Script;

use super::text::SourceText;

/// The alphabet of a letter.
pub fn script(c: char) -> Script {
    CodePointMapData::<Script>::new().get(c)
}

/// Whether a text of a file may hold the fullwidth letters and digits that it holds: one in Chinese may, whose own signs are as wide.
pub fn takes_wide(file: &SourceText, text: &str) -> bool {
    if text.is_ascii() || !text.chars().any(|c| matches!(c, '\u{ff10}'..='\u{ff5a}')) {
        return true;
    }
    let path = file.path();
    let other_file = !path.ends_with(".md") && !path.ends_with(".yaml");
    path.contains(".zh.") || has_han(text) || other_file && has_han(file.text())
}

fn has_han(text: &str) -> bool {
    text.chars().any(|c| script(c) == Script::Han)
}

/// Whether a word holds such signs in place of letters and digits. `takes_wide`: one of fullwidth signs alone does not.
pub fn imitates(word: &str, takes_wide: bool) -> bool {
    if !word.chars().any(is_alike) {
        return false;
    }
    let usual = word.chars().any(|c| c.is_alphanumeric() && !is_alike(c) && script(c) == Script::Latin);
    let turkish = || word.chars().any(|c| "ğĞşŞçÇöÖüÜİ".contains(c));
    word.chars().filter(|c| is_alike(*c)).any(|c| match c {
        '\u{ff10}'..='\u{ff5a}' => usual || !takes_wide,
        '\u{1d400}'..='\u{1d7ff}' => true,
        'ı' => usual && !turkish(),
        _ => usual,
    })
}

/// The first such sign of a word.
pub fn first(word: &str) -> Option<char> {
    word.chars().find(|c| is_alike(*c))
}

fn is_alike(c: char) -> bool {
    match c {
        // Dotless letters and the long s; phonetic letters but the schwa, which some languages write; small capitals.
        'ı' | 'ſ' | 'ȷ' | '\u{250}'..='\u{258}' | '\u{25a}'..='\u{2af}' | '\u{1d00}'..='\u{1d25}'
        // Letterlike signs and Roman numerals; circled and squared letters; fullwidth; mathematical.
        | '\u{2102}'..='\u{2149}' | '\u{2160}'..='\u{217f}' | '\u{24b6}'..='\u{24e9}' | '\u{1f130}'..='\u{1f189}'
        | '\u{ff10}'..='\u{ff5a}' | '\u{1d400}'..='\u{1d7ff}' => c.is_alphanumeric(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_signs_in_place_of_usual_letters_are_told_from_words_of_other_languages() {
        for word in ["Vıệt", "bıa", "Ｔhác", "𝐓hác", "𝐓𝐡𝐚𝐜", "𝟏𝟐", "ɡiờ", "Nɡày", "ⓉHÁC", "ſáng", "🅃hác", "Ｔ1hác", "ℍà", "ᴀn"]
        {
            assert!(imitates(word, false) && imitates(word, true), "{word}");
        }
        for word in ["Ｌｅｄ", "２０２６"] {
            assert!(imitates(word, false) && !imitates(word, true), "{word}");
        }
        for word in ["Việt", "Đèo", "Yıldırım2ğ", "Işık", "ℓ", "Ⅳ", "m²", "Ⓐ", "中华", "café", "Łódź", "Ngày1", "ə", "Bằng"]
        {
            assert!(!imitates(word, false), "{word}");
        }
    }

    #[test]
    fn fullwidth_signs_stand_in_texts_in_chinese() {
        let takes = |path: &str, whole: &str, text: &str| takes_wide(&SourceText::new(path, whole), text);
        assert!(
            takes("slides/a/a.zh.md", "", "２０２６")
                && takes("sites/a.yaml", "", "zh: 高平ＬＥＤ")
                && takes("slides/a/a.csv", "高平", "１２")
        );
        assert!(
            !takes("slides/a/a.md", "高平", "２０２６")
                && !takes("sites/a.yaml", "高平", "ＬＥＤ")
                && !takes("slides/a/a.csv", "Cao", "１２")
        );
    }
}
