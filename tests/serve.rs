//! `bangtin serve`: validators, ranges and nothing beyond the layout of a store.

use std::time::Duration;

use crate::harness::http::{self, Reply};
use crate::harness::wait_for;
use crate::publish::commands::Province;

#[test]
fn a_store_is_served_with_validators_and_ranges_and_nothing_else() {
    let province = Province::published();
    province.0.write("store/secret.txt", "x").write("store/objects/.hidden", "x");
    let server = province.0.spawn(env!("CARGO_BIN_EXE_bangtin"), &["serve", "--store", "store", "--listen", "127.0.0.1:0"], "http://");
    let address = server.address();
    let get = |path: &str, headers: &[(&str, &str)]| -> Reply { http::get(&address, path, headers) };
    let latest = get("/sites/ta-lung/latest.json", &[]);
    assert_eq!((latest.status, latest.header("cache-control")), (200, Some("no-cache")));
    let etag = latest.header("etag").unwrap().to_owned();
    assert_eq!(get("/sites/ta-lung/latest.json", &[("If-None-Match", &etag)]).status, 304);
    let files = crate::harness::tree(&province.0.path("store"));
    let (object, bytes) = files.iter().find(|(name, bytes)| name.starts_with("objects/") && bytes.len() > 20).unwrap();
    let part = get(&format!("/{object}"), &[("Range", "bytes=3-9")]);
    assert_eq!((part.status, part.body.as_slice()), (206, &bytes[3..10]));
    assert!(part.header("cache-control").unwrap().contains("immutable"));
    assert_eq!(get(&format!("/{object}"), &[("Range", "bytes=99999999-")]).status, 416);
    // Who opens the address in a browser reads what it is for.
    let words = String::from_utf8(get("/", &[]).body).unwrap();
    assert!(words.contains("kho chương trình cho đầu phát") && words.contains("a store for players"), "{words}");
    // A pack of any size, in parts.
    let big: Vec<u8> = (0..(17_u32 << 20)).map(|at| at.to_le_bytes()[0]).collect();
    province.0.write("store/packs/big.zst", &big);
    let whole = get("/packs/big.zst", &[]);
    assert_eq!((whole.status, whole.body.len()), (200, big.len()));
    let etag = whole.header("etag").unwrap().to_owned();
    let part = get("/packs/big.zst", &[("Range", "bytes=17000003-17000009"), ("If-Range", &etag)]);
    assert_eq!((part.status, part.body.as_slice()), (206, &big[17_000_003..17_000_010]));
    assert_eq!(get("/packs/big.zst", &[("If-None-Match", &etag)]).status, 304);
    for path in [
        "/",
        "/secret.txt",
        "/objects/.hidden",
        "/objects/../secret.txt",
        "/objects/%2e%2e/secret.txt",
        "//etc/passwd",
        "/sites",
        "/objects/aa/",
    ] {
        assert_eq!(get(path, &[]).status, 404, "{path}");
    }
    assert_eq!(http::send(&address, "POST", "/sites/ta-lung/latest.json", &[], b"{}").status, 405);
}

#[test]
fn serving_ends_with_0_when_asked() {
    let province = Province::published();
    let sandbox = &province.0;
    let line =
        format!("{} serve --store store --listen 127.0.0.1:0 & echo $! >own; wait $!; echo $? >ended", env!("CARGO_BIN_EXE_bangtin"));
    for signal in ["TERM", "HUP", "INT"] {
        let _ = std::fs::remove_file(sandbox.path("ended"));
        // A shell without job control lets its background commands ignore SIGINT; a handler of their own counts all the same.
        let _running = sandbox.spawn("sh", &["-c", &line], "http://");
        sandbox.run("sh", &["-c", &format!("kill -{signal} $(cat own)")]).success();
        let ended = || std::fs::read_to_string(sandbox.path("ended")).unwrap_or_default();
        wait_for("the end", Duration::from_secs(20), || ended().ends_with('\n'));
        assert_eq!(ended(), "0\n", "{signal}");
    }
}

#[test]
fn a_folder_that_is_no_store_is_named_by_every_command_that_reads_one() {
    let province = Province::published();
    let sandbox = &province.0;
    sandbox.write("empty/.keep", "").write("pictures/a.jpg", "x");
    for folder in ["empty", "pictures"] {
        for command in [["serve", "--store"].as_slice(), &["verify"], &["store", "check"]] {
            let line = [&["20", env!("CARGO_BIN_EXE_bangtin")], command, &[folder]].concat();
            sandbox.run("timeout", &line).code(1).stderr_has("there is no root (root/1.json); is this a store?");
        }
    }
    sandbox.run("timeout", &["20", env!("CARGO_BIN_EXE_bangtin"), "serve", "--store", "content"]).code(1).stderr_has("is this a store?");
    // A store that lost a file is one, and what it lacks is told.
    std::fs::remove_file(sandbox.path("store/root/1.json")).unwrap();
    sandbox.bangtin(&["store", "check", "store"]).code(1).stdout_has("root/1.json: missing");
}
