//! Finding the one token of a request (RFC 6750 section 2), and taking it out of what goes on to the service.

use crate::bytes::find;
use crate::path::unescaped;
use crate::refusal::Reason;
use crate::request::Request;
use std::borrow::Cow;
use std::fmt;

/// A place where a token may be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TokenSource {
    /// A header, in lower case; the scheme in front of the token, or nothing where the value is the token.
    Header(String, Option<String>),
    /// A cookie.
    Cookie(String),
    /// A query parameter.
    Query(String),
}

/// The token of a request, and where it was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Credential<'r> {
    /// Its text, not looked at yet.
    pub token: Cow<'r, [u8]>,
    /// Where it was.
    pub source: &'r TokenSource,
}

/// What must change in a request so that its token does not go on to the service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Removal {
    /// The header goes.
    Header(String),
    /// The header stays, without a value.
    HeaderValue(String),
    /// The cookies left, if any.
    Cookies(Option<Vec<u8>>),
    /// The request target without the parameter.
    Target(String),
}

impl<'r> Credential<'r> {
    /// Takes exactly one token: `None` where there is none. A new one is still to be checked with [`Self::single`].
    ///
    /// # Errors
    /// More than one, or a place that should hold one and does not.
    pub fn take(request: &Request<'r>, sources: &'r [TokenSource]) -> Result<Option<Self>, Reason> {
        let mut taken = None;
        for source in sources {
            let Some(token) = source.token(request)? else { continue };
            if taken.replace(Self { token, source }).is_some() {
                return Err(Reason::CredentialsConflict);
            }
        }
        Ok(taken)
    }

    /// Refuses several tokens that a host has joined with a comma, which no token has: so a remembered one need not be
    /// searched for it.
    ///
    /// # Errors
    /// There is more than one.
    pub fn single(&self) -> Result<(), Reason> {
        let may_be_joined = !matches!(self.source, TokenSource::Query(_));
        if may_be_joined && find(&self.token, b',').is_some() { Err(Reason::CredentialsConflict) } else { Ok(()) }
    }

    /// Says how to take the token out of the request. With `keeps_place` its header, cookie or parameter stays, empty: a host
    /// that looks for it then picks the same route as before.
    pub fn removal(&self, request: &Request<'_>, keeps_place: bool) -> Removal {
        match self.source {
            TokenSource::Header(name, _) if keeps_place => Removal::HeaderValue(name.clone()),
            TokenSource::Header(name, _) => Removal::Header(name.clone()),
            TokenSource::Cookie(name) => {
                let kept = |crumb| match cookie(crumb, name) {
                    None => Some(crumb),
                    Some(_) => crumb.get(..=name.len()).filter(|_| keeps_place),
                };
                let others: Vec<&[u8]> = crumbs(request).filter_map(kept).collect();
                Removal::Cookies((!others.is_empty()).then(|| others.join(&b"; "[..])))
            }
            source @ TokenSource::Query(_) => {
                let left = target_without_tokens(request.target, std::slice::from_ref(source), keeps_place);
                Removal::Target(left.unwrap_or_else(|| request.target.to_owned()))
            }
        }
    }
}

impl TokenSource {
    fn token<'r>(&self, request: &Request<'r>) -> Result<Option<Cow<'r, [u8]>>, Reason> {
        match self {
            Self::Header(name, scheme) => {
                let mut values = request.values(name);
                let Some(value) = values.next() else { return Ok(None) };
                if values.next().is_some() {
                    return Err(Reason::CredentialsConflict);
                }
                match scheme {
                    Some(scheme) => behind_scheme(value, scheme),
                    None => whole(value).map(Some),
                }
            }
            Self::Cookie(name) => {
                let mut values = crumbs(request).filter_map(|crumb| cookie(crumb, name));
                let Some(value) = values.next() else { return Ok(None) };
                if values.next().is_some() {
                    return Err(Reason::CredentialsConflict);
                }
                let unquoted = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\""));
                whole(unquoted.unwrap_or(value)).map(Some)
            }
            Self::Query(name) => {
                let (front, _) = split_before(request.target, '#');
                let mut values = parameters(split_before(front, '?').1).filter(|parameter| is_named(parameter, name));
                let Some(parameter) = values.next() else { return Ok(None) };
                if values.next().is_some() {
                    return Err(Reason::CredentialsConflict);
                }
                let value = unescaped(parameter.split_once('=').map_or("", |(_, value)| value));
                if value.is_empty() { Err(Reason::CredentialMalformed) } else { Ok(Some(Cow::Owned(value))) }
            }
        }
    }
}

impl fmt::Display for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name, Some(scheme)) => write!(f, "header {name}, scheme {scheme}"),
            Self::Header(name, None) => write!(f, "header {name}"),
            Self::Cookie(name) => write!(f, "cookie {name}"),
            Self::Query(name) => write!(f, "query parameter {name}"),
        }
    }
}

/// Returns the request target without the query parameters that `sources` name, or `None` where it has none of them.
///
/// Each parameter goes with one `&` beside it; with `keeps_place` it stays without its value. All other bytes stay, empty parameters included: a service may have signed
/// its query string. Where sources name parameters, nothing stays of a target that is not UTF-8 ([`Request`] has U+FFFD for
/// it): its parameters cannot be told apart.
pub fn target_without_tokens(target: &str, sources: &[TokenSource], keeps_place: bool) -> Option<String> {
    if target == "\u{fffd}" {
        return sources.iter().any(|source| matches!(source, TokenSource::Query(_))).then(|| "/".to_owned());
    }
    let (front, fragment) = split_before(target, '#');
    let (path, query) = split_before(front, '?');
    let holds_token = |parameter: &&str| {
        sources.iter().any(|source| matches!(source, TokenSource::Query(name) if is_named(parameter, name)))
    };
    parameters(query).find(holds_token)?;
    let kept = |parameter| match holds_token(&parameter) {
        false => Some(parameter),
        true => parameter.split_inclusive('=').next().filter(|_| keeps_place),
    };
    let others: Vec<&str> = parameters(query).filter_map(kept).collect();
    let mark = if others.is_empty() { "" } else { "?" };
    Some([path, mark, &others.join("&"), fragment].concat())
}

/// The token behind `Bearer` and one or more spaces; the scheme compares without case (RFC 9110 section 11.1).
fn behind_scheme<'r>(value: &'r [u8], scheme: &str) -> Result<Option<Cow<'r, [u8]>>, Reason> {
    let behind = |value: &'r [u8]| {
        let (own, rest) = value.split_at_checked(scheme.len())?;
        own.eq_ignore_ascii_case(scheme.as_bytes()).then_some(rest)
    };
    let Some(rest) = behind(value) else {
        // A host may have joined ours to another scheme's header, which stood first.
        let joined = |part: &'r [u8]| behind(part.trim_ascii_start()).is_some_and(|rest| rest.starts_with(b" "));
        let second = value.split(|byte| *byte == b',').skip(1).any(joined);
        return if second { Err(Reason::CredentialsConflict) } else { Ok(None) };
    };
    match rest.first() {
        None | Some(b'\t') => Err(Reason::CredentialMalformed),
        Some(b' ') => {
            let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
            whole(rest.get(spaces..).unwrap_or_default()).map(Some)
        }
        // Another scheme that merely starts alike.
        Some(_) => Ok(None),
    }
}

fn whole(token: &[u8]) -> Result<Cow<'_, [u8]>, Reason> {
    if token.is_empty() || token.starts_with(b"\t") {
        Err(Reason::CredentialMalformed)
    } else {
        Ok(Cow::Borrowed(token))
    }
}

/// What stands between the semicolons of every `cookie` header; HTTP/2 may split them.
fn crumbs<'r>(request: &Request<'r>) -> impl Iterator<Item = &'r [u8]> + use<'r> {
    let crumbs = request.values("cookie").flat_map(|value| value.split(|byte| *byte == b';'));
    crumbs.map(<[u8]>::trim_ascii).filter(|crumb| !crumb.is_empty())
}

/// The value of the cookie of that name, where the crumb is one.
fn cookie<'r>(crumb: &'r [u8], name: &str) -> Option<&'r [u8]> {
    crumb.strip_prefix(name.as_bytes())?.strip_prefix(b"=")
}

fn parameters(query: &str) -> impl Iterator<Item = &str> {
    query.strip_prefix('?').into_iter().flat_map(|query| query.split('&'))
}

fn is_named(parameter: &str, name: &str) -> bool {
    unescaped(parameter.split('=').next().unwrap_or_default()) == name.as_bytes()
}

/// Splits so that the second part starts with the mark.
fn split_before(text: &str, mark: char) -> (&str, &str) {
    text.find(mark).and_then(|at| text.split_at_checked(at)).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests;
