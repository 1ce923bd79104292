//! Starts the browser of the person at this machine.
//! Never waits for it.

use super::context::Context;

/// Starts the browser: the first of `$BROWSER` (commands with colons between; `%s` stands for the address), else the system's. One that
/// does not start is no reason to end: the address has been printed.
pub fn open(context: &Context, url: &str) {
    let chosen = context.environment.iter().find(|(name, value)| name == "BROWSER" && !value.is_empty()).map(|(_, value)| value.as_str());
    let line = chosen.and_then(|all| all.split(':').next()).unwrap_or(if cfg!(target_os = "macos") { "open" } else { "xdg-open" });
    let mut words: Vec<String> = line.split_whitespace().map(|word| word.replace("%s", url)).collect();
    if !line.contains("%s") {
        words.push(url.to_owned());
    }
    let mut browser = std::process::Command::new(&words[0]);
    let _ = browser.args(&words[1..]).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn();
}
