//! The JSON for the shell and the page: the `schedule.json` of one screen, and the overview of the folder.
//! Never renders.

use serde_json::{Value, json};

use super::state::ContentSnapshot;
use crate::base::digest::Digest;
use crate::base::ids::{ScreenId, SiteId};
use crate::build::assemble::{self, PageId};
use crate::build::render::page_path;
use crate::content::model::values::{Content, Period};
use crate::content::plan::Plan;
use crate::content::plan::reasons;
use crate::desk::pages;
use crate::program::manifest::Manifest;
use crate::program::schedule::{ShellProgram, ShellSchedule};

/// `schedule.json` for one screen: only the period's program, without files, plus the faults and reasons that the page lists.
pub fn schedule_json(sheet: &ContentSnapshot, site: &SiteId, period: Period, screen: &ScreenId) -> Option<Value> {
    let content = sheet.content.as_ref()?;
    let planned = sheet.plan(site, period)?;
    let known = content.sites.get(site)?;
    known.screens.iter().find(|each| each.id == *screen)?;
    let (programs, faults) = match &*planned {
        Ok(plan) => (vec![listed(sheet.number, content, plan)?], &plan.warnings),
        Err(faults) => (Vec::new(), faults),
    };
    let mark = crate::text!(vi: "XEM TRƯỚC – CHƯA DUYỆT", en: "PREVIEW – NOT APPROVED");
    let schedule = ShellSchedule::new(site, screen, known.volume, &programs);
    let reasons = reasons::reasons(content, known, period);
    Some(pages::schedule(schedule, mark, json!({"number": sheet.number, "faults": faults, "reasons": reasons})))
}

fn listed(number: u64, content: &Content, plan: &Plan) -> Option<ShellProgram> {
    let name = Digest::of(format!("preview {number}").as_bytes());
    Some(ShellProgram::new(name, plan.valid.0, format!("/p/{number}/"), &manifest(content, plan)?))
}

fn manifest(content: &Content, plan: &Plan) -> Option<Manifest> {
    let site = content.sites.get(&plan.site)?;
    let with_path = |page: PageId| page_path(&page.slide, page.size).map(|path| (page, path));
    let pages: Vec<_> = assemble::required_pages(plan, site).into_iter().filter_map(with_path).collect();
    let slides = assemble::slides(content, &pages).ok()?;
    Some(assemble::manifest_of(plan, assemble::screens(site, plan), slides, Vec::new()))
}

/// The sites with their screens and periods, the names of agencies, and every fault of the folder.
pub fn overview_json(sheet: &ContentSnapshot) -> Value {
    let Some(content) = &sheet.content else {
        return json!({"number": sheet.number, "name": {}, "sites": [], "agencies": {}, "faults": sheet.faults});
    };
    let sites: Vec<Value> = content
        .sites
        .iter()
        .map(|(id, site)| {
            let screens: Vec<Value> =
                site.screens.iter().map(|each| json!({"id": each.id, "width": each.width, "height": each.height})).collect();
            let mut periods: Vec<String> = content
                .playlists
                .keys()
                .filter(|(_, list)| site.shares.iter().any(|share| share.playlist == *list))
                .map(|(period, _)| period.to_string())
                .collect();
            periods.dedup();
            json!({"id": id, "name": site.name, "screens": screens, "periods": periods})
        })
        .collect();
    let agencies: serde_json::Map<String, Value> =
        content.agencies.iter().map(|(id, agency)| (id.to_string(), json!(agency.name))).collect();
    json!({"number": sheet.number, "name": content.settings.name, "sites": sites, "agencies": agencies, "faults": sheet.faults})
}
