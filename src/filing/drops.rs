//! Programs in force that lose their approval under a new root, and withdrawals that lose their signers: compares the judgements of a player under
//! the old root and the new. Never judges by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::archive;
use super::filed::{FiledProgram, FiledPrograms};
use super::judged::judge_filed;
use super::withdrawal_effect;
use super::withdrawal_reach;
use super::withdrawals::{self, StoredWithdrawal};
use crate::base::dates;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::numbers;
use crate::base::text::{Text, printable};
use crate::base::times::Timestamp;
use crate::store::folder_store::FolderStore;
use crate::store::survey;
use crate::trust::document::Verified;
use crate::trust::root::{Root, SignedRoot};

/// What a new root revokes.
pub struct RootDrops {
    programs: Vec<Text>,
    /// Sites of these that have no approved program any more.
    emptied: BTreeSet<SiteId>,
    withdrawals: Vec<Text>,
}

/// What the successor of a chain revokes in the content folder that holds `trust`.
pub fn of(trust: &Path, chain: &[SignedRoot], new: &Verified<Root>, now: Timestamp) -> Result<RootDrops, Failure> {
    let (Some(old), Some(content)) = (chain.last(), trust.parent()) else {
        return Ok(RootDrops { programs: Vec::new(), emptied: BTreeSet::new(), withdrawals: Vec::new() });
    };
    let filed = FiledPrograms::list(content)?;
    let (listed, statements) = (listed(content, chain, &filed)?, withdrawals::read(content, chain, &filed).unwrap_or_default());
    let gone = |filed: &FiledProgram| withdrawal_effect::effect(old.root.body(), &statements, &filed.program).program;
    let mut open = withdrawal_reach::in_force(&filed, &listed, now)?;
    if let Some(text) = filed.passed_over().into_iter().next() {
        return Err(Failure::Refused(text));
    }
    open.retain(|filed| !gone(filed));
    let (programs, emptied) = programs(&open, &old.root, new, now)?;
    Ok(RootDrops { programs, emptied, withdrawals: withdrawals(content, chain, new, &filed)? })
}

/// The programs that the newest heads in the archive list; none without an archive.
fn listed(content: &Path, chain: &[SignedRoot], filed: &FiledPrograms) -> Result<BTreeSet<Digest>, Failure> {
    let roots: Vec<_> = chain.iter().rev().map(|files| &files.root).collect();
    let Ok(archive) = FolderStore::open_read_only(&archive::beside(content)) else { return Ok(BTreeSet::new()) };
    let heads = filed.sites()?.into_iter().filter_map(|site| survey::newest_head(&archive, &roots, site).ok().flatten());
    Ok(heads.flat_map(|(head, _)| head.body().programs.clone()).map(|entry| entry.program).collect())
}

/// Those of some programs, not yet past, that are approved under the old root and not under the new one: site, month, title, and why; and
/// their sites that have none that is approved under the new one.
fn programs(
    open: &[&FiledProgram],
    old: &Verified<Root>,
    new: &Verified<Root>,
    now: Timestamp,
) -> Result<(Vec<Text>, BTreeSet<SiteId>), Failure> {
    let (mut lines, mut losing, mut keeping) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for filed in open {
        let (manifest, digest) = (filed.program.manifest(), filed.program.digest());
        if manifest.valid.until.is_some_and(|until| until <= now.0) {
            continue;
        }
        filed.statements.ensure_line_ends(old)?;
        let after = judge_filed(new, filed);
        if after.is_ok() {
            keeping.insert(manifest.site.clone());
        }
        if let (Ok(_), Err(refusal)) = (judge_filed(old, filed), after) {
            losing.insert(manifest.site.clone());
            let (site, title) = (&manifest.site, printable(&manifest.title));
            let titled = manifest.kind.titled(&title);
            let Text { vi, en } = match manifest.month {
                Some(month) if !titled.en.starts_with('“') => {
                    let Text { vi, en } = dates::month(month);
                    crate::text!(vi: "chương trình {vi} “{title}”", en: "monthly program {en} “{title}”")
                }
                // The title says the kind.
                _ => titled,
            };
            let Text { vi: why_vi, en: why_en } = refusal.text();
            lines.push(crate::text!(
                vi: "{site}: {vi} ({digest}): {why_vi}",
                en: "{site}: {en} ({digest}): {why_en}"
            ));
        }
    }
    lines.sort_by(|a, b| a.en.cmp(&b.en));
    losing.retain(|site| !keeping.contains(site));
    Ok((lines, losing))
}

/// The withdrawals that would lack signatures: players that do not hold them yet could take neither them nor any later head.
fn withdrawals(content: &Path, chain: &[SignedRoot], new: &Verified<Root>, filed: &FiledPrograms) -> Result<Vec<Text>, Failure> {
    let before = withdrawals::read(content, chain, filed)?;
    let mut longer = chain.to_vec();
    longer.push(SignedRoot { root: new.clone(), signatures: BTreeMap::new() });
    let after = match withdrawals::read(content, &longer, filed) {
        Ok(after) => after,
        // The role of a withdrawal is gone, so nobody can sign it again.
        Err(Failure::Refused(text)) => return Ok(vec![text]),
        Err(failure) => return Err(failure),
    };
    let lost = before.iter().zip(&after).filter(|(before, after)| before.complete().is_some() && after.complete().is_none());
    let line = |(_, after): (_, &StoredWithdrawal)| {
        let (number, role, Text { vi, en }) = (after.number, &after.body.role, after.command(None));
        crate::text!(vi: "số {number}, vai trò {role}; ký thêm bằng: {vi}", en: "number {number}, role {role}; sign it with: {en}")
    };
    Ok(lost.map(line).collect())
}

/// Names the sites that a root leaves without any program.
pub fn left_without_any(sites: &BTreeSet<SiteId>) -> Option<Text> {
    let names = sites.iter().map(SiteId::as_str).collect::<Vec<_>>().join(", ");
    (!sites.is_empty()).then(|| {
        crate::text!(
            vi: "KHÔNG CÒN CHƯƠNG TRÌNH NÀO được duyệt ở: {names}; màn hình ở đó chỉ còn màn hình chờ",
            en: "NO approved program is left at: {names}; the screens there show only the built-in card"
        )
    })
}

impl RootDrops {
    /// Whether the new root revokes nothing.
    pub fn is_empty(&self) -> bool {
        self.programs.is_empty() && self.withdrawals.is_empty()
    }

    /// All in one text.
    pub fn to_text(&self) -> Text {
        let list = |texts: &[Text], pick: fn(&Text) -> &str| texts.iter().fold(String::new(), |all, text| all + "\n  " + pick(text));
        let mut parts = Vec::new();
        if !self.programs.is_empty() {
            let count = self.programs.len();
            let programs = numbers::counted(count, "program");
            let (vi, en) = (list(&self.programs, |text| &text.vi), list(&self.programs, |text| &text.en));
            parts.push(crate::text!(
                vi: "{count} chương trình mất hiệu lực duyệt khi văn bản phân quyền mới được phát hành, các màn hình sẽ ngừng chiếu các chương trình này:{vi}",
                en: "{programs} will lose approval and leave the screens once the new root is published:{en}"
            ));
        }
        parts.extend(left_without_any(&self.emptied));
        if !self.withdrawals.is_empty() {
            let count = self.withdrawals.len();
            let withdrawals = numbers::counted(count, "withdrawal");
            let (vi, en) = (list(&self.withdrawals, |text| &text.vi), list(&self.withdrawals, |text| &text.en));
            parts.push(crate::text!(
                vi: "{count} văn bản thu hồi không còn đủ chữ ký; đầu phát chưa có chúng sẽ không nhận bản phát hành mới cho đến khi được ký thêm:{vi}",
                en: "{withdrawals} will lack signatures then; players without them take no new release until they are signed again:{en}"
            ));
        }
        let join = |pick: fn(&Text) -> &str| parts.iter().map(pick).collect::<Vec<_>>().join("\n");
        let (vi, en) = (join(|text| &text.vi), join(|text| &text.en));
        Text { vi, en }
    }
}
