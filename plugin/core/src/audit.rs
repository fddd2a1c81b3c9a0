//! One JSON line a decision: labels, and the identity spelled as the service sees it. Never a token, never a raw claim.

use crate::config::{Audit, Config};
use crate::gate::{Decision, Verdict};
use crate::header::Attribute;
use crate::json::Object;
use crate::log_limit::LineKind;
use crate::remembered::KnownToken;

/// The attributes of an identity that a line tells, by their names in the configuration.
const TOLD: [Attribute; 5] =
    [Attribute::Subject, Attribute::Client, Attribute::Groups, Attribute::Scopes, Attribute::Actor];

/// Returns what a refusal is counted as in the log, where the configuration wants refusals logged.
pub fn refusal_kind(config: &Config, decision: &Decision<'_>) -> Option<LineKind> {
    let (verdict, refusal) = match &decision.verdict {
        Verdict::Refuse(refusal) => ("refuse", refusal),
        Verdict::Report(refusal) => ("would_refuse", refusal),
        _ => return None,
    };
    (config.audit != Audit::None).then(|| LineKind { verdict, reason: refusal.reason.label() })
}

/// The line for a decision, where the configuration wants one.
pub fn line(config: &Config, decision: &Decision<'_>) -> Option<String> {
    let (verdict, reason, token) = match (refusal_kind(config, decision), &decision.verdict) {
        (Some(kind), _) => (kind.verdict, Some(kind.reason), None),
        (None, Verdict::Admit(admission)) if config.audit == Audit::All => ("admit", None, admission.token.as_deref()),
        _ => return None,
    };
    let issuer = decision.issuer.and_then(|id| config.issuers.get(id)).map(|issuer| issuer.name.as_str());
    let route = decision.rule.and_then(|rule| rule.name.as_deref());
    let mut line = Object::new().text("claimgate", verdict).maybe_text("reason", reason);
    line = line.maybe_text("issuer", issuer).maybe_text("route", route);
    if let Some(caller) = token.and_then(KnownToken::caller) {
        // One entry may stand for many tenants, each with the same subjects.
        let iss = Attribute::Issuer.spelled(&caller.identity);
        line = line.maybe_text("iss", iss.as_ref().map(|value| value.as_str()));
        for attribute in TOLD {
            let spelled = attribute.spelled(&caller.identity);
            line = line.maybe_text(attribute.field(), spelled.as_ref().map(|value| value.as_str()));
        }
    }
    Some(line.finish())
}
