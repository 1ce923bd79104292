//! The words that people read on a page and in the captions of its film, block by block, and what differs between two pages.
//! Never judges a page and never reads a file.

use html5gum::{Token, Tokenizer};
use serde::Serialize;

/// Elements that stand inside a line of text; every other one begins a new block.
const INLINE: [&str; 16] = ["a", "abbr", "b", "bdi", "cite", "code", "del", "em", "i", "mark", "q", "s", "strong", "sub", "sup", "u"];
/// Elements whose contents nobody reads.
const UNREAD: [&str; 4] = ["head", "script", "style", "template"];
/// Longest texts, in blocks, that are compared one by one; longer ones are told as a whole.
const COMPARED: usize = 1_000;

/// Words of the longest text that is told whole, as a paragraph of a slide.
const WHOLE: usize = 60;
/// Words that are told on each side of what differs in a longer one.
const WORDS_AROUND: usize = 12;

/// A changed block of text; the side where it is absent is empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TextChange {
    pub before: String,
    pub after: String,
}

/// The blocks of text on a page, with spaces joined.
pub fn blocks(page: &str) -> Vec<String> {
    let (mut all, mut block, mut unread) = (Vec::new(), String::new(), None);
    for token in Tokenizer::new(page).flatten() {
        let (name, begins) = match &token {
            Token::String(text) if unread.is_none() => {
                block.push_str(&String::from_utf8_lossy(&text.value));
                continue;
            }
            Token::StartTag(tag) => (&tag.name, true),
            Token::EndTag(tag) => (&tag.name, false),
            _ => continue,
        };
        let name = String::from_utf8_lossy(name).into_owned();
        match (&unread, begins) {
            (Some(open), false) if *open == name => unread = None,
            (None, true) if UNREAD.contains(&name.as_str()) => unread = Some(name),
            (None, _) if !INLINE.contains(&name.as_str()) => all.push(std::mem::take(&mut block)),
            _ => {}
        }
    }
    all.push(block);
    // Where a line may break is no matter of its words.
    let words = |block: &String| block.replace(['\u{2060}', '\u{200b}'], "").split_whitespace().collect::<Vec<_>>().join(" ");
    let joined = all.iter().map(words);
    joined.filter(|block| !block.is_empty()).collect()
}

/// The texts of a file of captions, in its order, with spaces joined.
pub fn captions(file: &str) -> Vec<String> {
    let (mut all, mut caption) = (Vec::new(), None);
    for line in file.lines().chain([""]) {
        let times = line.contains("-->");
        if times || line.is_empty() {
            all.extend(caption.take().iter().flat_map(|text: &String| blocks(text)));
        }
        if times {
            caption = Some(String::new());
        } else if let Some(text) = &mut caption {
            text.extend([line, "\n"]);
        }
    }
    all
}

/// What differs between two lists of blocks, in the order of the later one.
pub fn differences(old: &[String], new: &[String]) -> Vec<TextChange> {
    let head = old.iter().zip(new).take_while(|(one, other)| one == other).count();
    let (old, new) = (&old[head..], &new[head..]);
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(one, other)| one == other).count();
    let (old, new) = (&old[..old.len() - tail], &new[..new.len() - tail]);
    let mut changes = Vec::new();
    let (mut from, mut to) = (0, 0);
    for (one, other) in common(old, new).into_iter().chain([(old.len(), new.len())]) {
        let (gone, come) = (&old[from..one], &new[to..other]);
        let side = |all: &[String], at: usize| all.get(at).cloned().unwrap_or_default();
        changes.extend((0..gone.len().max(come.len())).map(|at| TextChange { before: side(gone, at), after: side(come, at) }));
        (from, to) = (one + 1, other + 1);
    }
    changes
}

/// The places of a longest common subsequence.
fn common(old: &[String], new: &[String]) -> Vec<(usize, usize)> {
    if old.len() > COMPARED || new.len() > COMPARED {
        return Vec::new();
    }
    let wide = new.len() + 1;
    let mut longest = vec![0_u32; (old.len() + 1) * wide];
    for one in (0..old.len()).rev() {
        for other in (0..new.len()).rev() {
            let at = one * wide + other;
            longest[at] = if old[one] == new[other] { longest[at + wide + 1] + 1 } else { longest[at + wide].max(longest[at + 1]) };
        }
    }
    let (mut pairs, mut one, mut other) = (Vec::new(), 0, 0);
    while one < old.len() && other < new.len() {
        let at = one * wide + other;
        if old[one] == new[other] {
            pairs.push((one, other));
            (one, other) = (one + 1, other + 1);
        } else if longest[at + wide] >= longest[at + 1] {
            one += 1;
        } else {
            other += 1;
        }
    }
    pairs
}

/// Two texts that differ, to be told: whole, but of a very long one what differs with some words around it.
pub fn differing(before: &str, after: &str) -> (String, String) {
    let (one, other): (Vec<&str>, Vec<&str>) = (before.split(' ').collect(), after.split(' ').collect());
    let (least, most) = (one.len().min(other.len()), one.len().max(other.len()));
    if most <= WHOLE {
        return (before.to_owned(), after.to_owned());
    }
    let start = one.iter().zip(&other).take_while(|(one, other)| one == other).count();
    let end = one.iter().rev().zip(other.iter().rev()).take(least - start).take_while(|(one, other)| one == other).count();
    let cut = |words: &[&str]| {
        let (from, until) = (start.saturating_sub(WORDS_AROUND), (words.len() - end + WORDS_AROUND).min(words.len()));
        let (head, tail) = (if from > 0 { "… " } else { "" }, if until < words.len() { " …" } else { "" });
        format!("{head}{}{tail}", words[from..until].join(" "))
    };
    (cut(&one), cut(&other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_told_whole_and_a_very_long_one_around_what_differs() {
        let words = |numbers: std::ops::Range<usize>| numbers.map(|number| format!("w{number}")).collect::<Vec<_>>().join(" ");
        let paragraph = words(0..WHOLE);
        let other = paragraph.replace("w30", "khác");
        assert_eq!(differing(&paragraph, &other), (paragraph.clone(), other.clone()));
        let long = words(0..100);
        let (near, far) = (words(38..50), words(51..63));
        for (after, old, new) in [
            (long.replace("w50", "khác"), format!("… {near} w50 {far} …"), format!("… {near} khác {far} …")),
            (long.replace(" w50", ""), format!("… {near} w50 {far} …"), format!("… {near} {far} …")),
            (long.replace("w0 w1 ", "w1 "), format!("{} …", words(0..13)), format!("{} …", words(1..13))),
            (format!("{long} thêm"), format!("… {}", words(88..100)), format!("… {} thêm", words(88..100))),
            (String::new(), long.clone(), String::new()),
        ] {
            assert_eq!(differing(&long, &after), (old, new));
        }
        assert_eq!(differing("a a", "a a a"), ("a a".to_owned(), "a a a".to_owned()));
    }

    #[test]
    fn a_page_is_read_as_people_read_it() {
        let page = "<html><head><title>T</title><style>p > a {}</style></head><body class=\"a>b\"><h1>Mưa&amp;lạnh</h1>\n<p>Không <strong>đốt\n\
                    than</strong>,<br>củi&#x27;</p><!-- <p>x</p> --><ul><li>một</li><li><em>hai</em></li></ul><script>var a = 1 < 2;</script></body></html>";
        assert_eq!(blocks(page), ["Mưa&lạnh", "Không đốt than,", "củi'", "một", "hai"]);
        assert_eq!(blocks("<p>số\u{a0}31/\u{2060}2020 高平\u{200b}欢迎</p>"), ["số 31/2020 高平欢迎"]);
        assert_eq!(blocks(""), Vec::<String>::new());
        assert_eq!(blocks("a &nosuch; < b"), ["a &nosuch; < b"]);
    }

    #[test]
    fn captions_are_read_without_their_times_and_names() {
        let file = "WEBVTT x\n\nNOTE y\n\n1\n00:01.000 --> 00:02.000 line:80%\nThác <b>Bản</b>\nGiốc &amp; hồ\n\n\n00:02.000-->00:03.000\nPác Bó\n00:03.000 --> 00:04.000\nKhuổi Ky";
        assert_eq!(captions(file), ["Thác Bản Giốc & hồ", "Pác Bó", "Khuổi Ky"]);
        assert_eq!(captions("WEBVTT\n"), Vec::<String>::new());
    }

    #[test]
    fn what_differs_stands_beside_what_it_replaces() {
        let told = |old: &[&str], new: &[&str]| {
            let list = |all: &[&str]| all.iter().map(|each| (*each).to_owned()).collect::<Vec<_>>();
            let all = differences(&list(old), &list(new)).into_iter().map(|each| format!("{}>{}", each.before, each.after));
            all.collect::<Vec<_>>().join(" ")
        };
        for (old, new, want) in [
            (&["a", "b", "c"][..], &["a", "b", "c"][..], ""),
            (&["a", "b", "c"], &["a", "x", "c"], "b>x"),
            (&["a", "c"], &["a", "b", "c"], ">b"),
            (&["a", "b", "c"], &["c"], "a> b>"),
            (&["a", "b", "c", "d"], &["x", "b", "y", "z", "d"], "a>x c>y >z"),
            (&["a", "b"], &["b", "a"], "a> >a"),
            (&[], &["a"], ">a"),
        ] {
            assert_eq!(told(old, new), want, "{old:?} {new:?}");
        }
        let long: Vec<String> = (0..=COMPARED).map(|each| each.to_string()).collect();
        let other: Vec<String> = (1..=COMPARED + 1).map(|each| format!("x{each}")).collect();
        assert_eq!(differences(&long, &other).len(), COMPARED + 1, "nothing is left out of a long page");
    }
}
