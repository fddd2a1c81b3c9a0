//! A request through the host: maps, replies, the order of callbacks.

mod support;

use host_sim::{Outcome, Profile, Request};
use support::{body, host, module, restricted_module, texts};

#[test]
fn a_request_that_continues_reaches_the_upstream_as_the_filter_left_it() {
    let mut host = host("", |b| b);
    let report =
        host.request(0, Request::get("/admit").header("X-Id", "evil").header("x-id", "evil2").header("b", [0xff]));
    let upstream = report.outcome.upstream().unwrap();
    assert_eq!(upstream.values("x-id"), ["v1"]);
    assert!(upstream.headers.contains(&(b"b".to_vec(), vec![0xff])));
    assert_eq!(report.hostcalls["proxy_remove_header_map_value"], 1);
    assert!(report.anomalies.is_empty());
}

#[test]
fn request_headers_are_gone_after_continue_and_readable_again_for_the_log() {
    let mut host = host("", |b| b);
    let report = host.request(0, Request::get("/admit"));
    let expected = ["response: request Err(2)", "log: request Ok(()) absent Err(1)", "done 2", "delete 2"];
    assert_eq!(texts(&report.log), expected);
    assert_eq!(report.response_headers[1].0, b"x-seen");
}

#[test]
fn a_local_reply_overrides_continue_and_passes_the_response_callback() {
    let mut host = host("", |b| b);
    for path in ["/deny", "/deny-and-continue"] {
        let report = host.request(0, Request::get(path));
        let reply = report.outcome.local_reply().unwrap();
        assert_eq!((reply.status, reply.details.as_str()), (401, "fixture"));
        assert_eq!(reply.values("www-authenticate"), ["Bearer"]);
        let names: Vec<&[u8]> = report.response_headers.iter().map(|(name, _)| name.as_slice()).collect();
        assert_eq!(names, [&b":status"[..], b"content-length", b"content-type", b"www-authenticate", b"x-seen"]);
    }
    assert_eq!(host.metrics()["claimgate.refused.reason.denied"], 2);
}

#[test]
fn a_second_local_reply_is_an_anomaly_and_changes_nothing() {
    let mut host = host("", |b| b);
    let report = host.request(0, Request::get("/deny-twice"));
    assert_eq!(report.outcome.status(), Some(401));
    assert_eq!(report.anomalies, ["a second local reply"]);
}

#[test]
fn two_authorization_headers_are_seen_joined_and_the_route_policy_is_a_property() {
    let mut host = host("", |b| b);
    let request = Request::get("/show").header("authorization", "a").header("Authorization", "b").route_policy("admin");
    let report = host.request(0, request);
    assert_eq!(report.outcome.local_reply().unwrap().values("x-authorization"), ["a,b"]);
    assert!(texts(&report.log).contains(&"policy Ok([97, 100, 109, 105, 110])"));
    let report = host.request(0, Request::get("/show"));
    assert!(texts(&report.log).contains(&"policy Err(1)"));
}

#[test]
fn more_than_1024_headers_are_shown_as_none() {
    let mut host = host("", |b| b);
    let many = (0..1100).fold(Request::get("/show"), |request, i| request.header(format!("x-{i}"), "v"));
    assert!(body(&host.request(0, many)).starts_with("1104 1 0 "));
}

#[test]
fn older_envoys_replace_only_the_first_of_several() {
    let request = || Request::get("/replace").header("x-id", "1").header("x-id", "2");
    let report = host("", |b| b).request(0, request());
    assert_eq!(report.outcome.upstream().unwrap().values("x-id"), ["v1"]);
    let report = host("", |b| b.settings(|s| s.replace_first_only = true)).request(0, request());
    assert_eq!(report.outcome.upstream().unwrap().values("x-id"), ["v1", "2"]);
}

#[test]
fn trailers_pass_the_filter_after_the_headers() {
    let mut host = host("", |b| b);
    let report = host.request(0, Request::get("/admit").trailer("x-id", "evil").trailer("sum", "1"));
    let upstream = report.outcome.upstream().unwrap();
    assert_eq!(upstream.trailers, Some(vec![(b"sum".to_vec(), b"1".to_vec())]));
}

#[test]
fn a_grpc_client_gets_trailers_only_and_head_no_body() {
    let mut host = host("", |b| b);
    let report = host.request(0, Request::new("POST", "/deny").header("content-type", "application/grpc"));
    assert_eq!(report.response_headers[0].1, b"200");
    assert_eq!(report.response_headers[2], (b"grpc-status".to_vec(), b"16".to_vec()));
}

#[test]
fn a_trap_fails_the_request_closed_with_the_panic_in_its_message() {
    let mut host = host("", |b| b);
    let report = host.request(0, Request::get("/trap"));
    assert_eq!(report.outcome.status(), Some(503));
    let Outcome::Failed(failure) = &report.outcome else { panic!("{:?}", report.outcome) };
    assert!(failure.message.starts_with("proxy_on_request_headers: "), "{}", failure.message);
    assert_eq!(host.traps().len(), 1);
}

#[test]
fn a_metric_defined_during_initialisation_keeps_the_module_from_starting() {
    let mut host = host_sim::Host::builder(&restricted_module()).build();
    let rejected = host.configure(b"").unwrap_err();
    assert!(rejected.reason.contains("restricted callback: proxy_define_metric called during init"), "{rejected}");
}

#[test]
fn imports_are_listed_and_unknown_ones_refused() {
    assert!(module().imports().contains(&"env.proxy_http_call".to_owned()));
    let unknown = r#"(module (import "env" "proxy_made_up" (func)) (memory (export "memory") 1))"#;
    let error = host_sim::Module::new(unknown.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("proxy_made_up"), "{error}");
    let wrong = r#"(module (import "env" "proxy_log" (func (param i64))) (memory (export "memory") 1))"#;
    assert!(host_sim::Module::new(wrong.as_bytes()).unwrap_err().to_string().contains("proxy_log"));
}

#[test]
fn without_metrics_or_foreign_functions_the_calls_answer_and_nothing_else_happens() {
    let report = host("", |b| b).request(0, Request::get("/foreign"));
    assert_eq!(body(&report), "Err(1)");
    let mut minimal = host("", |b| b.profile(Profile::Minimal));
    assert_eq!(body(&minimal.request(0, Request::get("/foreign"))), "Err(12)");
    assert_eq!(body(&minimal.request(0, Request::get("/shared"))), "12 Err(12) 12");
    assert_eq!(minimal.request(0, Request::get("/deny")).outcome.status(), Some(401));
    assert!(minimal.metrics().is_empty());
}
