//! Roots changed at the command line, by holders who never meet, and followed by a real player.

mod attacks;
mod drafts;
mod drops;
mod page;
mod stories;

use std::fs;

use bangtin::trust::secret::SecretKey;
use serde_json::{Value, json};

use crate::harness::{Finished, Sandbox, tree};
use crate::publish::commands::Province;
use crate::publish::province;

/// The moment of most steps, inside the sample month.
const NOW: &str = "2026-12-01T09:00:00+07:00";

/// An office whose root holders each sit in a folder of their own, as on machines of their own.
pub struct Holders {
    pub province: Province,
}

impl Holders {
    /// Keys for everybody; the first root is signed by these root holders' machines, one after the other.
    pub fn new(root: &[&str], threshold: u64, signing: &[&str]) -> Self {
        let holders = Self::unsigned(root, threshold);
        signing.iter().for_each(|name| drop(holders.sign(name).success()));
        holders.trust(&["apply"]).success();
        holders
    }

    /// As `new`, up to the draft of the first root.
    pub fn unsigned(root: &[&str], threshold: u64) -> Self {
        let sandbox = Sandbox::new();
        province::write(&sandbox);
        let holders = Self { province: Province(sandbox) };
        for name in ["publish", "lan", "hung", "duty", "ta-lung"] {
            holders.sandbox().bangtin(&["keys", "new", &format!("keys/{name}"), "--no-password", "--holder", name]).success();
        }
        root.iter().for_each(|name| holders.key_of(name));
        let keys: Vec<_> = root.iter().map(|name| format!("{name}/key.pub")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let threshold = threshold.to_string();
        let fixed = ["init", "--publish-key", "keys/publish.pub", "--root-threshold", &threshold, "--review", "chief=keys/lan.pub"];
        let more = ["chief=keys/hung.pub", "duty=keys/duty.pub", "ta-lung=keys/ta-lung.pub", "--root-key"];
        holders.trust(&[&fixed[..], &more, &keys].concat()).success();
        holders
    }

    pub fn sandbox(&self) -> &Sandbox {
        &self.province.0
    }

    /// A key in a holder's own folder; only its public half leaves it.
    pub fn key_of(&self, name: &str) {
        self.sandbox().bangtin(&["keys", "new", &format!("{name}/key"), "--no-password", "--holder", name]).success();
    }

    /// A command of `bangtin trust` at the office.
    pub fn trust(&self, args: &[&str]) -> Finished {
        self.sandbox().bangtin(&[["trust"].as_slice(), args, &["--now", NOW]].concat())
    }

    /// The draft travels to a holder's machine with the roots, is signed there, and the signature travels back.
    pub fn sign(&self, name: &str) -> Finished {
        let sandbox = self.sandbox();
        let own = format!("{name}/carried");
        let _ = fs::remove_dir_all(sandbox.path(&own));
        for (file, bytes) in tree(&sandbox.path("content/trust")) {
            sandbox.write(&format!("{own}/{file}"), bytes);
        }
        let draft = format!("{own}/draft/root.json");
        let signed = sandbox.bangtin(&["trust", "sign", &draft, "--key", &format!("{name}/key"), "--yes", "--now", NOW]);
        for (file, bytes) in tree(&sandbox.path(&format!("{own}/draft"))) {
            if file.ends_with(".minisig") {
                sandbox.write(&format!("content/trust/draft/{file}"), bytes);
            }
        }
        signed
    }

    /// The next root, from edits that are made already: prepared, signed by these, applied.
    pub fn pass(&self, more: &[&str], signing: &[&str]) {
        self.trust(&[["prepare"].as_slice(), more].concat()).success();
        signing.iter().for_each(|name| drop(self.sign(name).success()));
        self.trust(&[["apply"].as_slice(), &more.iter().copied().filter(|arg| *arg == "--accept-drop").collect::<Vec<_>>()].concat())
            .success();
    }

    pub fn publish(&self, key: &str) -> Finished {
        self.province.publish(&["--key", key])
    }

    pub fn configure(&self, store: &str) {
        let config = json!({
            "site": "ta-lung", "player": "ta-lung-1", "store": [store], "data": "player/data", "root": "content/trust/root/1.json",
            "listen": "127.0.0.1:0", "reserve_bytes": 0,
        });
        self.sandbox().write("player.json", config.to_string());
    }

    pub fn pull(&self) -> Finished {
        self.sandbox().player(&["--lang", "en", "pull", "--config", "player.json"])
    }

    /// What the player holds: its newest root, which is written only once it is verified, and epoch and version of the head in force.
    pub fn held(&self) -> (u64, u64, u64) {
        let number = |name: String| name.split('.').next()?.parse::<u64>().ok();
        // Without a root of its own a player holds the one that it was installed with.
        let roots = self.sandbox().path("player/data/store/root");
        let root = if roots.is_dir() { tree(&roots).into_keys().filter_map(number).max().unwrap_or(1) } else { 1 };
        let copies = ["state.a", "state.b"].map(|name| fs::read_to_string(self.sandbox().path(&format!("player/data/{name}"))));
        let read = |text: &String| text.lines().next().and_then(|line| serde_json::from_str::<Value>(line).ok());
        let states = copies.iter().flatten().filter_map(read);
        let state = states.max_by_key(|state| state["counter"].as_u64()).unwrap_or_default();
        (root, state["epoch"].as_u64().unwrap_or_default(), state["version"].as_u64().unwrap_or_default())
    }

    /// What stands in a root of the office.
    pub fn root(&self, version: u64) -> Value {
        serde_json::from_slice(&fs::read(self.sandbox().path(&format!("content/trust/root/{version}.json"))).unwrap()).unwrap()
    }

    /// A secret key of the office, opened.
    pub fn secret(&self, path: &str) -> SecretKey {
        SecretKey::from_file_text(&fs::read_to_string(self.sandbox().path(path)).unwrap(), || unreachable!("it has no password")).unwrap()
    }
}
