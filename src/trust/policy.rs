//! The first root: made from the content's approval policy and the keys of its holders.
//! Never reads a file and never signs.

use std::collections::{BTreeMap, BTreeSet};

use super::keys::{KeyId, PublicKey};
use super::root::{ApprovalRequirements, KeyGroup, ListedKey, PublishRole, ReviewRole, Roles, Root, SiteRequirements, SiteScope};
use super::root_changes::names;
use crate::base::failure::Failure;
use crate::base::ids::RoleId;
use crate::base::numbers;
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::base::times::Timestamp;
use crate::content::model::choose;
use crate::content::model::values::{ApprovalPolicy, RolePolicy};

/// A key and who holds it.
pub type KeyHolder = (PublicKey, String);

/// Who holds which role in the first root.
pub struct InitialHolders {
    pub root: Vec<KeyHolder>,
    pub root_threshold: u64,
    pub publish: Vec<KeyHolder>,
    pub review: Vec<(RoleId, KeyHolder)>,
}

/// Root 1 of an installation.
pub fn first_root(policy: &ApprovalPolicy, holders: InitialHolders, expires: Timestamp) -> Result<Root, Failure> {
    let mut keys = BTreeMap::new();
    let mut enter = |holders: Vec<KeyHolder>| -> BTreeSet<KeyId> {
        let mut kids = BTreeSet::new();
        for (minisign, holder) in holders {
            kids.insert(minisign.kid());
            keys.entry(minisign.kid()).or_insert(ListedKey { minisign, holder });
        }
        kids
    };
    let root = KeyGroup { keys: enter(holders.root), threshold: holders.root_threshold };
    let publish = PublishRole { keys: enter(holders.publish), threshold: 1, epoch: 1 };
    let mut by_role: BTreeMap<RoleId, Vec<KeyHolder>> = BTreeMap::new();
    for (role, holder) in holders.review {
        by_role.entry(role).or_default().push(holder);
    }
    if let Some(role) = by_role.keys().find(|role| !policy.roles.contains_key(*role)) {
        return Err(choose::unknown_role(policy.roles.keys().map(RoleId::as_str), role.as_str()));
    }
    let mut review = BTreeMap::new();
    for (name, role) in &policy.roles {
        let kids = enter(by_role.remove(name).unwrap_or_default());
        let (count, threshold) = (kids.len(), role.threshold);
        let keys = numbers::counted(u64::from(threshold), "key");
        if (kids.len() as u64) < u64::from(threshold) {
            return Err(Failure::Refused(crate::text!(
                vi: "vai trò duyệt {name} cần ít nhất {threshold} khóa khác nhau, mới có {count}; thêm --review {name}=TỆP.pub",
                en: "role {name} needs at least {keys}, {count} given; add --review {name}=FILE.pub"
            )));
        }
        review.insert(name.clone(), review_role(role, kids));
    }
    let requires = requires(policy).map_err(Failure::Refused)?;
    Ok(Root { version: 1, expires, keys, roles: Roles { root, publish, review }, requires })
}

/// A reviewer role by the policy, with these keys.
pub(super) fn review_role(policy: &RolePolicy, keys: BTreeSet<KeyId>) -> ReviewRole {
    let sites = if policy.sites.is_empty() { SiteScope::All } else { SiteScope::Only(policy.sites.iter().cloned().collect()) };
    ReviewRole { keys, threshold: u64::from(policy.threshold), sites, kinds: policy.kinds.iter().copied().collect() }
}

/// Who must approve what, by the policy.
pub(super) fn requires(policy: &ApprovalPolicy) -> Result<ApprovalRequirements, Text> {
    for list in policy.requires.values().chain(policy.sites.values().flat_map(BTreeMap::values)) {
        if let Some(role) = list.iter().find(|role| !policy.roles.contains_key(*role)) {
            let known = names(policy.roles.keys());
            return Err(crate::text!(
                vi: "approval.requires nêu vai trò {role} không có; các vai trò: {known}",
                en: "approval.requires names role {role}, which does not exist; the roles: {known}"
            ));
        }
    }
    let list = |kind: ProgramKind| {
        policy.requires.get(&kind).filter(|list| !list.is_empty()).cloned().ok_or_else(|| {
            let word = kind.as_str();
            crate::text!(
                vi: "approval.requires trong bangtin.yaml phải nêu vai trò duyệt cho loại {word}",
                en: "approval.requires in bangtin.yaml must name the roles that approve kind {word}"
            )
        })
    };
    let sites = policy.sites.iter().map(|(site, kinds)| {
        let list = |kind| kinds.get(&kind).cloned();
        let (monthly, evergreen) = (list(ProgramKind::Monthly), list(ProgramKind::Evergreen));
        (site.clone(), SiteRequirements { monthly, evergreen, urgent: list(ProgramKind::Urgent), kit: list(ProgramKind::Kit) })
    });
    Ok(ApprovalRequirements {
        monthly: list(ProgramKind::Monthly)?,
        evergreen: list(ProgramKind::Evergreen)?,
        urgent: list(ProgramKind::Urgent)?,
        kit: list(ProgramKind::Kit)?,
        sites: sites.collect(),
    })
}
