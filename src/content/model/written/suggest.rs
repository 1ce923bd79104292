//! The remedy for an unknown name: the one that was meant, or all that are known.
//! Never decides whether a name is known.

use std::borrow::Borrow;

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use crate::base::text::Text;
use crate::content::model::values::LocalizedNames;
use crate::text;

/// A name that is known, and what people call it.
pub type KnownName<'a> = (&'a str, Vec<&'a str>);

/// Known names with the display names that they are declared with.
pub fn known_names<'a, K: Borrow<str> + 'a>(all: impl IntoIterator<Item = (&'a K, &'a LocalizedNames)>) -> Vec<KnownName<'a>> {
    all.into_iter().map(|(id, names)| (id.borrow(), names.values().map(String::as_str).collect())).collect()
}

/// Languages with their names.
pub fn language_names<'a>(codes: impl IntoIterator<Item = &'a str>) -> Vec<KnownName<'a>> {
    let shown = |code: &str| match code {
        "vi" => vec!["Tiếng Việt", "Vietnamese"],
        "en" => vec!["Tiếng Anh", "English"],
        "zh" => vec!["Tiếng Trung", "Tiếng Trung Quốc", "Chinese"],
        _ => Vec::new(),
    };
    codes.into_iter().map(|code| (code, shown(code))).collect()
}

/// The remedy for an unknown name: the id whose display name it is, wholly or in part, else as [`suggest_nearest`].
pub fn suggest_known(named: &str, known: &[KnownName<'_>]) -> Text {
    let meant = folded(named);
    let named_so = |same: &dyn Fn(&str) -> bool| {
        let mut found = known.iter().filter(|(_, names)| names.iter().any(|name| same(&folded(name))));
        found.next().filter(|_| found.next().is_none()).map(|(id, _)| *id)
    };
    if let Some(id) = named_so(&|name| name == meant) {
        return text!(vi: "tên này là của “{id}”: hãy viết {id}", en: "that is the name of “{id}”: write {id}");
    }
    let ids: Vec<&str> = known.iter().map(|(id, _)| *id).collect();
    match named_so(&|name| meant.len() >= 4 && name.contains(&meant)) {
        Some(id) if !ids.contains(&named) => text!(vi: "có phải “{id}”? Hãy viết {id}", en: "did you mean “{id}”? Write {id}"),
        _ => suggest_nearest(named, &ids),
    }
}

/// The remedy for an unknown name: the nearest known name, or else the known ones.
pub fn suggest_nearest(name: &str, known: &[&str]) -> Text {
    nearest_of(name, known, &text!(vi: "các tên đã có", en: "known names"))
}

/// As [`suggest_nearest`], with another label for the known names.
pub fn nearest_of(name: &str, known: &[&str], label: &Text) -> Text {
    let Text { vi, en } = label;
    let all = if known.len() <= 24 { known.join(", ") } else { format!("{}, …", known[..24].join(", ")) };
    match nearest(name, known) {
        _ if known.is_empty() => text!(vi: "chưa có cái nào được khai báo", en: "none is declared yet"),
        Some(other) => text!(vi: "có phải “{other}”?", en: "did you mean “{other}”?"),
        None => text!(vi: "{vi}: {all}", en: "{en}: {all}"),
    }
}

/// The known name that differs least from a name, as written or without marks and capitals; `None` if none is near.
pub fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let near = |name: &str| {
        let length = name.chars().count();
        let limit = length.div_ceil(3).max(1);
        // A name whose length differs by more can't be near, and comparing costs the product of both lengths.
        let alike = known.iter().filter(|other| length < 200 && other.chars().count().abs_diff(length) <= limit);
        alike.map(|other| (strsim::damerau_levenshtein(name, other), *other)).min().filter(|(far, _)| *far <= limit)
    };
    near(name).or_else(|| near(&folded(name).replace(' ', "-"))).map(|(_, other)| other)
}

/// A name without marks, capitals and repeated blanks, as people compare names.
fn folded(name: &str) -> String {
    let plain = name.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).map(|c| if c == 'đ' { 'd' } else { c });
    plain.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_display_name_or_a_part_of_it_gives_the_id() {
        let known = [("so-vhttdl", vec!["Sở Văn hóa, Thể thao và Du lịch"]), ("so-tttt", vec!["Sở Thông tin"]), ("dai", vec!["Đài PT-TH"])];
        for (given, en) in [
            ("SỞ VĂN HÓA,  Thể Thao và du lịch", "that is the name of “so-vhttdl”: write so-vhttdl"),
            ("Sở Văn hoá", "did you mean “so-vhttdl”? Write so-vhttdl"),
            ("so-tttp", "did you mean “so-tttt”?"),
            ("Sở VHTTDL", "did you mean “so-vhttdl”?"),
            ("Đài", "did you mean “dai”?"),
            ("ubnd-tinh", "known names: so-vhttdl, so-tttt, dai"),
        ] {
            assert_eq!(suggest_known(given, &known).en, en, "{given}");
        }
        assert_eq!(suggest_known("x", &[]).en, "none is declared yet");
    }
}
