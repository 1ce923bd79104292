//! Signed documents, signature files, keys. Mutated documents are signed again, so the inputs are those that a signer could send.

use std::collections::BTreeMap;

use bangtin::base::ids::SiteId;
use bangtin::base::limits::{HINT_BYTES, SIGNATURE_BYTES};
use bangtin::base::text::Text;
use bangtin::trust::document::{CommonFields, SignedDocument, Verified, to_signable_bytes};
use bangtin::trust::head::HeadEntry;
use bangtin::trust::hint::Hint;
use bangtin::trust::judge::{self, ApprovalFile, HeadContext, HeadOutcome};
use bangtin::trust::keys::PublicKey;
use bangtin::trust::root::Root;
use bangtin::trust::secret::SecretKey;
use bangtin::trust::signature::SignatureFile;
use serde_json::{Value, json};

use super::Target;
use crate::trust::kit::{AT, Made, Office, common, kid, made, manifest, sign, site, with};

const WORDS: &[&str] = &[
    "\"type\":",
    "\"spec\":1",
    "\"spec\":2",
    "\"critical\":[\"x\"],",
    "\"root_id\":",
    "\"issued\":",
    "\"version\":",
    "\"keys\":{}",
    "\"threshold\":0",
    "null",
    "true",
    "[]",
    "{}",
    "\"\"",
    "\"*\"",
    "\"\\ud800\"",
    "\"\\u0000\"",
    "\u{feff}",
    "[[[[[[[[[",
    "\"2026-12-03T02:00:00Z\"",
    "\"0000-00-00T00:00:00Z\"",
    "\"9999-12-31T23:59:59Z\"",
    "monthly",
    "evergreen",
    "urgent",
    "kit",
    "slides",
    "//",
    ",",
];

/// Accepted documents mean the same when written again, and are stored as received.
fn accepted<T: SignedDocument + PartialEq + std::fmt::Debug>(found: &Verified<T>, bytes: &[u8]) {
    assert_eq!(found.bytes(), bytes);
    assert!(bytes.len() as u64 <= T::LIMIT);
    let common = CommonFields { root_id: found.root_id(), issued: found.issued() };
    // Indenting may push a document at its size limit beyond it.
    if let Ok(again) = to_signable_bytes(common, found.body()) {
        let value: Value = serde_json::from_slice(&again).unwrap();
        assert_eq!(&T::deserialize(value).unwrap(), found.body());
    }
}

fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

fn target(seeds: Vec<Vec<u8>>, run: impl Fn(&[u8]) + 'static) -> Target {
    Target { seeds, words: WORDS, run: Box::new(run) }
}

pub fn root() -> Target {
    let office = Office::new();
    let old = office.root();
    let next = with(office.root_value(), json!({"version": 2}));
    let pretty = serde_json::to_vec_pretty(&next).unwrap();
    target(vec![bytes(&office.root_value()), bytes(&next), pretty], move |input| {
        let signatures = vec![sign(&office.root, input)];
        if let Ok(root) = judge::initial_root(input.to_vec(), signatures.clone()) {
            accepted(&root, input);
        }
        if let Ok(root) = judge::root_signed_by_old(&old, input, signatures.clone()).and_then(|half| half.finish(signatures)) {
            accepted(&root, input);
            assert_eq!(root.body().version, 2);
        }
    })
}

struct Bench {
    office: Office,
    root: Verified<Root>,
    site: SiteId,
    made: Made,
}

fn bench() -> Bench {
    let office = Office::new();
    Bench { root: office.root(), office, site: site("ta-lung"), made: made(&manifest("ta-lung", "monthly", 1)) }
}

impl Bench {
    fn kids(&self) -> Vec<String> {
        self.office.chiefs[..2].iter().chain([&self.office.local]).map(kid).collect()
    }

    fn entry(&self) -> HeadEntry {
        serde_json::from_value(self.made.entry(&self.kids())).unwrap()
    }
}

pub fn head() -> Target {
    let bench = bench();
    let entries = json!([bench.made.entry(&bench.kids()), made(&manifest("ta-lung", "evergreen", 1)).entry(&bench.kids())]);
    let mut full = bench.office.head_value("ta-lung", 7, entries);
    full["players"] = json!({"ta-lung-1": {"play_key": bench.office.local.public().to_string(), "screens": ["a"]}});
    let held = bench.office.verified_head(&bench.root, &bench.office.head_value("ta-lung", 6, full["programs"].clone()));
    target(vec![bytes(&full), serde_json::to_vec_pretty(&full).unwrap(), held.bytes().to_vec()], move |input| {
        let signature = sign(&bench.office.publish, input);
        let holds = HeadContext { root: &bench.root, withdrawals: 3, head: Some(&held) };
        if let Ok(HeadOutcome::New(head)) = judge::head(holds, &bench.site, (1, 7).into(), input.to_vec(), signature.clone()) {
            accepted(&head, input);
            assert!((1..=64).contains(&head.body().programs.len()) && head.body().site == bench.site);
        }
        let _ = judge::stored_head(&[&bench.root], &bench.site, input, &signature);
    })
}

pub fn approval() -> Target {
    let bench = bench();
    let (one, other) =
        (bench.made.approval.clone(), with(bench.made.approval.clone(), json!({"roles": ["ta-lung", "chief"], "remark": "Chú thích"})));
    let local = bench.made.approved(&bench.office.local, &["ta-lung"]);
    let entry = bench.entry();
    target(vec![bytes(&one), bytes(&other)], move |input| {
        let by = |key: &SecretKey| (key.public().kid(), ApprovalFile { statement: input.to_vec(), signature: sign(key, input) });
        let files = BTreeMap::from([by(&bench.office.chiefs[0]), by(&bench.office.chiefs[1]), local.clone()]);
        if let Ok(counted) = judge::approvals(&bench.root, &bench.site, &entry, &files)
            && let Ok(approved) = judge::program(&bench.root, counted, &bench.made.bytes)
        {
            assert_eq!(approved.program().digest(), bench.made.digest);
            for each in approved.approvals() {
                let statement = &files[each.signers().first().unwrap()].statement;
                accepted(each, statement);
                assert_eq!((each.body().program, &each.body().site), (bench.made.digest, &bench.site));
            }
        }
    })
}

pub fn withdrawal() -> Target {
    let bench = bench();
    let program = bangtin::program::validate::Program::parse(&bench.made.bytes).unwrap();
    let value = |more: Value| {
        let body = json!({"version": 1, "program": bench.made.digest.to_string(), "site": "ta-lung", "kind": "monthly", "role": "chief", "reason": "sai giờ"});
        bytes(&with(with(common("bangtin-withdrawal"), body), more))
    };
    let seeds = vec![
        value(json!({})),
        value(json!({"slides": ["du-lich/ban-gioc"]})),
        value(json!({"slides": {"du-lich/ban-gioc": 2}})),
        value(json!({"kind": "evergreen", "role": "ta-lung"})),
    ];
    target(seeds, move |input| {
        let signatures = vec![sign(&bench.office.chiefs[0], input)];
        if let Ok(found) = judge::withdrawal(&bench.root, 1, input.to_vec(), signatures) {
            accepted(&found, input);
            let _ = judge::withdrawal_effect(bench.root.body(), [&found], &program);
        }
    })
}

pub fn release() -> Target {
    let bench = bench();
    let kit = bench.made.digest.to_string();
    let program = bangtin::program::validate::Program::parse(&bench.made.bytes).unwrap();
    let body = json!({"site": "ta-lung", "version": 4, "nonce": "00112233445566778899aabbccddeeff"});
    let show = with(with(common("bangtin-release"), body.clone()), json!({"program": kit, "from": AT.0, "until": AT.0 + 3_600}));
    let end = with(with(common("bangtin-release"), body), json!({"end": kit}));
    target(vec![bytes(&show), bytes(&end)], move |input| {
        let signature = sign(&bench.office.duty, input);
        if let Ok(found) = judge::release(&bench.root, &bench.site, 4, input.to_vec(), signature) {
            accepted(&found, input);
            let _ = (found.body().order(), judge::release_matches_kit(&found, &program));
        }
    })
}

pub fn latest() -> Target {
    let hint = Hint { epoch: 1, head: 42, release: 7, root: 3, withdrawals: 2 };
    target(vec![hint.to_bytes(), b"{\"epoch\":1,\"head\":1}".to_vec(), b"<!doctype html>".to_vec()], |input| {
        if let Some(found) = Hint::parse(input) {
            assert!(input.len() as u64 <= HINT_BYTES);
            assert_eq!(Hint::parse(&found.to_bytes()), Some(found));
        }
    })
}

pub fn signature() -> Target {
    const SIGNED: &[u8] = b"what was signed";
    let (key, other) = (crate::trust::kit::key(), crate::trust::kit::key());
    let good = sign(&key, SIGNED);
    let lines = |bytes: &[u8]| -> Vec<Vec<u8>> { bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect() };
    let whole = lines(&good);
    let seeds =
        vec![good.clone(), sign(&other, SIGNED), sign(&key, b"other"), String::from_utf8_lossy(&good).replace('\n', "\r\n").into_bytes()];
    let words = &["untrusted comment: ", "trusted comment: ", "\n", "\r\n", "\x1b[2J", "RU", "RW", "==", "=", "\t", "timestamp:0"];
    let run = move |input: &[u8]| {
        let Some(found) = SignatureFile::parse(input) else { return };
        assert!(input.len() as u64 <= SIGNATURE_BYTES);
        assert!(!found.verifies_with(key.public(), b"what was never signed"));
        // Only the untrusted comment is not signed.
        if found.verifies_with(key.public(), SIGNED) {
            assert_eq!(lines(input)[1..], whole[1..]);
        }
    };
    Target { seeds, words, run: Box::new(run) }
}

pub fn public_key() -> Target {
    let key = crate::trust::kit::key();
    let file = key.public().to_pub_file();
    let seeds = vec![file.clone().into_bytes(), key.public().to_string().into_bytes(), file.replace('\n', "\r\n").into_bytes()];
    let words = &[
        "untrusted comment:",
        "\n",
        "\n\n",
        "RWQ",
        "=",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "7////////////////////////////////////////38=",
    ];
    let run = |input: &[u8]| {
        let Ok(text) = std::str::from_utf8(input) else { return };
        if let Some(found) = PublicKey::parse_pub_file(text) {
            let again = PublicKey::parse_pub_file(&found.to_pub_file()).unwrap();
            assert_eq!((again.bytes(), again.kid()), (found.bytes(), found.kid()));
        }
    };
    Target { seeds, words, run: Box::new(run) }
}

/// Never with a password: scrypt is slow by design, and limits on its parameters bound its cost.
pub fn secret_key() -> Target {
    let (_, file) = SecretKey::generate(None).unwrap();
    let seeds = vec![file.clone().into_bytes(), file.replace('\n', "\r\n").into_bytes()];
    let words = &["untrusted comment: ", "\n", "RWQAAEIy", "RWRTY0Iy", "=", "AAAAAAAAAAAAAAAA"];
    let run = |input: &[u8]| {
        let Ok(text) = std::str::from_utf8(input) else { return };
        let no_password = || Err(Text { vi: String::new(), en: String::new() });
        if let Ok(key) = SecretKey::from_file_text(text, no_password) {
            let signature = SignatureFile::parse(&key.sign(b"a", "a", AT).unwrap()).unwrap();
            assert!(signature.verifies_with(key.public(), b"a"));
        }
    };
    Target { seeds, words, run: Box::new(run) }
}
