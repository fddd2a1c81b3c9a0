//! I: hosts that servers read differently, and rules that the host's route metadata chooses.

use std::collections::BTreeSet;

use crate::fixture::*;
use crate::stage::*;
use host_sim::Request;
use serde_json::{Value, json};

fn routes(routes: Value) -> Stage {
    Stage::new(&with(config(), "/routes", routes))
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
