//! What a tab is handed: the page that measures with the shell's modules, and the files of the page that is measured.
//! Never reads a file outside a program, and of a film no more than the preview of one needs.

use std::collections::HashMap;

use crate::base::files::read_stream_limited;
use crate::base::limits::PREFLIGHT_FILE_BYTES;
use crate::build::render::RenderedFile;
use crate::program::shell;

/// A name that no network knows.
pub const HOST: &str = "https://bangtin.invalid";

const PAGE: &str = "<!doctype html><html lang=\"vi\"><head><meta charset=\"utf-8\"><title>Bảng Tin</title>\
    <script type=\"module\" src=\"/preflight.js\"></script></head><body></body></html>";
const SCRIPT: &str = include_str!("page/preflight.js");

/// One answer.
pub struct Served {
    pub media_type: &'static str,
    /// Its content security policy, as a player sends it.
    pub policy: &'static str,
    pub bytes: Vec<u8>,
}

/// The files of one page, under a folder of their own.
pub struct Stand<'a> {
    folder: &'a str,
    files: HashMap<&'a str, &'a RenderedFile>,
}

impl<'a> Stand<'a> {
    /// Serves these files below a folder.
    pub fn new(folder: &'a str, files: impl Iterator<Item = &'a RenderedFile>) -> Self {
        Self { folder, files: files.map(|file| (file.path.as_str(), file)).collect() }
    }

    /// What stands under a path.
    pub fn serve(&self, path: &str) -> Option<Served> {
        let own = |media_type, bytes: &[u8]| Some(Served { media_type, policy: shell::PAGE_POLICY, bytes: bytes.to_vec() });
        match path {
            "" => own("text/html", PAGE.as_bytes()),
            "preflight.js" => own("text/javascript", SCRIPT.as_bytes()),
            "measure.js" => own(shell::MEASURE.media_type, shell::MEASURE.bytes),
            _ => match shell::find(path) {
                Some(file) => own(file.media_type, file.bytes),
                None => self.file(path.strip_prefix(self.folder)?.strip_prefix('/')?),
            },
        }
    }

    fn file(&self, path: &str) -> Option<Served> {
        let file = self.files.get(path)?;
        let bytes = read_stream_limited(file.body.open().ok()?, PREFLIGHT_FILE_BYTES).ok()?;
        Some(Served { media_type: file.media_type, policy: shell::SLIDE_POLICY, bytes })
    }
}
