//! What of a slide's film or sound does not fit its time or its players: no length or a wrong one, a late start, an early end, pictures that
//! few machines can decode.
//! Never opens a file.

use super::values::{MediaFile, MediaKey, Slide};
use super::written::{FileFaults, SlideFile};
use crate::base::limits::{MIN_LOOP_MS, SLIDE_MS};
use crate::base::numbers;
use crate::base::text::Text;
use crate::content::source::ContentTree;
use crate::content::source::media::STILL_MS;
use crate::content::source::text::TextSpan;
use crate::text;

/// Pictures that begin later than this leave the screen empty, in milliseconds.
const BLANK_MS: u64 = 100;
/// Sound that begins later than this is missed, in milliseconds: cameras begin it some tenths of a second after the pictures.
const SILENT_MS: u64 = 500;
/// How long a slide stands whose film has no length that could be taken, in milliseconds.
const FALLBACK_MS: u64 = 10_000;

/// The film's own length, for a slide without `duration`; reports one that a slide can't take, at `span`.
pub fn own_length_ms(film: &MediaFile, span: TextSpan, faults: &mut FileFaults<'_>) -> u64 {
    let (cause, help) = match film.duration_ms {
        0 => (
            text!(vi: "tệp phim không ghi độ dài, và không tính được từ hình và tiếng", en: "the film's file does not say how long it is, and its pictures and sound do not show it"),
            text!(vi: "đặt duration bằng độ dài của phim, hoặc xuất lại phim", en: "set duration to the film's length, or export the film again"),
        ),
        MIN_LOOP_MS..=SLIDE_MS => return film.duration_ms,
        ms => {
            let seconds = ms / 1_000;
            (
                text!(vi: "phim dài {seconds} giây; một trang đứng từ 1 giây đến 1 giờ", en: "the film lasts {seconds} s; a slide stands from 1 second to 1 hour"),
                text!(vi: "đặt duration, hoặc cắt phim", en: "set duration, or cut the film"),
            )
        }
    };
    faults.error("video-length", span, cause, help);
    FALLBACK_MS
}

/// Warns of a film or sound that a browser may play in another way than is known here.
fn check_files(slide: &Slide, written: &SlideFile, tree: &ContentTree, faults: &mut FileFaults<'_>) {
    let named = [(MediaKey::Video, written.video.as_ref()), (MediaKey::Audio, written.audio.as_ref())];
    for (key, name) in named {
        let (Some(name), Some(media)) = (name, slide.media.get(&key)) else { continue };
        let Some(facts) = tree.media.get(&media.path).copied().flatten() else { continue };
        if facts.has_choice {
            faults.warning(
                "media-tracks",
                name.span,
                text!(
                    vi: "tệp có hơn một đường hình, hoặc hơn một đường tiếng: trình duyệt tự chọn một để chiếu, mỗi máy có thể chọn khác nhau",
                    en: "the file has several tracks of pictures, or several of sound: a browser plays one of its choice, which may be another on each machine"
                ),
                text!(vi: "xuất lại với một đường hình và một đường tiếng", en: "export it again with one track of pictures and one of sound"),
            );
        }
        if facts.said_ms > 0 {
            let (Text { vi, en }, Text { vi: said_vi, en: said_en }) = (seconds(facts.ms), seconds(facts.said_ms));
            faults.warning(
                "media-length",
                name.span,
                text!(
                    vi: "tệp ghi độ dài {said_vi} giây, nhưng hình và tiếng trong đó dài {vi} giây: ở đây tính {vi} giây, trình duyệt có thể theo số kia",
                    en: "the file says that it lasts {said_en} s, but its pictures and sound last {en} s: {en} s count here, a browser may go by the other"
                ),
                text!(vi: "xuất lại tệp từ chương trình đã làm ra nó", en: "export it again from the program that made it"),
            );
        }
        for (waits, least, what) in [
            (facts.blank_ms, BLANK_MS, text!(vi: "không có hình", en: "pictures")),
            (facts.silent_ms, SILENT_MS, text!(vi: "không có tiếng", en: "sound")),
        ] {
            if waits > least {
                let (Text { vi, en }, Text { vi: what_vi, en: what_en }) = (seconds(waits), what);
                faults.warning(
                    "media-starts-late",
                    name.span,
                    text!(vi: "{vi} giây đầu {what_vi}", en: "the file has no {what_en} for its first {en} s"),
                    text!(vi: "cắt bỏ phần đầu rồi xuất lại", en: "cut the beginning off and export it again"),
                );
            }
        }
    }
}

/// Milliseconds in seconds.
fn seconds(ms: u64) -> Text {
    numbers::thousandths(i64::try_from(ms).unwrap_or(i64::MAX))
}

/// Warns of what a slide's file decides: of what a translation takes from its original, the original's file tells.
pub fn check(slide: &Slide, written: &SlideFile, tree: &ContentTree, faults: &mut FileFaults<'_>) {
    check_files(slide, written, tree, faults);
    let (Some(film), named) = (slide.media.get(&MediaKey::Video), written.video.as_ref()) else { return };
    let facts = tree.media.get(&film.path).copied().flatten().unwrap_or_default();
    if let Some(named) = named.filter(|_| facts.rare) {
        faults.warning(
            "video-rare",
            named.span,
            text!(
                vi: "phim có hơn 8 bit màu, hoặc màu mịn hơn 4:2:0: phần lớn đầu phát không giải mã được bằng phần cứng, hình có thể giật hoặc đứng",
                en: "the film has more than 8 bits, or colour finer than 4:2:0: the hardware of most players can't decode it, and it may stutter or stand still"
            ),
            text!(vi: "xuất lại: H.264 High, 8 bit, 4:2:0 (yuv420p)", en: "export it again: H.264 High with 8 bits and 4:2:0 (yuv420p)"),
        );
    }
    check_end(slide, written, facts.still_ms, faults);
}

/// Warns of pictures that end before their slide does. `still_ms`: how long the film itself goes on without pictures.
fn check_end(slide: &Slide, written: &SlideFile, still_ms: u64, faults: &mut FileFaults<'_>) {
    let (Some(film), named) = (slide.media.get(&MediaKey::Video), written.video.as_ref()) else { return };
    // A slide without a duration lasts as long as its film, sound and all, and one whose duration is at fault has no time yet.
    let own = written.duration.as_ref().map(|length| length.span);
    let taken = named.filter(|_| (slide.sets_duration || still_ms > 0) && !written.has("duration"));
    let Some(span) = own.or(taken.map(|named| named.span)) else { return };
    let pictures_ms = film.duration_ms.saturating_sub(still_ms);
    if film.duration_ms == 0 || slide.duration_ms <= pictures_ms + STILL_MS {
        return;
    }
    // As everywhere, no film is said to last longer than it does.
    let lasts = pictures_ms / 100 * 100;
    let (Text { vi, en }, stands, rest) = (seconds(lasts), seconds(slide.duration_ms), seconds(slide.duration_ms - lasts));
    let (stands_vi, stands_en, rest_vi, rest_en) = (stands.vi, stands.en, rest.vi, rest.en);
    let whole = pictures_ms.div_ceil(1_000).max(1);
    let (cause, help) = if still_ms > 0 {
        (
            text!(
                vi: "hình của phim dài {vi} giây (tiếng dài hơn), trang chiếu {stands_vi} giây: {rest_vi} giây cuối đứng ở hình cuối của phim",
                en: "the film's pictures last {en} s (its sound lasts longer), the slide {stands_en} s: for the last {rest_en} s the film's last picture stands"
            ),
            text!(vi: "cắt tiếng cho bằng hình rồi xuất lại, hoặc đặt duration: {whole}s", en: "cut the sound to the length of the pictures and export it again, or set duration: {whole}s"),
        )
    } else {
        (
            text!(
                vi: "phim dài {vi} giây, trang chiếu {stands_vi} giây: {rest_vi} giây cuối đứng ở hình cuối của phim",
                en: "the film lasts {en} s, the slide {stands_en} s: for the last {rest_en} s the film's last picture stands"
            ),
            if own.is_some() && film.duration_ms >= MIN_LOOP_MS {
                text!(vi: "bỏ duration để trang dài bằng phim, hoặc đặt ngắn lại", en: "leave duration out, so that the slide lasts as long as the film, or make it shorter")
            } else {
                text!(vi: "đặt duration: {whole}s, hoặc dùng phim dài hơn", en: "set duration: {whole}s, or take a longer film")
            },
        )
    };
    faults.warning("video-ends-early", span, cause, help);
}
