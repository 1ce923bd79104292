//! `bangtin schema`: the JSON Schemas of all content files, for editors.
//! Never checks a file.

use std::path::PathBuf;

use crate::base::failure::Failure;
use crate::base::files::write_atomic;
use crate::content::model::written::{SCHEMAS, nearest, schema};
use crate::office::context::Context;
use crate::text;

#[allow(missing_docs, reason = "it would be shown as the description of the command, which `Command` gives")]
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Which one: bangtin, agencies, site, calendar, playlist, slide, theme / tên lược đồ
    name: Option<String>,
    /// Write <name>.schema.json files there / ghi ra thư mục này
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let names: Vec<&str> = SCHEMAS.iter().map(|(name, _)| *name).collect();
    if let Some(name) = args.name.as_deref()
        && !names.contains(&name)
    {
        let help = nearest(name, &names);
        let (vi, en) = (help.vi, help.en);
        return Err(Failure::Usage(text!(vi: "không có lược đồ “{name}”; {vi}", en: "there is no schema “{name}”; {en}")));
    }
    let chosen = names.into_iter().filter(|name| args.name.as_deref().is_none_or(|only| only == *name));
    let schemas: Vec<_> = chosen.filter_map(|name| Some((name, schema(name)?))).collect();
    let pretty = |value: &serde_json::Value| serde_json::to_string_pretty(value).unwrap_or_default() + "\n";
    if let Some(folder) = &args.out {
        for (name, schema) in &schemas {
            let path = context.cwd.join(folder).join(format!("{name}.schema.json"));
            write_atomic(&path, pretty(schema).as_bytes()).map_err(|error| Failure::io(&path, &error))?;
        }
    } else if let [(_, only)] = schemas.as_slice() {
        print!("{}", pretty(only));
    } else {
        let all: serde_json::Map<String, serde_json::Value> = schemas.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
        print!("{}", pretty(&serde_json::Value::Object(all)));
    }
    Ok(())
}
