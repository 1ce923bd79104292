//! `bangtin at`: what the content files put on a site's screens at a moment, and why, answered without rendering.
//! Counts withdrawals of whole programs and of slides, and never considers what was really published or played.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::at_text::{self, ScreenAnswer};
use crate::base::clock;
use crate::base::dates;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::output;
use crate::base::text::Text;
use crate::base::times::{Month, Timestamp};
use crate::build::compile;
use crate::content::model::choose;
use crate::content::model::values::{Content, Period};
use crate::content::plan::{self, moment};
use crate::filing::in_force::{self, InForce, OnAgain};
use crate::office::args::{FormatArgs, OutputFormat};
use crate::office::context::Context;
use crate::program::at::{at, at_without};

#[allow(missing_docs, reason = "it would be shown as the description of the command, which `Command` gives")]
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The site | Cụm thông tin
    #[arg(value_name = "SITE")]
    site: String,
    /// Local time such as 2026-12-03T10:15, also with an offset; a day such as 2026-12-03; or now | Giờ địa phương, dạng 2026-12-03T10:15, có thể kèm múi giờ; hoặc ngày, dạng 2026-12-03; hoặc now
    #[arg(value_name = "TIME")]
    time: String,
    /// One screen only | Chỉ một màn hình
    #[arg(long, value_name = "ID")]
    screen: Option<String>,
    #[command(flatten)]
    format: FormatArgs,
}

/// Runs the command.
pub fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let (content, _) = context.load()?;
    let zone = content.settings.time_zone;
    let second = moment::parse(&args.time, zone, clock::present())?.0;
    let ms = second * 1000;
    let (id, site) = choose::site(&content, &args.site)?;
    let screens: Vec<_> = match &args.screen {
        Some(named) => vec![choose::screen(id, site, named)?],
        None => site.screens.iter().collect(),
    };
    let month = Month::containing(zone.to_local(second).date());
    let folder = context.content_root()?;
    let InForce { plan: planned, gone, withdrawn, copies, unknown } =
        in_force::in_force(&folder, context.cache.clone(), &content, (id, month))?;
    let manifest = planned.as_ref().map(|(_, plan)| compile::timetable(plan));
    let again = planned.as_ref().zip(manifest.as_ref()).map(|((period, _), manifest)| {
        in_force::on_again((&folder, context.cache.clone()), &content, (id, month), (*period, manifest), ms)
    });
    let again = again.unwrap_or_default();
    let taken: BTreeSet<_> = withdrawn.keys().cloned().collect();
    let mut answers = Vec::new();
    for screen in screens {
        let due = manifest.as_ref().and_then(|manifest| at(manifest, screen.id.as_str(), ms));
        let found = manifest.as_ref().and_then(|manifest| at_without(manifest, screen.id.as_str(), ms, &taken));
        let instead = due.and_then(|due| withdrawn.get_key_value(due.slide));
        let copy = found.and_then(|at| copies.get(at.slide));
        let why = planned
            .as_ref()
            .and_then(|(period, _)| plan::explain::explain(&content, id, *period, &screen.id, (second, found.map(|at| at.slide))));
        let items =
            found.zip(manifest.as_ref()).and_then(|(at, manifest)| manifest.loops.get(at.loop_id())).map_or(0, |each| each.items.len());
        // An unbuilt program has no digest yet: it is named by site and period, as its folder is.
        let program = planned.as_ref().map(|(period, _)| format!("{id}/{period}"));
        let next = again.get(&screen.id).map(|OnAgain { ms, period }| {
            let said = dates::later(zone.to_local(second), zone.to_local(ms.div_euclid(1000)));
            (Timestamp(ms.div_euclid(1000)), said, format!("{id}/{period}"))
        });
        answers.push(ScreenAnswer { screen: &screen.id, program, at: found, items, why, month, next, gone: &gone, instead, copy });
    }
    match args.format.form() {
        OutputFormat::Json => answers.iter().for_each(|answer| output::print_json(&as_json(&content, answer))),
        OutputFormat::Human => {
            crate::outln!("{}", heading(&content, (id, planned.as_ref().map(|each| each.0)), &args.time, second).get(context.lang));
            crate::outln!("{}", at_text::answers_text(&content, &answers, context.lang));
            context.print_text(&at_text::by_the_files(&args.time, context.content_elsewhere()));
        }
    }
    moment::other_of_two(&args.time, zone).iter().chain(&unknown).for_each(|text| context.alarm(text));
    Ok(())
}

/// The moment that is answered for, of a day alone with its opening hours.
fn heading(content: &Content, (id, period): (&SiteId, Option<Period>), time: &str, second: i64) -> Text {
    let period = period.filter(|_| moment::is_day(time));
    let hours = period.and_then(|period| plan::explain::opening_hours(content, id, period, second));
    at_text::heading(&dates::moment_to_the_second(content.settings.time_zone.to_local(second)), hours)
}

fn as_json(content: &Content, answer: &ScreenAnswer<'_>) -> Value {
    let slide = answer.at.and_then(|at| content.slide(at.slide));
    let why = answer.why.as_ref().map(|why| {
        let entry = why.entry.as_ref();
        json!({
            "day": why.date.map(|date| date.to_string()),
            "weekday": why.weekday.to_string().to_lowercase(),
            "kind": why.kind.name().en,
            "window": why.window.map(|window| window.to_string()),
            "playlist": entry.map(|each| each.playlist.as_str()),
            "entry": entry.map(|each| format!("{}:{}", each.place.path, each.place.line)),
            "share": entry.map(|each| each.share),
            "shares": entry.map(|each| each.shares),
        })
    });
    json!({
        "screen": answer.screen,
        "state": match (answer.at.is_some(), answer.instead.is_some(), answer.program.is_some()) {
            (true, ..) => "slide",
            (_, true, _) => "withdrawn",
            (.., true) => "dark",
            _ => "card",
        },
        "program": answer.program,
        "slide": answer.at.map(|at| at.slide),
        "source": slide.map(|slide| slide.source.as_str()),
        "agency": slide.map(|slide| slide.agency.as_str()),
        "loop": answer.at.map(|at| at.loop_id().to_owned()),
        "item": answer.at.map(|at| at.item),
        "on_again": answer.next.as_ref().map(|(next, ..)| next),
        "on_again_program": answer.next.as_ref().map(|(.., program)| program),
        "gone": answer.gone.iter().map(|(period, _)| period.to_string()).collect::<Vec<_>>(),
        "copy_of": answer.copy.map(|copy| &copy.of),
        "withdrawn": answer.instead.map(|(slide, _)| slide),
        "into": answer.at.map(|at| at.elapsed_ms),
        "ms": answer.at.map(|at| at.ms),
        "why": why,
    })
}
