//! Where an issuer's keys are.

use super::findings::{At, Findings};
use super::units::Span;
use super::{Host, print, raw};
use crate::issuer::KeySource;
use crate::jwks::{Endpoint, Location, Remote, Scheme, Url};
use crate::keyset::{Admission, KeySet, KeySetError};
use std::time::Duration;

/// What the keys of an issuer depend on besides their own block.
#[derive(Copy, Clone)]
pub(super) struct Source<'a> {
    pub(super) issuer: &'a str,
    pub(super) admission: &'a Admission,
    pub(super) host: Host,
}

pub(super) fn translate(
    raw: Option<raw::Keys>,
    source: Source<'_>,
    findings: &mut Findings,
    at: &At<'_>,
) -> Option<KeySource> {
    let Some(raw) = raw else {
        findings.mistake(at, "is missing: inline, jwks_uri or discovery");
        return None;
    };
    match (&raw.inline, &raw.jwks_uri, &raw.discovery) {
        (Some(_), None, None) => inline(raw, source.admission, findings, at),
        (None, Some(_), None) | (None, None, Some(_)) => {
            remote(raw, source, findings, at).map(Box::new).map(KeySource::Remote)
        }
        _ => {
            findings.mistake(at, "needs exactly one of inline, jwks_uri and discovery");
            None
        }
    }
}

fn inline(raw: raw::Keys, admission: &Admission, findings: &mut Findings, at: &At<'_>) -> Option<KeySource> {
    let remote_fields = [
        ("cluster", raw.cluster.is_some()),
        ("jwks_cluster", raw.jwks_cluster.is_some()),
        ("jwks_hosts", raw.jwks_hosts.is_some()),
        ("ttl", raw.ttl.is_some()),
        ("max_stale", raw.max_stale.is_some()),
        ("timeout", raw.timeout.is_some()),
        ("unknown_kid_cooldown", raw.unknown_kid_cooldown.is_some()),
        ("max_bytes", raw.max_bytes.is_some()),
        ("allow_insecure", raw.allow_insecure.is_some()),
    ];
    for (field, _) in remote_fields.iter().filter(|(_, given)| *given) {
        findings.mistake(&at.field(field), "means nothing for inline keys");
    }
    let own = at.field("inline");
    let refusal = match KeySet::read(raw.inline?.0.as_bytes(), admission) {
        Ok(set) if set.count() > 0 => {
            for (reason, count) in set.skipped() {
                findings.warn(&own, format!("{count} of the keys cannot be used ({})", reason.label()));
            }
            return Some(KeySource::Inline(set));
        }
        Ok(set) => {
            let mut reasons = vec![KeySetError::NoUsableKey.label().to_owned()];
            reasons.extend(set.skipped().iter().map(|(reason, count)| format!("{count} {}", reason.label())));
            reasons.join(", ")
        }
        Err(error) => error.label().to_owned(),
    };
    findings.mistake(&own, format!("is not a usable key set ({refusal})"));
    None
}

fn remote(raw: raw::Keys, source: Source<'_>, findings: &mut Findings, at: &At<'_>) -> Option<Remote> {
    let allow_insecure = raw.allow_insecure.unwrap_or(false);
    let cluster = raw.cluster.unwrap_or_default();
    if cluster.is_empty() {
        findings.mistake(&at.field("cluster"), "is missing: who to ask, as the host calls it");
    }
    let hosts_said = raw.jwks_hosts.is_some();
    let jwks_hosts = raw.jwks_hosts.map(|hosts| findings.some_strings(&at.field("jwks_hosts"), hosts));
    let mut url = |text: &str, field| {
        let own = at.field(field);
        let url = Url::parse(text).map_err(|error| findings.mistake(&own, error.to_string())).ok()?;
        match (url.scheme(), allow_insecure) {
            (Scheme::Http, false) => findings.mistake(&own, "must be https"),
            (Scheme::Http, true) => findings.warn(&own, "keys fetched over http can be replaced on the way"),
            _ => {}
        }
        Some(url)
    };
    let location = match (raw.jwks_uri, raw.discovery) {
        (Some(text), _) => url(&text, "jwks_uri").map(|url| Location::Keys(Endpoint { url, cluster })),
        (None, Some(discovery)) => {
            let text = match discovery {
                raw::Discovery::Url(text) => text,
                raw::Discovery::FromIssuer(true) => {
                    format!(
                        "{}/.well-known/openid-configuration",
                        source.issuer.strip_suffix('/').unwrap_or(source.issuer)
                    )
                }
                raw::Discovery::FromIssuer(false) => {
                    findings.mistake(&at.field("discovery"), "must be a URL, or true");
                    return None;
                }
            };
            url(&text, "discovery").map(|url| Location::Discovery {
                keys_cluster: raw.jwks_cluster.clone().unwrap_or_else(|| cluster.clone()),
                keys_hosts: jwks_hosts.unwrap_or_else(|| vec![url.authority().to_owned()]),
                document: Endpoint { url, cluster },
            })
        }
        (None, None) => None,
    };
    if !matches!(location, Some(Location::Discovery { .. }) | None) {
        for (field, given) in [("jwks_cluster", raw.jwks_cluster.is_some()), ("jwks_hosts", hosts_said)] {
            if given {
                findings.mistake(&at.field(field), "means nothing without discovery");
            }
        }
    }
    let mut span = |raw: Option<Span>, field, default, (least, most)| {
        let span = raw.map_or(default, |span| span.0);
        if span < least || span > most {
            findings
                .mistake(&at.field(field), format!("must be between {} and {}", print::span(least), print::span(most)));
        }
        span
    };
    let seconds = Duration::from_secs;
    let ttl = span(raw.ttl, "ttl", seconds(600), (seconds(1), seconds(7 * 86_400)));
    let max_stale = span(raw.max_stale, "max_stale", seconds(86_400).max(ttl), (seconds(1), seconds(30 * 86_400)));
    let timeout = span(raw.timeout, "timeout", seconds(5), (Duration::from_millis(10), seconds(60)));
    let cooldown = span(raw.unknown_kid_cooldown, "unknown_kid_cooldown", seconds(30), (seconds(1), seconds(86_400)));
    if max_stale < ttl {
        findings.mistake(&at.field("max_stale"), "must not be less than ttl");
    }
    let max_bytes = raw.max_bytes.map_or(256 * 1024, |size| size.0);
    if !(64..=4 * 1024 * 1024).contains(&max_bytes) {
        findings.mistake(&at.field("max_bytes"), "must be between 64B and 4MiB");
    }
    let algorithms: Vec<&str> = source.admission.algorithms.iter().map(|algorithm| algorithm.name()).collect();
    Some(Remote {
        issuer: source.issuer.to_owned(),
        location: location?,
        ttl,
        max_stale,
        timeout,
        unknown_kid_cooldown: cooldown,
        max_bytes,
        allow_insecure,
        // nginx waits for the body of a 304 until it times out.
        conditional: source.host == Host::Envoy,
        admits: algorithms.join(" "),
    })
}
