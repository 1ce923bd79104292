//! Single steps of a player's cycle over a store in memory: documents from a source are verified before use.

use std::collections::BTreeMap;
use std::io::Cursor;

use bangtin::player::pull::source::{Accepted, Source};
use bangtin::player::pull::statement_walk::StatementWalk;
use bangtin::player::pull::trusted::Trusted;
use bangtin::player::pull::{FetchRequest, FetchResponse, PullError, Transport};
use bangtin::trust::hint::Hint;
use serde_json::{Value, json};

use super::kit::{Office, made, manifest, sign, site, with};

/// A store in memory.
#[derive(Default)]
struct Memory(BTreeMap<String, Vec<u8>>);

impl Memory {
    fn put(&mut self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.0.insert(path.to_owned(), bytes.into());
    }
}

impl Transport for Memory {
    fn get(&self, request: FetchRequest<'_>) -> Result<FetchResponse, PullError> {
        Ok(match self.0.get(request.path) {
            Some(bytes) => FetchResponse::Found { body: Box::new(Cursor::new(bytes.clone())), start: 0 },
            None => FetchResponse::Absent,
        })
    }

    fn name(&self) -> &'static str {
        "memory"
    }
}

const HINT: &str = "sites/ta-lung/latest.json";

#[test]
fn a_hint_is_what_its_numbers_say_and_a_bad_one_is_outside() {
    let trusted = Trusted::new(site("ta-lung"), Office::new().root(), 0);
    let mut store = Memory::default();
    let hint = |store: &Memory| Source { transport: store, trusted: &trusted }.hint();
    let error = hint(&store).unwrap_err();
    assert!(error.external);
    assert!(error.reason.vi.starts_with("memory: kho không có bản phát hành cho cụm ta-lung; kiểm tra mục site"), "{:?}", error.reason);
    assert!(error.reason.en.starts_with("memory: the store has no release for site ta-lung; check the key site"), "{:?}", error.reason);
    store.put(HINT, "{\"portal\": true}");
    let error = hint(&store).unwrap_err();
    assert!(error.external && error.reason.en.contains("malformed") && error.reason.vi.contains("sai dạng"), "{error:?}");
    let value = |head: u64| json!({"epoch": 1, "head": head, "release": 0, "root": 1, "withdrawals": 0});
    store.put(HINT, value(1).to_string());
    let first = hint(&store).unwrap();
    assert_eq!(first.head_number(), (1, 1).into());
    assert_eq!(hint(&store), Ok(first), "the same bytes");
    store.put(HINT, serde_json::to_vec_pretty(&value(1)).unwrap());
    assert_eq!(hint(&store), Ok(first), "the same numbers");
    store.put(HINT, value(2).to_string());
    assert_ne!(hint(&store), Ok(first));
}

#[test]
fn a_walk_takes_roots_up_to_the_first_that_is_absent_or_refused() {
    let office = Office::new();
    let mut store = Memory::default();
    let mut put_root = |version: u64, signed_by: &bangtin::trust::secret::SecretKey| {
        let bytes = with(office.root_value(), json!({"version": version})).to_string();
        let kid = signed_by.public().kid();
        store.put(&format!("root/{version}.json.{kid}.minisig"), sign(signed_by, bytes.as_bytes()));
        store.put(&format!("root/{version}.json"), bytes);
    };
    for version in 2..=3 {
        put_root(version, &office.root);
    }
    put_root(4, &office.duty);
    let mut trusted = Trusted::new(site("ta-lung"), office.root(), 0);
    let (mut walk, mut files) = (StatementWalk::new(&trusted, &Hint::default()), Vec::new());
    let mut step = || walk.step(&store, &mut trusted, &mut files);
    assert!(matches!((step(), step()), (Ok(true), Ok(true))));
    let walked = step();
    assert_eq!(trusted.root().body().version, 3, "what a good root revokes is not held back by a bad one after it");
    let error = walked.unwrap_err();
    assert!(!error.external && error.reason.en.starts_with("root 4: "), "{error:?}");
    assert!(error.reason.vi.starts_with("văn bản phân quyền số 4: "), "{error:?}");
}

#[test]
fn a_head_and_its_programs_are_accepted_only_when_judged() {
    let office = Office::new();
    let trusted = Trusted::new(site("ta-lung"), office.root(), 0);
    let program = made(&manifest("ta-lung", "evergreen", 1));
    let kids: Vec<String> = office.chiefs[..2].iter().map(super::kit::kid).collect();
    let head = |version: u64| office.head_value("ta-lung", version, json!([program.entry(&kids)]));
    let mut store = Memory::default();
    let mut put_head = |number: u64, value: &Value| {
        let (bytes, signature) = office.head(value);
        store.put(&format!("sites/ta-lung/heads/1-{number}.json.minisig"), signature);
        store.put(&format!("sites/ta-lung/heads/1-{number}.json"), bytes);
    };
    put_head(1, &head(1));
    put_head(2, &head(1));
    let newer = |store: &Memory, number: u64| Source { transport: store, trusted: &trusted }.newer_head((1, number).into());
    let error = newer(&store, 2).err().unwrap();
    assert!(!error.external && error.reason.vi.starts_with("bản phát hành 1-2: "), "{error:?}");
    assert!(newer(&store, 3).is_err_and(|error| error.external), "one that is not there");
    let found = newer(&store, 1).unwrap().map(Accepted::into_document).unwrap();
    let entry = &found.body().programs[0];
    let judge = |store: &Memory| Source { transport: store, trusted: &trusted }.program(entry, &|_, _| None).unwrap().into_document();
    assert!(judge(&store).is_err_and(|refusal| refusal.is_retryable()));
    for chief in &office.chiefs[..2] {
        let (kid, file) = program.approved(chief, &["chief"]);
        let path = format!("approvals/{}/{kid}.json", program.digest);
        store.put(&format!("{path}.minisig"), file.signature);
        store.put(&path, file.statement);
    }
    assert!(judge(&store).is_err_and(|refusal| refusal.is_retryable()), "without a manifest");
    store.put(&format!("programs/{}.json", program.digest), program.bytes.clone());
    assert_eq!(judge(&store).unwrap().program().digest(), program.digest);
}
