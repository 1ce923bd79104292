//! What people are told about a draft of the root: what it changes, who must sign it, what comes next.
//! Never changes or judges one.

use std::collections::BTreeSet;
use std::path::Path;

use super::show;
use crate::base::dates;
use crate::base::failure::Failure;
use crate::base::text::Text;
use crate::filing::draft;
use crate::office::context::Context;
use crate::trust::document::Verified;
use crate::trust::keys::Kid;
use crate::trust::next_root::Draft;
use crate::trust::root::Root;
use crate::trust::root_changes;

/// Every change against the root in force; before the first root, all that it says. Always told, for it is what is signed.
pub fn changes(context: &Context, old: Option<&Verified<Root>>, draft: &Draft) {
    let (version, root_id) = (draft.root.version, draft.common.root_id);
    let Text { vi, en } = dates::day_of(draft.common.issued);
    let Some(old) = old else {
        print!("{}", show::in_words(&draft.root, draft.common, context.lang));
        return;
    };
    let before = old.body().version;
    let head = crate::text!(
        vi: "Văn bản phân quyền {before} → {version} của hệ thống {root_id}, lập ngày {vi}. Thay đổi:",
        en: "Root {before} → {version} of installation {root_id}, made on {en}. It changes:"
    );
    println!("{}", head.get(context.lang));
    let changes = root_changes::between(old.body(), &draft.root);
    for change in &changes {
        println!("  - {}", change.get(context.lang));
    }
    let none = crate::text!(vi: "  (không gì ngoài số và ngày)", en: "  (nothing but number and dates)");
    if changes.is_empty() {
        println!("{}", none.get(context.lang));
    }
}

/// Who must sign: enough holders under the root in force, and enough under the draft itself.
pub fn signers(context: &Context, old: Option<&Verified<Root>>, draft: &Draft) -> Result<(), Failure> {
    let digest = draft.digest().map_err(Failure::Refused)?;
    context.say(&crate::text!(vi: "SHA-256 của bản thảo: {digest}", en: "SHA-256 of the draft: {digest}"));
    // Both thresholds have to be met; before the first root there is only its own.
    for root in old.map(Verified::body).into_iter().chain([&draft.root]) {
        let (version, group) = (root.version, &root.roles.root);
        let (threshold, count) = (group.threshold, group.keys.len());
        let people = people(root, &group.keys);
        context.say(&crate::text!(
            vi: "Theo văn bản phân quyền {version}, {threshold} trong {count} người phải ký: {people}",
            en: "By root {version}, {threshold} of these {count} must sign: {people}"
        ));
    }
    Ok(())
}

/// Holders of keys, by name.
pub fn people(root: &Root, kids: &BTreeSet<Kid>) -> String {
    kids.iter().map(|kid| format!("{} ({kid})", root.person(*kid))).collect::<Vec<_>>().join(", ")
}

/// What follows an edit.
pub fn then_prepare(context: &Context) {
    context.say(&crate::text!(
        vi: "Sửa xong thì chạy: bangtin trust prepare",
        en: "When all changes are made: bangtin trust prepare"
    ));
}

/// What follows a finished draft.
pub fn then_sign(context: &Context, trust: &Path) {
    let path = draft::path(trust);
    let path = path.strip_prefix(&context.cwd).unwrap_or(&path).display();
    context.say(&crate::text!(
        vi: "Mỗi người ký trên máy của mình: bangtin trust sign {path} --key TỆP\nĐặt các tệp .minisig trở lại cạnh bản thảo, rồi chạy: bangtin trust apply",
        en: "Each signs on her own machine: bangtin trust sign {path} --key FILE\nPut the .minisig files back beside the draft, then: bangtin trust apply"
    ));
}

/// How far the signatures go under one root.
pub fn tally(root: &Root, signed: &BTreeSet<Kid>) -> Text {
    let (version, group) = (root.version, &root.roles.root);
    let have: BTreeSet<Kid> = group.keys.intersection(signed).copied().collect();
    let lack: BTreeSet<Kid> = group.keys.difference(signed).copied().collect();
    let (count, threshold) = (have.len(), group.threshold);
    let (have, lack) = (people(root, &have), people(root, &lack));
    crate::text!(
        vi: "theo văn bản phân quyền {version}: {count}/{threshold} chữ ký; đã ký: {have}; chưa ký: {lack}",
        en: "by root {version}: {count} of {threshold} signatures; signed: {have}; not yet: {lack}"
    )
}
