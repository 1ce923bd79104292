//! Checks that a manifest is well formed. [`Program`] has private fields and only checking constructors, so every program is checked.
//! Never asks whether it is approved: `trust` does.

use std::collections::BTreeSet;

use super::manifest::{FORMAT, Manifest, ManifestScreen, page_key};
use crate::base::digest::Digest;
use crate::base::file_types as types;
use crate::base::limits::{
    KIT_SECONDS, MANIFEST_BYTES, MANIFEST_FILES, MAX_INTEGER, MIN_LOOP_MS, MONTHLY_SECONDS, SCREEN_SIDE, URGENT_SECONDS,
};
use crate::base::strict_json;
use crate::base::terms::ProgramKind;

/// Length of the local week in seconds.
pub const WEEK_SECONDS: i64 = 7 * 86_400;

/// A well-formed manifest with the digest and size of its bytes.
#[derive(Clone, Debug)]
pub struct Program {
    digest: Digest,
    size: u64,
    manifest: Manifest,
}

impl Program {
    /// Reads and checks a manifest. The error is in English, for logs: the manifest is named by its digest, so no author sees it.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() as u64 > MANIFEST_BYTES {
            return Err(format!("a manifest of more than {MANIFEST_BYTES} bytes"));
        }
        let manifest: Manifest = strict_json::from_slice(bytes)?;
        check_manifest(&manifest)?;
        Ok(Self { digest: Digest::of(bytes), size: bytes.len() as u64, manifest })
    }

    /// Checks a newly compiled manifest; returns its bytes too.
    #[cfg(feature = "office")]
    pub fn from_manifest(manifest: Manifest) -> Result<(Self, Vec<u8>), String> {
        let written = || {
            let bytes = crate::base::canonical::to_vec_presorted(&manifest).map_err(|error| format!("{error:?}"))?;
            Ok::<_, String>((Digest::of(&bytes), bytes))
        };
        let (written, checked) = rayon::join(written, || check_manifest(&manifest));
        let (digest, bytes) = written?;
        if bytes.len() as u64 > MANIFEST_BYTES {
            return Err(format!("a manifest of more than {MANIFEST_BYTES} bytes"));
        }
        checked?;
        Ok((Self { digest, size: bytes.len() as u64, manifest }, bytes))
    }

    /// SHA-256 of the manifest's bytes, which names the program.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Length of the manifest in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The checked manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Sum of the sizes of all files, in bytes.
    pub fn total_bytes(&self) -> u64 {
        self.manifest.files.iter().map(|file| file.size).sum()
    }
}

fn require(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}

fn check_manifest(m: &Manifest) -> Result<(), String> {
    require(m.format == FORMAT, || format!("format {:?}, not {FORMAT:?}", m.format))?;
    require(!m.languages.is_empty(), || "no language".into())?;
    require(!m.roles.is_empty(), || "no role has to approve it".into())?;
    check_window(m)?;
    check_kind_fields(m)?;
    check_offsets(m)?;
    check_files(m)?;
    check_loops(m)?;
    require(m.slides.values().all(|slide| slide.revision > 0), || "a slide's revision is 1 or more".into())?;
    require(!m.screens.is_empty(), || "no screen".into())?;
    let ids: BTreeSet<_> = m.screens.iter().map(|screen| &screen.id).collect();
    require(ids.len() == m.screens.len(), || "a screen stands twice".into())?;
    m.screens.iter().try_for_each(|screen| check_screen(m, screen))
}

fn check_window(m: &Manifest) -> Result<(), String> {
    let longest = match m.kind {
        ProgramKind::Monthly => MONTHLY_SECONDS,
        ProgramKind::Urgent => URGENT_SECONDS,
        ProgramKind::Kit => KIT_SECONDS,
        ProgramKind::Evergreen => {
            return require(m.valid.from == 0 && m.valid.until.is_none(), || "an evergreen program is valid from 0 without end".into());
        }
    };
    let until = m.valid.until.ok_or("valid has no end")?;
    require(m.valid.from >= 0 && m.valid.from < until && until - m.valid.from <= longest, || {
        format!("valid must last 1 to {longest} seconds")
    })
}

fn check_kind_fields(m: &Manifest) -> Result<(), String> {
    require(m.month.is_some() == (m.kind == ProgramKind::Monthly), || "month stands in monthly programs, and only there".into())?;
    let interrupts = matches!(m.kind, ProgramKind::Urgent | ProgramKind::Kit);
    let all = m.band.is_some() && m.priority.is_some() && m.max.is_some();
    let none = m.band.is_none() && m.priority.is_none() && m.max.is_none();
    require(if interrupts { all } else { none }, || "band, priority and max stand in urgent and kit programs, and only there".into())?;
    require(m.priority.is_none_or(|p| (1..=9).contains(&p)), || "priority is 1 to 9".into())?;
    require(m.max.is_none_or(|s| (1..=URGENT_SECONDS).contains(&s)), || format!("max is 1 to {URGENT_SECONDS} seconds"))
}

fn check_offsets(m: &Manifest) -> Result<(), String> {
    require(!m.offsets.is_empty() && m.offsets.is_sorted_by(|a, b| a.0 < b.0), || "offsets must be sorted, with at least one".into())?;
    require(m.offsets.iter().all(|(_, seconds)| seconds.abs() < 86_400), || "an offset of a day or more".into())
}

fn check_files(m: &Manifest) -> Result<(), String> {
    require(m.files.len() <= MANIFEST_FILES, || format!("more than {MANIFEST_FILES} files"))?;
    require(m.files.is_sorted_by(|a, b| a.path < b.path), || "files must be sorted by path, none twice".into())?;
    let mut sizes = Vec::with_capacity(m.files.len());
    let mut total = 0_u64;
    for file in &m.files {
        let path = &file.path;
        let known = types::from_extension(path.extension());
        require(known == Some(file.media_type.as_str()), || {
            format!("{path}: type {:?} is not one that a program may hold", file.media_type)
        })?;
        sizes.push((file.sha256, file.size));
        total = total.saturating_add(file.size);
    }
    sizes.sort_unstable();
    let twice = sizes.windows(2).find(|two| two[0].0 == two[1].0 && two[0].1 != two[1].1);
    twice.map_or(Ok(()), |two| Err(format!("{}: one digest with two sizes", two[0].0)))?;
    require(total <= MAX_INTEGER, || "the files are too large together".into())
}

fn check_loops(m: &Manifest) -> Result<(), String> {
    for (id, each) in &m.loops {
        let sum = each.items.iter().try_fold(0_u64, |sum, (_, ms)| sum.checked_add(*ms));
        require(!each.items.is_empty() && each.ms >= MIN_LOOP_MS && sum == Some(each.ms), || {
            format!("loop {id}: ms must be the sum of its items")
        })?;
        for (slide, ms) in &each.items {
            require(*ms >= MIN_LOOP_MS, || format!("loop {id}: an item shorter than {MIN_LOOP_MS} ms"))?;
            require(m.slides.contains_key(slide), || format!("loop {id}: unknown slide {slide}"))?;
        }
    }
    Ok(())
}

fn check_screen(m: &Manifest, screen: &ManifestScreen) -> Result<(), String> {
    let id = &screen.id;
    let canvas = screen.canvas;
    let fits = |at: u32, length: u32, all: u32| length > 0 && at.checked_add(length).is_some_and(|end| end <= all);
    let inside = fits(canvas.x, screen.width, canvas.w) && fits(canvas.y, screen.height, canvas.h);
    require(inside && canvas.w <= SCREEN_SIDE && canvas.h <= SCREEN_SIDE, || format!("screen {id}: does not lie in its canvas"))?;
    let (first, last) = match m.kind {
        ProgramKind::Evergreen => (0, WEEK_SECONDS),
        ProgramKind::Kit => (0, m.max.unwrap_or_default()),
        ProgramKind::Monthly | ProgramKind::Urgent => (m.valid.from, m.valid.until.unwrap_or_default()),
    };
    let mut free = first;
    for (start, end, name, phase) in &screen.spans {
        require(*start >= free && start < end && *end <= last, || format!("screen {id}: spans must be sorted, disjoint and inside valid"))?;
        free = *end;
        let each = m.loops.get(name).ok_or_else(|| format!("screen {id}: unknown loop {name}"))?;
        require(*phase < each.ms, || format!("screen {id}: a phase beyond its loop"))?;
    }
    let used: BTreeSet<_> = screen.spans.iter().map(|span| &span.2).collect();
    let key = page_key(screen.width, screen.height);
    for (slide, _) in used.iter().filter_map(|name| m.loops.get(*name)).flat_map(|each| &each.items) {
        let page = m.slides.get(slide).and_then(|slide| slide.pages.get(&key));
        let file = page.and_then(|path| m.file(path.as_str()));
        require(file.is_some_and(|file| file.media_type == "text/html"), || format!("slide {slide}: no page of {key}"))?;
    }
    Ok(())
}
