//! What a player lacks, as its report tells it: damaged files, a month that has yet to begin, and what it waits for.
//! Never finds it out: its caller does.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::base::ids::SlideId;
use crate::base::numbers;
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::text;

/// Files that were found damaged on the disk since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DamagedFiles {
    /// How many.
    pub found: usize,
    /// How many of them are not whole again.
    pub lacking: usize,
    /// One of them, which is not whole again if any is not, the last if it can be: its path in its program, else in a store.
    pub file: String,
    /// The one that was found last, and the one that was whole again last; empty if none was.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub found_last: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub whole_last: String,
    /// The slides that need this one, as far as is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slides: Vec<SlideId>,
}

impl DamagedFiles {
    /// One of the files, with the first slide that needs it, and how many more do.
    pub fn example(&self) -> Text {
        let Self { file, slides, .. } = self;
        let Some(first) = slides.first() else { return text!(vi: "{file}", en: "{file}") };
        match slides.len() - 1 {
            0 => text!(vi: "{file} của trang {first}", en: "{file} of the slide {first}"),
            more => text!(vi: "{file} của trang {first} và {more} trang khác", en: "{file} of the slide {first} and {more} more"),
        }
    }
}

/// How many slides a sentence names; `health.json` has all.
const SLIDES_NAMED: usize = 8;

/// Slides that are not shown, since files of them are damaged or lost; what to do is said where the files are counted.
pub fn missing_slides(slides: &BTreeSet<&SlideId>) -> Option<Text> {
    let (count, named) = (slides.len(), slides.iter().take(SLIDES_NAMED).map(|id| id.as_str()).collect::<Vec<_>>().join(", "));
    let (all, are) = (numbers::counted(count, "slide"), if count == 1 { "is" } else { "are" });
    let Text { vi: more_vi, en: more_en } = match count.saturating_sub(SLIDES_NAMED) {
        0 => text!(vi: "", en: ""),
        more => text!(vi: " và {more} trang nữa", en: " and {more} more"),
    };
    (count > 0).then(|| {
        text!(
            vi: "{count} trang không chiếu được vì tệp hỏng hoặc mất trên ổ đĩa: {named}{more_vi}; các trang khác vẫn chiếu",
            en: "{all} {are} not shown because of files damaged or lost on the disk: {named}{more_en}; the others play on"
        )
    })
}

/// A monthly program that has yet to begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComingMonth {
    pub title: String,
    /// When it begins, in Unix milliseconds.
    pub at: i64,
}

impl ComingMonth {
    /// That it comes, and what plays until then. `begins`: its moment in words; `card`: whether nothing plays.
    pub fn words(&self, begins: &Text, card: bool) -> Text {
        let (Text { vi: name, en: named }, Text { vi, en }) = (ProgramKind::Monthly.named(&self.title), begins);
        let (until_vi, until_en) = if card {
            ("", "")
        } else {
            ("; từ nay đến lúc đó vẫn chiếu chương trình thường xuyên", "; until then the evergreen program plays")
        };
        text!(
            vi: "Sắp tới: {name} bắt đầu chiếu lúc {vi}{until_vi}",
            en: "Coming up: the {named} begins at {en}{until_en}"
        )
    }
}

/// Why something is not fetched now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub reason: Text,
    /// When it is tried again.
    pub until: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_file_is_told_with_the_slides_that_need_it() {
        let example = |slides: &[&str]| {
            let slides = slides.iter().map(|id| SlideId::parse(id).unwrap()).collect();
            DamagedFiles { found: 1, lacking: 1, file: "assets/a.mp4".into(), slides, ..DamagedFiles::default() }.example()
        };
        let told = |slides: &[&str]| (example(slides).vi, example(slides).en);
        assert_eq!(told(&[]), ("assets/a.mp4".into(), "assets/a.mp4".into()));
        assert_eq!(told(&["y-te/mot"]), ("assets/a.mp4 của trang y-te/mot".into(), "assets/a.mp4 of the slide y-te/mot".into()));
        let many = ["y-te/ba", "y-te/hai", "y-te/mot"];
        assert_eq!(
            told(&many),
            ("assets/a.mp4 của trang y-te/ba và 2 trang khác".into(), "assets/a.mp4 of the slide y-te/ba and 2 more".into())
        );
    }

    #[test]
    fn slides_that_are_not_shown_are_named_and_many_are_counted() {
        let told = |count: usize| {
            let ids: Vec<SlideId> = (0..count).map(|number| SlideId::parse(&format!("y-te/{number}")).unwrap()).collect();
            missing_slides(&ids.iter().collect()).map(|Text { vi, en }| (vi, en))
        };
        assert_eq!(told(0), None);
        let (vi, en) = told(1).unwrap();
        assert_eq!(vi, "1 trang không chiếu được vì tệp hỏng hoặc mất trên ổ đĩa: y-te/0; các trang khác vẫn chiếu");
        assert_eq!(en, "1 slide is not shown because of files damaged or lost on the disk: y-te/0; the others play on");
        let (vi, en) = told(SLIDES_NAMED + 2).unwrap();
        assert!(vi.starts_with("10 trang ") && vi.ends_with("y-te/6, y-te/7 và 2 trang nữa; các trang khác vẫn chiếu"), "{vi}");
        assert!(en.starts_with("10 slides are ") && en.ends_with("y-te/6, y-te/7 and 2 more; the others play on"), "{en}");
    }

    #[test]
    fn a_month_that_begins_later_is_told_with_what_plays_until_then() {
        let month = ComingMonth { title: "Chương trình tháng 12/2026".into(), at: 0 };
        let Text { vi, en } = month.words(&text!(vi: "00:00 ngày 01/12/2026", en: "00:00 on 1 December 2026"), false);
        assert_eq!(
            (vi.as_str(), en.as_str()),
            (
                "Sắp tới: “Chương trình tháng 12/2026” bắt đầu chiếu lúc 00:00 ngày 01/12/2026; từ nay đến lúc đó vẫn chiếu chương trình thường xuyên",
                "Coming up: the monthly program “Chương trình tháng 12/2026” begins at 00:00 on 1 December 2026; until then the evergreen program plays"
            )
        );
        assert!(!month.words(&text!(vi: "x", en: "x"), true).en.contains("until then"));
    }
}
