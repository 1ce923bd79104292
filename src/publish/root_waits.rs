//! What to say of a root that waits to be published: a store lacks it, its hint does not name it, or no release counts on it yet.
//! Never judges a root, and never writes.

use super::reader::StoreReader;
use super::verify::SiteReport;
use crate::base::ids::SiteId;
use crate::base::shell::quoted;
use crate::base::text::Text;
use crate::player::pull::inspect::Inspection;
use crate::store::check::StoreReport;
use crate::store::survey::StoreFaultKind;
use crate::text;
use crate::trust::head::HeadNumber;
use crate::trust::root::SignedRoot;

/// Adds to the report on a site what waits there. `url`: the store as typed; `chain`: the roots of the content.
pub fn tell(report: &mut SiteReport, (reader, seen): (&StoreReader, &Inspection), (url, chain): (&str, &[SignedRoot])) {
    let there = seen.root().body().version;
    let own = chain.last().map_or(0, |files| files.root.body().version);
    // Of a store that does not answer nothing is known.
    let waits = (own > there && report.answers).then(|| not_there(own, there, url));
    report.faults.extend(waits.clone());
    report.waits.extend(waits);
    let hinted = reader.hint(&report.site).map(|hint| hint.root).filter(|hinted| *hinted < there);
    let counted = seen.head.as_ref().map(|head| (head.body().number(), head.body().root_min));
    let warning = match (hinted, counted) {
        (Some(hinted), _) => Some(not_named(there, hinted, url)),
        (None, Some((number, counted))) => not_counted(there, (number, counted), url),
        (None, None) => None,
    };
    report.warnings.extend(warning);
}

/// What to do about a root that a checked store lacks, or that a hint in it does not name.
pub fn remedy(report: &StoreReport, url: &str) -> Option<Text> {
    let command = command(url);
    let waits = report.faults.any(&[StoreFaultKind::Waiting]);
    waits.then(|| text!(vi: "đưa văn bản phân quyền vào kho bằng: {command}", en: "put the roots into the store with: {command}"))
}

/// A line for each site of a checked store whose newest release does not count on the newest root there.
pub fn not_counted_on(report: &StoreReport, url: &str) -> Vec<Text> {
    let there = report.root.body().version;
    let line = |(site, counted): (&SiteId, (HeadNumber, u64))| {
        let Text { vi, en } = not_counted(there, counted, url)?;
        Some(text!(vi: "{site}: {vi}", en: "{site}: {en}"))
    };
    report.sites.iter().filter_map(|state| Some((&state.site, (state.newest?, state.root_min?)))).filter_map(line).collect()
}

fn not_there(own: u64, there: u64, url: &str) -> Text {
    let command = command(url);
    text!(
        vi: "văn bản phân quyền số {own} của nội dung còn chờ phát hành, kho mới có đến số {there}; đưa vào kho bằng: {command}",
        en: "root {own} of the content waits to be published, the store leads to root {there}; put it there with: {command}"
    )
}

fn not_named(there: u64, hinted: u64, url: &str) -> Text {
    let command = command(url);
    text!(
        vi: "văn bản phân quyền số {there} đã có trong kho, nhưng latest.json mới báo đến số {hinted}, nên đầu phát biết chậm đến mười phút; sửa bằng: {command}",
        en: "root {there} is in the store, but latest.json names root {hinted}, so players learn of it up to ten minutes later; put that right with: {command}"
    )
}

fn not_counted(there: u64, (number, counted): (HeadNumber, u64), url: &str) -> Option<Text> {
    let url = quoted(url);
    (counted < there).then(|| {
        text!(
            vi: "văn bản phân quyền số {there} đã có trong kho, nhưng bản phát hành {number} mới tính đến số {counted}; phát hành bản tính cả văn bản này bằng: bangtin publish --to {url} --key TỆP",
            en: "root {there} is in the store, but release {number} counts on root {counted} only; publish one that counts on it with: bangtin publish --to {url} --key FILE"
        )
    })
}

/// The command that needs no key.
fn command(url: &str) -> String {
    format!("bangtin trust publish --to {}", quoted(url))
}
