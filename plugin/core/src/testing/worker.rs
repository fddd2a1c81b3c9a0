//! A worker under one configuration, and what it makes of requests.

use super::{NOW, Token, Value, config};
use crate::audit;
use crate::config::Config;
use crate::credential::Removal;
use crate::explain::{Step, Trace};
use crate::gate::{Decision, Gate, Verdict, decide};
use crate::jwks::{Answer, Effect, Event, NoShared};
use crate::keyring::KeyRing;
use crate::refusal::Reason;
use crate::remembered::TokenMemory;
use crate::request::Request;
use crate::time::Timestamp;
use crate::verify::OwnCode;

/// A request before it is sent.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) method: &'static str,
    pub(crate) target: String,
    pub(crate) authority: &'static str,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) policy: Option<&'static str>,
}

impl Call {
    pub(crate) fn get(target: &str) -> Self {
        Self { method: "GET", target: target.to_owned(), authority: "api.example", headers: Vec::new(), policy: None }
    }

    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// A browser's question whether it may send `method`.
    pub(crate) fn preflight(target: &str, method: &str) -> Self {
        let call = Self::get(target).header("origin", "https://app.example");
        Self { method: "OPTIONS", ..call }.header("access-control-request-method", method)
    }

    pub(crate) fn with<T>(&self, look: impl FnOnce(&Request<'_>) -> T) -> T {
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (name.as_bytes(), value.as_slice())).collect();
        let Self { method, target, authority, policy, .. } = self;
        look(&Request { policy: *policy, ..Request::new(method, target, authority, &headers) })
    }
}

/// What became of a request.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Outcome {
    pub(crate) end: End,
    pub(crate) strip: Vec<String>,
    pub(crate) rule: Option<String>,
    pub(crate) issuer: Option<usize>,
    pub(crate) steps: Vec<&'static str>,
}

/// How it ended.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum End {
    /// With these headers and this removal; without any it is anonymous.
    Admit(Vec<(String, String)>, Option<Removal>),
    Refuse(Reason),
    Report(Reason),
    Answer(String),
    Wait(Option<String>),
}

impl Outcome {
    pub(crate) fn reason(&self) -> Option<Reason> {
        match &self.end {
            End::Refuse(reason) => Some(*reason),
            _ => None,
        }
    }

    /// The value of an identity header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let End::Admit(headers, _) = &self.end else { panic!("{self:?}") };
        headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// One worker under one configuration.
pub(crate) struct Worker {
    pub(crate) config: Config,
    pub(crate) keys: KeyRing,
    pub(crate) memory: TokenMemory,
    pub(crate) now: Timestamp,
}

impl Worker {
    pub(crate) fn new(json: &Value) -> Self {
        let config = config(json);
        let (keys, memory) = (KeyRing::new(&config, 1), TokenMemory::new(&config.limits));
        Self { keys, memory, now: Timestamp::from_millis(NOW as u64 * 1000), config }
    }

    pub(crate) fn decide(&mut self, call: &Call) -> Outcome {
        let (mut outcome, steps) = self.decided(call, |_, decision| {
            let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
            let end = match &decision.verdict {
                Verdict::Admit(admission) => {
                    let caller = admission.token.as_ref().map(|token| token.caller().unwrap());
                    let headers = caller.map_or(&[][..], |caller| &caller.headers).iter();
                    let headers = headers.map(|(name, value)| (name.to_string(), value.as_str().to_owned())).collect();
                    End::Admit(headers, admission.removal.clone())
                }
                Verdict::Refuse(refusal) => End::Refuse(refusal.reason),
                Verdict::Report(refusal) => End::Report(refusal.reason),
                Verdict::Answer(resource) => End::Answer(resource.document.clone()),
                Verdict::WaitForKeys(_, kid) => End::Wait(kid.clone()),
            };
            let rule = decision.rule.and_then(|rule| rule.name.clone());
            let strip = decision.forged.names.iter().map(text).collect();
            Outcome { end, strip, rule, issuer: decision.issuer, steps: Vec::new() }
        });
        outcome.steps = steps;
        outcome
    }

    /// What `explain` tells of a request.
    pub(crate) fn explain(&mut self, call: &Call) -> Vec<String> {
        self.traced(call, Steps(|step: Step<'_>| step.json(), Vec::new()), |_, _| ()).1
    }

    /// The audit line for a request.
    pub(crate) fn audit(&mut self, call: &Call) -> Option<String> {
        self.decided(call, audit::line).0
    }

    fn decided<T>(&mut self, call: &Call, look: impl FnOnce(&Config, &Decision<'_>) -> T) -> (T, Vec<&'static str>) {
        self.traced(call, Steps(name, Vec::new()), look)
    }

    fn traced<T, S>(
        &mut self,
        call: &Call,
        mut steps: Steps<S>,
        look: impl FnOnce(&Config, &Decision<'_>) -> T,
    ) -> (T, Vec<S>) {
        let mut gate = Gate {
            config: &self.config,
            keys: &self.keys,
            memory: &mut self.memory,
            verifier: &mut OwnCode,
            trace: &mut steps,
            now: self.now,
        };
        let seen = call.with(|request| look(&self.config, &decide(&mut gate, request)));
        (seen, steps.1)
    }

    /// The outcome for a token on `/`.
    pub(crate) fn judge(&mut self, token: &Token) -> Outcome {
        self.decide(&Call::get("/").bearer(&token.text()))
    }

    /// Carries out a fetch of the first issuer's keys that brings `body`, or a server's error.
    pub(crate) fn fetch(&mut self, body: Option<&Value>) {
        let jwks = self.keys.remote_mut(0).unwrap();
        for effect in jwks.handle(self.now, &mut NoShared, Event::Tick) {
            let Effect::Dispatch(callout) = effect else { continue };
            let status = if body.is_some() { b"200" } else { b"500" };
            let headers = [(b":status".to_vec(), status.to_vec())];
            let body = body.map(Value::to_string).unwrap_or_default();
            let answer = Answer { headers: &headers, body: body.as_bytes() };
            jwks.handle(self.now, &mut NoShared, Event::Answered { ticket: callout.ticket, answer });
        }
    }
}

/// Keeps what is to be kept of each step.
struct Steps<S>(fn(Step<'_>) -> S, Vec<S>);

impl<S> Trace for Steps<S> {
    fn note(&mut self, step: Step<'_>) {
        let kept = (self.0)(step);
        self.1.push(kept);
    }
}

fn name(step: Step<'_>) -> &'static str {
    match step {
        Step::Stripped(_) => "stripped",
        Step::Rule(_) => "rule",
        Step::Credential(_) => "credential",
        Step::Parsed(_) => "parsed",
        Step::Issuer(_) => "issuer",
        Step::Verified => "verified",
        Step::Caller { remembered: false, .. } => "caller",
        Step::Caller { remembered: true, .. } => "recalled",
        Step::Verdict(_) => "verdict",
    }
}
