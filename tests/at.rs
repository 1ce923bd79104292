//! `bangtin at` on the sample province: the real binary, its text, its JSON, its exit codes.
//! The vectors of timetable.rs test what is due when; here only that the command asks the right question.

use serde_json::Value;

use crate::harness::{Finished, Sandbox, repository};

fn at(lang: &str, args: &[&str]) -> Finished {
    let content = repository().join("content");
    let content = content.to_str().expect("a path");
    Sandbox::new().bangtin(&[&["--content", content, "--lang", lang, "at"], args].concat())
}

fn objects(answer: &Finished) -> Vec<Value> {
    answer.stdout.lines().map(|line| serde_json::from_str(line).expect("one object a line")).collect()
}

#[test]
fn json_has_one_object_a_screen_with_the_agreed_keys() {
    let answer = at("en", &["ta-lung", "2026-12-03T10:15", "--json"]).success();
    let objects = objects(&answer);
    let screens: Vec<_> = objects.iter().map(|each| each["screen"].as_str().unwrap()).collect();
    assert_eq!(screens, ["a", "b", "c", "d"]);
    let keys: Vec<_> = objects[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "agency",
            "copy_of",
            "gone",
            "into",
            "item",
            "loop",
            "ms",
            "on_again",
            "on_again_program",
            "program",
            "screen",
            "slide",
            "source",
            "state",
            "why",
            "withdrawn"
        ]
    );
    assert_eq!((&objects[0]["state"], &objects[0]["program"]), (&"slide".into(), &"ta-lung/2026-12".into()));
    assert_eq!(objects[0]["why"]["window"], "07:30-11:00");
    assert_eq!(objects[0]["slide"], objects[3]["slide"], "screens that copy keep step");
    let long = at("en", &["ta-lung", "2026-12-03T10:15", "--format", "json"]).success();
    assert_eq!(long.stdout, answer.stdout);
}

#[test]
fn local_time_and_time_with_offset_are_one_moment() {
    let local = at("en", &["ta-lung", "2026-12-03T10:15:07", "--json"]).success();
    for other in ["2026-12-03T03:15:07Z", "2026-12-03T10:15:07+07:00"] {
        assert_eq!(at("en", &["ta-lung", other, "--json"]).success().stdout, local.stdout, "{other}");
    }
}

#[test]
fn closed_hours_are_dark_and_months_without_playlists_play_the_week() {
    let closed = objects(&at("en", &["ta-lung", "2026-12-03T12:15", "--screen", "a", "--json"]).success());
    assert_eq!((closed.len(), &closed[0]["state"], &closed[0]["slide"]), (1, &"dark".into(), &Value::Null));
    assert_eq!((&closed[0]["on_again"], &closed[0]["on_again_program"]), (&"2026-12-03T06:30:00Z".into(), &"ta-lung/2026-12".into()));
    let later = objects(&at("en", &["ta-lung", "2029-06-04T10:15", "--screen", "a", "--json"]).success());
    assert_eq!((&later[0]["state"], &later[0]["program"]), (&"slide".into(), &"ta-lung/evergreen".into()));
    assert_eq!((&later[0]["on_again"], &later[0]["on_again_program"]), (&Value::Null, &Value::Null));
}

/// The sample without these folders of playlists.
fn without(periods: &[&str]) -> Sandbox {
    let content = Sandbox::new();
    content.copy("content", "content").copy("themes", "themes");
    periods.iter().for_each(|period| std::fs::remove_dir_all(content.path(&format!("content/playlists/{period}"))).unwrap());
    content
}

#[test]
fn after_the_last_hours_of_a_month_what_is_in_force_in_the_next_one_is_on_again() {
    for (moment, said) in [
        // From the evergreen week to a month, between two months, and from a month to the evergreen week.
        ("2026-11-30T22:00", "tắt, ngoài giờ hoạt động (ta-lung/evergreen), chiếu lại lúc 07:30 ngày 01/12/2026 (ta-lung/2026-12)"),
        ("2026-12-31T22:00", "tắt, ngoài giờ hoạt động (ta-lung/2026-12), chiếu lại lúc 08:00 ngày 01/01/2027 (ta-lung/2027-01)"),
        ("2027-01-31T22:00", "tắt, ngoài giờ hoạt động (ta-lung/2027-01), chiếu lại lúc 07:30 ngày 01/02/2027 (ta-lung/evergreen)"),
        ("2026-12-03T12:15", "tắt, ngoài giờ hoạt động, chiếu lại lúc 13:30 (ta-lung/2026-12)"),
    ] {
        at("vi", &["ta-lung", moment]).success().stdout_has(said);
    }
    let json = objects(&at("en", &["ta-lung", "2026-11-30T22:00", "--screen", "a", "--json"]).success());
    assert_eq!((&json[0]["program"], &json[0]["on_again"]), (&"ta-lung/evergreen".into(), &"2026-12-01T00:30:00Z".into()));
    assert_eq!(json[0]["on_again_program"], "ta-lung/2026-12");
    // The moment is that of the program of then: New Year's Day is a holiday to a month, and a Friday to the evergreen week.
    let last = |content: &Sandbox| content.bangtin(&["at", "ta-lung", "2026-12-31T22:00"]).success();
    last(&without(&["2026-12"])).stdout_has("hours (ta-lung/evergreen), on again at 08:00 on 2027-01-01 (ta-lung/2027-01)");
    last(&without(&["2027-01"])).stdout_has("hours (ta-lung/2026-12), on again at 07:30 on 2027-01-01 (ta-lung/evergreen)");
    last(&without(&["2027-01", "evergreen"])).stdout_has("dark, outside opening hours (ta-lung/2026-12)");
}

#[test]
fn the_kind_of_a_day_and_its_hours_are_told() {
    at("en", &["ta-lung", "2026-12-05T10:00"]).success().stdout_has("2026-12-05 is a weekend day, open ");
    // New Year's Day of a year that the calendar does not know yet.
    at("vi", &["ta-lung", "2030-01-01T10:00"]).success().stdout_has(
        "không có chương trình tháng 01/2030: chiếu chương trình thường xuyên, tính theo thứ Ba là ngày làm việc, giờ hoạt động ",
    );
    at("en", &["ta-lung", "2030-01-01T10:00"])
        .success()
        .stdout_has("no program for 2030-01: the evergreen program plays, by the day of the week: Tuesday is a workday, open ");
}

#[test]
fn people_read_why_in_their_language() {
    at("vi", &["ta-lung", "2026-12-03T10:15"])
        .success()
        .stdout_has("Màn hình a, b, c, d: ")
        .stdout_has("ngày làm việc, giờ hoạt động 07:30–11:00; danh sách ")
        .stdout_has("; giây thứ ");
    let said = at("en", &["ta-lung", "2026-12-03T10:15"]).success();
    let position = said.stdout.lines().find(|line| line.contains("  position  ")).unwrap();
    assert!(position.contains("; ") && !position.contains("1, "), "{position}");
    said.stdout_has("Screens a, b, c, d: ").stdout_has("is a workday, open 07:30–11:00; playlist ");
}

#[test]
fn closed_hours_say_when_the_screen_is_on_again() {
    for (moment, vi, en) in [
        ("2026-12-03T12:15", "tắt, ngoài giờ hoạt động, chiếu lại lúc 13:30 (", "dark, outside opening hours, on again at 13:30 ("),
        ("2026-12-03T23:00", ", chiếu lại lúc 07:30 ngày 04/12/2026 (", ", on again at 07:30 on 2026-12-04 ("),
        // A month without a playlist: the evergreen week. The month's last evening: the next month's program.
        ("2029-06-04T12:15", ", chiếu lại lúc 13:30 (", ", on again at 13:30 ("),
        ("2026-12-31T23:30", ", chiếu lại lúc 08:00 ngày 01/01/2027 (", ", on again at 08:00 on 2027-01-01 ("),
    ] {
        at("vi", &["ta-lung", moment]).success().stdout_has(vi);
        at("en", &["ta-lung", moment]).success().stdout_has(en);
    }
}

#[test]
fn the_moment_that_is_answered_for_comes_first_and_of_a_day_its_hours() {
    let first = |lang: &str, moment: &str| at(lang, &["ta-lung", moment]).success().stdout.lines().next().unwrap().to_owned();
    assert_eq!(first("vi", "2026-12-03"), "Lúc 00:00 ngày 03/12/2026 (giờ hoạt động trong ngày: 07:30–11:00, 13:30–18:00):");
    assert_eq!(first("en", "2026-12-03"), "At 2026-12-03 00:00 (hours of that day: 07:30–11:00, 13:30–18:00):");
    assert_eq!(first("vi", "2026-12-03T10:15"), "Lúc 10:15 ngày 03/12/2026:");
    assert_eq!(first("en", "2026-12-03T10:15:07"), "At 2026-12-03 10:15:07:");
    // By the evergreen week, and a night's window does not count for the day after it.
    assert!(first("en", "2029-06-04").starts_with("At 2029-06-04 00:00 (hours of that day: 07:30–11:00, "));
}

#[test]
fn of_a_moment_that_occurs_twice_the_other_is_named() {
    let content = Sandbox::new();
    content.copy("content", "content").copy("themes", "themes");
    let settings = std::fs::read_to_string(content.path("content/bangtin.yaml")).unwrap();
    content.write("content/bangtin.yaml", settings.replace("Asia/Ho_Chi_Minh", "Europe/Prague"));
    let twice = content.bangtin(&["at", "ta-lung", "2027-10-31T02:30"]).success();
    twice.stderr_has("the first was taken (2027-10-31T02:30+02:00), for the other write 2027-10-31T02:30+01:00");
    assert_eq!(content.bangtin(&["at", "ta-lung", "2027-10-31T02:30+01:00"]).success().stderr, "");
    content.write("content/bangtin.yaml", settings.replace("Asia/Ho_Chi_Minh", "America/Santiago"));
    content.bangtin(&["at", "ta-lung", "2027-09-05"]).success().stdout_has("At 2027-09-05 01:00 (hours of that day: ");
}

#[test]
fn unknown_names_and_moments_are_refused() {
    at("vi", &["ta-lung", "2026-12-03 8:30"]).code(2).stderr_has("viết 2026-12-03T08:30: chữ T giữa ngày và giờ, giờ viết đủ hai chữ số");
    at("en", &["ta-lunk", "2026-12-03T10:15"]).code(2).stderr_has("there is no site “ta-lunk”; did you mean “ta-lung”?");
    at("en", &["ta-lung", "2026-12-03T10:15", "--screen", "z"])
        .code(2)
        .stderr_has("site ta-lung has no screen “z”; its screens: a, b, c, d");
    at("en", &["cum thong tin co so cua khau quoc te tà lùng", "now"]).code(2).stderr_has("write ta-lung");
    at("en", &["ta-lung", "tomorrow"]).code(2).stderr_has("is not a moment");
    at("en", &["ta-lung", "2026-02-30"]).code(2).stderr_has("“2026-02-30” is not a moment: the day 2026-02-30 does not exist");
    at("vi", &["ta-lung", "2026-12-03 10:15"]).code(2).stderr_has("viết chữ T giữa ngày và giờ, không có dấu cách: 2026-12-03T10:15");
    at("en", &["ta-lung", "2026-12-03", "10:15"]).code(2).stderr_has("a time follows its day with a T, such as 2026-12-03T10:15");
    at("en", &["ta-lung", "03/12/2026"]).code(2).stderr_has("write the day as 2026-12-03");
}

#[test]
fn the_answer_says_that_it_is_the_files_and_what_answers_for_what_was_published() {
    let said = at("en", &["ta-lung", "2026-12-03T10:15"]).success().stdout;
    let note = "By the content files here, whether approved and published or not; by what was published: bangtin verify STORE --at 2026-12-03T10:15\n";
    assert!(said.ends_with(note), "{said}");
    at("vi", &["ta-lung", "now"]).success().stdout_has("theo bản đã phát hành thì hỏi: bangtin verify KHO --at now\n");
    assert!(!at("en", &["ta-lung", "2026-12-03T10:15", "--json"]).success().stdout.contains("By the content"));
    assert!(!at("en", &["-q", "ta-lung", "2026-12-03T10:15"]).success().stdout.contains("By the content"));
}

#[test]
fn a_content_folder_that_was_found_above_is_named() {
    let sandbox = Sandbox::new();
    sandbox.copy("content", "content").copy("themes", "themes");
    let below = sandbox.path("noi-dung");
    std::fs::create_dir(&below).unwrap();
    let run =
        |words: &str| sandbox.run("sh", &["-c", &format!("cd noi-dung && {} --lang en {words}", env!("CARGO_BIN_EXE_bangtin"))]).success();
    let content = sandbox.path("content");
    let content = content.display();
    run("check").stderr_has(&format!("; content folder: {content}\n"));
    run("at ta-lung 2026-12-03T10:15").stdout_has(&format!("By the content files in {content}, whether"));
    let here = sandbox.bangtin(&["check"]).success();
    assert!(!here.stderr.contains("content folder:"), "{}", here.stderr);
}

#[test]
fn the_share_counts_only_playlists_that_have_something_to_show() {
    let sandbox = Sandbox::new();
    sandbox.copy(repository().join("content"), "content").copy(repository().join("themes"), "themes");
    let of_province = || {
        let answer = sandbox.bangtin(&["--lang", "en", "at", "ta-lung", "2026-12-03T10:15", "--json"]).success();
        let all = objects(&answer);
        let why = all.iter().map(|each| each["why"].clone()).find(|why| why["playlist"] == "province").expect("a slide of the province");
        (why["share"].clone(), why["shares"].clone())
    };
    assert_eq!(of_province(), (3.into(), 4.into()));
    std::fs::remove_file(sandbox.path("content/playlists/2026-12/ta-lung.yaml")).unwrap();
    assert_eq!(of_province(), (3.into(), 3.into()));
}
