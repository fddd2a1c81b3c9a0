use super::*;
use crate::algorithm::{Algorithm, Algorithms};
use crate::groups::{NameSource, Take};
use crate::header::Attribute;
use crate::issuer::{Audiences, Issuer, KeySource, UnverifiedEmail};
use crate::jwks::{Location, Remote};
use crate::route::{Access, Enforcement, Place};
use crate::testing::{SECRET, TestKey, Value, config, json, key_set, merge, one_issuer, with, with_issuer};
use proptest::prelude::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A configuration that says everything.
fn full() -> Value {
    json!({
        "issuers": [
            {
                "name": "inline", "preset": "generic", "enabled": true, "anyone": false, "issuer": "https://a.example", "aliases": ["a"],
                "trust_domain": "a.example", "keys": {"inline": key_set(&[TestKey::EdDsa(1)])}, "algorithms": ["EdDSA", "RS256"],
                "audiences": ["api"], "clients": ["web"], "resource_claim": {"claim": "resource", "any_of": ["r"]},
                "types": ["JWT", null], "required_claims": ["exp"], "max_token_age": "1h", "max_lifetime": "2h",
                "claims": {"subject": ["sub"], "username": ["u"], "email": ["e"],
                    "groups": ["$.g[*]", {"at": "roles", "take": "names", "split": ";", "prefix": "role:"}], "scopes": [{"at": "s", "split": ","}], "client": ["/c"]},
                "unverified_email": "keep",
                "require": [
                    {"claim": "a", "equals": null}, {"claim": "a", "not_equals": 1}, {"claim": "a", "in": [1, null]},
                    {"claim": "a", "contains": "x"}, {"claim": "a", "contains_any": ["x"]}, {"claim": "a", "contains_all": ["x"]},
                    {"claim": "a", "prefix": "x"}, {"claim": "a", "suffix": "x"}, {"claim": "a", "present": true},
                    {"claim": "a", "gt": 1}, {"claim": "a", "gte": 1}, {"claim": "a", "lt": 1}, {"claim": "a", "lte": 1},
                    {"claim": "a", "not_in": ["x", 1]}, {"any": [{"claim": "a", "present": true}, {"not": {"claim": "b", "suffix": "x"}}]},
                    {"not": {"any": [{"claim": "a", "prefix": "y"}]}},
                ],
                "groups": {"map": {"team-*": ["g-*", "staff"]}, "unmapped": {"prefix": "a:"}, "default": ["everyone"], "ignore_case": true,
                    "grant": [{"when": [{"claim": "admin", "equals": true}], "groups": ["admins"]}]},
            },
            {
                "name": "uri", "issuer": "https://b.example", "audiences": "any", "groups": {"unmapped": "drop"},
                "keys": {"jwks_uri": "https://b.example/keys", "cluster": "b", "ttl": "5m", "max_stale": "12h", "timeout": "2s",
                    "unknown_kid_cooldown": "10s", "max_bytes": "64KiB", "allow_insecure": true},
            },
            {
                "name": "discovery", "issuer": "https://c.example/", "audiences": ["api"],
                "keys": {"discovery": true, "cluster": "c", "jwks_cluster": "d", "jwks_hosts": ["d.example"]},
            },
        ],
        "routes": [
            {"name": "exact", "match": {"path": "/a", "methods": ["GET"], "hosts": ["*.example.com"]}, "access": "public"},
            {"name": "below", "match": {"prefix": "/b"}, "issuers": ["uri"], "audiences": ["b"], "scopes": {"all": ["s"]},
                "groups": {"any": ["g-*"]}, "require": [{"claim": "a", "equals": 1}], "resource": "api",
                "step_up": {"acr": ["gold"], "max_age": "15m"}, "cors_preflight": true, "enforce": true},
            {"match": {"template": "/c/{id}/**"}, "access": "required", "scopes": {"any": ["s"]}, "groups": {"all": ["g"]}},
        ],
        "default_route": {"name": "rest", "access": "deny"},
        "group_scopes": {"g-*": ["read"]},
        "identity_headers": {
            "subject": "x-sub", "issuer": "x-iss", "username": "x-user", "email": null, "client": "x-client", "groups": "x-groups",
            "scopes": "x-scopes", "provider": "x-provider", "actor": "x-actor", "acr": "x-acr", "amr": "x-amr",
            "auth_time": "x-auth-time", "payload": "x-payload", "claims": {"x-tenant": "tid"},
        },
        "token_sources": [{"header": "authorization", "scheme": "Bearer"}, {"cookie": "id"}, {"query": "access_token"}],
        "forward_token": true,
        "resources": [{"name": "api", "resource": "https://api.example.com/mcp", "scopes_supported": ["s"],
            "authorization_servers": ["https://a.example"]}],
        "clock_skew": "30s",
        "limits": {"max_token_bytes": "8KiB", "verified_tokens": {"entries": 10, "max_bytes": "1MiB"}, "waiting_requests": 5,
            "wait_timeout": "1s", "max_groups": 7},
        "errors": {"detail": "reason"},
        "host": "envoy", "crypto": "wasm", "recompute_route": true, "filter_state": true, "audit": "all",
        "cors_preflight": true, "enforce": true,
    })
}

fn paths(mistakes: &[Located]) -> Vec<&str> {
    mistakes.iter().map(|mistake| mistake.path.as_str()).collect()
}

fn mistakes(json: &Value) -> Vec<Located> {
    Config::parse(json.to_string().as_bytes()).err().unwrap_or_default()
}

fn warnings(json: &Value) -> Vec<Located> {
    Config::parse(json.to_string().as_bytes()).unwrap().1
}

/// The one mistake in a configuration.
fn mistake(json: &Value) -> (String, String) {
    match mistakes(json).as_slice() {
        [only] => (only.path.clone(), only.problem.clone()),
        other => panic!("{json}: {other:?}"),
    }
}

fn issuer(config: &Config, id: usize) -> &Issuer {
    config.issuers.get(id).unwrap()
}

fn remote(config: &Config, id: usize) -> &Remote {
    match &issuer(config, id).keys {
        KeySource::Remote(remote) => remote,
        KeySource::Inline(_) => panic!("inline"),
    }
}

/// Every value of `json` that reading gives a shape to: its pointer and its path.
fn fields(json: &Value, pointer: &str, path: &str, found: &mut Vec<(String, String)>) {
    let raw =
        |name: &str| matches!(name, "inline" | "equals" | "not_equals" | "contains" | "gt" | "gte" | "lt" | "lte");
    let children: Vec<(String, String, &Value)> = match json {
        Value::Object(members) => {
            let dot = if path.is_empty() { "" } else { "." };
            let named = members.iter().filter(|(name, _)| !raw(name));
            named
                .map(|(name, value)| (name.replace('~', "~0").replace('/', "~1"), format!("{path}{dot}{name}"), value))
                .collect()
        }
        Value::Array(elements) => {
            let any = [".in", ".not_in", ".contains_any", ".contains_all"].iter().any(|tail| path.ends_with(tail));
            let shaped = elements.iter().enumerate().filter(|_| !any);
            shaped.map(|(index, value)| (index.to_string(), format!("{path}[{index}]"), value)).collect()
        }
        _ => Vec::new(),
    };
    for (name, path, value) in children {
        let pointer = format!("{pointer}/{name}");
        found.push((pointer.clone(), path.clone()));
        fields(value, &pointer, &path, found);
    }
}

fn all_fields() -> Vec<(String, String)> {
    let mut found = Vec::new();
    fields(&full(), "", "", &mut found);
    assert!(found.len() > 150, "{}", found.len());
    found
}

#[test]
fn a_configuration_that_says_everything_is_understood() {
    let config = config(&full());
    let a = issuer(&config, 0);
    assert_eq!(
        (a.name.as_str(), a.issuer.as_str(), &a.aliases[..]),
        ("inline", "https://a.example", &["a".to_owned()][..])
    );
    assert_eq!(a.algorithms(), [Algorithm::EdDsa, Algorithm::Rs256].into_iter().collect());
    assert_eq!(
        (a.trust_domain.as_deref(), a.types.as_slice()),
        (Some("a.example"), &[Some("jwt".to_owned()), None][..])
    );
    assert_eq!((a.max_token_age, a.max_lifetime), (Some(Duration::from_secs(3600)), Some(Duration::from_secs(7200))));
    assert_eq!((a.audiences.clone(), a.require.len()), (Audiences::AnyOf(vec!["api".into()]), 16));
    let b = remote(&config, 1);
    assert_eq!(
        (b.ttl, b.max_stale, b.timeout),
        (Duration::from_secs(300), Duration::from_secs(43_200), Duration::from_secs(2))
    );
    assert_eq!((b.unknown_kid_cooldown, b.max_bytes, b.allow_insecure), (Duration::from_secs(10), 64 * 1024, true));
    assert_eq!(issuer(&config, 1).audiences, Audiences::Any);
    let Location::Discovery { document, keys_cluster, keys_hosts } = &remote(&config, 2).location else { panic!() };
    assert_eq!(document.url.to_string(), "https://c.example/.well-known/openid-configuration");
    assert_eq!(
        (document.cluster.as_str(), keys_cluster.as_str(), &keys_hosts[..]),
        ("c", "d", &["d.example".to_owned()][..])
    );
    assert_eq!(
        config.routes.rules.iter().map(|rule| rule.access).collect::<Vec<_>>(),
        [Access::Public, Access::Required, Access::Required]
    );
    assert_eq!((config.routes.rules[1].issuers.clone(), config.routes.rules[1].resource), (Some(vec![1]), Some(0)));
    assert_eq!((config.routes.default.access, config.routes.default.name.as_deref()), (Access::Deny, Some("rest")));
    assert!(config.identity_headers.names().any(|name| name == "x-tenant"));
    assert!(!config.identity_headers.attributes.iter().any(|(attribute, _)| *attribute == Attribute::Email));
    assert_eq!(config.token_sources.len(), 3);
    assert_eq!((config.forward_token, config.recompute_route, config.filter_state), (true, true, true));
    assert_eq!(
        (config.host, config.crypto, config.audit, config.detail),
        (Host::Envoy, Crypto::Wasm, Audit::All, ErrorDetail::Reason)
    );
    assert_eq!(config.clock_skew, Duration::from_secs(30));
    let limits = Limits {
        max_token_bytes: 8192,
        remembered_entries: 10,
        remembered_bytes: 1024 * 1024,
        waiting_requests: 5,
        wait_timeout: Duration::from_secs(1),
        max_groups: 7,
    };
    assert_eq!(config.limits, limits);
    let resource = &config.resources[0];
    assert_eq!(resource.metadata_url, "https://api.example.com/.well-known/oauth-protected-resource/mcp");
    assert_eq!(
        resource.document,
        r#"{"resource":"https://api.example.com/mcp","authorization_servers":["https://a.example"],"scopes_supported":["s"],"bearer_methods_supported":["header"]}"#
    );
}

#[test]
fn what_is_not_said_is_the_safe_choice() {
    let keys = json!({"jwks_uri": "https://acme.okta.com/oauth2/default/v1/keys", "cluster": "okta"});
    let config = config(&json!({"issuers": [{"name": "workforce", "issuer": "https://acme.okta.com/oauth2/default",
        "keys": keys, "audiences": ["api://default"]}]}));
    let only = issuer(&config, 0);
    assert_eq!(only.algorithms(), Algorithms::asymmetric());
    assert_eq!(only.types, [Some("at+jwt".to_owned()), Some("jwt".to_owned()), None]);
    let texts = |addresses: &[crate::address::Address]| {
        addresses.iter().map(|address| address.text().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(texts(&only.required_claims), ["exp"]);
    assert_eq!(texts(&only.claims.subject), ["sub"]);
    assert_eq!(texts(&only.claims.username), ["preferred_username", "username", "email"]);
    assert_eq!(texts(&only.claims.email), ["email"]);
    let names = |sources: &[NameSource]| {
        assert!(
            sources
                .iter()
                .all(|source| source.take == Take::Values && source.split.is_none() && source.prefix.is_empty())
        );
        sources.iter().map(|source| source.at.text().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&only.claims.groups), ["groups"]);
    assert_eq!(names(&only.claims.scopes), ["scope", "scp", "scopes"]);
    assert_eq!(only.unverified_email, UnverifiedEmail::Drop);
    assert!(!only.groups.ignore_case && only.groups.grants.is_empty());
    assert_eq!(texts(&only.claims.client), ["client_id", "azp", "appid", "cid"]);
    assert!(only.clients.is_none() && only.resource_claim.is_none() && only.require.is_empty() && !only.entra);
    assert_eq!((only.max_token_age, only.max_lifetime, only.trust_domain.clone()), (None, None, None));
    assert_eq!(
        (&only.groups.unmapped, only.groups.map.len(), only.groups.default.len()),
        (&crate::groups::Unmapped::Drop, 0, 0)
    );
    let source = remote(&config, 0);
    assert_eq!((source.ttl.as_secs(), source.max_stale.as_secs(), source.timeout.as_secs()), (600, 86_400, 5));
    assert_eq!(
        (source.unknown_kid_cooldown.as_secs(), source.max_bytes, source.allow_insecure),
        (30, 256 * 1024, false)
    );
    assert!(config.routes.rules.is_empty() && config.resources.is_empty() && config.group_scopes.is_empty());
    assert_eq!((config.routes.default.access, &config.routes.default.scopes), (Access::Required, &None));
    assert!(matches!(config.routes.default.matcher.place, Place::Everywhere));
    assert_eq!(config.token_sources, [TokenSource::Header("authorization".into(), Some("Bearer".into()))]);
    let headers: Vec<&str> = config.identity_headers.names().collect();
    let defaults =
        ["subject", "issuer", "username", "email", "client", "groups", "scopes"].map(|name| format!("x-auth-{name}"));
    assert_eq!(headers, defaults);
    assert_eq!((config.forward_token, config.recompute_route, config.filter_state), (false, false, false));
    assert_eq!(
        (config.host, config.crypto, config.audit, config.detail),
        (Host::Envoy, Crypto::Auto, Audit::Denied, ErrorDetail::None)
    );
    assert_eq!(config.clock_skew, Duration::from_secs(60));
    let limits = Limits {
        max_token_bytes: 16 * 1024,
        remembered_entries: 4096,
        remembered_bytes: 4 * 1024 * 1024,
        waiting_requests: 256,
        wait_timeout: Duration::from_secs(5),
        max_groups: 512,
    };
    assert_eq!(config.limits, limits);
}

#[test]
fn null_is_no_way_to_leave_a_field_out() {
    let means_something = |path: &str| {
        path.contains(".types[") || path.starts_with("identity_headers.") && path != "identity_headers.claims"
    };
    for (pointer, path) in all_fields() {
        if means_something(&path) && !path.starts_with("identity_headers.claims.") {
            continue;
        }
        let mut json = full();
        *json.pointer_mut(&pointer).unwrap() = Value::Null;
        let found = mistakes(&json);
        assert!(paths(&found).contains(&path.as_str()), "{path}: {found:?}");
        assert!(
            found.iter().any(|mistake| mistake.path == path
                && (mistake.problem.contains("null") || mistake.problem.starts_with("must be"))),
            "{found:?}"
        );
    }
}

#[test]
fn a_value_of_the_wrong_type_is_named_by_its_path() {
    for (pointer, path) in all_fields() {
        let any_list =
            ["in", "not_in", "contains_any", "contains_all"].iter().any(|name| path.ends_with(&format!("].{name}")));
        let wrong = [json!(-1.5), json!({"x": {}}), json!([[]])];
        for wrong in &wrong[..if any_list { 2 } else { 3 }] {
            let mut json = full();
            *json.pointer_mut(&pointer).unwrap() = wrong.clone();
            let found = mistakes(&json);
            assert!(found.iter().any(|mistake| mistake.path.starts_with(&path)), "{path} = {wrong}: {found:?}");
        }
    }
}

#[test]
fn a_list_is_no_object_whose_members_lost_their_names() {
    let mut json = full();
    json["issuers"][0]["resource_claim"] = json!(["tid", ["a"]]);
    let (path, problem) = mistake(&json);
    assert_eq!(path, "issuers[0].resource_claim");
    assert_eq!(problem, "expected an object, found a list");
}

#[test]
fn an_unknown_field_is_named_by_its_path_and_told_its_neighbours() {
    let free = ["group_scopes", "identity_headers.claims", "issuers[0].groups.map", "issuers[0].groups.unmapped"];
    let objects = std::iter::once((String::new(), String::new())).chain(all_fields());
    for (pointer, path) in objects.filter(|(_, path)| !free.contains(&path.as_str())) {
        let mut json = full();
        let Some(object) = json.pointer_mut(&pointer).and_then(Value::as_object_mut) else { continue };
        object.insert("zzz".into(), json!(1));
        let (found, problem) = mistake(&json);
        assert_eq!(found, if path.is_empty() { "zzz".to_owned() } else { format!("{path}.zzz") });
        assert!(problem.starts_with("unknown field; known here: "), "{problem}");
    }
}

#[test]
fn a_field_given_twice_is_refused_wherever_it_is() {
    let text = full().to_string();
    for field in ["\"host\":", "\"ttl\":", "\"claim\":", "\"path\":"] {
        let twice = text.replacen(field, &format!("{field}1,{field}"), 1);
        let found = Config::parse(twice.as_bytes()).err().unwrap();
        assert_eq!(paths(&found), [""], "{field}");
        assert!(found[0].problem.starts_with("member name given twice at byte "), "{found:?}");
    }
    for text in ["", "{", "[]", "1", "null", "\"x\"", "{} {}", "\u{feff}{}"] {
        let found = Config::parse(text.as_bytes()).err().unwrap();
        assert_eq!(paths(&found), [""], "{text}");
    }
}

#[test]
fn ten_different_mistakes_name_ten_paths() {
    let mut json = full();
    for (pointer, value) in [
        ("/issuers/0/name", json!("Two Words")),
        ("/issuers/0/algorithms/1", json!("none")),
        ("/issuers/1/keys/jwks_uri", json!("b.example")),
        ("/issuers/1/keys/ttl", json!(300)),
        ("/issuers/2/audiences", json!([])),
        ("/routes/0/access", json!("open")),
        ("/routes/1/issuers/0", json!("nobody")),
        ("/identity_headers/subject", json!("host")),
        ("/clock_skew", json!("2h")),
        ("/limits/max_groups", json!(0)),
    ] {
        *json.pointer_mut(pointer).unwrap() = value;
    }
    let found = mistakes(&json);
    let mut found = paths(&found);
    found.sort_unstable();
    assert_eq!(
        found,
        [
            "clock_skew",
            "identity_headers.subject",
            "issuers[0].algorithms[1]",
            "issuers[0].name",
            "issuers[1].keys.jwks_uri",
            "issuers[1].keys.ttl",
            "issuers[2].audiences",
            "limits.max_groups",
            "routes[0].access",
            "routes[1].issuers[0]",
        ]
    );
}

#[test]
fn an_element_that_cannot_be_read_does_not_shift_the_paths_of_those_behind_it() {
    for (pointer, list, wanted) in [
        ("/issuers/0/aliases", json!([1, ""]), ["issuers[0].aliases[0]", "issuers[0].aliases[1]"]),
        ("/issuers/0/audiences", json!([1, ""]), ["issuers[0].audiences[0]", "issuers[0].audiences[1]"]),
        ("/issuers/0/algorithms", json!([1, "none"]), ["issuers[0].algorithms[0]", "issuers[0].algorithms[1]"]),
        (
            "/issuers/0/required_claims",
            json!([1, "$"]),
            ["issuers[0].required_claims[0]", "issuers[0].required_claims[1]"],
        ),
        (
            "/issuers/0/require",
            json!([1, {"claim": "$", "present": true}]),
            ["issuers[0].require[0]", "issuers[0].require[1].claim"],
        ),
        (
            "/issuers/0/groups/map/team-*",
            json!([1, "**"]),
            ["issuers[0].groups.map.team-*[0]", "issuers[0].groups.map.team-*[1]"],
        ),
        ("/routes", json!([1, {"match": {"path": "x"}}]), ["routes[0]", "routes[1].match.path"]),
        ("/routes/1/issuers", json!([1, "nobody"]), ["routes[1].issuers[0]", "routes[1].issuers[1]"]),
        ("/routes/1/scopes/all", json!([1, ""]), ["routes[1].scopes.all[0]", "routes[1].scopes.all[1]"]),
        ("/routes/1/groups/any", json!([1, ""]), ["routes[1].groups.any[0]", "routes[1].groups.any[1]"]),
        ("/routes/0/match/hosts", json!([1, "a:1"]), ["routes[0].match.hosts[0]", "routes[0].match.hosts[1]"]),
        ("/group_scopes/g-*", json!([1, "a b"]), ["group_scopes.g-*[0]", "group_scopes.g-*[1]"]),
        ("/token_sources", json!([1, {}]), ["token_sources[0]", "token_sources[1]"]),
        ("/resources", json!([1, {"resource": "https://x.example"}]), ["resources[0]", "resources[1].name"]),
        (
            "/resources/0/scopes_supported",
            json!([1, ""]),
            ["resources[0].scopes_supported[0]", "resources[0].scopes_supported[1]"],
        ),
    ] {
        let mut json = full();
        merge(&mut json["routes"][1], json!({"resource": null}));
        *json.pointer_mut(pointer).unwrap() = list;
        assert_eq!(paths(&mistakes(&json)), wanted, "{pointer}");
    }
}

/// What may not stand where, and the path that is named.
#[test]
fn each_mistake_is_named_by_its_path() {
    for (pointer, value, wanted) in [
        ("/issuers", json!([]), "issuers"),
        ("/issuers/1/name", json!(""), "issuers[1].name"),
        ("/issuers/1/name", json!("a".repeat(33)), "issuers[1].name"),
        ("/issuers/0/issuer", json!(""), "issuers[0].issuer"),
        ("/issuers/0/issuer", json!("{tenantid}/{tenantid}"), "issuers[0].issuer"),
        ("/issuers/1/issuer", json!("https://a.example"), "issuers[1].issuer"),
        ("/issuers/1/issuer", json!("a"), "issuers[1].issuer"),
        ("/issuers/0/preset", json!("cognit"), "issuers[0].preset"),
        ("/issuers/0/trust_domain", json!("spiffe://a"), "issuers[0].trust_domain"),
        ("/issuers/0/trust_domain", json!(""), "issuers[0].trust_domain"),
        ("/issuers/0/keys", json!({}), "issuers[0].keys"),
        ("/issuers/0/keys/inline", json!({"keys": []}), "issuers[0].keys.inline"),
        ("/issuers/0/keys/inline", json!("x"), "issuers[0].keys.inline"),
        ("/issuers/1/keys/cluster", json!(""), "issuers[1].keys.cluster"),
        ("/issuers/1/keys/jwks_uri", json!("ftp://b.example"), "issuers[1].keys.jwks_uri"),
        ("/issuers/1/keys/jwks_uri", json!("https://u@b.example"), "issuers[1].keys.jwks_uri"),
        ("/issuers/1/keys/ttl", json!("0s"), "issuers[1].keys.ttl"),
        ("/issuers/1/keys/ttl", json!("13h"), "issuers[1].keys.max_stale"),
        ("/issuers/1/keys/max_stale", json!("31d"), "issuers[1].keys.max_stale"),
        ("/issuers/1/keys/timeout", json!("1ms"), "issuers[1].keys.timeout"),
        ("/issuers/1/keys/unknown_kid_cooldown", json!("0s"), "issuers[1].keys.unknown_kid_cooldown"),
        ("/issuers/1/keys/max_bytes", json!("5MiB"), "issuers[1].keys.max_bytes"),
        ("/issuers/1/keys/max_bytes", json!("8KB"), "issuers[1].keys.max_bytes"),
        ("/issuers/2/keys/discovery", json!(false), "issuers[2].keys.discovery"),
        ("/issuers/2/keys/discovery", json!("http://c.example"), "issuers[2].keys.discovery"),
        ("/issuers/2/keys/jwks_hosts", json!([]), "issuers[2].keys.jwks_hosts"),
        ("/issuers/2/keys/jwks_hosts", json!([""]), "issuers[2].keys.jwks_hosts[0]"),
        ("/issuers/0/algorithms", json!([]), "issuers[0].algorithms"),
        ("/issuers/0/algorithms", json!(["rs256"]), "issuers[0].algorithms[0]"),
        ("/issuers/0/audiences", json!("all"), "issuers[0].audiences"),
        ("/issuers/0/audiences", json!([""]), "issuers[0].audiences[0]"),
        ("/issuers/0/clients", json!([]), "issuers[0].clients"),
        ("/issuers/0/resource_claim/any_of", json!([]), "issuers[0].resource_claim.any_of"),
        ("/issuers/0/resource_claim/claim", json!(""), "issuers[0].resource_claim.claim"),
        ("/issuers/0/resource_claim", json!({"any_of": ["x"]}), "issuers[0].resource_claim.claim"),
        ("/issuers/0/types", json!([]), "issuers[0].types"),
        ("/issuers/0/max_token_age", json!("0s"), "issuers[0].max_token_age"),
        ("/issuers/0/max_lifetime", json!("0ms"), "issuers[0].max_lifetime"),
        ("/issuers/0/claims/groups", json!(["$.g[?]"]), "issuers[0].claims.groups[0]"),
        ("/issuers/0/claims/groups", json!([{"prefix": "role:"}]), "issuers[0].claims.groups[0].at"),
        ("/issuers/0/claims/groups", json!([7]), "issuers[0].claims.groups[0]"),
        ("/issuers/0/claims/groups", json!([{"take": "names"}]), "issuers[0].claims.groups[0].at"),
        ("/issuers/0/claims/groups", json!([{"at": "$.g[?]"}]), "issuers[0].claims.groups[0].at"),
        ("/issuers/0/claims/scopes", json!([{"at": "s", "take": "values"}]), "issuers[0].claims.scopes[0].take"),
        ("/issuers/0/claims/scopes", json!([{"at": "s", "split": ""}]), "issuers[0].claims.scopes[0].split"),
        ("/issuers/0/claims/scopes", json!([{"at": "s", "split": ", "}]), "issuers[0].claims.scopes[0].split"),
        ("/issuers/0/claims/client", json!([{"at": "s"}]), "issuers[0].claims.client[0]"),
        ("/issuers/0/unverified_email", json!("refuse"), "issuers[0].unverified_email"),
        ("/issuers/0/groups/grant", json!([{"groups": ["g"]}]), "issuers[0].groups.grant[0].when"),
        ("/issuers/0/groups/grant", json!([{"when": [], "groups": ["g"]}]), "issuers[0].groups.grant[0].when"),
        ("/issuers/0/groups/grant/0/groups", json!([]), "issuers[0].groups.grant[0].groups"),
        ("/issuers/0/groups/grant/0/groups", json!([""]), "issuers[0].groups.grant[0].groups[0]"),
        ("/issuers/0/groups/grant/0/when/0", json!({"claim": "a"}), "issuers[0].groups.grant[0].when[0]"),
        ("/issuers/0/require/0", json!({"any": []}), "issuers[0].require[0].any"),
        ("/issuers/0/require/0", json!({"any": [{"claim": "a"}]}), "issuers[0].require[0].any[0]"),
        ("/issuers/0/require/0", json!({"not": {"claim": "a", "in": []}}), "issuers[0].require[0].not.in"),
        ("/issuers/0/require/0", json!({"claim": "a", "any": [{"claim": "a", "equals": 1}]}), "issuers[0].require[0]"),
        ("/issuers/0/require/0", json!({"equals": 1, "not": {"claim": "a", "equals": 1}}), "issuers[0].require[0]"),
        (
            "/issuers/0/require/0",
            json!({"any": [{"claim": "a", "equals": 1}], "not": {"claim": "a", "equals": 1}}),
            "issuers[0].require[0]",
        ),
        ("/issuers/0/require/0", json!({"claim": "a", "not_in": []}), "issuers[0].require[0].not_in"),
        ("/issuers/0/require/0", json!({"equals": 1}), "issuers[0].require[0].claim"),
        ("/issuers/0/require/0", json!({"claim": "a"}), "issuers[0].require[0]"),
        ("/issuers/0/require/0", json!({"claim": "a", "equals": 1, "present": true}), "issuers[0].require[0]"),
        ("/issuers/0/require/0", json!({"claim": "a", "in": []}), "issuers[0].require[0].in"),
        ("/issuers/0/require/9/gt", json!("1"), "issuers[0].require[9].gt"),
        ("/issuers/0/groups/map", json!({"a**": ["b"]}), "issuers[0].groups.map.a**"),
        ("/issuers/0/groups/map", json!({"": ["b"]}), "issuers[0].groups.map."),
        ("/issuers/0/groups/map", json!({"a": ["b-*"]}), "issuers[0].groups.map.a"),
        ("/issuers/0/groups/unmapped", json!("kept"), "issuers[0].groups.unmapped"),
        ("/issuers/0/groups/unmapped", json!({"prefix": ""}), "issuers[0].groups.unmapped.prefix"),
        ("/issuers/0/groups/unmapped", json!({"suffix": "x"}), "issuers[0].groups.unmapped"),
        ("/issuers/0/groups/default", json!([""]), "issuers[0].groups.default[0]"),
        ("/routes/0", json!({"access": "public"}), "routes[0]"),
        ("/routes/1/name", json!("exact"), "routes[1].name"),
        ("/routes/0/match/path", json!("a"), "routes[0].match.path"),
        ("/routes/0/match/path", json!("/a/../b"), "routes[0].match.path"),
        ("/routes/1/match/prefix", json!("/b//"), "routes[1].match.prefix"),
        ("/routes/2/match/template", json!("/c/**/d"), "routes[2].match.template"),
        ("/routes/2/match/template", json!("/c/../{id}"), "routes[2].match.template"),
        ("/routes/2/match/template", json!("/c/%2e/{id}"), "routes[2].match.template"),
        ("/routes/0/match", json!({"path": "/a", "prefix": "/a"}), "routes[0].match"),
        ("/routes/0/match/methods", json!([]), "routes[0].match.methods"),
        ("/routes/0/match/methods", json!([""]), "routes[0].match.methods[0]"),
        ("/routes/0/match/hosts", json!([]), "routes[0].match.hosts"),
        ("/routes/0/match/hosts", json!(["*.a.*"]), "routes[0].match.hosts[0]"),
        ("/routes/0/match/hosts", json!(["a:80"]), "routes[0].match.hosts[0]"),
        ("/routes/1/issuers", json!([]), "routes[1].issuers"),
        ("/routes/1/audiences", json!([]), "routes[1].audiences"),
        ("/routes/1/audiences", json!(["b", ""]), "routes[1].audiences[1]"),
        ("/routes/1/scopes", json!({}), "routes[1].scopes"),
        ("/routes/1/scopes", json!({"all": ["a"], "any": ["b"]}), "routes[1].scopes"),
        ("/routes/1/scopes/all", json!([]), "routes[1].scopes.all"),
        ("/routes/1/scopes/all", json!(["a\"b"]), "routes[1].scopes.all[0]"),
        ("/routes/1/groups/any", json!(["*a*"]), "routes[1].groups.any[0]"),
        ("/routes/1/step_up", json!({}), "routes[1].step_up"),
        ("/routes/1/step_up/acr", json!(["a b"]), "routes[1].step_up.acr[0]"),
        ("/routes/1/resource", json!("other"), "routes[1].resource"),
        ("/routes/1/access", json!("shut"), "routes[1].access"),
        ("/default_route", json!({"match": {"path": "/"}}), "default_route.match"),
        ("/default_route", json!({"access": "deny", "scopes": {"any": ["a"]}}), "default_route.scopes"),
        ("/group_scopes", json!({"**": ["a"]}), "group_scopes.**"),
        ("/group_scopes", json!({"a": ["\\"]}), "group_scopes.a[0]"),
        ("/token_sources", json!([]), "token_sources"),
        ("/token_sources/0", json!({"header": "a", "cookie": "b"}), "token_sources[0]"),
        ("/token_sources/0/header", json!("cookie"), "token_sources[0].header"),
        ("/token_sources/0/header", json!("a b"), "token_sources[0].header"),
        ("/token_sources/0/header", json!("X_SUB"), "token_sources[0].header"),
        ("/token_sources/0/scheme", json!(""), "token_sources[0].scheme"),
        ("/token_sources/1", json!({"cookie": "id", "scheme": "x"}), "token_sources[1].scheme"),
        ("/token_sources/1", json!({"cookie": "a;b"}), "token_sources[1]"),
        ("/token_sources/2", json!({"query": ""}), "token_sources[2]"),
        ("/token_sources/2", json!({"cookie": "id"}), "token_sources[2]"),
        ("/token_sources/2", json!({"header": "Authorization"}), "token_sources[2]"),
        ("/resources/0", json!({"name": "api"}), "resources[0].resource"),
        ("/resources/0/name", json!(""), "resources[0].name"),
        ("/resources/0/resource", json!("api.example.com"), "resources[0].resource"),
        ("/resources/0/resource", json!("https://api.example.com/a?b"), "resources[0].resource"),
        ("/resources/0/resource", json!("https://api.example.com/a/../b"), "resources[0].resource"),
        ("/resources/0/scopes_supported", json!(["a b"]), "resources[0].scopes_supported[0]"),
        ("/clock_skew", json!("61m"), "clock_skew"),
        ("/clock_skew", json!(60), "clock_skew"),
        ("/limits/max_token_bytes", json!("2MiB"), "limits.max_token_bytes"),
        ("/limits/max_token_bytes", json!("1B"), "limits.max_token_bytes"),
        ("/limits/verified_tokens/entries", json!(1_000_001), "limits.verified_tokens.entries"),
        ("/limits/verified_tokens/entries", json!(-1), "limits.verified_tokens.entries"),
        ("/limits/waiting_requests", json!(100_001), "limits.waiting_requests"),
        ("/limits/wait_timeout", json!("0s"), "limits.wait_timeout"),
        ("/limits/wait_timeout", json!("61s"), "limits.wait_timeout"),
        ("/limits/max_groups", json!(0), "limits.max_groups"),
        ("/errors/detail", json!("all"), "errors.detail"),
        ("/host", json!("nginx"), "host"),
        ("/crypto", json!("none"), "crypto"),
        ("/audit", json!(true), "audit"),
    ] {
        let mut json = full();
        // What refers to what is changed here is left out.
        merge(&mut json["routes"][1], json!({"resource": null}));
        if pointer == "/issuers" || pointer == "/issuers/1/name" {
            merge(&mut json["routes"][1], json!({"issuers": null}));
        }
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        match json.pointer_mut(parent).unwrap() {
            Value::Object(object) => drop(object.insert(name.replace("~1", "/"), value.clone())),
            other => other[name.parse::<usize>().unwrap()] = value.clone(),
        }
        let (path, problem) = mistake(&json);
        assert_eq!(path, wanted, "{pointer} = {value}: {problem}");
    }
}

#[test]
fn what_must_be_there_is_missed_by_its_path() {
    assert_eq!(mistake(&json!({})).0, "issuers");
    for (field, wanted) in [
        ("name", "issuers[0].name"),
        ("issuer", "issuers[0].issuer"),
        ("keys", "issuers[0].keys"),
        ("audiences", "issuers[0].audiences"),
    ] {
        assert_eq!(mistake(&with_issuer(json!({field: null}))).0, wanted);
    }
    let keys = json!({"keys": {"jwks_uri": "https://a.example/keys"}, "algorithms": null});
    assert_eq!(mistake(&with_issuer(keys)).0, "issuers[0].keys.cluster");
}

#[test]
fn fields_that_contradict_each_other_are_refused() {
    let inline = |more: Value| {
        let mut json = full();
        merge(&mut json["issuers"][0]["keys"], more);
        mistake(&json).0
    };
    for (field, value) in [
        ("cluster", json!("x")),
        ("jwks_cluster", json!("x")),
        ("jwks_hosts", json!(["x"])),
        ("ttl", json!("1m")),
        ("max_stale", json!("1m")),
        ("timeout", json!("1s")),
        ("unknown_kid_cooldown", json!("1m")),
        ("max_bytes", json!("1KiB")),
        ("allow_insecure", json!(true)),
    ] {
        assert_eq!(inline(json!({field: value})), format!("issuers[0].keys.{field}"));
    }
    assert_eq!(inline(json!({"jwks_uri": "https://a.example"})), "issuers[0].keys");
    for (field, value) in [("jwks_cluster", json!("x")), ("jwks_hosts", json!(["x"]))] {
        let mut json = full();
        merge(&mut json["issuers"][1]["keys"], json!({field: value}));
        assert_eq!(mistake(&json).0, format!("issuers[1].keys.{field}"));
    }
    for (field, demand) in [
        ("issuers", json!(["uri"])),
        ("audiences", json!(["a"])),
        ("scopes", json!({"any": ["a"]})),
        ("groups", json!({"any": ["a"]})),
        ("require", json!([{"claim": "a", "present": true}])),
        ("step_up", json!({"acr": ["a"]})),
    ] {
        for access in ["public", "deny"] {
            let mut json = full();
            merge(&mut json["routes"][0], json!({"access": access, field: demand}));
            assert_eq!(mistake(&json).0, format!("routes[0].{field}"), "{access}");
        }
    }
    let generic = |more: Value| {
        let mut json = with(json!({"host": "generic"}));
        merge(&mut json, more);
        mistake(&json).0
    };
    assert_eq!(generic(json!({"crypto": "host"})), "crypto");
    assert_eq!(generic(json!({"recompute_route": true})), "recompute_route");
    assert_eq!(generic(json!({"filter_state": true})), "filter_state");
}

#[test]
fn generic_host_is_warned_that_tokens_are_forwarded() {
    let fetched = json!({"jwks_uri": "https://keys.example/jwks", "cluster": "keys.example:443"});
    let told = |more: Value| {
        let mut json = with_issuer(json!({"keys": fetched.clone(), "algorithms": ["RS256"]}));
        merge(&mut json, more);
        warnings(&json).into_iter().map(|warning| warning.path).collect::<Vec<_>>()
    };
    // Callouts work on nginx: keys from a server are no reason to warn.
    assert_eq!(told(json!({"host": "generic"})), ["forward_token"]);
    assert_eq!(told(json!({"host": "generic", "forward_token": false})), ["forward_token"]);
    assert_eq!(told(json!({"host": "generic", "forward_token": true})), Vec::<String>::new());
    assert_eq!(told(json!({})), Vec::<String>::new());
}

#[test]
fn names_are_given_once() {
    let second = |more: Value| {
        let mut other = one_issuer();
        merge(&mut other, json!({"name": "other", "issuer": "https://other.example"}));
        merge(&mut other, more);
        json!({"issuers": [one_issuer(), other]})
    };
    assert_eq!(mistakes(&second(json!({}))), []);
    assert_eq!(mistake(&second(json!({"name": "main"}))).0, "issuers[1].name");
    assert_eq!(mistake(&second(json!({"issuer": crate::testing::ISSUER}))).0, "issuers[1].issuer");
    assert_eq!(mistake(&second(json!({"aliases": [crate::testing::ISSUER]}))).0, "issuers[1].issuer");
    for (field, value) in [("issuer", "https://{tenantid}.example"), ("trust_domain", "example.org")] {
        let mut json = second(json!({field: value}));
        merge(&mut json["issuers"][0], json!({field: value}));
        assert_eq!(mistake(&json).0, "issuers[1].issuer");
    }
    let resource = |name: &str, url: &str| json!({"name": name, "resource": url});
    let a = resource("a", "https://x.example/a");
    for other in [resource("a", "https://x.example/b"), resource("b", "https://y.example/a/")] {
        assert_eq!(mistake(&with(json!({"resources": [a, other]}))).0, "resources[1]");
    }
}

#[test]
fn an_issuer_that_is_not_enabled_is_checked_and_absent() {
    let mut off = one_issuer();
    merge(&mut off, json!({"name": "off", "enabled": false}));
    let both = json!({"issuers": [off.clone(), one_issuer()], "routes": [{"name": "r", "issuers": ["off", "main"]}]});
    let both = config(&both);
    assert_eq!(both.issuers.iter().map(|(_, issuer)| issuer.name.as_str()).collect::<Vec<_>>(), ["main"]);
    assert_eq!(both.routes.rules[0].issuers, Some(vec![0]));
    merge(&mut off, json!({"audiences": null}));
    assert_eq!(mistake(&json!({"issuers": [off, one_issuer()]})).0, "issuers[0].audiences");
}

#[test]
fn a_shared_secret_is_listed_and_inline() {
    let mut json = full();
    json["issuers"][1]["algorithms"] = json!(["HS256"]);
    assert_eq!(mistake(&json).0, "issuers[1].algorithms[0]");
    let unlisted = with_issuer(json!({"algorithms": null}));
    assert_eq!(mistake(&unlisted).0, "issuers[0].keys.inline");
    let mixed = with_issuer(
        json!({"algorithms": ["HS256", "EdDSA"], "keys": {"inline": key_set(&[SECRET, TestKey::EdDsa(1)])}}),
    );
    assert_eq!(warnings(&mixed)[0].path, "issuers[0].keys.inline");
}

#[test]
fn inline_set_without_a_usable_key_says_why() {
    let key = TestKey::EdDsa(1).jwk();
    let changed = |member: &str, value: Value| {
        let mut key = key.clone();
        key[member] = value;
        key
    };
    let keys = json!([changed("use", json!("enc")), changed("use", json!("enc")), changed("d", json!("AA")), 7]);
    for (keys, why) in [
        (keys, "is not a usable key set (no_usable_key, 2 not_for_verification, 1 private, 1 malformed)"),
        (json!([]), "is not a usable key set (no_usable_key)"),
    ] {
        let json = with_issuer(json!({"algorithms": ["EdDSA"], "keys": {"inline": {"keys": keys}}}));
        assert_eq!(mistake(&json), (String::from("issuers[0].keys.inline"), String::from(why)));
    }
    let keys = json!([changed("use", json!("enc")), key]);
    let usable = with_issuer(json!({"algorithms": ["EdDSA"], "keys": {"inline": {"keys": keys}}}));
    assert_eq!(warnings(&usable)[0].problem, "1 of the keys cannot be used (not_for_verification)");
}

#[test]
fn headers_that_mean_something_to_others_carry_no_identity() {
    for name in [
        ":path",
        "host",
        "Authorization",
        "connection",
        "content-length",
        "transfer-encoding",
        "cookie",
        "x-forwarded-for",
        "x_forwarded_for",
        "content_length",
        "X-Envoy-Original-Path",
        "te",
        "upgrade",
        "",
        "a b",
        "a:b",
        "h\u{e9}",
    ] {
        assert_eq!(
            mistake(&with(json!({"identity_headers": {"subject": name}}))).0,
            "identity_headers.subject",
            "{name}"
        );
        let claims = json!({"identity_headers": {"claims": {name: "tid"}}});
        assert_eq!(mistake(&with(claims)).0, format!("identity_headers.claims.{name}"));
    }
    for (headers, wanted) in [
        (json!({"subject": "x-a", "email": "X-A"}), "identity_headers.email"),
        (json!({"actor": "x-auth-subject"}), "identity_headers.actor"),
        (json!({"subject": "x-auth-email"}), "identity_headers.email"),
        (json!({"claims": {"x-auth-subject": "sub"}}), "identity_headers.claims.x-auth-subject"),
        (json!({"claims": {"x-a": "$"}}), "identity_headers.claims.x-a"),
    ] {
        assert_eq!(mistake(&with(json!({"identity_headers": headers}))).0, wanted);
    }
    let off = config(&with(json!({"identity_headers": {"subject": null, "email": "x-auth-subject"}})));
    assert_eq!(off.identity_headers.names().filter(|name| *name == "x-auth-subject").count(), 1);
}

#[test]
fn what_is_legal_and_unwise_is_a_warning() {
    for (json, wanted) in [
        (with(json!({"clock_skew": "301s"})), "clock_skew"),
        (with_issuer(json!({"audiences": "any"})), "issuers[0].audiences"),
        (with_issuer(json!({"groups": {"unmapped": "keep"}})), "issuers[0].groups.unmapped"),
        (with_issuer(json!({"groups": {"map": {"*": ["staff", "*"]}}})), "issuers[0].groups.map.*"),
        (with(json!({"group_scopes": {"*": ["read"]}})), "group_scopes.*"),
        (
            with_issuer(
                json!({"preset": "entra", "issuer": "https://login.microsoftonline.com/{tenantid}/v2.0", "anyone": true}),
            ),
            "issuers[0].claims.email",
        ),
        (with_issuer(json!({"required_claims": []})), "issuers[0].required_claims"),
        (with_issuer(json!({"required_claims": ["sub", "$.a.exp"]})), "issuers[0].required_claims"),
        (with_issuer(json!({"require": [{"claim": "scope", "contains": "read"}]})), "issuers[0].require[0]"),
        (
            with_issuer(json!({"require": [{"not": {"claim": "/scp", "contains": "read"}}]})),
            "issuers[0].require[0].not",
        ),
        (with_issuer(json!({"require": [{"claim": "$.roles", "not_equals": "test"}]})), "issuers[0].require[0]"),
        (with_issuer(json!({"require": [{"claim": "$['amr']", "not_in": ["pwd"]}]})), "issuers[0].require[0]"),
        (
            with_issuer(json!({"groups": {"grant": [{"when": [{"claim": "scp", "contains": "a"}], "groups": ["g"]}]}})),
            "issuers[0].groups.grant[0].when[0]",
        ),
        (with(json!({"token_sources": [{"query": "t"}]})), "token_sources[0].query"),
        (with(json!({"token_sources": [{"cookie": "t"}]})), "token_sources[0].cookie"),
        (with_issuer(json!({"audiences": "any", "clients": ["c"]})), "issuers[0].clients"),
        (with_issuer(json!({"issuer": "https://*.example.com"})), "issuers[0].issuer"),
        (with_issuer(json!({"audiences": ["https://{env}.example.com"]})), "issuers[0].audiences"),
        (with(json!({"default_route": {"access": "public"}})), "default_route.access"),
        (with(json!({"default_route": {"access": "optional"}})), "default_route.access"),
        (with(json!({"routes": [{"name": "r", "access": "optional", "scopes": {"any": ["a"]}}]})), "routes[0].scopes"),
        (
            with_issuer(
                json!({"algorithms": null, "keys": {"jwks_uri": "http://a.example", "cluster": "a", "allow_insecure": true}}),
            ),
            "issuers[0].keys.jwks_uri",
        ),
        (with_issuer(json!({"preset": "auth0"})), "issuers[0].issuer"),
        (with(json!({"enforce": false})), "enforce"),
        (with(json!({"default_route": {"enforce": false}})), "default_route.enforce"),
        (with(json!({"routes": [{"name": "r", "access": "deny", "enforce": false}]})), "routes[0].enforce"),
        (with_issuer(json!({"preset": "okta"})), "issuers[0].issuer"),
    ] {
        let found = warnings(&json);
        assert_eq!(paths(&found), [wanted], "{json}");
    }
    assert_eq!(warnings(&with(json!({"clock_skew": "300s"}))), []);
    let fine = json!([
        {"claim": "scope", "contains": 1}, {"claim": "role", "contains": "read"}, {"claim": "$.scope[*]", "contains": "r"},
        {"claim": "roles", "not_equals": ["test"]}, {"claim": "$.roles[*]", "not_equals": "test"},
        {"claim": "env", "not_equals": "test"}, {"not": {"claim": "roles", "contains": "test"}},
    ]);
    let exp = [json!(["exp"]), json!(["/exp", "sub"]), json!(["$.exp"]), json!(["$['exp']"])];
    for issuer in exp.map(|list| json!({"required_claims": list})).into_iter().chain([
        json!({"require": fine}),
        json!({"max_lifetime": "1h", "required_claims": ["sub"]}),
        json!({"groups": {"map": {"*": ["g-*"], "a-*": ["*"]}}}),
    ]) {
        assert_eq!(warnings(&with_issuer(issuer.clone())), [], "{issuer}");
    }
}

#[test]
fn claim_rules_nest_to_a_bound() {
    let nested = |depth: usize, word: &str| {
        (0..depth).fold(json!({"claim": "a", "equals": 1}), |rule, _| match word {
            "not" => json!({"not": rule}),
            _ => json!({"any": [rule]}),
        })
    };
    for word in ["not", "any"] {
        assert_eq!(mistakes(&with_issuer(json!({"require": [nested(8, word)]}))), [], "{word}");
        let (path, problem) = mistake(&with_issuer(json!({"require": [nested(9, word)]})));
        assert!(path.starts_with("issuers[0].require[0].") && problem.contains("8 deep"), "{path}: {problem}");
    }
}

#[test]
fn nested_rule_about_the_same_claim_replaces_the_presets() {
    let rules = |require: Value| {
        let config = config(&with_issuer(json!({"preset": "keycloak", "require": require})));
        issuer(&config, 0).require.len()
    };
    let typ = |value: &str| json!({"claim": "typ", "equals": value});
    assert_eq!(rules(json!([])), 1);
    assert_eq!(rules(json!([{"any": [typ("Bearer"), {"not": typ("ID")}]}])), 1);
    assert_eq!(rules(json!([{"any": [typ("Bearer"), {"claim": "azp", "equals": "x"}]}])), 2);
    assert_eq!(rules(json!([{"not": {"claim": "azp", "equals": "x"}}])), 2);
}

#[test]
fn one_warning_names_every_rule_that_only_reports() {
    let warned = |json: Value| warnings(&with(json)).into_iter().map(|warning| warning.problem).collect::<Vec<_>>();
    let tail = "a request that would be refused goes on to the service, without identity";
    let rules = json!([{"name": "a"}, {"name": "b", "enforce": false}, {"name": "c", "access": "deny"}, {"name": "d", "enforce": false}]);
    assert_eq!(warned(json!({"routes": rules})), [format!("NOT ENFORCED on routes[1], routes[3]: {tail}")]);
    let rules = json!([{"name": "a"}, {"name": "b", "access": "deny"}]);
    assert_eq!(warned(json!({"routes": rules, "enforce": false})), [format!("NOT ENFORCED on any route: {tail}")]);
    let rules = json!([{"name": "a", "enforce": true}]);
    assert_eq!(warned(json!({"routes": rules, "enforce": false})), [format!("NOT ENFORCED on default_route: {tail}")]);
    assert!(warned(json!({"routes": [{"name": "a", "enforce": true}], "enforce": true})).is_empty());
}

#[test]
fn rules_say_for_themselves_what_the_top_level_says_for_all() {
    let routes = json!([{"name": "own", "enforce": true, "cors_preflight": false}, {"name": "closed", "access": "deny"}, {"name": "rest"}]);
    let config = config(&with(json!({"enforce": false, "cors_preflight": true, "routes": routes})));
    let said = |rule: &crate::route::Rule| (rule.enforcement == Enforcement::Report, rule.cors_preflight);
    let rules: Vec<_> = config.routes.rules.iter().chain([&config.routes.default]).map(said).collect();
    assert_eq!(rules, [(false, false), (false, true), (true, true), (true, true)]);
}

#[test]
fn audiences_that_bind_nothing_are_refused() {
    for (preset, audience) in [
        ("keycloak", "account"),
        ("entra", "00000003-0000-0000-c000-000000000000"),
        ("entra", "https://graph.microsoft.com"),
    ] {
        let json = with_issuer(json!({"preset": preset, "audiences": ["api", audience]}));
        assert_eq!(mistake(&json).0, "issuers[0].audiences", "{audience}");
    }
}

#[test]
fn a_preset_knows_where_the_keys_are() {
    let tenant = "https://login.microsoftonline.com/8f4fc3a1-6b7e-4b1f-9c53-2d3a4b5c6d7e";
    for (preset, issuer, wanted) in [
        (
            "cognito",
            "https://cognito-idp.eu-west-1.amazonaws.com/p",
            "https://cognito-idp.eu-west-1.amazonaws.com/p/.well-known/jwks.json",
        ),
        ("okta", "https://acme.okta.com/oauth2/default", "https://acme.okta.com/oauth2/default/v1/keys"),
        (
            "entra",
            "https://login.microsoftonline.com/{tenantid}/v2.0",
            "https://login.microsoftonline.com/common/discovery/v2.0/keys",
        ),
        ("entra", &format!("{tenant}/v2.0"), &format!("{tenant}/discovery/v2.0/keys")),
        ("auth0", "https://acme.eu.auth0.com/", "https://acme.eu.auth0.com/.well-known/jwks.json"),
        ("google", "https://accounts.google.com", "https://www.googleapis.com/oauth2/v3/certs"),
        ("keycloak", "https://sso.example/realms/r", "https://sso.example/realms/r/protocol/openid-connect/certs"),
        ("ping", "https://auth.pingone.eu/7b27/as", "https://auth.pingone.eu/7b27/as/jwks"),
        ("kubernetes", "https://kubernetes.default.svc", "https://kubernetes.default.svc/openid/v1/jwks"),
        ("aws-sts", "https://u.tokens.sts.global.api.aws", "https://u.tokens.sts.global.api.aws/.well-known/jwks.json"),
        (
            "github-actions",
            "https://token.actions.githubusercontent.com",
            "https://token.actions.githubusercontent.com/.well-known/jwks",
        ),
        ("gitlab", "https://gitlab.com", "https://gitlab.com/oauth/discovery/keys"),
        ("spiffe", "https://spire.example", "https://spire.example/keys"),
        ("asgardeo", "https://api.asgardeo.io/t/acme/oauth2/token", "https://api.asgardeo.io/t/acme/oauth2/jwks"),
    ] {
        let json = json!({"issuers": [{"name": "idp", "preset": preset, "issuer": issuer, "audiences": ["api"], "anyone": true,
            "keys": {"cluster": "idp"}}]});
        let config = config(&json);
        let Location::Keys(endpoint) = &remote(&config, 0).location else { panic!("{preset}") };
        assert_eq!(endpoint.url.to_string(), wanted);
    }
    for preset in ["generic", "thunder"] {
        assert_eq!(
            mistake(&with_issuer(json!({"preset": preset, "algorithms": null, "keys": {"cluster": "idp"}}))).0,
            "issuers[0].keys"
        );
    }
}

#[test]
fn entra_keys_and_twin_are_of_the_issuers_cloud() {
    const T: &str = "11111111-2222-3333-4444-555555555555";
    let issuer_of = |config: &Config| issuer(config, 0).aliases.clone();
    for (issuer, keys, twin) in [
        ("https://login.microsoftonline.com/T/v2.0", "login.microsoftonline.com/T", "https://sts.windows.net/T/"),
        ("https://sts.windows.net/T/", "login.microsoftonline.com/T", "https://login.microsoftonline.com/T/v2.0"),
        ("https://login.microsoftonline.us/T/v2.0", "login.microsoftonline.us/T", "https://sts.windows.net/T/"),
        (
            "https://login.partner.microsoftonline.cn/T/v2.0",
            "login.partner.microsoftonline.cn/T",
            "https://sts.chinacloudapi.cn/T/",
        ),
        (
            "https://sts.chinacloudapi.cn/T/",
            "login.partner.microsoftonline.cn/T",
            "https://login.partner.microsoftonline.cn/T/v2.0",
        ),
        (
            "https://login.microsoftonline.us/{tenantid}/v2.0",
            "login.microsoftonline.us/common",
            "https://sts.windows.net/{tenantid}/",
        ),
        ("https://T.ciamlogin.com/T/v2.0", "T.ciamlogin.com/T", ""),
        ("https://login.contoso.example/T/v2.0", "login.contoso.example/T", ""),
        ("https://contoso.b2clogin.com/T/v2.0/", "contoso.b2clogin.com/T", ""),
        ("https://contoso.b2clogin.com/tfp/T/b2c_1_x/v2.0/", "contoso.b2clogin.com/tfp/T/b2c_1_x", ""),
        ("https://sts.windows.net.evil.example/T/", "sts.windows.net.evil.example/T", ""),
        ("https://login.microsoftonline.com.evil.example/T/v2.0", "login.microsoftonline.com.evil.example/T", ""),
    ] {
        let real = |text: &str| text.replace('T', T);
        let json = json!({"issuers": [{"name": "idp", "preset": "entra", "issuer": real(issuer), "audiences": ["api"],
            "anyone": true, "keys": {"cluster": "idp"}}]});
        let config = config(&json);
        let Location::Keys(endpoint) = &remote(&config, 0).location else { panic!("{issuer}") };
        assert_eq!(endpoint.url.to_string(), format!("https://{}/discovery/v2.0/keys", real(keys)));
        let twins: Vec<String> = (!twin.is_empty()).then(|| real(twin)).into_iter().collect();
        assert_eq!(issuer_of(&config), twins, "{issuer}");
        let warned = paths(&warnings(&json)).contains(&"issuers[0].keys");
        assert_eq!(warned, issuer == "https://contoso.b2clogin.com/T/v2.0/", "{issuer}");
    }
}

#[test]
fn what_is_said_wins_over_a_preset() {
    let json = with_issuer(json!({"preset": "cognito", "algorithms": ["HS256"], "types": ["x"], "aliases": ["y"],
        "claims": {"groups": ["mine"]}, "keys": {"inline": key_set(&[SECRET])}}));
    let config = config(&json);
    let own = issuer(&config, 0);
    assert_eq!(own.algorithms(), [Algorithm::Hs256].into_iter().collect());
    assert_eq!((own.types.clone(), own.aliases.clone()), (vec![Some("x".into())], vec!["y".to_owned()]));
    assert_eq!((own.claims.groups[0].at.text(), own.claims.groups.len()), ("mine", 1));
    assert_eq!(own.claims.scopes[0].at.text(), "scope");
    let empty = with_issuer(json!({"preset": "google", "aliases": [], "anyone": true}));
    assert!(issuer(&crate::testing::config(&empty), 0).aliases.is_empty());
}

#[test]
fn a_discovery_document_may_be_named() {
    let with_keys = |keys: Value| with_issuer(json!({"algorithms": null, "keys": keys}));
    let json = with_keys(
        json!({"discovery": "https://idp.example:8443/x/.well-known/openid-configuration", "cluster": "idp"}),
    );
    let config = config(&json);
    let Location::Discovery { document, keys_cluster, keys_hosts } = &remote(&config, 0).location else { panic!() };
    assert_eq!((document.url.path(), keys_cluster.as_str()), ("/x/.well-known/openid-configuration", "idp"));
    assert_eq!(keys_hosts, &["idp.example:8443"]);
    let derived =
        with_issuer(json!({"issuer": "thunder", "algorithms": null, "keys": {"discovery": true, "cluster": "idp"}}));
    assert_eq!(mistake(&derived).0, "issuers[0].keys.discovery");
}

#[test]
fn authorization_servers_are_the_issuers_that_are_urls() {
    let mut json = full();
    json["issuers"][1]["issuer"] = json!("thunder");
    json["issuers"][2] = json!({"name": "t", "issuer": "https://login.example/{tenantid}", "audiences": ["a"],
        "keys": {"jwks_uri": "https://c.example", "cluster": "c"}});
    json["resources"] = json!([{"name": "api", "resource": "https://api.example.com/"}]);
    let config = config(&json);
    assert_eq!(config.resources[0].metadata_path, "/.well-known/oauth-protected-resource");
    assert_eq!(
        config.resources[0].document,
        r#"{"resource":"https://api.example.com/","authorization_servers":["https://a.example"],"bearer_methods_supported":["header"]}"#
    );
}

#[test]
fn a_duration_is_a_whole_number_with_a_unit() {
    for span in ["1.5s", "-1s", "1", "", "1 s", "s", "1S"] {
        assert_eq!(mistake(&with(json!({"clock_skew": span}))).0, "clock_skew", "{span}");
    }
    assert_eq!(config(&with(json!({"clock_skew": "0s"}))).clock_skew, Duration::ZERO);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        "[ -~]{0,8}".prop_map(Value::from),
        prop::sample::select(vec![
            "any",
            "drop",
            "10s",
            "1KiB",
            "https://x.example/",
            "*",
            "/a",
            "RS256",
            "generic",
            "$['a'][*]"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{0,8}", inner, 0..4).prop_map(|members| json!(members)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_configuration_makes_the_parser_panic_and_a_refused_one_says_why(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any_json()), 1..5),
    ) {
        let fields = all_fields();
        let mut json = full();
        for (index, value) in changes {
            if let Some(place) = json.pointer_mut(&index.get(&fields).0) {
                *place = value;
            }
        }
        if let Err(mistakes) = Config::parse(json.to_string().as_bytes()) {
            prop_assert!(!mistakes.is_empty());
            let mut seen: Vec<_> = mistakes.iter().map(|mistake| &mistake.path).collect();
            seen.sort();
            seen.dedup();
            prop_assert_eq!(seen.len(), mistakes.len(), "a path is named twice: {:?}", mistakes);
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(at in any::<prop::sample::Index>(), bytes in prop::collection::vec(any::<u8>(), 0..6)) {
        let mut text = full().to_string().into_bytes();
        let at = at.index(text.len());
        text.splice(at..(at + bytes.len() / 2).min(text.len()), bytes);
        let _any_verdict = Config::parse(&text).is_ok();
    }
}

#[test]
fn a_rule_is_for_a_path_in_its_one_spelling() {
    for (kind, spelled, plain) in [
        ("path", "/things%3Adelete", "/things:delete"),
        ("prefix", "/caf%c3%a9", "/caf%C3%A9"),
        ("template", "/a%2Cb/{id}", "/a,b/id"),
        ("path", "/{id}", "/%7Bid%7D"),
    ] {
        let refused = mistake(&with(json!({"routes": [{"match": {kind: spelled}}]})));
        let expected = format!("must be in its one plain spelling, {plain:?}");
        assert_eq!(refused, (format!("routes[0].match.{kind}"), expected));
    }
    let plain = json!({"routes": [{"match": {"template": "/caf%C3%A9/{id}/%7Bx%7D/**"}}]});
    assert_eq!(mistakes(&with(plain)), []);
}

#[test]
fn a_field_without_a_name_is_named_as_such() {
    assert_eq!(mistake(&with(json!({"": 1}))).0, r#""""#);
}

#[test]
fn what_is_wrong_with_a_configuration_fits_on_one_line() {
    let found = mistakes(&with(json!({"a\nb\u{85}": 1, "routes": [{"name": "x\r", "match": {"x\0": 1}}]})));
    assert!(!found.is_empty());
    for Located { path, problem } in &found {
        assert!(!path.contains(char::is_control) && !problem.contains(char::is_control), "{path:?}: {problem:?}");
    }
    assert!(found.iter().any(|mistake| mistake.path == "a\\nb\\u{85}"), "{found:?}");
}
