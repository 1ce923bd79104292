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
        let parts: Vec<FontPart> = text.split("@font-face").skip(1).filter_map(|rule| parse_font_part(rule, folder)).collect();
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
    fn load(&self) -> Result<RenderedFile, PathBuf> {
        let read = || Some(RenderedFile::new(self.path.clone(), "font/woff2", read_file_limited(&self.source, THEME_FILE_BYTES).ok()?));
        self.loaded.get_or_init(read).clone().ok_or_else(|| self.source.clone())
    }
}

fn parse_font_part(rule: &str, folder: &Path) -> Option<FontPart> {
    let after = |name: &str| rule.split_once(name).map(|(_, rest)| rest);
    let name = after("url(")?.split_once(')')?.0.trim_matches(['"', '\'']);
    let ranges = after("unicode-range:")?.split_once(';')?.0;
    let ranges = ranges.split(',').filter_map(|range| {
        let range = range.trim().strip_prefix("U+")?;
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        Some((u32::from_str_radix(from, 16).ok()?, u32::from_str_radix(to, 16).ok()?))
    });
    let ranges = ranges.filter(|(from, to)| from <= to).collect();
    Some(FontPart { ranges, path: RelPath::parse(&format!("theme/fonts/{name}"))?, source: folder.join(name), loaded: OnceLock::new() })
}
