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
    let tell = |text: &Text| {
        crate::out!("{}", text.get(context.lang));
        output::flush();
    };
    tell(question);
    let typed = || -> Result<Option<String>, Failure> {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).map_err(|error| Failure::External(failure::system(&error)))?;
        Ok(Some(line))
    };
    is_yes(typed, tell)
}

/// Whether a person who was asked types a yes; asks again after an answer that is none, however often. `typed`: the next line; `None` once no more
/// will come.
pub fn is_yes(mut typed: impl FnMut() -> Result<Option<String>, Failure>, mut tell: impl FnMut(&Text)) -> Result<bool, Failure> {
    let mut answers = std::iter::repeat_with(|| Ok(typed()?.map_or(Answer::No, |line| Answer::of(&line))));
    let clear = answers.find_map(|answer| match answer {
        Ok(Answer::Unclear) => {
            tell(&crate::text!(vi: "Gõ c (có) hoặc k (không): ", en: "Type y (yes) or n (no): "));
            None
        }
        Ok(clear) => Some(Ok(clear == Answer::Yes)),
        Err(failure) => Some(Err(failure)),
    });
    clear.unwrap_or(Ok(false))
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

/// What a person has typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Yes,
    /// An empty line and the end of the input too.
    No,
    /// Neither: a slip must not cost a reviewer what was opened.
    Unclear,
}

impl Answer {
    /// Reads a line, in either language.
    fn of(line: &str) -> Self {
        match line.trim().to_lowercase().as_str() {
            "y" | "yes" | "c" | "có" | "co" => Self::Yes,
            "" | "n" | "no" | "k" | "không" | "khong" => Self::No,
            _ => Self::Unclear,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_none_is_asked_for_again() {
        let many = vec!["x\n"; 100_000];
        let cases: [(&[&str], bool, usize); 7] = [
            (&["c\n"], true, 0),
            (&["x\n", "ký\n", "Có\n"], true, 2),
            (&["\n"], false, 0),
            (&["?\n", "K\n"], false, 1),
            (&["1\n"], false, 1),
            (&many, false, many.len()),
            (&[], false, 0),
        ];
        for (lines, yes, again) in cases {
            let (mut left, mut asked) = (lines.iter(), 0);
            let answer = is_yes(|| Ok(left.next().map(|line| (*line).to_owned())), |_| asked += 1);
            assert_eq!((answer.unwrap(), asked), (yes, again), "{:?}", &lines[..lines.len().min(9)]);
        }
    }
}

/// Whether the command line has already said yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// `--yes`
    Given,
    Ask,
}
