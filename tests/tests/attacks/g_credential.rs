//! G: finding the token.

use crate::fixture::*;
use crate::stage::*;
use host_sim::{Answer, CalloutOutcome, Request};
use serde_json::{Value, json};
use std::time::Duration;

/// The configuration with these places for a token.
pub(crate) fn sources(places: Value) -> Value {
    with(config(), "/token_sources", places)
}

fn bearer_and(place: Value) -> Value {
    sources(json!([{"header": "authorization", "scheme": "Bearer"}, place]))
}

fn authorization(value: impl AsRef<[u8]>) -> Request {
    Request::get("/orders").header("authorization", value)
}

#[test]
fn g01_no_token_is_told_from_a_malformed_one() {
    let mut stage = Stage::new(&config());
    stage.refuses("no header", Request::get("/orders"), R401m, "no_credential");
    for other in ["Basic YTpi", "", "Digest x", "Bearerx", "Token x", "DPoP x"] {
        stage.refuses(other, authorization(other), R401m, "no_credential");
    }
    for nothing in ["Bearer", "Bearer ", "Bearer   ", "bearer"] {
        stage.refuses(nothing, authorization(nothing), R400, "credential_malformed");
    }
}

#[test]
fn g02_the_scheme_has_no_case_and_spaces_but_no_tab_behind_it() {
    let mut stage = Stage::new(&config());
    for scheme in ["Bearer ", "bearer ", "BEARER ", "BeArEr ", "Bearer  ", "Bearer     "] {
        stage.admits(scheme, authorization(format!("{scheme}{}", token())));
    }
    for scheme in ["Bearer\t", "Bearer \t", "Bearer  \t"] {
        stage.refuses(scheme, authorization(format!("{scheme}{}", token())), R400, "credential_malformed");
    }
    for other in ["Bearer:", "Bearer=", "Bearer\u{a0}", " Bearer "] {
        stage.refuses(other, authorization(format!("{other}{}", token())), R401m, "no_credential");
    }
}

#[test]
fn g03_two_authorization_headers_are_refused_in_any_order() {
    let good = format!("Bearer {}", token());
    let pairs = [
        [good.as_str(), &good],
        [&good, "Bearer x"],
        ["Bearer x", &good],
        [&good, "Basic YTpi"],
        ["Basic YTpi", &good],
    ];
    for native in [false, true] {
        // Envoy joins the two with a comma; other hosts hand over both, which a raw header of our own shows here.
        let (name, places) = match native {
            false => ("authorization", json!([{"header": "authorization", "scheme": "Bearer"}])),
            true => ("x-token", json!([{"header": "x-token", "scheme": "Bearer"}])),
        };
        let mut stage = Stage::new(&sources(places));
        for [first, second] in pairs {
            let request = Request::get("/orders").header(name, first).header(name, second);
            stage.refuses(&format!("{name}: {first:.12}+{second:.12}"), request, R400, "credentials_conflict");
        }
        let mixed = Request::get("/orders").header(name.to_ascii_uppercase(), &good).header(name, &good);
        stage.refuses("names in different case", mixed, R400, "credentials_conflict");
    }
}

#[test]
fn g04_a_list_of_tokens_is_refused() {
    let (mut stage, good) = (Stage::new(&config()), token());
    for list in [
        format!("Bearer {good}, Bearer {good}"),
        format!("Bearer {good},{good}"),
        format!("Bearer a, Bearer {good}"),
        format!("Bearer {good},"),
    ] {
        stage.refuses(&list[..12], authorization(&list), R400, "credentials_conflict");
    }
}

#[test]
fn g05_one_token_in_two_places_is_refused_even_if_it_is_the_same() {
    let places = json!([{"header": "authorization", "scheme": "Bearer"}, {"header": "x-token"}, {"cookie": "id"}, {"query": "access_token"}]);
    let (mut stage, good) = (Stage::new(&sources(places)), token());
    let put = |request: Request, place: usize, token: &str| match place {
        0 => request.bearer(token),
        1 => request.header("x-token", token),
        _ => request.header("cookie", format!("id={token}")),
    };
    let in_query = format!("/orders?access_token={good}");
    for first in 0..4 {
        let request = if first == 3 { Request::get(&in_query) } else { put(Request::get("/orders"), first, &good) };
        stage.admits(&format!("place {first} alone"), request);
        for second in 0..3 {
            let begin = if first == 3 { Request::get(&in_query) } else { put(Request::get("/orders"), first, &good) };
            if first != second {
                for other in [good.as_str(), "garbage"] {
                    let request = put(begin.clone(), second, other);
                    stage.refuses(&format!("places {first} and {second}"), request, R400, "credentials_conflict");
                }
            }
        }
    }
}

#[test]
fn g06_bytes_that_are_no_text_are_refused_without_a_trap() {
    let mut stage = Stage::new(&sources(
        json!([{"header": "authorization", "scheme": "Bearer"}, {"header": "x-token"}, {"cookie": "id"}]),
    ));
    for byte in 0x80..=0xff_u8 {
        let token = [token().as_bytes(), &[byte]].concat();
        stage.refuses(&format!("{byte:#x}"), orders(&token), R401, "token_malformed");
        stage.refuses(
            &format!("raw {byte:#x}"),
            Request::get("/orders").header("x-token", &token),
            R401,
            "token_malformed",
        );
        let cookie = Request::get("/orders").header("cookie", [b"id=", token.as_slice()].concat());
        stage.refuses(&format!("cookie {byte:#x}"), cookie, R401, "token_malformed");
        stage.refuses(&format!("scheme {byte:#x}"), authorization([byte, b' ', b'x']), R401m, "no_credential");
    }
}

#[test]
fn g07_a_cookie_is_found_by_its_exact_name_and_only_once() {
    let (mut stage, good) = (Stage::new(&sources(json!([{"cookie": "jwt"}]))), token());
    let cookies = |values: &[String]| {
        values.iter().fold(Request::get("/orders"), |request, value| request.header("cookie", value))
    };
    let admitted: [&[String]; 6] = [
        &[format!("jwt={good}")],
        &[format!("a=1; jwt={good}; b=2")],
        &[format!("a=1;jwt={good}")],
        &[format!("jwt=\"{good}\"")],
        &["a=1".to_owned(), format!("jwt={good}"), "b=2".to_owned()],
        &[format!("xjwt=x; jwt2=y; JWT=z; jwt={good}")],
    ];
    for values in admitted {
        stage.admits(&format!("{}", values.len()), cookies(values));
    }
    for other in [
        format!("xjwt={good}"),
        format!("jwtx={good}"),
        format!("JWT={good}"),
        format!("a=jwt={good}"),
        "jwt".to_owned(),
        format!("a=\"; x=jwt={good}"),
    ] {
        stage.refuses(&other[..5.min(other.len())], cookies(std::slice::from_ref(&other)), R401m, "no_credential");
    }
    for twice in [
        vec![format!("jwt={good}; jwt={good}")],
        vec![format!("jwt={good}"), "jwt=x".to_owned()],
        vec!["jwt=; ".to_owned() + &format!("jwt={good}")],
    ] {
        stage.refuses("twice", cookies(&twice), R400, "credentials_conflict");
    }
    for nothing in ["jwt=", "jwt=\"\"", "a=1; jwt= "] {
        stage.refuses(nothing, cookies(&[nothing.to_owned()]), R400, "credential_malformed");
    }
}

#[test]
fn g08_a_token_in_the_query_is_found_once_and_taken_out() {
    let (mut stage, good) = (Stage::new(&bearer_and(json!({"query": "access_token"}))), token());
    let dotless = good.replace('.', "%2E");
    let admitted = [
        (format!("/orders?access_token={good}"), "/orders"),
        (format!("/orders?a=1&access_token={good}&b=2"), "/orders?a=1&b=2"),
        (format!("/orders?access_token={dotless}&a=%20"), "/orders?a=%20"),
        (format!("/orders?access%5Ftoken={good}"), "/orders"),
        (format!("/orders?access_token={good}#f"), "/orders#f"),
    ];
    for (target, left) in admitted {
        let upstream = stage.admits(left, Request::get(&target));
        assert_eq!(upstream.values(":path"), [left]);
    }
    for target in [
        format!("/orders#?access_token={good}"),
        format!("/orders;access_token={good}"),
        format!("/access_token={good}"),
        format!("/orders?ACCESS_TOKEN={good}"),
        format!("/orders?xaccess_token={good}"),
    ] {
        stage.refuses(&target[..20], Request::get(&target), R401m, "no_credential");
    }
    for target in [
        format!("/orders?access_token={good}&access_token={good}"),
        format!("/orders?access_token={good}&access%5ftoken=x"),
    ] {
        stage.refuses("twice", Request::get(&target), R400, "credentials_conflict");
    }
    for target in ["/orders?access_token=", "/orders?access_token"] {
        stage.refuses(target, Request::get(target), R400, "credential_malformed");
    }
    stage.refuses("a bad one", Request::get(&format!("/orders?access_token={good}x")), R401, "token_malformed");
}

#[test]
fn g09_a_header_that_is_spelled_almost_like_it_is_not_read() {
    // A host refuses a space in a name over HTTP/1 (RFC 9112 section 5.1); whatever gets here is another header.
    let mut stage = Stage::new(&config());
    for name in
        ["authorization_", "authorization ", "_authorization", "authorisation", "authorization\0", "x-authorization"]
    {
        let request = Request::get("/orders").header(name, format!("Bearer {}", token()));
        stage.refuses(name, request, R401m, "no_credential");
    }
    for name in ["Authorization", "AUTHORIZATION"] {
        stage.admits(name, Request::get("/orders").header(name, format!("Bearer {}", token())));
    }
}

#[test]
fn g10_proxy_authorization_is_somebody_elses() {
    let mut stage = Stage::new(&config());
    let proxy = || Request::get("/orders").header("proxy-authorization", format!("Bearer {}", token()));
    stage.refuses("alone", proxy(), R401m, "no_credential");
    stage.admits("beside our own", proxy().bearer(&token()));
}

#[test]
fn g11_a_token_in_the_trailers_comes_too_late() {
    let request = Request::new("POST", "/orders").trailer("authorization", format!("Bearer {}", token()));
    Stage::new(&config()).refuses("trailers", request, R401m, "no_credential");
}

/// What Envoy's access log shows as `%REQ(:PATH)%`.
fn logged_path(seen: &Seen) -> String {
    let path = seen.report.logged_headers.iter().find(|(name, _)| name == b":path");
    path.map(|(_, path)| String::from_utf8_lossy(path).into_owned()).expect("a path")
}

#[test]
fn g12_refused_query_token_leaves_the_path() {
    let routes = json!([
        {"match": {"prefix": "/closed"}, "access": "deny"},
        {"match": {"prefix": "/admin"}, "groups": {"any": ["admin"]}},
    ]);
    let configuration = with(bearer_and(json!({"query": "access_token"})), "/routes", routes);
    let mut stage =
        Stage::new(&with(configuration, "/resources", json!([{"name": "r", "resource": "https://api.test/r"}])));
    let good = token();
    let expired = token_of(&claims_with(json!({"exp": NOW - 3600, "iat": NOW - 7200})));
    for (target, reason, left) in [
        (format!("/orders?access_token={expired}"), "token_expired", "/orders"),
        (format!("/orders?a=1&access%5Ftoken={good}x&b"), "token_malformed", "/orders?a=1&b"),
        (format!("/admin?access_token={good}"), "group_missing", "/admin"),
        (format!("/closed/x?access_token={good}#f"), "route_denied", "/closed/x#f"),
        (format!("/orders?access_token={good}&&access_token=x"), "credentials_conflict", "/orders?"),
        (format!("//orders?access_token={expired}"), "token_expired", "//orders"),
        ("/orders?access_token=&a".to_owned(), "credential_malformed", "/orders?a"),
    ] {
        let seen = stage.send(&target, Request::get(&target));
        seen.is_refused_quietly(&target, reason);
        assert_eq!(logged_path(&seen), left);
    }
    let both = stage.send("beside a header", Request::get(&format!("/orders?access_token={good}")).bearer(&good));
    both.is_refused("beside a header", R400, "credentials_conflict");
    assert_eq!(logged_path(&both), "/orders");
    let document = "/.well-known/oauth-protected-resource/r";
    let answered = stage.send("the metadata", Request::get(&format!("{document}?access_token={good}")));
    assert_eq!((answered.outcome.status(), logged_path(&answered).as_str()), (Some(200), document));
    let untouched = stage.send("no token", Request::get("/orders?a=1&&b"));
    assert_eq!(logged_path(&untouched), "/orders?a=1&&b");
    // The parameters of a target that is not UTF-8 cannot be told apart.
    let odd = [b"/orders?\xff&access_token=".as_slice(), good.as_bytes()].concat();
    let mut headers = Request::get("").headers().to_vec();
    headers.iter_mut().filter(|(name, _)| name == b":path").for_each(|(_, value)| value.clone_from(&odd));
    let seen = stage.send("not UTF-8", Request::from_pairs(headers));
    seen.is_refused("not UTF-8", R401m, "no_credential");
    assert!(!logged_path(&seen).contains(&good), "{}", logged_path(&seen));
}

#[test]
fn g13_query_token_is_hidden_after_a_wait_in_vain() {
    let configuration = with(remote_config(), "/token_sources", json!([{"query": "access_token"}]));
    let target = format!("/orders?access_token={}&b=1", token());
    // A provider that cannot be reached, one that never answers, and no room to wait.
    for (what, answer, reason) in [
        ("unreachable", Answer::soon(CalloutOutcome::ConnectFailure), "keys_unavailable"),
        ("silent", Answer { after: Duration::from_secs(3600), outcome: CalloutOutcome::Timeout }, "keys_unavailable"),
    ] {
        let mut stage = Stage::new(&configuration);
        stage.serve(JWKS, answer);
        let seen = stage.send(what, Request::get(&target));
        seen.is_refused(what, R503, reason);
        assert_eq!(logged_path(&seen), "/orders?b=1", "{what}");
    }
    let mut crowded = Stage::new(&with(configuration, "/limits", json!({"waiting_requests": 0})));
    let seen = crowded.send("crowded", Request::get(&target));
    seen.is_refused("crowded", R503, "too_many_waiting");
    assert_eq!(logged_path(&seen), "/orders?b=1");
}

#[test]
fn g14_query_keeps_every_other_byte() {
    let (mut stage, good) = (Stage::new(&bearer_and(json!({"query": "t"}))), token());
    for (target, left) in [
        (format!("/o?a=b&&t={good}&&c=d"), "/o?a=b&&&c=d"),
        (format!("/o?&&t={good}"), "/o?&"),
        (format!("/o?t={good}&&"), "/o?&"),
        (format!("/o?t={good}&a=%7e;b=+&=&?"), "/o?a=%7e;b=+&=&?"),
    ] {
        assert_eq!(stage.admits(left, Request::get(&target)).values(":path"), [left]);
    }
}

#[test]
fn g15_empty_authorization_is_nothing_to_envoy() {
    let mut stage = Stage::new(&config());
    let bearer = format!("Bearer {}", token());
    for lines in [["", bearer.as_str()], [bearer.as_str(), ""]] {
        let request = lines.iter().fold(Request::get("/o"), |request, line| request.header("authorization", line));
        stage.admits("an empty line", request);
    }
    let request = ["", bearer.as_str(), "", bearer.as_str()]
        .iter()
        .fold(Request::get("/o"), |request, line| request.header("authorization", line));
    stage.refuses("two tokens", request, R400, "credentials_conflict");
}

#[test]
fn g16_flood_of_refusals_writes_a_bounded_log() {
    let mut stage = Stage::new(&config());
    let flood = |stage: &mut Stage, count: usize| -> Vec<String> {
        let sent = (0..count).flat_map(|_| stage.send("flood", Request::get("/o")).log);
        sent.map(|line| line.text).collect()
    };
    let lines = flood(&mut stage, 100);
    assert_eq!(lines, vec![r#"{"claimgate":"refuse","reason":"no_credential"}"#; 10]);
    // Another reason is not affected, and an admitted request ends the count of a second that is over.
    let other = stage.refuses("another", orders("x"), R401, "token_malformed");
    assert_eq!(other.log.len(), 1);
    stage.pass(Duration::from_secs(1));
    let admitted = stage.send("good", orders(token()));
    let repeated: Vec<&str> = admitted.log.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(repeated, [r#"{"claimgate":"refuse","reason":"no_credential","repeated":90}"#]);
    assert_eq!(flood(&mut stage, 20).len(), 10);
    stage.pass(Duration::from_secs(1));
    assert_eq!(flood(&mut stage, 1).len(), 2);
    assert_eq!(stage.host.metrics()["claimgate.refused.reason.no_credential"], 121);

    let mut silent = Stage::new(&with(config(), "/audit", json!("none")));
    assert!(flood(&mut silent, 20).is_empty());
    silent.pass(Duration::from_secs(1));
    assert!(flood(&mut silent, 1).is_empty());
}

#[test]
fn g17_metadata_preflight_is_answered_by_the_filter() {
    let resources = json!([{"name": "mcp", "resource": "https://api.example/mcp"}]);
    let configuration = with(config(), "/resources", resources);
    let mut stage = Stage::new(&with(configuration, "/default_route", json!({"access": "deny"})));
    let path = "/.well-known/oauth-protected-resource/mcp";
    let preflight = |path: &str| {
        let request = Request::new("OPTIONS", path).header("origin", "https://app.test");
        request.header("access-control-request-method", "GET")
    };
    let asked = preflight(path).header("access-control-request-headers", "mcp-protocol-version,x-a");
    let seen = stage.send("its preflight", asked);
    let reply = seen.outcome.local_reply().expect("an answer");
    assert_eq!((reply.status, reply.body.as_slice(), seen.reason), (204, &b""[..], None));
    assert_eq!(reply.values("access-control-allow-origin"), ["*"]);
    assert_eq!(reply.values("access-control-allow-methods"), ["GET"]);
    assert_eq!(reply.values("access-control-allow-headers"), ["mcp-protocol-version,x-a"]);
    // Names of headers are all that is repeated.
    for odd in ["x: y", "<script>", "a\r\nx: y", &"a".repeat(513)] {
        let seen = stage.send("odd names", preflight(path).header("access-control-request-headers", odd));
        let reply = seen.outcome.local_reply().expect("an answer");
        assert_eq!((reply.status, reply.values("access-control-allow-headers").len()), (204, 0), "{odd:?}");
    }
    stage.refuses("another path", preflight("/mcp"), Denied, "route_denied");
    stage.refuses("no preflight", Request::new("OPTIONS", path), Denied, "route_denied");
    let twice = preflight(path).header("access-control-request-method", "GET");
    stage.refuses("two methods", twice, Denied, "route_denied");
}

#[test]
fn g18_top_level_cors_preflight_holds_for_every_rule() {
    let routes = json!([
        {"match": {"prefix": "/closed"}, "access": "deny"},
        {"match": {"prefix": "/own"}, "cors_preflight": false},
        {"match": {"prefix": "/api", "methods": ["PUT"]}, "groups": {"any": ["x"]}},
    ]);
    let mut stage = Stage::new(&with(with(config(), "/routes", routes), "/cors_preflight", json!(true)));
    let preflight = |path: &str| {
        let request = Request::new("OPTIONS", path).header("origin", "https://app.test");
        request.header("access-control-request-method", "PUT")
    };
    for path in ["/", "/orders", "/api/x"] {
        stage.admits(path, preflight(path));
        stage.refuses(path, Request::new("OPTIONS", path), R401m, "no_credential");
        stage.refuses(path, Request::new("PUT", path), R401m, "no_credential");
    }
    stage.refuses("its own word", preflight("/own"), R401m, "no_credential");
    stage.refuses("a closed route", preflight("/closed"), Denied, "route_denied");
    stage.refuses("an ambiguous path", preflight("//orders"), R401m, "no_credential");
}
