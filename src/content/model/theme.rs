//! The chosen theme's layouts: which keys each needs and takes.
//! Never renders.

use std::collections::BTreeMap;

use super::settings::localized_names;
use super::values::LocalizedNames;
use super::written::{FileFaults, FromYaml as _, SlideFile, Spanned, ThemeFile, known_names, suggest_nearest};
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::text::Text;
use crate::content::source::{ContentTree, yaml};
use crate::text;

/// The keys of one layout, beside those that every slide has.
#[derive(Clone, Debug)]
pub struct Layout {
    /// What people call it.
    pub name: LocalizedNames,
    /// Keys that must be set.
    pub needs: Vec<String>,
    /// Keys that may be set.
    pub takes: Vec<String>,
    /// Its name in `theme.yaml`.
    pub place: SourceLocation,
}

/// The layouts of a theme; `None`: declared, but its keys are at fault.
pub type Layouts = BTreeMap<String, Option<Layout>>;

/// Keys that every slide has, whatever its layout.
pub const COMMON_KEYS: [&str; 7] = ["title", "agency", "category", "layout", "duration", "valid", "revision"];

/// Reads the layouts of the theme that the settings name; `None` if the theme is missing or unreadable.
pub fn read(tree: &ContentTree, theme: &Spanned<String>, faults: &mut Vec<Diagnostic>) -> Option<Layouts> {
    let name = theme.value.as_str();
    let Some(file) = tree.themes.get(name) else {
        if tree.has_unreadable_theme(name) {
            return None;
        }
        let known: Vec<&str> = tree.themes.keys().map(String::as_str).collect();
        let place = tree.texts.get("bangtin.yaml").map_or_else(|| SourceLocation::file("bangtin.yaml"), |file| file.location(theme.span));
        faults.push(unknown_theme(name, place, &known));
        return None;
    };
    let mut found = FileFaults::new(file);
    let written = yaml::parse(file, file.text(), 0, &mut found.list).and_then(|node| ThemeFile::read(&node, &mut found));
    let mut out = BTreeMap::new();
    let keys = SlideFile::KEYS.iter().map(|(key, _)| *key).filter(|key| !COMMON_KEYS.contains(key));
    let known: Vec<_> = keys.map(|key| (key, Vec::new())).collect();
    for (layout, keys) in written.iter().flat_map(|file| &file.layouts).flat_map(|map| &map.value.0) {
        let all = keys.value.needs.iter().chain(&keys.value.takes).flat_map(|list| &list.value);
        for key in all.filter(|key| !known.iter().any(|(other, _)| *other == key.value)) {
            found.report_unknown("unknown-key", key.span, &text!(vi: "mục", en: "key"), &key.value, &known);
        }
        let list = |list: &Option<Spanned<Vec<Spanned<String>>>>| -> Vec<String> {
            list.iter().flat_map(|list| &list.value).map(|key| key.value.clone()).collect()
        };
        let (needs, takes) = (list(&keys.value.needs), list(&keys.value.takes));
        let (name, place) = (localized_names(keys.value.name.as_ref()), found.place(layout.span));
        out.insert(layout.value.clone(), Some(Layout { name, needs, takes, place }));
    }
    let layouts = written.as_ref().and_then(|file| file.layouts.as_ref());
    out.extend(layouts.iter().flat_map(|map| &map.value.1).map(|name| (name.clone(), None)));
    faults.append(&mut found.list);
    layouts.map(|_| out)
}

fn unknown_theme(name: &str, place: SourceLocation, known: &[&str]) -> Diagnostic {
    let Text { vi, en } = if known.is_empty() {
        text!(vi: "không có giao diện nào ở cả hai nơi", en: "there is no theme in either place")
    } else {
        suggest_nearest(name, known)
    };
    Diagnostic::error(
        "unknown-theme",
        place,
        text!(
            vi: "không có giao diện “{name}” trong themes/ của thư mục nội dung hay trong themes/ nằm cạnh thư mục đó",
            en: "there is no theme “{name}” in themes/ of the content folder or in themes/ beside it"
        ),
        text!(
            vi: "chép thư mục themes/ của bangtin vào cạnh thư mục nội dung, hoặc chọn giao diện khác: {vi}",
            en: "copy the folder themes/ of bangtin beside the content folder, or choose another theme: {en}"
        ),
    )
}

/// Checks a slide's keys against its layout: the layout exists, needed keys are set, set keys are allowed.
pub fn check_layout(name: &Spanned<String>, written: &SlideFile, layouts: &Layouts, faults: &mut FileFaults<'_>) {
    let shown = &name.value;
    let Some(layout) = layouts.get(shown) else {
        let unnamed = LocalizedNames::new();
        let known = known_names(layouts.iter().map(|(id, layout)| (id, layout.as_ref().map_or(&unnamed, |layout| &layout.name))));
        faults.report_unknown("unknown-layout", name.span, &text!(vi: "bố cục", en: "layout"), shown, &known);
        return;
    };
    let Some(layout) = layout else { return };
    for key in layout.needs.iter().filter(|key| !written.has(key)) {
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
