//! What the preview has rendered: the theme in use, pages by what they depend on, and the files that pages and theme need.
//! Never reads the content.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use crate::base::diagnostic::Diagnostic;
use crate::base::failure::Failure;
use crate::base::lock::MutexExt as _;
use crate::base::token::Token;
use crate::build::assemble::PageId;
use crate::build::render::{RenderedFile, Renderer, Theme};
use crate::content::model::values::Content;

/// A page, or the faults that prevent it.
pub type PageResult = Result<RenderedFile, Vec<Diagnostic>>;

/// The files of a page, the page first.
type PageFiles = Result<Vec<RenderedFile>, Vec<Diagnostic>>;

/// A loaded theme under a name that no other loading has, in no run.
pub struct ThemeInUse {
    name: String,
    renderer: Renderer,
}

/// Pages and files, kept while the preview runs: a page that stands on a screen still requests the pictures that it had.
#[derive(Default)]
pub struct RenderedFiles {
    pages: Mutex<BTreeMap<PageId, (String, PageResult)>>,
    files: Mutex<BTreeMap<String, RenderedFile>>,
}

impl ThemeInUse {
    /// Loads a theme and adds its files to the rendered ones.
    pub fn load(root: &Path, cache: &Path, theme: &str, rendered: &RenderedFiles) -> Result<Self, Failure> {
        let renderer = Renderer::new(Theme::load(root, theme)?, root.to_owned(), Some(cache.to_owned()));
        rendered.add(renderer.theme_files()?);
        Ok(Self { name: Token::new()?.to_string(), renderer })
    }

    /// Its name in addresses.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its renderer.
    pub fn renderer(&self) -> &Renderer {
        &self.renderer
    }

    /// Renders a page with its files.
    pub fn render(&self, content: &Content, page: &PageId) -> PageFiles {
        self.renderer.slide(content, &page.slide, page.face)
    }
}

impl RenderedFiles {
    /// A file of the theme or of a page.
    pub fn file(&self, path: &str) -> Option<RenderedFile> {
        self.files.hold().get(path).cloned()
    }

    /// A page; `render` renders it unless it is there with the same identity.
    pub fn page(&self, page: &PageId, identity: String, render: impl FnOnce() -> Option<PageFiles>) -> Option<PageResult> {
        if let Some((_, known)) = self.pages.hold().get(page).filter(|(known, _)| *known == identity) {
            return Some(known.clone());
        }
        let made = render()?.map(|mut files| {
            let first = files.remove(0);
            self.add(files);
            first
        });
        self.pages.hold().insert(page.clone(), (identity, made.clone()));
        Some(made)
    }

    fn add(&self, files: Vec<RenderedFile>) {
        self.files.hold().extend(files.into_iter().map(|file| (file.path.to_string(), file)));
    }
}
