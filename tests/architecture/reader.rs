//! Reads Rust sources as text: which module each file is, and which modules of this crate it names, by full path.
//! Skips comments, and strings except paths in attributes (`default = "module::function"`). Never judges what it finds.

use std::collections::{BTreeMap, BTreeSet};

/// One file of `src/`.
pub struct Source {
    /// Below `src/`, as `content/model/values.rs`.
    pub path: String,
    pub text: String,
}

impl Source {
    /// The file's module: `["content", "model", "values"]`. Empty for the library's root.
    pub fn module(&self) -> Vec<String> {
        let mut parts: Vec<String> = self.path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        if matches!(parts.last().map(String::as_str), Some("mod" | "lib")) {
            parts.pop();
        }
        parts
    }
}

/// One use of a module by another file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    pub from: Vec<String>,
    /// Longest known module of the path.
    pub to: Vec<String>,
    /// From the root of the crate, with the item.
    pub path: String,
    /// Whether it ends in `*`.
    pub glob: bool,
    pub file: String,
    pub line: usize,
}

/// Every module of the files.
pub fn modules(sources: &[Source]) -> BTreeSet<Vec<String>> {
    let mut all = BTreeSet::new();
    for source in sources {
        let module = source.module();
        all.extend((1..=module.len()).map(|length| module[..length].to_vec()));
    }
    all
}

/// Every use of one module by another. Leaves out paths that name no module: macros of the crate's root, other crates, the file itself.
pub fn uses(sources: &[Source]) -> Vec<Use> {
    let known = modules(sources);
    let mut all = Vec::new();
    for source in sources {
        let module = source.module();
        for found in paths(source, &known) {
            let Some(inside) = found.path.strip_prefix(&["crate".to_owned()]) else { continue };
            let length = (0..=inside.len()).rev().find(|length| known.contains(&inside[..*length])).unwrap_or_default();
            let to = inside[..length].to_vec();
            if !to.is_empty() && to != module {
                let path = inside.join("::");
                all.push(Use { from: module.clone(), to, path, glob: found.glob, file: source.path.clone(), line: found.line });
            }
        }
    }
    all.sort();
    all.dedup();
    all
}

/// Every path that a file names, in full, with its line: `crate::base::files::touch`, `std::fs::write`, `serde_json::json`.
pub fn named(source: &Source, known: &BTreeSet<Vec<String>>) -> BTreeSet<(String, usize)> {
    paths(source, known).into_iter().map(|found| (found.path.join("::"), found.line)).collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Word,
    Number,
    Text,
    Mark,
}

/// A word, number, string or punctuation mark. `::`, `->`, `=>`, `..`, `&&`, `||`, `<<` and comparisons are one mark.
#[derive(Clone, Copy, Debug)]
pub struct Token<'a> {
    pub kind: Kind,
    pub text: &'a str,
    pub line: usize,
}

const MARKS: [&str; 15] = ["..=", "::", "->", "=>", "..", "&&", "||", "<<", "==", "!=", "<=", ">=", "+=", "-=", "*="];

/// The tokens of a text, without comments.
pub fn tokens(text: &str) -> Vec<Token<'_>> {
    let (mut all, mut rest, mut line) = (Vec::new(), text, 1);
    while let Some(first) = rest.chars().next() {
        let (kind, length) = next(rest, first);
        let taken = &rest[..length];
        if let Some(kind) = kind {
            all.push(Token { kind, text: taken, line });
        }
        line += taken.matches('\n').count();
        rest = &rest[length..];
    }
    all
}

/// Index of the bracket that closes the one at an index.
pub fn closing(tokens: &[Token<'_>], open: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open).filter(|(_, token)| token.kind == Kind::Mark) {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    tokens.len()
}

/// Kind of the text's first token (`None` for blanks and comments) and its length in bytes.
fn next(rest: &str, first: char) -> (Option<Kind>, usize) {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    if rest.starts_with("//") {
        return (None, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (None, comment(rest));
    }
    if let Some(length) = string(rest) {
        return (Some(Kind::Text), length);
    }
    if first.is_whitespace() {
        return (None, first.len_utf8());
    }
    if first.is_ascii_digit() {
        let mut length = rest.find(|c: char| !word(c)).unwrap_or(rest.len());
        if rest[length..].starts_with('.') && rest[length + 1..].starts_with(|c: char| c.is_ascii_digit()) {
            length += 1 + rest[length + 1..].find(|c: char| !word(c)).unwrap_or(rest.len() - length - 1);
        }
        return (Some(Kind::Number), length);
    }
    if word(first) {
        return (Some(Kind::Word), rest.find(|c: char| !word(c)).unwrap_or(rest.len()));
    }
    let length = MARKS.iter().find(|mark| rest.starts_with(**mark)).map_or(first.len_utf8(), |mark| mark.len());
    (Some(Kind::Mark), length)
}

/// Length of a comment between `/*` and `*/`; such comments nest.
fn comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        let step = rest[at..].chars().next().map_or(1, char::len_utf8);
        if rest[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += step;
        }
    }
    rest.len()
}

/// Length of a string, plain or raw, or of a character, if the text begins with one; a lifetime does not count.
fn string(rest: &str) -> Option<usize> {
    let plain = rest.trim_start_matches(['b', 'c']);
    let before = rest.len() - plain.len();
    if before > 1 {
        return None;
    }
    if let Some(raw) = plain.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            let body = hashes + 1;
            return Some(before + 1 + raw[body..].find(&end).map_or(raw.len(), |at| body + at + end.len()));
        }
        return None;
    }
    let quote = plain.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    if quote == '\'' && !plain[1..].starts_with('\\') && plain[1..].chars().nth(1) != Some('\'') {
        return None;
    }
    let mut escaped = false;
    for (at, c) in plain.char_indices().skip(1) {
        if c == quote && !escaped {
            return Some(before + at + 1);
        }
        escaped = c == '\\' && !escaped;
    }
    Some(rest.len())
}

/// A path from `crate` or another crate's name, not yet shortened to a module.
struct Found {
    path: Vec<String>,
    glob: bool,
    line: usize,
}

/// A path as written, and the inline modules around it.
struct Written {
    scope: Vec<String>,
    path: Vec<String>,
    /// Name given by an import.
    name: Option<String>,
    glob: bool,
    line: usize,
}

/// Meaning of names in a scope: from module and name to the full path.
type Names = BTreeMap<(Vec<String>, String), Vec<String>>;

fn paths(source: &Source, known: &BTreeSet<Vec<String>>) -> Vec<Found> {
    let written = written(source);
    let mut names = Names::new();
    // An import may begin with a name from another import of the file.
    for _ in 0..3 {
        for import in written.iter().filter(|written| written.name.is_some()) {
            let name = import.name.clone().unwrap_or_default();
            if let Some(path) = resolve(import, source, known, &names) {
                names.insert((import.scope.clone(), name), path);
            }
        }
    }
    let found = |written: &Written| {
        let path = resolve(written, source, known, &names)?;
        Some(Found { path, glob: written.glob, line: written.line })
    };
    written.iter().filter_map(found).collect()
}

/// The path from `crate` or another crate's name; `None` for names that the file defines.
fn resolve(written: &Written, source: &Source, known: &BTreeSet<Vec<String>>, names: &Names) -> Option<Vec<String>> {
    let (first, rest) = written.path.split_first()?;
    let mut base = written.scope.clone();
    let whole = |inside: &[String], rest: &[String]| Some([&["crate".to_owned()], inside, rest].concat());
    match first.as_str() {
        "crate" => return whole(rest, &[]),
        "bangtin" if source.path.starts_with("bin/") => return whole(rest, &[]),
        "self" | "super" => {
            let above = written.path.iter().take_while(|part| matches!(part.as_str(), "self" | "super")).count();
            for part in &written.path[..above] {
                if part == "super" {
                    base.pop();
                }
            }
            return whole(&base, &written.path[above..]);
        }
        _ => {}
    }
    // A child module, or a name imported here or outside the inline module.
    let floor = source.module().len();
    loop {
        let child = [base.as_slice(), std::slice::from_ref(first)].concat();
        if known.contains(&child) && !base.is_empty() {
            return whole(&child, rest);
        }
        let own = written.name.as_deref() == Some(first) && written.path.len() == 1;
        if let Some(path) = names.get(&(base.clone(), first.clone())).filter(|_| !own) {
            return Some([path.as_slice(), rest].concat());
        }
        if base.len() <= floor {
            break;
        }
        base.pop();
    }
    // Any other lower-case name is another crate, unless it is a primitive type.
    let small = first.starts_with(|c: char| c.is_lowercase()) && !LANGUAGE.contains(&first.as_str());
    small.then(|| written.path.clone())
}

const LANGUAGE: [&str; 17] =
    ["u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "f32", "f64", "bool", "char", "str"];

/// Every path of a file: imports, and paths written out in code.
fn written(source: &Source) -> Vec<Written> {
    let tokens = tokens(&source.text);
    let is = |at: usize, text: &str| tokens.get(at).is_some_and(|token| token.text == text && token.kind != Kind::Text);
    let word = |at: usize| tokens.get(at).filter(|token| token.kind == Kind::Word).map(|token| token.text);
    let (mut all, mut scope, mut depth, mut opened, mut at, mut attribute) = (Vec::new(), source.module(), 0, Vec::new(), 0, 0);
    while at < tokens.len() {
        let token = tokens[at];
        let line = token.line;
        if token.text == "#" && is(at + 1, "[") {
            attribute = closing(&tokens, at + 1);
        } else if token.kind == Kind::Text {
            let path = token.text.trim_matches('"');
            if at < attribute
                && is(at - 1, "=")
                && path.contains("::")
                && path.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | ':'))
            {
                let path = path.split("::").map(str::to_owned).collect();
                all.push(Written { scope: scope.clone(), path, name: None, glob: false, line });
            }
        } else if token.text == "{" {
            depth += 1;
        } else if token.text == "}" {
            depth -= 1;
            if opened.last() == Some(&depth) {
                opened.pop();
                scope.pop();
            }
        } else if token.text == "mod" && is(at + 2, "{") {
            scope.extend(word(at + 1).map(str::to_owned));
            opened.push(depth);
            at += 1;
        } else if token.text == "use" && !is(at + 1, "<") {
            at = tree(&tokens, at + 1, &[], &scope, &mut all);
        } else if token.kind == Kind::Word && is(at + 1, "::") && !(at > 0 && ["::", ".", "in"].iter().any(|mark| is(at - 1, mark))) {
            let mut path = vec![token.text.to_owned()];
            while is(at + 1, "::") && word(at + 2).is_some() {
                path.extend(word(at + 2).map(str::to_owned));
                at += 2;
            }
            all.push(Written { scope: scope.clone(), path, name: None, glob: false, line });
        }
        at += 1;
    }
    all
}

/// Reads an import tree, as `a::{b, c::*, d as e}`, from a token on; returns the index after it.
fn tree(tokens: &[Token<'_>], mut at: usize, before: &[String], scope: &[String], all: &mut Vec<Written>) -> usize {
    let mut path = before.to_vec();
    let line = tokens.get(at).map_or(0, |token| token.line);
    let found = |path: Vec<String>, name: Option<String>, glob| Written { scope: scope.to_vec(), path, name, glob, line };
    while let Some(token) = tokens.get(at) {
        match token.text {
            "{" => {
                at += 1;
                while tokens.get(at).is_some_and(|token| token.text != "}") {
                    at = tree(tokens, at, &path, scope, all);
                    at += usize::from(tokens.get(at).is_some_and(|token| token.text == ","));
                }
                return at + 1;
            }
            "*" => {
                all.push(found(path, None, true));
                return at + 1;
            }
            "::" => {}
            "as" => {
                let name = tokens.get(at + 1).map(|token| token.text.to_owned());
                all.push(found(path, name, false));
                return at + 2;
            }
            "self" if !path.is_empty() => {}
            _ if token.kind == Kind::Word => path.push(token.text.to_owned()),
            _ => break,
        }
        at += 1;
    }
    if path.len() > before.len() || tokens.get(at.wrapping_sub(1)).is_some_and(|token| token.text == "self") {
        let name = path.last().cloned();
        all.push(found(path, name, false));
    }
    at
}
