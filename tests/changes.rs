//! Differences between two programs: every change of signed content is listed.

use bangtin::base::canonical;
use bangtin::base::relpath::RelPath;
use bangtin::base::zone::TimeZone;
use bangtin::program::changes::{self, ChangeKind, ThemeChange};
use bangtin::program::changes_text;
use bangtin::program::dependencies;
use bangtin::program::manifest::ManifestFile;
use bangtin::program::validate::Program;
use serde_json::{Value, json};

use crate::trust::kit::manifest;

fn program(value: &Value) -> Program {
    Program::parse(&canonical::to_vec(value).unwrap()).unwrap_or_else(|fault| panic!("{fault}"))
}

const PAGE: &str = "slides/du-lich/ban-gioc@1920x1080.html";
const OTHER: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A month with a page, a picture, a style sheet and a font that the sheet names.
fn month() -> Value {
    let mut value = manifest("ta-lung", "monthly", 1);
    let file =
        |path: &str, digest: char, kind: &str| json!({"path": path, "sha256": digest.to_string().repeat(64), "size": 9, "type": kind});
    value["files"] = json!([
        file("assets/aa.jpg", 'a', "image/jpeg"),
        file("assets/bb.jpg", 'b', "image/jpeg"),
        file(PAGE, 'c', "text/html"),
        file("theme/fonts/f.woff2", 'd', "font/woff2"),
        file("theme/theme.css", 'e', "text/css"),
    ]);
    value
}

#[allow(clippy::unnecessary_wraps, reason = "what reads a file may fail")]
fn read(file: &ManifestFile) -> std::io::Result<Vec<u8>> {
    Ok(match file.path.as_str() {
        PAGE => b"<link href=\"../../theme/theme.css\"><img src='../../assets/aa.jpg'> \"../../../x\"".to_vec(),
        "theme/theme.css" => b"@font-face { src: url(fonts/f.woff2) format('woff2') }".to_vec(),
        page if page.starts_with("slides/") => Vec::new(),
        other => panic!("{other} is neither page nor sheet"),
    })
}

fn compare(old: &Value, new: &Value) -> changes::ProgramChanges {
    let (old, new) = (program(old), program(new));
    changes::compare(old.manifest(), new.manifest(), &dependencies::page_dependencies(new.manifest(), &read).unwrap())
}

#[test]
fn a_page_needs_what_it_names_and_what_its_sheets_name() {
    let needs = dependencies::page_dependencies(program(&month()).manifest(), &read).unwrap();
    let all: Vec<&str> = needs.values().flatten().map(RelPath::as_str).collect();
    assert_eq!(all, ["assets/aa.jpg", PAGE, "theme/fonts/f.woff2", "theme/theme.css"]);
}

#[test]
fn a51_no_field_of_a_manifest_changes_unseen() {
    let before = month();
    assert!(compare(&before, &before).is_empty());
    let slide = "/slides/du-lich~1ban-gioc";
    let start = before["screens"][0]["spans"][0][0].as_i64().unwrap();
    let mutations: Vec<(String, Value)> = vec![
        ("/title".into(), json!("Khác")),
        ("/languages".into(), json!(["vi", "en"])),
        ("/revision".into(), json!(2)),
        ("/roles".into(), json!(["chief", "ta-lung"])),
        ("/offsets".into(), json!([[0, 28_800]])),
        ("/valid/until".into(), json!(before["valid"]["until"].as_i64().unwrap() - 1)),
        ("/month".into(), json!("2027-01")),
        ("/screens/0/audio".into(), json!(false)),
        ("/screens/0/canvas/w".into(), json!(2000)),
        ("/screens/0/spans/0/0".into(), json!(start + 1)),
        ("/screens/0/spans/0/3".into(), json!(7)),
        ("/loops/1".into(), json!({"ms": 20_000, "items": [["du-lich/ban-gioc", 10_000], ["du-lich/ban-gioc", 10_000]]})),
        ("/loops/1".into(), json!({"ms": 11_000, "items": [["du-lich/ban-gioc", 11_000]]})),
        (format!("{slide}/title"), json!("Khác")),
        (format!("{slide}/agency"), json!("so-khac")),
        (format!("{slide}/category"), json!("khac")),
        (format!("{slide}/language"), json!("en")),
        (format!("{slide}/source"), json!("khac.md")),
        ("/files/0/sha256".into(), json!(OTHER)),
        ("/files/1/sha256".into(), json!(OTHER)),
        ("/files/2/sha256".into(), json!(OTHER)),
        ("/files/3/sha256".into(), json!(OTHER)),
        ("/files/4/sha256".into(), json!(OTHER)),
        ("/files/1/path".into(), json!("assets/cc.jpg")),
    ];
    for (pointer, value) in mutations {
        let mut after = before.clone();
        *after.pointer_mut(&pointer).unwrap_or_else(|| panic!("no {pointer}")) = value;
        let changes = compare(&before, &after);
        assert!(!changes.is_empty(), "{pointer} changed unseen");
        assert!(!compare(&after, &before).is_empty(), "{pointer} changed back unseen");
    }
}

#[test]
fn a51_a_change_is_reported_where_it_is_seen() {
    let before = month();
    let change = |pointer: &str, value: Value| {
        let mut after = before.clone();
        *after.pointer_mut(pointer).unwrap() = value;
        compare(&before, &after)
    };
    // The page names the sheet, which names the font: the slide looks different.
    let font = change("/files/3/sha256", json!(OTHER));
    let slide = &font.slides.changed.values().next().unwrap().files;
    assert_eq!((slide.len(), slide[0].path.as_str(), slide[0].change), (1, "theme/fonts/f.woff2", ChangeKind::Changed));
    // Only the theme differs, unless a page or a picture of the slide does too.
    let only = |paths: &[&str]| {
        let mut after = before.clone();
        for file in after["files"].as_array_mut().unwrap().iter_mut().filter(|file| paths.contains(&file["path"].as_str().unwrap())) {
            file["sha256"] = json!(OTHER);
        }
        compare(&before, &after).slides.changed.values().next().unwrap().theme_only()
    };
    let (font, style) = ("theme/fonts/f.woff2", "theme/theme.css");
    for (paths, what) in [
        (&[font][..], Some(ThemeChange::Fonts)),
        (&[style], Some(ThemeChange::Style)),
        (&[font, style], Some(ThemeChange::Style)),
        (&[font, PAGE], None),
        (&[style, "assets/aa.jpg"], None),
        (&[PAGE], None),
    ] {
        assert_eq!(only(paths), what, "{paths:?}");
    }
    let mut titled = before.clone();
    titled["slides"]["du-lich/ban-gioc"]["title"] = json!("Khác");
    titled["files"][3]["sha256"] = json!(OTHER);
    assert_eq!(compare(&before, &titled).slides.changed.values().next().unwrap().theme_only(), None);
    // A picture that no page names is listed among the files and changes no slide.
    let stray = change("/files/1/sha256", json!(OTHER));
    assert!(stray.slides.changed.is_empty() && stray.files.len() == 1);
    // Loops are compared by content.
    let mut renamed = before.clone();
    renamed["loops"] = json!({"9": before["loops"]["1"]});
    for span in renamed["screens"][0]["spans"].as_array_mut().unwrap() {
        span[2] = json!("9");
    }
    assert!(compare(&before, &renamed).is_empty(), "another name for the same loop is no change for anyone who watches");
    let spans = before["screens"][0]["spans"].as_array().unwrap();
    let (start, end) = (spans[0][0].as_i64().unwrap(), spans[0][1].as_i64().unwrap());
    let earlier = change("/screens/0/spans/0/1", json!(end - 600));
    let screen = &earlier.screens[0];
    assert_eq!((screen.closed.as_slice(), screen.opened.len()), ([(end - 600, end)].as_slice(), 0));
    assert_eq!(screen.seconds.0 - screen.seconds.1, 600);
    assert!(start < end);
}

#[test]
fn a51_the_words_of_captions_are_told_as_those_of_the_page() {
    // The page with these captions: its own digest tells which it names.
    let month = |captions: Option<char>| {
        let mut value = month();
        let files = value["files"].as_array_mut().unwrap();
        files[2]["sha256"] = json!(captions.unwrap_or('c').to_string().repeat(64));
        if let Some(name) = captions {
            let file = json!({"path": format!("assets/c{name}.vtt"), "sha256": name.to_string().repeat(64), "size": 9, "type": "text/vtt"});
            files.insert(2, file);
        }
        program(&value)
    };
    let read = |file: &ManifestFile| {
        let (path, digest) = (file.path.as_str(), file.sha256.to_string());
        let words = |words: &str| format!("WEBVTT\n\n1\n00:01.000 --> 00:02.000\n{words}\n\n00:02.000 --> 00:03.000\nPác Bó\n");
        Ok(match (path, digest.chars().next().unwrap()) {
            (PAGE, name) => format!("<p>Thác</p><track src=\"../../assets/c{name}.vtt\">"),
            ("assets/c1.vtt", _) => words("Thác <b>Bản</b> Giốc"),
            ("assets/c2.vtt", _) => words("Hồ Thang Hen"),
            _ => String::new(),
        }
        .into_bytes())
    };
    let zone = TimeZone::parse("Asia/Ho_Chi_Minh").unwrap();
    for (before, after, lines) in [
        (Some('1'), Some('2'), &["text: “Thác Bản Giốc” → “Hồ Thang Hen”", "captions replaced"][..]),
        (Some('1'), None, &["text removed: “Thác Bản Giốc”", "text removed: “Pác Bó”"]),
        (None, Some('2'), &["text added: “Hồ Thang Hen”", "text added: “Pác Bó”", "new captions"]),
    ] {
        let (old, new) = (month(before), month(after));
        let needs = dependencies::page_dependencies(new.manifest(), &read).unwrap();
        let mut all = changes::compare(old.manifest(), new.manifest(), &needs);
        all.read_texts((old.manifest(), &read), (new.manifest(), &read));
        let told = changes_text::told(all.slides.changed.values().next().unwrap(), zone);
        assert_eq!(told.into_iter().map(|line| line.en).collect::<Vec<_>>(), lines, "{before:?} {after:?}");
    }
}

/// The month with a loop of these slides of the folder du-lich and their seconds.
fn month_of(items: &[(&str, u64)]) -> Value {
    let mut value = month();
    let known = value["slides"]["du-lich/ban-gioc"].to_string();
    for (name, _) in items.iter().filter(|(name, _)| *name != "ban-gioc") {
        let id = format!("du-lich/{name}");
        if value["slides"].get(&id).is_none() {
            value["slides"][&id] = serde_json::from_str(&known.replace("ban-gioc", name)).unwrap();
            let file = json!({"path": PAGE.replace("ban-gioc", name), "sha256": "f".repeat(64), "size": 9, "type": "text/html"});
            value["files"].as_array_mut().unwrap().push(file);
        }
    }
    value["files"].as_array_mut().unwrap().sort_by_key(|file| file["path"].as_str().unwrap().to_owned());
    let all: Vec<Value> = items.iter().map(|(name, seconds)| json!([format!("du-lich/{name}"), seconds * 1_000])).collect();
    let ms: u64 = items.iter().map(|(_, seconds)| seconds * 1_000).sum();
    value["loops"] = json!({"1": {"ms": ms, "items": all}});
    value
}

/// What is told about the screens, in both languages.
fn told_of_screens(old: &Value, new: &Value) -> Vec<String> {
    let (kind, zone) = (program(new).manifest().kind, TimeZone::parse("Asia/Ho_Chi_Minh").unwrap());
    let all = changes_text::sections(&compare(old, new), kind, zone, &|id| bangtin::text!(vi: "{id}", en: "{id}"));
    let screens = all.into_iter().filter(|part| part.heading.en == "Screens and hours").flat_map(|part| part.lines);
    screens.map(|line| format!("{} | {}", line.vi, line.en)).collect()
}

#[test]
fn another_order_is_told_only_of_the_same_slides() {
    let before = [("ban-gioc", 10), ("non-nuoc", 10), ("thang-hen", 10)];
    let [first, second, third] = before;
    let more = ("pac-bo", 10);
    for (after, vi, en) in [
        (vec![first, third, second], "chiếu 3 giờ 30 phút như trước, theo thứ tự khác", "3 h 30 min shown as before, in another order"),
        (
            vec![first, second, third, first],
            "chiếu 3 giờ 30 phút như trước, vẫn các trang ấy, nhưng khác giờ hoặc khác số lần",
            "3 h 30 min shown as before, the same slides, at other times or in other numbers",
        ),
        (
            vec![first, second, third, more],
            "chiếu 3 giờ 30 phút, số giờ như trước; trang chiếu: thêm 1",
            "3 h 30 min shown, as before; slides: 1 new",
        ),
        (vec![first], "chiếu 3 giờ 30 phút, số giờ như trước; trang chiếu: bỏ 2", "3 h 30 min shown, as before; slides: 2 removed"),
        (
            vec![more, first, second],
            "chiếu 3 giờ 30 phút, số giờ như trước; trang chiếu: thêm 1, bỏ 1",
            "3 h 30 min shown, as before; slides: 1 new, 1 removed",
        ),
        (
            vec![first, ("non-nuoc", 14), third],
            "chiếu 3 giờ 30 phút, số giờ như trước; trang chiếu: đổi thời lượng 1",
            "3 h 30 min shown, as before; slides: 1 with another duration",
        ),
    ] {
        assert_eq!(told_of_screens(&month_of(&before), &month_of(&after)), [format!("màn hình a: {vi} | screen a: {en}")]);
    }
    // The page of a slide differs too, or a picture on it.
    for path in [PAGE, "assets/aa.jpg"] {
        let mut after = month_of(&[first, third, second]);
        let file = after["files"].as_array_mut().unwrap().iter_mut().find(|file| file["path"] == path).unwrap();
        file["sha256"] = json!(OTHER);
        let told = told_of_screens(&month_of(&before), &after).concat();
        assert!(told.ends_with("3 h 30 min shown, as before; slides: 1 changed"), "{told}");
    }
    let mut restyled = month_of(&before);
    restyled["files"].as_array_mut().unwrap().iter_mut().find(|file| file["path"] == "theme/theme.css").unwrap()["sha256"] = json!(OTHER);
    assert!(told_of_screens(&month_of(&before), &restyled).is_empty(), "the files' part tells it");
    restyled["loops"] = month_of(&[first, third, second])["loops"].clone();
    let told = told_of_screens(&month_of(&before), &restyled).concat();
    assert!(told.ends_with("3 h 30 min shown, as before; slides: 1 theme only"), "{told}");
    // Nothing but the sound differs.
    let mut silent = month_of(&before);
    silent["screens"][0]["audio"] = json!(false);
    let told = told_of_screens(&month_of(&before), &silent);
    assert_eq!(told.last().unwrap(), "màn hình a: chiếu 3 giờ 30 phút như trước | screen a: 3 h 30 min shown as before");
}

#[test]
fn a_slide_that_changes_screens_is_named() {
    let two = |one: &[(&str, u64)], other: &[(&str, u64)]| {
        let mut value = month_of(&[one, other].concat());
        value["loops"] = json!({"1": month_of(one)["loops"]["1"], "2": month_of(other)["loops"]["1"]});
        value["screens"][0]["canvas"]["w"] = json!(3840);
        let mut screen = value["screens"][0].clone();
        (screen["id"], screen["canvas"]["x"], screen["audio"]) = (json!("b"), json!(1920), json!(false));
        screen["spans"][0][2] = json!("2");
        value["screens"].as_array_mut().unwrap().push(screen);
        value
    };
    let (here, there, moving) = (("ban-gioc", 10), ("non-nuoc", 10), ("thang-hen", 10));
    let told = told_of_screens(&two(&[here, moving], &[there]), &two(&[here], &[there, moving]));
    let expected = ["screen a: no longer shows du-lich/thang-hen", "screen b: now shows du-lich/thang-hen"];
    assert!(expected.iter().all(|line| told.iter().any(|each| each.ends_with(line))), "{told:?}");
}

/// What is said about how often and when slides play, in both languages.
fn told_of_airtime(old: &Value, new: &Value) -> Vec<String> {
    let (kind, zone) = (program(new).manifest().kind, TimeZone::parse("Asia/Ho_Chi_Minh").unwrap());
    let all = changes_text::sections(&compare(old, new), kind, zone, &|id| bangtin::text!(vi: "{id}", en: "{id}"));
    let airtime = all.into_iter().filter(|part| part.heading.en == "How often and when slides play").flat_map(|part| part.lines);
    airtime.map(|line| format!("{} | {}", line.vi, line.en)).collect()
}

/// The month with a slide more from one second of its span to another.
fn month_with(items: &[(&str, u64)], more: (&str, u64), from: i64, until: i64) -> Value {
    let mut value = month_of(&[items, &[more]].concat());
    value["loops"] = json!({"1": month_of(items)["loops"]["1"], "2": value["loops"]["1"]});
    let (start, end) = (value["screens"][0]["spans"][0][0].as_i64().unwrap(), value["screens"][0]["spans"][0][1].as_i64().unwrap());
    let spans = [(start, start + from, "1"), (start + from, start + until, "2"), (start + until, end, "1")];
    let spans: Vec<Value> = spans.iter().filter(|span| span.0 < span.1).map(|(start, end, id)| json!([start, end, id, 0])).collect();
    value["screens"][0]["spans"] = json!(spans);
    value
}

/// The month as another that begins on another day, with its span on the same weekday.
fn later(mut value: Value) -> Value {
    (value["month"], value["valid"]) = (json!("2027-01"), json!({"from": 1_798_736_400, "until": 1_801_414_800}));
    value["offsets"] = json!([[1_798_736_400, 25_200]]);
    for span in value["screens"][0]["spans"].as_array_mut().unwrap() {
        (span[0], span[1]) = (json!(span[0].as_i64().unwrap() + 35 * 86_400), json!(span[1].as_i64().unwrap() + 35 * 86_400));
    }
    value
}

#[test]
fn how_often_and_when_slides_play_is_told_of_those_that_differ() {
    let before = [("ban-gioc", 10), ("non-nuoc", 10), ("thang-hen", 10)];
    let ([first, second, third], more) = (before, ("pac-bo", 10));
    let weighted = [first, second, third, first];
    for (after, told) in [
        (month_of(&before), vec![]),
        (month_of(&[third, second, first]), vec![]),
        // Two rounds in a loop that is twice as long.
        (month_of(&[before, before].concat()), vec![]),
        (
            month_of(&weighted),
            vec![
                "du-lich/ban-gioc: mỗi vòng 2 lần, trước đây 1; cả tháng 630 lần, trước đây 420 | du-lich/ban-gioc: twice in each loop, was 1; 630 plays in the month, was 420",
                "2 trang còn lại: cả tháng 630 lần cộng lại, trước đây 840 | 2 other slides: 630 plays in the month together, was 840",
            ],
        ),
        (
            month_of(&[first, second, ("thang-hen", 16)]),
            vec![
                "du-lich/thang-hen: chiếu 16 giây, trước đây 10 giây; cả tháng 350 lần, trước đây 420 | du-lich/thang-hen: is shown for 16 s, was 10 s; 350 plays in the month, was 420",
                "2 trang còn lại: cả tháng 700 lần cộng lại, trước đây 840 | 2 other slides: 700 plays in the month together, was 840",
            ],
        ),
        (
            month_of(&[first, second, third, more]),
            vec![
                "du-lich/pac-bo: trang mới, mỗi lần 10 giây; mỗi vòng 1 lần; cả tháng 315 lần; chiếu suốt giờ chiếu (màn hình a) | du-lich/pac-bo: new, 10 s each time; once in each loop; 315 plays in the month; plays throughout the hours (screen a)",
                "3 trang còn lại: cả tháng 945 lần cộng lại, trước đây 1.260 | 3 other slides: 945 plays in the month together, was 1,260",
            ],
        ),
        (
            month_with(&before, more, 5_400, 9_000),
            vec![
                "du-lich/pac-bo: trang mới, mỗi lần 10 giây; mỗi vòng 1 lần; cả tháng 90 lần; chiếu 09:00–10:00: 01/12/2026 (màn hình a) | du-lich/pac-bo: new, 10 s each time; once in each loop; 90 plays in the month; plays 09:00–10:00: 2026-12-01 (screen a)",
                "3 trang còn lại: cả tháng 1.170 lần cộng lại, trước đây 1.260 | 3 other slides: 1,170 plays in the month together, was 1,260",
            ],
        ),
    ] {
        assert_eq!(told_of_airtime(&month_of(&before), &after), told);
    }
    let (morning, noon) = (month_with(&before, more, 5_400, 9_000), month_with(&before, more, 9_000, 12_600));
    let moved = "now plays 10:00–11:00: 2026-12-01 (screen a); played 09:00–10:00: 2026-12-01 (screen a)";
    let told = told_of_airtime(&morning, &noon);
    assert!(matches!(told.as_slice(), [line] if line.ends_with(moved)), "{told:?}");
    // Another month is compared by weekdays, times of day and turns.
    assert!(told_of_airtime(&morning, &later(morning.clone())).is_empty());
    let told = told_of_airtime(&morning, &later(noon));
    let moved = "now plays 10:00–11:00: 2027-01-05 (screen a); played 09:00–10:00: 2026-12-01 (screen a)";
    assert!(matches!(told.as_slice(), [line] if line.ends_with(moved)), "{told:?}");
    let told = told_of_airtime(&month_of(&before), &later(month_of(&weighted)));
    assert!(matches!(told.as_slice(), [line] if line.contains("twice in each loop, was 1; 630 plays in the month, was 420")), "{told:?}");
    // Longer opening hours are said of the screen.
    let mut longer = month_of(&before);
    longer["screens"][0]["spans"][0][1] = json!(longer["screens"][0]["spans"][0][1].as_i64().unwrap() + 600);
    let told = told_of_airtime(&month_of(&before), &longer);
    assert!(matches!(told.as_slice(), [line] if line.starts_with("3 trang còn lại")), "{told:?}");
}

#[test]
fn turns_that_moved_to_other_hours_in_the_same_number_make_no_empty_line() {
    let (first, second, third) = (("ban-gioc", 10), ("non-nuoc", 10), ("thang-hen", 10));
    // Two loops of an hour and a half each: the second slide's turns are two in the one and one in the other, then the reverse.
    let halves = |weighted_first: bool| {
        let (once, twice) =
            (month_of(&[first, second, third])["loops"]["1"].clone(), month_of(&[first, second, third, second])["loops"]["1"].clone());
        let mut value = month_of(&[first, second, third]);
        let (start, end) = (value["screens"][0]["spans"][0][0].as_i64().unwrap(), value["screens"][0]["spans"][0][1].as_i64().unwrap());
        let middle = start.midpoint(end);
        value["loops"] = if weighted_first { json!({"1": twice, "2": once}) } else { json!({"1": once, "2": twice}) };
        value["screens"][0]["spans"] = json!([[start, middle, "1", 0], [middle, end, "2", 0]]);
        value
    };
    let changes = compare(&halves(false), &halves(true));
    assert!(!changes.is_empty());
    let told = told_of_airtime(&halves(false), &halves(true));
    assert!(told.is_empty(), "{told:?}");
}
