//! What the shell reads: a schedule that stays short whatever the programs hold, and timetables with what one screen shows and no more.

use std::sync::Arc;

use bangtin::base::ids::SiteId;
use bangtin::base::token::Token;
use bangtin::player::show::on_air::{OnAir, ShellSettings};
use bangtin::program::show::{Schedule, ScheduledProgram, WithdrawnContent};
use bangtin::program::validate::Program;
use serde_json::{Value, json};

use crate::trust::kit::manifest;

/// A month of 800 slides on the screens `a` to `d`; each screen has a loop of its own, in two sizes.
fn program(kind: &str) -> Arc<Program> {
    let mut value = manifest("ta-lung", kind, 1);
    let file = value["files"][0].clone();
    let (mut screens, mut files, mut slides, mut loops) = (Vec::new(), Vec::new(), json!({}), json!({}));
    for (number, id) in ["a", "b", "c", "d"].into_iter().enumerate() {
        let mut screen = value["screens"][0].clone();
        let size = if number % 2 == 0 { "1920x1080" } else { "1080x1920" };
        let (width, height) = size.split_once('x').unwrap();
        (screen["id"], screen["spans"][0][2]) = (json!(id), json!(id));
        (screen["width"], screen["height"]) = (json!(width.parse::<u32>().unwrap()), json!(height.parse::<u32>().unwrap()));
        (screen["canvas"]["w"], screen["canvas"]["h"]) = (screen["width"].clone(), screen["height"].clone());
        screens.push(screen);
        let names: Vec<String> = (0..200).map(|slide| format!("du-lich/trang-{id}-{slide:03}")).collect();
        loops[id] = json!({"ms": 2_000_000, "items": names.iter().map(|name| json!([name, 10_000])).collect::<Vec<_>>()});
        for name in names {
            let path = format!("slides/{name}@{size}.html");
            slides[&name] = value["slides"]["du-lich/ban-gioc"].clone();
            slides[&name]["pages"] = json!({size: path});
            let mut listed = file.clone();
            listed["path"] = json!(path);
            files.push(listed);
        }
    }
    (value["screens"], value["files"], value["slides"], value["loops"]) = (json!(screens), json!(files), slides, loops);
    Arc::new(Program::from_manifest(serde_json::from_value(value).unwrap()).unwrap().0)
}

#[test]
fn a_schedule_is_short_and_a_timetable_holds_one_screen() {
    let programs: Vec<_> = ["monthly", "evergreen"].map(|kind| ScheduledProgram { program: program(kind), from: 1_796_058_000 }).into();
    let monthly = programs[0].program.digest();
    let withdrawn = WithdrawnContent {
        slides: [(monthly, [bangtin::base::ids::SlideId::parse("du-lich/trang-a-001").unwrap()].into())].into(),
        ..WithdrawnContent::none()
    };
    let settings = ShellSettings { site: SiteId::parse("ta-lung").unwrap(), volume: 70, token: Token::of([7; 16]) };
    let on_air = OnAir::new(&settings, Schedule { programs, withdrawn, releases: Vec::new() });
    let bytes = on_air.schedule_json(&settings, &bangtin::base::ids::ScreenId::parse("a").unwrap());
    assert!(bytes.len() < 1_500, "{} bytes: {}", bytes.len(), String::from_utf8_lossy(&bytes));
    let schedule: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(
        schedule["programs"][0],
        json!({"base": format!("/p/{monthly}/"), "from": 1_796_058_000, "program": monthly, "timetable": format!("/p/{monthly}/timetable/a.json")})
    );
    assert_eq!(schedule["shell"], json!(*bangtin::program::shell::DIGEST));
    let timetable: Value = serde_json::from_slice(&on_air.timetable_json(monthly, "b.json").unwrap()).unwrap();
    let keys: Vec<&String> = timetable.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["format", "kind", "loops", "offsets", "pages", "screens", "valid"]);
    assert_eq!(timetable["loops"].as_object().unwrap().keys().collect::<Vec<_>>(), ["b"]);
    assert_eq!(timetable["pages"].as_object().unwrap().len(), 200);
    assert_eq!(timetable["pages"]["du-lich/trang-b-007"], json!("slides/du-lich/trang-b-007@1080x1920.html"));
    assert_eq!(timetable["screens"].as_array().unwrap().len(), 1);
    for name in ["nowhere.json", "a", "", "../a.json", "a.json/"] {
        assert!(on_air.timetable_json(monthly, name).is_none(), "{name}");
    }
    let unknown = bangtin::base::digest::Digest::of(b"unknown");
    assert!(on_air.timetable_json(unknown, "a.json").is_none());
}
