//! Fixed labels of pages, in the languages of the pages.
//! Never translates content.

use crate::content::model::CATEGORIES;

/// Label → its words in Vietnamese, English, Chinese; passed to templates as `words`.
pub const LABELS: [(&str, [&str; 3]); 2] = [("number", ["Số", "No.", "编号"]), ("notice", ["Thông báo", "Notice", "通知"])];

/// Index of a language's word: Vietnamese and Chinese have their own, every other language takes English.
pub fn index(language: &str) -> usize {
    match language {
        "vi" => 0,
        "zh" => 2,
        _ => 1,
    }
}

/// Who made a picture or a film, with the label that the author wrote (`Tranh: …`), else with the usual one.
pub fn credit(written: &str, film: bool, language: &str) -> String {
    let label = match (index(language), film) {
        _ if written.contains([':', '：']) => "",
        (0, false) => "Ảnh: ",
        (0, true) => "Phim: ",
        (2, false) => "图片：",
        (2, true) => "影片：",
        (_, false) => "Photo: ",
        (_, true) => "Film: ",
    };
    format!("{label}{written}")
}

/// What dates of a language are written with, beside digits, where that is more than letters of an alphabet. Players write them into pages.
pub fn date_signs(language: &str) -> &'static str {
    match language {
        "zh" => "年月日星期一二三四五六",
        "ja" => "年月日曜火水木金土",
        "ko" => "년월일요화수목금토",
        _ => "",
    }
}

/// Display name of a category; the id itself if it is not one of the twelve.
pub fn category<'a>(id: &'a str, language: &str) -> &'a str {
    CATEGORIES.iter().find(|(known, _)| *known == id).map_or(id, |(_, words)| words[index(language)])
}
