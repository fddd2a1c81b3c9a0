//! Routes: which rule applies to a request, and what the rule asks.

mod matcher;

pub use matcher::{Matcher, Place, Segment};

use crate::identity::Identity;
use crate::issuer::IssuerId;
use crate::json::Value;
use crate::path;
use crate::pattern::Pattern;
use crate::refusal::Reason;
use crate::request::Request;
use crate::rule::ClaimRule;
use crate::time::Timestamp;
use std::time::Duration;

/// What applies to the requests of a route.
#[derive(Debug)]
pub struct Rule {
    /// Its name: in logs, and for the host to choose it by.
    pub name: Option<String>,
    /// Which requests; everything for the default rule.
    pub matcher: Matcher,
    /// What a request needs to get through.
    pub access: Access,
    /// Whose tokens; everyone's where there is no list.
    pub issuers: Option<Vec<IssuerId>>,
    /// Audiences instead of the issuer's.
    pub audiences: Option<Vec<String>>,
    /// Scopes the caller must have.
    pub scopes: Option<Scopes>,
    /// Groups the caller must be in.
    pub groups: Option<Groups>,
    /// Rules over the token's claims.
    pub require: Vec<ClaimRule>,
    /// How the user must have authenticated (RFC 9470).
    pub step_up: Option<StepUp>,
    /// Index of the resource whose metadata challenges point to.
    pub resource: Option<usize>,
    /// Whether a CORS preflight passes without a token.
    pub cors_preflight: bool,
}

/// What a request needs to get through.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Access {
    /// A token.
    Required,
    /// A good token or none.
    Optional,
    /// Nothing; no token is read.
    Public,
    /// Nobody gets through.
    Deny,
}

/// Required scopes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Scopes {
    /// Every one of these.
    All(Vec<String>),
    /// One of these.
    Any(Vec<String>),
}

/// Required groups.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Groups {
    /// Every one of these.
    All(Vec<Pattern>),
    /// One of these.
    Any(Vec<Pattern>),
}

/// How the user must have authenticated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StepUp {
    /// Accepted `acr` values; any where empty.
    pub acr: Vec<String>,
    /// The longest time since `auth_time`.
    pub max_age: Option<Duration>,
}

/// The rules in order, and the one for everything else.
#[derive(Debug)]
pub struct Routes {
    /// First match wins.
    pub rules: Vec<Rule>,
    /// Where nothing matches.
    pub default: Rule,
    /// Whether any rule has a name that the host can choose it by.
    pub named: bool,
}

impl Routes {
    /// The rule for a request: the one the host chose by name, else the first that matches, else the default. Servers behind
    /// may read a path in the one spelling or the other: then more rules may apply as well. Where the path is ambiguous or its
    /// spellings have rules of their own, none of them is one that asks for no token.
    pub fn rules_for(&self, request: &Request<'_>) -> (&Rule, Vec<&Rule>) {
        let path = request.path();
        let plain = path::is_plain(path);
        let ambiguous = !plain && path::is_ambiguous(path);
        let open = |rule: &Rule| matches!(rule.access, Access::Public | Access::Optional);
        if let Some(chosen) = request.policy {
            let rule = match self.rules.iter().find(|rule| rule.name.as_deref() == Some(chosen)) {
                Some(rule) if ambiguous && open(rule) => &GUARDED,
                Some(rule) => rule,
                None => &CLOSED,
            };
            return (rule, Vec::new());
        }
        let first = |path: &str, may_be_open: bool| {
            let usable = |rule: &&Rule| may_be_open || !open(rule);
            let matches = |rule: &&Rule| rule.matcher.matches(path, request, rule.cors_preflight);
            let found = self.rules.iter().filter(usable).find(matches);
            found.or(Some(&self.default).filter(usable)).unwrap_or(&GUARDED)
        };
        if plain {
            return (first(path, true), Vec::new());
        }
        let normal = path::normalized(path);
        if !ambiguous {
            let rule = first(path, true);
            if normal == path || std::ptr::eq(rule, first(&normal, true)) {
                return (rule, Vec::new());
            }
        }
        let rule = first(path, false);
        let mut also = Vec::new();
        // Some servers drop the slash at the end when they clean up.
        for spelling in [Some(normal.as_ref()), normal.strip_suffix('/').filter(|_| ambiguous)].into_iter().flatten() {
            let other = first(spelling, false);
            if !std::iter::once(&rule).chain(&also).any(|known| std::ptr::eq(*known, other)) {
                also.push(other);
            }
        }
        (rule, also)
    }
}

/// What applies to an ambiguous path that only an open rule would take: a token is required.
static GUARDED: Rule = Rule::bare(Access::Required);

/// What applies where the host chose a rule by a name that none has: nothing gets in by mistake.
static CLOSED: Rule = Rule::bare(Access::Deny);

impl Rule {
    /// A rule that matches nothing and asks for nothing but `access`.
    pub const fn bare(access: Access) -> Self {
        Self {
            name: None,
            matcher: Matcher { place: Place::Nowhere, methods: None, hosts: None },
            access,
            issuers: None,
            audiences: None,
            scopes: None,
            groups: None,
            require: Vec::new(),
            step_up: None,
            resource: None,
            cors_preflight: false,
        }
    }

    /// Whether the rule takes tokens of this issuer.
    pub fn accepts_issuer(&self, issuer: IssuerId) -> bool {
        self.issuers.as_ref().is_none_or(|issuers| issuers.contains(&issuer))
    }

    /// Whether the request is a CORS preflight that passes without a token: like an open rule, under no ambiguous path.
    pub fn passes_preflight(&self, request: &Request<'_>) -> bool {
        self.cors_preflight && request.preflight_method().is_some() && !path::is_ambiguous(request.path())
    }

    /// Whether the caller may do this.
    ///
    /// # Errors
    /// What is missing.
    pub fn permit(&self, identity: &Identity, claims: Value<'_>, skew: Duration, now: Timestamp) -> Result<(), Reason> {
        if self.groups.as_ref().is_some_and(|groups| !groups.satisfied_by(&identity.groups)) {
            return Err(Reason::GroupMissing);
        }
        if !self.require.iter().all(|rule| rule.holds(claims)) {
            return Err(Reason::RouteRuleFailed);
        }
        if self.scopes.as_ref().is_some_and(|scopes| !scopes.satisfied_by(&identity.scopes)) {
            return Err(Reason::ScopeMissing);
        }
        if self.step_up.as_ref().is_some_and(|step_up| !step_up.satisfied_by(identity, claims, skew, now)) {
            return Err(Reason::StepUpRequired);
        }
        Ok(())
    }
}

impl Access {
    /// Its name in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Optional => "optional",
            Self::Public => "public",
            Self::Deny => "deny",
        }
    }
}

impl Scopes {
    fn satisfied_by(&self, own: &[String]) -> bool {
        match self {
            Self::All(scopes) => scopes.iter().all(|scope| own.contains(scope)),
            Self::Any(scopes) => scopes.iter().any(|scope| own.contains(scope)),
        }
    }
}

impl Groups {
    fn satisfied_by(&self, own: &[String]) -> bool {
        let has = |pattern: &Pattern| own.iter().any(|group| pattern.matches(group));
        match self {
            Self::All(groups) => groups.iter().all(has),
            Self::Any(groups) => groups.iter().any(has),
        }
    }
}

impl StepUp {
    fn satisfied_by(&self, identity: &Identity, claims: Value<'_>, skew: Duration, now: Timestamp) -> bool {
        let acr = self.acr.is_empty() || identity.acr.as_ref().is_some_and(|acr| self.acr.contains(acr));
        let recent = self.max_age.is_none_or(|max_age| {
            let authenticated = claims.member("auth_time").and_then(Value::as_number).map(|time| time.millis());
            let oldest = now.before(max_age).before(skew).millis();
            authenticated.is_some_and(|time| u64::try_from(time).is_ok_and(|time| time >= oldest))
        });
        acr && recent
    }
}

#[cfg(test)]
mod tests;
