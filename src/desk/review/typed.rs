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

/// Whether a review reads standard input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyboard {
    /// Lines are answers.
    Read,
    /// Nothing is asked: what is there belongs to others.
    Untouched,
}

/// A channel that receives the lines of standard input, if it is read; the sender may be used for further events.
pub fn events(keyboard: Keyboard) -> (Sender<InputEvent>, Receiver<InputEvent>) {
    let (sender, receiver) = mpsc::channel();
    if keyboard == Keyboard::Untouched {
        return (sender, receiver);
    }
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
