//! The answer of `bangtin at` in words, in both languages: the slide on a screen, its place in the loop, and why.
//! Never looks anything up.

use std::path::PathBuf;

use crate::base::dates;
use crate::base::ids::{ScreenId, SlideId};
use crate::base::numbers;
use crate::base::shell;
use crate::base::text::{Lang, Text};
use crate::base::times::{Month, Timestamp};
use crate::content::model::values::{Content, Period, TimeWindow, name};
use crate::content::plan::explain::Explanation;
use crate::filing::returning::WithdrawnCopy;
use crate::program::at::CurrentItem;
use crate::text;

/// One screen's answer, before it is written.
pub(super) struct ScreenAnswer<'a> {
    pub screen: &'a ScreenId,
    pub program: Option<String>,
    pub at: Option<CurrentItem<'a>>,
    pub items: usize,
    pub why: Option<Explanation>,
    /// The month of the moment.
    pub month: Month,
    /// When a dark screen shows something again, that in words, and the program that does.
    pub next: Option<(Timestamp, Text, String)>,
    /// The programs that would play but are withdrawn whole, each with number and reason.
    pub gone: &'a [(Period, Text)],
    /// The slide that would be due but is withdrawn, with number and reason.
    pub instead: Option<(&'a SlideId, &'a Text)>,
    /// The withdrawn slide that the one on the screen looks like.
    pub copy: Option<&'a WithdrawnCopy>,
}

/// The moment that is answered for; where a day alone was named, with its opening hours.
pub(super) fn heading(Text { vi, en }: &Text, hours: Option<&[TimeWindow]>) -> Text {
    let hours = hours.map(|hours| hours.iter().map(|window| window.in_words()).collect::<Vec<_>>().join(", "));
    let Text { vi: vi_hours, en: en_hours } = match hours.as_deref() {
        None => text!(vi: "", en: ""),
        Some("") => text!(vi: " (cả ngày không hoạt động)", en: " (closed all day)"),
        Some(hours) => text!(vi: " (giờ hoạt động trong ngày: {hours})", en: " (hours of that day: {hours})"),
    };
    text!(vi: "Lúc {vi}{vi_hours}:", en: "At {en}{en_hours}:")
}

/// The answers, a paragraph for all screens that have the same.
pub(super) fn answers_text(content: &Content, answers: &[ScreenAnswer<'_>], lang: Lang) -> String {
    let mut groups: Vec<(Vec<&str>, String)> = Vec::new();
    for answer in answers {
        let more = [copy_text(answer, lang), instead_text(answer, lang), gone_text(answer, lang)].concat();
        let text = format!("{}{more}", answer_text(content, answer, lang));
        match groups.iter_mut().find(|(_, known)| *known == text) {
            Some((screens, _)) => screens.push(answer.screen.as_str()),
            None => groups.push((vec![answer.screen.as_str()], text)),
        }
    }
    let paragraph = |(screens, text): &(Vec<&str>, String)| {
        let (list, many) = (screens.join(", "), if screens.len() > 1 { "s" } else { "" });
        format!("{}: {text}", text!(vi: "Màn hình {list}", en: "Screen{many} {list}").get(lang))
    };
    groups.iter().map(paragraph).collect::<Vec<_>>().join("\n")
}

/// Where the answer comes from, and what answers for what was published.
pub(super) fn by_the_files(time: &str, elsewhere: Option<PathBuf>) -> Text {
    let time = shell::quoted(time);
    let folder = elsewhere.map(|root| format!(" {}", root.display()));
    let (vi_folder, en_folder) =
        folder.map_or((" ở đây".to_owned(), " here".to_owned()), |folder| (format!(" trong{folder}"), format!(" in{folder}")));
    text!(
        vi: "Trả lời theo các tệp nội dung{vi_folder}, dù đã duyệt và phát hành hay chưa; theo bản đã phát hành thì hỏi: bangtin verify KHO --at {time}",
        en: "By the content files{en_folder}, whether approved and published or not; by what was published: bangtin verify STORE --at {time}"
    )
}

fn answer_text(content: &Content, answer: &ScreenAnswer<'_>, lang: Lang) -> String {
    let program = answer.program.as_deref().unwrap_or_default();
    let Some(at) = answer.at else {
        let head = if answer.instead.is_some() {
            text!(vi: "không còn trang nào để chiếu, vì mọi trang của vòng đều đã bị thu hồi ({program})", en: "no slide: all of the loop are withdrawn ({program})")
        } else if answer.program.is_some() {
            let Text { vi, en } = dark_until(answer, program);
            text!(vi: "tắt, ngoài giờ hoạt động{vi}", en: "dark, outside opening hours{en}")
        } else {
            text!(vi: "không có chương trình, hiện màn hình chờ", en: "no program, the built-in card")
        };
        let why = answer.why.as_ref().map(|why| format!("\n  {}", day(why, answer, lang))).unwrap_or_default();
        return format!("{}{why}", head.get(lang));
    };
    let (slide, id) = (content.slide(at.slide), at.slide);
    let title = slide.map_or_else(String::new, |slide| slide.title_of(id));
    let source = slide.map_or_else(String::new, |slide| format!("slides/{}", slide.source));
    let agency = slide.and_then(|slide| Some((slide, content.agencies.get(&slide.agency)?)));
    let agency = agency.map_or_else(String::new, |(slide, agency)| format!("{} ({})", name(&agency.name, lang), slide.agency));
    let (number, items, loop_id) = (at.item + 1, answer.items, at.loop_id());
    let (into, ms) = (numbers::thousandths(at.elapsed_ms), numbers::thousandths(at.ms));
    let (into_vi, ms_vi, into_en, ms_en) = (into.vi, ms.vi, into.en, ms.en);
    let lines = text!(
        vi: "{title}\n  trang     {id}\n  tệp       {source}\n  đơn vị    {agency}\n  vị trí    lượt {number}/{items} của vòng {loop_id}; giây thứ {into_vi} trên {ms_vi} ({program})",
        en: "{title}\n  slide     {id}\n  source    {source}\n  agency    {agency}\n  position  item {number} of {items} in loop {loop_id}; {into_en} of {ms_en} s ({program})"
    );
    let label = text!(vi: "vì", en: "why");
    let why = answer.why.as_ref().map(|why| format!("\n  {:<10}{}", label.get(lang), reason_text(why, answer, lang))).unwrap_or_default();
    format!("{}{why}", lines.get(lang))
}

/// The program of a dark screen, and when it is on again, each side by its own program.
fn dark_until(answer: &ScreenAnswer<'_>, program: &str) -> Text {
    match &answer.next {
        None => text!(vi: " ({program})", en: " ({program})"),
        Some((_, Text { vi, en }, later)) if later == program => text!(vi: ", chiếu lại {vi} ({later})", en: ", on again {en} ({later})"),
        Some((_, Text { vi, en }, later)) => {
            text!(vi: " ({program}), chiếu lại {vi} ({later})", en: " ({program}), on again {en} ({later})")
        }
    }
}

fn instead_text(answer: &ScreenAnswer<'_>, lang: Lang) -> String {
    let Some((slide, Text { vi, en })) = answer.instead else { return String::new() };
    text!(vi: "\n  thay cho  trang {slide} {vi}", en: "\n  instead   of slide {slide}, which {en}").get(lang).to_owned()
}

fn copy_text(answer: &ScreenAnswer<'_>, lang: Lang) -> String {
    let Some(WithdrawnCopy { of, why: Text { vi, en } }) = answer.copy else { return String::new() };
    text!(
        vi: "\n  lưu ý     giống hệt trang {of} {vi}: chỉ chiếu nếu đã phát hành trước đó, không bản phát hành mới nào được chiếu",
        en: "\n  note      the same as {of}, which {en}: shown only where it was published before, no new release may show it"
    )
    .get(lang)
    .to_owned()
}

fn gone_text(answer: &ScreenAnswer<'_>, lang: Lang) -> String {
    let line = |(period, Text { vi, en }): &(Period, Text)| {
        let Text { vi: vi_period, en: en_period } = period.name();
        let line = text!(vi: "\n  thay cho  {vi_period}: cả chương trình {vi}", en: "\n  instead   of {en_period}: the whole program {en}");
        line.get(lang).to_owned()
    };
    answer.gone.iter().map(line).collect()
}

fn reason_text(why: &Explanation, answer: &ScreenAnswer<'_>, lang: Lang) -> String {
    let Some(entry) = &why.entry else { return day(why, answer, lang) };
    let (playlist, share, shares, path, line) = (&entry.playlist, entry.share, entry.shares, &entry.place.path, entry.place.line);
    let cause = text!(
        vi: "danh sách {playlist} ({path}:{line}), tỷ lệ {share}/{shares} thời lượng",
        en: "playlist {playlist} ({path}:{line}), {share}/{shares} of the time"
    );
    format!("{}; {}", day(why, answer, lang), cause.get(lang))
}

/// The kind of the day and its hours; of the evergreen week also why it plays.
fn day(why: &Explanation, answer: &ScreenAnswer<'_>, lang: Lang) -> String {
    let Text { vi, en } = why.kind.name();
    let en = match en.as_str() {
        "weekend" => "weekend day",
        "makeup" => "makeup workday",
        other => other,
    };
    let open = why.window.map(TimeWindow::in_words);
    let hours = open.map_or(text!(vi: "", en: ""), |open| text!(vi: ", giờ hoạt động {open}", en: ", open {open}"));
    let Text { vi: vi_hours, en: en_hours } = hours;
    let text = match why.date.map(dates::day) {
        Some(Text { vi: date_vi, en: date_en }) => text!(vi: "{date_vi} là {vi}{vi_hours}", en: "{date_en} is a {en}{en_hours}"),
        None => {
            let (Text { vi: day_vi, en: day_en }, Text { vi: no_vi, en: no_en }) = (dates::weekday(why.weekday), no_month(answer));
            text!(
                vi: "{no_vi}chiếu chương trình thường xuyên, tính theo {day_vi} là {vi}{vi_hours}",
                en: "{no_en}the evergreen program plays, by the day of the week: {day_en} is a {en}{en_hours}"
            )
        }
    };
    text.get(lang).to_owned()
}

/// Before what the evergreen week shows: that the month has no program, unless one that is withdrawn is named.
fn no_month(answer: &ScreenAnswer<'_>) -> Text {
    let Text { vi, en } = dates::month(answer.month);
    if answer.gone.is_empty() { text!(vi: "không có chương trình {vi}: ", en: "no program for {en}: ") } else { text!(vi: "", en: "") }
}
