//! Compiles one complete program in memory. What is signed or sent reuses nothing of an earlier run except picture renditions.
//! Never writes a program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::assemble;
use super::draft::{self, BuildInputs, LazyRenderer, ProgramFile};
use super::render::{Renderer, Theme};
use crate::base::bytes::ByteSource;
use crate::base::diagnostic::Diagnostic;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::terms::Canvas;
use crate::content::model::values::{Content, Period};
use crate::content::plan::{Plan, PlannedScreen};
use crate::program::manifest::{Manifest, ManifestScreen};
use crate::program::validate::Program;

/// A built program.
pub struct BuiltProgram {
    pub program: Program,
    /// Bytes of `program.json`.
    pub manifest: Vec<u8>,
    pub objects: BTreeMap<Digest, ByteSource>,
}

/// Builds the program of a site and period from the current content.
pub type BuildFn<'a> = &'a dyn Fn(&SiteId, Period) -> Result<BuiltProgram, Failure>;

/// Creates the renderer of the content folder `root`; it keeps picture renditions in `cache`. One serves a whole command.
pub fn new_renderer(root: &Path, cache: Option<PathBuf>, content: &Content) -> Result<Renderer, Failure> {
    Ok(Renderer::new(Theme::load(root, &content.settings.theme)?, root.to_owned(), cache))
}

/// Compiles one program; returns the plan's warnings too. Fails with all faults of the plan and of every slide together.
pub fn compile(renderer: &Renderer, content: &Content, site: &SiteId, period: Period) -> Result<(BuiltProgram, Vec<Diagnostic>), Failure> {
    let shelf = LazyRenderer { content, renderer: &|| Ok(renderer) };
    let inputs = BuildInputs { shelf: &shelf, theme: None, cached_files: &|_| None };
    let (drafts, _) = draft::build_drafts(&inputs, std::slice::from_ref(site), period)?;
    let Some(draft) = drafts.into_iter().next() else { return Err(Failure::Content(Vec::new())) };
    let object = |part: &ProgramFile| Ok((part.file.digest, shelf.file_bytes(part)?));
    let objects = draft.files.iter().map(object).collect::<Result<_, Failure>>()?;
    Ok((BuiltProgram { program: draft.program, manifest: draft.bytes, objects }, draft.warnings))
}

/// The part of a plan's manifest that queries about time need: no pages, no files.
pub fn timetable(plan: &Plan) -> Manifest {
    let canvas = Canvas { w: 1, h: 1, x: 0, y: 0 };
    let screen =
        |each: &PlannedScreen| ManifestScreen { id: each.id.clone(), width: 1, height: 1, canvas, audio: false, spans: each.spans.clone() };
    assemble::manifest_of(plan, plan.screens.iter().map(screen).collect(), BTreeMap::new(), Vec::new())
}
