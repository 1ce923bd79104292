//! What a site's screens show where its next release has no monthly program: told with every publication, so that nobody learns it on site.
//! Never chooses a program: `program::show` does.

use super::context::PublishContext;
use crate::base::dates;
use crate::base::ids::SiteId;
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::store::publish::PublishableProgram;
use crate::text;
use crate::trust::head::HeadEntry;

/// A line for each stretch without a month. `entries`: those of the release; `items`: the programs of them that count.
pub fn texts(desk: &PublishContext<'_>, site: &SiteId, entries: &[HeadEntry], items: &[PublishableProgram]) -> Vec<Text> {
    let (zone, now, months) = (desk.zone, desk.now.0, months(entries, items));
    let evergreen = items.iter().any(|item| item.approved.program().manifest().kind == ProgramKind::Evergreen);
    let Text { vi: vi_shown, en: en_shown } = if evergreen {
        text!(vi: "màn hình chiếu chương trình thường xuyên", en: "the screens show the evergreen program")
    } else {
        text!(vi: "màn hình chỉ hiện màn hình chờ", en: "the screens show only the built-in card")
    };
    let Text { vi, en } = if items.is_empty() {
        text!(vi: "chưa có chương trình nào được phát hành", en: "no program is published")
    } else {
        text!(vi: "chưa có chương trình tháng nào trong bản phát hành", en: "no monthly program is in the release")
    };
    let line = |(from, until): (i64, Option<i64>)| {
        let when = until.map(|until| zone.window(from, until)).map(|Text { vi, en }| text!(vi: " {vi}", en: " for {en}"));
        let after =
            (from > now).then(|| dates::begin(zone.to_local(from))).map(|Text { vi, en }| text!(vi: " từ {vi}", en: " from {en} on"));
        let (vi_when, en_when) = when.or(after).map_or_else(Default::default, |Text { vi, en }| (vi, en));
        text!(vi: "{site}: {vi}{vi_when}: {vi_shown}", en: "{site}: {en}{en_when}: {en_shown}")
    };
    gaps(months, now).into_iter().map(line).collect()
}

/// When the months of a release are on the screens, in Unix seconds.
fn months(entries: &[HeadEntry], items: &[PublishableProgram]) -> Vec<(i64, i64)> {
    let month = |entry: &HeadEntry| {
        let item = items.iter().find(|item| item.approved.program().digest() == entry.program)?;
        let manifest = item.approved.program().manifest();
        let until = manifest.valid.until.filter(|_| manifest.kind == ProgramKind::Monthly)?;
        Some((manifest.valid.from.max(entry.from), until))
    };
    entries.iter().filter_map(month).collect()
}

/// The stretches between some others and after the last of them; `None`: without end. Before the first there is one only if there is no other:
/// when each begins is told with it.
fn gaps(mut months: Vec<(i64, i64)>, now: i64) -> Vec<(i64, Option<i64>)> {
    months.retain(|(_, until)| *until > now);
    months.sort_unstable();
    let (mut gaps, mut end) = (Vec::new(), None::<i64>);
    for (from, until) in months {
        gaps.extend(end.filter(|end| *end < from).map(|end| (end, Some(from))));
        end = end.max(Some(until));
    }
    gaps.push((end.unwrap_or(now), None));
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_without_a_month_are_found_between_months_and_after_the_last() {
        let found = |months: &[(i64, i64)]| gaps(months.to_vec(), 100);
        assert_eq!(found(&[]), [(100, None)]);
        assert_eq!(found(&[(0, 100)]), [(100, None)], "over by now");
        assert_eq!(found(&[(200, 300), (50, 200)]), [(300, None)]);
        assert_eq!(found(&[(50, 200), (120, 180), (260, 300)]), [(200, Some(260)), (300, None)]);
    }
}
