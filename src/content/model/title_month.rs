//! Compares the month that a playlist's title names with that of its folder: a copied folder keeps the titles of the month before.
//! Never takes a number for a month that may be something else.

use super::values::Period;
use super::written::{FileFaults, Spanned};
use crate::base::dates;
use crate::base::text::Text;
use crate::base::times::Month;
use crate::text;

const ENGLISH: [&str; 12] =
    ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];

/// Warns of a title that names months, and not its own.
pub fn check(title: &Spanned<String>, period: Period, faults: &mut FileFaults<'_>) {
    let named = named(&title.value);
    let (Some(own), Some(other)) = (period.month().filter(|own| !named.contains(own)), named.first()) else { return };
    let (Text { vi, en }, Text { vi: other_vi, en: other_en }) = (dates::month_in_words(own), dates::month_in_words(*other));
    faults.warning(
        "title-month",
        title.span,
        text!(
            vi: "tiêu đề nêu {other_vi}, danh sách phát này dùng cho {vi}",
            en: "the title names {other_en}, and this playlist is for {en}"
        ),
        text!(
            vi: "sửa tháng trong tiêu đề thành {vi}, hoặc chuyển tệp sang playlists/{other}",
            en: "write {en} in the title, or move the file to playlists/{other}"
        ),
    );
}

/// The months that a title names with their years: `tháng 1/2027`, `tháng 01 năm 2027`, `01/2027`, `January 2027`.
fn named(title: &str) -> Vec<Month> {
    let title = title.to_lowercase();
    let words: Vec<&str> =
        title.split(|c: char| c.is_whitespace() || ",;:()[]“”\"–—".contains(c)).filter(|word| !word.is_empty()).collect();
    let found = |at: usize| {
        let word = |more: usize| words.get(at + more).copied().unwrap_or_default();
        match (word(0), word(1), word(2), word(3)) {
            ("tháng", month, "năm", year) => written(month, year),
            (month, year, ..) if ENGLISH.contains(&month) => {
                written(&(ENGLISH.iter().position(|each| *each == month)? + 1).to_string(), year)
            }
            // The number of a document may have a month's form.
            (pair, ..) if at.checked_sub(1).is_none_or(|before| !["số", "no", "no."].contains(&words[before])) => {
                let (month, year) = pair.trim_end_matches('.').split_once('/')?;
                written(month, year)
            }
            _ => None,
        }
    };
    (0..words.len()).filter_map(found).collect()
}

/// A month of these digits.
fn written(month: &str, year: &str) -> Option<Month> {
    let digits = |text: &str| text.bytes().all(|c| c.is_ascii_digit());
    let year = year.trim_end_matches('.');
    let good = (1..=2).contains(&month.len()) && year.len() == 4 && digits(month) && digits(year);
    Month::parse(&format!("{year}-{month:0>2}")).filter(|_| good)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_month_with_its_year_is_taken_for_one() {
        for title in [
            "Chương trình tháng 1/2027",
            "Chương trình tháng 01/2027 (tuyên truyền)",
            "Tháng 01 năm 2027",
            "THÁNG 1 NĂM 2027",
            "Cụm Tà Lùng – 01/2027",
            "January 2027",
            "Program of January, 2027.",
        ] {
            assert_eq!(named(title), [Month { year: 2027, month: 1 }], "{title}");
        }
        for title in [
            "Chương trình thường xuyên",
            "Tháng 1",
            "Tuyên truyền 05/01/2027",
            "Theo Kế hoạch số 01/2027",
            "Nghị định 01/2027/NĐ-CP",
            "Quý 1/27",
            "May mặc 2027",
            "13/2027",
            "2027",
            "may 20277",
        ] {
            assert_eq!(named(title), [], "{title}");
        }
        assert_eq!(named("Tháng 12/2026 – tháng 1/2027").len(), 2);
    }
}
