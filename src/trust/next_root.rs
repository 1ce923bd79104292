//! The draft of the next root: starts from the root in force, is edited, written, and read again before anybody signs it. Pure, except for
//! the throwaway key of [`RootDraft::as_test_root`]. Never decides whether a root may be kept: `judge` does.

use std::collections::BTreeSet;
use std::fmt;

use super::document::{self, CommonFields, Verified};
use super::judge;
use super::keys::KeyId;
use super::policy::{self, KeyHolder};
use super::root::{KeyGroup, ListedKey, Root};
use super::secret::SecretKey;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::RoleId;
use crate::base::text::Text;
use crate::base::times::Timestamp;
use crate::content::model::choose;
use crate::content::model::values::ApprovalPolicy;

/// A role that keys can hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyRole {
    Root,
    Publish,
    Review(RoleId),
}

impl KeyRole {
    /// Reads `root`, `publish` or the name of a reviewer role.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "root" => Some(Self::Root),
            "publish" => Some(Self::Publish),
            role => RoleId::parse(role).map(Self::Review),
        }
    }
}

impl fmt::Display for KeyRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Root => "root",
            Self::Publish => "publish",
            Self::Review(role) => role.as_str(),
        })
    }
}

/// The next root, before it has its signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootDraft {
    pub common: CommonFields,
    pub root: Root,
}

impl RootDraft {
    /// The successor of a root, with the same content.
    pub fn successor_of(old: &Verified<Root>, issued: Timestamp, expires: Timestamp) -> Self {
        let root = Root { version: old.body().version.saturating_add(1), expires, ..old.body().clone() };
        Self { common: CommonFields { root_id: old.root_id(), issued }, root }
    }

    /// Gives the bytes to sign; refuses a draft that breaks a rule of roots.
    pub fn write(&self) -> Result<Vec<u8>, Text> {
        document::to_signable_bytes(self.common, &self.root)
    }

    /// The digest of the bytes to sign.
    pub fn digest(&self) -> Result<Digest, Text> {
        self.write().map(|bytes| Digest::of(&bytes))
    }

    /// D1–D3. Reads a draft that is about to be signed. `old`: the root in force; `None` before root 1.
    pub fn read(old: Option<&Verified<Root>>, bytes: &[u8]) -> Result<Self, Text> {
        // D1. Well formed, by all rules of roots.
        let (common, root) = document::parse::<Root>(bytes).map_err(|refusal| refusal.text().clone())?;
        let draft = Self { common, root };
        // D2. Nothing in it is hidden: a field that this version ignores could mean something to a later version.
        if draft.write()? != bytes {
            return Err(crate::text!(
                vi: "dự thảo văn bản phân quyền có điều mà công cụ này không viết và không cho xem được; lập lại bằng: bangtin trust prepare",
                en: "the draft holds something that this tool doesn't write and can't show; make it anew with: bangtin trust prepare"
            ));
        }
        // D3. The direct successor of the root in force.
        match old {
            Some(old) => judge::ensure_successor(old, draft.common.root_id, &draft.root).map_err(|refusal| refusal.text().clone())?,
            None if draft.root.version == 1 => {}
            None => {
                let (version, before) = (draft.root.version, draft.root.version.saturating_sub(1));
                return Err(crate::text!(
                    vi: "dự thảo văn bản phân quyền mang số {version}; cần văn bản phân quyền số {before} đang hiệu lực để biết nó thay đổi gì",
                    en: "the draft is root {version}; root {before}, which is in force, is needed to say what it changes"
                ));
            }
        }
        Ok(draft)
    }

    /// Adds a key to a role. Takes a reviewer role that the root does not have yet from the policy.
    pub fn add(&mut self, seat: &KeyRole, (minisign, holder): KeyHolder, policy: Option<&ApprovalPolicy>) -> Result<(), Failure> {
        let kid = minisign.kid();
        if self.root.keys.get(&kid).is_some_and(|known| known.minisign.to_string() != minisign.to_string()) {
            return Err(Failure::Refused(crate::text!(
                vi: "khóa {kid} đã có dưới một mã minisign khác; một khóa chỉ được kê một lần",
                en: "key {kid} is listed under another minisign id; a key is listed only once"
            )));
        }
        let reviewers = &mut self.root.roles.review;
        if let (KeyRole::Review(role), Some(policy)) = (seat, policy)
            && !reviewers.contains_key(role)
        {
            let known = reviewers.keys().chain(policy.roles.keys()).map(RoleId::as_str).chain(["root", "publish"]).collect::<BTreeSet<_>>();
            let rules = policy.roles.get(role).ok_or_else(|| choose::unknown_role(known, role.as_str()))?;
            reviewers.insert(role.clone(), policy::review_role(rules, BTreeSet::new()));
        }
        if !self.keys_of(seat)?.0.insert(kid) {
            return Err(Failure::Refused(crate::text!(vi: "khóa {kid} đã giữ vai trò {seat}", en: "key {kid} holds role {seat} already")));
        }
        self.root.keys.entry(kid).or_insert(ListedKey { minisign, holder });
        Ok(())
    }

    /// Removes a key, named by its kid or holder, from one role or from all; gives its kid.
    pub fn remove(&mut self, who: &str, from: Option<&KeyRole>) -> Result<KeyId, Failure> {
        let kid = self.find_key(who)?;
        let reviewers = || self.root.roles.review.keys().cloned().map(KeyRole::Review);
        let all = || [KeyRole::Root, KeyRole::Publish].into_iter().chain(reviewers()).collect();
        let seats: Vec<KeyRole> = from.map_or_else(all, |seat| vec![seat.clone()]);
        let mut taken = false;
        for seat in &seats {
            taken |= self.keys_of(seat)?.0.remove(&kid);
        }
        if !taken {
            let from = seats.iter().map(KeyRole::to_string).collect::<Vec<_>>().join(", ");
            return Err(Failure::Refused(crate::text!(vi: "khóa {kid} không giữ vai trò {from}", en: "key {kid} does not hold {from}")));
        }
        self.remove_unused_keys();
        Ok(kid)
    }

    /// Sets how many of a role's keys must sign.
    pub fn set_threshold(&mut self, seat: &KeyRole, threshold: u64) -> Result<(), Failure> {
        if *seat == KeyRole::Publish && threshold != 1 {
            return Err(Failure::Refused(crate::text!(
                vi: "số chữ ký cần có của vai trò publish luôn là 1: mỗi bản phát hành có một chữ ký",
                en: "the threshold of publish is always 1: a release bears one signature"
            )));
        }
        *self.keys_of(seat)?.1 = threshold;
        Ok(())
    }

    /// Raises the publish epoch: versions of heads start anew, and old heads are void.
    pub fn bump_epoch(&mut self, old: &Root) {
        self.root.roles.publish.epoch = old.roles.publish.epoch.saturating_add(1);
    }

    /// Takes reviewer roles (sites, kinds, thresholds) and who must approve what from the content's policy. Ends roles that it lacks.
    pub fn apply_policy(&mut self, approval: &ApprovalPolicy) -> Result<(), Text> {
        let mut before = std::mem::take(&mut self.root.roles.review);
        for (name, rules) in &approval.roles {
            let keys = before.remove(name).map(|role| role.keys).unwrap_or_default();
            if keys.is_empty() {
                return Err(crate::text!(
                    vi: "vai trò duyệt {name} trong bangtin.yaml chưa có khóa; thêm bằng: bangtin trust add {name}=TỆP.pub",
                    en: "reviewer role {name} of bangtin.yaml has no key; add one with: bangtin trust add {name}=FILE.pub"
                ));
            }
            self.root.roles.review.insert(name.clone(), policy::review_role(rules, keys));
        }
        self.root.requires = policy::requires(approval)?;
        self.remove_unused_keys();
        Ok(())
    }

    /// Gives the draft as a verified root, so that the judges can say what it does to programs. A throwaway key replaces its root keys;
    /// reviewers and rules are the draft's own.
    pub fn as_test_root(&self) -> Result<Verified<Root>, Text> {
        let (key, _) = SecretKey::generate(None)?;
        let kid = key.public().kid();
        let mut other = self.clone();
        other.root.roles.root = KeyGroup { keys: BTreeSet::from([kid]), threshold: 1 };
        other.root.keys.insert(kid, ListedKey { minisign: key.public().clone(), holder: String::new() });
        other.remove_unused_keys();
        let bytes = other.write()?;
        let signature = key.sign(&bytes, "", other.common.issued)?;
        judge::initial_root(bytes, vec![signature]).map_err(|refusal| refusal.text().clone())
    }

    /// Fails with the nearest name if there is no such role.
    fn keys_of(&mut self, seat: &KeyRole) -> Result<(&mut BTreeSet<KeyId>, &mut u64), Failure> {
        let roles = &mut self.root.roles;
        match seat {
            KeyRole::Root => Ok((&mut roles.root.keys, &mut roles.root.threshold)),
            KeyRole::Publish => Ok((&mut roles.publish.keys, &mut roles.publish.threshold)),
            KeyRole::Review(name) => {
                let reviewers: Vec<_> = roles.review.keys().cloned().collect();
                let known = ["root", "publish"].into_iter().chain(reviewers.iter().map(RoleId::as_str));
                let role = roles.review.get_mut(name).ok_or_else(|| choose::unknown_role(known, name.as_str()))?;
                Ok((&mut role.keys, &mut role.threshold))
            }
        }
    }

    /// Fails with the nearest name if there is no such key or holder.
    fn find_key(&self, who: &str) -> Result<KeyId, Failure> {
        let keys = &self.root.keys;
        let named: Vec<KeyId> = match KeyId::parse(who).filter(|kid| keys.contains_key(kid)) {
            Some(kid) => vec![kid],
            None => keys.iter().filter(|(_, key)| key.holder == who).map(|(kid, _)| *kid).collect(),
        };
        match named.as_slice() {
            [one] => Ok(*one),
            [] => {
                let kids: Vec<_> = keys.keys().map(|kid| (kid.to_string(), self.root.display_holder(*kid))).collect();
                // Its public key's file, elsewhere than here.
                let file = who.strip_suffix(".pub").filter(|stem| kids.iter().any(|(_, holder)| holder == stem));
                if let Some(holder) = file {
                    return Err(Failure::Usage(crate::text!(
                        vi: "không có tệp “{who}”; có phải “{holder}”?",
                        en: "there is no file “{who}”; did you mean “{holder}”?"
                    )));
                }
                // A holder is called by the name before the address.
                let names = |holder| name_alone(holder).into_iter().collect();
                let known: Vec<_> =
                    kids.iter().flat_map(|(kid, holder)| [(holder.as_str(), names(holder)), (kid.as_str(), vec![])]).collect();
                Err(choose::unknown(&crate::text!(vi: "khóa hay người giữ", en: "key or holder"), who, &known))
            }
            several => {
                let kids = several.iter().map(KeyId::to_string).collect::<Vec<_>>().join(", ");
                Err(Failure::Usage(crate::text!(
                    vi: "“{who}” giữ nhiều khóa; nêu một khóa: {kids}",
                    en: "“{who}” holds several keys; name one of them: {kids}"
                )))
            }
        }
    }

    fn remove_unused_keys(&mut self) {
        let held: BTreeSet<KeyId> = self.root.roles_with_keys().flat_map(|(_, keys, _)| keys).copied().collect();
        self.root.keys.retain(|kid, _| held.contains(kid));
    }
}

/// A holder without the address that follows the name: `Lan` of `Lan <lan@example.vn>`.
fn name_alone(holder: &str) -> Option<&str> {
    holder.split_once('<').map(|(name, _)| name.trim()).filter(|name| !name.is_empty())
}
