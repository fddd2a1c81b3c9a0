//! H: identity headers, which are what everything else is for.

use std::time::Duration;

use crate::fixture::*;
use crate::g_credential::sources;
use crate::stage::*;
use host_sim::{Ability, Answer, Outcome, Request, Upstream};
use serde_json::{Value, json};

/// What a client sends to be taken for root.
fn spoofed(request: Request) -> Request {
    ["x-auth-subject", "X-Auth-Groups", "x_auth_email", "x-user-id"]
        .into_iter()
        .fold(request, |request, name| request.header(name, "root"))
}

/// The configuration with `x-user-id` from the claim `uid`.
fn named() -> Value {
    with(config(), "/identity_headers", json!({"claims": {"x-user-id": "uid"}}))
}

fn nothing_forged(what: &str, upstream: &Upstream) {
    let values = upstream.headers.iter().chain(upstream.trailers.iter().flatten());
    for (name, value) in values {
        assert!(!String::from_utf8_lossy(value).contains("root"), "{what}: {}", String::from_utf8_lossy(name));
    }
}

#[test]
fn h01_forged_identity_headers_go_on_every_path() {
    let routes = json!([
        {"match": {"prefix": "/public"}, "access": "public"},
        {"match": {"prefix": "/optional"}, "access": "optional"},
        {"match": {"prefix": "/cors"}, "cors_preflight": true},
        {"match": {"prefix": "/deny"}, "access": "deny"},
    ]);
    let mut stage = Stage::new(&with(named(), "/routes", routes.clone()));
    let preflight =
        Request::new("OPTIONS", "/cors").header("origin", "https://x").header("access-control-request-method", "PUT");
    for (what, request) in [
        ("a valid token", orders(token())),
        ("no token on an optional route", Request::get("/optional")),
        ("a token on an optional route", Request::get("/optional").bearer(&token())),
        ("a public route", Request::get("/public/x")),
        ("a token on a public route", Request::get("/public/x").bearer(&token())),
        ("a CORS preflight", preflight),
    ] {
        nothing_forged(what, &stage.admits(what, spoofed(request)));
    }
    stage.refuses("a closed route", spoofed(Request::get("/deny")), Denied, "route_denied");
    stage.refuses("a bad token", spoofed(orders("x")), R401, "token_malformed");
    // While the keys are missing: held, and stripped when they come; open routes are stripped at once.
    let remote =
        with(with(remote_config(), "/routes", routes), "/identity_headers", json!({"claims": {"x-user-id": "uid"}}));
    let mut stage = Stage::new(&remote);
    nothing_forged("public without keys", &stage.admits("public without keys", spoofed(Request::get("/public"))));
    stage.serve(JWKS, key_set([signer().jwk()]).after(Duration::from_millis(700)));
    nothing_forged("held", &stage.send("held", spoofed(orders(token()))).is_admitted("held"));
}

#[test]
fn h02_an_absent_claim_leaves_no_header_not_the_clients_own() {
    let upstream = Stage::new(&named()).admits("absent", spoofed(orders(token())));
    for name in ["x-user-id", "x-auth-groups", "x-auth-email", "x-auth-username", "x-auth-client", "x-auth-scopes"] {
        assert!(upstream.values(name).is_empty(), "{name}: {upstream:?}");
    }
    assert_eq!(upstream.values("x-auth-subject"), ["alice"]);
}

#[test]
fn h03_every_copy_in_every_case_goes() {
    let request = ["x-user-id", "X-User-Id", "X-USER-ID", "x-uSER-id"]
        .into_iter()
        .fold(orders(token()), |r, name| r.header(name, "root").header(name, "root"));
    nothing_forged("copies", &Stage::new(&named()).admits("copies", request));
}

#[test]
fn h04_every_spelling_that_a_backend_may_fold_into_ours_goes() {
    let mut stage = Stage::new(&named());
    for mark in "!#$%&'*+.^_`|~".chars() {
        for name in [format!("x{mark}user{mark}id"), format!("x-user{mark}id"), format!("X{mark}AUTH-Subject")] {
            nothing_forged(&name, &stage.admits(&name, orders(token()).header(&name, "root")));
            let trailer = Request::new("POST", "/orders").bearer(&token()).trailer(&name, "root");
            nothing_forged(&name, &stage.admits(&name, trailer));
        }
    }
    let others = ["x-user-id2", "xx-user-id", "x-user", "x--user-id", "xuser-id", "x-user-i"];
    let request = others.into_iter().fold(orders(token()), |request, name| request.header(name, "kept"));
    let upstream = stage.admits("other headers", request);
    assert!(others.into_iter().all(|name| upstream.values(name) == ["kept"]), "{upstream:?}");
}

#[test]
fn h05_identity_headers_in_trailers_go() {
    let mut stage =
        Stage::new(&with(named(), "/routes", json!([{"match": {"prefix": "/public"}, "access": "public"}])));
    for request in [Request::new("POST", "/orders").bearer(&token()), Request::new("POST", "/public")] {
        let request = request
            .body("text")
            .trailer("x-auth-subject", "root")
            .trailer("X-User-ID", "root")
            .trailer("x_auth_groups", "root")
            .trailer("checksum", "1");
        let upstream = stage.admits("trailers", request);
        nothing_forged("trailers", &upstream);
        assert_eq!(upstream.trailers, Some(vec![(b"checksum".to_vec(), b"1".to_vec())]));
    }
}

#[test]
fn h06_one_value_is_written_even_where_replacing_changes_only_the_first() {
    for first_only in [false, true] {
        let mut stage = Stage::on(module(), &named(), |builder| {
            builder.settings(|settings| settings.replace_first_only = first_only)
        });
        let request = orders(token_of(&claims_with(json!({"uid": "u1"}))))
            .header("x-user-id", "a")
            .header("x-user-id", "b")
            .header("x-auth-subject", "c")
            .header("x-auth-subject", "d");
        let upstream = stage.admits("several", request);
        assert_eq!(
            (upstream.values("x-user-id"), upstream.values("x-auth-subject")),
            (vec!["u1".to_owned()], vec!["alice".to_owned()])
        );
    }
}

#[test]
fn h07_nominating_a_header_as_hop_by_hop_does_not_take_it_away() {
    let request = orders(token()).header("connection", "x-auth-subject, x-user-id, close");
    let upstream = Stage::new(&named()).admits("Connection", request);
    assert_eq!(upstream.values("x-auth-subject"), ["alice"]);
}

#[test]
fn h15_the_token_goes_on_unchanged_or_not_at_all() {
    let good = token();
    let places = json!([{"header": "authorization", "scheme": "Bearer"}, {"header": "x-token"}, {"cookie": "id"}, {"query": "t"}]);
    let requests = || {
        [
            orders(&good),
            Request::get("/orders").header("x-token", &good),
            Request::get("/orders").header("cookie", format!("a=1; id={good}; b=\"2\"")),
            Request::get("/orders").header("cookie", format!("id={good}")),
            Request::get(&format!("/orders?a=1&t={good}")),
        ]
    };
    let mut stage = Stage::new(&sources(places.clone()));
    for request in requests() {
        let upstream = stage.admits("removed", request);
        assert!(
            !format!(
                "{:?}",
                upstream.headers.iter().map(|(_, v)| String::from_utf8_lossy(v).into_owned()).collect::<Vec<_>>()
            )
            .contains(&good)
        );
        assert!(
            upstream.values("cookie").iter().all(|cookies| cookies == "a=1; b=\"2\""),
            "{:?}",
            upstream.values("cookie")
        );
    }
    let mut stage = Stage::new(&with(sources(places), "/forward_token", json!(true)));
    for request in requests() {
        let before = request.headers().to_vec();
        let upstream = stage.admits("forwarded", request);
        assert!(before.iter().all(|pair| upstream.headers.contains(pair)), "{upstream:?}");
    }
}

#[test]
fn h16_a_header_with_a_meaning_of_its_own_carries_no_identity() {
    for name in [
        ":path",
        ":authority",
        "host",
        "authorization",
        "proxy-authorization",
        "connection",
        "content-length",
        "content-type",
        "transfer-encoding",
        "cookie",
        "set-cookie",
        "te",
        "upgrade",
        "x-forwarded-for",
        "X-Forwarded-User",
        "x-envoy-original-path",
        "",
        "x user",
        "x\u{e9}",
        "x:y",
        "x\n",
    ] {
        for (headers, path) in [
            (json!({"subject": name}), "identity_headers.subject".to_owned()),
            (json!({"claims": {name: "tid"}}), "identity_headers.claims".to_owned()),
        ] {
            refuses_configuration(with(config(), "/identity_headers", headers).to_string(), &path);
        }
    }
}

#[test]
fn h17_one_header_carries_one_thing() {
    for (headers, path) in [
        (json!({"subject": "x-user", "email": "X-User"}), "identity_headers.email"),
        (json!({"subject": "x-auth-email"}), "identity_headers.email"),
        (json!({"subject": "x-user", "claims": {"X-USER": "tid"}}), "identity_headers.claims"),
        (json!({"claims": {"x-user": "a", "X-User": "b"}}), "identity_headers.claims"),
        // Two names that a backend folds into one variable are one header as well.
        (json!({"subject": "x-user-id", "email": "x_user_id"}), "identity_headers.email"),
        (json!({"claims": {"x_auth_subject": "a"}}), "identity_headers.claims"),
    ] {
        refuses_configuration(with(config(), "/identity_headers", headers).to_string(), path);
    }
    let overlap = sources(json!([{"header": "x-auth-subject"}]));
    refuses_configuration(overlap.to_string(), "token_sources[0].header");
}

#[test]
fn h18_responses_carry_no_identity() {
    let mut stage = Stage::new(&config());
    let id = stage.open(0, orders(token()));
    assert!(matches!(stage.host.outcome(id), Outcome::Upstream(_)));
    let shown =
        stage.host.respond(id, vec![(b":status".to_vec(), b"200".to_vec()), (b"x-own".to_vec(), b"1".to_vec())], true);
    assert_eq!(shown, [(b":status".to_vec(), b"200".to_vec()), (b"x-own".to_vec(), b"1".to_vec())]);
    stage.host.finish(id);
    stage.check_health("a response");
    for (what, request) in [
        ("refused", orders("x")),
        ("expired", orders(token_of(&claims_with(json!({"exp": NOW - 100, "iat": NOW - 200}))))),
    ] {
        let seen = stage.send(what, request);
        assert!(
            !format!(
                "{:?}",
                seen.report
                    .response_headers
                    .iter()
                    .map(|(name, _)| String::from_utf8_lossy(name).into_owned())
                    .collect::<Vec<_>>()
            )
            .contains("x-auth")
        );
    }
}

#[test]
fn headers_that_cannot_be_written_keep_the_request_from_going_on() {
    for hostcall in ["proxy_add_header_map_value", "proxy_remove_header_map_value"] {
        let mut stage = Stage::on(module(), &config(), |builder| {
            builder.restrict_hostcall(hostcall).without(Ability::ForeignFunctions)
        });
        stage.serve(JWKS, Answer::status(404));
        stage.refuses(hostcall, spoofed(orders(token())), R503, "internal");
    }
}
