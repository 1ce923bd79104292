//! `bangtin-player status`: the health file in words, or as it is.
//! Never asks the running player: the file is enough, and there without it too.

use std::fmt::Write as _;

use super::config::Config;
use crate::base::dates;
use crate::base::failure::Failure;
use crate::base::files;
use crate::base::limits::SMALL_DOCUMENT_BYTES;
use crate::base::text::Lang;
use crate::base::times::Instant;
use crate::player::show::health::Health;
use crate::text;

/// The status of a player, ready to print.
pub fn status(config: &Config, json: bool, lang: Lang) -> Result<String, Failure> {
    let path = config.health();
    let bytes = files::read_limited(&path, SMALL_DOCUMENT_BYTES).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::Refused(text!(vi: "máy chiếu này chưa chạy lần nào", en: "this player has not run yet")),
        _ => Failure::io(&path, &error),
    })?;
    if json {
        return Ok(String::from_utf8_lossy(&bytes).into_owned());
    }
    let shown = path.display();
    let health: Health =
        serde_json::from_slice(&bytes).map_err(|error| Failure::Refused(text!(vi: "{shown}: {error}", en: "{shown}: {error}")))?;
    Ok(words(&health, lang))
}

fn words(health: &Health, lang: Lang) -> String {
    let at = dates::moment(Instant(health.at.div_euclid(1_000)).utc().naive_utc());
    let head = health.head.map_or("–".to_owned(), |number| number.to_string());
    let (state_vi, state_en) = {
        let state = health.state.text();
        (state.vi, state.en)
    };
    let (site, player, at_vi, at_en, root) = (&health.site, &health.player, at.vi, at.en, health.root);
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
    if let Some(error) = &health.last_error {
        let _ = write!(text, "{}", text!(vi: "  lỗi gần nhất: {error}\n", en: "  last error: {error}\n").get(lang));
    }
    for (digest, why) in &health.dropped {
        let _ = writeln!(text, "  {digest}: {why}");
    }
    text
}
