//! A store with one site and months of given files, published by the library; each test chooses the server.

use std::collections::BTreeMap;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command};
use std::time::Duration;

use bangtin::base::bytes::ByteSource;
use bangtin::base::digest::Digest;
use bangtin::program::manifest::ManifestFile;
use bangtin::store::folder_store::FolderStore;
use bangtin::store::publish::{self, NoProgress, Publication, PublishableProgram, SiteUpdate};
use bangtin::trust::document::Verified;
use bangtin::trust::head::SignedHead;
use bangtin::trust::hint::Hint;
use bangtin::trust::judge;
use bangtin::trust::root::{Root, SignedRoot};
use serde_json::{Value, json};

use crate::harness::{Finished, Sandbox, wait_for};
use crate::trust::kit::{Files, Office, common, key, made, manifest, sign, site};

pub struct Shop {
    pub sandbox: Sandbox,
    office: Office,
    root: Verified<Root>,
    /// Every root, the newest last.
    roots: Vec<SignedRoot>,
    objects: BTreeMap<Digest, Vec<u8>>,
    evergreen: PublishableProgram,
    last: Option<PublishableProgram>,
    version: u64,
    withdrawals_min: u64,
}

/// A month's files by path.
pub type Month = BTreeMap<String, Vec<u8>>;

/// Seeded bytes that do not compress.
pub fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(3_037_000_493);
    let mut out = Vec::with_capacity(length + 8);
    while out.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out.extend_from_slice(&state.to_le_bytes());
    }
    out.truncate(length);
    out
}

impl Shop {
    pub fn new() -> Self {
        let (sandbox, office) = (Sandbox::new(), Office::new());
        let root = office.root();
        let root_signature = sign(&office.root, root.bytes());
        sandbox.write("root.json", root.bytes()).write("root.json.a.minisig", &root_signature);
        let signatures = BTreeMap::from([(office.root.public().kid(), root_signature)]);
        let mut shop = Self {
            evergreen: item(&office, &root, &manifest("quay", "evergreen", 1)),
            objects: BTreeMap::from([(Digest::of(b"page"), b"page".to_vec())]),
            sandbox,
            office,
            roots: vec![SignedRoot { root: root.clone(), signatures }],
            root,
            last: None,
            version: 0,
            withdrawals_min: 0,
        };
        shop.configure("store", &json!({}));
        shop.publish(&Month::new());
        shop
    }

    pub fn office(&self) -> &Office {
        &self.office
    }

    /// Makes a root without the second chief and with another publish key; both programs are approved anew. The next `publish` sends it.
    pub fn rotate(&mut self) {
        self.office.chiefs.remove(1);
        self.office.publish = key();
        let mut value = self.office.root_value();
        value["version"] = json!(self.root.body().version + 1);
        self.root = self.office.root_from(&value);
        let signatures = BTreeMap::from([(self.office.root.public().kid(), sign(&self.office.root, self.root.bytes()))]);
        self.roots.push(SignedRoot { root: self.root.clone(), signatures });
        self.evergreen = item(&self.office, &self.root, &manifest("quay", "evergreen", 1));
        self.last = None;
    }

    /// Publishes a month with these files in place of the last one. Pages are `slides/<name>@1920x1080/index.html`.
    pub fn publish(&mut self, files: &Month) {
        self.version += 1;
        let mut value = manifest("quay", "monthly", self.version);
        let listed = |(path, bytes): (&String, &Vec<u8>)| {
            let kind = match path.rsplit('.').next() {
                Some("html") => "text/html",
                Some("jpg") => "image/jpeg",
                Some("css") => "text/css",
                _ => "video/mp4",
            };
            (path.clone(), json!({"path": path, "sha256": Digest::of(bytes).to_string(), "size": bytes.len(), "type": kind}))
        };
        let mut all: BTreeMap<String, Value> = files.iter().map(listed).collect();
        for own in value["files"].as_array().unwrap() {
            all.insert(own["path"].as_str().unwrap().to_owned(), own.clone());
        }
        value["files"] = all.into_values().collect();
        for path in files.keys().filter(|path| path.ends_with(".html")) {
            let id = path.strip_prefix("slides/").unwrap().split('@').next().unwrap();
            let mut slide = value["slides"]["du-lich/ban-gioc"].clone();
            slide["pages"] = json!({"1920x1080": path});
            value["slides"][id] = slide;
            value["loops"]["1"]["items"].as_array_mut().unwrap().push(json!([id, 10_000]));
        }
        value["loops"]["1"]["ms"] = json!(10_000 * value["loops"]["1"]["items"].as_array().unwrap().len());
        self.objects.extend(files.values().map(|bytes| (Digest::of(bytes), bytes.clone())));
        let month = item(&self.office, &self.root, &value);
        let kids = |item: &PublishableProgram| item.approvals.keys().map(ToString::to_string).collect::<Vec<_>>();
        let entry = |item: &PublishableProgram| {
            let program = item.approved.program();
            json!({"program": program.digest().to_string(), "size": item.manifest.len(), "kind": program.manifest().kind,
                   "from": 1_796_058_000, "approvals": kids(item)})
        };
        let mut head = self.office.head_value("quay", self.version, json!([entry(&month), entry(&self.evergreen)]));
        head["withdrawals_min"] = json!(self.withdrawals_min);
        let (bytes, signature) = self.office.head(&head);
        let latest = Hint { epoch: 1, head: self.version, release: 0, root: self.root.body().version, withdrawals: 0 };
        let news =
            [SiteUpdate { site: site("quay"), head: Some(SignedHead { number: (1, self.version).into(), bytes, signature }), latest }];
        let items = [month.clone(), self.evergreen.clone()];
        let earlier: Vec<PublishableProgram> = self.last.iter().cloned().chain([self.evergreen.clone()]).collect();
        let find = |file: &ManifestFile| self.objects.get(&file.sha256).map(|bytes| ByteSource::Memory(bytes.as_slice().into()));
        // A child process that another test forks at this moment inherits the last publication's lock until its exec.
        let mut store = None;
        wait_for("the store's lock", Duration::from_secs(10), || {
            store = FolderStore::open(&self.sandbox.path("store")).ok();
            store.is_some()
        });
        let store = store.unwrap();
        let goods = Publication { roots: &self.roots, items: &items, earlier: &earlier, find: &find, watch: &NoProgress };
        publish::publish(&store, &goods, &news).unwrap_or_else(|failure| panic!("{failure:?}"));
        self.last = Some(month);
    }

    /// Publishes without packs, so that only block signatures help.
    pub fn publish_bare(&mut self, files: &Month) {
        self.publish(files);
        fs::remove_dir_all(self.sandbox.path("store/packs")).unwrap();
    }

    /// Number of the last published head.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Digest of the last published month.
    pub fn month(&self) -> String {
        self.last.as_ref().unwrap().approved.program().digest().to_string()
    }

    /// Sets the number of withdrawals that later heads require.
    pub fn require_withdrawals(&mut self, number: u64) {
        self.withdrawals_min = number;
    }

    pub fn configure(&self, store: &str, more: &Value) {
        let mut value = json!({
            "site": "quay", "player": "quay-1", "store": [store], "data": "data", "root": "root.json", "reserve_bytes": 0,
        });
        value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.sandbox.write("player.json", value.to_string());
    }

    pub fn pull(&self) -> Finished {
        self.sandbox.player(&["pull", "--config", "player.json"])
    }

    /// Writes a withdrawal of the last published month, signed by the first chief, into the store and the hint.
    pub fn withdraw(&self, number: u64, more: &Value) -> Digest {
        let program = self.last.as_ref().unwrap().approved.program().digest();
        let mut value = common("bangtin-withdrawal");
        let body = json!({"version": number, "program": program.to_string(), "site": "quay", "kind": "monthly", "role": "chief", "reason": "sai giờ"});
        for part in [&body, more] {
            value.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
        }
        let bytes = value.to_string();
        let chief = &self.office.chiefs[0];
        let name = format!("store/withdrawals/{number}.json");
        self.sandbox.write(&format!("{name}.{}.minisig", chief.public().kid()), sign(chief, bytes.as_bytes())).write(&name, &bytes);
        self.withdraw_hint(number);
        program
    }

    /// Sets the number of withdrawals in the hint.
    pub fn withdraw_hint(&self, withdrawals: u64) {
        let latest = Hint { epoch: 1, head: self.version, release: 0, root: 1, withdrawals };
        self.sandbox.write("store/sites/quay/latest.json", latest.to_bytes());
    }

    /// Fetched bytes according to the last pull.
    pub fn pulled(&self) -> u64 {
        let out = self.pull().success().stdout;
        out.split_whitespace().rev().find_map(|word| word.trim_start_matches('(').replace(',', "").parse().ok()).unwrap()
    }

    /// Checks that the player holds these files, byte for byte.
    pub fn holds(&self, files: &Month) -> bool {
        files.values().all(|bytes| {
            let digest = Digest::of(bytes).to_string();
            fs::read(self.sandbox.path("data/store/objects").join(&digest[..2]).join(&digest)).is_ok_and(|held| held == *bytes)
        })
    }

    pub fn place(&self, kind: &str, bytes: &[u8]) -> std::path::PathBuf {
        let digest = Digest::of(bytes).to_string();
        self.sandbox.path("store").join(kind).join(&digest[..2]).join(digest)
    }

    /// Overwrites every pack of the last published month.
    pub fn spoil_packs(&self, bytes: &[u8]) {
        let packs = crate::harness::tree(&self.packs());
        assert!(!packs.is_empty());
        packs.keys().for_each(|name| fs::write(self.packs().join(name), bytes).unwrap());
    }

    /// Folder of the last published month's packs.
    pub fn packs(&self) -> std::path::PathBuf {
        self.sandbox.path("store/packs").join(self.last.as_ref().unwrap().approved.program().digest().to_string())
    }
}

fn item(office: &Office, root: &Verified<Root>, value: &Value) -> PublishableProgram {
    let made = made(value);
    let approvals: Files = office.chiefs[..2].iter().map(|key| made.approved(key, &["chief"])).collect();
    let kids: Vec<_> = approvals.keys().map(ToString::to_string).collect();
    let head = office.verified_head(root, &office.head_value("quay", 1, json!([made.entry(&kids)])));
    let counted = judge::approvals(root, &site("quay"), &head.body().programs[0], &approvals).unwrap();
    let approved = judge::program(root, counted, &made.bytes).unwrap();
    PublishableProgram { approved, manifest: made.bytes, approvals }
}

/// A server in a child process; killed when dropped.
pub struct Server {
    child: Child,
    pub address: String,
    log: std::path::PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Entries of a server's log.
#[derive(Debug, Default)]
pub struct Traffic {
    pub requests: usize,
    /// Bytes in both directions, headers included.
    pub bytes: u64,
    /// `status path` of each request.
    pub lines: Vec<String>,
}

impl Server {
    /// A stock nginx over the store; `more` are further lines of its server block.
    pub fn nginx(sandbox: &Sandbox, more: &str) -> Self {
        let port = free_port();
        let folder = sandbox.path("");
        let folder = folder.to_str().unwrap().trim_end_matches('/');
        sandbox.write(
            &format!("nginx/{port}.conf"),
            format!(
                "daemon off; master_process off; pid {folder}/nginx/pid; error_log {folder}/nginx/error.log;\nevents {{}}\nhttp {{\n\
             log_format bytes '$request_length $bytes_sent $status $uri'; access_log {folder}/nginx/{port}.log bytes;\n\
             client_body_temp_path {folder}/nginx/b; proxy_temp_path {folder}/nginx/p; fastcgi_temp_path {folder}/nginx/f;\n\
             uwsgi_temp_path {folder}/nginx/u; scgi_temp_path {folder}/nginx/s;\n\
             server {{ listen 127.0.0.1:{port}; root {folder}/store; {more} }} }}\n"
            ),
        );
        let config = format!("{folder}/nginx/{port}.conf");
        let child = Command::new("nginx").args(["-p", folder, "-c", &config, "-e", "stderr"]).spawn().expect("nginx");
        Self { child, address: up(port), log: sandbox.path(&format!("nginx/{port}.log")) }
    }

    /// Python's own server, which supports no ranges.
    pub fn python(sandbox: &Sandbox) -> Self {
        let port = free_port();
        let args = ["-m", "http.server", "--bind", "127.0.0.1", "--directory", "store", &port.to_string()];
        let mut command = sandbox.command("python3", &args);
        let child = command.stderr(std::process::Stdio::null()).spawn().expect("python3");
        Self { child, address: up(port), log: sandbox.path("none") }
    }

    /// Requests since the last call.
    pub fn traffic(&self) -> Traffic {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        fs::write(&self.log, "").unwrap();
        let mut traffic = Traffic::default();
        for line in text.lines() {
            let words: Vec<_> = line.trim_start_matches('\0').split(' ').collect();
            traffic.requests += 1;
            traffic.bytes += words[0].parse::<u64>().unwrap() + words[1].parse::<u64>().unwrap();
            traffic.lines.push(words[2..].join(" "));
        }
        traffic
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn up(port: u16) -> String {
    wait_for("the server", Duration::from_secs(10), || TcpStream::connect(("127.0.0.1", port)).is_ok());
    format!("http://127.0.0.1:{port}")
}
