//! The operator's page, large and in both languages: whether all is well, since when, what plays, and a link to each screen. Its one script shows
//! it anew, and keeps it while the player does not answer.
//! Never changes anything.

use std::fmt::Write as _;

use super::health::{Health, elapsed};
use super::on_air::OnAir;
use super::screens;
use super::summary::Summary;
use super::time::ClockReading;
use crate::base::html::escape;
use crate::base::numbers;
use crate::base::text::Text;
use crate::text;

/// Style of the page.
pub const STYLE: &str = include_str!("../../../player/operator.css");

/// Script of the page.
pub const SCRIPT: &str = include_str!("../../../player/operator.js");

/// Content security policy: the page's own style and script, which asks for the page again, and nothing else.
pub const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'";

/// The page at the moment `now`. `name`: that of the site.
pub fn operator_page(name: &str, health: &Health, on_air: &OnAir, now: ClockReading) -> String {
    let Summary { good, headline, notes, advice } = health.summary(now.ms, None);
    let title = format!("{} · {}", escape(name), health.player);
    // No id is torn at a hyphen.
    let place = format!("{} · <span class=\"whole\">{}</span>", escape(name), health.player);
    let class = match (good, health.shows_card()) {
        (true, _) => "good",
        (false, false) => "care",
        (false, true) => "card",
    };
    let mut out = format!(
        "<!doctype html>\n<html lang=\"vi\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{title}</title>\n<link rel=\"stylesheet\" href=\"/operator.css\">\n<script type=\"module\" src=\"/operator.js\"></script>\n\
         <noscript><meta http-equiv=\"refresh\" content=\"10\"></noscript>\n<body class=\"{class}\">\n{}{}",
        head(&place, &headline),
        said(&notes, advice.as_ref()),
    );
    let boxes = screens::boxes(on_air, now);
    if !boxes.is_empty() {
        let _ = writeln!(out, "<main>\n{boxes}</main>");
    }
    out.push_str("<dl>\n");
    for (Text { vi, en }, value) in health_facts(health, now) {
        let english = if value.vi == value.en { String::new() } else { format!(" <span lang=\"en\">{}</span>", escape(&value.en)) };
        let _ = writeln!(out, "<div><dt>{vi} <span lang=\"en\">{en}</span></dt><dd>{}{english}</dd></div>", escape(&value.vi));
    }
    let _ = writeln!(out, "</dl>\n<template>{}</template>", unanswered(&place, &health.moment(now.ms)));
    out
}

/// The head: which player this is, and how it is.
fn head(place: &str, Text { vi, en }: &Text) -> String {
    format!("<header><p>{place}</p><h1>{}</h1><p lang=\"en\">{}</p></header>\n", escape(vi), escape(en))
}

/// What is said below the head; nothing if there is nothing to say.
fn said(notes: &[Text], advice: Option<&Text>) -> String {
    if notes.is_empty() && advice.is_none() {
        return String::new();
    }
    let line = |class: &str, Text { vi, en }: &Text| format!("<p{class}>{}</p><p lang=\"en\">{}</p>", escape(vi), escape(en));
    let notes: String = notes.iter().map(|note| line("", note)).collect();
    let advice: String = advice.iter().map(|advice| line(" class=\"advice\"", advice)).collect();
    format!("<aside>{notes}{advice}</aside>\n")
}

/// What the script sets above the page of the moment `since` while the player does not answer.
fn unanswered(place: &str, since: &Text) -> String {
    let Text { vi, en } = since;
    let headline = text!(vi: "Mất liên lạc với đầu phát từ {vi}", en: "No answer from the player since {en}");
    let advice = text!(
        vi: "Kiểm tra nguồn điện của máy: có điện thì đầu phát tự chạy lại, trang này tự cập nhật. Quá năm phút: gọi người quản trị.",
        en: "Check the machine's power: with it the player starts by itself, and this page follows. After five minutes: call the administrator."
    );
    let note = text!(vi: "Bên dưới là tình trạng trước khi mất liên lạc.", en: "Below is how it was before.");
    format!("{}{}", head(place, &headline), said(&[note], Some(&advice)))
}

fn health_facts(health: &Health, now: ClockReading) -> Vec<(Text, Text)> {
    let same = |text: &str| text!(vi: "{text}", en: "{text}");
    let none = || same("–");
    let ago = |ms: i64| {
        if now.ms.saturating_sub(ms) < 60_000 {
            return text!(vi: "vừa xong", en: "just now");
        }
        let Text { vi, en } = elapsed(now.ms, ms);
        text!(vi: "{vi} trước", en: "{en} ago")
    };
    // A clock that is ahead is not noticed: the reader compares.
    let Text { vi, en } = health.moment(now.ms);
    let clock =
        if now.trusted { text!(vi: "{vi}", en: "{en}") } else { text!(vi: "{vi}, chậm, cần chỉnh", en: "{en}, slow: set it") };
    let mut facts = vec![
        (text!(vi: "Thời gian đã chạy", en: "Running for"), elapsed(now.ms, health.since)),
        (text!(vi: "Lần kiểm tra kho đầy đủ gần nhất", en: "Last complete look at the store"), health.last_look.map_or_else(none, ago)),
        (text!(vi: "Bản phát hành", en: "Release"), health.head.map_or_else(none, |number| same(&number.to_string()))),
        (text!(vi: "Văn bản thu hồi đã nhận", en: "Withdrawals received"), same(&health.withdrawals.to_string())),
        (text!(vi: "Đồng hồ", en: "Clock"), clock),
        (text!(vi: "Đĩa còn trống", en: "Free disk"), health.free_bytes.map_or_else(none, numbers::size)),
        (text!(vi: "Phiên bản", en: "Version"), same(&health.version)),
    ];
    // Unknown after a start, until all is found whole.
    if let Some(success) = health.last_success {
        facts.insert(2, (text!(vi: "Lần tải đủ gần nhất", en: "Last complete fetch"), ago(success)));
    }
    if !health.pending.is_empty() {
        let what = text!(vi: "Chương trình thiếu tệp hoặc đang đọc", en: "Programs that lack files or are being read");
        facts.push((what, same(&health.pending.len().to_string())));
    }
    let withdrawn = health.withdrawn.iter().map(|each| (text!(vi: "Chương trình", en: "Program"), each));
    let dropped = health.dropped.iter().map(|each| (text!(vi: "Chương trình bị từ chối", en: "Program refused"), each));
    for (what, (digest, Text { vi, en })) in withdrawn.chain(dropped) {
        let digest = &digest.to_string()[..12];
        facts.push((what, text!(vi: "{vi} ({digest}…)", en: "{en} ({digest}…)")));
    }
    facts
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::on_air::ShellSettings;
    use super::*;
    use crate::base::ids::SiteId;
    use crate::base::token::Token;
    use crate::program::show::Schedule;

    #[test]
    fn the_page_says_which_player_it_is_and_how_it_is_in_both_languages() {
        let page = |last_look: Option<i64>, programs: &[&str], error: bool, minutes: i64| {
            let error = error.then(|| json!({"vi": "máy chủ từ chối kết nối", "en": "refused"}));
            let health: Health = serde_json::from_value(json!({
                "site": "ta-lung", "player": "ta-lung-1", "version": "1.0.0", "at": 0, "since": 0, "state": "FRESH", "last_look": last_look,
                "clock_trusted": true, "root": 1, "head": null, "head_expires": null, "head_unverifiable": false, "programs": programs,
                "dropped": [], "pending": [], "last_success": null, "last_error": error, "free_bytes": 45_612_345_678_u64,
            }))
            .unwrap();
            let settings = ShellSettings { site: SiteId::parse("ta-lung").unwrap(), volume: 100, token: Token::new().unwrap() };
            let on_air = OnAir::new(&settings, Schedule::default());
            operator_page("Tà Lùng <1>", &health, &on_air, ClockReading { ms: minutes * 60_000, trusted: true })
        };
        let program = "0123456789abcdef".repeat(4);
        let away = page(Some(0), &[&program], true, 16);
        assert!(
            away.contains("<title>Tà Lùng &lt;1&gt; · ta-lung-1</title>")
                && away.contains("<header><p>Tà Lùng &lt;1&gt; · <span class=\"whole\">ta-lung-1</span></p>")
        );
        assert!(
            away.contains("<p class=\"advice\">Kiểm tra mạng, nguồn điện của thiết bị mạng. Màn hình vẫn chiếu nội dung đã lưu.</p>"),
            "{away}"
        );
        assert!(away.contains("<body class=\"care\">") && page(Some(0), &[&program], false, 1).contains("<body class=\"good\">"), "{away}");
        let fresh = page(Some(0), &[&program], true, 2);
        assert!(fresh.contains("<p lang=\"en\">Last error: refused</p><p class=\"advice\">Máy tự thử lại"), "{fresh}");
        assert!(
            fresh.contains("<dd>2 phút <span lang=\"en\">2 min</span></dd>") && fresh.contains("45,6 GB <span lang=\"en\">45.6 GB"),
            "{fresh}"
        );
        assert!(!fresh.contains("Lần tải đủ gần nhất"), "a start does not know it: {fresh}");
        assert!(
            fresh.contains("<template><header>")
                && fresh.contains("đầu phát từ 00:02 ngày 01/01/1970 (giờ UTC, cộng 7 giờ thành giờ Việt Nam)</h1>"),
            "{fresh}"
        );
    }
}
