//! Starts the browser of the person at this machine.
//! Never waits for it.

use std::process::{Command, Stdio};

use super::os;

/// Starts the first browser of `$BROWSER` (commands separated by colons; `%s` is the address), else the system's. Ignores a failure: the
/// address has been printed. `environment`: the variables of the process.
pub fn open(environment: &[(String, String)], url: &str) {
    let chosen = environment.iter().find(|(name, value)| name == "BROWSER" && !value.is_empty()).map(|(_, value)| value.as_str());
    let line = chosen.and_then(|all| all.split(':').next()).unwrap_or(os::BROWSER);
    let mut words: Vec<String> = line.split_whitespace().map(|word| word.replace("%s", url)).collect();
    if !line.contains("%s") {
        words.push(url.to_owned());
    }
    if let Some((program, args)) = words.split_first() {
        let _ = Command::new(program).args(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    }
}
