//! A store that the library writes from programs in memory, checked with `minisign` and `sha256sum` only.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bangtin::base::bytes::ByteSource;
use bangtin::base::digest::Digest;
use bangtin::program::manifest::ManifestFile;
use bangtin::store::backend::StoreBackend;
use bangtin::store::folder_store::FolderStore;
use bangtin::store::pack_writer;
use bangtin::store::publish::{self, NoProgress, Publication, PublishableProgram, SiteUpdate};
use bangtin::trust::document::Verified;
use bangtin::trust::head::SignedHead;
use bangtin::trust::hint::Hint;
use bangtin::trust::judge;
use bangtin::trust::keys::KeyId;
use bangtin::trust::root::{Root, SignedRoot};
use serde_json::{Value, json};

use crate::harness::{Sandbox, tree};
use crate::trust::kit::{Files, Office, made, manifest, sign, site};

/// An office with one approved evergreen program of two files, one of them large enough for a block signature.
pub struct Desk {
    office: Office,
    root: Verified<Root>,
    root_signatures: BTreeMap<KeyId, Vec<u8>>,
    objects: BTreeMap<Digest, Vec<u8>>,
    item: PublishableProgram,
    entry: serde_json::Value,
}

impl Desk {
    pub fn new() -> Self {
        let office = Office::new();
        let root = office.root();
        let root_signatures = BTreeMap::from([(office.root.public().kid(), sign(&office.root, root.bytes()))]);
        let film = vec![5; 300 << 10];
        let mut value = manifest("ta-lung", "evergreen", 1);
        let film_file =
            json!({"path": "assets/phim.mp4", "sha256": Digest::of(&film).to_string(), "size": film.len(), "type": "video/mp4"});
        value["files"].as_array_mut().unwrap().insert(0, film_file);
        let (item, entry) = item(&office, &root, &value);
        let objects = [b"page".to_vec(), film].map(|bytes| (Digest::of(&bytes), bytes)).into();
        Self { office, root, root_signatures, objects, item, entry }
    }

    pub fn news(&self, version: u64, source: &str) -> SiteUpdate {
        let mut value = self.office.head_value("ta-lung", version, json!([self.entry]));
        value["source"] = json!(source);
        let (bytes, signature) = self.office.head(&value);
        let latest = Hint { epoch: 1, head: version, release: 0, root: 1, withdrawals: 0 };
        SiteUpdate { site: site("ta-lung"), head: Some(SignedHead { number: (1, version).into(), bytes, signature }), latest }
    }

    pub fn publish(&self, store: &dyn StoreBackend, news: &SiteUpdate) -> Result<(), String> {
        self.publish_with(store, news, &|file: &ManifestFile| {
            self.objects.get(&file.sha256).map(|bytes| ByteSource::Memory(bytes.as_slice().into()))
        })
    }

    /// Every object with the content of another one.
    pub fn publish_swapped(&self, store: &dyn StoreBackend, news: &SiteUpdate) -> Result<(), String> {
        let swapped: Vec<_> = self.objects.values().rev().cloned().collect();
        let swap: BTreeMap<_, _> = self.objects.keys().copied().zip(swapped).collect();
        self.publish_with(store, news, &|file: &ManifestFile| {
            swap.get(&file.sha256).map(|bytes| ByteSource::Memory(bytes.as_slice().into()))
        })
    }

    fn publish_with(
        &self,
        store: &dyn StoreBackend,
        news: &SiteUpdate,
        find: bangtin::store::pack_writer::FileFinder<'_>,
    ) -> Result<(), String> {
        let roots = [SignedRoot { root: self.root.clone(), signatures: self.root_signatures.clone() }];
        let goods = Publication { roots: &roots, items: std::slice::from_ref(&self.item), earlier: &[], find, watch: &NoProgress };
        publish::publish(store, &goods, std::slice::from_ref(news)).map(drop).map_err(|failure| format!("{failure:?}"))
    }
}

/// A program as the chiefs approved it, and its entry in a head.
fn item(office: &Office, root: &Verified<Root>, value: &Value) -> (PublishableProgram, Value) {
    let (made, name) = (made(value), value["site"].as_str().unwrap());
    let approvals: Files = office.chiefs[..2].iter().map(|key| made.approved(key, &["chief"])).collect();
    let kids: Vec<_> = approvals.keys().map(ToString::to_string).collect();
    let entry = made.entry(&kids);
    let head = office.verified_head(root, &office.head_value(name, 1, json!([entry])));
    let counted = judge::approvals(root, &site(name), &head.body().programs[0], &approvals).unwrap();
    let approved = judge::program(root, counted, &made.bytes).unwrap();
    (PublishableProgram { approved, manifest: made.bytes, approvals }, entry)
}

fn open(path: &Path) -> FolderStore {
    FolderStore::open(path).unwrap_or_else(|failure| panic!("{failure:?}"))
}

#[test]
fn an_inspector_checks_a_store_with_minisign_and_sha256sum_alone() {
    let (desk, sandbox) = (Desk::new(), Sandbox::new());
    desk.publish(&open(&sandbox.path("store")), &desk.news(1, "")).unwrap();
    let files = tree(&sandbox.path("store"));
    let keys: Vec<_> = desk.office.everyone().into_iter().map(|key| key.public().clone()).collect();
    for key in &keys {
        sandbox.write(&format!("{}.pub", key.kid()), key.to_pub_file());
    }
    let mut checked = 0;
    for name in files.keys().filter(|name| name.ends_with(".minisig")) {
        let stem = name.strip_suffix(".minisig").unwrap();
        let document = if files.contains_key(stem) { stem } else { stem.rsplit_once('.').unwrap().0 };
        let accepts = |kid: &str| {
            let (public, document, signature) = (format!("{kid}.pub"), format!("store/{document}"), format!("store/{name}"));
            sandbox.run("minisign", &["-V", "-q", "-p", &public, "-m", &document, "-x", &signature]).code == 0
        };
        assert!(keys.iter().any(|key| accepts(&key.kid().to_string())), "{name}");
        checked += 1;
    }
    assert_eq!(checked, 4, "one root, two approvals, one head");
    for name in files.keys().filter(|name| name.starts_with("objects/") || name.starts_with("programs/")) {
        let digest = Path::new(name).file_stem().unwrap().to_str().unwrap().to_owned();
        sandbox.run("sha256sum", &[&format!("store/{name}")]).success().stdout_has(&digest);
    }
    let kinds: Vec<_> = files.keys().map(|name| name.split('/').next().unwrap().to_owned()).collect();
    for kind in ["root", "programs", "approvals", "sites", "objects", "blocks"] {
        assert!(kinds.iter().any(|each| each == kind), "{kind}");
    }
    assert_eq!(files["sites/ta-lung/latest.json"], b"{\"epoch\":1,\"head\":1,\"release\":0,\"root\":1,\"withdrawals\":0}\n");
}

#[test]
fn publishing_again_writes_nothing_that_is_there() {
    let (desk, sandbox) = (Desk::new(), Sandbox::new());
    let store = open(&sandbox.path("store"));
    let news = desk.news(1, "");
    desk.publish(&store, &news).unwrap();
    let before = tree(&sandbox.path("store"));
    let inode = |name: &str| std::os::unix::fs::MetadataExt::ino(&fs::metadata(sandbox.path("store").join(name)).unwrap());
    let inodes: Vec<_> = before.keys().map(|name| inode(name)).collect();
    desk.publish(&store, &news).unwrap();
    assert_eq!(tree(&sandbox.path("store")), before);
    assert_eq!(before.keys().map(|name| inode(name)).collect::<Vec<_>>(), inodes, "not even the same bytes again");
}

#[test]
fn a_stopped_publication_goes_on_and_a_reader_never_meets_a_name_without_its_thing() {
    let (desk, sandbox) = (Desk::new(), Sandbox::new());
    let whole = {
        desk.publish(&open(&sandbox.path("whole")), &desk.news(1, "")).unwrap();
        tree(&sandbox.path("whole"))
    };
    // Stopped before the n-th object: no file that names an object may exist yet.
    let store = open(&sandbox.path("store"));
    let asked = AtomicUsize::new(0);
    let stops = |file: &ManifestFile| {
        if asked.fetch_add(1, Ordering::SeqCst) == 1 {
            None
        } else {
            desk.objects.get(&file.sha256).map(|bytes| ByteSource::Memory(bytes.as_slice().into()))
        }
    };
    desk.publish_with(&store, &desk.news(1, ""), &stops).unwrap_err();
    let part = tree(&sandbox.path("store"));
    assert!(part.keys().all(|name| name.starts_with("objects/")), "{:?}", part.keys());
    assert_eq!(part.len(), 1);
    desk.publish(&store, &desk.news(1, "")).unwrap();
    assert_eq!(tree(&sandbox.path("store")).keys().collect::<Vec<_>>(), whole.keys().collect::<Vec<_>>());
}

#[test]
fn a38_a39_an_object_with_different_content_is_refused_and_a_damaged_one_fixed() {
    let (desk, sandbox) = (Desk::new(), Sandbox::new());
    let store = open(&sandbox.path("store"));
    let news = desk.news(1, "");
    let refused = desk.publish_swapped(&store, &news);
    assert!(refused.unwrap_err().contains("no longer has the approved bytes"));
    assert!(tree(&sandbox.path("store")).is_empty());
    desk.publish(&store, &news).unwrap();
    let good = tree(&sandbox.path("store"));
    let name = good.keys().find(|name| name.starts_with("objects/")).unwrap();
    let mut bytes = good[name].clone();
    bytes[0] ^= 1;
    fs::write(sandbox.path("store").join(name), bytes).unwrap();
    desk.publish(&store, &news).unwrap();
    assert_eq!(tree(&sandbox.path("store")), good);
}

#[test]
fn a49_two_publishers_never_give_one_number_to_two_heads() {
    let (desk, sandbox) = (Desk::new(), Sandbox::new());
    let store = open(&sandbox.path("store"));
    desk.publish(&store, &desk.news(7, "first")).unwrap();
    let before = tree(&sandbox.path("store"));
    // Stock signatures are randomised, so even an equal head differs in its signature; the second publisher gets an error.
    for second in [desk.news(7, "second"), desk.news(7, "first")] {
        assert!(desk.publish(&store, &second).unwrap_err().contains("somebody else has published"));
    }
    assert_eq!(tree(&sandbox.path("store")), before);
    // A publisher locks the folder while it writes.
    let Err(failure) = FolderStore::open(&sandbox.path("store")) else { panic!("two hold one store") };
    assert!(format!("{failure:?}").contains("another publisher is writing"));
    drop(store);
    open(&sandbox.path("store"));
}

#[test]
fn a49_racing_publishers_on_a_disk_without_locks() {
    // One folder under two names: locks do not exclude each other on every file system, the creation of a file does.
    let (desk, sandbox) = (Desk::new(), Sandbox::new());
    drop(open(&sandbox.path("store")));
    for round in 1..=20 {
        let news = [desk.news(round, "a"), desk.news(round, "b")];
        let barrier = Barrier::new(2);
        let place = sandbox.path("store").join(format!("sites/ta-lung/heads/1-{round}.json"));
        let won: Vec<bool> = std::thread::scope(|scope| {
            let race = |news: &SiteUpdate| {
                let bytes = &news.head.as_ref().unwrap().bytes;
                barrier.wait();
                bangtin::base::files::create_new(&place, bytes).unwrap()
            };
            let threads: Vec<_> = news.iter().map(|news| scope.spawn(move || race(news))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(won.iter().filter(|won| **won).count(), 1, "round {round}");
        let winner = won.iter().position(|won| *won).unwrap();
        assert_eq!(fs::read(&place).unwrap(), news[winner].head.as_ref().unwrap().bytes);
    }
}

#[test]
fn a_pack_that_several_sites_share_is_made_once_and_is_the_same_as_alone() {
    let (mut desk, sandbox) = (Desk::new(), Sandbox::new());
    // Only the months have it.
    let picture = b"picture".to_vec();
    let shown = Digest::of(&picture);
    desk.objects.insert(shown, picture.clone());
    let of_site = |name: &str, kind: &str| {
        let mut value = manifest(name, kind, 1);
        if kind == "monthly" {
            let file = json!({"path": "assets/anh.png", "sha256": shown.to_string(), "size": picture.len(), "type": "image/png"});
            value["files"].as_array_mut().unwrap().insert(0, file);
        }
        item(&desk.office, &desk.root, &value).0
    };
    let items: Vec<_> = ["quay", "cho", "ben"].iter().flat_map(|name| [of_site(name, "evergreen"), of_site(name, "monthly")]).collect();
    let asked = AtomicUsize::new(0);
    let find = |file: &ManifestFile| {
        asked.fetch_add(usize::from(file.sha256 == shown), Ordering::SeqCst);
        desk.objects.get(&file.sha256).map(|bytes| ByteSource::Memory(bytes.as_slice().into()))
    };
    let goods = Publication { roots: &[], items: &items, earlier: &[], find: &find, watch: &NoProgress };
    publish::publish(&open(&sandbox.path("store")), &goods, &[]).unwrap_or_else(|failure| panic!("{failure:?}"));
    // For the store, for the pack of the whole months, and for that of what the evergreen programs lack.
    assert_eq!(asked.swap(0, Ordering::SeqCst), 3);
    let packs = tree(&sandbox.path("store/packs"));
    let others: Vec<_> = items.iter().collect();
    let make = |job: pack_writer::PackJob<'_>| (job.path.strip_prefix("packs/").unwrap().to_owned(), job.make(&find).unwrap());
    let alone: BTreeMap<String, Vec<u8>> = items.iter().flat_map(|item| pack_writer::pack_jobs(item, &others)).map(make).collect();
    assert_eq!(asked.into_inner(), 2 * 3);
    assert!(packs == alone, "{:?} {:?}", packs.keys(), alone.keys());
    let against: Vec<_> = packs.iter().filter(|(name, _)| !name.ends_with("/all.zst")).map(|(_, bytes)| bytes).collect();
    assert_eq!((packs.len(), against.len()), (3 + 2 * 3, 3));
    // Neither documents nor a dictionary, which differ from site to site.
    let name = shown.to_string();
    let text = format!("objects/{}/{name} {}\npicture", &name[..2], picture.len());
    assert!(against.iter().all(|pack| zstd::decode_all(pack.as_slice()).unwrap() == text.as_bytes()));
}

#[test]
fn packs_are_made_side_by_side() {
    if std::thread::available_parallelism().is_ok_and(|cores| cores.get() == 1) {
        return;
    }
    let (desk, sandbox) = (Desk::new(), Sandbox::new());
    let of_sites = |revision| ["quay", "cho", "ben"].map(|name| item(&desk.office, &desk.root, &manifest(name, "monthly", revision)).0);
    let (earlier, items) = (of_sites(1), of_sites(2));
    let (inside, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let find = |file: &ManifestFile| {
        most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        // Until two were here at once, each waits for a second one.
        let began = Instant::now();
        while most.load(Ordering::SeqCst) < 2 && began.elapsed() < Duration::from_secs(2) {
            std::thread::sleep(Duration::from_millis(5));
        }
        inside.fetch_sub(1, Ordering::SeqCst);
        desk.objects.get(&file.sha256).map(|bytes| ByteSource::Memory(bytes.as_slice().into()))
    };
    let goods = Publication { roots: &[], items: &items, earlier: &earlier, find: &find, watch: &NoProgress };
    publish::publish(&open(&sandbox.path("store")), &goods, &[]).unwrap_or_else(|failure| panic!("{failure:?}"));
    assert!(most.into_inner() > 1);
}

#[test]
fn the_archive_keeps_programs_and_approvals_and_no_heads() {
    let (desk, sandbox) = (Desk::new(), Sandbox::new());
    let roots = [SignedRoot { root: desk.root.clone(), signatures: desk.root_signatures.clone() }];
    let find = |file: &ManifestFile| desk.objects.get(&file.sha256).map(|bytes| ByteSource::Memory(bytes.as_slice().into()));
    let goods = Publication { roots: &roots, items: std::slice::from_ref(&desk.item), earlier: &[], find: &find, watch: &NoProgress };
    publish::write_archive(&open(&sandbox.path("archive")), &goods).unwrap();
    let kept = tree(&sandbox.path("archive"));
    assert!(kept.keys().all(|name| ["root/", "programs/", "approvals/", "objects/"].iter().any(|kind| name.starts_with(kind))));
    assert_eq!(kept.len(), 2 + 1 + 4 + 2);
}
