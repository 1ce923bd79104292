//! Fonts split into parts (`fonts/<name>.css`, rules with `unicode-range`): a page takes only the parts that its text needs.
//! Never reads a font's tables: the rule states what a part covers.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

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
        let parts: Vec<FontPart> = font_faces(&text).filter_map(|face| FontPart::new(face, folder)).collect();
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

/// The fonts of a style sheet.
pub fn font_faces(sheet: &str) -> impl Iterator<Item = FontFace> {
    sheet.split("@font-face").skip(1).filter_map(|rule| {
        let rule = rule.split_once('}').map_or(rule, |(rule, _)| rule);
        let value = |name: &str| Some(rule.split_once(name)?.1.split(';').next()?.trim());
        let plain = |text: &str| text.trim_matches(['"', '\'']).to_owned();
        let ranges =
            value("unicode-range:").map(|ranges| ranges.split(',').filter_map(parse_range).filter(|(from, to)| from <= to).collect());
        Some(FontFace {
            family: plain(value("font-family:")?),
            variant: [value("font-weight:"), value("font-style:")].map(Option::unwrap_or_default).join(" "),
            file: plain(value("url(")?.split(')').next()?),
            ranges,
        })
    })
}

fn parse_range(text: &str) -> Option<(u32, u32)> {
    let range = text.trim().strip_prefix("U+")?;
    let (from, to) = range.split_once('-').unwrap_or((range, range));
    Some((u32::from_str_radix(from, 16).ok()?, u32::from_str_radix(to, 16).ok()?))
}
