//! A steady load of requests whose right verdict is known at every moment, judged when it is over.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use claimgate_tests::Connection;

/// After so many requests a connection is closed, so that every lane meets both workers.
const REQUESTS_A_CONNECTION: usize = 25;

/// Requests of one kind, sent on a thread of their own.
pub(crate) struct Lane {
    name: &'static str,
    pause: Duration,
    /// What is sent in turn; nothing is a request without a token.
    tokens: Mutex<Vec<Option<String>>>,
    /// The verdicts that are right from each moment on, in the order of time.
    right: Mutex<Vec<(Instant, Vec<u16>)>>,
    answers: Mutex<Vec<Seen>>,
}

/// One answer.
struct Seen {
    sent: Instant,
    done: Instant,
    /// The status, or why there is none.
    verdict: Result<u16, String>,
}

impl Lane {
    /// A lane that sends one token after the other with this pause between them, and the verdicts that are right at first.
    pub(crate) fn new(name: &'static str, pause: Duration, tokens: Vec<Option<String>>, right: &[u16]) -> Arc<Self> {
        Arc::new(Self {
            name,
            pause,
            tokens: Mutex::new(tokens),
            right: Mutex::new(vec![(Instant::now(), right.to_vec())]),
            answers: Mutex::default(),
        })
    }

    /// From now on this token is sent.
    pub(crate) fn send(&self, token: &str) {
        *lock(&self.tokens) = vec![Some(token.to_owned())];
    }

    /// From then on these verdicts are right. A request under way at that moment may get the old or the new.
    pub(crate) fn right_from(&self, from: Instant, verdicts: &[u16]) {
        lock(&self.right).push((from, verdicts.to_vec()));
    }

    /// The longest that a request sent since then took.
    pub(crate) fn slowest_since(&self, since: Instant) -> Duration {
        let answers = lock(&self.answers);
        answers.iter().filter(|seen| seen.sent >= since).map(|seen| seen.done - seen.sent).max().unwrap_or_default()
    }

    /// When the first answer of this status came to a request sent since then.
    pub(crate) fn first(&self, status: u16, since: Instant) -> Option<Instant> {
        let answers = lock(&self.answers);
        let got = answers.iter().filter(|seen| seen.sent >= since && seen.verdict == Ok(status));
        got.map(|seen| seen.done).min()
    }

    /// When the last request since then was sent that got this status.
    pub(crate) fn last(&self, status: u16, since: Instant) -> Option<Instant> {
        let answers = lock(&self.answers);
        let got = answers.iter().filter(|seen| seen.sent >= since && seen.verdict == Ok(status));
        got.map(|seen| seen.sent).max()
    }

    fn run(&self, to: SocketAddr, stop: &AtomicBool) {
        let mut open: Option<Connection> = None;
        for number in 0.. {
            if stop.load(Ordering::SeqCst) {
                return;
            }
            let token = {
                let tokens = lock(&self.tokens);
                tokens[number % tokens.len()].clone()
            };
            if number % REQUESTS_A_CONNECTION == 0 {
                open = None;
            }
            let sent = Instant::now();
            let verdict = answer(&mut open, to, token.as_deref());
            lock(&self.answers).push(Seen { sent, done: Instant::now(), verdict });
            std::thread::sleep(self.pause);
        }
    }

    fn is_right(&self, seen: &Seen) -> bool {
        let right = lock(&self.right);
        let begins = right.iter().rposition(|(from, _)| *from <= seen.sent).unwrap_or(0);
        let ends = right.iter().rposition(|(from, _)| *from <= seen.done).unwrap_or(0);
        right[begins..=ends.max(begins)]
            .iter()
            .any(|(_, verdicts)| seen.verdict.as_ref().is_ok_and(|status| verdicts.contains(status)))
    }
}

fn answer(open: &mut Option<Connection>, to: SocketAddr, token: Option<&str>) -> Result<u16, String> {
    let mut connection = match open.take() {
        Some(connection) => connection,
        None => Connection::open(to).map_err(|error| error.to_string())?,
    };
    let response = connection.get("/orders", token).map_err(|error| error.to_string())?;
    let retry_after = response.header("retry-after").and_then(|value| value.parse().ok());
    if (response.status == 503) != retry_after.is_some_and(|seconds: u64| (1..=120).contains(&seconds)) {
        return Err(format!("{} with Retry-After {retry_after:?}", response.status));
    }
    *open = Some(connection);
    Ok(response.status)
}

/// Lanes that run until [`Load::finish`], and when each phase of the run began.
pub(crate) struct Load {
    to: SocketAddr,
    lanes: Vec<Arc<Lane>>,
    phases: Vec<(String, Instant)>,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Load {
    /// No load yet.
    pub(crate) fn new(to: SocketAddr) -> Self {
        Self { to, lanes: Vec::new(), phases: Vec::new(), stop: Arc::default(), threads: Vec::new() }
    }

    /// Adds a lane and starts it.
    pub(crate) fn run(&mut self, lane: &Arc<Lane>) {
        let (to, stop) = (self.to, Arc::clone(&self.stop));
        self.lanes.push(Arc::clone(lane));
        let lane = Arc::clone(lane);
        self.threads.push(std::thread::spawn(move || lane.run(to, &stop)));
    }

    /// Another phase begins.
    pub(crate) fn phase(&mut self, name: &str) -> Instant {
        let now = Instant::now();
        self.phases.push((name.to_owned(), now));
        now
    }

    /// Ends the load, prints what each phase sent and got, and answers with every verdict that was wrong.
    pub(crate) fn finish(mut self) -> Vec<String> {
        self.stop.store(true, Ordering::SeqCst);
        for thread in self.threads.drain(..) {
            thread.join().expect("a lane runs to its end");
        }
        let end = Instant::now();
        let mut wrong = Vec::new();
        let mut total = 0;
        for (index, (name, from)) in self.phases.iter().enumerate() {
            let to = self.phases.get(index + 1).map_or(end, |(_, next)| *next);
            let mut sum = 0;
            let mut line = String::new();
            for lane in &self.lanes {
                let mut counts: BTreeMap<String, usize> = BTreeMap::new();
                let answers = lock(&lane.answers);
                for seen in answers.iter().filter(|seen| seen.sent >= *from && seen.sent < to) {
                    let verdict = seen.verdict.as_ref().map_or_else(String::clone, u16::to_string);
                    if !lane.is_right(seen) {
                        let at = (seen.sent - *from).as_secs_f64();
                        let took = (seen.done - seen.sent).as_secs_f64();
                        wrong.push(format!("{name}, {at:.3} s in: {} got {verdict} after {took:.3} s", lane.name));
                    }
                    *counts.entry(verdict).or_default() += 1;
                    sum += 1;
                }
                let counts: Vec<String> =
                    counts.iter().map(|(verdict, count)| format!("{verdict} x {count}")).collect();
                if !counts.is_empty() {
                    line += &format!("; {} {}", lane.name, counts.join(", "));
                }
            }
            println!("{name:<28} {:>5.1} s {sum:>6} requests{line}", (to - *from).as_secs_f64());
            total += sum;
        }
        println!("{total} requests in all, {} wrong verdicts", wrong.len());
        wrong
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
