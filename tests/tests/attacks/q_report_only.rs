//! Q: `"enforce": false`. Refused requests go on without identity, and nothing else changes. `report_only` runs the rest of the
//! catalogue in this mode.

use crate::fixture::*;
use crate::stage::*;
use host_sim::{Answer, CalloutOutcome, Profile, Request, Upstream};
use serde_json::{Value, json};
use std::time::Duration;

/// The configuration where nothing is enforced.
fn reporting(configuration: Value) -> Value {
    with(configuration, "/enforce", json!(false))
}

/// What reached the service under a name that only the filter may set.
fn identity(upstream: &Upstream) -> Vec<String> {
    let names = upstream.headers.iter().chain(upstream.trailers.iter().flatten());
    let names = names.map(|(name, _)| String::from_utf8_lossy(name).to_ascii_lowercase().replace(['_', '.'], "-"));
    names.filter(|name| name.starts_with("x-auth-")).collect()
}

/// The request goes on without identity, and this reason is counted and nothing else.
fn reports(stage: &mut Stage, what: &str, request: Request, reason: &str) -> Upstream {
    let seen = stage.send(what, request);
    assert_eq!(seen.would_refuse.as_deref(), Some(reason), "{what}: {:?} {:?}", seen.reason, seen.outcome);
    let upstream = seen.is_admitted(what);
    assert_eq!(identity(&upstream), Vec::<String>::new(), "{what}");
    upstream
}

/// The request is refused although nothing is enforced.
fn still_refuses(stage: &mut Stage, what: &str, request: Request, reason: &str) {
    let seen = stage.send(what, request);
    assert_eq!(seen.would_refuse, None, "{what}");
    seen.is_refused_quietly(what, reason);
}

fn spoofed(request: Request) -> Request {
    ["x-auth-subject", "X-Auth-Groups", "x_auth_email", "X.Auth_Issuer"]
        .into_iter()
        .fold(request, |request, name| request.header(name, "root").header(name, "root,admin"))
}

#[test]
fn q01_refused_request_goes_on_without_identity() {
    let routes = json!([
        {"match": {"prefix": "/admin"}, "groups": {"any": ["admin"]}},
        {"match": {"prefix": "/write"}, "scopes": {"all": ["write"]}},
        {"match": {"prefix": "/tenant"}, "require": [{"claim": "tid", "equals": "t"}]},
        {"match": {"prefix": "/step"}, "step_up": {"acr": ["gold"]}},
        {"match": {"prefix": "/optional"}, "access": "optional"},
    ]);
    let mut stage = Stage::new(&reporting(with(config(), "/routes", routes)));
    let good = token();
    let on = |path: &str, token: &str| Request::get(path).bearer(token);
    let bad = |change: Value| token_of(&claims_with(change));
    for (what, request, reason) in [
        ("no token", Request::get("/orders"), "no_credential"),
        ("garbage", orders("x"), "token_malformed"),
        ("two tokens", orders(&good).bearer(&good), "credentials_conflict"),
        ("an empty one", Request::get("/orders").header("authorization", "Bearer "), "credential_malformed"),
        ("expired", orders(bad(json!({"exp": NOW - 3600, "iat": NOW - 7200}))), "token_expired"),
        ("other audience", orders(bad(json!({"aud": "other"}))), "audience_mismatch"),
        ("other issuer", orders(bad(json!({"iss": "https://evil.example"}))), "issuer_unknown"),
        ("stranger's key", orders(stranger().token(&claims())), "signature_invalid"),
        ("no group", on("/admin", &good), "group_missing"),
        ("no scope", on("/write", &good), "scope_missing"),
        ("no tenant", on("/tenant", &good), "route_rule_failed"),
        ("no step-up", on("/step", &good), "step_up_required"),
        ("bad token on an optional route", on("/optional", "x"), "token_malformed"),
        ("too large", orders("x".repeat(20_000)), "token_too_large"),
    ] {
        let credentials: Vec<Vec<u8>> = request
            .headers()
            .iter()
            .filter(|(name, _)| name == b"authorization")
            .map(|(_, value)| value.clone())
            .collect();
        let upstream = reports(&mut stage, what, spoofed(request), reason);
        // The token stays where it is.
        let joined = credentials.iter().map(|value| String::from_utf8_lossy(value)).collect::<Vec<_>>().join(",");
        assert_eq!(upstream.values("authorization").concat(), joined, "{what}");
    }
}

#[test]
fn q02_admitted_request_has_its_identity_and_its_token() {
    let places = json!([{"header": "authorization", "scheme": "Bearer"}, {"cookie": "id"}, {"query": "access_token"}]);
    let mut stage = Stage::new(&reporting(with(config(), "/token_sources", places)));
    let good = token();
    let (bearer, cookie, target) =
        (format!("Bearer {good}"), format!("a=1; id={good}"), format!("/o?access_token={good}&b"));
    for (request, name, value) in [
        (orders(&good), "authorization", &bearer),
        (Request::get("/o").header("cookie", &cookie), "cookie", &cookie),
        (Request::get(&target), ":path", &target),
    ] {
        for what in ["first", "remembered"] {
            let upstream = stage.admits(what, spoofed(request.clone()));
            assert_eq!(
                (upstream.values("x-auth-subject"), upstream.values(name)),
                (vec!["alice".to_owned()], vec![value.clone()])
            );
        }
    }
}

#[test]
fn q03_forged_headers_and_trailers_are_removed() {
    let routes = json!([{"match": {"prefix": "/public"}, "access": "public"}, {"match": {"prefix": "/optional"}, "access": "optional"}]);
    let mut stage = Stage::new(&reporting(with(config(), "/routes", routes)));
    let post = |path| {
        spoofed(Request::new("POST", path)).body("x").trailer("x-auth-subject", "root").trailer("X_Auth_Groups", "root")
    };
    for (what, request) in [("public", post("/public")), ("optional", post("/optional"))] {
        let upstream = stage.admits(what, request);
        assert_eq!(identity(&upstream), Vec::<String>::new(), "{what}");
    }
    reports(&mut stage, "required", post("/orders"), "no_credential");
    let upstream = stage.admits("admitted", post("/orders").bearer(&token()));
    assert_eq!((upstream.values("x-auth-subject"), upstream.trailers), (vec!["alice".to_owned()], Some(Vec::new())));
}

#[test]
fn q04_closed_routes_and_own_answers_are_not_affected() {
    let routes = json!([{"match": {"prefix": "/closed"}, "access": "deny"}, {"match": {"prefix": "/said"}, "access": "deny", "enforce": false}]);
    let resources = json!([{"name": "r", "resource": "https://api.example/r"}]);
    let mut stage = Stage::new(&reporting(with(with(config(), "/routes", routes), "/resources", resources)));
    for path in ["/closed", "/closed/x?y", "/said", "//closed", "/x/../closed", "/closed%2fx"] {
        still_refuses(&mut stage, path, Request::get(path).bearer(&token()), "route_denied");
    }
    let document = stage.send("the metadata", Request::get("/.well-known/oauth-protected-resource/r"));
    assert_eq!(document.outcome.status(), Some(200));
}

#[test]
fn q05_one_enforced_rule_refuses() {
    let routes = |strict: bool| {
        json!([
            {"match": {"prefix": "/admin"}, "groups": {"any": ["admin"]}, "enforce": strict},
            {"match": {"prefix": "/api"}, "enforce": false},
        ])
    };
    let whole = |strict| with(with(config(), "/routes", routes(strict)), "/default_route", json!({"enforce": false}));
    let mut mixed = Stage::new(&whole(true));
    reports(&mut mixed, "its own rule", Request::get("/api/x"), "no_credential");
    mixed.refuses("the enforced rule", Request::get("/admin").bearer(&token()), R403, "group_missing");
    let admin = token_of(&claims_with(json!({"groups": ["admin"]})));
    for path in ["/api/../admin", "//admin", "/api/%2e%2e/admin"] {
        mixed.refuses(path, Request::get(path), R401m, "no_credential");
        mixed.refuses(path, Request::get(path).bearer(&token()), R403, "group_missing");
        // Where one rule is enforced the token goes, as it does everywhere.
        let upstream = mixed.send(path, Request::get(path).bearer(&admin));
        assert_ne!(upstream.would_refuse.as_deref(), Some("group_missing"), "{path}");
    }
    let mut none = Stage::new(&whole(false));
    for path in ["/api/../admin", "//admin"] {
        reports(&mut none, path, Request::get(path).bearer(&token()), "group_missing");
    }
}

#[test]
fn q06_ambiguous_path_of_an_open_rule_is_reported_where_no_rule_is_enforced() {
    let open = json!([{"match": {"prefix": "/"}, "access": "public"}, {"match": {"prefix": "/x"}, "access": "deny"}]);
    let default = json!({"access": "public"});
    let mut stage =
        Stage::new(&reporting(with(with(config(), "/routes", open.clone()), "/default_route", default.clone())));
    for path in ["/a/../b", "//a", "/a;b", "/%2e"] {
        reports(&mut stage, path, Request::get(path), "no_credential");
    }
    let mut rules = open.as_array().expect("a list").clone();
    rules.push(json!({"match": {"path": "/elsewhere"}, "enforce": true}));
    let mut enforced = Stage::new(&reporting(with(with(config(), "/routes", json!(rules)), "/default_route", default)));
    enforced.refuses("one enforced rule", Request::get("//a"), R401m, "no_credential");
}

#[test]
fn q07_unknown_policy_is_closed_unless_nothing_is_enforced() {
    let by_name = json!([{"name": "users"}]);
    let mut stage = Stage::new(&reporting(with(config(), "/routes", by_name)));
    reports(&mut stage, "a known name", Request::get("/o").route_policy("users"), "no_credential");
    reports(&mut stage, "an unknown name", orders(token()).route_policy("nobody"), "route_denied");
    for more in [json!({"name": "closed", "access": "deny"}), json!({"name": "strict", "enforce": true})] {
        let mut stage = Stage::new(&reporting(with(config(), "/routes", json!([{"name": "users"}, more]))));
        still_refuses(&mut stage, "an unknown name", orders(token()).route_policy("nobody"), "route_denied");
    }
}

#[test]
fn q08_request_waits_for_keys_and_goes_on_without_them() {
    let late = key_set([signer().jwk()]).after(Duration::from_millis(300));
    let mut stage = Stage::new(&reporting(remote_config()));
    stage.serve(JWKS, late);
    let upstream = stage.send("held until they came", spoofed(orders(token()))).is_admitted("held");
    assert_eq!(upstream.values("x-auth-subject"), ["alice"]);

    let silent = Answer { after: Duration::from_secs(3600), outcome: CalloutOutcome::Timeout };
    for (what, answer) in [("silent", silent), ("unreachable", Answer::soon(CalloutOutcome::ConnectFailure))] {
        let mut stage = Stage::new(&reporting(remote_config()));
        stage.serve(JWKS, answer);
        let start = stage.host.process().clock.now().steady;
        reports(&mut stage, what, spoofed(orders(token())), "keys_unavailable");
        let waited = stage.host.process().clock.now().steady - start;
        assert!(waited <= Duration::from_secs(6), "{what}: {waited:?}");
        assert_eq!(stage.host.metrics().get("claimgate.issuer.main.would_refuse.reason.keys_unavailable"), Some(&1));
    }
    let mut crowded = Stage::new(&reporting(with(remote_config(), "/limits", json!({"waiting_requests": 0}))));
    reports(&mut crowded, "no room to wait", orders(token()), "too_many_waiting");
}

#[test]
fn q09_headers_that_cannot_be_read_are_refused() {
    let many = (0..1100).fold(Request::get("/orders"), |request, n| request.header(format!("x-{n}"), "v"));
    still_refuses(&mut Stage::new(&reporting(config())), "too many to hand over", many, "headers_unreadable");
    let mut blind =
        Stage::on(module(), &reporting(config()), |builder| builder.restrict_hostcall("proxy_get_header_map_pairs"));
    still_refuses(&mut blind, "no host call", orders(token()), "headers_unreadable");
}

#[test]
fn q10_headers_that_cannot_be_removed_are_refused() {
    let mut stage =
        Stage::on(module(), &reporting(config()), |builder| builder.restrict_hostcall("proxy_remove_header_map_value"));
    still_refuses(&mut stage, "forged, no token", spoofed(Request::get("/orders")), "internal");
    still_refuses(&mut stage, "forged, with a token", spoofed(orders(token())), "internal");
    reports(&mut stage, "nothing to remove", Request::get("/orders"), "no_credential");
}

#[test]
fn q11_other_hosts_refuse_what_they_cannot_remove() {
    let configuration = reporting(with(config(), "/host", json!("generic")));
    let mut stage = Stage::on(generic_module(), &configuration, |builder| builder.profile(Profile::Minimal));
    for request in [spoofed(Request::get("/orders")), spoofed(orders(token()))] {
        let report = stage.host.request(0, request);
        assert_eq!(report.outcome.status(), Some(400));
    }
    assert!(stage.host.request(0, Request::get("/orders")).outcome.upstream().is_some());
}

#[test]
fn q12_reports_are_counted_and_logged_apart() {
    let routes = json!([{"name": "all", "match": {"prefix": "/"}}]);
    let configuration = reporting(with(config(), "/routes", routes));
    let mut stage = Stage::new(&configuration);
    let seen = stage.send("expired", orders(token_of(&claims_with(json!({"exp": NOW - 3600, "iat": NOW - 7200})))));
    let lines: Vec<&str> = seen.log.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(lines, [r#"{"claimgate":"would_refuse","reason":"token_expired","issuer":"main","route":"all"}"#]);
    stage.send("no token", Request::get("/"));
    stage.admits("good", orders(token()));
    let metrics = stage.host.metrics();
    let own: Vec<(&str, u64)> = metrics.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    assert_eq!(
        own,
        [
            ("claimgate.issuer.main.admitted", 1),
            ("claimgate.issuer.main.would_refuse.reason.token_expired", 1),
            ("claimgate.would_refuse.reason.no_credential", 1),
        ]
    );
    let flood: usize = (0..50).map(|_| stage.send("flood", Request::get("/")).log.len()).sum();
    assert_eq!(flood, 9);
    stage.pass(Duration::from_secs(1));
    let after = stage.send("after it", orders(token())).log;
    assert_eq!(after.len(), 1);
    assert_eq!(after[0].text, r#"{"claimgate":"would_refuse","reason":"no_credential","repeated":41}"#);
    assert!(Stage::new(&with(configuration, "/audit", json!("none"))).send("quiet", Request::get("/")).log.is_empty());
}

#[test]
fn q13_each_rule_says_for_itself() {
    let routes = json!([{"match": {"prefix": "/new"}, "enforce": false}, {"match": {"prefix": "/old"}}]);
    let mut stage = Stage::new(&with(config(), "/routes", routes));
    reports(&mut stage, "a rule that reports", Request::get("/new"), "no_credential");
    stage.refuses("a rule that does not say", Request::get("/old"), R401m, "no_credential");
    stage.refuses("the default", Request::get("/"), R401m, "no_credential");
    assert_eq!(
        stage.admits("no token is left", Request::get("/old").bearer(&token())).values("authorization").len(),
        0
    );
    assert_eq!(stage.admits("it stays", Request::get("/new").bearer(&token())).values("authorization").len(), 1);

    let routes = json!([{"match": {"prefix": "/strict"}, "enforce": true}]);
    let mut stage = Stage::new(&reporting(with(config(), "/routes", routes)));
    stage.refuses("a rule that enforces", Request::get("/strict"), R401m, "no_credential");
    reports(&mut stage, "the rest", Request::get("/"), "no_credential");
}

#[test]
fn q14_one_line_says_that_nothing_is_enforced() {
    let routes = json!([{"match": {"prefix": "/a"}, "enforce": false}, {"match": {"prefix": "/b"}}, {"match": {"prefix": "/c"}, "access": "deny"}]);
    for (configuration, line) in [
        (reporting(config()), "configuration warning: enforce: NOT ENFORCED on any route: "),
        (with(config(), "/routes", routes), "configuration warning: routes[0].enforce: NOT ENFORCED on routes[0]: "),
    ] {
        let mut host = host_sim::Host::builder(module()).now(NOW).build();
        host.configure(configuration.to_string().as_bytes()).expect("it is sound");
        let log = host.take_log();
        // The canary and the worker each take the configuration.
        let told = log.iter().filter(|told| told.text.starts_with(line)).count();
        assert_eq!((told, log.iter().filter(|told| told.text.contains("NOT ENFORCED")).count()), (2, 2), "{log:?}");
    }
}
