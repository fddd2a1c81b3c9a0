//! The rules that a request must meet.

use super::{Access, Enforcement, Place, Routes, Rule};
use crate::authority::Authority;
use crate::claims::{AcceptedToken, CurrentClaims};
use crate::issuer::{Issuer, IssuerId};
use crate::refusal::Reason;
use crate::request::Request;
use crate::time::Timestamp;
use std::time::Duration;

/// The rules that a request must meet: all of them must hold. Nearly always there is one. There are more where servers may read
/// the path or the host in several ways, and none of them is open then.
#[derive(Clone, Debug)]
pub struct ApplicableRules<'r> {
    first: &'r Rule,
    further: Vec<&'r Rule>,
}

impl<'r> From<&'r Rule> for ApplicableRules<'r> {
    fn from(first: &'r Rule) -> Self {
        Self { first, further: Vec::new() }
    }
}

impl<'r> ApplicableRules<'r> {
    /// The rule that the host chose, or the one for the path as it was sent.
    pub fn first(&self) -> &'r Rule {
        self.first
    }

    /// All rules, [`Self::first`] first.
    pub fn iter(&self) -> impl Iterator<Item = &'r Rule> {
        std::iter::once(self.first).chain(self.further.iter().copied())
    }

    /// Adds a rule that must hold as well.
    pub fn add(&mut self, rule: &'r Rule) {
        if !self.has(rule) {
            self.further.push(rule);
        }
    }

    fn has(&self, rule: &Rule) -> bool {
        self.iter().any(|known| std::ptr::eq(known, rule))
    }

    /// The strictest access that any of the rules asks for.
    pub fn access(&self) -> Access {
        self.iter().map(|rule| rule.access).fold(Access::Public, Access::max)
    }

    /// Whether a refusal is carried out: unless every rule only reports.
    pub fn enforcement(&self) -> Enforcement {
        let reports = self.iter().all(|rule| rule.enforcement == Enforcement::Report);
        if reports { Enforcement::Report } else { Enforcement::Enforce }
    }

    /// Whether the request is a CORS preflight that all rules let pass without a token.
    pub fn pass_preflight(&self, request: &Request<'_>) -> bool {
        !request.is_ambiguous() && request.preflight_method().is_some() && self.iter().all(|rule| rule.cors_preflight)
    }

    /// The claims of the token, if they hold at `now` for every rule.
    ///
    /// # Errors
    /// The first rule that does not take tokens of this issuer or for their audience, or what is wrong with the claims.
    pub fn current_claims<'t>(
        &self,
        token: &'t AcceptedToken,
        (id, issuer): (IssuerId, &Issuer),
        skew: Duration,
        now: Timestamp,
    ) -> Result<CurrentClaims<'t>, Reason> {
        let under = |rule: &Rule| {
            if !rule.accepts_issuer(id) {
                return Err(Reason::IssuerNotAccepted);
            }
            CurrentClaims::at(token, issuer, rule.audiences.as_deref(), skew, now)
        };
        let claims = under(self.first)?;
        self.further.iter().try_for_each(|rule| under(rule).map(drop))?;
        Ok(claims)
    }
}

impl Routes {
    /// Finds the rules for a request: the rule that the host chose by the name `policy`, else the first that matches, else the
    /// default. Where servers may read the request in several ways, the rules for the other readings hold as well.
    pub fn applying_to(&self, request: &Request<'_>, policy: Option<&str>) -> ApplicableRules<'_> {
        let chosen = policy.map(|name| self.named(name));
        let (raw, readings) = (request.path.raw(), request.path.readings().unwrap_or_default());
        let unsure = self.unsure(request);
        if !request.is_ambiguous() && unsure.is_empty() {
            let any = |path| self.first(path, request, |_| true);
            let rule = match chosen {
                Some(chosen) if readings.is_empty() => return chosen.into(),
                _ => any(raw),
            };
            if readings.iter().all(|reading| std::ptr::eq(any(reading), rule)) {
                return chosen.unwrap_or(rule).into();
            }
        }
        let guarded = |path| self.first(path, request, |rule| !rule.access.is_open());
        let first = match chosen {
            Some(rule) if rule.access.is_open() => &self.guarded,
            Some(rule) => rule,
            None => guarded(raw),
        };
        let mut rules = ApplicableRules::from(first);
        readings.iter().for_each(|reading| rules.add(guarded(reading)));
        // There may be as many of these as there are rules, each of them once.
        let known = rules.clone();
        rules.further.extend(unsure.into_iter().filter(|rule| !known.has(rule)));
        rules
    }

    /// The first rule of those that may be used that matches, else the default.
    fn first(&self, path: &str, request: &Request<'_>, usable: impl Fn(&Rule) -> bool) -> &Rule {
        let matches = |rule: &&Rule| usable(rule) && rule.matcher.matches(path, request, rule.cors_preflight);
        let found = self.rules.iter().find(matches);
        found.or(Some(&self.default).filter(|rule| usable(rule))).unwrap_or(&self.guarded)
    }

    /// The rules that ask for something and of which nobody can say whether they are for this request: those that name hosts
    /// where the host is unclear, all where the path is not followed, and where the request is ambiguous those without a
    /// match, which only the host can choose.
    fn unsure(&self, request: &Request<'_>) -> Vec<&Rule> {
        let ambiguous = request.is_ambiguous();
        if !ambiguous && matches!(request.authority, Authority::Host(_)) {
            return Vec::new();
        }
        let unsure = |rule: &&Rule| {
            let by_name = ambiguous && matches!(rule.matcher.place, Place::Nowhere);
            !rule.access.is_open() && (by_name || rule.matcher.may_match(request, rule.cors_preflight))
        };
        self.rules.iter().filter(unsure).collect()
    }
}
