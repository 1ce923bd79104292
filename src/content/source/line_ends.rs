//! Whether git keeps the bytes of a content folder on every system: those of signed files, and the line ends of texts. Asks git about the
//! kinds of files, not about each. Names what git would wait for. Never changes a file.

use std::path::Path;

use super::{history, tree_faults};
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::text;

/// Files of a content folder that are signed, as examples.
const SIGNED: [&str; 2] = ["trust/root/1.json", "approvals/a/1.json"];
/// Texts of a content folder.
const TEXTS: [&str; 4] = ["slides/a/a.md", "sites/a.yaml", "slides/a/a.csv", "slides/a/a.vtt"];
/// Pictures, films and sounds of a content folder.
const MEDIA: [&str; 4] = ["media/a.jpg", "media/a.png", "media/a.mp4", "media/a.mp3"];
/// Texts of themes, beside the folder of the themes.
const THEMES: [&str; 2] = ["themes/a/theme.css", "themes/a/layouts/a.html"];
const FONTS: [&str; 1] = ["themes/a/fonts/a.woff2"];

/// Warns of each folder, the content's and that of themes beside it, whose files git may write with other line endings. Nothing outside git.
pub fn check(root: &Path) -> Vec<Diagnostic> {
    let asked = || [SIGNED.as_slice(), &TEXTS, &MEDIA, &THEMES, &FONTS].concat().into_iter();
    let obstacle =
        history::obstacle(root, asked()).or_else(|| history::obstacle(&root.join(".."), asked()).map(|path| format!("../{path}")));
    if let Some(path) = obstacle {
        return vec![tree_faults::not_a_file(&path)];
    }
    let themes =
        |folder: &Path| !folder.join("themes").is_dir() || keeps(folder, &THEMES, keeps_lines) && keeps(folder, &FONTS, keeps_bytes);
    let content = keeps(root, &SIGNED, |text, _| text == "unset") && keeps(root, &TEXTS, keeps_lines) && keeps(root, &MEDIA, keeps_bytes);
    let (content, beside) = (content && themes(root), themes(&root.join("..")));
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
