//! The operator's page, large and in both languages: whether all is well, since when, what plays, and a link to each screen.
//! Never contains a script.

use std::fmt::Write as _;

use super::health::{Health, elapsed};
use super::on_air::OnAir;
use super::time::ClockReading;
use crate::base::dates;
use crate::base::html::escape;
use crate::base::text::Text;
use crate::program::show::{ScreenState, show};
use crate::text;

/// Style of the page.
pub const STYLE: &str = include_str!("../../../player/operator.css");

/// Content security policy: the page's own style and nothing else.
pub const POLICY: &str = "default-src 'none'; style-src 'self'; frame-ancestors 'none'";

/// The page at the moment `now`.
pub fn operator_page(name: &str, health: &Health, on_air: &OnAir, now: ClockReading) -> String {
    let (good, state) = health.summary(now.ms);
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
            (ScreenState::Slide, Some((program, id))) => {
                let title = program.manifest().slides.get(id).map_or(id.as_str(), |slide| slide.title.as_str());
                (escape(title), escape(&program.manifest().title))
            }
            (ScreenState::Dark, _) => ("Ngoài giờ hoạt động".to_owned(), "Outside opening hours".to_owned()),
            _ => ("Chưa có chương trình".to_owned(), "No program yet".to_owned()),
        };
        let _ = writeln!(
            out,
            "<section><h2>{id}</h2><p class=\"what\">{what}</p><p class=\"note\">{note}</p><a href=\"/screens/{id}/\">Mở màn hình · Open the screen</a></section>"
        );
    }
    out.push_str("</main>\n<dl>\n");
    for (Text { vi, en }, value) in health_facts(health, now) {
        let english = if value.vi == value.en { String::new() } else { format!(" <span lang=\"en\">{}</span>", escape(&value.en)) };
        let _ = writeln!(out, "<div><dt>{vi} <span lang=\"en\">{en}</span></dt><dd>{}{english}</dd></div>", escape(&value.vi));
    }
    out.push_str("</dl>\n");
    out
}

fn health_facts(health: &Health, now: ClockReading) -> Vec<(Text, Text)> {
    let same = |text: &str| text!(vi: "{text}", en: "{text}");
    let none = || same("–");
    let since = |ms: i64| elapsed(now.ms, ms);
    let trusted =
        if now.trusted { text!(vi: "đã xác thực", en: "trusted") } else { text!(vi: "chưa xác thực", en: "not trusted") };
    let mut facts = vec![
        (text!(vi: "Đã chạy", en: "Running for"), since(health.since)),
        (
            text!(vi: "Kiểm tra kho gần nhất, cách đây", en: "Last complete look at the store, ago"),
            health.last_look.map_or_else(none, since),
        ),
        (text!(vi: "Đã có đủ chương trình, cách đây", en: "Last had everything, ago"), health.last_success.map_or_else(none, since)),
        (text!(vi: "Bản phát hành", en: "Release"), health.head.map_or_else(none, |number| same(&number.to_string()))),
        (text!(vi: "Đồng hồ", en: "Clock"), trusted),
        (text!(vi: "Đĩa còn trống", en: "Free disk"), health.free_bytes.map_or_else(none, gigabytes)),
        (text!(vi: "Phiên bản", en: "Version"), same(&health.version)),
    ];
    if let Some(overdue) = health.head_overdue(now.ms) {
        facts.push((text!(vi: "Bản phát hành quá hạn", en: "Release overdue for"), overdue));
    }
    if let Some(error) = &health.last_error {
        facts.push((text!(vi: "Lỗi gần nhất", en: "Last error"), error.clone()));
    }
    for (digest, Text { vi, en }) in &health.dropped {
        let digest = &digest.to_string()[..12];
        facts.push((text!(vi: "Bị từ chối", en: "Refused"), text!(vi: "{digest}…: {vi}", en: "{digest}…: {en}")));
    }
    facts
}

fn gigabytes(bytes: u64) -> Text {
    let Text { vi, en } = dates::thousandths(i64::try_from(bytes / 1_000_000).unwrap_or(i64::MAX));
    text!(vi: "{vi} GB", en: "{en} GB")
}
