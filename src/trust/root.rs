//! `root/<n>.json`: who may sign what. The rules here concern one root alone; the step to the next one is in `judge`.
//! Never signs and never verifies.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize};

use super::document::{self, SignedDocument, Verified};
use super::keys::{KeyId, PublicKey};
use crate::base::ids::{RoleId, SiteId};
use crate::base::limits::SMALL_DOCUMENT_BYTES;
use crate::base::numbers;
use crate::base::terms::ProgramKind;
use crate::base::text::{Text, printable};
use crate::base::times::Timestamp;

/// What a root says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// Its number, one more than its predecessor's.
    pub version: u64,
    /// When its renewal is due; a late one raises an alarm and stops nothing.
    pub expires: Timestamp,
    pub keys: BTreeMap<KeyId, ListedKey>,
    pub roles: Roles,
    pub requires: ApprovalRequirements,
}

/// A key and who holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedKey {
    /// The key in the 56-character form.
    pub minisign: PublicKey,
    /// For people; no check uses it.
    pub holder: String,
}

/// The three sorts of roles; no key may be in two of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roles {
    pub root: KeyGroup,
    pub publish: PublishRole,
    pub review: BTreeMap<RoleId, ReviewRole>,
}

/// Keys and how many of them must sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyGroup {
    pub keys: BTreeSet<KeyId>,
    /// At least 1, at most the number of keys.
    pub threshold: u64,
}

/// Who may sign heads, and the epoch that heads must bear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishRole {
    pub keys: BTreeSet<KeyId>,
    /// At least 1, at most the number of keys.
    pub threshold: u64,
    /// Raised after a publish key is stolen: versions of heads start anew.
    pub epoch: u64,
}

/// One reviewer role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewRole {
    pub keys: BTreeSet<KeyId>,
    /// At least 1, at most the number of keys.
    pub threshold: u64,
    pub sites: SiteScope,
    pub kinds: BTreeSet<ProgramKind>,
}

/// A list of sites; `"*"` in it stands for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SiteScope {
    /// Every site, present and future.
    All,
    Only(BTreeSet<SiteId>),
}

impl Serialize for SiteScope {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::All => ["*"].serialize(serializer),
            Self::Only(sites) => sites.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for SiteScope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            List(Vec<String>),
            Star(String),
        }
        let list = match Form::deserialize(deserializer)? {
            Form::List(list) => list,
            Form::Star(star) if star == "*" => return Ok(Self::All),
            Form::Star(_) => return Err(serde::de::Error::custom("sites is a list of site ids or \"*\"")),
        };
        let ids = list.iter().filter(|text| *text != "*");
        let only: Option<BTreeSet<_>> = ids.map(|text| SiteId::parse(text)).collect();
        let only = only.ok_or_else(|| serde::de::Error::custom("a site id must have the form [a-z0-9-]{1,40}"))?;
        Ok(if list.iter().any(|text| text == "*") { Self::All } else { Self::Only(only) })
    }
}

impl ReviewRole {
    /// Whether the role counts for a program of this kind at this site.
    pub fn covers(&self, site: &SiteId, kind: ProgramKind) -> bool {
        let covers_site = match &self.sites {
            SiteScope::All => true,
            SiteScope::Only(sites) => sites.contains(site),
        };
        covers_site && self.kinds.contains(&kind)
    }
}

/// Roles that must approve each kind of program, with exceptions per site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalRequirements {
    pub monthly: Vec<RoleId>,
    pub evergreen: Vec<RoleId>,
    pub urgent: Vec<RoleId>,
    pub kit: Vec<RoleId>,
    /// A list here replaces the general one for its site.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sites: BTreeMap<SiteId, SiteRequirements>,
}

/// The lists of one site; `None` where the general one applies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteRequirements {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly: Option<Vec<RoleId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evergreen: Option<Vec<RoleId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgent: Option<Vec<RoleId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kit: Option<Vec<RoleId>>,
}

impl ApprovalRequirements {
    /// The roles that must approve a program of this kind at this site.
    pub fn of(&self, site: &SiteId, kind: ProgramKind) -> &[RoleId] {
        self.sites.get(site).and_then(|own| own.of(kind)).unwrap_or(self.general(kind))
    }

    /// The roles that must approve a program of this kind where the site has no list of its own.
    pub fn general(&self, kind: ProgramKind) -> &[RoleId] {
        match kind {
            ProgramKind::Monthly => &self.monthly,
            ProgramKind::Evergreen => &self.evergreen,
            ProgramKind::Urgent => &self.urgent,
            ProgramKind::Kit => &self.kit,
        }
    }

    fn has_an_empty_list(&self) -> bool {
        let general = [&self.monthly, &self.evergreen, &self.urgent, &self.kit].into_iter();
        let special = self.sites.values().flat_map(|s| [&s.monthly, &s.evergreen, &s.urgent, &s.kit]).flatten();
        general.chain(special).any(Vec::is_empty)
    }
}

impl SiteRequirements {
    /// The site's own list for a kind; `None` where the general one applies.
    pub fn of(&self, kind: ProgramKind) -> Option<&[RoleId]> {
        let own = match kind {
            ProgramKind::Monthly => &self.monthly,
            ProgramKind::Evergreen => &self.evergreen,
            ProgramKind::Urgent => &self.urgent,
            ProgramKind::Kit => &self.kit,
        };
        own.as_deref()
    }
}

impl Root {
    /// The public keys of these key ids; skips ids that the root does not list.
    pub fn public_keys<'a>(&'a self, kids: &'a BTreeSet<KeyId>) -> impl Iterator<Item = &'a PublicKey> + Clone + 'a {
        kids.iter().filter_map(|kid| self.keys.get(kid)).map(|key| &key.minisign)
    }

    /// The ids of all keys that hold a reviewer role.
    pub fn reviewers(&self) -> BTreeSet<KeyId> {
        self.roles.review.values().flat_map(|role| &role.keys).copied().collect()
    }

    /// Who holds a key, for people.
    pub fn holder(&self, kid: KeyId) -> Option<&str> {
        self.keys.get(&kid).map(|key| key.holder.as_str())
    }

    /// Who holds a key, safe to print on a terminal; the kid if the root does not list the key.
    pub fn display_holder(&self, kid: KeyId) -> String {
        self.holder(kid).map_or_else(|| kid.to_string(), printable)
    }

    /// The signature files that these keys made over these bytes, by key. Leaves out all other files.
    pub fn signatures_by(&self, kids: &BTreeSet<KeyId>, bytes: &[u8], files: &[Vec<u8>]) -> BTreeMap<KeyId, Vec<u8>> {
        let keys = self.public_keys(kids);
        let by = |file: &Vec<u8>| Some((document::valid_signers(bytes, std::slice::from_ref(file), &keys).first().copied()?, file.clone()));
        files.iter().filter_map(by).collect()
    }

    /// Every role with its keys and its threshold.
    pub(super) fn roles_with_keys(&self) -> impl Iterator<Item = (String, &BTreeSet<KeyId>, u64)> {
        let roles = &self.roles;
        let fixed = [
            ("root".to_owned(), &roles.root.keys, roles.root.threshold),
            ("publish".to_owned(), &roles.publish.keys, roles.publish.threshold),
        ];
        fixed.into_iter().chain(roles.review.iter().map(|(name, role)| (name.as_str().to_owned(), &role.keys, role.threshold)))
    }
}

/// A root with the signature files beside it, by key.
#[derive(Clone)]
pub struct SignedRoot {
    pub root: Verified<Root>,
    pub signatures: BTreeMap<KeyId, Vec<u8>>,
}

impl SignedRoot {
    /// Whether a holder has signed this root, whatever rights the key has.
    pub fn is_signed_by(&self, kid: KeyId) -> bool {
        let signatures: Vec<_> = self.signatures.values().cloned().collect();
        !self.root.body().signatures_by(&BTreeSet::from([kid]), self.root.bytes(), &signatures).is_empty()
    }
}

impl SignedDocument for Root {
    const TYPE: &'static str = "bangtin-root";
    const LIMIT: u64 = SMALL_DOCUMENT_BYTES;

    fn check(&self) -> Result<(), Text> {
        // Recompute each kid from the key bytes, so that one key can't be listed under two ids.
        if let Some((kid, _)) = self.keys.iter().find(|(kid, key)| key.minisign.kid() != **kid) {
            return Err(crate::text!(vi: "khóa {kid} mang tên không phải của nó", en: "key {kid} stands under a name that is not its own"));
        }
        for (role, keys, threshold) in self.roles_with_keys() {
            if let Some(kid) = keys.iter().find(|kid| !self.keys.contains_key(kid)) {
                return Err(
                    crate::text!(vi: "vai trò {role} có khóa {kid} không được kê", en: "role {role} names key {kid}, which is not listed"),
                );
            }
            let count = keys.len() as u64;
            if threshold < 1 || threshold > count {
                let (named, needed) = (numbers::counted(count, "key"), numbers::counted(threshold, "signature"));
                if count == 0 {
                    return Err(crate::text!(
                        vi: "vai trò {role} cần {threshold} chữ ký nhưng không còn khóa nào",
                        en: "role {role} needs {needed} but has no key left"
                    ));
                }
                return Err(crate::text!(
                    vi: "vai trò {role}: cần {threshold} chữ ký mà có {count} khóa; số chữ ký phải từ 1 đến số khóa",
                    en: "role {role}: threshold {threshold} with {named}; it must be 1 to the number of keys"
                ));
            }
        }
        let reviewers = self.reviewers();
        let (root, publish) = (&self.roles.root.keys, &self.roles.publish.keys);
        let mut shared = root.intersection(publish).chain(root.intersection(&reviewers)).chain(publish.intersection(&reviewers));
        if let Some(kid) = shared.next() {
            return Err(crate::text!(
                vi: "khóa {kid} ở hai trong ba nhóm phân quyền, phát hành, duyệt; mỗi khóa chỉ được một nhóm",
                en: "key {kid} is in two of root, publish and review; a key may be in one only"
            ));
        }
        if self.requires.has_an_empty_list() {
            return Err(crate::text!(vi: "requires có danh sách rỗng", en: "requires has an empty list"));
        }
        Ok(())
    }
}
