//! O01, O02: every byte that a host can hand over, and every status that it can answer.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

use crate::fixture::*;
use crate::stage::*;
use claimgate_tests::{Algorithm, SigningKey};
use host_sim::{Host, Occurrence, Outcome, Request, Status};
use serde_json::{Value, json};

const FIELDS: [&str; 12] = [
    "authorization",
    "cookie",
    "x-token",
    "content-type",
    "origin",
    "access-control-request-method",
    "connection",
    "host",
    "x-auth-subject",
    "x-any",
    "te",
    "x_auth_groups",
];

#[test]
fn o01_no_byte_in_any_header_name_or_value_traps() {
    let places = json!([{"header": "authorization", "scheme": "Bearer"}, {"header": "x-token"}, {"cookie": "id"}, {"query": "t"}]);
    let routes = json!([{"match": {"prefix": "/open", "hosts": ["*.example"]}, "access": "public"}, {"match": {"prefix": "/cors"}, "cors_preflight": true}]);
    let mut stage = Stage::new(&with(with(config(), "/token_sources", places), "/routes", routes));
    for value in [&b"\xff"[..], b"Bearer \xff", b"id=\xff", b"\x80\xc3\x28", b"\0", b"\xed\xa0\x80", b""] {
        let all =
            FIELDS.into_iter().fold(Request::new("OPTIONS", "/cors"), |request, name| request.header(name, value));
        assert!(stage.send("every header at once", all).outcome.is_decided());
        for name in FIELDS {
            let seen = stage.send(name, Request::get("/orders").header(name, value));
            assert!(seen.outcome.status().is_some(), "{name}: {:?}", seen.outcome);
        }
        for pseudo in [":method", ":path", ":authority", ":scheme", ":protocol"] {
            let pairs = [
                (":method", &b"GET"[..]),
                (":path", b"/orders"),
                (":authority", b"a.example"),
                (":scheme", b"https"),
                (":protocol", b"x"),
            ];
            let pairs =
                pairs.map(|(name, own)| (name.as_bytes().to_vec(), if name == pseudo { value } else { own }.to_vec()));
            let seen = stage.send(pseudo, Request::from_pairs(pairs.to_vec()));
            assert!(seen.outcome.status().is_some(), "{pseudo}: {:?}", seen.outcome);
        }
    }
    for name in [&b"\xff"[..], b"x-auth-subject\xff", b"\0", b"", b"\x80\x80", b"x\xe9y"] {
        stage.admits("a name", orders(token()).header(name, b"\xff"));
        stage.admits("a trailer's name", Request::new("POST", "/orders").bearer(&token()).trailer(name, b"\xff"));
    }
    stage.refuses("no headers at all", Request::from_pairs(Vec::new()), R400, "headers_unreadable");
}

/// What the module imports from the host: all of it is tried, see `o10`.
pub(crate) const HOSTCALLS: [&str; 20] = [
    "proxy_log",
    "proxy_get_current_time_nanoseconds",
    "proxy_set_tick_period_milliseconds",
    "proxy_get_buffer_bytes",
    "proxy_get_header_map_pairs",
    "proxy_add_header_map_value",
    "proxy_replace_header_map_value",
    "proxy_remove_header_map_value",
    "proxy_get_property",
    "proxy_set_property",
    "proxy_get_shared_data",
    "proxy_set_shared_data",
    "proxy_continue_stream",
    "proxy_send_local_response",
    "proxy_set_effective_context",
    "proxy_http_call",
    "proxy_call_foreign_function",
    "proxy_define_metric",
    "proxy_increment_metric",
    "proxy_record_metric",
];

/// A working life in small: cold and warm, held and resumed, refused, public, with trailers, rotated. `strips`: the host
/// does what it says it did.
fn live(stage: &mut Stage, strips: bool) {
    let request =
        |path: &str| Request::new("POST", path).header("x-auth-subject", "root").trailer("x-auth-subject", "root");
    let held: Vec<_> = (0..3).map(|_| stage.open(0, request("/orders").bearer(&token()))).collect();
    stage.host.advance(Duration::from_millis(400));
    for request in [
        request("/orders").bearer(&token()),
        request("/public"),
        request("/orders"),
        orders(stranger().token(&claims())),
        orders(token_under(header(json!({"kid": "unknown"})))),
        // Its signature is for the host's own code.
        orders(rsa_token()),
        Request::get(&format!("/orders?t={}", token())),
    ] {
        let report = stage.host.request(0, request);
        if let Outcome::Upstream(upstream) = &report.outcome {
            let forged =
                upstream.headers.iter().chain(upstream.trailers.iter().flatten()).any(|(_, value)| value == b"root");
            assert!(!(forged && strips), "{upstream:?}");
        }
    }
    stage.serve(JWKS, key_set([SigningKey::numbered(Algorithm::Es256, 1).jwk()]));
    stage.host.advance(Duration::from_millis(2500));
    held.into_iter().for_each(|id| drop(stage.host.finish(id)));
}

fn lively() -> Value {
    let routes = json!([{"name": "open", "match": {"prefix": "/public"}, "access": "public"}]);
    let quick =
        with(with(remote_config(), "/issuers/0/keys/ttl", json!("2s")), "/limits", json!({"wait_timeout": "300ms"}));
    let places = json!([{"header": "authorization", "scheme": "Bearer"}, {"query": "t"}]);
    with(with(with(quick, "/routes", routes), "/filter_state", json!(true)), "/token_sources", places)
}

fn rsa_token() -> &'static str {
    static TOKEN: OnceLock<String> = OnceLock::new();
    TOKEN.get_or_init(|| key(Algorithm::Rs256).token(&claims()))
}

/// The statuses of each hostcall that kill the worker when this call of it answers so.
fn deadly(occurrence: Occurrence) -> BTreeMap<&'static str, Vec<u32>> {
    let mut trapped: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for hostcall in HOSTCALLS {
        for status in Status::ALL {
            let mut stage = Stage::new(&lively());
            stage.serve(JWKS, key_set([signer().jwk(), key(Algorithm::Rs256).jwk()]));
            stage.report_only = None;
            stage.host.process().faults.force(hostcall, occurrence, status);
            live(&mut stage, !(hostcall == "proxy_remove_header_map_value" && status == Status::Ok));
            let strikes = stage.host.process().faults.take_strikes();
            assert!(!strikes.is_empty() || occurrence != Occurrence::Every, "{hostcall} was never called");
            if !stage.host.traps().is_empty() {
                trapped.entry(hostcall).or_default().push(status as u32);
            }
        }
    }
    trapped
}

#[test]
fn o02_no_status_of_any_hostcall_traps() {
    assert_eq!(deadly(Occurrence::Every), BTreeMap::new());
}

#[test]
fn o02_no_status_that_comes_once_traps() {
    assert_eq!(deadly(Occurrence::Nth(2)), BTreeMap::new());
}

#[test]
fn o02_no_status_traps_while_a_configuration_is_taken() {
    for hostcall in HOSTCALLS {
        for status in Status::ALL {
            let mut host = Host::builder(module()).now(NOW).build();
            host.process().faults.force(hostcall, Occurrence::Every, status);
            let _taken_or_refused = host.configure(lively().to_string().as_bytes());
            assert!(host.traps().is_empty(), "{hostcall} {status:?}: {:?}", host.traps());
        }
    }
}

#[test]
fn o02_a_host_that_hands_over_nothing_lets_nothing_through() {
    for status in Status::ALL {
        let mut stage = Stage::new(&config());
        stage.report_only = None;
        stage.host.process().faults.force("proxy_get_header_map_pairs", Occurrence::Every, status);
        stage.refuses(&format!("{status:?}"), orders(token()), R400, "headers_unreadable");
    }
    // Headers that cannot be written keep the request from going on.
    for hostcall in ["proxy_add_header_map_value", "proxy_remove_header_map_value"] {
        for status in Status::ALL.into_iter().filter(|status| *status != Status::Ok) {
            let mut stage = Stage::new(&config());
            stage.report_only = None;
            stage.host.process().faults.force(hostcall, Occurrence::Every, status);
            stage.refuses(hostcall, orders(token()).header("x-auth-subject", "root"), R503, "internal");
        }
    }
}
