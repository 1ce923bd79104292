//! Reads `agencies.yaml`.
//! Never looks at another file.

use std::collections::BTreeMap;

use super::settings::localized_names;
use super::values::Agency;
use super::written::{AgenciesFile, AgencyFile, FileFaults, FromYaml as _, Spanned};
use crate::base::dates;
use crate::base::diagnostic::Diagnostic;
use crate::base::ids::AgencyId;
use crate::content::source::{ContentTree, yaml};
use crate::text;

/// Reads the agencies. An agency without a name or kind is kept, so that other files can name it.
pub fn read(tree: &ContentTree, faults: &mut Vec<Diagnostic>) -> BTreeMap<AgencyId, Agency> {
    let Some(file) = tree.required_text("agencies.yaml", faults) else { return BTreeMap::new() };
    let mut found = FileFaults::new(file);
    let written = yaml::parse(file, file.text(), 0, &mut found.list).and_then(|node| AgenciesFile::read(&node, &mut found));
    let mut out = BTreeMap::new();
    let entries = written.map(|map| map.0).unwrap_or_default();
    let known: Vec<&str> = entries.iter().map(|(id, _)| id.value.as_str()).collect();
    for (id, written) in &entries {
        out.insert(id.value.clone(), agency(&id.value, &written.value, &known, &mut found));
    }
    faults.append(&mut found.list);
    out
}

fn agency(id: &AgencyId, written: &AgencyFile, known: &[&str], faults: &mut FileFaults<'_>) -> Agency {
    if let Some(next) = &written.succeeded_by
        && (!known.contains(&next.value.as_str()) || next.value == *id)
    {
        let others: Vec<&str> = known.iter().copied().filter(|other| *other != id.as_str()).collect();
        faults.report_unknown("unknown-agency", next.span, &text!(vi: "đơn vị", en: "agency"), next.value.as_str(), &others);
    }
    check_date_order(written.since.as_ref(), written.until.as_ref(), faults);
    Agency {
        name: localized_names(written.name.as_ref()),
        kind: written.kind.as_ref().map(|kind| kind.value.clone()).unwrap_or_default(),
        roles: written.roles.iter().flat_map(|list| &list.value).map(|role| role.value.clone()).collect(),
        since: written.since.as_ref().map(|day| day.value),
        until: written.until.as_ref().map(|day| day.value),
        succeeded_by: written.succeeded_by.as_ref().map(|next| next.value.clone()),
    }
}

/// Reports an agency that is not declared; while none is, `agencies.yaml` is at fault.
pub fn check_agency(named: Option<&Spanned<AgencyId>>, known: &BTreeMap<AgencyId, Agency>, faults: &mut FileFaults<'_>) {
    if let Some(agency) = named
        && !known.is_empty()
        && !known.contains_key(&agency.value)
    {
        let names: Vec<&str> = known.keys().map(AgencyId::as_str).collect();
        faults.report_unknown("unknown-agency", agency.span, &text!(vi: "đơn vị", en: "agency"), agency.value.as_str(), &names);
    }
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
