//! What was measured on pages, as faults of their slides: each kind once for a slide, with all faces on which it stands, in words.
//! Never measures, never renders.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::base::diagnostic::{Diagnostic, Severity, SourceLocation};
use crate::base::numbers;
use crate::base::text::Text;
use crate::content::model::faces::Face;
use crate::text;

/// What the shell's module says of one page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PageFindings {
    /// Errors first.
    pub faults: Vec<Finding>,
}

/// One fault of a page, as `player/measure.js` gives it; which fields are set depends on the code.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Finding {
    pub code: String,
    pub severity: String,
    /// Class or element of the box.
    #[serde(rename = "box")]
    pub place: String,
    /// Whether its text is fitted to its box.
    pub fitted: bool,
    pub first_words: String,
    /// Height of capitals, or how far text reaches beyond its box.
    pub px: f64,
    pub floor: f64,
    pub glyphs: String,
}

impl Finding {
    fn severity(&self) -> Severity {
        if self.severity == "warning" { Severity::Warning } else { Severity::Error }
    }

    /// How bad it is on a face, to compare findings of one kind.
    fn weight(&self, face: Face) -> f64 {
        if self.code == "letters-small" { self.floor / self.px.max(0.1) } else { self.px / f64::from(face.width.min(face.height)) }
    }
}

/// The faults of a slide, from what was measured on its pages. `find` gives the place of words in its files; without it they stand at `slide`.
pub fn diagnostics(
    pages: &[(Face, &PageFindings)],
    slide: &SourceLocation,
    find: &dyn Fn(&str) -> Option<SourceLocation>,
) -> Vec<Diagnostic> {
    let kinds: [(&str, Words); 3] = [("text-lost", text_lost), ("letters-small", letters_small), ("glyph-missing", glyph_missing)];
    let mut faults = Vec::new();
    for (code, words) in kinds {
        let all =
            pages.iter().flat_map(|(face, page)| page.faults.iter().map(|found| (*face, found))).filter(|(_, found)| found.code == code);
        let all: Vec<(Face, &Finding)> = all.collect();
        let Some(severity) = all.iter().map(|(_, found)| found.severity()).min() else { continue };
        let all: Vec<_> = all.into_iter().filter(|(_, found)| found.severity() == severity).collect();
        let Some((face, worst)) = all.iter().max_by(|(face, one), (at, other)| one.weight(*face).total_cmp(&other.weight(*at))) else {
            continue;
        };
        let Said { code, cause, help } = words(&Told { on: faces(all.iter().map(|(face, _)| face), face), worst });
        let place = find(if worst.glyphs.is_empty() { &worst.first_words } else { &worst.glyphs }).unwrap_or_else(|| slide.clone());
        faults.push(Diagnostic { code, severity, place, cause, help });
    }
    faults
}

/// What is said of a kind.
struct Said {
    code: &'static str,
    cause: Text,
    help: Text,
}

type Words = fn(&Told<'_>) -> Said;

/// The worst finding of a kind, and the faces on which the kind stands.
struct Told<'a> {
    on: Text,
    worst: &'a Finding,
}

/// `1920×1080, 640×360; chật nhất là 640×360`.
fn faces<'a>(all: impl Iterator<Item = &'a Face>, worst: &Face) -> Text {
    let sizes: BTreeSet<(u32, u32)> = all.map(|face| face.size()).collect();
    let size = |(width, height): (u32, u32)| format!("{width}×{height}");
    let shown = sizes.iter().map(|each| size(*each)).collect::<Vec<_>>().join(", ");
    let worst = size(worst.size());
    if sizes.len() > 1 {
        text!(vi: "{shown}; nặng nhất là {worst}", en: "{shown}; worst on {worst}")
    } else {
        text!(vi: "{shown}", en: "{shown}")
    }
}

fn text_lost(Told { on, worst }: &Told<'_>) -> Said {
    let Finding { first_words: words, place, .. } = worst;
    let Text { vi: px_vi, en: px_en } = pixels(worst.px);
    let Text { vi, en } = on;
    let why = if worst.fitted {
        text!(
            vi: "chữ đã nhỏ đến mức tối thiểu còn đọc được mà vẫn thừa {px_vi} điểm ảnh",
            en: "the letters are as small as can be read, and {px_en} pixels do not fit"
        )
    } else {
        text!(vi: "ô “{place}” thiếu {px_vi} điểm ảnh", en: "the box “{place}” is {px_en} pixels too small")
    };
    let Text { vi: why_vi, en: why_en } = why;
    Said {
        code: "text-lost",
        cause: text!(
            vi: "trang bị mất chữ từ “{words}” trên màn hình {vi}: {why_vi}",
            en: "words are lost from “{words}” onwards on screens of {en}: {why_en}"
        ),
        help: text!(vi: "rút ngắn hoặc tách thành nhiều trang", en: "shorten it, or split it into several slides"),
    }
}

fn letters_small(Told { on, worst }: &Told<'_>) -> Said {
    let place = &worst.place;
    let (Text { vi: px_vi, en: px_en }, Text { vi: floor_vi, en: floor_en }) = (pixels(worst.px), pixels(worst.floor));
    let Text { vi, en } = on;
    Said {
        code: "letters-small",
        cause: text!(
            vi: "chữ quá nhỏ trên màn hình {vi}: chữ hoa ở ô “{place}” cao {px_vi} điểm ảnh, cần ít nhất {floor_vi} để đọc được",
            en: "letters are too small on screens of {en}: capitals in “{place}” are {px_en} pixels high, and {floor_en} are needed to read them"
        ),
        help: text!(
            vi: "sửa cỡ chữ của ô đó trong theme.css của giao diện, bỏ phần chữ đó, hoặc sửa viewing của cụm nếu người xem đứng gần hơn",
            en: "correct the type of that box in the theme's theme.css, leave that text out, or correct the site's viewing, if people stand nearer"
        ),
    }
}

fn glyph_missing(Told { on, worst }: &Told<'_>) -> Said {
    let glyphs = worst.glyphs.chars().map(String::from).collect::<Vec<_>>().join(" ");
    let Text { vi, en } = on;
    Said {
        code: "no-glyph",
        cause: text!(
            vi: "trình duyệt không thấy ký tự {glyphs} trong phông chữ của giao diện, trên màn hình {vi}",
            en: "the browser finds no font of the theme with the characters {glyphs}, on screens of {en}"
        ),
        help: text!(
            vi: "viết bằng ký tự khác, hoặc sửa font-family, @font-face trong theme.css",
            en: "write other characters, or correct font-family or @font-face in theme.css"
        ),
    }
}

/// With one digit after the point, where it is not a zero.
fn pixels(px: f64) -> Text {
    #[allow(clippy::cast_possible_truncation, reason = "pixels of a face")]
    let tenths = (px * 10.0).round() as i64;
    let Text { vi, en } = numbers::thousandths(tenths * 100);
    text!(vi: "{vi}", en: "{en}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(json: &str) -> PageFindings {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_kind_is_told_once_for_a_slide_with_its_faces_and_the_worst_of_them() {
        let wide =
            page(r#"{"faults":[{"code":"text-lost","severity":"error","box":"copy","fitted":true,"firstWords":"ba bốn…","px":12}]}"#);
        let small = page(
            r#"{"faults":[{"code":"text-lost","severity":"error","box":"copy","fitted":true,"firstWords":"hai ba…","px":40},
                {"code":"letters-small","severity":"warning","box":"foot","px":6.5,"fitted":false,"floor":7,"new":1}]}"#,
        );
        let slide = SourceLocation::file("slides/a.md");
        let pages = [(Face::from((1920, 1080)), &wide), (Face::from((640, 360)), &small)];
        let found = diagnostics(&pages, &slide, &|words| (words == "hai ba…").then(|| SourceLocation::file("here")));
        assert_eq!(
            found.iter().map(|each| (each.code, each.severity)).collect::<Vec<_>>(),
            [("text-lost", Severity::Error), ("letters-small", Severity::Warning)]
        );
        assert_eq!(found[0].place.path, "here");
        assert_eq!(
            found[0].cause.en,
            "words are lost from “hai ba…” onwards on screens of 640×360, 1920×1080; worst on 640×360: the letters are as small as can be read, and 40 pixels do not fit"
        );
        assert!(found[1].cause.vi.contains("cao 6,5 điểm ảnh, cần ít nhất 7 để"), "{}", found[1].cause.vi);
        assert_eq!(found[1].place, slide);
        assert_eq!(diagnostics(&[(Face::from((9, 9)), &PageFindings::default())], &slide, &|_| None), []);
    }

    #[test]
    fn errors_of_a_kind_are_told_before_its_warnings() {
        let both = page(
            r#"{"faults":[{"code":"letters-small","severity":"error","box":"x","px":3,"floor":7},{"code":"letters-small","severity":"warning","box":"y","px":6,"floor":7}]}"#,
        );
        let found = diagnostics(&[(Face::from((640, 360)), &both)], &SourceLocation::file("a"), &|_| None);
        assert_eq!(found.len(), 1);
        assert!(found[0].severity == Severity::Error && found[0].cause.en.contains("“x”"));
    }
}
