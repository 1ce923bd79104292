//! `bangtin trust apply`: collects the draft and its signatures, judges them as a player will, and makes the draft the root in force.
//! Never writes a root that a player would refuse.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::drops;
use super::folder::FolderArgs;
use super::tell;
use crate::base::failure::Failure;
use crate::base::files;
use crate::base::limits::SIGNATURE_BYTES;
use crate::base::text::Text;
use crate::base::zone::Zone;
use crate::filing;
use crate::filing::draft::{self, Lying};
use crate::filing::signed_files;
use crate::office::alarm;
use crate::office::context::Context;
use crate::office::now::NowArgs;
use crate::trust::document::Verified;
use crate::trust::judge;
use crate::trust::keys::Kid;
use crate::trust::next_root;
use crate::trust::refusal::Refusal;
use crate::trust::root::Root;

/// Arguments as typed.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Signature files that do not lie beside the draft / các tệp chữ ký không nằm cạnh bản thảo
    #[arg(long, value_name = "FILE", num_args = 1..)]
    signature: Vec<PathBuf>,
    /// Go on although programs lose their approval / vẫn làm dù có chương trình mất hiệu lực duyệt
    #[arg(long)]
    accept_drop: bool,
    #[command(flatten)]
    folder: FolderArgs,
    #[command(flatten)]
    now: NowArgs,
}

/// Runs the command.
pub fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let trust = args.folder.folder(context)?;
    let chain = signed_files::chain_in(&trust)?;
    let now = args.now.instant(Zone::UTC)?;
    let Some(lying) = draft::lying(&trust, &chain)? else {
        let path = draft::path(&trust);
        let path = path.display();
        return Err(Failure::Refused(crate::text!(
            vi: "không có bản thảo {path}; lập bằng: bangtin trust prepare",
            en: "there is no draft {path}; make one with: bangtin trust prepare"
        )));
    };
    let mut files = draft::signatures(&draft::path(&trust))?;
    for path in &args.signature {
        let path = context.cwd.join(path);
        files.push(files::read_limited(&path, SIGNATURE_BYTES).map_err(|error| Failure::io(&path, &error))?);
    }
    let old = chain.last().map(|files| &files.root);
    let signatures = signatures(old, &lying, &files);
    let root = judged(old, &lying, &signatures).map_err(|refusal| missing(old, &lying, &signatures, &refusal))?;
    drops::demand(filing::drops::of(&trust, &chain, &root, now), args.accept_drop.into(), context)?;
    tell::changes(context, old, &lying.draft);
    let path = write(&trust, &root, &signatures)?;
    draft::discard(&trust)?;
    alarm::warn(context, &root, now);
    let (path, version) = (path.display(), root.body().version);
    context.say(&crate::text!(
        vi: "văn bản gốc {version} có hiệu lực ở đây: {path}\nĐưa vào git; máy chiếu nhận nó khi phát hành: bangtin publish, hoặc riêng nó: bangtin trust publish --to KHO",
        en: "root {version} is in force here: {path}\nCommit it; players get it when it is published: bangtin publish, or by itself: bangtin trust publish --to STORE"
    ));
    Ok(())
}

/// The signatures that some root key of the old or the new root made, by holder.
fn signatures(old: Option<&Verified<Root>>, lying: &Lying, files: &[Vec<u8>]) -> BTreeMap<Kid, Vec<u8>> {
    let mut all = BTreeMap::new();
    for root in old.map(Verified::body).into_iter().chain([&lying.draft.root]) {
        all.extend(next_root::signed_by(root, &root.roles.root.keys, &lying.bytes, files));
    }
    all
}

/// The player's own judgement.
fn judged(old: Option<&Verified<Root>>, lying: &Lying, signatures: &BTreeMap<Kid, Vec<u8>>) -> Result<Verified<Root>, Refusal> {
    let all: Vec<_> = signatures.values().cloned().collect();
    match old {
        None => judge::initial_root(lying.bytes.clone(), all),
        Some(old) => judge::root_signed_by_old(old, &lying.bytes, all.clone())?.finish(all),
    }
}

fn missing(old: Option<&Verified<Root>>, lying: &Lying, signatures: &BTreeMap<Kid, Vec<u8>>, refusal: &Refusal) -> Failure {
    let signed: BTreeSet<Kid> = signatures.keys().copied().collect();
    let (mut vi, mut en) = (refusal.text().vi.clone(), refusal.text().en.clone());
    for root in old.map(Verified::body).into_iter().chain([&lying.draft.root]) {
        let line = tell::tally(root, &signed);
        vi = vi + "\n  " + &line.vi;
        en = en + "\n  " + &line.en;
    }
    Failure::Refused(Text { vi, en })
}

/// Signatures first, the root last: whoever is stopped between them has written nothing that counts.
fn write(trust: &Path, root: &Verified<Root>, signatures: &BTreeMap<Kid, Vec<u8>>) -> Result<PathBuf, Failure> {
    let version = root.body().version;
    let path = trust.join(format!("root/{version}.json"));
    let beside = |kid: &Kid| trust.join(format!("root/{version}.json.{kid}.minisig"));
    // What an attempt that was stopped left behind may be signatures of another draft.
    if path.symlink_metadata().is_err() {
        for kid in signed_files::signatures_of(&path)?.keys() {
            let stale = beside(kid);
            fs::remove_file(&stale).map_err(|error| Failure::io(&stale, &error))?;
        }
    }
    for (kid, signature) in signatures {
        signed_files::replace_orphan(&beside(kid), &path, signature)?;
    }
    signed_files::add(&path, root.bytes())?;
    Ok(path)
}
