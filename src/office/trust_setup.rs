//! The first root of an installation: made, signed, checked as a player will check it, and written into a folder.
//! Never overwrites one.

use std::path::{Path, PathBuf};

use super::trust_files;
use crate::base::failure::Failure;
use crate::base::times::Instant;
use crate::model::values::Approval;
use crate::trust::document::{self, Common, RootId};
use crate::trust::judge;
use crate::trust::policy::{self, Holders};
use crate::trust::secret::SecretKey;

/// Makes `root/1.json` and its signatures below a folder; gives its path. `secrets` are the root keys at hand.
pub fn first_root(
    folder: &Path,
    policy: &Approval,
    holders: Holders,
    secrets: &[SecretKey],
    (issued, expires): (Instant, Instant),
) -> Result<PathBuf, Failure> {
    let path = folder.join("root/1.json");
    if path.symlink_metadata().is_ok() {
        let path = path.display();
        return Err(Failure::Refused(crate::text!(
            vi: "{path} đã có; chỉ lập văn bản gốc một lần cho mỗi hệ thống",
            en: "{path} exists; the first root is made only once for an installation"
        )));
    }
    let threshold = holders.root_threshold;
    let root = policy::first_root(policy, holders, expires).map_err(Failure::Refused)?;
    let mut random = [0; 16];
    getrandom::fill(&mut random)
        .map_err(|error| Failure::Outside(crate::text!(vi: "không có số ngẫu nhiên: {error}", en: "no randomness: {error}")))?;
    let bytes = document::write(Common { root_id: RootId::new(random), issued }, &root).map_err(Failure::Refused)?;
    let mut signatures = Vec::new();
    for key in secrets {
        signatures.push((key.public().kid(), key.sign(&bytes, "root/1.json", issued).map_err(Failure::Refused)?));
    }
    // What a player would refuse is never written.
    judge::initial_root(bytes.clone(), signatures.iter().map(|(_, signature)| signature.clone()).collect()).map_err(|refusal| {
        let (vi, en) = (&refusal.text().vi, &refusal.text().en);
        Failure::Refused(crate::text!(
            vi: "{vi}; cần khóa bí mật của {threshold} người giữ khóa gốc",
            en: "{en}; the secret keys of {threshold} root holders are needed"
        ))
    })?;
    for (kid, signature) in &signatures {
        trust_files::replace_orphan(&folder.join(format!("root/1.json.{kid}.minisig")), &path, signature)?;
    }
    trust_files::add(&path, &bytes)?;
    Ok(path)
}
