//! `bangtin-player status`: what the health file says, in words or as JSON, with the state of this moment.
//! Never asks the running player: the file is enough, and exists when no player runs.

use std::fmt::Write as _;

use serde_json::json;

use crate::base::dates;
use crate::base::failure::Failure;
use crate::base::text::{Lang, Text};
use crate::base::times::Timestamp;
use crate::player::config::Config;
use crate::player::show::health::{self, Health, Waiting};
use crate::text;

/// The status of a player at `now`, in Unix milliseconds: the text to print, and a failure if the player does not run.
pub fn status(config: &Config, json: bool, lang: Lang, now: i64) -> Result<(String, Result<(), Failure>), Failure> {
    let path = config.health_path();
    let health = Health::parse(&path, &health::read(&path)?)?;
    // A system clock that is behind the last report is wrong.
    let now = now.max(health.at);
    let health = health.as_of(now);
    let output = if json { format!("{:#}\n", json!(health)) } else { words(&health, lang, now) };
    let Text { vi, en } = moment(health.at);
    let running = health.is_running(now, config.poll_seconds);
    let not_running =
        text!(vi: "máy chiếu không chạy: báo lần cuối lúc {vi} (UTC)", en: "the player does not run: it last reported at {en} (UTC)");
    Ok((output, if running { Ok(()) } else { Err(Failure::Refused(not_running)) }))
}

fn moment(ms: i64) -> Text {
    dates::moment(Timestamp(ms.div_euclid(1_000)).utc().naive_utc())
}

fn words(health: &Health, lang: Lang, now: i64) -> String {
    let at = moment(health.at);
    let head = health.head.map_or("–".to_owned(), |number| number.to_string());
    let (_, Text { vi: state_vi, en: state_en }) = health.summary(now);
    let (at_vi, at_en, Health { site, player, root, .. }) = (at.vi, at.en, health);
    let (programs, pending, dropped) = (health.programs.len(), health.pending.len(), health.dropped.len());
    let mut text = text!(
        vi: "{site} / {player}: {state_vi}\n  lúc {at_vi} (UTC); văn bản phân quyền {root}, bản phát hành {head}\n  chương trình sẵn sàng: {programs}, đang tải: {pending}, bị từ chối: {dropped}\n",
        en: "{site} / {player}: {state_en}\n  at {at_en} (UTC); root {root}, release {head}\n  programs ready: {programs}, on their way: {pending}, refused: {dropped}\n"
    )
    .get(lang)
    .to_owned();
    if !health.clock_trusted {
        text.push_str(text!(vi: "  đồng hồ hệ thống chưa xác thực\n", en: "  the system clock is not trusted\n").get(lang));
    }
    if let Some(Text { vi, en }) = health.head_overdue(now) {
        text.push_str(text!(vi: "  bản phát hành quá hạn đã {vi}\n", en: "  the release is overdue for {en}\n").get(lang));
    }
    if let Some(Text { vi, en }) = &health.last_error {
        text.push_str(text!(vi: "  lỗi gần nhất: {vi}\n", en: "  last error: {en}\n").get(lang));
    }
    for Text { vi, en } in &health.faults {
        text.push_str(text!(vi: "  cần xử lý: {vi}\n", en: "  to be fixed: {en}\n").get(lang));
    }
    if let Some(Waiting { reason: Text { vi, en }, until }) = &health.waiting {
        let Text { vi: at_vi, en: at_en } = moment(*until);
        text.push_str(text!(vi: "  đang chờ đến {at_vi} (UTC): {vi}\n", en: "  waiting until {at_en} (UTC): {en}\n").get(lang));
    }
    for (digest, why) in &health.dropped {
        let _ = writeln!(text, "  {digest}: {}", why.get(lang));
    }
    text
}
