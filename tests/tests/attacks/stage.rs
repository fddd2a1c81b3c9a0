//! The module in the embedded host, and what must hold for every request whatever it is about.
//!
//! The module is the one that `make wasm` built last, in `$CARGO_TARGET_DIR` or the workspace's `target`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use host_sim::{
    Answer, Callout, CalloutOutcome, ClientResponse, Host, HostBuilder, LocalReply, LogLine, Module, Outcome, Report,
    Request, Snapshot, StreamId, Upstream,
};
use serde_json::Value;

use crate::fixture::NOW;
use crate::record::Record;
use crate::report_only::ReportOnly;

/// What a refused request gets: the status and what its body says (the table at the end of the configuration contract).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The token is not valid.
    R401,
    /// There is none.
    R401m,
    /// The request is not well-formed.
    R400,
    /// The token is valid and not enough.
    R403,
    /// The route is closed.
    Denied,
    /// Not the client's fault.
    R503,
}

pub(crate) use Verdict::{Denied, R400, R401, R401m, R403, R503};

impl Verdict {
    fn status(self) -> u16 {
        match self {
            R401 | R401m => 401,
            R400 => 400,
            R403 | Denied => 403,
            R503 => 503,
        }
    }

    fn error(self) -> &'static str {
        match self {
            R401 => "invalid_token",
            R401m => "unauthorized",
            R400 => "invalid_request",
            R403 => "insufficient_scope",
            Denied => "access_denied",
            R503 => "temporarily_unavailable",
        }
    }

    fn challenge(self) -> Option<String> {
        match self {
            R401m => Some("Bearer".to_owned()),
            R401 | R400 | R403 => Some(format!("Bearer error=\"{}\"", self.error())),
            Denied | R503 => None,
        }
    }

    /// Nothing but constants goes out.
    fn check(self, what: &str, reply: &LocalReply) {
        assert_eq!(reply.status, self.status(), "{what}");
        assert_eq!(reply.values("www-authenticate"), self.challenge().into_iter().collect::<Vec<_>>(), "{what}");
        assert_eq!(reply.values("cache-control"), ["no-store"], "{what}");
        assert_eq!(!reply.values("retry-after").is_empty(), self == R503, "{what}: retry-after");
        let body = format!("{{\"error\":\"{}\"}}", self.error());
        assert_eq!(String::from_utf8_lossy(&reply.body), body, "{what}");
    }
}

/// The module, compiled once for the whole test program.
pub(crate) fn module() -> &'static Module {
    static MODULE: OnceLock<Module> = OnceLock::new();
    MODULE.get_or_init(|| Module::from_file(&claimgate_tests::module()).expect("the module loads"))
}

pub(crate) fn generic_module() -> &'static Module {
    static MODULE: OnceLock<Module> = OnceLock::new();
    MODULE.get_or_init(|| Module::from_file(&claimgate_tests::generic_module()).expect("the module loads"))
}

/// The same with every instruction counted.
pub(crate) fn metered_module() -> &'static Module {
    static MODULE: OnceLock<Module> = OnceLock::new();
    MODULE.get_or_init(|| {
        let bytes = std::fs::read(claimgate_tests::module()).expect("the module is there");
        Module::metered(&bytes).expect("the module loads")
    })
}

/// A host with a configuration, and the providers that its callouts reach, by URL.
pub(crate) struct Stage {
    pub(crate) host: Host,
    providers: Arc<Mutex<BTreeMap<String, Answer>>>,
    /// The same configuration where nothing is enforced; taken away by tests that change the host itself.
    pub(crate) report_only: Option<ReportOnly>,
    record: Record,
}

/// What came of a request that was looked at for everything that must always hold.
pub(crate) struct Seen {
    pub(crate) outcome: Outcome,
    /// The label of its refusal.
    pub(crate) reason: Option<String>,
    /// The label of the refusal that was only reported.
    pub(crate) would_refuse: Option<String>,
    pub(crate) callouts: u64,
    pub(crate) report: Report,
    pub(crate) log: Vec<LogLine>,
}

impl Stage {
    /// One worker in an Envoy.
    pub(crate) fn new(configuration: &Value) -> Stage {
        Stage::on(module(), configuration, |builder| builder)
    }

    /// Any other host.
    pub(crate) fn on(module: &Module, configuration: &Value, set_up: impl FnOnce(HostBuilder) -> HostBuilder) -> Stage {
        let builder = set_up(Host::builder(module).now(NOW));
        let providers = Arc::<Mutex<BTreeMap<String, Answer>>>::default();
        let known = providers.clone();
        let answer = move |callout: &Callout| {
            let known = known.lock().unwrap_or_else(PoisonError::into_inner);
            known.get(&callout.url()).cloned().unwrap_or_else(|| Answer::soon(CalloutOutcome::ConnectFailure))
        };
        let report_only = ReportOnly::new(builder.clone(), configuration, answer.clone());
        let mut host = builder.build();
        host.answer_with(answer);
        let text = configuration.to_string();
        host.configure(text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"));
        Stage { host, providers, report_only, record: Record::of(configuration) }
    }

    /// A host where this URL answers so, which had the time to fetch its keys.
    pub(crate) fn fetching(configuration: &Value, url: &str, answer: Answer) -> Stage {
        let mut stage = Stage::new(configuration);
        stage.serve(url, answer);
        stage.pass(Duration::from_millis(100));
        stage
    }

    /// Lets a URL answer so from now on.
    pub(crate) fn serve(&mut self, url: &str, answer: Answer) {
        self.catch_up();
        self.providers.lock().unwrap_or_else(PoisonError::into_inner).insert(url.to_owned(), answer);
    }

    /// Lets virtual time pass.
    pub(crate) fn pass(&mut self, time: Duration) {
        self.host.advance(time);
        self.catch_up();
        self.check_health("while time passed");
    }

    fn catch_up(&mut self) {
        let at = self.host.process().clock.now();
        if let Some(report_only) = &mut self.report_only {
            report_only.catch_up(at);
        }
    }

    /// Sends a request to the first worker and looks at everything that must always hold.
    pub(crate) fn send(&mut self, what: &str, request: Request) -> Seen {
        self.send_to(0, what, request)
    }

    pub(crate) fn send_to(&mut self, worker: usize, what: &str, request: Request) -> Seen {
        self.note(&request);
        let secrets = secrets(&request);
        let (twin, at) = (request.clone(), self.host.process().clock.now());
        let (metrics, callouts) = (self.host.metrics(), self.host.callout_count());
        self.host.take_log();
        let report = self.host.request(worker, request);
        let seen = self.judge(what, report, &secrets, &metrics, callouts);
        if let Some(report_only) = &mut self.report_only {
            report_only.send(what, worker, twin, at, &seen);
        }
        seen
    }

    /// Starts a request that may be held.
    pub(crate) fn open(&mut self, worker: usize, request: Request) -> StreamId {
        self.note(&request);
        self.host.open(worker, request)
    }

    fn note(&mut self, request: &Request) {
        let providers = self.providers.lock().unwrap_or_else(PoisonError::into_inner);
        self.record.note(&self.host, &providers, request);
    }

    fn judge(&self, what: &str, report: Report, secrets: &BTreeSet<String>, before: &Snapshot, callouts: u64) -> Seen {
        self.check_health(what);
        assert!(report.anomalies.is_empty(), "{what}: {:?}", report.anomalies);
        let log = self.host.take_log();
        for secret in secrets {
            for line in &log {
                assert!(!line.text.contains(secret), "{what}: logged in {:?}", line.text);
            }
            let client = format!("{:?}", texts(&report));
            assert!(!client.contains(secret), "{what}: reflected in {client}");
        }
        let reason = moved(before, &self.host.metrics(), "refused.reason.", what);
        let admitted = moved(before, &self.host.metrics(), "admitted", what);
        let would_refuse = moved(before, &self.host.metrics(), "would_refuse.reason.", what);
        match &report.outcome {
            Outcome::Upstream(_) => {
                assert!(reason.is_none() && admitted.is_some() != would_refuse.is_some(), "{what}: {reason:?}");
            }
            Outcome::LocalReply(reply) if reply.status < 400 => assert_eq!(reason, None, "{what}"),
            Outcome::LocalReply(_) => assert!(reason.is_some() && admitted.is_none(), "{what}: no reason was counted"),
            other => panic!("{what}: {other:?}"),
        }
        let callouts = self.host.callout_count() - callouts;
        Seen { outcome: report.outcome.clone(), reason, would_refuse, callouts, report, log }
    }

    /// Nothing trapped, and nothing was done that no filter should do.
    pub(crate) fn check_health(&self, what: &str) {
        assert_eq!(self.host.traps(), Vec::<&str>::new(), "{what}");
        assert_eq!(self.host.anomalies(), Vec::<&str>::new(), "{what}");
    }

    /// The request is refused with this verdict for this reason, without a callout.
    pub(crate) fn refuses(&mut self, what: &str, request: Request, verdict: Verdict, reason: &str) -> Seen {
        let seen = self.send(what, request);
        assert_eq!(seen.callouts, 0, "{what}: callouts");
        seen.is_refused(what, verdict, reason);
        seen
    }

    /// The request goes on, without a callout; answers with what the service sees.
    pub(crate) fn admits(&mut self, what: &str, request: Request) -> Upstream {
        let seen = self.send(what, request);
        assert_eq!(seen.callouts, 0, "{what}: callouts");
        seen.is_admitted(what)
    }
}

impl Seen {
    pub(crate) fn is_refused(&self, what: &str, verdict: Verdict, reason: &str) {
        assert_eq!(self.reason.as_deref(), Some(reason), "{what}: {:?}", self.outcome.status());
        verdict.check(what, self.outcome.local_reply().unwrap_or_else(|| panic!("{what}: {:?}", self.outcome)));
    }

    /// Refused for this reason, with whatever response a request of this kind gets.
    pub(crate) fn is_refused_quietly(&self, what: &str, reason: &str) {
        assert_eq!(self.reason.as_deref(), Some(reason), "{what}: {:?}", self.outcome.status());
        assert!(self.outcome.local_reply().is_some(), "{what}");
    }

    pub(crate) fn is_admitted(&self, what: &str) -> Upstream {
        let upstream =
            self.outcome.upstream().unwrap_or_else(|| panic!("{what}: {:?} {:?}", self.reason, self.outcome));
        upstream.clone()
    }
}

/// A configuration is refused, with a line that names the field.
pub(crate) fn refuses_configuration(configuration: impl AsRef<[u8]>, path: &str) {
    let mut host = Host::builder(module()).now(NOW).build();
    let shown = String::from_utf8_lossy(configuration.as_ref()).chars().take(300).collect::<String>();
    let Err(rejected) = host.configure(configuration.as_ref()) else { panic!("{path}: accepted {shown}") };
    assert!(host.traps().is_empty(), "{path}: {:?}", host.traps());
    let named = rejected.log.iter().any(|line| line.text.contains(&format!("refused: {path}")));
    assert!(named, "{path}: {rejected}\n{shown}");
}

/// The end of the one metric of this kind that moved, and by one, if any did.
pub(crate) fn moved(before: &Snapshot, after: &Snapshot, kind: &str, what: &str) -> Option<String> {
    let change = |(name, value): (&String, &u64)| {
        let at = name.find(kind)?;
        let by = value - before.get(name).copied().unwrap_or_default();
        (by > 0).then(|| (name[at + kind.len()..].to_owned(), by))
    };
    let all: Vec<(String, u64)> = after.iter().filter_map(change).collect();
    assert!(matches!(all.as_slice(), [] | [(_, 1)]), "{what}: {kind} {all:?}");
    all.into_iter().next().map(|(label, _)| label)
}

/// Everything in a request's fields that is long enough to be a token or a part of one.
fn secrets(request: &Request) -> BTreeSet<String> {
    let text = |(_, value): &(Vec<u8>, Vec<u8>)| String::from_utf8_lossy(value).into_owned();
    let part = |c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_');
    let values: Vec<String> = request.headers().iter().map(text).collect();
    let parts = values.iter().flat_map(|value| value.split(part)).filter(|part| part.len() >= 24);
    parts.map(|part| part.chars().take(200).collect()).collect()
}

/// What the client is shown.
fn texts(report: &Report) -> Vec<String> {
    let headers = report.response_headers.iter().map(|(_, value)| String::from_utf8_lossy(value).into_owned());
    let body = report.outcome.local_reply().map(|reply| String::from_utf8_lossy(&reply.body).into_owned());
    headers.chain(body).collect()
}

/// A refusal as a client of this kind gets it.
pub(crate) fn on_the_wire(seen: &Seen, is_grpc: bool, is_head: bool) -> ClientResponse {
    seen.outcome.local_reply().expect("a local reply").on_the_wire(is_grpc, is_head)
}
