//! Configurations.

use super::keys::key_set;
use arbitrary::Arbitrary;
use claimgate_core::config::Config;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// The names of the two issuers, and one that nobody has.
pub(super) const ISSUERS: [&str; 3] = ["https://one.example", "https://two.example", "https://three.example"];

/// One of a few thousand configurations: each bit is a choice.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Arbitrary, Debug)]
pub(super) struct Setting(u16);

impl Setting {
    fn has(self, bit: u16) -> bool {
        self.0 & (1 << bit) != 0
    }

    pub(super) fn forwards_the_token(self) -> bool {
        self.has(0)
    }

    pub(super) fn skew(self) -> i64 {
        if self.has(1) { 0 } else { 60 }
    }

    pub(super) fn takes_cookies(self) -> bool {
        self.has(2)
    }

    pub(super) fn takes_queries(self) -> bool {
        self.has(3)
    }

    pub(super) fn takes_raw_headers(self) -> bool {
        self.has(4)
    }

    pub(super) fn is_generic(self) -> bool {
        self.has(5)
    }

    pub(super) fn has_routes(self) -> bool {
        !self.has(6)
    }

    /// The longest age of the second issuer's tokens, in seconds.
    pub(super) fn max_age(self) -> Option<i64> {
        self.has(7).then_some(3600)
    }

    /// Whether the first issuer's tokens must be for a client and a resource, live an hour at most and obey a rule.
    pub(super) fn is_strict(self) -> bool {
        self.has(12)
    }

    /// Every header that only the filter sets.
    pub(super) fn managed(self) -> Vec<&'static str> {
        let headers = [
            "x-auth-subject",
            "x-auth-issuer",
            "x-auth-username",
            "x-auth-email",
            "x-auth-client",
            "x-auth-groups",
            "x-auth-scopes",
            "x-actor",
            "x-payload",
            "x-tenant",
        ];
        let count = if self.has(8) { headers.len() } else { 7 };
        headers[..count].to_vec()
    }

    /// The configuration, which is read once.
    pub(super) fn config(self) -> &'static Config {
        thread_local!(static KNOWN: RefCell<BTreeMap<Setting, &'static Config>> = const { RefCell::new(BTreeMap::new()) });
        let masked = Self(self.0 & 0x3fff);
        KNOWN.with_borrow_mut(|known| *known.entry(masked).or_insert_with(|| Box::leak(Box::new(masked.read()))))
    }

    fn read(self) -> Config {
        let json = self.json().to_string();
        match Config::parse(json.as_bytes()) {
            Ok((config, _)) => config,
            Err(mistakes) => panic!("{json} is refused: {mistakes:?}"),
        }
    }

    fn json(self) -> Value {
        let mut two = json!({"name": "two", "issuer": ISSUERS[1], "aliases": ["two"], "audiences": ["api", "two-api"],
            "groups": {"map": {"g-*": ["*"], "x": ["staff"]}, "default": ["guest"]}, "types": ["at+jwt", null],
            "keys": {"jwks_uri": "https://two.example/keys", "cluster": "two"}});
        if let Some(seconds) = self.max_age() {
            two["max_token_age"] = format!("{seconds}s").into();
        }
        let mut one = json!({"name": "one", "issuer": ISSUERS[0], "audiences": ["api"], "algorithms": ["RS256", "PS256"],
            "groups": {"unmapped": "keep"}, "keys": {"inline": key_set(&[0, 1])},
            "claims": {"groups": ["groups", "$['realm']['roles'][*]", "/a/b"]}});
        if self.is_strict() {
            one["clients"] = json!(["web"]);
            one["resource_claim"] = json!({"claim": "resource", "any_of": ["orders"]});
            one["max_lifetime"] = json!("1h");
            one["require"] = json!([{"claim": "tier", "in": ["gold", 7]}]);
        }
        let mut sources = vec![json!({"header": "authorization", "scheme": "Bearer"})];
        let more = [
            (self.takes_cookies(), json!({"cookie": "id"})),
            (self.takes_queries(), json!({"query": "access_token"})),
            (self.takes_raw_headers(), json!({"header": "x-api-token"})),
        ];
        sources.extend(more.into_iter().filter(|(taken, _)| *taken).map(|(_, source)| source));
        let entries = if self.has(9) { 2 } else { 4096 };
        let mut headers = json!({});
        if self.has(8) {
            headers = json!({"actor": "x-actor", "payload": "x-payload", "claims": {"x-tenant": "tid"}});
        }
        json!({"issuers": [one, two], "token_sources": sources, "forward_token": self.forwards_the_token(),
            "clock_skew": format!("{}s", self.skew()), "identity_headers": headers,
            "host": if self.is_generic() { "generic" } else { "envoy" }, "audit": "all",
            "routes": if self.has_routes() { routes() } else { json!([]) },
            "resources": [{"name": "mcp", "resource": "https://api.example/mcp", "scopes_supported": ["read"]}],
            "group_scopes": {"staff": ["write"]}, "errors": {"detail": if self.has(10) { "reason" } else { "none" }},
            "limits": {"max_token_bytes": if self.has(13) { "512B" } else { "16KiB" }, "max_groups": if self.has(11) { 2 } else { 64 }, "verified_tokens": {"entries": entries}}})
    }
}

fn routes() -> Value {
    json!([
        {"name": "open", "match": {"prefix": "/public"}, "access": "public"},
        {"name": "maybe", "match": {"path": "/maybe"}, "access": "optional"},
        {"name": "closed", "match": {"template": "/internal/{any}/**"}, "access": "deny"},
        {"name": "team", "match": {"prefix": "/team"}, "groups": {"any": ["staff"]}, "audiences": ["team-api"]},
        {"name": "hook", "match": {"path": "/hook"}, "issuers": ["one"], "cors_preflight": true, "resource": "mcp"},
        {"name": "write", "match": {"prefix": "/write", "methods": ["POST"]}, "scopes": {"all": ["write"]},
            "step_up": {"acr": ["high"], "max_age": "15m"}, "require": [{"claim": "level", "gte": 3}]},
    ])
}
