//! Words of a command as a shell reads them back.
//! Never runs anything.

/// A value as one word: bare if every shell takes it so, else in quotation marks.
pub fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-:=@,".contains(c);
    let escaped = value.chars().flat_map(|c| "\"\\$`".contains(c).then_some('\\').into_iter().chain([c]));
    if !value.is_empty() && value.chars().all(plain) { value.to_owned() } else { format!("\"{}\"", escaped.collect::<String>()) }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_value_is_one_word() {
        for bare in ["ta-lung", "keys/lan.key", "https://kho.example:8443/x", "2026-12"] {
            assert_eq!(quoted(bare), bare);
        }
        assert_eq!(quoted("Nguyễn Thị Lan <lan@example.vn>"), "\"Nguyễn Thị Lan <lan@example.vn>\"");
        assert_eq!(quoted("a\"b$c`d\\e"), "\"a\\\"b\\$c\\`d\\\\e\"");
        assert_eq!(quoted(""), "\"\"");
    }
}
