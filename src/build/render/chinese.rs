//! Where a Chinese heading may break: between words that a list knows.
//! Never breaks running text, which may break anywhere.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::words::{BREAK, Edit, WORD_JOINER, list};

static CHINESE: LazyLock<HashSet<&str>> = LazyLock::new(|| list(include_str!("words-zh.txt"), ' '));

/// Breaks between the words of Chinese, by the longest match; what no list knows stays with the word before it.
pub fn chinese_breaks(text: &str) -> Vec<Edit> {
    let letters: Vec<(usize, char)> = text.char_indices().collect();
    let (mut out, mut at) = (Vec::new(), 0);
    let is_letter = |c: char| matches!(c, '\u{3400}'..='\u{9fff}');
    while at < letters.len() {
        let length = (1..=8.min(letters.len() - at)).rev().find(|length| {
            let end = letters.get(at + length).map_or(text.len(), |(byte, _)| *byte);
            CHINESE.contains(&text[letters[at].0..end])
        });
        let inside = at > 0 && is_letter(letters[at - 1].1) && is_letter(letters[at].1);
        let after_word = out.last().is_none_or(|(byte, _)| *byte != letters[at].0);
        if inside && length.is_some() && after_word && !matches!(letters[at].1, '省' | '市' | '县' | '乡' | '镇' | '年' | '月' | '日')
        {
            out.push((letters[at].0, BREAK));
        }
        at += length.unwrap_or(1);
        let known_then_unknown = length.is_some() && at < letters.len() && is_letter(letters[at].1) && !is_particle(letters[at].1);
        if known_then_unknown && length > Some(1) && letters.get(at + 1).is_some_and(|(_, c)| is_letter(*c)) {
            out.push((letters[at].0, BREAK));
        }
    }
    // A dash never begins a line.
    out.extend(letters.windows(2).filter(|pair| pair[1].1 == '—' && pair[0].1 != '—').map(|pair| (pair[1].0, WORD_JOINER)));
    out
}

/// A syllable that belongs to the word before it.
fn is_particle(c: char) -> bool {
    matches!(
        c,
        '的' | '了'
            | '着'
            | '过'
            | '们'
            | '等'
            | '省'
            | '市'
            | '县'
            | '乡'
            | '镇'
            | '年'
            | '月'
            | '日'
            | '号'
            | '时'
            | '分'
            | '元'
            | '吗'
            | '吧'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_holds_what_it_should() {
        assert!(CHINESE.len() >= 200 && CHINESE.iter().all(|word| word.chars().all(|c| matches!(c, '\u{3400}'..='\u{9fff}'))));
    }
}
