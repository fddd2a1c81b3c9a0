//! What the filter is told.

use serde_json::{Value, json};

use crate::providers::{ISSUERS, Key, MAX_STALE};

/// What the tokens are for. The second issuer's are taken for one of these at a time.
pub(crate) const AUDIENCES: [&str; 2] = ["api", "next"];

/// Two issuers whose keys are fetched and one whose keys are here, and a rule of every kind.
pub(crate) fn configuration(fixed: &[Key], second_audience: &str) -> String {
    let remote = json!({"ttl": "20s", "max_stale": format!("{}s", MAX_STALE.as_secs()), "unknown_kid_cooldown": "5s"});
    let with = |mut keys: Value| {
        let members = remote.as_object().into_iter().flatten();
        members.for_each(|(name, value)| keys[name] = value.clone());
        keys
    };
    let groups = json!({"map": {"ops": ["admins"], "eng": ["engineers"]}});
    let issuer = |name: &str, issuer: &str, audience: &str, keys: Value| json!({"name": name, "issuer": issuer, "audiences": [audience], "keys": keys, "groups": groups});
    let keys = format!("{}/keys", ISSUERS[0]);
    let document = format!("{}/.well-known/openid-configuration", ISSUERS[1]);
    let inline: Vec<Value> = fixed.iter().map(|key| key.jwk()).collect();
    json!({
        "issuers": [
            issuer("first", ISSUERS[0], AUDIENCES[0], with(json!({"jwks_uri": keys, "cluster": "first"}))),
            issuer("second", ISSUERS[1], second_audience, with(json!({"discovery": document, "cluster": "second"}))),
            issuer("fixed", ISSUERS[2], AUDIENCES[0], json!({"inline": {"keys": inline}})),
        ],
        "routes": [
            {"match": {"prefix": "/public"}, "access": "public"},
            {"match": {"prefix": "/optional"}, "access": "optional"},
            {"match": {"prefix": "/admin"}, "groups": {"any": ["admins"]}},
            {"match": {"prefix": "/closed"}, "access": "deny"},
        ],
        "resources": [{"name": "mcp", "resource": "https://api.example/mcp"}],
        "limits": {
            "wait_timeout": "3s", "waiting_requests": 64,
            "verified_tokens": {"entries": 512, "max_bytes": "512KiB"},
        },
    })
    .to_string()
}
