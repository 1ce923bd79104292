//! Changes by a root, listed for its signers: every difference is reported.

use bangtin::base::zone::TimeZone;
use bangtin::trust::root::Root;
use bangtin::trust::root_changes::describe_changes;
use serde_json::{Value, json};

use super::kit::{Office, key, key_map, kid, with};

fn root(value: &Value) -> Root {
    serde_json::from_value(value.clone()).unwrap()
}

#[test]
fn every_change_of_a_root_is_reported() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let office = Office::new();
    let base = office.root_value();
    let (new, chief) = (key(), kid(&office.chiefs[0]));
    let mut base = with(base.clone(), json!({"keys": with(base["keys"].clone(), key_map([&new]))}));
    base["roles"]["review"]["duty"]["keys"] = json!([kid(&office.duty), kid(&new)]);
    let double = STANDARD.encode([b"Ed".as_slice(), &[9; 8], office.chiefs[0].public().bytes()].concat());
    let role = base["roles"]["review"]["chief"].clone();
    let changes = [
        ("/expires", json!("2029-01-01T00:00:00Z"), "renew by"),
        ("/roles/root/keys", json!([kid(&office.root), kid(&new)]), "role root: key "),
        ("/roles/root/keys", json!([]), "is REMOVED"),
        ("/roles/root/threshold", json!(2), "role root: signatures required 1 → 2"),
        ("/roles/publish/keys", json!([kid(&new)]), "role publish: key "),
        ("/roles/publish/threshold", json!(2), "role publish: signatures required"),
        ("/roles/publish/epoch", json!(2), "publish epoch 1 → 2"),
        ("/roles/review/chief/keys", json!([chief]), "role chief: key "),
        ("/roles/review/chief/threshold", json!(1), "role chief: signatures required 2 → 1"),
        ("/roles/review/chief/sites", json!(["ta-lung"]), "role chief: covers all sites; "),
        ("/roles/review/chief/kinds", json!(["monthly"]), "role chief: covers all sites; "),
        ("/roles/review/press", role, "NEW reviewer role press (all sites; "),
        ("/requires/monthly", json!(["chief", "duty"]), "monthly program must be approved by: chief → chief, duty"),
        ("/requires/evergreen", json!(["duty"]), "evergreen program must be approved by"),
        ("/requires/urgent", json!(["chief"]), "urgent program must be approved by"),
        ("/requires/kit", json!(["duty"]), "kit must be approved by"),
        ("/requires/sites/ta-lung/monthly", json!(["chief"]), "monthly program at ta-lung must be approved by: chief, ta-lung → chief"),
        ("/requires/sites/ta-lung/evergreen", json!(["chief"]), "to the same effect"),
        ("/requires/sites/quay", json!({"kit": ["duty"]}), "kit at quay must be approved by: chief → duty"),
        (&format!("/keys/{chief}/holder"), json!("Người khác"), "its holder's name “Người giữ” → “Người khác”"),
        (&format!("/keys/{chief}/minisign"), json!(double), "another minisign id"),
    ];
    assert!(describe_changes(&root(&base), &root(&base), TimeZone::UTC).is_empty());
    for (pointer, to, want) in changes {
        let mut other = base.clone();
        let (above, name) = pointer.rsplit_once('/').unwrap();
        other.pointer_mut(above).unwrap()[name] = to;
        let listed = describe_changes(&root(&base), &root(&other), TimeZone::UTC);
        assert!(listed.iter().any(|text| text.en.contains(want)), "{pointer}: {listed:?}");
        // And back again.
        assert!(!describe_changes(&root(&other), &root(&base), TimeZone::UTC).is_empty(), "{pointer}");
    }
    // Within a day by the hour: two equal days would say nothing.
    let mut later = base.clone();
    later["expires"] = json!("2028-11-28T02:00:00Z");
    let early = root(&later);
    later["expires"] = json!("2028-11-28T03:15:00Z");
    let listed = describe_changes(&early, &root(&later), TimeZone::UTC);
    assert_eq!(listed[0].vi, "hạn thay: 02:00 ngày 28/11/2028 → 03:15 ngày 28/11/2028", "{listed:?}");
    let mut fewer = base.clone();
    fewer["roles"]["review"].as_object_mut().unwrap().remove("duty");
    let listed = describe_changes(&root(&base), &root(&fewer), TimeZone::UTC);
    assert!(listed[0].en.contains("reviewer role duty ENDS"), "{listed:?}");
}

#[test]
fn a_holders_name_steers_no_terminal() {
    let office = Office::new();
    let mut base = office.root_value();
    let kid = office.root.public().kid();
    base["keys"][kid.to_string()]["holder"] = json!("\u{1b}[2JLan\u{202e}\u{200b}\n");
    assert_eq!(root(&base).display_holder(kid), "\u{fffd}[2JLan\u{fffd}\u{fffd}\u{fffd}");
}
