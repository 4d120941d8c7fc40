//! The keys with which a watched episode is paused, shown step by step, and ended.
//!
//! They need a terminal on both sides. It is read key by key, without echo, until the controls are dropped.

use std::io::{self, IsTerminal, Read, Write};
use std::process;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    /// Pauses, or goes on.
    Pause,
    /// Shows the next step and pauses after it.
    Step,
    /// Ends the episode.
    End,
}

/// The byte of Ctrl-C in a terminal that does not turn it into a signal.
const CTRL_C: u8 = 3;

/// The exit code of a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

impl Key {
    fn of(byte: u8) -> Option<Self> {
        match byte {
            b' ' | b'p' => Some(Self::Pause),
            b'n' | b'\r' | b'\n' => Some(Self::Step),
            b'q' => Some(Self::End),
            _ => None,
        }
    }
}

/// The keys, and whether the episode is paused.
pub struct Controls {
    keys: Receiver<Key>,
    is_paused: bool,
    /// Restores the terminal.
    _terminal: RawTerminal,
}

impl Controls {
    /// The controls of this terminal; `None` if standard input is none. With `is_paused` only the first step is shown
    /// without a key.
    pub fn open(is_paused: bool) -> Option<Self> {
        if !io::stdin().is_terminal() {
            return None;
        }
        let terminal = RawTerminal::open().ok()?;
        let before = terminal.before.clone();
        let (sender, keys) = mpsc::channel();
        // The thread waits for a key until the program ends.
        thread::spawn(move || {
            for byte in io::stdin().lock().bytes().map_while(Result::ok) {
                if byte == CTRL_C {
                    restore(&before);
                    process::exit(INTERRUPTED);
                }
                if Key::of(byte).is_some_and(|key| sender.send(key).is_err()) {
                    break;
                }
            }
        });
        Some(Self { keys, is_paused, _terminal: terminal })
    }

    /// Waits until the next step is to be shown: for `delay`, or in a pause for a key. Returns false if the episode is
    /// to end. `out` says what the keys do.
    ///
    /// # Errors
    /// If `out` cannot be written.
    pub fn wait(&mut self, delay: Duration, out: &mut dyn Write) -> io::Result<bool> {
        let end = Instant::now() + delay;
        loop {
            let text = if self.is_paused { "paused; space: go on" } else { "space: pause" };
            write!(out, "\r\x1b[K{text}, n: next step, q: end")?;
            out.flush()?;
            let key = if self.is_paused {
                self.keys.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                self.keys.recv_timeout(end.saturating_duration_since(Instant::now()))
            };
            match key {
                Ok(Key::Pause) => self.is_paused = !self.is_paused,
                Ok(Key::Step) => {
                    self.is_paused = true;
                    return Ok(true);
                }
                Ok(Key::End) => return Ok(false),
                Err(RecvTimeoutError::Timeout) => return Ok(true),
                // The terminal is gone: nobody can press a key.
                Err(RecvTimeoutError::Disconnected) => {
                    thread::sleep(end.saturating_duration_since(Instant::now()));
                    return Ok(!self.is_paused);
                }
            }
        }
    }
}

/// A terminal that is read key by key, until this is dropped.
struct RawTerminal {
    before: Termios,
}

impl RawTerminal {
    fn open() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut raw = before.clone();
        // Ctrl-C is a key too, so that it restores the terminal.
        raw.local_modes -= LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
        tcsetattr(io::stdin(), OptionalActions::Now, &raw)?;
        Ok(Self { before })
    }
}

impl Drop for RawTerminal {
    fn drop(&mut self) {
        restore(&self.before);
    }
}

/// An error here follows one of the terminal itself.
fn restore(before: &Termios) {
    let _ = tcsetattr(io::stdin(), OptionalActions::Now, before);
}
