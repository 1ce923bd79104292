//! `bangtin trust sign`: shows a holder what a draft of the root changes, and signs it, offline, with only draft and old root.
//! Never signs what it can't show.

use std::path::{Path, PathBuf};

use super::draft_output;
use super::drops;
use crate::base::failure::Failure;
use crate::base::text::Text;
use crate::base::times::Timestamp;
use crate::filing::draft;
use crate::filing::drops as falling;
use crate::filing::signed_files;
use crate::office::confirm::{self, Confirmation};
use crate::office::context::Context;
use crate::office::now::NowArgs;
use crate::office::sign::secrets::{self, PasswordArgs};
use crate::trust::document::Verified;
use crate::trust::next_root::RootDraft;
use crate::trust::root::{Root, SignedRoot};

/// Arguments as typed.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The draft: trust/draft/root.json, or a copy of it | Dự thảo văn bản phân quyền: trust/draft/root.json, hoặc bản sao của nó
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Your secret root key | Khóa phân quyền (khóa bí mật) của bạn
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The root in force, its signatures beside it [default: the newest in ../root beside the draft] | Văn bản phân quyền đang hiệu lực, chữ ký đặt bên cạnh [mặc định: bản mới nhất trong ../root cạnh dự thảo]
    #[arg(long, value_name = "FILE")]
    old: Option<PathBuf>,
    /// Do not ask before signing | Không hỏi lại trước khi ký
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    password: PasswordArgs,
    #[command(flatten)]
    now: NowArgs,
}

/// Runs the command.
pub fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let file = context.cwd.join(&args.file);
    let bytes = draft::read(&file)?;
    let chain = chain(&file, args.old.as_ref().map(|old| context.cwd.join(old)))?;
    let old = chain.last().map(|files| &files.root);
    let shown = args.file.display();
    let draft = draft::parse(&file, old, &bytes)
        .map_err(|Text { vi, en }| Failure::Refused(crate::text!(vi: "{shown}: {vi}; không ký", en: "{shown}: {en}; it is not signed")))?;
    if !args.yes {
        confirm::ensure_can_ask()?;
    }
    draft_output::print_changes(context, old, &draft);
    draft_output::print_root_threshold(context, &draft);
    draft_output::print_signers(context, old, &draft)?;
    let now = args.now.instant(context.zone())?;
    print_drops(&file, &chain, &draft, context, now);
    let key = secrets::open(context, &args.key, &args.password)?;
    let kid = key.public().kid();
    let holds = |root: &Root| root.roles.root.keys.contains(&kid);
    if !holds(&draft.root) && !old.is_some_and(|old| holds(old.body())) {
        return Err(Failure::Refused(crate::text!(
            vi: "khóa {kid} không phải khóa phân quyền trong văn bản cũ lẫn mới; không ký",
            en: "key {kid} is a root key neither of the old root nor of the new one; it is not signed"
        )));
    }
    // A holder knows the roots that she has signed: nobody else can make her signature, and each later root is verified by the one before
    // it.
    if old.is_some() && !chain.iter().any(|files| files.is_signed_by(kid)) {
        context.alarm(&unknown_root_warning(old));
    }
    let question = crate::text!(vi: "Ký văn bản phân quyền này? [c/K] ", en: "Sign this root? [y/N] ");
    if !confirm::confirm(context, if args.yes { Confirmation::Given } else { Confirmation::Ask }, &question)? {
        return Err(Failure::Refused(crate::text!(vi: "không ký; chưa có chữ ký nào được ghi", en: "nothing was signed")));
    }
    let version = draft.root.version;
    let signature = key.sign(&bytes, &format!("root/{version}.json"), now).map_err(Failure::Refused)?;
    let path = draft::add_signature(&file, kid, &signature)?;
    context.print_text(&signed_text(context, &file, &path));
    Ok(())
}

/// What was signed, and what comes next: a copy of the draft elsewhere has its signature carried back.
fn signed_text(context: &Context, file: &Path, signature: &Path) -> Text {
    let real = |path: &Path| path.canonicalize().ok();
    let draft = context.content_root().ok().and_then(|root| real(&draft::path(&root.join("trust"))));
    let path = signature.display();
    if draft.is_some() && draft == real(file) {
        return crate::text!(
            vi: "Đã ký: {path}\nKhi đủ chữ ký, chạy: bangtin trust apply",
            en: "Signed: {path}\nOnce enough have signed, run: bangtin trust apply"
        );
    }
    crate::text!(
        vi: "Đã ký: {path}\nChuyển tệp này về đặt cạnh dự thảo, rồi ở đó chạy: bangtin trust apply",
        en: "Signed: {path}\nCarry this file back beside the draft; there: bangtin trust apply"
    )
}

/// Prints what the draft takes off the screens, as far as the approvals lie beside it.
fn print_drops(draft_file: &Path, chain: &[SignedRoot], draft: &RootDraft, context: &Context, now: Timestamp) {
    let trust = draft_file.parent().and_then(Path::parent);
    let dropped = |trust: &Path| draft.as_test_root().map_err(Failure::Refused).and_then(|new| falling::of(trust, chain, &new, now));
    if let Some(trust) = trust {
        drops::print_drops(dropped(trust), context);
    }
}

/// The roots up to the one in force: the given file alone, else those beside the draft's folder; empty if there are none.
fn chain(draft: &Path, named: Option<PathBuf>) -> Result<Vec<SignedRoot>, Failure> {
    if let Some(named) = named {
        return Ok(vec![SignedRoot { root: draft::root_file(&named)?, signatures: signed_files::read_signatures(&named)? }]);
    }
    draft.parent().and_then(Path::parent).map_or_else(|| Ok(Vec::new()), signed_files::read_chain)
}

/// An old root could be forged together with the draft, to hide what it changes.
fn unknown_root_warning(old: Option<&Verified<Root>>) -> Text {
    let (version, digest) = old.map_or_else(Default::default, |old| (old.body().version, old.digest().to_string()));
    crate::text!(
        vi: "CẢNH BÁO: khóa của bạn chưa ký văn bản phân quyền nào ở đây, nên văn bản phân quyền số {version} có thể bị làm giả để giấu thay đổi; hãy đối chiếu SHA-256 của nó với người giữ khóa khác: {digest}",
        en: "WARNING: your key has signed none of the roots here, so root {version} could be made up to hide a change; compare its SHA-256 with another holder's: {digest}"
    )
}
