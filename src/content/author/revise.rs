//! Sets `revision` in the front matter of slides; every other byte stays. Reads each result back before any is written.
//! Never decides which slides: its caller does.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::base::diagnostic::Severity;
use crate::base::failure::Failure;
use crate::base::files;
use crate::base::limits::CONTENT_TEXT_BYTES;
use crate::content::source::front_matter::{self, YAML_LINE_OFFSET};
use crate::content::source::text::{SourceText, TextSpan};
use crate::content::source::yaml::{self, YamlKey, YamlNode, YamlValue};
use crate::text;

/// A slide's file with another revision, not yet written.
pub struct RevisedSlide {
    path: PathBuf,
    text: String,
}

/// What the slide in `slides/<source>` of a content folder becomes with a revision. Refuses a file that only a person can change safely.
pub fn with_revision(content: &Path, source: &str, revision: u64) -> Result<RevisedSlide, Failure> {
    let path = content.join("slides").join(source);
    let bytes = files::read_regular_file(&path, CONTENT_TEXT_BYTES).map_err(|error| Failure::io(&path, &error))?;
    let text = String::from_utf8(bytes).ok().and_then(|text| revised(&text, revision));
    let text = text.ok_or_else(|| {
        Failure::Refused(text!(
            vi: "slides/{source}: không tự sửa phần đầu tệp này được; hãy viết tay vào giữa hai dòng ---, thẳng cột với title: revision: {revision}",
            en: "slides/{source}: can't change this front matter safely; write by hand between the two --- lines, in the column of title: revision: {revision}"
        ))
    })?;
    Ok(RevisedSlide { path, text })
}

impl RevisedSlide {
    /// Puts it in the place of the old file.
    pub fn write(&self) -> Result<(), Failure> {
        files::write_atomic(&self.path, self.text.as_bytes()).map_err(|error| Failure::io(&self.path, &error))
    }
}

/// The text with the key set; `None` if it can't be done so that everything else is read as before.
fn revised(text: &str, revision: u64) -> Option<String> {
    let (entries, body) = read(text)?;
    let number = revision.to_string();
    let (first, _) = entries.first()?;
    let places = match entries.iter().find(|(key, _)| key.text == "revision") {
        Some((_, old)) => {
            let start = offset(text, old.span)?;
            let length = text[start..].chars().take(old.span.length as usize).map(char::len_utf8).sum::<usize>();
            vec![(start..start + length, number.clone())]
        }
        None => {
            let end = if text.split_inclusive('\n').next()?.ends_with("\r\n") { "\r\n" } else { "\n" };
            let line = format!("{}revision: {number}{end}", " ".repeat(first.span.column as usize - 1));
            let [close, above, inside] = [closing(text)?, offset(text, TextSpan { column: 1, ..first.span })?, offset(text, first.span)?];
            vec![(close..close, line.clone()), (above..above, line), (inside..inside, format!("revision: {number}, "))]
        }
    };
    let tried = places.into_iter().map(|(place, new)| [&text[..place.start], &new, &text[place.end..]].concat());
    let as_before = |set: &String| {
        read(set).is_some_and(|(found, same_body)| {
            let others = |entries: &[Entry]| {
                entries
                    .iter()
                    .filter(|(key, _)| key.text != "revision")
                    .map(|(key, node)| (key.text.clone(), plain(node)))
                    .collect::<Vec<_>>()
            };
            let given = found.iter().find(|(key, _)| key.text == "revision").map(|(_, node)| plain(node));
            given == Some(json!([number, true])) && others(&found) == others(&entries) && same_body == body
        })
    };
    tried.into_iter().find(as_before)
}

type Entry = (YamlKey, YamlNode);

/// The front matter and the body; `None` with any fault.
fn read(text: &str) -> Option<(Vec<Entry>, String)> {
    let file = SourceText::new("", text);
    let parts = front_matter::split(&file).ok()?;
    let mut faults = Vec::new();
    let node = yaml::parse(&file, parts.yaml, YAML_LINE_OFFSET, &mut faults)?;
    let YamlValue::Map(entries) = node.value else { return None };
    faults.iter().all(|fault| fault.severity == Severity::Warning).then(|| (entries, parts.body.to_owned()))
}

/// A value without its place.
fn plain(node: &YamlNode) -> Value {
    match &node.value {
        YamlValue::Scalar { text, unquoted } => json!([text, unquoted]),
        YamlValue::List(items) => items.iter().map(plain).collect(),
        YamlValue::Map(entries) => entries.iter().map(|(key, node)| (key.text.clone(), plain(node))).collect(),
    }
}

/// The byte at which the line begins that closes the front matter.
fn closing(text: &str) -> Option<usize> {
    let mut at = 0;
    let starts = text.split_inclusive('\n').map(|line| {
        at += line.len();
        (at - line.len(), line)
    });
    starts.skip(1).find(|(_, line)| line.trim_end() == "---").map(|(start, _)| start)
}

/// The byte of a place.
fn offset(text: &str, place: TextSpan) -> Option<usize> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let line = lines.get(place.line as usize - 1)?;
    let before: usize = lines[..place.line as usize - 1].iter().map(|line| line.len()).sum();
    Some(before + line.chars().take(place.column as usize - 1).map(char::len_utf8).sum::<usize>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_set_and_every_other_byte_stays() {
        for (text, expected) in [
            ("---\ntitle: a\n---\nb\nrevision: 1\n", "---\ntitle: a\nrevision: 3\n---\nb\nrevision: 1\n"),
            ("---\r\nrevision: 2 # hai\r\ntitle: a\r\n---\r\n", "---\r\nrevision: 3 # hai\r\ntitle: a\r\n---\r\n"),
            ("---\r\ntitle: a\r\n---\r\nb", "---\r\ntitle: a\r\nrevision: 3\r\n---\r\nb"),
            ("---\n\"revision\": 1\ntitle: a\n---\n", "---\n\"revision\": 3\ntitle: a\n---\n"),
            ("---\n{title: ả, agency: b}\n---\n", "---\n{revision: 3, title: ả, agency: b}\n---\n"),
            ("---\n{title: ả, revision: 12}\n---\n", "---\n{title: ả, revision: 3}\n---\n"),
            ("---\ntitle: a\n...\n---\nb\n", "---\nrevision: 3\ntitle: a\n...\n---\nb\n"),
            ("---\n  title: a\n  agency: b\n---\n", "---\n  title: a\n  agency: b\n  revision: 3\n---\n"),
            ("---\nrevision:\n  1\ntitle: a\n---\n", "---\nrevision:\n  3\ntitle: a\n---\n"),
            ("---\n? revision\n: 1 # x\n---\n", "---\n? revision\n: 3 # x\n---\n"),
            ("---\ntitle: |\n  a\n# revision: 1\n---\n", "---\ntitle: |\n  a\n# revision: 1\nrevision: 3\n---\n"),
        ] {
            assert_eq!(revised(text, 3).as_deref(), Some(expected), "{text:?}");
        }
    }

    #[test]
    fn what_can_not_be_read_back_is_refused() {
        for text in [
            "",
            "title: a\n",
            "---\ntitle: a\n",
            "---\n---\n",
            "---\n- a\n---\n",
            "---\nrevision: \"1\"\n---\n",
            "---\nrevision: [1]\n---\n",
            "---\nrevision:\n---\n",
        ] {
            let set = revised(text, 3);
            assert!(set.as_ref().is_none_or(|set| read(set).is_some()), "{text:?}: {set:?}");
            assert!(set.is_none() || text.contains("\"1\""), "{text:?}: {set:?}");
        }
    }
}
