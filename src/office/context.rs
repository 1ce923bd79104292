//! What every office command receives beside its own arguments: content folder, language, verbosity, environment.
//! Never reads the environment: the binary does.

use std::path::{Path, PathBuf};

use crate::base::browser;
use crate::base::color::Pens;
use crate::base::diagnostic::{self, Diagnostic, Severity};
use crate::base::failure::Failure;
use crate::base::text::{Lang, Text, printable_lines};
use crate::base::zone::TimeZone;
use crate::content::model::values::Content;
use crate::content::{model, source};
use crate::publish::withdrawals::Done;

/// The common options, validated.
#[derive(Clone, Debug)]
pub struct Context {
    /// From `--content`; `None` without it.
    pub content: Option<PathBuf>,
    pub lang: Lang,
    /// Print only the result.
    pub quiet: bool,
    /// The folder in which the command was started.
    pub cwd: PathBuf,
    /// Holds renditions of pictures and the cache of builds.
    pub cache: Option<PathBuf>,
    /// Identifies this executable: the cache of a different one is not used.
    pub tool: String,
    /// The variables of the process: credentials of stores are read from them.
    pub environment: Vec<(String, String)>,
    /// Whether standard error is a terminal, so that a progress bar may be shown.
    pub terminal: bool,
    pub pens: Pens,
}

impl Context {
    /// The valid content and its warnings; all faults together if one is an error.
    pub fn load(&self) -> Result<(Content, Vec<Diagnostic>), Failure> {
        let loaded = model::build_content(&source::read(&self.content_root()?)?);
        match loaded.content {
            Some(content) if loaded.faults.iter().all(|fault| fault.severity == Severity::Warning) => Ok((content, loaded.faults)),
            _ => Err(Failure::Content(loaded.faults)),
        }
    }

    /// The time zone of the content, whatever else in it is at fault; UTC where there is none.
    pub fn zone(&self) -> TimeZone {
        let settings = self.content_root().ok().and_then(|root| source::read_text(&root, "bangtin.yaml"));
        settings.and_then(|settings| model::time_zone(&settings)).unwrap_or(TimeZone::UTC)
    }

    /// Prints warnings on standard error, except with `--quiet`.
    pub fn print_warnings(&self, warnings: &[Diagnostic]) {
        if !self.quiet {
            self.print_faults(warnings);
        }
    }

    /// Prints errors and warnings on standard error, even with `--quiet`.
    pub fn print_faults(&self, faults: &[Diagnostic]) {
        faults.iter().for_each(|fault| crate::errln!("{}", fault.render(self.lang, self.pens.err)));
    }

    /// Prints what was done on standard output, except with `--quiet`.
    pub fn print_text(&self, text: &Text) {
        if !self.quiet {
            crate::outln!("{}", printable_lines(text.get(self.lang)));
        }
    }

    /// Prints an important warning on standard error, even with `--quiet`.
    pub fn alarm(&self, text: &Text) {
        crate::errln!("{} {}", self.pens.err.warning("bangtin:"), printable_lines(text.get(self.lang)));
    }

    /// Prints what was done, except with `--quiet`; returns the outcome.
    pub fn tell<T>(&self, done: Done<T>) -> Result<T, Failure> {
        if let Some(warning) = done.warning.filter(|_| !self.quiet) {
            self.alarm(&warning);
        }
        if let Some(said) = &done.said {
            self.print_text(said);
        }
        done.end
    }

    /// Ends a command. If faults of the content stopped it, they are printed and, after them, what was not done.
    pub fn end(&self, done: Result<(), Failure>, undone: &Text) -> Result<(), Failure> {
        match done {
            Err(Failure::Content(faults)) if !faults.is_empty() => {
                self.print_faults(&faults);
                let (Text { vi, en }, Text { vi: vi_count, en: en_count }) = (undone, diagnostic::counted(&faults));
                self.alarm(&crate::text!(vi: "{vi}: nội dung có {vi_count}", en: "{en}: the content has {en_count}"));
                Err(Failure::Content(Vec::new()))
            }
            done => done,
        }
    }

    /// Opens the address in the person's browser.
    pub fn browse(&self, url: &str) {
        browser::open(&self.environment, url);
    }

    /// The folders in which programs are looked for: the value of `PATH`.
    pub fn search_path(&self) -> &str {
        self.environment.iter().find(|(name, _)| name == "PATH").map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// The content folder: the one given, else `content` here or in a folder above, else this folder or one above with `bangtin.yaml`.
    pub fn content_root(&self) -> Result<PathBuf, Failure> {
        if let Some(named) = &self.content {
            let root = self.cwd.join(named);
            return if root.join("bangtin.yaml").is_file() { Ok(root) } else { Err(no_content_folder(&root)) };
        }
        let holds = |folder: &Path| folder.join("bangtin.yaml").is_file();
        for folder in self.cwd.ancestors() {
            let below = folder.join("content");
            if holds(&below) {
                return Ok(below);
            }
            if holds(folder) {
                return Ok(folder.to_owned());
            }
        }
        Err(no_content_folder(&self.cwd.join("content")))
    }

    /// The content folder, if it was neither named nor lies in the folder in which the command was started.
    pub fn content_elsewhere(&self) -> Option<PathBuf> {
        self.content_root().ok().filter(|root| self.content.is_none() && !root.starts_with(&self.cwd))
    }
}

fn no_content_folder(root: &Path) -> Failure {
    let (is_there, root) = (root.is_dir(), root.display());
    if !is_there {
        return Failure::Usage(crate::text!(
            vi: "không có thư mục {root}; hãy chỉ thư mục nội dung bằng --content THƯ_MỤC",
            en: "there is no folder {root}; name the content folder with --content DIR"
        ));
    }
    Failure::Usage(crate::text!(
        vi: "không thấy bangtin.yaml trong {root}; hãy chỉ thư mục nội dung bằng --content THƯ_MỤC",
        en: "no bangtin.yaml in {root}; name the content folder with --content DIR"
    ))
}
