//! Pairs the signs of emphasis (`**bold**`, `*italic*`, `_italic_`, `~~struck~~`) as authors mean them: never between digits or letters
//! (5*10*20, ten_tep), and beside Chinese, where no space separates words. Tells which signs have no partner. Never looks at blocks.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, Tag, TagEnd};

use super::authored::{shown_sign, with_signs};

/// Open signs among which a partner is looked for: more are open in no text that a person writes.
const SEARCHED: usize = 100;

/// An event of the parser with its range in the prepared text.
pub type Placed = (Event<'static>, Range<usize>);

/// Replaces hidden signs by emphasis or by themselves. Gives also the ranges of signs that were meant as emphasis and have no partner.
/// `text` is what the parser has read.
pub fn pair(events: Vec<Placed>, text: &str) -> (Vec<Placed>, Vec<Range<usize>>) {
    let mut parts = Vec::new();
    events.into_iter().for_each(|(event, range)| split(event, range, text, &mut parts));
    let mut scopes: Vec<Vec<usize>> = vec![Vec::new()];
    for at in 0..parts.len() {
        match &parts[at] {
            Part::Run(_) => scopes.last_mut().into_iter().for_each(|scope| scope.push(at)),
            Part::Event((Event::Start(Tag::Image { .. } | Tag::Link { .. }), _)) => scopes.push(Vec::new()),
            Part::Event((Event::End(TagEnd::Image | TagEnd::Link), _)) => {
                scopes.pop().iter().for_each(|scope| match_runs(scope, &mut parts));
            }
            Part::Event((Event::Start(_) | Event::End(_), _)) => {
                std::mem::take(&mut scopes).iter().for_each(|scope| match_runs(scope, &mut parts));
            }
            Part::Event(_) => {}
        }
        if scopes.is_empty() {
            scopes.push(Vec::new());
        }
    }
    scopes.iter().for_each(|scope| match_runs(scope, &mut parts));
    let left = parts.iter().filter_map(|part| if let Part::Run(run) = part { run.left_over() } else { None }).collect();
    (parts.into_iter().flat_map(Part::into_events).collect(), left)
}

enum Part {
    Event(Placed),
    Run(Run),
}

/// The same sign, once or several times.
struct Run {
    sign: char,
    range: Range<usize>,
    before: Option<char>,
    after: Option<char>,
    /// Signs without a partner yet.
    free: usize,
    /// Lengths of the emphasis that it ends, the innermost first.
    ends: Vec<usize>,
    /// Lengths of the emphasis that it starts, the innermost first.
    starts: Vec<usize>,
}

fn split(event: Event<'static>, range: Range<usize>, text: &str, parts: &mut Vec<Part>) {
    let Event::Text(shown) = &event else { return parts.push(Part::Event((restored(event), range))) };
    // Text that comes from an escape holds none.
    if shown.len() != range.len() || !shown.contains(|c| shown_sign(c).is_some()) {
        return parts.push(Part::Event((restored(event), range)));
    }
    let mut rest = range.start;
    while rest < range.end {
        let next = text[rest..range.end].find(|c| shown_sign(c).is_some()).map_or(range.end, |length| rest + length);
        if next > rest {
            parts.push(Part::Event((Event::Text(text[rest..next].to_owned().into()), rest..next)));
        }
        if let Some(hidden) = text[next..range.end].chars().next() {
            let length = text[next..range.end].chars().take_while(|c| *c == hidden).count();
            let (before, after) = (text[..next].chars().next_back(), text[next + length..].chars().next());
            let sign = shown_sign(hidden).unwrap_or(hidden);
            let range = next..next + length;
            parts.push(Part::Run(Run { sign, range, before, after, free: length, ends: Vec::new(), starts: Vec::new() }));
            rest = next + length;
        } else {
            rest = next;
        }
    }
}

/// An event that holds the signs of the author again.
fn restored(event: Event<'static>) -> Event<'static> {
    let sound = |text: CowStr<'static>| if text.contains(|c| shown_sign(c).is_some()) { CowStr::from(with_signs(&text)) } else { text };
    match event {
        Event::Text(text) => Event::Text(sound(text)),
        Event::Code(text) => Event::Code(sound(text)),
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Image { link_type, dest_url: sound(dest_url), title: sound(title), id: sound(id) })
        }
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url: sound(dest_url), title: sound(title), id: sound(id) })
        }
        other => other,
    }
}

/// Pairs runs as CommonMark does, but only runs of one length; three signs are two and one.
fn match_runs(scope: &[usize], parts: &mut [Part]) {
    let mut open: Vec<usize> = Vec::new();
    for &at in scope {
        let Part::Run(run) = &parts[at] else { continue };
        let (sign, can_open, can_close) = (run.sign, run.can_open(), run.can_close());
        loop {
            let free = if can_close { free(&parts[at]) } else { 0 };
            let fits = |other: &usize| match &parts[*other] {
                Part::Run(other) if other.sign == sign => common(other.free, free),
                _ => None,
            };
            let Some((place, length)) = open.iter().enumerate().rev().take(SEARCHED).find_map(|(place, other)| Some((place, fits(other)?)))
            else {
                break;
            };
            let partner = open[place];
            open.truncate(place + 1);
            if let Part::Run(run) = &mut parts[partner] {
                run.starts.push(length);
                run.free -= length;
            }
            if let Part::Run(run) = &mut parts[at] {
                run.ends.push(length);
                run.free -= length;
            }
            if free_is_used(&parts[partner]) {
                open.pop();
            }
        }
        if can_open && !free_is_used(&parts[at]) {
            open.push(at);
        }
    }
}

fn free(part: &Part) -> usize {
    if let Part::Run(run) = part { run.free } else { 0 }
}

fn free_is_used(part: &Part) -> bool {
    free(part) == 0
}

/// How many signs two runs share.
fn common(one: usize, other: usize) -> Option<usize> {
    match (one, other) {
        (0, _) | (_, 0) => None,
        (1, 1) => Some(1),
        (2.., 2..) => Some(2),
        (3.., 1) | (1, 3..) => Some(1),
        _ => None,
    }
}

impl Run {
    /// `*` and `_` up to three times, `~~` exactly twice.
    fn can_mark(&self) -> bool {
        if self.sign == '~' { self.range.len() == 2 } else { self.range.len() <= 3 }
    }

    /// Between two digits or letters that are no Chinese.
    fn is_inside_a_word(&self) -> bool {
        [self.before, self.after].iter().all(|side| side.is_some_and(|c| c.is_alphanumeric() && !is_cjk(c)))
    }

    fn can_open(&self) -> bool {
        let clear = is_edge(self.before) || self.before.is_some_and(is_cjk);
        let joined = self.sign == '_' && self.before.is_some_and(char::is_alphanumeric);
        self.can_mark() && !is_space(self.after) && !self.is_inside_a_word() && !joined && (!is_edge(self.after) || clear)
    }

    fn can_close(&self) -> bool {
        let clear = is_edge(self.after) || self.after.is_some_and(is_cjk);
        let joined = self.sign == '_' && self.after.is_some_and(char::is_alphanumeric);
        self.can_mark() && !is_space(self.before) && !self.is_inside_a_word() && !joined && (!is_edge(self.before) || clear)
    }

    /// Its signs without a partner, if they look like emphasis.
    fn left_over(&self) -> Option<Range<usize>> {
        let letter = |side: Option<char>| side.is_some_and(char::is_alphanumeric);
        let meant = match (self.sign, self.range.len()) {
            _ if self.free == 0 => false,
            ('*', 2 | 3) => true,
            ('~', 2) | ('_', 2 | 3) => letter(self.before) != letter(self.after),
            // A star behind a word refers to a note.
            ('*' | '_', 1) => self.can_open() && letter(self.after) && !letter(self.before),
            _ => false,
        };
        meant.then(|| self.range.clone())
    }

    fn into_events(self) -> Vec<Placed> {
        let mut out = Vec::new();
        let range = self.range;
        out.extend(self.ends.iter().map(|length| Event::End(tag(self.sign, *length).to_end())));
        if self.free > 0 {
            out.push(Event::Text(self.sign.to_string().repeat(self.free).into()));
        }
        out.extend(self.starts.iter().rev().map(|length| Event::Start(tag(self.sign, *length))));
        out.into_iter().map(|event| (event, range.clone())).collect()
    }
}

impl Part {
    fn into_events(self) -> Vec<Placed> {
        match self {
            Self::Event(placed) => vec![placed],
            Self::Run(run) => run.into_events(),
        }
    }
}

fn tag(sign: char, length: usize) -> Tag<'static> {
    match (sign, length) {
        ('~', _) => Tag::Strikethrough,
        (_, 2) => Tag::Strong,
        _ => Tag::Emphasis,
    }
}

fn is_space(side: Option<char>) -> bool {
    side.is_none_or(char::is_whitespace)
}

/// Whether a word ends here: white space, or a sign.
fn is_edge(side: Option<char>) -> bool {
    side.is_none_or(|c| !c.is_alphanumeric())
}

/// Whether a character is of a script without spaces between words, or a punctuation mark of it.
fn is_cjk(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

/// Where signs of emphasis stand in a text that knows none, such as a title: `**` or `__` beside a letter.
pub fn in_plain_text(text: &str) -> Option<Range<usize>> {
    ["**", "__", "~~"]
        .iter()
        .filter_map(|signs| {
            let at = text.match_indices(signs).map(|(at, _)| at).find(|at| {
                let letter = |side: Option<char>| side.is_some_and(char::is_alphanumeric);
                letter(text[..*at].chars().next_back()) || letter(text[at + 2..].chars().next())
            })?;
            Some(at..at + 2)
        })
        .min_by_key(|range| range.start)
}
