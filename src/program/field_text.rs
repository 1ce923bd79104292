//! Says in words, in both languages, what the changed fields of a manifest are and which values they had and have.
//! Never compares.

use serde_json::Value;

use crate::base::dates;
use crate::base::text::Text;
use crate::base::times::Month;
use crate::base::zone::TimeZone;
use crate::program::changes::FieldChange;
use crate::text;

/// The changed fields that mean something to people, each with its value before and after.
pub fn fields(all: &[FieldChange], zone: TimeZone) -> Vec<Text> {
    all.iter().filter_map(|each| field(each, zone)).collect()
}

/// `None` if the change means nothing to people: the same offsets begin with each month anew.
fn field(field: &FieldChange, zone: TimeZone) -> Option<Text> {
    let (before, after) = (value(field, &field.before, zone), value(field, &field.after, zone));
    if field.name == "offsets" && before == after {
        return None;
    }
    let (vi, en) = match field.name.as_str() {
        "valid" => ("được chiếu", "may be shown"),
        "title" => ("tiêu đề", "title"),
        "roles" => ("vai trò phải duyệt", "roles that must approve"),
        "revision" => ("lần sửa (revision)", "revision"),
        "month" => ("kỳ", "month"),
        "languages" => ("ngôn ngữ", "languages"),
        "offsets" => ("múi giờ", "time zone"),
        "audio" => ("phát tiếng", "sounds"),
        "width" => ("rộng", "width"),
        "height" => ("cao", "height"),
        "canvas" => ("vị trí trên khung hình", "place in the picture"),
        "agency" => ("đơn vị", "agency"),
        "category" => ("chuyên mục", "category"),
        "language" => ("ngôn ngữ", "language"),
        "source" => ("tệp nguồn", "source file"),
        "pages" => ("trang theo cỡ", "pages by size"),
        other => (other, other),
    };
    let (before_vi, after_vi, before_en, after_en) = (before.vi, after.vi, before.en, after.en);
    Some(text!(vi: "{vi}: {before_vi} → {after_vi}", en: "{en}: {before_en} → {after_en}"))
}

fn value(field: &FieldChange, value: &Value, zone: TimeZone) -> Text {
    let number = |name: &str| value.get(name).and_then(Value::as_i64);
    let same = |text: &str| text!(vi: "{text}", en: "{text}");
    let size = |size: &String| size.replace('x', "×");
    match (field.name.as_str(), value) {
        ("revision", Value::Null) => same("1"),
        (_, Value::Null) => same("–"),
        (_, Value::Bool(true)) => text!(vi: "có", en: "yes"),
        (_, Value::Bool(false)) => text!(vi: "không", en: "no"),
        (name, Value::String(text)) => match Month::parse(text).filter(|_| name == "month") {
            Some(month) => dates::month_in_words(month),
            None => same(text),
        },
        ("offsets", Value::Array(all)) => {
            let mut offsets: Vec<_> = all.iter().filter_map(|each| each.get(1)?.as_i64()).map(utc_offset).collect();
            offsets.dedup();
            same(&offsets.join(", "))
        }
        (_, Value::Array(all)) => {
            same(&all.iter().map(|each| each.as_str().map_or_else(|| each.to_string(), str::to_owned)).collect::<Vec<_>>().join(", "))
        }
        ("pages", Value::Object(pages)) => same(&pages.keys().map(size).collect::<Vec<_>>().join(", ")),
        ("canvas", Value::Object(_)) => {
            let [w, h, x, y] = ["w", "h", "x", "y"].map(|name| number(name).unwrap_or_default());
            text!(vi: "tại ({x}, {y}) trong khung {w}×{h}", en: "at ({x}, {y}) in {w}×{h}")
        }
        ("valid", Value::Object(_)) => {
            let from = number("from").unwrap_or_default();
            number("until").map_or_else(|| dates::begin(zone.to_local(from)), |until| zone.window(from, until))
        }
        _ => same(&value.to_string()),
    }
}

/// Seconds east of UTC: `UTC+7`, `UTC-3:30`.
fn utc_offset(seconds: i64) -> String {
    let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.abs() / 60);
    let (hours, rest) = (minutes / 60, minutes % 60);
    if rest == 0 { format!("UTC{sign}{hours}") } else { format!("UTC{sign}{hours}:{rest:02}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_value_is_told_as_a_machine_writes_it() {
        let zone = TimeZone::parse("Asia/Ho_Chi_Minh").unwrap();
        let told = |name: &str, before: Value, after: Value| {
            field(&FieldChange { name: name.to_owned(), before, after }, zone).map(|text| format!("{} | {}", text.vi, text.en))
        };
        assert_eq!(told("offsets", json!([[1_796_058_000, 25_200]]), json!([[1_798_736_400, 25_200]])), None);
        for (name, before, after, want) in [
            (
                "offsets",
                json!([[0, 25_200]]),
                json!([[0, 28_800], [9, -12_600]]),
                "múi giờ: UTC+7 → UTC+8, UTC-3:30 | time zone: UTC+7 → UTC+8, UTC-3:30",
            ),
            ("title", json!("Chợ"), json!("Chợ phiên"), "tiêu đề: Chợ → Chợ phiên | title: Chợ → Chợ phiên"),
            ("month", json!("2026-12"), json!("2027-01"), "kỳ: tháng 12 năm 2026 → tháng 1 năm 2027 | month: December 2026 → January 2027"),
            ("audio", json!(false), json!(true), "phát tiếng: không → có | sounds: no → yes"),
            (
                "roles",
                json!(["chief"]),
                json!(["chief", "ta-lung"]),
                "vai trò phải duyệt: chief → chief, ta-lung | roles that must approve: chief → chief, ta-lung",
            ),
            (
                "canvas",
                json!({"h": 768, "w": 384, "x": 0, "y": 0}),
                json!({"h": 768, "w": 768, "x": 384, "y": 0}),
                "vị trí trên khung hình: tại (0, 0) trong khung 384×768 → tại (384, 0) trong khung 768×768 | place in the picture: at (0, 0) in 384×768 → at (384, 0) in 768×768",
            ),
            (
                "pages",
                json!({"640x320": "a"}),
                json!({"384x768": "b", "640x320": "a"}),
                "trang theo cỡ: 640×320 → 384×768, 640×320 | pages by size: 640×320 → 384×768, 640×320",
            ),
            ("valid", json!({"from": 1_796_058_000}), Value::Null, "được chiếu: 01/12/2026 → – | may be shown: 2026-12-01 → –"),
        ] {
            assert_eq!(told(name, before, after).as_deref(), Some(want));
        }
    }
}
