//! The report on one site of a verified store in words.
//! Never reads a store, and never judges.

use std::fmt::Write as _;

use super::slide_names::{self, SlideTitles};
use super::verify::{Approver, HeadReport, ProgramReport, SiteReport, WithdrawalReport};
use crate::base::dates;
use crate::base::ids::SlideId;
use crate::base::numbers;
use crate::base::text::{Lang, Text};
use crate::base::times::Timestamp;
use crate::base::zone::TimeZone;
use crate::program::show::ScreenState;
use crate::trust::freshness::Freshness;
use crate::trust::root_changes::names;
use crate::trust::withdrawal::WithdrawalScope;

/// The report in words.
pub fn site_text(report: &SiteReport, zone: TimeZone, lang: Lang) -> String {
    let mut out = format!("{}\n", report.site);
    let mut line = |text: Text| {
        let _ = writeln!(out, "  {}", text.get(lang));
    };
    let local = |at: Timestamp| zone.moment(at).get(lang).to_owned();
    let (root, id, expires) = (report.root, &report.root_id, local(report.root_expires));
    let (vi, en) = if report.is_root_overdue() { (" (đã quá hạn, cần thay)", " (overdue, renew it)") } else { ("", "") };
    line(crate::text!(
        vi: "văn bản phân quyền số {root} (mã hệ thống {id}), hạn thay: {expires}{vi}",
        en: "root {root} (installation {id}), renew by {expires}{en}"
    ));
    if let Some(HeadReport { epoch, version, issued, expires, state }) = &report.head {
        let (issued, expires, Text { vi, en }) = (local(*issued), local(*expires), head_words(*state));
        line(crate::text!(
            vi: "bản phát hành {epoch}-{version}, ký lúc {issued}, hạn phát hành lại: {expires} ({vi})",
            en: "release {epoch}-{version}, signed {issued}, publish again by {expires} ({en})"
        ));
    }
    // As people think of them: month by month, then the evergreen program.
    let mut programs: Vec<_> = report.programs.iter().collect();
    programs.sort_by_key(|each| (each.kind, each.valid_from, each.from));
    for each in programs {
        program_words(each, &report.titles, zone).into_iter().for_each(&mut line);
    }
    report.withdrawals.iter().map(|each| withdrawal_words(each, report, zone)).for_each(&mut line);
    screen_words(report, zone).into_iter().for_each(&mut line);
    let (objects, Text { vi, en }) = (report.objects, numbers::bytes(report.bytes));
    let counted = numbers::counted(objects, "object");
    line(crate::text!(vi: "{objects} tệp, {vi}", en: "{counted}, {en}"));
    report.warnings.iter().cloned().for_each(&mut line);
    for Text { vi, en } in &report.faults {
        line(crate::text!(vi: "LỖI: {vi}", en: "ERROR: {en}"));
    }
    out
}

/// What a withdrawal takes here, by whom and why.
fn withdrawal_words(withdrawal: &WithdrawalReport, report: &SiteReport, zone: TimeZone) -> Text {
    let WithdrawalReport { number, role, holds, scope, reason, signed_by, issued } = withdrawal;
    let (by, Text { vi: vi_signed, en: en_signed }, Text { vi, en }) =
        (signed_by.join(", "), zone.moment(*issued), scope_words(scope, report));
    let here = if *holds {
        crate::text!(vi: "", en: "")
    } else {
        crate::text!(vi: "; không có hiệu lực ở cụm này (vai trò {role})", en: "; does not hold here (role {role})")
    };
    let Text { vi: vi_here, en: en_here } = here;
    crate::text!(
        vi: "văn bản thu hồi số {number}, ký lúc {vi_signed}: {vi}; lý do: “{reason}”; người ký: {by}, vai trò {role}{vi_here}",
        en: "withdrawal {number}, signed {en_signed}: {en}; reason: “{reason}”; signed by {by} as {role}{en_here}"
    )
}

/// What a withdrawal names: slides, or a program, by their titles, if they are listed.
fn scope_words(scope: &WithdrawalScope, SiteReport { programs, titles, .. }: &SiteReport) -> Text {
    let (program, kind, slides) = match scope {
        WithdrawalScope::Program { program, kind, slides, .. } => (program, kind, slides),
        WithdrawalScope::Slides { slides } => {
            let with = |word: &str| {
                let slide = |(id, revision): (&SlideId, &u64)| match titles.up_to(*revision, id) {
                    Some(title) => format!("“{title}” ({id}, {word} {revision})"),
                    None => format!("{id} ({word} {revision})"),
                };
                slides.iter().map(slide).collect::<Vec<_>>().join(", ")
            };
            return Text { vi: with("lần sửa"), en: with("revision") };
        }
    };
    let title = programs.iter().find(|each| each.program == *program).and_then(|each| each.title.as_deref());
    // Of a program that is no longer listed, only its kind is known.
    let Text { vi, en } = title.map_or_else(
        || {
            let Text { vi, en } = kind.display_name();
            crate::text!(vi: "{vi} {program}", en: "{en} {program}")
        },
        |title| {
            let short = &program.to_string()[..8];
            crate::text!(vi: "chương trình “{title}” ({short}…)", en: "program “{title}” ({short}…)")
        },
    );
    match slides.iter().flatten().map(|id| slide_names::named(id, titles.within(*program, id))).collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => crate::text!(vi: "cả {vi}", en: "the whole {en}"),
        slides => crate::text!(vi: "trang {slides} trong {vi}", en: "{slides} in the {en}"),
    }
}

/// What the screens show at the report's moment; a line for all that show the same.
fn screen_words(report: &SiteReport, zone: TimeZone) -> Vec<Text> {
    let mut groups: Vec<(Vec<&str>, Text)> = Vec::new();
    for (screen, shown) in &report.screens {
        let text = match (shown.state, &shown.slide) {
            (ScreenState::Slide, Some(slide)) => {
                let title = shown.program.and_then(|program| report.titles.within(program, slide));
                let named = slide_names::named(slide, title);
                crate::text!(vi: "{named}", en: "{named}")
            }
            (ScreenState::Dark, _) => dark_words(report.at, report.on_again.get(screen), zone),
            _ => crate::text!(vi: "màn hình chờ", en: "the built-in card"),
        };
        match groups.iter_mut().find(|(_, known)| *known == text) {
            Some((screens, _)) => screens.push(screen.as_str()),
            None => groups.push((vec![screen.as_str()], text)),
        }
    }
    let at = dates::moment_to_the_second(zone.to_local(report.at.0));
    let line = |(screens, Text { vi, en }): (Vec<&str>, Text)| {
        let (many, list, at_vi, at_en) = (if screens.len() > 1 { "s" } else { "" }, screens.join(", "), &at.vi, &at.en);
        crate::text!(vi: "lúc {at_vi}, màn hình {list}: {vi}", en: "at {at_en}, screen{many} {list}: {en}")
    };
    groups.into_iter().map(line).collect()
}

/// Why a screen is dark, and when it shows something again, if that is known.
fn dark_words(at: Timestamp, on_again: Option<&i64>, zone: TimeZone) -> Text {
    let next = on_again.map(|ms| dates::later(zone.to_local(at.0), zone.to_local(ms.div_euclid(1_000))));
    let Text { vi, en } =
        next.map_or(crate::text!(vi: "", en: ""), |Text { vi, en }| crate::text!(vi: ", chiếu lại {vi}", en: ", on again {en}"));
    crate::text!(vi: "tắt, ngoài giờ hoạt động{vi}", en: "dark, outside opening hours{en}")
}

fn head_words(state: Freshness) -> Text {
    match state {
        Freshness::Fresh => crate::text!(vi: "còn hạn", en: "current"),
        Freshness::Stale | Freshness::Lost => crate::text!(vi: "đã quá hạn, cần phát hành lại", en: "overdue, publish again"),
    }
}

/// Title, and when it is on the screens or why it is not; digest; who approved it.
fn program_words(program: &ProgramReport, titles: &SlideTitles, zone: TimeZone) -> Vec<Text> {
    let digest = program.program;
    let Text { vi, en } = program.kind.titled(program.title.as_deref().unwrap_or("?"));
    let Text { vi: vi_shown, en: en_shown } = match (&program.refused, program.showing) {
        (Some(Text { vi, en }), _) => crate::text!(vi: "KHÔNG CHIẾU: {vi}", en: "NOT SHOWN: {en}"),
        (None, Some(showing)) => showing.words(zone),
        (None, None) => crate::text!(vi: "đã thu hồi, không chiếu", en: "withdrawn, not shown"),
    };
    let mut out = vec![crate::text!(vi: "{vi} {vi_shown}\n    {digest}", en: "{en} {en_shown}\n    {digest}")];
    for Approver { kid, holder, roles, document, remark, unseen } in &program.approved_by {
        let roles = names(roles);
        let said = if remark.is_empty() {
            crate::text!(vi: "", en: "")
        } else {
            crate::text!(vi: ", ghi chú “{remark}”", en: ", remark “{remark}”")
        };
        let Text { vi: vi_remark, en: en_remark } = said;
        let decision = document.text().map(|Text { vi, en }| (format!(", quyết định {vi}"), format!(", decision {en}")));
        let (vi_decision, en_decision) = decision.unwrap_or_default();
        let pages = |unseen: u64| match unseen {
            0 => (", đã xem hết các trang".to_owned(), ", all pages opened".to_owned()),
            _ => (format!(", chưa xem {unseen} trang theo cỡ"), format!(", {} unopened", numbers::counted(unseen, "page"))),
        };
        let (vi, en) = unseen.map(pages).unwrap_or_default();
        out.push(crate::text!(
            vi: "  người duyệt: {holder} ({kid}), vai trò {roles}{vi_decision}{vi_remark}{vi}",
            en: "  approved by {holder} ({kid}) as {roles}{en_decision}{en_remark}{en}"
        ));
    }
    let taken = slide_names::withdrawn(&program.withdrawn_slides, |slide| titles.within(digest, slide));
    out.extend(taken.filter(|_| !program.withdrawn).map(|Text { vi, en }| crate::text!(vi: "  {vi}", en: "  {en}")));
    out
}
