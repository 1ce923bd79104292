//! Sets `revision` in the front matter of slides; every other byte stays.
//! Never decides which slides: its caller does.

use std::path::Path;

use crate::base::failure::Failure;
use crate::base::files;
use crate::base::limits::CONTENT_TEXT_BYTES;
use crate::text;

/// Sets the revision of the slide in `slides/<source>` of a content folder.
pub fn set_revision(content: &Path, source: &str, revision: u64) -> Result<(), Failure> {
    let path = content.join("slides").join(source);
    let failed = |error: &std::io::Error| Failure::io(&path, error);
    let bytes = files::read_file_limited(&path, CONTENT_TEXT_BYTES).map_err(|error| failed(&error))?;
    let revised = String::from_utf8(bytes).ok().and_then(|text| with_revision(&text, revision));
    let revised = revised.ok_or_else(|| {
        let path = path.display();
        Failure::Refused(
            text!(vi: "{path}: không có phần đầu tệp giữa hai dòng ---", en: "{path}: has no front matter between two --- lines"),
        )
    })?;
    files::write_atomic(&path, revised.as_bytes()).map_err(|error| failed(&error))
}

/// The text with the key set; `None` without front matter.
fn with_revision(text: &str, revision: u64) -> Option<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let fence = |line: &str| line.trim_end() == "---";
    let first = lines.first().filter(|line| fence(line))?;
    let close = lines.iter().skip(1).position(|line| fence(line))? + 1;
    let end = if first.ends_with("\r\n") { "\r\n" } else { "\n" };
    let written = format!("revision: {revision}{end}");
    let at = lines[..close].iter().position(|line| line.starts_with("revision:"));
    let (before, after) = (&lines[..at.unwrap_or(close)], &lines[at.map_or(close, |at| at + 1)..]);
    Some([before.concat(), written, after.concat()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_set_and_every_other_byte_stays() {
        let set = |text: &str| with_revision(text, 3);
        assert_eq!(set("---\ntitle: a\n---\nb\nrevision: 1\n").as_deref(), Some("---\ntitle: a\nrevision: 3\n---\nb\nrevision: 1\n"));
        assert_eq!(set("---\r\nrevision: 2 # hai\r\ntitle: a\r\n---\r\n").as_deref(), Some("---\r\nrevision: 3\r\ntitle: a\r\n---\r\n"));
        assert_eq!(set("---\n---").as_deref(), Some("---\nrevision: 3\n---"));
        for broken in ["", "title: a\n", "---\ntitle: a\n"] {
            assert_eq!(set(broken), None, "{broken}");
        }
    }
}
