//! `bangtin at`: what is on a site's screens at a moment, and why, answered from the content without rendering.
//! Never asks what was really published or played.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::at_words::{self, Answer};
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::text::Lang;
use crate::base::times::Month;
use crate::build::pack;
use crate::content::model::values::{Content, Period};
use crate::content::plan::moment;
use crate::content::plan::{self, Plan};
use crate::office::context::Context;
use crate::program::at::at;
use crate::program::manifest::{Manifest, Screen};

#[allow(missing_docs, reason = "it would be shown as the description of the command, which `Command` gives")]
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The site / cụm thông tin
    #[arg(value_name = "SITE")]
    site: String,
    /// 2026-12-03T10:15 local, or with offset / giờ địa phương, hoặc kèm múi giờ
    #[arg(value_name = "TIME")]
    time: String,
    /// One screen only / chỉ một màn hình
    #[arg(long, value_name = "ID")]
    screen: Option<String>,
    /// Form of the answer / dạng câu trả lời
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Short for --format json / viết tắt của --format json
    #[arg(long)]
    json: bool,
}

/// How the answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people / cho người đọc
    Human,
    /// One JSON object a line, one line a screen / mỗi màn hình một dòng JSON
    Json,
}

/// Runs the command.
pub fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let (content, _) = context.load()?;
    let zone = content.settings.time_zone;
    let second = moment::parse(&args.time, zone)?.0;
    let (id, site) =
        SiteId::parse(&args.site).and_then(|id| content.sites.get_key_value(&id)).ok_or_else(|| unknown_site(&content, &args.site))?;
    let screens: Vec<_> = site.screens.iter().filter(|each| args.screen.as_ref().is_none_or(|wanted| each.id.as_str() == wanted)).collect();
    if screens.is_empty() {
        return Err(unknown_screen(&args));
    }
    let month = Month::of(zone.local(second).date());
    let planned = planned(&content, id, month)?;
    let manifest = planned.as_ref().map(|(_, plan)| manifest(plan));
    for screen in screens {
        let found = manifest.as_ref().and_then(|manifest| at(manifest, screen.id.as_str(), second * 1000));
        let why =
            planned.as_ref().and_then(|(period, _)| plan::why::why(&content, id, *period, &screen.id, (second, found.map(|at| at.slide))));
        let items =
            found.zip(manifest.as_ref()).and_then(|(at, manifest)| manifest.loops.get(at.loop_id())).map_or(0, |each| each.items.len());
        let program = planned.as_ref().map(|(period, _)| program(id, *period));
        let answer = Answer { screen: &screen.id, program, at: found, items, why };
        if args.json || args.format == Format::Json {
            println!("{}", as_json(&content, &answer));
        } else {
            println!("{}", at_words::human(&content, &answer, context.lang));
        }
    }
    Ok(())
}

/// The month's plan where any of its playlists is written, else the evergreen week, else nothing: the card.
fn planned(content: &Content, id: &SiteId, month: Month) -> Result<Option<(Period, Plan)>, Failure> {
    let Some(site) = content.sites.get(id) else { return Ok(None) };
    let written = |period: Period| site.shares.iter().any(|share| content.playlists.contains_key(&(period, share.playlist.clone())));
    if written(Period::Month(month)) {
        let plan = plan::month(content, id, month).map_err(Failure::Content)?;
        return Ok(Some((Period::Month(month), plan)));
    }
    if !written(Period::Evergreen) {
        return Ok(None);
    }
    let plan = plan::evergreen(content, id).map_err(Failure::Content)?;
    Ok(Some((Period::Evergreen, plan)))
}

/// A program that has not been built has no digest yet: it is named by site and period, as its folder is.
fn program(site: &SiteId, period: Period) -> String {
    match period {
        Period::Month(month) => format!("{site}/{month}"),
        Period::Evergreen => format!("{site}/evergreen"),
    }
}

/// As much of a manifest as the timetable needs: no pages, no files.
fn manifest(plan: &Plan) -> Manifest {
    let canvas = crate::base::terms::Canvas { w: 1, h: 1, x: 0, y: 0 };
    let screen = |each: &plan::PlannedScreen| {
        let spans = each.spans.clone();
        Screen { id: each.id.clone(), width: 1, height: 1, canvas, audio: false, spans }
    };
    pack::manifest(plan, plan.screens.iter().map(screen).collect(), BTreeMap::new(), Vec::new())
}

fn as_json(content: &Content, answer: &Answer<'_>) -> Value {
    let slide = answer.at.and_then(|at| content.slides.get(at.slide));
    let why = answer.why.as_ref().map(|why| {
        let entry = why.entry.as_ref();
        json!({
            "day": why.date.map(|date| date.to_string()),
            "weekday": why.weekday.to_string().to_lowercase(),
            "kind": at_words::kind(why.kind, Lang::En),
            "window": why.window.map(at_words::window),
            "playlist": entry.map(|each| each.playlist.as_str()),
            "entry": entry.map(|each| format!("{}:{}", each.place.path, each.place.line)),
            "share": entry.map(|each| each.share),
            "shares": entry.map(|each| each.shares),
        })
    });
    json!({
        "screen": answer.screen,
        "state": if answer.at.is_some() { "slide" } else if answer.program.is_some() { "dark" } else { "card" },
        "program": answer.program,
        "slide": answer.at.map(|at| at.slide),
        "source": slide.map(|slide| slide.source.as_str()),
        "agency": slide.map(|slide| slide.agency.as_str()),
        "loop": answer.at.map(|at| at.loop_id().to_owned()),
        "item": answer.at.map(|at| at.item),
        "into": answer.at.map(|at| at.into),
        "ms": answer.at.map(|at| at.ms),
        "why": why,
    })
}

fn unknown_site(content: &Content, wanted: &str) -> Failure {
    let known: Vec<_> = content.sites.keys().map(SiteId::as_str).collect();
    let known = known.join(", ");
    Failure::Refused(crate::text!(
        vi: "không có cụm thông tin “{wanted}”; có: {known}",
        en: "there is no site “{wanted}”; there are: {known}"
    ))
}

fn unknown_screen(args: &Args) -> Failure {
    let (site, screen) = (&args.site, args.screen.as_deref().unwrap_or_default());
    Failure::Refused(crate::text!(vi: "{site} không có màn hình “{screen}”", en: "{site} has no screen “{screen}”"))
}
