//! Whether git keeps the bytes of a content folder on every system: those of signed files, and the line ends of texts. Asks git about the
//! kinds of files, not about each. Never changes a file.

use std::path::Path;

use super::history;
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::text;

/// Signed files: a name as an example, and the line of `.gitattributes` that keeps their bytes.
const SIGNED: [(&str, &str); 2] = [("trust/root/1.json", "trust/** -text"), ("approvals/a/1.json", "approvals/** -text")];
/// Texts of a content folder.
const TEXTS: [(&str, &str); 4] = [
    ("slides/a/a.md", "*.md text eol=lf"),
    ("sites/a.yaml", "*.yaml text eol=lf"),
    ("slides/a/a.csv", "*.csv text eol=lf"),
    ("slides/a/a.vtt", "*.vtt text eol=lf"),
];
/// Texts of themes, beside the folder of the themes.
const THEMES: [(&str, &str); 2] = [("themes/a/theme.css", "*.css text eol=lf"), ("themes/a/layouts/a.html", "*.html text eol=lf")];

/// Warns of each folder, the content's and that of themes beside it, whose files git may write with other line ends. Nothing outside git.
pub fn check(root: &Path) -> Vec<Diagnostic> {
    let themes_of = |folder: &Path| if folder.join("themes").is_dir() { &THEMES[..] } else { &[] };
    let above = root.join("..");
    let content = missing_lines(root, &[&SIGNED[..], &TEXTS[..], themes_of(root)].concat());
    let beside = missing_lines(&above, themes_of(&above));
    let all = [(".gitattributes", content), ("../.gitattributes", beside)];
    all.iter().filter(|(_, lines)| !lines.is_empty()).map(|(path, lines)| fault(path, &lines.join("; "))).collect()
}

/// Lines for `.gitattributes` in a folder without which git does not keep these files.
fn missing_lines(folder: &Path, files: &[(&str, &'static str)]) -> Vec<&'static str> {
    let paths: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
    let Some(found) = history::text_attributes(folder, &paths) else { return Vec::new() };
    let is_kept = |(text, eol): &(String, String), line: &str| text == "unset" || line.ends_with("eol=lf") && eol == "lf";
    files.iter().zip(&found).filter(|((_, line), found)| !is_kept(found, line)).map(|((_, line), _)| *line).collect()
}

fn fault(path: &str, lines: &str) -> Diagnostic {
    Diagnostic::warning(
        "git-line-ends",
        SourceLocation::file(path),
        text!(
            vi: "trên Windows, git có thể ghi các tệp của thư mục này với dấu xuống dòng khác",
            en: "git on Windows may write files of this folder with other line ends"
        ),
        text!(vi: "thêm các dòng sau vào tệp này: {lines}", en: "add these lines to this file: {lines}"),
    )
}
