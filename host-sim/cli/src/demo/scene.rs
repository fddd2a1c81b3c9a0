//! Everything around the gate: the two providers and the service.

use std::io;
use std::path::Path;

use serde_json::{Value, json};

use super::now;
use claimgate_devkit::envoy::{EnvoyError, Template};
use claimgate_devkit::provider::{Algorithm, Provider};
use claimgate_devkit::upstream::Upstream;

/// The host of the provider that publishes its keys by `jwks_uri`, and its issuer without `https://`.
pub const WORKFORCE: &str = "login.workforce.example";
/// The host of the provider that publishes them by discovery, and its issuer without `https://`.
pub const PARTNERS: &str = "id.partners.example";

/// The providers and the service of `envoy/multi-issuer.yaml`, running.
pub struct Scene {
    /// RS256; the user in `sub`, groups in `groups`.
    pub workforce: Provider,
    /// ES256; the user in `uid`, groups in `roles`, the address in `contact.mail`.
    pub partners: Provider,
    /// The service.
    pub upstream: Upstream,
}

impl Scene {
    /// Starts all three on free ports.
    ///
    /// # Errors
    /// When a port or thread cannot be had.
    pub fn start() -> io::Result<Self> {
        Ok(Self {
            workforce: Provider::start(&format!("https://{WORKFORCE}"), Algorithm::Rs256)?,
            partners: Provider::start(&format!("https://{PARTNERS}"), Algorithm::Es256)?,
            upstream: Upstream::start()?,
        })
    }

    /// `envoy/multi-issuer.yaml` with this scene behind it; headers with underscores reach the filter.
    ///
    /// # Errors
    /// When the file is not there.
    pub fn template(&self, wasm: &Path) -> Result<Template, EnvoyError> {
        Ok(Template::example("multi-issuer")?
            .module(wasm)
            .upstream(self.upstream.address())
            .provider(WORKFORCE, self.workforce.address())
            .provider(PARTNERS, self.partners.address())
            .underscores_allowed())
    }

    /// A good token of the workforce provider, for alice the engineer, with changes (`null` takes a claim away).
    pub fn workforce_token(&self, changes: Value) -> String {
        let claims = json!({
            "aud": "orders",
            "preferred_username": "alice.adams",
            "email": "alice@workforce.example",
            "groups": ["Engineering", "Chess Club"],
        });
        self.workforce.token(now(), merged(claims, changes))
    }

    /// A good token of the partners' provider, for bob, with changes.
    pub fn partners_token(&self, changes: Value) -> String {
        let claims = json!({
            "sub": null,
            "uid": "bob-7",
            "aud": ["https://orders.example.com", "https://other.example.com"],
            "contact": {"mail": "bob@partners.example"},
            "roles": ["ext-dev", "admins"],
        });
        self.partners.token(now(), merged(claims, changes))
    }
}

fn merged(mut claims: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().into_iter().flatten() {
        claims[name] = value.clone();
    }
    claims
}
