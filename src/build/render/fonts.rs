//! Fonts split into parts (`fonts/<name>.css`, rules with `unicode-range`): a page takes only the parts that its text needs.
//! Never reads a font's tables: the rule states what a part covers.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cssparser::{BasicParseError, Delimiter, ParseError, Parser, Token, UnicodeRange};

use super::output::RenderedFile;
use crate::base::files::read_file_limited;
use crate::base::limits::THEME_FILE_BYTES;
use crate::base::relpath::RelPath;

/// A style sheet of font parts.
pub struct FontSheet {
    /// The sheet itself, `theme/fonts/<name>.css`.
    pub file: RenderedFile,
    parts: Vec<FontPart>,
    /// No part covers a character below this one.
    lowest: u32,
}

struct FontPart {
    ranges: Vec<(u32, u32)>,
    path: RelPath,
    source: PathBuf,
    loaded: OnceLock<Option<RenderedFile>>,
}

impl FontSheet {
    /// Creates a sheet from its bytes; `path` is its path in a program, `folder` holds its parts.
    pub fn new(path: RelPath, bytes: Vec<u8>, folder: &Path) -> Self {
        let text = String::from_utf8_lossy(&bytes);
        let parts: Vec<FontPart> = font_faces(&text).into_iter().filter_map(|face| FontPart::new(face, folder)).collect();
        let lowest = parts.iter().flat_map(|part| &part.ranges).map(|(from, _)| *from).min().unwrap_or(u32::MAX);
        Self { file: RenderedFile::new(path, "text/css", bytes), parts, lowest }
    }

    /// Paths of the font parts in a program.
    pub fn part_paths(&self) -> impl Iterator<Item = &RelPath> {
        self.parts.iter().map(|part| &part.path)
    }

    /// Returns the parts that a text needs, in the order of the sheet. The error is the path of a part that can't be read.
    pub fn parts_for(&self, text: &str) -> Result<Vec<RenderedFile>, PathBuf> {
        let chars: BTreeSet<u32> = text.chars().map(u32::from).filter(|c| *c >= self.lowest).collect();
        let covers = |part: &&FontPart| part.ranges.iter().any(|(from, to)| chars.range(from..=to).next().is_some());
        if chars.is_empty() { Ok(Vec::new()) } else { self.parts.iter().filter(covers).map(FontPart::load).collect() }
    }
}

impl FontPart {
    fn new(FontFace { file, ranges, .. }: FontFace, folder: &Path) -> Option<Self> {
        Some(Self {
            ranges: ranges?,
            path: RelPath::parse(&format!("theme/fonts/{file}"))?,
            source: folder.join(file),
            loaded: OnceLock::new(),
        })
    }

    fn load(&self) -> Result<RenderedFile, PathBuf> {
        let read = || Some(RenderedFile::new(self.path.clone(), "font/woff2", read_file_limited(&self.source, THEME_FILE_BYTES).ok()?));
        self.loaded.get_or_init(read).clone().ok_or_else(|| self.source.clone())
    }
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
}

/// The fonts that a style sheet declares as a browser reads it: in no other rule, each with one file.
pub fn font_faces(sheet: &str) -> Vec<FontFace> {
    let mut parser = Parser::new(sheet);
    // Of a statement that has begun: whether it is an `@…` rule, and whether that is `@font-face` with nothing behind.
    let (mut faces, mut begun) = (Vec::new(), None);
    while let Ok(token) = parser.next().cloned() {
        begun = match (token, begun) {
            (Token::AtKeyword(name), None) => Some((true, name.eq_ignore_ascii_case("font-face"))),
            (Token::CurlyBracketBlock, Some((_, true))) => {
                faces.extend(parser.parse_nested_block(|block| Ok::<_, ParseError<()>>(font_face(block))).ok().flatten());
                None
            }
            (Token::CurlyBracketBlock, _) | (Token::Semicolon, Some((true, _))) => None,
            (_, begun) => Some((begun.is_some_and(|(is_rule, _)| is_rule), false)),
        };
    }
    faces
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
    Some(FontFace { family: family?, variant: format!("{weight} {style}"), file: file?, ranges })
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

/// A file, and perhaps its format.
fn one_file(declaration: &mut Parser<'_>) -> Result<String, ParseError<()>> {
    let file = declaration.expect_url()?.to_string();
    if !declaration.is_exhausted() {
        declaration.expect_function_matching("format")?;
        declaration.parse_nested_block(|format| {
            format.expect_ident_or_string()?;
            Ok::<_, ParseError<()>>(())
        })?;
    }
    declaration.expect_exhausted()?;
    Ok(file)
}

fn range(declaration: &mut Parser<'_>) -> Result<(u32, u32), ParseError<()>> {
    let UnicodeRange { start, end } = UnicodeRange::parse(declaration)?;
    Ok((start, end))
}
