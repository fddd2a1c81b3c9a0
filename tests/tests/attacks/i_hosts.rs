//! I: hosts and paths that servers read differently, and rules that the host's route metadata chooses.

use std::collections::BTreeSet;

use crate::fixture::*;
use crate::stage::*;
use host_sim::{Request, Vm};
use serde_json::{Value, json};

fn routes(routes: Value) -> Stage {
    Stage::new(&with(config(), "/routes", routes))
}

fn public_prefix() -> Value {
    json!([{"match": {"prefix": "/public"}, "access": "public"}])
}

/// Authorities that are not `host` or `host:port` and that some server reads as `admin.test`: each way to write the name with
/// each thing before and after it.
fn ambiguous_hosts() -> BTreeSet<String> {
    let names = [
        "admin.test",
        "ADMIN.test",
        "admin%2etest",
        "%61dmin.test",
        "\u{ff41}dmin.test",
        "admin\u{3002}test",
        "xn--admin-.test",
        "ad\u{ad}min.test",
    ];
    let before = ["", "x@", "@", "user:secret@", "x,", "x, ", " ", "http://", "//", "x\\@"];
    let after = [
        "", ":x", ":443x", ":+443", ":-1", ":80:80", "::80", ": 80", ":0x50", "..", "..:80", ".:x", ",x", ", x", " ",
        "/", "?", "#", "\\", "@", ";x", "%00", "%20", "\u{b7}",
    ];
    let spellings = names.iter().flat_map(|name| before.iter().map(move |before| format!("{before}{name}")));
    let all = spellings.flat_map(|spelling| after.map(|after| format!("{spelling}{after}")));
    all.filter(|host| !host.eq_ignore_ascii_case("admin.test")).collect()
}

#[test]
fn i11_ambiguous_host_meets_rules_that_name_hosts() {
    let mut shut = routes(json!([
        {"match": {"prefix": "/", "hosts": ["admin.test"]}, "access": "deny"},
        {"match": {"prefix": "/"}, "access": "public"},
    ]));
    let mut admins = routes(json!([{"match": {"hosts": ["*.test"]}, "groups": {"any": ["admins"]}}]));
    for host in ["admin.test", "admin.test:443", "admin.test.", "Admin.Test.:80", "admin.test:"] {
        shut.refuses(host, Request::get("/x").authority(host), Denied, "route_denied");
    }
    shut.admits("another host", Request::get("/x").authority("other.test"));
    let hosts = ambiguous_hosts();
    assert!(hosts.len() > 1000);
    for host in &hosts {
        shut.refuses(host, Request::get("/x").authority(host), Denied, "route_denied");
        shut.refuses(host, Request::get("/x").authority(host).bearer(&token()), Denied, "route_denied");
    }
    for host in hosts.iter().step_by(7) {
        admins.refuses(host, Request::get("/x").authority(host).bearer(&token()), R403, "group_missing");
    }
    for address in ["127.1", "0x7f.1", "2130706433", "0177.0.0.1", "127.0.0.1:x", "[::ffff:127.0.0.1%1]"] {
        shut.refuses(address, Request::get("/x").authority(address), Denied, "route_denied");
    }
    let twice = Request::get("/x").authority("other.test").header(":authority", "admin.test");
    shut.send("two authorities", twice).is_refused_quietly("two authorities", "route_denied");
}

#[test]
fn i12_ambiguous_host_is_never_open() {
    let mut stage = routes(json!([{"match": {"prefix": "/"}, "access": "public", "cors_preflight": true}]));
    for host in ambiguous_hosts().iter().step_by(3) {
        stage.refuses(host, Request::get("/x").authority(host), R401m, "no_credential");
        stage.admits(host, Request::get("/x").authority(host).bearer(&token()));
    }
}

#[test]
fn i13_absent_host_meets_rules_that_name_hosts() {
    let mut stage = routes(json!([
        {"match": {"prefix": "/admin", "hosts": ["admin.test"]}, "access": "deny"},
        {"match": {"prefix": "/"}, "access": "public"},
    ]));
    stage.refuses("empty", Request::get("/admin").authority(""), Denied, "route_denied");
    stage.admits("where no host matters", Request::get("/health").authority(""));
}

#[test]
fn i14_ambiguous_path_meets_rules_beside_the_named_one() {
    let mut matched = routes(json!([
        {"name": "any"},
        {"name": "admins", "match": {"prefix": "/admin"}, "groups": {"any": ["admins"]}},
    ]));
    let mut named = routes(json!([{"name": "any"}, {"name": "admins", "groups": {"any": ["admins"]}}]));
    for path in ["/;/admin", "/x/../admin", "//admin", "/%61dmin", "/any/../admin/x", "/x/..;/admin", "\\admin"] {
        for stage in [&mut matched, &mut named] {
            let request = || Request::get(path).bearer(&token());
            stage.refuses(path, request().route_policy("any"), R403, "group_missing");
            stage.refuses(path, request(), R403, "group_missing");
        }
    }
    for stage in [&mut matched, &mut named] {
        stage.admits("a plain path", Request::get("/admin").route_policy("any").bearer(&token()));
    }
}

/// Paths that one server or another takes for `/admin` or for something below it.
const READ_AS_ADMIN: [&str; 27] = [
    "/%2561dmin",
    "/%252561dmin/x",
    "/x/%252e%252e/admin",
    "/x%252f..%252fadmin",
    "/%61dmin/users/%2e%2e/%2e%2e/y",
    "/a/../admin/%2e%2e/b",
    "/admin//../x",
    "/admin;%2fopen",
    "/admin%3fx",
    "/admin%23x",
    "/admin%20",
    "/admin%20/x",
    "/x/..%20/admin",
    "/x/%c0%ae%c0%ae/admin",
    "/x/%c0%ae%c0%ae%c0%afadmin",
    "/x/%e0%80%ae./admin",
    "/x/%f0%80%80%ae./admin",
    "/%c1%a1dmin",
    "/x%ef%bc%8f..%ef%bc%8fadmin",
    "/x/%ef%bc%8e%ef%bc%8e/admin",
    "/%u0061dmin",
    "/x/%u002e%u002e/admin",
    "/x#/../admin",
    "/admin#x",
    "http://api.example/admin",
    "//api.example/admin",
    "/\\api.example/admin",
];

#[test]
fn i15_path_meets_the_rules_of_all_its_readings() {
    let mut stage = routes(json!([
        {"match": {"prefix": "/admin"}, "groups": {"any": ["admins"]}},
        {"match": {"template": "/v1/{id}/keys"}, "access": "deny"},
    ]));
    for path in READ_AS_ADMIN {
        stage.refuses(path, Request::get(path).bearer(&token()), R403, "group_missing");
    }
    for path in ["/v1/%252e/keys", "/v1/7/%256beys", "/v1/7/keys%3f", "/v1/7;a=b/keys", "/v1/7/x/%c0%ae./keys"] {
        stage.refuses(path, Request::get(path).bearer(&token()), Denied, "route_denied");
    }
}

#[test]
fn i16_path_that_is_decoded_differently_is_never_open() {
    let mut stage = routes(public_prefix());
    for path in [
        "/public/%c0%ae%c0%ae/admin",
        "/public/%c0%ae%c0%ae%c0%af",
        "/public/%e0%80%ae",
        "/public/%ef%bc%8f",
        "/public/%ef%bc%8e%ef%bc%8e%ef%bc%8fadmin",
        "/public/%e2%88%95..%e2%88%95admin",
        "/public/..%20/admin",
        "/public/%20../admin",
        "/public/x%20",
        "/public/%ff",
        "/public/%ed%a0%80",
        "/public/%u002e%u002e/admin",
        "/public/..%3f/admin",
        "/public%23",
        "/public#/../admin",
        "/public/#/../../admin",
    ] {
        stage.refuses(path, Request::get(path), R401m, "no_credential");
    }
    for path in ["/public/caf%c3%a9", "/public/%F0%9F%98%80", "/public/what%3f", "/public/c%23/x", "/public/a%20b"] {
        stage.admits(path, Request::get(path));
    }
}

#[test]
fn i17_path_that_is_not_followed_meets_every_rule() {
    let mut stage = routes(json!([
        {"match": {"prefix": "/public"}, "access": "public"},
        {"match": {"prefix": "/shut", "methods": ["POST"]}, "access": "deny"},
        {"match": {"path": "/admin"}, "groups": {"any": ["admins"]}},
    ]));
    let deep = format!("/public/%{}61", "25".repeat(40));
    let long = format!("/public/{}", "{".repeat(5000));
    for path in [&deep, &long] {
        stage.refuses(path, Request::get(path), R401m, "no_credential");
        stage.refuses(path, Request::get(path).bearer(&token()), R403, "group_missing");
        let post = || Request::new("POST", path);
        stage.refuses(path, post().bearer(&token()), Denied, "route_denied");
    }
    let plain = format!("/public/{}", "a".repeat(5000));
    stage.refuses("a long plain path", Request::get(&plain), R401m, "no_credential");
    let plain = format!("/x/{}", "a".repeat(5000));
    stage.admits("a long plain path", Request::get(&plain).bearer(&token()));
}

#[test]
fn i18_long_path_costs_little_more_than_a_plain_one() {
    let rules: Vec<Value> = (0..1000)
        .map(|number| json!({"match": {"template": format!("/v1/service-{number}/{{id}}/**")}, "groups": {"any": ["a"]}}))
        .collect();
    let mut stage = Stage::on(metered_module(), &with(config(), "/routes", json!(rules)), |builder| builder);
    let mut cost = |path: &str| {
        let spent = |stage: &Stage| stage.host.workers()[0].vm().and_then(Vm::instructions).expect("a metered module");
        let before = spent(&stage);
        stage.refuses("without a token", Request::get(path), R401m, "no_credential");
        spent(&stage) - before
    };
    let plain = cost(&format!("/{}", "a".repeat(58_000)));
    let pieces = ["{", "%7B", "%2e", "%252e", "../", "//", ";/", "%c0%ae", "\\", "%3f", "%20/", "/..;x/%25"];
    for piece in pieces {
        for length in [500, 1000, 2000, 4000, 4090, 58_000] {
            let path = format!("/{}", piece.repeat(length / piece.len()));
            let other = cost(&path);
            assert!(other < 3 * plain, "{piece:?} x {length}: {other} instructions, a plain one {plain}");
        }
    }
}

#[test]
fn i19_rule_that_never_matches_is_a_mistake() {
    for (field, value) in [
        ("methods", "delete"),
        ("methods", "Get"),
        ("methods", "GET "),
        ("hosts", "svc.test."),
        ("hosts", "svc.test "),
        ("hosts", "a..b"),
        ("hosts", "127.1"),
    ] {
        let rule = json!({"match": {"prefix": "/", field: [value]}, "access": "deny"});
        refuses_configuration(
            with(config(), "/routes", json!([rule])).to_string(),
            &format!("routes[0].match.{field}[0]"),
        );
    }
}
