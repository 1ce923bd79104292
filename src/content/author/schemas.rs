//! The JSON Schemas as text and as files for editors.
//! Never writes any other file.

use std::path::Path;

use serde_json::Value;

use crate::base::failure::Failure;
use crate::base::files::write_atomic;

/// A schema as it is printed and written.
pub fn pretty(schema: &Value) -> String {
    format!("{schema:#}\n")
}

/// Writes each schema to `<name>.schema.json` in a folder.
pub fn write(folder: &Path, schemas: &[(&str, Value)]) -> Result<(), Failure> {
    schemas.iter().try_for_each(|(name, schema)| {
        let path = folder.join(format!("{name}.schema.json"));
        write_atomic(&path, pretty(schema).as_bytes()).map_err(|error| Failure::io(&path, &error))
    })
}
