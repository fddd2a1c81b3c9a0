//! F: providers that serve more than one tenant, and what their tokens say in numbers and names of their own.

use std::time::Duration;

use crate::fixture::*;
use crate::stage::*;
use claimgate_tests::{Algorithm, SigningKey};
use host_sim::Request;
use serde_json::{Value, json};

const TENANT: &str = "11111111-2222-3333-4444-555555555555";
const OTHER_TENANT: &str = "99999999-2222-3333-4444-555555555555";
const GITHUB: &str = "https://token.actions.githubusercontent.com";

/// A configuration with this preset, whose issuer signs with [`rsa`].
fn preset(name: &str, more: Value) -> Value {
    let mut issuer =
        json!({"name": "idp", "preset": name, "audiences": ["api"], "keys": {"inline": {"keys": [rsa().jwk()]}}});
    for (field, value) in more.as_object().expect("an object") {
        issuer[field] = value.clone();
    }
    json!({"issuers": [issuer]})
}

/// The key of providers that sign with RS256 alone.
fn rsa() -> &'static SigningKey {
    key(Algorithm::Rs256)
}

fn token_from(iss: &str, change: Value) -> String {
    let mut claims = claims_with(change);
    claims["iss"] = json!(iss);
    rsa().token(&claims)
}

fn entra(host: &str, tenant: &str) -> String {
    format!("https://{host}/{tenant}/v2.0")
}

#[test]
fn f11_github_owner_is_not_the_repository_of_its_number() {
    let mut stage = Stage::new(&with(
        preset(
            "github-actions",
            json!({"anyone": true, "groups": {"map": {"owner:9001": ["deployers"], "repo:42": ["orders"]}}}),
        ),
        "/default_route",
        json!({"groups": {"any": ["deployers", "orders"]}}),
    ));
    let job = |owner: &str, repository: &str| {
        orders(token_from(GITHUB, json!({"repository_owner_id": owner, "repository_id": repository})))
    };
    let upstream = stage.admits("the owner", job("9001", "7"));
    assert_eq!(upstream.values("x-auth-groups"), ["deployers"]);
    let upstream = stage.admits("the repository", job("7", "42"));
    assert_eq!(upstream.values("x-auth-groups"), ["orders"]);
    for (owner, repository) in
        [("4711", "9001"), ("42", "4711"), ("owner:9001", "1"), ("repo:42", "1"), ("1", "owner:9001"), ("09001", "042")]
    {
        stage.refuses(&format!("{owner}/{repository}"), job(owner, repository), R403, "group_missing");
    }
}

#[test]
fn f12_group_is_not_the_role_of_its_name() {
    let keycloak = "https://sso.example/realms/acme";
    let asgardeo = "https://api.asgardeo.io/t/acme/oauth2/token";
    let microsoft = entra("login.microsoftonline.com", TENANT);
    for (name, iss, role) in [
        ("keycloak", keycloak, json!({"realm_access": {"roles": ["admin"]}})),
        ("asgardeo", asgardeo, json!({"roles": ["admin"]})),
        ("entra", microsoft.as_str(), json!({"roles": ["admin"]})),
    ] {
        let groups = json!({"map": {"role:admin": ["admins"], "admin": ["clerks"]}});
        let mut stage = Stage::new(&preset(name, json!({"issuer": iss, "groups": groups})));
        let mut groups = |change: Value| {
            let mut claims = json!({"typ": "Bearer", "scp": "x"});
            change.as_object().expect("an object").iter().for_each(|(claim, value)| claims[claim] = value.clone());
            stage.admits(name, orders(token_from(iss, claims))).values("x-auth-groups")
        };
        assert_eq!(groups(role), ["admins"], "{name}");
        for (group, ours) in [("admin", vec!["clerks"]), ("role:admin", vec![]), ("ROLE:admin", vec![])] {
            assert_eq!(groups(json!({"groups": [group]})), ours, "{name}: {group}");
            assert_eq!(groups(json!({"groups": group})), ours, "{name}: {group} alone");
        }
    }
}

#[test]
fn f13_gitlab_pipeline_has_no_groups_of_its_user() {
    let iss = "https://gitlab.example.com";
    let groups = json!({"map": {"acme/admins": ["admins"], "acme/shop": ["shop"]}});
    let mut stage = Stage::new(&preset("gitlab", json!({"issuer": iss, "groups": groups})));
    let pipeline = |project: &str| {
        orders(token_from(iss, json!({"project_path": project, "groups_direct": ["acme/admins", "acme/shop"]})))
    };
    assert!(stage.admits("a stranger's project", pipeline("mallory/toy")).values("x-auth-groups").is_empty());
    assert_eq!(stage.admits("the project", pipeline("acme/shop")).values("x-auth-groups"), ["shop"]);
}

#[test]
fn f14_tenants_of_one_entry_are_told_apart() {
    let template = entra("login.microsoftonline.com", "{tenantid}");
    let more = json!({"issuer": template, "require": [{"claim": "tid", "in": [TENANT, OTHER_TENANT]}]});
    let config = with(preset("entra", more), "/identity_headers", json!({"provider": "x-auth-provider"}));
    let mut stage = Stage::new(&with(config, "/audit", json!("all")));
    let mut seen = Vec::new();
    for tenant in [TENANT, OTHER_TENANT] {
        let iss = entra("login.microsoftonline.com", tenant);
        let answer = stage.send(tenant, orders(token_from(&iss, json!({"tid": tenant, "oid": "bob", "scp": "x"}))));
        let upstream = answer.is_admitted(tenant);
        assert_eq!(upstream.values("x-auth-provider"), ["idp"]);
        assert_eq!(upstream.values("x-auth-subject"), ["bob"]);
        assert_eq!(upstream.values("x-auth-issuer"), [iss.clone()]);
        let told = answer.log.iter().any(|line| line.text.contains(&format!("\"iss\":\"{iss}\"")));
        assert!(told, "{:?}", answer.log);
        seen.push(upstream.values("x-auth-issuer"));
    }
    assert_ne!(seen[0], seen[1]);
    let foreign = entra("login.microsoftonline.com", "77777777-2222-3333-4444-555555555555");
    let token = token_from(&foreign, json!({"tid": "77777777-2222-3333-4444-555555555555", "oid": "bob", "scp": "x"}));
    stage.refuses("a third tenant", orders(token), R401, "claim_rule_failed");
}

/// Every cloud: what `iss` the entry has, the host of its keys, and the `iss` of tokens that it must admit.
fn clouds() -> Vec<(String, &'static str, Vec<String>)> {
    let (public, government, china) =
        ("login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn");
    let v1 = |host: &str| format!("https://{host}/{TENANT}/");
    let both = |v1_host: &str, host| vec![entra(host, TENANT), v1(v1_host)];
    vec![
        (entra(public, TENANT), public, both("sts.windows.net", public)),
        (v1("sts.windows.net"), public, both("sts.windows.net", public)),
        (entra(government, TENANT), government, both("sts.windows.net", government)),
        (entra(china, TENANT), china, both("sts.chinacloudapi.cn", china)),
        (v1("sts.chinacloudapi.cn"), china, both("sts.chinacloudapi.cn", china)),
    ]
}

#[test]
fn f15_entra_keys_come_from_the_cloud_of_the_issuer() {
    for (issuer, host, names) in clouds() {
        let url = |host: &str| format!("https://{host}/{TENANT}/discovery/v2.0/keys");
        let config = preset("entra", json!({"issuer": issuer, "keys": {"cluster": "entra"}}));
        let mut stage = Stage::new(&config);
        // Every cloud answers, each with a key of its own under the same kid.
        let foreign = SigningKey::numbered(Algorithm::Rs256, 1).with_kid(rsa().kid());
        for other in ["login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"] {
            let key = if other == host { rsa() } else { &foreign };
            stage.serve(&url(other), key_set([key.jwk()]));
        }
        stage.pass(Duration::from_millis(100));
        for iss in names {
            let claims = json!({"tid": TENANT, "oid": "o", "scp": "x"});
            stage.admits(&format!("{issuer}: {iss}"), orders(token_from(&iss, claims.clone())));
            let mut claims = claims_with(claims);
            claims["iss"] = json!(iss);
            let forged = orders(foreign.token(&claims));
            stage.refuses("a key of another cloud", forged, R401, "signature_invalid");
        }
        let other = entra("login.microsoftonline.com", OTHER_TENANT);
        stage.refuses("another tenant", orders(token_from(&other, json!({"scp": "x"}))), R401, "issuer_unknown");
    }
}

#[test]
fn f18_application_without_permission_is_refused() {
    let v1 = format!("https://sts.windows.net/{TENANT}/");
    let v2 = entra("login.microsoftonline.com", TENANT);
    let mut stage = Stage::new(&preset("entra", json!({"issuer": v2})));
    for (iss, client) in [(&v1, "appid"), (&v2, "azp")] {
        let mut send = |change: Value, wanted: bool| {
            let what = format!("{iss}: {change}");
            let mut claims = change;
            claims[client] = json!("some-other-app");
            let request = orders(token_from(iss, claims));
            if wanted {
                stage.admits(&what, request);
            } else {
                stage.refuses(&what, request, R401, "claim_rule_failed");
            }
        };
        send(json!({"idtyp": "app", "roles": ["Orders.Read.All"]}), true);
        send(json!({"scp": "orders.read"}), true);
        for nothing in [
            json!({}),
            json!({"idtyp": "app"}),
            json!({"roles": []}),
            json!({"scp": "", "roles": []}),
            json!({"wids": ["x"]}),
        ] {
            send(nothing, false);
        }
    }
}

#[test]
fn f16_future_authentication_is_not_recent() {
    let config = with(config(), "/default_route", json!({"step_up": {"max_age": "15m"}}));
    let mut stage = Stage::new(&with(config, "/clock_skew", json!("60s")));
    let at = |auth_time: Value| orders(token_of(&claims_with(json!({"auth_time": auth_time}))));
    for recent in [NOW, NOW - 900, NOW - 960, NOW + 60] {
        stage.admits(&recent.to_string(), at(json!(recent)));
    }
    for wrong in [json!(NOW + 61), json!(NOW + 86_400), json!(u64::MAX), json!(1e30), json!(NOW - 961), json!(-1)] {
        let seen = stage.send(&wrong.to_string(), at(wrong.clone()));
        seen.is_refused_quietly(&wrong.to_string(), "step_up_required");
    }
}

#[test]
fn f17_stranger_gets_nothing_where_the_owner_is_named() {
    for (name, issuer, rule, good, strangers) in [
        (
            "github-actions",
            GITHUB,
            json!({"claim": "repository_owner_id", "equals": "9001"}),
            json!({"repository_owner_id": "9001"}),
            vec![
                json!({"repository_owner_id": "4711", "repository_id": "9001"}),
                json!({}),
                json!({"repository_owner_id": 9001}),
            ],
        ),
        (
            "gitlab",
            "https://gitlab.com",
            json!({"claim": "namespace_path", "prefix": "acme/"}),
            json!({"namespace_path": "acme/shop"}),
            vec![json!({"namespace_path": "acme-evil/shop"}), json!({"namespace_path": "mallory/acme/"}), json!({})],
        ),
        (
            "google",
            "https://accounts.google.com",
            json!({"claim": "hd", "equals": "acme.example"}),
            json!({"hd": "acme.example"}),
            vec![
                json!({}),
                json!({"hd": "evil.example"}),
                json!({"email": "a@acme.example"}),
                json!({"hd": ["acme.example"]}),
            ],
        ),
    ] {
        let mut stage = Stage::new(&preset(name, json!({"issuer": issuer, "require": [rule]})));
        stage.admits(name, orders(token_from(issuer, good)));
        for stranger in strangers {
            let what = format!("{name}: {stranger}");
            stage.refuses(&what, orders(token_from(issuer, stranger)), R401, "claim_rule_failed");
        }
    }
    let anyone = json!({"issuer": GITHUB, "anyone": true});
    Stage::new(&preset("github-actions", anyone))
        .admits("everybody", Request::get("/").bearer(&token_from(GITHUB, json!({}))));
}
