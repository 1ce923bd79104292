//! Cuts a font down to the characters of a page, and proves on the file that is shipped that each of them is drawn as before.
//! Never reads a style sheet, never decides which characters a page has.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, OnceLock};

use read_fonts::FontRef;
use read_fonts::collections::IntSet;
use read_fonts::types::{NameId, Tag};
use skera::{DEFAULT_DROP_TABLES, Plan, SubsetFlags};

use super::cache::{Rendition, RenditionCache};
use super::font_file::OpenFont;
use super::woff2;
use crate::base::digest::Digest;
use crate::base::lock::MutexExt as _;

/// Raised whenever the same font and characters would give different bytes.
const SUBSET_VERSION: &str = "bangtin-subset/1";
/// Tables that the subsetter leaves out or does not know, though glyphs are drawn or placed by them. A font with one of them is shipped whole.
const NOT_SUBSET: [&[u8; 4]; 11] = [b"CFF ", b"CFF2", b"VARC", b"SVG ", b"EBDT", b"EBLC", b"morx", b"mort", b"kerx", b"Silf", b"Zapf"];
/// Names of a font that stay: its own, who made it, its licence.
const NAMES: [u16; 10] = [0, 1, 2, 3, 4, 5, 6, 13, 14, 25];

/// What of a font a page takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageFont {
    /// A woff2 file with these characters only.
    Part(Arc<[u8]>),
    /// The file as it is: no tool can make it smaller.
    Whole,
}

/// The subset does not draw these characters as the font does; all, if it can't be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostGlyphs(pub Vec<char>);

type Outcome = Result<PageFont, LostGlyphs>;

/// Cuts fonts, each for the same characters once.
pub struct FontCutter {
    cache: RenditionCache,
    made: Mutex<BTreeMap<Digest, Arc<OnceLock<Outcome>>>>,
}

impl FontCutter {
    /// With the cache of renditions.
    pub fn new(cache: RenditionCache) -> Self {
        Self { cache, made: Mutex::default() }
    }

    /// A font with these characters, all of which it has.
    pub fn cut(&self, font: &OpenFont, characters: &BTreeSet<u32>) -> Outcome {
        let all: Vec<u8> = characters.iter().flat_map(|code| code.to_be_bytes()).collect();
        let key = Digest::of(&[format!("{SUBSET_VERSION} {} ", font.digest).as_bytes(), &all].concat());
        let slot = Arc::clone(self.made.hold().entry(key).or_default());
        slot.get_or_init(|| self.kept_or_made(&key, font, characters)).clone()
    }

    fn kept_or_made(&self, key: &Digest, font: &OpenFont, characters: &BTreeSet<u32>) -> Outcome {
        if is_whole(font) {
            return Ok(PageFont::Whole);
        }
        if let Some(kept) = self.cache.get(key).filter(|kept| kept.extension == "woff2") {
            return Ok(PageFont::Part(kept.bytes.into()));
        }
        let bytes = subset(font, characters)?;
        self.cache.put(key, &Rendition { bytes: bytes.clone(), extension: "woff2" });
        Ok(PageFont::Part(bytes.into()))
    }
}

/// Whether a font can't be made smaller without a loss.
fn is_whole(font: &OpenFont) -> bool {
    let Ok(font) = FontRef::new(&font.sfnt) else { return true };
    let table = |tag: &[u8; 4]| font.table_data(Tag::new(tag));
    let has = |tag: &[u8; 4]| table(tag).is_some();
    // The old table of kerning is left out too: it counts only where no feature does its work.
    let kerns = table(b"GPOS").is_some_and(|table| table.as_bytes().windows(4).any(|name| name == b"kern"));
    !has(b"glyf") || NOT_SUBSET.into_iter().any(has) || (has(b"kern") && !kerns)
}

/// Makes the file and proves it. The same on every machine.
fn subset(font: &OpenFont, characters: &BTreeSet<u32>) -> Result<Vec<u8>, LostGlyphs> {
    let all = || LostGlyphs(characters.iter().filter_map(|code| char::from_u32(*code)).collect());
    // A defect of the subsetter is no end of the command.
    let made = catch_unwind(AssertUnwindSafe(|| tables_of(font, characters))).ok().flatten();
    let packed = made.and_then(|sfnt| woff2::pack(&sfnt)).ok_or_else(all)?;
    let lost = lost(font, &packed, characters);
    if lost.is_empty() { Ok(packed) } else { Err(LostGlyphs(lost)) }
}

fn tables_of(font: &OpenFont, characters: &BTreeSet<u32>) -> Option<Vec<u8>> {
    let font = FontRef::new(&font.sfnt).ok()?;
    let every = || {
        let mut every = IntSet::<Tag>::empty();
        every.invert();
        every
    };
    let flags = SubsetFlags::SUBSET_FLAGS_NOTDEF_OUTLINE;
    let characters: IntSet<u32> = characters.iter().copied().collect();
    let dropped: IntSet<Tag> = DEFAULT_DROP_TABLES.iter().copied().collect();
    let names: IntSet<NameId> = NAMES.into_iter().map(NameId::new).collect();
    // English, under which fonts name themselves.
    let languages: IntSet<u16> = [0x409].into_iter().collect();
    // All features: which of them a style sheet turns on is not known here, and marks, kerning and ligatures hang on them.
    let plan = Plan::new(&IntSet::empty(), &characters, &font, flags, &dropped, &every(), &every(), &names, &languages);
    skera::subset_font(&font, &plan).ok()
}

/// The characters that the packed subset lacks or draws in another way.
fn lost(font: &OpenFont, packed: &[u8], characters: &BTreeSet<u32>) -> Vec<char> {
    let opened = OpenFont::parse(packed);
    let faces = opened.as_ref().and_then(|opened| Some((face(&font.sfnt)?, face(&opened.sfnt)?)));
    let kept =
        |c: &char| faces.as_ref().is_some_and(|(old, new)| Glyph::of(new, *c).is_some_and(|glyph| Glyph::of(old, *c) == Some(glyph)));
    characters.iter().filter_map(|code| char::from_u32(*code)).filter(|c| !kept(c)).collect()
}

fn face(sfnt: &[u8]) -> Option<ttf_parser::Face<'_>> {
    ttf_parser::Face::parse(sfnt, 0).ok()
}

/// How a character is drawn: its advance, and the lines and curves of its outline; none for a blank.
#[derive(Default, PartialEq)]
struct Glyph {
    advance: Option<u16>,
    lines: Vec<(u8, [f32; 6])>,
}

impl Glyph {
    fn of(face: &ttf_parser::Face<'_>, c: char) -> Option<Self> {
        let id = face.glyph_index(c).filter(|id| id.0 != 0)?;
        let mut glyph = Self { advance: face.glyph_hor_advance(id), lines: Vec::new() };
        face.outline_glyph(id, &mut glyph);
        Some(glyph)
    }
}

impl ttf_parser::OutlineBuilder for Glyph {
    fn move_to(&mut self, x: f32, y: f32) {
        self.lines.push((0, [x, y, 0.0, 0.0, 0.0, 0.0]));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.lines.push((1, [x, y, 0.0, 0.0, 0.0, 0.0]));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.lines.push((2, [x1, y1, x, y, 0.0, 0.0]));
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.lines.push((3, [x1, y1, x2, y2, x, y]));
    }

    fn close(&mut self) {
        self.lines.push((4, [0.0; 6]));
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Vietnamese, English, and the Latin marks of other languages of the province, some of two characters.
    const TEXT: &str = "Ỗ Ẫ ỵ ạ̃ ẃ ǹ m̀ Đặng thước fi AV To 0123456789:/";

    fn font(path: &str) -> OpenFont {
        OpenFont::parse(&std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()).unwrap()
    }

    fn codes(font: &OpenFont, text: &str) -> BTreeSet<u32> {
        text.chars().map(u32::from).filter(|code| font.characters.contains(code)).collect()
    }

    fn part(outcome: Outcome) -> Arc<[u8]> {
        match outcome {
            Ok(PageFont::Part(bytes)) => bytes,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_cut_font_has_the_characters_their_marks_and_the_same_bytes_everywhere() {
        let whole = font("themes/caobang/fonts/be-vietnam-pro-500.woff2");
        let asked = codes(&whole, TEXT);
        assert!(asked.contains(&0x303) && asked.contains(&u32::from('Ỗ')));
        let bytes = part(FontCutter::new(RenditionCache(None)).cut(&whole, &asked));
        assert_eq!(bytes, part(FontCutter::new(RenditionCache(None)).cut(&whole, &asked)));
        let cut = OpenFont::parse(&bytes).unwrap();
        assert!(asked.iter().all(|code| cut.characters.contains(code)) && cut.characters.len() < 60, "{:?}", cut.characters);
        let (old, new) = (FontRef::new(&whole.sfnt).unwrap(), FontRef::new(&cut.sfnt).unwrap());
        let features = |font: &FontRef<'_>, tag: &[u8; 4], name: &[u8; 4]| {
            font.table_data(Tag::new(tag)).is_some_and(|table| table.as_bytes().windows(4).any(|found| found == name))
        };
        for (table, name) in [(b"GPOS", b"kern"), (b"GPOS", b"mark"), (b"GPOS", b"mkmk"), (b"GSUB", b"ccmp"), (b"GSUB", b"liga")] {
            assert_eq!(features(&old, table, name), features(&new, table, name), "{name:?}");
        }
        // A change of these bytes asks for another SUBSET_VERSION, and for a line in the change log: reviewers see fonts that changed.
        assert_eq!(Digest::of(&bytes).to_string()[..16], *"46698dabf1ca7db4");
    }

    #[test]
    fn glyphs_that_are_lost_or_drawn_otherwise_are_told() {
        let (whole, other) = ("themes/caobang/fonts/be-vietnam-pro-500.woff2", "themes/caobang/fonts/be-vietnam-pro-700.woff2");
        let (whole, other) = (font(whole), font(other));
        let packed = subset(&whole, &codes(&whole, "AB ")).unwrap();
        assert_eq!(lost(&whole, &packed, &codes(&whole, "AB ")), Vec::<char>::new());
        assert_eq!(lost(&whole, &packed, &codes(&whole, "AC ")), ['C']);
        assert_eq!(lost(&other, &packed, &codes(&whole, "AB")), ['A', 'B']);
        assert_eq!(lost(&whole, b"no font", &codes(&whole, "A")), ['A']);
        // Tables that end too early.
        let broken = OpenFont { sfnt: whole.sfnt[..whole.sfnt.len() / 2].to_vec(), digest: whole.digest, characters: whole.characters };
        assert_eq!(subset(&broken, &[65].into()), Err(LostGlyphs(vec!['A'])));
    }

    #[test]
    fn a_variable_font_stays_variable_and_one_that_no_tool_can_cut_stays_whole() {
        let cutter = FontCutter::new(RenditionCache(None));
        let variable = OpenFont::parse(&part(cutter.cut(&font("tests/render/fonts/variable.ttf"), &[65].into()))).unwrap();
        assert_eq!(variable.characters, [65].into());
        let tables = FontRef::new(&variable.sfnt).unwrap();
        assert!([b"fvar", b"gvar"].into_iter().all(|tag| tables.table_data(Tag::new(tag)).is_some()));
        assert_eq!(cutter.cut(&font("tests/render/fonts/cff.otf"), &[65].into()), Ok(PageFont::Whole));
    }

    #[test]
    fn a_font_is_cut_once_and_kept_in_the_cache() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, whole) = (RenditionCache(Some(folder.path().to_owned())), font("tests/render/fonts/variable.ttf"));
        let cutter = FontCutter::new(cache.clone());
        let made = part(cutter.cut(&whole, &[65].into()));
        assert!(Arc::ptr_eq(&made, &part(cutter.cut(&whole, &[65].into()))));
        let key = *cutter.made.hold().keys().next().unwrap();
        cache.put(&key, &Rendition { bytes: b"as kept".to_vec(), extension: "woff2" });
        assert_eq!(*part(FontCutter::new(cache.clone()).cut(&whole, &[65].into())), *b"as kept");
        assert_ne!(*part(FontCutter::new(cache).cut(&whole, &[66].into())), *made);
    }
}
