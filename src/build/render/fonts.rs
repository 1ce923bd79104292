//! Fonts split into parts (`fonts/<name>.css`, rules with `unicode-range`): a page takes only the parts that its text needs.
//! Never reads a font's tables: the rule states what a part covers.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::output::RenderedFile;
use crate::base::files::read_file_limited;
use crate::base::limits::THEME_FILE_BYTES;
use crate::base::relpath::RelPath;

/// A style sheet of font parts. Most pages need none, so its rules are parsed on first use.
pub struct FontSheet {
    path: RelPath,
    bytes: Vec<u8>,
    folder: PathBuf,
    /// No part covers a character below this one.
    lowest: u32,
    file: OnceLock<RenderedFile>,
    parts: OnceLock<Vec<FontPart>>,
}

struct FontPart {
    ranges: Vec<(u32, u32)>,
    path: RelPath,
    source: PathBuf,
    loaded: OnceLock<Option<RenderedFile>>,
}

impl FontSheet {
    /// Creates a sheet from its bytes; `path` is its path in a program, `folder` holds its parts.
    pub fn new(path: RelPath, bytes: Vec<u8>, folder: PathBuf) -> Self {
        let lowest = bytes.split(|byte| *byte == b'U').filter_map(parse_code_point).min().unwrap_or(u32::MAX);
        Self { path, bytes, folder, lowest, file: OnceLock::new(), parts: OnceLock::new() }
    }

    /// The sheet itself, `theme/fonts/<name>.css`.
    pub fn file(&self) -> &RenderedFile {
        self.file.get_or_init(|| RenderedFile::new(self.path.clone(), "text/css", self.bytes.clone()))
    }

    /// Paths of the font parts in a program.
    pub fn part_paths(&self) -> impl Iterator<Item = &RelPath> {
        self.parts().iter().map(|part| &part.path)
    }

    fn parts(&self) -> &[FontPart] {
        let read = || {
            String::from_utf8_lossy(&self.bytes)
                .split("@font-face")
                .skip(1)
                .filter_map(|rule| parse_font_part(rule, &self.folder))
                .collect()
        };
        self.parts.get_or_init(read)
    }

    /// Returns the parts that a text needs, in the order of the sheet. The error is the path of a part that can't be read.
    pub fn parts_for(&self, text: &str) -> Result<Vec<RenderedFile>, PathBuf> {
        let chars: BTreeSet<u32> = text.chars().map(u32::from).filter(|c| *c >= self.lowest).collect();
        let covers = |part: &&FontPart| part.ranges.iter().any(|(from, to)| chars.range(from..=to).next().is_some());
        if chars.is_empty() { Ok(Vec::new()) } else { self.parts().iter().filter(covers).map(FontPart::load).collect() }
    }
}

impl FontPart {
    fn load(&self) -> Result<RenderedFile, PathBuf> {
        let read = || Some(RenderedFile::new(self.path.clone(), "font/woff2", read_file_limited(&self.source, THEME_FILE_BYTES).ok()?));
        self.loaded.get_or_init(read).clone().ok_or_else(|| self.source.clone())
    }
}

/// Parses the hexadecimal number after a leading `+`, as in `+4E00`.
fn parse_code_point(text: &[u8]) -> Option<u32> {
    let text = text.strip_prefix(b"+")?;
    let digits = text.iter().take(6).map_while(|digit| char::from(*digit).to_digit(16));
    digits.fold(None, |number, digit| Some(number.unwrap_or(0) * 16 + digit))
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
