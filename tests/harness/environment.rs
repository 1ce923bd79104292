//! The environment of the commands that tests run: without what changes their words and deeds. The list in the file `environment` beside this one is
//! that of the long scripts, the browser tests and the benchmarks too. Never changes the environment of the tests themselves.

use std::process::Command;
use std::sync::OnceLock;

const LIST: &str = include_str!("environment");

/// A variable, and what takes its place; `None`: nothing does.
pub type Change = (String, Option<String>);

/// Gives the command nothing of what the list names.
pub fn clean(command: &mut Command) {
    static CHANGES: OnceLock<Vec<Change>> = OnceLock::new();
    let all = CHANGES.get_or_init(|| changes(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect()));
    for (name, value) in all {
        match value {
            None => command.env_remove(name),
            Some(value) => command.env(name, value),
        };
    }
}

/// What the list changes in an environment that has these variables.
pub fn changes(present: Vec<String>) -> Vec<Change> {
    let mut all = Vec::new();
    for (verb, words) in LIST.lines().filter_map(|line| line.split_once(' ')) {
        for word in words.split(' ') {
            let start = word.strip_prefix("${!").and_then(|rest| rest.strip_suffix("@}"));
            match (verb, start, word.split_once('=')) {
                ("unset", Some(start), _) => {
                    all.extend(present.iter().filter(|name| name.starts_with(start)).map(|name| (name.clone(), None)));
                }
                ("unset", None, _) => all.push((word.to_owned(), None)),
                ("export", _, Some((name, value))) => all.push((name.to_owned(), Some(value.to_owned()))),
                _ => {}
            }
        }
    }
    all
}
