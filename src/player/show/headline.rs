//! Parts a sentence into what stands large on the operator's page, short enough to be read out on the telephone, and the rest.
//! Never drops a word.

use crate::base::text::Text;

/// What ends the part of a sentence that stands alone as a headline.
const STOPS: [&str; 3] = [": ", "; ", ". "];

/// A sentence in two: its first part, with the names of files in place of their paths; then the rest, or all of it where a path was shortened.
/// A sentence that has two parts in one language alone stays whole: nothing of it may be lost.
pub fn headed(whole: &Text) -> (Text, Option<Text>) {
    let ((vi, vi_rest), (en, en_rest)) = (parted(&whole.vi, "Cần xử lý: "), parted(&whole.en, "To be fixed: "));
    match (vi_rest.is_empty(), en_rest.is_empty()) {
        (true, true) => (Text { vi, en }, None),
        (false, false) => (Text { vi, en }, Some(Text { vi: vi_rest, en: en_rest })),
        _ => (whole.clone(), None),
    }
}

fn parted(sentence: &str, lead: &str) -> (String, String) {
    let (lead, said) = sentence.strip_prefix(lead).map_or(("", sentence), |said| (lead, said));
    // A count belongs to what is counted.
    let stops = STOPS.iter().flat_map(|stop| said.match_indices(stop));
    let stop = stops.map(|(at, _)| at).filter(|at| !said[at + 2..].starts_with(|next: char| next.is_ascii_digit())).min();
    let (first, rest) = stop.map_or((said, ""), |at| (&said[..at], &said[at + 2..]));
    let name = |(at, word): (usize, &'_ str)| {
        // A date and the id of a slide have slashes too, and stand further on.
        let is_path = at == 0 || word.starts_with('/');
        word.rsplit('/').find(|part| is_path && !part.is_empty()).unwrap_or(word).to_owned()
    };
    let short = first.split(' ').enumerate().map(name).collect::<Vec<_>>().join(" ");
    let rest = if short == first { rest } else { said };
    // A path stays as it is written.
    if rest.split(' ').next().is_some_and(|word| word.contains('/')) {
        return (format!("{lead}{short}"), rest.to_owned());
    }
    (format!("{lead}{short}"), with_capital(rest))
}

/// A sentence of its own.
pub fn capitalized(Text { vi, en }: &Text) -> Text {
    Text { vi: with_capital(vi), en: with_capital(en) }
}

fn with_capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_that_has_two_parts_in_one_language_alone_stays_whole() {
        let told = |vi: &str, en: &str| headed(&Text { vi: vi.to_owned(), en: en.to_owned() });
        let uneven = Text { vi: "đĩa đầy: còn 1 KB".into(), en: "the disk is full".into() };
        assert_eq!(told(&uneven.vi, &uneven.en), (uneven, None));
        let at = "không có báo cáo mới từ 08:00 ngày 03/12/2026: đĩa hỏng";
        assert_eq!(told(at, "no new report since 2026-12-03 08:00: a damaged disk").0.vi, at.split(": ").next().unwrap());
        assert_eq!(
            told("màn hình a không chiếu được trang y-te/mot. Chờ", "screen a can't show the slide y-te/mot. Wait").0.en,
            "screen a can't show the slide y-te/mot"
        );
        let (first, rest) = told("đĩa đầy: còn 1 KB", "full: a little is left");
        assert_eq!((first.vi.as_str(), rest.unwrap().en.as_str()), ("đĩa đầy", "A little is left"));
    }
}
