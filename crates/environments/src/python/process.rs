//! The process in which environments run.

use std::io::{self, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process_group};

use super::failure::{Failure, Raised};
use super::found::Found;
use super::messages::{Request, Told};
use super::settings::Settings;

const ADAPTER: &str = include_str!("adapter.py");

/// What the adapter writes first.
const GREETING: &[u8; 10] = b"ZeroLab 1\n";

/// The longest that a process may take to end by itself.
const LAST_MOMENTS: Duration = Duration::from_secs(2);

/// The least time that the start may take, in seconds: packages can be large and file systems slow.
const START: f64 = 60.0;

/// How much is kept of what the process wrote last, in bytes.
const KEPT: usize = 2000;

/// A running process. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    /// `None` when the process is to end.
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    said: Arc<Mutex<Vec<u8>>>,
    listener: Option<JoinHandle<()>>,
    timeout: f64,
}

impl Process {
    /// Starts the interpreter, makes one environment and asks of it.
    pub fn start(settings: &Settings) -> Result<(Self, Found), Failure> {
        let python = &settings.python;
        let cannot = |why: String| Failure::Start { python: python.clone(), why };
        let mut command = Command::new(python);
        // Sets have the same order in every process. What the environment prints is seen at once.
        command.args(["-u", "-c", ADAPTER]).env("PYTHONHASHSEED", "0");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Ctrl-C is for this program, which ends the process in order.
        command.process_group(0);
        let mut child = command.spawn().map_err(|error| cannot(error.to_string()))?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(requests), Some(answers), Some(errors)) = pipes else {
            return Err(cannot("it has no pipes".to_owned()));
        };
        let said = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&said);
        let mut process = Self {
            child,
            requests: Some(requests),
            answers: BufReader::with_capacity(1 << 16, answers),
            said,
            listener: Some(thread::spawn(move || listen(errors, &heard))),
            timeout: settings.step_timeout.max(START),
        };
        process.greet()?;
        let answer =
            process.ask(&Request::Describe(settings)).map_err(|failure| match failure {
                Failure::Raised(raised) => Failure::Raised(raised.with_folders(&settings.path)),
                other => other,
            })?;
        process.timeout = settings.step_timeout;
        let told: Told = serde_json::from_slice(&answer).map_err(|error| {
            Failure::Garbled(format!("a description that cannot be read: {error}"))
        })?;
        Ok((process, Found::of(told, &settings.path)))
    }

    /// Reads the first words of the adapter. What is written before them is not its own.
    fn greet(&mut self) -> Result<(), Failure> {
        let mut words = [0; GREETING.len()];
        self.read(&mut words, self.deadline())?;
        match words == *GREETING {
            true => Ok(()),
            false => {
                self.kill();
                let words = String::from_utf8_lossy(&words).into_owned();
                Err(Failure::Talks(words))
            }
        }
    }

    fn deadline(&self) -> Instant {
        Instant::now() + Duration::from_secs_f64(self.timeout.min(1e9))
    }

    /// The answer to a request.
    pub fn ask(&mut self, request: &Request<'_>) -> Result<Vec<u8>, Failure> {
        let deadline = self.deadline();
        let sent = self.requests.as_mut().map(|pipe| pipe.write_all(&request.encode()));
        if !matches!(sent, Some(Ok(()))) {
            return Err(self.ended());
        }
        let mut head = [0; 5];
        self.read(&mut head, deadline)?;
        let [a, b, c, d, kind] = head;
        let mut body = vec![0; u32::from_le_bytes([a, b, c, d]) as usize];
        self.read(&mut body, deadline)?;
        match kind {
            0 => Ok(body),
            1 => {
                let raised: Raised = serde_json::from_slice(&body)
                    .map_err(|error| Failure::Garbled(error.to_string()))?;
                Err(Failure::Raised(raised))
            }
            other => Err(Failure::Garbled(format!("an answer of the kind {other}"))),
        }
    }

    fn read(&mut self, mut into: &mut [u8], deadline: Instant) -> Result<(), Failure> {
        while !into.is_empty() {
            if self.answers.buffer().is_empty() && !self.has_more(deadline) {
                self.kill();
                return Err(Failure::Hangs { seconds: self.timeout, said: self.said() });
            }
            match self.answers.read(into) {
                Ok(0) => return Err(self.ended()),
                Ok(count) => into = &mut into[count..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Err(self.ended()),
            }
        }
        Ok(())
    }

    /// Waits until there is something to read, or the pipe is closed. False after the deadline.
    fn has_more(&self, deadline: Instant) -> bool {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let left = Timespec {
                tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: left.subsec_nanos().into(),
            };
            let mut pipe = [PollFd::new(self.answers.get_ref(), PollFlags::IN)];
            match poll(&mut pipe, Some(&left)) {
                Err(rustix::io::Errno::INTR) => {}
                Ok(ready) => return ready > 0,
                // Reading will tell what is wrong.
                Err(_) => return true,
            }
        }
    }

    /// The failure of a process whose pipe is closed.
    fn ended(&mut self) -> Failure {
        self.requests = None;
        let last = Instant::now() + LAST_MOMENTS;
        let mut status = self.child.try_wait();
        while matches!(status, Ok(None)) && Instant::now() < last {
            thread::sleep(Duration::from_millis(10));
            status = self.child.try_wait();
        }
        self.kill();
        let how = match status {
            Ok(Some(status)) => described(status),
            Ok(None) => "it closed its pipe to this program".to_owned(),
            Err(error) => error.to_string(),
        };
        let _ = self.child.wait();
        // Its last words may still be on their way.
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
        Failure::Ended { how, said: self.said() }
    }

    fn said(&self) -> String {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&said).into_owned()
    }

    /// Ends the process and all that it has started.
    fn kill(&self) {
        // It may have ended by itself. A process that nobody has waited for still has its number.
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.requests.take().is_some() {
            self.has_more(Instant::now() + LAST_MOMENTS);
            self.kill();
        }
        let _ = self.child.wait();
    }
}

fn described(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("it exited with code {code}"),
        (None, Some(9)) => "it was killed (signal 9)".to_owned(),
        (None, Some(signal)) => format!("signal {signal} ended it"),
        (None, None) => status.to_string(),
    }
}

/// Passes on what the process writes, and keeps the last of it.
fn listen(mut errors: ChildStderr, said: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = errors.read(&mut buffer) {
        // Nobody may be reading.
        let _ = io::stderr().write_all(&buffer[..count]);
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        said.extend_from_slice(&buffer[..count]);
        let excess = said.len().saturating_sub(KEPT);
        said.drain(..excess);
    }
}
