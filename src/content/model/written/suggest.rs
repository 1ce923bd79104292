//! The remedy for an unknown name: the one that was meant, or all that are known.
//! Never decides whether a name is known.

use std::borrow::Borrow;

use crate::base::shell::quoted;
use crate::base::text::{Text, printable};
use crate::content::model::values::LocalizedNames;
use crate::content::source::characters::without_marks;
use crate::text;

/// Names that are listed, at most.
const LISTED: usize = 24;
/// Of slides, which are told apart by long names: of many the likeliest.
const LISTED_SLIDES: usize = 5;

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

/// The remedy for an unknown name: the id whose display name it is, else those that have all its words in their id or a display name, else the
/// one whose id or display name is nearest, else all.
pub fn suggest_known(named: &str, known: &[KnownName<'_>]) -> Text {
    let meant = folded(named);
    let ids: Vec<&str> = known.iter().map(|(id, _)| *id).collect();
    if ids.contains(&named) {
        return suggest_nearest(named, &ids);
    }
    let mut named_so = known.iter().filter(|(_, names)| names.iter().any(|name| folded(name) == meant));
    if let (Some((id, _)), None) = (named_so.next(), named_so.next()) {
        let word = quoted(id);
        return text!(vi: "tên này là của “{id}”: hãy viết {word}", en: "that is the name of “{id}”: write {word}");
    }
    let part = |name: &&str| meant.len() >= 4 && folded(name).contains(&meant);
    // A holder's name is more than one word of a command.
    let write = |id: &str| {
        let word = quoted(id);
        text!(vi: "có phải “{id}”? Hãy viết {word}", en: "did you mean “{id}”? Write {word}")
    };
    let with_words = known.iter().filter(|(id, names)| has_words(id, &meant) || names.iter().any(|name| has_words(&folded(name), &meant)));
    match (with_words.collect::<Vec<_>>().as_slice(), nearest(named, &ids)) {
        ([(id, names)], near) if near.is_none_or(|near| near != *id) || names.iter().any(part) => write(id),
        (several @ [_, _, ..], _) => {
            let few = several.iter().map(|(id, _)| *id).collect::<Vec<_>>();
            let likely = if few.len() > most(&few) { nearest_first(named, &few) } else { few };
            let title = |id: &str| several.iter().find(|(other, _)| *other == id)?.1.first();
            let shown = likely.iter().map(|id| title(id).map_or_else(|| (*id).to_owned(), |title| printable(&format!("{id} ({title})"))));
            let Text { vi, en } = listed(&shown.collect::<Vec<_>>(), most(&likely));
            text!(vi: "có phải một trong: {vi}?", en: "did you mean one of: {en}?")
        }
        (_, Some(id)) => text!(vi: "có phải “{id}”?", en: "did you mean “{id}”?"),
        (_, None) => {
            let names: Vec<(String, &str)> =
                known.iter().flat_map(|(id, names)| names.iter().map(move |name| (folded(name), *id))).collect();
            let titles: Vec<&str> = names.iter().map(|(name, _)| name.as_str()).collect();
            let near = nearest(&meant, &titles).and_then(|near| names.iter().find(|(name, _)| name == near));
            near.map_or_else(|| suggest_nearest(named, &ids), |(_, id)| write(id))
        }
    }
}

/// Whether each word of one folded name is a word of another, and the last begins one; two letters at least.
fn has_words(name: &str, words: &str) -> bool {
    let split =
        |text: &str| text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let (name, words) = (split(name), split(words));
    words.iter().map(String::len).sum::<usize>() >= 2
        && words
            .iter()
            .enumerate()
            .all(|(at, word)| name.iter().any(|other| if at + 1 < words.len() { other == word } else { other.starts_with(word) }))
}

/// The remedy for an unknown name: the nearest known name, or else the known ones.
pub fn suggest_nearest(name: &str, known: &[&str]) -> Text {
    nearest_of(name, known, &text!(vi: "các tên đã có", en: "known names"))
}

/// As [`suggest_nearest`], with another label for the known names.
pub fn nearest_of(name: &str, known: &[&str], label: &Text) -> Text {
    let Text { vi, en } = label;
    let all = if known.len() <= most(known) { known.to_vec() } else { nearest_first(name, known) };
    let Text { vi: vi_all, en: en_all } = listed(&all, most(known));
    match nearest(name, known) {
        _ if known.is_empty() => text!(vi: "chưa có cái nào được khai báo", en: "none is declared yet"),
        Some(other) => text!(vi: "có phải “{other}”?", en: "did you mean “{other}”?"),
        None => text!(vi: "{vi}: {vi_all}", en: "{en}: {en_all}"),
    }
}

/// How many of these are listed.
fn most(known: &[&str]) -> usize {
    if known.iter().any(|name| name.contains('/')) { LISTED_SLIDES } else { LISTED }
}

/// The first names, and how many more there are.
fn listed<N: AsRef<str>>(names: &[N], most: usize) -> Text {
    let (first, more) = names.split_at(most.min(names.len()));
    let (list, more) = (first.iter().map(AsRef::<str>::as_ref).collect::<Vec<_>>().join(", "), more.len());
    if more == 0 { text!(vi: "{list}", en: "{list}") } else { text!(vi: "{list} và {more} tên nữa", en: "{list} and {more} more") }
}

/// The known names, those of the same folder first, in each the most similar first.
fn nearest_first<'a>(name: &str, known: &[&'a str]) -> Vec<&'a str> {
    let folder = |name: &str| name.rsplit_once('/').map(|(folder, _)| folder.to_owned());
    let (own, length) = (folder(name), name.chars().count());
    // Comparing costs the product of both lengths.
    let far = |other: &str| {
        let file = if own.is_some() { other } else { other.rsplit('/').next().unwrap_or(other) };
        if length < 200 { strsim::damerau_levenshtein(name, file) } else { 0 }
    };
    let mut all = known.to_vec();
    all.sort_by_cached_key(|other| (own.is_none() || folder(other) != own, far(other)));
    all
}

/// The known name that differs least from a name, as written or without marks and capitals; `None` if none is near.
pub fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let near = |name: &str| {
        let length = name.chars().count();
        // Like only in the folder or in the ending is not like.
        let part = name.split(['/', '.']).map(|part| part.chars().count()).max().unwrap_or(length);
        let limit = part.div_ceil(3).max(1).min(length.saturating_sub(1));
        // A name whose length differs by more can't be near, and comparing costs the product of both lengths.
        let alike = known.iter().filter(|other| length < 200 && other.chars().count().abs_diff(length) <= limit);
        alike.map(|other| (strsim::damerau_levenshtein(name, other), *other)).min().filter(|(far, _)| *far <= limit)
    };
    let last = |name: &str| name.rsplit('/').next().map(str::to_owned);
    let same_file = || known.iter().find(|other| name.contains('/') && last(other) == last(name)).map(|other| (0, *other));
    near(name).or_else(|| near(&folded(name).replace(' ', "-"))).or_else(same_file).map(|(_, other)| other)
}

/// A name without marks, capitals and repeated blanks, as people compare names.
pub fn folded(name: &str) -> String {
    without_marks(name).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_known_names_the_nearest_are_listed() {
        let others: Vec<String> = (0..40).map(|number| format!("an-ninh/trang-{number}")).collect();
        let mut known: Vec<&str> = others.iter().map(String::as_str).collect();
        known.extend(["van-hoa/tho-cam-nung-an", "van-hoa/ca-dao", "y-te/khong-khi"]);
        let Text { vi, en: listed } = suggest_nearest("van-hoa/khong-co", &known);
        assert!(listed.starts_with("known names: van-hoa/ca-dao, van-hoa/tho-cam-nung-an, y-te/khong-khi, an-ninh/"), "{listed}");
        assert!(listed.ends_with(" and 38 more") && listed.matches(", ").count() == LISTED_SLIDES - 1, "{listed}");
        assert!(vi.ends_with(" và 38 tên nữa"), "{vi}");
        // Without a folder, by the name of the file alone.
        assert!(suggest_nearest("kh-khix", &known).en.starts_with("known names: y-te/khong-khi, "));
        let titled: Vec<KnownName<'_>> = known.iter().map(|name| (*name, vec!["Trang an ninh"])).collect();
        let several = suggest_known("an ninh", &titled).en;
        assert!(several.starts_with("did you mean one of: ") && several.ends_with(" and 38 more?"), "{several}");
        // Few are listed in their own order, and short names all.
        assert_eq!(suggest_nearest("xyz", &["b", "aaaaaa"]).en, "known names: b, aaaaaa");
    }

    #[test]
    fn a_display_name_or_a_part_of_it_gives_the_id() {
        let known = [("so-vhttdl", vec!["Sở Văn hóa, Thể thao và Du lịch"]), ("so-tttt", vec!["Sở Thông tin"]), ("dai", vec!["Đài PT-TH"])];
        for (given, en) in [
            ("SỞ VĂN HÓA,  Thể Thao và du lịch", "that is the name of “so-vhttdl”: write so-vhttdl"),
            ("Sở Văn hoá", "did you mean “so-vhttdl”? Write so-vhttdl"),
            ("so-tttp", "did you mean “so-tttt”?"),
            ("Sở VHTTDL", "did you mean “so-vhttdl”?"),
            ("Đài", "did you mean “dai”?"),
            ("thể thao", "did you mean “so-vhttdl”? Write so-vhttdl"),
            ("sở T", "did you mean one of: so-vhttdl (Sở Văn hóa, Thể thao và Du lịch), so-tttt (Sở Thông tin)?"),
            ("Sơ thong tim", "did you mean “so-tttt”? Write so-tttt"),
            ("ubnd-tinh", "known names: so-vhttdl, so-tttt, dai"),
        ] {
            assert_eq!(suggest_known(given, &known).en, en, "{given}");
        }
        assert_eq!(suggest_known("x", &[]).en, "none is declared yet");
        let files = ["van-hoa/tho-cam", "du-lich/khuoi-ky.md", "a"];
        for (given, near) in [
            ("van-hoa/khong-co", None),
            ("du-lich/khong-co.md", None),
            ("van-hoa/tho-can", Some(files[0])),
            ("vanhoa/tho-cam", Some(files[0])),
            ("slides/du-lich/khuoi-ky.md", Some(files[1])),
            ("z", None),
            ("A", Some("a")),
        ] {
            assert_eq!(nearest(given, &files), near, "{given}");
        }
    }
}
