//! Telling each step of the line as it is taken, for `claimgate explain`.

use crate::claims::CurrentClaims;
use crate::credential::TokenSource;
use crate::gate::Verdict;
use crate::groups::{granted, is_overage};
use crate::header::Attribute;
use crate::identity::unverified_mail;
use crate::issuer::Issuer;
use crate::json::Object;
use crate::refusal::Reason;
use crate::remembered::Caller;
use crate::route::Rule;
use crate::token::UnverifiedToken;

/// A step of the line and what it saw.
#[derive(Debug)]
pub enum Step<'s> {
    /// The client's own identity headers that go.
    Stripped(&'s [Vec<u8>]),
    /// The rule that applies.
    Rule(&'s Rule),
    /// Where the token was found.
    Credential(&'s TokenSource),
    /// What the token claims.
    Parsed(&'s UnverifiedToken<'s>),
    /// Whose keys must prove it.
    Issuer(&'s Issuer),
    /// The signature holds.
    Verified,
    /// The claims hold now, and this is who they stand for.
    Caller {
        /// The claims.
        claims: &'s CurrentClaims<'s>,
        /// Whose.
        issuer: &'s Issuer,
        /// Who.
        caller: &'s Caller,
        /// What groups grant.
        group_scopes: &'s crate::groups::GroupScopes,
        /// Whether the token was verified before.
        remembered: bool,
    },
    /// The end of the line.
    Verdict(&'s Verdict<'s>),
}

/// Hears of each step.
pub trait Trace {
    /// A step was taken.
    fn note(&mut self, step: Step<'_>);
}

/// Hears nothing.
#[derive(Copy, Clone, Debug)]
pub struct Silent;

impl Trace for Silent {
    fn note(&mut self, _: Step<'_>) {}
}

impl Step<'_> {
    /// The step as one line of JSON. Holds claims, so it is for the eyes of whoever may see the token.
    pub fn json(&self) -> String {
        match self {
            Self::Stripped(names) => {
                let names: Vec<_> = names.iter().map(|name| String::from_utf8_lossy(name)).collect();
                Object::new().text("step", "strip").texts("removed", names.iter().map(AsRef::as_ref)).finish()
            }
            Self::Rule(rule) => rule_json(rule),
            Self::Credential(source) => {
                Object::new().text("step", "credential").text("found_in", &source.to_string()).finish()
            }
            Self::Parsed(token) => Object::new()
                .text("step", "parse")
                .text("alg", token.algorithm().name())
                .maybe_text("kid", token.kid())
                .maybe_text("typ", token.typ())
                .maybe_text("iss", token.issuer())
                .finish(),
            Self::Issuer(issuer) => {
                Object::new().text("step", "issuer").text("name", &issuer.name).text("issuer", &issuer.issuer).finish()
            }
            Self::Verified => Object::new().text("step", "verify").text("signature", "valid").finish(),
            Self::Caller { claims, issuer, caller, group_scopes, remembered } => {
                caller_json(claims, issuer, caller, group_scopes, *remembered)
            }
            Self::Verdict(verdict) => verdict_json(verdict),
        }
    }
}

fn rule_json(rule: &Rule) -> String {
    let access = rule.access.name();
    Object::new().text("step", "rule").maybe_text("name", rule.name.as_deref()).text("access", access).finish()
}

fn caller_json(
    claims: &CurrentClaims<'_>,
    issuer: &Issuer,
    caller: &Caller,
    group_scopes: &crate::groups::GroupScopes,
    remembered: bool,
) -> String {
    let identity = &caller.identity;
    let mapped = issuer.groups.map_each(&identity.external_groups).into_iter().map(|one| {
        Object::new().text("external", &one.external).texts("groups", one.groups.iter().map(String::as_str)).finish()
    });
    let source = |scope: &str| {
        let by_group =
            granted(group_scopes, &identity.groups).find(|(granted, _)| *granted == scope).map(|(_, group)| group);
        // A scope that the token itself has comes first in the list, and is the token's own.
        let own = identity.scopes.iter().take(identity.own_scopes).any(|own| own == scope);
        Object::new().text("scope", scope).maybe_text("granted_to_group", by_group.filter(|_| !own)).finish()
    };
    let headers = caller.headers.iter().map(|(name, value)| Object::new().text(name, value.as_str()).finish());
    let mut object =
        Object::new().text("step", "identity").raw("remembered", if remembered { "true" } else { "false" });
    for (attribute, field, _) in Attribute::ALL {
        if !matches!(attribute, Attribute::Groups | Attribute::Scopes | Attribute::Payload) {
            object = object.maybe_text(field, attribute.spelled(identity).as_ref().map(|value| value.as_str()));
        }
    }
    object
        .raw("email_unverified", if unverified_mail(issuer, claims.root()).is_empty() { "false" } else { "true" })
        .raw("group_overage", if is_overage(claims.root()) { "true" } else { "false" })
        .list("mapping", mapped)
        .texts("granted", issuer.groups.granted(claims.root()))
        .texts("groups", identity.groups.iter().map(String::as_str))
        .list("scopes", identity.scopes.iter().map(|scope| source(scope)))
        .list("headers", headers)
        .finish()
}

fn refusal_json(object: Object, reason: Reason) -> Object {
    object.text("reason", reason.label()).text("sentence", reason.sentence())
}

fn verdict_json(verdict: &Verdict<'_>) -> String {
    let object = Object::new().text("step", "verdict");
    match verdict {
        Verdict::Admit(_) => object.text("verdict", "admit"),
        Verdict::Refuse(refusal) => refusal_json(object.text("verdict", "refuse"), refusal.reason),
        Verdict::Report(refusal) => refusal_json(object.text("verdict", "would_refuse"), refusal.reason),
        Verdict::Answer(resource) => object.text("verdict", "answer").text("resource", &resource.name),
        Verdict::WaitForKeys(_, kid) => object.text("verdict", "wait_for_keys").maybe_text("kid", kid.as_deref()),
    }
    .finish()
}
