//! The chosen theme's layouts: which keys each needs and takes.
//! Never renders.

use std::collections::BTreeMap;

use super::written::{FileFaults, FromYaml as _, SlideFile, Spanned, ThemeFile};
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::content::source::{ContentTree, yaml};
use crate::text;

/// The keys of one layout, beside those that every slide has.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// Keys that must be set.
    pub needs: Vec<String>,
    /// Keys that may be set.
    pub takes: Vec<String>,
}

/// Keys that every slide has, whatever its layout.
pub const COMMON_KEYS: [&str; 6] = ["title", "agency", "category", "layout", "duration", "valid"];

/// Reads the layouts of the theme that the settings name; `None` if the theme is missing or unreadable.
pub fn read(tree: &ContentTree, theme: &Spanned<String>, faults: &mut Vec<Diagnostic>) -> Option<BTreeMap<String, Layout>> {
    let name = theme.value.as_str();
    let Some(file) = tree.themes.get(name) else {
        let known: Vec<&str> = tree.themes.keys().map(String::as_str).collect();
        let place = tree.texts.get("bangtin.yaml").map_or_else(|| SourceLocation::file("bangtin.yaml"), |file| file.location(theme.span));
        let cause = text!(vi: "không có giao diện “{name}” trong themes/ hay ../themes/", en: "there is no theme “{name}” in themes/ or ../themes/");
        faults.push(Diagnostic::error("unknown-theme", place, cause, super::written::suggest_nearest(name, &known)));
        return None;
    };
    let mut found = FileFaults::new(file);
    let written = yaml::parse(file, file.text(), 0, &mut found.list).and_then(|node| ThemeFile::read(&node, &mut found));
    let mut out = BTreeMap::new();
    let known: Vec<&str> = SlideFile::KEYS.iter().map(|(key, _)| *key).filter(|key| !COMMON_KEYS.contains(key)).collect();
    for (layout, keys) in written.iter().flat_map(|file| &file.layouts).flat_map(|map| &map.value.0) {
        let all = keys.value.needs.iter().chain(&keys.value.takes).flat_map(|list| &list.value);
        for key in all.filter(|key| !known.contains(&key.value.as_str())) {
            found.report_unknown("unknown-key", key.span, &text!(vi: "mục", en: "key"), &key.value, &known);
        }
        let list = |list: &Option<Spanned<Vec<Spanned<String>>>>| -> Vec<String> {
            list.iter().flat_map(|list| &list.value).map(|key| key.value.clone()).collect()
        };
        out.insert(layout.value.clone(), Layout { needs: list(&keys.value.needs), takes: list(&keys.value.takes) });
    }
    faults.append(&mut found.list);
    written.map(|_| out)
}

/// Checks a slide's keys against its layout: the layout exists, needed keys are set, set keys are allowed.
pub fn check_layout(name: &Spanned<String>, written: &SlideFile, layouts: &BTreeMap<String, Layout>, faults: &mut FileFaults<'_>) {
    let shown = &name.value;
    let Some(layout) = layouts.get(shown) else {
        let known: Vec<&str> = layouts.keys().map(String::as_str).collect();
        faults.report_unknown("unknown-layout", name.span, &text!(vi: "bố cục", en: "layout"), shown, &known);
        return;
    };
    for key in layout.needs.iter().filter(|key| !written.present.iter().any(|(given, _)| given == key)) {
        faults.error(
            "layout-needs",
            name.span,
            text!(vi: "bố cục “{shown}” cần mục “{key}”", en: "the layout “{shown}” needs the key “{key}”"),
            text!(vi: "thêm {key}: …, hoặc chọn bố cục khác", en: "add {key}: …, or choose another layout"),
        );
    }
    report_refused_keys(shown, layout, written, faults);
}

/// Reports keys that a layout does not take.
pub fn report_refused_keys(shown: &str, layout: &Layout, written: &SlideFile, faults: &mut FileFaults<'_>) {
    let taken = |key: &str| layout.needs.iter().chain(&layout.takes).any(|other| other == key) || COMMON_KEYS.contains(&key);
    for (key, span) in written.present.iter().filter(|(key, _)| !taken(key)) {
        let keys = [layout.needs.clone(), layout.takes.clone()].concat().join(", ");
        faults.error(
            "layout-refuses",
            *span,
            text!(vi: "bố cục “{shown}” không dùng mục “{key}”", en: "the layout “{shown}” does not use the key “{key}”"),
            text!(vi: "xóa mục này; bố cục này dùng: {keys}", en: "remove the key; this layout uses: {keys}"),
        );
    }
}
