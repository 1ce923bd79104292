//! Parses YAML into a tree with the position of every key and value. The one user of the YAML crate. Scalars stay exactly as written:
//! the field that takes `no`, `12:30` or `2026-02-30` decides what it means. Refuses anchors, aliases, tags, merge keys, directives,
//! further documents and deep nesting. Never knows a field.

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Span as RawSpan};

use super::characters;
use super::shown::{self, ShownText};
use super::text::{SourceText, TextSpan};
use super::yaml_faults::{self, UnsupportedFeature};
use crate::base::diagnostic::Diagnostic;
use crate::base::limits::{MAX_FAULTS_PER_FILE, YAML_DEPTH, YAML_NODES};

/// One value with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlNode {
    pub span: TextSpan,
    pub value: YamlValue,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum YamlValue {
    /// Text as written, without quotes.
    Scalar {
        text: String,
        unquoted: bool,
    },
    List(Vec<YamlNode>),
    /// In the order of the file; all keys differ.
    Map(Vec<(YamlKey, YamlNode)>),
}

/// A key with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlKey {
    pub text: String,
    pub span: TextSpan,
}

/// Reads one document from `text`, which starts on the line after `lines_before` of `file`. `None` if it can't be read at all.
pub fn parse(file: &SourceText, text: &str, lines_before: u32, faults: &mut Vec<Diagnostic>) -> Option<YamlNode> {
    let mut options = Options::default();
    options.disallow_directives = true;
    options.emit_comments = false;
    options.emit_unresolved_aliases = true;
    options.flow_nesting_limit = YAML_DEPTH;
    options.block_nesting_limit = YAML_DEPTH;
    let mut builder = YamlBuilder { file, lines_before, stack: Vec::new(), root: None, nodes: 0, faults, hashes: None };
    let mut parser = Parser::new_from_str_with_options(text, options);
    while let Some(next) = parser.next_event() {
        let step = match next {
            Ok((event, span)) => builder.event(event, span),
            Err(error) => Err(builder.scan_error(&error)),
        };
        if let Err(fault) = step {
            builder.faults.push(fault);
            return None;
        }
    }
    if builder.root.is_none() {
        let fault = yaml_faults::empty_file(file, lines_before);
        builder.faults.push(fault);
    }
    builder.root
}

enum OpenContainer {
    List(TextSpan, Vec<YamlNode>),
    Map(TextSpan, Vec<(YamlKey, YamlNode)>, Option<YamlKey>),
}

/// A `#` with a letter or digit after it that follows a space, in columns from 0.
struct Hash {
    /// Where the text before that space ends.
    after: u32,
    at: u32,
    /// Of what it begins.
    length: u32,
}

struct YamlBuilder<'a> {
    file: &'a SourceText,
    lines_before: u32,
    stack: Vec<OpenContainer>,
    root: Option<YamlNode>,
    nodes: usize,
    faults: &'a mut Vec<Diagnostic>,
    /// The line that was looked at last, and what may be cut on it.
    hashes: Option<(u32, Vec<Hash>)>,
}

impl YamlBuilder<'_> {
    fn event(&mut self, event: Event<'_>, raw: RawSpan) -> Result<(), Diagnostic> {
        let span = self.span(raw.start.line(), raw.start.col(), raw.len());
        let refused = |what| Err(yaml_faults::unsupported_feature(self.file.location(span), what));
        if event.anchor_id().is_some() {
            return refused(UnsupportedFeature::Anchor);
        }
        if event.tag().is_some() {
            return refused(UnsupportedFeature::Tag);
        }
        match event {
            Event::Alias(_) | Event::UnresolvedAlias(_) => refused(UnsupportedFeature::Alias),
            Event::DocumentStart(..) if self.root.is_some() => refused(UnsupportedFeature::Document),
            Event::Scalar(text, style, ..) => {
                let plain = style == ScalarStyle::Plain;
                if style == ScalarStyle::DoubleQuoted && self.faults.len() < MAX_FAULTS_PER_FILE {
                    self.faults.extend(self.escaped_characters(&text, span));
                }
                if plain
                    && let Some(cut) = self.cut_text(span)
                    && self.faults.len() < MAX_FAULTS_PER_FILE
                {
                    self.faults.push(yaml_faults::cut_text(self.file.location(cut)));
                }
                self.add_node(YamlNode { span, value: YamlValue::Scalar { text: text.into_owned(), unquoted: plain } })
            }
            Event::SequenceStart(..) => self.open_container(OpenContainer::List(span, Vec::new()), span),
            Event::MappingStart(..) => self.open_container(OpenContainer::Map(span, Vec::new(), None), span),
            Event::SequenceEnd | Event::MappingEnd => match self.stack.pop() {
                Some(OpenContainer::List(span, items)) => self.add_node(YamlNode { span, value: YamlValue::List(items) }),
                Some(OpenContainer::Map(span, entries, _)) => self.add_node(YamlNode { span, value: YamlValue::Map(entries) }),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// The faults of characters that a value in double quotes has only as escapes.
    fn escaped_characters(&self, value: &str, span: TextSpan) -> Vec<Diagnostic> {
        let at = self.file.offset(span);
        let source = &self.file.text()[at..];
        if value.chars().all(|c| matches!(c, ' '..='~')) {
            return Vec::new();
        }
        let shown = shown::in_double_quotes(source, at, value).unwrap_or_else(|| {
            let mut whole = ShownText::default();
            whole.push(value, at..at + source.lines().next().unwrap_or_default().len());
            whole
        });
        characters::check_shown(&shown, self.file)
    }

    fn open_container(&mut self, open: OpenContainer, span: TextSpan) -> Result<(), Diagnostic> {
        if self.stack.len() >= YAML_DEPTH {
            return Err(yaml_faults::too_deep(self.file.location(span)));
        }
        if matches!(self.stack.last(), Some(OpenContainer::Map(_, _, None))) {
            return Err(yaml_faults::unsupported_feature(self.file.location(span), UnsupportedFeature::Key));
        }
        self.stack.push(open);
        Ok(())
    }

    fn add_node(&mut self, node: YamlNode) -> Result<(), Diagnostic> {
        self.nodes += 1;
        if self.nodes > YAML_NODES {
            return Err(yaml_faults::too_many(self.file.location(node.span)));
        }
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(OpenContainer::List(_, items)) => items.push(node),
            Some(OpenContainer::Map(_, entries, pending)) => match pending.take() {
                None => {
                    let YamlValue::Scalar { text, .. } = node.value else { return Ok(()) };
                    if text == "<<" {
                        return Err(yaml_faults::unsupported_feature(self.file.location(node.span), UnsupportedFeature::Merge));
                    }
                    *pending = Some(YamlKey { text, span: node.span });
                }
                Some(key) => match entries.iter().find(|(before, _)| before.text == key.text) {
                    Some(_) if self.faults.len() >= MAX_FAULTS_PER_FILE => {}
                    Some((before, _)) => {
                        self.faults.push(yaml_faults::duplicate_key(self.file.location(key.span), &key.text, before.span.line));
                    }
                    None => entries.push((key, node)),
                },
            },
        }
        Ok(())
    }

    /// What follows a plain value on its line after a `#` that no space follows: YAML takes it for a comment, its author hardly did.
    fn cut_text(&mut self, span: TextSpan) -> Option<TextSpan> {
        if self.hashes.as_ref().is_none_or(|(line, _)| *line != span.line) {
            self.hashes = Some((span.line, hashes(self.file.line(span.line))));
        }
        let (_, hashes) = self.hashes.as_ref()?;
        // The parser gives an empty value a place beside it.
        let ends = [span.column - 1, span.column - 1 + span.length];
        let hash = hashes.iter().find(|hash| ends.contains(&hash.after))?;
        Some(TextSpan { column: hash.at + 1, length: hash.length, ..span })
    }

    fn scan_error(&self, error: &ScanError) -> Diagnostic {
        let mark = error.marker();
        let span = self.span(mark.line(), mark.col(), 1);
        let message = error.kind().to_string();
        if let Some((opens, ends)) = self.open_quote(span.line, &message) {
            return yaml_faults::open_quote(self.file.location(opens), ends);
        }
        if let Some(tab) = self.tab(span.line, &message) {
            return yaml_faults::tab(self.file.location(tab));
        }
        match self.key_without_blank(span.line, &message) {
            Some(span) => yaml_faults::blank_after_colon(self.file.location(span)),
            None => yaml_faults::syntax(self.file.location(span), &message),
        }
    }

    /// The last line above that is not blank.
    fn line_before(&self, line: u32) -> Option<u32> {
        (self.lines_before + 1..line).rev().find(|line| !self.file.line(*line).trim().is_empty())
    }

    /// A tab that indents a line at a fault: the parser names the end of what came before it, or tells what the line behind it begins with.
    fn tab(&self, line: u32, message: &str) -> Option<TextSpan> {
        let lines = if message.contains("tab") { [Some(line), Some(line + 1)] } else { [self.line_before(line), Some(line)] };
        // Between brackets and quotes a tab may stand.
        let may_be = !["flow", "bracket", "quote"].iter().any(|part| message.contains(part)) || message.contains("tab");
        lines.into_iter().flatten().filter(|_| may_be).find_map(|line| {
            let at = self.file.line(line).chars().take_while(|c| c.is_whitespace()).position(|c| c == '\t')?;
            Some(TextSpan { line, column: u32::try_from(at + 1).ok()?, length: 1 })
        })
    }

    /// Quotes that open above the line of a fault about quotes and do not close before it, and the line to which they reach.
    fn open_quote(&self, line: u32, message: &str) -> Option<(TextSpan, u32)> {
        (self.lines_before + 1..line).rev().filter(|_| message.contains("quote")).find_map(|opens| {
            let text = self.file.line(opens);
            let (at, sign) = opening_quote(text)?;
            let column = u32::try_from(text[..at].chars().count() + 1).ok()?;
            let reaches = (opens + 1..=line).find(|next| closes(self.file.line(*next), sign)).unwrap_or(line);
            (reaches >= line).then_some((TextSpan { line: opens, column, length: 1 }, line))
        })
    }

    /// A key without a blank after its colon on the line of a fault or, as the parser tells it late, on the one before.
    fn key_without_blank(&self, line: u32, message: &str) -> Option<TextSpan> {
        let late = ["mapping values", "expected ':'"].iter().any(|part| message.contains(part));
        [Some(line), self.line_before(line)].into_iter().flatten().filter(|_| late).find_map(|line| {
            let text = self.file.line(line);
            let key = text.trim_start_matches([' ', '-']);
            let (name, value) = key.split_once(':')?;
            let named = !name.is_empty() && name.bytes().all(|c| c.is_ascii_alphanumeric() || b"_-".contains(&c));
            let joined = value.starts_with(|c: char| !c.is_whitespace() && c != '/');
            let column = u32::try_from(text.len() - key.len() + 1).ok()?;
            (named && joined).then_some(TextSpan { line, column, length: u32::try_from(name.len() + 1).ok()? })
        })
    }

    fn span(&self, line: usize, column: usize, length: usize) -> TextSpan {
        let line = u32::try_from(line).unwrap_or(u32::MAX).saturating_add(self.lines_before);
        let width = self.file.line(line).chars().count();
        let column = column.min(width);
        let length = length.min(width.saturating_sub(column)).max(1);
        TextSpan { line, column: u32::try_from(column + 1).unwrap_or(u32::MAX), length: u32::try_from(length).unwrap_or(u32::MAX) }
    }
}

/// The quotes that a value of this line opens and the line does not close: the byte, and the sign.
fn opening_quote(line: &str) -> Option<(usize, char)> {
    let (mut open, mut last, mut blank) = (None, ':', true);
    let mut chars = line.char_indices();
    while let Some((at, c)) = chars.next() {
        match open {
            Some((_, '"')) if c == '\\' => drop(chars.next()),
            Some((_, sign)) if c == sign => (open, last) = (None, c),
            Some(_) => {}
            None if c == '#' && blank => break,
            None if matches!(c, '"' | '\'') && matches!(last, ':' | '-' | '[' | '{' | ',') => open = Some((at, c)),
            None if !c.is_whitespace() => last = c,
            None => {}
        }
        blank = c.is_whitespace();
    }
    open
}

/// Whether a line that is inside quotes closes them.
fn closes(line: &str, sign: char) -> bool {
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' if sign == '"' => drop(chars.next()),
            c if c == sign => return true,
            _ => {}
        }
    }
    false
}

/// What may be cut on a line.
fn hashes(line: &str) -> Vec<Hash> {
    let chars: Vec<char> = if line.contains('#') { line.chars().collect() } else { Vec::new() };
    let (mut found, mut after, count) = (Vec::new(), 0, |count: usize| u32::try_from(count).unwrap_or(u32::MAX));
    for (at, c) in chars.iter().enumerate() {
        let begins = *c == '#' && at > after && chars.get(at + 1).is_some_and(|next| next.is_alphanumeric());
        if begins {
            found.push(Hash { after: count(after), at: count(at), length: count(chars.len() - at) });
        }
        if !c.is_whitespace() {
            after = at + 1;
        }
    }
    found
}
