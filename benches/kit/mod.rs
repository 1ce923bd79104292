//! An installation of one site whose programs are plain folders; its keys, root, approvals and heads are kept in a folder.
//! Publishes through the library's own calls, so that a measured store is a real one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bangtin::base::bytes::ByteSource;
use bangtin::base::canonical;
use bangtin::base::digest::Digest;
use bangtin::base::file_types;
use bangtin::base::ids::SiteId;
use bangtin::base::times::{Month, Timestamp};
use bangtin::program::manifest;
use bangtin::store::backend::StoreBackend as _;
use bangtin::store::folder_store::FolderStore;
use bangtin::store::layout;
use bangtin::store::publish::{self, NoProgress, Publication, PublishableProgram, SiteUpdate};
use bangtin::trust::document::Verified;
use bangtin::trust::head::SignedHead;
use bangtin::trust::hint::Hint;
use bangtin::trust::judge::{self, ApprovalFile};
use bangtin::trust::keys::KeyId;
use bangtin::trust::root::{Root, SignedRoot};
use bangtin::trust::secret::SecretKey;
use serde_json::{Value, json};

const ROOT_ID: &str = "000102030405060708090a0b0c0d0e0f";
const DAY: i64 = 86_400;
/// Length of a month of these programs.
const MONTH: i64 = 27 * DAY;
const EVERGREEN_PAGE: &[u8] =
    b"<!doctype html><html lang=\"vi\"><meta charset=\"utf-8\"><title>D\xe1\xbb\xb1 ph\xc3\xb2ng</title></html>\n";

/// All key holders of the installation, on one machine.
pub struct Desk {
    publish_key: SecretKey,
    chief_key: SecretKey,
    root: Verified<Root>,
    root_signatures: BTreeMap<KeyId, Vec<u8>>,
    /// Time of all its documents, so that equal input gives equal bytes.
    founded: Timestamp,
}

/// A folder as a program: the manifest and the paths of its files.
struct Made {
    bytes: Vec<u8>,
    kind: &'static str,
    from: i64,
    until: Option<i64>,
    total: u64,
    sources: BTreeMap<Digest, ByteSource>,
}

impl Desk {
    /// Opens the installation in a folder; creates it at `now` if the folder is empty.
    pub fn open(folder: &Path, site: &SiteId, now: i64) -> Self {
        fs::create_dir_all(folder.join("root")).expect("a folder");
        let founded = folder.join("founded");
        if !founded.is_file() {
            fs::write(&founded, now.to_string()).expect("founded");
        }
        let founded = Timestamp(fs::read_to_string(&founded).expect("founded").parse().expect("a number"));
        let [root_key, publish_key, chief_key] = ["root", "publish", "chief"].map(|name| key(&folder.join(format!("{name}.key"))));
        let bytes = serde_json::to_vec(&root_value(site, founded, [&root_key, &publish_key, &chief_key])).expect("JSON");
        let signature = root_key.sign(&bytes, "root", founded).expect("a signature");
        let kid = root_key.public().kid();
        let place = folder.join(layout::root_signature(1, kid));
        if !place.is_file() {
            fs::write(folder.join(layout::root(1)), &bytes).expect("the root");
            fs::write(&place, &signature).expect("its signature");
        }
        let signature = fs::read(&place).expect("its signature");
        let root = judge::initial_root(bytes, vec![signature.clone()]).expect("a good root");
        let root_signatures = BTreeMap::from([(kid, signature)]);
        Self { publish_key, chief_key, root, root_signatures, founded }
    }

    /// Publishes a folder as the site's next month; the first time with the evergreen program. The head still lists the month before,
    /// as between two months. Returns the head's number.
    pub fn publish(&self, store: &Path, site: &SiteId, folder: &Path) -> u64 {
        let store = FolderStore::open(store).unwrap_or_else(|failure| panic!("{failure:?}"));
        let last = store.head_numbers(site).expect("heads").last().map_or(0, |number| number.version);
        let mut entries = if last == 0 { Vec::new() } else { self.head(&store, site, last) };
        let earlier: Vec<PublishableProgram> = entries.iter().map(|entry| self.published(&store, site, entry)).collect();
        // Keeps the evergreen program, which is first, and the last month only.
        if entries.len() > 2 {
            entries.remove(1);
        }
        let from = self.founded.0 - DAY + i64::try_from(last).expect("a small number") * MONTH;
        let new = if last == 0 { vec![evergreen(site), month(site, folder, from)] } else { vec![month(site, folder, from)] };
        let (mut items, mut sources) = (Vec::new(), BTreeMap::new());
        for each in new {
            let (entry, approvals) = self.approve(site, &each);
            items.push(self.item(site, &entry, each.bytes, approvals));
            entries.push(entry);
            sources.extend(each.sources);
        }
        let head = self.sign_head(site, last + 1, &entries);
        let latest = Hint { epoch: 1, head: last + 1, release: 0, root: 1, withdrawals: 0 };
        let news = SiteUpdate { site: site.clone(), head: Some(head), latest };
        let roots = [SignedRoot { root: self.root.clone(), signatures: self.root_signatures.clone() }];
        let find = |file: &manifest::ManifestFile| {
            let held = || Some(store.path(&layout::object(file.sha256))).filter(|path| path.is_file()).map(ByteSource::File);
            sources.get(&file.sha256).cloned().or_else(held)
        };
        let goods = Publication { roots: &roots, items: &items, earlier: &earlier, find: &find, watch: &NoProgress };
        publish::publish(&store, &goods, &[news]).unwrap_or_else(|failure| panic!("{failure:?}"));
        last + 1
    }

    /// A head's entry for a program, and the approval that it names.
    fn approve(&self, site: &SiteId, made: &Made) -> (Value, BTreeMap<KeyId, ApprovalFile>) {
        let digest = Digest::of(&made.bytes).to_string();
        let statement = with(
            common("bangtin-approval", self.founded),
            json!({
                "program": digest, "manifest_size": made.bytes.len(), "total_bytes": made.total, "site": site, "kind": made.kind,
                "show_from": made.from, "show_until": made.until, "roles": ["chief"],
                "document": {"number": "1/QĐ", "date": "2026-11-20"}, "remark": "",
            }),
        );
        let statement = serde_json::to_vec(&statement).expect("JSON");
        let kid = self.chief_key.public().kid();
        let signature = self.chief_key.sign(&statement, "approval", self.founded).expect("a signature");
        let approvals = [kid.to_string()];
        let entry = json!({"program": digest, "size": made.bytes.len(), "kind": made.kind, "from": made.from, "approvals": approvals});
        (entry, BTreeMap::from([(kid, ApprovalFile { statement, signature })]))
    }

    /// An approved program, judged by a head that lists only it: the library requires a head.
    fn item(&self, site: &SiteId, entry: &Value, manifest: Vec<u8>, approvals: BTreeMap<KeyId, ApprovalFile>) -> PublishableProgram {
        let SignedHead { bytes, signature, .. } = self.sign_head(site, 1, std::slice::from_ref(entry));
        let head = judge::stored_head(&[&self.root], site, &bytes, &signature).expect("a good head").0;
        let counted = judge::approvals(&self.root, site, &head.body().programs[0], &approvals).expect("an approval that counts");
        let approved = judge::program(&self.root, counted, &manifest).expect("an approved program");
        PublishableProgram { approved, manifest, approvals }
    }

    /// A program that a head of the store lists.
    fn published(&self, store: &FolderStore, site: &SiteId, entry: &Value) -> PublishableProgram {
        let program = entry["program"].as_str().and_then(Digest::parse).expect("a digest");
        let kid = self.chief_key.public().kid();
        let statement = read(store, &layout::approval(program, kid));
        let signature = read(store, &layout::approval_signature(program, kid));
        let approvals = BTreeMap::from([(kid, ApprovalFile { statement, signature })]);
        self.item(site, entry, read(store, &layout::program(program)), approvals)
    }

    fn sign_head(&self, site: &SiteId, version: u64, entries: &[Value]) -> SignedHead {
        let expires = Timestamp(self.founded.0 + 90 * DAY).to_string();
        let value = with(
            common("bangtin-head", self.founded),
            json!({
                "site": site, "epoch": 1, "version": version, "expires": expires, "root_min": 1, "withdrawals_min": 0,
                "programs": entries, "players": {}, "source": "",
            }),
        );
        let bytes = serde_json::to_vec(&value).expect("JSON");
        let signature = self.publish_key.sign(&bytes, "head", self.founded).expect("a signature");
        SignedHead { number: (1, version).into(), bytes, signature }
    }

    /// The entries of a head of the store.
    fn head(&self, store: &FolderStore, site: &SiteId, version: u64) -> Vec<Value> {
        let signature = read(store, &layout::head_signature(site, (1, version).into()));
        let bytes = read(store, &layout::head(site, (1, version).into()));
        judge::stored_head(&[&self.root], site, &bytes, &signature).expect("a good head");
        let value: Value = serde_json::from_slice(&bytes).expect("JSON");
        value["programs"].as_array().expect("programs").clone()
    }
}

fn read(store: &FolderStore, path: &str) -> Vec<u8> {
    store.read(path, 16 << 20).unwrap_or_else(|failure| panic!("{failure:?}")).unwrap_or_else(|| panic!("no {path}"))
}

fn key(path: &Path) -> SecretKey {
    if !path.is_file() {
        fs::write(path, SecretKey::generate(None).expect("a key").1).expect("a key file");
    }
    SecretKey::from_file_text(&fs::read_to_string(path).expect("a key file"), || Ok(String::new()))
        .unwrap_or_else(|text| panic!("{}", text.en))
}

fn common(kind: &str, at: Timestamp) -> Value {
    json!({"type": kind, "spec": 1, "root_id": ROOT_ID, "issued": at.to_string()})
}

fn with(mut base: Value, more: Value) -> Value {
    if let (Value::Object(base), Value::Object(more)) = (&mut base, more) {
        base.extend(more);
    }
    base
}

fn root_value(site: &SiteId, founded: Timestamp, keys: [&SecretKey; 3]) -> Value {
    let kids = keys.map(|key| key.public().kid().to_string());
    let listed: serde_json::Map<_, _> = keys
        .iter()
        .zip(&kids)
        .map(|(key, kid)| (kid.clone(), json!({"minisign": key.public().to_string(), "holder": "Người đo"})))
        .collect();
    let (expires, all) = (Timestamp(founded.0 + 700 * DAY).to_string(), ["monthly", "evergreen", "urgent", "kit"]);
    with(
        common("bangtin-root", founded),
        json!({
            "version": 1, "expires": expires, "keys": listed,
            "roles": {
                "root": {"keys": [kids[0]], "threshold": 1},
                "publish": {"keys": [kids[1]], "threshold": 1, "epoch": 1},
                "review": {"chief": {"keys": [kids[2]], "threshold": 1, "sites": [site], "kinds": all}},
            },
            "requires": {"monthly": ["chief"], "evergreen": ["chief"], "urgent": ["chief"], "kit": ["chief"], "sites": {}},
        }),
    )
}

/// Path below the folder, with `/`, and full path of every file that a program may contain.
fn files(folder: &Path, below: &str, into: &mut BTreeMap<String, PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = format!("{below}{}", entry.file_name().to_str().expect("a plain name"));
        if entry.file_type().expect("a type").is_dir() {
            files(&entry.path(), &format!("{name}/"), into);
        } else {
            into.insert(name, entry.path());
        }
    }
}

fn month(site: &SiteId, folder: &Path, from: i64) -> Made {
    let mut found = BTreeMap::new();
    files(folder, "", &mut found);
    let files = found.into_iter().map(|(path, place)| (path, ByteSource::File(place))).collect();
    let day = chrono::DateTime::from_timestamp(from + DAY, 0).expect("a date").date_naive();
    let extra = json!({"month": Month::containing(day)});
    made(site, "monthly", (from, Some(from + MONTH)), files, extra)
}

fn evergreen(site: &SiteId) -> Made {
    let page = ByteSource::Memory(EVERGREEN_PAGE.into());
    made(site, "evergreen", (0, None), BTreeMap::from([("html/du-phong.html".to_owned(), page)]), json!({}))
}

/// A program that shows every page of its files for ten seconds, one after another, day and night.
fn made(site: &SiteId, kind: &'static str, (from, until): (i64, Option<i64>), files: BTreeMap<String, ByteSource>, extra: Value) -> Made {
    let (mut listed, mut sources, mut slides, mut items, mut total) = (Vec::new(), BTreeMap::new(), serde_json::Map::new(), Vec::new(), 0);
    for (path, source) in files {
        let (digest, size) = Digest::of_reader(source.open().expect("a file")).expect("its bytes");
        let (stem, extension) = path.rsplit_once('.').expect("a name with an end");
        let media_type = file_types::from_extension(extension).expect("a type that a program may hold");
        if extension == "html" {
            let id = format!("do/{}", stem.rsplit('/').next().expect("a name"));
            items.push(json!([id, 10_000]));
            let (pages, source) = (json!({"1920x1080": path}), format!("{id}.md"));
            let slide = json!({"pages": pages, "title": id, "agency": "so-tttt", "category": "co-so", "language": "vi", "source": source});
            slides.insert(id, slide);
        }
        listed.push(json!({"path": path, "sha256": digest.to_string(), "size": size, "type": media_type}));
        sources.insert(digest, source);
        total += size;
    }
    let ms = items.len() * 10_000;
    let value = json!({
        "format": manifest::FORMAT, "kind": kind, "site": site, "title": "Đo", "languages": ["vi"], "revision": 1, "roles": ["chief"],
        "valid": {"from": from, "until": until}, "offsets": [[from, 25_200]],
        "screens": [{"id": "a", "width": 1920, "height": 1080, "canvas": {"w": 1920, "h": 1080, "x": 0, "y": 0}, "audio": true,
                     "spans": [[from, until.unwrap_or(7 * DAY), "1", 0]]}],
        "loops": {"1": {"ms": ms, "items": items}}, "slides": slides, "files": listed,
    });
    let bytes = canonical::to_vec(&with(value, extra)).expect("canonical");
    Made { bytes, kind, from, until, total, sources }
}
