//! `bangtin preview`: what it serves, what it refuses; a saved fault is shown in place of its slide until fixed.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{Running, Sandbox, tree, wait_for};
use crate::{check, withdraw};

fn start(sandbox: &Sandbox) -> Running {
    sandbox.copy("content", "content").copy("themes", "themes");
    sandbox.spawn(env!("CARGO_BIN_EXE_bangtin"), &["preview", "--listen", "127.0.0.1:0"], "http://")
}

/// Sends a request unchanged; returns status line, headers and body.
fn ask(running: &Running, head: &str) -> String {
    let address = running.address();
    let host = address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "{}\r\nConnection: close\r\n\r\n", head.replace("HOST", host)).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

fn get(running: &Running, path: &str) -> String {
    ask(running, &format!("GET {path} HTTP/1.1\r\nHost: HOST"))
}

#[test]
fn pictures_at_a_screens_size_are_kept_for_the_next_preview_and_for_builds() {
    let sandbox = Sandbox::new();
    sandbox.copy("content", "content").copy("themes", "themes");
    let cache = format!("XDG_CACHE_HOME={}", sandbox.path("cache").display());
    let kept = || tree(&sandbox.path("cache")).into_keys().filter(|name| !name.contains("builds/")).collect::<Vec<_>>();
    let (page, mut first) = ("/p/0/slides/du-lich/ban-gioc@640x320.html", Vec::new());
    for round in 0..2 {
        let preview = [&cache, env!("CARGO_BIN_EXE_bangtin"), "preview", "--listen", "127.0.0.1:0"];
        let running = sandbox.spawn("env", &preview, "http://");
        assert!(get(&running, page).contains("<img") && !kept().is_empty());
        if round == 0 {
            first = kept();
        }
        assert_eq!(kept(), first);
    }
    let build = ["build", "--month", "2026-12", "--site", "ta-lung", "--out", "out"];
    sandbox.run("env", &[&[&cache, env!("CARGO_BIN_EXE_bangtin")], &build[..]].concat()).success();
    assert!(first.iter().all(|name| kept().contains(name)), "a build keeps renditions at the same place, under the same names");
}

#[test]
fn a85_only_compiled_output_is_served() {
    let sandbox = Sandbox::new();
    for name in
        ["content/.git/config", "content/keys/publish", "content/keys/publish.pub", "keys/root", ".env", "content/trust/root/1.json"]
    {
        sandbox.write(name, "secret");
    }
    let running = start(&sandbox);
    assert!(get(&running, "/").contains("Bảng Tin"));
    assert!(get(&running, "/view/ta-lung/2026-12/a/").contains("bangtin-preview"));
    let paths = [
        "/bangtin.yaml",
        "/content/bangtin.yaml",
        "/.git/config",
        "/content/.git/config",
        "/p/1/.git/config",
        "/p/1/../.git/config",
        "/view/ta-lung/2026-12/a/.git/config",
        "/keys/publish",
        "/keys/publish.pub",
        "/p/1/keys/publish",
        "/p/1/../../keys/root",
        "/../keys/root",
        "/%2e%2e/keys/root",
        "/..%2fkeys%2froot",
        "/.env",
        "/p/1/../.env",
        "/trust/root/1.json",
        "/p/1/trust/root/1.json",
        "/p/1//etc/passwd",
        "/@fs/etc/passwd",
        "/etc/passwd?raw",
        "/p/1/../bangtin.yaml",
        "/p/1/slides/du-lich/ban-gioc.md",
        "/p/1/%2e%2e/bangtin.yaml",
        "//etc/passwd",
        "/view/../a/b/shell.js",
        "/view/ta-lung/2026-12/nowhere/schedule.json",
    ];
    for path in paths {
        let answer = get(&running, path);
        assert!(answer.starts_with("HTTP/1.1 404") && !answer.contains("secret"), "{path}: {answer}");
    }
    assert!(ask(&running, "POST /clock HTTP/1.1\r\nHost: HOST\r\nContent-Length: 0").starts_with("HTTP/1.1 405"));
}

#[test]
fn a84_only_this_machine_and_no_page_of_another_site() {
    let sandbox = Sandbox::new();
    let running = start(&sandbox);
    let port = running.address().rsplit(':').next().unwrap().to_owned();
    assert!(!running.output.contains("token"), "on loopback none is needed");
    for host in ["evil.example", "localhost.evil", "", &format!("localhost.evil:{port}"), &format!("192.0.2.7:{port}")] {
        let answer = ask(&running, &format!("GET / HTTP/1.1\r\nHost: {host}"));
        assert!(answer.starts_with("HTTP/1.1 421") || answer.starts_with("HTTP/1.1 400"), "{host}: {answer}");
    }
    assert!(ask(&running, &format!("GET / HTTP/1.1\r\nHost: evil\r\nHost: localhost:{port}")).starts_with("HTTP/1.1 421"));
    // The preview's own page gets notice of a save; another site's page gets none and can't read the preview.
    for foreign in ["Origin: http://evil.example", "Origin: null", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site"] {
        for path in ["/events?since=0", "/state.json", "/p/0/theme/theme.css", "/page.js"] {
            let answer = ask(&running, &format!("GET {path} HTTP/1.1\r\nHost: HOST\r\n{foreign}"));
            assert!(answer.starts_with("HTTP/1.1 403"), "{foreign} {path}: {answer}");
        }
        let socket = format!("GET /events HTTP/1.1\r\nHost: HOST\r\n{foreign}\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13");
        assert!(ask(&running, &socket).starts_with("HTTP/1.1 403"), "{foreign}");
    }
    for own in ["Origin: http://HOST", "Sec-Fetch-Site: same-origin"] {
        let answer = ask(&running, &format!("GET /events?since=999999 HTTP/1.1\r\nHost: HOST\r\n{own}"));
        assert!(answer.starts_with("HTTP/1.1 200") && !answer.to_ascii_lowercase().contains("access-control"), "{own}: {answer}");
    }
    // A link from another page is allowed.
    assert!(ask(&running, "GET / HTTP/1.1\r\nHost: HOST\r\nSec-Fetch-Site: cross-site").starts_with("HTTP/1.1 200"));
}

#[test]
fn a84_another_address_asks_for_the_printed_token() {
    let sandbox = Sandbox::new();
    sandbox.copy("content", "content").copy("themes", "themes");
    let running = sandbox.spawn(env!("CARGO_BIN_EXE_bangtin"), &["preview", "--listen", "0.0.0.0:0"], "can look");
    let at = running.output.find("?token=").unwrap() + "?token=".len();
    let token = &running.output[at..at + 32];
    // The second address is for other machines: this machine's own, or a gap to fill in.
    let printed = running.output.rsplit("http://").next().unwrap();
    let host = printed.split(':').next().unwrap();
    assert!(printed.contains(token) && running.output.matches("http://").count() == 2, "{}", running.output);
    assert!(host == "…" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| !ip.is_loopback() && !ip.is_unspecified()), "{host}");
    if host != "…" {
        let head = format!("GET /state.json HTTP/1.1\r\nHost: {}\r\nCookie: bangtin-preview={token}", printed.split('/').next().unwrap());
        assert!(ask(&running, &head).starts_with("HTTP/1.1 200"));
    }
    assert!(get(&running, "/").starts_with("HTTP/1.1 403"));
    assert!(token.bytes().all(|c| c.is_ascii_hexdigit()) && token != "0".repeat(32), "{token}");
    for path in
        ["/?token=00000000000000000000000000000000", "/?token=", "/state.json", "/events?since=0", &format!("/state.json?token={token}")]
    {
        assert!(get(&running, path).starts_with("HTTP/1.1 403"), "{path}");
    }
    let rebound = ask(&running, &format!("GET / HTTP/1.1\r\nHost: evil.example\r\nCookie: bangtin-preview={token}"));
    assert!(rebound.starts_with("HTTP/1.1 421"), "{rebound}");
    let welcome = get(&running, &format!("/?token={token}"));
    assert!(welcome.starts_with("HTTP/1.1 303") && welcome.contains("HttpOnly; SameSite=Strict"), "{welcome}");
    let held = ask(&running, &format!("GET /state.json HTTP/1.1\r\nHost: HOST\r\nCookie: bangtin-preview={token}"));
    assert!(held.starts_with("HTTP/1.1 200"), "{held}");
}

#[test]
fn a_saved_fault_stands_in_place_of_its_slide_and_goes_when_fixed() {
    let sandbox = Sandbox::new();
    let running = start(&sandbox);
    let file = "content/slides/du-lich/ban-gioc.md";
    let page = "/p/0/slides/du-lich/ban-gioc@640x320.html";
    let whole = std::fs::read_to_string(sandbox.path(file)).unwrap();
    assert!(get(&running, page).starts_with("HTTP/1.1 200"));
    let limit = Duration::from_secs(20);
    sandbox.write(file, whole.replacen("layout:", "layuot:", 1));
    wait_for("the fault", limit, || get(&running, page).contains("layuot"));
    assert!(get(&running, "/state.json").contains("layuot"));
    // What would turn the quoted line round is shown as a sign of its own.
    sandbox.write(file, whole.replacen("layout:", "lay\u{202e}uot:", 1));
    wait_for("the hidden character", limit, || get(&running, page).contains("lay\u{fffd}uot"));
    assert!(!get(&running, page).contains('\u{202e}'));
    let state = get(&running, "/state.json");
    assert!(state.contains("lay\u{fffd}uot") && !state.contains('\u{202e}') && !state.contains("\\u202e"), "{state}");
    sandbox.write(file, &whole);
    wait_for("the fixed slide", limit, || !get(&running, page).contains("uot:"));
}

#[test]
fn a_folder_in_the_place_of_another_is_followed_and_one_that_is_gone_is_told_with_what_to_do() {
    let sandbox = Sandbox::new();
    sandbox.copy("content", "content").copy("themes", "themes");
    let line = format!("{} preview --listen 127.0.0.1:0 2>faults", env!("CARGO_BIN_EXE_bangtin"));
    let running = sandbox.spawn("sh", &["-c", &format!("exec {line}")], "http://");
    let limit = Duration::from_secs(30);
    let page = "/p/0/slides/du-lich/ban-gioc@640x320.html";
    let follows = |what: &str| {
        wait_for(what, limit, || !get(&running, "/state.json").contains("folder-gone"));
        let name = format!("Theo lần lưu: {what}.");
        let slide = sandbox.path("content/slides/du-lich/ban-gioc.md");
        let text = std::fs::read_to_string(&slide).unwrap();
        // What is saved in the moments before the folder is watched is read with it.
        std::fs::write(&slide, format!("{text}\n{name}\n")).unwrap();
        wait_for(what, limit, || get(&running, page).contains(&name));
        // Once more: now it is watched for certain.
        std::fs::write(&slide, text.replacen("layout:", "layuot:", 1)).unwrap();
        wait_for(what, limit, || get(&running, page).contains("layuot"));
        std::fs::write(&slide, &text).unwrap();
        wait_for(what, limit, || !get(&running, page).contains("layuot"));
    };
    let gone = |what: &str| {
        wait_for(what, limit, || get(&running, "/state.json").contains("folder-gone"));
        let told = || std::fs::read_to_string(sandbox.path("faults")).unwrap();
        wait_for("the words at the terminal", limit, || told().contains("folder-gone"));
        assert!(told().contains("put it back at that place"), "{}", told());
        sandbox.write("faults", "");
    };
    let shell = |script: &str| sandbox.run("sh", &["-ec", script]).success();
    shell("cp -r content other && mv content away && mv other content");
    follows("renamed away and replaced at once");
    shell("mv content away2");
    gone("renamed away");
    shell("mv away content");
    follows("the first one is back");
    shell("rm -r content && cp -r away2 content");
    follows("removed and copied again at once");
    shell("rm -r content");
    gone("removed");
    shell("cp -r away2 content");
    follows("copied again");
    let git = "git -c user.name=a -c user.email=a@b -c core.autocrlf=false";
    shell(&format!(
        "git init -q -b main . && git add content && {git} commit -qm a && git checkout -q --orphan empty && git rm -rqf content"
    ));
    gone("a branch without the folder");
    shell("git checkout -q main");
    follows("the branch with the folder");
    let style = || {
        let schedule = json(&running, "/view/ta-lung/2026-12/a/schedule.json");
        get(&running, &format!("{}theme/theme.css", schedule["programs"][0]["base"].as_str().unwrap_or("/")))
    };
    for (what, script) in [
        ("themes in the place of others", "cp -r themes other && mv themes old && mv other themes"),
        ("themes copied again", "rm -r themes && cp -r old themes"),
    ] {
        shell(script);
        for mark in [format!("/* {what} */"), format!("/* {what}, once more */")] {
            let text = std::fs::read_to_string(sandbox.path("themes/caobang/theme.css")).unwrap();
            sandbox.write("themes/caobang/theme.css", format!("{text}\n{mark}\n"));
            wait_for(&mark, limit, || style().contains(&mark));
        }
    }
}

/// A JSON document of the preview.
fn json(running: &Running, path: &str) -> Value {
    let answer = get(running, path);
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap_or_else(|error| panic!("{path}: {error}: {answer}"))
}

/// Slide → page, of the timetable that a screen's schedule names.
fn pages(running: &Running) -> Value {
    let schedule = json(running, "/view/ta-lung/2026-12/a/schedule.json");
    json(running, schedule["programs"][0]["timetable"].as_str().unwrap())["pages"].take()
}

#[test]
fn a_save_gives_a_new_address_to_the_pages_that_it_changes_and_to_no_other() {
    let sandbox = Sandbox::new();
    let running = start(&sandbox);
    let before = pages(&running);
    let timetable = json(&running, "/view/ta-lung/2026-12/a/schedule.json")["programs"][0]["timetable"].as_str().unwrap().to_owned();
    let changed = |since: &Value| -> Vec<String> {
        let now = pages(&running);
        since.as_object().unwrap().iter().filter(|(slide, page)| now[slide.as_str()] != **page).map(|(slide, _)| slide.clone()).collect()
    };
    let number = || json(&running, "/state.json")["reading"].as_u64().unwrap();
    let save = |name: &str, change: &dyn Fn(&str) -> String| {
        let (path, old) = (sandbox.path(name), number());
        std::fs::write(&path, change(&std::fs::read_to_string(&path).unwrap())).unwrap();
        wait_for("the next reading", Duration::from_secs(20), || number() > old);
    };
    save("content/slides/du-lich/ban-gioc.md", &|text| format!("{text}\nThêm một dòng.\n"));
    assert_eq!(changed(&before), ["du-lich/ban-gioc"]);
    assert!(get(&running, "/p/0/slides/du-lich/ban-gioc@640x320.html").contains("Thêm một dòng."));
    // Who has the schedule of the reading before still finds its timetable.
    assert_eq!(json(&running, &timetable)["pages"], before);
    // Twice at once: the second must be seen, though the stamps may be equal.
    let second = pages(&running);
    save("content/slides/du-lich/ban-gioc.md", &|text| text.replace("một", "mốt"));
    assert_eq!(changed(&second), ["du-lich/ban-gioc"]);
    let third = pages(&running);
    save("content/calendar/2026.yaml", &|text| format!("{text}\n"));
    assert_eq!(changed(&third), [""; 0]);
    // A theme is on every page.
    save("themes/caobang/theme.css", &|text| format!("{text}\n"));
    assert_eq!(changed(&third).len(), third.as_object().unwrap().len());
}

#[test]
fn a_burst_of_saves_is_read_three_times_at_most() {
    let sandbox = Sandbox::new();
    let running = start(&sandbox);
    let slide = std::fs::read_to_string(sandbox.path("content/slides/du-lich/ban-gioc.md")).unwrap();
    let text = slide.lines().filter(|line| !line.contains("image")).collect::<Vec<_>>().join("\n");
    for number in 0..1_000 {
        sandbox.write(&format!("content/slides/du-lich/them-{number}.md"), &text);
    }
    wait_for("the last slide", Duration::from_secs(60), || {
        get(&running, "/p/0/slides/du-lich/them-999@640x320.html").starts_with("HTTP/1.1 200")
    });
    let number = json(&running, "/state.json")["reading"].as_u64().unwrap();
    assert!((2..=4).contains(&number), "read {} times", number - 1);
}

#[test]
fn a_fault_is_told_where_the_preview_was_started_and_so_is_its_end() {
    let sandbox = Sandbox::new();
    sandbox.copy("content", "content").copy("themes", "themes");
    let slide = "content/slides/du-lich/ban-gioc.md";
    let sound = std::fs::read_to_string(sandbox.path(slide)).unwrap();
    let line = format!("echo ready; exec {} preview --listen 127.0.0.1:0 >said 2>faults", env!("CARGO_BIN_EXE_bangtin"));
    let _running = sandbox.spawn("sh", &["-c", &line], "ready");
    let says = |file: &str, words: &str| {
        wait_for(words, Duration::from_secs(30), || std::fs::read_to_string(sandbox.path(file)).unwrap_or_default().contains(words));
    };
    says("said", "Preview at http://");
    sandbox.write(slide, sound.replacen("layout:", "layuot:", 1));
    says("faults", "slides/du-lich/ban-gioc.md:");
    sandbox.write(slide, &sound);
    says("said", "All faults are fixed");
}

/// The faults of a document, each by severity, code, place and cause.
fn told(document: &Value) -> Vec<String> {
    let one = |fault: &Value| {
        let place = &fault["place"];
        format!("{} {} {}:{}:{} {}", fault["severity"], fault["code"], place["path"], place["line"], place["column"], fault["cause"]["en"])
    };
    document["faults"].as_array().unwrap().iter().map(one).collect()
}

/// Waits until the preview tells this.
fn eventually(what: &str, expected: &[String], now: impl Fn() -> Vec<String>) {
    let end = Instant::now() + Duration::from_secs(30);
    while now() != expected && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(now(), expected, "{what}");
}

#[test]
fn all_that_check_tells_stands_on_the_page_once_it_has_looked_and_goes_with_its_cause() {
    let cases = [
        "captions-that-name-characters",
        "entry-that-never-plays",
        "face-too-small",
        "letters-that-imitate",
        "media-that-no-slide-uses",
        "picture-damaged-inside",
        "plan-stretch-without-a-slide",
        "several-faults-in-one-file",
        "slides-that-may-not-fit",
        "theme-that-a-player-blocks",
        "variation-selector",
    ];
    for case in cases {
        let sandbox = check::sound();
        let running = sandbox.spawn(env!("CARGO_BIN_EXE_bangtin"), &["preview", "--listen", "127.0.0.1:0"], "http://");
        let state = || json(&running, "/state.json");
        let said = || serde_json::from_str::<Value>(&sandbox.bangtin(&["check", "--format", "json"]).stdout).unwrap();
        wait_for("a first look", Duration::from_secs(30), || state()["checked"] == true);
        let sound = told(&state());
        assert_eq!(sound, told(&said()), "{case}");
        let before = tree(&sandbox.path("content"));
        sandbox.copy(format!("tests/check/cases/{case}"), ".");
        let expected = told(&said());
        assert_ne!(expected, sound, "{case}");
        eventually(case, &expected, || told(&state()));
        // A slide without a fault is saved: what was found of all others stays.
        let reading = state()["reading"].as_u64().unwrap();
        sandbox.write("content/slides/co-so/them.md", "---\nnothing\n");
        wait_for("the next reading", Duration::from_secs(30), || state()["reading"].as_u64().unwrap() > reading);
        std::fs::remove_file(sandbox.path("content/slides/co-so/them.md")).unwrap();
        wait_for(case, Duration::from_secs(30), || state()["checked"] == true && told(&state()) == expected);
        let path = |name: &String| sandbox.path("content").join(name);
        tree(&sandbox.path("content"))
            .keys()
            .filter(|name| !before.contains_key(*name))
            .for_each(|name| std::fs::remove_file(path(name)).unwrap());
        before.iter().for_each(|(name, bytes)| std::fs::write(path(name), bytes).unwrap());
        wait_for("the end of the faults", Duration::from_secs(30), || state()["checked"] == true && told(&state()) == sound);
    }
}

#[test]
fn a_withdrawn_slide_is_the_very_fault_that_check_prints_until_its_revision_is_raised() {
    let province = withdraw::published();
    withdraw::withdraw(&province, "lan", &["--slide", "phap-luat/cu-tru", "--reason", "sai giờ"]).success();
    let running = province.0.spawn(env!("CARGO_BIN_EXE_bangtin"), &["preview", "--listen", "127.0.0.1:0"], "http://");
    let withdrawn = |all: &str| {
        let all: Value = serde_json::from_str(all.split("\r\n\r\n").last().unwrap()).unwrap();
        let faults = all["faults"].as_array().unwrap().iter().filter(|fault| fault["code"] == "withdrawn-slide");
        faults.cloned().collect::<Vec<_>>()
    };
    let shown = withdrawn(&get(&running, "/state.json"));
    assert_eq!(shown.len(), 1, "once, though it stands in two programs: {shown:?}");
    assert_eq!(shown[0]["place"]["path"], "slides/phap-luat/cu-tru.md");
    assert_eq!(shown, withdrawn(&province.0.bangtin(&["check", "--format", "json"]).code(1).stdout));
    province.0.bangtin(&["revise", "--withdrawal", "1"]).success();
    wait_for("the end of the fault", Duration::from_secs(20), || withdrawn(&get(&running, "/state.json")).is_empty());
}

#[test]
fn in_place_of_a_program_that_is_withdrawn_whole_stands_what_plays_then_with_a_band_that_says_so() {
    let province = withdraw::published();
    let running = province.0.spawn(env!("CARGO_BIN_EXE_bangtin"), &["preview", "--listen", "127.0.0.1:0"], "http://");
    let document = |name: &str| get(&running, &format!("/view/ta-lung/2026-12/a/{name}.json"));
    assert!(document("schedule").contains("PREVIEW – NOT APPROVED") && document("details").contains("\"gone\":null"));
    let whole = ["--month", "2026-12", "--site", "ta-lung", "--reason", "nhầm"];
    withdraw::withdraw(&province, "lan", &whole).success();
    let band = |words: &str| wait_for(words, Duration::from_secs(20), || document("schedule").contains(words));
    band("WITHDRAWN – EVERGREEN IN ITS PLACE");
    assert!(document("details").contains("was withdrawn (withdrawal 1, reason: “nhầm”)"), "{}", document("details"));
    assert!(get(&running, "/state.json").contains("withdrawn-program"));
    for key in ["lan", "hung"] {
        withdraw::withdraw(&province, key, &["--evergreen", "--site", "ta-lung", "--reason", "nhầm"]);
    }
    band("WITHDRAWN – THE CARD IN ITS PLACE");
    let schedule = document("schedule");
    assert!(schedule.contains("\"programs\":[]"), "{schedule}");
}

#[test]
fn a_withdrawn_slide_is_not_proposed_for_a_playlist() {
    let province = withdraw::published();
    withdraw::withdraw(&province, "lan", &["--slide", "phap-luat/cu-tru", "--reason", "sai giờ"]).success();
    for period in ["2026-12", "evergreen"] {
        let list = format!("content/playlists/{period}/province.yaml");
        let whole = std::fs::read_to_string(province.0.path(&list)).unwrap();
        province.0.write(&list, whole.replace("  - slide: phap-luat/cu-tru.md\n", ""));
    }
    let found = province.0.bangtin(&["check", "--now", "2026-12-01T09:00"]).success().stdout;
    assert!(!found.contains("cu-tru"), "{found}");
    let running = province.0.spawn(env!("CARGO_BIN_EXE_bangtin"), &["preview", "--listen", "127.0.0.1:0"], "http://");
    assert!(!get(&running, "/state.json").contains("unused-slide"));
    // Another slide that no playlist names is told, and so is this one once it may be shown again.
    province.0.bangtin(&["revise", "--withdrawal", "1"]).success();
    province.0.bangtin(&["check", "--now", "2026-12-01T09:00"]).success().stdout_has("unused-slide").stdout_has("phap-luat/cu-tru.md");
}

#[test]
fn a_playlist_at_fault_is_not_told_as_missing() {
    let sandbox = Sandbox::new();
    let running = start(&sandbox);
    let list = "content/playlists/2026-12/province.yaml";
    let whole = std::fs::read_to_string(sandbox.path(list)).unwrap();
    sandbox.write(list, whole.replacen("  - ", "\t- ", 1));
    wait_for("the fault", Duration::from_secs(20), || get(&running, "/state.json").contains("yaml-syntax"));
    let schedule = json(&running, "/view/ta-lung/2026-12/a/schedule.json");
    assert!(!schedule.to_string().contains("missing-playlist"), "{schedule}");
    assert!(!get(&running, "/state.json").contains("missing-playlist"));
}

#[test]
fn the_temporary_folder_is_removed_at_each_signal_and_that_of_a_killed_run_by_the_next() {
    let sandbox = Sandbox::new();
    sandbox.copy("content", "content").copy("themes", "themes");
    std::fs::create_dir(sandbox.path("tmp")).unwrap();
    let folders = || std::fs::read_dir(sandbox.path("tmp")).unwrap().count();
    // Written after the exit code, so that nothing of the command is left by then.
    let line =
        format!("TMPDIR=$PWD/tmp {} preview --listen 127.0.0.1:0 & echo $! >own; wait $!; echo $? >ended", env!("CARGO_BIN_EXE_bangtin"));
    let one = || {
        let _ = std::fs::remove_file(sandbox.path("ended"));
        sandbox.spawn("sh", &["-c", &line], "http://")
    };
    let end = |signal: &str| {
        sandbox.run("sh", &["-c", &format!("kill -{signal} $(cat own)")]).success();
        wait_for("the end", Duration::from_secs(20), || {
            std::fs::read_to_string(sandbox.path("ended")).is_ok_and(|code| code.ends_with('\n'))
        });
        std::fs::read_to_string(sandbox.path("ended")).unwrap()
    };
    for signal in ["TERM", "HUP"] {
        let _running = one();
        assert_eq!(folders(), 1);
        assert_eq!((end(signal), folders()), ("0\n".to_owned(), 0), "{signal}");
    }
    let _killed = one();
    assert_eq!((end("KILL"), folders()), ("137\n".to_owned(), 1));
    let other = sandbox.path("tmp/bangtin-preview-test-aB3dE9");
    std::fs::create_dir(&other).unwrap();
    let _running = one();
    assert_eq!(folders(), 2, "its own, and one of another name");
    assert!(other.exists());
    end("TERM");
}
