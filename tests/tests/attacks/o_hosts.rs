//! O14 to O22: the two modules, and hosts that are not Envoy.

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::time::Duration;

use crate::fixture::*;
use crate::o_hostcalls::HOSTCALLS;
use crate::stage::*;
use host_sim::{Host, Module, Occurrence, Outcome, Profile, Request, Status};
use serde_json::{Value, json};

/// The callbacks that Envoy's module has a use for.
const USED: [&str; 7] = [
    "proxy_on_context_create",
    "proxy_on_configure",
    "proxy_on_tick",
    "proxy_on_http_call_response",
    "proxy_on_request_headers",
    "proxy_on_request_trailers",
    "proxy_on_delete",
];

/// The callbacks of ABI 0.2.1 that some other host calls whether they are exported or not.
const REGARDLESS: [&str; 20] = [
    "proxy_on_vm_start",
    "proxy_on_done",
    "proxy_on_log",
    "proxy_on_request_body",
    "proxy_on_request_metadata",
    "proxy_on_response_headers",
    "proxy_on_response_body",
    "proxy_on_response_trailers",
    "proxy_on_response_metadata",
    "proxy_on_new_connection",
    "proxy_on_downstream_data",
    "proxy_on_upstream_data",
    "proxy_on_downstream_connection_close",
    "proxy_on_upstream_connection_close",
    "proxy_on_queue_ready",
    "proxy_on_foreign_function",
    "proxy_on_grpc_receive_initial_metadata",
    "proxy_on_grpc_receive",
    "proxy_on_grpc_receive_trailing_metadata",
    "proxy_on_grpc_close",
];

fn generic(configuration: Value) -> Value {
    with(configuration, "/host", json!("generic"))
}

/// The generic module in nginx.
fn nginx(configuration: Value) -> Stage {
    Stage::on(generic_module(), &generic(configuration), |builder| {
        builder.profile(Profile::Nginx).reload_after(Duration::ZERO)
    })
}

/// The line that refuses a configuration, if it is refused.
fn refusal(module: &Module, configuration: &Value) -> Option<String> {
    let mut host = Host::builder(module).now(NOW).build();
    let rejected = host.configure(configuration.to_string().as_bytes()).err()?;
    rejected.log.last().map(|line| line.text.clone())
}

fn callbacks(module: &Module) -> BTreeSet<String> {
    let exports = module.exports().into_iter();
    exports.filter(|name| name.starts_with("proxy_on_") && name != "proxy_on_memory_allocate").collect()
}

#[test]
fn o14_each_module_refuses_host_of_other() {
    let explicit = with(config(), "/host", json!("envoy"));
    for accepted in [&config(), &explicit] {
        assert_eq!(refusal(module(), accepted), None);
        let line = refusal(generic_module(), accepted).expect("the default counts on Envoy");
        assert!(line.starts_with("configuration refused: host: ") && line.contains("claimgate.wasm"), "{line}");
    }
    assert_eq!(refusal(generic_module(), &generic(config())), None);
    let line = refusal(module(), &generic(config())).expect("it lacks callbacks");
    assert!(line.starts_with("configuration refused: host: ") && line.contains("claimgate-generic.wasm"), "{line}");
}

#[test]
fn o15_generic_module_exports_every_callback() {
    let used: BTreeSet<String> = USED.map(str::to_owned).into();
    let regardless: BTreeSet<String> = REGARDLESS.map(str::to_owned).into();
    assert_eq!(callbacks(module()), used, "a callback costs every request on Envoy");
    assert_eq!(callbacks(generic_module()), &used | &regardless);
    let imports = |module: &Module| module.imports().into_iter().collect::<BTreeSet<_>>();
    assert_eq!(imports(generic_module()), imports(module()));
}

#[test]
fn o16_nginx_does_not_load_envoy_module() {
    let mut host = Host::builder(module()).profile(Profile::Nginx).now(NOW).build();
    let rejected = host.configure(config().to_string().as_bytes()).expect_err("it has no proxy_on_vm_start");
    assert!(rejected.reason.contains("missing one of"), "{rejected}");
    assert_eq!(host.request(0, orders(token())).outcome.status(), Some(500));
}

/// Requests that no host may let through, each for another reason.
fn hostile() -> Vec<(&'static str, Request)> {
    let forged = |request: Request| request.header("X-Auth-Subject", "root");
    vec![
        ("no token", Request::get("/orders")),
        ("a bad signature", orders(stranger().token(&claims()))),
        ("an unknown key", orders(token_under(header(json!({"kid": "unknown"}))))),
        ("an expired token", orders(token_of(&claims_with(json!({"exp": NOW - 3600}))))),
        ("a closed route", Request::get("/closed").bearer(&token())),
        ("a forged header", forged(orders(token()))),
        ("a forged header on an open route", forged(Request::get("/public"))),
        ("a token of an issuer without keys", orders(token_of(&claims_with(json!({"iss": "https://cold.example"}))))),
        ("with a body", Request::new("POST", "/orders").body("{}")),
    ]
}

fn guarded() -> Value {
    let cold = json!({"name": "cold", "issuer": "https://cold.example", "audiences": ["api"],
                      "keys": {"jwks_uri": "https://cold.example/keys", "cluster": "cold.example:443"}});
    let routes =
        json!([{"match": {"path": "/closed"}, "access": "deny"}, {"match": {"path": "/public"}, "access": "public"}]);
    with(with(config(), "/issuers/-", cold), "/routes", routes)
}

#[test]
fn o17_host_that_holds_no_pause_lets_nobody_in() {
    let mut tried = 0;
    for hostcall in HOSTCALLS {
        let mut stage = nginx(guarded());
        for status in Status::ALL {
            for occurrence in [Occurrence::Every, Occurrence::Nth(1), Occurrence::Nth(2)] {
                // What says that it was done is believed.
                if status == Status::Ok {
                    continue;
                }
                for (what, request) in hostile() {
                    stage.host.process().faults.clear();
                    stage.host.process().faults.force(hostcall, occurrence, status);
                    let report = stage.host.request(0, request);
                    let told = format!("{what}, {hostcall} {status:?} {occurrence:?}: {:?}", report.outcome);
                    assert!(report.outcome.upstream().is_none(), "{told}");
                    assert!(report.outcome.status().is_some(), "{told}");
                    tried += 1;
                }
                stage.host.advance(Duration::from_millis(300));
            }
        }
    }
    assert!(tried > 5000, "{tried}");
}

#[test]
fn o18_refusal_that_cannot_be_sent_traps_on_generic_host() {
    for status in Status::ALL.into_iter().filter(|status| *status != Status::Ok) {
        for (what, request) in hostile() {
            let mut stage = nginx(guarded());
            stage.host.process().faults.force("proxy_send_local_response", Occurrence::Every, status);
            let outcome = stage.host.request(0, request).outcome;
            assert!(matches!(&outcome, Outcome::Failed(failure) if failure.status == 500), "{what}: {outcome:?}");
        }
    }
}

#[test]
fn o19_headers_cut_short_are_refused_on_nginx() {
    let mut stage = nginx(config());
    let many = |count: usize, last: &str| {
        let filled = (0..count).fold(orders(token()), |request, n| request.header(format!("x-{n}"), "v"));
        filled.header(last, "root")
    };
    stage.admits("what fits", many(80, "x-last"));
    for count in [100, 200, 1000] {
        stage.refuses(
            "a forged header beyond what is shown",
            many(count, "x-auth-subject"),
            R400,
            "headers_unreadable",
        );
        stage.refuses("any header beyond what is shown", many(count, "x-last"), R400, "headers_unreadable");
    }
}

/// nginx shows a path that it has decoded and resolved, and forwards the one that was sent.
#[test]
fn o20_rule_is_chosen_by_path_that_was_sent() {
    let routes = json!([
        {"match": {"prefix": "/public"}, "access": "public"},
        {"match": {"prefix": "/admin"}, "groups": {"any": ["admins"]}},
    ]);
    let mut stage = nginx(with(config(), "/routes", routes));
    stage.admits("an open path", Request::get("/public/a?q=/../admin"));
    for path in [
        "/admin%2f..%2fpublic",
        "/admin/%2e%2e/public",
        "/admin/../public",
        "//public",
        "/%70ublic/../public",
        "/x/..%2fpublic",
        "/public/..%2fpublic",
        "/admin;/../public",
        "/public/%2e/a",
        "/public//a",
        "/public%2fa",
        "/admin\\..\\public",
    ] {
        let seen = stage.send(path, Request::get(path));
        assert_eq!(seen.outcome.status(), Some(401), "{path}: {:?}", seen.reason);
    }
    for path in ["/admin", "/admin/a", "/%61dmin", "/public/../admin", "//admin"] {
        let seen = stage.send(path, Request::get(path).bearer(&token()));
        assert_eq!(seen.outcome.status(), Some(403), "{path}: {:?}", seen.reason);
    }
}

/// nginx shows its own name as `:authority`, and the one that was sent as `host`.
#[test]
fn o21_rule_is_chosen_by_host_that_was_sent() {
    let routes = json!([
        {"match": {"hosts": ["admin.test"]}, "access": "deny"},
        {"match": {"hosts": ["*.open.test"], "prefix": "/"}, "access": "public"},
    ]);
    let mut stage = nginx(with(config(), "/routes", routes));
    for host in ["admin.test", "ADMIN.TEST", "admin.test:443", "admin.test."] {
        let seen = stage.send(host, orders(token()).authority(host));
        assert_eq!(seen.reason.as_deref(), Some("route_denied"), "{host}");
    }
    stage.admits("another host", orders(token()).authority("api.test"));
    stage.admits("an open host", Request::get("/").authority("a.open.test"));
    let seen = stage.send("two hosts", Request::get("/").authority("a.open.test").header("host", "api.test"));
    assert_eq!(seen.outcome.status(), Some(403), "an ambiguous host meets every rule that names hosts");
}

/// A header that was removed may go on, so a token is overwritten in its place.
#[test]
fn o22_token_is_overwritten_on_nginx() {
    let places = json!([{"header": "authorization", "scheme": "Bearer"}, {"header": "x-token"}, {"cookie": "id"}]);
    let mut stage = nginx(with(config(), "/token_sources", places));
    let token = token();
    for (what, request) in [
        ("authorization", orders(&token)),
        ("a header", Request::get("/orders").header("X-Token", &token)),
        ("the only cookie", Request::get("/orders").header("Cookie", format!("id={token}"))),
        ("one of three cookies", Request::get("/orders").header("cookie", format!("a=1; id={token}; b=2"))),
    ] {
        let upstream = stage.admits(what, request);
        let carried = upstream.headers.iter().any(|(_, value)| String::from_utf8_lossy(value).contains(&token));
        assert!(!carried, "{what}: {upstream:?}");
        assert!(upstream.values("cookie").len() < 2, "{what}: {upstream:?}");
    }
    // In the query it cannot be: the host forwards the target that was sent.
    let mut stage = nginx(with(config(), "/token_sources", json!([{"query": "t"}])));
    let upstream = stage.admits("the query", Request::get(&format!("/orders?t={token}")));
    assert_eq!(upstream.values("x-auth-subject"), ["alice"]);
}

#[test]
fn o23_host_without_anything_serves_inline_keys() {
    let configuration = generic(config_with_keys(asymmetric().map(|algorithm| key(algorithm).jwk())));
    let minimal =
        |configuration: &Value| Stage::on(generic_module(), configuration, |builder| builder.profile(Profile::Minimal));
    let mut host = minimal(&configuration).host;
    for algorithm in asymmetric() {
        let outcome = host.request(0, orders(key(algorithm).token(&claims()))).outcome;
        assert!(outcome.upstream().is_some(), "{algorithm:?}: {outcome:?}");
    }
    let mut host = minimal(&generic(guarded())).host;
    for (what, request) in hostile() {
        let outcome = host.request(0, request).outcome;
        assert!(outcome.upstream().is_none() && outcome.status().is_some(), "{what}: {outcome:?}");
    }
    // Keys that have to be fetched are never there, which is not the client's fault.
    let mut host = minimal(&generic(remote_config())).host;
    assert_eq!(host.request(0, orders(token())).outcome.status(), Some(503));
}
