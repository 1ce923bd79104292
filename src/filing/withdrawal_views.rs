//! Sorts what became of the programs that a withdrawal reached, and names each, for the words that `withdrawal_text` finds.
//! Never signs, and never reads a file.

use std::collections::BTreeSet;

use super::filed::{FiledProgram, FiledPrograms};
use super::judged;
use super::withdrawal_effect;
use super::withdrawal_reach::{self, WithdrawalReach};
use super::withdrawal_text::{WithdrawalRival, WithdrawalStory, WithdrawalView, WithdrawalWay};
use super::withdrawals::StoredWithdrawal;
use super::withdrawn::Withdrawn;
use crate::base::dates;
use crate::base::digest::Digest;
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::base::times::Timestamp;
use crate::base::zone::TimeZone;
use crate::program::manifest::Manifest;
use crate::trust::document::Verified;
use crate::trust::root::Root;

/// What a command did, and what is true after it.
pub struct WithdrawalViews<'w, 'a> {
    pub root: &'w Verified<Root>,
    pub statements: &'w [StoredWithdrawal],
    pub taken: &'w Withdrawn<'a>,
    pub filed: &'a FiledPrograms,
    pub reach: &'w WithdrawalReach<'a>,
    /// The programs that are published, as far as is known; none if nothing is.
    pub listed: &'w BTreeSet<Digest>,
    /// The moment of signing.
    pub now: Timestamp,
    /// The zone in which moments are written.
    pub zone: TimeZone,
}

impl<'a> WithdrawalViews<'_, 'a> {
    /// All of it, in the order in which people read it.
    pub fn story<'r>(&self, reason: &'r str, way: WithdrawalWay, command: (String, String)) -> WithdrawalStory<'r>
    where
        'a: 'r,
    {
        let (taken, waiting) = (self.programs(true), self.programs(false));
        WithdrawalStory { reason, taken, waiting, way, only: self.reach.only, command }
    }

    /// The programs of those statements that have all their signatures, or of the others.
    fn programs(&self, complete: bool) -> Vec<WithdrawalView<'a>> {
        let view = |filed: &'a FiledProgram| WithdrawalView {
            label: self.label(filed),
            manifest: filed.program.manifest(),
            gone_before: self.gone_before(filed),
            instead: self.instead(filed),
            slides: self.reach.slides_of(filed),
            gone: withdrawal_effect::effect(self.root.body(), self.statements, &filed.program),
            now: self.now,
            zone: self.zone,
        };
        self.taken.programs(complete).map(view).collect()
    }

    /// The programs that still have it, and why; several of one period in one line. It is shown where one of them is published, or approved if
    /// nobody knows what is published.
    pub fn left(&self) -> Vec<Text> {
        let mut lines: Vec<(Text, &Text, bool)> = Vec::new();
        for (filed, why) in &self.taken.left {
            let shown = self.listed.contains(&filed.program.digest())
                || self.listed.is_empty() && judged::signed_so_far(self.root, filed).is_none();
            let label = self.label(filed);
            match lines.iter_mut().find(|(other, reason, _)| (other, *reason) == (&label, why)) {
                Some((.., known)) => *known |= shown,
                None => lines.push((label, why, shown)),
            }
        }
        let line = |(Text { vi: vi_label, en: en_label }, Text { vi, en }, shown): &(Text, &Text, bool)| {
            if *shown {
                crate::text!(vi: "{vi_label}: vẫn chiếu: {vi}", en: "{en_label}: still shown: {en}")
            } else {
                crate::text!(
                    vi: "{vi_label}: bản phát hành hiện nay không có, sẽ chiếu nếu được phát hành: {vi}",
                    en: "{en_label}: not in the present release, would show it once published: {en}"
                )
            }
        };
        lines.iter().map(line).collect()
    }

    /// The programs of which slides were named and that are gone whole.
    pub fn gone(&self) -> Vec<Text> {
        let line = |(filed, by): &(&FiledProgram, u64)| {
            let Text { vi, en } = self.label(filed);
            crate::text!(
                vi: "{vi}: cả chương trình đã thu hồi từ trước (văn bản số {by}); chưa ký gì về trang được nêu trong chương trình này",
                en: "{en}: already withdrawn whole (withdrawal {by}); nothing was signed about its slides"
            )
        };
        self.taken.gone.iter().map(line).collect()
    }

    /// The earlier statement by which a whole program went, if one did.
    fn gone_before(&self, filed: &FiledProgram) -> Option<u64> {
        let complete = self.statements.iter().filter_map(StoredWithdrawal::complete);
        let by = withdrawal_effect::gone_by(self.root.body(), complete, &filed.program)?.body().version;
        (!self.taken.done.iter().any(|(outcome, _)| outcome.number == by)).then_some(by)
    }

    /// The published programs of the same period that are not withdrawn with it: one of them plays once it is gone.
    fn instead(&self, filed: &FiledProgram) -> Vec<WithdrawalRival> {
        let Manifest { kind, valid, .. } = filed.program.manifest();
        if matches!(kind, ProgramKind::Urgent | ProgramKind::Kit) || valid.until.is_some_and(|until| until <= self.now.0) {
            return Vec::new();
        }
        let whole = |other: &FiledProgram| {
            withdrawal_effect::taken_by(self.root, self.statements, other).is_none()
                || self.reach.slides.is_none() && [true, false].into_iter().any(|complete| self.among(complete, other))
        };
        let listed = self.listed.iter().filter_map(|digest| self.filed.usable(*digest).ok().flatten());
        let rivals =
            listed.filter(|other| withdrawal_reach::place(other) == withdrawal_reach::place(filed) && !same(other, filed) && !whole(other));
        let rival = |other: &FiledProgram| WithdrawalRival {
            name: self.told_apart(other),
            start: start(other),
            left: self.taken.left.iter().any(|(left, _)| same(left, other)),
        };
        rivals.map(rival).collect()
    }

    /// Whether a program is among those of statements that have all their signatures, or of the others.
    fn among(&self, complete: bool, filed: &FiledProgram) -> bool {
        self.taken.programs(complete).any(|each| same(each, filed))
    }

    /// Whether a program is taken, whether it is once all have signed, and whether it was gone before.
    fn fate(&self, filed: &FiledProgram) -> (bool, bool, bool) {
        (self.among(true, filed), self.among(false, filed), self.gone_before(filed).is_some())
    }

    /// Names a program by site and period; where another one has these and fares differently, also by the beginning of its digest and when it
    /// was approved, or how far it is signed.
    fn label(&self, filed: &FiledProgram) -> Text {
        let manifest = filed.program.manifest();
        let (site, Text { vi, en }) = (&manifest.site, period(filed));
        let unlike = |other: &&FiledProgram| {
            withdrawal_reach::place(other) == withdrawal_reach::place(filed) && self.fate(other) != self.fate(filed)
        };
        if !self.reach.programs.iter().any(unlike) {
            return crate::text!(vi: "{site}, {vi}", en: "{site}, {en}");
        }
        let Text { vi, en } = self.told_apart(filed);
        crate::text!(vi: "{site}, {vi}", en: "{site}, {en}")
    }

    /// Names a program by its period, the beginning of its digest, and when it was approved or how far it is signed.
    fn told_apart(&self, filed: &FiledProgram) -> Text {
        let (Text { vi, en }, digest) = (period(filed), start(filed));
        let approved = |Text { vi, en }: Text| crate::text!(vi: "duyệt lúc {vi}", en: "approved {en}");
        let since = || filed.first_signed().map(|issued| approved(self.zone.moment(issued)));
        match judged::signed_so_far(self.root, filed).or_else(since) {
            Some(Text { vi: vi_how, en: en_how }) => crate::text!(vi: "{vi} {digest} ({vi_how})", en: "{en} {digest} ({en_how})"),
            None => crate::text!(vi: "{vi} {digest}", en: "{en} {digest}"),
        }
    }
}

fn period(filed: &FiledProgram) -> Text {
    let manifest = filed.program.manifest();
    manifest.month.map_or_else(|| manifest.kind.display_name(), dates::month)
}

/// The beginning of its digest, long enough to name it on the command line.
fn start(filed: &FiledProgram) -> String {
    filed.program.digest().to_string()[..12].to_owned()
}

fn same(one: &FiledProgram, other: &FiledProgram) -> bool {
    one.program.digest() == other.program.digest()
}
