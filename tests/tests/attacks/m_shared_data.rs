//! M: shared data, which any module of the same `vm_id` can write.

use std::time::Duration;

use crate::fixture::*;
use crate::k_key_life::{lasting, seconds};
use crate::stage::*;
use claimgate_tests::{Algorithm, SigningKey};
use host_sim::{
    Ability, CalloutOutcome, CalloutResponse, Clock, HostBuilder, Log, Occurrence, Outcome, Process, Profile, Settings,
    Status, Vm, VmName,
};
use serde_json::{Value, json};

type Entries = Vec<(Vec<u8>, Vec<u8>)>;

fn entries(stage: &Stage) -> Entries {
    stage.host.process().shared_data.entries()
}

fn overwrite(stage: &Stage, name: &[u8], value: &[u8]) {
    stage.host.process().shared_data.set(name, value, 0).expect("Envoy takes any write with 0");
}

/// Two workers with the signer's key fetched.
fn two_workers(configuration: &Value, set_up: impl FnOnce(HostBuilder) -> HostBuilder) -> Stage {
    let mut stage = Stage::on(module(), configuration, |builder| set_up(builder.workers(2)));
    stage.serve(JWKS, key_set([signer().jwk()]));
    stage.pass(seconds(2));
    stage
}

fn both_admit(stage: &mut Stage, what: &str) {
    for worker in [0, 1] {
        stage.send_to(worker, what, orders(lasting(signer()))).is_admitted(what);
    }
}

#[test]
fn m01_names_in_shared_data_come_from_the_configuration_alone() {
    let mut stage = two_workers(&remote_config(), |builder| builder);
    let before: Vec<Vec<u8>> = entries(&stage).into_iter().map(|(name, _)| name).collect();
    for n in 0..30 {
        let seen =
            stage.send_to(n % 2, "unknown", orders(stranger().with_kid(format!("kid-{n}").as_str()).token(&claims())));
        assert_eq!(seen.outcome.status(), Some(if n < 3 { 401 } else { 503 }));
        stage.send_to(n % 2, "issuer", orders(token_of(&claims_with(json!({"iss": format!("https://{n}.example")})))));
    }
    let names: Vec<Vec<u8>> = entries(&stage).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, before);
    for (name, end) in names.iter().zip(["/body", "/meta"]) {
        let name = String::from_utf8(name.clone()).expect("text");
        let binding = name.strip_prefix("claimgate/1/").and_then(|rest| rest.strip_suffix(end));
        assert!(
            binding.is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())),
            "{name}"
        );
    }
    assert_eq!(names.len(), 2);
}

/// The entries of a stage with another issuer, whose keys are the stranger's.
fn foreign_entries() -> Entries {
    let other = with(remote_config(), "/issuers/0/issuer", json!("https://other.example"));
    let mut stage = Stage::new(&other);
    stage.serve(JWKS, key_set([stranger().jwk()]));
    stage.pass(seconds(2));
    entries(&stage)
}

#[test]
fn m02_what_somebody_else_wrote_under_our_names_is_not_believed() {
    let foreign = foreign_entries();
    let forged_set = json!({"keys": [stranger().jwk()]}).to_string();
    let garbage: [(&str, Vec<u8>, Vec<u8>); 6] = [
        ("garbage", b"garbage".to_vec(), b"garbage".to_vec()),
        ("long garbage", vec![0xff; 1 << 20], vec![0; 1 << 20]),
        ("another issuer's record and set", foreign[1].1.clone(), foreign[0].1.clone()),
        ("a key set as the record", forged_set.clone().into(), forged_set.clone().into()),
        ("nothing", Vec::new(), Vec::new()),
        ("the record cut short", foreign[1].1[..40].to_vec(), forged_set.clone().into()),
    ];
    for (what, meta, body) in garbage {
        let mut stage = two_workers(&remote_config(), |builder| builder);
        both_admit(&mut stage, what);
        let own = entries(&stage);
        overwrite(&stage, &own[0].0, &body);
        overwrite(&stage, &own[1].0, &meta);
        stage.pass(seconds(3));
        both_admit(&mut stage, what);
        stage.send("forged", orders(lasting(&stranger()))).is_refused(what, R401, "signature_invalid");
    }
    // The record is left alone and the set replaced: it is not the one that the record describes.
    let mut stage = two_workers(&remote_config(), |builder| builder);
    let own = entries(&stage);
    overwrite(&stage, &own[0].0, forged_set.as_bytes());
    stage.pass(seconds(3));
    both_admit(&mut stage, "the set replaced");
    stage.send("forged", orders(lasting(&stranger()))).is_refused("forged", R401, "signature_invalid");
}

#[test]
fn m03_two_configurations_in_one_vm_do_not_mix() {
    let process = Process::new(Settings::new(Profile::Envoy), Clock::at(NOW), Log::default());
    let mut vm = Vm::start(module(), process.clone(), VmName::Worker(0), 0).expect("the module starts");
    let other_url = "https://idp.example/other";
    let other = with(remote_config(), "/issuers/0/keys/jwks_uri", json!(other_url));
    let roots = [remote_config(), other].map(|config| vm.add_root(config.to_string().as_bytes()).expect("it is sound"));
    let second = SigningKey::numbered(Algorithm::Es256, 1);
    for root in roots {
        vm.tick(root);
        for callout in vm.take_started() {
            let key = if callout.url() == JWKS { signer().clone() } else { second.clone() };
            let body = json!({"keys": [key.jwk()]}).to_string().into_bytes();
            vm.deliver(
                callout.id.token,
                CalloutOutcome::Response(CalloutResponse { status: 200, body, ..CalloutResponse::default() }),
            );
        }
        vm.tick(root);
    }
    assert_eq!(process.shared_data.entries().len(), 4);
    let mut verdict = |root: u32, key: &SigningKey| {
        let id = vm.open(root, orders(key.token(&claims())));
        let admitted = matches!(vm.outcome(id), Some(Outcome::Upstream(_)));
        vm.disconnect(id);
        admitted
    };
    for _ in 0..2 {
        assert_eq!([verdict(roots[0], signer()), verdict(roots[0], &second)], [true, false]);
        assert_eq!([verdict(roots[1], signer()), verdict(roots[1], &second)], [false, true]);
    }
    assert_eq!(vm.trap(), None);
}

#[test]
fn m04_a_record_of_another_version_is_ignored() {
    const OURS: u8 = 3;
    for version in [0, OURS - 1, OURS + 1, 255] {
        let mut stage = two_workers(&remote_config(), |builder| builder);
        let own = entries(&stage);
        let mut old = own[1].1.clone();
        assert_eq!(old[7], OURS);
        old[7] = version;
        overwrite(&stage, &own[1].0, &old);
        stage.pass(seconds(3));
        both_admit(&mut stage, "another version");
        assert_eq!(entries(&stage)[1].1[7], OURS, "it was not replaced");
    }
}

#[test]
fn m05_an_empty_value_is_an_absent_one() {
    let names: Vec<Vec<u8>> =
        entries(&two_workers(&remote_config(), |builder| builder)).into_iter().map(|(name, _)| name).collect();
    let mut stage = Stage::on(module(), &remote_config(), |builder| builder.workers(2));
    stage.serve(JWKS, key_set([signer().jwk()]));
    names.iter().for_each(|name| overwrite(&stage, name, b""));
    stage.pass(seconds(2));
    both_admit(&mut stage, "cold");
    names.iter().for_each(|name| overwrite(&stage, name, b""));
    stage.pass(seconds(2));
    both_admit(&mut stage, "warm");
}

#[test]
fn m06_a_worker_that_loses_every_race_gives_up_trying() {
    let mut stage = two_workers(&remote_config(), |builder| builder);
    stage.report_only = None;
    stage.host.process().faults.force("proxy_set_shared_data", Occurrence::Every, Status::CasMismatch);
    let calls = |stage: &Stage| {
        stage
            .host
            .workers()
            .iter()
            .filter_map(|worker| worker.vm()?.hostcalls().get("proxy_set_shared_data").copied())
            .sum::<u64>()
    };
    let before = calls(&stage);
    both_admit(&mut stage, "meanwhile");
    stage.pass(seconds(10));
    stage
        .send("unknown", orders(stranger().with_kid("x").token(&claims())))
        .is_refused_quietly("unknown", "keys_unavailable");
    // Four tries a tick of a worker at the most.
    assert!(calls(&stage) - before < 2 * 4 * 20 * 60, "{}", calls(&stage) - before);
    both_admit(&mut stage, "still");
}

#[test]
fn m07_without_shared_data_every_worker_fetches_for_itself() {
    let mut stage = two_workers(&remote_config(), |builder| builder.without(Ability::SharedData));
    assert_eq!(stage.host.callout_count(), 2);
    both_admit(&mut stage, "no shared data");
    let mut stage = two_workers(&remote_config(), |builder| builder);
    for hostcall in ["proxy_get_shared_data", "proxy_set_shared_data"] {
        stage.report_only = None;
        stage.host.process().faults.force(hostcall, Occurrence::Every, Status::InternalFailure);
    }
    stage.serve(JWKS, key_set([SigningKey::numbered(Algorithm::Es256, 1).jwk()]));
    stage.pass(Duration::from_secs(700));
    for worker in [0, 1] {
        stage.send_to(worker, "lost later", orders(lasting(signer()))).is_refused("lost later", R401, "key_unknown");
    }
}
