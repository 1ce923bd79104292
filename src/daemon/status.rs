//! `bangtin-player status`: how the player is, in words or as JSON, with the state of this moment: by the running player, which knows also what
//! a full disk keeps from the health file; by the file, if none answers. Never changes anything.

use std::fmt::Write as _;

use serde_json::json;

use crate::base::failure::Failure;
use crate::base::format_args::OutputFormat;
use crate::base::text::{Lang, Text};
use crate::player::alive;
use crate::player::config::Config;
use crate::player::show::health::{self, Health};
use crate::player::show::summary::Summary;
use crate::text;

/// The status of a player at `now`, in Unix milliseconds: the text to print, and a failure if the player does not run, or
/// has no program to show.
pub fn status(config: &Config, format: OutputFormat, lang: Lang, now: i64) -> Result<(String, Result<(), Failure>), Failure> {
    let path = config.health_path();
    let (health, now, unasked) = match alive::ask(config) {
        Some((told, now)) => (told, now, None),
        None => (Health::parse(&path, &health::read(&path)?)?, now, Some(unasked(config))),
    };
    // A clock that was not trusted is behind, and the report dated by the documents.
    let now = if health.clock_trusted { now } else { now.max(health.at) };
    let health = health.as_of(now);
    let Text { vi, en } = health.moment(health.at);
    let silent = (!health.is_running(now, config.poll_seconds)).then(|| {
        if health.at > now {
            return text!(
                vi: "báo cáo ghi {vi}, một thời điểm chưa đến: đầu phát không chạy, và đồng hồ của máy đã được chỉnh lùi; hãy chạy: systemctl restart bangtin-player",
                en: "the report is of {en}, which has yet to come: the player does not run, and the machine's clock was set back; run: systemctl restart bangtin-player"
            );
        }
        text!(
            vi: "không có báo cáo mới từ {vi}: đầu phát không chạy, hoặc ổ đĩa không ghi được; hãy chạy: systemctl restart bangtin-player, nếu vẫn vậy thì kiểm tra ổ đĩa",
            en: "no new report since {en}: the player does not run, or its disk can't be written; run: systemctl restart bangtin-player, and if that does not help, check the disk"
        )
    });
    let end = match &silent {
        Some(reason) => Err(Failure::Refused(reason.clone())),
        None if health.shows_card() => Err(Failure::Refused(text!(
            vi: "màn hình chỉ hiện màn hình chờ",
            en: "the screens show only the built-in card"
        ))),
        None => Ok(()),
    };
    // One reason is enough.
    let unasked = unasked.filter(|_| silent.is_none());
    let output = match format {
        OutputFormat::Json => format!("{:#}\n", json!(health)),
        OutputFormat::Human => words(&health, lang, now, (silent, unasked)),
    };
    Ok((output, end))
}

/// Why the report is that of the file.
fn unasked(config: &Config) -> Text {
    let address = config.listen;
    if address.port() == 0 {
        return text!(
            vi: "Không hỏi được đầu phát đang chạy vì “listen” có cổng 0: đây là báo cáo gần nhất trên ổ đĩa",
            en: "The running player can't be asked, because “listen” has port 0: this is its last report on the disk"
        );
    }
    text!(
        vi: "Không có đầu phát nào trả lời tại http://{address}/: đây là báo cáo gần nhất trên ổ đĩa. Nếu lúc này đầu phát phải hoạt động, hãy chạy lệnh: systemctl restart bangtin-player",
        en: "No player answers at http://{address}/: this is its last report on the disk. If it should be running now, run: systemctl restart bangtin-player"
    )
}

/// `unasked`: why the report is that of the file. What is wrong since then, as with a full disk, is not in it: it never says that all is well.
fn words(health: &Health, lang: Lang, now: i64, (silent, unasked): (Option<Text>, Option<Text>)) -> String {
    let Summary { good, mut headline, mut notes, advice } = health.summary(now, silent);
    if let Some(why) = unasked {
        notes.insert(0, why);
        if good {
            headline = text!(vi: "Bình thường theo báo cáo gần nhất", en: "All was well at the last report");
        }
    }
    let Text { vi: state_vi, en: state_en } = headline;
    let (Text { vi: at_vi, en: at_en }, Health { site, player, root, withdrawals, .. }) = (health.moment(health.at), health);
    // A player that was ended, or whose disk is full, leaves a report that seems to be of now.
    let Text { vi: age_vi, en: age_en } = if now - health.at < 60_000 {
        text!(vi: "", en: "")
    } else {
        let Text { vi, en } = health::elapsed(now, health.at);
        text!(vi: " ({vi} trước)", en: ", {en} ago")
    };
    let head = health.head.map_or("–".to_owned(), |number| number.to_string());
    let (programs, pending) = (health.programs.len(), health.pending.len());
    let (withdrawn, dropped) = (health.withdrawn.len(), health.dropped.len());
    let mut text = text!(
        vi: "{site} / {player}: {state_vi}\n  báo cáo lúc {at_vi}{age_vi}; văn bản phân quyền số {root}, bản phát hành {head}, văn bản thu hồi đã nhận: {withdrawals}\n  chương trình sẵn sàng: {programs}, chưa sẵn sàng: {pending}, bị thu hồi cả chương trình: {withdrawn}, bị từ chối: {dropped}\n",
        en: "{site} / {player}: {state_en}\n  report of {at_en}{age_en}; root {root}, release {head}, withdrawals received: {withdrawals}\n  programs ready: {programs}, not ready: {pending}, withdrawn whole: {withdrawn}, refused: {dropped}\n"
    )
    .get(lang)
    .to_owned();
    for note in notes.iter().chain(&advice) {
        let _ = writeln!(text, "  {}", note.get(lang));
    }
    for (digest, why) in health.withdrawn.iter().chain(&health.dropped) {
        let _ = writeln!(text, "  {} ({digest})", why.get(lang));
    }
    text
}
