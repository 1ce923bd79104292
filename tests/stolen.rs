//! One stolen key and full access to the store: the worst that a thief can write there, pulled by a player that holds a month.

use std::collections::BTreeSet;
use std::time::Duration;

use bangtin::base::digest::Digest;
use bangtin::player::pull::meter::TransferLimits;
use bangtin::player::pull::{CycleOutcome, CycleReport, PullSettings, Puller};
use serde_json::{Value, json};

use crate::delta::shop::{Month, Shop};
use crate::harness::wait_for;
use crate::trust::kit::{Made, common, kid, made, manifest, sign, site, with};

/// Inside the month of the shop's programs.
const NOW: i64 = 1_796_263_200;

struct Scene {
    shop: Shop,
    month: Digest,
    evergreen: Digest,
}

impl Scene {
    /// A player that holds version 2 of the shop.
    fn new() -> Self {
        let mut shop = Shop::new();
        shop.publish(&Month::from([("slides/co-so/mot@1920x1080/index.html".to_owned(), b"mot".to_vec())]));
        let mut scene = Self { shop, month: Digest::of(b""), evergreen: Digest::of(b"") };
        let (_, shown) = scene.pull();
        assert_eq!(shown.len(), 2);
        let head: Value =
            serde_json::from_slice(&std::fs::read(scene.shop.sandbox.path("store/sites/quay/heads/1-2.json")).unwrap()).unwrap();
        let named = |at: usize| Digest::parse(head["programs"][at]["program"].as_str().unwrap()).unwrap();
        (scene.month, scene.evergreen) = (named(0), named(1));
        scene
    }

    fn puller(&self) -> Puller {
        let path = |name| self.shop.sandbox.path(name);
        let sources = vec![path("store").to_str().unwrap().to_owned()];
        let settings = PullSettings {
            authorities: None,
            data: path("data"),
            root: path("root.json"),
            site: site("quay"),
            sources,
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

    /// One cycle. Returns what may be shown after it; a restart without a source must give the same.
    fn pull(&self) -> (CycleReport, BTreeSet<Digest>) {
        let shown = |puller: &Puller| puller.in_force().programs.iter().map(|held| held.program.digest()).collect::<BTreeSet<_>>();
        let mut puller = self.puller();
        let report = puller.cycle(NOW);
        let now = shown(&puller);
        drop(puller);
        let mut again = self.puller();
        again.verify_objects();
        assert_eq!(shown(&again), now, "another after a restart");
        (report, now)
    }

    fn both(&self) -> BTreeSet<Digest> {
        BTreeSet::from([self.month, self.evergreen])
    }

    /// A head that the thief writes, with its hint.
    fn head(&self, version: u64, programs: Value, more: &Value, key: &bangtin::trust::secret::SecretKey) {
        let value = with(self.shop.office().head_value("quay", version, programs), more.clone());
        let bytes = serde_json::to_vec(&value).unwrap();
        let (name, epoch) = (value["version"].as_u64().unwrap(), value["epoch"].as_u64().unwrap());
        let path = format!("store/sites/quay/heads/{epoch}-{name}.json");
        self.shop.sandbox.write(&format!("{path}.minisig"), sign(key, &bytes)).write(&path, &bytes);
        let hint = json!({"epoch": epoch, "head": name, "release": 0, "root": 1, "withdrawals": 0});
        self.shop.sandbox.write("store/sites/quay/latest.json", hint.to_string());
    }

    /// Entries of the last honest head.
    fn entries(&self) -> Value {
        let bytes = std::fs::read(self.shop.sandbox.path("store/sites/quay/heads/1-2.json")).unwrap();
        serde_json::from_slice::<Value>(&bytes).unwrap()["programs"].clone()
    }

    /// Writes the thief's own program, with its page, into the store.
    fn invented(&self, change: &Value) -> Made {
        let page = b"what the thief wants to say";
        let mut value = with(manifest("quay", "monthly", 99), change.clone());
        value["files"][0]["sha256"] = json!(Digest::of(page).to_string());
        value["files"][0]["size"] = json!(page.len());
        let made = made(&value);
        let digest = Digest::of(page).to_string();
        self.shop.sandbox.write(&format!("store/objects/{}/{digest}", &digest[..2]), page);
        self.shop.sandbox.write(&format!("store/programs/{}.json", made.digest), &made.bytes);
        made
    }

    fn approve(&self, made: &Made, key: &bangtin::trust::secret::SecretKey) -> String {
        let (kid, file) = made.approved(key, &["chief"]);
        let name = format!("store/approvals/{}/{kid}.json", made.digest);
        self.shop.sandbox.write(&name, &file.statement).write(&format!("{name}.minisig"), &file.signature);
        kid.to_string()
    }

    /// Whether the thief's page is on the player's disk.
    fn holds_what_was_invented(&self) -> bool {
        crate::harness::tree(&self.shop.sandbox.path("data")).values().any(|bytes| bytes == b"what the thief wants to say")
    }
}

#[test]
fn a43_a31_a33_a34_a_stolen_publish_key_only_chooses_among_what_is_approved() {
    let scene = Scene::new();
    let office = scene.shop.office();
    let good = scene.entries();
    let month = |made: &Made, kids: &[String]| json!([made.entry(kids), good[0], good[1]]);
    // A program without approval; one approved with his stolen key; one approved by a stranger.
    let invented = scene.invented(&json!({}));
    for (version, kids) in
        [(3, vec![]), (4, vec![scene.approve(&invented, &office.publish)]), (5, vec![scene.approve(&invented, &office.duty)])]
    {
        scene.head(version, month(&invented, &kids), &json!({}), &office.publish);
        let (report, shown) = scene.pull();
        assert_eq!((shown, report.outcome), (scene.both(), CycleOutcome::Adopted), "{report:?}");
    }
    // Listing a program of another site or of a past time does not bring it back.
    let kids: Vec<_> = office.chiefs[..2].iter().map(kid).collect();
    let elsewhere = scene.invented(&json!({"site": "ta-lung"}));
    office.chiefs[..2].iter().for_each(|key| drop(scene.approve(&elsewhere, key)));
    scene.head(6, month(&elsewhere, &kids), &json!({}), &office.publish);
    assert_eq!(scene.pull().1, scene.both());
    assert!(!scene.holds_what_was_invented());
    // No program, no evergreen one, another site, another installation: refused; the player keeps what it has.
    let held = scene.pull().0.outcome;
    assert_ne!(held, CycleOutcome::Adopted);
    for (version, programs, more) in [
        (7, json!([]), json!({})),
        (8, json!([good[0]]), json!({})),
        (9, good.clone(), json!({"site": "ta-lung"})),
        (10, good.clone(), json!({"root_id": "f".repeat(32)})),
        (11, good.clone(), json!({"epoch": 2})),
        (12, good.clone(), json!({"root_min": 2})),
    ] {
        scene.head(version, programs, &more, &office.publish);
        let (report, shown) = scene.pull();
        assert_eq!((shown, report.outcome), (scene.both(), CycleOutcome::Failed), "{version}: {report:?}");
    }
    // He can use up the numbers and list the evergreen program alone: a choice among approved programs.
    scene.head((1 << 53) - 1, json!([good[1]]), &json!({}), &office.publish);
    assert_eq!(scene.pull().1, BTreeSet::from([scene.evergreen]));
}

#[test]
fn a43_a_stolen_review_key_alone_withdraws_what_its_role_covers_and_no_more() {
    let scene = Scene::new();
    let office = scene.shop.office();
    let chief = &office.chiefs[0];
    // His own approval, listed by his own head: void.
    let invented = scene.invented(&json!({}));
    let kids = vec![scene.approve(&invented, chief)];
    scene.head(3, json!([invented.entry(&kids), scene.entries()[1]]), &json!({}), chief);
    let (report, shown) = scene.pull();
    assert_eq!((shown, report.outcome), (scene.both(), CycleOutcome::Failed));
    // The same, listed with the publisher's key: one signature of two.
    scene.head(3, json!([invented.entry(&kids), scene.entries()[0], scene.entries()[1]]), &json!({}), &office.publish);
    assert_eq!(scene.pull().1, scene.both());
    assert!(!scene.holds_what_was_invented());
    // Withdrawing a whole evergreen program needs a second signature; the month is withdrawn.
    let withdrawal = |number: u64, program: Digest, kind: &str, role: &str| {
        let body = json!({"version": number, "program": program.to_string(), "site": "quay", "kind": kind, "role": role, "reason": "x"});
        let bytes = with(common("bangtin-withdrawal"), body).to_string();
        let name = format!("store/withdrawals/{number}.json");
        scene.shop.sandbox.write(&format!("{name}.{}.minisig", kid(chief)), sign(chief, bytes.as_bytes())).write(&name, &bytes);
        let hint = json!({"epoch": 1, "head": 3, "release": 0, "root": 1, "withdrawals": number});
        scene.shop.sandbox.write("store/sites/quay/latest.json", hint.to_string());
    };
    withdrawal(1, scene.evergreen, "evergreen", "chief");
    assert_eq!(scene.pull().1, scene.both());
    withdrawal(1, scene.month, "monthly", "duty");
    assert_eq!(scene.pull().1, scene.both(), "a role that he does not hold");
    withdrawal(1, scene.month, "monthly", "chief");
    assert_eq!(scene.pull().1, BTreeSet::from([scene.evergreen]));
}

#[test]
fn a28_a_refused_head_leaves_every_number_as_it_was() {
    let scene = Scene::new();
    let office = scene.shop.office();
    let state = || {
        let all = crate::harness::tree(&scene.shop.sandbox.path("data"));
        all.into_iter().filter(|(name, _)| name.starts_with("state.")).collect::<Vec<_>>()
    };
    let before = state();
    for (version, key) in [(9_000, &office.duty), (1 << 52, &office.root), (3, &office.chiefs[0])] {
        scene.head(version, scene.entries(), &json!({}), key);
        assert_eq!(scene.pull().0.outcome, CycleOutcome::Failed);
    }
    scene.head(9_000, json!([scene.entries()[0]]), &json!({}), &office.publish);
    assert_eq!(scene.pull().0.outcome, CycleOutcome::Failed);
    assert_eq!(state(), before);
    // After all that, an honest higher number is accepted, and no lower one.
    scene.head(4, scene.entries(), &json!({}), &office.publish);
    assert_eq!(scene.pull().0.outcome, CycleOutcome::Adopted);
    scene.head(3, scene.entries(), &json!({}), &office.publish);
    let (report, _) = scene.pull();
    assert!(report.outcome == CycleOutcome::Failed && report.reason.is_some_and(|reason| reason.en.contains("older")));
}

#[test]
fn a44_approvals_made_for_another_head_count_for_what_they_approve() {
    let mut scene = Scene::new();
    let first = scene.entries();
    // The next month's files, approved for version 3; the thief lists them early, beside the program that played before.
    scene.shop.publish(&Month::from([("slides/co-so/hai@1920x1080/index.html".to_owned(), b"hai".to_vec())]));
    let bytes = std::fs::read(scene.shop.sandbox.path("store/sites/quay/heads/1-3.json")).unwrap();
    let later = serde_json::from_slice::<Value>(&bytes).unwrap()["programs"].clone();
    assert_ne!(first[0]["program"], later[0]["program"]);
    scene.head(7, json!([first[0], later[0], first[1]]), &json!({}), &scene.shop.office().publish);
    assert_eq!(scene.pull().1.len(), 3, "all three are approved for this site and this month");
    // Approvals of one do not count for the other.
    let mut mixed = later[0].clone();
    mixed["program"] = json!(scene.invented(&json!({})).digest.to_string());
    scene.head(8, json!([mixed, first[1]]), &json!({}), &scene.shop.office().publish);
    assert_eq!(scene.pull().1.len(), 3, "approvals that are not there: what is held stays");
    assert!(!scene.holds_what_was_invented());
}
