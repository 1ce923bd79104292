//! What a withdrawal did: statement by statement, and what it left.
//! Never signs.

use super::filed::FiledProgram;
use crate::base::failure::Failure;
use crate::base::text::Text;

/// The result of a withdrawal.
pub struct Withdrawn<'a> {
    pub done: Vec<(WithdrawalOutcome, Vec<&'a FiledProgram>)>,
    /// The programs that keep what was to be taken, and why.
    pub left: Vec<(&'a FiledProgram, Text)>,
    /// The programs of which slides were named and that are gone whole, by these statements.
    pub gone: Vec<(&'a FiledProgram, u64)>,
}

impl<'a> Withdrawn<'a> {
    /// Whether some statement has all its signatures.
    pub fn any_complete(&self) -> bool {
        self.done.iter().any(|(outcome, _)| outcome.missing_signatures == 0)
    }

    /// Fails where a statement has no effect for want of signatures.
    pub fn ensure_signed(&self) -> Result<(), Failure> {
        let waiting = self.done.iter().filter(|(outcome, _)| outcome.missing_signatures > 0);
        let waiting = waiting.map(|(outcome, _)| outcome.number.to_string()).collect::<Vec<_>>().join(", ");
        if waiting.is_empty() {
            return Ok(());
        }
        Err(Failure::Refused(crate::text!(
            vi: "văn bản thu hồi số {waiting} chưa có hiệu lực, vì còn thiếu chữ ký của người khác",
            en: "withdrawal {waiting} is not in force yet, since others have still to sign"
        )))
    }

    /// What stands before the command that adds the signatures that are lacking, and before the one that takes what is left: in which order they
    /// are run, if both are needed.
    pub fn steps(&self) -> (Text, Text) {
        if self.left.is_empty() || self.ensure_signed().is_ok() {
            return (crate::text!(vi: "", en: ""), crate::text!(vi: "", en: ""));
        }
        (crate::text!(vi: "Bước 1: ", en: "Step 1: "), crate::text!(vi: "Bước 2, sau bước 1: ", en: "Step 2, after step 1: "))
    }

    /// That what was signed is to be committed.
    pub fn to_commit(&self) -> Option<Text> {
        let signed = self.done.iter().any(|(outcome, _)| outcome.action != WithdrawalAction::Already);
        signed.then(|| crate::text!(vi: "Ghi thư mục trust/withdrawals vào git (git commit)", en: "Commit the folder trust/withdrawals"))
    }

    /// The programs of those statements that have all their signatures, or of the others.
    pub fn programs(&self, complete: bool) -> impl Iterator<Item = &'a FiledProgram> {
        let these = self.done.iter().filter(move |(outcome, _)| (outcome.missing_signatures == 0) == complete);
        these.flat_map(|(_, programs)| programs).copied()
    }
}

/// What was done about one statement.
pub struct WithdrawalOutcome {
    pub number: u64,
    pub action: WithdrawalAction,
    /// How many holders of its role have yet to sign.
    pub missing_signatures: u64,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WithdrawalAction {
    New,
    /// Added a signature to a statement that was there.
    Joined,
    /// Nothing: this key has signed already, or earlier withdrawals cover the request.
    Already,
}
