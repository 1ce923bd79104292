//! Judges a style sheet by the tokens that a browser makes of it, escapes resolved.
//! Never judges what a rule looks like on a screen.

use cssparser::{ParseError, Parser, Token};

use super::finding::{Finding, FindingKind};
use super::steady::Statement;
use super::{address, allowed};

/// Knows the files of the program, relative to the sheet.
type There<'a> = &'a dyn Fn(&str) -> bool;

/// What is wrong in a sheet, or in a value.
pub fn in_sheet(text: &str, there: There) -> Vec<Finding> {
    let mut found = Vec::new();
    walk(&mut Parser::new(text), there, (&mut Statement::default(), false), &mut found);
    found
}

/// Reads on in a statement; true beside it: where a selector has attributes and languages.
fn walk(parser: &mut Parser<'_>, there: There, (statement, in_brackets): (&mut Statement, bool), found: &mut Vec<Finding>) {
    loop {
        parser.skip_whitespace();
        let start = parser.position().byte_index();
        let Ok(token) = parser.next().cloned() else { return };
        let unsteady = statement.read(&token, start..parser.position().byte_index(), in_brackets);
        let own = judge(&token, parser, there);
        let end = parser.position().byte_index();
        found.extend(own.or(unsteady).map(|kind| kind.at(start..end)));
        let url = matches!(&token, Token::Function(name) if name.eq_ignore_ascii_case("url"));
        let block = matches!(token, Token::CurlyBracketBlock);
        let opens = block || matches!(token, Token::Function(_) | Token::ParenthesisBlock | Token::SquareBracketBlock);
        if block {
            found.extend(statement.block());
        }
        if opens && !url {
            let mut inside = Statement::default();
            let language = matches!(&token, Token::Function(name) if name.eq_ignore_ascii_case("lang"));
            let in_brackets = in_brackets || language || matches!(token, Token::SquareBracketBlock);
            let walked = parser.parse_nested_block(|inner| {
                walk(inner, there, (if block { &mut inside } else { &mut *statement }, in_brackets && !block), found);
                Ok::<(), ParseError<()>>(())
            });
            if walked.is_err() {
                found.push(FindingKind::Malformed("blocks nested too deep".to_owned()).at(start..end));
            }
        }
    }
}

/// What is wrong with a token itself; reads all of a quoted `url(…)`.
fn judge(token: &Token<'_>, parser: &mut Parser<'_>, there: There) -> Option<FindingKind> {
    let malformed = |what: &str| Some(FindingKind::Malformed(what.to_owned()));
    match token {
        Token::AtKeyword(name) if !allowed::rule(name) => Some(FindingKind::Forbidden(format!("@{name}"))),
        Token::UnquotedUrl(url) => address::fault(url, there),
        Token::Function(name) if name.eq_ignore_ascii_case("url") => {
            let quoted = parser.parse_nested_block(|inner| {
                let quoted = inner.expect_string_cloned()?;
                inner.expect_exhausted()?;
                Ok::<_, ParseError<()>>(quoted)
            });
            quoted.map_or_else(|_| malformed("bad-url"), |url| address::fault(&url, there))
        }
        Token::Function(name) if !allowed::function(name) => Some(FindingKind::Forbidden(format!("{name}()"))),
        Token::CDO | Token::CDC => Some(FindingKind::Forbidden("<!-- … -->".to_owned())),
        Token::BadUrl(_) => malformed("bad-url"),
        Token::BadString(_) => malformed("bad-string"),
        Token::CloseParenthesis | Token::CloseSquareBracket | Token::CloseCurlyBracket => malformed("a bracket that nothing opens"),
        _ => None,
    }
}
