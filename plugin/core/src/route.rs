//! Routes: which rule applies to a request, and what the rule asks.

mod applicable;
mod matcher;

pub use applicable::ApplicableRules;
pub use matcher::{Matcher, Place, Segment};

use crate::identity::Identity;
use crate::issuer::IssuerId;
use crate::json::Value;
use crate::pattern::Pattern;
use crate::refusal::Reason;
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
    /// What happens to a request that the rule refuses.
    pub enforcement: Enforcement,
}

/// What happens to a request that a rule refuses.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Enforcement {
    /// It is refused.
    Enforce,
    /// It goes on to the service without identity, and is counted and logged. Never that of a rule with [`Access::Deny`].
    Report,
}

/// What a request needs to get through, from the least to the most.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Access {
    /// Nothing; no token is read.
    Public,
    /// A good token or none.
    Optional,
    /// A token.
    Required,
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
    /// Whether any rule has no match, so that the host alone can choose it.
    pub only_named: bool,
    /// What applies to an ambiguous request that only an open rule matches: a token is required.
    pub guarded: Rule,
    /// What applies where the host chose a rule by a name that none has: nothing gets in by mistake.
    pub closed: Rule,
}

impl Routes {
    /// Whether the host's routes choose the rule of a request for which the host gave this name: it gave one, or there are rules
    /// that nothing else can choose.
    pub fn are_chosen_by_host(&self, policy: Option<&str>) -> bool {
        policy.is_some() || self.only_named
    }

    /// Returns the first rule without hosts whose place a path is in and that is for every method.
    pub(crate) fn by_place(&self, path: &str) -> &Rule {
        self.by_place_and_method(path, "")
    }

    /// Returns the first rule without hosts whose place a path is in and that is for this method.
    pub(crate) fn by_place_and_method(&self, path: &str, method: &str) -> &Rule {
        let takes = |methods: &Vec<String>| methods.iter().any(|own| own == method);
        let found = self.rules.iter().find(|rule| {
            rule.matcher.hosts.is_none()
                && rule.matcher.methods.as_ref().is_none_or(takes)
                && rule.matcher.place.holds(path)
        });
        found.unwrap_or(&self.default)
    }

    /// The rule that the host chose by this name.
    fn named(&self, name: &str) -> &Rule {
        self.rules.iter().find(|rule| rule.name.as_deref() == Some(name)).unwrap_or(&self.closed)
    }
}

impl Rule {
    /// A rule that matches nothing and asks for nothing but `access`.
    pub fn bare(access: Access, enforcement: Enforcement) -> Self {
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
            enforcement,
        }
    }

    /// Whether the rule takes tokens of this issuer.
    pub fn accepts_issuer(&self, issuer: IssuerId) -> bool {
        self.issuers.as_ref().is_none_or(|issuers| issuers.contains(&issuer))
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
    /// Whether a request without a token gets through.
    pub fn is_open(self) -> bool {
        self < Self::Required
    }

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
            let (oldest, newest) = (now.before(max_age).before(skew).millis(), now.after(skew).millis());
            authenticated.is_some_and(|time| u64::try_from(time).is_ok_and(|time| (oldest..=newest).contains(&time)))
        });
        acr && recent
    }
}

#[cfg(test)]
mod tests;
