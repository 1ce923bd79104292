//! The commands on a small content folder: keys, first root, approvals, a store; and what each refuses.

use super::province;
use crate::harness::{Finished, Prepared, Sandbox, tree};

/// A moment in the sample month, so that the test does not depend on today's date.
const NOW: &[&str] = &["--now", "2026-12-01T09:00"];

pub struct Province(pub Sandbox);

impl Province {
    /// The content with a root and a key for each person.
    pub fn new() -> Self {
        static NEW: Prepared = Prepared::new();
        Self(NEW.copy(|| Self::another().0))
    }

    /// Like `new`, but with keys and a root that no other has.
    pub fn another() -> Self {
        let sandbox = Sandbox::new();
        province::write(&sandbox);
        for name in ["root", "publish", "lan", "hung", "duty", "ta-lung"] {
            let key = format!("keys/{name}");
            sandbox.bangtin(&["keys", "new", &key, "--no-password", "--holder", name]).success();
        }
        let province = Self(sandbox);
        province.init("keys/root").success();
        province
    }

    /// With both programs of its site approved.
    pub fn approved() -> Self {
        static APPROVED: Prepared = Prepared::new();
        Self(APPROVED.copy(|| {
            let province = Self::new();
            province.approve_ta_lung();
            province.0
        }))
    }

    /// With both programs of its site published.
    pub fn published() -> Self {
        static PUBLISHED: Prepared = Prepared::new();
        Self(PUBLISHED.copy(|| {
            let province = Self::approved();
            province.publish(&["--key", "keys/publish"]).success();
            province.0
        }))
    }

    fn init(&self, root_key: &str) -> Finished {
        let review = ["chief=keys/lan.pub", "chief=keys/hung.pub", "duty=keys/duty.pub", "ta-lung=keys/ta-lung.pub"];
        let fixed = ["trust", "init", "--root-key", root_key, "--publish-key", "keys/publish.pub", "--review"];
        self.0.bangtin(&[&fixed, review.as_slice(), NOW].concat())
    }

    pub fn approve(&self, period: &[&str], key: &str) -> Finished {
        let key = format!("keys/{key}");
        self.0.bangtin(&[["approve", "--unseen", "--yes", "--key", &key].as_slice(), period, NOW].concat())
    }

    pub fn approve_ta_lung(&self) {
        for key in ["lan", "hung", "ta-lung"] {
            self.approve(&["--month", "2026-12", "--site", "ta-lung"], key).success().stdout_has("(needed: chief, ta-lung)");
        }
        for key in ["lan", "hung"] {
            self.approve(&["--evergreen", "--site", "ta-lung"], key).success();
        }
    }

    pub fn publish(&self, more: &[&str]) -> Finished {
        let fixed = ["publish", "--to", "store", "--site", "ta-lung"];
        self.0.bangtin(&[&fixed, more, NOW].concat())
    }
}

#[test]
fn nothing_is_built_into_a_store_or_an_archive() {
    let province = Province::published();
    province.0.run("ln", &["-s", "store", "web"]).success();
    for folder in ["store", "archive", "web"] {
        let before = tree(&province.0.path(folder));
        province.0.bangtin(&["build", "--month", "2026-12", "--out", folder]).code(2).stderr_has("approved content only");
        assert_eq!(tree(&province.0.path(folder)), before, "{folder}");
    }
}

#[test]
fn from_keys_to_a_store_that_stock_tools_accept() {
    let province = Province::new();
    let sandbox = &province.0;
    sandbox.bangtin(&["trust", "show"]).success().stdout_has("Review, role chief").stdout_has("2 of 2 keys").stdout_has("lan");
    sandbox.bangtin(&["--lang", "vi", "trust", "show"]).success().stdout_has("Vai trò phải ký duyệt\n  chương trình tháng: ");
    sandbox.bangtin(&["trust", "show", "--json"]).success().stdout_has("\"bangtin-root\"");
    province.init("keys/root").code(1).stderr_has("made only once");
    province.approve_ta_lung();
    province.publish(&["--key", "keys/publish"]).success().stdout_has("ta-lung: published 1-1");
    province.publish(&["--key", "keys/publish"]).success().stdout_has("nothing new");
    let files = tree(&sandbox.path("store"));
    for name in files.keys().filter(|name| name.starts_with("objects/") || name.starts_with("programs/")) {
        let path = format!("store/{name}");
        let digest = name.rsplit('/').next().and_then(|name| name.split('.').next()).unwrap_or_default();
        sandbox.run("sha256sum", &[&path]).success().stdout_has(digest);
    }
    sandbox.run("minisign", &["-V", "-p", "keys/publish.pub", "-m", "store/sites/ta-lung/heads/1-1.json"]).success();
    assert!(sandbox.path("archive/programs").is_dir());
}

#[test]
fn a47_what_was_changed_after_its_approval_is_not_published() {
    let province = Province::new();
    let sandbox = &province.0;
    province.publish(&["--key", "keys/publish", "--month", "2026-12"]).code(1).stderr_has("nobody has approved");
    province.approve_ta_lung();
    let refused = province.publish(&["--key", "keys/lan"]).code(1).stderr_has("may not publish: it is a reviewer's key, role chief; ");
    refused.stderr_has("use a publish key, of: publish (");
    province.publish(&["--key", "keys/root"]).code(1).stderr_has("may not publish: it is a root key; ");
    let playlist = "content/playlists/2026-12/province.yaml";
    sandbox.write(playlist, format!("{}revision: 2\n", province::PLAYLIST));
    province.publish(&["--key", "keys/publish", "--month", "2026-12"]).code(1).stderr_has("nobody has approved");
    assert!(!sandbox.path("store/sites").exists());
    let partly = province.publish(&["--key", "keys/publish"]).code(1).stdout_has("waits for approval: 2026-12").stdout_has("published 1-1");
    partly.stdout_has("--month 2026-12 --site ta-lung").stderr_has("not everything is published");
    assert!(!std::fs::read_to_string(sandbox.path("store/sites/ta-lung/heads/1-1.json")).unwrap().contains("monthly"));
    sandbox.write(playlist, province::PLAYLIST);
    province.publish(&["--key", "keys/publish"]).success();
}

#[test]
fn a50_approve_refuses_another_program_than_the_one_it_was_asked_for() {
    let province = Province::new();
    let other = "0".repeat(64);
    province.approve(&["--evergreen", "--site", "ta-lung", "--program", &other], "lan").code(1).stderr_has("it is not signed");
    assert!(!province.0.path("content/approvals").exists());
    province.approve(&["--evergreen", "--site", "ta-lung"], "duty").code(1).stderr_has("holds none of the roles");
}

#[test]
fn texts_that_are_signed_have_one_line() {
    let province = Province::new();
    for bad in ["a\nb", "a\u{1b}[2Jb", "a\u{2028}b"] {
        for (option, text) in [("--remark", bad.to_owned()), ("--document", format!("{bad}, 2026-11-20"))] {
            let period = ["--evergreen", "--site", "ta-lung", option, &text];
            province.approve(&period, "lan").code(2).stderr_has("line breaks and control characters");
        }
        let sandbox = &province.0;
        let withdraw = ["withdraw", "--site", "ta-lung", "--key", "keys/lan", "--reason", bad];
        sandbox.bangtin(&withdraw).code(2).stderr_has("line breaks and control characters");
        let holder = ["keys", "new", "keys/x", "--no-password", "--holder", bad];
        sandbox.bangtin(&holder).code(2).stderr_has("line breaks and control characters");
    }
    assert!(!province.0.path("content/approvals").exists());
}

#[test]
fn what_was_signed_unseen_is_told_by_trust_show_and_verify() {
    let province = Province::published();
    province
        .0
        .bangtin(&["trust", "show"])
        .success()
        .stdout_has("lan: 2 approvals, 2 pages unopened")
        .stdout_has("ta-lung: 1 approval, 1 page");
    let verify = ["verify", "store", "--root", "content/trust/root/1.json", "--at", "2026-12-03T12:00"];
    province.0.bangtin(&verify).success().stdout_has("as chief, 1 page unopened");
    let json = province.0.bangtin(&[&verify, ["--format", "json"].as_slice()].concat()).success().stdout;
    assert!(json.contains("\"unseen\":1"), "{json}");
}

#[test]
fn a_program_that_is_not_published_cannot_be_taken_off() {
    let province = Province::published();
    let none = "0".repeat(64);
    let listed = tree(&province.0.path("store/programs")).into_keys().next().unwrap();
    let refused = province.publish(&["--key", "keys/publish", "--without", &none]).code(2).stderr_has(&none);
    // The beginning of a digest names it, if it is of one alone.
    province.publish(&["--key", "keys/publish", "--program", &listed[..8]]).success().stdout_has("nothing new");
    for option in ["--program", "--without"] {
        province.publish(&["--key", "keys/publish", option, "0123"]).code(2).stderr_has("has a digest that begins with 0123");
        province.publish(&["--key", "keys/publish", option, "012"]).code(2).stderr_has("4 to 64 hexadecimal digits");
    }
    let line = |period: &str| format!("ta-lung {period} revision 1, signed on 2026-12-01 (UTC): Chương trình ");
    refused
        .stderr_has(&format!("{}  ta-lung", listed.trim_end_matches(".json")))
        .stderr_has(&line("2026-12"))
        .stderr_has(&line("evergreen program"));
    let vietnamese = province.publish(&["--lang", "vi", "--key", "keys/publish", "--without", &none]).code(2);
    vietnamese.stderr_has("  ta-lung chương trình thường xuyên lần sửa 1, ký duyệt ngày 01/12/2026 (UTC): Chương trình ");
    assert!(!province.0.path("store/sites/ta-lung/heads/1-2.json").exists());
}

#[test]
fn a_wrong_take_over_is_corrected_as_long_as_it_has_not_come() {
    let province = Province::published();
    province.0.write("content/playlists/2026-12/province.yaml", format!("{}revision: 2\n", province::PLAYLIST));
    for key in ["lan", "hung", "ta-lung"] {
        province.approve(&["--month", "2026-12", "--site", "ta-lung"], key).success();
    }
    let publish = |at: &str| province.publish(&["--key", "keys/publish", "--at", at]);
    publish("2026-12-05T09:00").success().stdout_has("published 1-2").stdout_has("shown from 2026-12-05 09:00");
    publish("2026-12-05T09:00").success().stdout_has("nothing new");
    publish("2026-12-04T09:00").success().stdout_has("published 1-3").stdout_has("shown from 2026-12-04 09:00");
    publish("2026-12-06T09:00").success().stdout_has("published 1-4").stdout_has("shown from 2026-12-06 09:00 until end of 2026-12-31");
    publish("now").success().stdout_has("published 1-5").stdout_has("shown from 2026-12-01 09:00");
    publish("2026-12-06T09:00").code(1).stdout_has("nothing new").stderr_has("--at had no effect at any site");
}

#[test]
fn an_approved_program_is_listed_as_it_is_whatever_fault_the_content_has() {
    let province = Province::published();
    let december = |head: &str| -> String {
        let head: serde_json::Value = serde_json::from_slice(&std::fs::read(province.0.path(head)).unwrap()).unwrap();
        let programs = head["programs"].as_array().unwrap();
        programs.iter().find(|each| each["kind"] == "monthly").unwrap()["program"].as_str().unwrap().to_owned()
    };
    let first = december("store/sites/ta-lung/heads/1-1.json");
    province.0.write("content/playlists/2026-12/province.yaml", format!("{}revision: 2\n", province::PLAYLIST));
    for key in ["lan", "hung", "ta-lung"] {
        province.approve(&["--month", "2026-12", "--site", "ta-lung"], key).success();
    }
    province.publish(&["--key", "keys/publish", "--at", "now"]).success().stdout_has("published 1-2");
    // One signature of two is no approval.
    province.0.write("content/playlists/2026-12/province.yaml", format!("{}revision: 3\n", province::PLAYLIST));
    province.approve(&["--month", "2026-12", "--site", "ta-lung"], "lan").success();
    province.0.write("content/playlists/2026-12/province.yaml", "entries: [");
    let refused = province.publish(&["--key", "keys/publish"]).code(1).stderr_has("yaml-syntax");
    // Also for whoever upgrades the tool and can't build what was approved any more.
    let refused = refused.stderr_has("can still be published as it is").stderr_has(&format!("{first}  ta-lung 2026-12 revision 1"));
    assert!(!refused.stderr.contains("revision 3"), "{}", refused.stderr);
    // The older one does not take the newer one's place without a yes.
    let back = ["--key", "keys/publish", "--program", &first[..12], "--at", "now"];
    let asked =
        province.publish(&back).code(2).stderr_has("ta-lung: an older program takes the place of the published one:\n").stderr_has("--yes");
    asked.stderr_has(&format!("({}), revision 1, signed at ", &first[..12])).stderr_has(", revision 2, signed at ");
    assert!(!province.0.path("store/sites/ta-lung/heads/1-3.json").exists());
    let back = province.publish(&[back.as_slice(), &["--yes"]].concat()).success();
    back.stdout_has("published 1-3").stdout_has("the content has 1 error");
    assert_eq!(december("store/sites/ta-lung/heads/1-3.json"), first);
    // A theme that the tool refuses is a fault of the content.
    province.0.write("content/playlists/2026-12/province.yaml", format!("{}revision: 2\n", province::PLAYLIST));
    let layout = std::fs::read_to_string(province.0.path("themes/caobang/layouts/text.html")).unwrap();
    province.0.write("themes/caobang/layouts/text.html", format!("{layout}<script>alert(1)</script>\n"));
    province.publish(&["--key", "keys/publish"]).code(1).stderr_has("themes/caobang/layouts/text.html").stderr_has(&first);
    province.publish(&["--key", "keys/publish", "--program", &first[..12]]).success().stdout_has("nothing new");
}

#[test]
fn a_release_takes_over_now_when_asked_and_never_in_the_past() {
    let province = Province::approved();
    let past = ["--key", "keys/publish", "--at", "2026-11-30T09:00"];
    province.publish(&past).code(2).stderr_has("2026-11-30T09:00 is past");
    province.publish(&["--key", "keys/publish", "--expires", "2026-12-01T08:59"]).code(2).stderr_has("is past");
    for expires in ["2026-12-05T09:00", "2026-12-04"] {
        let both = ["--key", "keys/publish", "--at", "2026-12-05T09:00", "--expires", expires];
        province.publish(&both).code(2).stderr_has("--expires must be after --at");
    }
    assert!(!province.0.path("store/sites").exists());
    let first = province.publish(&["--key", "keys/publish", "--at", "now"]).success();
    assert!(!first.stdout.contains("had no effect"), "{}", first.stdout);
    // A moment that decides nothing is reported.
    let idle = ["--key", "keys/publish", "--at", "2026-12-02T09:00", "--expires", "2027-02-01"];
    province
        .publish(&idle)
        .code(1)
        .stdout_has("ta-lung: nothing new; --at, --expires had no effect\n")
        .stderr_has("--program DIGEST --at TIME");
    let later = [
        "publish",
        "--to",
        "store",
        "--site",
        "ta-lung",
        "--key",
        "keys/publish",
        "--clock-is-right",
        "--now",
        "2027-01-20T09:00",
        "--at",
        "2027-01-21",
    ];
    province.0.bangtin(&later).code(1).stdout_has("ta-lung: published 1-2; --at had no effect\n");
    let head: serde_json::Value =
        serde_json::from_slice(&std::fs::read(province.0.path("store/sites/ta-lung/heads/1-1.json")).unwrap()).unwrap();
    let now = bangtin::base::times::Timestamp::parse("2026-12-01T02:00:00Z").unwrap().0;
    let starts: Vec<_> = head["programs"].as_array().unwrap().iter().map(|each| each["from"].as_i64().unwrap()).collect();
    assert!(!starts.is_empty() && starts.iter().all(|from| *from <= now), "{head}");
}

#[test]
fn a_site_that_waits_for_approvals_does_not_keep_the_others_waiting() {
    let province = Province::new();
    let sandbox = &province.0;
    let site = std::fs::read_to_string(sandbox.path("content/sites/ta-lung.yaml")).unwrap();
    sandbox.write("content/sites/ban-gioc.yaml", site.replace("Tà Lùng", "Bản Giốc"));
    let publish = |more: &[&str]| sandbox.bangtin(&[&["publish", "--to", "store", "--key", "keys/publish"], more, NOW].concat());
    let none = publish(&[]).code(1).stderr_has("nothing new is published").stderr_has("ta-lung: ").stderr_has("ban-gioc: ");
    none.stderr_has("needed: chief)\n  approve it with: bangtin approve --evergreen --site ban-gioc --key FILE");
    province.approve_ta_lung();
    // One signature for the other site, and one for a month to come.
    let playlist = province::PLAYLIST.replace("tháng 12/2026", "tháng 1/2027");
    sandbox.write("content/playlists/2027-01/province.yaml", playlist);
    province.approve(&["--month", "2026-12", "--site", "ban-gioc"], "lan").success();
    province.approve(&["--month", "2027-01", "--site", "ta-lung"], "lan").success();
    let said = publish(&[])
        .code(1)
        .stdout_has("ta-lung: published 1-1")
        .stdout_has("ban-gioc: nothing is published for this site: evergreen program");
    said.stdout_has("ta-lung: waits for approval: 2027-01: program")
        .stdout_has("ta-lung: no monthly program is in the release from 2027-01-01 on: the screens show the evergreen program\n")
        .stdout_has("\nban-gioc: no program is published: the screens show only the built-in card\n")
        .stderr_has("1 program or site is left out for the reasons named above");
    publish(&["--site", "ban-gioc"]).code(1).stderr_has("nothing new is published");
    publish(&["--month", "2026-12"]).code(1).stderr_has("nothing new is published");
    // A month that has not begun and was not published is in time.
    publish(&["--site", "ta-lung"]).success().stdout_has("ta-lung: waits for approval: 2027-01").stdout_has("nothing new");
    let january = ["--site", "ta-lung", "--now", "2027-01-01T00:00"];
    sandbox.bangtin(&[&["publish", "--to", "store", "--key", "keys/publish"], january.as_slice()].concat()).code(1).stdout_has("2027-01");
}
