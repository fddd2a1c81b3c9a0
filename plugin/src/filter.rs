//! One configuration at work in one worker: decides about requests and carries the decisions out.

use crate::capabilities::Capabilities;
use crate::crypto::Signatures;
use crate::host::{self, Answer, Failed, Level, Map};
use crate::metrics::Metrics;
use crate::mode::StepLog;
use crate::waiting::Waiting;
use claimgate_core::audit;
use claimgate_core::config::{Config, Host, Resource};
use claimgate_core::credential::{Removal, target_without_tokens};
use claimgate_core::explain::{Silent, Trace};
use claimgate_core::gate::{Admission, Decision, Gate, Verdict, admits_under, decide, refuse};
use claimgate_core::header::{Attribute, Forged};
use claimgate_core::issuer::IssuerId;
use claimgate_core::keyring::KeyRing;
use claimgate_core::log_limit::{LineKind, LogLimit};
use claimgate_core::refusal::{Occasion, Reason, Refusal};
use claimgate_core::remembered::{KnownToken, TokenMemory};
use claimgate_core::request::Request;
use claimgate_core::route::Enforcement;
use claimgate_core::time::Timestamp;
use std::collections::BTreeSet;

/// Where Envoy keeps the name of the rule that its own route configuration chose.
pub(crate) const POLICY: &str = "xds\0route_metadata\0filter_metadata\0claimgate\0policy";

/// A name that no rule has: what stands for a name that cannot be read.
const UNREADABLE: &str = "\u{fffd}";

/// Where other hosts keep the request's target as the client sent it.
#[cfg(feature = "generic")]
const TARGET: &str = "request\0path";

/// A configuration, its keys, and what this worker remembers and has to do under it.
pub(crate) struct Filter {
    pub(crate) root: u32,
    pub(crate) config: Config,
    pub(crate) keys: KeyRing,
    pub(crate) memory: TokenMemory,
    pub(crate) metrics: Metrics,
    pub(crate) lines: LogLimit,
    pub(crate) waiting: Waiting,
    pub(crate) capabilities: Capabilities,
    /// The tick period that the host was last asked for, in milliseconds; nothing where it has none to offer.
    pub(crate) tick_period: Option<u32>,
    /// When a tick was last passed on to the keys of every issuer.
    pub(crate) last_round: Option<Timestamp>,
    /// The issuers whose keys asked for an early tick.
    pub(crate) urgent: BTreeSet<IssuerId>,
    pub(crate) callouts: Vec<(u32, IssuerId, u64, usize)>,
    pub(crate) signatures: Signatures,
    pub(crate) explains: bool,
}

/// What became of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    /// It goes on to the service.
    Goes,
    /// It was answered.
    Answered,
    /// It waits for this issuer's key.
    Waits(IssuerId, Option<String>),
}

impl Filter {
    /// Decides about the request of the effective context and carries the decision out. The host says how many headers
    /// there are; a map that holds fewer was cut short.
    pub(crate) fn handle(&mut self, headers: Option<usize>, now: Timestamp) -> Outcome {
        self.log_repeated(now);
        self.with_request(headers, |filter, request| match request {
            Some(request) => filter.decide(request, now),
            None => filter.refuse_unreadable(Reason::HeadersUnreadable.into(), None),
        })
    }

    /// Logs how many lines were left out of the last second, once it is over.
    pub(crate) fn log_repeated(&mut self, now: Timestamp) {
        for (kind, line) in self.lines.advance(now) {
            host::log(if kind.verdict == FAILURE { Level::Error } else { Level::Info }, &line);
        }
    }

    /// Reads the request of the effective context: nothing where the host does not hand it over whole.
    fn with_request<T>(&mut self, headers: Option<usize>, act: impl FnOnce(&mut Self, Option<&Request<'_>>) -> T) -> T {
        let map = host::map(Map::RequestHeaders).unwrap_or_default();
        let pairs = host::pairs(&map).unwrap_or_default();
        let whole = headers.is_none_or(|count| count <= pairs.len());
        let policy = route_policy(&self.config);
        let request = Request::from_headers(&pairs, policy.as_deref()).filter(|_| whole);
        // A host that has no such property shows the path as it was sent.
        #[cfg(feature = "generic")]
        let target = host::property_if_any(TARGET);
        #[cfg(feature = "generic")]
        let request = request.zip(target.as_ref().ok()).map(|(request, target)| request.as_sent(target.as_deref()));
        act(self, request.as_ref())
    }

    fn decide(&mut self, request: &Request<'_>, now: Timestamp) -> Outcome {
        let mut steps = StepLog;
        let trace: &mut dyn Trace = if self.explains { &mut steps } else { &mut Silent };
        let mut gate = Gate {
            config: &self.config,
            keys: &self.keys,
            memory: &mut self.memory,
            verifier: &mut self.signatures,
            trace,
            now,
        };
        let decision = decide(&mut gate, request);
        if let Verdict::WaitForKeys(issuer, kid) = &decision.verdict {
            return Outcome::Waits(*issuer, kid.clone());
        }
        let decision = apply(&self.config, &mut self.lines, decision, request, now);
        let outcome = carry_out(&self.config, (&mut self.metrics, &mut self.lines), &decision, request);
        let refused = matches!(&decision.verdict, Verdict::Refuse(refusal) | Verdict::Report(refusal)
            if refusal.reason == Reason::KeysUnavailable);
        if let Some(issuer) = decision.issuer.filter(|_| refused) {
            self.miss(issuer, now);
        }
        outcome
    }

    /// A request was refused for want of keys. While there are none at all the next tick asks for them, however long the
    /// attempts before have failed: requests are there to be served again.
    fn miss(&mut self, issuer: IssuerId, now: Timestamp) {
        if self.keys.remote(issuer).is_some_and(|jwks| jwks.usable(now).is_none()) {
            self.want(issuer, None, now);
        }
    }

    /// Refuses the request of the effective context, which waited for this issuer's keys or cannot.
    pub(crate) fn refuse(&mut self, refusal: Refusal, issuer: IssuerId, now: Timestamp) -> Outcome {
        self.with_request(None, |filter, request| match request {
            Some(request) => {
                let decision = refuse(&filter.config, request, Some(issuer), refusal);
                let decision = apply(&filter.config, &mut filter.lines, decision, request, now);
                carry_out(&filter.config, (&mut filter.metrics, &mut filter.lines), &decision, request)
            }
            None => filter.refuse_unreadable(refusal, Some(issuer)),
        })
    }

    /// Refuses a request of which nothing is known, and which therefore no rule lets go on.
    fn refuse_unreadable(&mut self, refusal: Refusal, issuer: Option<IssuerId>) -> Outcome {
        let decision = refusal_without_rule(refusal, issuer);
        carry_out(&self.config, (&mut self.metrics, &mut self.lines), &decision, &Request::new("", "", "", &[]))
    }

    /// Removes what only the filter may set from the trailers of the effective context. The host says how many there are:
    /// trailers that it does not hand over whole cannot be cleaned.
    pub(crate) fn clean_trailers(&self, trailers: usize) -> bool {
        let map = host::map(Map::RequestTrailers).unwrap_or_default();
        let pairs = host::pairs(&map).unwrap_or_default();
        let mut managed = pairs.iter().filter(|(name, _)| self.config.identity_headers.manages(name));
        trailers <= pairs.len() && managed.all(|(name, _)| host::remove_header(Map::RequestTrailers, name).is_ok())
    }
}

/// Reads the name of the rule that the host's route chooses. A name that cannot be read is one that no rule has.
fn route_policy(config: &Config) -> Option<String> {
    if config.host != Host::Envoy || !config.routes.named {
        return None;
    }
    match host::property(POLICY) {
        Err(error) if error.is_not_found() => None,
        name => Some(name.ok().and_then(|name| String::from_utf8(name).ok()).unwrap_or_else(|| UNREADABLE.to_owned())),
    }
}

/// Changes the headers of an admitted request. One whose headers cannot be written does not go on, nor does one that the rule
/// of its new route does not admit: a changed header can make the host pick another.
fn apply<'g>(
    config: &'g Config,
    lines: &mut LogLimit,
    decision: Decision<'g>,
    request: &Request<'_>,
    now: Timestamp,
) -> Decision<'g> {
    let admission = match &decision.verdict {
        Verdict::Admit(admission) => Some(admission),
        Verdict::Report(_) => None,
        _ => return decision,
    };
    let written = write_headers(config, &decision.forged, admission).map_err(|Failed(status)| {
        log_failure(lines, "headers_not_written", &format!("request headers cannot be written: status {status}"));
        (decision.rule, Reason::Internal)
    });
    let token = admission.and_then(|admission| admission.token.as_deref());
    let judged = written.and_then(|()| {
        if token.is_none() && decision.forged.is_empty() {
            return Ok(());
        }
        let policy = route_policy(config);
        if policy.as_deref() == request.policy {
            return Ok(());
        }
        if admission.is_none() {
            let reports = config.routes.closed.enforcement == Enforcement::Report;
            return if reports { Ok(()) } else { Err((decision.rule, Reason::RouteChanged)) };
        }
        let judged = admits_under(config, request, policy.as_deref(), token, now);
        judged.map_err(|(rule, reason)| (Some(rule), reason))
    });
    match judged {
        Ok(()) => decision,
        Err((rule, reason)) => Decision { rule, verdict: Verdict::Refuse(reason.into()), ..decision },
    }
}

/// Counts and logs a decision that was applied, and answers the request unless it goes on.
fn carry_out(
    config: &Config,
    (metrics, lines): (&mut Metrics, &mut LogLimit),
    decision: &Decision<'_>,
    request: &Request<'_>,
) -> Outcome {
    let issuer = decision.issuer.and_then(|id| Some((id, config.issuers.get(id)?.name.as_str())));
    match &decision.verdict {
        Verdict::Admit(_) | Verdict::Report(_) => {
            match &decision.verdict {
                Verdict::Report(refusal) => metrics.reported(issuer.map(|(_, name)| name), refusal.reason),
                _ => metrics.admitted(issuer),
            }
            write_audit(config, lines, decision);
            Outcome::Goes
        }
        Verdict::Refuse(refusal) => {
            metrics.refused(issuer.map(|(_, name)| name), refusal.reason);
            write_audit(config, lines, decision);
            hide_query_tokens(config, lines, request);
            let resource = decision.rule.and_then(|rule| config.resources.get(rule.resource?));
            let (head, grpc) = (request.method == "HEAD", request.is_grpc());
            let response =
                refusal.response(Occasion { rule: decision.rule, resource, detail: config.detail, head, grpc });
            // Other hosts put the details where the client can read them.
            let details = if config.host == Host::Envoy { response.details.as_str() } else { "" };
            let headers: Vec<_> = response.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            answered(lines, host::respond(response.status, &headers, &response.body, response.grpc_status, details))
        }
        Verdict::Answer(resource) => {
            hide_query_tokens(config, lines, request);
            answered(lines, answer(resource, request))
        }
        Verdict::WaitForKeys(issuer, kid) => Outcome::Waits(*issuer, kid.clone()),
    }
}

/// Builds a refusal that holds under any rule.
fn refusal_without_rule<'g>(refusal: Refusal, issuer: Option<IssuerId>) -> Decision<'g> {
    let verdict = Verdict::Refuse(refusal);
    Decision { rule: None, issuer, forged: Forged::default(), enforcement: Enforcement::Enforce, verdict }
}

/// Takes tokens out of the query of a request that the filter answers itself: Envoy writes `:path` to its access log
/// afterwards. An admitted request loses its token in [`write_identity`]; other hosts log what the client sent.
fn hide_query_tokens(config: &Config, lines: &mut LogLimit, request: &Request<'_>) {
    if config.host == Host::Envoy
        && let Some(target) = target_without_tokens(request.target, &config.token_sources, false)
        && let Err(Failed(status)) = host::replace_header(Map::RequestHeaders, b":path", target.as_bytes())
    {
        log_failure(lines, "token_left_in_path", &format!("a token stays in the access log: status {status}"));
    }
}

/// The verdict of lines about host calls that failed.
const FAILURE: &str = "error";

/// Logs a host call that failed for a request, within the bound on such lines.
fn log_failure(lines: &mut LogLimit, reason: &'static str, line: &str) {
    if lines.admits(LineKind { verdict: FAILURE, reason }) {
        host::log(Level::Error, line);
    }
}

fn write_audit(config: &Config, lines: &mut LogLimit, decision: &Decision<'_>) {
    if audit::refusal_kind(config, decision).is_some_and(|kind| !lines.admits(kind)) {
        return;
    }
    if let Some(line) = audit::line(config, decision) {
        host::log(Level::Info, &line);
    }
}

/// RFC 9728 section 3.2: JSON, for everybody. Scripts on other origins may read it with any request headers; some send one
/// that makes the browser ask first.
fn answer(resource: &Resource, request: &Request<'_>) -> Answer<()> {
    let anyone = ("access-control-allow-origin", "*");
    if request.method == "OPTIONS" {
        let mut headers = vec![anyone, ("access-control-allow-methods", "GET"), ("access-control-max-age", "3600")];
        headers.extend(request.preflight_headers().map(|names| ("access-control-allow-headers", names)));
        return host::respond(204, &headers, "", None, "");
    }
    let headers = [("content-type", "application/json"), anyone, ("cache-control", "max-age=3600")];
    let body = if request.method == "HEAD" { "" } else { resource.document.as_str() };
    host::respond(200, &headers, body, None, "")
}

/// A response that the host did not take leaves the request where it is: it never goes on.
fn answered(lines: &mut LogLimit, sent: Answer<()>) -> Outcome {
    if let Err(Failed(status)) = sent {
        log_failure(lines, "response_not_sent", &format!("the response was not sent: status {status}"));
    }
    Outcome::Answered
}

/// Changes the headers of a request that goes on: the client's identity headers go, and an admitted one gets its own.
fn write_headers(config: &Config, forged: &Forged, admission: Option<&Admission>) -> Answer<()> {
    for name in &forged.names {
        host::remove_header(Map::RequestHeaders, name)?;
    }
    for (name, options) in &forged.connection {
        host::remove_header(Map::RequestHeaders, name.as_bytes())?;
        if !options.is_empty() {
            host::add_header(Map::RequestHeaders, name.as_bytes(), options)?;
        }
    }
    admission.map_or(Ok(()), |admission| write_identity(config, admission))
}

fn write_identity(config: &Config, admission: &Admission) -> Answer<()> {
    match &admission.removal {
        // A generic host may go on sending what was removed; an empty value carries nothing.
        Some(Removal::Header(name)) if config.host == Host::Generic => {
            host::replace_header(Map::RequestHeaders, name.as_bytes(), b"")?;
        }
        Some(Removal::Cookies(others)) if config.host == Host::Generic => {
            host::replace_header(Map::RequestHeaders, b"cookie", others.as_deref().unwrap_or_default())?;
        }
        Some(Removal::HeaderValue(name)) => host::replace_header(Map::RequestHeaders, name.as_bytes(), b"")?,
        Some(Removal::Header(name)) => host::remove_header(Map::RequestHeaders, name.as_bytes())?,
        Some(Removal::Cookies(None)) => host::remove_header(Map::RequestHeaders, b"cookie")?,
        Some(Removal::Cookies(Some(others))) => {
            host::remove_header(Map::RequestHeaders, b"cookie")?;
            host::add_header(Map::RequestHeaders, b"cookie", others)?;
        }
        Some(Removal::Target(target)) => host::replace_header(Map::RequestHeaders, b":path", target.as_bytes())?,
        None => {}
    }
    let Some(caller) = admission.token.as_deref().and_then(KnownToken::caller) else { return Ok(()) };
    for (name, value) in &caller.headers {
        host::add_header(Map::RequestHeaders, name.as_bytes(), value.as_str().as_bytes())?;
    }
    if config.filter_state {
        for (attribute, field, _) in Attribute::ALL {
            if let Some(value) = attribute.spelled(&caller.identity) {
                host::set_property(&format!("claimgate.{field}"), value.as_str())?;
            }
        }
    }
    Ok(())
}
