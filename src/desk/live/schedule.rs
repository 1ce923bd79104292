//! The JSON for the shell and the page: the documents of one screen, and the overview of the folder.
//! Never renders.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::state::{ContentSnapshot, PlanResult};
use crate::base::diagnostic::Diagnostic;
use crate::base::digest::Digest;
use crate::base::ids::{ScreenId, SiteId, SlideId};
use crate::base::text::Text;
use crate::build::assemble;
use crate::build::render::page_path;
use crate::content::model::faces::Face;
use crate::content::model::values::{Period, Slide};
use crate::content::plan::{due, reasons};
use crate::desk::screen_view::{ScreenView, ViewedProgram};
use crate::program::schedule::ShellTimetable;

/// The documents of one screen: the period's program, and the faults, reasons and slides that the page lists.
pub fn screen_view(sheet: &ContentSnapshot, site: &SiteId, period: Period, screen: &ScreenId) -> Option<Arc<ScreenView>> {
    sheet.views.get((site, period, screen), || make_view(sheet, site, period, screen))
}

fn make_view(sheet: &ContentSnapshot, site: &SiteId, period: Period, screen: &ScreenId) -> Option<ScreenView> {
    let content = sheet.content.as_ref()?;
    let planned = sheet.plan(site, period)?;
    let known = content.sites.get(site)?;
    known.screens.iter().find(|each| each.id == *screen)?;
    let gone = planned.as_ref().ok().and_then(|plan| sheet.gone(plan));
    let (planned, shown, mark) = match &gone {
        None => (Some(planned), period, crate::text!(vi: "XEM TRƯỚC – CHƯA DUYỆT", en: "PREVIEW – NOT APPROVED")),
        Some(_) => in_place(sheet, site, period),
    };
    let reasons = reasons::reasons(content, known, shown);
    let mut details = json!({"number": sheet.number, "reasons": reasons, "slides": {}});
    details["gone"] = json!(gone);
    let plan = match &planned {
        Some(Ok(plan)) => plan,
        failed => {
            let faults = failed.as_ref().and_then(|planned| planned.as_ref().err());
            details["faults"] = listed(faults.map(Vec::as_slice).unwrap_or_default());
            return Some(ScreenView::new((site, period, screen), known.volume, mark, None, &details));
        }
    };
    let manifest = assemble::manifest_of(plan, assemble::screens(known, plan), BTreeMap::new(), Vec::new());
    let face = manifest.screens.iter().find(|each| each.id == *screen)?;
    let shown = Face::at(known, (face.width, face.height));
    let page = |slide: &SlideId| Some(format!("{}?{}&{}", page_path(slide, shown.size())?, sheet.page_identity(slide)?, shown.floor));
    let timetable = ShellTimetable::new(&manifest, face, page);
    let slides = timetable.slides().filter_map(|id| Some((id, content.slide(id)?)));
    let told = |(id, slide): (&SlideId, &Slide)| {
        (id.to_string(), json!({"title": slide.title_of(id), "agency": slide.agency, "language": slide.language, "source": slide.source}))
    };
    details["slides"] = Value::Object(slides.map(told).collect());
    details["faults"] = listed(&plan.all_warnings());
    let viewed =
        ViewedProgram { base: format!("/p/{}/", sheet.theme_name()), digest: Digest::of(b"preview"), from: plan.valid.0, timetable };
    Some(ScreenView::new((site, period, screen), known.volume, mark, Some(viewed), &details))
}

/// What plays in place of a program that is withdrawn whole, and the band that says so.
fn in_place(sheet: &ContentSnapshot, site: &SiteId, period: Period) -> (Option<PlanResult>, Period, Text) {
    let written = |content| due::written(content, site, Period::Evergreen);
    let evergreen =
        (period != Period::Evergreen && sheet.content.as_ref().is_some_and(written)).then(|| sheet.plan(site, Period::Evergreen));
    let stays = |planned: &PlanResult| !planned.as_ref().is_ok_and(|plan| sheet.gone(plan).is_some());
    match evergreen.flatten().filter(stays) {
        Some(planned) => {
            let mark = crate::text!(vi: "ĐÃ THU HỒI – THAY BẰNG CHƯƠNG TRÌNH THƯỜNG XUYÊN", en: "WITHDRAWN – EVERGREEN IN ITS PLACE");
            (Some(planned), Period::Evergreen, mark)
        }
        None => (None, period, crate::text!(vi: "ĐÃ THU HỒI – MÀN HÌNH CHỜ", en: "WITHDRAWN – THE CARD IN ITS PLACE")),
    }
}

/// Faults as the page lists them.
fn listed(faults: &[Diagnostic]) -> Value {
    json!(faults.iter().map(Diagnostic::printable).collect::<Vec<_>>())
}

/// The sites with their screens and periods, the names of agencies, and every fault of the folder.
pub fn overview_json(sheet: &ContentSnapshot) -> Value {
    let Some(content) = &sheet.content else {
        return json!({"number": sheet.number, "name": {}, "sites": [], "agencies": {}, "faults": listed(sheet.faults())});
    };
    let sites: Vec<Value> = content
        .sites
        .iter()
        .map(|(id, site)| {
            let screens: Vec<Value> =
                site.screens.iter().map(|each| json!({"id": each.id, "width": each.width, "height": each.height})).collect();
            let periods: Vec<String> = due::periods(content, id).map(|period| period.to_string()).collect();
            json!({"id": id, "name": site.name, "screens": screens, "periods": periods})
        })
        .collect();
    let agencies: serde_json::Map<String, Value> =
        content.agencies.iter().map(|(id, agency)| (id.to_string(), json!(agency.name))).collect();
    json!({"number": sheet.number, "name": content.settings.name, "sites": sites, "agencies": agencies, "faults": listed(sheet.faults())})
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::desk::live::state::{Changed, PreviewState};

    #[test]
    fn the_documents_of_a_screen_are_made_once_a_reading_not_at_each_request() {
        let state = PreviewState::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("content"), None).unwrap();
        let sheet = state.snapshot();
        let content = sheet.content.as_ref().unwrap();
        let (site, known) = content.sites.first_key_value().unwrap();
        let view = |sheet: &ContentSnapshot, screen: usize| screen_view(sheet, site, Period::Evergreen, &known.screens[screen].id).unwrap();
        let first = view(&sheet, 0);
        assert!(Arc::ptr_eq(&first, &view(&sheet, 0)) && !Arc::ptr_eq(&first, &view(&sheet, 1)));
        state.reload(Changed::Content);
        let next = state.snapshot();
        let made = view(&next, 0);
        assert!(!Arc::ptr_eq(&first, &made) && Arc::ptr_eq(&made, &view(&next, 0)));
    }
}
