//! One channel for the events of a review: pages opened and lines typed.
//! Never judges a line.

use std::io::BufRead as _;
use std::sync::mpsc::{self, Receiver, Sender};

/// An event of a review.
pub enum InputEvent {
    /// A page was opened for the first time, or the review page knows that none is left.
    Opened,
    Line(String),
    /// Standard input has ended: no line will follow.
    End,
}

/// A channel that receives the lines of standard input; the sender may be used for further events.
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
