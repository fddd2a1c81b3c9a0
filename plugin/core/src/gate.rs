//! One request, one straight line: read [`decide`] from top to bottom to know what this filter does.

use crate::claims::AcceptedToken;
use crate::config::{Config, Host, Resource};
use crate::credential::{Credential, Removal};
use crate::explain::{Step, Trace};
use crate::header::Forged;
use crate::issuer::{Issuer, IssuerId};
use crate::jwk::Jwk;
use crate::jwks::Missing;
use crate::keyring::KeyRing;
use crate::keyset::{Choice, MAX_TRIED};
use crate::refusal::{Reason, Refusal};
use crate::remembered::{KnownToken, TokenMemory};
use crate::request::Request;
use crate::route::{Access, Enforcement, Rule};
use crate::time::Timestamp;
use crate::token::UnverifiedToken;
use crate::verify::{Verifier, verify};
use std::rc::Rc;

/// What a decision is made with.
pub struct Gate<'g> {
    /// The configuration.
    pub config: &'g Config,
    /// Every issuer's keys.
    pub keys: &'g KeyRing,
    /// Tokens verified before.
    pub memory: &'g mut TokenMemory,
    /// Whose code verifies signatures.
    pub verifier: &'g mut dyn Verifier,
    /// Where each step is told.
    pub trace: &'g mut dyn Trace,
    /// The time.
    pub now: Timestamp,
}

/// What is to become of a request.
#[derive(Debug)]
pub struct Decision<'g> {
    /// The rule that applied.
    pub rule: Option<&'g Rule>,
    /// The issuer whose token it was, once that is settled.
    pub issuer: Option<IssuerId>,
    /// What the client sent that only the filter may set. It is removed under every verdict.
    pub forged: Forged,
    /// Whether the rules that applied refuse or only report.
    pub enforcement: Enforcement,
    /// The verdict.
    pub verdict: Verdict<'g>,
}

/// How a request fared.
#[derive(Debug)]
pub enum Verdict<'g> {
    /// It goes on.
    Admit(Admission),
    /// It does not.
    Refuse(Refusal),
    /// It would be refused. It goes on without identity, since every rule that applied only reports.
    Report(Refusal),
    /// It asks for what the filter answers itself.
    Answer(&'g Resource),
    /// A fetch may bring the key; then the whole line is run again.
    WaitForKeys(IssuerId, Option<String>),
}

/// How a request goes on.
#[derive(Debug, Default)]
pub struct Admission {
    /// Whose token it carries; nobody's on open routes.
    pub token: Option<Rc<KnownToken>>,
    /// How to take the token out.
    pub removal: Option<Removal>,
}

/// The line ended before its end, with this verdict.
struct Stop<'g>(Verdict<'g>);

impl<T: Into<Refusal>> From<T> for Stop<'_> {
    fn from(refusal: T) -> Self {
        Self(Verdict::Refuse(refusal.into()))
    }
}

/// Decides about a request.
pub fn decide<'g>(gate: &mut Gate<'g>, request: &Request<'_>) -> Decision<'g> {
    let mut decision = Decision {
        rule: None,
        issuer: None,
        forged: gate.config.identity_headers.forged(request),
        enforcement: Enforcement::Enforce,
        verdict: Verdict::Admit(Admission::default()),
    };
    gate.trace.note(Step::Stripped(&decision.forged.names));
    let verdict = match line(gate, request, &mut decision) {
        Ok(admission) => Verdict::Admit(admission),
        Err(Stop(Verdict::Refuse(refusal))) => refused(refusal, decision.enforcement),
        Err(Stop(verdict)) => verdict,
    };
    decision.verdict = on_its_route(gate.config, request, &decision.forged, verdict);
    gate.trace.note(Step::Verdict(&decision.verdict));
    decision
}

/// Decides about a request whose token is not looked at again: the wait for its keys has ended without them.
pub fn refuse<'g>(
    config: &'g Config,
    request: &Request<'_>,
    issuer: Option<IssuerId>,
    refusal: Refusal,
) -> Decision<'g> {
    let rules = config.routes.applying_to(request, request.policy);
    let enforcement = rules.enforcement();
    let forged = config.identity_headers.forged(request);
    let verdict = on_its_route(config, request, &forged, refused(refusal, enforcement));
    Decision { rule: Some(rules.first()), issuer, forged, enforcement, verdict }
}

/// Replaces a verdict that lets a request go on, where its route may change: the host picks a route again once forged headers
/// are removed, and does not tell which.
fn on_its_route<'g>(config: &Config, request: &Request<'_>, forged: &Forged, verdict: Verdict<'g>) -> Verdict<'g> {
    let may_change = !forged.is_empty() && config.routes.are_chosen_by_host(request.policy);
    match verdict {
        Verdict::Admit(_) | Verdict::Report(_) if may_change => {
            refused(Reason::RouteChanged.into(), config.routes.closed.enforcement)
        }
        verdict => verdict,
    }
}

fn refused<'g>(refusal: Refusal, enforcement: Enforcement) -> Verdict<'g> {
    match enforcement {
        Enforcement::Enforce => Verdict::Refuse(refusal),
        Enforcement::Report => Verdict::Report(refusal),
    }
}

fn line<'g>(gate: &mut Gate<'g>, request: &Request<'_>, seen: &mut Decision<'g>) -> Result<Admission, Stop<'g>> {
    let (config, now) = (gate.config, gate.now);
    if config.host == Host::Generic && !seen.forged.is_empty() {
        return Err(Reason::ManagedHeader.into());
    }
    if let Some(resource) = asked_metadata(config, request) {
        return Err(Stop(Verdict::Answer(resource)));
    }
    let rules = config.routes.applying_to(request, request.policy);
    (seen.rule, seen.enforcement) = (Some(rules.first()), rules.enforcement());
    rules.iter().for_each(|rule| gate.trace.note(Step::Rule(rule)));
    let access = rules.access();
    match access {
        Access::Deny => return Err(Reason::RouteDenied.into()),
        Access::Public => return Ok(Admission::default()),
        Access::Required | Access::Optional if rules.pass_preflight(request) => return Ok(Admission::default()),
        Access::Required | Access::Optional => {}
    }
    let Some(credential) = Credential::take(request, &config.token_sources)? else {
        return if access == Access::Optional { Ok(Admission::default()) } else { Err(Reason::NoCredential.into()) };
    };
    gate.trace.note(Step::Credential(credential.source));
    if now.is_unset() {
        return Err(Reason::ClockUnavailable.into());
    }
    let remembered =
        gate.memory.recall(&credential.token, |token| gate.keys.generation(token.accepted().token().issuer()));
    let fresh = remembered.is_none();
    let token = match remembered {
        Some(token) => token,
        None => prove(gate, &credential, seen)?,
    };
    let id = token.accepted().token().issuer();
    let issuer = config.issuers.get(id).ok_or(Reason::IssuerUnknown)?;
    seen.issuer = Some(id);
    gate.keys.usable(id, issuer, now).ok_or_else(|| unavailable(gate.keys, id, now, None))?;
    let claims = rules.current_claims(token.accepted(), (id, issuer), config.clock_skew, now)?;
    let caller = token.caller_of(&claims, issuer, config)?;
    gate.trace.note(Step::Caller {
        claims: &claims,
        issuer,
        caller,
        group_scopes: &config.group_scopes,
        remembered: !fresh,
    });
    if fresh {
        gate.memory.remember(&credential.token, &token, gate.keys.generation(id));
    }
    for rule in rules.iter() {
        seen.rule = Some(rule);
        rule.permit(&caller.identity, claims.root(), config.clock_skew, now)?;
    }
    // A rule that only reports takes nothing from the service that it had before.
    let removes = !config.forward_token && seen.enforcement == Enforcement::Enforce;
    let keeps_place = config.routes.are_chosen_by_host(request.policy);
    let removal = removes.then(|| credential.removal(request, keeps_place));
    Ok(Admission { removal, token: Some(token) })
}

/// From the text of a token to a token that one of its issuer's keys has proven and that is what the issuer's entry asks.
fn prove<'g>(
    gate: &mut Gate<'g>,
    credential: &Credential<'_>,
    seen: &mut Decision<'g>,
) -> Result<Rc<KnownToken>, Stop<'g>> {
    credential.single()?;
    let unverified = UnverifiedToken::parse(&credential.token, gate.config.limits.max_token_bytes)?;
    gate.trace.note(Step::Parsed(&unverified));
    let (id, issuer) = gate.config.issuers.claimed_by(&unverified)?;
    seen.issuer = Some(id);
    gate.trace.note(Step::Issuer(issuer));
    if !issuer.algorithms().contains(unverified.algorithm()) {
        return Err(Reason::AlgorithmNotAllowed.into());
    }
    let keys = keys_for(gate, (id, issuer), &unverified)?;
    let verified = verify(unverified, (id, issuer), &keys, gate.verifier)?;
    gate.trace.note(Step::Verified);
    Ok(Rc::new(KnownToken::new(AcceptedToken::accept(verified, issuer)?)))
}

fn keys_for<'g>(
    gate: &Gate<'g>,
    (id, issuer): (IssuerId, &'g Issuer),
    token: &UnverifiedToken<'_>,
) -> Result<[Option<&'g Jwk>; MAX_TRIED], Stop<'g>> {
    let bound_to = token.issuer().filter(|_| issuer.entra);
    let choice =
        gate.keys.usable(id, issuer, gate.now).map(|keys| keys.choose(token.algorithm(), token.kid(), bound_to));
    match choice {
        Some(Choice::Try(keys)) => Ok(keys),
        Some(Choice::Unfit) => Err(Reason::KeyUnfit.into()),
        Some(Choice::TooMany) => Err(Reason::KeyAmbiguous.into()),
        Some(Choice::Unknown) | None => Err(unavailable(gate.keys, id, gate.now, token.kid())),
    }
}

/// What to do about a key that is not there.
fn unavailable<'g>(keys: &KeyRing, id: IssuerId, now: Timestamp, kid: Option<&str>) -> Stop<'g> {
    match keys.missing(id, now, kid) {
        Missing::MayWait => Stop(Verdict::WaitForKeys(id, kid.map(str::to_owned))),
        Missing::Absent => Reason::KeyUnknown.into(),
        Missing::Unavailable { retry_after } => {
            Refusal { reason: Reason::KeysUnavailable, retry_after: Some(retry_after) }.into()
        }
    }
}

/// Judges an admitted request once more, by the rule of the route that its changed headers have. `policy` is the name that the
/// host gives for that route.
///
/// # Errors
/// The rule that does not hold, and why.
pub fn admits_under<'g>(
    config: &'g Config,
    request: &Request<'_>,
    policy: Option<&str>,
    token: Option<&KnownToken>,
    now: Timestamp,
) -> Result<(), (&'g Rule, Reason)> {
    let rules = config.routes.applying_to(request, policy);
    let refused = |reason| (rules.first(), reason);
    let known = match (rules.access(), token) {
        (Access::Deny, _) => return Err(refused(Reason::RouteDenied)),
        (Access::Public, _) | (Access::Optional, None) => return Ok(()),
        (Access::Required | Access::Optional, _) if rules.pass_preflight(request) => return Ok(()),
        (Access::Required, None) => return Err(refused(Reason::NoCredential)),
        (Access::Required | Access::Optional, Some(known)) => known,
    };
    let id = known.accepted().token().issuer();
    let issuer = config.issuers.get(id).ok_or_else(|| refused(Reason::IssuerUnknown))?;
    let claims = rules.current_claims(known.accepted(), (id, issuer), config.clock_skew, now).map_err(refused)?;
    let caller = known.caller().ok_or_else(|| refused(Reason::Internal))?;
    let mut all = rules.iter();
    all.try_for_each(|rule| {
        rule.permit(&caller.identity, claims.root(), config.clock_skew, now).map_err(|reason| (rule, reason))
    })
}

/// RFC 9728 section 3.1: the metadata is for everybody, and so is the preflight of a script on another origin.
fn asked_metadata<'g>(config: &'g Config, request: &Request<'_>) -> Option<&'g Resource> {
    let resource = config.resources.iter().find(|resource| resource.metadata_path == request.path.raw())?;
    (matches!(request.method, "GET" | "HEAD") || request.preflight_method().is_some()).then_some(resource)
}

#[cfg(test)]
mod tests;
