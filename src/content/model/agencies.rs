//! Reads `agencies.yaml`.
//! Never looks at another file.

use std::collections::BTreeMap;

use super::settings::{self, localized_names};
use super::values::{Agency, ApprovalPolicy};
use super::written::{AgenciesFile, AgencyFile, FileFaults, FromYaml as _, KnownName, Reference, Spanned, known_names};
use crate::base::dates;
use crate::base::diagnostic::Diagnostic;
use crate::base::ids::AgencyId;
use crate::content::source::{ContentTree, yaml};
use crate::text;

/// Reads the agencies. An agency without a name or kind is kept, so that other files can name it.
pub fn read(tree: &ContentTree, policy: Option<&ApprovalPolicy>, faults: &mut Vec<Diagnostic>) -> BTreeMap<AgencyId, Agency> {
    let Some(file) = tree.required_text("agencies.yaml", faults) else { return BTreeMap::new() };
    let mut found = FileFaults::new(file);
    let written = yaml::parse(file, file.text(), 0, &mut found.list).and_then(|node| AgenciesFile::read(&node, &mut found));
    let mut out = BTreeMap::new();
    let (entries, faulty) = written.map(|map| (map.0, map.1)).unwrap_or_default();
    out.extend(faulty.into_iter().map(|id| (id, Agency::default())));
    for (id, written) in &entries {
        out.insert(id.value.clone(), agency(&written.value, policy, &mut found));
    }
    for (id, written) in &entries {
        check_successor(id, &written.value, &out, &mut found);
    }
    faults.append(&mut found.list);
    out
}

fn agency(written: &AgencyFile, policy: Option<&ApprovalPolicy>, faults: &mut FileFaults<'_>) -> Agency {
    let roles = written.roles.iter().flat_map(|list| &list.value);
    check_date_order(written.since.as_ref(), written.until.as_ref(), faults);
    Agency {
        name: localized_names(written.name.as_ref()),
        kind: written.kind.as_ref().map(|kind| kind.value.clone()).unwrap_or_default(),
        roles: roles.filter_map(|role| settings::resolve_role(role, policy?, faults)).collect(),
        since: written.since.as_ref().map(|day| day.value),
        until: written.until.as_ref().map(|day| day.value),
        succeeded_by: written.succeeded_by.as_ref().and_then(|next| AgencyId::parse(&next.value.0)),
    }
}

fn check_successor(id: &Spanned<AgencyId>, written: &AgencyFile, known: &BTreeMap<AgencyId, Agency>, faults: &mut FileFaults<'_>) {
    if let Some(next) = &written.succeeded_by
        && (!known.contains_key(&*next.value.0) || next.value.0 == id.value.as_str())
    {
        let others: Vec<_> = names(known).into_iter().filter(|(other, _)| *other != id.value.as_str()).collect();
        faults.report_unknown("unknown-agency", next.span, &text!(vi: "đơn vị", en: "agency"), &next.value.0, &others);
    }
}

fn names(known: &BTreeMap<AgencyId, Agency>) -> Vec<KnownName<'_>> {
    known_names(known.iter().map(|(id, agency)| (id, &agency.name)))
}

/// The agency that is named; reports one that is not declared and gives a placeholder. While none is, `agencies.yaml` is at fault.
pub fn resolve_agency(named: &Spanned<Reference<AgencyId>>, known: &BTreeMap<AgencyId, Agency>, faults: &mut FileFaults<'_>) -> AgencyId {
    let name = &*named.value.0;
    if !known.is_empty() && !known.contains_key(name) {
        faults.report_unknown("unknown-agency", named.span, &text!(vi: "đơn vị", en: "agency"), name, &names(known));
    }
    AgencyId::parse(name).unwrap_or_else(AgencyId::placeholder)
}

/// Reports a last day before the first day.
pub fn check_date_order(
    first: Option<&Spanned<chrono::NaiveDate>>,
    last: Option<&Spanned<chrono::NaiveDate>>,
    faults: &mut FileFaults<'_>,
) {
    if let (Some(first), Some(last)) = (first, last)
        && last.value < first.value
    {
        let (first, until) = (dates::day(first.value), dates::day(last.value));
        let (first_vi, until_vi, first_en, until_en) = (first.vi, until.vi, first.en, until.en);
        faults.error(
            "dates-reversed",
            last.span,
            text!(vi: "ngày cuối {until_vi} trước ngày đầu {first_vi}", en: "the last day {until_en} is before the first, {first_en}"),
            text!(vi: "đổi chỗ hoặc sửa năm", en: "swap them or correct the year"),
        );
    }
}
