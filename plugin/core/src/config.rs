//! The configuration: one JSON object, read whole or refused whole.
//!
//! [`Config::parse`] is the one way in. It collects every mistake, each with the path of its field, so that one reading
//! names all that has to be mended.

mod anyone;
mod declare;
mod findings;
mod headers;
mod issuers;
mod keys;
mod preset;
mod print;
mod raw;
mod raw_issuers;
mod routes;
mod rules;
mod shapes;
mod traps;
mod units;

pub use crate::json::Located;

use crate::credential::TokenSource;
use crate::groups::GroupScopes;
use crate::header::{Attribute, IdentityHeaders};
use crate::issuer::Issuers;
use crate::json::{Document, from_document};
use crate::refusal::ErrorDetail;
use crate::route::Routes;
use findings::{At, Findings};
use std::time::Duration;

/// A configuration that makes sense.
#[derive(Debug)]
pub struct Config {
    /// Who is trusted. Issuers that are not enabled are left out.
    pub issuers: Issuers,
    /// What applies where.
    pub routes: Routes,
    /// Scopes that groups grant.
    pub group_scopes: GroupScopes,
    /// Which header carries what.
    pub identity_headers: IdentityHeaders,
    /// Where a token may be.
    pub token_sources: Vec<TokenSource>,
    /// Whether the token goes on to the service.
    pub forward_token: bool,
    /// Protected resources whose metadata the filter serves (RFC 9728).
    pub resources: Vec<Resource>,
    /// How far clocks may disagree.
    pub clock_skew: Duration,
    /// Bounds.
    pub limits: Limits,
    /// How much a refused client is told.
    pub detail: ErrorDetail,
    /// What may be assumed of the host.
    pub host: Host,
    /// Whose code verifies signatures.
    pub crypto: Crypto,
    /// Whether the host picks the route again once identity headers are set.
    pub recompute_route: bool,
    /// Whether the identity is also handed to the host as filter state.
    pub filter_state: bool,
    /// Which decisions are logged.
    pub audit: Audit,
}

/// A protected resource (RFC 9728).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resource {
    /// Its name in routes.
    pub name: String,
    /// Where its metadata is: what challenges point to.
    pub metadata_url: String,
    /// The path of that.
    pub metadata_path: String,
    /// The document itself.
    pub document: String,
}

/// Bounds on what is kept and taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// The longest token that is read, in bytes.
    pub max_token_bytes: usize,
    /// How many verified tokens are remembered in each worker.
    pub remembered_entries: usize,
    /// How many bytes they may take up together.
    pub remembered_bytes: usize,
    /// How many requests may wait for keys at once in each worker.
    pub waiting_requests: usize,
    /// How long each may wait.
    pub wait_timeout: Duration,
    /// The longest list of groups that is taken.
    pub max_groups: usize,
}

/// What may be assumed of the host.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Host {
    /// Envoy: requests can wait, headers can be removed, workers share data, and the host verifies signatures.
    Envoy,
    /// Any other: none of that.
    Generic,
}

/// Whose code verifies signatures.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Crypto {
    /// The fastest sound choice per algorithm.
    Auto,
    /// The host's, where it can.
    Host,
    /// The module's own.
    Wasm,
    /// The RustCrypto crates alone.
    Library,
}

/// Which decisions are logged.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Audit {
    /// None.
    None,
    /// Refusals.
    Denied,
    /// All.
    All,
}

/// A configuration and what is legal in it and unwise, or everything that is wrong with it.
pub type Parsed = Result<(Config, Vec<Located>), Vec<Located>>;

impl Config {
    /// Reads a configuration.
    ///
    /// # Errors
    /// Every mistake, each with the path of its field, and fit for one line of a log.
    pub fn parse(text: &[u8]) -> Parsed {
        match Self::read(text) {
            Ok((config, warnings)) => Ok((config, warnings.into_iter().map(Located::on_one_line).collect())),
            Err(mistakes) => Err(mistakes.into_iter().map(Located::on_one_line).collect()),
        }
    }

    /// Whether a header, the filter state or a route's rule needs an attribute. Where nothing does, a claim of a shape that
    /// cannot be used counts as absent, so everything that decides by an attribute must be listed here. `clients` is
    /// checked with the token.
    pub fn needs(&self, attribute: Attribute) -> bool {
        let mut rules = self.routes.rules.iter().chain([&self.routes.default]);
        self.filter_state
            || self.identity_headers.attributes.iter().any(|(own, _)| *own == attribute)
            || match attribute {
                Attribute::Groups => {
                    rules.any(|rule| rule.groups.is_some())
                        || !self.group_scopes.is_empty() && self.needs(Attribute::Scopes)
                }
                Attribute::Scopes => rules.any(|rule| rule.scopes.is_some()),
                _ => false,
            }
    }

    fn read(text: &[u8]) -> Parsed {
        let document =
            Document::parse(text).map_err(|error| vec![Located { path: String::new(), problem: error.to_string() }])?;
        let (raw, mistakes) = from_document::<raw::Config>(&document);
        let mut findings = Findings::new(mistakes);
        let config = raw.map(|raw| translate(raw, &mut findings));
        let warnings = findings.finish()?;
        // Where nothing could be read, that was a mistake.
        Ok((config.ok_or_else(Vec::new)?, warnings))
    }
}

fn translate(raw: raw::Config, findings: &mut Findings) -> Config {
    let top = At::Top;
    let crypto = match raw.crypto {
        None | Some(raw::Crypto::Auto) => Crypto::Auto,
        Some(raw::Crypto::Host) => Crypto::Host,
        Some(raw::Crypto::Wasm) => Crypto::Wasm,
        Some(raw::Crypto::Library) => Crypto::Library,
    };
    let host = match raw.host {
        None | Some(raw::Host::Envoy) => Host::Envoy,
        Some(raw::Host::Generic) => Host::Generic,
    };
    if (host, crypto) == (Host::Generic, Crypto::Host) {
        findings.mistake(&top.field("crypto"), "a generic host is never asked to verify; use \"auto\" or \"wasm\"");
    }
    let read = issuers::translate(raw.issuers, (host, crypto), findings, &top.field("issuers"));
    let resources = routes::resources(raw.resources, &read.issuers, findings, &top.field("resources"));
    let identity_headers = headers::identity(raw.identity_headers, findings, &top.field("identity_headers"));
    let token_sources = headers::token_sources(raw.token_sources, findings, &top.field("token_sources"));
    headers::refuse_overlap(&identity_headers, &token_sources, findings);
    let defaults = routes::Defaults { enforce: raw.enforce, cors_preflight: raw.cors_preflight };
    let routes = routes::translate(raw.routes, raw.default_route, (&read, &resources, defaults), findings);
    let state = raw.filter_state.unwrap_or(false);
    if host == Host::Generic && (state || raw.recompute_route == Some(true)) {
        let field = if state { "filter_state" } else { "recompute_route" };
        findings.mistake(&top.field(field), "takes functions that a generic host may not have");
    }
    let forward_token = raw.forward_token.unwrap_or(false);
    if host == Host::Generic && !forward_token {
        findings.warn(
            &top.field("forward_token"),
            "the token reaches the service on a generic host even where this is false: its removal cannot be relied on",
        );
    }
    Config {
        issuers: read.issuers,
        routes,
        group_scopes: rules::group_scopes(raw.group_scopes, findings, &top.field("group_scopes")),
        identity_headers,
        token_sources,
        forward_token,
        resources,
        clock_skew: skew(raw.clock_skew, findings),
        limits: limits(raw.limits.unwrap_or_default(), findings, &top.field("limits")),
        detail: match raw.errors.and_then(|errors| errors.detail) {
            None | Some(raw::Detail::None) => ErrorDetail::None,
            Some(raw::Detail::Reason) => ErrorDetail::Reason,
        },
        host,
        crypto,
        recompute_route: raw.recompute_route.unwrap_or(false),
        filter_state: state,
        audit: match raw.audit {
            Some(raw::Audit::None) => Audit::None,
            None | Some(raw::Audit::Denied) => Audit::Denied,
            Some(raw::Audit::All) => Audit::All,
        },
    }
}

fn skew(raw: Option<units::Span>, findings: &mut Findings) -> Duration {
    let skew = raw.map_or(Duration::from_secs(60), |span| span.0);
    let at = At::Top;
    if skew > Duration::from_secs(3600) {
        findings.mistake(&at.field("clock_skew"), "more than an hour makes expiry meaningless");
    } else if skew > Duration::from_secs(300) {
        findings.warn(&at.field("clock_skew"), "more than five minutes keeps expired tokens alive for long");
    }
    skew
}

fn limits(raw: raw::Limits, findings: &mut Findings, at: &At<'_>) -> Limits {
    let tokens = raw.verified_tokens.unwrap_or_default();
    let count =
        |value: Option<u32>, default| value.map_or(default, |value| usize::try_from(value).unwrap_or(usize::MAX));
    let size = |value: Option<units::Size>, default| value.map_or(default, |size| size.0);
    let limits = Limits {
        max_token_bytes: size(raw.max_token_bytes, 16 * 1024),
        remembered_entries: count(tokens.entries, 4096),
        remembered_bytes: size(tokens.max_bytes, 4 * 1024 * 1024),
        waiting_requests: count(raw.waiting_requests, 256),
        wait_timeout: raw.wait_timeout.map_or(Duration::from_secs(5), |span| span.0),
        max_groups: count(raw.max_groups, 512),
    };
    if !(256..=1024 * 1024).contains(&limits.max_token_bytes) {
        findings.mistake(&at.field("max_token_bytes"), "must be between 256B and 1MiB");
    }
    if limits.remembered_entries > 1_000_000 {
        findings.mistake(&at.field("verified_tokens").field("entries"), "must be 1000000 at the most");
    }
    if limits.waiting_requests > 100_000 {
        findings.mistake(&at.field("waiting_requests"), "must be 100000 at the most");
    }
    if limits.wait_timeout.is_zero() || limits.wait_timeout > Duration::from_secs(60) {
        findings.mistake(&at.field("wait_timeout"), "must be more than 0s and 60s at the most");
    }
    if limits.max_groups == 0 {
        findings.mistake(&at.field("max_groups"), "must be 1 at the least");
    }
    limits
}

#[cfg(test)]
mod schema;
#[cfg(test)]
mod tests;
