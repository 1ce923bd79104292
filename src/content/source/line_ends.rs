//! Whether git keeps the bytes of a content folder on every system: those of signed files, and the line ends of texts. Asks git about the
//! kinds of files, not about each. Names what git would wait for. Never changes a file.

use std::path::Path;

use super::{history, tree_faults};
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::text;

/// Whether git keeps what it must of a file, by its attributes `text` and `eol`.
type Rule = fn(&str, &str) -> bool;

/// Examples of the kinds of files in a content folder: signed ones, texts, media.
const CONTENT: [(&[&str], Rule); 3] = [
    (&["trust/root/1.json", "approvals/a/1.json"], |text, _| text == "unset"),
    (&["slides/a/a.md", "sites/a.yaml", "slides/a/a.csv", "slides/a/a.vtt"], keeps_lines),
    (&["media/a.jpg", "media/a.png", "media/a.mp4", "media/a.mp3"], keeps_bytes),
];
/// Those of themes, beside the folder of the themes: texts, fonts.
const THEMES: [(&[&str], Rule); 2] =
    [(&["themes/a/theme.css", "themes/a/layouts/a.html"], keeps_lines), (&["themes/a/fonts/a.woff2"], keeps_bytes)];

/// Warns of each folder, the content's and that of themes beside it, whose files git may write with other line endings. Nothing outside git.
pub fn check(root: &Path) -> Vec<Diagnostic> {
    let (above, all) = (root.join(".."), [&CONTENT[..], &THEMES].concat());
    let asked = || all.iter().flat_map(|(files, _)| *files).copied();
    let obstacle = history::obstacle(root, asked()).or_else(|| history::obstacle(&above, asked()).map(|path| format!("../{path}")));
    if let Some(path) = obstacle {
        return vec![tree_faults::not_a_file(&path)];
    }
    let has_themes = |folder: &Path| folder.join("themes").is_dir();
    let content = keeps(root, if has_themes(root) { &all[..] } else { &CONTENT[..] });
    let beside = !has_themes(&above) || keeps(&above, &THEMES);
    let told = [(".gitattributes", content), ("../.gitattributes", beside)];
    told.iter().filter(|(_, kept)| !kept).map(|(path, _)| fault(path)).collect()
}

/// Whether git keeps these kinds of files, which it is asked for at once; so it does outside git.
fn keeps(folder: &Path, kinds: &[(&[&str], Rule)]) -> bool {
    let (files, rules): (Vec<&str>, Vec<Rule>) =
        kinds.iter().flat_map(|(files, rule)| files.iter().map(move |file| (*file, *rule))).unzip();
    let found = history::text_attributes(folder, &files);
    found.is_none_or(|found| found.iter().zip(rules).all(|((text, eol), rule)| rule(text, eol)))
}

fn keeps_lines(text: &str, eol: &str) -> bool {
    text == "unset" || eol == "lf"
}

/// Of what is no text: git leaves it alone where it looks at the bytes itself (`auto`), and takes it for text where only line ends are given.
fn keeps_bytes(text: &str, eol: &str) -> bool {
    matches!(text, "unset" | "auto") || text == "unspecified" && eol == "unspecified"
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
