//! Judges a style sheet by the tokens that a browser makes of it, escapes resolved.
//! Never judges what a rule looks like on a screen.

use cssparser::{BasicParseError, ParseError, Parser, Token};

use super::finding::{Finding, FindingKind};
use super::steady::{Statement, is_readable};
use super::{address, allowed};

/// What a sheet may name.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// Whether the program has a file, relative to the sheet.
    pub file: &'a dyn Fn(&str) -> bool,
    /// Whether the theme declares a family of fonts.
    pub font: &'a dyn Fn(&str) -> bool,
}

/// What is wrong in a sheet.
pub fn in_sheet(text: &str, known: Known) -> Vec<Finding> {
    judge_all(text, known, Statement::default())
}

/// What is wrong in the value of a property that stands in a page: it names no file and no font.
pub fn in_value(property: &str, value: &str) -> Vec<Finding> {
    judge_all(value, Known { file: &|_| false, font: &|_| false }, Statement::of_property(property))
}

fn judge_all(text: &str, known: Known, mut statement: Statement) -> Vec<Finding> {
    let mut found = Vec::new();
    walk(&mut Parser::new(text), known, (&mut statement, false), &mut found);
    found.extend(statement.end(known.font));
    found
}

/// Reads on in a statement; true beside it: where a selector has attributes and languages.
fn walk(parser: &mut Parser<'_>, known: Known, (statement, in_brackets): (&mut Statement, bool), found: &mut Vec<Finding>) {
    loop {
        parser.skip_whitespace();
        let start = parser.position().byte_index();
        let Ok(token) = parser.next().cloned() else { return };
        if token == Token::Semicolon {
            found.extend(statement.end(known.font));
        }
        let unsteady = statement.read(&token, start..parser.position().byte_index(), in_brackets);
        let own = judge(&token, parser, known);
        let end = parser.position().byte_index();
        found.extend(own.or(unsteady).map(|kind| kind.at(start..end)));
        let block = matches!(token, Token::CurlyBracketBlock);
        let opens = block || matches!(token, Token::Function(_) | Token::ParenthesisBlock | Token::SquareBracketBlock);
        let mut inside = statement.inside();
        if block {
            found.extend(statement.block());
        }
        if opens && !is_read_whole(&token) {
            let language = matches!(&token, Token::Function(name) if name.eq_ignore_ascii_case("lang"));
            let in_brackets = in_brackets || language || matches!(token, Token::SquareBracketBlock);
            let walked = parser.parse_nested_block(|inner| {
                walk(inner, known, (if block { &mut inside } else { &mut *statement }, in_brackets && !block), found);
                Ok::<(), ParseError<()>>(())
            });
            if walked.is_err() {
                found.push(FindingKind::Malformed("blocks nested too deep".to_owned()).at(start..end));
            }
            if block {
                found.extend(inside.end(known.font));
            }
        }
    }
}

/// Functions that are judged with all that stands in them.
fn is_read_whole(token: &Token<'_>) -> bool {
    matches!(token, Token::Function(name) if ["url", "attr", "counter", "counters"].iter().any(|each| name.eq_ignore_ascii_case(each)))
}

/// What is wrong with a token itself; reads all of a function that is judged whole.
fn judge(token: &Token<'_>, parser: &mut Parser<'_>, known: Known) -> Option<FindingKind> {
    let malformed = |what: &str| Some(FindingKind::Malformed(what.to_owned()));
    match token {
        Token::AtKeyword(name) if !allowed::rule(name) => Some(FindingKind::Forbidden(format!("@{name}"))),
        Token::UnquotedUrl(url) => address::fault(url, known.file),
        Token::Function(name) if name.eq_ignore_ascii_case("url") => {
            let quoted = parser.parse_nested_block(|inner| Ok::<_, ParseError<()>>(inner.expect_string_cloned()?));
            quoted.map_or_else(|_| malformed("bad-url"), |url| address::fault(&url, known.file))
        }
        Token::Function(name) if is_read_whole(token) => {
            let read = parser.parse_nested_block(|inner| Ok::<_, ParseError<()>>(generated(name, inner)?));
            (!matches!(read, Ok(true))).then(|| FindingKind::Forbidden(format!("{name}(…)")))
        }
        Token::Function(name) if !allowed::function(name) => Some(FindingKind::Forbidden(format!("{name}()"))),
        Token::CDO | Token::CDC => Some(FindingKind::Forbidden("<!-- … -->".to_owned())),
        Token::BadUrl(_) => malformed("bad-url"),
        Token::BadString(_) => malformed("bad-string"),
        Token::CloseParenthesis | Token::CloseSquareBracket | Token::CloseCurlyBracket => malformed("a bracket that nothing opens"),
        _ => None,
    }
}

/// Whether a function writes what stands in the page already: the label of a cell, or the numbers of a list.
fn generated(function: &str, inner: &mut Parser<'_>) -> Result<bool, BasicParseError> {
    let name = inner.expect_ident_cloned()?;
    if function.eq_ignore_ascii_case("attr") {
        return Ok(name.eq_ignore_ascii_case("data-label"));
    }
    let mut right = name.eq_ignore_ascii_case("list-item");
    if function.eq_ignore_ascii_case("counters") {
        inner.expect_comma()?;
        right &= !is_readable(&inner.expect_string_cloned()?);
    }
    if !inner.is_exhausted() {
        inner.expect_comma()?;
        right &= allowed::numbering(&inner.expect_ident_cloned()?);
    }
    Ok(right)
}
