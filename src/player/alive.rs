//! Whether the player still does its work: a panic in any thread ends the process, and systemd's watchdog hears from it only while it works.
//! Asks a running player how it is, as others would. Never restarts anything: systemd does.

use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::base::files;
use crate::base::limits::SMALL_DOCUMENT_BYTES;
use crate::base::os;
use crate::base::text::Text;
use crate::player::config::Config;
use crate::player::show::health::Health;

/// Exit code after a panic: the one that Rust gives to a panic of the main thread.
const PANICKED: i32 = 101;
/// Exit code of what is refused.
const REFUSED: i32 = 1;
/// How long the own server may take to answer.
const ANSWER: Duration = Duration::from_secs(5);

/// Longest time that a request of a look may take; see `pull::http_client`.
const REQUEST_TIME: Duration = Duration::from_secs(300);

/// From now on a panic in any thread ends the process with a message: the other threads would go on as if nothing were missing.
pub fn end_on_panic() {
    std::panic::set_hook(Box::new(|panic| {
        let thread = std::thread::current();
        crate::logln!("thread {}: {panic}; the player ends", thread.name().unwrap_or("?"));
        std::process::exit(PANICKED)
    }));
}

/// Ends the process at once with a message: its data folder is another player's now, where nothing may be written any more. The exit code is that
/// of a start that is refused.
pub fn end(reason: &Text) -> ! {
    crate::logln!("{}", reason.en);
    std::process::exit(REFUSED)
}

/// Feeds the watchdog, if systemd waits for that, whenever `works` holds: three times in the time that it waits.
pub fn feed_while(works: impl Fn() -> bool + Send + 'static) -> io::Result<()> {
    let Some(limit) = os::watchdog() else { return Ok(()) };
    let feed = move || {
        loop {
            if works() {
                os::feed_watchdog();
            }
            std::thread::sleep(limit / 3);
        }
    };
    std::thread::Builder::new().name("watchdog".into()).spawn(feed).map(drop)
}

/// Whether looks go on and the server answers. `silence`: since the start, or the last sign of life of a look, one of which is due every `poll`.
/// `server`: the address of the loopback server, once there is one; it is bound before the store is read.
pub fn works(silence: Duration, poll: Duration, server: Option<SocketAddr>) -> bool {
    silence < poll + REQUEST_TIME && server.is_none_or(answers)
}

/// Whether the loopback server at this address answers a browser.
fn answers(address: SocketAddr) -> bool {
    get(address, "/clock").is_ok()
}

/// How the player is that runs by this configuration, and the moment by its time, in Unix milliseconds. `None` if none answers at the address
/// that the configuration names, or another one does.
pub fn ask(config: &Config) -> Option<(Health, i64)> {
    let read = |path: &str| get(config.listen, path).ok().filter(|_| config.listen.port() != 0);
    let health = Health::parse(&config.health_path(), &read("/health.json")?).ok()?;
    let clock: serde_json::Value = serde_json::from_slice(&read("/clock")?).ok()?;
    let own = (&health.site, &health.player) == (&config.site, &config.player);
    own.then_some((health, clock.get("now")?.as_i64()?))
}

/// The body of an answer of a loopback server.
fn get(address: SocketAddr, path: &str) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&address, ANSWER)?;
    stream.set_read_timeout(Some(ANSWER))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n\r\n", address.port())?;
    let answer = files::read_stream_limited(stream, SMALL_DOCUMENT_BYTES)?;
    let body = answer.windows(4).position(|window| window == b"\r\n\r\n").map(|at| answer[at + 4..].to_vec());
    body.filter(|_| answer.starts_with(b"HTTP/1.1 200")).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn f37_a_player_works_while_its_looks_go_on_and_its_server_answers() {
        let (listener, poll) = (TcpListener::bind("127.0.0.1:0").unwrap(), Duration::from_secs(60));
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                // What is left unread when it is closed would end the answer.
                let lines = BufReader::new(&client).lines().map_while(Result::ok);
                lines.take_while(|line| !line.is_empty()).for_each(drop);
                let _ = client.write_all(b"HTTP/1.1 200 OK\r\n\r\n{}");
            }
        });
        let after = |seconds: u64, server: Option<SocketAddr>| works(Duration::from_secs(seconds), poll, server);
        assert_eq!([0, 359, 360, 100_000].map(|silence| after(silence, Some(address))), [true, true, false, false]);
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert!(!after(0, Some(nobody)), "looks alone do not suffice");
        assert_eq!([359, 360].map(|silence| after(silence, None)), [true, false], "a start that hangs before it has a server is no start");
    }
}
