//! Decides where a line may not break: numbers with their units, names, words of two syllables, the space before a dash; and where a Chinese
//! heading may. Never changes a letter: it only turns spaces into U+00A0 and adds U+2060 and U+200B.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::chinese::chinese_breaks;
use super::words::{BREAK, Edit, NO_BREAK_SPACE, WORD_JOINER, Word, list, words};
use crate::content::source::syllable::is_vietnamese;

/// Characters that a bound run may have: longer ones could not break on a narrow face.
const RUN: usize = 14;
/// The same for telephone numbers and numbers of documents.
const NUMBER_RUN: usize = 16;
/// The same for names of bodies.
const BODY_RUN: usize = 18;
/// Characters that the last two words of a heading may have together to stay on one line.
const ENDING_RUN: usize = 12;

const UNITS: [&str; 50] = [
    "km²", "km", "m²", "m³", "m", "cm", "mm", "ha", "kg", "g", "mg", "tấn", "tạ", "lít", "l", "ml", "%", "°C", "℃", "°", "độ", "km/h",
    "kW", "kWh", "MW", "đồng", "₫", "USD", "VND", "giờ", "phút", "giây", "nghìn", "ngàn", "triệu", "tỷ", "tỉ", "người", "hộ", "xã", "ngày",
    "tuần", "tháng", "năm", "tuổi", "lần", "lượt", "con", "cây", "hour",
];
/// Names of bodies, which are read as one word wherever they stand.
const BODIES: [&str; 8] = [
    "ủy ban nhân dân",
    "uỷ ban nhân dân",
    "hội đồng nhân dân",
    "tòa án nhân dân",
    "toà án nhân dân",
    "quân đội nhân dân",
    "công an nhân dân",
    "bộ đội biên phòng",
];
/// Words that belong to the number behind them.
const BEFORE_NUMBERS: [&str; 36] = [
    "ngày", "mùng", "mồng", "tháng", "năm", "quý", "thứ", "tuần", "lúc", "số", "điều", "khoản", "điểm", "mục", "chương", "phần", "tập",
    "trang", "lớp", "khối", "cấp", "kỳ", "khóa", "lần", "đợt", "tổ", "xóm", "thôn", "khu", "phòng", "tầng", "cột", "mốc", "lộ", "no.",
    "page",
];
/// Words that belong to the name behind them.
const BEFORE_NAMES: [&str; 40] = [
    "tp.",
    "tp",
    "tx.",
    "tt.",
    "q.",
    "p.",
    "x.",
    "h.",
    "t.",
    "ông",
    "bà",
    "anh",
    "chị",
    "cụ",
    "bác",
    "đ/c",
    "gs.",
    "pgs.",
    "ts.",
    "ths.",
    "bs.",
    "ks.",
    "cn.",
    "tỉnh",
    "huyện",
    "xã",
    "phường",
    "thôn",
    "xóm",
    "bản",
    "làng",
    "sông",
    "suối",
    "núi",
    "hồ",
    "thác",
    "đèo",
    "động",
    "mr.",
    "mrs.",
];

static COMPOUNDS: LazyLock<HashSet<(&str, &str)>> =
    LazyLock::new(|| list(include_str!("compounds.txt"), ',').into_iter().filter_map(|word| word.split_once(' ')).collect());

/// Where a text stands: in headings and cells words of two syllables stay together, in running text only names and numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Heading,
    Running,
}

/// The text with its changes.
pub fn bind(text: &str, language: &str, place: Place) -> String {
    apply(text, &edits(text, language, place))
}

/// Makes changes, which stand in the order of the text.
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let (mut out, mut done) = (String::with_capacity(text.len() + edits.len() * 3), 0);
    for (at, sign) in edits {
        out.push_str(&text[done..*at]);
        out.push(*sign);
        done = at + usize::from(*sign == NO_BREAK_SPACE);
    }
    out + &text[done..]
}

/// The changes of a text, in its order.
pub fn edits(text: &str, language: &str, place: Place) -> Vec<Edit> {
    let mut out = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        let words = words(line, start);
        out.extend(spaces(&words, language, place));
        out.extend(words.iter().flat_map(joined));
        if place == Place::Heading {
            out.extend(words.iter().flat_map(breaks));
        }
        start += line.len() + 1;
    }
    if language == "zh" && place == Place::Heading {
        out.extend(chinese_breaks(text));
    }
    out.sort_unstable();
    out
}

/// The spaces that bind, strongest first, as long as the run stays short.
fn spaces(words: &[Word<'_>], language: &str, place: Place) -> Vec<Edit> {
    let gaps = words.len().saturating_sub(1);
    let mut wanted: Vec<(u8, usize, usize)> = Vec::new();
    let names = names(words, language);
    let compounds = compounds(words, place);
    let bodies = bodies(words);
    for gap in 0..gaps {
        let (most, strength) = match number_strength(words, gap) {
            Some(8) => (NUMBER_RUN, 8),
            Some(strength) => (RUN, strength),
            None if bodies[gap] => (BODY_RUN, 6),
            None if names[gap] => (RUN, 4),
            None if is_before_name(&words[gap], &words[gap + 1]) => (RUN, 5),
            None if compounds[gap] => (RUN, 3),
            None if place == Place::Heading && gap + 1 == gaps && gaps >= 2 => (ENDING_RUN, 1),
            None => continue,
        };
        wanted.push((strength, gap, most));
    }
    // Names from their end: what is given stays together before the family's name.
    wanted.sort_by_key(|(strength, gap, _)| (u8::MAX - strength, if *strength == 4 { usize::MAX - gap } else { *gap }));
    let mut bound = vec![false; gaps];
    for (_, gap, most) in wanted {
        let first = (0..gap).rev().take_while(|before| bound[*before]).last().unwrap_or(gap);
        let last = (gap + 1..gaps).take_while(|after| bound[*after]).last().unwrap_or(gap);
        let length: usize = words[first..=last + 1].iter().map(|word| word.width() + 1).sum();
        let single = words[gap].range.end + 1 == words[gap + 1].range.start;
        bound[gap] = single && length - 1 <= most;
    }
    (0..gaps).filter(|gap| bound[*gap]).map(|gap| (words[gap].range.end, NO_BREAK_SPACE)).collect()
}

fn number_strength(words: &[Word<'_>], gap: usize) -> Option<u8> {
    let (word, next) = (&words[gap], &words[gap + 1]);
    let numbers_around = || gap > 0 && words[gap - 1].is_number() && next.is_number();
    if next.is_dash() {
        return Some(9);
    }
    if word.is_dash() {
        return numbers_around().then_some(8);
    }
    if word.ends_phrase() && !word.is_among(&BEFORE_NUMBERS) {
        return None;
    }
    let lower = &*word.lower;
    let before_number = BEFORE_NUMBERS.contains(&lower) || word.is_among(&BEFORE_NUMBERS);
    let named_day = matches!(lower, "thứ" | "tháng") && next.begins_large();
    let lettered = lower == "điểm" && next.core.chars().count() == 1;
    if before_number && !next.begins_phrase() && (next.core.starts_with(|c: char| c.is_ascii_digit()) || is_roman(next.core))
        || named_day
        || lettered
    {
        return Some(9);
    }
    if word.is_number() && UNITS.contains(&next.core) && !next.begins_phrase() {
        let goes_on = words.get(gap + 2).is_some_and(Word::is_number) && !next.ends_phrase() && matches!(next.core, "tháng" | "năm");
        return Some(if goes_on { 6 } else { 8 });
    }
    if matches!(lower, "giờ" | "phút") && next.is_number() {
        return Some(7);
    }
    (word.is_digits() && next.is_digits() && is_one_number(words, gap)).then_some(8)
}

/// Whether groups of digits around a space are one number: thousands, or a telephone number.
fn is_one_number(words: &[Word<'_>], gap: usize) -> bool {
    let open = |at: usize| words[at].is_digits() && !words[at].ends_phrase();
    let first = (0..gap).rev().take_while(|at| open(*at)).last().unwrap_or(gap);
    let last = (gap + 1..words.len()).take_while(|at| words[*at].is_digits() && open(at - 1)).last().unwrap_or(gap + 1);
    let digits: usize = words[first..=last].iter().map(|word| word.core.len()).sum();
    let thousands = words[gap].core.len() <= 3 && words[gap + 1].core.len() == 3;
    thousands || digits >= 8
}

fn is_roman(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| matches!(c, 'I' | 'V' | 'X'))
}

fn is_before_name(word: &Word<'_>, name: &Word<'_>) -> bool {
    name.begins_large() && !name.begins_phrase() && word.is_among(&BEFORE_NAMES)
}

/// Of each space whether it is inside a name: up to four words with capitals. In other languages than Vietnamese only names of Vietnamese form.
fn names(words: &[Word<'_>], language: &str) -> Vec<bool> {
    let mut out = vec![false; words.len()];
    let no_small = !words.iter().any(|word| word.core.chars().any(char::is_lowercase));
    if no_small {
        return out;
    }
    let fits = |word: &Word<'_>| word.begins_large() && !word.is_number() && (language == "vi" || is_vietnamese(word.core));
    let mut start = 0;
    while start < words.len() {
        let mut end = start;
        while end < words.len() && fits(&words[end]) && (end == start || !words[end].begins_phrase()) {
            end += 1;
            if words[end - 1].ends_phrase() {
                break;
            }
        }
        let marked = language == "vi" || words[start..end].iter().any(|word| !word.core.is_ascii());
        let gaps = start..end.saturating_sub(1).max(start);
        match end - start {
            2..=4 if marked => out[gaps].fill(true),
            // Several names in a row: in pairs, from the end.
            5.. if marked => gaps.rev().step_by(2).for_each(|gap| out[gap] = true),
            _ => {}
        }
        start = end.max(start + 1);
    }
    out
}

/// Of each space whether it is inside the name of a body.
fn bodies(words: &[Word<'_>]) -> Vec<bool> {
    let mut out = vec![false; words.len()];
    for (start, four) in words.windows(4).enumerate() {
        let open = || four.windows(2).all(|pair| !pair[0].ends_phrase() && !pair[1].begins_phrase());
        if BODIES.iter().any(|body| body.split(' ').eq(four.iter().map(|word| &*word.lower))) && open() {
            out[start..start + 3].fill(true);
        }
    }
    out
}

/// Of each space whether it is inside a word of two syllables; in running text only where the first has a capital, as in names of bodies.
fn compounds(words: &[Word<'_>], place: Place) -> Vec<bool> {
    let mut out = vec![false; words.len()];
    let mut gap = 0;
    while gap + 1 < words.len() {
        let (word, next) = (&words[gap], &words[gap + 1]);
        let open = || !word.ends_phrase() && !next.begins_phrase();
        if (place == Place::Heading || word.begins_large()) && COMPOUNDS.contains(&(&*word.lower, &*next.lower)) && open() {
            out[gap] = true;
            gap += 1;
        }
        gap += 1;
    }
    out
}

/// Joiners inside numbers of documents (31/2020/QĐ-UBND), times (07:30–11:00) and names with a hyphen (Lê-nin).
fn joined(word: &Word<'_>) -> Vec<Edit> {
    let own = word.core.chars().any(|c| c.is_ascii_digit() || c.is_uppercase());
    let address = word.core.contains("://") || word.core.contains('@') || word.core.starts_with("www.");
    if !own || address || word.text.chars().count() > NUMBER_RUN {
        return Vec::new();
    }
    let inside = word.text.char_indices().filter(|(at, c)| {
        let (before, after) = (&word.text[..*at], &word.text[at + c.len_utf8()..]);
        matches!(c, '/' | '-' | '–') && before.ends_with(char::is_alphanumeric) && after.starts_with(char::is_alphanumeric)
    });
    inside.map(|(at, c)| (word.range.start + at + c.len_utf8(), WORD_JOINER)).collect()
}

/// Breaks inside what is longer than any word, such as an address: a heading does not break there by itself.
fn breaks(word: &Word<'_>) -> Vec<Edit> {
    let count = word.text.chars().count();
    let long = count > 2 * NUMBER_RUN && word.text.chars().all(|c| c < '\u{2e80}');
    let places = word.text.char_indices().enumerate().filter(|(number, _)| *number > 0 && number % RUN == 0);
    if long { places.map(|(_, (at, _))| (word.range.start + at, BREAK)).collect() } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, language: &str, place: Place) -> String {
        bind(text, language, place).replace(NO_BREAK_SPACE, "_").replace(WORD_JOINER, "~").replace(BREAK, "|")
    }

    #[test]
    fn running_text_keeps_names_and_numbers_together() {
        for (text, bound) in [
            ("cao 30 m, rộng 300 mét, 25 °C, 30 %", "cao 30_m, rộng 300 mét, 25_°C, 30_%"),
            ("Cửa khẩu Tà Lùng, tỉnh Cao Bằng (Việt Nam)", "Cửa_khẩu Tà_Lùng, tỉnh_Cao_Bằng (Việt_Nam)"),
            ("từ 7 giờ 30 đến 11 giờ", "từ 7_giờ_30 đến 11_giờ"),
            ("mở 07:30–11:00 và 13:30 – 18:00", "mở 07:30–~11:00 và 13:30_–_18:00"),
            ("ngày 14 tháng 7 năm 2010", "ngày_14 tháng_7 năm_2010"),
            ("gọi 0206 3 852 229 hoặc 111", "gọi 0206_3_852_229 hoặc 111"),
            ("số 31/2020/QĐ-UBND, Điều 8, khoản 2, điểm a", "số 31/~2020/~QĐ-~UBND, Điều_8, khoản_2, điểm_a"),
            ("Việt Nam – Trung Quốc · Đi chậm", "Việt_Nam_– Trung_Quốc_· Đi chậm"),
            ("ở TP. Hồ Chí Minh, gặp ông Nguyễn Văn An", "ở TP._Hồ Chí_Minh, gặp ông_Nguyễn Văn_An"),
            ("thứ Hai, tháng Chín, Quốc lộ 3", "thứ_Hai, tháng_Chín, Quốc_lộ_3"),
            ("dòng nước suối Lê-nin", "dòng nước suối_Lê-~nin"),
            ("vốn 15 000 000 đồng", "vốn 15_000_000_đồng"),
            ("biên giới hòa bình", "biên giới hòa bình"),
            ("do Ủy ban nhân dân xã Phục Hòa, Uỷ ban nhân dân", "do Ủy_ban_nhân_dân xã_Phục_Hòa, Uỷ_ban_nhân_dân"),
            ("Bộ đội Biên phòng, ủy ban, nhân dân", "Bộ_đội_Biên_phòng, ủy ban, nhân dân"),
        ] {
            assert_eq!(shown(text, "vi", Place::Running), bound);
        }
    }

    #[test]
    fn headings_keep_words_and_their_last_two_together() {
        for (text, bound) in [
            ("77 năm quan hệ Việt Nam – Trung Quốc", "77_năm quan_hệ Việt_Nam_– Trung_Quốc"),
            ("Cửa khẩu Quốc tế Tà Lùng", "Cửa_khẩu Quốc_tế Tà_Lùng"),
            ("CẢNH GIÁC LỪA ĐẢO QUA MẠNG", "CẢNH_GIÁC LỪA_ĐẢO QUA_MẠNG"),
            ("Xin chào bạn bè quốc tế", "Xin_chào bạn_bè quốc_tế"),
            ("Lễ hội", "Lễ_hội"),
            ("Nặm Nguồm cần Tày slương căn", "Nặm_Nguồm cần Tày slương_căn"),
        ] {
            assert_eq!(shown(text, "vi", Place::Heading), bound);
        }
        assert_eq!(
            shown("Welcome to Cao Bằng International Border Gate", "en", Place::Heading),
            "Welcome to Cao_Bằng International Border_Gate"
        );
        assert_eq!(shown("高平欢迎您，驮隆国际口岸", "zh", Place::Heading), "高平|欢迎您，驮隆|国际|口岸");
        assert_eq!(shown("板约—德天，共享一瀑", "zh", Place::Heading), "板约~—德天，共享|一瀑");
        assert_eq!(shown("高平欢迎您", "zh", Place::Running), "高平欢迎您");
        assert_eq!(shown(&"a".repeat(40), "vi", Place::Heading).split('|').map(str::len).collect::<Vec<_>>(), [14, 14, 12]);
    }

    #[test]
    fn no_run_is_too_long_for_a_narrow_face_and_no_letter_changes() {
        let samples = [
            "Ủy ban nhân dân xã Phục Hòa, Sở Văn hóa, Thể thao và Du lịch, Bộ Tư lệnh Bộ đội Biên phòng",
            "Hồ Chí Minh Việt Nam Cao Bằng Trùng Khánh Quảng Uyên Phục Hòa",
            "0206 3 852 229 0206 3 852 230, ngày 28 tháng 12 năm 2026 lúc 07 giờ 30 phút 15 giây",
            "Nguyễn Thị Phương Thảo – Nguyễn Hoàng Khuyên · Trương Nghiêng / 12 a",
            "Cửa  khẩu\u{a0}Tà Lùng\n– dòng hai\nVùng núi  cao",
            "高平省欢迎您参观板约—德天瀑布 Thác Bản Giốc 10:00–11:00",
        ];
        for text in samples {
            for (language, place) in [("vi", Place::Heading), ("vi", Place::Running), ("en", Place::Heading), ("zh", Place::Heading)] {
                let bound = bind(text, language, place);
                let plain = |text: &str| text.replace(NO_BREAK_SPACE, " ").replace([WORD_JOINER, BREAK], "");
                assert_eq!(plain(&bound), plain(text));
                let runs = bound.split([' ', '\n', BREAK]).filter(|run| !text.contains(*run));
                for run in runs {
                    let length = run.chars().filter(|c| *c != WORD_JOINER).count();
                    let body = BODIES.contains(&run.to_lowercase().replace(NO_BREAK_SPACE, " ").trim_end_matches(','));
                    assert!(length <= NUMBER_RUN || run.starts_with("khẩu") || body && length <= BODY_RUN, "{run}: {length}");
                    assert!(body || length <= RUN || run.chars().any(|c| c.is_ascii_digit()) || run.starts_with("khẩu"), "{run}: {length}");
                }
            }
        }
    }

    #[test]
    fn the_lists_hold_what_they_should() {
        assert!(COMPOUNDS.len() >= 500 && list(include_str!("compounds.txt"), ',').len() == COMPOUNDS.len());
        assert!(
            COMPOUNDS.iter().all(|(first, last)| [first, last].iter().all(|word| !word.contains(' ') && **word == word.to_lowercase()))
        );
    }
}
