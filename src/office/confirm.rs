//! The last question before something is signed.
//! Never answers it: without a terminal the command line must say yes.

use std::io::IsTerminal as _;

use super::context::Context;
use crate::base::failure::{self, Failure};
use crate::base::output;
use crate::base::text::Text;

/// Whether the person says yes. Without a terminal only `--yes` counts.
pub fn confirm(context: &Context, said: Confirmation, question: &Text) -> Result<bool, Failure> {
    if said == Confirmation::Given {
        return Ok(true);
    }
    ensure_can_ask()?;
    crate::out!("{}", question.get(context.lang));
    output::flush();
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(|error| Failure::External(failure::system(&error)))?;
    Ok(is_yes(&answer))
}

/// Whether somebody can type an answer.
pub fn can_ask() -> bool {
    std::io::stdin().is_terminal()
}

/// Refuses to ask where nobody can type.
pub fn ensure_can_ask() -> Result<(), Failure> {
    if can_ask() {
        return Ok(());
    }
    Err(Failure::Usage(crate::text!(
        vi: "không hỏi lại được vì lệnh không chạy trong cửa sổ lệnh; đã đọc kỹ và đồng ý thì thêm --yes",
        en: "there is no terminal to ask at; if all was read and is right, add --yes"
    )))
}

/// Whether an answer is a yes, in either language.
pub fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "c" | "có")
}

/// Whether the command line has already said yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// `--yes`
    Given,
    Ask,
}
