//! Root changes at the command line by holders on separate machines, followed by a real player.

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

/// Time of most steps, in the sample month.
const NOW: &str = "2026-12-01T09:00:00+07:00";

/// An office; each root holder has a folder, as on a separate machine.
pub struct Holders {
    pub province: Province,
}

impl Holders {
    /// Makes all keys; these root holders sign the first root on their machines, one after another.
    pub fn new(root: &[&str], threshold: u64, signing: &[&str]) -> Self {
        let holders = Self::unsigned(root, threshold);
        signing.iter().for_each(|name| drop(holders.sign(name).success()));
        holders.trust(&["apply"]).success();
        holders
    }

    /// Like `new`, but stops at the draft of the first root.
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

    /// Makes a key in a holder's folder; only its public half leaves it.
    pub fn key_of(&self, name: &str) {
        self.sandbox().bangtin(&["keys", "new", &format!("{name}/key"), "--no-password", "--holder", name]).success();
    }

    /// Runs a `bangtin trust` command at the office.
    pub fn trust(&self, args: &[&str]) -> Finished {
        self.sandbox().bangtin(&[["trust"].as_slice(), args, &["--now", NOW]].concat())
    }

    /// Copies draft and roots to a holder's machine, signs there, and copies the signature back.
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

    /// Prepares the next root from edits made before, has these holders sign it, and applies it.
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

    /// The player's newest root (written only after verification), and epoch and version of the head in force.
    pub fn held(&self) -> (u64, u64, u64) {
        let number = |name: String| name.split('.').next()?.parse::<u64>().ok();
        // Without a stored root a player uses the installed one.
        let roots = self.sandbox().path("player/data/store/root");
        let root = if roots.is_dir() { tree(&roots).into_keys().filter_map(number).max().unwrap_or(1) } else { 1 };
        let copies = ["state.a", "state.b"].map(|name| fs::read_to_string(self.sandbox().path(&format!("player/data/{name}"))));
        let read = |text: &String| text.lines().next().and_then(|line| serde_json::from_str::<Value>(line).ok());
        let states = copies.iter().flatten().filter_map(read);
        let state = states.max_by_key(|state| state["counter"].as_u64()).unwrap_or_default();
        (root, state["epoch"].as_u64().unwrap_or_default(), state["version"].as_u64().unwrap_or_default())
    }

    /// A root of the office, parsed.
    pub fn root(&self, version: u64) -> Value {
        serde_json::from_slice(&fs::read(self.sandbox().path(&format!("content/trust/root/{version}.json"))).unwrap()).unwrap()
    }

    /// A secret key of the office, decrypted.
    pub fn secret(&self, path: &str) -> SecretKey {
        SecretKey::from_file_text(&fs::read_to_string(self.sandbox().path(path)).unwrap(), || unreachable!("it has no password")).unwrap()
    }
}
