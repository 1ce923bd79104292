//! Input of a player that shows a program: the manifest, pages that name old copies, play records that a shell posts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bangtin::base::canonical;
use bangtin::base::digest::Digest;
use bangtin::base::ids::SlideId;
use bangtin::base::limits::{KIT_SECONDS, MANIFEST_BYTES, MANIFEST_FILES, MAX_INTEGER, MONTHLY_SECONDS};
use bangtin::base::token::Token;
use bangtin::player::show::on_air::{OnAir, ShellSettings};
use bangtin::player::show::plays::{PlayIntake, PostMoment};
use bangtin::player::show::time::ClockReading;
use bangtin::program::at::at;
use bangtin::program::show::{KitReleaseEvent, Schedule, ScheduledProgram, WithdrawnContent, show};
use bangtin::program::validate::Program;
use bangtin::store::bases::likely_bases;
use serde_json::{Value, json};

use super::Target;
use crate::trust::kit::{manifest as sample, site};

const WORDS: &[&str] = &[
    "\"spans\":[[0,1,\"1\",0]]",
    "\"until\":null",
    "\"band\":\"full\"",
    "\"max\":3600",
    "\"priority\":5",
    "\"month\":\"2026-12\"",
    "\"kind\":\"kit\"",
    "\"kind\":\"urgent\"",
    "\"kind\":\"evergreen\"",
    "\"loops\":{}",
    "[0,25200]",
    "../",
    "..",
    "/",
    ".js",
    ".svg",
    "//",
    "\"\"",
    "null",
    "true",
    "{}",
    "[]",
    "[[[[[[[[[",
    "\"type\":\"text/html\"",
    "1e9",
    "\"files\":[]",
    ",",
];

/// One of each kind.
fn samples() -> Vec<Value> {
    let mut kit = sample("ta-lung", "kit", 1);
    kit["valid"] = json!({"from": 1_796_058_000, "until": 1_796_058_000 + KIT_SECONDS});
    kit["screens"][0]["spans"] = json!([[0, 3_600, "1", 0]]);
    for (key, value) in [("max", json!(3_600)), ("priority", json!(5)), ("band", json!("ticker"))] {
        kit[key] = value;
    }
    let mut urgent = sample("ta-lung", "urgent", 1);
    urgent["valid"] = json!({"from": 1_796_058_000, "until": 1_796_058_000 + 3_600});
    urgent["screens"][0]["spans"] = json!([[1_796_058_000, 1_796_058_100, "1", 9_999]]);
    for (key, value) in [("max", json!(3_600)), ("priority", json!(9)), ("band", json!("full"))] {
        urgent[key] = value;
    }
    vec![sample("ta-lung", "monthly", 1), sample("ta-lung", "evergreen", 3), kit, urgent]
}

fn bytes(value: &Value) -> Vec<u8> {
    canonical::to_vec(value).unwrap()
}

/// Moments to test: those of spans and releases, and some far from all.
fn moments(program: &Program) -> Vec<i64> {
    let spans = program.manifest().screens.iter().flat_map(|screen| &screen.spans).take(4);
    let mut moments: Vec<i64> = spans.flat_map(|span| [span.0 * 1000, span.1 * 1000 - 1, span.1 * 1000]).collect();
    moments.extend([0, -1, 1_796_058_000_500, 4_102_444_800_000, -8_640_000_000_000_000, 8_640_000_000_000_000]);
    moments
}

fn shown(program: Program) {
    let program = Arc::new(program);
    let (digest, slides) = (program.digest(), &program.manifest().slides);
    let withdrawn =
        WithdrawnContent { slides: BTreeMap::from([(digest, slides.keys().take(1).cloned().collect())]), ..WithdrawnContent::default() };
    let from = 1_796_058_000;
    let releases = vec![KitReleaseEvent::Start { version: 1, program: digest, from, until: from + 3_600 }];
    let listed = vec![ScheduledProgram { program: program.clone(), from }];
    for schedule in [
        Schedule { programs: listed.clone(), releases: releases.clone(), ..Schedule::default() },
        Schedule { programs: listed.clone(), releases, withdrawn },
    ] {
        for moment in moments(&program) {
            for screen in program.manifest().screens.iter().take(3).map(|screen| screen.id.as_str()).chain(["none"]) {
                for trusted in [true, false] {
                    let answer = show(&schedule, screen, moment, trusted);
                    assert!(answer.until.is_none_or(|until| until > moment), "{answer:?} at {moment}");
                    assert!(answer.slide.is_none_or(|slide| slides.contains_key(&slide)));
                }
                if let Some(at) = at(program.manifest(), screen, moment) {
                    assert!(at.elapsed_ms >= 0 && at.elapsed_ms < at.ms && at.until(moment) > moment);
                }
            }
        }
    }
}

pub fn manifest() -> Target {
    let run = |input: &[u8]| {
        let Ok(program) = Program::parse(input) else { return };
        assert!(input.len() as u64 <= MANIFEST_BYTES && program.digest() == Digest::of(input));
        let read = program.manifest();
        assert!(read.files.len() <= MANIFEST_FILES && program.total_bytes() <= MAX_INTEGER);
        let longest = read.valid.until.map_or(0, |until| until - read.valid.from);
        assert!(longest <= MONTHLY_SECONDS.max(KIT_SECONDS));
        let again = Program::parse(&canonical::to_vec(read).unwrap()).unwrap();
        assert_eq!(again.manifest(), read);
        shown(program);
    };
    Target { seeds: samples().iter().map(bytes).collect(), words: WORDS, run: Box::new(run) }
}

/// Pages that name a slide's media, as a player reads them in its programs.
pub fn bases() -> Target {
    let with_media = |name: &str| {
        let mut value = sample("ta-lung", "monthly", 1);
        let page = value["files"][0].clone();
        let film = json!({"path": format!("assets/{name}.mp4"), "sha256": Digest::of(name.as_bytes()).to_string(), "size": 900_000, "type": "video/mp4"});
        value["files"] = json!([film, page]);
        Program::parse(&bytes(&value)).unwrap()
    };
    let (new, old) = (with_media("b"), with_media("a"));
    let seeds = vec![b"<video src=\"../../assets/a.mp4\"></video><img src=\"assets/b.mp4\">".to_vec(), "assets/".repeat(900).into_bytes()];
    let run = move |input: &[u8]| {
        let found = likely_bases(new.manifest(), old.manifest(), 256, &|_| Some(input.to_vec()));
        assert!(found.iter().all(|(file, base)| file.sha256 != base.sha256));
        assert!(found.len() <= 4, "{} pairs", found.len());
    };
    Target { seeds, words: &["assets/", "a.mp4", "b.mp4", "\"", "../"], run: Box::new(run) }
}

pub fn play() -> Target {
    let program = Arc::new(Program::parse(&bytes(&samples()[0])).unwrap());
    let digest = program.digest();
    let slide = SlideId::parse("du-lich/ban-gioc").unwrap();
    let desk = ShellSettings { site: site("ta-lung"), volume: 70, token: Token::of([7; 16]) };
    let on_air = OnAir::new(&desk, Schedule { programs: vec![ScheduledProgram { program, from: 0 }], ..Schedule::default() });
    let post = |more: &str| {
        format!(
            "{{\"token\":\"{}\",\"screen\":\"a\",\"program\":\"{digest}\",\"slide\":\"{slide}\",\"start\":1796085000000,\"end\":1796085010000,\
             \"ms\":10000,\"painted\":true,\"outcome\":\"shown\"{more}}}",
            desk.token
        )
    };
    let seeds = vec![post("").into_bytes(), post(",\"more\":[1,{}]").into_bytes()];
    let token = desk.token.clone();
    let moment =
        PostMoment { now: ClockReading { ms: 1_796_085_020_000, trusted: true }, since: 1_796_085_000_000, monotonic: Duration::ZERO };
    let run = move |input: &[u8]| {
        let mut plays = PlayIntake::default();
        if let Ok(play) = plays.accept(input, &token, &on_air, moment) {
            assert!(play.program == digest && play.slide == slide && play.start >= 0 && play.end >= play.start);
            assert!(plays.accept(input, &token, &on_air, moment).is_err(), "the same twice");
        }
    };
    Target {
        seeds,
        words: &["\"token\":", "null", "-1", "\"shown\"", "\"failed\"", "\"late\"", "{", "}", ",", "\\u0000"],
        run: Box::new(run),
    }
}
