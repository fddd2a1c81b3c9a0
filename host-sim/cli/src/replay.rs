//! `claimgate replay`: many requests, each with what came of it.

mod answers;
mod line;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clap::Args;
use serde::Serialize;
use serde_json::Value;

use crate::bytes::{Bytes, pairs};
use crate::{Failure, Modules, lines, oracle};
use answers::Answers;
use host_sim::{Host, Outcome, Pair, Profile, Report};
use line::Line;

/// What `replay` is asked.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// JSON Lines; `-` or nothing is standard input.
    #[arg(value_name = "FILE")]
    input: Option<PathBuf>,
    /// The host to imitate: envoy, nginx or minimal.
    #[arg(long, value_name = "NAME", default_value = "envoy")]
    host_profile: Profile,
    /// How many workers share the requests in turn.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    workers: u16,
}

/// What came of a line.
#[derive(Serialize)]
#[serde(untagged)]
enum Output {
    Decision(Box<Decision>),
    BadConfig { id: Value, verdict: &'static str, reason: String },
    Reset { id: Value, verdict: &'static str },
}

#[derive(Serialize)]
struct Decision {
    id: Value,
    verdict: &'static str,
    status: Option<u16>,
    reason: Option<String>,
    upstream_headers: Option<Vec<(Bytes, Bytes)>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upstream_trailers: Option<Vec<(Bytes, Bytes)>>,
    response_headers: Vec<(Bytes, Bytes)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_body: Option<Bytes>,
    callouts: u64,
    hostcalls: u64,
    trapped: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    trap: Option<String>,
}

/// How long timers and callouts run before a request, after a new configuration or a jump forward.
const SETTLING: Duration = Duration::from_millis(20);
/// How much of a jump forward passes in time: longer than a callout takes.
const LIVED: Duration = Duration::from_secs(10);
/// How long a held request is driven.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn run(arguments: &Arguments, modules: &Modules) -> Result<(), Failure> {
    // A module that is not there is one failure, not one of each line.
    modules.for_profile(b"", arguments.host_profile)?;
    let answers = Arc::new(Mutex::new(Answers::default()));
    let mut player = Player {
        modules,
        profile: arguments.host_profile,
        workers: usize::from(arguments.workers),
        answers,
        stage: None,
        now: None,
        turn: 0,
    };
    lines::each(arguments.input.as_deref(), |line| player.play(line))
}

struct Player<'a> {
    modules: &'a Modules,
    profile: Profile,
    workers: usize,
    answers: Arc<Mutex<Answers>>,
    stage: Option<Stage>,
    now: Option<Duration>,
    turn: usize,
}

/// A configuration on a host of its own, or why the module refuses it.
struct Stage {
    configuration: String,
    host: Result<Host, String>,
}

impl Player<'_> {
    fn play(&mut self, text: &[u8]) -> Result<Output, String> {
        let line = Line::read(text)?;
        if line.reset {
            if let Some(stage) = self.stage.take() {
                self.stage = Some(self.staged(stage.configuration, line.now)?);
            }
            if line.request.is_none() && line.configuration.is_none() {
                return Ok(Output::Reset { id: line.id, verdict: "reset" });
            }
        }
        if let Some(answers) = line.answers {
            *self.answers.lock().unwrap_or_else(PoisonError::into_inner) = answers;
        }
        let mut fresh = line.reset;
        if let Some(configuration) = line.configuration
            && self.stage.as_ref().is_none_or(|stage| stage.configuration != configuration)
        {
            self.stage = Some(self.staged(configuration, line.now)?);
            fresh = true;
        }
        self.turn += 1;
        let worker = self.turn % self.workers;
        let stage = self.stage.as_mut().ok_or("no config here or on any line before")?;
        let host = match &mut stage.host {
            Ok(host) => host,
            Err(reason) => return Ok(Output::BadConfig { id: line.id, verdict: "bad_config", reason: reason.clone() }),
        };
        let request = line.request.ok_or("no request")?;
        let calls = if fresh { 0 } else { host.callout_count() };
        let traps = host.traps().len();
        settle(host, line.now, fresh);
        let before = host.metrics();
        let id = host.open(worker, request);
        if host.advance_until_decided(id, PATIENCE) && host.outcome(id).upstream().is_some() {
            host.respond(id, vec![(b":status".to_vec(), b"200".to_vec())], true);
        }
        let undecided = !host.outcome(id).is_decided();
        let report = host.finish(id);
        host.take_log();
        self.now = Some(host.process().clock.now().wall);
        let reason = oracle::reason(&before, &host.metrics(), &report.log);
        let mut decision = Decision::of(line.id, &report, undecided, reason);
        decision.callouts = host.callout_count() - calls;
        decision.trap = host.traps().get(traps).map(|trap| (*trap).to_owned());
        decision.trapped |= decision.trap.is_some();
        Ok(Output::Decision(Box::new(decision)))
    }

    fn staged(&self, configuration: String, now: Option<Duration>) -> Result<Stage, String> {
        let module = self.modules.for_profile(configuration.as_bytes(), self.profile).map_err(|e| e.to_string())?;
        let builder = Host::builder(module).profile(self.profile).workers(self.workers);
        let mut host = builder.reload_after(Duration::ZERO).build();
        if let Some(now) = now.or(self.now) {
            host.set_now(now);
        }
        let answers = self.answers.clone();
        host.answer_with(move |callout| answers.lock().unwrap_or_else(PoisonError::into_inner).to(callout));
        let configured = host.configure(configuration.as_bytes());
        let host = configured.map(|()| host).map_err(|rejected| oracle::mistakes(&rejected).join("; "));
        Ok(Stage { configuration, host })
    }
}

/// Sets the clock, and after a new configuration or a jump forward runs what is due. The end of a long jump is lived through
/// in time, so that what was under way ends and what is due begins. The request finds exactly `now`.
fn settle(host: &mut Host, now: Option<Duration>, fresh: bool) {
    let wall = host.process().clock.now().wall;
    let now = now.unwrap_or(wall);
    let lived = now.saturating_sub(wall).min(LIVED);
    host.set_now(now - lived);
    host.advance(if fresh { lived.max(SETTLING) } else { lived });
    host.set_now(now);
}

impl Decision {
    fn of(id: Value, report: &Report, undecided: bool, reason: Option<String>) -> Decision {
        let shown = |headers: &[Pair]| pairs(headers);
        let mut decision = Decision {
            id,
            verdict: "pending",
            status: report.outcome.status(),
            reason: None,
            upstream_headers: None,
            upstream_trailers: None,
            response_headers: Vec::new(),
            response_body: None,
            callouts: 0,
            hostcalls: report.hostcall_count(),
            trapped: false,
            trap: None,
        };
        match &report.outcome {
            _ if undecided => {}
            Outcome::Upstream(upstream) => {
                decision.verdict = "admit";
                decision.upstream_headers = Some(shown(&upstream.headers));
                decision.upstream_trailers = upstream.trailers.as_deref().map(shown);
            }
            Outcome::LocalReply(reply) => {
                decision.verdict = if reason.is_some() { "refuse" } else { "reply" };
                decision.reason = reason;
                decision.response_headers = shown(&reply.headers);
                decision.response_body = Some(Bytes(reply.body.clone()));
            }
            Outcome::Failed(_) => {
                decision.verdict = "refuse";
                decision.trapped = true;
            }
            Outcome::Pending | Outcome::Disconnected => {}
        }
        decision
    }
}
