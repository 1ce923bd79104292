//! Approving and publishing as the commands do, with programs from memory in place of the generator's.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use bangtin::base::bytes::ByteSource;
use bangtin::base::canonical;
use bangtin::base::digest::Digest;
use bangtin::base::failure::Failure;
use bangtin::base::ids::SiteId;
use bangtin::base::terms::BuildOrigin;
use bangtin::base::times::{Month, Timestamp};
use bangtin::build::compile::BuiltProgram;
use bangtin::content::model::values::Period;
use bangtin::filing::approve::{self, ReviewerContext};
use bangtin::filing::filed::FiledPrograms;
use bangtin::filing::signed_files;
use bangtin::program::validate::Program;
use bangtin::publish::context::PublishContext;
use bangtin::publish::write;
use bangtin::store::folder_store::FolderStore;
use bangtin::store::publish::NoProgress;
use bangtin::trust::approval::Decision;
use bangtin::trust::head::Head;
use bangtin::trust::hint::Hint;
use bangtin::trust::secret::SecretKey;
use serde_json::{Value, json};

use crate::harness::{Sandbox, tree};
use crate::trust::kit::{Office, key, key_map, kid, manifest, sign, site, with};

/// 2026-12-03T02:00:00Z, inside the month of the kit's monthly program.
pub const NOW: i64 = 1_796_263_200;
const PAGE: &[u8] = b"page";

pub struct Desks {
    pub sandbox: Sandbox,
    pub office: Office,
    /// The present content: what version 1.0.0 of the generator would build now, by period.
    content: RefCell<BTreeMap<&'static str, Value>>,
    object: RefCell<Vec<u8>>,
    /// The version of the generator; from 1.1.0 on it makes other pages.
    pub tool: Cell<&'static str>,
    /// What its pages say then.
    pub page: Cell<&'static str>,
    /// Programs to publish as they are.
    pub programs: RefCell<BTreeSet<Digest>>,
}

pub fn english<T>(result: Result<T, Failure>) -> Result<T, String> {
    result.map_err(|failure| match failure {
        Failure::Refused(text) | Failure::Usage(text) | Failure::External(text) => text.en,
        Failure::Content(_) => "content".to_owned(),
    })
}

impl Desks {
    pub fn new() -> Self {
        let (office, sandbox) = (Office::new(), Sandbox::new());
        let content = [("2026-12", manifest("ta-lung", "monthly", 1)), ("evergreen", manifest("ta-lung", "evergreen", 1))];
        let desks = Self {
            sandbox,
            office,
            content: RefCell::new(content.into()),
            object: RefCell::new(PAGE.to_vec()),
            tool: Cell::new("1.0.0"),
            page: Cell::new("page"),
            programs: RefCell::default(),
        };
        desks.write_root(&desks.office.root_value());
        desks
    }

    fn write_root(&self, value: &Value) {
        let bytes = serde_json::to_vec(value).unwrap();
        self.sandbox.write("content/trust/root/1.json", &bytes);
        let name = format!("content/trust/root/1.json.{}.minisig", kid(&self.office.root));
        self.sandbox.write(&name, sign(&self.office.root, &bytes));
    }

    pub fn build(&self, period: Period) -> BuiltProgram {
        let name = if period == Period::Evergreen { "evergreen" } else { "2026-12" };
        let mut value = self.content.borrow()[name].clone();
        let origin = BuildOrigin { tool: self.tool.get().to_owned(), inputs: Digest::of(value.to_string().as_bytes()) };
        let mut objects = BTreeMap::from([(Digest::of(PAGE), ByteSource::Memory(self.object.borrow().as_slice().into()))]);
        if origin.tool != "1.0.0" {
            let page = format!("{} of {}", self.page.get(), origin.tool).into_bytes();
            value["files"][0]["sha256"] = json!(Digest::of(&page).to_string());
            value["files"][0]["size"] = json!(page.len());
            objects = BTreeMap::from([(Digest::of(&page), ByteSource::Memory(page.as_slice().into()))]);
        }
        let manifest = canonical::to_vec(&value).unwrap();
        BuiltProgram { program: Program::parse(&manifest).unwrap(), manifest, objects, origin }
    }

    pub fn revise(&self, period: &'static str, revision: u64) {
        self.content.borrow_mut().get_mut(period).unwrap()["revision"] = json!(revision);
    }

    pub fn approve_as(&self, key: &SecretKey, period: Period, wanted: Option<&str>, remark: &str) -> Result<usize, String> {
        let folder = self.sandbox.path("content");
        let chain = english(signed_files::roots(&folder))?;
        let reviewer = ReviewerContext {
            folder: &folder,
            root: english(signed_files::newest(&chain))?,
            key,
            now: Timestamp(NOW - 86_400),
            expected_program: wanted,
            decision: Decision { number: "12/QĐ-STTTT".to_owned(), date: "2026-11-20".to_owned() },
            remark: remark.to_owned(),
        };
        let asked = english(approve::prepare_requests(&reviewer, &[site("ta-lung")], period, &|_, period| Ok(self.build(period))))?;
        for each in &asked {
            english(approve::sign(&reviewer, each, each.pages()))?;
        }
        Ok(asked.len())
    }

    pub fn approve(&self, period: Period) {
        let chiefs = &self.office.chiefs[..2];
        let local = std::iter::once(&self.office.local).filter(|_| period != Period::Evergreen);
        for key in chiefs.iter().chain(local) {
            assert_eq!(self.approve_as(key, period, None, ""), Ok(1));
        }
    }

    pub fn approve_all(&self) {
        self.approve(december());
        self.approve(Period::Evergreen);
    }

    pub fn publish_at(&self, now: i64, months: &[Month]) -> Result<String, String> {
        let folder = self.sandbox.path("content");
        let chain = english(signed_files::roots(&folder))?;
        let store = english(FolderStore::open(&self.sandbox.path("store")))?;
        let archive = english(FolderStore::open(&self.sandbox.path("archive")))?;
        let desk = PublishContext {
            zone: bangtin::base::zone::TimeZone::parse("Asia/Ho_Chi_Minh").expect("a zone"),
            build: &|_: &SiteId, period| Ok(self.build(period)),
            root: english(signed_files::newest(&chain))?,
            older: Vec::new(),
            store: &store,
            archive: &archive,
            filed: english(FiledPrograms::list(&folder))?,
            key: &self.office.publish,
            now: Timestamp(now),
            clock_is_right: true,
            at: None,
            expires: None,
            source: String::new(),
            months: months.iter().copied().collect(),
            programs: self.programs.borrow().clone(),
            without: BTreeSet::new(),
            withdrawals: Vec::new(),
        };
        let plans = english(write::plan_all(&desk, &[site("ta-lung")]))?;
        let done = english(write::write(&store, &archive, &chain, plans, &NoProgress))?;
        Ok(done.messages.iter().map(|text| text.en.as_str()).collect::<Vec<_>>().join("\n"))
    }

    pub fn head(&self, version: u64) -> Head {
        let name = format!("store/sites/ta-lung/heads/1-{version}.json");
        serde_json::from_slice(&fs::read(self.sandbox.path(&name)).unwrap()).unwrap()
    }

    pub fn kinds(&self, version: u64) -> Vec<String> {
        self.head(version).programs.iter().map(|entry| entry.kind.as_str().to_owned()).collect()
    }

    pub fn latest(&self) -> Hint {
        Hint::parse(&fs::read(self.sandbox.path("store/sites/ta-lung/latest.json")).unwrap()).unwrap()
    }

    pub fn store(&self) -> BTreeMap<String, Vec<u8>> {
        let store = self.sandbox.path("store");
        if store.exists() { tree(&store) } else { BTreeMap::new() }
    }
}

pub fn december() -> Period {
    Period::Month(Month::parse("2026-12").unwrap())
}

#[test]
fn what_is_approved_is_published_and_archived() {
    let desks = Desks::new();
    desks.approve_all();
    let said = desks.publish_at(NOW, &[]).unwrap();
    assert!(said.contains("published 1-1"), "{said}");
    let head = desks.head(1);
    assert_eq!((head.programs.len(), head.root_min, head.withdrawals_min), (2, 1, 0));
    assert!(head.programs.iter().all(|entry| entry.from == NOW), "a first head takes over at once");
    assert_eq!(head.programs.iter().map(|entry| entry.approvals.len()).collect::<Vec<_>>(), [3, 2]);
    assert_eq!(desks.latest(), Hint { epoch: 1, head: 1, release: 0, root: 1, withdrawals: 0 });
    let archive = tree(&desks.sandbox.path("archive"));
    for entry in &head.programs {
        assert!(archive.contains_key(&format!("programs/{}.json", entry.program)));
        assert!(archive.keys().any(|name| name.starts_with(&format!("approvals/{}/", entry.program))));
    }
    // The content folder is the record: the program beside its approvals.
    let filed = tree(&desks.sandbox.path("content/approvals"));
    assert_eq!(filed.len(), (1 + 3 * 2) + (1 + 2 * 2));
}

#[test]
fn publishing_again_says_that_nothing_is_new() {
    let desks = Desks::new();
    desks.approve_all();
    desks.publish_at(NOW, &[]).unwrap();
    let before = desks.store();
    assert!(desks.publish_at(NOW + 60, &[]).unwrap().contains("nothing new"));
    assert_eq!(desks.store(), before);
    // A head past half of its lifetime is renewed.
    assert!(desks.publish_at(NOW + 46 * 86_400, &[]).unwrap().contains("published 1-2"));
}

#[test]
fn a_changed_program_takes_over_in_a_quarter_of_an_hour_and_the_old_one_plays_until_then() {
    let desks = Desks::new();
    desks.approve_all();
    desks.publish_at(NOW, &[]).unwrap();
    let old = desks.head(1).programs[0].program;
    desks.revise("2026-12", 2);
    desks.approve(december());
    desks.publish_at(NOW + 3_600, &[]).unwrap();
    let head = desks.head(2);
    let monthly: Vec<_> =
        head.programs.iter().filter(|entry| entry.kind.as_str() == "monthly").map(|entry| (entry.program, entry.from)).collect();
    let new = desks.build(december()).program.digest();
    assert_eq!(monthly, [(old, NOW), (new, NOW + 3_600 + 900)]);
    desks.publish_at(NOW + 7_200, &[]).unwrap();
    assert_eq!(desks.head(3).programs.len(), 2, "once it has taken over, the old one goes");
}

#[test]
fn a31_a45_what_is_unapproved_is_refused_and_nothing_is_written() {
    let desks = Desks::new();
    assert!(desks.publish_at(NOW, &[Month::parse("2026-12").unwrap()]).unwrap_err().contains("nobody has approved"));
    desks.approve(Period::Evergreen);
    assert_eq!(desks.approve_as(&desks.office.chiefs[0], december(), None, ""), Ok(1));
    assert_eq!(desks.approve_as(&desks.office.chiefs[0], december(), None, ""), Ok(1), "the same once more is the same");
    let refused = desks.publish_at(NOW, &[Month::parse("2026-12").unwrap()]).unwrap_err();
    assert!(refused.contains("role chief: 1 valid approval, 2 required"), "{refused}");
    assert!(desks.store().is_empty());
    let said = desks.publish_at(NOW, &[]).unwrap();
    assert!(
        said.contains("ta-lung: waits for approval: 2026-12: program ") && said.contains("chief: 1 valid approval, 2 required"),
        "{said}"
    );
    assert_eq!(desks.kinds(1), ["evergreen"]);
}

#[test]
fn what_was_filed_about_other_programs_is_not_read() {
    let desks = Desks::new();
    // Nothing could be approved or published if these were read: neither is the manifest of its folder's name.
    let statement = |kind: &str| {
        let fields = json!({"issued": "2016-11-20T03:00:00Z", "program": "0".repeat(64), "manifest_size": 1, "total_bytes": 1, "site": "quay",
            "kind": kind, "show_from": 0, "show_until": 1, "roles": []});
        fields.to_string()
    };
    for (name, kind) in [("0", "monthly"), ("1", "evergreen")] {
        let (folder, kid) = (format!("content/approvals/{}", name.repeat(64)), "0".repeat(16));
        let file = format!("{folder}/{kid}.json");
        desks.sandbox.write(&format!("{folder}/program.json"), "{}").write(&file, statement(kind)).write(&format!("{file}.minisig"), "");
    }
    desks.approve_all();
    desks.publish_at(NOW, &[]).unwrap();
    let filed = english(FiledPrograms::list(&desks.sandbox.path("content"))).unwrap();
    let quay = english(filed.claimed(|claim| claim.approval.site == site("quay"))).unwrap();
    assert_eq!((quay.len(), filed.digests().count()), (2, 4), "the newest first, by statements alone");
    assert!(english(filed.get(quay[0]).map(|_| ())).unwrap_err().contains("does not match"));
}

#[test]
fn a33_a_month_that_is_past_is_refused() {
    let desks = Desks::new();
    desks.approve_all();
    let refused = desks.publish_at(1_798_736_400, &[Month::parse("2026-12").unwrap()]).unwrap_err();
    assert!(refused.contains("2026-12 is past"), "{refused}");
    assert!(desks.publish_at(1_798_736_400, &[]).is_ok(), "unasked, it is left out");
    assert_eq!(desks.head(1).programs.len(), 1);
}

#[test]
fn a34_without_an_approved_evergreen_program_nothing_is_published() {
    let desks = Desks::new();
    desks.approve(december());
    assert!(desks.publish_at(NOW, &[]).is_err());
    assert!(desks.publish_at(NOW, &[Month::parse("2026-12").unwrap()]).is_err());
    assert!(desks.store().is_empty());
}

#[test]
fn a47_content_changed_after_its_approval_is_refused() {
    let desks = Desks::new();
    desks.approve_all();
    desks.revise("2026-12", 2);
    assert!(desks.publish_at(NOW, &[Month::parse("2026-12").unwrap()]).unwrap_err().contains("nobody has approved"));
    desks.revise("2026-12", 1);
    // The same manifest over different content, as from a poisoned cache.
    *desks.object.borrow_mut() = b"pagE".to_vec();
    assert!(desks.publish_at(NOW, &[]).unwrap_err().contains("no longer has the approved bytes"));
    assert!(desks.store().is_empty());
}

#[test]
fn a50_a_reviewer_signs_only_what_was_asked_for_and_what_hashes_so() {
    let desks = Desks::new();
    let chief = &desks.office.chiefs[0];
    let other = "0".repeat(64);
    assert!(desks.approve_as(chief, december(), Some(&other), "").unwrap_err().contains("it is not signed"));
    let right = desks.build(december()).program.digest().to_string();
    *desks.object.borrow_mut() = b"pagE".to_vec();
    assert!(desks.approve_as(chief, december(), Some(&right), "").unwrap_err().contains("changed while it was built"));
    assert!(!desks.sandbox.path("content/approvals").exists());
    *desks.object.borrow_mut() = PAGE.to_vec();
    assert_eq!(desks.approve_as(chief, december(), Some(&right), ""), Ok(1));
}

#[test]
fn approvals_are_one_a_key_and_only_for_roles_that_are_held_and_needed() {
    let desks = Desks::new();
    let chief = &desks.office.chiefs[0];
    assert_eq!(desks.approve_as(chief, december(), None, "lần một"), Ok(1));
    assert!(desks.approve_as(chief, december(), None, "lần hai").unwrap_err().contains("revision"));
    for stranger in [&desks.office.duty, &desks.office.publish, &key()] {
        assert!(desks.approve_as(stranger, december(), None, "").unwrap_err().contains("holds none of the roles"));
    }
    // The site's reviewer decides about its months, not about its evergreen program.
    assert!(desks.approve_as(&desks.office.local, Period::Evergreen, None, "").is_err());
}

#[test]
fn a15_a_reviewer_taken_out_of_the_root_takes_the_program_along() {
    let desks = Desks::new();
    desks.approve_all();
    desks.publish_at(NOW, &[]).unwrap();
    let other = key();
    let mut value = desks.office.root_value();
    value["keys"] = with(value["keys"].clone(), key_map([&other]));
    value["roles"]["review"]["ta-lung"]["keys"] = json!([kid(&other)]);
    desks.write_root(&value);
    let refused = desks.publish_at(NOW + 60, &[Month::parse("2026-12").unwrap()]).unwrap_err();
    assert!(refused.contains("role ta-lung: 0 valid approvals"), "{refused}");
    // No office replaces its first root; here the new one takes its place everywhere.
    ["store/root", "archive/root"].iter().for_each(|root| fs::remove_dir_all(desks.sandbox.path(root)).unwrap());
    let said = desks.publish_at(NOW + 60, &[]).unwrap();
    assert!(
        said.contains("dropped program") && said.contains("waits for approval") && said.contains("ta-lung: 0 valid approvals"),
        "{said}"
    );
    assert_eq!(desks.kinds(2), ["evergreen"]);
}

#[test]
fn an_approved_month_that_waits_for_an_evergreen_program_is_called_approved() {
    let desks = Desks::new();
    desks.approve(december());
    for months in [&[][..], &[Month::parse("2026-12").unwrap()]] {
        let refused = desks.publish_at(NOW, months).unwrap_err();
        assert!(refused.contains("\nta-lung: 2026-12 is approved and waits for an evergreen program, which every site needs"), "{refused}");
    }
    desks.approve(Period::Evergreen);
    assert!(!desks.publish_at(NOW, &[]).unwrap().contains("waits"));
}

#[test]
fn a_month_that_lacks_approvals_or_has_changed_waits_and_the_rest_is_published() {
    let desks = Desks::new();
    desks.approve_all();
    desks.publish_at(NOW, &[]).unwrap();
    let old = desks.head(1).programs;
    // Changed after it was approved and published: what is published stays, also the evergreen program.
    desks.revise("2026-12", 2);
    let said = desks.publish_at(NOW + 60, &[]).unwrap();
    assert!(
        said.contains("ta-lung: the published program of 2026-12 stays\n  program ") && said.contains("needed: chief, ta-lung"),
        "{said}"
    );
    assert!(said.contains("ta-lung: nothing new"), "{said}");
    let asked = desks.publish_at(NOW + 60, &[Month::parse("2026-12").unwrap()]).unwrap_err();
    assert!(asked.contains("nothing new is published:\nta-lung: the published program of 2026-12 stays\n  program "), "{asked}");
    desks.revise("evergreen", 2);
    let said = desks.publish_at(NOW + 120, &[]).unwrap();
    assert!(said.contains("the published evergreen program stays\n  evergreen program ") && said.contains("nothing new"), "{said}");
    // What gets its approvals is published while the other waits.
    desks.approve(Period::Evergreen);
    let said = desks.publish_at(NOW + 180, &[]).unwrap();
    assert!(said.contains("published 1-2") && said.contains("the published program of 2026-12 stays\n  program "), "{said}");
    assert!(desks.head(2).programs.iter().any(|entry| entry.program == old[1].program || entry.program == old[0].program));
    desks.approve(december());
    assert!(!desks.publish_at(NOW + 240, &[]).unwrap().contains("stays"));
}

#[test]
fn a49_a_number_used_up_by_a_stopped_publisher_is_passed_over() {
    let desks = Desks::new();
    desks.approve_all();
    desks.sandbox.write("store/sites/ta-lung/heads/1-1.json.minisig", "left behind");
    desks.publish_at(NOW, &[]).unwrap();
    assert_eq!(desks.latest().head, 2);
}

#[test]
fn a29_a_store_whose_numbers_are_used_up_asks_for_a_new_epoch() {
    let desks = Desks::new();
    desks.approve_all();
    desks.publish_at(NOW, &[]).unwrap();
    let last = (1_u64 << 53) - 1;
    let mut value: Value = serde_json::from_slice(&desks.store()["sites/ta-lung/heads/1-1.json"]).unwrap();
    value["version"] = json!(last);
    let (bytes, signature) = desks.office.head(&value);
    desks.sandbox.write(&format!("store/sites/ta-lung/heads/1-{last}.json"), bytes);
    desks.sandbox.write(&format!("store/sites/ta-lung/heads/1-{last}.json.minisig"), signature);
    desks.revise("2026-12", 2);
    desks.approve(december());
    assert!(desks.publish_at(NOW + 60, &[]).unwrap_err().contains("raise the publish epoch"));
    let mut root = desks.office.root_value();
    root["roles"]["publish"]["epoch"] = json!(2);
    desks.write_root(&root);
    desks.sandbox.run("rm", &["-r", "store/root", "archive/root"]).success();
    assert!(desks.publish_at(NOW + 60, &[]).unwrap().contains("published 2-1"));
}
