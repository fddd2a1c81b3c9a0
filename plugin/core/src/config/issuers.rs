//! Issuers.

use super::findings::{At, Findings};
use super::rules::{address, addresses, claim_rules, group_map, looks_like_pattern, no_patterns, sources};
use super::{Crypto, Host, anyone, keys, preset, raw};
use crate::algorithm::{Algorithm, Algorithms};
use crate::issuer::{Audiences, ClaimAddresses, Issuer, IssuerId, Issuers, TENANT, UnverifiedEmail};
use crate::keyset::{Admission, Origin};
use crate::token::plain_type;
use claimgate_signatures::Backend;
use std::collections::BTreeMap;

/// The issuers, and every name that routes may use: `None` for one that is not enabled.
pub(super) struct Read {
    pub(super) issuers: Issuers,
    pub(super) names: BTreeMap<String, Option<IssuerId>>,
}

pub(super) fn translate(
    raw: Option<raw::List<raw::Issuer>>,
    runs_on: (Host, Crypto),
    findings: &mut Findings,
    at: &At<'_>,
) -> Read {
    let mut read = Read { issuers: Issuers::default(), names: BTreeMap::new() };
    if raw.as_ref().is_none_or(Vec::is_empty) {
        findings.mistake(at, "needs at least one issuer");
    }
    findings.each(at, raw, |mut raw, findings, at| {
        preset::fill(&mut raw, findings, at);
        let name = name(raw.name.take(), findings, &at.field("name"));
        let enabled = raw.enabled.unwrap_or(true);
        let id = enabled.then(|| read.issuers.iter().count());
        if read.names.insert(name.clone(), id).is_some() {
            findings.mistake(&at.field("name"), "another issuer has this name");
        }
        let issuer = issuer(raw, name, runs_on, findings, at).filter(|_| enabled)?;
        if let Err(taken) = read.issuers.add(issuer) {
            findings.mistake(&at.field("issuer"), format!("another issuer already goes by {taken:?}"));
        }
        Some(())
    });
    read
}

fn name(raw: Option<String>, findings: &mut Findings, at: &At<'_>) -> String {
    let sound = |name: &String| {
        (1..=32).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte))
    };
    match raw {
        Some(name) if sound(&name) => name,
        Some(name) => {
            findings.mistake(at, "must be 1 to 32 of a-z, 0-9, `_` and `-`");
            name
        }
        None => {
            findings.mistake(at, "is missing");
            at.to_string()
        }
    }
}

fn issuer(
    raw: raw::Issuer,
    name: String,
    (host, crypto): (Host, Crypto),
    findings: &mut Findings,
    at: &At<'_>,
) -> Option<Issuer> {
    let preset = raw.preset.unwrap_or(raw::Preset::Generic);
    let issuer = raw.issuer.unwrap_or_default();
    if issuer.is_empty() {
        findings.mistake(&at.field("issuer"), "is missing");
    }
    let aliases = findings.strings(&at.field("aliases"), raw.aliases);
    for text in std::iter::once(&issuer).chain(&aliases).filter(|text| text.matches(TENANT).count() > 1) {
        findings.mistake(&at.field("issuer"), format!("{TENANT} may stand only once in {text:?}"));
    }
    let inline = raw.keys.as_ref().is_none_or(|keys| keys.inline.is_some());
    let backend = if crypto == Crypto::Library { Backend::Library } else { Backend::Own };
    let admission = Admission {
        algorithms: algorithms(raw.algorithms, inline, findings, &at.field("algorithms")),
        origin: if inline { Origin::Inline } else { Origin::Remote },
        backend,
    };
    let keys_at = at.field("keys");
    let source = keys::Source { issuer: &issuer, admission: &admission, host };
    let keys = keys::translate(raw.keys, source, findings, &keys_at);
    let clients = raw.clients.map(|clients| findings.some_strings(&at.field("clients"), clients));
    // `{tenantid}` is a placeholder in the name of an issuer, and nowhere else.
    let patterns = |names: &[String]| -> Vec<String> {
        names.iter().filter(|name| looks_like_pattern(&name.replace(TENANT, ""))).cloned().collect()
    };
    no_patterns(&patterns(std::slice::from_ref(&issuer)), findings, &at.field("issuer"));
    no_patterns(&patterns(&aliases), findings, &at.field("aliases"));
    no_patterns(clients.as_deref().unwrap_or_default(), findings, &at.field("clients"));
    let resource_claim = raw.resource_claim.and_then(|raw| resource_claim(raw, findings, &at.field("resource_claim")));
    let audiences_at = at.field("audiences");
    let audiences = match raw.audiences {
        Some(raw::Audiences::Any) => {
            if clients.is_none() && resource_claim.is_none() {
                findings.warn(&audiences_at, "tokens meant for any other service of this issuer are accepted here");
            }
            Audiences::Any
        }
        Some(raw::Audiences::AnyOf(list)) => {
            let list = findings.some_strings(&audiences_at, list);
            no_patterns(&list, findings, &audiences_at);
            Audiences::AnyOf(list)
        }
        None if clients.is_some() || resource_claim.is_some() => Audiences::Any,
        None => {
            findings.mistake(
                &audiences_at,
                "is missing: whom the tokens are meant for; or clients, or resource_claim, or \"any\"",
            );
            Audiences::Any
        }
    };
    // Access tokens of Cognito have no aud unless a resource was requested.
    if audiences == Audiences::Any && clients.is_some() && resource_claim.is_none() && preset != raw::Preset::Cognito {
        findings.warn(
            &at.field("clients"),
            "binds the client but not this service: tokens that the client got for other services are accepted here",
        );
    }
    let required_at = at.field("required_claims");
    let required_claims = addresses(raw.required_claims, &["exp"], findings, &required_at);
    if raw.max_lifetime.is_none() && !required_claims.iter().any(|address| address.names("exp")) {
        findings.warn(&required_at, "without exp, tokens that never expire are accepted");
    }
    let claims_at = at.field("claims");
    let claims = claim_addresses(raw.claims.unwrap_or_default(), findings, &claims_at);
    if preset == raw::Preset::Entra && issuer.contains(TENANT) && !claims.email.is_empty() {
        let problem =
            "the administrator of any tenant chooses this address; know users by tid and oid, and say [] here";
        findings.warn(&claims_at.field("email"), problem);
    }
    let issuer = Issuer {
        aliases,
        anyone: raw.anyone.unwrap_or(false),
        trust_domain: trust_domain(raw.trust_domain, findings, &at.field("trust_domain")),
        keys: keys?,
        admission,
        audiences,
        clients,
        resource_claim,
        types: types(raw.types, findings, &at.field("types")),
        required_claims,
        max_token_age: positive(raw.max_token_age, findings, &at.field("max_token_age")),
        max_lifetime: positive(raw.max_lifetime, findings, &at.field("max_lifetime")),
        unverified_email: match raw.unverified_email {
            None | Some(raw::UnverifiedEmail::Drop) => UnverifiedEmail::Drop,
            Some(raw::UnverifiedEmail::Keep) => UnverifiedEmail::Keep,
        },
        claims,
        require: claim_rules(raw.require, findings, &at.field("require")),
        groups: group_map(raw.groups.unwrap_or_default(), findings, &at.field("groups")),
        entra: preset == raw::Preset::Entra,
        issuer,
        name,
    };
    anyone::refuse(&issuer, preset, findings, at);
    Some(issuer)
}

fn algorithms(raw: Option<raw::List<String>>, inline: bool, findings: &mut Findings, at: &At<'_>) -> Algorithms {
    let Some(raw) = raw else { return Algorithms::asymmetric() };
    if raw.is_empty() {
        findings.mistake(at, "is empty: nothing would be accepted");
    }
    let read = |name: String, findings: &mut Findings, at: &At<'_>| {
        let algorithm = findings.checked(at, Algorithm::named(&name).ok_or("is no algorithm that can be verified"))?;
        if algorithm.is_symmetric() && !inline {
            findings.mistake(at, "a shared secret works only with inline keys");
        }
        Some(algorithm)
    };
    let listed = findings.each(at, Some(raw), read);
    // Where none can be read, that is the mistake, and not that no key fits.
    if listed.is_empty() { Algorithms::all() } else { listed.into_iter().collect() }
}

fn resource_claim(
    raw: raw::ResourceClaim,
    findings: &mut Findings,
    at: &At<'_>,
) -> Option<(crate::address::Address, Vec<String>)> {
    let accepted = findings.some_strings(&at.field("any_of"), raw.any_of.unwrap_or_default());
    match raw.claim {
        Some(claim) => Some((address(&claim, findings, &at.field("claim"))?, accepted)),
        None => {
            findings.mistake(&at.field("claim"), "is missing");
            None
        }
    }
}

fn types(raw: Option<raw::List<raw::Nullable<String>>>, findings: &mut Findings, at: &At<'_>) -> Vec<Option<String>> {
    let Some(raw) = raw else { return vec![Some("at+jwt".to_owned()), Some("jwt".to_owned()), None] };
    if raw.is_empty() {
        findings.mistake(at, "is empty: nothing would be accepted");
    }
    raw.into_iter().flatten().map(|raw::Nullable(typ)| typ.map(|typ| plain_type(&typ))).collect()
}

fn trust_domain(raw: Option<String>, findings: &mut Findings, at: &At<'_>) -> Option<String> {
    let domain = raw?;
    let sound = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
    if domain.is_empty() || !domain.bytes().all(sound) {
        findings.mistake(at, "is no SPIFFE trust domain: a-z, 0-9, `.`, `-` and `_`");
    }
    Some(domain)
}

fn positive(raw: Option<super::units::Span>, findings: &mut Findings, at: &At<'_>) -> Option<std::time::Duration> {
    let span = raw?.0;
    if span.is_zero() {
        findings.mistake(at, "must be more than zero");
    }
    Some(span)
}

fn claim_addresses(raw: raw::Claims, findings: &mut Findings, at: &At<'_>) -> ClaimAddresses {
    let groups = sources(raw.groups, &["groups"], findings, &at.field("groups"));
    let scopes = sources(raw.scopes, &["scope", "scp", "scopes"], findings, &at.field("scopes"));
    let mut read = |raw, default: &[&str], field| addresses(raw, default, findings, &at.field(field));
    ClaimAddresses {
        subject: read(raw.subject, &["sub"], "subject"),
        username: read(raw.username, &["preferred_username", "username", "email"], "username"),
        email: read(raw.email, &["email"], "email"),
        groups,
        scopes,
        client: read(raw.client, &["client_id", "azp", "appid", "cid"], "client"),
    }
}
