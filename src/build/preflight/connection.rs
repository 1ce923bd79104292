//! Speaks the DevTools protocol with a browser over two pipes: calls with their answers, and events, each for the session that it concerns.
//! Never waits longer than its patience; what it does not know in a message it passes over.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::process::{ChildStdin, ChildStdout};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::base::limits::BROWSER_MESSAGE_BYTES;
use crate::base::lock::MutexExt as _;

/// Why a browser did not do what it was asked for.
#[derive(Debug, PartialEq, Eq)]
pub enum BrowserError {
    /// It is gone, or its page crashed.
    Ended,
    /// It did not answer this call in time.
    Silent(String),
    /// It says no, in these words.
    Refused(String),
}

/// Both pipes of a browser.
pub struct Connection {
    input: Mutex<ChildStdin>,
    next: AtomicU64,
    /// Where the messages of a session go; `None` once the browser is gone.
    routes: Mutex<Option<HashMap<String, Sender<Value>>>>,
    /// Longest time until an answer.
    patience: Duration,
}

/// What a browser is told in one session: the browser's own has an empty id, every other one is a tab's.
pub struct Session {
    connection: Arc<Connection>,
    id: String,
    inbox: Receiver<Value>,
}

/// Sees the events that arrive while a call waits for its answer.
pub type OnEvent<'a> = dyn Fn(&str, &Value) -> Result<(), BrowserError> + 'a;

impl Connection {
    /// Begins to read what the browser writes.
    pub fn new(input: ChildStdin, output: ChildStdout, patience: Duration) -> io::Result<Arc<Self>> {
        let routes = Mutex::new(Some(HashMap::new()));
        let connection = Arc::new(Self { input: Mutex::new(input), next: AtomicU64::new(1), routes, patience });
        let reader = Arc::clone(&connection);
        std::thread::Builder::new().name("browser".into()).spawn(move || {
            let mut output = BufReader::new(output);
            while let Some(message) = next_message(&mut output) {
                reader.deliver(message);
            }
            *reader.routes.hold() = None;
        })?;
        Ok(connection)
    }

    /// Opens the session with this id.
    pub fn session(self: &Arc<Self>, id: &str) -> Session {
        let (sender, inbox) = mpsc::channel();
        if let Some(routes) = &mut *self.routes.hold() {
            routes.insert(id.to_owned(), sender);
        }
        Session { connection: Arc::clone(self), id: id.to_owned(), inbox }
    }

    fn deliver(&self, message: Value) {
        let session = message["sessionId"].as_str().unwrap_or_default();
        if let Some(receiver) = self.routes.hold().as_ref().and_then(|routes| routes.get(session)) {
            let _ = receiver.send(message);
        }
    }

    fn send(&self, session: &str, method: &str, params: Value) -> Result<u64, BrowserError> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let mut message = json!({ "id": id, "method": method, "params": params });
        if !session.is_empty() {
            message["sessionId"] = session.into();
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.input.hold().write_all(&bytes).map_err(|_| BrowserError::Ended)?;
        Ok(id)
    }
}

impl Session {
    /// Calls a method and waits for its result.
    pub fn call(&self, method: &str, params: Value) -> Result<Value, BrowserError> {
        self.call_with(method, params, &|_, _| Ok(()))
    }

    /// Calls a method, and handles what happens until its result is there.
    pub fn call_with(&self, method: &str, params: Value, on_event: &OnEvent<'_>) -> Result<Value, BrowserError> {
        let id = self.tell(method, params)?;
        let until = Instant::now() + self.connection.patience;
        loop {
            let mut message = self.inbox.recv_timeout(until.saturating_duration_since(Instant::now())).map_err(|error| match error {
                RecvTimeoutError::Timeout => BrowserError::Silent(method.to_owned()),
                RecvTimeoutError::Disconnected => BrowserError::Ended,
            })?;
            if message["id"].as_u64() == Some(id) {
                let refusal = message["error"]["message"].as_str().map(|why| BrowserError::Refused(format!("{method}: {why}")));
                return refusal.map_or_else(|| Ok(message["result"].take()), Err);
            }
            match message["method"].as_str() {
                Some("Inspector.targetCrashed" | "Inspector.detached") => return Err(BrowserError::Ended),
                Some(event) => on_event(event, &message["params"])?,
                None => {}
            }
        }
    }

    /// Calls a method whose answer does not matter.
    pub fn tell(&self, method: &str, params: Value) -> Result<u64, BrowserError> {
        self.connection.send(&self.id, method, params)
    }

    /// The session with this id over the same pipes.
    pub fn other(&self, id: &str) -> Self {
        self.connection.session(id)
    }
}

/// The next message, which ends with NUL; `None` at the end, and where it is no JSON or longer than any that a browser writes.
fn next_message(output: &mut impl BufRead) -> Option<Value> {
    let mut bytes = Vec::new();
    output.take(BROWSER_MESSAGE_BYTES).read_until(0, &mut bytes).ok()?;
    serde_json::from_slice(bytes.strip_suffix(&[0])?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_end_with_a_zero_and_nothing_else_is_read() {
        let mut whole: &[u8] = b"{\"id\":1}\0{\"method\":\"a\",\"x\":[\"new\"]}\0{\"id\":2}";
        assert_eq!(next_message(&mut whole), Some(json!({ "id": 1 })));
        assert_eq!(next_message(&mut whole).unwrap()["method"], "a");
        assert_eq!(next_message(&mut whole), None, "cut off");
        assert_eq!(next_message(&mut &b"no json\0"[..]), None);
        assert_eq!(next_message(&mut &b""[..]), None);
    }
}
