//! I: routes, open paths and CORS.

use crate::fixture::*;
use crate::stage::*;
use host_sim::Request;
use serde_json::{Value, json};

fn routes(routes: Value) -> Stage {
    Stage::new(&with(config(), "/routes", routes))
}

fn public_prefix() -> Value {
    json!([{"match": {"prefix": "/public"}, "access": "public"}])
}

/// Targets that some server takes for something below `/public`, and some for something else.
pub(crate) const AMBIGUOUS: [&str; 30] = [
    "/public/../admin",
    "/public/%2e%2e/admin",
    "/public/%2E%2E/admin",
    "/public/.%2e/admin",
    "/public/..%2fadmin",
    "/public/..%2Fadmin",
    "/public\\..\\admin",
    "/public/..\\admin",
    "/public%5c..%5cadmin",
    "/public;x/../admin",
    "/public/;/admin",
    "/public;x",
    "//public",
    "//public/x",
    "/public//x",
    "/./public",
    "/public/.",
    "/public/..",
    "/public%00",
    "/public/%00",
    "/%70ublic",
    "/%70%75blic/x",
    "http://h/public",
    "https://api.example/public",
    "/public/\u{e9}",
    "/public/%",
    "/public/%zz",
    "/public/%252e%252e/admin",
    "/public/\u{1}",
    "public",
];

#[test]
fn i01_only_an_unambiguous_path_is_open() {
    let mut stage = routes(public_prefix());
    for open in [
        "/public",
        "/public/",
        "/public/x",
        "/public/x.y",
        "/public/a%20b",
        "/public?x=/admin",
        "/public/x#y",
        "/public/...",
        "/public/..x",
    ] {
        stage.admits(open, Request::get(open));
    }
    for guarded in AMBIGUOUS.into_iter().chain([
        "",
        "*",
        "/",
        "/PUBLIC",
        "/Public",
        "/publicity",
        "/public.html",
        "/publi",
        "/admin?/public",
        "/admin#/public",
        "/public#",
        "/public#/../admin",
        "/xpublic",
    ]) {
        stage.refuses(guarded, Request::get(guarded), R401m, "no_credential");
        stage.admits("the same with a token", Request::get(guarded).bearer(&token()));
    }
    stage.refuses("OPTIONS *", Request::new("OPTIONS", "*"), R401m, "no_credential");
    stage.refuses(
        "bytes that are no text",
        Request::from_pairs(vec![
            (b":method".to_vec(), b"GET".to_vec()),
            (b":path".to_vec(), b"/public/\xff".to_vec()),
        ]),
        R401m,
        "no_credential",
    );
    let mut exact = routes(json!([{"match": {"path": "/public"}, "access": "public"}]));
    exact.admits("the path itself", Request::get("/public"));
    for other in ["/public/", "/public/x", "/publicx", "/Public", "/public;x", "/public%2f"] {
        exact.refuses(other, Request::get(other), R401m, "no_credential");
    }
}

#[test]
fn an_ambiguous_path_does_not_slip_past_a_rule_that_asks_for_more() {
    let mut stage = routes(
        json!([{"match": {"prefix": "/admin"}, "groups": {"any": ["admins"]}}, {"match": {"prefix": "/shut"}, "access": "deny"}]),
    );
    for path in [
        "/admin",
        "/x/../admin",
        "//admin",
        "/%61dmin",
        "/admin;x",
        "/./admin/x",
        "\\admin",
        "/x/..%2fadmin",
        "/x/%2e%2e/admin",
    ] {
        stage.refuses(path, Request::get(path).bearer(&token()), R403, "group_missing");
    }
    for path in ["/shut", "/x/../shut", "//shut", "/%73hut", "/shut;x"] {
        stage.refuses(path, Request::get(path).bearer(&token()), Denied, "route_denied");
    }
}

#[test]
fn i02_paths_in_other_headers_choose_no_route() {
    let mut stage = routes(public_prefix());
    for name in [
        "x-original-url",
        "x-rewrite-url",
        "x-envoy-original-path",
        "x-original-uri",
        "x-forwarded-uri",
        "x-forwarded-prefix",
    ] {
        stage.refuses(name, Request::get("/admin").header(name, "/public"), R401m, "no_credential");
    }
}

#[test]
fn i03_methods_in_other_headers_are_ignored() {
    let mut stage = routes(json!([{"match": {"prefix": "/", "methods": ["GET"]}, "access": "public"}]));
    stage.admits("GET", Request::get("/x"));
    for name in ["x-http-method-override", "x-http-method", "x-method-override"] {
        stage.refuses(name, Request::new("DELETE", "/x").header(name, "GET"), R401m, "no_credential");
    }
    stage.refuses("_method", Request::new("DELETE", "/x?_method=GET"), R401m, "no_credential");
}

#[test]
fn i04_a_method_is_compared_exactly() {
    let mut stage = routes(json!([{"match": {"prefix": "/x", "methods": ["GET"]}, "access": "public"}]));
    stage.admits("GET", Request::get("/x"));
    for method in ["get", "Get", "HEAD", "POST", "CONNECT", "TRACE", "OPTIONS", "GETX", "GE", "", "PROPFIND", " GET"] {
        let seen = stage.send(method, Request::new(method, "/x"));
        seen.is_refused_quietly(method, "no_credential");
    }
}

#[test]
fn i05_a_host_is_compared_without_case_port_and_trailing_dot() {
    let mut stage = routes(json!([
        {"match": {"prefix": "/", "hosts": ["example.com"]}, "access": "public"},
        {"match": {"prefix": "/", "hosts": ["*.example.org"]}, "access": "public"},
    ]));
    for host in [
        "example.com",
        "EXAMPLE.com",
        "example.com.",
        "example.com:8443",
        "Example.Com.:443",
        "a.example.org",
        "a.b.example.org",
        "A.EXAMPLE.ORG:80",
    ] {
        stage.admits(host, Request::get("/x").authority(host));
    }
    for host in [
        "example.com.evil.example",
        "xexample.com",
        "a.example.com",
        "example.org",
        ".example.org",
        "xexample.org",
        "example.com:x",
        "example.com@evil",
        "evil:example.com",
        "ex\u{e4}mple.com",
        "",
        "example.com..",
        "[example.com]",
        "example.com, evil",
    ] {
        stage.refuses(host, Request::get("/x").authority(host), R401m, "no_credential");
    }
}

fn preflight(method: &str, headers: &[(&str, &str)]) -> Request {
    headers.iter().fold(Request::new(method, "/x"), |request, (name, value)| request.header(name, value))
}

#[test]
fn i06_only_a_real_preflight_passes_and_only_where_it_may() {
    let (origin, asked) = (("origin", "https://x.example"), ("access-control-request-method", "PUT"));
    let mut stage = routes(json!([{"match": {"prefix": "/x"}, "cors_preflight": true}]));
    let upstream = stage.admits("a real one", preflight("OPTIONS", &[origin, asked]).header("x-auth-subject", "root"));
    assert!(upstream.values("x-auth-subject").is_empty());
    let not_one: [(&str, &[(&str, &str)]); 9] = [
        ("OPTIONS", &[origin]),
        ("OPTIONS", &[asked]),
        ("OPTIONS", &[]),
        ("OPTIONS", &[("origin", ""), asked]),
        ("OPTIONS", &[origin, ("access-control-request-method", "")]),
        ("OPTIONS", &[origin, asked, asked]),
        ("options", &[origin, asked]),
        ("GET", &[origin, asked]),
        ("POST", &[origin, asked]),
    ];
    for (method, headers) in not_one {
        stage.refuses(&format!("{method} {headers:?}"), preflight(method, headers), R401m, "no_credential");
    }
    // Envoy joins two Origin headers into one value that is no origin.
    let twice = preflight("OPTIONS", &[origin, ("origin", "https://y.example"), asked]);
    stage.refuses("two origins", twice, R401m, "no_credential");
    let mut off = Stage::new(&config());
    off.refuses("where nothing allows it", preflight("OPTIONS", &[origin, asked]), R401m, "no_credential");
    let mut ambiguous = routes(json!([{"match": {"prefix": "/public"}, "cors_preflight": true}]));
    let hidden = Request::new("OPTIONS", "/public/../admin")
        .header("origin", "https://x")
        .header("access-control-request-method", "GET");
    ambiguous.refuses("an ambiguous path", hidden, R401m, "no_credential");
}

#[test]
fn i07_the_first_match_wins_and_what_none_matches_needs_a_token() {
    let open_first =
        json!([{"match": {"prefix": "/a"}, "access": "public"}, {"match": {"prefix": "/a/b"}, "access": "deny"}]);
    let mut stage = routes(open_first);
    stage.admits("the first of two that match", Request::get("/a/b"));
    stage.refuses("neither", Request::get("/c"), R401m, "no_credential");
    let mut stage = routes(
        json!([{"match": {"prefix": "/a/b"}, "access": "deny"}, {"match": {"prefix": "/a"}, "access": "public"}]),
    );
    stage.refuses("the narrower first", Request::get("/a/b"), Denied, "route_denied");
    stage.admits("the wider one", Request::get("/a/c"));
    // A rule that the host names wins over all matches; a name that none has lets nothing in.
    let mut stage = routes(json!([{"match": {"prefix": "/"}, "access": "public"}, {"name": "strict"}]));
    stage.admits("by match", Request::get("/x"));
    stage.refuses("by name", Request::get("/x").route_policy("strict"), R401m, "no_credential");
    for unknown in ["strictly", "Strict", "strict ", "\u{fffd}"] {
        stage.refuses(unknown, Request::get("/x").route_policy(unknown), Denied, "route_denied");
    }
}

#[test]
fn i09_upgrades_and_grpc_take_the_same_line() {
    let mut stage = Stage::new(&config());
    let upgrade = || Request::get("/ws").header("connection", "upgrade").header("upgrade", "websocket");
    let connect = || Request::new("CONNECT", "/ws").header(":protocol", "websocket");
    let grpc = || {
        Request::new("POST", "/pkg.Service/Method").header("content-type", "application/grpc").header("te", "trailers")
    };
    stage.refuses("websocket", upgrade(), R401m, "no_credential");
    stage.refuses("websocket over HTTP/2", connect(), R401m, "no_credential");
    let seen = stage.send("gRPC", grpc());
    seen.is_refused("gRPC", R401m, "no_credential");
    assert_eq!(seen.outcome.local_reply().map(|reply| reply.grpc_status), Some(16));
    for (what, request) in [("websocket", upgrade()), ("websocket over HTTP/2", connect()), ("gRPC", grpc())] {
        let upstream = stage.admits(what, request.bearer(&token()).header("x-auth-subject", "root"));
        assert_eq!(upstream.values("x-auth-subject"), ["alice"]);
    }
}

#[test]
fn i10_a_host_in_the_target_or_in_a_second_header_chooses_no_route() {
    let mut stage = routes(json!([{"match": {"prefix": "/", "hosts": ["open.example"]}, "access": "public"}]));
    stage.admits("the authority", Request::get("/x").authority("open.example"));
    for request in [
        Request::get("http://open.example/x").authority("api.example"),
        Request::get("/x").authority("api.example").header("host", "open.example"),
        Request::get("/x").authority("api.example").header("x-forwarded-host", "open.example"),
        Request::get("http://api.example/x").authority("open.example"),
        Request::get("/x").authority("api.example").header(":authority", "open.example"),
    ] {
        let seen = stage.send("another host", request);
        seen.is_refused_quietly("another host", "no_credential");
    }
}
