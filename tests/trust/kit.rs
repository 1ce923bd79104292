//! An installation in memory: keys, a root, approvals and heads, each a JSON value that a test may change before signing.

use std::collections::BTreeMap;

use bangtin::base::canonical;
use bangtin::base::digest::Digest;
use bangtin::base::ids::SiteId;
use bangtin::base::times::Timestamp;
use bangtin::trust::document::Verified;
use bangtin::trust::head::Head;
use bangtin::trust::judge::{self, ApprovalFile};
use bangtin::trust::keys::KeyId;
use bangtin::trust::root::Root;
use bangtin::trust::secret::SecretKey;
use serde_json::{Value, json};

pub const ROOT_ID: &str = "000102030405060708090a0b0c0d0e0f";
pub const AT: Timestamp = Timestamp(1_796_263_200);

pub fn key() -> SecretKey {
    SecretKey::generate(None).expect("a key").0
}

pub fn keys(count: usize) -> Vec<SecretKey> {
    (0..count).map(|_| key()).collect()
}

pub fn kid(key: &SecretKey) -> String {
    key.public().kid().to_string()
}

pub fn sign(key: &SecretKey, bytes: &[u8]) -> Vec<u8> {
    key.sign(bytes, "test", AT).expect("a signature")
}

pub fn signed(value: &Value, keys: &[&SecretKey]) -> (Vec<u8>, Vec<Vec<u8>>) {
    let bytes = serde_json::to_vec(value).expect("JSON");
    let signatures = keys.iter().map(|key| sign(key, &bytes)).collect();
    (bytes, signatures)
}

pub fn common(kind: &str) -> Value {
    json!({"type": kind, "spec": 1, "root_id": ROOT_ID, "issued": AT.to_string()})
}

pub fn with(mut base: Value, more: Value) -> Value {
    let (Value::Object(base_map), Value::Object(more)) = (&mut base, more) else { panic!("objects") };
    base_map.extend(more);
    base
}

/// A root's `keys` for these secret keys.
pub fn key_map<'a>(keys: impl IntoIterator<Item = &'a SecretKey>) -> Value {
    keys.into_iter()
        .map(|key| (kid(key), json!({"minisign": key.public().to_string(), "holder": "Người giữ"})))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// Key holders of an installation: chief ×2 (threshold 2), ta-lung ×1, duty ×1.
pub struct Office {
    pub root: SecretKey,
    pub publish: SecretKey,
    pub chiefs: Vec<SecretKey>,
    pub local: SecretKey,
    pub duty: SecretKey,
}

impl Office {
    pub fn new() -> Self {
        Self { root: key(), publish: key(), chiefs: keys(3), local: key(), duty: key() }
    }

    pub fn everyone(&self) -> Vec<&SecretKey> {
        let mut all = vec![&self.root, &self.publish, &self.local, &self.duty];
        all.extend(&self.chiefs);
        all
    }

    pub fn root_value(&self) -> Value {
        let chiefs: Vec<_> = self.chiefs.iter().map(kid).collect();
        with(
            common("bangtin-root"),
            json!({
                "version": 1, "expires": "2028-12-01T00:00:00Z", "keys": key_map(self.everyone()),
                "roles": {
                    "root": {"keys": [kid(&self.root)], "threshold": 1},
                    "publish": {"keys": [kid(&self.publish)], "threshold": 1, "epoch": 1},
                    "review": {
                        "chief": {"keys": chiefs, "threshold": 2, "sites": ["*"], "kinds": ["monthly", "evergreen", "kit"]},
                        "duty": {"keys": [kid(&self.duty)], "threshold": 1, "sites": ["*"], "kinds": ["urgent"]},
                        "ta-lung": {"keys": [kid(&self.local)], "threshold": 1, "sites": ["ta-lung"], "kinds": ["monthly"]},
                    },
                },
                "requires": {"monthly": ["chief"], "evergreen": ["chief"], "urgent": ["duty"], "kit": ["chief"],
                             "sites": {"ta-lung": {"monthly": ["chief", "ta-lung"]}}},
            }),
        )
    }

    pub fn root(&self) -> Verified<Root> {
        self.root_from(&self.root_value())
    }

    pub fn root_from(&self, value: &Value) -> Verified<Root> {
        let (bytes, signatures) = signed(value, &[&self.root]);
        judge::initial_root(bytes, signatures).expect("a good root")
    }

    /// A site's head with these entries.
    #[allow(clippy::unused_self, reason = "it is the office that says so")]
    pub fn head_value(&self, site: &str, version: u64, programs: Value) -> Value {
        with(
            common("bangtin-head"),
            json!({
                "site": site, "epoch": 1, "version": version, "expires": "2027-03-01T00:00:00Z", "root_min": 1, "withdrawals_min": 0,
                "programs": programs, "players": {}, "source": "",
            }),
        )
    }

    pub fn head(&self, value: &Value) -> (Vec<u8>, Vec<u8>) {
        let (bytes, mut signatures) = signed(value, &[&self.publish]);
        (bytes, signatures.remove(0))
    }

    pub fn verified_head(&self, root: &Verified<Root>, value: &Value) -> Verified<Head> {
        let (bytes, signature) = self.head(value);
        let site = site(value["site"].as_str().expect("a site"));
        judge::stored_head(&[root], &site, &bytes, &signature).expect("a good head").0
    }
}

pub fn site(text: &str) -> SiteId {
    SiteId::parse(text).expect("a site id")
}

/// A small, well-formed manifest.
pub fn manifest(site: &str, kind: &str, revision: u64) -> Value {
    let monthly = kind == "monthly";
    let mut value = json!({
        "format": "bangtin-program/1", "kind": kind, "site": site, "title": "Chương trình", "languages": ["vi"], "revision": revision,
        "roles": ["chief"], "valid": {"from": 0, "until": null}, "offsets": [[0, 25200]],
        "screens": [{"id": "a", "width": 1920, "height": 1080, "canvas": {"w": 1920, "h": 1080, "x": 0, "y": 0}, "audio": true,
                     "spans": [[25200, 61200, "1", 0]]}],
        "loops": {"1": {"ms": 10000, "items": [["du-lich/ban-gioc", 10000]]}},
        "slides": {"du-lich/ban-gioc": {"pages": {"1920x1080": "slides/du-lich/ban-gioc@1920x1080.html"}, "title": "Thác Bản Giốc",
            "agency": "so-vhttdl", "category": "du-lich", "language": "vi", "source": "du-lich/ban-gioc.md"}},
        "files": [{"path": "slides/du-lich/ban-gioc@1920x1080.html", "sha256": Digest::of(b"page").to_string(), "size": 4,
                   "type": "text/html"}],
    });
    if monthly {
        value["month"] = json!("2026-12");
        value["valid"] = json!({"from": 1_796_058_000, "until": 1_798_736_400});
        value["offsets"] = json!([[1_796_058_000, 25200]]);
        value["screens"][0]["spans"] = json!([[1_796_085_000, 1_796_097_600, "1", 0]]);
    }
    value
}

/// A manifest's bytes with its approval and its entry in the head.
pub struct Made {
    pub bytes: Vec<u8>,
    pub digest: Digest,
    pub approval: Value,
    pub kind: String,
}

pub fn made(manifest: &Value) -> Made {
    let bytes = canonical::to_vec(manifest).expect("canonical");
    let digest = Digest::of(&bytes);
    let total: u64 = manifest["files"].as_array().expect("files").iter().map(|file| file["size"].as_u64().expect("size")).sum();
    let approval = with(
        common("bangtin-approval"),
        json!({
            "program": digest.to_string(), "manifest_size": bytes.len(), "total_bytes": total, "site": manifest["site"], "kind": manifest["kind"],
            "show_from": manifest["valid"]["from"], "show_until": manifest["valid"]["until"], "roles": ["chief"],
            "document": {"number": "12/QĐ-STTTT", "date": "2026-11-20"}, "remark": "",
        }),
    );
    Made { bytes, digest, approval, kind: manifest["kind"].as_str().expect("kind").to_owned() }
}

impl Made {
    pub fn entry(&self, kids: &[String]) -> Value {
        json!({"program": self.digest.to_string(), "size": self.bytes.len(), "kind": self.kind, "from": 1_796_058_000, "approvals": kids})
    }

    /// The approval for some roles, signed.
    pub fn approved(&self, key: &SecretKey, roles: &[&str]) -> (KeyId, ApprovalFile) {
        (key.public().kid(), approval_file(&with(self.approval.clone(), json!({"roles": roles})), key))
    }
}

pub fn approval_file(value: &Value, key: &SecretKey) -> ApprovalFile {
    let statement = serde_json::to_vec(value).expect("JSON");
    let signature = sign(key, &statement);
    ApprovalFile { statement, signature }
}

pub type Files = BTreeMap<KeyId, ApprovalFile>;
