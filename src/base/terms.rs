//! Terms that the content and the formats share: kinds of program, what a program was made by and from, where a face lies in the output.
//! Never holds a rule about them.

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::text::Text;

/// The kind of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProgramKind {
    /// A calendar month.
    Monthly,
    /// The week that plays when no monthly program covers the moment.
    Evergreen,
    /// An interruption, for a bounded time.
    Urgent,
    /// An interruption approved in advance, shown only on a kit release.
    Kit,
}

impl ProgramKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Monthly, Self::Evergreen, Self::Urgent, Self::Kit];

    /// The word in the formats.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Monthly => "monthly",
            Self::Evergreen => "evergreen",
            Self::Urgent => "urgent",
            Self::Kit => "kit",
        }
    }

    /// The name for people.
    pub fn display_name(self) -> Text {
        match self {
            Self::Monthly => crate::text!(vi: "chương trình tháng", en: "monthly program"),
            Self::Evergreen => crate::text!(vi: "chương trình thường xuyên", en: "evergreen program"),
            Self::Urgent => crate::text!(vi: "chương trình khẩn cấp", en: "urgent program"),
            Self::Kit => crate::text!(vi: "chương trình khẩn cấp duyệt sẵn", en: "kit"),
        }
    }

    /// A program's title with the name of its kind, unless the title says the kind itself, as most do.
    pub fn titled(self, title: &str) -> Text {
        let Text { vi, en } = self.display_name();
        let said = |kind: &str| title.to_lowercase().contains(kind);
        let with = |kind: &str| if said(&vi) || said(&en) { format!("“{title}”") } else { format!("{kind} “{title}”") };
        Text { vi: with(&vi), en: with(&en) }
    }

    /// A program by its title, as in a sentence: the kind too, in English always.
    pub fn named(self, title: &str) -> Text {
        let (Text { vi, .. }, Text { en, .. }) = (self.titled(title), self.display_name());
        Text { vi, en: format!("{en} “{title}”") }
    }
}

/// What made a program, and from what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildOrigin {
    /// Version of bangtin.
    pub tool: String,
    /// Digest of the files of the content folder that decide about the program.
    pub inputs: Digest,
}

/// The machine's output in pixels, and the face's upper left corner in it. Fields are in the order of their names: see the manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Canvas {
    /// Size of the output.
    pub h: u32,
    pub w: u32,
    /// Corner of the face.
    pub x: u32,
    pub y: u32,
}
