//! The files of a content folder that decide about one program, as one digest: it stays the same while nothing but the tool changes, and so
//! shows that a program made by another version is still what the content says (`docs/trust.md`, U1–U3). Never trusts a cache.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use chrono::Datelike as _;

use super::reading;
use super::render::Theme;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::files::read_regular_file;
use crate::base::ids::{SiteId, SlideId};
use crate::base::limits::{CONTENT_TEXT_BYTES, THEME_FILE_BYTES};
use crate::base::lock::MutexExt as _;
use crate::base::os;
use crate::content::model::values::{Content, Period};

/// The inputs of programs; each file is hashed once.
pub struct BuildInputFiles {
    root: PathBuf,
    known: Mutex<BTreeMap<String, Digest>>,
}

impl BuildInputFiles {
    /// Those of the content folder `root`.
    pub fn new(root: PathBuf) -> Self {
        Self { root, known: Mutex::default() }
    }

    /// SHA-256 over a line `<sha256>  <path>` for each file, sorted by path, as `sha256sum` prints them. `hashed`: digests of films and sounds
    /// that the program holds, which are long to read.
    pub fn digest(
        &self,
        content: &Content,
        (site, period): (&SiteId, Period),
        hashed: impl Fn(&str) -> Option<Digest>,
    ) -> Result<Digest, Failure> {
        let mut files: BTreeMap<String, PathBuf> =
            paths(content, site, period).into_iter().map(|path| (path.clone(), self.root.join(path))).collect();
        files.extend(Theme::input_files(&self.root, &content.settings.theme)?);
        let mut list = String::new();
        for (name, place) in files {
            let known = self.known.hold().get(&name).copied().or_else(|| hashed(&name));
            let digest = match known {
                Some(digest) => digest,
                None => file_digest(&name, &place, content).map_err(|error| Failure::io(&place, &error))?,
            };
            let _ = writeln!(list, "{digest}  {name}");
            self.known.hold().insert(name, digest);
        }
        Ok(Digest::of(list.as_bytes()))
    }
}

/// The digest of a file; of a text, with line feeds only, because git may write others on another machine.
fn file_digest(name: &str, place: &Path, content: &Content) -> std::io::Result<Digest> {
    if !["yaml", "md", "csv", "vtt", "html", "css", "txt"].contains(&name.rsplit('.').next().unwrap_or_default()) {
        return Digest::of_reader(os::open_regular(place)?).map(|(digest, _)| digest);
    }
    let bytes = read_regular_file(place, CONTENT_TEXT_BYTES.max(THEME_FILE_BYTES))?;
    let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
    let text = if name == "bangtin.yaml" { without_tool(&text, &content.settings.tool) } else { text };
    Ok(Digest::of(text.as_bytes()))
}

/// The settings without the line that names the tool. A line of another form stays, and then the tool's version is part of the digest.
fn without_tool(text: &str, tool: &str) -> String {
    let names_tool = |line: &str| {
        let value = line.strip_prefix("tool:").map(|value| value.split(" #").next().unwrap_or_default().trim());
        value.is_some_and(|value| value.trim_matches(['"', '\'']) == tool)
    };
    text.split_inclusive('\n').filter(|line| !names_tool(line)).collect()
}

/// The paths below the content folder: settings, agencies, the calendar of the month and of its eve, the site, its playlists, the slides that
/// these name with all translations, and what the slides use.
fn paths(content: &Content, site: &SiteId, period: Period) -> BTreeSet<String> {
    let mut paths = BTreeSet::from(["bangtin.yaml".to_owned(), "agencies.yaml".to_owned(), format!("sites/{site}.yaml")]);
    if let Period::Month(month) = period {
        let first = month.first_day();
        let years = [first, first.pred_opt().unwrap_or(first)].map(|day| day.year());
        paths.extend(years.iter().filter(|year| content.calendar.years.contains(year)).map(|year| format!("calendar/{year}.yaml")));
    }
    let shares = content.sites.get(site).into_iter().flat_map(|site| &site.shares);
    for list in shares.filter_map(|share| content.playlists.get(&(period, share.playlist.clone()))) {
        paths.insert(list.place.path.clone());
        for entry in &list.entries {
            let translation = |language| SlideId::parse(&format!("{}.{language}", entry.slide));
            let translations = content.settings.languages.iter().filter_map(translation);
            for id in std::iter::once(entry.slide.clone()).chain(translations) {
                paths.extend(content.slides.get(&id).into_iter().flat_map(|slide| reading::inputs(&id, slide).map(Cow::into_owned)));
            }
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_line_that_names_the_tool_is_left_out() {
        for line in ["tool: 1.0.0", "tool:  \"1.0.0\"", "tool: 1.0.0 # pinned"] {
            assert_eq!(without_tool(&format!("name: A\n{line}\ntheme: b\n"), "1.0.0"), "name: A\ntheme: b\n", "{line}");
        }
        for line in ["tool: 1.0.0, theme: b", " tool: 1.0.0", "tool: 1.0.1", "tools: 1.0.0", "tool:\n  1.0.0"] {
            let text = format!("name: A\n{line}\n");
            assert_eq!(without_tool(&text, "1.0.0"), text, "{line}");
        }
    }
}
