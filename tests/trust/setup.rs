//! The first root in a folder: what `trust init` writes and `trust show` prints.

use bangtin::base::times::Timestamp;
use bangtin::filing::{first_root, signed_files};
use bangtin::trust::secret::SecretKey;

use super::kit::{AT, key};
use super::policy::{holders, policy};
use crate::harness::Sandbox;
use crate::publish::commands::Province;

fn make(sandbox: &Sandbox, root_threshold: u64, secrets: &[SecretKey]) -> Result<(), String> {
    let mut holders = holders(&secrets[0]);
    holders.root = secrets.iter().map(|key| (key.public().clone(), "Sở TT&TT, khóa phân quyền".to_owned())).collect();
    holders.root_threshold = root_threshold;
    let times = (AT, Timestamp(AT.0 + 730 * 86_400));
    first_root::create_first_root(&sandbox.path("trust"), &policy(), holders, secrets, times)
        .map(drop)
        .map_err(|failure| format!("{failure:?}"))
}

#[test]
fn the_first_root_is_made_once_and_shown_in_words() {
    let sandbox = Sandbox::new();
    let secrets = [key(), key(), key()];
    make(&sandbox, 2, &secrets).unwrap();
    assert!(make(&sandbox, 2, &secrets).unwrap_err().contains("made only once"));
    let chain = signed_files::read_roots(&sandbox.path("trust")).unwrap_or_else(|failure| panic!("{failure:?}"));
    assert_eq!((chain.len(), chain[0].signatures.len()), (1, 3));
    for key in &secrets {
        sandbox.write("k.pub", key.public().to_pub_file());
        let signature = format!("trust/root/1.json.{}.minisig", key.public().kid());
        sandbox.run("minisign", &["-V", "-p", "k.pub", "-m", "trust/root/1.json", "-x", &signature]).success();
    }
}

#[test]
fn dates_are_those_of_the_contents_time_zone() {
    let province = Province::new();
    let sandbox = &province.0;
    let run = |line: &str| sandbox.bangtin(&line.split(' ').collect::<Vec<_>>()).success();
    // Midnight of the content is still the day before in UTC.
    run("trust prepare --expires 2028-06-01 --now 2026-12-02T00:00").stdout_has("made on 2026-12-02").stdout_has("→ 2028-06-01");
    run("trust sign content/trust/draft/root.json --key keys/root --yes").stdout_has("made on 2026-12-02").stdout_has("→ 2028-06-01");
    let late = "2028-05-01T00:00";
    run(&format!("trust apply --now {late}")).stderr_has("expires in 31 days (2028-06-01)");
    run(&format!("trust show --now {late}")).stdout_has("signed 2026-12-02, renew by 2028-06-01").stderr_has("(2028-06-01)");
    // A fault elsewhere in the content changes no date; without content, a date says that it is one of UTC.
    sandbox.write("content/agencies.yaml", "x: [");
    run("trust show").stdout_has("signed 2026-12-02, renew by 2028-06-01");
    std::fs::rename(sandbox.path("content"), sandbox.path("away")).unwrap();
    run("trust show --trust away/trust").stdout_has("signed 2026-12-01 (UTC), renew by 2028-05-31 (UTC)");
}

#[test]
fn a_root_that_its_own_keys_do_not_carry_is_not_written() {
    let sandbox = Sandbox::new();
    assert!(make(&sandbox, 2, &[key()]).unwrap_err().contains("threshold 2 with 1 key"));
    assert!(!sandbox.path("trust").exists());
}

#[test]
fn a_damaged_root_is_refused_by_name() {
    let sandbox = Sandbox::new();
    make(&sandbox, 1, &[key()]).unwrap();
    let mut bytes = std::fs::read(sandbox.path("trust/root/1.json")).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    sandbox.write("trust/root/1.json", bytes);
    assert!(format!("{:?}", signed_files::read_roots(&sandbox.path("trust")).map(drop)).contains("root/1.json"));
}

#[test]
fn a_secret_key_in_place_of_a_public_one_and_the_reverse_are_called_that() {
    let province = Province::new();
    let trust = |args: &[&str]| province.0.bangtin(&[["trust"].as_slice(), args, &["--now", "2026-12-01T09:00"]].concat());
    trust(&["add", "chief=keys/lan"]).code(1).stderr_has("keys/lan: this is a secret key").stderr_has("keys/lan.pub");
    province.0.write("password", "mật khẩu\n");
    province.0.bangtin(&["keys", "new", "locked", "--password-file", "password"]).success();
    std::fs::remove_file(province.0.path("locked.pub")).unwrap();
    trust(&["add", "chief=locked"]).code(1).stderr_has("this is a secret key").stderr_has("the .pub file of that key");
    province.0.write("bad", "hello\n");
    trust(&["add", "chief=bad"]).code(1).stderr_has("not a minisign public key");
    let sign = ["approve", "--unseen", "--yes", "--evergreen", "--key", "keys/lan.pub", "--now", "2026-12-01T09:00"];
    province.0.bangtin(&sign).code(1).stderr_has("this is a public key").stderr_has("perhaps ").stderr_has("keys/lan\n");
}

#[test]
fn a_root_threshold_of_half_the_keys_or_less_is_named_with_the_command() {
    let province = Province::new();
    province.0.bangtin(&["keys", "new", "keys/root2", "--no-password"]).success();
    let add = |more: &[&str]| {
        let args = [["trust", "add", "root=keys/root2.pub", "--now", "2026-12-01T09:00"].as_slice(), more].concat();
        province.0.bangtin(&args).success()
    };
    let told = "1 of the 2 root keys suffices to sign";
    add(&[]).stderr_has(told).stderr_has("bangtin trust prepare --threshold root=2");
    // Who prepares, and who signs on another machine, is told too.
    let now = ["--now", "2026-12-01T09:00"];
    province.0.bangtin(&[&["trust", "prepare"][..], &now].concat()).success().stderr_has(told);
    let sign = ["trust", "sign", "content/trust/draft/root.json", "--key", "keys/root", "--yes"];
    province.0.bangtin(&[&sign[..], &now].concat()).success().stderr_has(told);
    std::fs::remove_dir_all(province.0.path("content/trust/draft")).unwrap();
    let said = add(&["--threshold", "root=2"]).stderr;
    assert!(!said.contains("suffices"), "{said}");
}

#[test]
fn a_holder_is_found_by_the_name_without_the_address() {
    let province = Province::new();
    let sandbox = &province.0;
    let holder = "Nguyễn Thị Lan <lan@example.vn>";
    sandbox.bangtin(&["keys", "new", "keys/nguyen", "--no-password", "--holder", holder]).success();
    sandbox.bangtin(&["trust", "add", "chief=keys/nguyen.pub"]).success();
    for name in ["Nguyễn Thị Lan", "nguyen thi lan"] {
        let said = sandbox.bangtin(&["trust", "remove", name]).code(2);
        said.stderr_has("that is the name of “Nguyễn Thị Lan <lan@example.vn>”: write \"Nguyễn Thị Lan <lan@example.vn>\"");
    }
    sandbox.bangtin(&["trust", "remove", holder]).success();
}
