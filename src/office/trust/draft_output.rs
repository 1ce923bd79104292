//! What people read about a draft of the root: what it changes, who must sign it, what comes next.
//! Never changes or judges one.

use std::collections::BTreeSet;
use std::path::Path;

use super::show;
use crate::base::failure::Failure;
use crate::base::numbers;
use crate::base::text::Text;
use crate::filing::draft;
use crate::office::context::Context;
use crate::trust::document::Verified;
use crate::trust::keys::KeyId;
use crate::trust::next_root::RootDraft;
use crate::trust::root::Root;
use crate::trust::root_changes;

/// Prints every change from the root in force; before the first root, the whole draft. Also with `--quiet`, because it is what is signed.
pub fn print_changes(context: &Context, old: Option<&Verified<Root>>, draft: &RootDraft) {
    let (version, root_id) = (draft.root.version, draft.common.root_id);
    let Text { vi, en } = context.zone().day(draft.common.issued);
    let Some(old) = old else {
        crate::out!("{}", show::root_text(&draft.root, draft.common, context.zone(), context.lang));
        return;
    };
    let before = old.body().version;
    let head = crate::text!(
        vi: "Văn bản phân quyền số {before} → số {version} của hệ thống có mã {root_id}, lập ngày {vi}. Thay đổi:",
        en: "Root {before} → {version} of installation {root_id}, made on {en}. It changes:"
    );
    crate::outln!("{}", head.get(context.lang));
    let changes = root_changes::describe_changes(old.body(), &draft.root, context.zone());
    for change in &changes {
        crate::outln!("  - {}", change.get(context.lang));
    }
    let none = crate::text!(vi: "  (không gì ngoài số và ngày)", en: "  (nothing but number and dates)");
    if changes.is_empty() {
        crate::outln!("{}", none.get(context.lang));
    }
}

/// Prints who must sign: enough holders under the root in force, and enough under the draft itself.
pub fn print_signers(context: &Context, old: Option<&Verified<Root>>, draft: &RootDraft) -> Result<(), Failure> {
    let digest = draft.digest().map_err(Failure::Refused)?;
    context.print_text(&crate::text!(vi: "SHA-256 của dự thảo văn bản phân quyền: {digest}", en: "SHA-256 of the draft: {digest}"));
    // Both thresholds must be met; the first root has only its own.
    for root in old.map(Verified::body).into_iter().chain([&draft.root]) {
        let (version, group) = (root.version, &root.roles.root);
        let (threshold, needed) = (group.threshold, numbers::counted(group.threshold, "signature"));
        let people = holder_list(root, &group.keys);
        context.print_text(&crate::text!(
            vi: "Theo văn bản phân quyền số {version}, cần {threshold} chữ ký, trong số: {people}",
            en: "By root {version}, {needed} needed, of: {people}"
        ));
    }
    Ok(())
}

/// Holders of keys, by name.
pub fn holder_list(root: &Root, kids: &BTreeSet<KeyId>) -> String {
    kids.iter().map(|kid| format!("{} ({kid})", root.display_holder(*kid))).collect::<Vec<_>>().join(", ")
}

/// Says so if one of several root holders suffices to sign.
pub fn print_root_threshold(context: &Context, draft: &RootDraft) {
    let group = &draft.root.roles.root;
    let (threshold, count) = (group.threshold, group.keys.len() as u64);
    let more = count / 2 + 1;
    if threshold > 1 || count < 2 {
        return;
    }
    context.alarm(&crate::text!(
        vi: "chỉ cần 1 trong {count} khóa phân quyền ký, nên một khóa bị lộ là đủ để thay mọi quyền; nên cần quá nửa số khóa: bangtin trust prepare --threshold root={more}",
        en: "1 of the {count} root keys suffices to sign, so that one stolen key can change every right; more than half is better: bangtin trust prepare --threshold root={more}"
    ));
}

/// The next step after an edit.
pub fn print_next_prepare(context: &Context) {
    context.print_text(&crate::text!(
        vi: "Sửa xong thì chạy: bangtin trust prepare",
        en: "When all changes are made: bangtin trust prepare"
    ));
}

/// The draft's path as people type it here.
fn typed_path(context: &Context, trust: &Path) -> String {
    let path = draft::path(trust);
    path.strip_prefix(&context.cwd).unwrap_or(&path).display().to_string()
}

/// The command that signs a draft.
pub fn sign_command(context: &Context, trust: &Path) -> Text {
    let path = typed_path(context, trust);
    crate::text!(vi: "bangtin trust sign {path} --key TỆP", en: "bangtin trust sign {path} --key FILE")
}

/// Says that a draft waits, which no player gets before it is in force.
pub fn print_waiting(context: &Context, trust: &Path, (draft, signed): (&RootDraft, bool)) {
    let (version, Text { vi, en }) = (draft.root.version, sign_command(context, trust));
    let unsigned =
        crate::text!(vi: "còn thiếu chữ ký, ký trước bằng: {vi}\n  rồi ", en: "it lacks signatures, sign it first with: {en}\n  then ");
    let Text { vi, en } = if signed { crate::text!(vi: "", en: "") } else { unsigned };
    context.alarm(&crate::text!(
        vi: "còn dự thảo văn bản phân quyền số {version} chưa có hiệu lực; {vi}chạy: bangtin trust apply, và phát hành lại",
        en: "a draft of root {version} is not in force yet; {en}run: bangtin trust apply, and publish again"
    ));
}

/// The next step after a finished draft.
pub fn print_next_sign(context: &Context, trust: &Path) {
    let path = typed_path(context, trust);
    context.print_text(&crate::text!(
        vi: "Mỗi người ký trên máy của mình: bangtin trust sign {path} --key TỆP\nĐặt các tệp .minisig trở lại cạnh dự thảo, rồi chạy: bangtin trust apply",
        en: "Each signs on their own machine: bangtin trust sign {path} --key FILE\nPut the .minisig files back beside the draft, then: bangtin trust apply"
    ));
}

/// How many signatures of one root's threshold are present.
pub fn signature_tally(root: &Root, signed: &BTreeSet<KeyId>) -> Text {
    let (version, group) = (root.version, &root.roles.root);
    let have: BTreeSet<KeyId> = group.keys.intersection(signed).copied().collect();
    let lack: BTreeSet<KeyId> = group.keys.difference(signed).copied().collect();
    let (count, threshold) = (have.len(), group.threshold);
    let needed = numbers::counted(threshold, "signature");
    let named = |kids: &BTreeSet<KeyId>, vi: &str, en: &str| match holder_list(root, kids) {
        list if list.is_empty() => crate::text!(vi: "{vi}", en: "{en}"),
        list => Text { vi: list.clone(), en: list },
    };
    let (have, lack) = (named(&have, "chưa ai", "nobody"), named(&lack, "không còn ai", "nobody"));
    let (Text { vi, en }, Text { vi: vi_lack, en: en_lack }) = (have, lack);
    crate::text!(
        vi: "theo văn bản phân quyền số {version}: {count}/{threshold} chữ ký; đã ký: {vi}; chưa ký: {vi_lack}",
        en: "by root {version}: {count} of {needed}; signed: {en}; not yet: {en_lack}"
    )
}
