//! Reads single values: the form that a word must have for each kind of field.
//! Never guesses, never converts silently.

use super::collect::{FileFaults, report_wrong_form};
use crate::base::text::Text;
use crate::content::source::yaml::{YamlNode, YamlValue};
use crate::text;

/// The text of a single value; lists, maps and nothing are reported and give `None`.
pub fn read_scalar<'n>(node: &'n YamlNode, form: &Text, faults: &mut FileFaults<'_>) -> Option<(&'n str, bool)> {
    match &node.value {
        YamlValue::Scalar { text, unquoted: plain } if !(*plain && matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL")) => {
            Some((text, *plain))
        }
        _ => {
            report_wrong_form(node, &form.vi, &form.en, faults);
            None
        }
    }
}

/// Reads a value with the given parser; the fault names the expected form.
pub fn parse_scalar<T>(node: &YamlNode, form: &Text, faults: &mut FileFaults<'_>, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
    let (text, _) = read_scalar(node, form, faults)?;
    let value = parse(text);
    if value.is_none() {
        report_wrong_value(node, text, form, faults);
    }
    value
}

/// Reports a word that does not have its form.
pub fn report_wrong_value(node: &YamlNode, text: &str, form: &Text, faults: &mut FileFaults<'_>) {
    let shown: String = text.chars().take(60).collect();
    let (vi, en) = (&form.vi, &form.en);
    faults.error(
        "wrong-value",
        node.span,
        text!(vi: "“{shown}” không phải là {vi}", en: "“{shown}” is not {en}"),
        text!(vi: "viết {vi}", en: "write {en}"),
    );
}

/// A line of text for people. Words that YAML readers take for yes, no or nothing must be quoted.
pub fn read_line(node: &YamlNode, faults: &mut FileFaults<'_>) -> Option<String> {
    let form = text!(vi: "một dòng chữ, đến 1000 ký tự", en: "a line of text, up to 1000 characters");
    let (text, plain) = read_scalar(node, &form, faults)?;
    let lower = text.to_ascii_lowercase();
    if plain && matches!(lower.as_str(), "yes" | "no" | "on" | "off" | "true" | "false" | "y" | "n") {
        faults.error(
            "needs-quotes",
            node.span,
            text!(vi: "“{text}” không có dấu nháy thì YAML hiểu là đúng/sai", en: "without quotes YAML programs take “{text}” for true or false"),
            text!(vi: "viết \"{text}\"", en: "write \"{text}\""),
        );
        return None;
    }
    let trimmed = text.trim();
    if trimmed.is_empty() || trimmed.contains('\n') || trimmed.chars().count() > 1_000 {
        report_wrong_value(node, text, &form, faults);
        return None;
    }
    Some(trimmed.to_owned())
}

/// A whole number within bounds, without quotes.
pub fn read_integer(node: &YamlNode, low: u64, high: u64, faults: &mut FileFaults<'_>) -> Option<u64> {
    let form = text!(vi: "số nguyên từ {low} đến {high}, không dấu nháy", en: "a whole number from {low} to {high}, without quotes");
    let (text, plain) = read_scalar(node, &form, faults)?;
    let digits = plain && text.bytes().all(|c| c.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    let value = digits.then(|| text.parse().ok()).flatten().filter(|value| (low..=high).contains(value));
    if value.is_none() {
        report_wrong_value(node, text, &form, faults);
    }
    value
}
