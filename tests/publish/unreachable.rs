//! A store that can't be reached, or something else that answers in its place: how long the office waits, what is said meanwhile, and that a
//! withdrawal is signed all the same.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::commands::Province;
use super::servers::{Nginx, nginx, publish_args};
use crate::harness::tree;

#[test]
fn an_address_that_does_not_answer_is_given_up_after_ten_seconds_and_named_meanwhile() {
    let province = Province::approved();
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

/// What answers at the address of a store and is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    /// A login page to everything, as of a hotel's network.
    Page,
    /// A page without an end.
    Endless,
    /// A page of one byte in five seconds.
    Dripping,
    /// The connection is taken, and no answer given.
    Silent,
    Status(&'static str),
}

/// Answers every request wrongly, until the test ends.
fn wrong_server(wrong: Wrong) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || listener.incoming().flatten().for_each(|stream| drop(std::thread::spawn(move || answer(stream, wrong)))));
    url
}

fn answer(mut stream: TcpStream, wrong: Wrong) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read_exact(&mut byte).is_err() {
            return;
        }
        head.push(byte[0]);
    }
    let page = "<html>Đăng nhập mạng</html>";
    let length =
        |bytes: usize| format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {bytes}\r\nConnection: close\r\n\r\n");
    let mut send = |bytes: &str| stream.write_all(bytes.as_bytes()).is_ok();
    match wrong {
        Wrong::Page => {
            let _ = send(&(length(page.len()) + page));
        }
        Wrong::Endless => {
            let _ = send(&length(1 << 40));
            while send(page) {}
        }
        Wrong::Dripping => {
            let _ = send(&length(1 << 20));
            while send("<") {
                std::thread::sleep(Duration::from_secs(5));
            }
        }
        Wrong::Silent => std::thread::sleep(Duration::from_secs(600)),
        Wrong::Status(status) => {
            let _ =
                send(&format!("HTTP/1.1 {status}\r\nLocation: http://127.0.0.1:1/login\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        }
    }
}

#[test]
fn a95_an_address_that_answers_wrongly_keeps_no_withdrawal_from_being_signed() {
    let province = Province::approved();
    province.publish(&["--key", "keys/publish"]).success();
    let statuses = ["500 Oops", "503 Busy", "302 Found", "307 Away", "403 No", "204 Nothing"].map(Wrong::Status);
    let all = [[Wrong::Page, Wrong::Endless, Wrong::Dripping, Wrong::Silent].as_slice(), &statuses].concat();
    let copies: Vec<_> = all.into_iter().enumerate().map(|(at, wrong)| (format!("copy-{at}"), wrong)).collect();
    for (copy, _) in &copies {
        province.0.run("cp", &["-r", "content", copy]).success();
    }
    std::thread::scope(|scope| {
        copies.iter().for_each(|(copy, wrong)| drop(scope.spawn(|| is_signed_all_the_same(&province, copy, *wrong))));
    });
}

fn is_signed_all_the_same(province: &Province, content: &str, wrong: Wrong) {
    let (url, began) = (wrong_server(wrong), Instant::now());
    let run = |args: &[&str]| province.0.bangtin(&[&["--content", content], args, &["--now", "2026-12-01T09:00"]].concat());
    let what = ["withdraw", "--slide", "du-lich/ban-gioc", "--reason", "sai", "--key", "keys/lan"];
    let said = run(&[what.as_slice(), &["--to", &url]].concat());
    // Each of two looks waits twelve seconds; a silent server took 242.
    assert!(began.elapsed() < Duration::from_secs(60), "{wrong:?}: {:?}", began.elapsed());
    let later = format!("bangtin withdraw --withdrawal 1 --key keys/lan --to {url}\n");
    let said = said.code(3).stdout_has("Signed withdrawal 1").stderr_has("SIGNED, NOT SENT").stderr_has(&later);
    assert!(!said.stderr.contains("git pull"), "{wrong:?}: {}", said.stderr);
    // The command that it gives, once the address is right. A copy signed number 1 for itself: the store takes that of one.
    if wrong == Wrong::Page {
        run(&["withdraw", "--withdrawal", "1", "--key", "keys/lan", "--to", "store"]).success().stdout_has("Withdrawal 1 is in");
    }
}

#[test]
fn a_server_that_is_silent_or_drips_is_given_up_after_half_a_minute() {
    let province = Province::approved();
    province.publish(&["--key", "keys/publish"]).success();
    let (url, dripping) = (wrong_server(Wrong::Silent), wrong_server(Wrong::Dripping));
    let (publish, drips) = (publish_args(&url, &[]), publish_args(&dripping, &["--archive", "another"]));
    let verify = ["verify", &url, "--at", "2026-12-03T10:15"];
    let check = ["store", "check", &url];
    let verify_drips = ["verify", &dripping, "--at", "2026-12-03T10:15"];
    let commands = [publish.as_slice(), &verify, &verify_drips, &check, &["store", "check", &url, "--site", "ta-lung"], &drips];
    let is_given_up = |command: &[&str]| {
        let began = Instant::now();
        let said = province.0.bangtin(command).code(3);
        assert!(began.elapsed() < Duration::from_secs(45), "{command:?}: {:?}: {}", began.elapsed(), said.stderr);
        assert!(said.stderr.contains(&url) || said.stderr.contains(&dripping), "{command:?}: {}", said.stderr);
    };
    std::thread::scope(|scope| commands.iter().for_each(|command| drop(scope.spawn(|| is_given_up(command)))));
}

#[test]
fn a95_a_server_that_keeps_nothing_of_what_it_takes_is_not_believed() {
    let province = Province::approved();
    province.publish(&["--key", "keys/publish"]).success();
    let server = nginx(&province.0, Nginx::Forgetful);
    province.0.run("cp", &["-r", "store/.", "dav/"]).success();
    let withdraw = ["withdraw", "--slide", "du-lich/ban-gioc", "--reason", "sai", "--key", "keys/lan", "--now", "2026-12-01T09:00"];
    let said = server.bangtin(&province.0, &[withdraw.as_slice(), &["--to", &server.url]].concat()).code(3);
    let said = said.stderr_has("SIGNED, NOT SENT").stderr_has("the server took the files, but does not give back withdrawal 1");
    assert!(!said.stdout.contains("is in http") && !said.stdout.contains("nothing has been published"), "{}", said.stdout);
    server.bangtin(&province.0, &["withdraw", "--withdrawal", "1", "--key", "keys/lan", "--to", &server.url]).code(3);
    let news = ["publish", "--to", &server.url, "--key", "keys/publish", "--now", "2026-12-01T09:00"];
    let said = server.bangtin(&province.0, &news).code(3).stderr_has("does not give back withdrawal 1");
    assert!(!said.stdout.contains("is in http"), "{}", said.stdout);
    // The command that it gives, once the server keeps what it takes.
    province.0.bangtin(&["withdraw", "--withdrawal", "1", "--key", "keys/lan", "--to", "store"]).success().stdout_has("Withdrawal 1 is in");
}

#[test]
fn a_withdrawal_that_did_not_arrive_is_in_no_hint_and_leaves_no_file() {
    let province = Province::approved();
    province.publish(&["--key", "keys/publish"]).success();
    let server = nginx(&province.0, Nginx::Motionless);
    province.0.run("cp", &["-r", "store/.", "dav/"]).success();
    let withdraw = ["withdraw", "--slide", "du-lich/ban-gioc", "--reason", "sai", "--key", "keys/lan", "--now", "2026-12-01T09:00"];
    let said = server.bangtin(&province.0, &[withdraw.as_slice(), &["--to", &server.url]].concat()).code(3);
    said.stderr_has("SIGNED, NOT SENT").stderr_has("does not give back withdrawal 1");
    let mut there = tree(&province.0.path("dav"));
    there.remove(".keep");
    assert_eq!(there, tree(&province.0.path("store")), "the hint as it was, and no temporary file");
}

#[test]
fn a_server_that_keeps_no_release_is_named_and_not_another_publisher() {
    let province = Province::approved();
    let server = nginx(&province.0, Nginx::Forgetful);
    let said = server.publish(&province, &[]).code(3).stderr_has("does not give it back").stderr_has("nobody else has published");
    assert!(!said.stdout.contains("published 1-1") && !said.stderr.contains("somebody else"), "{}", said.stderr);
    // An empty file in the place of one.
    let built = province.0.bangtin(&["build", "--month", "2026-12", "--site", "ta-lung", "--out", "out"]).success().stdout;
    let program = &built[..64];
    province.0.write(&format!("store/programs/{program}.json"), "");
    let file = format!("programs/{program}.json");
    let said = province.publish(&["--key", "keys/publish"]).code(3).stderr_has(&format!("{file} is an empty file, and nobody else"));
    assert!(!said.stderr.contains("somebody else") && !said.stderr.contains("server"), "{}", said.stderr);
    // So too in the archive, which is written first.
    std::fs::remove_file(province.0.path(&format!("store/{file}"))).unwrap();
    province.0.write(&format!("archive/{file}"), "");
    province.publish(&["--key", "keys/publish"]).code(3).stderr_has("Remove that file and run the command again");
    std::fs::remove_file(province.0.path(&format!("archive/{file}"))).unwrap();
    province.publish(&["--key", "keys/publish"]).success();
}
