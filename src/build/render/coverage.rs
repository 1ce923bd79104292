//! Which characters the fonts of a theme have, read from the font files themselves: a page must not depend on the fonts of a machine.
//! Never looks at a font that the theme does not hold.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::font_file::FontFile;
use super::fonts::{FontFace, font_faces};
use crate::base::text::is_hidden;

/// The fonts of a theme: a character is there if one family has it in every weight and style, whatever a style sheet asks for.
#[derive(Default)]
pub struct Coverage {
    families: BTreeMap<String, Family>,
    /// One bit a character of the first plane: found before. Pages repeat the same hundred characters.
    found: Found,
}

struct Found([AtomicU64; 1024]);

impl Default for Found {
    fn default() -> Self {
        Self([const { AtomicU64::new(0) }; 1024])
    }
}

/// Weight and style → the files that hold it.
type Family = BTreeMap<String, Vec<CoveringFont>>;

struct CoveringFont {
    font: Arc<FontFile>,
    /// Of a part: what its rule states. `None`: everything that the file has.
    ranges: Option<Vec<(u32, u32)>>,
}

impl Coverage {
    /// Adds the fonts of a style sheet in `folder`; those among `known` are not opened twice.
    pub fn add_sheet(&mut self, sheet: &str, folder: &Path, known: &[&Arc<FontFile>]) {
        self.found = Found::default();
        for FontFace { family, variant, file, ranges, .. } in font_faces(sheet) {
            let path = folder.join(file);
            let font = known.iter().find(|font| font.path() == path).map(|font| Arc::clone(font));
            let font = font.unwrap_or_else(|| Arc::new(FontFile::new(path)));
            self.families.entry(family).or_default().entry(variant).or_default().push(CoveringFont { font, ranges });
        }
    }

    /// Whether a style sheet of the theme declares a family, in capitals or not.
    pub fn declares(&self, family: &str) -> bool {
        self.families.keys().any(|known| known.to_lowercase() == family.to_lowercase())
    }

    /// The characters of a text that no family has, each once, in their order. None for a theme without fonts.
    pub fn missing(&self, text: &str) -> Vec<char> {
        let mut told = HashSet::new();
        text.chars().filter(|c| !self.has(*c) && told.insert(*c)).collect()
    }

    fn has(&self, c: char) -> bool {
        let (word, bit) = (self.found.0.get(c as usize / 64), 1 << (c as u32 % 64));
        if word.is_some_and(|word| word.load(Relaxed) & bit != 0) {
            return true;
        }
        let has = self.look_up(c);
        if let Some(word) = word.filter(|_| has) {
            word.fetch_or(bit, Relaxed);
        }
        has
    }

    fn look_up(&self, c: char) -> bool {
        let drawn = !c.is_whitespace() && !is_hidden(c);
        let full = |family: &Family| family.values().all(|files| files.iter().any(|file| file.has(c)));
        !drawn || self.families.is_empty() || self.families.values().any(full)
    }

    /// The files among those that were asked for which are no fonts.
    pub fn unreadable(&self) -> impl Iterator<Item = &Path> {
        let files = self.families.values().flat_map(BTreeMap::values).flatten();
        files.filter(|file| file.font.is_broken()).map(|file| file.font.path())
    }
}

impl CoveringFont {
    fn has(&self, c: char) -> bool {
        let code = u32::from(c);
        let stated = self.ranges.as_ref().is_none_or(|ranges| ranges.iter().any(|(from, to)| (*from..=*to).contains(&code)));
        // A file that can't be read is one fault, not one for each character.
        stated && self.font.open().is_none_or(|font| font.characters.contains(&code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> Coverage {
        let theme = Path::new(env!("CARGO_MANIFEST_DIR")).join("themes/caobang");
        let mut out = Coverage::default();
        for (sheet, folder) in [("theme.css", theme.clone()), ("fonts/noto-sans-sc.css", theme.join("fonts"))] {
            out.add_sheet(&std::fs::read_to_string(theme.join(sheet)).unwrap(), &folder, &[]);
        }
        out
    }

    #[test]
    fn the_shipped_fonts_have_what_authors_write() {
        let fonts = shipped();
        let vowels = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵđ";
        for text in [
            &*format!("{vowels}{}", vowels.to_uppercase()),
            "0123456789.,;:!?()[]“”‘’«»…–—-/+×÷=%°•·₫€$&@#*²³½±~<>|\u{a0}\u{2060}\u{200b}\n",
            "高平省欢迎您，板约—德天瀑布：“一路平安”！（2026年1月28日）、。；？《》",
        ] {
            assert_eq!(fonts.missing(text), Vec::<char>::new(), "{text}");
        }
        assert_eq!(fonts.unreadable().count(), 0);
    }

    #[test]
    fn bullets_of_word_and_emoji_are_in_no_font() {
        assert_eq!(shipped().missing("\u{f0b7} a \u{f0fc}📞🇻🇳a\u{f0b7}").len(), 5);
        assert_eq!(Coverage::default().missing("📞"), Vec::<char>::new());
    }

    #[test]
    fn a_file_that_is_no_font_is_told() {
        let mut fonts = Coverage::default();
        fonts.add_sheet("@font-face { font-family: A; src: url(Cargo.toml); }", Path::new(env!("CARGO_MANIFEST_DIR")), &[]);
        assert_eq!((fonts.missing("📞").len(), fonts.unreadable().count()), (0, 1));
    }
}
