//! A table from the spreadsheet to the screen: how it is read, how it is split, and that its parts go together.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::{Sandbox, tree};
use crate::publish::commands::Province;
use crate::publish::province::PLAYLIST;
use crate::withdraw::{DECEMBER, published, read, schedule, withdraw};

/// A table slide with this number of rows.
fn table(sandbox: &Sandbox, keys: &str, rows: usize) {
    let rows: String = (1..=rows).map(|row| format!("Hàng {row};{row},5\n")).collect();
    sandbox.write("content/slides/gia/bang.csv", format!("\u{feff}Hàng;Giá\n{rows}"));
    let head = "---\ntitle: Bảng giá\nagency: so-tttt\ncategory: nong-nghiep\nlayout: table\ntable: bang.csv\nduration: 10s\n";
    sandbox.write("content/slides/gia/bang.md", format!("{head}{keys}---\n"));
    sandbox.write("content/playlists/2026-12/province.yaml", format!("{PLAYLIST}  - slide: gia/bang.md\n"));
}

fn manifest(sandbox: &Sandbox) -> Value {
    let files = tree(&sandbox.path("out"));
    let (_, bytes) = files.iter().find(|(name, _)| name.ends_with("program.json")).expect("a program");
    serde_json::from_slice(bytes).expect("a manifest")
}

#[test]
fn a_long_table_is_split_and_every_row_stands_on_one_part() {
    let province = Province::new();
    let sandbox = &province.0;
    table(sandbox, "", 20);
    let said = sandbox.bangtin(&["check"]).success().stdout_has("warning[table-split]: the table has 20 rows and is split into 3 parts");
    said.stdout_has("10 s each, 30 s in all").stdout_has("warning[table-separator]");
    sandbox.bangtin(&["build", "--month", "2026-12", "--site", "ta-lung", "--out", "out"]).success();
    let built = manifest(sandbox);
    let titles: Vec<_> =
        ["gia/bang", "gia/bang--2", "gia/bang--3"].iter().map(|id| built["slides"][id]["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["Bảng giá (1/3)", "Bảng giá (2/3)", "Bảng giá (3/3)"]);
    let items = built["loops"]["1"]["items"].to_string();
    assert!(items.contains(r#"["gia/bang",10000],["gia/bang--2",10000],["gia/bang--3",10000]"#), "{items}");
    let files = tree(&sandbox.path("out"));
    let pages: Vec<String> = files
        .iter()
        .filter(|(name, _)| name.contains("gia/bang") && name.ends_with(".html"))
        .map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned())
        .collect();
    assert_eq!(pages.len(), 3);
    for row in 1..=20 {
        assert_eq!(pages.iter().filter(|page| page.contains(&format!(">Hàng {row}</td>"))).count(), 1, "row {row}");
        assert!(pages.iter().any(|page| page.contains(&format!(">{row},5</td>"))), "row {row}");
    }
    assert!(pages.iter().all(|page| page.contains(">Giá</th>") && page.contains("/3</span>")));
    // The preview of a moment and its reason name the part.
    let shown: BTreeSet<String> = (0..60)
        .map(|second| {
            let at = format!("2026-12-03T10:15:{second:02}");
            let said = sandbox.bangtin(&["at", "ta-lung", &at]).success().stdout;
            said.lines().nth(1).unwrap_or_default().to_owned()
        })
        .collect();
    assert!(shown.contains("Screen a: Bảng giá (2/3)"), "{shown:?}");
    // The author's number of rows is not warned of.
    table(sandbox, "rows: 20\n", 20);
    assert!(!sandbox.bangtin(&["check"]).success().stdout.contains("table-split"));
    table(sandbox, "rows: 5\n", 20);
    assert!(!sandbox.bangtin(&["check"]).success().stdout.contains("table-split"));
    sandbox.bangtin(&["build", "--month", "2026-12", "--site", "ta-lung", "--out", "out"]).success();
    let count = |manifest: &Value| manifest["slides"].as_object().unwrap().keys().filter(|id| id.starts_with("gia/bang")).count();
    assert_eq!(count(&manifest(sandbox)), 4);
    table(sandbox, "rows: 1\n", 61);
    sandbox.bangtin(&["check"]).code(1).stdout_has("error[table-too-long]: the table has 61 rows, a slide holds up to 60");
    table(sandbox, "", 3);
    sandbox.write("content/slides/gia/bang--2.md", "---\ntitle: a\n---\n");
    sandbox.bangtin(&["check"]).code(1).stdout_has("error[file-place]: two hyphens and a number at the end name a part of a long table");
}

#[test]
fn a_withdrawal_takes_all_parts_of_a_table_also_those_to_come() {
    let province = published();
    table(&province.0, "", 20);
    province.0.bangtin(&["check"]).success();
    province.approve_ta_lung();
    province.publish(&["--key", "keys/publish"]).success();
    let seen = || {
        let told = crate::inspect::inspect(&province.0, "store", &["--day", "2026-12-03"]).success().stdout;
        told.lines().filter(|line| line.contains("\tgia/bang")).count()
    };
    assert!(seen() > 3, "the second verifier sees it");
    // Named by a part, by the title or by the id, the whole slide goes.
    let said = withdraw(&province, "lan", &[DECEMBER, &["--slide", "gia/bang--2", "--reason", "sai giá"]].concat()).success();
    said.stdout_has("“Bảng giá” (gia/bang)");
    assert_eq!(read(&province, "content/trust/withdrawals/1.json")["slides"]["gia/bang"], 1);
    withdraw(&province, "lan", &[DECEMBER, &["--slide", "Bảng giá", "--reason", "sai giá"]].concat()).success();
    province.publish(&["--key", "keys/publish"]).success();
    crate::withdraw::pull(&province).success();
    let withdrawn = schedule(&province)["withdrawn"]["slides"].to_string();
    assert!(["\"gia/bang\"", "\"gia/bang--2\"", "\"gia/bang--3\""].iter().all(|id| withdrawn.contains(id)), "{withdrawn}");
    assert_eq!(seen(), 0, "the second verifier takes all parts");
    // With more rows than before, it needs a revision all the same, and one revision brings back all parts.
    table(&province.0, "", 30);
    province.0.bangtin(&["check"]).code(1).stdout_has("error[withdrawn-slide]: slide gia/bang is withdrawn");
    province.0.bangtin(&["revise", "--withdrawal", "1"]).success();
    let done = province.0.bangtin(&["check"]).success();
    assert!(!done.stdout.contains("revision"), "{}", done.stdout);
    province.approve_ta_lung();
    province.publish(&["--key", "keys/publish"]).success();
    crate::withdraw::pull(&province).success();
    let withdrawn = schedule(&province)["withdrawn"]["slides"].to_string();
    let back = manifest_slides(&province);
    assert!(back.contains("gia/bang--4") && !withdrawn.contains("gia/bang--4"), "{back:?}");
}

/// The slides of the newest approved programs.
fn manifest_slides(province: &Province) -> BTreeSet<String> {
    let filed = tree(&province.0.path("content/approvals"));
    let manifests = filed.iter().filter(|(name, _)| name.ends_with("program.json"));
    let values = manifests.filter_map(|(_, bytes)| serde_json::from_slice::<Value>(bytes).ok());
    values.flat_map(|value| value["slides"].as_object().unwrap().keys().cloned().collect::<Vec<_>>()).collect()
}
