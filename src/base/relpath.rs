//! Paths inside a program, checked once, in the constructor. A hostile name is refused, never corrected.
//! Never touches a file system.

use std::fmt;
use std::sync::Arc;

use super::limits::PATH_BYTES;

/// A path of `[a-z0-9._/@-]` with no empty, `.` or `..` part and no trailing dot in a part, at most 255 bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelPath(Arc<str>);

impl RelPath {
    /// Accepts a well-formed path; `None` for any other.
    pub fn parse(text: &str) -> Option<Self> {
        Self::is_well_formed(text).then(|| Self(text.into()))
    }

    /// Whether [`Self::parse`] accepts a path.
    pub fn is_well_formed(text: &str) -> bool {
        let legal = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || b"._/@-".contains(&c);
        let part = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.ends_with('.');
        text.len() <= PATH_BYTES && text.bytes().all(legal) && text.split('/').all(part)
    }

    /// The path as text, parts joined by `/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text after the last dot of the last part; empty without a dot.
    pub fn extension(&self) -> &str {
        let name = self.0.rsplit('/').next().unwrap_or_default();
        name.rsplit_once('.').map_or("", |(_, extension)| extension)
    }
}

impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

crate::as_text!(RelPath, "a path holds only a-z 0-9 . _ / @ - and no empty, '.' or '..' part");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_are_refused() {
        let long = "a".repeat(256);
        for name in [
            "",
            "/",
            "/etc/passwd",
            "a//b",
            "a/",
            "./a",
            "a/./b",
            "../a",
            "a/../b",
            "a\\b",
            "C:/a",
            "A",
            "a b",
            "a\0b",
            "a%2e",
            "é",
            "a.",
            "a./b",
            "a?x",
            "a:b",
            &long,
        ] {
            assert_eq!(RelPath::parse(name), None, "{name:?}");
        }
    }

    #[test]
    fn plain_names_pass_and_give_their_extension() {
        for (name, extension) in [("program.json", "json"), ("slides/du-lich/ban-gioc.en@1920x1080.html", "html"), ("a.b/c", "")] {
            assert_eq!(RelPath::parse(name).unwrap().extension(), extension);
        }
    }
}
