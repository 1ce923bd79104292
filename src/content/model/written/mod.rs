//! The files as written. One macro gives each its struct, its reading with positions and its JSON Schema, so keys can't differ.
//! Never decides whether values fit together.

mod collect;
mod files;
mod leaves;
mod suggest;

pub use collect::{FileFaults, FromYaml, NameMap, OneOrMany, Spanned};
pub use files::*;
pub use leaves::*;
pub use suggest::{KnownName, folded, known_names, language_names, nearest, nearest_of, suggest_known, suggest_nearest};

use schemars::SchemaGenerator;
use serde_json::Value;

/// Name of a schema and what its file is.
pub const SCHEMAS: [(&str, &str); 7] = [
    ("bangtin", "bangtin.yaml"),
    ("agencies", "agencies.yaml"),
    ("site", "sites/*.yaml"),
    ("calendar", "calendar/*.yaml"),
    ("playlist", "playlists/**/*.yaml"),
    ("slide", "slides/**/*.md (front matter)"),
    ("theme", "themes/*/theme.yaml"),
];

/// The JSON Schema of one kind of file; `None` for an unknown name.
pub fn schema(name: &str) -> Option<Value> {
    let mut generator = SchemaGenerator::default();
    let root = match name {
        "bangtin" => SettingsFile::schema(&mut generator),
        "agencies" => AgenciesFile::schema(&mut generator),
        "site" => SiteFile::schema(&mut generator),
        "calendar" => CalendarFile::schema(&mut generator),
        "playlist" => PlaylistFile::schema(&mut generator),
        "slide" => SlideFile::schema(&mut generator),
        "theme" => ThemeFile::schema(&mut generator),
        _ => return None,
    };
    let mut schema = root.to_value();
    let definitions = generator.take_definitions(true);
    if let Value::Object(map) = &mut schema {
        map.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
        map.insert("title".into(), name.into());
        if !definitions.is_empty() {
            map.insert("$defs".into(), Value::Object(definitions));
        }
    }
    Some(schema)
}
