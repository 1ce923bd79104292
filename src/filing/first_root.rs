//! Makes the first root of an installation: signs it with the keys at hand, checks it as a player will, and writes it into a folder, as a
//! draft if signatures are missing. Never overwrites one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{draft, signed_files};
use crate::base::failure::Failure;
use crate::base::times::Timestamp;
use crate::base::token;
use crate::content::model::values::ApprovalPolicy;
use crate::store::layout;
use crate::trust::document::{CommonFields, RootId};
use crate::trust::next_root::RootDraft;
use crate::trust::policy::{self, InitialHolders};
use crate::trust::refusal::Refusal;
use crate::trust::secret::SecretKey;

/// The result of [`create_first_root`].
#[derive(Debug)]
pub enum FirstRoot {
    /// The root is complete, at this path.
    Root(PathBuf),
    /// More holders have to sign.
    Draft(Box<RootDraft>),
}

/// Makes `root/1.json` and its signatures below a folder. `secrets` are the root keys at hand.
pub fn create_first_root(
    folder: &Path,
    policy: &ApprovalPolicy,
    holders: InitialHolders,
    secrets: &[SecretKey],
    (issued, expires): (Timestamp, Timestamp),
) -> Result<FirstRoot, Failure> {
    let path = folder.join(layout::root(1));
    if path.symlink_metadata().is_ok() {
        let path = path.display();
        return Err(Failure::Refused(crate::text!(
            vi: "{path} đã có; chỉ lập văn bản phân quyền một lần cho mỗi hệ thống",
            en: "{path} exists; the first root is made only once for an installation"
        )));
    }
    let draft_path = draft::path(folder);
    if draft_path.symlink_metadata().is_ok() {
        let path = draft_path.display();
        return Err(Failure::Refused(crate::text!(
            vi: "{path} đã có: một văn bản phân quyền đang chờ ký; muốn lập lại thì xóa dự thảo ấy",
            en: "{path} exists: a root is waiting for signatures; to begin again, remove that draft"
        )));
    }
    let root = policy::first_root(policy, holders, expires)?;
    let draft = RootDraft { common: CommonFields { root_id: RootId::new(token::random_token()?), issued }, root };
    let bytes = draft.write().map_err(Failure::Refused)?;
    let sign = |key: &SecretKey| Ok((key.public().kid(), key.sign(&bytes, "root/1.json", issued).map_err(Failure::Refused)?));
    let signatures = secrets.iter().map(sign).collect::<Result<BTreeMap<_, _>, Failure>>()?;
    // Never write a root that a player would refuse.
    match signed_files::judge_root(None, bytes.clone(), &signatures) {
        Ok(root) => signed_files::write_root(folder, &root, &signatures).map(FirstRoot::Root),
        Err(Refusal::Unproven(_)) => {
            let (draft_path, _) = draft::write(folder, &draft)?;
            for (kid, signature) in &signatures {
                draft::add_signature(&draft_path, *kid, signature)?;
            }
            Ok(FirstRoot::Draft(Box::new(draft)))
        }
        Err(Refusal::Rule(text) | Refusal::Approvals(text)) => Err(Failure::Refused(text)),
    }
}
