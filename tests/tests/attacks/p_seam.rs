//! P: the seam between the filter and its host: routes that the host picks again, host calls that fail, and headers that speak
//! to the next hop.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::fixture::*;
use crate::stage::*;
use host_sim::{
    Answer, CalloutOutcome, Host, Occurrence, Outcome, Report, Request, Route, RouteProperties, Status, ValueMatch,
};
use serde_json::{Value, json};

/// Rules that only the host's routes choose. The caller has no groups.
fn rules() -> Value {
    json!([
        {"name": "open", "access": "public"},
        {"name": "any"},
        {"name": "maybe", "access": "optional"},
        {"name": "admins", "groups": {"any": ["admins"]}},
        {"name": "closed", "access": "deny"},
        {"name": "others", "audiences": ["another"]},
    ])
}

/// Whether a rule of [`rules`] holds for the caller, with or without a good token.
fn holds(rule: &str, token: bool) -> bool {
    match rule {
        "open" | "maybe" => true,
        "any" => token,
        _ => false,
    }
}

const PLACES: [&str; 5] = ["none", "authorization", "x-api-token", "cookie", "query"];

fn sources() -> Value {
    json!([{"header": "authorization", "scheme": "Bearer"}, {"header": "x-api-token"}, {"cookie": "id"}, {"query": "access_token"}])
}

fn carrying(place: &str, token: &str) -> Request {
    match place {
        "authorization" => Request::get("/x").bearer(token),
        "x-api-token" => Request::get("/x").header("x-api-token", token),
        "cookie" => Request::get("/x").header("cookie", format!("a=b; id={token}; c=d")),
        "query" => Request::get(&format!("/x?a=b&access_token={token}&c=d")),
        _ => Request::get("/x"),
    }
}

/// What a client sends beside its token that only the filter may set.
const FORGERIES: [(&str, &str); 6] = [
    ("", ""),
    ("x-auth-groups", "beta"),
    ("x_auth_groups", "beta"),
    ("X-Auth.Subject", "root"),
    ("x-auth-email", ""),
    ("connection", "upgrade, x-auth-subject"),
];

/// The conditions under which the first route takes a request; the second takes all others.
fn conditions() -> Vec<Route> {
    let text = str::to_owned;
    let route = || Route::new("b");
    vec![
        route().header("x-auth-groups", ValueMatch::Exact(text("beta"))),
        route().header("x-auth-groups", ValueMatch::Contains(text("beta"))),
        route().header("x-auth-groups", ValueMatch::Present),
        route().header("x_auth_groups", ValueMatch::Prefix(text("b"))),
        route().header("x-auth.subject", ValueMatch::Present),
        route().header("x-auth-email", ValueMatch::Present),
        route().header("connection", ValueMatch::Contains(text("x-auth-subject"))),
        route().header("authorization", ValueMatch::Present),
        route().header("x-api-token", ValueMatch::Present),
        route().header("cookie", ValueMatch::Contains(text("id="))),
        route().query("access_token", ValueMatch::Present),
        route().path(ValueMatch::Prefix(text("/x"))),
    ]
}

fn routed(rules: &Value, first: Route, second: Route, shown: RouteProperties) -> Stage {
    let configuration = with(with(config(), "/routes", rules.clone()), "/token_sources", sources());
    let mut stage =
        Stage::on(module(), &configuration, |builder| builder.route(first).route(second).route_properties(shown));
    // The second host refuses route_changed as well, unless all rules report.
    stage.report_only = None;
    stage
}

/// The rule of the route that served the request holds, the token is gone, and nothing of the client's is an identity.
fn served_rightly(what: &str, report: &Report, of: impl Fn(&str) -> &'static str, token: Option<&str>) {
    let Outcome::Upstream(upstream) = &report.outcome else { return };
    let route = report.route.as_deref().expect("a route");
    assert!(holds(of(route), token.is_some()), "{what}: served by {route}, whose rule is {}", of(route));
    let all =
        format!("{:?}", upstream.headers.iter().map(|(_, value)| String::from_utf8_lossy(value)).collect::<Vec<_>>());
    assert!(of(route) == "open" || token.is_none_or(|token| !all.contains(token)), "{what}: {all}");
    for forged in ["beta", "root", "x-auth-subject"] {
        assert!(!all.contains(forged), "{what}: {all}");
    }
}

#[test]
fn p01_rule_of_the_serving_route_holds() {
    let (mut tried, mut admitted) = (0, 0);
    let token = token();
    for shown in [RouteProperties::AfterTheModule, RouteProperties::AtOnce] {
        for condition in conditions() {
            for (first, second) in [
                ("open", "any"),
                ("open", "admins"),
                ("any", "admins"),
                ("any", "closed"),
                ("maybe", "admins"),
                ("maybe", "others"),
                ("admins", "any"),
                ("closed", "open"),
                ("others", "maybe"),
            ] {
                let of = |route: &str| if route == "b" { first } else { second };
                let mut stage =
                    routed(&rules(), condition.clone().policy(first), Route::new("a").policy(second), shown);
                for place in PLACES {
                    for (name, value) in FORGERIES {
                        let request = carrying(place, &token);
                        let request = if name.is_empty() { request } else { request.header(name, value) };
                        let what = format!("{condition:?} {first}/{second} {place} {name}: {value} {shown:?}");
                        let seen = stage.send(&what, request);
                        served_rightly(&what, &seen.report, of, (place != "none").then_some(token.as_str()));
                        tried += 1;
                        admitted += u32::from(seen.outcome.upstream().is_some());
                    }
                }
            }
        }
    }
    assert!(tried >= 6000 && admitted >= 300, "{tried} tried, {admitted} admitted");
}

#[test]
fn p02_forged_header_is_refused_where_routes_choose() {
    for shown in [RouteProperties::AfterTheModule, RouteProperties::AtOnce] {
        let beta = || Route::new("b").header("x-auth-groups", ValueMatch::Exact("beta".to_owned()));
        let mut stage = routed(&rules(), beta().policy("open"), Route::new("a").policy("any"), shown);
        let forged = |request: Request| request.header("x-auth-groups", "beta");
        stage.refuses("without a token", forged(Request::get("/x")), Denied, "route_changed");
        stage.refuses("with one", forged(Request::get("/x").bearer(&token())), Denied, "route_changed");
        stage.refuses("not forged", Request::get("/x"), R401m, "no_credential");
        assert_eq!(stage.send("not forged", orders(token())).report.route.as_deref(), Some("a"));
        // A name that also has a match may be there for logs alone, unless the host uses it.
        let both = json!([{"name": "open", "match": {"prefix": "/open"}, "access": "public"}, {"name": "any"}]);
        let logs = json!([{"name": "open", "match": {"prefix": "/x"}, "access": "public"}]);
        let mut stage = routed(&both, beta(), Route::new("a"), shown);
        stage.refuses("no name", forged(orders(token())), Denied, "route_changed");
        let mut stage = routed(&logs, Route::new("b"), Route::new("a"), shown);
        assert!(stage.admits("for logs", forged(Request::get("/x"))).values("x-auth-groups").is_empty());
        let mut stage = routed(&logs, Route::new("b").policy("open"), Route::new("a"), shown);
        stage.refuses("for the host", forged(Request::get("/x")), Denied, "route_changed");
    }
}

#[test]
fn p03_rule_of_a_new_route_is_asked_as_well() {
    // On a host that shows the new route at once, a route that goes by what the filter sets or takes out is judged as well.
    let by_subject = || Route::new("b").header("x-auth-subject", ValueMatch::Exact("alice".to_owned()));
    for (rule, expected) in [
        (json!({"name": "b"}), None),
        (json!({"name": "b", "access": "public"}), None),
        (json!({"name": "b", "access": "optional"}), None),
        (json!({"name": "b", "access": "deny"}), Some((403, "route_denied"))),
        (json!({"name": "b", "groups": {"any": ["admins"]}}), Some((403, "group_missing"))),
        (json!({"name": "b", "scopes": {"all": ["write"]}}), Some((403, "scope_missing"))),
        (json!({"name": "b", "require": [{"claim": "tid", "equals": "1"}]}), Some((403, "route_rule_failed"))),
        (json!({"name": "b", "audiences": ["another"]}), Some((401, "audience_mismatch"))),
        (json!({"name": "b", "issuers": ["other"]}), Some((401, "issuer_not_accepted"))),
        (json!({"name": "c"}), Some((403, "route_denied"))),
    ] {
        let other = json!({"name": "other", "issuer": "https://other.example", "audiences": ["api"], "keys": {"inline": {"keys": [stranger().jwk()]}}});
        let configuration = with(with(config(), "/routes", json!([{"name": "a"}, rule])), "/issuers/-", other);
        let mut stage = Stage::on(module(), &configuration, |builder| {
            let routes = builder.route(by_subject().policy("b")).route(Route::new("a").policy("a"));
            routes.route_properties(RouteProperties::AtOnce)
        });
        stage.report_only = None;
        for what in ["a new token", "the same again"] {
            match expected {
                Some((status, reason)) => {
                    let seen = stage.send(what, orders(token()));
                    seen.is_refused_quietly(what, reason);
                    assert_eq!(seen.outcome.status(), Some(status), "{rule}");
                }
                None => assert_eq!(stage.send(what, orders(token())).report.route.as_deref(), Some("b"), "{rule}"),
            }
        }
    }
    // Nobody's request goes on to a route that asks for a token.
    let cookie = || Route::new("b").header("connection", ValueMatch::Contains("x-auth".to_owned()));
    let logs = json!([{"name": "any", "match": {"path": "/any"}}, {"name": "open", "match": {"prefix": "/"}, "access": "public"}]);
    let mut stage = routed(&logs, cookie(), Route::new("a").policy("any"), RouteProperties::AtOnce);
    let request = Request::get("/x").header("connection", "x-auth-subject");
    stage.refuses("nobody's", request, R401m, "no_credential");
}

#[test]
fn p04_token_leaves_its_place_empty_where_routes_choose() {
    let mut stage = routed(&rules(), Route::new("a").policy("any"), Route::new("b"), RouteProperties::AfterTheModule);
    let token = token();
    let places: [(&str, &str, &[&str]); 4] = [
        ("authorization", "authorization", &[""]),
        ("x-api-token", "x-api-token", &[""]),
        ("cookie", "cookie", &["a=b; id=; c=d"]),
        ("query", ":path", &["/x?a=b&access_token=&c=d"]),
    ];
    for (place, header, left) in places {
        let upstream = stage.admits(place, carrying(place, &token));
        assert_eq!(upstream.values(header), left, "{place}");
        assert_eq!(upstream.values("x-auth-subject"), ["alice"]);
    }
    let logs = json!([{"name": "any", "match": {"prefix": "/"}}]);
    let mut stage = routed(&logs, Route::new("a"), Route::new("b"), RouteProperties::AfterTheModule);
    assert!(stage.admits("by match", orders(&token)).values("authorization").is_empty());
    let kept = with(with(config(), "/routes", rules()), "/forward_token", json!(true));
    let mut stage = Stage::on(module(), &kept, |builder| builder.route(Route::new("a").policy("any")));
    assert_eq!(stage.admits("forwarded", orders(&token)).values("authorization"), [format!("Bearer {token}")]);
}

#[test]
fn p05_waiting_request_meets_the_rule_of_its_route() {
    for (value, served) in [("beta", None), ("", Some("a"))] {
        let configuration = with(remote_config(), "/routes", rules());
        let mut stage = Stage::on(module(), &configuration, |builder| {
            let beta = Route::new("b").header("x-auth-groups", ValueMatch::Exact("beta".to_owned()));
            builder.route(beta.policy("any")).route(Route::new("a").policy("any"))
        });
        stage.serve(JWKS, key_set([signer().jwk()]));
        let request = orders(token());
        let request = if value.is_empty() { request } else { request.header("x-auth-groups", value) };
        let id = stage.open(0, request);
        assert!(!stage.host.outcome(id).is_decided(), "it waits");
        stage.pass(Duration::from_secs(1));
        let report = stage.host.finish(id);
        assert_eq!(report.route.as_deref(), served, "{:?}", report.outcome);
        assert_eq!(report.outcome.status(), served.is_none().then_some(403));
    }
}

#[test]
fn p06_unreadable_rule_name_is_closed() {
    let named = with(config(), "/routes", json!([{"name": "any", "match": {"prefix": "/"}}]));
    for status in Status::ALL.into_iter().filter(|status| *status != Status::Ok) {
        let mut stage = Stage::new(&named);
        stage.report_only = None;
        stage.host.process().faults.force("proxy_get_property", Occurrence::Every, status);
        match status {
            Status::NotFound => drop(stage.admits("not there", orders(token()))),
            _ => drop(stage.refuses(&format!("{status:?}"), orders(token()), Denied, "route_denied")),
        }
        // The second look counts as well.
        let mut stage = Stage::new(&named);
        stage.report_only = None;
        stage.host.process().faults.force("proxy_get_property", Occurrence::Nth(2), status);
        match status {
            Status::NotFound => drop(stage.admits("not there", orders(token()))),
            _ => drop(stage.refuses(&format!("{status:?} at last"), orders(token()), Denied, "route_denied")),
        }
    }
    let mut stage = Stage::new(&named);
    stage.refuses("an empty name", orders(token()).route_policy(""), Denied, "route_denied");
    // Where no rule has a name, nothing is asked.
    let mut stage = Stage::new(&config());
    stage.host.process().faults.force("proxy_get_property", Occurrence::Every, Status::InternalFailure);
    stage.admits("no names", orders(token()));
}

#[test]
fn p07_rule_name_is_read_only_where_rules_have_names() {
    for (configuration, reads) in [
        (config(), None),
        (with(config(), "/routes", json!([{"match": {"prefix": "/orders"}}])), None),
        (with(config(), "/routes", json!([{"name": "any", "match": {"prefix": "/orders"}}])), Some(2)),
    ] {
        let mut stage = Stage::new(&configuration);
        stage.admits("a new token", orders(token()));
        let seen = stage.send("the same again", orders(token()));
        assert_eq!(seen.report.hostcalls.get("proxy_get_property").copied(), reads);
    }
}

/// What a configuration with all of it needs and can be asked for, and what a warning says of it.
const NEEDED: [&str; 13] = [
    "proxy_get_header_map_pairs",
    "proxy_add_header_map_value",
    "proxy_replace_header_map_value",
    "proxy_remove_header_map_value",
    "proxy_get_current_time_nanoseconds",
    "proxy_increment_metric",
    "proxy_get_property",
    "proxy_set_property",
    "proxy_http_call",
    "proxy_get_shared_data",
    "proxy_set_effective_context",
    "proxy_continue_stream",
    "proxy_set_tick_period_milliseconds",
];

fn warned(configuration: &Value, restricted: &[&str]) -> Vec<String> {
    let builder =
        restricted.iter().fold(Host::builder(module()).now(NOW), |builder, call| builder.restrict_hostcall(call));
    let mut host = builder.build();
    host.configure(configuration.to_string().as_bytes()).expect("it is taken");
    assert_eq!(host.traps(), Vec::<&str>::new());
    assert_eq!(host.anomalies(), Vec::<&str>::new());
    let lines: BTreeSet<String> = host.take_log().into_iter().map(|line| line.text).collect();
    lines.into_iter().filter(|line| line.starts_with("configuration warning: the host")).collect()
}

#[test]
fn p08_missing_capability_is_warned_of() {
    let all = with(with(remote_config(), "/routes", rules()), "/filter_state", json!(true));
    assert_eq!(warned(&all, &[]), Vec::<String>::new());
    for call in NEEDED {
        let lines = warned(&all, &[call]);
        let said = match call {
            "proxy_set_tick_period_milliseconds" => "gives no ticks",
            call => call,
        };
        assert!(matches!(lines.as_slice(), [line] if line.contains(said)), "{call}: {lines:?}");
    }
    // What the configuration does not need is not asked for.
    for call in &NEEDED[6..] {
        assert_eq!(warned(&config(), &[call]), Vec::<String>::new(), "{call}");
    }
    assert_eq!(warned(&all, &NEEDED).len(), NEEDED.len());
}

#[test]
fn p09_request_that_cannot_be_resumed_does_not_wait() {
    for call in ["proxy_set_effective_context", "proxy_continue_stream"] {
        let mut stage = Stage::on(module(), &remote_config(), |builder| builder.restrict_hostcall(call));
        stage.serve(JWKS, Answer::soon(CalloutOutcome::ConnectFailure));
        let seen = stage.send(call, orders(token()));
        seen.is_refused(call, R503, "keys_unavailable");
        stage.serve(JWKS, key_set([signer().jwk()]));
        stage.host.advance(Duration::from_secs(60));
        stage.send("with keys", orders(token())).is_admitted(call);
    }
}

#[test]
fn p10_next_hop_is_not_told_to_drop_identity() {
    let upgrade = |value: &[u8]| Request::get("/orders").header("upgrade", "websocket").header("connection", value);
    let routes = json!([{"match": {"prefix": "/public"}, "access": "public"}, {"match": {"prefix": "/optional"}, "access": "optional"}]);
    let mut stage = Stage::new(&with(config(), "/routes", routes.clone()));
    for (value, left) in [
        (&b"upgrade, x-auth-subject, X-Auth-Groups"[..], &["upgrade"][..]),
        (b"X_AUTH_SUBJECT,upgrade", &["upgrade"]),
        (b"upgrade,x.auth|subject ;x-auth-issuer", &["upgrade"]),
        (b"\"x-auth-subject\" Upgrade\tx-auth-email", &["Upgrade"]),
        (b"x-auth-subject", &[]),
        (b"Upgrade, keep-alive", &["Upgrade, keep-alive"]),
        (b"upgrade, x-auth-subjects", &["upgrade, x-auth-subjects"]),
        (b"upgrade, x-auth-subject\xff", &["upgrade"]),
    ] {
        let what = String::from_utf8_lossy(value).into_owned();
        for name in ["connection", "proxy-connection"] {
            let request = Request::get("/orders").header(name, value).bearer(&token());
            let upstream = stage.admits(&what, request);
            assert_eq!(upstream.values(name), left, "{what}");
            assert_eq!(upstream.values("x-auth-subject"), ["alice"]);
        }
        for path in ["/public", "/optional"] {
            let upstream = stage.admits(&what, Request::get(path).header("connection", value));
            assert_eq!(upstream.values("connection"), left, "{path} {what}");
        }
        let seen = stage.send(&what, upgrade(value));
        seen.is_refused(&what, R401m, "no_credential");
    }
    let mut generic = Stage::on(generic_module(), &with(config(), "/host", json!("generic")), |builder| builder);
    let request = orders(token()).header("connection", "upgrade, x-auth-subject");
    generic.refuses("where removal is not relied on", request, R400, "managed_header");
    generic.admits("another", orders(token()).header("connection", "upgrade, x-other"));
}

#[test]
fn p11_recompute_route_changes_nothing() {
    for recompute in [false, true] {
        let configuration = with(remote_config(), "/recompute_route", json!(recompute));
        let mut stage = Stage::on(module(), &configuration, |builder| {
            let alice = Route::new("b").header("x-auth-subject", ValueMatch::Exact("alice".to_owned()));
            builder.route(alice).route(Route::new("a"))
        });
        stage.serve(JWKS, key_set([signer().jwk()]));
        let id = stage.open(0, orders(token()));
        stage.pass(Duration::from_secs(1));
        assert_eq!(stage.host.finish(id).route.as_deref(), Some("b"), "after a wait");
        assert_eq!(stage.send("at once", orders(token())).report.route.as_deref(), Some("b"));
        let forged = Request::get("/orders").header("x-auth-subject", "alice");
        stage.refuses("forged", forged, R401m, "no_credential");
    }
}
