//! The life of a withdrawal, told on the real binaries: from noon to the slide's return, over thieves, full disks and dead networks.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::harness::{Finished, tree};
use crate::publish::commands::Province;
use crate::publish::province::PLAYLIST;
use crate::publish::servers::{self, Nginx};
use crate::withdraw::{DECEMBER, EVERGREEN, LIST, SLIDE, published, pull, read, schedule, withdraw};

const CU_TRU: &[&str] = &["--slide", "phap-luat/cu-tru", "--reason", "sai ngày", "--to", "store"];

fn approve_everything(province: &Province) {
    for key in ["lan", "hung", "ta-lung"] {
        province.approve(DECEMBER, key).success();
    }
    for key in ["lan", "hung"] {
        province.approve(EVERGREEN, key).success();
    }
}

fn replace(province: &Province, name: &str, from: &str, to: &str) {
    let text = fs::read_to_string(province.0.path(name)).unwrap();
    assert!(text.contains(from), "{name}: {from}");
    province.0.write(name, text.replace(from, to));
}

/// A program that was approved before the withdrawal and is not in the store: the head that lists it in a store of its own.
struct Rebuilt {
    what: &'static str,
    head: Value,
    folder: String,
}

/// Approves the same slides in a program that one more change has made different, and keeps the store of a publisher who lists it.
fn rebuilt(province: &Province, what: &'static str, change: impl Fn(&Province)) -> Rebuilt {
    change(province);
    approve_everything(province);
    let folder = format!("stolen/{}", what.replace(' ', "-"));
    fs::create_dir_all(province.0.path(&folder)).unwrap();
    let archive = format!("{folder}-archive");
    let now = ["--site", "ta-lung", "--now", "2026-12-01T09:00", "--archive", &archive];
    province.0.bangtin(&[["publish", "--to", &folder, "--key", "keys/publish"].as_slice(), &now].concat()).success();
    Rebuilt { what, head: read(province, &format!("{folder}/sites/ta-lung/heads/1-1.json")), folder }
}

impl Rebuilt {
    /// The thief of the publish key puts it into the store by himself, past every check of the office.
    fn force(&self, province: &Province, version: u64) {
        for (name, bytes) in tree(&province.0.path(&self.folder)) {
            if ["objects/", "programs/", "approvals/"].iter().any(|folder| name.starts_with(folder)) {
                province.0.write(&format!("store/{name}"), bytes);
            }
        }
        let mut head = self.head.clone();
        head["version"] = json!(version);
        let path = format!("store/sites/ta-lung/heads/1-{version}.json");
        province.0.write(&path, head.to_string());
        province.0.run("minisign", &["-S", "-W", "-s", "keys/publish", "-m", &path, "-x", &format!("{path}.minisig")]).success();
        let mut hint = read(province, "store/sites/ta-lung/latest.json");
        hint["head"] = json!(version);
        province.0.write("store/sites/ta-lung/latest.json", hint.to_string());
    }

    fn programs(&self) -> Vec<String> {
        self.head["programs"].as_array().unwrap().iter().map(|each| each["program"].as_str().unwrap().to_owned()).collect()
    }
}

#[test]
fn a92_what_is_withdrawn_at_noon_stays_away_until_its_revision_is_raised_and_approved() {
    let province = published();
    let slide = "content/slides/phap-luat/cu-tru.md";
    let rebuilds = [
        rebuilt(&province, "another face", |province| replace(province, "content/sites/ta-lung.yaml", "width: 640", "width: 960")),
        rebuilt(&province, "another agency name", |province| replace(province, "content/agencies.yaml", "Sở TT&TT", "Sở KH&CN")),
        // Another version of the tool gives every page different content from the same slides.
        rebuilt(&province, "another version of the tool", |province| {
            let style = "themes/caobang/theme.css";
            let text = fs::read_to_string(province.0.path(style)).unwrap();
            province.0.write(style, format!("{text}\n.later {{ color: red }}\n"));
        }),
        rebuilt(&province, "another revision of the playlist", |province| {
            let list = fs::read_to_string(province.0.path(LIST)).unwrap();
            province.0.write(LIST, format!("{list}revision: 2\n"));
        }),
    ];
    // Noon.
    withdraw(&province, "lan", CU_TRU).success().stdout_has("Signed withdrawal 1").stdout_has("Withdrawal 1 is in");
    pull(&province).success();
    // The next program: a slide more, and the withdrawn one still in it.
    province.0.write("content/slides/y-te/tiem.md", SLIDE.replace("Cư trú", "Tiêm chủng").replace("phap-luat", "y-te"));
    let list = fs::read_to_string(province.0.path(LIST)).unwrap();
    province.0.write(LIST, list.replace("revision: 2", "  - slide: y-te/tiem.md"));
    let refused = |done: Finished| {
        let said = format!("{}{}", done.stdout, done.stderr);
        assert_eq!(done.code, 1, "{said}");
        assert!(said.contains("slide phap-luat/cu-tru is withdrawn (withdrawal 1, reason: “sai ngày”)"), "{said}");
        assert!(
            said.contains("or, to show the slides of withdrawal 1 again, run `bangtin revise --withdrawal 1` and have them approved"),
            "{said}"
        );
    };
    refused(province.0.bangtin(&["check", "--now", "2026-12-01T12:10"]));
    refused(province.approve(DECEMBER, "lan"));
    // One that was approved before, asked for by its digest.
    let before = rebuilds[1].programs().into_iter().find(|program| filed_month(&province, program) == "2026-12").unwrap();
    refused(province.publish(&["--key", "keys/publish", "--program", &before]));
    // The thief lists each that was approved before. The player that saw the withdrawal shows the slide in none.
    for (version, forced) in (2..).zip(&rebuilds) {
        forced.force(&province, version);
        pull(&province).success().stdout_has(&format!("1-{version}"));
        let shown = schedule(&province);
        let listed: Vec<_> = shown["programs"].as_array().unwrap().iter().map(|each| each["program"].as_str().unwrap()).collect();
        assert_eq!(listed.len(), 2, "{}: {shown}", forced.what);
        for program in listed {
            assert!(forced.programs().iter().any(|each| each == program), "{}", forced.what);
            assert_eq!(shown["withdrawn"]["slides"][program], json!(["phap-luat/cu-tru"]), "{}: {shown}", forced.what);
        }
    }
    // Corrected, its revision raised, seen by the reviewers as what it is, approved and published, it is on screen again.
    replace(&province, slide, "30 ngày", "20 ngày");
    refused(province.approve(DECEMBER, "lan"));
    province.0.bangtin(&["revise", "--withdrawal", "1"]).success();
    province.0.bangtin(&["check", "--now", "2026-12-01T13:00"]).success();
    let vietnamese = ["--lang", "vi", "approve", "--unseen", "--yes", "--key", "keys/lan", "--now", "2026-12-01T13:00"];
    province.0.bangtin(&[vietnamese.as_slice(), DECEMBER].concat()).success().stdout_has(
        "phap-luat/cu-tru: Cư trú (so-tttt)\n      ! trở lại sau khi thu hồi: văn bản thu hồi số 1, ký lúc 09:00 ngày 01/12/2026, lý do: “sai ngày”",
    );
    approve_everything(&province);
    province.publish(&["--key", "keys/publish", "--at", "now"]).success().stdout_has("published 1-6");
    pull(&province).success();
    let shown = schedule(&province);
    let last = read(&province, "store/sites/ta-lung/heads/1-6.json");
    for entry in
        last["programs"].as_array().unwrap().iter().filter(|entry| !rebuilds[3].programs().iter().any(|old| entry["program"] == **old))
    {
        assert_eq!(shown["withdrawn"]["slides"][entry["program"].as_str().unwrap()], Value::Null, "{shown}");
    }
    assert_ne!(last, rebuilds[3].head);
}

/// The month of a program in `approvals/`.
fn filed_month(province: &Province, program: &str) -> String {
    read(province, &format!("content/approvals/{program}/program.json"))["month"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn one_command_reaches_two_sites_three_languages_two_months_and_the_evergreen_week() {
    let province = Province::new();
    replace(&province, "content/bangtin.yaml", "languages: [vi]", "languages: [vi, en, zh]");
    let site = fs::read_to_string(province.0.path("content/sites/ta-lung.yaml")).unwrap();
    province.0.write("content/sites/tra-linh.yaml", site.replace("Tà Lùng", "Trà Lĩnh"));
    province.0.write("content/slides/phap-luat/cu-tru.md", SLIDE);
    province.0.write("content/slides/phap-luat/cu-tru.en.md", "---\ntitle: Residence\n---\nRegister within 30 days.\n");
    province.0.write("content/slides/phap-luat/cu-tru.zh.md", "---\ntitle: 居住\n---\n30 天内登记。\n");
    let list = format!("{PLAYLIST}  - slide: phap-luat/cu-tru.md\n");
    // The last is a draft that nobody has approved.
    for (folder, title) in
        [("2026-12", "tháng 12/2026"), ("2027-01", "tháng 01/2027"), ("evergreen", "thường trực"), ("2027-05", "tháng 05/2027")]
    {
        province.0.write(&format!("content/playlists/{folder}/province.yaml"), list.replace("tháng 12/2026", title));
    }
    for key in ["lan", "hung", "ta-lung"] {
        for month in ["2026-12", "2027-01"] {
            province.approve(&["--month", month], key).success();
        }
    }
    for key in ["lan", "hung"] {
        province.approve(&["--evergreen"], key).success();
    }
    province.0.bangtin(&["publish", "--to", "store", "--key", "keys/publish", "--now", "2026-12-01T09:00"]).success();
    let places =
        ["ta-lung, 2026-12", "ta-lung, 2027-01", "ta-lung, evergreen", "tra-linh, 2026-12", "tra-linh, 2027-01", "tra-linh, evergreen"];
    // A key that may take nothing is told the roles of every site.
    let roles = "may not withdraw this slide: it takes one of the roles chief for all sites, or ta-lung for site ta-lung; ask somebody";
    withdraw(&province, "duty", CU_TRU).code(1).stderr_has(roles);
    // A key of one site's months takes these, and says what remains for whom.
    let said = withdraw(&province, "ta-lung", CU_TRU).code(1);
    for (at, place) in places.iter().enumerate() {
        assert_eq!(said.stdout.contains(place), at < 2, "{place}: {}", said.stdout);
        let left = said
            .stderr
            .lines()
            .find(|line| line.contains(&format!("{place}: still shown")) || line.contains(&format!("{place} program: still shown")));
        assert_eq!(left.is_some_and(|line| line.contains("it takes one of the roles chief")), at >= 2, "{place}: {}", said.stderr);
    }
    // A key of the whole province takes everything, in one statement, and names the translations that remain, and the lines to change.
    let said = withdraw(&province, "lan", CU_TRU).success();
    for place in places {
        assert!(said.stdout.contains(place), "{place}: {}", said.stdout);
    }
    assert!(!said.stderr.contains("still shown"), "{}", said.stderr);
    for folder in ["2026-12", "2027-01", "evergreen", "2027-05"] {
        assert_eq!(said.stdout.matches(&format!("playlists/{folder}/province.yaml:5: ")).count(), 1, "{folder}: {}", said.stdout);
    }
    let said = said.stdout_has("write `revision: 2` at its top").stdout_has("Withdrawal 2 is in");
    let said = said.stdout_has(
        "bangtin withdraw --slide phap-luat/cu-tru.en --slide phap-luat/cu-tru.zh --reason \"sai ngày\" --key keys/lan --to store\n",
    );
    let said = said.stdout_has("Withdrawn: slide “Cư trú” (phap-luat/cu-tru), reason: “sai ngày”\n");
    assert_eq!(said.stdout.matches("It takes effect when").count(), 1, "{}", said.stdout);
    assert!(said.stdout.find("evergreen program, screens") < said.stdout.find("It takes effect when"), "after all sites: {}", said.stdout);
    assert_eq!(said.stdout.matches("Other language versions").count(), 1, "{}", said.stdout);
    // The same again names the same lines.
    let again =
        withdraw(&province, "lan", CU_TRU).success().stdout_has("Withdrawn already").stdout_has("playlists/2027-05/province.yaml:5: ");
    again.stdout_has("playlists/2026-12/province.yaml:5: ");
    let three = [CU_TRU, &["--slide", "phap-luat/cu-tru.en", "--slide", "phap-luat/cu-tru.zh"]].concat();
    let said = withdraw(&province, "lan", &three).success().stdout_has("Withdrawal 3 is in");
    assert!(!said.stdout.contains("Other language versions"), "{}", said.stdout);
    // The playlists still bring them in, as `check` says too.
    let checked = province.0.bangtin(&["check", "--now", "2026-12-01T09:00"]).code(1);
    checked
        .stdout_has("slide phap-luat/cu-tru.en is withdrawn")
        .stdout_has("take it out of the playlists at: playlists/2026-12/province.yaml:5");
    assert!(!said.stdout.contains("no playlist shows"), "{}", said.stdout);
    said.stdout_has("or fix the slide itself, slides/phap-luat/cu-tru.en.md, and write `revision: 2` at its top");
    assert!(!province.0.path("content/trust/withdrawals/4.json").exists());
    for site in ["ta-lung", "tra-linh"] {
        let moments = ["2026-12-03T10:00", "2027-01-05T10:00", "2027-03-02T10:00"];
        for moment in moments {
            let seen = province.0.bangtin(&["verify", "store", "--site", site, "--at", moment]).success();
            let taken = "withdrawn from it: “Cư trú” (phap-luat/cu-tru), “Residence” (phap-luat/cu-tru.en), “居住” (phap-luat/cu-tru.zh)\n";
            let seen = seen.stdout_has(taken).stdout;
            assert_eq!(seen.matches("withdrawn from it").count(), 3, "{site} {moment}: {seen}");
        }
    }
}

/// What `withdraw` left after a failure, and a second run when all is well: one statement, in the store, with one signature.
fn ends_well(province: &Province, case: &str, again: impl Fn() -> Finished) {
    again().success();
    let folder = |name: &str| tree(&province.0.path(name)).into_keys().filter(|name| !name.ends_with(".tmp")).collect::<Vec<_>>();
    let (signed, sent) = (folder("content/trust/withdrawals"), folder("store/withdrawals"));
    assert_eq!(signed.len(), 2, "{case}: {signed:?}");
    assert_eq!(signed, sent, "{case}");
    pull(province).success();
    for program in schedule(province)["programs"].as_array().unwrap() {
        let program = program["program"].as_str().unwrap();
        assert_eq!(schedule(province)["withdrawn"]["slides"][program], json!(["phap-luat/cu-tru"]), "{case}");
    }
}

#[test]
fn a_reader_that_leaves_and_a_full_disk_lose_nothing_that_is_signed() {
    let bangtin = env!("CARGO_BIN_EXE_bangtin");
    let command = format!("{bangtin} withdraw --slide phap-luat/cu-tru --reason sai --key keys/lan --to store --now 2026-12-01T12:00");
    // A disk of 8 KiB whose last free bytes run out at one point after another: in the content, in the store.
    let full = |place: &str, blocks: usize| {
        format!(
            "mkdir -p {place} && cp -a {place} kept && mount -t tmpfs -o size=16k tmpfs {place} && cp -a kept/. {place}/ && \
             head -c {}k /dev/zero > {place}/filler; {command}; code=$?; rm -f {place}/filler; rm -rf kept; cp -a {place} kept; umount {place}; \
             rm -rf {place}; mv kept {place}; exit $code",
            blocks * 4
        )
    };
    let mut cases =
        vec![("head -1".to_owned(), format!("{command} | head -1")), ("/dev/full".to_owned(), format!("{command} > /dev/full 2>&1"))];
    // No file may grow beyond this many blocks of 512 bytes: the statement, or all that the command writes, fails in the middle.
    cases.extend((0..=2).map(|blocks| (format!("files of {blocks} blocks at most"), format!("ulimit -f {blocks}; exec {command}"))));
    // Where no small disk may be mounted, these are all.
    let disks = published().0.run("unshare", &["-rm", "sh", "-c", "mount -t tmpfs tmpfs /mnt"]).code == 0;
    if !disks {
        eprintln!("no small disk can be mounted here (unshare -rm): the ten cases with a full disk are left out");
    }
    let plain = cases.len();
    for place in ["content/trust/withdrawals", "store/withdrawals"].into_iter().filter(|_| disks) {
        cases.extend((0..=4).map(|blocks| (format!("{place} with {blocks} blocks taken"), full(place, blocks))));
    }
    let mut failed = 0;
    for (at, (case, script)) in cases.into_iter().enumerate() {
        let province = published();
        let done =
            if at < plain { province.0.run("sh", &["-c", &script]) } else { province.0.run("unshare", &["-rm", "sh", "-c", &script]) };
        failed += usize::from(done.code != 0);
        assert!(!done.stderr.contains("panicked") && !done.stderr.contains("mount:"), "{case}: {}", done.stderr);
        ends_well(&province, &case, || province.0.run("sh", &["-c", &command]));
    }
    assert!(failed >= if disks { 6 } else { 2 }, "the disk was never full: {failed}");
}

/// Passes connections on to a server until `left` of them were made, then no more: a network that dies.
fn dying_network(server: &str, left: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, server, left) = (listener.local_addr().unwrap().to_string(), server.to_owned(), Arc::new(AtomicUsize::new(left)));
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let (server, left) = (server.clone(), Arc::clone(&left));
            std::thread::spawn(move || pass_on(client, &server, &left));
        }
    });
    address
}

/// Each request counts: the client's bytes are passed on in pieces as they come.
fn pass_on(mut client: TcpStream, server: &str, left: &AtomicUsize) {
    let Ok(mut upstream) = TcpStream::connect(server) else { return };
    let (mut answers, mut back) = (upstream.try_clone().unwrap(), client.try_clone().unwrap());
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut answers, &mut back);
        let _ = back.shutdown(Shutdown::Both);
    });
    let mut piece = vec![0; 65_536];
    while let Ok(read) = client.read(&mut piece) {
        if read == 0 || left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_err() {
            break;
        }
        if upstream.write_all(&piece[..read]).is_err() {
            break;
        }
    }
    let _ = (client.shutdown(Shutdown::Both), upstream.shutdown(Shutdown::Both));
}

#[test]
fn a_network_that_dies_in_the_middle_loses_nothing_that_is_signed() {
    let province = published();
    let server = servers::nginx(&province.0, Nginx::Whole);
    server.publish(&province, &["--new-store"]).success();
    let fresh = tree(&province.0.path("dav"));
    let run = |host: &str| {
        let url = format!("http://{host}");
        server.bangtin(
            &province.0,
            &["withdraw", "--slide", "Cư trú", "--reason", "sai", "--key", "keys/lan", "--to", &url, "--now", "2026-12-01T12:00"],
        )
    };
    let whole = server.count();
    run(&dying_network(&server.host, usize::MAX)).success().stdout_has("Withdrawal 1 is in");
    let requests = server.count() - whole;
    let signed = tree(&province.0.path("content/trust/withdrawals"));
    let (mut died, mut unsent) = (0, 0);
    for left in (0..requests).step_by(requests.div_ceil(6).max(1)) {
        fs::remove_dir_all(province.0.path("content/trust/withdrawals")).unwrap();
        fs::remove_dir_all(province.0.path("dav")).unwrap();
        for (name, bytes) in &fresh {
            province.0.write(&format!("dav/{name}"), bytes);
        }
        let done = run(&dying_network(&server.host, left));
        died += usize::from(done.code != 0);
        unsent += usize::from(done.stderr.contains("SIGNED, NOT SENT"));
        assert!(done.code == 0 || done.code == 3, "{left}: {done:?}");
        assert_eq!(
            tree(&province.0.path("content/trust/withdrawals")).keys().collect::<Vec<_>>(),
            signed.keys().collect::<Vec<_>>(),
            "{left}: signed"
        );
        run(&server.host).success();
        // An upload that was cut leaves its temporary file.
        let sent = tree(&province.0.path("dav/withdrawals")).into_iter().filter(|(name, _)| !name.ends_with(".tmp"));
        assert_eq!(
            sent.collect::<BTreeMap<_, _>>(),
            tree(&province.0.path("content/trust/withdrawals")),
            "{left}: the very statement that was signed"
        );
        assert_eq!(read(&province, "dav/sites/ta-lung/latest.json")["withdrawals"], 1, "{left}");
    }
    assert!(died >= 3 && unsent >= 1, "{died} of the runs died, {unsent} before anything was sent");
}
