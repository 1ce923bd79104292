//! `bangtin-player status`: the health file in words, or unchanged.
//! Never asks the running player: the file is enough, and exists when no player runs.

use std::fmt::Write as _;

use crate::base::dates;
use crate::base::failure::Failure;
use crate::base::text::{Lang, Text};
use crate::base::times::Timestamp;
use crate::player::config::Config;
use crate::player::show::health::{self, Health};
use crate::text;

/// The status of a player, ready to print.
pub fn status(config: &Config, json: bool, lang: Lang) -> Result<String, Failure> {
    let path = config.health_path();
    let bytes = health::read(&path)?;
    if json {
        return Ok(String::from_utf8_lossy(&bytes).into_owned());
    }
    Health::parse(&path, &bytes).map(|health| words(&health, lang))
}

fn words(health: &Health, lang: Lang) -> String {
    let at = dates::moment(Timestamp(health.at.div_euclid(1_000)).utc().naive_utc());
    let head = health.head.map_or("–".to_owned(), |number| number.to_string());
    let Text { vi: state_vi, en: state_en } = health.state.text();
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
    if let Some(Text { vi, en }) = &health.last_error {
        text.push_str(text!(vi: "  lỗi gần nhất: {vi}\n", en: "  last error: {en}\n").get(lang));
    }
    for (digest, why) in &health.dropped {
        let _ = writeln!(text, "  {digest}: {}", why.get(lang));
    }
    text
}
