//! `bangtin schema`: the JSON Schemas of all content files, for editors.
//! Never checks a file.

use std::path::PathBuf;

use crate::base::failure::Failure;
use crate::build::folders;
use crate::content::author::schemas;
use crate::content::model::written::{SCHEMAS, schema, suggest_nearest};
use crate::office::context::Context;
use crate::text;

#[allow(missing_docs, reason = "it would be shown as the description of the command, which `Command` gives")]
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Which one: bangtin, agencies, site, calendar, playlist, slide, theme | Tên lược đồ: bangtin, agencies, site, calendar, playlist, slide, theme
    name: Option<String>,
    /// Write NAME.schema.json files there | Ghi các tệp TÊN.schema.json vào thư mục này
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let names: Vec<&str> = SCHEMAS.iter().map(|(name, _)| *name).collect();
    if let Some(name) = args.name.as_deref()
        && !names.contains(&name)
    {
        let help = suggest_nearest(name, &names);
        let (vi, en) = (help.vi, help.en);
        return Err(Failure::Usage(text!(vi: "không có lược đồ “{name}”; {vi}", en: "there is no schema “{name}”; {en}")));
    }
    let chosen = names.into_iter().filter(|name| args.name.as_deref().is_none_or(|only| only == *name));
    let all: Vec<_> = chosen.filter_map(|name| Some((name, schema(name)?))).collect();
    if let Some(folder) = &args.out {
        let folder = context.cwd.join(folder);
        if let Ok(root) = context.content_root() {
            folders::refuse_inside_inputs(&root, &folder)?;
        }
        return schemas::write(&folder, &all);
    }
    if let [(_, only)] = all.as_slice() {
        crate::out!("{}", schemas::pretty(only));
    } else {
        let all: serde_json::Map<String, serde_json::Value> = all.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
        crate::out!("{}", schemas::pretty(&serde_json::Value::Object(all)));
    }
    Ok(())
}
