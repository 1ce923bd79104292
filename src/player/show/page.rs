//! The operator's page: large, plain, in both languages: is all well, since when, what plays, where to open each screen.
//! Never holds a script.

use std::fmt::Write as _;

use super::health::Health;
use super::on_air::OnAir;
use super::time::Moment;
use crate::base::html::escape;
use crate::program::show::{State, show};
use crate::trust::freshness::Freshness;

/// Style of the page.
pub const STYLE: &str = include_str!("../../../player/operator.css");

/// The page's policy: its own style and nothing else.
pub const POLICY: &str = "default-src 'none'; style-src 'self'; frame-ancestors 'none'";

/// The page at a moment.
pub fn page(name: &str, health: &Health, on_air: &OnAir, now: Moment) -> String {
    let state = health.state.text();
    let good = health.state == Freshness::Fresh && health.last_error.is_none() && now.trusted;
    let mut out =
        String::from("<!doctype html>\n<html lang=\"vi\">\n<meta charset=\"utf-8\">\n<meta http-equiv=\"refresh\" content=\"10\">\n");
    let _ = write!(
        out,
        "<meta name=\"viewport\" content=\"width=device-width\">\n<title>{name}</title>\n<link rel=\"stylesheet\" href=\"/operator.css\">\n\
         <body class=\"{}\">\n<header><p>{}</p><h1>{}</h1><p lang=\"en\">{}</p></header>\n<main>\n",
        if good { "good" } else { "care" },
        escape(name),
        escape(&state.vi),
        escape(&state.en),
        name = escape(name),
    );
    for id in on_air.screens() {
        let shown = show(on_air.schedule(), id.as_str(), now.ms, now.trusted);
        let slide = shown.program.and_then(|digest| Some((on_air.program(digest)?, shown.slide.as_ref()?)));
        let (what, note) = match (shown.state, slide) {
            (State::Slide, Some((program, id))) => {
                let title = program.manifest().slides.get(id).map_or(id.as_str(), |slide| slide.title.as_str());
                (escape(title), escape(&program.manifest().title))
            }
            (State::Dark, _) => ("Ngoài giờ chiếu".to_owned(), "Outside opening hours".to_owned()),
            _ => ("Chưa có chương trình".to_owned(), "No programme yet".to_owned()),
        };
        let _ = writeln!(
            out,
            "<section><h2>{id}</h2><p class=\"what\">{what}</p><p class=\"note\">{note}</p><a href=\"/screens/{id}/\">Mở màn hình · Open the screen</a></section>"
        );
    }
    out.push_str("</main>\n<dl>\n");
    for (vi, en, value) in facts(health, now) {
        let _ = writeln!(out, "<div><dt>{vi} <span lang=\"en\">{en}</span></dt><dd>{}</dd></div>", escape(&value));
    }
    out.push_str("</dl>\n");
    out
}

fn facts(health: &Health, now: Moment) -> Vec<(&'static str, &'static str, String)> {
    let since = |ms: i64| ago((now.ms - ms).max(0) / 60_000);
    let head = health.head.map_or("–".to_owned(), |(epoch, version)| format!("{epoch}-{version}"));
    let mut facts = vec![
        ("Chạy từ", "Running for", since(health.since)),
        ("Lấy tin lần cuối", "Last good check", health.last_success.map_or("–".to_owned(), since)),
        ("Bản phát hành", "Head", head),
        ("Đồng hồ", "Clock", if now.trusted { "đúng · trusted".to_owned() } else { "chưa tin được · not trusted".to_owned() }),
        ("Đĩa còn trống", "Free disk", health.free_bytes.map_or("–".to_owned(), |bytes| format!("{:.1} GB", bytes as f64 / 1e9))),
        ("Phiên bản", "Version", health.version.clone()),
    ];
    if let Some(error) = &health.last_error {
        facts.push(("Lỗi gần nhất", "Last error", error.clone()));
    }
    for (digest, why) in &health.dropped {
        facts.push(("Bị từ chối", "Refused", format!("{}…: {why}", &digest.to_string()[..12])));
    }
    facts
}

fn ago(minutes: i64) -> String {
    match minutes {
        0..60 => format!("{minutes} phút · min"),
        60..2_880 => format!("{} giờ · h", minutes / 60),
        _ => format!("{} ngày · days", minutes / 1_440),
    }
}
