use super::*;
use crate::testing::{Call, End, NOW, Outcome, SECRET, Token, Value as Json, Worker, json, with};
use proptest::prelude::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn routes(routes: Json) -> Worker {
    Worker::new(&with(json!({"routes": routes, "default_route": {"name": "default"}})))
}

/// The name of the rule that a request falls under; `None` for one of the two that have none.
fn rule(worker: &mut Worker, call: &Call) -> Option<String> {
    worker.decide(call).rule
}

fn passes(outcome: &Outcome) -> bool {
    matches!(outcome.end, End::Admit(..))
}

/// The reason why a token is refused on a route that asks for this.
fn refused(demands: Json, token: &Token) -> Option<Reason> {
    Worker::new(&with(json!({"default_route": demands}))).judge(token).reason()
}

#[test]
fn the_first_rule_that_matches_applies_else_the_default() {
    let mut worker = routes(json!([
        {"name": "exact", "match": {"path": "/a/b"}},
        {"name": "below", "match": {"prefix": "/a"}},
        {"name": "slash", "match": {"prefix": "/s/"}},
        {"name": "never", "match": {"path": "/a/c"}},
    ]));
    for (path, wanted) in [
        ("/a/b", "exact"),
        ("/a/b?x=/s/", "exact"),
        ("/a/b#x", "exact"),
        ("/a/b/", "below"),
        ("/a/c", "below"),
        ("/a", "below"),
        ("/a/", "below"),
        ("/ab", "default"),
        ("/A", "default"),
        ("/s/x", "slash"),
        ("/s/", "slash"),
        ("/s", "default"),
        ("/", "default"),
    ] {
        assert_eq!(rule(&mut worker, &Call::get(path)).as_deref(), Some(wanted), "{path}");
    }
}

#[test]
fn a_template_matches_segment_by_segment() {
    let mut worker = routes(json!([
        {"name": "one", "match": {"template": "/v1/agents/{id}"}},
        {"name": "rest", "match": {"template": "/v1/agents/{id}/tools/**"}},
        {"name": "slash", "match": {"template": "/t/{x}/"}},
        {"name": "all", "match": {"template": "/all/**"}},
    ]));
    for (path, wanted) in [
        ("/v1/agents/7", "one"),
        ("/v1/agents/7/", "default"),
        ("/v1/agents/", "default"),
        ("/v1/agents", "default"),
        ("/v1/agents/7/tools", "rest"),
        ("/v1/agents/7/tools/a/b", "rest"),
        ("/v1/agents/7/toolsx", "default"),
        ("/v1/Agents/7", "default"),
        ("/t/a/", "slash"),
        ("/t/a", "default"),
        ("/all", "all"),
        ("/all/", "all"),
        ("/all/x/y", "all"),
        ("/allx", "default"),
    ] {
        assert_eq!(rule(&mut worker, &Call::get(path)).as_deref(), Some(wanted), "{path}");
    }
    for text in ["", "a", "/{", "/{}", "/a*", "/{a}b", "/**/a", "/{a}{b}", "/***", "/{a*}"] {
        assert!(Segment::parse_template(text).is_err(), "{text}");
    }
}

#[test]
fn methods_match_exactly() {
    let mut worker = routes(json!([{"name": "read", "match": {"prefix": "/", "methods": ["GET", "PURGE"]}}]));
    let mut rule_of = |method| rule(&mut worker, &Call { method, ..Call::get("/x") });
    for method in ["GET", "PURGE"] {
        assert_eq!(rule_of(method).as_deref(), Some("read"), "{method}");
    }
    for method in ["get", "HEAD", "POST", "CONNECT", "TRACE", ""] {
        assert_eq!(rule_of(method).as_deref(), Some("default"), "{method}");
    }
    let overridden = Call { method: "POST", ..Call::get("/x") }.header("x-http-method-override", "GET");
    assert_eq!(rule(&mut worker, &overridden).as_deref(), Some("default"));
}

#[test]
fn hosts_match_without_case_port_and_trailing_dot() {
    let mut worker = routes(json!([
        {"name": "one", "match": {"hosts": ["Example.com", "[::1]"]}},
        {"name": "below", "match": {"hosts": ["*.example.com"]}},
    ]));
    for (authority, wanted) in [
        ("example.com", "one"),
        ("EXAMPLE.com", "one"),
        ("example.com:8443", "one"),
        ("example.com.", "one"),
        ("example.com.:80", "one"),
        ("[::1]:80", "one"),
        ("[::1]", "one"),
        ("a.example.com", "below"),
        ("a.b.Example.com:443", "below"),
        ("xexample.com", "default"),
        ("example.com.evil.test", "default"),
        ("[::2]", "default"),
        ("", "default"),
    ] {
        assert_eq!(rule(&mut worker, &Call { authority, ..Call::get("/") }).as_deref(), Some(wanted), "{authority}");
    }
}

#[test]
fn an_ambiguous_path_is_never_let_through_without_a_token() {
    let mut worker = routes(json!([
        {"name": "public", "access": "public", "match": {"prefix": "/public"}},
        {"name": "optional", "access": "optional", "match": {"prefix": "/optional"}},
    ]));
    for path in ["/public", "/public/", "/public/x", "/public?x=/admin", "/public/#x", "/optional/a%20b"] {
        assert!(passes(&worker.decide(&Call::get(path))), "{path}");
    }
    for tail in [
        "/../admin",
        "/%2e%2e/admin",
        "/..%2fadmin",
        "\\..\\admin",
        ";x/../admin",
        "%00",
        "/.",
        "//x",
        "%5c..",
        "/%2570",
        "/\u{e9}",
    ] {
        for front in ["/public", "/optional"] {
            let path = format!("{front}{tail}");
            assert_eq!(worker.decide(&Call::get(&path)).reason(), Some(Reason::NoCredential), "{path}");
        }
    }
    for path in ["//public", "/./public", "/%70ublic", "http://h/public", "public", "*", "", "/PUBLIC", "/publicity"] {
        assert_eq!(worker.decide(&Call::get(path)).reason(), Some(Reason::NoCredential), "{path}");
    }
    let token = Token::new(SECRET).text();
    assert!(passes(&worker.decide(&Call::get("/public/../admin").bearer(&token))));
}

#[test]
fn an_ambiguous_path_needs_a_token_even_where_everything_is_open() {
    let mut worker = Worker::new(&with(json!({"default_route": {"access": "public"}})));
    assert!(passes(&worker.decide(&Call::get("/a"))));
    assert_eq!(worker.decide(&Call::get("/a/../b")).reason(), Some(Reason::NoCredential));
}

#[test]
fn on_an_ambiguous_path_the_rules_of_both_its_spellings_must_hold() {
    let routes = json!([
        {"match": {"prefix": "/open"}, "access": "required"},
        {"match": {"prefix": "/admin"}, "groups": {"any": ["admins"]}},
        {"match": {"prefix": "/closed"}, "access": "deny"},
        {"match": {"prefix": "/other"}, "audiences": ["other"]},
    ]);
    let mut worker = Worker::new(&with(json!({"routes": routes})));
    let token = Token::new(SECRET).text();
    let mut reason = |path: &str| worker.decide(&Call::get(path).bearer(&token)).reason();
    assert_eq!(reason("/open/../open/x"), None);
    for (one, other, expected) in [
        ("/open/../admin", "/admin/../open", Reason::GroupMissing),
        ("/open/%2e%2e/closed", "/closed/..;/open", Reason::RouteDenied),
        ("/open//../../other", "/other/./../open", Reason::AudienceMismatch),
    ] {
        assert_eq!((reason(one), reason(other)), (Some(expected), Some(expected)), "{one} {other}");
    }
}

#[test]
fn an_ambiguous_path_is_compared_in_both_its_spellings() {
    let mut worker = routes(json!([
        {"name": "closed", "access": "deny", "match": {"prefix": "/admin"}},
        {"name": "groups", "match": {"path": "/team"}, "groups": {"any": ["lead"]}},
    ]));
    for path in ["//admin", "/x/../admin/y", "/%61dmin", "/admin;a=b/x"] {
        assert_eq!(worker.decide(&Call::get(path)).reason(), Some(Reason::RouteDenied), "{path}");
    }
    let token = Token::new(SECRET).text();
    assert_eq!(worker.decide(&Call::get("/x/%2e%2e/team").bearer(&token)).reason(), Some(Reason::GroupMissing));
}

#[test]
fn another_spelling_of_a_path_does_not_slip_past_its_rule() {
    let rules = json!([
        {"name": "method", "access": "deny", "match": {"path": "/things:delete"}},
        {"name": "space", "access": "deny", "match": {"prefix": "/a%20b"}},
        {"name": "letter", "access": "deny", "match": {"template": "/caf%C3%A9/{x}"}},
        {"name": "folder", "access": "deny", "match": {"path": "/folder/"}},
        {"name": "file", "access": "deny", "match": {"path": "/file"}},
        {"name": "one", "access": "public", "match": {"path": "/one:two"}},
        {"name": "all", "access": "public", "match": {"prefix": "/files"}},
    ]);
    let mut worker = routes(rules);
    for path in [
        "/things%3Adelete",
        "/things%3adelete",
        "//a%20b/c",
        "/%61%20b",
        "/caf%c3%a9/x",
        "/caf\u{e9}/x",
        "//folder/",
        "/folder/.",
        "/folder/x/..",
        "/file/.",
        "//file/",
    ] {
        assert_eq!(worker.decide(&Call::get(path)).reason(), Some(Reason::RouteDenied), "{path}");
    }
    assert_eq!(worker.decide(&Call::get("/one%3Atwo")).reason(), Some(Reason::NoCredential));
    assert!(passes(&worker.decide(&Call::get("/files/a%40b%2C{c}"))), "all spellings have one rule");
}

#[test]
fn a_preflight_whose_spellings_have_rules_of_their_own_needs_a_token() {
    let mut worker = routes(json!([{"access": "deny", "match": {"path": "/a:b"}},
        {"name": "open", "cors_preflight": true, "match": {"prefix": "/"}}]));
    assert!(passes(&worker.decide(&Call::preflight("/a", "POST"))));
    assert_eq!(worker.decide(&Call::preflight("/a%3Ab", "POST")).reason(), Some(Reason::RouteDenied));
}

#[test]
fn the_host_may_choose_the_rule_by_name() {
    let mut worker = routes(json!([
        {"name": "named", "access": "public"},
        {"name": "closed", "access": "deny", "match": {"prefix": "/"}},
    ]));
    let chosen = |policy| Call { policy: Some(policy), ..Call::get("/x") };
    assert_eq!(rule(&mut worker, &Call::get("/x")).as_deref(), Some("closed"));
    assert_eq!(rule(&mut worker, &chosen("named")).as_deref(), Some("named"));
    assert!(passes(&worker.decide(&chosen("named"))));
    for unknown in ["Named", "", "other", "default"] {
        assert_eq!(worker.decide(&chosen(unknown)).reason(), Some(Reason::RouteDenied), "{unknown}");
    }
    let ambiguous = Call { policy: Some("named"), ..Call::get("/x/../y") };
    assert_eq!(worker.decide(&ambiguous).reason(), Some(Reason::RouteDenied), "the rule for the other reading holds");
}

#[test]
fn a_real_preflight_passes_where_the_route_says_so() {
    let mut worker = routes(json!([
        {"name": "open", "cors_preflight": true, "match": {"prefix": "/open", "methods": ["POST"]}},
        {"name": "shut", "match": {"prefix": "/shut"}},
    ]));
    assert!(passes(&worker.decide(&Call::preflight("/open", "POST"))));
    let ask = || Call { method: "OPTIONS", ..Call::get("/open") };
    for call in [
        Call::preflight("/shut", "POST"),
        Call::preflight("/open", "DELETE"),
        Call::preflight("/open", ""),
        Call::preflight("/open", "POST").header("origin", "https://other.example"),
        Call::preflight("/open", "POST").header("access-control-request-method", "POST"),
        Call { method: "POST", ..Call::preflight("/open", "POST") },
        Call { method: "options", ..Call::preflight("/open", "POST") },
        ask().header("origin", "https://app.example"),
        ask().header("access-control-request-method", "POST"),
        ask().header("origin", "").header("access-control-request-method", "POST"),
        ask().header("origin", "x").header("access-control-request-method", [0xff]),
        ask(),
    ] {
        assert_eq!(worker.decide(&call).reason(), Some(Reason::NoCredential), "{:?}", call.headers);
    }
}

#[test]
fn a_preflight_of_an_ambiguous_path_needs_a_token() {
    let mut worker = routes(json!([{"name": "open", "cors_preflight": true, "match": {"prefix": "/open"}}]));
    for path in ["/open/../admin", "/open/%2e%2e/admin", "//open"] {
        assert_eq!(worker.decide(&Call::preflight(path, "POST")).reason(), Some(Reason::NoCredential), "{path}");
    }
}

#[test]
fn a_preflight_does_not_open_a_closed_route() {
    let mut worker = Worker::new(&with(json!({"default_route": {"access": "deny", "cors_preflight": true}})));
    assert_eq!(worker.decide(&Call::preflight("/", "GET")).reason(), Some(Reason::RouteDenied));
}

#[test]
fn an_optional_route_refuses_a_bad_token_and_takes_none() {
    let mut worker = Worker::new(&with(json!({"default_route": {"access": "optional"}})));
    assert_eq!(worker.decide(&Call::get("/")).end, End::Admit(Vec::new(), None));
    assert_eq!(worker.decide(&Call::get("/").bearer("x")).reason(), Some(Reason::TokenMalformed));
    assert_eq!(worker.judge(&Token::new(SECRET)).header("x-auth-subject"), Some("alice"));
    let unknown = Token::new(SECRET).claim("iss", "https://evil.example");
    assert_eq!(worker.judge(&unknown).reason(), Some(Reason::IssuerUnknown));
}

#[test]
fn a_route_asks_for_scopes() {
    let token = |scope: &str| Token::new(SECRET).claim("scope", scope);
    let all = || json!({"scopes": {"all": ["read", "write"]}});
    let any = || json!({"scopes": {"any": ["read", "write"]}});
    assert_eq!(refused(all(), &token("write x read")), None);
    assert_eq!(refused(all(), &token("read")), Some(Reason::ScopeMissing));
    assert_eq!(refused(any(), &token("read")), None);
    assert_eq!(refused(any(), &token("READ reading")), Some(Reason::ScopeMissing));
    assert_eq!(refused(any(), &Token::new(SECRET)), Some(Reason::ScopeMissing));
}

#[test]
fn a_route_asks_for_groups() {
    let token = |groups: Json| Token::new(SECRET).claim("groups", groups);
    let refused = |groups: Json, token: &Token| {
        let issuer = crate::testing::with_issuer(json!({"groups": {"unmapped": "keep"}}));
        let mut config = issuer;
        config["default_route"] = json!({"groups": groups});
        Worker::new(&config).judge(token).reason()
    };
    let any = || json!({"any": ["lead", "team-*"]});
    assert_eq!(refused(any(), &token(json!(["team-red"]))), None);
    assert_eq!(refused(any(), &token(json!("lead"))), None);
    assert_eq!(refused(any(), &token(json!(["Lead", "team", "team-a/b"]))), Some(Reason::GroupMissing));
    assert_eq!(refused(any(), &Token::new(SECRET)), Some(Reason::GroupMissing));
    let all = || json!({"all": ["lead", "team-*"]});
    assert_eq!(refused(all(), &token(json!(["team-red", "lead"]))), None);
    assert_eq!(refused(all(), &token(json!(["lead"]))), Some(Reason::GroupMissing));
}

#[test]
fn a_route_asks_for_claims() {
    let demands = || json!({"require": [{"claim": "dept", "in": ["a", "b"]}, {"claim": "blocked", "present": false}]});
    assert_eq!(refused(demands(), &Token::new(SECRET).claim("dept", "b")), None);
    assert_eq!(refused(demands(), &Token::new(SECRET).claim("dept", "c")), Some(Reason::RouteRuleFailed));
    let blocked = Token::new(SECRET).claim("dept", "b").claim("blocked", false);
    assert_eq!(refused(demands(), &blocked), Some(Reason::RouteRuleFailed));
}

#[test]
fn a_route_asks_for_a_strong_or_recent_authentication() {
    let acr = || json!({"step_up": {"acr": ["gold", "platinum"]}});
    assert_eq!(refused(acr(), &Token::new(SECRET).claim("acr", "gold")), None);
    assert_eq!(refused(acr(), &Token::new(SECRET).claim("acr", "silver")), Some(Reason::StepUpRequired));
    assert_eq!(refused(acr(), &Token::new(SECRET)), Some(Reason::StepUpRequired));
    let recent = || json!({"step_up": {"max_age": "5m"}});
    for (ago, wanted) in [(0, None), (300, None), (360, None), (361, Some(Reason::StepUpRequired))] {
        assert_eq!(refused(recent(), &Token::new(SECRET).claim("auth_time", NOW - ago)), wanted, "{ago} s ago");
    }
    assert_eq!(refused(recent(), &Token::new(SECRET).claim("auth_time", NOW + 60)), None);
    for auth_time in [json!("1800000000"), json!(-1), json!(NOW + 61), json!(NOW + 86_400), json!(1e30)] {
        let token = Token::new(SECRET).claim("auth_time", auth_time.clone());
        assert_eq!(refused(recent(), &token), Some(Reason::StepUpRequired), "{auth_time}");
    }
    assert_eq!(refused(recent(), &Token::new(SECRET)), Some(Reason::StepUpRequired));
}

#[test]
fn a_route_may_take_the_tokens_of_some_issuers_only() {
    let mut second = crate::testing::one_issuer();
    crate::testing::merge(&mut second, json!({"name": "second", "issuer": "https://second.example"}));
    let routes = json!([{"name": "second", "match": {"prefix": "/second"}, "issuers": ["second"]}]);
    let mut worker = Worker::new(&json!({"issuers": [crate::testing::one_issuer(), second], "routes": routes}));
    let first = Token::new(SECRET);
    let second = Token::new(SECRET).claim("iss", "https://second.example");
    let mut reason = |path: &str, token: &Token| worker.decide(&Call::get(path).bearer(&token.text())).reason();
    assert_eq!((reason("/", &first), reason("/", &second)), (None, None));
    assert_eq!((reason("/second", &first), reason("/second", &second)), (Some(Reason::IssuerNotAccepted), None));
}

proptest! {
    #[test]
    fn a_path_that_is_let_through_without_a_token_is_its_own_normal_form_and_below_the_open_prefix(
        path in "(/(public|admin|a|\\.|\\.\\.|%2e%2e|%2F|;x|\\\\|%70ublic|%25)?){0,4}",
    ) {
        let mut worker = routes(json!([{"access": "public", "match": {"prefix": "/public"}}]));
        if passes(&worker.decide(&Call::get(&path))) {
            prop_assert_eq!(crate::path::canonical(&path), path.as_str());
            prop_assert!(path == "/public" || path.starts_with("/public/"));
        }
    }
}

/// Spellings of a host that RFC 9110 does not allow and that some server reads as `admin.test`.
const AMBIGUOUS_HOSTS: [&str; 12] = [
    "admin.test:x",
    "admin.test:443x",
    "admin.test:+443",
    "admin.test:80:80",
    "admin.test..",
    "x@admin.test",
    "admin%2etest",
    "%61dmin.test",
    "admin.test,x",
    "admin.test ",
    "\u{ff41}dmin.test",
    "xn--admin-.test",
];

#[test]
fn ambiguous_host_meets_every_rule_that_names_hosts() {
    let rules = json!([
        {"access": "deny", "match": {"prefix": "/shut", "hosts": ["other.test"]}},
        {"access": "public", "match": {"hosts": ["open.test"]}},
        {"match": {"prefix": "/", "hosts": ["*.admin.test", "admin.test"]}, "groups": {"any": ["lead"]}},
        {"access": "deny", "match": {"methods": ["DELETE"], "hosts": ["[::1]"]}},
        {"access": "public", "match": {"prefix": "/"}},
    ]);
    let mut worker = routes(rules);
    let token = Token::new(SECRET).text();
    for authority in AMBIGUOUS_HOSTS {
        let mut reason = |call: Call| worker.decide(&Call { authority, ..call }).reason();
        assert_eq!(reason(Call::get("/x")), Some(Reason::NoCredential), "{authority}");
        assert_eq!(reason(Call::get("/x").bearer(&token)), Some(Reason::GroupMissing), "{authority}");
        assert_eq!(reason(Call::get("/shut/x")), Some(Reason::RouteDenied), "{authority}");
        assert_eq!(reason(Call::get("//shut")), Some(Reason::RouteDenied), "{authority}");
        assert_eq!(reason(Call { method: "DELETE", ..Call::get("/x") }), Some(Reason::RouteDenied), "{authority}");
    }
}

#[test]
fn ambiguous_host_is_never_open() {
    let mut worker = routes(json!([{"access": "public", "match": {"prefix": "/"}, "cors_preflight": true}]));
    for authority in AMBIGUOUS_HOSTS {
        let call = Call { authority, ..Call::get("/x") };
        assert_eq!(worker.decide(&call).reason(), Some(Reason::NoCredential), "{authority}");
        let call = Call { authority, ..Call::preflight("/x", "POST") };
        assert_eq!(worker.decide(&call).reason(), Some(Reason::NoCredential), "{authority}");
        assert!(passes(&worker.decide(&Call { authority, ..Call::get("/x").bearer(&Token::new(SECRET).text()) })));
    }
}

#[test]
fn absent_host_meets_every_rule_that_names_hosts() {
    let mut worker = routes(json!([
        {"access": "public", "match": {"hosts": ["open.test"]}},
        {"access": "deny", "match": {"prefix": "/admin", "hosts": ["admin.test"]}},
        {"access": "public", "match": {"prefix": "/"}},
    ]));
    let mut decide = |path| worker.decide(&Call { authority: "", ..Call::get(path) });
    assert_eq!(decide("/admin").reason(), Some(Reason::RouteDenied));
    assert_eq!(decide("/x/../admin").reason(), Some(Reason::RouteDenied));
    assert!(passes(&decide("/health")), "a health check of HTTP/1.0 names no host");
    let mut only = routes(json!([{"access": "public", "match": {"hosts": ["open.test"]}}]));
    assert_eq!(only.decide(&Call { authority: "", ..Call::get("/") }).reason(), Some(Reason::NoCredential));
}

#[test]
fn ambiguous_path_meets_match_rules_beside_named_rule() {
    let mut worker = routes(json!([
        {"name": "any", "match": {"prefix": "/api"}},
        {"name": "admins", "match": {"prefix": "/admin"}, "groups": {"any": ["lead"]}},
    ]));
    let token = Token::new(SECRET).text();
    let mut reason = |path: &str| {
        let call = Call { policy: Some("any"), ..Call::get(path).bearer(&token) };
        worker.decide(&call).reason()
    };
    for path in ["/api", "/admin", "/api//x", "/a%20b"] {
        assert_eq!(reason(path), None, "{path}");
    }
    for path in ["/;/admin", "/x/../admin", "//admin", "/%61dmin", "/api/../admin/x"] {
        assert_eq!(reason(path), Some(Reason::GroupMissing), "{path}");
    }
}

#[test]
fn ambiguous_request_meets_rules_that_only_the_host_chooses() {
    let mut worker =
        routes(json!([{"name": "open", "access": "public"}, {"name": "admins", "groups": {"any": ["lead"]}}]));
    let token = Token::new(SECRET).text();
    for policy in [None, Some("open")] {
        let call = |path| Call { policy, ..Call::get(path).bearer(&token) };
        assert_eq!(worker.decide(&call("/x")).reason(), None);
        assert_eq!(worker.decide(&call("/;/admin")).reason(), Some(Reason::GroupMissing));
        let doubtful = Call { authority: "admin.test:x", ..call("/x") };
        assert_eq!(worker.decide(&doubtful).reason(), Some(Reason::GroupMissing));
    }
}
