//! The answer of `bangtin at` in words, in both languages: the slide on a screen, its place in the loop, and why.
//! Never looks anything up.

use crate::base::dates;
use crate::base::ids::ScreenId;
use crate::base::text::{Lang, Text};
use crate::content::model::values::{Content, name};
use crate::content::plan::explain::Explanation;
use crate::program::at::CurrentItem;
use crate::text;

/// One screen's answer, before it is written.
pub(super) struct ScreenAnswer<'a> {
    pub screen: &'a ScreenId,
    pub program: Option<String>,
    pub at: Option<CurrentItem<'a>>,
    pub items: usize,
    pub why: Option<Explanation>,
}

/// One screen's answer, a paragraph.
pub(super) fn answer_text(content: &Content, answer: &ScreenAnswer<'_>, lang: Lang) -> String {
    let screen = answer.screen;
    let program = answer.program.as_deref().unwrap_or_default();
    let Some(at) = answer.at else {
        let head = if answer.program.is_some() {
            text!(vi: "Màn hình {screen}: tắt, ngoài giờ hoạt động ({program})", en: "Screen {screen}: dark, outside opening hours ({program})")
        } else {
            text!(vi: "Màn hình {screen}: không có chương trình, hiện màn hình chờ", en: "Screen {screen}: no program, the built-in card")
        };
        let why = answer.why.as_ref().map(|why| format!("\n  {}", day(why, lang))).unwrap_or_default();
        return format!("{}{why}", head.get(lang));
    };
    let (slide, id) = (content.slides.get(at.slide), at.slide);
    let title = slide.map_or("", |slide| &slide.title);
    let source = slide.map_or_else(String::new, |slide| format!("slides/{}", slide.source));
    let agency = slide.and_then(|slide| Some((slide, content.agencies.get(&slide.agency)?)));
    let agency = agency.map_or_else(String::new, |(slide, agency)| format!("{} ({})", name(&agency.name, lang), slide.agency));
    let (number, items, loop_id) = (at.item + 1, answer.items, at.loop_id());
    let (into, ms) = (dates::thousandths(at.elapsed_ms), dates::thousandths(at.ms));
    let (into_vi, ms_vi, into_en, ms_en) = (into.vi, ms.vi, into.en, ms.en);
    let lines = text!(
        vi: "Màn hình {screen}: {title}\n  trang     {id}\n  tệp       {source}\n  đơn vị    {agency}\n  vị trí    lượt {number}/{items} của vòng {loop_id}, {into_vi}/{ms_vi} giây ({program})",
        en: "Screen {screen}: {title}\n  slide     {id}\n  source    {source}\n  agency    {agency}\n  position  item {number} of {items} in loop {loop_id}, {into_en} of {ms_en} s ({program})"
    );
    let label = text!(vi: "vì", en: "why");
    let why = answer.why.as_ref().map(|why| format!("\n  {:<10}{}", label.get(lang), reason_text(why, lang))).unwrap_or_default();
    format!("{}{why}", lines.get(lang))
}

fn reason_text(why: &Explanation, lang: Lang) -> String {
    let Some(entry) = &why.entry else { return day(why, lang) };
    let (playlist, share, shares, path, line) = (&entry.playlist, entry.share, entry.shares, &entry.place.path, entry.place.line);
    let cause = text!(
        vi: "danh sách {playlist} ({path}:{line}), tỷ lệ {share}/{shares} thời lượng",
        en: "playlist {playlist} ({path}:{line}), {share}/{shares} of the time"
    );
    format!("{}; {}", day(why, lang), cause.get(lang))
}

fn day(why: &Explanation, lang: Lang) -> String {
    let date = why.date.map_or_else(|| dates::weekday(why.weekday), dates::day);
    let (Text { vi, en }, date_vi, date_en) = (why.kind.name(), date.vi, date.en);
    let text = match why.window {
        Some(window) => text!(vi: "{date_vi} là {vi}, giờ hoạt động {window}", en: "{date_en} is a {en}, open {window}"),
        None => text!(vi: "{date_vi} là {vi}, lúc này ngoài giờ hoạt động", en: "{date_en} is a {en}, closed now"),
    };
    text.get(lang).to_owned()
}
