//! Finds the marks that git leaves in a text where two versions of it were not merged.
//! Never chooses a version.

use super::text::{SourceText, TextSpan};
use crate::base::diagnostic::Diagnostic;
use crate::base::limits::MAX_FAULTS_PER_FILE;
use crate::text;

/// A mark at the start of a line: seven times the same sign (git's default), then nothing or a space and a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// `<<<<<<< HEAD`.
    Start,
    /// `||||||| base`, in the style diff3.
    Base,
    /// `=======`.
    Middle,
    /// `>>>>>>> branch`.
    End,
}

/// One fault for each conflict. `=======` counts only inside one: elsewhere it may underline a heading.
pub fn check(file: &SourceText) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut open: Option<(u32, u32)> = None;
    for (number, line) in (1..).zip(file.text().split('\n')) {
        match (mark(line), &mut open) {
            (Some(Mark::Start), _) => found.extend(open.replace((number, number))),
            (Some(Mark::End), _) => found.push((open.take().map_or(number, |(first, _)| first), number)),
            (Some(_), Some((_, last))) => *last = number,
            // A row of empty cells has no name behind its bars.
            (Some(Mark::Base), None) if line.len() > 8 && !line[8..].contains('|') => found.push((number, number)),
            _ => {}
        }
    }
    found.extend(open);
    found.into_iter().take(MAX_FAULTS_PER_FILE).map(|(first, last)| fault(file, first, last)).collect()
}

fn mark(line: &str) -> Option<Mark> {
    let kind = match line.as_bytes().first()? {
        b'<' => Mark::Start,
        b'|' => Mark::Base,
        b'=' => Mark::Middle,
        b'>' => Mark::End,
        _ => return None,
    };
    let sign = &line[..1];
    let rest = line.trim_start_matches(sign);
    let seven = line.len() - rest.len() == 7;
    let plain = rest.trim_end().is_empty() || (rest.starts_with(' ') && kind != Mark::Middle);
    (seven && plain).then_some(kind)
}

fn fault(file: &SourceText, first: u32, last: u32) -> Diagnostic {
    let place = file.location(TextSpan { line: first, column: 1, length: 7 });
    let cause = if first == last {
        text!(vi: "dấu xung đột của git ở dòng {first}", en: "a conflict mark of git on line {first}")
    } else {
        text!(
            vi: "dấu xung đột của git, dòng {first} đến {last}: hai bản của đoạn này chưa được gộp",
            en: "conflict marks of git, lines {first} to {last}: two versions of this passage are not merged"
        )
    };
    Diagnostic::error(
        "conflict-marks",
        place,
        cause,
        text!(
            vi: "giữ lại bản đúng, xóa bản kia và các dòng <<<<<<<, =======, >>>>>>> (|||||||), rồi git add và git commit",
            en: "keep the right version, delete the other and the lines <<<<<<<, =======, >>>>>>> (|||||||), then git add and git commit"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(u32, String)> {
        check(&SourceText::new("a.md", text)).iter().map(|fault| (fault.place.line, fault.cause.en.clone())).collect()
    }

    #[test]
    fn each_conflict_is_told_once_with_its_lines() {
        let two = "a\n<<<<<<< HEAD\nb\n||||||| 12ab\nc\n=======\nd\n>>>>>>> x\ne\n<<<<<<< a\n=======\r\n>>>>>>> b\n";
        let found = lines(two);
        assert_eq!(found.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 10]);
        assert!(found[0].1.contains("lines 2 to 8") && found[1].1.contains("lines 10 to 12"), "{found:?}");
        for (left, line) in
            [("a\n>>>>>>> x\n", 2), ("<<<<<<<\na\n", 1), ("a\n=======\nb\n>>>>>>> x", 4), ("||||||| merged common ancestors\n", 1)]
        {
            assert_eq!(lines(left).iter().map(|(line, _)| *line).collect::<Vec<_>>(), [line], "{left}");
        }
        assert_eq!(lines("<<<<<<< a\nb\n<<<<<<< c\nd\n>>>>>>> e\n").len(), 2);
    }

    #[test]
    fn what_only_looks_like_a_mark_is_none() {
        for text in
            ["Tên\n=======\n", "======= a", "<<<<<<<<", ">>>>>> a", " <<<<<<< a", "<<<<<<<a", "|||||||", "||||||| a | b |", "> > > a"]
        {
            assert_eq!(lines(text), [], "{text}");
        }
    }
}
