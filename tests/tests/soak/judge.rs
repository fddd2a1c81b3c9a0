//! Whether what became of a request is right.

use host_sim::{Outcome, Pair, Report};

use crate::configuration::AUDIENCES;
use crate::reference::{Span, Verdicts, known, right};
use crate::requests::{Credential, FORGERY, Made, Route};
use crate::run::{Held, Run};

impl Run {
    /// Counts a verdict, and tells one that is wrong.
    pub(crate) fn judge(&mut self, held: &Held, report: &Report) {
        let span = Span {
            from: held.from,
            to: self.steady(),
            wall_from: held.wall_from,
            wall_to: self.wall(),
            jumped: held.jumps != self.jumps,
            back: self.back,
        };
        let own = matches!(&held.made.credential, Credential::Token(token) if token.issuer == 1);
        let audience = if own { held.audience } else { AUDIENCES[0] };
        let keys = known(&held.made, &self.providers, &self.fixed, self.disturbed, &span);
        let right = right(&held.made, &keys, audience, &span);
        let (verdict, kind) = verdict_of(&report.outcome);
        let excused = Verdicts::S400.or(Verdicts::S503).or(Verdicts::HELD);
        let allowed = right.allows(verdict) || (held.struck && excused.allows(verdict));
        self.tally.exact +=
            u64::from([Verdicts::PASS, Verdicts::S401, Verdicts::S403, Verdicts::S400].contains(&right));
        self.tally.verdict(kind);
        self.tally.held += u64::from(span.to > span.from);
        let fault = if allowed { fault_in(held, report) } else { Some(format!("right is {right:?}")) };
        if let Some(fault) = fault {
            let seconds = self.steady().as_secs_f64();
            let (worker, disturbed) = (held.id.worker, self.disturbed);
            let what = describe(&held.made);
            let struck = held.struck;
            self.tally.wrong(|| {
                format!("{what}: {kind} by worker {worker} at {seconds:.3} s (struck {struck}, disturbed {disturbed:?}): {fault}")
            });
        }
    }
}

fn verdict_of(outcome: &Outcome) -> (Verdicts, &'static str) {
    match outcome {
        Outcome::Upstream(_) => (Verdicts::PASS, "passed"),
        Outcome::LocalReply(reply) => match reply.status {
            200 => (Verdicts::S200, "answered 200"),
            400 => (Verdicts::S400, "refused 400"),
            401 => (Verdicts::S401, "refused 401"),
            403 => (Verdicts::S403, "refused 403"),
            503 => (Verdicts::S503, "refused 503"),
            _ => (Verdicts::NONE, "another status"),
        },
        Outcome::Failed(_) => (Verdicts::NONE, "failed"),
        Outcome::Pending | Outcome::Disconnected => (Verdicts::HELD, "held"),
    }
}

fn describe(made: &Made) -> String {
    let credential = match &made.credential {
        Credential::Token(token) => {
            format!("{} token of issuer {}, {:?}, {:?}", token.what, token.issuer, token.key, token.defect)
        }
        other => format!("{other:?}"),
    };
    format!("{} {:?} with {credential}", made.path, made.route)
}

/// What must hold for every request that got a verdict, whatever it was.
fn fault_in(held: &Held, report: &Report) -> Option<String> {
    if let Some(anomaly) = report.anomalies.first().filter(|_| !held.struck) {
        return Some(anomaly.clone());
    }
    if let Some(line) = report.log.iter().find(|line| line.text.contains("eyJ")) {
        return Some(format!("a token in the log: {}", line.text));
    }
    if let Some(reply) = report.outcome.local_reply() {
        let challenged = !reply.values("www-authenticate").is_empty();
        let wants = matches!(reply.status, 400 | 401) || (reply.status == 403 && challenged);
        return (challenged != wants).then(|| format!("challenge {challenged}"));
    }
    let upstream = report.outcome.upstream()?;
    let trailers = upstream.trailers.iter().flatten();
    let managed: Vec<&Pair> = upstream.headers.iter().chain(trailers).filter(|(name, _)| is_managed(name)).collect();
    let expected = match &held.made.credential {
        Credential::Token(token) if held.made.route != Route::Public => token.identity(),
        _ => Vec::new(),
    };
    let same =
        |(own, text): &&(&str, String), (name, value): &Pair| *name == own.as_bytes() && *value == text.as_bytes();
    let forged = managed.iter().find(|pair| !expected.iter().any(|own| same(&own, pair)));
    if let Some((name, value)) = forged {
        let (name, value) = (String::from_utf8_lossy(name), String::from_utf8_lossy(value));
        return Some(format!(
            "{name}: {value} reached the service ({})",
            if value == FORGERY { "forged" } else { "wrong" }
        ));
    }
    let complete = managed.len() == expected.len();
    let hidden = expected.is_empty() || upstream.values("authorization").is_empty();
    (!(complete && hidden || held.struck))
        .then(|| format!("{} identity headers, token hidden: {hidden}", managed.len()))
}

/// Whether a backend may take this for one of the identity headers.
fn is_managed(name: &[u8]) -> bool {
    let folded = |byte: u8| if b"!#$%&'*+.^_`|~".contains(&byte) { b'-' } else { byte.to_ascii_lowercase() };
    name.iter().map(|byte| folded(*byte)).collect::<Vec<u8>>().starts_with(b"x-auth-")
}
