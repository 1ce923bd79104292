//! A font file of a theme: opened once, whatever it is packed in, with the characters that it has.
//! Never changes a font.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::base::digest::Digest;
use crate::base::files::read_regular_file;
use crate::base::limits::THEME_FILE_BYTES;

/// A file, opened when it is first needed.
pub struct FontFile {
    path: PathBuf,
    /// `None`: no font, or it can't be read.
    opened: OnceLock<Option<OpenFont>>,
}

/// An opened font.
pub struct OpenFont {
    /// Of the file.
    pub digest: Digest,
    /// The tables, unpacked.
    pub sfnt: Vec<u8>,
    /// The characters for which it has a glyph.
    pub characters: HashSet<u32>,
}

impl FontFile {
    /// The file at this path.
    pub fn new(path: PathBuf) -> Self {
        Self { path, opened: OnceLock::new() }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The font; `None` if the file is no font.
    pub fn open(&self) -> Option<&OpenFont> {
        self.opened.get_or_init(|| OpenFont::parse(&read_regular_file(&self.path, THEME_FILE_BYTES).ok()?)).as_ref()
    }

    /// Whether it was opened and found to be no font.
    pub fn is_broken(&self) -> bool {
        self.opened.get().is_some_and(Option::is_none)
    }
}

impl OpenFont {
    /// Opens a font in the form of woff2, woff, TrueType or OpenType.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let sfnt = match bytes.get(..4)? {
            b"wOF2" => wuff::decompress_woff2(bytes).ok()?,
            b"wOFF" => wuff::decompress_woff1(bytes).ok()?,
            _ => bytes.to_vec(),
        };
        let characters = characters(&ttf_parser::Face::parse(&sfnt, 0).ok()?)?;
        Some(Self { digest: Digest::of(bytes), sfnt, characters })
    }
}

fn characters(face: &ttf_parser::Face<'_>) -> Option<HashSet<u32>> {
    let mut out = HashSet::new();
    for table in face.tables().cmap?.subtables {
        if table.is_unicode() {
            table.codepoints(|code| {
                if table.glyph_index(code).is_some_and(|glyph| glyph.0 != 0) {
                    out.insert(code);
                }
            });
        }
    }
    Some(out)
}
