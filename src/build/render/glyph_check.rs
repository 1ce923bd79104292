//! Finds the characters of all texts that no font of the theme has: a screen shows a gap, or the glyph of whatever font the machine has.
//! Never renders.

use std::collections::BTreeSet;
use std::path::Path;

use rayon::prelude::*;

use super::coverage::Coverage;
use super::fonts::FontFault;
use super::subset::LostGlyphs;
use super::theme::Theme;
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::failure::Failure;
use crate::base::text::Text;
use crate::content::source::screen_texts;
use crate::content::source::text::SourceText;
use crate::content::source::tree::Texts;
use crate::text;

/// Characters that are reported for one file at most.
const TOLD: usize = 20;

/// All characters of slides, tables, captions and names that the fonts lack, each once for each file, where it first stands.
pub fn check_glyphs(theme: &Theme, texts: &Texts) -> Result<Vec<Diagnostic>, Failure> {
    let fonts = theme.coverage()?;
    let named = |path: &str| ["agencies.yaml", "bangtin.yaml"].contains(&path) || path.starts_with("sites/");
    let shown = texts.par_iter().filter(|(path, _)| path.starts_with("slides/") || named(path));
    Ok(shown.flat_map_iter(|(_, file)| faults_of(file, fonts)).collect())
}

/// The fonts of a theme that can't be read.
pub fn unreadable_fonts(theme: &Theme) -> Result<Vec<Diagnostic>, Failure> {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(theme.coverage()?.unreadable().map(|path| unreadable(theme.shown(&format!("fonts/{}", name(path))))).collect())
}

fn faults_of(file: &SourceText, fonts: &Coverage) -> Vec<Diagnostic> {
    places(file, fonts, TOLD).into_iter().map(|(c, place)| missing(place, c)).collect()
}

/// The characters of a file that the fonts lack, each once, where it first stands; no further text once there are this many.
fn places(file: &SourceText, fonts: &Coverage, most: usize) -> Vec<(char, SourceLocation)> {
    // An escape may stand for any character.
    if file.text().is_ascii() && !file.text().contains(['&', '\\']) {
        return Vec::new();
    }
    let (mut found, mut told) = (Vec::new(), BTreeSet::new());
    for (text, span) in screen_texts::texts(file) {
        let new = fonts.missing(&text).into_iter().filter(|c| told.insert(*c));
        found.extend(new.map(|c| (c, file.location(screen_texts::place_of(file, span, c)))));
        if told.len() >= most {
            break;
        }
    }
    found
}

/// The characters that a page lacks, each where `check` tells it: in the slide's own files, else in those that it shares with others; at `slide`
/// where none has it.
pub fn on_page(lacking: Vec<char>, fonts: &Coverage, slide: &SourceLocation, sources: &[Vec<SourceText>; 2]) -> Vec<Diagnostic> {
    let found: Vec<Vec<(char, SourceLocation)>> =
        sources.iter().map(|files| files.iter().flat_map(|file| places(file, fonts, usize::MAX)).collect()).collect();
    let of = |c: char| {
        let has = |all: &&Vec<(char, SourceLocation)>| all.iter().any(|(other, _)| *other == c);
        let all = found.iter().find(has).into_iter().flatten().filter(|(other, _)| *other == c);
        let all: Vec<SourceLocation> = all.map(|(_, place)| place.clone()).collect();
        if all.is_empty() { vec![slide.clone()] } else { all }
    };
    lacking.into_iter().flat_map(|c| of(c).into_iter().map(move |place| missing(place, c))).collect()
}

/// A font that can't be read.
pub fn unreadable(path: String) -> Diagnostic {
    Diagnostic::error(
        "theme-font",
        SourceLocation::file(path),
        text!(vi: "không đọc được phông chữ của giao diện", en: "a font of the theme can't be read"),
        text!(vi: "khôi phục tệp trong thư mục fonts của giao diện", en: "restore the file in the theme's folder fonts"),
    )
}

/// Why a page gets no font.
pub fn font_fault(fault: &FontFault) -> Diagnostic {
    match fault {
        FontFault::Unreadable(path) => unreadable(path.display().to_string()),
        FontFault::Lost(path, LostGlyphs(characters)) => {
            let (shown, more) = (characters.iter().take(TOLD).collect::<String>(), characters.len().saturating_sub(TOLD));
            let rest = if more > 0 { format!(" (+{more})") } else { String::new() };
            Diagnostic::error(
                "theme-font",
                SourceLocation::file(path.display().to_string()),
                text!(
                    vi: "rút gọn phông theo trang thì các ký tự này mất hoặc vẽ khác đi: {shown}{rest}",
                    en: "cut down for a page, the font loses these characters or draws them in another way: {shown}{rest}"
                ),
                text!(
                    vi: "tệp phông bị hỏng hoặc có bảng lạ: thay bằng bản tải lại từ nơi phát hành, hoặc bằng phông khác",
                    en: "the font is damaged or has unusual tables: replace it by a fresh copy from its publisher, or by another font"
                ),
            )
        }
    }
}

/// A character that no font has.
fn missing(place: SourceLocation, c: char) -> Diagnostic {
    let code = u32::from(c);
    let Text { vi, en } = match c {
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'.. => text!(
            vi: "đây thường là dấu đầu dòng của Word: xóa đi rồi viết “- ” ở đầu dòng",
            en: "it is mostly a bullet of Word: delete it and write “- ” at the start of the line"
        ),
        '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}' => text!(
            vi: "xóa hoặc viết bằng chữ (“ĐT:”, “Cấm”, “Chú ý”)",
            en: "delete it or say it in words (“Tel.”, “No entry”, “Note”)"
        ),
        _ => text!(
            vi: "viết bằng ký tự khác, hoặc thêm phông có ký tự này vào fonts/ của giao diện",
            en: "write another character, or add a font that has it to fonts/ of the theme"
        ),
    };
    let shown = if matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..) { String::new() } else { format!("“{c}” ") };
    Diagnostic::error(
        "no-glyph",
        place,
        text!(vi: "phông chữ của giao diện không có ký tự {shown}U+{code:04X}", en: "no font of the theme has the character {shown}U+{code:04X}"),
        Text { vi, en },
    )
}
