//! Configurations that come and go, and VMs that die.

mod support;

use std::time::Duration;

use host_sim::{Answer, FailurePolicy, Host, Occurrence, Outcome, Request, Status, VmName};
use support::{host, texts};

const MS: Duration = Duration::from_millis(1);

#[test]
fn a_refused_configuration_leaves_the_old_one_serving() {
    let mut host = host("tick=10", |b| b);
    let rejected = host.configure(b"refuse=issuers[0].name").unwrap_err();
    assert_eq!(texts(&rejected.log).last(), Some(&"configuration refused: issuers[0].name: must not be"));
    assert!(rejected.log.iter().all(|line| line.vm == VmName::Canary));
    assert!(host.request(0, Request::get("/admit")).outcome.upstream().is_some());
    host.advance(10 * MS);
    assert_eq!(host.metrics()["fixture.ticks"], 1);
}

#[test]
fn a_new_configuration_gets_its_own_root_and_the_old_one_drains() {
    let mut host = host("tick=10", |b| b);
    let held = host.open(0, Request::get("/wait"));
    host.take_log();
    host.configure(b"tick=20").unwrap();
    assert!(!texts(&host.take_log()).contains(&"delete 1"), "a stream still belongs to it");
    host.advance(20 * MS);
    assert_eq!(host.metrics()["fixture.ticks"], 3);
    assert_eq!(host.finish(held).outcome, Outcome::Disconnected);
    let log = host.take_log();
    let end: Vec<&str> = texts(&log).into_iter().filter(|t| t.starts_with("done") || t.starts_with("delete")).collect();
    assert_eq!(end, ["done 2", "delete 2", "done 1", "delete 1"]);
    host.advance(20 * MS);
    assert_eq!(host.metrics()["fixture.ticks"], 4);
}

#[test]
fn callouts_of_a_deleted_root_are_cancelled() {
    let mut host = host("tick=10 eager=/jwks", |b| b);
    host.advance(10 * MS);
    let call = host.pending_callouts()[0].id;
    host.configure(b"").unwrap();
    assert!(host.pending_callouts().is_empty());
    assert!(!host.answer(call, Answer::status(200).outcome));
}

#[test]
fn a_trap_in_the_canary_refuses_the_configuration_and_harms_nothing_else() {
    let mut host = host("", |b| b);
    let rejected = host.configure(b"trap").unwrap_err();
    assert!(rejected.reason.contains("told to trap"), "{rejected}");
    assert!(host.request(0, Request::get("/admit")).outcome.upstream().is_some());
}

#[test]
fn a_worker_that_refuses_what_the_canary_accepted_spoils_every_later_configuration() {
    let mut host = host("", |b| b);
    host.process().faults.force("proxy_get_buffer_bytes", Occurrence::Nth(4), Status::NotFound);
    host.configure(b"refuse-without-config").unwrap();
    host.process().faults.clear();
    host.process().faults.force("proxy_get_buffer_bytes", Occurrence::Nth(2), Status::NotFound);
    host.configure(b"refuse=x").unwrap_err();
    host.configure(b"").unwrap_err();
}

#[test]
fn a_dead_vm_is_replaced_on_the_next_request_after_the_backoff_and_shared_data_survive() {
    let mut host = host("", |b| b.workers(2));
    host.request(0, Request::get("/shared"));
    let held = host.open(0, Request::get("/wait"));
    assert_eq!(host.request(0, Request::get("/trap")).outcome.status(), Some(503));
    assert_eq!(host.request(0, Request::get("/admit")).outcome.status(), Some(503), "too soon after the load");
    assert!(host.request(1, Request::get("/admit")).outcome.upstream().is_some(), "the other worker lives");
    host.advance(1000 * MS);
    assert!(host.request(0, Request::get("/admit")).outcome.upstream().is_some());
    assert_eq!(host.workers()[0].generation(), 1);
    assert!(host.process().shared_data.value(b"k").is_some());
    assert_eq!(host.finish(held).outcome, Outcome::Pending, "it hangs, as in Envoy");
    assert_eq!(host.traps().len(), 1);
    assert!(host.traps()[0].contains("told to trap"), "{:?}", host.traps());
}

#[test]
fn failing_closed_never_reloads() {
    let mut host = host("", |b| b.failure_policy(FailurePolicy::Closed));
    host.request(0, Request::get("/trap"));
    host.advance(Duration::from_secs(3600));
    assert_eq!(host.request(0, Request::get("/admit")).outcome.status(), Some(503));
}

#[test]
fn a_trap_in_a_timer_kills_the_vm_and_leaves_held_requests_hanging() {
    let mut host = host("tick=10 traptick", |b| b);
    let held = host.open(0, Request::get("/wait"));
    assert!(!host.advance_until_decided(held, 50 * MS));
    assert_eq!(host.traps().len(), 1);
    assert!(host.workers()[0].vm().unwrap().trap().unwrap().starts_with("proxy_on_tick: "));
}

#[test]
fn memory_can_be_watched() {
    let mut host = host("", |b| b);
    let before = host.workers()[0].vm().unwrap().memory_pages();
    host.request(0, Request::get("/memory"));
    let after = host.workers()[0].vm().unwrap().memory_pages();
    assert!(after >= before + 64, "{before} {after}");
}

#[test]
fn a_metered_module_counts_its_instructions() {
    let module = host_sim::Module::metered(&std::fs::read(support::file("metered")).unwrap()).unwrap();
    let mut host = Host::builder(&module).build();
    host.configure(b"").unwrap();
    let count = |host: &Host| host.workers()[0].vm().unwrap().instructions().unwrap();
    let before = count(&host);
    host.request(0, Request::get("/admit"));
    assert!(count(&host) > before + 100);
}

#[test]
fn a_worker_can_be_owned_by_a_thread() {
    fn sent<T: Send>(_: &T) {}
    sent(&host("", |b| b));
    sent(&host("", |b| b).workers()[0].generation());
}
