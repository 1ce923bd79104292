//! Renders one slide at one size into a page with all files that it uses. Thread-safe; the output does not depend on the threads.
//! Never writes into a program.

use std::cell::RefCell;
use std::path::PathBuf;

use tera::Context;

use super::assets::Assets;
use super::cache::RenditionCache;
use super::glyph_check;
use super::labels;
use super::output::{RenderedFile, page_path};
use super::page::{self, MediaRef};
use super::picture::PictureBox;
use super::room::{SlideText, TextRoom};
use super::subset::FontCutter;
use super::theme::Theme;
use super::typography::{text_of, title_length};
use crate::base::bytes::ByteSource;
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::SlideId;
use crate::content::model::faces::Face;
use crate::content::model::values::{Content, MediaFile, MediaKey, Slide};
use crate::content::source::markdown;
use crate::content::source::table::{self, CsvTable};
use crate::content::source::text::SourceText;

/// Renders the slides of one content folder with one theme.
pub struct Renderer {
    theme: Theme,
    assets: Assets,
    fonts: FontCutter,
}

/// One page being rendered in one thread. The template's callbacks share it, so they add files and faults through cells.
struct PageBuilder<'a> {
    assets: &'a Assets,
    theme: &'a Theme,
    slide: &'a Slide,
    size: (u32, u32),
    room: PictureBox,
    root: String,
    files: RefCell<Vec<RenderedFile>>,
    faults: RefCell<Vec<Diagnostic>>,
}

impl Renderer {
    /// Creates a renderer; `cache` is the folder of renditions, `None` for none.
    pub fn new(theme: Theme, content_root: PathBuf, cache: Option<PathBuf>) -> Self {
        let fonts = FontCutter::new(RenditionCache(cache.clone()));
        Self { theme, assets: Assets::new(content_root, cache), fonts }
    }

    /// Its theme.
    pub fn theme(&self) -> &Theme {
        &self.theme
    }

    /// The files of the theme that every program holds.
    pub fn theme_files(&self) -> Result<Vec<RenderedFile>, Failure> {
        Ok(self.theme.files()?.to_vec())
    }

    /// The digest of a film or sound that a rendered page holds.
    pub fn media_digest(&self, path: &str) -> Option<Digest> {
        self.assets.known_digest(path)
    }

    /// Renders a slide for a face: its page, then all files that it uses beyond [`Self::theme_files`]. Reports all faults
    /// at once.
    pub fn slide(&self, content: &Content, id: &SlideId, face: impl Into<Face>) -> Result<Vec<RenderedFile>, Vec<Diagnostic>> {
        let face = face.into();
        let size = face.size();
        let Some(slide) = content.slide(id) else { return Err(vec![unknown_slide(id)]) };
        let Some(path) = page_path(id, size) else { return Err(vec![unknown_slide(id)]) };
        let work = PageBuilder {
            assets: &self.assets,
            theme: &self.theme,
            slide,
            size,
            room: self.theme.picture_box(&slide.layout, size),
            root: "../".repeat(path.as_str().matches('/').count()),
            files: RefCell::default(),
            faults: RefCell::default(),
        };
        let mut context = Context::new();
        let agency = content.agencies.get(&slide.agency).map(|agency| &agency.name);
        page::insert_metadata(&mut context, &content.settings.name, agency, slide, face);
        let image = |name: &str| work.image(slide, name);
        let body = self.assets.slide_markdown(slide).map_err(|fault| vec![fault])?;
        page::insert_body(&mut context, slide, &markdown::parse(&body), &image);
        for (key, media) in &slide.media {
            work.media(&mut context, *key, media, (id.split_part().1, slide.parts));
        }
        page::insert_focus(&mut context, slide.focus);
        context.insert("root", &work.root);
        let html = self.render_page(slide, &mut context, &work);
        let (mut files, faults) = (work.files.into_inner(), work.faults.into_inner());
        match html {
            Ok(html) if faults.is_empty() => {
                files.sort_by(|a, b| a.path.cmp(&b.path));
                files.dedup_by(|a, b| a.path == b.path);
                files.insert(0, RenderedFile::new(path, "text/html", html.into_bytes()));
                Ok(files)
            }
            Err(fault) if faults.is_empty() => Err(vec![fault]),
            // A template that fails because of a faulty file is not reported again.
            Ok(_) | Err(_) => Err(faults),
        }
    }

    /// The room for a slide's text on a face.
    pub fn room(&self, slide: &Slide, face: Face) -> TextRoom {
        let picture = slide.media.contains_key(&MediaKey::Image).then(|| self.theme.picture_box(&slide.layout, face.size()));
        TextRoom::on(face, picture)
    }

    /// The amount of text of a slide, or of its part with this id; `None` if one of its files can't be read. On a film only the title stands.
    pub fn text_of(&self, slide: &Slide, id: &SlideId) -> Option<SlideText> {
        let body = markdown::parse(&self.assets.slide_markdown(slide).ok()?);
        let heading = body.first_heading();
        let rest = if heading.is_some() { body.without_first_heading() } else { body };
        let title = heading.unwrap_or_else(|| slide.title.clone());
        let table = match slide.media.get(&MediaKey::Table) {
            Some(media) => {
                let CsvTable { header, rows } = table::parse(self.assets.text(&media.path).ok()?.text()).ok()?.table;
                let own = page::rows_of_part(&rows, (id.split_part().1, slide.parts)).to_vec();
                Some(CsvTable { header, rows: own })
            }
            None => None,
        };
        let columns = match slide.layout.as_str() {
            _ if slide.media.contains_key(&MediaKey::Video) => Vec::new(),
            "two-column" => rest.split_columns(),
            _ => vec![rest],
        };
        Some(SlideText::new((&title, title_length(&title)), &columns, table.as_ref()))
    }

    /// Renders the page, then again with the style sheets of the fonts that its text needs, if any.
    fn render_page(&self, slide: &Slide, context: &mut Context, work: &PageBuilder<'_>) -> Result<String, Diagnostic> {
        let html = self.theme.render(&slide.layout, context)?;
        let fonts = self.theme.coverage().map_err(|_| glyph_check::unreadable(self.theme.shown("theme.css")))?;
        let missing = fonts.missing(&text_of(&html));
        if !missing.is_empty() {
            work.faults.borrow_mut().extend(glyph_check::on_page(missing, fonts, &slide.place, &work.sources()));
        }
        let mut sheets = Vec::new();
        let text = work.shown_text(&html);
        for sheet in self.theme.sheets() {
            let files = sheet.files_for(&text, &self.fonts).map_err(|fault| glyph_check::font_fault(&fault))?;
            let mut addresses = files.into_iter().map(|file| work.add_file(file));
            sheets.extend(addresses.next());
            addresses.for_each(drop);
        }
        if sheets.is_empty() {
            return Ok(html);
        }
        context.insert("sheets", &sheets);
        self.theme.render(&slide.layout, context)
    }
}

impl PageBuilder<'_> {
    /// All that the page shows: what stands in it, the captions of its film, the dates that a player writes into it.
    fn shown_text(&self, html: &str) -> String {
        let mut text = html.to_owned();
        for file in self.files.borrow().iter().filter(|file| file.media_type == "text/vtt") {
            if let ByteSource::Memory(bytes) = &file.body {
                text.push_str(&String::from_utf8_lossy(bytes));
            }
        }
        if html.contains("data-date") {
            text.push_str(labels::date_signs(self.slide.language.as_str()));
        }
        text
    }

    /// The files in which a text of the page may stand: the slide's own, then those that it shares with others.
    fn sources(&self) -> [Vec<SourceText>; 2] {
        let read = |path: String| self.assets.text(&path).ok();
        let table = self.slide.media.get(&MediaKey::Table).map(|table| table.path.clone());
        let own = [Some(format!("slides/{}", self.slide.source)), table].into_iter().flatten();
        let written = self.slide.source.strip_suffix(".md").and_then(SlideId::parse);
        let original = written.filter(SlideId::is_translation).map(|id| format!("slides/{}.md", id.split_language().0));
        let shared = original.into_iter().chain(["agencies.yaml", "bangtin.yaml"].map(str::to_owned));
        [own.filter_map(read).collect(), shared.filter_map(read).collect()]
    }

    fn add_file(&self, file: RenderedFile) -> String {
        let address = format!("{}{}", self.root, file.path);
        self.files.borrow_mut().push(file);
        address
    }

    fn add_result(&self, outcome: Result<RenderedFile, Diagnostic>) -> Option<MediaRef> {
        match outcome {
            Ok(file) => Some(MediaRef { media_type: file.media_type, src: self.add_file(file) }),
            Err(fault) => {
                self.faults.borrow_mut().push(fault);
                None
            }
        }
    }

    /// Adds a picture of the body; returns its address.
    fn image(&self, slide: &Slide, name: &str) -> Option<String> {
        let media = slide.pictures.get(name)?;
        let room = PictureBox { contain: true, ..self.room };
        self.add_result(self.assets.picture(&media.path, room)).map(|source| source.src)
    }

    /// Adds a media file; of a table, one of its parts, with how many there are.
    fn media(&self, context: &mut Context, key: MediaKey, media: &MediaFile, part: (u32, u32)) {
        let (name, outcome) = match key {
            MediaKey::Image if self.theme.is_over_backdrop(&self.slide.layout, self.size, (media.width, media.height)) => {
                if let Some(backdrop) = self.add_result(self.assets.backdrop(&media.path, self.room)) {
                    context.insert("backdrop", &backdrop);
                }
                ("image", self.assets.picture(&media.path, PictureBox { contain: true, ..self.room }))
            }
            MediaKey::Image => ("image", self.assets.picture(&media.path, self.room)),
            MediaKey::Poster => ("poster", self.assets.picture(&media.path, PictureBox { contain: true, ..self.room })),
            MediaKey::Video => ("video", self.assets.file(&media.path)),
            MediaKey::Audio => ("audio", self.assets.file(&media.path)),
            MediaKey::Captions => ("captions", self.assets.file(&media.path)),
            MediaKey::Table => return self.table(context, &media.path, part),
        };
        if let Some(source) = self.add_result(outcome) {
            context.insert(name, &source);
        }
    }

    fn table(&self, context: &mut Context, path: &str, part: (u32, u32)) {
        let read = self.assets.text(path).and_then(|file| table::parse(file.text()).map_err(|fault| fault.to_diagnostic(&file)));
        match read {
            Ok(parsed) => page::insert_table(context, self.slide.language.as_str(), &parsed.table, part),
            Err(fault) => self.faults.borrow_mut().push(fault),
        }
    }
}

fn unknown_slide(id: &SlideId) -> Diagnostic {
    Diagnostic::error(
        "unknown-slide",
        SourceLocation::file(format!("slides/{id}.md")),
        crate::text!(vi: "không có trang chiếu “{id}”", en: "there is no slide “{id}”"),
        crate::text!(vi: "kiểm tra tên trong danh sách phát", en: "check the name in the playlist"),
    )
}
