//! One JSON line a decision: labels and the identity as the service sees it. Never a token, never a raw claim.

use crate::config::{Audit, Config};
use crate::gate::{Decision, Verdict};
use crate::header::Attribute;
use crate::json::write_string;
use crate::remembered::KnownToken;

/// The line for a decision, where the configuration wants one.
pub fn line(config: &Config, decision: &Decision<'_>) -> Option<String> {
    let (verdict, reason, token) = match (&decision.verdict, config.audit) {
        (Verdict::Refuse(refusal), Audit::Denied | Audit::All) => ("refuse", Some(refusal.reason.label()), None),
        (Verdict::Admit(admission), Audit::All) => ("admit", None, admission.token.as_deref()),
        _ => return None,
    };
    let mut line = String::from("{\"claimgate\":");
    write_string(&mut line, verdict);
    let mut field = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            line.push(',');
            write_string(&mut line, name);
            line.push(':');
            write_string(&mut line, value);
        }
    };
    field("reason", reason);
    field("issuer", decision.issuer.and_then(|id| config.issuers.get(id)).map(|issuer| issuer.name.as_str()));
    field("route", decision.rule.and_then(|rule| rule.name.as_deref()));
    if let Some(caller) = token.and_then(KnownToken::caller) {
        let spelled = |attribute: Attribute| attribute.spelled(&caller.identity);
        for (name, attribute) in [
            ("subject", Attribute::Subject),
            ("client", Attribute::Client),
            ("groups", Attribute::Groups),
            ("scopes", Attribute::Scopes),
            ("actor", Attribute::Actor),
        ] {
            field(name, spelled(attribute).as_ref().map(|value| value.as_str()));
        }
    }
    line.push('}');
    Some(line)
}
