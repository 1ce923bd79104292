//! `bangtin trust show`: who may sign what, in words. Reads the roots through the player's own checks.
//! Never judges anything else.

use std::fmt::Write as _;

use super::folder::FolderArgs;
use crate::base::failure::Failure;
use crate::base::terms::Kind;
use crate::base::text::{Lang, Text};
use crate::base::zone::Zone;
use crate::filing::signed_files;
use crate::office::alarm;
use crate::office::context::Context;
use crate::office::now::NowArgs;
use crate::trust::document::Common;
use crate::trust::keys::Kid;
use crate::trust::root::Root;
use crate::trust::root_changes;

/// Arguments as typed.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The root document as JSON / in văn bản gốc dạng JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    folder: FolderArgs,
    #[command(flatten)]
    now: NowArgs,
}

/// Runs the command.
pub fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let folder = args.folder.folder(context)?;
    let chain = signed_files::roots_in(&folder)?;
    let root = signed_files::newest(&chain)?;
    alarm::warn(context, root, args.now.instant(Zone::UTC)?);
    if args.json {
        print!("{}", String::from_utf8_lossy(root.bytes()));
    } else {
        print!("{}", in_words(root.body(), Common { root_id: root.root_id(), issued: root.issued() }, context.lang));
    }
    Ok(())
}

/// All that a root says.
pub fn in_words(root: &Root, common: Common, lang: Lang) -> String {
    let (version, issued, expires, id) = (root.version, common.issued, root.expires, common.root_id);
    let mut out = String::new();
    let mut line = |text: Text| {
        let _ = writeln!(out, "{}", text.get(lang));
    };
    line(crate::text!(vi: "Văn bản gốc số {version}, hệ thống {id}", en: "Root document {version}, installation {id}"));
    line(crate::text!(vi: "  ký {issued}, nên thay trước {expires}", en: "  signed {issued}, to be renewed before {expires}"));
    let group = &root.roles.root;
    line(threshold(crate::text!(vi: "Thay văn bản gốc", en: "Renew the root"), group.threshold, group.keys.len()));
    group.keys.iter().for_each(|kid| line(holder(root, *kid)));
    let group = &root.roles.publish;
    let epoch = group.epoch;
    let what = crate::text!(vi: "Phát hành (đợt {epoch})", en: "Publish (epoch {epoch})");
    line(threshold(what, group.threshold, group.keys.len()));
    group.keys.iter().for_each(|kid| line(holder(root, *kid)));
    for (name, role) in &root.roles.review {
        let Text { vi, en } = root_changes::scope(role);
        let what = crate::text!(vi: "Duyệt, vai {name} ({vi})", en: "Review, role {name} ({en})");
        line(threshold(what, role.threshold, role.keys.len()));
        role.keys.iter().for_each(|kid| line(holder(root, *kid)));
    }
    line(crate::text!(vi: "Phải được duyệt bởi", en: "Must be approved by"));
    let requires = &root.requires;
    let general = [
        (Kind::Monthly, &requires.monthly),
        (Kind::Evergreen, &requires.evergreen),
        (Kind::Urgent, &requires.urgent),
        (Kind::Kit, &requires.kit),
    ];
    for (kind, roles) in general {
        let (kind, roles) = (kind.name().get(lang).to_owned(), join(roles.iter().map(ToString::to_string)));
        line(crate::text!(vi: "  {kind}: {roles}", en: "  {kind}: {roles}"));
    }
    for (site, own) in &requires.sites {
        let lists = [(Kind::Monthly, &own.monthly), (Kind::Evergreen, &own.evergreen), (Kind::Urgent, &own.urgent), (Kind::Kit, &own.kit)];
        for (kind, roles) in lists.into_iter().filter_map(|(kind, roles)| Some((kind, roles.as_ref()?))) {
            let (kind, roles) = (kind.name().get(lang).to_owned(), join(roles.iter().map(ToString::to_string)));
            line(crate::text!(vi: "  {kind} tại {site}: {roles}", en: "  {kind} at {site}: {roles}"));
        }
    }
    out
}

fn threshold(what: Text, threshold: u64, count: usize) -> Text {
    let Text { vi, en } = what;
    crate::text!(vi: "{vi}: {threshold} trong {count} khóa", en: "{en}: {threshold} of {count} keys")
}

fn holder(root: &Root, kid: Kid) -> Text {
    let name = root.person(kid);
    crate::text!(vi: "  {kid}  {name}", en: "  {kid}  {name}")
}

fn join(names: impl Iterator<Item = String>) -> String {
    names.collect::<Vec<_>>().join(", ")
}
