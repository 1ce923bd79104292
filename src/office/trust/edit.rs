//! `bangtin trust add`, `remove`, `prepare`: change the draft of the next root, which starts as a copy of the root in force.
//! Never signs, and never touches a root that is in force.

use std::path::PathBuf;

use super::draft_output;
use super::drops::{self, DropArgs};
use super::folder::FolderArgs;
use crate::base::failure::Failure;
use crate::base::help::Invalid;
use crate::base::text::Text;
use crate::base::times::Timestamp;
use crate::content::model::values::ApprovalPolicy;
use crate::content::plan::moment;
use crate::filing::draft;
use crate::filing::drops::{RootDrops, of as drops_of};
use crate::filing::keys;
use crate::filing::signed_files;
use crate::office::alarm;
use crate::office::args;
use crate::office::context::Context;
use crate::office::now::NowArgs;
use crate::text;
use crate::trust::next_root::{KeyRole, RootDraft};
use crate::trust::root::SignedRoot;

/// What any of these commands may change as well.
#[derive(clap::Args, Debug)]
struct EditArgs {
    /// How many keys of a role must sign | Số khóa của một vai trò phải ký
    #[arg(long, value_name = "ROLE=N", num_args = 1.., value_parser = parse_role_and_number)]
    threshold: Vec<(KeyRole, u64)>,
    /// Number releases from 1 again, after a publish key was stolen | Đánh số bản phát hành lại từ đầu khi lộ khóa phát hành
    #[arg(long)]
    bump_epoch: bool,
    /// When to renew the root at the latest [default: in two years] | Hạn thay văn bản phân quyền [mặc định: sau hai năm]
    #[arg(long, value_name = "DATE")]
    expires: Option<String>,
    /// Take roles and who must approve what from bangtin.yaml again | Lấy lại các vai trò và quy định duyệt từ bangtin.yaml
    #[arg(long)]
    policy: bool,
    #[command(flatten)]
    folder: FolderArgs,
    #[command(flatten)]
    now: NowArgs,
}

/// Arguments of `add` as typed.
#[derive(clap::Args, Debug)]
pub struct AddArgs {
    /// Who gets which role: root, publish or a reviewer role, and a public key's file | Ai giữ vai trò nào: root, publish hoặc vai trò duyệt, và tệp khóa công khai
    #[arg(value_name = "ROLE=FILE.pub", required = true, value_parser = args::parse_role_and_file)]
    keys: Vec<(KeyRole, PathBuf)>,
    #[command(flatten)]
    terms: EditArgs,
}

/// Arguments of `remove` as typed.
#[derive(clap::Args, Debug)]
pub struct RemoveArgs {
    /// The key, by its key id, its holder or its public key's file | Khóa cần bỏ, theo mã khóa, người giữ hoặc tệp khóa công khai
    #[arg(value_name = "KID|HOLDER|FILE.pub", required = true)]
    keys: Vec<String>,
    /// From this role only [default: from all] | Chỉ bỏ khỏi vai trò này [mặc định: mọi vai trò]
    #[arg(long, value_name = "ROLE", value_parser = args::parse_key_role)]
    role: Option<KeyRole>,
    #[command(flatten)]
    terms: EditArgs,
}

/// Arguments of `prepare` as typed.
#[derive(clap::Args, Debug)]
pub struct PrepareArgs {
    #[command(flatten)]
    drops: DropArgs,
    #[command(flatten)]
    terms: EditArgs,
}

fn parse_role_and_number(text: &str) -> Result<(KeyRole, u64), Invalid> {
    let form = || Invalid(text!(vi: "cần dạng VAI_TRÒ=N, N là số khóa", en: "the form is ROLE=N, N a number of keys"));
    let (role, number) = text.split_once('=').ok_or_else(form)?;
    Ok((args::parse_key_role(role)?, number.parse().map_err(|_| form())?))
}

/// How many calendar months a root is valid: two years.
pub const VALID_MONTHS: u32 = 24;

struct DraftEditor {
    trust: PathBuf,
    chain: Vec<SignedRoot>,
    draft: RootDraft,
    existed: bool,
    now: Timestamp,
}

impl DraftEditor {
    fn open(terms: &EditArgs, context: &Context) -> Result<Self, Failure> {
        let trust = terms.folder.folder(context)?;
        let chain = signed_files::read_chain(&trust)?;
        let now = terms.now.instant(context.zone())?;
        if let Some(last) = chain.last() {
            alarm::warn(context, &last.root, now);
        }
        if let Some(draft) = draft::read_draft(&trust, &chain)? {
            return Ok(Self { trust, chain, draft, existed: true, now });
        }
        let draft = RootDraft::successor_of(signed_files::newest(&chain)?, now, now.plus_months(VALID_MONTHS));
        Ok(Self { trust, chain, draft, existed: false, now })
    }

    fn root_in_force(&self) -> Option<&SignedRoot> {
        self.chain.last()
    }

    /// Makes the changes that every command can make. Returns whether there were any.
    fn apply(&mut self, terms: &EditArgs, context: &Context) -> Result<bool, Failure> {
        if terms.policy {
            self.draft.apply_policy(&policy(context)?).map_err(Failure::Refused)?;
        }
        for (seat, number) in &terms.threshold {
            self.draft.set_threshold(seat, *number)?;
        }
        if terms.bump_epoch
            && let Some(old) = self.chain.last()
        {
            self.draft.bump_epoch(old.root.body());
        }
        if let Some(text) = &terms.expires {
            self.draft.root.expires = moment::parse_later(text, context.zone(), self.now)?;
        }
        Ok(terms.policy || !terms.threshold.is_empty() || terms.bump_epoch || terms.expires.is_some())
    }

    fn write(&mut self, context: &Context) -> Result<(), Failure> {
        self.draft.common.issued = self.now;
        let (path, voided) = draft::write(&self.trust, &self.draft).map_err(with_remedy)?;
        let path = path.display();
        let Text { vi, en } = if voided {
            crate::text!(
                vi: "; các chữ ký đã có không còn giá trị, phải ký lại",
                en: "; the signatures made so far are void; everybody must sign again"
            )
        } else {
            crate::text!(vi: "", en: "")
        };
        context.print_text(&crate::text!(vi: "Đã ghi dự thảo văn bản phân quyền {path}{vi}", en: "Draft written to {path}{en}"));
        draft_output::print_changes(context, self.root_in_force().map(|files| &files.root), &self.draft);
        Ok(())
    }

    fn drops(&self) -> Result<RootDrops, Failure> {
        let new = self.draft.as_test_root().map_err(Failure::Refused)?;
        drops_of(&self.trust, &self.chain, &new, self.now)
    }
}

/// Adds the remedy: most edits that break a rule are done in the wrong order.
fn with_remedy(failure: Failure) -> Failure {
    match failure {
        Failure::Refused(Text { vi, en }) => Failure::Refused(crate::text!(
            vi: "{vi}. Dự thảo văn bản phân quyền không đổi. Thay khóa: thêm khóa mới trước, bỏ khóa cũ sau; đổi số chữ ký cần có bằng --threshold VAI_TRÒ=SỐ",
            en: "{en}. The draft is as it was. To replace a key, add the new one first, then remove the old one; change thresholds with --threshold ROLE=N"
        )),
        other => other,
    }
}

fn policy(context: &Context) -> Result<ApprovalPolicy, Failure> {
    Ok(context.load()?.0.settings.approval)
}

/// `trust add`.
pub fn add(args: &AddArgs, context: &Context) -> Result<(), Failure> {
    let mut state = DraftEditor::open(&args.terms, context)?;
    for (seat, file) in &args.keys {
        let holder = keys::read_public_key(&context.cwd.join(file))?;
        let new_role = matches!(seat, KeyRole::Review(role) if !state.draft.root.roles.review.contains_key(role));
        let rules = if new_role { Some(policy(context)?) } else { None };
        state.draft.add(seat, holder, rules.as_ref()).map_err(|failure| failure.about(&file.display()))?;
    }
    state.apply(&args.terms, context)?;
    state.write(context)?;
    if args.keys.iter().any(|(seat, _)| *seat == KeyRole::Root) {
        draft_output::print_root_threshold(context, &state.draft);
    }
    draft_output::print_next_prepare(context);
    Ok(())
}

/// `trust remove`.
pub fn remove(args: &RemoveArgs, context: &Context) -> Result<(), Failure> {
    let mut state = DraftEditor::open(&args.terms, context)?;
    for who in &args.keys {
        state.draft.remove(&keys::named(&context.cwd, who)?, args.role.as_ref())?;
    }
    state.apply(&args.terms, context)?;
    state.write(context)?;
    drops::print_drops(state.drops(), context);
    draft_output::print_next_prepare(context);
    Ok(())
}

/// `trust prepare`.
pub fn prepare(args: &PrepareArgs, context: &Context) -> Result<(), Failure> {
    let mut state = DraftEditor::open(&args.terms, context)?;
    let changed = state.apply(&args.terms, context)?;
    // Asked before anything is written: a renewal must not drop programs without warning.
    state.draft.write().map_err(Failure::Refused).map_err(with_remedy)?;
    drops::enforce(state.drops(), args.drops, context)?;
    if changed || !state.existed {
        state.write(context)?;
    } else {
        draft_output::print_changes(context, state.root_in_force().map(|files| &files.root), &state.draft);
    }
    draft_output::print_root_threshold(context, &state.draft);
    draft_output::print_signers(context, state.root_in_force().map(|files| &files.root), &state.draft)?;
    draft_output::print_next_sign(context, &state.trust);
    Ok(())
}
