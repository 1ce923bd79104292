//! `bangtin trust show`: who may sign what, in words. Reads the roots with the player's own checks.
//! Never judges anything else.

use std::collections::{BTreeMap, BTreeSet};

use super::folder::FolderArgs;
use crate::base::failure::Failure;
use crate::base::ids::{RoleId, SiteId};
use crate::base::numbers;
use crate::base::terms::ProgramKind;
use crate::base::text::{Lang, Text};
use crate::base::zone::TimeZone;
use crate::filing::filed::FiledPrograms;
use crate::filing::signed_files;
use crate::filing::withdrawals;
use crate::office::access;
use crate::office::alarm;
use crate::office::args::{FormatArgs, OutputFormat};
use crate::office::context::Context;
use crate::office::now::NowArgs;
use crate::publish::withdrawal_waits;
use crate::trust::document::CommonFields;
use crate::trust::keys::KeyId;
use crate::trust::root::{ApprovalRequirements, Roles, Root, SiteRequirements};
use crate::trust::root_changes;

/// Arguments as typed.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    folder: FolderArgs,
    #[command(flatten)]
    now: NowArgs,
}

/// Runs the command.
pub fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let folder = args.folder.folder(context)?;
    let chain = signed_files::read_roots(&folder)?;
    let root = signed_files::newest(&chain)?;
    alarm::warn(context, root, args.now.instant(context.zone())?);
    match args.format.form() {
        // The document itself: its bytes are what was signed.
        OutputFormat::Json => crate::out!("{}", String::from_utf8_lossy(root.bytes())),
        OutputFormat::Human => {
            crate::out!(
                "{}",
                root_text(root.body(), CommonFields { root_id: root.root_id(), issued: root.issued() }, context.zone(), context.lang)
            );
            let filed = FiledPrograms::list(folder.parent().unwrap_or(&folder))?;
            let here = access::or_none(context, withdrawals::read(folder.parent().unwrap_or(&folder), &chain, &filed));
            let half = here.iter().find(|each| each.complete().is_none()).map(|each| withdrawal_waits::half_signed(each, None));
            reviewers(root.body(), filed.reviewers(root)?).iter().for_each(|line| crate::outln!("{}", line.get(context.lang)));
            half.iter().for_each(|line| crate::outln!("{}", line.get(context.lang)));
        }
    }
    Ok(())
}

/// A whole root in words, its dates in this zone.
pub fn root_text(root: &Root, common: CommonFields, zone: TimeZone, lang: Lang) -> String {
    let (version, id) = (root.version, common.root_id);
    let (issued, expires) = (zone.day(common.issued), zone.day(root.expires));
    let (issued_vi, expires_vi, issued_en, expires_en) = (issued.vi, expires.vi, issued.en, expires.en);
    let mut lines = vec![
        crate::text!(vi: "Văn bản phân quyền số {version}, mã hệ thống {id}", en: "Root {version}, installation {id}"),
        crate::text!(vi: "  ký ngày {issued_vi}, hạn thay: {expires_vi}", en: "  signed {issued_en}, renew by {expires_en}"),
    ];
    lines.extend(holders(root));
    lines.extend(requires(&root.requires));
    lines.iter().map(|line| format!("{}\n", line.get(lang))).collect()
}

/// What the reviewers have signed of what is in `approvals/`.
fn reviewers(root: &Root, signed: BTreeMap<KeyId, (u64, u64)>) -> Vec<Text> {
    let line = |(kid, (count, unseen)): (KeyId, (u64, u64))| {
        let (name, approvals, pages) = (root.display_holder(kid), numbers::counted(count, "approval"), numbers::counted(unseen, "page"));
        crate::text!(
            vi: "  {kid}  {name}: {count} văn bản phê duyệt, {unseen} trang theo cỡ chưa xem",
            en: "  {kid}  {name}: {approvals}, {pages} unopened"
        )
    };
    let lines: Vec<_> = signed.into_iter().map(line).collect();
    let head = crate::text!(vi: "Đã ký duyệt (approvals/)", en: "Signed so far (approvals/)");
    (!lines.is_empty()).then_some(head).into_iter().chain(lines).collect()
}

fn holders(root: &Root) -> Vec<Text> {
    let Roles { root: own, publish, review } = &root.roles;
    let epoch = publish.epoch;
    let mut lines = group(root, &crate::text!(vi: "Thay văn bản phân quyền", en: "Renew the root"), own.threshold, &own.keys);
    let what = crate::text!(vi: "Phát hành (đợt {epoch})", en: "Publish (epoch {epoch})");
    lines.extend(group(root, &what, publish.threshold, &publish.keys));
    for (name, role) in review {
        let Text { vi, en } = root_changes::describe_scope(role);
        let what = crate::text!(vi: "Duyệt, vai trò {name} ({vi})", en: "Review, role {name} ({en})");
        lines.extend(group(root, &what, role.threshold, &role.keys));
    }
    lines
}

/// Who may sign something, and how many must.
fn group(root: &Root, what: &Text, threshold: u64, keys: &BTreeSet<KeyId>) -> Vec<Text> {
    let (Text { vi, en }, count) = (what, keys.len());
    let all = numbers::counted(count, "key");
    let head = crate::text!(vi: "{vi}: {threshold} trong {count} khóa", en: "{en}: {threshold} of {all}");
    let holder = |kid: &KeyId| {
        let name = root.display_holder(*kid);
        crate::text!(vi: "  {kid}  {name}", en: "  {kid}  {name}")
    };
    std::iter::once(head).chain(keys.iter().map(holder)).collect()
}

/// Which roles must approve what.
fn requires(requires: &ApprovalRequirements) -> Vec<Text> {
    let general = |kind: ProgramKind| {
        let (Text { vi, en }, roles) = (kind.display_name(), root_changes::names(requires.general(kind)));
        crate::text!(vi: "  {vi}: {roles}", en: "  {en}: {roles}")
    };
    let at = |site: &SiteId, kind: ProgramKind, roles: &[RoleId]| {
        let (Text { vi, en }, roles) = (kind.display_name(), root_changes::names(roles));
        crate::text!(vi: "  {vi} tại {site}: {roles}", en: "  {en} at {site}: {roles}")
    };
    let own = |(site, own): (&SiteId, &SiteRequirements)| -> Vec<Text> {
        ProgramKind::ALL.into_iter().filter_map(|kind| own.of(kind).map(|roles| at(site, kind, roles))).collect()
    };
    let head = crate::text!(vi: "Vai trò phải ký duyệt", en: "Roles that must approve");
    let also = crate::text!(
        vi: "  ngoài ra, với mỗi chương trình, các vai trò của đơn vị có danh sách phát trong chương trình (roles trong agencies.yaml)",
        en: "  and for each program also the roles of the agencies whose playlists are in it (roles in agencies.yaml)"
    );
    std::iter::once(head).chain(ProgramKind::ALL.map(general)).chain(requires.sites.iter().flat_map(own)).chain([also]).collect()
}
