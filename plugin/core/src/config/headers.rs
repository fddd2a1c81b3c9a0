//! Identity headers and token sources.

use super::findings::{At, Findings};
use super::raw;
use super::rules::address;
use crate::credential::TokenSource;
use crate::header::{Attribute, IdentityHeaders, folded_name};
use std::collections::BTreeSet;
use std::rc::Rc;

/// Headers that mean something to the host or to HTTP itself; an identity in them would break or fool something.
const RESERVED: [&str; 22] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "host",
    "connection",
    "keep-alive",
    "content-length",
    "content-type",
    "content-encoding",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "via",
    "forwarded",
    "proxy-connection",
    "http2-settings",
    "origin",
    "range",
    "accept-encoding",
];
const RESERVED_PREFIXES: [&str; 3] = [":", "x-forwarded-", "x-envoy-"];

pub(super) fn identity(raw: Option<raw::IdentityHeaders>, findings: &mut Findings, at: &At<'_>) -> IdentityHeaders {
    let raw = raw.unwrap_or_default();
    let (mut attributes, mut claims) = (Vec::new(), Vec::new());
    let mut taken = BTreeSet::new();
    for (attribute, field, default) in Attribute::ALL {
        let (header, explicit) = match configured(&raw, attribute) {
            Some(raw::Nullable(header)) => (header.clone(), true),
            None => (default.map(str::to_owned), false),
        };
        let Some(header) = header else { continue };
        if let Some(name) = name(&header, findings, &at.field(field)) {
            if !taken.insert(folded_name(&name)) {
                let whose = if explicit {
                    "another attribute uses this header, or one that backends take for it"
                } else {
                    "another attribute uses this attribute's default header"
                };
                findings.mistake(&at.field(field), whose);
            }
            attributes.push((attribute, name));
        }
    }
    let claims_at = at.field("claims");
    for (header, claim) in raw.claims.map(|claims| claims.0).unwrap_or_default() {
        let own = claims_at.field(&header);
        let Some((name, address)) = name(&header, findings, &own).zip(address(&claim, findings, &own)) else {
            continue;
        };
        if !taken.insert(folded_name(&name)) {
            findings.mistake(&own, "another attribute uses this header, or one that backends take for it");
        }
        claims.push((name, address));
    }
    IdentityHeaders::new(attributes, claims)
}

/// Returns what the configuration says about the header of an attribute.
fn configured(raw: &raw::IdentityHeaders, attribute: Attribute) -> Option<&raw::Nullable<String>> {
    let header = match attribute {
        Attribute::Subject => &raw.subject,
        Attribute::Issuer => &raw.issuer,
        Attribute::Username => &raw.username,
        Attribute::Email => &raw.email,
        Attribute::Client => &raw.client,
        Attribute::Groups => &raw.groups,
        Attribute::Scopes => &raw.scopes,
        Attribute::Provider => &raw.provider,
        Attribute::Actor => &raw.actor,
        Attribute::Acr => &raw.acr,
        Attribute::Amr => &raw.amr,
        Attribute::AuthTime => &raw.auth_time,
        Attribute::Payload => &raw.payload,
    };
    header.as_ref()
}

pub(super) fn token_sources(
    raw: Option<raw::List<raw::TokenSource>>,
    findings: &mut Findings,
    at: &At<'_>,
) -> Vec<TokenSource> {
    let Some(raw) = raw else {
        return vec![TokenSource::Header("authorization".to_owned(), Some("Bearer".to_owned()))];
    };
    if raw.is_empty() {
        findings.mistake(at, "needs at least one place for a token");
    }
    let mut sources: Vec<TokenSource> = Vec::new();
    findings.each(at, Some(raw), |raw, findings, at| {
        let source = token_source(raw, findings, at)?;
        let same = |other: &TokenSource| match (other, &source) {
            (TokenSource::Header(one, _), TokenSource::Header(other, _)) => one == other,
            (one, other) => one == other,
        };
        if sources.iter().any(same) {
            findings.mistake(at, "this place is in the list already");
        }
        sources.push(source);
        Some(())
    });
    sources
}

fn token_source(raw: raw::TokenSource, findings: &mut Findings, at: &At<'_>) -> Option<TokenSource> {
    if raw.scheme.is_some() && raw.header.is_none() {
        findings.mistake(&at.field("scheme"), "only a header has a scheme");
    }
    if raw.query.is_some() {
        findings.warn(&at.field("query"), "tokens in URLs end up in logs and histories");
    }
    if raw.cookie.is_some() {
        findings.warn(
            &at.field("cookie"),
            "browsers send cookies with requests that other sites cause: protect against CSRF (SameSite, Origin)",
        );
    }
    match (raw.header, raw.cookie, raw.query) {
        (Some(header), None, None) => {
            if raw.scheme.as_deref().is_some_and(|scheme| !is_token(scheme)) {
                findings.mistake(&at.field("scheme"), "is not an authentication scheme; leave it out for a raw token");
            }
            let credentials =
                ["authorization", "proxy-authorization"].iter().any(|name| header.eq_ignore_ascii_case(name));
            let reserved = !credentials && RESERVED.iter().any(|name| name.as_bytes() == folded_name(&header));
            if reserved || !is_token(&header) {
                findings.mistake(&at.field("header"), "is not a header that can carry a token");
            }
            Some(TokenSource::Header(header.to_ascii_lowercase(), raw.scheme))
        }
        (None, Some(cookie), None) if is_token(&cookie) => Some(TokenSource::Cookie(cookie)),
        (None, None, Some(query)) if !query.is_empty() => Some(TokenSource::Query(query)),
        _ => {
            findings.mistake(at, "needs exactly one of header, cookie and query, with a name");
            None
        }
    }
}

/// A header cannot both bring the token and be removed from every request.
pub(super) fn refuse_overlap(headers: &IdentityHeaders, sources: &[TokenSource], findings: &mut Findings) {
    for (index, source) in sources.iter().enumerate() {
        if let TokenSource::Header(name, _) = source
            && headers.manages(name.as_bytes())
        {
            findings.mistake(&At::Top.field("token_sources").index(index).field("header"), "is an identity header");
        }
    }
}

fn name(header: &str, findings: &mut Findings, at: &At<'_>) -> Option<Rc<str>> {
    if is_reserved(header) || !is_token(header) {
        findings.mistake(at, "is not a header that can carry an identity");
        return None;
    }
    Some(header.to_ascii_lowercase().into())
}

/// Whether this header, or one that a backend takes for it, means something to the host or to HTTP. An identity header
/// is removed in every such spelling: `content_length` would take `content-length` along.
fn is_reserved(header: &str) -> bool {
    let folded = folded_name(header);
    RESERVED.iter().any(|name| name.as_bytes() == folded)
        || RESERVED_PREFIXES.iter().any(|prefix| folded.starts_with(prefix.as_bytes()))
}

/// A token in the sense of RFC 9110 section 5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
