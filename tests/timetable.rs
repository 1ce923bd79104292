//! The shared vectors of the timetable: plans, and what is on a screen. tests/vectors/oracle.py, written independently of the code
//! under test, computes the answers; the browser's implementation runs the same files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bangtin::base::canonical;
use bangtin::base::diagnostic::{Diagnostic, SourceLocation};
use bangtin::base::digest::Digest;
use bangtin::base::ids::{AgencyId, Language, PlaylistId, RoleId, ScreenId, SiteId, SlideId};
use bangtin::base::terms::Canvas;
use bangtin::base::times::Month;
use bangtin::content::model::values::*;
use bangtin::content::plan::{self, Plan};
use bangtin::program::at::at;
use bangtin::program::manifest::Manifest;
use bangtin::program::show::{KitReleaseEvent, Schedule, ScheduledProgram, WithdrawnContent, show};
use bangtin::program::validate::Program;
use serde_json::{Value, json};

use crate::harness::repository;

fn files(prefix: &str) -> Vec<(String, Value)> {
    let mut out: Vec<_> = crate::harness::tree(&repository().join("tests/vectors")).into_iter().collect();
    out.retain(|(name, _)| name.starts_with(prefix) && name.ends_with(".json"));
    assert!(!out.is_empty(), "no vectors {prefix}");
    out.into_iter().map(|(name, bytes)| (name, serde_json::from_slice(&bytes).expect("JSON"))).collect()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn words(value: &Value) -> Vec<&str> {
    list(value).iter().filter_map(Value::as_str).collect()
}

fn number(value: &Value) -> u32 {
    u32::try_from(value.as_u64().expect("a number")).expect("a small number")
}

fn names() -> LocalizedNames {
    LocalizedNames::new()
}

fn window(text: &str) -> TimeWindow {
    let minute = |text: &str| text[..2].parse::<u32>().unwrap() * 60 + text[3..].parse::<u32>().unwrap();
    let (start, end) = (minute(&text[..5]), minute(&text[6..]));
    TimeWindow { start, end: if end > start { end } else { end + 1440 } }
}

fn windows(value: &Value) -> Vec<TimeWindow> {
    words(value).into_iter().map(window).collect()
}

fn kind(text: &str) -> Option<DayKind> {
    let known = [("workday", DayKind::Workday), ("weekend", DayKind::Weekend), ("holiday", DayKind::Holiday), ("makeup", DayKind::Makeup)];
    known.into_iter().find(|(name, _)| *name == text).map(|(_, kind)| kind)
}

fn languages(value: &Value) -> Vec<Language> {
    words(value).into_iter().map(|word| Language::parse(word).unwrap()).collect()
}

fn screens(value: &Value) -> Vec<Screen> {
    let one = |each: &Value| Screen {
        id: ScreenId::parse(each[0].as_str().unwrap()).unwrap(),
        width: 64,
        height: 32,
        canvas: Canvas { w: 64, h: 32, x: 0, y: 0 },
        audio: false,
        same_as: each[1].as_str().and_then(ScreenId::parse),
        viewing: None,
    };
    list(value).iter().map(one).collect()
}

fn site(value: &Value, all: &Value) -> Site {
    let hours = &value["hours"];
    let share = |each: &Value| PlaylistShare { playlist: PlaylistId::parse(each[0].as_str().unwrap()).unwrap(), share: number(&each[1]) };
    Site {
        name: names(),
        operator: AgencyId::parse("so").unwrap(),
        languages: languages(value.get("languages").unwrap_or(all)),
        screens: screens(&value["screens"]),
        hours: OpeningHours {
            workday: windows(&hours["workday"]),
            weekend: windows(&hours["weekend"]),
            holiday: windows(&hours["holiday"]),
            makeup: hours.get("makeup").map(windows),
        },
        shares: list(&value["shares"]).iter().map(share).collect(),
        volume: 70,
        network: Network::default(),
        contacts: Vec::new(),
        since: None,
        until: None,
        succeeded_by: None,
        place: SourceLocation::file("sites/s.yaml"),
    }
}

fn entry(value: &Value) -> PlaylistEntry {
    let selector = |word: &str| kind(word).map_or_else(|| DaySelector::Weekday(word.parse().unwrap()), DaySelector::Kind);
    let day = |key: &str| value[key].as_str().map(|day| day.parse().unwrap());
    PlaylistEntry {
        slide: SlideId::parse(text(value, "slide")).unwrap(),
        days: words(&value["days"]).into_iter().map(selector).collect(),
        times: windows(&value["times"]),
        from: day("from"),
        until: day("until"),
        weight: value.get("weight").map_or(1, number),
        screens: value.get("screens").map(|ids| words(ids).into_iter().map(|id| ScreenId::parse(id).unwrap()).collect()),
        place: SourceLocation::file("playlists/p.yaml"),
    }
}

fn slide(id: &str, value: &Value, all: &Value) -> Slide {
    let language = id.split_once('.').map_or(text_of(&all["languages"][0]), |(_, language)| language);
    let valid = &all["slides"][id.split('.').next().unwrap()]["valid"];
    let day = |at: usize| valid[at].as_str().map(|day| day.parse().unwrap());
    Slide {
        language: Language::parse(language).unwrap(),
        source: format!("{id}.md"),
        title: id.to_owned(),
        agency: AgencyId::parse("so").unwrap(),
        category: "su-kien".to_owned(),
        layout: "text".to_owned(),
        duration_ms: value["ms"].as_u64().unwrap(),
        sets_duration: false,
        valid: (day(0), day(1)),
        revision: 1,
        body: SlideBody::Loaded(String::new()),
        media: BTreeMap::new(),
        focus: None,
        rows: None,
        parts: value.get("parts").map_or(1, number),
        texts: BTreeMap::new(),
        pictures: BTreeMap::new(),
        place: SourceLocation::file("slides/x.md"),
    }
}

fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn content(value: &Value, period: &str) -> Content {
    let agency = AgencyId::parse("so").unwrap();
    let role = RoleId::parse("chief").unwrap();
    let period = Month::parse(period).map_or(Period::Evergreen, Period::Month);
    let days = value["days"].as_object().unwrap().iter();
    let playlist = |entries: &Value| Playlist {
        title: "t".to_owned(),
        agency: agency.clone(),
        revision: 1,
        entries: list(entries).iter().map(entry).collect(),
        place: SourceLocation::file("playlists/p.yaml"),
    };
    Content {
        settings: ContentSettings {
            name: names(),
            time_zone: bangtin::base::zone::TimeZone::parse(text(value, "zone")).unwrap(),
            languages: languages(&value["languages"]),
            theme: "t".to_owned(),
            tool: "1.0.0".to_owned(),
            approval: ApprovalPolicy::default(),
            store: Vec::new(),
            returns: None,
        },
        agencies: [(
            agency.clone(),
            Agency { name: names(), kind: String::new(), roles: vec![role], since: None, until: None, succeeded_by: None },
        )]
        .into(),
        sites: [(SiteId::parse("s").unwrap(), site(&value["site"], &value["languages"]))].into(),
        calendar: Calendar {
            // The year before is left out: its last day is judged by its weekday unless the calendar names it.
            years: if let Period::Month(month) = period { vec![month.year] } else { Vec::new() },
            days: days
                .map(|(day, word)| (day.parse().unwrap(), SpecialDay { kind: kind(text_of(word)).unwrap(), name: names() }))
                .collect(),
        },
        slides: value["slides"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(id, each)| (SlideId::parse(id).unwrap(), Box::new(slide(id, each, value))))
            .collect(),
        faulty_playlists: BTreeSet::new(),
        playlists: value["playlists"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(id, each)| ((period, PlaylistId::parse(id).unwrap()), playlist(each)))
            .collect(),
    }
}

fn planned(value: &Value, period: &str) -> Result<Plan, Vec<Diagnostic>> {
    let site = SiteId::parse("s").unwrap();
    let content = content(value, period);
    plan::period(&content, &site, Month::parse(period).map_or(Period::Evergreen, Period::Month))
}

/// Parts of a plan that the vectors compare.
fn as_json(plan: &Plan) -> Value {
    let screens: BTreeMap<_, _> = plan.screens.iter().map(|screen| (screen.id.as_str(), &screen.spans)).collect();
    let loops: BTreeMap<_, _> = plan.loops.iter().map(|(id, each)| (id, json!({"ms": each.ms, "items": each.items}))).collect();
    json!({"valid": [plan.valid.0, plan.valid.1], "offsets": plan.offsets, "screens": screens, "loops": loops})
}

/// A complete manifest of a plan, as the verifier requires.
fn manifest(got: &Value, period: &str) -> Manifest {
    let page = "slides/p/index.html";
    let slide =
        |id: &str| json!({"pages": {"64x32": page}, "title": id, "agency": "so", "category": "x", "language": "vi", "source": "x.md"});
    let ids = got["loops"].as_object().unwrap().values().flat_map(|each| list(&each["items"])).map(|item| text_of(&item[0]));
    let slides: BTreeMap<_, _> = ids.map(|id| (id, slide(id))).collect();
    let canvas = json!({"w": 64, "h": 32, "x": 0, "y": 0});
    let screen = |(id, spans)| json!({"id": id, "width": 64, "height": 32, "canvas": canvas, "audio": false, "spans": spans});
    let screens: Vec<Value> = got["screens"].as_object().unwrap().iter().map(screen).collect();
    let mut value = json!({"format": "bangtin-program/1", "kind": "evergreen", "site": "s", "title": "t", "languages": ["vi"], "revision": 1,
        "roles": ["chief"], "valid": {"from": got["valid"][0], "until": got["valid"][1]}, "offsets": got["offsets"], "screens": screens,
        "loops": got["loops"], "slides": slides, "files": [{"path": page, "sha256": "0".repeat(64), "size": 1, "type": "text/html"}]});
    if period != "evergreen" {
        value["kind"] = json!("monthly");
        value["month"] = json!(period);
    }
    serde_json::from_value(value).expect("a manifest")
}

#[test]
fn plans_are_those_of_the_oracle() {
    for (file, cases) in files("plan-") {
        for case in list(&cases) {
            let (name, period, expect) = (text(case, "name"), text(case, "period"), &case["expect"]);
            let got = planned(&case["content"], period);
            if let Some(code) = expect["error"].as_str() {
                let faults = got.expect_err(name);
                assert!(faults.iter().all(|fault| fault.code == code), "{file}, {name}: {faults:?}");
                assert_eq!(faults.len(), expect["first"].as_object().unwrap().len(), "{file}, {name}");
                continue;
            }
            let got = got.unwrap_or_else(|faults| panic!("{file}, {name}: {faults:?}"));
            let mut expected = expect.clone();
            let never = list(&expected["never"].take()).len();
            expected.as_object_mut().unwrap().remove("never");
            assert_eq!(as_json(&got), expected, "{file}, {name}");
            let warned = |code: &str| got.warnings.iter().filter(|warning| warning.code == code).count();
            // Of a site that is closed all the time one warning stands for those of all its entries.
            let closed = warned("no-opening-hours");
            assert!(got.never.len() >= never || closed == 1, "{file}, {name}: {} of {never} entries", got.never.len());
            assert_eq!(got.all_warnings().iter().any(|warning| warning.code == "never-plays"), !got.never.is_empty(), "{file}, {name}");
        }
    }
}

#[test]
fn moments_of_plans_are_those_of_the_oracle() {
    for (file, cases) in files("plan-") {
        for case in list(&cases).iter().filter(|case| case.get("at").is_some()) {
            let manifest = manifest(&case["expect"], text(case, "period"));
            for query in list(&case["at"]) {
                let t = query[1].as_i64().unwrap();
                let got = at(&manifest, text_of(&query[0]), t);
                let got = got.map(|at| json!([at.slide, at.loop_id(), at.item, at.elapsed_ms, at.ms, at.until(t)]));
                assert_eq!(got.unwrap_or_default(), query[2], "{file}, {}: {query}", text(case, "name"));
            }
        }
    }
}

#[test]
fn what_is_shown_is_what_the_oracle_says() {
    for (file, value) in files("show-") {
        let program = |(digest, manifest): (&String, &Value)| {
            let program = Program::parse(&canonical::to_vec(manifest).unwrap()).unwrap_or_else(|error| panic!("{file}, {digest}: {error}"));
            assert_eq!(program.digest().to_string(), *digest, "{file}: canonical form");
            (program.digest(), Arc::new(program))
        };
        let programs: BTreeMap<Digest, Arc<Program>> = value["manifests"].as_object().unwrap().iter().map(program).collect();
        for case in list(&value["cases"]) {
            let asked = &case["schedule"];
            let listed = |each: &Value| {
                let digest = Digest::parse(text_of(&each[0])).unwrap();
                ScheduledProgram { program: Arc::clone(&programs[&digest]), from: each[1].as_i64().unwrap() }
            };
            let schedule = Schedule {
                programs: list(&asked["programs"]).iter().map(listed).collect(),
                withdrawn: serde_json::from_value::<WithdrawnContent>(asked["withdrawn"].clone()).unwrap(),
                releases: serde_json::from_value::<Vec<KitReleaseEvent>>(asked["releases"].clone()).unwrap(),
            };
            for query in list(&case["queries"]) {
                let shown = show(&schedule, text_of(&query[0]), query[1].as_i64().unwrap(), query[2].as_bool().unwrap());
                assert_eq!(serde_json::to_value(shown).unwrap(), query[3], "{file}, {}: {query}", text(case, "name"));
            }
        }
    }
}

#[test]
fn every_plan_is_well_formed_and_its_phases_run_on() {
    for (file, cases) in files("plan-") {
        for case in list(&cases) {
            let Ok(got) = planned(&case["content"], text(case, "period")) else { continue };
            let whole = manifest(&as_json(&got), text(case, "period"));
            Program::parse(&canonical::to_vec(&whole).unwrap()).unwrap_or_else(|error| panic!("{file}, {}: {error}", text(case, "name")));
            for screen in &got.screens {
                let mut played: BTreeMap<&str, u64> = BTreeMap::new();
                for (start, end, id, phase) in &screen.spans {
                    let ms = played.entry(id).or_default();
                    assert_eq!(*phase, *ms % got.loops[id].ms, "{file}, {}", text(case, "name"));
                    *ms += (end - start).unsigned_abs() * 1000;
                }
            }
        }
    }
}

#[test]
fn a_month_of_a_year_without_calendar_is_refused() {
    let cases = files("plan-windows").remove(0).1;
    let mut content = content(&cases[0]["content"], "2026-12");
    content.calendar.years = vec![2025];
    let faults = plan::period(&content, &SiteId::parse("s").unwrap(), Period::Month(Month::parse("2026-12").unwrap())).unwrap_err();
    assert_eq!(faults.iter().map(|fault| fault.code).collect::<Vec<_>>(), ["missing-calendar"]);
}

#[test]
fn dates_and_validity_have_no_place_in_the_evergreen_week() {
    let cases = files("plan-evergreen").remove(0).1;
    let mut value = cases[0]["content"].clone();
    value["playlists"]["p"][0] =
        json!({"slide": "a", "from": "2026-01-01", "until": "2026-02-01", "days": ["holiday", "makeup", "workday"]});
    value["slides"]["b"]["valid"] = json!(["2026-01-01", null]);
    let faults = planned(&value, "evergreen").unwrap_err();
    let named = |key: &str| faults.iter().any(|fault| fault.code == "evergreen-dates" && fault.cause.en.contains(&format!("“{key}”")));
    assert!(["from", "until", "holiday", "makeup", "valid"].into_iter().all(named), "{faults:?}");
}

#[test]
fn a_playlist_without_a_file_is_a_warning() {
    let cases = files("plan-windows").remove(0).1;
    let mut value = cases[0]["content"].clone();
    value["site"]["shares"] = json!([["p", 1], ["q", 1]]);
    let codes: Vec<_> = planned(&value, "2026-12").unwrap().warnings.iter().map(|warning| warning.code).collect();
    assert_eq!(codes, ["missing-playlist"]);
}
