//! `bangtin trust publish`: puts only the roots into a store, and signatures that its withdrawals lack, so that a key can be revoked at once,
//! whatever the content is like. Needs no key, because what it sends carries its own signatures. Never writes a head.

use std::collections::BTreeSet;

use super::draft_output;
use super::drops::{self, DropArgs};
use super::folder::FolderArgs;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::numbers;
use crate::base::text::Text;
use crate::filing::draft;
use crate::filing::signed_files;
use crate::office::access::{self, NewStoreArgs};
use crate::office::alarm;
use crate::office::context::Context;
use crate::office::now::NowArgs;
use crate::publish::withdrawal_signatures::MissingSignatures;
use crate::publish::{root_effect, roots};
use crate::store::backend::StoreBackend;

/// Arguments as typed.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The store: a folder, file://, s3://, gs://, az://, http(s):// (WebDAV) | Kho: thư mục, file://, s3://, gs://, az://, http(s):// (WebDAV)
    #[arg(long, value_name = "URL")]
    to: String,
    #[command(flatten)]
    new_store: NewStoreArgs,
    #[command(flatten)]
    drops: DropArgs,
    #[command(flatten)]
    folder: FolderArgs,
    #[command(flatten)]
    now: NowArgs,
}

/// Runs the command.
pub fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let folder = args.folder.folder(context)?;
    let chain = signed_files::read_roots(&folder)?;
    let newest = signed_files::newest(&chain)?;
    let now = args.now.instant(context.zone())?;
    alarm::warn(context, newest, now);
    let version = newest.body().version;
    let store = access::parse_address(&args.to, context)?.open(&context.environment)?;
    let sites = access::waiting(context, &args.to, || sites(&*store, context))?;
    let signatures = MissingSignatures::find(&*store, &chain, &folder)?;
    let effect = root_effect::of(&*store, (&chain, &signatures), &sites, now)?;
    effect.unsigned_text(&args.to).iter().for_each(|text| context.alarm(text));
    drops::consent(&effect, args.drops, context)?;
    let signed = signatures.send(&*store)?;
    let count = roots::publish(&*store, &chain, version, sites, args.new_store.answer())?;
    let (to, told) = (store.name(), numbers::counted(count, "site"));
    let Text { vi, en } = match count {
        0 => crate::text!(vi: "các cụm đã biết từ trước", en: "the sites already know it"),
        _ => crate::text!(vi: "đã báo cho {count} cụm", en: "notified: {told}"),
    };
    context.print_text(&crate::text!(
        vi: "{to}: có đủ văn bản phân quyền đến số {version}; {vi}",
        en: "{to}: holds the roots up to {version}; {en}"
    ));
    signed.iter().for_each(|text| context.print_text(text));
    // A draft that can't be read waits too, but the roots are published.
    let waiting = draft::waiting(&folder, &chain).unwrap_or_else(|failure| {
        failure.text().iter().for_each(|text| context.alarm(text));
        None
    });
    waiting.iter().for_each(|(draft, signed)| draft_output::print_waiting(context, &folder, (draft, *signed)));
    Ok(())
}

/// The sites of the store; of the content, if the store can't list.
fn sites(store: &dyn StoreBackend, context: &Context) -> Result<BTreeSet<SiteId>, Failure> {
    match store.list("sites")? {
        Some(entries) => Ok(entries.iter().filter_map(|entry| SiteId::parse(entry.path.split('/').nth(1)?)).collect()),
        None => Ok(context.load()?.0.sites.into_keys().collect()),
    }
}
