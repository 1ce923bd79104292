//! `bangtin trust apply`: collects the draft and its signatures, judges them as a player does, and makes the draft the root in force.
//! Never writes a root that a player would refuse.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::draft_output;
use super::drops::{self, DropArgs};
use super::folder::FolderArgs;
use crate::base::failure::Failure;
use crate::base::text::Text;
use crate::filing::{draft, drops as falling, signed_files};
use crate::office::alarm;
use crate::office::context::Context;
use crate::office::now::NowArgs;
use crate::trust::document::{SignedDocument as _, Verified};
use crate::trust::keys::KeyId;
use crate::trust::next_root::RootDraft;
use crate::trust::refusal::Refusal;
use crate::trust::root::Root;

/// Arguments as typed.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Signature files that are not beside the draft | Các tệp chữ ký không nằm cạnh dự thảo
    #[arg(long, value_name = "FILE", num_args = 1..)]
    signature: Vec<PathBuf>,
    #[command(flatten)]
    drops: DropArgs,
    #[command(flatten)]
    folder: FolderArgs,
    #[command(flatten)]
    now: NowArgs,
}

/// Runs the command.
pub fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let trust = args.folder.folder(context)?;
    let chain = signed_files::read_chain(&trust)?;
    let now = args.now.instant(context.zone())?;
    let Some(saved) = draft::read_draft(&trust, &chain)? else {
        let path = draft::path(&trust);
        let path = path.display();
        return Err(Failure::Refused(crate::text!(
            vi: "không có dự thảo văn bản phân quyền {path}; lập bằng: bangtin trust prepare",
            en: "there is no draft {path}; make one with: bangtin trust prepare"
        )));
    };
    let others: Vec<PathBuf> = args.signature.iter().map(|path| context.cwd.join(path)).collect();
    let old = chain.last().map(|files| &files.root);
    let signatures = draft::collect_signatures(&trust, old, &saved, &others)?;
    let root = signed_files::judge_root(old, saved.write().map_err(Failure::Refused)?, &signatures);
    let root =
        root.map_err(|refusal| missing_signatures((old, &saved), &signatures, &refusal, &draft_output::sign_command(context, &trust)))?;
    drops::enforce(falling::of(&trust, &chain, &root, now), args.drops, context)?;
    draft_output::print_changes(context, old, &saved);
    let path = draft::put_in_force(&trust, &root, &signatures)?;
    alarm::warn(context, &root, now);
    let (path, version) = (path.display(), root.body().version);
    context.print_text(&crate::text!(
        vi: "Văn bản phân quyền số {version} có hiệu lực ở đây: {path}\nĐưa vào git; đầu phát nhận nó khi phát hành: bangtin publish, hoặc riêng nó: bangtin trust publish --to KHO",
        en: "Root {version} is in force here: {path}\nCommit it; players get it when it is published: bangtin publish, or by itself: bangtin trust publish --to STORE"
    ));
    Ok(())
}

/// What a draft lacks: who has signed and who has not, and how to sign. `next`: the command.
fn missing_signatures(
    (old, saved): (Option<&Verified<Root>>, &RootDraft),
    signatures: &BTreeMap<KeyId, Vec<u8>>,
    refusal: &Refusal,
    next: &Text,
) -> Failure {
    let signed: BTreeSet<KeyId> = signatures.keys().copied().collect();
    // The name of the document's type is for machines.
    let bare = |text: &str| text.strip_prefix(Root::TYPE).and_then(|text| text.strip_prefix(": ")).unwrap_or(text).to_owned();
    let (version, Text { vi, en }) = (saved.root.version, refusal.text());
    let (vi, en) = (bare(vi), bare(en));
    let Text { mut vi, mut en } = crate::text!(vi: "dự thảo văn bản phân quyền số {version}: {vi}", en: "draft of root {version}: {en}");
    for root in old.map(Verified::body).into_iter().chain([&saved.root]) {
        let line = draft_output::signature_tally(root, &signed);
        vi.extend(["\n  ", &line.vi]);
        en.extend(["\n  ", &line.en]);
    }
    if refusal.is_retryable() {
        vi.extend(["\nký bằng: ", &next.vi]);
        en.extend(["\nsign it with: ", &next.en]);
    }
    Failure::Refused(Text { vi, en })
}
