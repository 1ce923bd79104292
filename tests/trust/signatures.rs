//! Signature files: the strict form, and agreement with stock minisign.

use std::fs;

use bangtin::trust::keys::PublicKey;
use bangtin::trust::signature::SignatureFile;

use super::kit::{key, sign};
use crate::harness::Sandbox;

fn accepts(key: &PublicKey, file: &[u8], bytes: &[u8]) -> bool {
    SignatureFile::parse(file).is_some_and(|signature| signature.verifies_with(key, bytes))
}

#[test]
fn a19_the_old_algorithm_is_refused_even_when_its_signature_is_good() {
    let sandbox = Sandbox::new();
    sandbox.write("payload", "nội dung");
    sandbox.run("minisign", &["-G", "-W", "-p", "k.pub", "-s", "k"]).success();
    sandbox.run("minisign", &["-S", "-l", "-s", "k", "-m", "payload", "-x", "old.minisig"]).success();
    sandbox.run("minisign", &["-S", "-s", "k", "-m", "payload", "-x", "new.minisig"]).success();
    let key = PublicKey::parse_pub_file(&fs::read_to_string(sandbox.path("k.pub")).unwrap()).unwrap();
    assert!(!accepts(&key, &fs::read(sandbox.path("old.minisig")).unwrap(), "nội dung".as_bytes()));
    let good = fs::read(sandbox.path("new.minisig")).unwrap();
    assert!(accepts(&key, &good, "nội dung".as_bytes()));
    // A prehashed signature relabelled as legacy would be valid for the 64 bytes of the hash.
    let relabelled = String::from_utf8(good)
        .unwrap()
        .replace("\nRUR", "\nRWR")
        .replace("\nRUQ", "\nRWQ")
        .replace("\nRUS", "\nRWS")
        .replace("\nRUT", "\nRWT");
    assert!(SignatureFile::parse(relabelled.as_bytes()).is_none());
}

#[test]
fn a20_only_the_exact_four_lines_are_read() {
    let key = key();
    let good = String::from_utf8(sign(&key, b"x")).unwrap();
    assert!(accepts(key.public(), good.as_bytes(), b"x"));
    let lines: Vec<&str> = good.lines().collect();
    let bent = [
        good.replace('\n', "\r\n"),
        good.trim_end().to_owned(),
        format!("{good}\n"),
        format!("{good}more\n"),
        format!("\n{good}"),
        good.replacen("untrusted comment: ", "comment: ", 1),
        good.replacen("untrusted comment: ", "untrusted comment:", 1),
        good.replacen("\ntrusted comment: ", "\nTrusted comment: ", 1),
        good.replacen("untrusted comment: ", "untrusted comment: \u{1b}[2J", 1),
        good.replacen("untrusted comment: ", "untrusted comment: Đ", 1),
        good.replacen("untrusted comment: ", &format!("untrusted comment: {}", "x".repeat(1024)), 1),
        good.replacen(lines[2], &format!("{} ", lines[2]), 1),
        good.replacen(lines[2], &format!("{}\t", lines[2]), 1),
        good.replacen("\ntrusted comment: ", "\ntrusted comment:  ", 1),
        good.replacen("\ntrusted comment: ", "\ntrusted comment: \t", 1),
        good.replacen(lines[1], &lines[1].replace('=', ""), 1),
        good.replacen(lines[1], &format!(" {}", lines[1]), 1),
        good.replacen(lines[1], &loose_end(lines[1]), 1),
        good.replacen(lines[3], &loose_end(lines[3]), 1),
    ];
    for text in bent {
        assert!(!accepts(key.public(), text.as_bytes(), b"x"), "{text:?}");
    }
}

/// The same bytes in base64 whose unused last bits are not zero.
fn loose_end(line: &str) -> String {
    let at = line.trim_end_matches('=').len() - 1;
    let next = char::from(line.as_bytes()[at] + 1);
    format!("{}{next}{}", &line[..at], &line[at + 1..])
}

#[test]
fn a21_the_trusted_comment_is_signed_but_says_nothing() {
    let key = key();
    let good = String::from_utf8(sign(&key, b"x")).unwrap();
    let changed = good.replacen("file:test", "file:tesT", 1);
    assert_ne!(good, changed);
    assert!(!accepts(key.public(), changed.as_bytes(), b"x"));
}

#[test]
fn a22_a_signature_beside_another_file_or_under_another_id_is_refused() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let (key, other) = (key(), key());
    let good = String::from_utf8(sign(&key, b"x")).unwrap();
    assert!(!accepts(key.public(), good.as_bytes(), b"y"));
    assert!(!accepts(other.public(), good.as_bytes(), b"x"));
    let line = good.lines().nth(1).unwrap().to_owned();
    let mut bytes = STANDARD.decode(&line).unwrap();
    bytes[5] ^= 1;
    assert!(!accepts(key.public(), good.replacen(&line, &STANDARD.encode(bytes), 1).as_bytes(), b"x"));
}

#[test]
fn a24_a_change_in_the_last_byte_of_a_long_file_is_seen() {
    let key = key();
    let mut bytes = vec![7; 3 << 20];
    let signature = sign(&key, &bytes);
    assert!(accepts(key.public(), &signature, &bytes));
    *bytes.last_mut().unwrap() ^= 1;
    assert!(!accepts(key.public(), &signature, &bytes));
}

#[test]
fn a19_a25_stock_minisign_and_we_agree_on_a_thousand_random_payloads() {
    let sandbox = Sandbox::new();
    let key = key();
    sandbox.write("ours.pub", key.public().to_pub_file());
    sandbox.run("minisign", &["-G", "-W", "-p", "k.pub", "-s", "k"]).success();
    let stock = PublicKey::parse_pub_file(&fs::read_to_string(sandbox.path("k.pub")).unwrap()).unwrap();
    let mut payloads = Vec::new();
    for round in 0..1_000_usize {
        let mut payload = vec![0; round * 37 % 5_000];
        getrandom::fill(&mut payload).unwrap();
        let name = round.to_string();
        sandbox.write(&name, &payload);
        payloads.push((name, payload));
    }
    let names: Vec<&str> = payloads.iter().map(|(name, _)| name.as_str()).collect();
    let made = |more: &[&str]| -> Vec<Vec<u8>> {
        sandbox.run("minisign", &[&["-S", "-s", "k"], more, &["-m"], &names].concat()).success();
        names.iter().map(|name| fs::read(sandbox.path(&format!("{name}.minisig"))).unwrap()).collect()
    };
    // We refuse the legacy algorithm, and so does stock minisign with `-H`.
    for (old, (name, payload)) in made(&["-l"]).iter().zip(&payloads) {
        assert!(!accepts(&stock, old, payload), "{name}");
    }
    sandbox.run("minisign", &["-V", "-q", "-p", "k.pub", "-m", "999"]).success();
    sandbox.run("minisign", &["-V", "-q", "-H", "-p", "k.pub", "-m", "999"]).code(1);
    for (new, (name, payload)) in made(&[]).iter().zip(&payloads) {
        assert!(accepts(&stock, new, payload), "{name}");
        assert!(!accepts(&stock, new, &[payload.as_slice(), b"x"].concat()), "{name}, longer");
    }
    // The other direction; the legacy algorithm fails there too.
    for (name, payload) in &payloads {
        sandbox.write(&format!("{name}.minisig"), sign(&key, payload));
        sandbox.run("minisign", &["-V", "-q", "-H", "-p", "ours.pub", "-m", name]).success();
    }
}

#[test]
fn keys_are_stock_secret_and_public_files_and_never_overwritten() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::new();
    sandbox.write("password", "bí mật\n");
    sandbox.bangtin(&["keys", "new", "kín/chief", "--no-password", "--holder", "Sở TT&TT, khóa 1"]).success();
    let mode = fs::metadata(sandbox.path("kín/chief")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    assert!(fs::read_to_string(sandbox.path("kín/chief.pub")).unwrap().starts_with("untrusted comment: Sở TT&TT, khóa 1\n"));
    sandbox.write("payload", "x");
    sandbox.run("minisign", &["-S", "-s", "kín/chief", "-m", "payload"]).success();
    sandbox.run("minisign", &["-V", "-p", "kín/chief.pub", "-m", "payload"]).success();
    sandbox.bangtin(&["keys", "new", "kín/chief", "--no-password"]).code(1).stderr_has("exists");
    sandbox.bangtin(&["keys", "new", "locked", "--password-file", "password"]).success();
    let text = fs::read_to_string(sandbox.path("locked")).unwrap();
    assert!(bangtin::trust::secret::SecretKey::from_file_text(&text, || Ok("bí mật".to_owned())).is_ok());
    assert!(bangtin::trust::secret::SecretKey::from_file_text(&text, || Ok("sai".to_owned())).is_err());
}
