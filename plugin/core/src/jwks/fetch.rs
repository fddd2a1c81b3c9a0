//! What is asked of a provider, and what is believed of its answer.

use super::event::{Answer, Callout};
use super::meta::is_etag;
use super::record::Etag;
use super::report::FetchOutcome;
use super::source::{Endpoint, Remote, sha256};
use std::time::Duration;

/// An answer that may be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Judged<'a> {
    /// 200 with this body, neither empty nor too large.
    Body(&'a [u8]),
    /// 304, to a request that allowed it.
    NotModified,
}

/// A GET for this endpoint; with a validator, only if the content differs from what it stands for.
pub(super) fn callout(remote: &Remote, endpoint: &Endpoint, etag: Option<&Etag>, ticket: u64) -> Callout {
    let url = &endpoint.url;
    let mut headers = vec![
        (":method", String::from("GET")),
        (":scheme", url.scheme().as_str().to_owned()),
        (":authority", url.authority().to_owned()),
        (":path", url.path().to_owned()),
        ("accept", String::from("application/jwk-set+json, application/json")),
        ("accept-encoding", String::from("identity")),
        ("user-agent", String::from("claimgate")),
    ];
    if let Some(etag) = etag {
        headers.push(("if-none-match", etag.value.clone()));
    }
    let (cluster, timeout) = (endpoint.cluster.clone(), remote.timeout);
    Callout { ticket, cluster, headers, timeout, max_bytes: remote.max_bytes }
}

/// Whether an answer may be read at all. The status comes first: a body under any other is not looked at.
pub(super) fn judge<'a>(answer: &Answer<'a>, max_bytes: usize, conditional: bool) -> Result<Judged<'a>, FetchOutcome> {
    match status(answer).ok_or(FetchOutcome::Reset)? {
        200 => {}
        304 if conditional => return Ok(Judged::NotModified),
        300..=399 => return Err(FetchOutcome::Redirect),
        400..=499 => return Err(FetchOutcome::ClientError),
        504 => return Err(FetchOutcome::Timeout),
        500..=599 => return Err(FetchOutcome::ServerError),
        _ => return Err(FetchOutcome::OddStatus),
    }
    if is_encoded(answer) {
        return Err(FetchOutcome::Encoded);
    }
    let announced = header(answer, "content-length").and_then(decimal);
    let length = u64::try_from(answer.body.len()).unwrap_or(u64::MAX);
    if answer.body.len() > max_bytes {
        Err(FetchOutcome::TooLarge)
    } else if announced.is_some_and(|announced| announced > length) {
        Err(FetchOutcome::Truncated)
    } else if answer.body.is_empty() {
        Err(FetchOutcome::Empty)
    } else {
        Ok(Judged::Body(answer.body))
    }
}

/// How long the answer may be kept by its `Cache-Control` and `Age` (RFC 9111 sections 4.2.1 and 5.1); none when it does
/// not say. What cannot be read counts as zero, as the RFC advises.
pub(super) fn allowed_life(answer: &Answer<'_>) -> Option<Duration> {
    let mut allowed: Option<u64> = None;
    for (_, value) in answer.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(b"cache-control")) {
        for directive in value.split(|byte| *byte == b',') {
            let (name, value) = match directive.iter().position(|byte| *byte == b'=') {
                Some(at) => directive.split_at_checked(at).unwrap_or_default(),
                None => (directive, [].as_slice()),
            };
            let seconds = match name.trim_ascii().to_ascii_lowercase().as_slice() {
                b"max-age" => decimal(value.strip_prefix(b"=").unwrap_or_default()).unwrap_or(0),
                b"no-store" | b"no-cache" => 0,
                _ => continue,
            };
            allowed = Some(allowed.map_or(seconds, |least| least.min(seconds)));
        }
    }
    let age = header(answer, "age").and_then(decimal).unwrap_or(0);
    allowed.map(|seconds| Duration::from_secs(seconds.saturating_sub(age)))
}

/// The validator of the answer, if it has one that can be sent back.
pub(super) fn etag(answer: &Answer<'_>, endpoint: &Endpoint) -> Option<Etag> {
    let value = std::str::from_utf8(header(answer, "etag")?).ok()?.trim();
    is_etag(value).then(|| Etag { url: sha256(endpoint.url.to_string().as_bytes()), value: value.to_owned() })
}

/// Whether the body has a content coding (RFC 9110 section 8.4) although `identity` was asked for.
fn is_encoded(answer: &Answer<'_>) -> bool {
    let mut values = answer.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(b"content-encoding"));
    let plain = |coding: &[u8]| coding.is_empty() || coding.eq_ignore_ascii_case(b"identity");
    values.any(|(_, value)| !value.split(|byte| *byte == b',').all(|coding| plain(coding.trim_ascii())))
}

fn status(answer: &Answer<'_>) -> Option<u64> {
    header(answer, ":status").filter(|value| value.len() == 3).and_then(decimal)
}

fn header<'a>(answer: &Answer<'a>, name: &str) -> Option<&'a [u8]> {
    let found = answer.headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name.as_bytes()));
    found.map(|(_, value)| value.as_slice())
}

/// Digits, perhaps quoted, perhaps more than fit.
fn decimal(value: &[u8]) -> Option<u64> {
    let value = value.trim_ascii();
    let value = value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(value);
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digit = |sum: u64, byte: &u8| sum.saturating_mul(10).saturating_add(u64::from(byte.saturating_sub(b'0')));
    Some(value.iter().fold(0, digit))
}
