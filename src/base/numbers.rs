//! Decimals, counts and sizes as people of each language write them.
//! Never knows what is counted.

use std::fmt::Display;

use super::text::Text;
use crate::text;

/// Thousandths as a decimal with one place: `4,9`, in English `4.9`; without the place where it is 0.
pub fn thousandths(count: i64) -> Text {
    let tenths = count.saturating_add(50).div_euclid(100);
    let (whole, rest) = (tenths / 10, tenths % 10);
    if rest == 0 { text!(vi: "{whole}", en: "{whole}") } else { text!(vi: "{whole},{rest}", en: "{whole}.{rest}") }
}

/// Bytes in megabytes, without the unit.
pub fn megabytes(bytes: u64) -> Text {
    thousandths(i64::try_from(bytes / 1_000).unwrap_or(i64::MAX))
}

/// A size in kilobytes, megabytes, gigabytes or terabytes: `10,6 MB`.
pub fn size(bytes: u64) -> Text {
    let (amount, unit) = scaled(bytes);
    let Text { vi, en } = thousandths(amount);
    text!(vi: "{vi} {unit}", en: "{en} {unit}")
}

/// Thousandths of a unit.
fn scaled(bytes: u64) -> (i64, &'static str) {
    let (amount, unit) = match bytes {
        0..1_000_000 => (bytes, "KB"),
        1_000_000..1_000_000_000 => (bytes / 1_000, "MB"),
        1_000_000_000..1_000_000_000_000 => (bytes / 1_000_000, "GB"),
        _ => (bytes / 1_000_000_000, "TB"),
    };
    (i64::try_from(amount).unwrap_or(i64::MAX), unit)
}

/// A count of bytes, from a megabyte behind its size, which has a place for tenths: `5,0 MB (4.957.190 byte)`.
pub fn bytes(count: u64) -> Text {
    let (vi, en, unit) = (grouped(count, '.'), grouped(count, ','), if count == 1 { "byte" } else { "bytes" });
    if count < 1_000_000 {
        return text!(vi: "{vi} byte", en: "{en} {unit}");
    }
    let (amount, size_unit) = scaled(count);
    let Text { vi: size_vi, en: size_en } = thousandths(amount);
    let (vi_tenths, en_tenths) = if size_en.contains('.') { ("", "") } else { (",0", ".0") };
    text!(vi: "{size_vi}{vi_tenths} {size_unit} ({vi} byte)", en: "{size_en}{en_tenths} {size_unit} ({en} {unit})")
}

/// A count: `1.906`, in English `1,906`.
pub fn count(count: u64) -> Text {
    Text { vi: grouped(count, '.'), en: grouped(count, ',') }
}

/// A count with its English noun: `1 page`, `2 pages`.
pub fn counted<N: Display + PartialEq + From<u8>>(count: N, noun: &str) -> String {
    let many = if count == N::from(1) { "" } else { "s" };
    format!("{count} {noun}{many}")
}

/// How often a loop shows a slide: `mỗi vòng 2 lần`, in English `twice in each loop`.
pub fn per_loop<N: Display + PartialEq + From<u8>>(count: N) -> Text {
    let times = match [1_u8, 2].map(|few| count == N::from(few)) {
        [true, _] => "once".to_owned(),
        [_, true] => "twice".to_owned(),
        _ => format!("{count} times"),
    };
    text!(vi: "mỗi vòng {count} lần", en: "{times} in each loop")
}

/// The digits in groups of three.
fn grouped(count: u64, separator: char) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular_in_english() {
        assert_eq!([0_u64, 1, 2].map(|count| counted(count, "error")), ["0 errors", "1 error", "2 errors"]);
    }

    #[test]
    fn how_often_a_loop_shows_a_slide_is_said_in_one_way() {
        let said = [1_u32, 2, 3].map(|count| per_loop(count).en);
        assert_eq!(said, ["once in each loop", "twice in each loop", "3 times in each loop"]);
        assert_eq!(per_loop(1_u32).vi, "mỗi vòng 1 lần");
    }

    #[test]
    fn each_language_has_its_own_form() {
        for (text, vi, en) in [
            (thousandths(4_888), "4,9", "4.9"),
            (thousandths(12_000), "12", "12"),
            (count(1_906), "1.906", "1,906"),
            (bytes(1), "1 byte", "1 byte"),
            (bytes(22_776), "22.776 byte", "22,776 bytes"),
            (bytes(100), "100 byte", "100 bytes"),
            (bytes(10_577_176), "10,6 MB (10.577.176 byte)", "10.6 MB (10,577,176 bytes)"),
            (bytes(4_957_190), "5,0 MB (4.957.190 byte)", "5.0 MB (4,957,190 bytes)"),
            (size(4_957_190), "5 MB", "5 MB"),
            (size(45_612_345_678), "45,6 GB", "45.6 GB"),
        ] {
            assert_eq!((text.vi.as_str(), text.en.as_str()), (vi, en));
        }
    }
}
