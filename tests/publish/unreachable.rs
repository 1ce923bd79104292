//! A store that can't be reached: how long the office waits for it, and what is said meanwhile.

use std::io::Read as _;
use std::net::TcpListener;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::commands::Province;
use super::servers::{approved, publish_args};

#[test]
fn an_address_that_does_not_answer_is_given_up_after_ten_seconds_and_named_meanwhile() {
    let province = approved();
    // Connections are taken by the system, and nobody ever answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", silent.local_addr().unwrap());
    let commands = [publish_args(&url, &[]).join(" "), format!("trust publish --to {url}")];
    std::thread::scope(|scope| commands.iter().for_each(|command| drop(scope.spawn(|| is_given_up(&province, command, &url)))));
}

fn is_given_up(province: &Province, command: &str, url: &str) {
    let line = format!("{} {command}", env!("CARGO_BIN_EXE_bangtin"));
    let began = Instant::now();
    let mut command = province.0.command("script", &["-qec", &line, "/dev/null"]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(3), "{said}");
    // Three attempts to connect took 51 seconds.
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}: {said}", began.elapsed());
    let waits = said.find(&format!("waiting for the store {url} to answer …")).unwrap_or_else(|| panic!("{said}"));
    assert!(said[waits..].contains("check the network and the address"), "{said}");
}
