//! The thread that owns a worker: everything that touches its VM happens there, one thing after the other.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::callouts::Clusters;
use host_sim::Module;
use host_sim::Pair;
use host_sim::Process;
use host_sim::{CalloutId, CalloutOutcome};
use host_sim::{Failure, LocalReply, Outcome, Request, Upstream};
use host_sim::{StreamId, Worker};

/// What became of a request.
#[derive(Debug)]
pub(super) enum Decision {
    Upstream(Upstream),
    /// The reply and its headers as the client gets them.
    Reply(LocalReply, Vec<Pair>),
    Failed(Failure),
}

enum Command {
    Open(u64, Box<Request>, oneshot::Sender<Decision>),
    Respond(u64, Vec<Pair>, bool, oneshot::Sender<Vec<Pair>>),
    Finish(u64),
    Answer(CalloutId, CalloutOutcome),
}

/// The other end of a worker's thread. The thread ends when the last handle is gone.
#[derive(Debug, Clone)]
pub(super) struct WorkerHandle {
    commands: Sender<Command>,
    tickets: Arc<AtomicU64>,
}

/// A stream in a worker; dropping it ends the stream.
#[derive(Debug)]
pub(super) struct StreamHandle {
    commands: Sender<Command>,
    ticket: u64,
}

impl WorkerHandle {
    /// Starts a worker with this configuration on a thread of its own.
    pub(super) fn start(
        index: usize,
        module: &Module,
        process: &Arc<Process>,
        configuration: &[u8],
        io: (Handle, Arc<Clusters>),
    ) -> Result<WorkerHandle, String> {
        let mut worker = Worker::new(index, module.clone(), process.clone());
        worker.configure(configuration).map_err(|rejected| rejected.to_string())?;
        let (commands, inbox) = channel();
        let thread = Thread {
            worker,
            process: process.clone(),
            io,
            answers: commands.clone(),
            streams: BTreeMap::new(),
            waiting: BTreeMap::new(),
        };
        std::thread::Builder::new()
            .name(format!("worker {index}"))
            .spawn(move || thread.run(&inbox))
            .map_err(|e| format!("no thread for worker {index}: {e}"))?;
        Ok(WorkerHandle { commands, tickets: Arc::default() })
    }

    /// Shows a request to the filter and waits until it is decided.
    pub(super) async fn open(&self, request: Request) -> (StreamHandle, Decision) {
        let ticket = self.tickets.fetch_add(1, Ordering::Relaxed);
        let stream = StreamHandle { commands: self.commands.clone(), ticket };
        let (decided, decision) = oneshot::channel();
        let _ = self.commands.send(Command::Open(ticket, Box::new(request), decided));
        let gone = Decision::Failed(Failure { status: 503, message: "the worker is gone".to_owned() });
        (stream, decision.await.unwrap_or(gone))
    }
}

impl StreamHandle {
    /// Shows the filter the upstream's response; returns its headers as the client gets them.
    pub(super) async fn respond(&self, headers: Vec<Pair>, end_of_stream: bool) -> Vec<Pair> {
        let (shown, result) = oneshot::channel();
        let _ = self.commands.send(Command::Respond(self.ticket, headers, end_of_stream, shown));
        result.await.unwrap_or_default()
    }
}

impl Drop for StreamHandle {
    fn drop(&mut self) {
        let _ = self.commands.send(Command::Finish(self.ticket));
    }
}

struct Thread {
    worker: Worker,
    process: Arc<Process>,
    io: (Handle, Arc<Clusters>),
    answers: Sender<Command>,
    streams: BTreeMap<u64, StreamId>,
    waiting: BTreeMap<u64, oneshot::Sender<Decision>>,
}

/// How long the thread sleeps at most, so that it notices when nobody is left.
const NAP: Duration = Duration::from_secs(1);

impl Thread {
    fn run(mut self, inbox: &Receiver<Command>) {
        loop {
            let now = self.process.clock.now().steady;
            let due = self.worker.vm().and_then(|vm| vm.next_tick()).map(|(due, _)| due.saturating_sub(now));
            match inbox.recv_timeout(due.unwrap_or(NAP).min(NAP)) {
                Ok(command) => self.obey(command),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.run_timers();
            self.send_callouts();
            self.tell_decisions();
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Open(ticket, request, decided) => {
                let id = self.worker.open(*request);
                self.streams.insert(ticket, id);
                self.waiting.insert(ticket, decided);
            }
            Command::Respond(ticket, headers, end_of_stream, shown) => {
                let id = self.streams.get(&ticket).copied();
                let seen = id.and_then(|id| {
                    let headers = headers.clone();
                    self.worker.with_vm(id.generation, |vm| vm.respond(id.context, headers, end_of_stream))
                });
                let _ = shown.send(seen.filter(|seen| !seen.is_empty()).unwrap_or(headers));
            }
            Command::Finish(ticket) => {
                self.waiting.remove(&ticket);
                if let Some(id) = self.streams.remove(&ticket) {
                    self.worker.finish(id);
                }
            }
            Command::Answer(id, outcome) => {
                self.worker.with_vm(id.generation, |vm| vm.deliver(id.token, outcome));
            }
        }
    }

    fn run_timers(&mut self) {
        let now = self.process.clock.now().steady;
        let generation = self.worker.generation();
        while let Some((_, root)) = self.worker.vm().and_then(|vm| vm.next_tick()).filter(|(due, _)| *due <= now) {
            self.worker.with_vm(generation, |vm| vm.tick(root));
        }
    }

    fn send_callouts(&mut self) {
        let generation = self.worker.generation();
        for callout in self.worker.with_vm(generation, |vm| vm.take_started()).unwrap_or_default() {
            let (clusters, answers) = (self.io.1.clone(), self.answers.clone());
            self.io.0.spawn(async move {
                let outcome = clusters.send(&callout).await;
                let _ = answers.send(Command::Answer(callout.id, outcome));
            });
        }
    }

    /// Tells those who wait what was decided. A VM that died decides nothing more: its held requests fail.
    fn tell_decisions(&mut self) {
        let trap = self.worker.vm().and_then(|vm| vm.trap()).map(str::to_owned);
        let ready: Vec<u64> = self.waiting.keys().copied().collect();
        for ticket in ready {
            let outcome = self.streams.get(&ticket).and_then(|id| self.worker.outcome(*id)).cloned();
            let decision = match outcome.unwrap_or(Outcome::Pending) {
                Outcome::Upstream(upstream) => Decision::Upstream(upstream),
                Outcome::LocalReply(reply) => {
                    let id = self.streams.remove(&ticket);
                    let report = id.and_then(|id| self.worker.finish(id));
                    Decision::Reply(reply, report.map(|report| report.response_headers).unwrap_or_default())
                }
                Outcome::Failed(failure) => Decision::Failed(failure),
                Outcome::Pending | Outcome::Disconnected => match &trap {
                    Some(trap) => Decision::Failed(Failure { status: 503, message: trap.clone() }),
                    None => continue,
                },
            };
            if let Some(decided) = self.waiting.remove(&ticket) {
                let _ = decided.send(decision);
            }
        }
    }
}
