//! What comes to a player and from where, as its report tells it: a release that is on its way, and how each source is doing. One that fails is told by
//! its name while another works, so that it is missed before it is needed. Never decides which one is asked.

use serde::{Deserialize, Serialize};

use crate::base::numbers;
use crate::base::text::Text;
use crate::player::pull::coming::{Coming, Slowed};
use crate::text;
use crate::trust::head::HeadNumber;

/// What comes, and from where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supply {
    /// A release that is not here whole.
    #[serde(default)]
    pub coming: Option<Coming>,
    /// The preferred first.
    #[serde(default)]
    pub sources: Vec<SourceReport>,
    /// Whether the last error is what a source holds, which no network can put right.
    #[serde(default)]
    pub refuses: bool,
}

impl Supply {
    /// What to say of it. `head`: the release in force; `card`: whether the release on its way is the reason of the card, and said there; `moment`:
    /// says one of Unix milliseconds.
    pub fn notes(&self, head: Option<HeadNumber>, card: bool, moment: Moment<'_>) -> Vec<Text> {
        let coming = self.coming.filter(|_| !card).map(|coming| on_its_way(coming, head, moment));
        coming.into_iter().chain(notes(&self.sources)).collect()
    }
}

/// Says a moment of Unix milliseconds.
pub type Moment<'a> = &'a dyn Fn(i64) -> Text;

/// Which release is on its way, or the rest of the one that is in force (`head`), and how much of it is here.
pub fn on_its_way(coming: Coming, head: Option<HeadNumber>, moment: Moment<'_>) -> Text {
    let (Coming { release, .. }, Text { vi: have_vi, en: have_en }) = (coming, numbers::size(coming.have));
    let Text { vi: what_vi, en: what_en } = if head == Some(release) {
        text!(
            vi: "Bản phát hành {release} đang có hiệu lực, phần còn lại đang tải về",
            en: "Release {release} is in force, the rest of it is on its way"
        )
    } else {
        text!(vi: "Bản phát hành {release} đang tải về", en: "Release {release} is on its way")
    };
    let Text { vi: slow_vi, en: slow_en } = coming.slowed.map_or_else(no_words, |slowed| slowly(slowed, moment));
    let Some(Text { vi, en }) = coming.total.map(numbers::size) else {
        return text!(vi: "{what_vi}: chưa nhận đủ bản kê{slow_vi}", en: "{what_en}: its list of files has yet to come{slow_en}");
    };
    text!(vi: "{what_vi}: đã có {have_vi} trong {vi}{slow_vi}", en: "{what_en}: {have_en} of {en} are here{slow_en}")
}

fn no_words() -> Text {
    text!(vi: "", en: "")
}

/// That the configuration slows it, and until when.
fn slowly(Slowed { bytes_per_second, done }: Slowed, moment: Moment<'_>) -> Text {
    let Text { vi: until_vi, en: until_en } = done.map(moment).map_or_else(no_words, |Text { vi, en }| {
        text!(vi: "; nếu đường truyền đủ nhanh thì xong khoảng {vi}", en: "; if the line is as fast as that, all is here at about {en}")
    });
    let Text { vi, en } = numbers::size(bytes_per_second);
    text!(
        vi: "; cấu hình chỉ cho tải {vi} mỗi giây (bytes_per_second){until_vi}",
        en: "; the configuration allows {en} a second (bytes_per_second){until_en}"
    )
}

/// A source at the last report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceReport {
    /// Its address or folder.
    pub name: String,
    /// Why the last look at it was not complete.
    pub reason: Option<Text>,
    /// Since when none was, in Unix milliseconds.
    pub since: Option<i64>,
}

/// Reports the sources at `now`, each with why it fails. `old`: the last report.
pub fn report<'a>(sources: impl Iterator<Item = (&'a str, Option<&'a Text>)>, old: &[SourceReport], now: i64) -> Vec<SourceReport> {
    let since = |name: &str| old.iter().find(|source| source.name == name).and_then(|source| source.since).unwrap_or(now);
    let report = |(name, reason): (&str, Option<&'a Text>)| SourceReport {
        name: name.to_owned(),
        since: reason.map(|_| since(name)),
        reason: reason.cloned(),
    };
    sources.map(report).collect()
}

/// What to say of sources that fail while another works. A folder is a stick or a disk, which may be absent.
fn notes(sources: &[SourceReport]) -> Vec<Text> {
    let works = sources.iter().any(|source| source.reason.is_none());
    let failing = sources.iter().filter(|source| works && source.name.contains("://")).filter_map(|source| source.reason.as_ref());
    failing
        .map(|Text { vi, en }| text!(vi: "Một nguồn không dùng được, đang dùng nguồn khác: {vi}", en: "One source can't be used, another is: {en}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_force_already_is_not_said_to_come() {
        let number = |version| HeadNumber { epoch: 1, version };
        let coming = Coming { release: number(2), have: 11_600_000, total: Some(49_800_000), slowed: None };
        let moment = |ms: i64| text!(vi: "lúc {ms}", en: "{ms}");
        let told = |head| on_its_way(coming, head, &moment);
        let new = "Release 1-2 is on its way: 11.6 MB of 49.8 MB are here";
        assert_eq!([told(None).en, told(Some(number(1))).en], [new, new]);
        let Text { vi, en } = told(Some(number(2)));
        assert_eq!(en, "Release 1-2 is in force, the rest of it is on its way: 11.6 MB of 49.8 MB are here");
        assert_eq!(vi, "Bản phát hành 1-2 đang có hiệu lực, phần còn lại đang tải về: đã có 11,6 MB trong 49,8 MB");
        let unknown = Coming { total: None, ..coming };
        let told = |coming: Coming| on_its_way(coming, Some(number(2)), &moment).en;
        assert_eq!(told(unknown), "Release 1-2 is in force, the rest of it is on its way: its list of files has yet to come");
        // 38,200,000 bytes by 100,000 a second are 382 seconds.
        let slowed = told(coming.slowed_by(Some(100_000), 5_000));
        let ends = "of 49.8 MB are here; the configuration allows 100 KB a second (bytes_per_second); if the line is as fast as that, all is here at about 387000";
        assert!(slowed.ends_with(ends), "{slowed}");
        assert!(
            told(unknown.slowed_by(Some(100_000), 5_000))
                .ends_with("yet to come; the configuration allows 100 KB a second (bytes_per_second)")
        );
    }

    #[test]
    fn a_source_that_fails_is_named_while_another_works() {
        let reason = text!(vi: "http://a: chậm", en: "http://a: slow");
        let told =
            |a: Option<&Text>, b: Option<&Text>, old: &[SourceReport], now| report([("http://a", a), ("usb", b)].into_iter(), old, now);
        let first = told(Some(&reason), None, &[], 5);
        assert_eq!(first[0].since, Some(5));
        let later = told(Some(&reason), None, &first, 9);
        assert_eq!(later, first, "since the first failure");
        assert_eq!(notes(&later)[0].en, "One source can't be used, another is: http://a: slow");
        assert_eq!(notes(&told(Some(&reason), Some(&reason), &later, 9)), [], "then it is the last error");
        assert_eq!(notes(&told(None, Some(&reason), &later, 9)), [], "a stick may be absent");
        assert_eq!(told(None, None, &later, 9)[0].since, None);
    }
}
