//! The kinds of single values: names, dates, windows, durations, choices; how each is read, and its schema.
//! Never looks at a second value.

use std::marker::PhantomData;

use chrono::NaiveDate;
use schemars::{Schema, SchemaGenerator, json_schema};

use super::collect::{FileFaults, FromYaml, report_wrong_form};
use crate::base::dates;
use crate::base::ids::{AgencyId, Language, PlaylistId, RoleId, ScreenId, SiteId};
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::base::zone::TimeZone;
use crate::content::model::values::{DayKind, DaySelector, Focus, TimeWindow};
use crate::content::model::windows;
use crate::content::source::emphasis;
use crate::content::source::yaml::{YamlNode, YamlValue};
use crate::text;

/// The text of a single value; lists, maps and nothing are reported and give `None`.
fn read_scalar<'n>(node: &'n YamlNode, form: &Text, faults: &mut FileFaults<'_>) -> Option<(&'n str, bool)> {
    match &node.value {
        YamlValue::Scalar { text, unquoted: plain } if !(*plain && matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL")) => {
            Some((text, *plain))
        }
        _ => {
            let Text { vi, en } = form;
            report_wrong_form(node, form, text!(vi: "viết {vi}", en: "write {en}"), faults);
            None
        }
    }
}

/// Reads a value with the given parser; the fault names the expected form.
fn parse_scalar<T>(node: &YamlNode, form: &Text, faults: &mut FileFaults<'_>, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
    let (text, _) = read_scalar(node, form, faults)?;
    let value = parse(text);
    if value.is_none() {
        report_wrong_value(node, text, form, faults);
    }
    value
}

/// Reports a word that does not have its form; the remedy names the form.
fn report_wrong_value(node: &YamlNode, text: &str, form: &Text, faults: &mut FileFaults<'_>) {
    let shown: String = text.chars().take(60).collect();
    report_value(node, text!(vi: "giá trị “{shown}” không hợp lệ", en: "the value “{shown}” is not valid"), form, faults);
}

fn report_value(node: &YamlNode, cause: Text, Text { vi, en }: &Text, faults: &mut FileFaults<'_>) {
    faults.error("wrong-value", node.span, cause, text!(vi: "viết {vi}", en: "write {en}"));
}

/// Gives each type its reading with `parse`, the form that a fault names, and its schema.
macro_rules! word {
    ($($type:ty: $parse:expr, $vi:literal, $en:literal, $example:literal, $schema:tt;)*) => {$(
        impl FromYaml for $type {
            fn read(node: &YamlNode, faults: &mut FileFaults<'_>) -> Option<Self> {
                parse_scalar(node, &text!(vi: $vi, en: $en), faults, $parse)
            }
            fn schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
            fn example() -> Option<String> {
                Some($example.to_owned())
            }
        }
    )*};
}
word! {
    AgencyId: Self::parse, "tên đơn vị (a-z, 0-9, gạch nối; đến 40 ký tự)", "an agency's name (a-z, 0-9, hyphen; up to 40)",
        "so-y-te", {"type": "string", "pattern": "^[a-z0-9-]{1,40}$"};
    SiteId: Self::parse, "tên cụm (a-z, 0-9, gạch nối; đến 40 ký tự)", "a site's name (a-z, 0-9, hyphen; up to 40)",
        "ta-lung", {"type": "string", "pattern": "^[a-z0-9-]{1,40}$"};
    ScreenId: Self::parse, "tên màn hình (a-z, 0-9, gạch nối; đến 40 ký tự)", "a screen's name (a-z, 0-9, hyphen; up to 40)",
        "a", {"type": "string", "pattern": "^[a-z0-9-]{1,40}$"};
    PlaylistId: Self::parse, "tên danh sách phát (a-z, 0-9, gạch nối; đến 40 ký tự)", "a playlist's name (a-z, 0-9, hyphen; up to 40)",
        "province", {"type": "string", "pattern": "^[a-z0-9-]{1,40}$"};
    RoleId: Self::parse, "tên vai trò duyệt (a-z, 0-9, gạch nối; đến 40 ký tự)", "a reviewers' role (a-z, 0-9, hyphen; up to 40)",
        "chief", {"type": "string", "pattern": "^[a-z0-9-]{1,40}$"};
    Language: Self::parse, "mã ngôn ngữ như vi, en, zh", "a language code such as vi, en, zh", "vi", {"type": "string", "pattern": "^[a-z]{2,3}$"};
    NaiveDate: parse_date, "ngày hợp lệ, dạng 2026-12-31", "a date that exists, as 2026-12-31",
        "2026-12-31", {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"};
    TimeZone: Self::parse, "múi giờ IANA; với Việt Nam: Asia/Ho_Chi_Minh", "an IANA time zone; for Vietnam: Asia/Ho_Chi_Minh",
        "Asia/Ho_Chi_Minh", {"type": "string", "examples": ["Asia/Ho_Chi_Minh"]};
    DurationMs: |text| windows::parse_duration_ms(text).map(Self),
        "thời lượng dạng 12s, 2m hoặc 1m30s, từ 1 giây đến 1 giờ", "a duration as 12s, 2m or 1m30s, from 1 second to 1 hour",
        "12s", {"type": "string", "pattern": "^([1-9][0-9]*m)?([0-9]+s)?$", "minLength": 2};
    Centimetres: parse_centimetres, "số mét dạng 25m hoặc 2.5m, từ 0.1m đến 1000m", "metres as 25m or 2.5m, from 0.1m to 1000m",
        "25m", {"type": "string", "pattern": "^[0-9]{1,4}([.][0-9]{1,2})?m$"};
    Focus: parse_focus, "top, center, bottom, left, right hoặc phần trăm chiều ngang, chiều dọc như \"50% 20%\"",
        "top, center, bottom, left, right, or percent across and down as \"50% 20%\"",
        "center", {"type": "string", "pattern": "^(top|center|bottom|left|right|[0-9]{1,3}% [0-9]{1,3}%)$"};
    SameAs: |text| ScreenId::parse(text.strip_prefix("same-as-")?).map(Self),
        "same-as-<màn hình>, như same-as-a", "same-as-<screen>, such as same-as-a", "same-as-a", {"type": "string", "pattern": "^same-as-[a-z0-9-]{1,40}$"};
}

impl FromYaml for TimeWindow {
    fn read(node: &YamlNode, faults: &mut FileFaults<'_>) -> Option<Self> {
        let form = text!(
            vi: "khung giờ dạng \"07:30-11:00\": bắt đầu trước 24:00, phút từ 00 đến 59, hai đầu khác nhau",
            en: "a window as \"07:30-11:00\": it starts before 24:00, minutes end at 59, its ends differ"
        );
        let (text, _) = read_scalar(node, &form, faults)?;
        let window = windows::parse(text);
        if window.is_none() {
            let respelt = Self::respelt(text).map(|written| {
                text!(
                    vi: "{written}: giờ và phút viết đủ hai chữ số, giữa hai giờ chỉ có dấu -",
                    en: "{written}: hours and minutes have two digits, and only - stands between"
                )
            });
            report_wrong_value(node, text, &respelt.unwrap_or(form), faults);
        }
        window
    }
    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"})
    }
    fn example() -> Option<String> {
        Some("07:30-11:00".to_owned())
    }
    fn respelt(text: &str) -> Option<String> {
        windows::respelt(text).map(|window| format!("\"{window}\""))
    }
}

/// The name of something that another place declares, as written: it is looked up whatever its form, so that a display name can be answered
/// with the id.
#[derive(Clone, Debug)]
pub struct Reference<T>(pub String, PhantomData<fn() -> T>);

impl<T: FromYaml> FromYaml for Reference<T> {
    fn read(node: &YamlNode, faults: &mut FileFaults<'_>) -> Option<Self> {
        let (text, _) = read_scalar(node, &text!(vi: "một tên", en: "a name"), faults)?;
        Some(Self(text.trim().to_owned(), PhantomData))
    }
    fn schema(generator: &mut SchemaGenerator) -> Schema {
        T::schema(generator)
    }
    fn example() -> Option<String> {
        T::example()
    }
}

/// A length of time in milliseconds, 1 s to 1 h, written `12s`, `2m`, `1m30s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DurationMs(pub u64);

/// A length in centimetres, 10 cm to 1 km, written in metres: `25m`, `2.5m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Centimetres(pub u32);

fn parse_centimetres(text: &str) -> Option<Centimetres> {
    let number = text.strip_suffix('m')?;
    let (metres, part) = number.split_once('.').unwrap_or((number, "0"));
    let plain = |digits: &str, most: usize| (1..=most).contains(&digits.len()) && digits.bytes().all(|c| c.is_ascii_digit());
    if !plain(metres, 4) || !plain(part, 2) {
        return None;
    }
    let total = metres.parse::<u32>().ok()? * 100 + format!("{part:0<2}").parse::<u32>().ok()?;
    Some(Centimetres(total)).filter(|length| (10..=100_000).contains(&length.0))
}

/// `same-as-<screen>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SameAs(pub ScreenId);

fn parse_focus(text: &str) -> Option<Focus> {
    let (x, y) = match text {
        "top" => (50, 0),
        "center" => (50, 50),
        "bottom" => (50, 100),
        "left" => (0, 50),
        "right" => (100, 50),
        _ => {
            let percent = |part: &str| part.strip_suffix('%')?.parse().ok().filter(|percent: &u8| *percent <= 100);
            let (x, y) = text.split_once(' ')?;
            (percent(x)?, percent(y)?)
        }
    };
    let step = |percent: u8| (percent + 5) / 10 * 10;
    Some(Focus { x: step(x), y: step(y) })
}

fn parse_date(text: &str) -> Option<NaiveDate> {
    let exact = text.len() == 10 && text.bytes().enumerate().all(|(i, c)| if i == 4 || i == 7 { c == b'-' } else { c.is_ascii_digit() });
    exact.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten()
}

/// Cause and remedy of signs of emphasis where none is known: in titles, small texts and cells.
pub fn written_emphasis(signs: &str) -> (Text, Text) {
    (
        text!(vi: "ở đây không có in đậm, in nghiêng: trang chiếu hiện nguyên dấu {signs}", en: "there is no emphasis here: the slide shows the signs {signs}"),
        text!(vi: "xóa các dấu {signs}; phép nhân viết ×", en: "remove the signs {signs}; for times write ×"),
    )
}

/// A line of text for people. Words that YAML readers take for yes, no or nothing must be quoted.
impl FromYaml for String {
    fn read(node: &YamlNode, faults: &mut FileFaults<'_>) -> Option<Self> {
        let form = text!(vi: "một dòng chữ, đến 1000 ký tự", en: "a line of text, up to 1000 characters");
        let (text, plain) = read_scalar(node, &form, faults)?;
        let lower = text.to_ascii_lowercase();
        if plain && matches!(lower.as_str(), "yes" | "no" | "on" | "off" | "true" | "false" | "y" | "n") {
            faults.error(
            "needs-quotes",
            node.span,
            text!(vi: "“{text}” không có dấu nháy thì YAML hiểu là đúng/sai", en: "without quotes YAML programs take “{text}” for true or false"),
            text!(vi: "viết \"{text}\"", en: "write \"{text}\""),
        );
            return None;
        }
        let trimmed = text.trim();
        if trimmed.is_empty() || trimmed.contains('\n') || trimmed.chars().count() > 1_000 {
            report_wrong_value(node, text, &form, faults);
            return None;
        }
        // Elsewhere stand names and patterns, which no slide shows.
        if let Some(signs) = emphasis::in_plain_text(trimmed).filter(|_| faults.file.path().starts_with("slides/")) {
            let (cause, help) = written_emphasis(&trimmed[signs]);
            faults.warning("emphasis-left", node.span, cause, help);
        }
        Some(trimmed.to_owned())
    }
    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "minLength": 1, "maxLength": 1000})
    }
    fn example() -> Option<String> {
        Some("\"…\"".to_owned())
    }
}

impl FromYaml for bool {
    fn read(node: &YamlNode, faults: &mut FileFaults<'_>) -> Option<Self> {
        let form = text!(vi: "true (có) hoặc false (không), không dấu nháy", en: "true or false, without quotes");
        let (text, plain) = read_scalar(node, &form, faults)?;
        match (text, plain) {
            ("true", true) => Some(true),
            ("false", true) => Some(false),
            _ => {
                report_wrong_value(node, text, &form, faults);
                None
            }
        }
    }
    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "boolean"})
    }
}

/// A whole number from `LOW` to `HIGH`, written without quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BoundedInt<const LOW: u64, const HIGH: u64>(pub u64);

impl<const LOW: u64, const HIGH: u64> FromYaml for BoundedInt<LOW, HIGH> {
    fn read(node: &YamlNode, faults: &mut FileFaults<'_>) -> Option<Self> {
        let form = text!(vi: "số nguyên từ {LOW} đến {HIGH}, không dấu nháy", en: "a whole number from {LOW} to {HIGH}, without quotes");
        let (text, plain) = read_scalar(node, &form, faults)?;
        let digits = plain && text.bytes().all(|c| c.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
        match digits.then(|| text.parse().ok()).flatten() {
            Some(value) if (LOW..=HIGH).contains(&value) => return Some(Self(value)),
            Some(value) => {
                let cause = text!(vi: "“{value}” nằm ngoài khoảng {LOW}–{HIGH}", en: "“{value}” is outside {LOW}–{HIGH}");
                report_value(node, cause, &form, faults);
            }
            None => report_wrong_value(node, text, &form, faults),
        }
        None
    }
    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "integer", "minimum": LOW, "maximum": HIGH})
    }
}

impl<const LOW: u64, const HIGH: u64> BoundedInt<LOW, HIGH> {
    /// The number; the bounds of the type keep it within 32 bits.
    pub fn get(self) -> u32 {
        u32::try_from(self.0).unwrap_or(u32::MAX)
    }
}

fn day_name(day: DaySelector) -> Text {
    match day {
        DaySelector::Weekday(day) => dates::weekday(day),
        DaySelector::Kind(kind) => kind.name(),
    }
}

/// Reads one of some words; the fault names them, in Vietnamese with what each means.
macro_rules! choice {
    ($($type:ty, $name:path: $($word:literal => $value:expr),*;)*) => {$(
        impl FromYaml for $type {
            fn read(node: &YamlNode, faults: &mut FileFaults<'_>) -> Option<Self> {
                let words = [$($word),*].join(", ");
                let named = [$(format!("{} ({})", $word, $name($value).vi)),*].join(", ");
                parse_scalar(node, &text!(vi: "một trong các giá trị: {named}", en: "one of: {words}"), faults, |text| match text {
                    $($word => Some($value),)*
                    _ => None,
                })
            }
            fn schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"enum": [$($word),*]})
            }
            fn example() -> Option<String> {
                [$($word),*].first().map(|word| (*word).to_owned())
            }
        }
    )*};
}
choice! {
    ProgramKind, ProgramKind::display_name: "monthly" => ProgramKind::Monthly, "evergreen" => ProgramKind::Evergreen, "urgent" => ProgramKind::Urgent, "kit" => ProgramKind::Kit;
    DayKind, DayKind::name: "workday" => DayKind::Workday, "weekend" => DayKind::Weekend, "holiday" => DayKind::Holiday, "makeup" => DayKind::Makeup;
    DaySelector, day_name: "mon" => DaySelector::Weekday(chrono::Weekday::Mon), "tue" => DaySelector::Weekday(chrono::Weekday::Tue),
        "wed" => DaySelector::Weekday(chrono::Weekday::Wed), "thu" => DaySelector::Weekday(chrono::Weekday::Thu),
        "fri" => DaySelector::Weekday(chrono::Weekday::Fri), "sat" => DaySelector::Weekday(chrono::Weekday::Sat),
        "sun" => DaySelector::Weekday(chrono::Weekday::Sun), "workday" => DaySelector::Kind(DayKind::Workday),
        "weekend" => DaySelector::Kind(DayKind::Weekend), "holiday" => DaySelector::Kind(DayKind::Holiday),
        "makeup" => DaySelector::Kind(DayKind::Makeup);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metres_are_taken_in_one_form() {
        for (text, centimetres) in [("25m", 2_500), ("2.5m", 250), ("0.75m", 75), ("0.1m", 10), ("1000m", 100_000)] {
            assert_eq!(parse_centimetres(text), Some(Centimetres(centimetres)), "{text}");
        }
        for text in ["25", "25 m", "m", ".5m", "2.m", "2,5m", "2.555m", "0m", "0.09m", "1000.01m", "-3m", "300cm", "1e3m"] {
            assert_eq!(parse_centimetres(text), None, "{text}");
        }
    }
}
