//! Kit releases: who may sign them, and which kit they match.

use bangtin::program::validate::Program;
use bangtin::trust::document::Verified;
use bangtin::trust::judge;
use bangtin::trust::refusal::Refusal;
use bangtin::trust::release::{KitOrder, KitRelease};
use bangtin::trust::secret::SecretKey;
use serde_json::{Value, json};

use super::kit::{Made, Office, common, made, manifest, signed, site, with};

fn kit_program() -> Made {
    let mut value = manifest("ta-lung", "kit", 1);
    let more = json!({"valid": {"from": 1_796_058_000, "until": 1_798_736_400}, "band": "full", "priority": 5, "max": 7200});
    value = with(value, more);
    value["screens"][0]["spans"] = json!([[0, 7200, "1", 0]]);
    made(&value)
}

fn value(kit: &Made, more: Value) -> Value {
    let fields = json!({"version": 7, "site": "ta-lung", "program": kit.digest.to_string(), "from": 1_796_871_600, "until": 1_796_878_800,
        "nonce": "000102030405060708090a0b0c0d0e0f"});
    with(with(common("bangtin-release"), fields), more)
}

fn judge_value(office: &Office, value: &Value, key: &SecretKey) -> Result<Verified<KitRelease>, Refusal> {
    let (bytes, mut signatures) = signed(value, &[key]);
    judge::release(&office.root(), &site("ta-lung"), 7, bytes, signatures.remove(0))
}

#[test]
fn a88_a_release_needs_a_role_of_kind_urgent_its_site_and_its_number() {
    let office = Office::new();
    let kit = kit_program();
    let good = value(&kit, json!({}));
    assert!(judge_value(&office, &good, &office.duty).is_ok());
    for key in [&office.chiefs[0], &office.local, &office.publish, &office.root] {
        assert!(judge_value(&office, &good, key).is_err());
    }
    for bend in [
        json!({"site": "trung-khanh"}),
        json!({"version": 8}),
        json!({"until": 1_796_871_600}),
        json!({"end": kit.digest.to_string()}),
        json!({"nonce": "1234"}),
        json!({"root_id": "f".repeat(32)}),
        json!({"type": "bangtin-head"}),
    ] {
        assert!(judge_value(&office, &value(&kit, bend.clone()), &office.duty).is_err(), "{bend}");
    }
}

#[test]
fn a87_a88_a_release_fits_only_its_kit_and_no_longer_than_that_may_last() {
    let office = Office::new();
    let kit = kit_program();
    let program = Program::parse(&kit.bytes).unwrap();
    let fits = |more: Value| judge::release_matches_kit(&judge_value(&office, &value(&kit, more), &office.duty).unwrap(), &program);
    assert!(fits(json!({})));
    assert!(!fits(json!({"until": 1_796_878_801})), "a second longer than max");
    assert!(!fits(json!({"program": "0".repeat(64)})));
    let monthly = made(&manifest("ta-lung", "monthly", 1));
    let release = judge_value(&office, &value(&monthly, json!({})), &office.duty).unwrap();
    assert!(!judge::release_matches_kit(&release, &Program::parse(&monthly.bytes).unwrap()), "not a kit");
}

/// No code can be guessed at a site: the player ignores a code in a kit, and judges a kit release with a code by its signature alone.
#[test]
fn a89_no_code_releases_a_kit() {
    let office = Office::new();
    let kit = kit_program();
    let sound: Value = serde_json::from_slice(&kit.bytes).unwrap();
    let read = |value: &Value| format!("{:?}", Program::parse(&serde_json::to_vec(value).unwrap()).unwrap().manifest());
    for code in [json!("1234"), json!(null), json!({"argon2id": "00"})] {
        let named = json!({"code": code});
        assert_eq!(read(&with(sound.clone(), named.clone())), read(&sound), "{code}");
        for key in [&office.chiefs[0], &office.local, &office.publish] {
            assert!(judge_value(&office, &value(&kit, named.clone()), key).is_err(), "{code}");
        }
        let (bytes, _) = signed(&value(&kit, named), &[]);
        assert!(judge::release(&office.root(), &site("ta-lung"), 7, bytes, Vec::new()).is_err(), "{code}, and no signature");
    }
}

#[test]
fn an_end_names_the_kit_alone() {
    let office = Office::new();
    let kit = kit_program();
    let fields = json!({"version": 7, "site": "ta-lung", "end": kit.digest.to_string(), "nonce": "000102030405060708090a0b0c0d0e0f"});
    let release = judge_value(&office, &with(common("bangtin-release"), fields), &office.duty).unwrap();
    assert_eq!(release.body().order(), Some(KitOrder::End { program: kit.digest }));
    assert!(!judge::release_matches_kit(&release, &Program::parse(&kit.bytes).unwrap()));
    let again = KitRelease::new(site("ta-lung"), 7, KitOrder::End { program: kit.digest }, release.body().nonce);
    assert_eq!(&again, release.body());
}
