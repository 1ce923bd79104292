//! Random numbers of the system, and access tokens made of them. Tokens are compared in constant time.
//! Never a key, and never kept beyond the process.

use std::fmt;

use serde::Serialize;

use super::failure::Failure;

/// Random bytes from the system that nobody can guess.
pub fn random_token<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        Failure::External(crate::text!(vi: "hệ thống không cho số ngẫu nhiên: {error}", en: "the system gives no random numbers: {error}"))
    })?;
    Ok(bytes)
}

/// 128 random bits as 32 hexadecimal digits.
#[derive(Clone, Serialize)]
pub struct Token(String);

impl Token {
    /// A new random token.
    pub fn new() -> Result<Self, Failure> {
        random_token().map(Self::of)
    }

    /// The token of bytes that nobody else knows.
    pub fn of(bytes: [u8; 16]) -> Self {
        Self(base16ct::lower::encode_string(&bytes))
    }

    /// Whether a text is this token. The time reveals at most its length.
    pub fn matches(&self, given: &str) -> bool {
        given.len() == self.0.len() && given.bytes().zip(self.0.bytes()).fold(0, |differing, (one, other)| differing | (one ^ other)) == 0
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Never shows the token: debug output ends up in logs.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_matches_itself_alone() {
        let token = Token::new().unwrap();
        let text = token.to_string();
        assert!(text.len() == 32 && token.matches(&text) && !Token::new().unwrap().matches(&text));
        for other in ["", &text[1..], &format!("{text}0"), &text.replace(&text[..1], "x")] {
            assert!(!token.matches(other), "{other}");
        }
        assert_eq!(format!("{token:?}"), "Token");
    }
}
