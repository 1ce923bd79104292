//! Reads `bangtin.yaml`.
//! Never looks at another file.

use std::collections::BTreeMap;

use super::values::{ApprovalPolicy, ContentSettings, LocalizedNames, RolePolicy};
use super::written::{ApprovalFile, FileFaults, FromYaml as _, NamesFile, SettingsFile, Spanned};
use crate::base::diagnostic::Diagnostic;
use crate::base::ids::{Language, RoleId};
use crate::base::terms::ProgramKind;
use crate::content::source::{ContentTree, yaml};
use crate::text;

/// The settings that other files are checked against, even while another setting is at fault.
#[derive(Debug, Default)]
pub struct PartialSettings {
    pub languages: Vec<Language>,
    pub theme: Option<Spanned<String>>,
}

/// Reads the settings; `None` if they are unusable.
pub fn read(tree: &ContentTree, faults: &mut Vec<Diagnostic>) -> (Option<ContentSettings>, PartialSettings) {
    let Some(file) = tree.required_text("bangtin.yaml", faults) else { return Default::default() };
    let mut found = FileFaults::new(file);
    let node = yaml::parse(file, file.text(), 0, &mut found.list);
    let written = node.and_then(|node| SettingsFile::read(&node, &mut found));
    let read = written.map_or_else(Default::default, |written| {
        let languages = languages(&written, &mut found);
        (settings(&written, languages.clone(), &mut found), PartialSettings { languages, theme: written.theme })
    });
    faults.append(&mut found.list);
    read
}

/// The theme that the settings name, for callers that need it before the other files are read.
pub fn theme_name(tree: &ContentTree) -> Option<String> {
    read(tree, &mut Vec::new()).0.map(|settings| settings.theme)
}

fn settings(written: &SettingsFile, languages: Vec<Language>, faults: &mut FileFaults<'_>) -> Option<ContentSettings> {
    if let Some(tool) = &written.tool
        && tool.value != env!("CARGO_PKG_VERSION")
    {
        let (required, own) = (&tool.value, env!("CARGO_PKG_VERSION"));
        faults.error(
            "tool-version",
            tool.span,
            text!(vi: "nội dung này dành cho bangtin {required}, đây là bangtin {own}", en: "this content is for bangtin {required}, this is bangtin {own}"),
            text!(
                vi: "cài bangtin {required}; hoặc viết tool: {own}: chương trình đã duyệt mà nội dung chưa đổi vẫn được phát hành nguyên như đã duyệt",
                en: "install bangtin {required}; or write tool: {own}: what was approved is published as it is while its content is unchanged"
            ),
        );
    }
    for address in written.store.iter().flat_map(|list| &list.value.0).chain(&written.returns) {
        if !address.value.contains("://") {
            let given = &address.value;
            faults.error(
                "wrong-value",
                address.span,
                text!(vi: "“{given}” không phải là địa chỉ", en: "“{given}” is not an address"),
                text!(vi: "viết cả phần đầu, như https://…", en: "write it whole, such as https://…"),
            );
        }
    }
    let approval = written.approval.as_ref().map(|approval| self::approval(&approval.value, faults)).unwrap_or_default();
    (!languages.is_empty()).then_some(())?;
    Some(ContentSettings {
        name: localized_names(written.name.as_ref()),
        time_zone: written.time_zone.as_ref()?.value,
        languages,
        theme: written.theme.as_ref()?.value.clone(),
        tool: written.tool.as_ref().map(|tool| tool.value.clone()).unwrap_or_default(),
        approval,
        store: written.store.iter().flat_map(|list| &list.value.0).map(|address| address.value.clone()).collect(),
        returns: written.returns.as_ref().map(|address| address.value.clone()),
    })
}

fn languages(written: &SettingsFile, faults: &mut FileFaults<'_>) -> Vec<Language> {
    let mut languages = Vec::new();
    for language in written.languages.iter().flat_map(|list| &list.value) {
        if languages.contains(&language.value) {
            report_duplicate(language.span, language.value.as_str(), faults);
        } else {
            languages.push(language.value.clone());
        }
    }
    if let Some(list) = &written.languages
        && list.value.is_empty()
    {
        faults.error(
            "empty-list",
            list.span,
            text!(vi: "cần ít nhất một ngôn ngữ", en: "at least one language is needed"),
            text!(vi: "viết languages: [vi]", en: "write languages: [vi]"),
        );
    }
    languages
}

/// Names by language.
pub fn localized_names(written: Option<&Spanned<NamesFile>>) -> LocalizedNames {
    written.map(|map| map.value.0.iter().map(|(language, name)| (language.value.clone(), name.value.clone())).collect()).unwrap_or_default()
}

/// Reports a duplicate in a list.
pub fn report_duplicate(span: crate::content::source::text::TextSpan, name: &str, faults: &mut FileFaults<'_>) {
    faults.error(
        "listed-twice",
        span,
        text!(vi: "“{name}” đã có trong danh sách", en: "“{name}” is already in the list"),
        text!(vi: "giữ lại một", en: "keep one"),
    );
}

fn approval(written: &ApprovalFile, faults: &mut FileFaults<'_>) -> ApprovalPolicy {
    let mut out = ApprovalPolicy::default();
    for (role, policy) in written.roles.iter().flat_map(|map| &map.value.0) {
        let policy = &policy.value;
        let kinds: Vec<ProgramKind> = policy.kinds.iter().flat_map(|list| &list.value).map(|kind| kind.value).collect();
        let sites = policy.sites.iter().flat_map(|list| &list.value).map(|site| site.value.clone()).collect();
        let threshold = policy.threshold.as_ref().map_or(1, |threshold| threshold.value.get());
        let by_merge = policy.by_merge.as_ref().is_some_and(|by_merge| by_merge.value);
        out.roles.insert(role.value.clone(), RolePolicy { threshold, sites, kinds, by_merge });
    }
    let Some(requires) = &written.requires else { return out };
    let requires = &requires.value;
    for (kind, list) in [
        (ProgramKind::Monthly, &requires.monthly),
        (ProgramKind::Evergreen, &requires.evergreen),
        (ProgramKind::Urgent, &requires.urgent),
        (ProgramKind::Kit, &requires.kit),
    ] {
        if let Some(list) = list {
            out.requires.insert(kind, resolve_roles(list, &out.roles, faults));
        }
    }
    for (site, kinds) in requires.sites.iter().flat_map(|map| &map.value.0) {
        let lists = kinds.value.0.iter().map(|(kind, list)| (kind.value, resolve_roles(list, &out.roles, faults))).collect();
        out.sites.insert(site.value.clone(), lists);
    }
    out
}

fn resolve_roles(list: &Spanned<Vec<Spanned<RoleId>>>, known: &BTreeMap<RoleId, RolePolicy>, faults: &mut FileFaults<'_>) -> Vec<RoleId> {
    let names: Vec<&str> = known.keys().map(RoleId::as_str).collect();
    if list.value.is_empty() {
        faults.error(
            "empty-list",
            list.span,
            text!(vi: "cần ít nhất một vai trò duyệt", en: "at least one role has to approve"),
            text!(vi: "viết tên vai trò khai báo trong roles", en: "name a role declared in roles"),
        );
    }
    for role in &list.value {
        if !known.contains_key(&role.value) {
            faults.report_unknown("unknown-role", role.span, &text!(vi: "vai trò duyệt", en: "role"), role.value.as_str(), &names);
        }
    }
    list.value.iter().map(|role| role.value.clone()).collect()
}
