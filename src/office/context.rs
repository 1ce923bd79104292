//! What every office command is given beside its own arguments: where the content is, which language to speak, how loudly.
//! Never reads the environment: the binary does.

use std::path::{Path, PathBuf};

use crate::base::browser;
use crate::base::color::Pens;
use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::failure::Failure;
use crate::base::text::{Lang, Text, printable_lines};
use crate::content::model::values::Content;
use crate::content::{model, source};
use crate::publish::withdrawals::Done;

/// The common options, validated.
#[derive(Clone, Debug)]
pub struct Context {
    /// The content folder given with `--content`, else `None`.
    pub content: Option<PathBuf>,
    /// The language of messages.
    pub lang: Lang,
    /// No word beyond what was asked for.
    pub quiet: bool,
    /// The folder in which the command was started.
    pub cwd: PathBuf,
    /// Where renditions of pictures and the memory of builds are kept.
    pub cache: Option<PathBuf>,
    /// What tells this very tool from every other: what another remembers is not used.
    pub tool: String,
    /// The variables of the process: where the access to stores is taken from.
    pub environment: Vec<(String, String)>,
    /// Whether a person sees standard error, so that a bar on it may move.
    pub terminal: bool,
    /// Colour on standard output and on standard error.
    pub pens: Pens,
}

impl Context {
    /// The whole content, valid, and its warnings.
    ///
    /// # Errors
    /// All faults together, when one of them is an error.
    pub fn load(&self) -> Result<(Content, Vec<Diagnostic>), Failure> {
        let loaded = model::build_content(&source::read(&self.content_root()?)?);
        match loaded.content {
            Some(content) if loaded.faults.iter().all(|fault| fault.severity == Severity::Warning) => Ok((content, loaded.faults)),
            _ => Err(Failure::Content(loaded.faults)),
        }
    }

    /// Tells warnings on standard error, unless the person wants silence.
    pub fn print_warnings(&self, warnings: &[Diagnostic]) {
        if !self.quiet {
            warnings.iter().for_each(|warning| eprintln!("{}", warning.render(self.lang, self.pens.err)));
        }
    }

    /// Tells what was done on standard output, unless the person wants silence.
    pub fn print_text(&self, text: &Text) {
        if !self.quiet {
            println!("{}", printable_lines(text.get(self.lang)));
        }
    }

    /// Tells what must not go unnoticed on standard error, even to those who want silence.
    pub fn alarm(&self, text: &Text) {
        eprintln!("{} {}", self.pens.err.warning("bangtin:"), printable_lines(text.get(self.lang)));
    }

    /// Tells what was done on the way, unless the person wants silence; gives what came of the rest.
    pub fn tell<T>(&self, done: Done<T>) -> Result<T, Failure> {
        if let Some(warning) = done.warning.filter(|_| !self.quiet) {
            self.alarm(&warning);
        }
        if let Some(said) = &done.said {
            self.print_text(said);
        }
        done.end
    }

    /// Starts the browser of the person at this machine; the address alone is handed on.
    pub fn browse(&self, url: &str) {
        browser::open(&self.environment, url);
    }

    /// The content folder: the one named, else `content` here or in a folder above, else the folder itself or one above that holds
    /// `bangtin.yaml`.
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
}

fn no_content_folder(root: &Path) -> Failure {
    let root = root.display();
    Failure::Usage(crate::text!(
        vi: "không thấy bangtin.yaml trong {root}; hãy chỉ thư mục nội dung bằng --content THƯ_MỤC",
        en: "no bangtin.yaml in {root}; name the content folder with --content DIR"
    ))
}
