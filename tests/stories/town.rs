//! An installation in a folder. Its store is written file by file: by authorised people, or by a thief of a key or of the host.

use std::collections::BTreeSet;
use std::fs;

use bangtin::base::digest::Digest;
use bangtin::trust::hint::Hint;
use bangtin::trust::secret::SecretKey;
use serde_json::{Value, json};

use crate::harness::{Finished, Sandbox, http};
use crate::trust::kit::{Made, Office, common, kid, made, manifest, sign, signed, with};

pub struct Town {
    pub sandbox: Sandbox,
    pub office: Office,
}

impl Town {
    /// Writes root 1 to the store and to the player of site `quay`.
    pub fn new() -> Self {
        let town = Self { sandbox: Sandbox::new(), office: Office::new() };
        let root = town.office.root_value();
        let (bytes, signatures) = signed(&root, &[&town.office.root]);
        town.sandbox.write("root.json", &bytes).write("root.json.a.minisig", &signatures[0]);
        town.root(&root);
        let page = Digest::of(b"page").to_string();
        town.put(&format!("objects/{}/{page}", &page[..2]), b"page");
        town.configure("store");
        town
    }

    pub fn put(&self, path: &str, bytes: impl AsRef<[u8]>) {
        self.sandbox.write(&format!("store/{path}"), bytes);
    }

    pub fn configure(&self, store: &str) {
        let config = json!({"site": "quay", "player": "quay-1", "store": [store], "data": "data", "root": "root.json",
            "listen": "127.0.0.1:0", "reserve_bytes": 0});
        self.sandbox.write("player.json", config.to_string());
    }

    pub fn root(&self, value: &Value) {
        let (bytes, signatures) = signed(value, &[&self.office.root]);
        let number = &value["version"];
        self.put(&format!("root/{number}.json.{}.minisig", kid(&self.office.root)), &signatures[0]);
        self.put(&format!("root/{number}.json"), bytes);
    }

    /// Writes a program with the approvals of these keys into the store.
    pub fn approved(&self, value: &Value, keys: &[&SecretKey]) -> Made {
        let made = made(value);
        for key in keys {
            let (kid, file) = made.approved(key, &["chief", "duty", "ta-lung"]);
            let path = format!("approvals/{}/{kid}.json", made.digest);
            self.put(&format!("{path}.minisig"), &file.signature);
            self.put(&path, &file.statement);
        }
        self.put(&format!("programs/{}.json", made.digest), &made.bytes);
        made
    }

    pub fn by_chiefs(&self, value: &Value) -> Made {
        let chiefs = &self.office.chiefs;
        self.approved(value, &[&chiefs[0], &chiefs[1]])
    }

    pub fn evergreen(&self) -> Made {
        self.by_chiefs(&manifest("quay", "evergreen", 1))
    }

    pub fn december(&self, revision: u64) -> Made {
        self.by_chiefs(&manifest("quay", "monthly", revision))
    }

    /// A head's entry; names all approvals in the store.
    pub fn entry(&self, made: &Made) -> Value {
        let folder = self.sandbox.path(&format!("store/approvals/{}", made.digest));
        let names = fs::read_dir(folder).into_iter().flatten().flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let kids: BTreeSet<String> = names.filter_map(|name| name.split('.').next().map(str::to_owned)).collect();
        made.entry(&kids.into_iter().collect::<Vec<_>>())
    }

    pub fn head_value(&self, number: (u64, u64), programs: &[&Made]) -> Value {
        let entries: Vec<_> = programs.iter().map(|made| self.entry(made)).collect();
        with(self.office.head_value("quay", number.1, json!(entries)), json!({"epoch": number.0}))
    }

    /// Writes a head of the site under a number and into the hint.
    pub fn head(&self, number: (u64, u64), value: &Value, key: &SecretKey) {
        let (bytes, signatures) = signed(value, &[key]);
        let path = format!("sites/quay/heads/{}-{}.json", number.0, number.1);
        self.put(&format!("{path}.minisig"), &signatures[0]);
        self.put(&path, bytes);
        self.hint(number);
    }

    /// The regular publisher's next head.
    pub fn publish(&self, version: u64, programs: &[&Made]) {
        self.head((1, version), &self.head_value((1, version), programs), &self.office.publish);
    }

    /// Writes the hint: this head, and the other numbers of the store.
    pub fn hint(&self, (epoch, head): (u64, u64)) {
        let count = |folder: &str| {
            (1..100_u64).take_while(|number| self.sandbox.path(&format!("store/{folder}/{number}.json")).exists()).count() as u64
        };
        let latest = Hint { epoch, head, release: count("releases/quay"), root: count("root"), withdrawals: count("withdrawals") };
        self.put("sites/quay/latest.json", latest.to_bytes());
    }

    /// Writes a withdrawal into the store; the caller writes the hint.
    pub fn withdraw(&self, number: u64, program: &Made, more: Value, keys: &[&SecretKey]) {
        let fields = json!({"version": number, "program": program.digest.to_string(), "site": "quay", "kind": program.kind, "role": "chief",
            "reason": "sai giờ"});
        let (bytes, signatures) = signed(&with(with(common("bangtin-withdrawal"), fields), more), keys);
        for (key, signature) in keys.iter().zip(signatures) {
            self.put(&format!("withdrawals/{number}.json.{}.minisig", kid(key)), signature);
        }
        self.put(&format!("withdrawals/{number}.json"), bytes);
    }

    /// Writes a kit release into the store, always in force.
    pub fn release(&self, number: u64, kit: &Made, key: &SecretKey) {
        let fields = json!({"version": number, "site": "quay", "program": kit.digest.to_string(), "from": 1_796_085_000, "until": 1_796_088_600,
            "nonce": "000102030405060708090a0b0c0d0e0f"});
        let bytes = serde_json::to_vec(&with(common("bangtin-release"), fields)).unwrap();
        self.put(&format!("releases/quay/{number}.json.minisig"), sign(key, &bytes));
        self.put(&format!("releases/quay/{number}.json"), bytes);
    }

    pub fn pull(&self) -> Finished {
        self.sandbox.player(&["--lang", "en", "pull", "--config", "player.json"])
    }

    /// Schedule that a restarted player gives to its shell.
    pub fn schedule(&self) -> Value {
        let running = self.sandbox.spawn(env!("CARGO_BIN_EXE_bangtin-player"), &["run", "--config", "player.json"], "http://");
        serde_json::from_str(&http::get(&running.address(), "/screens/a/schedule.json", &[]).text()).unwrap()
    }

    /// Programs that a restarted player may show.
    pub fn on_air(&self) -> BTreeSet<String> {
        let schedule = self.schedule();
        schedule["programs"].as_array().unwrap().iter().map(|each| each["program"].as_str().unwrap().to_owned()).collect()
    }

    /// The program on screen at a moment, if a player showed the store as it is now; `None`: the built-in card.
    pub fn shown_at(&self, time: &str) -> Option<String> {
        let args = ["verify", "store", "--root", "root.json", "--site", "quay", "--at", time, "--format", "json"];
        let answer: Value = serde_json::from_str(&self.sandbox.bangtin(&args).stdout).unwrap();
        answer["sites"][0]["screens"]["a"]["program"].as_str().map(str::to_owned)
    }

    /// The player's state.
    pub fn state(&self) -> Value {
        let copies = ["state.a", "state.b"].map(|name| fs::read_to_string(self.sandbox.path(&format!("data/{name}"))).unwrap_or_default());
        let read = |text: &String| text.lines().next().and_then(|line| serde_json::from_str::<Value>(line).ok());
        copies.iter().filter_map(read).max_by_key(|state| state["counter"].as_u64()).unwrap_or_default()
    }
}

pub fn names(programs: &[&Made]) -> BTreeSet<String> {
    programs.iter().map(|made| made.digest.to_string()).collect()
}
