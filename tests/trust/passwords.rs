//! Sources of a key's password without a terminal, and the warning before a root expires.

use std::fs;
use std::process::{Command, Stdio};

use bangtin::trust::secret::SecretKey;

use crate::harness::Sandbox;
use crate::publish::commands::Province;

const BANGTIN: &str = env!("CARGO_BIN_EXE_bangtin");

fn opens(sandbox: &Sandbox, key: &str, password: &str) -> bool {
    let text = fs::read_to_string(sandbox.path(key)).unwrap();
    SecretKey::from_file_text(&text, || Ok(password.to_owned())).is_ok()
}

/// Runs a shell line in the sandbox, to open descriptors for a command.
fn shell(sandbox: &Sandbox, line: &str) -> i32 {
    let mut command: Command = sandbox.command("sh", &["-c", line]);
    let output = command.stdin(Stdio::null()).env("BANGTIN", BANGTIN).output().unwrap();
    output.status.code().unwrap_or(-1)
}

#[test]
fn a_password_comes_from_a_descriptor_or_from_an_agents_command() {
    let sandbox = Sandbox::new();
    assert_eq!(shell(&sandbox, "printf 'mật khẩu\\nkhác\\n' | \"$BANGTIN\" keys new piped --password-fd 0"), 0);
    assert!(opens(&sandbox, "piped", "mật khẩu"));
    sandbox.write("password", "từ tệp\r\nrest\n");
    assert_eq!(shell(&sandbox, "\"$BANGTIN\" keys new given --password-fd 7 7<password"), 0);
    assert!(opens(&sandbox, "given", "từ tệp"));
    sandbox.write("agent", "#!/bin/sh\necho \"$1 ${BANGTIN_KEY##*/}\"; echo more; echo more\n");
    sandbox.run("chmod", &["+x", "agent"]).success();
    let agent = format!("{} for", sandbox.path("agent").display());
    sandbox.bangtin(&["keys", "new", "asked", "--password-command", &agent]).success();
    assert!(opens(&sandbox, "asked", "for asked"));
    // A pipe gives one line for each key.
    let line = "printf 'mật khẩu\\ntừ tệp\\n' | \"$BANGTIN\" --content content trust init --root-key piped given --publish-key p.pub \
        --review chief=a.pub chief=b.pub duty=c.pub ta-lung=d.pub --password-fd 0 --out out";
    crate::publish::province::write(&sandbox);
    for name in ["p", "a", "b", "c", "d"] {
        sandbox.bangtin(&["keys", "new", name, "--no-password"]).success();
    }
    assert_eq!(shell(&sandbox, line), 0);
    assert!(sandbox.path("out/root/1.json").is_file());
}

#[test]
fn a_wrong_password_is_said_in_words_and_a_person_is_asked_again() {
    let sandbox = Sandbox::new();
    sandbox.write("right", "đúng\n").write("wrong", "sai\n");
    sandbox.bangtin(&["keys", "new", "key", "--password-file", "right"]).success();
    let text = fs::read_to_string(sandbox.path("key")).unwrap();
    let typed = |words: &[&str]| {
        let mut asked = 0;
        let next = |wrong: u32| {
            asked = wrong + 1;
            words.get(wrong as usize).map(|word| Ok((*word).to_owned()))
        };
        let opened = SecretKey::from_file_text_asking(&text, next);
        (opened.map(|_| ()).map_err(|text| text.vi), asked)
    };
    assert_eq!(typed(&["sai", "sai", "đúng", "thừa"]), (Ok(()), 3));
    assert_eq!(typed(&["sai", "sai"]), (Err("sai mật khẩu của khóa".to_owned()), 3));
    let province = Province::new();
    let sign = ["--lang", "vi", "approve", "--unseen", "--yes", "--evergreen", "--key"];
    let key = sandbox.path("key").display().to_string();
    let from = sandbox.path("wrong").display().to_string();
    let said = province.0.bangtin(&[&sign[..], &[&key, "--password-file", &from, "--now", "2026-12-01T09:00"]].concat());
    said.code(1).stderr_has("sai mật khẩu của khóa");
}

#[test]
fn what_gives_no_password_is_reported_and_two_sources_are_one_too_many() {
    let sandbox = Sandbox::new();
    let new = ["keys", "new", "k"];
    let with = |more: &[&str]| sandbox.bangtin(&[&new, more].concat());
    with(&["--password-fd", "99"]).code(2).stderr_has("file descriptor 99");
    with(&["--password-command", "false"]).code(2).stderr_has("failed");
    with(&["--password-command", "no-such-agent"]).code(2).stderr_has("no-such-agent");
    with(&["--password-command", " "]).code(2).stderr_has("failed");
    with(&["--password-command", "true"]).code(2).stderr_has("empty");
    with(&["--password-command", "true", "--password-fd", "0"]).code(2).stderr_has("can't be used with");
    with(&["--password-command", "true", "--no-password"]).code(2).stderr_has("can't be used with");
    assert!(!sandbox.path("k").exists());
    with(&["--password-command", "echo đúng"]).success();
    for key in ["x", "y"] {
        sandbox.bangtin(&["keys", "new", key, "--no-password"]).success();
    }
    let fixed = ["trust", "init", "--root-key", "k", "--publish-key", "x.pub", "--review", "chief=y.pub"];
    let wrong = [&fixed[..], &["--password-command", "echo sai"]].concat();
    crate::publish::province::write(&sandbox);
    sandbox.bangtin(&wrong).code(1).stderr_has("wrong password for this key");
}

#[test]
fn a42_a_root_that_ends_within_sixty_days_or_has_ended_is_reported_and_nothing_is_refused() {
    let province = Province::new();
    let sandbox = &province.0;
    let show = |lang: &str, now: &str| sandbox.bangtin(&["--lang", lang, "trust", "show", "--now", now]).success().stderr;
    // The root was made on 2026-12-01 for two years.
    assert_eq!(show("en", "2028-10-02T00:00:00Z"), "");
    let soon = show("en", "2028-10-02T02:00:00Z");
    assert!(soon.contains("root 1 expires in 60 days (2028-12-01); renew it with: bangtin trust prepare"), "{soon}");
    assert!(show("vi", "2028-11-30T02:00:00Z").contains("hết hạn sau 1 ngày"));
    assert!(show("en", "2028-12-01T02:00:00Z").contains("root 1 expired"));
    assert!(show("en", "2028-12-01T08:59").contains("expires in 0 days"), "moments are local");
    let late = ["approve", "--evergreen", "--site", "ta-lung", "--key", "keys/lan", "--now", "2029-01-01T09:00", "--unseen", "--yes"];
    sandbox.bangtin(&late).success().stderr_has("root 1 expired on 2028-12-01");
    sandbox.bangtin(&[&late[..5], &["keys/hung"], &late[6..]].concat()).success();
    let publish =
        ["--lang", "vi", "-q", "publish", "--to", "store", "--site", "ta-lung", "--key", "keys/publish", "--now", "2029-01-01T09:00"];
    sandbox.bangtin(&publish).success().stderr_has("văn bản phân quyền số 1 đã hết hạn");
}
