//! Turns a positioned tree into written values; collects all faults and never stops early.
//! Never knows a particular file.

use std::fmt::Display;

use schemars::{Schema, SchemaGenerator, json_schema};

use super::suggest::{KnownName, nearest, suggest_known, suggest_nearest};
use crate::base::diagnostic::{Diagnostic, Severity, SourceLocation};
use crate::base::limits::MAX_FAULTS_PER_FILE;
use crate::base::text::Text;
use crate::content::source::text::{SourceText, TextSpan};
use crate::content::source::yaml::{YamlKey, YamlNode, YamlValue};
use crate::text;

/// A value with its place.
#[derive(Clone, Debug)]
pub struct Spanned<T> {
    pub value: T,
    pub span: TextSpan,
}

/// The faults of one file.
#[derive(Debug)]
pub struct FileFaults<'a> {
    pub file: &'a SourceText,
    pub list: Vec<Diagnostic>,
}

impl<'a> FileFaults<'a> {
    /// A file without faults so far.
    pub fn new(file: &'a SourceText) -> Self {
        Self { file, list: Vec::new() }
    }

    /// Adds an error. Beyond [`MAX_FAULTS_PER_FILE`] faults one error is enough: the file as a whole is wrong.
    pub fn error(&mut self, code: &'static str, span: TextSpan, cause: Text, help: Text) {
        if self.takes_error() {
            self.list.push(Diagnostic::error(code, self.file.location(span), cause, help));
        }
    }

    /// Whether a further error would be added.
    pub fn takes_error(&self) -> bool {
        self.list.len() < MAX_FAULTS_PER_FILE || self.list.iter().all(|fault| fault.severity != Severity::Error)
    }

    /// Adds a warning, up to [`MAX_FAULTS_PER_FILE`] faults in all.
    pub fn warning(&mut self, code: &'static str, span: TextSpan, cause: Text, help: Text) {
        if self.list.len() < MAX_FAULTS_PER_FILE {
            self.list.push(Diagnostic::warning(code, self.file.location(span), cause, help));
        }
    }

    /// The place of a stretch of the file.
    pub fn place(&self, span: TextSpan) -> SourceLocation {
        self.file.location(span)
    }

    /// Reports a key that must be set.
    pub fn report_missing(&mut self, key: &str, span: TextSpan) {
        self.error(
            "missing-key",
            span,
            text!(vi: "thiếu mục “{key}”", en: "the key “{key}” is missing"),
            text!(vi: "thêm {key}: …", en: "add {key}: …"),
        );
    }

    /// Reports an unknown name, with the known one that was meant.
    pub fn report_unknown(&mut self, code: &'static str, span: TextSpan, what: &Text, name: &str, known: &[KnownName<'_>]) {
        let (vi, en, shown) = (&what.vi, &what.en, name.chars().take(60).collect::<String>());
        let cause = text!(vi: "không có {vi} “{shown}”", en: "there is no {en} “{shown}”");
        self.error(code, span, cause, suggest_known(name, known));
    }
}

/// A value that can be read from a node.
pub trait FromYaml: Sized {
    /// Reads a node; reports its faults and gives `None` if nothing is usable.
    fn read(node: &YamlNode, faults: &mut FileFaults<'_>) -> Option<Self>;
    /// Its JSON Schema.
    fn schema(generator: &mut SchemaGenerator) -> Schema;
    /// How it may be written in one line; `None` for what takes more.
    fn example() -> Option<String> {
        None
    }
    /// How to write a value that is readable to people and has another form; `None` if this is none.
    fn respelt(_: &str) -> Option<String> {
        None
    }
}

/// Reads a node with its place.
pub fn spanned<T: FromYaml>(node: &YamlNode, faults: &mut FileFaults<'_>) -> Option<Spanned<T>> {
    T::read(node, faults).map(|value| Spanned { value, span: node.span })
}

/// Reports a node of the wrong form: what is expected there, what it is, and what to write.
pub fn report_wrong_form(node: &YamlNode, Text { vi, en }: &Text, help: Text, faults: &mut FileFaults<'_>) {
    let (is_vi, is_en) = match &node.value {
        YamlValue::List(_) => ("một danh sách", "a list"),
        YamlValue::Map(_) => ("một nhóm mục", "a map"),
        YamlValue::Scalar { text, unquoted: true } if matches!(text.as_str(), "" | "~" | "null") => ("trống", "nothing"),
        YamlValue::Scalar { .. } => ("một giá trị đơn", "a single value"),
    };
    faults.error(
        "wrong-form",
        node.span,
        text!(vi: "ở đây cần {vi}, nhưng lại là {is_vi}", en: "{en} belongs here, this is {is_en}"),
        help,
    );
}

/// The remedy that gives an example.
fn write(example: Option<String>) -> Text {
    match example {
        Some(example) => text!(vi: "viết theo mẫu: {example}", en: "write it as: {example}"),
        None => text!(vi: "xem ví dụ trong docs/content.md", en: "see the example in docs/content.md"),
    }
}

/// A single value as it stands in a list between brackets, if it is one word and may be an item.
fn in_brackets(node: &YamlNode, item: Option<&String>) -> Option<String> {
    let YamlValue::Scalar { text, .. } = &node.value else { return None };
    let plain = |c: char| c.is_alphanumeric() || "-_/.:".contains(c);
    let is_word = !matches!(text.as_str(), "" | "~" | "null") && text.chars().count() <= 60 && text.chars().all(plain);
    (is_word && !text.ends_with(':') && !item.is_some_and(|item| item.starts_with('{'))).then(|| format!("[{text}]"))
}

impl<T: FromYaml> FromYaml for Vec<Spanned<T>> {
    fn read(node: &YamlNode, faults: &mut FileFaults<'_>) -> Option<Self> {
        let YamlValue::List(items) = &node.value else {
            let respelt = match &node.value {
                YamlValue::Scalar { text, .. } => T::respelt(text).map(|item| format!("[{item}]")),
                _ => None,
            };
            let example = respelt.or_else(|| in_brackets(node, T::example().as_ref())).or_else(Self::example);
            report_wrong_form(node, &text!(vi: "một danh sách [ … ]", en: "a list [ … ]"), write(example), faults);
            return None;
        };
        let usable: Self = items.iter().filter_map(|item| spanned(item, faults)).collect();
        // A list whose items are all at fault is not an empty one.
        (items.is_empty() || !usable.is_empty()).then_some(usable)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let items = T::schema(generator);
        json_schema!({"type": "array", "items": items})
    }

    fn example() -> Option<String> {
        Some(format!("[{}]", T::example()?))
    }
}

/// A single value, or a list of them.
#[derive(Clone, Debug)]
pub struct OneOrMany<T>(pub Vec<Spanned<T>>);

impl<T: FromYaml> FromYaml for OneOrMany<T> {
    fn read(node: &YamlNode, faults: &mut FileFaults<'_>) -> Option<Self> {
        match node.value {
            YamlValue::List(_) => Vec::read(node, faults).map(Self),
            _ => spanned(node, faults).map(|one| Self(vec![one])),
        }
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let item = T::schema(generator);
        json_schema!({"anyOf": [item.clone(), {"type": "array", "items": item}]})
    }
}

/// A map whose keys are names: those with a usable value, and the names whose value is at fault.
#[derive(Clone, Debug)]
pub struct NameMap<K, V>(pub Vec<(Spanned<K>, Spanned<V>)>, pub Vec<K>);

impl<K: FromYaml, V: FromYaml> FromYaml for NameMap<K, V> {
    fn read(node: &YamlNode, faults: &mut FileFaults<'_>) -> Option<Self> {
        let YamlValue::Map(entries) = &node.value else {
            report_wrong_form(node, &text!(vi: "một nhóm “tên: giá trị”", en: "a map of “name: value”"), write(Self::example()), faults);
            return None;
        };
        let (mut pairs, mut faulty) = (Vec::new(), Vec::new());
        for (key, value) in entries {
            let name = YamlNode { span: key.span, value: YamlValue::Scalar { text: key.text.clone(), unquoted: false } };
            match (spanned::<K>(&name, faults), spanned(value, faults)) {
                (Some(key), Some(value)) => pairs.push((key, value)),
                (Some(key), None) => faulty.push(key.value),
                (None, _) => {}
            }
        }
        Some(Self(pairs, faulty))
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let value = V::schema(generator);
        let name = K::schema(generator);
        json_schema!({"type": "object", "additionalProperties": value, "propertyNames": name})
    }

    fn example() -> Option<String> {
        Some(format!("{{{}: {}}}", K::example()?, V::example()?))
    }
}

/// The entries of a map with fixed keys; reports unknown and missing keys. `example`: such a map in one line.
pub fn map_entries<'n>(
    node: &'n YamlNode,
    (keys, example): (&[(&'static str, bool)], Option<String>),
    faults: &mut FileFaults<'_>,
) -> Option<&'n [(YamlKey, YamlNode)]> {
    let YamlValue::Map(entries) = &node.value else {
        report_wrong_form(node, &text!(vi: "một nhóm “mục: giá trị”", en: "a map of “key: value”"), write(example), faults);
        return None;
    };
    let names: Vec<&str> = keys.iter().map(|(key, _)| *key).collect();
    for (key, _) in entries {
        if !names.contains(&key.text.as_str()) {
            let name = &key.text;
            let help = suggest_nearest(name, &names);
            faults.error("unknown-key", key.span, text!(vi: "ở đây không dùng mục “{name}”", en: "there is no key “{name}” here"), help);
        }
    }
    let misspelt = misspelt_keys(entries, keys);
    let given = |key: &str| misspelt.contains(&key) || entries.iter().any(|(given, _)| given.text == key);
    for (key, _) in keys.iter().filter(|(key, required)| *required && !given(key)) {
        faults.report_missing(key, node.span);
    }
    Some(entries)
}

/// The known keys of a map, with their places.
pub fn present_keys(entries: &[(YamlKey, YamlNode)], keys: &[(&'static str, bool)]) -> Vec<(&'static str, TextSpan)> {
    let known = |key: &YamlKey| keys.iter().find(|(name, _)| *name == key.text).map(|(name, _)| (*name, key.span));
    entries.iter().filter_map(|(key, _)| known(key)).collect()
}

/// The known keys that unknown ones are meant to be: they are not missing as well.
pub fn misspelt_keys(entries: &[(YamlKey, YamlNode)], keys: &[(&'static str, bool)]) -> Vec<&'static str> {
    let names: Vec<&'static str> = keys.iter().map(|(name, _)| *name).collect();
    let unknown = entries.iter().map(|(key, _)| key.text.as_str()).filter(|given| !names.contains(given));
    unknown.filter_map(|given| nearest(given, &names)).collect()
}

/// The value of one key.
pub fn read_field<T: FromYaml>(entries: &[(YamlKey, YamlNode)], key: &str, faults: &mut FileFaults<'_>) -> Option<Spanned<T>> {
    entries.iter().find(|(given, _)| given.text == key).and_then(|(_, node)| spanned(node, faults))
}

/// The schema of a map with fixed keys: name, required, description, schema.
pub fn object_schema(doc: impl Display, properties: Vec<(&'static str, bool, String, Schema)>) -> Schema {
    let required: Vec<&str> = properties.iter().filter(|property| property.1).map(|property| property.0).collect();
    let mut map = serde_json::Map::new();
    for (key, _, doc, mut schema) in properties {
        schema.insert("description".into(), doc.into());
        map.insert(key.into(), schema.to_value());
    }
    let doc = doc.to_string();
    json_schema!({"type": "object", "description": doc, "additionalProperties": false, "properties": map, "required": required})
}

/// Generates a struct of optional fields with places, its reader and its schema from one list of keys.
macro_rules! yaml_struct {
    ($(#[doc = $doc:literal])* $name:ident $($example:literal)? { $($(#[doc = $help:literal])* $field:ident $key:literal : $type:ty = $required:literal),* $(,)? }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            $($(#[doc = $help])* pub $field: Option<Spanned<$type>>,)*
            /// The keys that stand in the file, their values faulty or not.
            pub present: Vec<(&'static str, TextSpan)>,
            /// The keys that unknown ones are meant to be.
            pub misspelt: Vec<&'static str>,
        }

        impl $name {
            /// Its keys, in the order of the manual.
            pub const KEYS: &'static [(&'static str, bool)] = &[$(($key, $required)),*];

            /// Whether a key stands in the file, its name or value faulty or not.
            pub fn has(&self, key: &str) -> bool {
                self.misspelt.contains(&key) || self.present.iter().any(|(given, _)| *given == key)
            }
        }

        impl FromYaml for $name {
            fn read(node: &YamlNode, faults: &mut FileFaults<'_>) -> Option<Self> {
                let entries = map_entries(node, (Self::KEYS, Self::example()), faults)?;
                let (present, misspelt) = (present_keys(entries, Self::KEYS), misspelt_keys(entries, Self::KEYS));
                Some(Self { $($field: read_field(entries, $key, faults),)* present, misspelt })
            }

            fn schema(generator: &mut SchemaGenerator) -> Schema {
                let properties = vec![$(($key, $required, [$($help),*].concat().trim().to_owned(), <$type>::schema(generator))),*];
                object_schema([$($doc),*].concat().trim(), properties)
            }

            fn example() -> Option<String> {
                let all: &[&str] = &[$($example)?];
                all.first().map(|example| (*example).to_owned())
            }
        }
    };
}
pub(super) use yaml_struct;
