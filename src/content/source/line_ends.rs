//! Whether git keeps the bytes of a content folder on every system: those of signed files, and the line ends of texts. Asks git about the
//! kinds of files, not about each. Never changes a file.

use std::path::Path;

use super::history;
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::text;

/// Files of a content folder that are signed, as examples.
const SIGNED: [&str; 2] = ["trust/root/1.json", "approvals/a/1.json"];
/// Texts of a content folder.
const TEXTS: [&str; 4] = ["slides/a/a.md", "sites/a.yaml", "slides/a/a.csv", "slides/a/a.vtt"];
/// Texts of themes, beside the folder of the themes.
const THEMES: [&str; 2] = ["themes/a/theme.css", "themes/a/layouts/a.html"];

/// Warns of each folder, the content's and that of themes beside it, whose files git may write with other line endings. Nothing outside git.
pub fn check(root: &Path) -> Vec<Diagnostic> {
    let themes_of = |folder: &Path| if folder.join("themes").is_dir() { &THEMES[..] } else { &[] };
    let above = root.join("..");
    let content = keeps(root, &SIGNED, |text, _| text == "unset") && keeps(root, &[&TEXTS[..], themes_of(root)].concat(), keeps_lines);
    let beside = keeps(&above, themes_of(&above), keeps_lines);
    let all = [(".gitattributes", content), ("../.gitattributes", beside)];
    all.iter().filter(|(_, kept)| !kept).map(|(path, _)| fault(path)).collect()
}

/// Whether git keeps each of these files, by its attributes `text` and `eol`; so it does outside git.
fn keeps(folder: &Path, files: &[&str], rule: fn(&str, &str) -> bool) -> bool {
    history::text_attributes(folder, files).is_none_or(|found| found.iter().all(|(text, eol)| rule(text, eol)))
}

fn keeps_lines(text: &str, eol: &str) -> bool {
    text == "unset" || eol == "lf"
}

fn fault(path: &str) -> Diagnostic {
    Diagnostic::warning(
        "git-line-ends",
        SourceLocation::file(path),
        text!(
            vi: "trên Windows, git có thể ghi các tệp của thư mục này với dấu xuống dòng khác",
            en: "git on Windows may write files of this folder with other line endings"
        ),
        text!(vi: "thêm dòng này vào cuối tệp: * -text", en: "add this line at the end of this file: * -text"),
    )
}
