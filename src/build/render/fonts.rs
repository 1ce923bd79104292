//! Fonts that pages take by need (`fonts/<name>.css`, rules with `unicode-range`): a page has a style sheet of its own, with the fonts that its text
//! needs, cut down to its characters. So no page depends on what stands on another one. Never reads a font's tables.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use cssparser::{BasicParseError, Delimiter, ParseError, Parser, Token, UnicodeRange};

use super::font_file::{FontFile, OpenFont};
use super::output::RenderedFile;
use super::subset::{FontCutter, LostGlyphs, PageFont};
use crate::base::digest::Digest;
use crate::base::files::read_regular_file;
use crate::base::limits::THEME_FILE_BYTES;
use crate::base::relpath::RelPath;

/// A style sheet of fonts that pages take by need.
pub struct FontSheet {
    /// Its path as that of a file of the theme, `theme/fonts/<name>.css`; no program holds it.
    pub path: RelPath,
    text: String,
    parts: Vec<FontPart>,
    /// No part covers a character below this one.
    lowest: u32,
}

struct FontPart {
    ranges: Vec<(u32, u32)>,
    path: RelPath,
    font: Arc<FontFile>,
    /// The file as it is, if pages take it so.
    whole: OnceLock<Option<RenderedFile>>,
    /// In the text of the sheet: the rule, and in it the address of the file.
    rule: Range<usize>,
    address: Range<usize>,
}

/// Why a page gets no font.
pub enum FontFault {
    /// The file can't be read or is no font.
    Unreadable(PathBuf),
    /// Cut down, the font lacks characters.
    Lost(PathBuf, LostGlyphs),
}

impl FontSheet {
    /// Creates a sheet from its bytes; `path` is its path as that of a file of the theme, `folder` holds its fonts.
    pub fn new(path: RelPath, bytes: &[u8], folder: &Path) -> Self {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let parts: Vec<FontPart> = font_faces(&text).into_iter().filter_map(|face| FontPart::new(face, folder)).collect();
        let lowest = parts.iter().flat_map(|part| &part.ranges).map(|(from, _)| *from).min().unwrap_or(u32::MAX);
        Self { path, text, parts, lowest }
    }

    /// Paths of the fonts, as those of files of the theme.
    pub fn part_paths(&self) -> impl Iterator<Item = &RelPath> {
        self.parts.iter().map(|part| &part.path)
    }

    /// The fonts.
    pub fn fonts(&self) -> impl Iterator<Item = &Arc<FontFile>> {
        self.parts.iter().map(|part| &part.font)
    }

    /// The files that a page with this text takes: its style sheet first, then a font for each rule that covers a character of the text.
    pub fn files_for(&self, text: &str, cutter: &FontCutter) -> Result<Vec<RenderedFile>, FontFault> {
        let characters: BTreeSet<u32> = text.chars().map(u32::from).filter(|c| *c >= self.lowest).collect();
        let (mut files, mut sheet, mut from) = (Vec::new(), String::new(), 0);
        for part in &self.parts {
            sheet.push_str(&self.text[from..part.rule.start]);
            if let Some(file) = part.file_for(&characters, cutter)? {
                let name = file.path.as_str().rsplit('/').next().unwrap_or_default();
                sheet.push_str(&self.text[part.rule.start..part.address.start]);
                sheet.extend(["url(", name, ")", &self.text[part.address.end..part.rule.end]]);
                files.push(file);
            }
            from = part.rule.end;
        }
        if files.is_empty() {
            return Ok(files);
        }
        sheet.push_str(&self.text[from..]);
        // Named by what it is for: the page that names it stays the same when the theme's font changes.
        let names = files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>().join(" ");
        if let Some(path) = name_for(&self.path, names.as_bytes()) {
            files.insert(0, RenderedFile::new(path, "text/css", sheet.into_bytes()));
        }
        Ok(files)
    }
}

impl FontPart {
    fn new(FontFace { file, ranges, rule, address, .. }: FontFace, folder: &Path) -> Option<Self> {
        let font = Arc::new(FontFile::new(folder.join(&file)));
        let path = RelPath::parse(&format!("theme/fonts/{file}"))?;
        Some(Self { ranges: ranges?, path, font, whole: OnceLock::new(), rule, address })
    }

    fn covered(&self, characters: &BTreeSet<u32>) -> BTreeSet<u32> {
        self.ranges.iter().filter(|(from, to)| from <= to).flat_map(|(from, to)| characters.range(from..=to)).copied().collect()
    }

    /// The font with those of the characters that it has and covers, and with its alphabets; `None` if it has none of them.
    fn file_for(&self, characters: &BTreeSet<u32>, cutter: &FontCutter) -> Result<Option<RenderedFile>, FontFault> {
        let mut covered = self.covered(characters);
        if covered.is_empty() {
            return Ok(None);
        }
        let unreadable = || FontFault::Unreadable(self.font.path().to_owned());
        let font: &OpenFont = self.font.open().ok_or_else(unreadable)?;
        covered.retain(|code| font.characters.contains(code));
        if covered.is_empty() {
            return Ok(None);
        }
        covered.extend(self.covered(&font.characters.iter().copied().filter(|code| is_always_kept(*code)).collect()));
        let file = |path, bytes| RenderedFile::new(path, "font/woff2", bytes);
        let read = || Some(file(self.path.clone(), read_regular_file(self.font.path(), THEME_FILE_BYTES).ok()?));
        let codes: Vec<u8> = covered.iter().flat_map(|code| code.to_be_bytes()).collect();
        match cutter.cut(font, &covered) {
            Ok(PageFont::Part(bytes)) => Ok(name_for(&self.path, &codes).map(|path| file(path, bytes.to_vec()))),
            Ok(PageFont::Whole) => Ok(Some(self.whole.get_or_init(read).clone().ok_or_else(unreadable)?)),
            Err(lost) => Err(FontFault::Lost(self.font.path().to_owned(), lost)),
        }
    }
}

/// What a font that a page takes keeps in any case: letters, digits and signs of alphabets, and the punctuation of Chinese. They are few, and a
/// style sheet may show some that stand in no text: capitals, numbers of lists, bullets, a clock.
fn is_always_kept(code: u32) -> bool {
    code < 0x2e80 || (0x3000..0x3040).contains(&code)
}

/// The path of what is made of a file of the theme for a purpose.
fn name_for(path: &RelPath, purpose: &[u8]) -> Option<RelPath> {
    let (stem, extension) = path.as_str().rsplit_once('.')?;
    RelPath::parse(&format!("{stem}-{}.{extension}", &Digest::of(purpose).to_string()[..16]))
}

/// A rule `@font-face` of a style sheet.
pub struct FontFace {
    pub family: String,
    /// Weight and style, as written.
    pub variant: String,
    /// Beside the sheet.
    pub file: String,
    /// Of a part; `None` without `unicode-range`.
    pub ranges: Option<Vec<(u32, u32)>>,
    /// Where the rule stands in the sheet, in bytes.
    pub rule: Range<usize>,
    /// Where its `url()` stands.
    pub address: Range<usize>,
}

/// The fonts that a style sheet declares as a browser reads it: in no other rule, each with one file.
pub fn font_faces(sheet: &str) -> Vec<FontFace> {
    let mut parser = Parser::new(sheet);
    // Of a statement that has begun: whether it is an `@…` rule, and whether that is `@font-face` with nothing behind.
    let (mut faces, mut begun, mut start) = (Vec::new(), None, 0);
    loop {
        parser.skip_whitespace();
        let here = parser.position().byte_index();
        let Ok(token) = parser.next().cloned() else { return faces };
        if begun.is_none() {
            start = here;
        }
        begun = match (token, begun) {
            (Token::AtKeyword(name), None) => Some((true, name.eq_ignore_ascii_case("font-face"))),
            (Token::CurlyBracketBlock, Some((_, true))) => {
                let face = parser.parse_nested_block(|block| Ok::<_, ParseError<()>>(font_face(block))).ok().flatten();
                faces.extend(face.map(|face| FontFace { rule: start..parser.position().byte_index(), ..face }));
                None
            }
            (Token::CurlyBracketBlock, _) | (Token::Semicolon, Some((true, _))) => None,
            (_, begun) => Some((begun.is_some_and(|(is_rule, _)| is_rule), false)),
        };
    }
}

fn font_face(block: &mut Parser<'_>) -> Option<FontFace> {
    let (mut family, mut weight, mut style, mut file, mut ranges) = (None, String::new(), String::new(), None, None);
    while !block.is_exhausted() {
        // What a browser does not understand it leaves out.
        let _ = block.parse_until_after(Delimiter::Semicolon, |declaration| {
            let name = declaration.expect_ident_cloned()?;
            declaration.expect_colon()?;
            match &*name.to_ascii_lowercase() {
                "font-family" => family = Some(family_name(declaration)?),
                "font-weight" => weight = written(declaration),
                "font-style" => style = written(declaration),
                "src" => file = Some(one_file(declaration)?),
                "unicode-range" => ranges = Some(declaration.parse_comma_separated(range)?),
                _ => drop(written(declaration)),
            }
            Ok::<_, ParseError<()>>(())
        });
    }
    let (file, address) = file?;
    Some(FontFace { family: family?, variant: format!("{weight} {style}"), file, ranges, rule: 0..0, address })
}

/// All that is left of a declaration.
fn written(declaration: &mut Parser<'_>) -> String {
    let from = declaration.position();
    while declaration.next().is_ok() {}
    declaration.slice_from(from).trim().to_owned()
}

fn family_name(declaration: &mut Parser<'_>) -> Result<String, BasicParseError> {
    let quoted = declaration.try_parse(Parser::expect_string_cloned);
    let name = match quoted {
        Ok(name) => name.to_string(),
        Err(_) => {
            let mut words = vec![declaration.expect_ident_cloned()?.to_string()];
            while let Ok(word) = declaration.try_parse(Parser::expect_ident_cloned) {
                words.push(word.to_string());
            }
            words.join(" ")
        }
    };
    declaration.expect_exhausted()?;
    Ok(name)
}

/// A file, and perhaps its format; with the place of its address.
fn one_file(declaration: &mut Parser<'_>) -> Result<(String, Range<usize>), ParseError<()>> {
    declaration.skip_whitespace();
    let start = declaration.position().byte_index();
    let file = declaration.expect_url()?.to_string();
    let address = start..declaration.position().byte_index();
    if !declaration.is_exhausted() {
        declaration.expect_function_matching("format")?;
        declaration.parse_nested_block(|format| {
            format.expect_ident_or_string()?;
            Ok::<_, ParseError<()>>(())
        })?;
    }
    declaration.expect_exhausted()?;
    Ok((file, address))
}

fn range(declaration: &mut Parser<'_>) -> Result<(u32, u32), ParseError<()>> {
    let UnicodeRange { start, end } = UnicodeRange::parse(declaration)?;
    Ok((start, end))
}

#[cfg(test)]
mod tests {
    use super::super::cache::RenditionCache;
    use super::*;

    fn files(sheet: &str, text: &str) -> Result<Vec<(String, String)>, FontFault> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("themes/caobang/fonts");
        let sheet = FontSheet::new(RelPath::parse("theme/fonts/s.css").unwrap(), sheet.as_bytes(), &folder);
        let files = sheet.files_for(text, &FontCutter::new(RenditionCache(None)))?;
        let text = |file: &RenderedFile| match &file.body {
            crate::base::bytes::ByteSource::Memory(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            _ => String::new(),
        };
        Ok(files.iter().map(|file| (file.path.to_string(), text(file))).collect())
    }

    const SHEET: &str = "/* Own. */ a { color: red }\n@font-face { font-family: L; src: url( \"be-vietnam-pro-500.woff2\" ) format(\"woff2\"); unicode-range: U+41-5A }\n@font-face { src: url(be-vietnam-pro-700.woff2); font-family: L; unicode-range: U+61-7A; size-adjust: 90% }\n/* end */";

    #[test]
    fn a_page_has_a_sheet_of_its_own_with_the_rules_that_its_text_needs() {
        assert!(files(SHEET, "123 — 漢").is_ok_and(|files| files.is_empty()));
        let upper = files(SHEET, "ABBA 1").ok().unwrap();
        assert_eq!(upper, files(SHEET, "Z").ok().unwrap(), "alphabets stay whole");
        assert_eq!(upper.len(), 2);
        let font = upper[1].0.strip_prefix("theme/fonts/").unwrap();
        assert!(font.starts_with("be-vietnam-pro-500-") && font.ends_with(".woff2"), "{font}");
        let rule = format!("@font-face {{ font-family: L; src: url({font}) format(\"woff2\"); unicode-range: U+41-5A }}");
        assert_eq!(upper[0].1, format!("/* Own. */ a {{ color: red }}\n{rule}\n\n/* end */"));
        let both = files(SHEET, "aABB").ok().unwrap();
        assert!(both.len() == 3 && both[1] == upper[1] && both[0].0 != upper[0].0 && both[0].1.contains("size-adjust: 90% }"));
        // The same characters, the same files, in whatever order they stand.
        assert_eq!(files(SHEET, "BAa").ok(), files(SHEET, "aABBA").ok());
    }

    #[test]
    fn a_font_that_is_none_is_told_with_its_file() {
        let sheet = "@font-face { font-family: L; src: url(noto-sans-sc.css); unicode-range: U+41-5A }";
        assert!(matches!(files(sheet, "A"), Err(FontFault::Unreadable(path)) if path.ends_with("noto-sans-sc.css")));
        assert!(files(sheet, "a").is_ok());
    }
}
