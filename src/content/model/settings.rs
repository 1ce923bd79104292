//! Reads `bangtin.yaml`.
//! Never looks at another file.

use super::values::{ApprovalPolicy, ContentSettings, LocalizedNames, RolePolicy};
use super::written::{
    FileFaults, FromYaml as _, NamesFile, Reference, SettingsFile, Spanned, language_names, suggest_known, suggest_nearest,
};
use crate::base::diagnostic::Diagnostic;
use crate::base::ids::{Language, RoleId, SiteId};
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::base::zone::TimeZone;
use crate::content::source::text::SourceText;
use crate::content::source::{ContentTree, yaml};
use crate::text;

/// The settings that other files are checked against, even while another setting is at fault.
#[derive(Debug, Default)]
pub struct PartialSettings {
    pub languages: Vec<Language>,
    pub theme: Option<Spanned<String>>,
    /// `None` if the roles are unreadable.
    pub policy: Option<ApprovalPolicy>,
    /// The sites that the policy names, to be looked up once the sites are read.
    pub sites: Vec<Spanned<Reference<SiteId>>>,
}

/// Reads the settings; `None` if they are unusable.
pub fn read(tree: &ContentTree, faults: &mut Vec<Diagnostic>) -> (Option<ContentSettings>, PartialSettings) {
    let Some(file) = tree.required_text("bangtin.yaml", faults) else { return Default::default() };
    let mut found = FileFaults::new(file);
    let node = yaml::parse(file, file.text(), 0, &mut found.list);
    let written = node.and_then(|node| SettingsFile::read(&node, &mut found));
    let read = written.map_or_else(Default::default, |written| {
        let (mut languages, policy) = (languages(&written, &mut found), policy(&written, &mut found));
        let settings = settings(&written, languages.clone(), policy.clone(), &mut found);
        // While a language is at fault, none can be unknown.
        if languages.len() < written.languages.iter().flat_map(|list| &list.value).count() {
            languages.clear();
        }
        (settings, PartialSettings { languages, sites: named_sites(&written), policy, theme: written.theme })
    });
    faults.append(&mut found.list);
    read
}

/// The theme that the settings name, for callers that need it before the other files are read.
pub fn theme_name(tree: &ContentTree) -> Option<String> {
    read(tree, &mut Vec::new()).0.map(|settings| settings.theme)
}

/// The time zone that the settings name, whatever else in them is at fault; `None` if it is at fault itself.
pub fn time_zone(file: &SourceText) -> Option<TimeZone> {
    let mut faults = FileFaults::new(file);
    let node = yaml::parse(file, file.text(), 0, &mut faults.list)?;
    Some(SettingsFile::read(&node, &mut faults)?.time_zone?.value)
}

/// Whether a text is a whole version: three numbers with dots.
fn is_version(text: &str) -> bool {
    let numbers: Vec<&str> = text.split('.').collect();
    numbers.len() == 3 && numbers.iter().all(|number| number.parse::<u32>().is_ok())
}

fn settings(
    written: &SettingsFile,
    languages: Vec<Language>,
    policy: Option<ApprovalPolicy>,
    faults: &mut FileFaults<'_>,
) -> Option<ContentSettings> {
    if let Some(tool) = &written.tool
        && tool.value != env!("CARGO_PKG_VERSION")
    {
        let (required, own) = (&tool.value, env!("CARGO_PKG_VERSION"));
        let (cause, help) = if is_version(required) {
            (
                text!(vi: "nội dung này dành cho bangtin {required}, đây là bangtin {own}", en: "this content is for bangtin {required}, this is bangtin {own}"),
                text!(
                    vi: "cài bangtin {required}; hoặc viết tool: {own}: chương trình đã duyệt mà nội dung chưa đổi vẫn được phát hành nguyên như đã duyệt",
                    en: "install bangtin {required}; or write tool: {own}: what was approved is published as it is while its content is unchanged"
                ),
            )
        } else {
            (
                text!(vi: "“{required}” không phải là một phiên bản của bangtin; đây là bangtin {own}", en: "“{required}” is no version of bangtin; this is bangtin {own}"),
                text!(vi: "viết tool: {own}", en: "write tool: {own}"),
            )
        };
        faults.error("tool-version", tool.span, cause, help);
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
    (!languages.is_empty()).then_some(())?;
    Some(ContentSettings {
        name: localized_names(written.name.as_ref()),
        time_zone: written.time_zone.as_ref()?.value,
        languages,
        theme: written.theme.as_ref()?.value.clone(),
        tool: written.tool.as_ref().map(|tool| tool.value.clone()).unwrap_or_default(),
        approval: policy?,
        store: written.store.iter().flat_map(|list| &list.value.0).map(|address| address.value.clone()).collect(),
        returns: written.returns.as_ref().map(|address| address.value.clone()),
    })
}

fn languages(written: &SettingsFile, faults: &mut FileFaults<'_>) -> Vec<Language> {
    let mut languages = Vec::new();
    for language in written.languages.iter().flat_map(|list| &list.value) {
        let span = language.span;
        let name = &*language.value.0;
        match Language::parse(name) {
            None => faults.error(
                "wrong-value",
                language.span,
                text!(vi: "“{name}” không phải là mã ngôn ngữ như vi, en, zh", en: "“{name}” is not a language code such as vi, en, zh"),
                suggest_known(name, &language_names(["vi", "en", "zh"])),
            ),
            Some(language) if languages.contains(&language) => report_duplicate(span, name, faults),
            Some(language) => languages.push(language),
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

/// The policy; empty without one, `None` if its roles are unreadable.
fn policy(written: &SettingsFile, faults: &mut FileFaults<'_>) -> Option<ApprovalPolicy> {
    let mut out = ApprovalPolicy::default();
    if !written.has("approval") {
        return Some(out);
    }
    let approval = &written.approval.as_ref()?.value;
    let roles = &approval.roles.as_ref()?.value;
    for (role, policy) in &roles.0 {
        let policy = &policy.value;
        let kinds: Vec<ProgramKind> = policy.kinds.iter().flat_map(|list| &list.value).map(|kind| kind.value).collect();
        let sites = policy.sites.iter().flat_map(|list| &list.value).filter_map(|site| SiteId::parse(&site.value.0)).collect();
        let threshold = policy.threshold.as_ref().map_or(1, |threshold| threshold.value.get());
        let by_merge = policy.by_merge.as_ref().is_some_and(|by_merge| by_merge.value);
        out.roles.insert(role.value.clone(), RolePolicy { threshold, sites, kinds, by_merge });
    }
    for role in &roles.1 {
        out.roles.insert(role.clone(), RolePolicy { threshold: 1, sites: Vec::new(), kinds: Vec::new(), by_merge: false });
    }
    let Some(requires) = &approval.requires else { return Some(out) };
    let requires = &requires.value;
    for (kind, list) in [
        (ProgramKind::Monthly, &requires.monthly),
        (ProgramKind::Evergreen, &requires.evergreen),
        (ProgramKind::Urgent, &requires.urgent),
        (ProgramKind::Kit, &requires.kit),
    ] {
        if let Some(list) = list {
            let roles = resolve_roles(list, &out, faults);
            out.requires.insert(kind, roles);
        }
    }
    for (site, kinds) in requires.sites.iter().flat_map(|map| &map.value.0) {
        let lists = kinds.value.0.iter().map(|(kind, list)| (kind.value, resolve_roles(list, &out, faults))).collect();
        out.sites.extend(SiteId::parse(&site.value.0).map(|site| (site, lists)));
    }
    Some(out)
}

fn named_sites(written: &SettingsFile) -> Vec<Spanned<Reference<SiteId>>> {
    let approval = written.approval.iter().map(|approval| &approval.value);
    let roles = approval.clone().flat_map(|approval| &approval.roles).flat_map(|roles| &roles.value.0);
    let of_roles = roles.flat_map(|(_, role)| &role.value.sites).flat_map(|list| &list.value);
    let exceptions = approval.flat_map(|approval| &approval.requires).flat_map(|requires| &requires.value.sites);
    of_roles.chain(exceptions.flat_map(|map| map.value.0.iter().map(|(site, _)| site))).cloned().collect()
}

fn resolve_roles(list: &Spanned<Vec<Spanned<Reference<RoleId>>>>, known: &ApprovalPolicy, faults: &mut FileFaults<'_>) -> Vec<RoleId> {
    if list.value.is_empty() {
        faults.error(
            "empty-list",
            list.span,
            text!(vi: "cần ít nhất một vai trò duyệt", en: "at least one role has to approve"),
            text!(vi: "viết tên vai trò khai báo trong roles", en: "name a role declared in roles"),
        );
    }
    list.value.iter().filter_map(|role| resolve_role(role, known, faults)).collect()
}

/// The role that is named; reports one that the policy does not declare.
pub fn resolve_role(named: &Spanned<Reference<RoleId>>, known: &ApprovalPolicy, faults: &mut FileFaults<'_>) -> Option<RoleId> {
    let name = &*named.value.0;
    let found = known.roles.get_key_value(name).map(|(role, _)| role.clone());
    if found.is_none() {
        const LEAST: &str = "{roles: {chief: {kinds: [monthly, evergreen, urgent, kit]}}, \
            requires: {monthly: [chief], evergreen: [chief], urgent: [chief], kit: [chief]}}";
        let help = if known.roles.is_empty() {
            text!(vi: "khai báo vai trò trong bangtin.yaml, ít nhất là: approval: {LEAST}", en: "declare roles in bangtin.yaml, at least: approval: {LEAST}")
        } else {
            let Text { vi, en } = suggest_nearest(name, &known.roles.keys().map(RoleId::as_str).collect::<Vec<_>>());
            text!(vi: "vai trò được khai báo tại approval: roles: trong bangtin.yaml; {vi}", en: "roles are declared under approval: roles: in bangtin.yaml; {en}")
        };
        faults.error(
            "unknown-role",
            named.span,
            text!(vi: "không có vai trò duyệt “{name}” trong approval của bangtin.yaml", en: "there is no role “{name}” under approval in bangtin.yaml"),
            help,
        );
    }
    found
}
