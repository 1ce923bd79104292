//! What happens while a reviewer reads, on one channel: pages that are opened, lines that are typed.
//! Never judges a line.

use std::io::BufRead as _;
use std::sync::mpsc::{self, Receiver, Sender};

/// What happens while a reviewer reads.
pub enum InputEvent {
    /// A page was opened that had not been.
    Opened,
    /// A line was typed.
    Line(String),
    /// Standard input has ended: nobody will type any more.
    End,
}

/// A channel on which lines of standard input arrive, and whatever else is given the sender.
pub fn events() -> (Sender<InputEvent>, Receiver<InputEvent>) {
    let (sender, receiver) = mpsc::channel();
    let typed = sender.clone();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if typed.send(InputEvent::Line(line)).is_err() {
                return;
            }
        }
        let _ = typed.send(InputEvent::End);
    });
    (sender, receiver)
}
