//! What differs on a host that is not Envoy.

mod support;

use std::time::Duration;

use host_sim::{Answer, Outcome, Profile, Request};
use support::{body, host, module_without, texts};

const MS: Duration = Duration::from_millis(1);

fn nginx(configuration: &str) -> host_sim::Host {
    host(configuration, |b| b.profile(Profile::Nginx))
}

#[test]
fn nginx_does_not_hold_a_paused_request() {
    let report = nginx("").request(0, Request::get("/wait"));
    assert!(report.outcome.upstream().is_some());
    assert_eq!(report.anomalies, ["a pause, which this host does not hold"]);
}

#[test]
fn nginx_does_not_load_module_without_vm_start() {
    let module = module_without("start");
    let mut nginx = host_sim::Host::builder(&module).profile(Profile::Nginx).build();
    let reason = nginx.configure(b"").unwrap_err().reason;
    assert!(reason.starts_with("filter missing one of: "), "{reason}");
    assert_eq!(nginx.request(0, Request::get("/admit")).outcome.status(), Some(500));
    for profile in [Profile::Envoy, Profile::Minimal] {
        host_sim::Host::builder(&module).profile(profile).build().configure(b"").unwrap();
    }
}

#[test]
fn nginx_dies_of_callback_that_is_not_exported() {
    let module = module_without("bodies");
    for (path, body) in [("/admit", ""), ("/deny", ""), ("/admit", "body")] {
        let mut nginx = host_sim::Host::builder(&module).profile(Profile::Nginx).build();
        nginx.configure(b"").unwrap();
        nginx.request(0, Request::get(path).body(body));
        assert!(nginx.traps()[0].contains("_body is not exported"), "{path}: {:?}", nginx.traps());
        let mut envoy = host_sim::Host::builder(&module).build();
        envoy.configure(b"").unwrap();
        envoy.request(0, Request::get(path).body(body));
        assert_eq!(envoy.traps(), Vec::<&str>::new(), "{path}");
    }
}

#[test]
fn nginx_forwards_a_removed_header_and_still_finds_it() {
    let report = nginx("").request(0, Request::get("/admit").header("X-Id", "evil"));
    assert_eq!(report.outcome.upstream().unwrap().values("x-id"), ["evil", "v1"]);
}

#[test]
fn nginx_leaves_the_second_copy_when_a_header_is_set() {
    let report = nginx("").request(0, Request::get("/replace").header("x-id", "a").header("x-id", "b"));
    assert_eq!(report.outcome.upstream().unwrap().values("x-id"), ["v1", "b"]);
}

#[test]
fn nginx_answers_two_authorization_headers_itself() {
    let request = Request::get("/admit").header("authorization", "a").header("authorization", "b");
    assert_eq!(nginx("").request(0, request).outcome.status(), Some(400));
}

#[test]
fn nginx_traps_on_what_envoy_answers_with_a_status() {
    for (path, said) in [
        ("/foreign", "unknown foreign function"),
        ("/deny-twice", "local response already stashed"),
        ("/call-and-continue", "was not held"),
    ] {
        let report = nginx("").request(0, Request::get(path));
        let Outcome::Failed(failure) = &report.outcome else { panic!("{path}: {:?}", report.outcome) };
        assert_eq!(failure.status, 500);
        assert!(failure.message.contains(said), "{path}: {}", failure.message);
    }
}

#[test]
fn nginx_writes_shared_data_only_over_the_version_it_is_given() {
    let mut host = nginx("");
    assert_eq!(body(&host.request(0, Request::get("/shared"))), "0 Ok(([118], 1)) 8");
    assert_eq!(body(&host.request(0, Request::get("/shared"))), "8 Ok(([118], 1)) 8");
}

#[test]
fn nginx_takes_one_tick_period_and_no_plugin_name() {
    let mut host = nginx("tick=10 retick=20");
    host.advance(10 * MS);
    assert!(host.traps()[0].contains("tick period set a second time"), "{:?}", host.traps());
    let mut bare = host_sim::Host::builder(support::module()).profile(Profile::Nginx).build();
    assert!(bare.configure(b"name").unwrap_err().reason.contains("crashes this host"));
}

#[test]
fn nginx_reports_a_failed_callout_by_one_header_of_its_own() {
    let mut host = nginx("tick=10 eager=/jwks");
    host.answer_with(|_| Answer::soon(host_sim::CalloutOutcome::ConnectFailure));
    host.advance(20 * MS);
    let log = host.take_log();
    assert!(texts(&log).contains(&"answer 0 0 0 0 Err(1) Err(2)"), "{log:?}");
}

#[test]
fn nginx_keeps_serving_after_a_trap_but_not_after_a_refused_configuration() {
    let mut host = host("", |b| b.profile(Profile::Nginx).reload_after(Duration::ZERO));
    host.request(0, Request::get("/shared"));
    host.request(0, Request::get("/trap"));
    assert!(host.request(0, Request::get("/admit")).outcome.upstream().is_some());
    host.configure(b"refuse=x").unwrap_err();
    assert_eq!(host.request(0, Request::get("/admit")).outcome.status(), Some(500));
    assert!(host.process().shared_data.value(b"k").is_none(), "a reload empties the store");
}

#[test]
fn a_minimal_host_has_no_timers_callouts_or_shared_data() {
    let mut host = host("tick=10", |b| b.profile(Profile::Minimal));
    host.advance(100 * MS);
    assert!(texts(&host.take_log()).contains(&"tick set 12"));
    assert_eq!(body(&host.request(0, Request::get("/bad-calls"))), "Err(12) Err(12)");
}
