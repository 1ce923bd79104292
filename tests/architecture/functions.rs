//! Measures the functions of a source as text: length, parameters, decisions, nested loops, arithmetic.
//! Functions of `mod tests` are left out. Never judges what it measures.

use super::reader::{Kind, Source, Token, closing, tokens};

/// Methods of iterators and options that make a decision for each item.
const CHOOSING: [&str; 29] = [
    "filter",
    "filter_map",
    "any",
    "all",
    "find",
    "find_map",
    "position",
    "fold",
    "try_fold",
    "retain",
    "partition",
    "max_by",
    "min_by",
    "max_by_key",
    "min_by_key",
    "sort",
    "sort_by",
    "sort_by_key",
    "sort_unstable",
    "dedup",
    "chunks",
    "windows",
    "zip",
    "flat_map",
    "take_while",
    "skip_while",
    "is_some_and",
    "is_none_or",
    "sum",
];

/// Measurements of one function, with the functions inside it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    pub line: usize,
    /// From `fn` to the closing brace.
    pub lines: usize,
    /// Without `self`.
    pub parameters: usize,
    /// As [`decisions`] counts.
    pub decisions: usize,
    /// Depth of nested loops.
    pub loops: usize,
    /// Number of `while` and `loop`.
    pub waits: usize,
    /// Binary operations: `+ - * / % <<`, and those that assign.
    pub sums: usize,
}

pub fn functions(source: &Source) -> Vec<Function> {
    let tokens = own_tokens(source);
    (0..tokens.len()).filter(|at| tokens[*at].text == "fn").filter_map(|at| function(&tokens, at)).collect()
}

/// The tokens of a source, `mod tests { … }` left out.
pub fn own_tokens(source: &Source) -> Vec<Token<'_>> {
    let mut all = tokens(&source.text);
    while let Some(at) = all.windows(3).position(|three| three[0].text == "mod" && three[1].text == "tests" && three[2].text == "{") {
        let end = closing(&all, at + 2);
        all.drain(at..(end + 1).min(all.len()));
    }
    all
}

/// The function whose `fn` is at this token; `None` for function types and functions without a body.
fn function(tokens: &[Token<'_>], at: usize) -> Option<Function> {
    let name = tokens.get(at + 1).filter(|token| token.kind == Kind::Word)?;
    let mut angles = 0;
    let mut open = at + 2;
    while angles > 0 || tokens.get(open)?.text != "(" {
        match tokens.get(open)?.text {
            "<" => angles += 1,
            ">" => angles -= 1,
            _ => {}
        }
        open += 1;
    }
    let close = closing(tokens, open);
    let mut start = close;
    while tokens.get(start)?.text != "{" {
        if tokens[start].text == ";" {
            return None;
        }
        start += 1;
    }
    let end = closing(tokens, start);
    let body = tokens.get(start + 1..end)?;
    let count = |wanted: &[&str]| body.iter().filter(|token| token.kind != Kind::Text && wanted.contains(&token.text)).count();
    Some(Function {
        name: name.text.to_owned(),
        line: tokens[at].line,
        lines: tokens.get(end)?.line - tokens[at].line + 1,
        parameters: parameters(tokens.get(open + 1..close)?),
        decisions: decisions(body),
        loops: loops(body),
        waits: count(&["while", "loop"]),
        sums: sums(body),
    })
}

/// Number of parameters between the brackets, without `self`.
fn parameters(between: &[Token<'_>]) -> usize {
    let (mut count, mut depth) = (0, 0);
    for token in between {
        match token.text {
            "(" | "[" | "{" | "<" => depth += 1,
            ")" | "]" | "}" | ">" => depth -= 1,
            ":" if depth == 0 => count += 1,
            _ => {}
        }
    }
    count
}

/// Depth of nested loops.
fn loops(body: &[Token<'_>]) -> usize {
    let (mut open, mut most) = (Vec::new(), 0);
    for (at, token) in body.iter().enumerate().filter(|(_, token)| token.kind == Kind::Word) {
        open.retain(|end| *end > at);
        let heads = matches!(token.text, "while" | "loop" | "for") && body.get(at + 1).is_some_and(|next| next.text != "<");
        if !heads {
            continue;
        }
        // A loop's block starts at the first brace outside brackets.
        let mut start = at + 1;
        while body.get(start).is_some_and(|token| token.text != "{") {
            start = if matches!(body[start].text, "(" | "[") { closing(body, start) + 1 } else { start + 1 };
        }
        open.push(closing(body, start));
        most = most.max(open.len());
    }
    most
}

/// Number of binary arithmetic operations.
fn sums(body: &[Token<'_>]) -> usize {
    let value = |token: &Token<'_>| {
        let keyword = matches!(token.text, "return" | "in" | "if" | "match" | "else" | "mut" | "as" | "let" | "dyn" | "move" | "while");
        matches!(token.kind, Kind::Word | Kind::Number) && !keyword || matches!(token.text, ")" | "]")
    };
    let binary = |three: &[Token<'_>]| {
        let operation = matches!(three[1].text, "+" | "-" | "*" | "/" | "%" | "<<" | "+=" | "-=" | "*=");
        three[1].kind == Kind::Mark && operation && value(&three[0])
    };
    body.windows(3).filter(|three| binary(three)).count()
}

/// Number of decisions in the tokens.
pub fn decisions(tokens: &[Token<'_>]) -> usize {
    let word = |at: usize| tokens[at].kind == Kind::Word;
    // `for` in `impl Trait for Type` and `for<'a>` is no loop: a loop has `in` before its block.
    let loops = |at: usize| tokens[at..].iter().find(|token| matches!(token.text, "in" | "{")).is_some_and(|token| token.text == "in");
    let decides = |at: usize| match tokens[at].text {
        "if" | "match" | "while" | "loop" => true,
        "for" => loops(at),
        name => at > 0 && tokens[at - 1].text == "." && CHOOSING.contains(&name),
    };
    (0..tokens.len()).filter(|at| word(*at) && decides(*at)).count()
}
