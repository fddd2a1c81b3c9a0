//! Whether a verified token is good now, and for us (RFC 7519 section 4.1, RFC 8725, RFC 9068 section 4).

use crate::address::{self, Address};
use crate::issuer::{Audiences, Issuer};
use crate::json::{Kind, Value};
use crate::refusal::Reason;
use crate::time::{self, Timestamp};
use crate::verify::VerifiedToken;
use std::time::Duration;

/// A verified token that is what its issuer's entry asks for. Only time and the route are left to look at.
#[derive(Debug)]
pub struct AcceptedToken {
    token: VerifiedToken,
    times: Times,
    /// Whether `aud` is one of the issuer's audiences; a route may have its own.
    for_us: Result<(), Reason>,
}

/// The claims of an accepted token that holds at one moment.
#[derive(Copy, Clone, Debug)]
pub struct CurrentClaims<'t> {
    token: &'t VerifiedToken,
}

/// The dates of a token in milliseconds.
#[derive(Copy, Clone, Debug)]
struct Times {
    expiry: Option<i64>,
    not_before: Option<i64>,
    issued: Option<i64>,
}

impl AcceptedToken {
    /// Checks everything that the issuer's entry asks of its tokens and that no clock changes.
    ///
    /// # Errors
    /// The first check that failed.
    pub fn accept(token: VerifiedToken, issuer: &Issuer) -> Result<Self, Reason> {
        if !issuer.types.iter().any(|allowed| allowed.as_deref() == token.typ()) {
            return Err(Reason::TypeNotAllowed);
        }
        let claims = token.claims();
        if let Some(tenant) = token.iss().and_then(|iss| issuer.tenant(iss))
            && claims.member("tid").and_then(Value::as_str).as_deref() != Some(tenant)
        {
            return Err(Reason::TenantMismatch);
        }
        if !issuer.vouches_for(claims.member("sub").and_then(Value::as_str).as_deref()) {
            return Err(Reason::SubjectForeign);
        }
        let times = Times::read(claims, issuer)?;
        let is_absent = |address: &Address| address.find(claims).iter().all(|value| value.kind() == Kind::Null);
        if issuer.required_claims.iter().any(is_absent) {
            return Err(Reason::ClaimMissing);
        }
        let for_us = match &issuer.audiences {
            Audiences::AnyOf(own) => check_audience(claims, Some(own)),
            Audiences::Any => check_audience(claims, None),
        };
        check_client(claims, issuer)?;
        check_resource(claims, issuer)?;
        if !issuer.require.iter().all(|rule| rule.holds(claims)) {
            return Err(Reason::ClaimRuleFailed);
        }
        if issuer.entra && issuer.clients.is_none() && !is_granted(claims) {
            return Err(Reason::ClaimRuleFailed);
        }
        // RFC 7800: whoever presents such a token must prove possession of a key, and a bearer proves nothing.
        if let Some(binding) = claims.member("cnf") {
            let is_binding = binding.kind() == Kind::Object;
            return Err(if is_binding { Reason::BindingNotProven } else { Reason::ClaimMalformed });
        }
        Ok(Self { token, times, for_us })
    }

    /// The token.
    pub fn token(&self) -> &VerifiedToken {
        &self.token
    }
}

impl<'t> CurrentClaims<'t> {
    /// Checks what time and place decide. `audiences` are the route's own, where it has any.
    ///
    /// # Errors
    /// The first check that failed.
    pub fn at(
        accepted: &'t AcceptedToken,
        issuer: &Issuer,
        audiences: Option<&[String]>,
        skew: Duration,
        now: Timestamp,
    ) -> Result<Self, Reason> {
        accepted.times.check(issuer, skew, now)?;
        match audiences {
            Some(own) => check_audience(accepted.token.claims(), Some(own))?,
            None => accepted.for_us?,
        }
        Ok(Self { token: &accepted.token })
    }

    /// The token they belong to.
    pub fn token(&self) -> &'t VerifiedToken {
        self.token
    }

    /// The claims.
    pub fn root(&self) -> Value<'t> {
        self.token.claims()
    }
}

/// A NumericDate (RFC 7519 section 2) in milliseconds. Absent and wrong are two things: `null` is wrong.
pub(crate) fn date(claims: Value<'_>, name: &str) -> Result<Option<i64>, Reason> {
    match claims.member(name) {
        None => Ok(None),
        Some(value) => value.as_number().map(|number| Some(number.millis())).ok_or(Reason::ClaimMalformed),
    }
}

impl Times {
    /// Reads the dates, and checks what they say of each other.
    fn read(claims: Value<'_>, issuer: &Issuer) -> Result<Self, Reason> {
        let (expiry, not_before, issued) = (date(claims, "exp")?, date(claims, "nbf")?, date(claims, "iat")?);
        let ends_before = |start: Option<i64>| expiry.zip(start).is_some_and(|(expiry, start)| expiry < start);
        if ends_before(not_before) || ends_before(issued) {
            return Err(Reason::TokenContradictory);
        }
        if issuer.max_token_age.is_some() && issued.is_none() {
            return Err(Reason::ClaimMissing);
        }
        if let Some(longest) = issuer.max_lifetime {
            let (expiry, issued) = expiry.zip(issued).ok_or(Reason::ClaimMissing)?;
            if expiry.saturating_sub(issued) > millis(longest) {
                return Err(Reason::LifetimeTooLong);
            }
        }
        Ok(Self { expiry, not_before, issued })
    }

    fn check(&self, issuer: &Issuer, skew: Duration, now: Timestamp) -> Result<(), Reason> {
        let now = i64::try_from(now.millis()).unwrap_or(i64::MAX);
        let skew = millis(skew);
        if self.expiry.is_some_and(|expiry| now >= expiry.saturating_add(skew)) {
            return Err(Reason::TokenExpired);
        }
        if self.not_before.is_some_and(|not_before| now.saturating_add(skew) < not_before) {
            return Err(Reason::TokenNotYetValid);
        }
        if self.issued.is_some_and(|issued| now.saturating_add(skew) < issued) {
            return Err(Reason::TokenFromFuture);
        }
        let oldest = issuer.max_token_age.map(|longest| now.saturating_sub(millis(longest)).saturating_sub(skew));
        if oldest.zip(self.issued).is_some_and(|(oldest, issued)| issued < oldest) {
            return Err(Reason::TokenTooOld);
        }
        Ok(())
    }
}

/// `aud` is a string or a list of strings; what else it may be is wrong whether it matters or not.
fn check_audience(claims: Value<'_>, accepted: Option<&[String]>) -> Result<(), Reason> {
    let Some(audience) = claims.member("aud") else {
        return if accepted.is_none() { Ok(()) } else { Err(Reason::AudienceMismatch) };
    };
    let mut meant_for_us = accepted.is_none();
    let mut hears = |audience: Value<'_>| {
        let audience = audience.as_str().ok_or(Reason::ClaimMalformed)?;
        meant_for_us |= accepted.is_some_and(|accepted| accepted.iter().any(|own| *own == audience));
        Ok(())
    };
    match audience.kind() {
        Kind::Array => audience.elements().try_for_each(hears)?,
        _ => hears(audience)?,
    }
    if meant_for_us { Ok(()) } else { Err(Reason::AudienceMismatch) }
}

/// Whether an access token of Entra carries a permission: `scp` for users, `roles` for applications. Entra issues tokens
/// for an API to any application of the tenant that asks, granted or not. ID tokens name no client and have neither.
fn is_granted(claims: Value<'_>) -> bool {
    let filled = |name: &str| {
        claims.member(name).is_some_and(|value| match value.kind() {
            Kind::String => value.as_str().is_some_and(|text| !text.trim().is_empty()),
            Kind::Array => value.elements().next().is_some(),
            _ => false,
        })
    };
    let names_client = ["azp", "appid", "idtyp"].iter().any(|name| claims.member(name).is_some());
    filled("scp") || filled("roles") || !names_client
}

fn check_client(claims: Value<'_>, issuer: &Issuer) -> Result<(), Reason> {
    let Some(clients) = &issuer.clients else { return Ok(()) };
    let client = address::values(&issuer.claims.client, claims).next();
    let client = client.ok_or(Reason::ClientNotAllowed)?.as_str().ok_or(Reason::ClaimMalformed)?;
    if clients.iter().any(|allowed| *allowed == client) { Ok(()) } else { Err(Reason::ClientNotAllowed) }
}

fn check_resource(claims: Value<'_>, issuer: &Issuer) -> Result<(), Reason> {
    let Some((address, accepted)) = &issuer.resource_claim else { return Ok(()) };
    if strings_at(address, claims).iter().any(|resource| accepted.contains(resource)) {
        Ok(())
    } else {
        Err(Reason::ResourceMismatch)
    }
}

/// The string, or the strings of the list, at an address.
pub(crate) fn strings_at(address: &Address, claims: Value<'_>) -> Vec<String> {
    let found = address.find(claims).into_iter();
    let flat = found.flat_map(|value| {
        let own = value.as_str().into_iter();
        own.chain(value.elements().filter_map(Value::as_str)).collect::<Vec<_>>()
    });
    flat.map(std::borrow::Cow::into_owned).collect()
}

fn millis(span: Duration) -> i64 {
    i64::try_from(time::millis(span)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
