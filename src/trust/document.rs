//! What all signed documents share: the common fields, strict reading, and the check of signatures, the only way to a [`Verified`].
//! Never knows which keys may sign what: `judge` does.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::keys::{KeyId, PublicKey};
use super::refusal::{Refusal, require};
use super::signature::SignatureFile;
use crate::base::digest::{Digest, from_hex};
use crate::base::numbers;
use crate::base::strict_json;
use crate::base::text::Text;
use crate::base::times::Timestamp;

/// 128 random bits, made once by `trust init`: the same in every document of one installation, different in every other installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RootId([u8; 16]);

impl RootId {
    /// Takes 16 random bytes.
    pub fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Reads exactly 32 lowercase hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        from_hex(text).map(Self)
    }
}

impl std::fmt::Display for RootId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&base16ct::lower::encode_string(&self.0))
    }
}

crate::as_text!(RootId, "32 lowercase hexadecimal digits are required");

/// The body of one kind of signed document: its fields besides the common ones.
pub trait SignedDocument: DeserializeOwned + Serialize {
    /// The value of its field `type`.
    const TYPE: &'static str;
    /// Maximum length in bytes.
    const LIMIT: u64;

    /// Checks the rules that concern this document alone.
    fn check(&self) -> Result<(), Text>;
}

/// The common fields that differ between documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommonFields {
    pub root_id: RootId,
    /// When it was signed, by the signer's clock.
    pub issued: Timestamp,
}

#[derive(Serialize)]
struct SignableDocument<'a, T> {
    #[serde(rename = "type")]
    kind: &'static str,
    spec: u64,
    root_id: RootId,
    issued: Timestamp,
    #[serde(flatten)]
    body: &'a T,
}

/// Gives the bytes to sign, indented because people read approvals and roots too.
pub fn to_signable_bytes<T: SignedDocument>(common: CommonFields, body: &T) -> Result<Vec<u8>, Text> {
    body.check()?;
    let written = SignableDocument { kind: T::TYPE, spec: 1, root_id: common.root_id, issued: common.issued, body };
    let mut bytes = serde_json::to_vec_pretty(&written).map_err(|error| crate::text!(vi: "{error}", en: "{error}"))?;
    bytes.push(b'\n');
    let (kind, limit) = (T::TYPE, T::LIMIT);
    if bytes.len() as u64 > limit {
        return Err(crate::text!(vi: "{kind} dài quá {limit} byte", en: "{kind} would be longer than {limit} bytes"));
    }
    Ok(bytes)
}

#[derive(Deserialize)]
struct DocumentHeader {
    #[serde(rename = "type")]
    kind: String,
    spec: u64,
    #[serde(default)]
    critical: Vec<String>,
    root_id: RootId,
    issued: Timestamp,
}

/// Reads a document of one type: strict JSON, `type`, `spec`, `critical`, then its own fields and rules. Does not check signatures.
pub(super) fn parse<T: SignedDocument>(bytes: &[u8]) -> Result<(CommonFields, T), Refusal> {
    let kind = T::TYPE;
    let malformed =
        |detail: String| Refusal::Rule(crate::text!(vi: "{kind} sai dạng (chi tiết: {detail})", en: "malformed {kind}: {detail}"));
    let value = strict_json::parse(bytes).map_err(malformed)?;
    let header = DocumentHeader::deserialize(&value).map_err(|error| malformed(error.to_string()))?;
    require(header.kind == kind, || {
        let found: String = header.kind.chars().filter(char::is_ascii_graphic).take(40).collect();
        crate::text!(vi: "loại văn bản là “{found}”, cần “{kind}”", en: "the document's type is “{found}”, “{kind}” is required")
    })?;
    require(header.spec == 1, || {
        let spec = header.spec;
        crate::text!(
            vi: "{kind}: phiên bản này chưa hỗ trợ spec {spec}; hãy nâng cấp phần mềm",
            en: "{kind}: this version does not support spec {spec}; upgrade the software"
        )
    })?;
    require(header.critical.is_empty(), || {
        crate::text!(
            vi: "{kind}: có yêu cầu bắt buộc (critical) mà phiên bản này chưa hỗ trợ; hãy nâng cấp phần mềm",
            en: "{kind}: has a critical field that this version does not support; upgrade the software"
        )
    })?;
    let body: T = serde_json::from_value(value).map_err(|error| malformed(error.to_string()))?;
    body.check().map_err(Refusal::Rule)?;
    Ok((CommonFields { root_id: header.root_id, issued: header.issued }, body))
}

/// The distinct keys among `keys` that signed these bytes. Ignores bad, foreign and surplus signatures.
pub(super) fn valid_signers<'a>(
    bytes: &[u8],
    signatures: &[Vec<u8>],
    keys: &(impl Iterator<Item = &'a PublicKey> + Clone),
) -> BTreeSet<KeyId> {
    let parsed: Vec<_> = signatures.iter().map(Vec::as_slice).filter_map(SignatureFile::parse).collect();
    parsed.iter().flat_map(|signature| keys.clone().filter(|key| signature.verifies_with(key, bytes))).map(PublicKey::kid).collect()
}

/// Refuses a document of another installation.
pub(super) fn ensure_same_installation(want: RootId, found: RootId, kind: &str) -> Result<(), Refusal> {
    require(
        found == want,
        || crate::text!(vi: "{kind} thuộc hệ thống khác (root_id khác)", en: "{kind} belongs to another installation (other root_id)"),
    )
}

/// The only way to a [`Verified`]: checks the length, then enough distinct good keys on the raw bytes, only then reads; `root_id` last.
pub(super) fn verify<'a, T: SignedDocument>(
    bytes: Vec<u8>,
    signatures: &[Vec<u8>],
    keys: &(impl Iterator<Item = &'a PublicKey> + Clone),
    threshold: u64,
    root_id: RootId,
) -> Result<Verified<T>, Refusal> {
    let (kind, limit) = (T::TYPE, T::LIMIT);
    // Our signers never write a longer document, so this one is unproven.
    if bytes.len() as u64 > limit {
        return Err(Refusal::Unproven(crate::text!(vi: "{kind} dài quá {limit} byte", en: "{kind} is longer than {limit} bytes")));
    }
    let signers = valid_signers(&bytes, signatures, keys);
    let count = signers.len();
    if threshold == 0 || (count as u64) < threshold {
        let good = numbers::counted(count, "good signature");
        return Err(Refusal::Unproven(crate::text!(
            vi: "{kind}: {count} chữ ký hợp lệ, cần {threshold}",
            en: "{kind}: {good}, {threshold} required"
        )));
    }
    let (common, body) = parse::<T>(&bytes)?;
    ensure_same_installation(root_id, common.root_id, kind)?;
    Ok(Verified { bytes: bytes.into(), common, body, signers })
}

/// A document whose signatures were checked against keys that may sign it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Verified<T> {
    bytes: Arc<[u8]>,
    common: CommonFields,
    body: T,
    signers: BTreeSet<KeyId>,
}

impl<T> Verified<T> {
    /// The bytes as received; these are stored and passed on.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of the bytes.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.bytes)
    }

    /// The id of its installation.
    pub fn root_id(&self) -> RootId {
        self.common.root_id
    }

    /// When it was signed, by the signer's clock.
    pub fn issued(&self) -> Timestamp {
        self.common.issued
    }

    /// What it says.
    pub fn body(&self) -> &T {
        &self.body
    }

    /// The keys with good signatures.
    pub fn signers(&self) -> &BTreeSet<KeyId> {
        &self.signers
    }
}
