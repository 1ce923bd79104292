//! The JSON for the shell and the page: the documents of one screen, and the overview of the folder.
//! Never renders.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::snapshot::{ContentSnapshot, PlanResult};
use super::state::Shown;
use crate::base::diagnostic::Diagnostic;
use crate::base::digest::Digest;
use crate::base::ids::{ScreenId, SiteId, SlideId};
use crate::base::text::Text;
use crate::build::assemble;
use crate::build::render::page_path;
use crate::content::model::faces::Face;
use crate::content::model::values::{Period, Site};
use crate::content::plan::{Plan, due, reasons};
use crate::desk::screen_view::{ScreenView, ViewedProgram};
use crate::program::manifest::Manifest;
use crate::program::schedule::ShellTimetable;

/// What the shell reads of one screen: the period's program.
pub fn screen_view(sheet: &ContentSnapshot, of: (&SiteId, Period, &ScreenId)) -> Option<Arc<ScreenView>> {
    sheet.views.get(of, || make_view(sheet, of))
}

/// Makes what was asked for of the reading before: the screens that show it ask next, once they have heard of this one.
pub fn prepare(sheet: &ContentSnapshot) {
    for key in sheet.earlier_views.asked_for() {
        let (site, period, screen) = key.clone();
        sheet.views.prepare(key, || make_view(sheet, (&site, period, &screen)));
    }
}

/// What a screen shows of a period.
struct ShownPeriod {
    /// Why its program is withdrawn whole.
    gone: Option<Text>,
    /// Its plan, or that of what plays in its place.
    planned: Option<PlanResult>,
    /// Whose plan that is.
    period: Period,
    mark: Text,
}

fn shown(sheet: &ContentSnapshot, site: &SiteId, period: Period) -> Option<ShownPeriod> {
    let planned = sheet.plan(site, period)?;
    let gone = planned.as_ref().ok().and_then(|plan| sheet.gone(plan));
    let (planned, period, mark) = match &gone {
        None => (Some(planned), period, crate::text!(vi: "XEM TRƯỚC – CHƯA DUYỆT", en: "PREVIEW – NOT APPROVED")),
        Some(_) => in_place(sheet, site, period),
    };
    Some(ShownPeriod { gone, planned, period, mark })
}

/// A site that has this screen.
fn site_with<'a>(sheet: &'a ContentSnapshot, site: &SiteId, screen: &ScreenId) -> Option<&'a Site> {
    let known = sheet.content.as_ref()?.sites.get(site)?;
    known.screens.iter().any(|each| each.id == *screen).then_some(known)
}

fn timetable(known: &Site, plan: &Plan) -> Manifest {
    assemble::manifest_of(plan, assemble::screens(known, plan), BTreeMap::new(), Vec::new())
}

fn make_view(sheet: &ContentSnapshot, (site, period, screen): (&SiteId, Period, &ScreenId)) -> Option<ScreenView> {
    let known = site_with(sheet, site, screen)?;
    let ShownPeriod { planned, mark, .. } = shown(sheet, site, period)?;
    let Some(Ok(plan)) = &planned else { return Some(ScreenView::new((site, period, screen), known.volume, mark, None)) };
    let manifest = timetable(known, plan);
    let face = manifest.screens.iter().find(|each| each.id == *screen)?;
    let shown = Face::at(known, (face.width, face.height));
    let page = |slide: &SlideId| Some(format!("{}?{}&{}", page_path(slide, shown.size())?, sheet.page_identity(slide)?, shown.floor));
    let timetable = ShellTimetable::new(&manifest, face, page);
    let viewed =
        ViewedProgram { base: format!("/p/{}/", sheet.theme_name()), digest: Digest::of(b"preview"), from: plan.valid.0, timetable };
    Some(ScreenView::new((site, period, screen), known.volume, mark, Some(viewed)))
}

/// The faults, reasons and slides that the page lists beside one screen.
pub fn details(sheet: &ContentSnapshot, (site, period, screen): (&SiteId, Period, &ScreenId)) -> Option<Value> {
    let (content, known) = (sheet.content.as_ref()?, site_with(sheet, site, screen)?);
    let ShownPeriod { gone, planned, period, .. } = shown(sheet, site, period)?;
    let reasons = reasons::reasons(content, known, period);
    let mut details = json!({"reasons": reasons, "gone": gone, "slides": {}});
    let plan = match &planned {
        Some(Ok(plan)) => plan,
        failed => {
            let faults = failed.as_ref().and_then(|planned| planned.as_ref().err());
            details["faults"] = listed(faults.map(Vec::as_slice).unwrap_or_default());
            return Some(details);
        }
    };
    let manifest = timetable(known, plan);
    let face = manifest.screens.iter().find(|each| each.id == *screen)?;
    let timetable = ShellTimetable::new(&manifest, face, |_| Some(String::new()));
    let told = |id: &SlideId| {
        let slide = content.slide(id)?;
        let told = json!({"title": slide.title_of(id), "agency": slide.agency, "language": slide.language, "source": slide.source});
        Some((id.to_string(), told))
    };
    details["slides"] = Value::Object(timetable.slides().filter_map(told).collect());
    details["faults"] = listed(&plan.all_warnings());
    Some(details)
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

/// The sites with their screens and periods, the names of agencies, and every fault of the folder; `checked`: whether all was looked at.
pub fn overview_json(shown: &Shown) -> Value {
    let mut overview = json!({
        "number": shown.number, "reading": shown.reading.number, "checked": shown.is_checked,
        "name": {}, "sites": [], "agencies": {}, "faults": listed(shown.faults()),
    });
    let Some(content) = &shown.reading.content else { return overview };
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
    overview["name"] = json!(content.settings.name);
    overview["sites"] = json!(sites);
    overview["agencies"] = json!(agencies);
    overview
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::desk::live::snapshot::Changed;
    use crate::desk::live::state::PreviewState;

    #[test]
    fn the_documents_of_a_screen_are_made_once_a_reading_not_at_each_request() {
        let state = PreviewState::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("content"), None).unwrap();
        let sheet = state.snapshot();
        let content = sheet.content.as_ref().unwrap();
        let (site, known) = content.sites.first_key_value().unwrap();
        let view =
            |sheet: &ContentSnapshot, screen: usize| screen_view(sheet, (site, Period::Evergreen, &known.screens[screen].id)).unwrap();
        let first = view(&sheet, 0);
        assert!(Arc::ptr_eq(&first, &view(&sheet, 0)) && !Arc::ptr_eq(&first, &view(&sheet, 1)));
        state.reload(Changed::Content);
        let next = state.snapshot();
        let made = view(&next, 0);
        assert!(!Arc::ptr_eq(&first, &made) && Arc::ptr_eq(&made, &view(&next, 0)));
    }

    #[test]
    fn after_a_reading_only_those_documents_are_prepared_that_were_asked_for_in_the_one_before() {
        let state = PreviewState::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("content"), None).unwrap();
        let sheet = state.snapshot();
        let (site, known) = sheet.content.as_ref().unwrap().sites.first_key_value().unwrap();
        let of = (site, Period::Evergreen, &known.screens[0].id);
        screen_view(&sheet, of).unwrap();
        state.reload(Changed::Content);
        let next = state.snapshot();
        prepare(&next);
        let made = next.views.get(of, || panic!("it is not prepared")).unwrap();
        assert!(next.views.get((site, Period::Evergreen, &known.screens[1].id), || None).is_none(), "nobody has asked for this one");
        // What was prepared and then shown to nobody is not prepared again.
        for expected in [1, 0] {
            assert_eq!(state.snapshot().views.asked_for().len(), expected);
            state.reload(Changed::Content);
            prepare(&state.snapshot());
        }
        assert!(made.answer("schedule.json", || None).is_some() && made.answer("details.json", || None).is_none());
    }
}
