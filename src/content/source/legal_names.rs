//! Names of files in their legal form: which one a person could give in place of one that can't be used.
//! Never renames.

use super::characters::without_marks;

/// The legal name nearest to a file's or folder's own name; `None` if nothing of it is left, as of Chinese letters.
pub fn legal(name: &str) -> Option<String> {
    let plain = without_marks(name);
    let (stem, extension) = plain.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).unwrap_or((&plain, ""));
    let stem = stem.split('.').map(hyphened).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(".");
    let extension = hyphened(extension);
    match (stem.is_empty(), extension.is_empty()) {
        (true, _) => None,
        (false, true) => Some(stem),
        (false, false) => Some(format!("{stem}.{extension}")),
    }
}

/// The name with the extension that is in use for what a file is, where another one means the same.
pub fn of_a_kind_in_use(name: String) -> String {
    match name.strip_suffix(".yml") {
        Some(stem) => format!("{stem}.yaml"),
        None => name,
    }
}

/// Letters and digits, with one hyphen for each run of anything else between them.
fn hyphened(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

/// The name of the file of which a file manager or a browser made this copy, if the name has such a form.
pub fn copied_from(name: &str) -> Option<String> {
    const MARKS: [&str; 7] = [" - Copy", " - Bản sao", " - Sao chép", " (copy)", " (bản sao)", " copy", " - copy"];
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let numbered = stem.strip_suffix(')').and_then(|stem| stem.rsplit_once(" ("));
    let counted = stem.rsplit_once(' ').filter(|(before, _)| before.ends_with(" copy"));
    let is_number = |(_, number): &(&str, &str)| !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit());
    let base = numbered.or(counted).filter(is_number).map_or(stem, |(before, _)| before);
    let original = MARKS.iter().find_map(|mark| base.strip_suffix(mark)).unwrap_or(base);
    let end = if extension.is_empty() { String::new() } else { format!(".{extension}") };
    (original != stem && !original.is_empty()).then(|| format!("{original}{end}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_legal_name_keeps_the_letters_and_the_extension() {
        for (given, expected) in [
            ("Ảnh (1).jpg", Some("anh-1.jpg")),
            ("A\u{309}nh.JPG", Some("anh.jpg")),
            ("Đèo Mã Phục.png", Some("deo-ma-phuc.png")),
            ("a - Copy.md", Some("a-copy.md")),
            ("Văn hóa", Some("van-hoa")),
            ("b.en.md", Some("b.en.md")),
            ("Chao_Mung!.en.MD", Some("chao-mung.en.md")),
            ("a.md~", Some("a.md")),
            ("a.", Some("a")),
            ("瀑布", None),
            ("瀑布.jpg", None),
        ] {
            assert_eq!(legal(given).as_deref(), expected, "{given:?}");
        }
    }

    #[test]
    fn a_copy_names_its_original() {
        for (given, expected) in [
            ("a - Copy.md", Some("a.md")),
            ("a - Copy (2).md", Some("a.md")),
            ("a - Bản sao.md", Some("a.md")),
            ("a copy 3.md", Some("a.md")),
            ("a (copy).md", Some("a.md")),
            ("Ảnh (1).jpg", Some("Ảnh.jpg")),
            ("Văn hóa - Copy", Some("Văn hóa")),
            ("a.md", None),
            ("Ảnh (hè).jpg", None),
            (" copy.md", None),
        ] {
            assert_eq!(copied_from(given).as_deref(), expected, "{given:?}");
        }
    }
}
