//! `bangtin approve` for a reviewer: opens every page before signing, lists every change, names authors; machines can't sign.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use bangtin::base::digest::Digest;
use bangtin::office::sign::approve_ci::CI_VARIABLES;
use bangtin::program::shell::SLIDE_POLICY;
use serde_json::{Value, json};

use crate::authors::Repository;
use crate::harness::http::{self, Reply};
use crate::harness::{Finished, Sandbox, tree};
use crate::publish::commands::Province;

const NOW: [&str; 2] = ["--now", "2026-12-01T09:00"];
pub const SECOND: &str = "---\ntitle: Hồ Thang Hen\nagency: so-tttt\ncategory: du-lich\nlayout: text\nduration: 10s\n---\nHồ trên núi.\n";
const MONTH: &str = "content/playlists/2026-12/province.yaml";

/// A province of two slides.
pub fn province() -> Province {
    let province = Province::new();
    province
        .0
        .write("content/slides/du-lich/thang-hen.md", SECOND)
        .write(MONTH, format!("{}  - slide: du-lich/thang-hen.md\n", crate::publish::province::PLAYLIST));
    province
}

fn args<'a>(key: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["approve", "--site", "ta-lung", "--key", key], NOW.as_slice(), more].concat()
}

pub fn approve(province: &Province, key: &str, more: &[&str]) -> Finished {
    province.0.bangtin(&args(&format!("keys/{key}"), &[&["--month", "2026-12", "--yes"], more].concat()))
}

/// Signs, without viewing, the approvals by other keys that the December program needs.
pub fn others_sign(province: &Province) {
    for key in ["hung", "ta-lung"] {
        approve(province, key, &["--unseen"]).success();
    }
}

/// A running review: the command waits and serves its page.
struct Reviewing {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    said: String,
    address: String,
}

impl Reviewing {
    fn start(sandbox: &Sandbox, key: &str, more: &[&str]) -> Self {
        let key = format!("keys/{key}");
        let all = args(&key, &[&["--month", "2026-12", "--yes"], more].concat());
        // A terminal of its own: elsewhere nobody can open the pages.
        let line = format!("{} {}", env!("CARGO_BIN_EXE_bangtin"), all.join(" "));
        let mut command = sandbox.command("script", &["-qec", &line, "/dev/null"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        let mut reviewing = Self { child, stdin, stdout, said: String::new(), address: String::new() };
        let line = reviewing.until("http://");
        let start = line.find("http://").unwrap();
        reviewing.address = line[start..].split('/').take(3).collect::<Vec<_>>().join("/");
        reviewing
    }

    /// Reads until a line contains the text; returns that line.
    fn until(&mut self, text: &str) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(self.stdout.read_line(&mut line).unwrap(), 0, "it ended without saying {text:?}:\n{}", self.said);
            self.said.push_str(&line);
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Sends the request that a frame of the review page sends.
    fn open(&self, path: &str) -> Reply {
        frame(&self.address, path)
    }

    fn state(&self) -> Value {
        let reply = http::get(&self.address, "/review.json", &[]);
        assert_eq!(reply.status, 200);
        serde_json::from_slice(&reply.body).unwrap()
    }

    /// Unopened pages, as paths on this server.
    fn left(&self) -> Vec<String> {
        let state = self.state();
        let mut left = Vec::new();
        for program in state["programs"].as_array().unwrap() {
            let opened = program["opened"].as_array().unwrap();
            let digest = program["report"]["program"].as_str().unwrap();
            let slides = program["report"]["slides"].as_array().unwrap();
            for page in slides.iter().flat_map(|slide| slide["pages"].as_array().unwrap()) {
                if page["seen"] == json!(false) && !opened.contains(&page["path"]) {
                    left.push(format!("/p/{digest}/{}", page["path"].as_str().unwrap()));
                }
            }
        }
        left
    }

    /// Opens all unopened pages; the command then signs and ends.
    fn open_all(mut self) -> String {
        for path in self.left() {
            look(&self.address, &path);
        }
        self.stdout.read_to_string(&mut self.said).unwrap();
        assert!(self.child.wait().unwrap().success(), "{}", self.said);
        std::mem::take(&mut self.said)
    }
}

fn frame(address: &str, path: &str) -> Reply {
    http::get(address, path, &[("Sec-Fetch-Dest", "iframe"), ("Sec-Fetch-Site", "same-origin")])
}

/// What the review page says of the page in its frame.
fn seen(address: &str, path: &str) -> Reply {
    http::get(address, &format!("/seen{}", path.strip_prefix("/p").unwrap()), &[("Sec-Fetch-Site", "same-origin")])
}

/// Opens a page as a reviewer who looks at it for a second.
fn look(address: &str, path: &str) {
    assert_eq!(frame(address, path).status, 200, "{path}");
    let page = path.splitn(4, '/').nth(3).unwrap();
    // The server records a page once it is sent in full; the client may read the last byte earlier.
    crate::harness::wait_for("the page to be noted", std::time::Duration::from_secs(10), || {
        assert_eq!(seen(address, path).status, 200, "{path}");
        let state: Value = serde_json::from_slice(&http::get(address, "/review.json", &[]).body).unwrap();
        state["programs"].as_array().unwrap().iter().any(|program| program["opened"].as_array().unwrap().contains(&json!(page)))
    });
}

impl Drop for Reviewing {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Statements in `approvals/`, by name of the holder's key.
fn statements(sandbox: &Sandbox) -> Vec<Value> {
    let files = tree(&sandbox.path("content/approvals"));
    let statements = files.iter().filter(|(name, _)| name.ends_with(".json") && !name.ends_with("program.json"));
    statements.map(|(_, bytes)| serde_json::from_slice(bytes).unwrap()).collect()
}

#[test]
fn a51_nothing_is_signed_before_every_page_was_opened_in_the_review_page() {
    let province = province();
    let sandbox = &province.0;
    let mut reviewing = Reviewing::start(sandbox, "lan", &[]);
    let left = reviewing.left();
    assert_eq!(left.len(), 2, "{left:?}");
    // None of these is a person who views the page: a script, HEAD, a range, another site's frame, preloading frames of the timetable.
    let framed = ("Sec-Fetch-Dest", "iframe");
    http::get(&reviewing.address, &left[0], &[]);
    http::get(&reviewing.address, &left[0], &[("Sec-Fetch-Dest", "empty"), ("Sec-Fetch-Site", "same-origin")]);
    http::get(&reviewing.address, &left[0], &[framed, ("Sec-Fetch-Site", "same-site")]);
    http::get(&reviewing.address, &left[0], &[framed, ("Sec-Fetch-Site", "same-origin"), ("Range", "bytes=0-3")]);
    http::send(&reviewing.address, "HEAD", &left[0], &[framed, ("Sec-Fetch-Site", "same-origin")], b"");
    assert_eq!(http::get(&reviewing.address, &left[0], &[framed, ("Sec-Fetch-Site", "cross-site")]).status, 403);
    assert_eq!(reviewing.open(&format!("/times{}", left[0])).status, 200);
    assert_eq!(reviewing.left(), left);
    reviewing.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    reviewing.until("2 pages unopened");
    // A page that was loaded and passed over does not count, nor one that no frame has; a second in view does.
    assert_eq!(reviewing.open(&left[1]).status, 200);
    assert_eq!(reviewing.left(), left);
    seen(&reviewing.address, &left[1]);
    seen(&reviewing.address, &left[0]);
    crate::harness::wait_for("a second in view", std::time::Duration::from_secs(10), || {
        // Nor does what another site says of it.
        http::get(&reviewing.address, &format!("/seen{}", &left[1][2..]), &[("Sec-Fetch-Site", "none")]);
        assert_eq!(reviewing.left(), left);
        seen(&reviewing.address, &left[1]);
        reviewing.left().len() == 1
    });
    reviewing.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    assert_eq!(reviewing.until("ta-lung: “").trim_end(), "  ta-lung: “Thác Bản Giốc” (du-lich/ban-gioc): 640×320");
    assert!(reviewing.until("1 page").starts_with("1 page unopened"), "{}", reviewing.said);
    assert!(!sandbox.path("content/approvals").exists(), "signed with a page unopened");
    let said = reviewing.open_all();
    assert!(said.contains("Signed "), "{said}");
    let [statement] = &statements(sandbox)[..] else { panic!("one statement") };
    assert_eq!(statement["unseen"], json!(0));
}

#[test]
fn a51_a_page_with_a_film_counts_only_once_the_review_page_says_that_it_was_played() {
    let province = Province::new();
    let sandbox = &province.0;
    let film = crate::harness::repository().join("content/slides/du-lich/non-nuoc.mp4");
    std::fs::copy(film, sandbox.path("content/slides/du-lich/phim.mp4")).unwrap();
    let slide = SECOND.replace("layout: text\nduration: 10s\n", "layout: video\nvideo: phim.mp4\n");
    sandbox
        .write("content/slides/du-lich/phim.md", slide)
        .write(MONTH, format!("{}  - slide: du-lich/phim.md\n", crate::publish::province::PLAYLIST));
    let review = Reviewing::start(sandbox, "lan", &["--quiet"]);
    let left = review.left();
    let (pages, film): (Vec<_>, String) = (left.iter().filter(|path| path.contains("/phim@")).collect(), {
        let page = review.open(left.iter().find(|path| path.contains("/phim@")).unwrap()).text();
        page.split("assets/").nth(1).unwrap().split('"').next().unwrap().to_owned()
    });
    assert!(!pages.is_empty() && pages.len() < left.len(), "{left:?}");
    left.iter().filter(|path| !path.contains("/phim@")).for_each(|path| look(&review.address, path));
    for page in &pages {
        review.open(page);
    }
    std::thread::sleep(std::time::Duration::from_millis(1200));
    for page in &pages {
        assert_eq!(seen(&review.address, page).status, 200);
    }
    assert_eq!(review.left().len(), pages.len(), "a second is not the film");
    // Only the page's own script is believed, and only about files of the program.
    let digest = pages[0].split('/').nth(2).unwrap();
    let played =
        |headers: &[(&str, &str)], name: &str| http::get(&review.address, &format!("/played/{digest}/assets/{name}?heard"), headers).status;
    assert_eq!(played(&[("Sec-Fetch-Site", "same-origin")], "other.mp4"), 404);
    assert_eq!(played(&[], &film), 200);
    pages.iter().for_each(|page| drop(seen(&review.address, page)));
    assert_eq!(review.left().len(), pages.len());
    assert_eq!(played(&[("Sec-Fetch-Site", "same-origin")], &film), 200);
    let mut review = review;
    for page in &pages {
        seen(&review.address, page);
    }
    review.state();
    review.stdout.read_to_string(&mut review.said).unwrap();
    assert!(review.child.wait().unwrap().success(), "{}", review.said);
}

#[test]
fn a_film_without_a_track_of_sound_is_never_told_as_unheard() {
    let province = Province::new();
    let sandbox = &province.0;
    let film = crate::harness::repository().join("content/slides/du-lich/non-nuoc.mp4");
    std::fs::copy(film, sandbox.path("content/slides/du-lich/phim.mp4")).unwrap();
    let made = |options: &[&str], name: &str| {
        let (from, to) = ("content/slides/du-lich/phim.mp4", format!("content/slides/du-lich/{name}"));
        sandbox.run("ffmpeg", &[&["-v", "error", "-i", from, "-t", "2"], options, &[to.as_str()]].concat()).success();
    };
    made(&["-an", "-c", "copy"], "cam.mp4");
    made(&["-an", "-c:v", "libvpx", "-deadline", "realtime"], "lang.webm");
    let names = [("phim", "phim.mp4"), ("cam", "cam.mp4"), ("lang", "lang.webm")];
    for (slide, video) in names {
        let text = SECOND.replace("layout: text\nduration: 10s\n", &format!("layout: video\nvideo: {video}\n"));
        sandbox.write(&format!("content/slides/du-lich/{slide}.md"), text);
    }
    let entries: String = names.iter().map(|(slide, _)| format!("  - slide: du-lich/{slide}.md\n")).collect();
    sandbox.write(MONTH, format!("{}{entries}", crate::publish::province::PLAYLIST));
    let review = Reviewing::start(sandbox, "lan", &["--quiet"]);
    let pages: Vec<String> = review.left().into_iter().filter(|path| !path.contains("/ban-gioc@")).collect();
    let [silent, other_silent, film] = &pages[..] else { panic!("{pages:?}") };
    let in_program = |page: &String| page.splitn(4, '/').nth(3).unwrap().to_owned();
    let asset = |page: &String| {
        let text = review.open(page).text();
        format!("assets/{}", text.split("assets/").nth(1).unwrap().split('"').next().unwrap())
    };
    let assets: Vec<String> = pages.iter().map(asset).collect();
    let program = &review.state()["programs"][0];
    assert_eq!(program["media"], json!({in_program(silent): false, in_program(other_silent): false, in_program(film): true}));
    let mut told: Vec<&str> = program["silent"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    told.sort_by_key(|path| assets.iter().position(|asset| asset == path));
    assert_eq!(told, assets[..2]);
    // All are played with the sound off.
    std::thread::sleep(std::time::Duration::from_millis(1200));
    let digest = film.split('/').nth(2).unwrap();
    for asset in &assets {
        let played = http::get(&review.address, &format!("/played/{digest}/{asset}"), &[("Sec-Fetch-Site", "same-origin")]);
        assert_eq!(played.status, 200);
    }
    pages.iter().for_each(|page| drop(seen(&review.address, page)));
    assert_eq!(review.state()["programs"][0]["unheard"], json!([in_program(film)]));
    let said = review.open_all();
    assert!(said.contains("SOUND NOT HEARD of 1 page:") && said.contains("(du-lich/phim)"), "{said}");
    assert!(!said.contains("(du-lich/cam)") && !said.contains("(du-lich/lang)"), "{said}");
}

#[test]
fn f26_heads_without_end_and_slow_ones_cost_the_review_page_nothing() {
    let province = province();
    others_sign(&province);
    let reviewing = Reviewing::start(&province.0, "lan", &[]);
    // The terminal's own process, perhaps a shell, then the command.
    let child = |process: u32| std::fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap().trim().parse().ok();
    let process = std::iter::successors(Some(reviewing.child.id()), |process| child(*process)).last().unwrap();
    crate::heads::withstands(process, &reviewing.address);
    assert!(reviewing.open_all().contains("Signed "));
}

#[test]
fn a51_where_nobody_can_look_nothing_is_signed_unless_unseen_is_said() {
    let province = province();
    let sandbox = &province.0;
    let refused = approve(&province, "lan", &[]).code(1).stderr_has("2 pages unopened").stderr_has("--unseen");
    assert!(refused.stderr.contains("(du-lich/thang-hen): 640×320"), "{}", refused.stderr);
    assert!(!sandbox.path("content/approvals").exists());
    approve(&province, "lan", &["--unseen"]).success().stdout_has("UNOPENED: 2 pages");
    assert_eq!(statements(sandbox)[0]["unseen"], json!(2));
    // Approving again gives the same approval, whatever was opened.
    approve(&province, "lan", &[]).success().stdout_has("Signed ");
    assert_eq!(statements(sandbox).len(), 1);
}

#[test]
fn a51_the_review_page_shows_the_very_bytes_under_the_players_policy_and_its_mark_is_outside() {
    let province = province();
    let reviewing = Reviewing::start(&province.0, "lan", &[]);
    let page = http::get(&reviewing.address, "/", &[]);
    assert!(page.text().contains("CHƯA DUYỆT · NOT APPROVED"));
    let program = &reviewing.state()["programs"][0]["report"]["program"];
    let digest = program.as_str().unwrap();
    province.0.bangtin(&["-q", "build", "--month", "2026-12", "--out", "out"]).success().stdout_has(digest);
    let built = std::fs::read(province.0.path("out/ta-lung/2026-12/program.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&built).unwrap();
    for file in manifest["files"].as_array().unwrap() {
        let reply = http::get(&reviewing.address, &format!("/p/{digest}/{}", file["path"].as_str().unwrap()), &[]);
        assert_eq!(Some(Digest::of(&reply.body).to_string().as_str()), file["sha256"].as_str(), "{file}");
        assert_eq!(reply.header("Content-Security-Policy"), Some(SLIDE_POLICY));
        assert_eq!(reply.header("X-Content-Type-Options"), Some("nosniff"));
        assert!(!reply.text().contains("NOT APPROVED"));
    }
    for path in
        ["/program.json", &format!("/p/{digest}/program.json"), "/p/../keys/lan", &format!("/p/{digest}/%2e%2e/keys"), "/keys/lan", "/x"]
    {
        assert_eq!(http::get(&reviewing.address, path, &[]).status, 404, "{path}");
    }
    assert_eq!(http::get(&reviewing.address, "/", &[("Host", "evil.example")]).status, 421);
    assert_eq!(http::send(&reviewing.address, "POST", "/review.json", &[], b"").status, 405);
    // In the timetable view, too, the shell draws the mark, not a file of the program.
    let schedule = http::get(&reviewing.address, "/view/ta-lung/2026-12/a/schedule.json", &[]).text();
    assert!(schedule.contains("NOT APPROVED") && schedule.contains(digest), "{schedule}");
}

#[test]
fn a51_what_was_opened_for_an_earlier_approval_need_not_be_opened_again() {
    let province = province();
    let sandbox = &province.0;
    Reviewing::start(sandbox, "lan", &[]).open_all();
    others_sign(&province);
    let third = SECOND.replace("Hồ Thang Hen", "Hồ khác");
    sandbox.write("content/slides/du-lich/ho-khac.md", third);
    sandbox.write("content/slides/du-lich/thang-hen.md", SECOND.replace("trên núi", "giữa núi"));
    let list = std::fs::read_to_string(sandbox.path(MONTH)).unwrap();
    sandbox.write(MONTH, format!("{list}  - slide: du-lich/ho-khac.md\n"));
    let reviewing = Reviewing::start(sandbox, "lan", &[]);
    assert_eq!(reviewing.left().len(), 2, "the new one and the changed one: {:?}", reviewing.left());
    let said = reviewing.open_all();
    assert!(said.contains("opened by you before you signed an earlier program, unchanged since: 1 slide"), "{said}");
    // A reviewer who signed without viewing has opened nothing.
    assert_eq!(Reviewing::start(sandbox, "hung", &[]).left().len(), 3);
    others_sign(&province);
    // A slide that returns after a withdrawal is looked at again, though its page is the same.
    let taken = ["withdraw", "--slide", "du-lich/ban-gioc", "--reason", "sai", "--key", "keys/lan"];
    sandbox.bangtin(&[taken.as_slice(), &NOW].concat()).success();
    sandbox.bangtin(&["revise", "--withdrawal", "1"]).success();
    let reviewing = Reviewing::start(sandbox, "lan", &[]);
    let why = "withdrawal 1, signed 2026-12-01 09:00, reason: “sai”";
    assert!(reviewing.said.contains(&format!("! back after a withdrawal: {why}")), "{}", reviewing.said);
    assert!(reviewing.said.contains("revision: 1 → 2"), "{}", reviewing.said);
    let report = &reviewing.state()["programs"][0]["report"];
    let returned = |slide: &Value| (slide["id"].as_str().unwrap().to_owned(), slide["returned"]["en"].clone());
    let returned: Vec<_> = report["slides"].as_array().unwrap().iter().map(returned).collect();
    assert_eq!(returned.iter().find(|(id, _)| id == "du-lich/ban-gioc").unwrap().1, why, "{report}");
    assert_eq!(returned.iter().filter(|(_, why)| why.is_null()).count(), 2, "{report}");
    assert!(matches!(reviewing.left().as_slice(), [page] if page.contains("ban-gioc")), "{:?}", reviewing.left());
    drop(reviewing);
    // Another theme changes every page.
    let theme = std::fs::read_to_string(sandbox.path("themes/caobang/theme.css")).unwrap();
    sandbox.write("themes/caobang/theme.css", format!("{theme}\nh1 {{ color: red; }}\n"));
    let reviewing = Reviewing::start(sandbox, "lan", &[]);
    assert_eq!(reviewing.left().len(), 3);
    assert!(reviewing.said.contains("changed file theme/theme.css"), "{}", reviewing.said);
}

#[test]
fn a51_what_was_opened_for_a_program_before_the_last_need_not_be_opened_again() {
    let province = province();
    let sandbox = &province.0;
    Reviewing::start(sandbox, "lan", &[]).open_all();
    others_sign(&province);
    let list = std::fs::read_to_string(sandbox.path(MONTH)).unwrap();
    // The last program is signed by the same reviewer without a look, and so it proves nothing about the page that is new in it.
    sandbox.write("content/slides/du-lich/ho-khac.md", SECOND.replace("Hồ Thang Hen", "Hồ khác"));
    let list = format!("{list}  - slide: du-lich/ho-khac.md\n");
    sandbox.write(MONTH, format!("{list}revision: 2\n"));
    for key in ["keys/lan", "keys/hung", "keys/ta-lung"] {
        let later = ["approve", "--site", "ta-lung", "--month", "2026-12", "--unseen", "--yes", "--key", key, "--now", "2026-12-01T09:01"];
        sandbox.bangtin(&later).success();
    }
    sandbox.write(MONTH, format!("{list}revision: 3\n"));
    let reviewing = Reviewing::start(sandbox, "lan", &[]);
    assert!(matches!(reviewing.left().as_slice(), [page] if page.contains("ho-khac")), "{:?}", reviewing.left());
    assert!(reviewing.said.contains("revision: 2 → 3"), "{}", reviewing.said);
}

#[test]
fn a51_every_change_since_the_last_approved_program_is_listed() {
    let province = province();
    let sandbox = &province.0;
    approve(&province, "lan", &["--unseen"]).success().stdout_has("the first program of this kind at this site");
    others_sign(&province);
    sandbox.write("content/slides/du-lich/thang-hen.md", SECOND.replace("duration: 10s", "duration: 14s").replace("trên núi", "giữa núi"));
    let site = std::fs::read_to_string(sandbox.path("content/sites/ta-lung.yaml")).unwrap();
    sandbox.write("content/sites/ta-lung.yaml", site.replace("13:30-18:00", "13:30-19:00"));
    let list = std::fs::read_to_string(sandbox.path(MONTH)).unwrap();
    sandbox.write(MONTH, format!("{}revision: 2\n", list.replace("tháng 12/2026", "tháng Chạp")));
    let said = approve(&province, "lan", &["--unseen"]).success().stdout;
    for line in [
        "~ du-lich/thang-hen: Hồ Thang Hen",
        "  = 1 slide as before\n",
        "title: Chương trình tháng 12/2026 → Chương trình tháng Chạp",
        "revision: 1 → 2",
        " h shown, was ",
        "screen a: now also 18:00–19:00: 2026-12-01 – 2026-12-04, 2026-12-07 – 2026-12-11,",
        "“Hồ Thang Hen” (du-lich/thang-hen, Department): is shown for 14 s, was 10 s",
        "its words can't be compared: this machine does not keep the approved page",
    ] {
        assert!(said.contains(line), "{line}:\n{said}");
    }
    let answer = province.0.bangtin(
        &[&["--lang", "vi"], args("keys/hung", &["--month", "2026-12", "--unseen", "--yes", "--format", "json"]).as_slice()].concat(),
    );
    let answer: Value = serde_json::from_str(&answer.success().stdout).unwrap();
    let program = &answer["programs"][0];
    assert_eq!(program["changes"]["slides"]["changed"]["du-lich/thang-hen"]["files"][0]["change"], json!("changed"));
    assert_eq!(program["changes"]["loops"]["durations"]["du-lich/thang-hen"], json!([[10_000], [14_000]]));
    assert_eq!(program["needed"]["chief"], json!({"threshold": 2, "signed": ["lan"]}));
    assert_eq!((&program["unseen"], program["approval"].is_string()), (&json!(2), true));
}

#[test]
fn the_summary_tells_edits_of_people_whole_and_once_and_all_else_as_counts() {
    let province = province();
    let sandbox = &province.0;
    for name in ["ba", "bon"] {
        sandbox.write(&format!("content/slides/du-lich/{name}.md"), SECOND.replace("Hồ Thang Hen", name));
    }
    let list = std::fs::read_to_string(sandbox.path(MONTH)).unwrap();
    sandbox.write(MONTH, format!("{list}  - slide: du-lich/ba.md\n"));
    province.approve_ta_lung();
    province.publish(&["--key", "keys/publish"]).success();
    sandbox.write("content/slides/du-lich/thang-hen.md", SECOND.replace("trên núi.", "giữa núi."));
    sandbox.write(MONTH, format!("{list}  - slide: du-lich/bon.md\n"));
    let theme = std::fs::read_to_string(sandbox.path("themes/caobang/theme.css")).unwrap();
    sandbox.write("themes/caobang/theme.css", format!("{theme}\nh1 {{ color: red; }}\n"));
    let summary = |more: &[&str]| approve(&province, "lan", &[&["--unseen"], more].concat()).success().stdout;
    let said = summary(&["--lang", "vi"]);
    let place = |text: &str| said.find(text).unwrap_or_else(|| panic!("no {text:?}:\n{said}"));
    let in_order = [
        "\n  ~ du-lich/thang-hen: Hồ Thang Hen (so-tttt)\n        chữ: “Hồ trên núi.” → “Hồ giữa núi.”\n",
        "\n  + du-lich/bon: bon (so-tttt)\n",
        "\n  - du-lich/ba: ba (so-tttt)\n",
        "\n  Giao diện, ảnh, phim và tệp khác:\n    đã đổi tệp theme/theme.css (nay ",
        "\n  * 1 trang chiếu chỉ khác giao diện (kiểu trình bày); nội dung như cũ\n  (xem đủ danh sách: thêm --all, hoặc ở trang duyệt)\n",
    ];
    assert!(in_order.iter().map(|text| place(text)).is_sorted(), "{said}");
    for slide in ["ba", "bon", "thang-hen"] {
        assert_eq!(said.matches(&format!("du-lich/{slide}:")).count(), 1, "{said}");
    }
    assert!(!said.contains("du-lich/ban-gioc") && !said.contains(".html"), "{said}");
    let all = summary(&["--all"]);
    for line in [
        "\n  * 1 slide, content as before, only the style of the theme differs\n      * du-lich/ban-gioc: Thác Bản Giốc (so-tttt)\n",
        "changed file slides/du-lich/thang-hen@640x320.html",
    ] {
        assert!(all.contains(line), "{line}:\n{all}");
    }
    let answer: Value = serde_json::from_str(&summary(&["--json"])).unwrap();
    let slides = answer["programs"][0]["slides"].as_array().unwrap().iter();
    let told: Vec<_> = slides.map(|slide| (slide["id"].as_str().unwrap(), &slide["state"], &slide["theme_only"])).collect();
    let (changed, style) = (json!("changed"), json!("style"));
    let expected = [
        ("du-lich/ban-gioc", &changed, &style),
        ("du-lich/bon", &json!("new"), &Value::Null),
        ("du-lich/thang-hen", &changed, &Value::Null),
    ];
    assert_eq!(told, expected);
    // The same program again: nothing but a count.
    let same = province.0.bangtin(&args("keys/lan", &["--evergreen", "--yes", "--unseen"])).success().stdout;
    assert!(!same.contains("\n  ~ "), "{same}");
}

#[test]
fn a_reviewer_is_told_which_slide_plays_more_often_and_when_a_new_one_plays() {
    let province = province();
    let sandbox = &province.0;
    approve(&province, "lan", &["--unseen"]).success();
    others_sign(&province);
    sandbox.write("content/slides/du-lich/moi.md", SECOND.replace("Hồ Thang Hen", "Chợ phiên"));
    let list = std::fs::read_to_string(sandbox.path(MONTH)).unwrap();
    sandbox.write(MONTH, format!("{list}    weight: 3\n  - slide: du-lich/moi.md\n    days: [thu, fri]\n    times: [\"09:00-10:00\"]\n"));
    let said = approve(&province, "lan", &["--unseen"]).success().stdout;
    for line in [
        "\n  How often and when slides play:\n    “Hồ Thang Hen” (du-lich/thang-hen, Department): 3 times in each loop, was 1; ",
        "“Chợ phiên” (du-lich/moi, Department): new, 10 s each time; once in each loop; ",
        "plays 09:00–10:00: Thursday – Friday (from 2026-12-03 to ",
        "1 other slide: ",
        "\n  @ 1 slide, content as before, only when, how long or how often they play differs, as told above\n  = 1 slide as before\n",
    ] {
        assert!(said.contains(line), "{line}:\n{said}");
    }
    assert!(!said.contains("unchanged\n"), "loops are counted in JSON only:\n{said}");
    let answer: Value = serde_json::from_str(&approve(&province, "hung", &["--unseen", "--json"]).success().stdout).unwrap();
    let own: Vec<_> =
        answer["programs"][0]["slides"].as_array().unwrap().iter().map(|slide| slide["airtime"].as_array().unwrap()).collect();
    assert_eq!(own.iter().map(|lines| lines.is_empty()).collect::<Vec<_>>(), [true, false, false], "{own:?}");
    assert_eq!(own[2][0]["vi"], "mỗi vòng 3 lần, trước đây 1", "{own:?}");
    let changes = &answer["programs"][0]["changes"];
    let change = &changes["airtime"]["changed"]["du-lich/thang-hen"];
    assert_eq!((&change["before"]["per_loop"], &change["after"]["per_loop"]), (&json!([1]), &json!([3])));
    let plays = |which: &str| change[which]["plays"].as_u64().unwrap();
    assert!(plays("after") > plays("before"), "{change}");
    assert_eq!(changes["airtime"]["added"]["du-lich/moi"]["per_loop"], json!([1]));
    assert!(changes["loops"]["added"].as_u64().unwrap() > 0, "{changes}");
}

#[test]
fn a_key_that_can_not_approve_is_told_what_it_is_and_what_helps() {
    let province = province();
    let sandbox = &province.0;
    add_site(&province);
    sandbox.bangtin(&["keys", "new", "keys/moi", "--no-password"]).success();
    let refused = |key: &str, period: &[&str]| {
        let key = format!("keys/{key}");
        let line = [&["approve", "--key", &key, "--yes", "--unseen"], NOW.as_slice(), period].concat();
        let said = sandbox.bangtin(&line).code(1).stderr_has("holds none of the roles that the program of").stderr;
        let vietnamese = sandbox.bangtin(&[line.as_slice(), &["--lang", "vi"]].concat()).code(1).stderr;
        (said, vietnamese)
    };
    let month = ["--month", "2026-12"];
    for (key, period, en, vi) in [
        (
            "root",
            month.as_slice(),
            "it is a root key and no reviewer's; use a key of one of those roles",
            "đây là khóa phân quyền, không phải khóa",
        ),
        ("publish", &month, "it is a publish key and no reviewer's; use", "đây là khóa phát hành, không phải khóa"),
        ("moi", &month, "the root in force does not name it; use", "không có trong văn bản phân quyền đang hiệu lực"),
        ("duty", &["--evergreen"], "it holds only duty, which does not approve the evergreen program of this site", "chỉ giữ vai trò duty"),
    ] {
        let (said, vietnamese) = refused(key, period);
        assert!(said.contains(en) && !said.contains("--site"), "{key}: {said}");
        assert!(vietnamese.contains(vi) && !vietnamese.contains("--site"), "{key}: {vietnamese}");
    }
    let (said, vietnamese) = refused("ta-lung", &["--month", "2026-12", "--site", "ha-lang"]);
    assert!(said.contains("it holds ta-lung, which approves for ta-lung; name your own site with --site"), "{said}");
    assert!(vietnamese.contains("duyệt cho ta-lung; hãy nêu cụm của mình bằng --site"), "{vietnamese}");
}

#[test]
fn an_archive_in_another_place_is_used_by_every_command_that_asks_for_it() {
    let province = province();
    let sandbox = &province.0;
    province.approve_ta_lung();
    province.publish(&["--key", "keys/publish", "--archive", "kept/here"]).success();
    sandbox.write("content/slides/du-lich/thang-hen.md", SECOND.replace("trên núi.", "giữa núi."));
    let mut without = Reviewing::start(sandbox, "lan", &[]);
    assert!(!without.said.contains("text: "), "{}", without.said);
    // The site was chosen: nothing is said of that.
    let advice = without.until("since only what you signed counts");
    assert!(!advice.contains("--site"), "{advice}");
    drop(without);
    let reviewing = Reviewing::start(sandbox, "lan", &["--archive", "kept/here"]);
    assert!(reviewing.said.contains("text: “Hồ trên núi.” → “Hồ giữa núi.”"), "{}", reviewing.said);
    drop(reviewing);
    sandbox.run("rm", &["-r", "store/sites"]).success();
    let check = |more: &[&str]| sandbox.bangtin(&[&["store", "check", "store"], more].concat());
    check(&["--archive", "kept/here"]).code(1).stdout_has("ta-lung");
    let withdraw = ["withdraw", "--slide", "du-lich/thang-hen", "--reason", "sai", "--key", "keys/lan", "--archive", "kept/here"];
    sandbox.bangtin(&[&withdraw[..], &["--now", "2026-12-01T09:00"]].concat()).success();
}

#[test]
fn the_words_of_a_slide_are_told_as_they_were_and_as_they_are_and_its_approved_page_is_shown() {
    let province = province();
    let sandbox = &province.0;
    sandbox.write("content/slides/du-lich/ba.md", SECOND.replace("Hồ Thang Hen", "Trang bỏ đi"));
    let list = std::fs::read_to_string(sandbox.path(MONTH)).unwrap();
    sandbox.write(MONTH, format!("{list}  - slide: du-lich/ba.md\n"));
    province.approve_ta_lung();
    province.publish(&["--key", "keys/publish"]).success();
    sandbox.write(MONTH, list);
    sandbox.write("content/slides/du-lich/thang-hen.md", SECOND.replace("trên núi.", "**giữa** núi.\n\n- Có thuyền & bến"));
    let reviewing = Reviewing::start(sandbox, "lan", &[]);
    for line in [
        "- du-lich/ba: Trang bỏ đi (so-tttt)",
        "~ du-lich/thang-hen: Hồ Thang Hen (so-tttt)",
        "        text: “Hồ trên núi.” → “Hồ giữa núi.”",
        "        text added: “Có thuyền & bến”",
    ] {
        assert!(reviewing.said.contains(line), "{line}:\n{}", reviewing.said);
    }
    assert!(!reviewing.said.contains("can't be compared"), "{}", reviewing.said);
    let report = &reviewing.state()["programs"][0]["report"];
    let last = report["last"][0].as_str().unwrap();
    let changed = report["slides"].as_array().unwrap().iter().find(|slide| slide["id"] == "du-lich/thang-hen").unwrap();
    assert_eq!(changed["altered"][0]["vi"], "chữ: “Hồ trên núi.” → “Hồ giữa núi.”");
    for (page, words) in [(&changed["pages"][0]["before"], "Hồ trên núi."), (&report["removed"][0]["pages"][0]["path"], "Trang bỏ đi")]
    {
        let reply = reviewing.open(&format!("/approved/{last}/{}", page.as_str().unwrap()));
        assert!(reply.text().replace('\u{a0}', " ").contains(words), "{}", reply.text());
        assert_eq!(reply.header("Content-Security-Policy"), Some(SLIDE_POLICY));
    }
    assert_eq!(http::get(&reviewing.address, &format!("/approved/{last}/program.json"), &[]).status, 404);
    assert_eq!(http::get(&reviewing.address, &format!("/approved/{}/theme/theme.css", "0".repeat(64)), &[]).status, 404);
    assert_eq!(reviewing.left().len(), 2, "approved pages do not count");
}

#[test]
fn what_is_signed_along_stands_in_the_summary_on_the_page_and_in_the_question_and_what_lacks_after_it() {
    let province = province();
    let along = ["--document", "'123/QĐ-SVHTTDL, 2026-11-25'", "--remark", "'Đã xem'"];
    let reviewing = Reviewing::start(&province.0, "lan", &along);
    assert!(reviewing.said.contains("decision: 123/QĐ-SVHTTDL of 2026-11-25 (part of what is signed)"), "{}", reviewing.said);
    assert!(reviewing.said.contains("remark: “Đã xem” (part of what is signed)"), "{}", reviewing.said);
    let report = &reviewing.state()["programs"][0]["report"];
    assert_eq!(report["decision"]["vi"], "số 123/QĐ-SVHTTDL ngày 25/11/2026");
    assert_eq!((&report["remark"], &report["lacking"]), (&json!("Đã xem"), &json!({"chief": 1, "ta-lung": 1})));
    let said = reviewing.open_all();
    assert!(
        said.contains("”, site ta-lung: not approved yet, still missing 1 signature of role chief, 1 signature of role ta-lung"),
        "{said}"
    );
    approve(&province, "ta-lung", &["--unseen", "--lang", "vi"])
        .success()
        .stdout_has("Đã ký “Chương trình tháng 12/2026”, cụm ta-lung: chưa được duyệt, còn thiếu 1 chữ ký vai trò chief\n");
    approve(&province, "hung", &["--unseen"]).success().stdout_has(
        "Signed “Chương trình tháng 12/2026”, site ta-lung: all signatures are there, not published as far as is known here\n  /",
    );
    let line = args("keys/lan", &["--month", "2026-12", "--unseen", "--document", "'8/QĐ-X, 2026-11-02'", "--remark", "'Ghi'"]);
    std::fs::remove_dir_all(province.0.path("content/approvals")).unwrap();
    let line = format!("{} {} --lang vi", env!("CARGO_BIN_EXE_bangtin"), line.join(" "));
    let said = province.0.run("sh", &["-c", &format!("echo K | script -qec \"{line}\" /dev/null")]).stdout;
    assert!(said.contains("Ký duyệt “Chương trình tháng 12/2026” của cụm ta-lung ("), "{said}");
    assert!(said.contains("…), vai trò chief, quyết định số 8/QĐ-X ngày 02/11/2026, ghi chú “Ghi”? (xem tại http"), "{said}");
}

#[test]
fn a45_an_author_is_named_and_told_that_the_own_key_counts_once() {
    let province = province();
    let sandbox = &province.0;
    let repository = Repository::new(sandbox, "content");
    repository.commit("08:00", "mai", "Tháng Mười hai");
    let said = approve(&province, "lan", &["--unseen"]).success().stdout;
    assert!(said.contains("+ du-lich/ban-gioc: Thác Bản Giốc (so-tttt) · mai <mai@example.vn>"), "{said}");
    assert!(!said.contains("you wrote"), "{said}");
    others_sign(&province);
    repository.commit("09:01", "lan", "Văn bản phê duyệt");
    // From here on only changes since the approved program count.
    sandbox.write("content/slides/du-lich/thang-hen.md", SECOND.replace("trên núi", "giữa núi"));
    repository.commit("10:00", "lan", "Sửa\n\nCo-authored-by: Bình <binh@example.vn>");
    sandbox.write("content/slides/du-lich/ban-gioc.md", crate::publish::province::SLIDE.replace("lớn nhất", "rộng nhất"));
    let said = approve(&province, "lan", &["--unseen"]).success().stdout;
    assert!(said.contains("~ du-lich/thang-hen: Hồ Thang Hen (so-tttt) · Bình <binh@example.vn>, lan <lan@example.vn>\n"), "{said}");
    assert!(said.contains("~ du-lich/ban-gioc: Thác Bản Giốc (so-tttt) · not committed\n"), "{said}");
    // No archive has the approved pages; git has the sources of then.
    assert!(said.contains("can't be compared: this machine does not keep the approved page"), "{said}");
    assert!(said.contains("in its source, as git has it, text: “Hồ trên núi.” → “Hồ giữa núi.”"), "{said}");
    assert!(
        said.contains("in its source, as git has it, text: “Thác nước lớn nhất Đông Nam Á.” → “Thác nước rộng nhất Đông Nam Á.”"),
        "{said}"
    );
    assert!(
        said.contains("you wrote 1 of the slides (0 of them alone); role chief needs 2 distinct keys, and yours counts once"),
        "{said}"
    );
    province
        .publish(&["--key", "keys/publish", "--month", "2026-12"])
        .code(1)
        .stderr_has("role chief: 1 valid approval, 2 required; role ta-lung: 0 valid approvals, 1 required");
}

#[test]
fn a46_a_reviewers_key_does_not_sign_on_a_build_machine() {
    let province = province();
    let sandbox = &province.0;
    let run = |variable: (&str, &str), more: &[&str]| {
        let all = args("keys/lan", &[&["--month", "2026-12", "--unseen"], more].concat());
        let output = sandbox.command(env!("CARGO_BIN_EXE_bangtin"), &all).env(variable.0, variable.1).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for name in CI_VARIABLES {
        let (code, said) = run((name, "true"), &[]);
        assert!(code == 2 && said.contains(name) && said.contains("--in-ci"), "{code} {said}");
    }
    let (code, said) = run(("CI", "true"), &["--in-ci"]);
    assert!(code == 2 && said.contains("does not say by_merge: true"), "{code} {said}");
    assert!(!sandbox.path("content/approvals").exists());
    let settings = std::fs::read_to_string(sandbox.path("content/bangtin.yaml")).unwrap();
    sandbox.write("content/bangtin.yaml", settings.replace("chief: {threshold: 2", "chief: {by_merge: true, threshold: 2"));
    assert_eq!(run(("CI", "true"), &["--in-ci"]).0, 0);
    assert_eq!(run(("CI", "true"), &[]).0, 2, "the office's decision is said at each call");
    assert_eq!(run(("CI", "false"), &[]).0, 0);
}

#[test]
fn the_decision_is_a_number_and_a_date() {
    let province = province();
    let refusals = [
        ("123/QĐ-SVHTTDL", "with a comma between them are required, such as \"123/QĐ-SVHTTDL, 25/11/2026\""),
        (", 2026-11-25", "the number before the comma is empty"),
        ("123/QĐ-SVHTTDL, 31/11/2026", "“31/11/2026”: the day 31/11/2026 does not exist"),
        ("123/QĐ-SVHTTDL, 2026-11-31", "“2026-11-31”: the day 2026-11-31 does not exist"),
        ("123/QĐ-SVHTTDL, 2026-1-5", "“2026-1-5”: write the day as 2026-01-05"),
        ("123/QĐ-SVHTTDL, hôm qua", "“hôm qua” is not a date, such as 2026-11-20 or 20/11/2026"),
    ];
    for (document, reason) in refusals {
        approve(&province, "lan", &["--unseen", "--document", document]).code(2).stderr_has(reason);
    }
    approve(&province, "lan", &["--unseen", "--document", "123/QĐ-SVHTTDL, UBND, 25/11/2026"]).success();
    assert_eq!(statements(&province.0)[0]["document"], json!({"number": "123/QĐ-SVHTTDL, UBND", "date": "2026-11-25"}));
    let ahead = |date: &str| approve(&province, "hung", &["--unseen", "-q", "--document", &format!("9/QĐ, {date}")]);
    ahead("2026-12-20").success().stderr_has("the decision is dated 2026-12-20, which is after today (2026-12-01)");
    let today = approve(&province, "ta-lung", &["--unseen", "-q", "--document", "số 9/QĐ ngày 01/12/2026"]).success();
    assert_eq!(today.stderr, "");
}

#[test]
fn the_browser_of_the_environment_is_given_the_address() {
    let province = province();
    let sandbox = &province.0;
    sandbox.write("browser", "#!/bin/sh\nprintf %s \"$1\" > address.tmp && mv address.tmp address\n");
    sandbox.run("chmod", &["+x", "browser"]).success();
    let all = args("keys/lan", &["--month", "2026-12", "--open", "--yes"]);
    let mut command = sandbox.command(env!("CARGO_BIN_EXE_bangtin"), &all);
    let child = command
        .env("BROWSER", format!("{} %s:another", sandbox.path("browser").display()))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut child = Ended(child);
    crate::harness::wait_for("the browser", std::time::Duration::from_secs(20), || sandbox.path("address").exists());
    let address = std::fs::read_to_string(sandbox.path("address")).unwrap();
    let page: Value = serde_json::from_slice(&http::get(&address, "/review.json", &[]).body).unwrap();
    let report = &page["programs"][0]["report"];
    for slide in report["slides"].as_array().unwrap() {
        let path = format!("/p/{}/{}", report["program"].as_str().unwrap(), slide["pages"][0]["path"].as_str().unwrap());
        look(&address, &path);
    }
    assert!(child.0.wait().unwrap().success(), "no terminal, but a browser: it waited for the pages");
    assert_eq!(statements(sandbox)[0]["unseen"], json!(0));
    // Nobody reads the keyboard then.
    let said = std::io::read_to_string(child.0.stdout.take().unwrap()).unwrap();
    assert!(said.contains(" unopened (Ctrl-C to give up)\n"), "{said}");
}

#[test]
fn at_a_terminal_it_asks_once_more_and_a_no_signs_nothing() {
    let province = province();
    let sandbox = &province.0;
    let line = format!("{} {}", env!("CARGO_BIN_EXE_bangtin"), args("keys/lan", &["--month", "2026-12", "--unseen"]).join(" "));
    let answer = |text: &str| {
        let mut command = sandbox.command("script", &["-qec", &line, "/dev/null"]);
        let mut child = Ended(command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap());
        let mut stdin = child.0.stdin.take().unwrap();
        stdin.write_all(text.as_bytes()).unwrap();
        let mut said = String::new();
        child.0.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        drop(stdin);
        (child.0.wait().unwrap().code(), said)
    };
    let (code, said) = answer("n\n");
    assert!(
        code == Some(1)
            && said.contains("Sign “Chương trình tháng 12/2026” of site ta-lung (")
            && said.contains("…), role chief? (see http://127.0.0.1:")
            && said.contains("not signed: no approval was written"),
        "{code:?} {said}"
    );
    assert!(!sandbox.path("content/approvals").exists());
    let (code, said) = answer("y\n");
    assert!(code == Some(0) && said.contains("Signed "), "{code:?} {said}");
}

#[test]
fn without_a_terminal_it_signs_only_if_the_command_line_says_yes() {
    let province = province();
    let line = args("keys/lan", &["--month", "2026-12", "--unseen"]);
    let refused = province.0.bangtin(&line).code(2).stderr_has("there is no terminal to ask at").stderr_has("--yes");
    assert_eq!(refused.stdout, "", "the report is for somebody who can answer");
    let vietnamese = [line.as_slice(), &["--lang", "vi"]].concat();
    province
        .0
        .bangtin(&vietnamese)
        .code(2)
        .stderr_has("không hỏi lại được vì lệnh không chạy trong cửa sổ lệnh; đã đọc kỹ và đồng ý thì thêm --yes");
    assert!(!province.0.path("content/approvals").exists());
}

#[test]
fn quiet_says_what_was_signed_and_what_is_wrong_and_no_more() {
    let province = province();
    let done = approve(&province, "lan", &["--unseen", "-q"]).success();
    assert!(done.stdout.starts_with("Signed ") && done.stdout.lines().count() == 2 && done.stderr.is_empty(), "{done:?}");
    approve(&province, "hung", &["-q"]).code(1).stderr_has("not signed: 2 pages unopened");
}

#[test]
fn standard_input_is_left_to_the_script_where_nothing_is_asked() {
    let province = province();
    let read = |more: &[&str]| {
        let line = args("keys/lan", &[&["--month", "2026-12", "--yes", "--quiet"], more].concat()).join(" ");
        let script = format!("printf 'first\\nsecond\\n' | {{ {} {line} >/dev/null 2>refused; cat; }}", env!("CARGO_BIN_EXE_bangtin"));
        province.0.run("sh", &["-c", &script]).success().stdout
    };
    // A refusal for unopened pages reads nothing either, and lists them once.
    assert_eq!(read(&[]), "first\nsecond\n");
    let refused = std::fs::read_to_string(province.0.path("refused")).unwrap();
    assert!(refused.contains("2 pages unopened") && refused.matches("640×320").count() == 2, "{refused}");
    assert_eq!(read(&["--unseen"]), "first\nsecond\n");
}

/// Adds a second site, which the reviewers of role chief approve alone.
fn add_site(province: &Province) {
    let site = std::fs::read_to_string(province.0.path("content/sites/ta-lung.yaml")).unwrap();
    province.0.write("content/sites/ha-lang.yaml", site.replace("Tà Lùng", "Hạ Lang"));
}

#[test]
fn all_sites_are_judged_before_the_first_signature_and_a_statement_signed_before_stays() {
    let province = province();
    let sandbox = &province.0;
    add_site(&province);
    let all = |more: &[&str]| {
        sandbox.bangtin(&[&["approve", "--month", "2026-12", "--key", "keys/lan", "--yes", "--unseen"], NOW.as_slice(), more].concat())
    };
    all(&["--site", "ta-lung", "--document", "7/QĐ, 2026-11-20"]).success();
    let before = tree(&sandbox.path("content/approvals"));
    // ha-lang comes first and could be signed; ta-lung can't.
    let refused = all(&["--document", "8/QĐ, 2026-11-21"]).code(1).stderr_has("nothing was signed").stderr_has("--site");
    assert!(refused.stdout.lines().all(|line| !line.starts_with("Signed")), "{}", refused.stdout);
    assert_eq!(tree(&sandbox.path("content/approvals")), before);
    let said = all(&["--json"]).success().stdout;
    let said: Value = serde_json::from_str(&said).unwrap();
    let of = |site: &str| said["programs"].as_array().unwrap().iter().find(|each| each["site"] == site).unwrap().clone();
    for site in ["ha-lang", "ta-lung"] {
        assert_eq!(of(site)["signed"], json!(true), "{site}: {said}");
        assert!(of(site)["approval"].is_string(), "{site}: {said}");
    }
    assert!(before.iter().all(|(name, bytes)| tree(&sandbox.path("content/approvals")).get(name) == Some(bytes)));
    all(&[]).success().stdout_has("Signed before, unchanged: ");
}

#[test]
fn a_statement_without_its_signature_is_found_before_the_first_signature() {
    let province = province();
    let sandbox = &province.0;
    add_site(&province);
    let all = |more: &[&str]| {
        sandbox.bangtin(&[&["approve", "--month", "2026-12", "--key", "keys/lan", "--yes", "--unseen"], NOW.as_slice(), more].concat())
    };
    all(&["--site", "ta-lung"]).success();
    let signature = tree(&sandbox.path("content/approvals")).into_keys().find(|name| name.ends_with(".minisig")).unwrap();
    std::fs::remove_file(sandbox.path("content/approvals").join(signature)).unwrap();
    let before = tree(&sandbox.path("content/approvals"));
    all(&[]).code(1).stderr_has("nothing was signed").stderr_has("its signature file ").stderr_has("git log -- approvals/");
    assert_eq!(tree(&sandbox.path("content/approvals")), before);
}

/// A child process; killed when dropped.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a86_a_preview_is_marked_outside_the_program_and_makes_nothing_approved() {
    let province = province();
    let sandbox = &province.0;
    let preview = sandbox.spawn(env!("CARGO_BIN_EXE_bangtin"), &["preview", "--listen", "127.0.0.1:0"], "http://");
    sandbox.bangtin(&["-q", "build", "--month", "2026-12", "--out", "out"]).success();
    let address = preview.address();
    let schedule = http::get(&address, "/view/ta-lung/2026-12/a/schedule.json", &[]).text();
    assert!(schedule.contains("XEM TRƯỚC – CHƯA DUYỆT"), "{schedule}");
    let manifest: Value = serde_json::from_slice(&std::fs::read(sandbox.path("out/ta-lung/2026-12/program.json")).unwrap()).unwrap();
    for file in manifest["files"].as_array().unwrap() {
        let reply = http::get(&address, &format!("/p/1/{}", file["path"].as_str().unwrap()), &[]);
        assert_eq!(
            Some(Digest::of(&reply.body).to_string().as_str()),
            file["sha256"].as_str(),
            "the preview and the program differ: {file}"
        );
    }
    // The reviewer viewed the program itself; only approvals make it showable, and there are none.
    province.publish(&["--key", "keys/publish", "--month", "2026-12"]).code(1).stderr_has("nobody has approved");
    assert!(!sandbox.path("store/sites").exists());
}

#[test]
fn a53_secrets_and_strays_in_the_content_folder_reach_no_program() {
    const STRAY: &str = "hunter2-7f3a";
    let province = province();
    let sandbox = &province.0;
    let before = sandbox.bangtin(&["-q", "build", "--month", "2026-12", "--out", "before"]).success().stdout;
    for name in [
        ".git/config",
        ".env",
        ".ssh/id_ed25519",
        "slides/.env",
        "slides/du-lich/.git-credentials",
        "trust/secret.key",
        "approvals/note.txt",
    ] {
        sandbox.write(&format!("content/{name}"), STRAY);
    }
    // A slide that no playlist names, with a telltale title.
    sandbox.write("content/slides/du-lich/nhap.md", SECOND.replace("Hồ Thang Hen", STRAY));
    let after = sandbox.bangtin(&["-q", "build", "--month", "2026-12", "--out", "after"]).success().stdout;
    assert_eq!(before, after, "the program is another");
    let files = tree(&sandbox.path("after"));
    assert!(files.len() > 5, "{:?}", files.keys());
    for (name, bytes) in &files {
        assert!(!String::from_utf8_lossy(bytes).contains(STRAY) && !name.contains("nhap"), "{name}");
    }
}

#[test]
fn the_reviewers_manual_names_options_that_exist() {
    let manual = std::fs::read_to_string(crate::harness::repository().join("docs/approving.md")).unwrap();
    let sandbox = Sandbox::new();
    let help = sandbox.bangtin(&["approve", "--help"]).success().stdout + &sandbox.bangtin(&["keys", "new", "--help"]).success().stdout;
    let words = manual.split(|c: char| !(c.is_ascii_lowercase() || c == '-'));
    let options: std::collections::BTreeSet<&str> = words.filter(|word| word.starts_with("--") && word.len() > 3).collect();
    for option in &options {
        assert!(help.contains(option), "{option} is in docs/approving.md, but not in the tool");
    }
    assert!(options.len() > 10, "{options:?}");
}

#[test]
fn what_was_signed_is_told_also_when_a_later_signature_cannot_be_written() {
    let province = province();
    let sandbox = &province.0;
    add_site(&province);
    let built = sandbox.bangtin(&["build", "--month", "2026-12", "--site", "ta-lung", "--out", "out"]).success().stdout;
    // The folder of the second site's program leads nowhere: nothing is read there, and nothing can be written.
    std::fs::create_dir(sandbox.path("content/approvals")).unwrap();
    std::os::unix::fs::symlink("/nowhere", sandbox.path(&format!("content/approvals/{}", &built[..64]))).unwrap();
    let all = |more: &[&str]| {
        sandbox.bangtin(&[&["approve", "--month", "2026-12", "--key", "keys/lan", "--yes", "--unseen"], NOW.as_slice(), more].concat())
    };
    let said = all(&["--json"]).code(3).stdout;
    let said: Value = serde_json::from_str(&said).unwrap();
    let signed: Vec<_> = said["programs"].as_array().unwrap().iter().map(|each| (&each["site"], &each["signed"])).collect();
    assert_eq!(signed, [(&json!("ha-lang"), &json!(true)), (&json!("ta-lung"), &json!(false))], "{said}");
    all(&[]).code(3).stdout_has("Signed before, unchanged: ");
}
