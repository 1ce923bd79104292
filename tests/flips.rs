//! A host that flips bytes: every byte of every document and signature, and random bytes of objects, packs and block signatures.
//! A player that holds an older month pulls from each such store; all that it then holds and shows is approved, byte for byte.
//! The gate runs a seeded slice; `tests/long/flips` runs every byte.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use bangtin::base::digest::Digest;
use bangtin::player::pull::meter::TransferLimits;
use bangtin::player::pull::{CycleOutcome, PullSettings, Puller};

use crate::delta::shop::{Month, Shop, noise};
use crate::harness::{tree, wait_for};
use crate::trust::kit::site;

/// Inside the month of the shop's programs.
const NOW: i64 = 1_796_263_200;
const PAGE: &str = "slides/du-lich/phim@1920x1080.html";
const FILM: &str = "assets/phim.mp4";

/// Two months with a film that changes a little, so that packs, edits, block signatures and ranges all have something to do.
fn month(change: u64) -> Month {
    let mut film = noise(1, 270_000);
    film[100_000..100_400].copy_from_slice(&noise(change, 400));
    let page = format!("<!doctype html><title>{change}</title><video src=\"../../assets/phim.mp4\"></video>");
    BTreeMap::from([(FILM.to_owned(), film), (PAGE.to_owned(), page.into_bytes()), ("assets/a.css".to_owned(), noise(change + 1, 900))])
}

struct Host {
    shop: Shop,
    /// The player's folder before each pull: the older month.
    before: BTreeMap<String, Vec<u8>>,
    /// Every approved file, by digest.
    approved: BTreeMap<String, Vec<u8>>,
    old: Month,
    new: Month,
    /// The newer month's program; only its documents decide whether the newer head is accepted.
    newest: String,
    random: u64,
}

/// Result of a pull.
#[derive(Debug, PartialEq)]
enum Became {
    Older,
    Newer,
}

impl Host {
    /// With or without packs; without them every document and object is fetched separately.
    fn new(packs: bool) -> Self {
        let (old, new) = (month(10), month(20));
        let mut shop = Shop::new();
        shop.publish(&old);
        let mut host =
            Self { before: BTreeMap::new(), approved: BTreeMap::new(), old, new, newest: String::new(), random: 0x9e37_79b9, shop };
        let first = host.puller().cycle(NOW);
        assert_eq!(first.outcome, CycleOutcome::Adopted, "{first:?}");
        host.before = tree(&host.shop.sandbox.path("data"));
        host.shop.publish(&host.new.clone());
        if !packs {
            fs::remove_dir_all(host.shop.sandbox.path("store/packs")).unwrap();
        }
        let head = fs::read(host.shop.sandbox.path("store/sites/quay/heads/1-3.json")).unwrap();
        let head: serde_json::Value = serde_json::from_slice(&head).unwrap();
        head["programs"][0]["program"].as_str().unwrap().clone_into(&mut host.newest);
        for (name, bytes) in host.store().into_iter().filter(|(name, _)| name.starts_with("objects/") || name.starts_with("programs/")) {
            let digest = name.rsplit('/').next().unwrap().trim_end_matches(".json").to_owned();
            assert_eq!(Digest::of(&bytes).to_string(), digest);
            host.approved.insert(digest, bytes);
        }
        host
    }

    fn store(&self) -> BTreeMap<String, Vec<u8>> {
        tree(&self.shop.sandbox.path("store"))
    }

    fn below(&mut self, end: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        usize::try_from(self.random % end as u64).unwrap()
    }

    fn puller(&self) -> Puller {
        let path = |name| self.shop.sandbox.path(name);
        let settings = PullSettings {
            authorities: None,
            data: path("data"),
            root: path("root.json"),
            site: site("quay"),
            sources: vec![path("store").to_str().unwrap().to_owned()],
            reserve: 0,
            limits: TransferLimits::default(),
        };
        // A child process that another test forks at this moment inherits the last player's lock until its exec.
        let mut opened = None;
        wait_for("the player's lock", Duration::from_secs(10), || {
            opened = Puller::open(settings.clone(), NOW - 1).ok();
            opened.is_some()
        });
        opened.unwrap()
    }

    /// Resets the player to the older month.
    fn rewind(&self) {
        fs::remove_dir_all(self.shop.sandbox.path("data")).unwrap();
        for (name, bytes) in &self.before {
            self.shop.sandbox.write(&format!("data/{name}"), bytes);
        }
    }

    /// One pull from the store in its present state, and what must hold after it in every state.
    fn pull(&self, what: &str) -> Became {
        let mut puller = self.puller();
        let report = puller.cycle(NOW);
        let standing = puller.in_force();
        let held = standing.programs.iter().filter(|held| held.complete);
        let mut shown = Vec::new();
        for held in held {
            assert!(self.approved.contains_key(&held.program.digest().to_string()), "{what}: a program that nobody approved");
            for file in &held.program.manifest().files {
                let bytes = Self::read(&puller, file.sha256, file.size);
                assert!(self.approved.get(&file.sha256.to_string()) == Some(&bytes), "{what}: different content of {}", file.path);
            }
            shown.push(held.program.manifest().revision);
        }
        for (name, bytes) in tree(&self.shop.sandbox.path("data/store")).iter().filter(|(name, _)| name.starts_with("objects/")) {
            assert!(name.ends_with(&Digest::of(bytes).to_string()), "{what}: {name} does not hold what it is named by");
        }
        let version = standing.head.map_or(0, |number| number.version);
        let (month, became) = match version {
            2 => (&self.old, Became::Older),
            3 => (&self.new, Became::Newer),
            other => panic!("{what}: version {other}"),
        };
        // The month in force is complete, and so is the evergreen program behind it.
        assert!(shown.contains(&version) && shown.len() == 2, "{what}: {shown:?} of {version}");
        assert!(self.shop.holds(month), "{what}");
        assert!(became == Became::Newer || report.outcome != CycleOutcome::Adopted, "{what}: {report:?}");
        became
    }

    fn read(puller: &Puller, digest: Digest, size: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut puller.holdings().open(digest, size).unwrap(), &mut bytes).unwrap();
        bytes
    }

    /// Changes one byte of a file of the store, pulls, and restores the byte. Now and then checks that an honest store repairs everything.
    fn flip(&mut self, name: &str, whole: &[u8], at: usize) {
        let mask = u8::try_from(1 + self.below(255)).unwrap();
        let mut bytes = whole.to_vec();
        bytes[at] ^= mask;
        let path = format!("store/{name}");
        self.shop.sandbox.write(&path, &bytes);
        let what = format!("{name}, byte {at} ^ {mask:#04x}");
        let became = self.pull(&what);
        if self.decides(name, whole, at) {
            assert_eq!(became, Became::Older, "{what}");
        }
        self.shop.sandbox.write(&path, whole);
        if at.is_multiple_of(37) {
            assert_eq!(self.pull(&format!("{what}, then honest")), Became::Newer);
        }
        self.rewind();
    }

    /// Whether the newer month can't be adopted without this byte. Not needed: the untrusted comment of a signature, hints, and
    /// files that the player holds already or that a pack contains too.
    fn decides(&self, name: &str, whole: &[u8], at: usize) -> bool {
        let comment = whole.iter().position(|byte| *byte == b'\n').is_some_and(|end| at < end);
        if name.ends_with(".minisig") && comment {
            return false;
        }
        let head = name.starts_with("sites/quay/heads/1-3.json");
        let packed = self.shop.sandbox.path("store/packs").exists();
        let document = ["programs/", "approvals/"].iter().any(|folder| name.starts_with(folder)) && name.contains(&self.newest);
        head || (document && !packed)
    }
}

/// Splits a store's names into documents (with signatures) and content.
fn is_document(name: &str) -> bool {
    !["objects/", "packs/", "blocks/"].iter().any(|folder| name.starts_with(folder))
}

/// Number of places to flip; all with `FLIPS=all`.
fn slice(of: usize) -> usize {
    if std::env::var("FLIPS").is_ok_and(|value| value == "all") { of } else { 130 }
}

#[test]
fn a37_a38_a68_a_byte_changed_in_any_document_shows_nothing_that_was_not_approved() {
    for packs in [false, true] {
        let mut host = Host::new(packs);
        assert_eq!(host.pull("honest"), Became::Newer);
        host.rewind();
        let documents: Vec<_> = host.store().into_iter().filter(|(name, _)| is_document(name)).collect();
        let total: usize = documents.iter().map(|(_, bytes)| bytes.len()).sum();
        let step = total.div_ceil(slice(total)).max(1);
        let mut next = host.below(step);
        let mut start = 0;
        for (name, bytes) in &documents {
            while next < start + bytes.len() {
                host.flip(name, bytes, next - start);
                next += step;
            }
            start += bytes.len();
        }
        println!("documents, packs {packs}: every {step}th of {total} bytes");
    }
}

#[test]
fn a39_a68_a_byte_changed_in_an_object_a_pack_or_a_hint_shows_nothing_that_was_not_approved() {
    for packs in [false, true] {
        let mut host = Host::new(packs);
        let content: Vec<_> = host.store().into_iter().filter(|(name, _)| !is_document(name)).collect();
        let count = slice(1_000);
        for _ in 0..count {
            // Equal chance for each file, whatever its size: small files decide more.
            let (name, bytes) = &content[host.below(content.len())];
            let at = host.below(bytes.len());
            host.flip(name, bytes, at);
        }
        println!("content, packs {packs}: {count} places in {} files", content.len());
    }
}
