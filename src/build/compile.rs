//! Compiles one complete program in memory. What is signed or sent reuses nothing of an earlier run except picture renditions.
//! Never writes a program.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::assemble;
use super::draft::{self, BuildInputs, LazyRenderer, ProgramFile, RenderedPages};
use super::inputs::BuildInputFiles;
use super::render::{Renderer, Theme, source_faults};
use crate::base::bytes::ByteSource;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::files::read_stream_limited;
use crate::base::ids::SiteId;
use crate::base::terms::{BuildOrigin, Canvas};
use crate::content::model::values::{Content, Period};
use crate::content::plan::{Plan, PlannedScreen};
use crate::program::manifest::{Manifest, ManifestFile, ManifestScreen};
use crate::program::validate::Program;

/// A built program.
pub struct BuiltProgram {
    pub program: Program,
    /// Bytes of `program.json`.
    pub manifest: Vec<u8>,
    pub objects: BTreeMap<Digest, ByteSource>,
    pub origin: BuildOrigin,
}

impl BuiltProgram {
    /// The bytes of one of its files.
    pub fn read(&self, file: &ManifestFile) -> io::Result<Vec<u8>> {
        let source = self.objects.get(&file.sha256).ok_or(io::ErrorKind::NotFound)?;
        read_stream_limited(source.open()?, file.size)
    }
}

/// Builds the program of a site and period from the current content.
pub type BuildFn<'a> = &'a dyn Fn(&SiteId, Period) -> Result<BuiltProgram, Failure>;

/// Compiles the programs of one content. One serves a whole command: it loads the theme, renders each page and hashes each input
/// once, for all sites and months.
pub struct Compiler<'a> {
    content: &'a Content,
    renderer: Renderer,
    inputs: BuildInputFiles,
    pages: RenderedPages,
}

impl<'a> Compiler<'a> {
    /// Compiles the content of the folder `root`; keeps picture renditions in `cache`. Fails if the theme holds what a player's browser
    /// blocks: nobody can approve a page that looks otherwise on a screen.
    pub fn new(root: &Path, cache: Option<PathBuf>, content: &'a Content) -> Result<Self, Failure> {
        let theme = Theme::load(root, &content.settings.theme)?;
        let faults = source_faults(&theme)?;
        if !faults.is_empty() {
            return Err(Failure::Content(faults));
        }
        let renderer = Renderer::new(theme, root.to_owned(), cache);
        Ok(Self { content, renderer, inputs: BuildInputFiles::new(root.to_owned()), pages: RenderedPages::default() })
    }

    /// Compiles one program. Fails with all faults of the plan and of every slide together.
    pub fn compile(&self, site: &SiteId, period: Period) -> Result<BuiltProgram, Failure> {
        let shelf = LazyRenderer { content: self.content, renderer: &|| Ok(&self.renderer), pages: Some(&self.pages) };
        let inputs = BuildInputs { shelf: &shelf, theme: None, cached_files: &|_| None };
        let (drafts, _) = draft::build_drafts(&inputs, std::slice::from_ref(site), period)?;
        let Some(draft) = drafts.into_iter().next() else { return Err(Failure::Content(Vec::new())) };
        let object = |part: &ProgramFile| Ok((part.file.digest, shelf.file_bytes(part)?));
        let objects = draft.files.iter().map(object).collect::<Result<_, Failure>>()?;
        let inputs = self.inputs.digest(self.content, (site, period), |path| self.renderer.media_digest(path))?;
        let origin = BuildOrigin { tool: env!("CARGO_PKG_VERSION").to_owned(), inputs };
        Ok(BuiltProgram { program: draft.program, manifest: draft.bytes, objects, origin })
    }
}

/// The part of a plan's manifest that queries about time need: no pages, no files.
pub fn timetable(plan: &Plan) -> Manifest {
    let canvas = Canvas { w: 1, h: 1, x: 0, y: 0 };
    let screen =
        |each: &PlannedScreen| ManifestScreen { id: each.id.clone(), width: 1, height: 1, canvas, audio: false, spans: each.spans.clone() };
    assemble::manifest_of(plan, plan.screens.iter().map(screen).collect(), BTreeMap::new(), Vec::new())
}
