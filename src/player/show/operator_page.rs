//! The operator's page, large and in both languages: whether all is well, since when, what plays, and a link to each screen.
//! Never contains a script.

use std::fmt::Write as _;
use std::time::Duration;

use super::health::{Health, Summary, elapsed};
use super::on_air::OnAir;
use super::time::ClockReading;
use crate::base::html::escape;
use crate::base::limits::RETRY_LONGEST;
use crate::base::numbers;
use crate::base::text::Text;
use crate::program::show::{ScreenState, show};
use crate::text;

/// Style of the page.
pub const STYLE: &str = include_str!("../../../player/operator.css");

/// Content security policy: the page's own style and nothing else.
pub const POLICY: &str = "default-src 'none'; style-src 'self'; frame-ancestors 'none'";

/// The page at the moment `now`.
pub fn operator_page(name: &str, health: &Health, on_air: &OnAir, now: ClockReading) -> String {
    let Summary { good, headline, notes } = health.summary(now.ms, None);
    let mut out =
        String::from("<!doctype html>\n<html lang=\"vi\">\n<meta charset=\"utf-8\">\n<meta http-equiv=\"refresh\" content=\"10\">\n");
    let _ = write!(
        out,
        "<meta name=\"viewport\" content=\"width=device-width\">\n<title>{name}</title>\n<link rel=\"stylesheet\" href=\"/operator.css\">\n\
         <body class=\"{}\">\n<header><p>{}</p><h1>{}</h1><p lang=\"en\">{}</p></header>\n",
        match (good, health.shows_card()) {
            (true, _) => "good",
            (false, false) => "care",
            (false, true) => "card",
        },
        escape(name),
        escape(&headline.vi),
        escape(&headline.en),
        name = escape(name),
    );
    if !notes.is_empty() {
        out.push_str("<aside>");
        for Text { vi, en } in &notes {
            let _ = write!(out, "<p>{}</p><p lang=\"en\">{}</p>", escape(vi), escape(en));
        }
        let _ = writeln!(out, "{}</aside>", advice(health, now));
    }
    let mut sections = String::new();
    for id in on_air.screens() {
        let shown = show(on_air.schedule(), id.as_str(), now.ms, now.trusted);
        let slide = shown.program.and_then(|digest| Some((on_air.program(digest)?, shown.slide.as_ref()?)));
        let (what, note) = match (shown.state, slide) {
            (ScreenState::Slide, Some((program, id))) => {
                let title = program.manifest().slides.get(id).map_or(id.as_str(), |slide| slide.title.as_str());
                (escape(title), format!("{} · {}", escape(&program.manifest().title), escape(id.as_str())))
            }
            (ScreenState::Dark, _) => ("Ngoài giờ hoạt động".to_owned(), "Outside opening hours".to_owned()),
            _ => ("Chưa có chương trình".to_owned(), "No program yet".to_owned()),
        };
        let _ = writeln!(
            sections,
            "<section><h2>Màn hình {id} <span lang=\"en\">Screen {id}</span></h2><p class=\"what\">{what}</p><p class=\"note\">{note}</p>\
             <a href=\"/watch/{id}/\">Xem màn hình này <span lang=\"en\">See this screen</span></a></section>"
        );
    }
    if !sections.is_empty() {
        let _ = writeln!(out, "<main>\n{sections}</main>");
    }
    out.push_str("<dl>\n");
    for (Text { vi, en }, value) in health_facts(health, now) {
        let english = if value.vi == value.en { String::new() } else { format!(" <span lang=\"en\">{}</span>", escape(&value.en)) };
        let _ = writeln!(out, "<div><dt>{vi} <span lang=\"en\">{en}</span></dt><dd>{}{english}</dd></div>", escape(&value.vi));
    }
    out.push_str("</dl>\n");
    out
}

/// What to do after an error: to see to the network, where no look was complete for longer than the longest pause between two; until then
/// the player tries again.
fn advice(health: &Health, now: ClockReading) -> String {
    let since = |look: i64| Duration::from_millis(now.ms.saturating_sub(look).unsigned_abs());
    let looked = health.last_look.is_some_and(|look| since(look) <= RETRY_LONGEST);
    if health.last_error.is_none() {
        return String::new();
    }
    if looked && health.shows_card() {
        return String::new();
    }
    if looked {
        return "<p class=\"advice\">Máy tự thử lại.</p><p lang=\"en\">The player tries again by itself.</p>".to_owned();
    }
    let (vi, en) = if health.shows_card() {
        ("", "")
    } else {
        (" Màn hình vẫn chiếu nội dung đã lưu.", " The screens play what is stored.")
    };
    format!(
        "<p class=\"advice\">Kiểm tra mạng, nguồn điện của thiết bị mạng.{vi}</p>\
         <p lang=\"en\">Check the network and the power of its devices.{en}</p>"
    )
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
        (text!(vi: "Lần kiểm tra kho gần nhất", en: "Last complete look at the store"), health.last_look.map_or_else(none, ago)),
        (text!(vi: "Lần tải đủ gần nhất", en: "Last complete fetch"), health.last_success.map_or_else(none, ago)),
        (text!(vi: "Bản phát hành", en: "Release"), health.head.map_or_else(none, |number| same(&number.to_string()))),
        (text!(vi: "Văn bản thu hồi đã nhận", en: "Withdrawals received"), same(&health.withdrawals.to_string())),
        (text!(vi: "Đồng hồ", en: "Clock"), clock),
        (text!(vi: "Đĩa còn trống", en: "Free disk"), health.free_bytes.map_or_else(none, numbers::size)),
        (text!(vi: "Phiên bản", en: "Version"), same(&health.version)),
    ];
    if !health.pending.is_empty() {
        let what = text!(vi: "Chương trình thiếu tệp hoặc đang đọc", en: "Programs that lack files or are being read");
        facts.push((what, same(&health.pending.len().to_string())));
    }
    let withdrawn = health.withdrawn.iter().map(|each| (text!(vi: "Chương trình", en: "Program"), each));
    let dropped = health.dropped.iter().map(|each| (text!(vi: "Chương trình bị từ chối", en: "Program refused"), each));
    for (what, (digest, Text { vi, en })) in withdrawn.chain(dropped) {
        let digest = &digest.to_string()[..12];
        facts.push((what, text!(vi: "{digest}…: {vi}", en: "{digest}…: {en}")));
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
    fn a_store_out_of_reach_is_told_with_what_to_do_and_what_plays_on() {
        let health = |last_look: Option<i64>, programs: &[&str], error: bool| -> Health {
            let error = error.then(|| json!({"vi": "máy chủ từ chối kết nối", "en": "refused"}));
            serde_json::from_value(json!({
                "site": "ta-lung", "player": "p", "version": "1.0.0", "at": 0, "since": 0, "state": "FRESH", "last_look": last_look,
                "clock_trusted": true, "root": 1, "head": null, "head_expires": null, "head_unverifiable": false, "programs": programs,
                "dropped": [], "pending": [], "last_success": null, "last_error": error, "free_bytes": 45_612_345_678_u64,
            }))
            .unwrap()
        };
        let program = "0123456789abcdef".repeat(4);
        let settings = ShellSettings { site: SiteId::parse("ta-lung").unwrap(), volume: 100, token: Token::new().unwrap() };
        let on_air = OnAir::new(&settings, Schedule::default());
        let page = |last_look, programs: &[&str], error, minutes: i64| {
            operator_page("Tà Lùng", &health(last_look, programs, error), &on_air, ClockReading { ms: minutes * 60_000, trusted: true })
        };
        assert!(!page(Some(0), &[], true, 2).contains("Máy tự thử lại"), "the card is no matter of patience");
        assert!(page(None, &[], true, 2).contains("nguồn điện của thiết bị mạng.</p>"));
        let away = page(Some(0), &[&program], true, 16);
        assert!(away.contains("nguồn điện của thiết bị mạng. Màn hình vẫn chiếu nội dung đã lưu.</p>"), "{away}");
        assert!(away.contains("<body class=\"care\">"), "{away}");
        assert!(!page(Some(0), &[&program], false, 16).contains("thiết bị mạng"), "nothing has failed");
        assert!(page(Some(0), &[&program], false, 1).contains("<body class=\"good\">"));
        let fresh = page(Some(0), &[&program], true, 2);
        assert!(fresh.contains("<p lang=\"en\">Last error: refused</p><p class=\"advice\">Máy tự thử lại"), "{fresh}");
        assert!(
            fresh.contains("<dd>2 phút <span lang=\"en\">2 min</span></dd>") && fresh.contains("45,6 GB <span lang=\"en\">45.6 GB"),
            "{fresh}"
        );
    }

    #[test]
    fn what_is_wrong_stands_first_and_what_to_do_right_under_it() {
        let said = |change: serde_json::Value| {
            let mut told = json!({
                "site": "ta-lung", "player": "p", "version": "1.0.0", "at": 0, "since": 0, "state": "FRESH", "last_look": 0, "clock_trusted": true,
                "root": 1, "head": null, "head_expires": null, "head_unverifiable": false, "programs": ["0123456789abcdef".repeat(4)],
                "dropped": [], "pending": [], "last_success": 0, "last_error": null, "free_bytes": null,
            });
            told.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let Summary { good, headline, notes } = serde_json::from_value::<Health>(told).unwrap().summary(0, None);
            (good, headline.vi, notes.into_iter().map(|note| note.vi).collect::<Vec<_>>())
        };
        let text = |vi: &str| json!({"vi": vi, "en": vi});
        assert_eq!(
            said(json!({"last_success": null})),
            (true, "Hoạt động bình thường".into(), vec!["Đang tải hoặc đang đọc nội dung".into()])
        );
        let lacking = said(json!({"pending": ["0123456789abcdef".repeat(4)]}));
        assert_eq!(lacking, (false, "Chương trình đang phát thiếu tệp: 1".into(), vec![]));
        assert_eq!(said(json!({})), (true, "Hoạt động bình thường".into(), vec![]));
        let waiting = json!({"waiting": {"reason": text("chờ giờ tải"), "until": 0}, "utc_offset": 25_200});
        assert_eq!(said(waiting), (true, "Hoạt động bình thường".into(), vec!["Đang chờ đến 07:00 ngày 01/01/1970: chờ giờ tải".into()]));
        let damaged =
            |lacking: u32, error| said(json!({"damaged": {"found": 3, "lacking": lacking, "file": "phim.mp4"}, "last_error": error}));
        assert_eq!(damaged(2, json!(null)), (false, "Tệp hỏng trên ổ đĩa: 2, như phim.mp4; máy tự tải lại".into(), vec![]));
        assert_eq!(damaged(1, text("không thấy kho")).1, "Tệp hỏng trên ổ đĩa: 1, như phim.mp4; chưa tải lại được");
        let again = "Tệp hỏng trên ổ đĩa đã tải lại: 3, như phim.mp4; nếu lặp lại, hãy thay ổ đĩa";
        assert_eq!(damaged(0, json!(null)), (true, "Hoạt động bình thường".into(), vec![again.into()]));
        let refused = said(json!({"dropped": [["0123456789abcdef".repeat(4), text("thiếu chữ ký")]]}));
        assert_eq!(refused, (false, "Chương trình bị từ chối: 1 (thiếu chữ ký). Hãy báo người phát hành".into(), vec![]));
        let card = "Màn hình chỉ hiện màn hình chờ";
        // Where the machine has lost what it needs, nobody is sent to the publisher.
        let lost = json!({"card": true, "programs": [], "faults": [text("mất văn bản")], "dropped": [["0123456789abcdef".repeat(4), text("mất văn bản")]]});
        assert_eq!(said(lost), (false, card.to_owned(), vec!["Cần xử lý: mất văn bản".into()]));
        let waiting = json!({"programs": [], "waiting": {"reason": text("không đủ chỗ"), "until": 0}});
        assert_eq!(said(waiting), (false, card.to_owned(), vec!["Đang chờ đến 00:00 ngày 01/01/1970 (UTC): không đủ chỗ".into()]));
        let reason = |change: serde_json::Value| {
            let mut told = json!({"card": true, "programs": []});
            told.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let (_, headline, notes) = said(told);
            assert_eq!(headline, card);
            notes.first().cloned()
        };
        let digest = "0123456789abcdef".repeat(4);
        assert_eq!(reason(json!({})).unwrap(), "Chưa nhận được bản phát hành nào; hãy báo người phát hành");
        assert_eq!(reason(json!({"head": [1, 1]})).unwrap(), "Không có chương trình nào cho lúc này; hãy báo người phát hành");
        let pending = reason(json!({"head": [1, 1], "pending": [digest]}));
        assert_eq!(pending.unwrap(), "Chương trình đang tải hoặc đang đọc từ ổ đĩa: 1");
        assert_eq!(
            reason(json!({"dropped": [[digest, text("thiếu chữ ký")]]})).unwrap(),
            "Chương trình bị từ chối: thiếu chữ ký. Hãy báo người phát hành"
        );
        assert_eq!(reason(json!({"head": [1, 1], "last_look": null})), None, "it has not asked yet");
        let clock = reason(json!({"clock_trusted": false, "last_look": null})).unwrap();
        assert!(clock.ends_with("đã nhận. Hãy chỉnh giờ."), "nothing plays: {clock}");
        let (_, headline, notes) = said(json!({"card": true, "state": "LOST", "last_error": text("không có cụm này")}));
        assert_eq!(headline, card);
        assert_eq!(notes, ["Đã mất liên lạc với kho chương trình 0 phút (màn hình chờ)", "Lỗi gần nhất: không có cụm này"]);
        let faults = json!({"faults": [text("ổ đĩa đã đầy"), text("khóa hỏng")], "clock_trusted": false});
        let (good, headline, notes) = said(faults);
        assert_eq!((good, headline.as_str(), notes[0].as_str()), (false, "Cần xử lý: ổ đĩa đã đầy", "Cần xử lý: khóa hỏng"));
        assert!(notes[1].ends_with("; đang chiếu chương trình thường xuyên. Hãy chỉnh giờ."), "{notes:?}");
    }
}
