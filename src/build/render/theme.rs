//! A theme: compiled templates, style sheet, fonts, and the box that each layout gives to a picture.
//! Never knows a slide, never reads `theme.yaml`: the content model does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::DirEntry;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::SystemTime;

use tera::{Context, ErrorKind, ReportError, Tera};

use super::clocks;
use super::coverage::Coverage;
use super::fonts::FontSheet;
use super::output::RenderedFile;
use super::picture::PictureBox;
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::file_types as types;
use crate::base::files::read_regular_file;
use crate::base::limits::{CONTENT_TEXT_BYTES, THEME_FILE_BYTES};
use crate::base::relpath::RelPath;
use crate::base::stamp::FileStamp;
use crate::content::source::machine_files::MachineFile;
use crate::content::source::themes;

/// A loaded theme.
pub struct Theme {
    /// As faults name it: `themes/<name>`, or `../themes/<name>` beside the content folder.
    shown: String,
    folder: PathBuf,
    tera: Tera,
    sources: BTreeMap<String, String>,
    rooms: BTreeMap<String, [ScreenFraction; 2]>,
    statics: Vec<StaticFile>,
    files: OnceLock<Vec<RenderedFile>>,
    sheets: Vec<FontSheet>,
    coverage: OnceLock<Coverage>,
}

/// A file that every program holds, unless it is a part of a font sheet. Read only when needed: rendering a page does not need it.
struct StaticFile {
    path: RelPath,
    media_type: &'static str,
    source: PathBuf,
}

/// A picture's box as a part of the screen, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ScreenFraction {
    width: u32,
    height: u32,
    contain: bool,
}

/// The folders of a theme whose files count.
const FOLDERS: [&str; 4] = ["", "layouts/", "fonts/", "images/"];

const WHOLE: ScreenFraction = ScreenFraction { width: 100, height: 100, contain: false };

impl Theme {
    /// Loads `<content>/themes/<name>`, else `<content>/../themes/<name>`. Reports all syntax faults of the templates at once.
    pub fn load(content_root: &Path, name: &str) -> Result<Self, Failure> {
        let Some((shown, folder)) = themes::find(content_root, name) else {
            let place = content_root.join("themes").join(name);
            let place = place.display();
            return Err(Failure::Refused(crate::text!(
                vi: "không có giao diện “{name}” ở {place} hay bên cạnh thư mục nội dung",
                en: "there is no theme “{name}” at {place} or beside the content folder"
            )));
        };
        let sources = templates(&folder)?;
        let tera = compile(&shown, &sources)?;
        let rooms =
            sources.iter().filter_map(|(file, text)| Some((file.strip_suffix(".html")?.to_owned(), parse_picture_boxes(text)?))).collect();
        let (statics, sheets) = statics(&folder)?;
        Ok(Self { shown, folder, tera, sources, rooms, statics, files: OnceLock::new(), sheets, coverage: OnceLock::new() })
    }

    /// The files of a theme over the limit of their kind, as faults name them, with that limit in bytes. Only those that are read.
    pub(super) fn oversized(content_root: &Path, name: &str) -> Result<Vec<(String, u64)>, Failure> {
        let Some((shown, folder)) = themes::find(content_root, name) else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for (below, entry) in input_files(&folder)? {
            let file = file_name(&entry);
            let most = match below {
                "layouts/" if file.ends_with(".html") => CONTENT_TEXT_BYTES,
                "layouts/" => continue,
                _ if program_path(&format!("theme/{below}{file}")).is_some() => THEME_FILE_BYTES,
                _ => continue,
            };
            if entry.metadata().is_ok_and(|metadata| metadata.len() > most) {
                found.push((format!("{shown}/{below}{file}"), most));
            }
        }
        Ok(found)
    }

    /// Digest of the names and stamps of a theme's files; identifies its state without reading them. `None` if there is no theme, or if a
    /// file changed too shortly before `since` for its stamp to be reliable.
    pub fn stamp_digest(content_root: &Path, name: &str, since: SystemTime) -> Option<Digest> {
        let (_, folder) = themes::find(content_root, name)?;
        let mut said = Vec::new();
        for (below, entry) in input_files(&folder).ok()? {
            let stamp = Some(FileStamp::from_metadata(&entry.metadata().ok()?)).filter(|stamp| stamp.is_stable_before(since))?;
            said.push((below, file_name(&entry), stamp));
        }
        Some(Digest::of(&postcard::to_allocvec(&said).ok()?))
    }

    /// All files of a theme: `themes/<name>/…`, and where each is.
    pub fn input_files(content_root: &Path, name: &str) -> Result<Vec<(String, PathBuf)>, Failure> {
        let files = themes::find(content_root, name).map(|(_, folder)| input_files(&folder)).transpose()?.unwrap_or_default();
        Ok(files.iter().map(|(below, entry)| (format!("themes/{name}/{below}{}", file_name(entry)), entry.path())).collect())
    }

    /// The files that every program with this theme holds.
    pub fn files(&self) -> Result<&[RenderedFile], Failure> {
        if let Some(files) = self.files.get() {
            return Ok(files);
        }
        let read = |StaticFile { path, media_type, source }: &StaticFile| {
            Ok(RenderedFile::new(path.clone(), media_type, read_static(source, media_type)?))
        };
        // What pages take by need comes with them.
        let dealt: BTreeSet<&RelPath> = self.sheets.iter().flat_map(FontSheet::part_paths).collect();
        let files = self.statics.iter().filter(|file| !dealt.contains(&file.path)).map(read).collect::<Result<_, Failure>>()?;
        Ok(self.files.get_or_init(|| files))
    }

    /// A file of the theme as faults name it.
    pub(super) fn shown(&self, file: &str) -> String {
        format!("{}/{file}", self.shown)
    }

    /// The templates by name, such as `photo.html`.
    pub(super) fn templates(&self) -> &BTreeMap<String, String> {
        &self.sources
    }

    /// The template of a layout.
    pub(super) fn template(&self, layout: &str) -> Option<&String> {
        self.sources.get(&format!("{layout}.html"))
    }

    /// The files of the theme that a program may hold, by their path in it.
    pub fn file_paths(&self) -> impl Iterator<Item = &RelPath> {
        self.statics.iter().map(|file| &file.path).chain(self.sheets.iter().map(|sheet| &sheet.path))
    }

    /// Whether a program may hold this file of the theme.
    pub(super) fn holds(&self, path: &str) -> bool {
        self.file_paths().any(|file| file.as_str() == path)
    }

    /// What machines have put into the folders of the theme, with the path of each as faults name it. No program holds it.
    pub(super) fn machine_files(&self) -> Result<Vec<(MachineFile, String)>, Failure> {
        let mut found = Vec::new();
        for below in FOLDERS {
            let folder = self.folder.join(below);
            let names = all_files(&folder)?.iter().map(file_name).collect::<Vec<_>>();
            found.extend(names.iter().filter_map(|name| Some((MachineFile::of(name)?, self.shown(&format!("{below}{name}"))))));
        }
        Ok(found)
    }

    /// Where a file of the theme comes from: its name in the theme's folder, and its path on disk.
    pub(super) fn source(&self, path: &RelPath) -> (String, PathBuf) {
        let name = path.as_str().strip_prefix("theme/").unwrap_or(path.as_str());
        (name.to_owned(), self.folder.join(name))
    }

    /// Sheets of the fonts that pages take in parts.
    pub(super) fn sheets(&self) -> &[FontSheet] {
        &self.sheets
    }

    /// The characters of the theme's fonts.
    pub(super) fn coverage(&self) -> Result<&Coverage, Failure> {
        if let Some(coverage) = self.coverage.get() {
            return Ok(coverage);
        }
        let mut coverage = Coverage::default();
        let known: Vec<_> = self.sheets.iter().flat_map(FontSheet::fonts).collect();
        for path in self.file_paths().filter(|path| path.extension() == "css") {
            let (_, source) = self.source(path);
            let sheet = read_static(&source, "text/css")?;
            coverage.add_sheet(&String::from_utf8_lossy(&sheet), source.parent().unwrap_or(&self.folder), &known);
        }
        Ok(self.coverage.get_or_init(|| coverage))
    }

    /// The box for a layout's picture on a screen, as stated in the first line of its template; without that, the whole screen.
    pub(super) fn picture_box(&self, layout: &str, (width, height): (u32, u32)) -> PictureBox {
        let shares = self.rooms.get(layout).copied().unwrap_or([WHOLE; 2]);
        let share = shares[usize::from(width <= height)];
        let part = |side: u32, percent: u32| (side * percent).div_ceil(100).max(1);
        PictureBox { width: part(width, share.width), height: part(height, share.height), contain: share.contain }
    }

    /// Whether a layout shows a picture of this size whole on a screen, over a soft copy of it: an upright one that would fill a screen that is
    /// wider than high, if the template takes a `backdrop`.
    pub(super) fn is_over_backdrop(&self, layout: &str, screen: (u32, u32), (width, height): (u32, u32)) -> bool {
        let room = self.picture_box(layout, screen);
        let fills = !room.contain && (room.width, room.height) == screen && screen.0 > screen.1;
        fills && height > width && self.template(layout).is_some_and(|template| template.contains("backdrop"))
    }

    /// Renders a page with a layout.
    pub(super) fn render(&self, layout: &str, context: &Context) -> Result<String, Diagnostic> {
        let file = format!("{layout}.html");
        let rendered = unless_it_panics(&self.shown(&format!("layouts/{file}")), || self.tera.render(&file, context))?;
        rendered.map_err(|error| template_fault(&self.shown, &self.sources, &error))
    }
}

fn compile(name: &str, sources: &BTreeMap<String, String>) -> Result<Tera, Failure> {
    let mut tera = Tera::new();
    let added = unless_it_panics(&format!("{name}/layouts"), || tera.add_raw_templates(sources.iter()));
    let Err(first) = added.map_err(|fault| Failure::Content(vec![fault]))? else { return Ok(tera) };
    // A syntax fault stops the parser of its file only, so each file is parsed alone: one run reports all of them.
    let syntax = |error: &tera::Error| matches!(error.kind(), ErrorKind::SyntaxError(_));
    let alone = |(file, text): (&String, &String)| Tera::new().add_raw_template(file, text).err().filter(syntax);
    let faults: Vec<Diagnostic> = sources.iter().filter_map(alone).map(|error| template_fault(name, sources, &error)).collect();
    Err(Failure::Content(if faults.is_empty() { vec![template_fault(name, sources, &first)] } else { faults }))
}

/// The result of the template engine. A panic in it is a fault of the template: it must not end a command or the preview.
fn unless_it_panics<T>(template: &str, work: impl FnOnce() -> T) -> Result<T, Diagnostic> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| {
        Diagnostic::error(
            "theme-template",
            SourceLocation::file(template),
            crate::text!(vi: "bộ dựng trang ngừng giữa chừng ở mẫu này", en: "the template engine breaks down at this template"),
            crate::text!(vi: "viết lại mẫu cho đơn giản hơn", en: "write the template in a simpler way"),
        )
    })
}

fn template_fault(theme: &str, sources: &BTreeMap<String, String>, error: &tera::Error) -> Diagnostic {
    let place = match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => template_location(theme, sources, report),
        _ => SourceLocation::file(format!("{theme}/layouts")),
    };
    let reason = match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => report.message().to_owned(),
        _ => error.to_string(),
    };
    Diagnostic::error(
        "theme-template",
        place,
        crate::text!(vi: "mẫu trang có lỗi: {reason}", en: "the template is at fault: {reason}"),
        crate::text!(
            vi: "sửa mẫu; docs/themes.md ghi các biến mà mẫu nhận được",
            en: "fix the template; docs/themes.md lists the variables that it is given"
        ),
    )
}

fn template_location(theme: &str, sources: &BTreeMap<String, String>, report: &ReportError) -> SourceLocation {
    let span = report.span();
    let line = sources.get(report.filename()).and_then(|text| text.lines().nth(span.start_line.saturating_sub(1)));
    let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let length = if span.end_line == span.start_line { span.end_col.saturating_sub(span.start_col).max(1) } else { 1 };
    SourceLocation {
        path: format!("{theme}/layouts/{}", report.filename()),
        line: small(span.start_line),
        column: small(span.start_col + 1),
        length: small(length),
        source: line.unwrap_or_default().to_owned(),
    }
}

fn templates(folder: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let mut out = BTreeMap::new();
    let layouts = folder.join("layouts");
    for entry in list_files(&layouts)? {
        let (name, path) = (file_name(&entry), entry.path());
        if name.ends_with(".html") {
            let bytes = read_regular_file(&path, CONTENT_TEXT_BYTES).map_err(|error| Failure::io(&path, &error))?;
            out.insert(name, String::from_utf8_lossy(&bytes).replace("\r\n", "\n"));
        }
    }
    Ok(out)
}

/// Parses `{# image: 50% x 100% contain, tall 100% x 45% #}` in the first line of a template.
fn parse_picture_boxes(template: &str) -> Option<[ScreenFraction; 2]> {
    let words = template.lines().next()?.trim().strip_prefix("{# image:")?.strip_suffix("#}")?;
    let share = |text: &str| {
        let text = text.trim().trim_start_matches("tall").trim();
        let (width, rest) = text.split_once("% x ")?;
        let (height, rest) = rest.split_once('%')?;
        Some(ScreenFraction { width: width.trim().parse().ok()?, height: height.trim().parse().ok()?, contain: rest.trim() == "contain" })
    };
    let (wide, tall) = words.split_once(',').unwrap_or((words, words));
    Some([share(wide)?, share(tall)?])
}

fn statics(folder: &Path) -> Result<(Vec<StaticFile>, Vec<FontSheet>), Failure> {
    let (mut files, mut sheets) = (Vec::new(), Vec::new());
    let mut found = Vec::new();
    for (below, prefix) in [(folder.to_owned(), "theme"), (folder.join("fonts"), "theme/fonts"), (folder.join("images"), "theme/images")] {
        found.extend(list_files(&below)?.into_iter().map(|entry| (format!("{prefix}/{}", file_name(&entry)), entry.path())));
    }
    for (name, path) in found {
        let Some((path_in_program, media_type)) = program_path(&name) else { continue };
        if name.starts_with("theme/fonts/") && media_type == "text/css" {
            sheets.push(FontSheet::new(path_in_program, &read_static(&path, media_type)?, &folder.join("fonts")));
        } else {
            files.push(StaticFile { path: path_in_program, media_type, source: path });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok((files, sheets))
}

/// Reads a file for the program. A text loses the CR before each LF, as content does.
fn read_static(path: &Path, media_type: &str) -> Result<Vec<u8>, Failure> {
    let bytes = read_regular_file(path, THEME_FILE_BYTES).map_err(|error| Failure::io(path, &error))?;
    match std::str::from_utf8(&bytes) {
        Ok(text) if media_type == "text/css" => Ok(clocks::with_still_boxes(&text.replace("\r\n", "\n")).into_bytes()),
        Ok(text) if media_type.starts_with("text/") => Ok(text.replace("\r\n", "\n").into_bytes()),
        _ => Ok(bytes),
    }
}

fn program_path(name: &str) -> Option<(RelPath, &'static str)> {
    let path = RelPath::parse(name)?;
    let media_type = types::from_extension(path.extension()).filter(|media_type| *media_type != "text/html")?;
    Some((path, media_type))
}

/// The files of a theme with the subfolder of each.
fn input_files(folder: &Path) -> Result<Vec<(&'static str, DirEntry)>, Failure> {
    let mut files = Vec::new();
    for below in FOLDERS {
        let path = folder.join(below);
        files.extend(list_files(&path)?.into_iter().map(|entry| (below, entry)));
    }
    Ok(files)
}

/// The files of a folder that somebody wrote, sorted by name; no hidden ones.
fn list_files(folder: &Path) -> Result<Vec<DirEntry>, Failure> {
    let mut files = all_files(folder)?;
    files.retain(|entry| {
        let name = file_name(entry);
        !name.starts_with('.') && MachineFile::of(&name).is_none()
    });
    Ok(files)
}

/// The plain files of a folder; none if there is no folder, or a link in its place.
fn all_files(folder: &Path) -> Result<Vec<DirEntry>, Failure> {
    let failure = |error: std::io::Error| Failure::io(folder, &error);
    let mut files = Vec::new();
    if !folder.symlink_metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Ok(files);
    }
    for entry in folder.read_dir().map_err(failure)? {
        let entry = entry.map_err(failure)?;
        if entry.file_type().map_err(failure)?.is_file() {
            files.push(entry);
        }
    }
    files.sort_by_cached_key(DirEntry::file_name);
    Ok(files)
}

fn file_name(entry: &DirEntry) -> String {
    entry.file_name().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_in_the_template_engine_is_a_fault_of_the_template() {
        let fault = unless_it_panics("themes/a/layouts/b.html", || panic!("as a defect of the engine would")).map(|(): ()| ()).unwrap_err();
        assert_eq!((fault.code, &*fault.place.path), ("theme-template", "themes/a/layouts/b.html"));
        assert_eq!(unless_it_panics("", || 1), Ok(1));
    }

    #[test]
    fn the_head_comment_gives_the_room() {
        let wide = ScreenFraction { width: 50, height: 100, contain: false };
        let tall = ScreenFraction { width: 100, height: 45, contain: true };
        assert_eq!(parse_picture_boxes("{# image: 50% x 100% cover, tall 100% x 45% contain #}\n"), Some([wide, tall]));
        assert_eq!(parse_picture_boxes("{# image: 50% x 100% #}\n"), Some([wide, wide]));
        assert_eq!(parse_picture_boxes("<!doctype html>"), None);
    }
}
