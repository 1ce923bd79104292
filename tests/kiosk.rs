//! The installed kiosk: what a program may contain, where the browser may go, and that no keyboard shortcut leaves the show.
//! Reads the files in `player/system/` as shipped; `tests/browser/egress.test.mjs` and `policy.test.mjs` run Chromium with them.

use std::collections::BTreeMap;
use std::fs;

use bangtin::base::strict_json;
use bangtin::player::show::server;
use bangtin::program::validate::Program;
use serde_json::json;

use crate::harness::{Sandbox, repository};
use crate::trust::kit::manifest;

fn file(name: &str) -> String {
    fs::read_to_string(repository().join("player/system").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Settings without comments; each key with all its values.
fn settings(name: &str) -> BTreeMap<String, Vec<String>> {
    let mut settings: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in file(name).lines().filter(|line| !line.trim_start().starts_with('#')) {
        if let Some((key, value)) = line.split_once('=') {
            settings.entry(key.trim().to_owned()).or_default().push(value.trim().to_owned());
        }
    }
    settings
}

#[track_caller]
fn says(settings: &BTreeMap<String, Vec<String>>, key: &str, value: &str) {
    assert_eq!(settings.get(key), Some(&vec![value.to_owned()]), "{key}");
}

#[test]
fn a81_a_manifest_that_lists_what_can_hold_a_script_is_refused() {
    let parsed = |path: &str, kind: &str| {
        let mut value = manifest("quay", "monthly", 1);
        let mut more = value["files"][0].clone();
        more["path"] = json!(path);
        more["type"] = json!(kind);
        value["files"].as_array_mut().unwrap().insert(0, more);
        Program::parse(&serde_json::to_vec(&value).unwrap())
    };
    parsed("assets/x.css", "text/css").unwrap();
    let scripts =
        ["text/javascript", "application/javascript", "application/x-javascript", "module", "application/wasm", "text/ecmascript"];
    let carriers = ["image/svg+xml", "application/xhtml+xml", "text/xml", "application/pdf", "text/html", "application/json", "", "*/*"];
    for extension in ["js", "mjs", "cjs", "svg", "wasm", "xhtml", "xml", "htm", "pdf", "json", "swf", "appcache", "webmanifest"] {
        for kind in scripts.iter().chain(&carriers) {
            assert!(parsed(&format!("assets/x.{extension}"), kind).is_err(), "{extension} {kind}");
        }
    }
    for (path, kind) in
        ["assets/x.css", "assets/x.png", "assets/x.woff2", "assets/x.html"].iter().flat_map(|path| scripts.map(|kind| (path, kind)))
    {
        assert!(parsed(path, kind).is_err(), "{path} {kind}");
    }
    for (path, kind) in [
        ("assets/x.png", "image/svg+xml"),
        ("assets/x.css", "text/html"),
        ("assets/x", "text/html"),
        ("assets/x.js.css", "text/javascript"),
    ] {
        assert!(parsed(path, kind).is_err(), "{path} {kind}");
    }
}

#[test]
fn a82_the_browsers_policy_leads_to_the_player_alone() {
    // `tests/browser/policy.test.mjs` and `egress.test.mjs` test the policy in Chromium. Here: the values that they replace with their own,
    // and those not visible from outside: no developer tools (2), no downloads (3).
    let policy = strict_json::parse(file("chromium-policy.json").as_bytes()).unwrap();
    let own = format!("http://{}", server::default_address());
    assert_eq!(policy["URLAllowlist"], json!([own]), "the default address of a player");
    assert_eq!((&policy["DeveloperToolsAvailability"], &policy["DownloadRestrictions"]), (&json!(2), &json!(3)));
    let script = file("kiosk");
    let code: Vec<&str> = script.lines().map(str::trim).filter(|line| !line.starts_with('#')).collect();
    // No file that starts the browser has a switch that disables its protections.
    for name in ["kiosk", "bangtin-kiosk@.service"] {
        for bad in [
            "--no-sandbox",
            "--disable-web-security",
            "--remote-debugging",
            "--disable-setuid-sandbox",
            "--allow-",
            "--disable-site-isolation",
            "--ignore-certificate",
            "--unsafely",
            "--load-extension",
            "--user-script",
            "--single-process",
            "--no-zygote",
            "--disable-seccomp",
            "--enable-automation",
        ] {
            assert!(!file(name).contains(bad), "{name}: {bad}");
        }
    }
    assert!(code.contains(&format!("player={own}").as_str()) && code.last() == Some(&"\"$player/screens/$screen/\""));
    assert!(
        code.contains(&"rm -rf \"$profile\"") && code.contains(&"--user-data-dir=\"$profile\" \\"),
        "a profile that is new at each start"
    );
    // The kernel keeps the browser's packets on this machine.
    let unit = settings("bangtin-kiosk@.service");
    says(&unit, "IPAddressDeny", "any");
    says(&unit, "IPAddressAllow", "localhost");
    assert!(!unit.contains_key("PAMName"), "a login session would take the browser out of the unit");
    says(&unit, "Restart", "always");
}

#[test]
fn a82_the_kiosk_takes_only_a_screens_id() {
    let script = repository().join("player/system/kiosk");
    let sandbox = crate::harness::Sandbox::new();
    // Replaces curl and the browser; records their arguments.
    for name in ["curl", "chromium"] {
        sandbox.write(&format!("bin/{name}"), format!("#!/bin/sh\nprintf '%s\\n' \"$@\" > {}\n", sandbox.path(name).display()));
        assert!(std::process::Command::new("chmod").arg("+x").arg(sandbox.path(&format!("bin/{name}"))).status().unwrap().success());
    }
    let path = format!("{}:{}", sandbox.path("bin").display(), std::env::var("PATH").unwrap());
    let start = |screen: &[&str]| {
        let mut command = sandbox.command("sh", &[&[script.to_str().unwrap()], screen].concat());
        command.env("PATH", &path).env("XDG_RUNTIME_DIR", sandbox.path("run")).status().unwrap().code()
    };
    for bad in
        [&[][..], &[""], &["../x"], &["A"], &["a b"], &["a/../../etc"], &["--no-sandbox x"], &["a;reboot"], &["a\nb"], &["http://evil"]]
    {
        assert_eq!(start(bad), Some(2), "{bad:?}");
    }
    assert!(!sandbox.path("chromium").exists());
    sandbox.write("run/chromium/Default/Cookies", "old");
    assert_eq!(start(&["mat-truoc"]), Some(0));
    let called = fs::read_to_string(sandbox.path("chromium")).unwrap();
    assert_eq!(called.lines().last(), Some("http://127.0.0.1:8377/screens/mat-truoc/"));
    for flag in ["--kiosk", "--disable-extensions", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"] {
        assert!(called.lines().any(|arg| arg == flag), "{flag}: {called}");
    }
    assert!(!sandbox.path("run/chromium").exists());
    assert!(fs::read_to_string(sandbox.path("curl")).unwrap().contains("http://127.0.0.1:8377/clock"), "it waits for the player first");
}

#[test]
fn a83_no_key_touch_or_stick_leads_out_of_the_show() {
    let unit = settings("bangtin-kiosk@.service");
    // cage has no keyboard shortcuts of its own; only -s would allow switching terminals.
    says(&unit, "ExecStart", "/usr/bin/cage -d -- /usr/lib/bangtin/kiosk %i");
    says(&unit, "Conflicts", "getty@tty1.service");
    assert!(unit["Environment"].iter().any(|each| each == "WLR_LIBINPUT_NO_DEVICES=1"));
    let login = settings("logind.conf");
    for (key, value) in
        [("NAutoVTs", "0"), ("ReserveVT", "0"), ("HandlePowerKey", "ignore"), ("HandleRebootKey", "ignore"), ("HandleSuspendKey", "ignore")]
    {
        says(&login, key, value);
    }
    says(&settings("system.conf"), "CtrlAltDelBurstAction", "none");
    says(&settings("sysctl.conf"), "kernel.sysrq", "0");
    let rules = file("70-bangtin.rules").replace("\\\n", "");
    let rules: Vec<&str> = rules.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    let has = |parts: &[&str]| rules.iter().any(|rule| parts.iter().all(|part| rule.contains(part)));
    assert!(has(&["SUBSYSTEM==\"input\"", "ENV{LIBINPUT_IGNORE_DEVICE}=\"1\""]) && !has(&["LIBINPUT_IGNORE_DEVICE", "ACTION==\"add\""]));
    assert!(has(&["SUBSYSTEM==\"usb\"", "ATTR{bInterfaceClass}==\"03\"", "ATTR{authorized}=\"0\""]));
    assert!(has(&[
        "SUBSYSTEM==\"block\"",
        "ID_BUS}==\"usb\"",
        "ID_FS_TYPE}==\"vfat|exfat\"",
        "--options=ro,nosuid,nodev,noexec ",
        "--setro"
    ]));
    assert!(!rules.iter().any(|rule| rule.contains("mount") && !rule.contains("ro,nosuid,nodev,noexec")));
    let style = fs::read_to_string(repository().join("player/shell.css")).unwrap();
    let page = fs::read_to_string(repository().join("player/index.html")).unwrap();
    assert!(!page.contains("<a ") && !page.contains("<form") && !page.contains("href=\"http"), "the shell has nothing to follow");
    assert!(style.contains("cursor: none"), "no pointer is drawn over the show");
}

#[test]
fn the_players_unit_claims_only_what_the_player_does() {
    let unit = settings("bangtin-player.service");
    says(&unit, "ExecStart", "/usr/bin/bangtin-player run --config /etc/bangtin/player.json");
    says(&unit, "Restart", "always");
    for (key, value) in [
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("CapabilityBoundingSet", ""),
        ("PrivateDevices", "yes"),
        ("ReadWritePaths", "-/var/lib/bangtin"),
    ] {
        says(&unit, key, value);
    }
    // The player feeds a watchdog; it does not tell when it is ready.
    says(&unit, "WatchdogSec", "120");
    says(&unit, "Type", "exec");
    says(&unit, "LogRateLimitBurst", "500");
    says(&unit, "TasksMax", "2048");
    says(&unit, "LimitNOFILE", "8192");
    says(&settings("journald.conf"), "SystemMaxUse", "20M");
    // The manual's installation steps name each file of the kiosk.
    let manual = fs::read_to_string(repository().join("docs/player.md")).unwrap();
    for entry in fs::read_dir(repository().join("player/system")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(manual.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn f13_the_unit_starts_without_the_disk_for_which_the_manual_lets_it_wait_half_a_minute() {
    let unit = settings("bangtin-player.service");
    // Each of these would require the mount: without the disk, nothing would be started.
    for key in
        ["StateDirectory", "CacheDirectory", "LogsDirectory", "WorkingDirectory", "RequiresMountsFor", "Requires", "BindsTo", "Requisite"]
    {
        assert_eq!(unit.get(key), None, "{key}");
    }
    let manual = fs::read_to_string(repository().join("docs/player.md")).unwrap();
    let line = manual.lines().find(|line| line.trim_start().starts_with("LABEL=bangtin-data ")).expect("the line of /etc/fstab");
    let fields: Vec<&str> = line.split_whitespace().collect();
    assert_eq!((fields[1], unit["ReadWritePaths"][0].trim_start_matches('-')), ("/var/lib/bangtin", "/var/lib/bangtin"));
    let options: Vec<&str> = fields[3].split(',').collect();
    for option in ["nofail", "x-systemd.device-timeout=30s", "x-systemd.before=bangtin-player.service"] {
        assert!(options.contains(&option), "{option}: {line}");
    }
    // What systemd itself makes of both, where it is there.
    let generator = "/usr/lib/systemd/system-generators/systemd-fstab-generator";
    if !std::path::Path::new(generator).exists() {
        return println!("left out: systemd is not there");
    }
    let sandbox = Sandbox::new();
    sandbox.write("fstab", format!("{}\n", line.trim()));
    sandbox.write("units/bangtin-player.service", file("bangtin-player.service").replace("/usr/bin/bangtin-player", "/bin/true"));
    let folder = sandbox.path("units").display().to_string();
    let made = sandbox.command(generator, &[&folder, &folder, &folder]).env("SYSTEMD_FSTAB", sandbox.path("fstab")).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    let mount = fs::read_to_string(sandbox.path("units/var-lib-bangtin.mount")).unwrap();
    assert!(mount.contains("\nBefore=bangtin-player.service\n") && mount.contains("nofail"), "{mount}");
    let mut verify = sandbox.command("systemd-analyze", &["verify", "--man=no", "units/bangtin-player.service"]);
    let said =
        verify.env("SYSTEMD_UNIT_PATH", format!("{folder}:/usr/lib/systemd/system")).env("SYSTEMD_LOG_LEVEL", "debug").output().unwrap();
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("bangtin-player.service: Enqueued job"), "{said}");
    assert!(!said.contains("Requires: var-lib-bangtin.mount"), "{said}");
}
