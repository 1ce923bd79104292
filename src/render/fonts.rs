//! Fonts that come in parts (`fonts/<name>.css`, rules with `unicode-range`): a page takes only the parts that its text needs.
//! Never reads a font's tables: what a part covers is what its rule says.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::output::Rendered;
use crate::base::files::read_limited;
use crate::base::relpath::RelPath;

/// Largest part of a font, and largest sheet.
const PART_BYTES: u64 = 16 << 20;

/// A style sheet of font parts.
pub struct Sheet {
    /// The sheet itself, `theme/fonts/<name>.css`.
    pub file: Rendered,
    lowest: u32,
    parts: Vec<Part>,
}

struct Part {
    ranges: Vec<(u32, u32)>,
    path: RelPath,
    source: PathBuf,
    loaded: OnceLock<Option<Rendered>>,
}

impl Sheet {
    /// Reads the rules of a sheet that lies at `source`; parts lie beside it.
    pub fn new(file: Rendered, css: &str, source: &Path) -> Self {
        let folder = source.parent().unwrap_or(Path::new(""));
        let parts: Vec<Part> = css.split("@font-face").skip(1).filter_map(|rule| part(rule, folder)).collect();
        let lowest = parts.iter().flat_map(|part| &part.ranges).map(|range| range.0).min().unwrap_or(u32::MAX);
        Self { file, lowest, parts }
    }

    /// The names of the files that this sheet deals out by itself.
    pub fn paths(&self) -> impl Iterator<Item = &RelPath> {
        self.parts.iter().map(|part| &part.path)
    }

    /// The parts that a text needs, in the order of the sheet; none if the text can do without the sheet.
    /// A part that can't be read gives its path as the error.
    pub fn needed(&self, text: &str) -> Result<Vec<Rendered>, PathBuf> {
        if text.is_ascii() {
            return Ok(Vec::new());
        }
        let chars: BTreeSet<u32> = text.chars().map(u32::from).filter(|c| *c >= self.lowest).collect();
        let covers = |part: &&Part| part.ranges.iter().any(|(from, to)| chars.range(from..=to).next().is_some());
        if chars.is_empty() { Ok(Vec::new()) } else { self.parts.iter().filter(covers).map(Part::load).collect() }
    }
}

impl Part {
    fn load(&self) -> Result<Rendered, PathBuf> {
        let read = || Some(Rendered::new(self.path.clone(), "font/woff2", read_limited(&self.source, PART_BYTES).ok()?));
        self.loaded.get_or_init(read).clone().ok_or_else(|| self.source.clone())
    }
}

fn part(rule: &str, folder: &Path) -> Option<Part> {
    let after = |name: &str| rule.split_once(name).map(|(_, rest)| rest);
    let name = after("url(")?.split_once(')')?.0.trim_matches(['"', '\'']);
    let ranges = after("unicode-range:")?.split_once(';')?.0;
    let ranges = ranges.split(',').filter_map(|range| {
        let range = range.trim().strip_prefix("U+")?;
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        Some((u32::from_str_radix(from, 16).ok()?, u32::from_str_radix(to, 16).ok()?))
    });
    let ranges = ranges.filter(|(from, to)| from <= to).collect();
    Some(Part { ranges, path: RelPath::parse(&format!("theme/fonts/{name}"))?, source: folder.join(name), loaded: OnceLock::new() })
}
