//! Bytes in, positions kept: walk, front matter, YAML, Markdown, media facts.
//! Never knows a playlist.

mod alike;
mod authored;
pub mod captions;
pub mod characters;
mod codings;
pub mod conflict;
mod ebml;
pub mod emphasis;
pub mod front_matter;
pub mod history;
mod iso_boxes;
mod iso_fragments;
mod iso_index;
mod legacy;
mod legal_names;
pub mod line_ends;
pub mod machine_files;
pub mod markdown;
pub mod markdown_check;
pub mod media;
mod recording;
pub mod screen_texts;
pub mod shown;
mod sound_index;
pub mod syllable;
pub mod table;
mod table_faults;
pub mod text;
pub mod themes;
pub mod tree;
mod tree_faults;
pub mod walk;
mod webm_blocks;
mod webm_index;
pub mod weight;
pub mod yaml;
mod yaml_faults;

pub use tree::{ContentTree, read, read_text};
