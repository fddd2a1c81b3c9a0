//! N: configurations that read well and open what they should not.

use std::collections::BTreeSet;

use crate::fixture::*;
use crate::stage::*;
use host_sim::Host;
use serde_json::{Value, json};

const GITHUB: &str = "https://token.actions.githubusercontent.com";
const ENTRA: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";

/// Issuers that serve the whole world, and a claim that names the owner of their tokens.
const WORLD: [(&str, &str, &str); 12] = [
    ("github-actions", GITHUB, "repository_owner_id"),
    ("github-actions", "https://ghe.example/_services/token", "repository_owner"),
    ("generic", GITHUB, "repository"),
    ("gitlab", "https://gitlab.com", "namespace_id"),
    ("generic", "https://gitlab.com", "project_path"),
    ("google", "https://accounts.google.com", "hd"),
    ("google", "https://accounts.google.com", "email"),
    ("generic", "accounts.google.com", "sub"),
    ("entra", ENTRA, "tid"),
    ("entra", "https://sts.windows.net/{tenantid}/", "tid"),
    ("generic", "https://login.partner.microsoftonline.cn/{tenantid}/v2.0", "tid"),
    ("entra", "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0", "oid"),
];

fn entry(preset: &str, issuer: &str, more: Value) -> Value {
    let mut entry = json!({"name": "idp", "preset": preset, "issuer": issuer, "audiences": ["api"],
        "algorithms": ["ES256"], "keys": {"inline": {"keys": [signer().jwk()]}}});
    for (field, value) in more.as_object().expect("an object") {
        entry[field] = value.clone();
    }
    json!({"issuers": [entry]})
}

/// Returns the paths that the module warns of; the canary and the worker log the same.
fn warned(configuration: &Value) -> Vec<String> {
    let mut host = Host::builder(module()).now(NOW).build();
    host.configure(configuration.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}\n{configuration}"));
    let paths = host.take_log().into_iter().filter_map(|line| {
        let rest = line.text.strip_prefix("configuration warning: ")?;
        Some(rest.split(": ").next()?.to_owned())
    });
    paths.collect::<BTreeSet<_>>().into_iter().collect()
}

#[test]
fn n08_provider_of_the_world_needs_an_owner() {
    for (preset, issuer, claim) in WORLD {
        let text = |more: Value| entry(preset, issuer, more).to_string();
        refuses_configuration(text(json!({})), "issuers[0].require");
        refuses_configuration(text(json!({"anyone": false})), "issuers[0].require");
        refuses_configuration(text(json!({"enabled": false})), "issuers[0].require");
        refuses_configuration(text(json!({"audiences": "any"})), "issuers[0].require");
        for more in [
            json!({"require": [{"claim": claim, "equals": "acme"}]}),
            json!({"require": [{"claim": "ref", "present": true}, {"claim": format!("$.{claim}"), "in": ["acme", "beta"]}]}),
            json!({"require": [{"claim": format!("/{claim}"), "equals": "acme"}]}),
            json!({"resource_claim": {"claim": claim, "any_of": ["acme"]}}),
            json!({"clients": ["web"]}),
            json!({"anyone": true}),
        ] {
            Stage::new(&entry(preset, issuer, more));
        }
    }
    let alias = json!({"aliases": [GITHUB]});
    refuses_configuration(entry("generic", "https://idp.example", alias).to_string(), "issuers[0].require");
    // One owner does not speak for another provider's tokens under the same entry.
    let two =
        json!({"aliases": ["https://accounts.google.com"], "require": [{"claim": "repository_id", "equals": "1"}]});
    refuses_configuration(entry("generic", GITHUB, two).to_string(), "issuers[0].require");
    for (preset, issuer) in [
        ("gitlab", "https://gitlab.example.com"),
        ("entra", "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0"),
        ("generic", "https://idp.example/{tenantid}"),
    ] {
        Stage::new(&entry(preset, issuer, json!({})));
    }
}

#[test]
fn n09_rule_that_names_no_owner_does_not_count() {
    for (preset, issuer, claim) in WORLD {
        for rule in [
            json!({"claim": claim, "not_equals": "mallory"}),
            json!({"claim": claim, "present": true}),
            json!({"claim": claim, "present": false}),
            json!({"claim": claim, "contains": "acme"}),
            json!({"claim": claim, "contains_any": ["acme"]}),
            json!({"claim": claim, "contains_all": ["acme"]}),
            json!({"claim": claim, "prefix": ""}),
            json!({"claim": claim, "prefix": "acme"}),
            json!({"claim": claim, "prefix": "/"}),
            json!({"claim": claim, "prefix": "repo:"}),
            json!({"claim": claim, "prefix": "repo:acme"}),
            json!({"claim": claim, "suffix": ""}),
            json!({"claim": claim, "suffix": "acme.example"}),
            json!({"claim": claim, "suffix": "@"}),
            json!({"claim": claim, "suffix": "/orders"}),
            json!({"claim": claim, "gte": 9001}),
            json!({"claim": claim, "equals": null}),
            json!({"claim": claim, "equals": true}),
            json!({"claim": claim, "in": ["acme", null]}),
            json!({"claim": "aud", "equals": "api"}),
            json!({"claim": "ref", "equals": "refs/heads/main"}),
            json!({"claim": format!("$.x.{claim}"), "equals": "acme"}),
            json!({"claim": format!("$.{claim}[*]"), "equals": "acme"}),
        ] {
            let more = json!({"require": [rule]});
            refuses_configuration(entry(preset, issuer, more).to_string(), "issuers[0].require");
        }
    }
    for (preset, issuer, prefix) in [
        ("github-actions", GITHUB, "repo:/"),
        ("github-actions", GITHUB, "environment:prod/"),
        ("gitlab", "https://gitlab.com", "project_path:/"),
        ("gitlab", "https://gitlab.com", "project_path:acme"),
        ("google", "https://accounts.google.com", "1101/"),
    ] {
        let more = json!({"require": [{"claim": "sub", "prefix": prefix}]});
        refuses_configuration(entry(preset, issuer, more).to_string(), "issuers[0].require");
    }
    for (preset, issuer, rule) in [
        ("github-actions", GITHUB, json!({"claim": "repository", "prefix": "acme/"})),
        ("github-actions", GITHUB, json!({"claim": "sub", "prefix": "repo:acme/orders:"})),
        ("gitlab", "https://gitlab.com", json!({"claim": "project_path", "prefix": "acme/"})),
        ("gitlab", "https://gitlab.com", json!({"claim": "sub", "prefix": "project_path:acme/"})),
        ("google", "https://accounts.google.com", json!({"claim": "email", "suffix": "@acme.example"})),
    ] {
        Stage::new(&entry(preset, issuer, json!({"require": [rule]})));
    }
}

#[test]
fn n10_header_that_folds_to_a_reserved_one_is_refused() {
    let config = config();
    for name in [
        "content_length",
        "Content_Length",
        "content.length",
        "x_forwarded_for",
        "x-forwarded_proto",
        "X.Forwarded.Client.Cert",
        "x_envoy_original_path",
        "transfer_encoding",
        "set_cookie",
        "proxy!authorization",
    ] {
        let headers = with(config.clone(), "/identity_headers", json!({"subject": name}));
        refuses_configuration(headers.to_string(), "identity_headers.subject");
        let headers = with(config.clone(), "/identity_headers", json!({"claims": {name: "tid"}}));
        refuses_configuration(headers.to_string(), &format!("identity_headers.claims.{name}"));
    }
    Stage::new(&with(config, "/identity_headers", json!({"subject": "x_auth_user", "email": "content_language"})));
}

#[test]
fn n11_header_of_the_protocol_is_no_token_source() {
    for name in [
        "host",
        "Host",
        "content-length",
        "content_length",
        "transfer-encoding",
        "connection",
        "te",
        "cookie",
        ":path",
        "origin",
    ] {
        let sources = with(config(), "/token_sources", json!([{"header": name}]));
        refuses_configuration(sources.to_string(), "token_sources[0].header");
    }
    for name in ["authorization", "Proxy-Authorization", "x-forwarded-access-token", "x-api-token"] {
        Stage::new(&with(config(), "/token_sources", json!([{"header": name}])));
    }
}

#[test]
fn n12_unwise_settings_of_an_issuer_are_warned_of() {
    let mut clients = with(config(), "/issuers/0/clients", json!(["web"]));
    let both = clients.clone();
    clients["issuers"][0].as_object_mut().expect("an object").remove("audiences");
    let any = with(both.clone(), "/issuers/0/audiences", json!("any"));
    for (configuration, path) in [
        (clients, "issuers[0].clients"),
        (any, "issuers[0].clients"),
        (with(config(), "/token_sources", json!([{"cookie": "id"}])), "token_sources[0].cookie"),
        (with(config(), "/issuers/0/issuer", json!("https://*.example.com")), "issuers[0].issuer"),
        (with(config(), "/issuers/0/issuer", json!("https://sso.example/realms/{realm}")), "issuers[0].issuer"),
        (with(config(), "/issuers/0/issuer", json!("https://sso.example/{tenantId}")), "issuers[0].issuer"),
        (with(config(), "/issuers/0/aliases", json!(["https://*.example.com"])), "issuers[0].aliases"),
        (with(config(), "/issuers/0/clients", json!(["web-*"])), "issuers[0].clients"),
        (with(config(), "/default_route", json!({"audiences": ["*"]})), "default_route.audiences"),
        (with(config(), "/issuers/0/audiences", json!(["api", "https://*.example.com"])), "issuers[0].audiences"),
        (with(config(), "/issuers/0/audiences", json!(["api://{tenantid}"])), "issuers[0].audiences"),
    ] {
        assert_eq!(warned(&configuration), [path], "{configuration}");
    }
    for quiet in [config(), both, with(config(), "/issuers/0/issuer", json!("https://idp.example/{tenantid}/v2.0"))] {
        assert_eq!(warned(&quiet), Vec::<String>::new(), "{quiet}");
    }
}
