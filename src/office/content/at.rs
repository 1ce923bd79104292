//! `bangtin at`: what the content files put on a site's screens at a moment, and why, answered without rendering.
//! Counts withdrawals of whole programs, and never considers what was really published or played.

use serde_json::{Value, json};

use super::at_text::{self, ScreenAnswer};
use crate::base::dates;
use crate::base::failure::Failure;
use crate::base::output;
use crate::base::times::Month;
use crate::build::compile;
use crate::content::model::choose;
use crate::content::model::values::Content;
use crate::content::plan::{self, moment};
use crate::filing::gone::{self, InForce};
use crate::office::args::{FormatArgs, OutputFormat};
use crate::office::context::Context;
use crate::office::now;
use crate::program::at::at;

#[allow(missing_docs, reason = "it would be shown as the description of the command, which `Command` gives")]
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The site | Cụm thông tin
    #[arg(value_name = "SITE")]
    site: String,
    /// Local time such as 2026-12-03T10:15, with an offset, or now | Giờ địa phương, dạng 2026-12-03T10:15, hoặc kèm múi giờ, hoặc now
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
    let second = moment::parse(&args.time, zone, now::present())?.0;
    let (id, site) = choose::site(&content, &args.site)?;
    let screens: Vec<_> = match &args.screen {
        Some(named) => vec![choose::screen(id, site, named)?],
        None => site.screens.iter().collect(),
    };
    let month = Month::containing(zone.to_local(second).date());
    let InForce { plan: planned, gone } = gone::in_force(&context.content_root()?, context.cache.clone(), &content, (id, month))?;
    let manifest = planned.as_ref().map(|(_, plan)| compile::timetable(plan));
    let mut answers = Vec::new();
    for screen in screens {
        let found = manifest.as_ref().and_then(|manifest| at(manifest, screen.id.as_str(), second * 1000));
        let why = planned
            .as_ref()
            .and_then(|(period, _)| plan::explain::explain(&content, id, *period, &screen.id, (second, found.map(|at| at.slide))));
        let items =
            found.zip(manifest.as_ref()).and_then(|(at, manifest)| manifest.loops.get(at.loop_id())).map_or(0, |each| each.items.len());
        // An unbuilt program has no digest yet: it is named by site and period, as its folder is.
        let program = planned.as_ref().map(|(period, _)| format!("{id}/{period}"));
        let next = manifest.as_ref().and_then(|manifest| compile::on_again(&content, id, manifest, screen.id.as_str(), second * 1000));
        let next = next.map(|ms| dates::later(zone.to_local(second), zone.to_local(ms / 1000)));
        answers.push(ScreenAnswer { screen: &screen.id, program, at: found, items, why, next, gone: &gone });
    }
    match args.format.form() {
        OutputFormat::Json => answers.iter().for_each(|answer| output::print_json(&as_json(&content, answer))),
        OutputFormat::Human => {
            crate::outln!("{}", at_text::answers_text(&content, &answers, context.lang));
            context.print_text(&at_text::by_the_files(&args.time, context.content_elsewhere()));
        }
    }
    Ok(())
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
        "state": if answer.at.is_some() { "slide" } else if answer.program.is_some() { "dark" } else { "card" },
        "program": answer.program,
        "slide": answer.at.map(|at| at.slide),
        "source": slide.map(|slide| slide.source.as_str()),
        "agency": slide.map(|slide| slide.agency.as_str()),
        "loop": answer.at.map(|at| at.loop_id().to_owned()),
        "item": answer.at.map(|at| at.item),
        "gone": answer.gone.iter().map(|(period, _)| period.to_string()).collect::<Vec<_>>(),
        "into": answer.at.map(|at| at.elapsed_ms),
        "ms": answer.at.map(|at| at.ms),
        "why": why,
    })
}
