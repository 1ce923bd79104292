//! Finds the plans whose whole program is withdrawn, so that everyone who plans knows what `publish` would refuse. Builds a program only where
//! its timetable is that of a withdrawn one. Never decides whether a statement counts: `judge` does.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use super::filed::FiledPrograms;
use super::returning::{self, ReturnCheck};
use super::statements::{self, StatementFault};
use super::withdrawals::{self, StoredWithdrawal};
use super::{signed_files, withdrawal_lists};
use crate::base::diagnostic::Diagnostic;
use crate::base::failure::Failure;
use crate::base::text::{Text, printable};
use crate::base::times::{Month, Timestamp};
use crate::build::compile::{self, BuiltProgram, Compiler};
use crate::content::model::values::{Content, Period, Playlist};
use crate::content::plan::Plan;
use crate::program::manifest::Manifest;
use crate::program::validate::Program;
use crate::text;
use crate::trust::document::Verified;
use crate::trust::judge::WithdrawnRevisions;
use crate::trust::root::SignedRoot;
use crate::trust::withdrawal::{Withdrawal, WithdrawalScope};

/// The withdrawals of a content folder, and the programs that they are about.
pub struct FolderWithdrawals {
    folder: PathBuf,
    pub chain: Vec<SignedRoot>,
    pub statements: Vec<StoredWithdrawal>,
    newest: SignedRoot,
    complete: Vec<Verified<Withdrawal>>,
    filed: FiledPrograms,
}

impl FolderWithdrawals {
    /// Reads them; `None` without a root.
    pub fn read(folder: &Path) -> Result<Option<Self>, Failure> {
        let chain = signed_files::read_chain(&folder.join("trust"))?;
        let Some(newest) = chain.last().cloned() else { return Ok(None) };
        let filed = FiledPrograms::list(folder)?;
        let statements = withdrawals::read(folder, &chain, &filed)?;
        let complete = returning::were_complete(&statements);
        Ok(Some(Self { folder: folder.to_owned(), chain, statements, newest, complete, filed }))
    }

    /// Up to which revision slides are withdrawn.
    pub fn revisions(&self) -> WithdrawnRevisions {
        withdrawals::revisions(&self.statements)
    }

    /// What lies in the place of approvals and is none, and programs on which no command can build.
    pub fn approval_faults(&self, now: Timestamp) -> Result<Vec<Diagnostic>, Failure> {
        let statements = self.filed.statement_faults(&self.chain)?.into_iter().map(StatementFault::warning);
        let programs = self.filed.program_faults(now)?.into_iter().map(|(path, text)| statements::damaged_program(&path, text));
        Ok(statements.chain(programs).collect())
    }

    /// What can't be known of programs that could not be read where they were needed.
    pub fn left_unknown(&self) -> Vec<Text> {
        self.filed.left_unknown()
    }

    /// What they bar from new programs.
    pub fn check(&self) -> ReturnCheck<'_> {
        ReturnCheck { root: &self.newest.root, withdrawals: &self.complete, filed: &self.filed }
    }

    /// Why a program that was built may not be published, whole or for its slides.
    pub fn bars(&self, program: &Program) -> Result<Option<Text>, Failure> {
        let (check, manifest) = (self.check(), program.manifest());
        let gone = || check.gone(program).map(|why| returning::way_back(&named(&manifest.title, period_of(manifest.month), &why)));
        let site = &manifest.site;
        let why = check.refusal(manifest)?.or_else(gone);
        Ok(why.map(|Text { vi, en }| text!(vi: "{site}: sẽ không được phát hành: {vi}", en: "{site}: would not be published: {en}")))
    }
}

/// The plans of one content, judged by the withdrawals of its folder.
pub struct JudgedPlans<'a> {
    withdrawals: &'a FolderWithdrawals,
    /// Of renditions of pictures.
    cache: Option<PathBuf>,
    content: &'a Content,
    compiler: OnceCell<Compiler<'a>>,
}

impl<'a> JudgedPlans<'a> {
    /// Judges plans of this content.
    pub fn new(withdrawals: &'a FolderWithdrawals, cache: Option<PathBuf>, content: &'a Content) -> Self {
        Self { withdrawals, cache, content, compiler: OnceCell::new() }
    }

    /// The content.
    pub fn content(&self) -> &'a Content {
        self.content
    }

    /// The withdrawals.
    pub fn withdrawals(&self) -> &'a FolderWithdrawals {
        self.withdrawals
    }

    /// Builds the program of a plan.
    pub fn compile(&self, plan: &Plan) -> Result<BuiltProgram, Failure> {
        if self.compiler.get().is_none() {
            let _ = self.compiler.set(Compiler::new(&self.withdrawals.folder, self.cache.clone(), self.content)?);
        }
        let Some(compiler) = self.compiler.get() else { return Err(Failure::Content(Vec::new())) };
        compiler.compile(&plan.site, period_of(plan.month))
    }

    /// Number and reason of the withdrawal of a plan's whole program, if there is one.
    pub fn gone(&self, plan: &Plan) -> Result<Option<Text>, Failure> {
        if !self.may_be_gone(plan)? {
            return Ok(None);
        }
        Ok(self.withdrawals.check().gone(&self.compile(plan)?.program))
    }

    /// Whether a statement names a program of the same site and period that plays the same slides at the same times, or one that is not
    /// filed. What slides alone take empties no loop unless they are refused one by one.
    pub(super) fn may_be_gone(&self, plan: &Plan) -> Result<bool, Failure> {
        let check = self.withdrawals.check();
        for statement in check.withdrawals {
            let WithdrawalScope::Program { program, site, kind, .. } = &statement.body().scope else { continue };
            if (site, *kind) != (&plan.site, plan.kind) {
                continue;
            }
            if check.filed.usable(*program)?.is_none_or(|filed| plays_alike(&compile::timetable(plan), filed.program.manifest())) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The fault of the playlist whose revision brings a plan's program back, if it is withdrawn whole.
    pub fn fault(&self, plan: &Plan) -> Result<Option<Diagnostic>, Failure> {
        let Some(gone) = self.gone(plan)? else { return Ok(None) };
        let shares = self.content.sites.get(&plan.site).map(|site| site.shares.as_slice()).unwrap_or_default();
        let lists = shares.iter().map(|share| share.playlist.clone());
        let Some(list) = withdrawal_lists::least_shared(self.content, period_of(plan.month), lists) else { return Ok(None) };
        let (site, Text { vi, en }) = (&plan.site, named(&plan.title, period_of(plan.month), &gone));
        let cause = text!(vi: "{site}: {vi}", en: "{site}: {en}");
        Ok(Some(Diagnostic::error("withdrawn-program", list.place.clone(), cause, remedy(list))))
    }
}

fn period_of(month: Option<Month>) -> Period {
    month.map_or(Period::Evergreen, Period::Month)
}

fn plays_alike(timetable: &Manifest, filed: &Manifest) -> bool {
    let spans = |of: &Manifest| of.screens.iter().map(|screen| (screen.id.clone(), screen.spans.clone())).collect::<Vec<_>>();
    let head = |of: &Manifest| (of.month, of.revision, of.title.clone(), of.languages.clone(), of.roles.clone());
    head(timetable) == head(filed) && timetable.loops == filed.loops && spans(timetable) == spans(filed)
}

fn named(title: &str, period: Period, Text { vi, en }: &Text) -> Text {
    let (title, Text { vi: vi_period, en: en_period }) = (printable(title), period.name());
    text!(vi: "cả chương trình “{title}” ({vi_period}) {vi}", en: "the whole program “{title}” ({en_period}) {en}")
}

fn remedy(list: &Playlist) -> Text {
    let (path, next) = (&list.place.path, list.revision + 1);
    text!(
        vi: "sửa nội dung, hoặc nếu thu hồi nhầm thì ghi `revision: {next}` trong {path}, rồi duyệt lại",
        en: "correct the content, or, if it was withdrawn by mistake, write `revision: {next}` in {path}, and have it approved"
    )
}
