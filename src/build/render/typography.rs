//! Typography: no-break spaces before units, and measures of the amount of text.
//! Never changes a letter.

const UNITS: [&str; 22] = [
    "km²", "km", "m²", "m", "cm", "mm", "ha", "kg", "tấn", "%", "°C", "℃", "đồng", "₫", "giờ", "phút", "triệu", "tỷ", "người", "ngày",
    "tháng", "năm",
];

/// Puts a no-break space between a number and its unit.
pub fn bind_units(html: &str) -> String {
    let mut out = String::with_capacity(html.len() + 16);
    let mut rest = html;
    while let Some(space) = rest.find(' ') {
        let (before, after) = (&rest[..space], &rest[space + 1..]);
        out.push_str(before);
        let bound = before.ends_with(|c: char| c.is_ascii_digit()) && UNITS.iter().any(|unit| begins_with_word(after, unit));
        out.push(if bound { '\u{a0}' } else { ' ' });
        rest = after;
    }
    out.push_str(rest);
    out
}

fn begins_with_word(text: &str, word: &str) -> bool {
    text.strip_prefix(word).is_some_and(|after| !after.starts_with(char::is_alphanumeric))
}

/// Amount of text, from 1 (a few words) to 5 (more than a glance); the theme sets the type size by it.
pub fn density(html: &str) -> u8 {
    let mut weight = 0_usize;
    let mut tag = false;
    for c in html.chars() {
        match c {
            '<' => tag = true,
            '>' => tag = false,
            '\n' => weight += 12,
            // A Chinese character is as wide as two letters.
            _ if !tag => weight += if c >= '\u{2e80}' { 2 } else { 1 },
            _ => {}
        }
    }
    match weight {
        0..=130 => 1,
        131..=260 => 2,
        261..=430 => 3,
        431..=700 => 4,
        _ => 5,
    }
}

/// Length of a title, from 1 (two or three words) to 4 (a sentence).
pub fn title_length(title: &str) -> u8 {
    match title.chars().map(|c| if c >= '\u{2e80}' { 2 } else { 1 }).sum::<usize>() {
        0..=24 => 1,
        25..=48 => 2,
        49..=84 => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_units() {
        assert_eq!(bind_units("cao 30 m, rộng 300 mét, 25 °C"), "cao 30\u{a0}m, rộng 300 mét, 25\u{a0}°C");
    }

    #[test]
    fn markup_weighs_nothing() {
        assert_eq!(density(&"<p class=\"x\">a</p>".repeat(40)), 1);
        assert_eq!(density(&"chữ ".repeat(300)), 5);
    }
}
