//! Compiles one program in memory, all of it anew: what is signed or sent owes nothing to an earlier run but renditions of pictures.
//! Never writes a program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::built::Built;
use super::draft::{self, Draft, Makings, Part, Shelf};
use super::pack;
use super::render::{Renderer, Theme};
use crate::base::diagnostic::Diagnostic;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::terms::Canvas;
use crate::content::model::values::{Content, Period};
use crate::content::plan::{Plan, PlannedScreen};
use crate::program::manifest::{Manifest, Screen};

/// The renderer of the content in the folder `root`, which keeps renditions of pictures in `cache`. One serves a whole command.
///
/// # Errors
/// A theme that is not there or does not parse.
pub fn renderer(root: &Path, cache: Option<PathBuf>, content: &Content) -> Result<Renderer, Failure> {
    Ok(Renderer::new(Theme::load(root, &content.settings.theme)?, root.to_owned(), cache))
}

/// Compiles one program; gives the plan's warnings too.
///
/// # Errors
/// All faults of the plan and of every slide together.
pub fn compile(renderer: &Renderer, content: &Content, site: &SiteId, period: Period) -> Result<(Built, Vec<Diagnostic>), Failure> {
    let shelf = Shelf { content, renderer: &|| Ok(renderer) };
    let makings = Makings { content, shelf: &shelf, theme: None, kept: &|_| None };
    let (drafts, _) = draft::drafts(&makings, std::slice::from_ref(site), period)?;
    let Some(draft) = drafts.into_iter().next() else { return Err(Failure::Content(Vec::new())) };
    built(draft, &shelf)
}

/// As much of a plan's manifest as questions about time need: no pages, no files.
pub fn timetable(plan: &Plan) -> Manifest {
    let canvas = Canvas { w: 1, h: 1, x: 0, y: 0 };
    let screen =
        |each: &PlannedScreen| Screen { id: each.id.clone(), width: 1, height: 1, canvas, audio: false, spans: each.spans.clone() };
    pack::manifest(plan, plan.screens.iter().map(screen).collect(), BTreeMap::new(), Vec::new())
}

/// The program as the signing commands take it.
fn built(draft: Draft, shelf: &Shelf<'_>) -> Result<(Built, Vec<Diagnostic>), Failure> {
    let object = |part: &Part| Ok((part.file.digest, shelf.body(part)?));
    let objects = draft.files.iter().map(object).collect::<Result<_, Failure>>()?;
    Ok((Built { program: draft.program, manifest: draft.bytes, objects }, draft.warnings))
}
