//! Whether the player still does its work: a panic in any thread ends the process, and systemd's watchdog hears from it only while it works.
//! Never restarts anything: systemd does.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::base::os;

/// Exit code after a panic: the one that Rust gives to a panic of the main thread.
const PANICKED: i32 = 101;
/// How long the own server may take to answer.
const ANSWER: Duration = Duration::from_secs(5);

/// From now on a panic in any thread ends the process with a message: the other threads would go on as if nothing were missing.
pub fn end_on_panic() {
    std::panic::set_hook(Box::new(|panic| {
        let thread = std::thread::current();
        crate::logln!("thread {}: {panic}; the player ends", thread.name().unwrap_or("?"));
        std::process::exit(PANICKED)
    }));
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

/// Whether the loopback server at this address answers a browser.
pub fn answers(address: SocketAddr) -> bool {
    let ask = || -> io::Result<[u8; 12]> {
        let mut stream = TcpStream::connect_timeout(&address, ANSWER)?;
        stream.set_read_timeout(Some(ANSWER))?;
        write!(stream, "GET /clock HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n\r\n", address.port())?;
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        Ok(status)
    };
    ask().is_ok_and(|status| status == *b"HTTP/1.1 200")
}
