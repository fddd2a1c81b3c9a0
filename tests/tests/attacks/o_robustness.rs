//! O: the VM survives.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::fixture::*;
use crate::k_key_life::{lasting, seconds};
use crate::stage::*;
use host_sim::{CalloutOutcome, CalloutResponse, Outcome, Request, Vm};
use num_bigint::BigUint;
use serde_json::{Value, json};

#[test]
fn o03_no_published_configuration_fails_open() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../envoy");
    let mut seen = 0;
    for file in std::fs::read_dir(folder).expect("the folder is there") {
        let path = file.expect("a file").path();
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(!text.contains("failure_policy: FAIL_OPEN") && !text.contains("fail_open: true"), "{}", path.display());
        if text.contains("extensions.filters.http.wasm") {
            assert!(
                text.contains("failure_policy: FAIL_RELOAD") || text.contains("failure_policy: FAIL_CLOSED"),
                "{}",
                path.display()
            );
            seen += 1;
        }
    }
    assert!(seen >= 2, "{seen}");
}

#[test]
fn o04_answers_and_ends_in_any_order_trap_nothing() {
    let good = || {
        CalloutOutcome::Response(CalloutResponse {
            status: 200,
            body: json!({"keys": [signer().jwk()]}).to_string().into(),
            ..CalloutResponse::default()
        })
    };
    for order in 0..6 {
        let mut stage = Stage::new(&remote_config());
        stage.report_only = None;
        stage.host.answer_by_hand();
        let held: Vec<_> = (0..4).map(|_| stage.open(0, orders(token()))).collect();
        stage.pass(Duration::from_millis(100));
        let callout = stage.host.pending_callouts()[0].id;
        let early = if order % 2 == 0 { 4 } else { 2 };
        for id in &held[..early] {
            assert_eq!(stage.host.finish(*id).outcome, Outcome::Disconnected);
        }
        assert!(stage.host.answer(callout, if order < 3 { good() } else { CalloutOutcome::Reset }));
        for again in [good(), CalloutOutcome::Timeout] {
            assert!(!stage.host.answer(callout, again));
        }
        stage.pass(seconds(7));
        for id in &held[early..] {
            let report = stage.host.finish(*id);
            assert!(report.outcome.is_decided() && report.anomalies.is_empty(), "{report:?}");
        }
        stage.check_health("any order");
    }
    // The ends of a stream, more than once and after the end.
    let mut vm = Vm::start(module(), stage_process(), host_sim::VmName::Worker(0), 0).expect("the module starts");
    let root = vm.add_root(config().to_string().as_bytes()).expect("it is sound");
    let id = vm.open(root, orders(token()));
    for end in [Vm::close, Vm::disconnect, Vm::close] {
        end(&mut vm, id);
    }
    vm.respond(id, vec![(b":status".to_vec(), b"200".to_vec())], true);
    vm.drain_root(root);
    vm.deliver(77, CalloutOutcome::Reset);
    assert_eq!(vm.trap(), None);
}

fn stage_process() -> std::sync::Arc<host_sim::Process> {
    host_sim::Process::new(
        host_sim::Settings::new(host_sim::Profile::Envoy),
        host_sim::Clock::at(NOW),
        host_sim::Log::default(),
    )
}

#[test]
fn o05_requests_that_are_woken_together_do_not_disturb_each_other() {
    // Envoy and this host carry out what a callback asked for after it (Wasm::addAfterVmCallAction), so that no callback
    // begins inside another; what is tried here is many streams of different fates in one answer.
    let second = json!({"name": "second", "issuer": "https://second.example", "audiences": ["api"], "keys": {"jwks_uri": "https://second.example/jwks", "cluster": "idp"}});
    let mut stage = Stage::new(&with(remote_config(), "/issuers/-", second));
    stage.serve(JWKS, key_set([signer().jwk()]).after(Duration::from_millis(300)));
    let tokens = [
        (token(), None),
        (stranger().token(&claims()), Some(401)),
        (token_under(header(json!({"kid": "unknown"}))), Some(401)),
        (token_of(&claims_with(json!({"exp": NOW - 100, "iat": NOW - 200}))), Some(401)),
        (token_of(&claims_with(json!({"iss": "https://second.example"}))), Some(503)),
    ];
    let ids: Vec<_> = (0..100).map(|n| (stage.open(0, orders(&tokens[n % 5].0)), tokens[n % 5].1)).collect();
    stage.pass(seconds(6));
    for (id, status) in ids {
        let report = stage.host.finish(id);
        assert_eq!(report.outcome.status(), status, "{:?}", report.outcome);
        assert_eq!(report.outcome.upstream().is_some(), status.is_none());
        assert!(report.anomalies.is_empty(), "{report:?}");
    }
}

#[test]
fn o06_memory_stops_growing() {
    // A million requests are the soak's; what grows without bound grows here as well.
    let limits = json!({"max_token_bytes": "16KiB", "verified_tokens": {"entries": 4096, "max_bytes": "256KiB"}});
    let mut stage = Stage::new(&with(with(config(), "/limits", limits), "/audit", json!("none")));
    let filler = "x".repeat(11 * 1024);
    let head = encoded(header(json!({})));
    let mut flood = |requests: usize, from: usize| {
        for n in from..from + requests {
            let hostile = match n % 4 {
                0 => format!(
                    "{head}.{}.{}",
                    encoded(claims_with(json!({"n": n, "pad": filler})).to_string()),
                    encoded([n as u8; 64])
                ),
                1 => ".".repeat(16 * 1024),
                2 => token_of(&claims_with(json!({"n": n, "pad": &filler[..n % 4096]}))),
                _ => format!("{head}.{}", "A".repeat(20_000)),
            };
            stage.host.request(0, orders(hostile));
        }
        stage.host.take_log();
        stage.check_health("the flood");
        stage.host.workers()[0].vm().map(Vm::memory_pages)
    };
    flood(1000, 0);
    let full = flood(2500, 1000).unwrap_or_default();
    let after = flood(2500, 3500).unwrap_or_default();
    assert!(after <= full + 1, "{full} pages, then {after}");
}

#[test]
fn o07_the_worst_request_has_a_bound() {
    let wide = |n: u64| encoded(((BigUint::from(1u8) << 8191u32) + 12_345_678_987_654_321_u64 + 2 * n).to_bytes_be());
    let keys = (0..4).map(|n| json!({"kty": "RSA", "n": wide(n), "e": "AQAB"}));
    let mut stage = Stage::on(metered_module(), &config_with_keys(keys), |builder| builder);
    let claims = claims_with(
        json!({"groups": (0..500).map(|n| format!("group-{n}")).collect::<Vec<_>>(), "pad": "x".repeat(4096)}),
    );
    let header = json!({"alg": "PS512"}).to_string();
    let token = format!("{}.{}.{}", encoded(header), encoded(claims.to_string()), encoded([0x55; 1024]));
    let spent = |stage: &Stage| stage.host.workers()[0].vm().and_then(Vm::instructions).expect("a metered module");
    let before = spent(&stage);
    stage.refuses("four keys of 8192 bits", orders(token), R401, "signature_invalid");
    let cost = spent(&stage) - before;
    // Four verifications of 20 million instructions each, and little else.
    assert!(cost < 100_000_000, "{cost} instructions");
    // More keys that fit are not tried at all (C08).
    let keys = (0..20).map(|n| json!({"kty": "RSA", "n": wide(n), "e": "AQAB"}));
    let mut stage = Stage::on(metered_module(), &config_with_keys(keys), |builder| builder);
    let before = spent(&stage);
    stage.refuses("twenty keys", orders(signer_free_token()), R401, "key_ambiguous");
    assert!(spent(&stage) - before < 2_000_000, "{}", spent(&stage) - before);
}

fn signer_free_token() -> String {
    format!("{}.{}.{}", encoded(r#"{"alg":"PS512"}"#), encoded(claims().to_string()), encoded([0x55; 1024]))
}

#[test]
fn o08_no_depth_of_json_reaches_the_end_of_the_stack() {
    for depth in [65, 1000, 100_000, 1_000_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let deep = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            refuses_configuration(&deep, "");
            refuses_configuration(config().to_string().replace("\"api\"", &deep), "");
        }
    }
    let mut stage = Stage::new(&remote_config());
    stage.serve(
        JWKS,
        host_sim::Answer::json(200, format!(r#"{{"keys":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000))),
    );
    stage.send("a deep key set", orders(token())).is_refused("a deep key set", R503, "keys_unavailable");
}

#[test]
fn o09_no_more_is_read_from_the_host_than_is_allowed() {
    let mut stage = Stage::fetching(&remote_config(), JWKS, key_set([signer().jwk()]));
    let pages = |stage: &Stage| stage.host.workers()[0].vm().map_or(0, Vm::memory_pages);
    let before = pages(&stage);
    stage.serve(JWKS, host_sim::Answer::json(200, "x".repeat(64 << 20)));
    stage.pass(seconds(900));
    // 256 KiB are five pages; the allocator may round up.
    assert!(pages(&stage) - before <= 16, "{} pages", pages(&stage) - before);
    stage.admits("the last good set", orders(lasting(signer())));
}

/// What Envoy offers of WASI.
const WASI: [&str; 15] = [
    "args_get",
    "args_sizes_get",
    "clock_time_get",
    "environ_get",
    "environ_sizes_get",
    "fd_close",
    "fd_fdstat_get",
    "fd_read",
    "fd_seek",
    "fd_write",
    "path_filestat_get",
    "path_open",
    "poll_oneoff",
    "proc_exit",
    "random_get",
];

#[test]
fn o10_the_module_imports_what_every_host_has() {
    let (mut hostcalls, mut wasi) = (BTreeSet::new(), BTreeSet::new());
    for import in module().imports() {
        match import.split_once('.') {
            Some(("env", name)) => hostcalls.insert(name.to_owned()),
            Some(("wasi_snapshot_preview1", name)) => wasi.insert(name.to_owned()),
            _ => panic!("{import}"),
        };
    }
    assert_eq!(hostcalls, crate::o_hostcalls::HOSTCALLS.map(str::to_owned).into());
    assert!(wasi.iter().all(|name| WASI.contains(&name.as_str())), "{wasi:?}");
}

#[test]
fn o11_an_invalid_token_is_answered_alike_whatever_is_wrong_with_it() {
    let mut stage = Stage::new(&config());
    let tokens = [
        (stranger().token(&claims()), "signature_invalid"),
        (stranger().token(&claims_with(json!({"sub": "nobody"}))), "signature_invalid"),
        (token_of(&claims_with(json!({"iss": "https://evil.example"}))), "issuer_unknown"),
        (token_of(&claims_with(json!({"aud": "x"}))), "audience_mismatch"),
        (token_of(&claims_with(json!({"exp": NOW - 100, "iat": NOW - 200}))), "token_expired"),
        (token_under(header(json!({"kid": "x"}))), "key_unknown"),
        ("x".to_owned(), "token_malformed"),
    ];
    let mut answers = tokens.into_iter().map(|(token, reason)| {
        let seen = stage.refuses(reason, orders(token), R401, reason);
        let reply = seen.outcome.local_reply().cloned().expect("a reply");
        (reply.status, reply.headers, reply.body, seen.report.response_headers)
    });
    let first = answers.next().expect("an answer");
    assert!(answers.all(|other| other == first));
}

#[test]
fn o12_what_is_written_is_one_escaped_line_and_metric_names_are_the_configurations() {
    let mut stage =
        Stage::new(&with(with(config(), "/audit", json!("all")), "/issuers/0/groups", json!({"unmapped": "keep"})));
    let hostile = "x\r\n[critical] forged\u{1b}[31m\"}{\u{2028}";
    let token =
        token_of(&claims_with(json!({"sub": hostile, "groups": [hostile], "client_id": hostile, "scope": hostile})));
    let before: Vec<String> = stage.host.metrics().into_keys().collect();
    let seen = stage.send("hostile claims", orders(token));
    seen.is_admitted("hostile claims");
    let lines: Vec<_> = seen.log.iter().filter(|line| line.text.contains("claimgate")).collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].text.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{}", lines[0].text);
    let audit: Value = serde_json::from_str(&lines[0].text).expect("one line of JSON");
    assert_eq!(audit["claimgate"], "admit");
    let new: Vec<String> = stage.host.metrics().into_keys().filter(|name| !before.contains(name)).collect();
    assert_eq!(new, ["claimgate.issuer.main.admitted"]);
    for n in 0..50 {
        let token = stranger()
            .with_kid(format!("k{n}").as_str())
            .token(&claims_with(json!({"sub": n.to_string(), "iss": ISSUER})));
        stage.refuses("many kids", orders(token), R401, "key_unknown");
    }
    assert!(stage.host.metrics().len() < 10, "{:?}", stage.host.metrics());
}

#[test]
fn o13_a_refusal_is_made_of_constants_and_fits_its_client() {
    for detail in ["none", "reason"] {
        let mut stage = Stage::new(&with(config(), "/errors", json!({"detail": detail})));
        let marked = header(json!({"kid": "zqzqzq", "x": "zqzqzq"}));
        let token = signer().token_raw(marked, claims_with(json!({"sub": "zqzqzq"})).to_string());
        for (what, method, kind) in [
            ("GET", "GET", "text/html"),
            ("HEAD", "HEAD", ""),
            ("gRPC", "POST", "application/grpc"),
            ("gRPC+proto", "POST", "application/grpc+proto"),
        ] {
            let request = Request::new(method, "/zqzqzq?zqzqzq=1")
                .authority("zqzqzq.example")
                .header("content-type", kind)
                .header("accept", "zqzqzq")
                .bearer(&token);
            let seen = stage.send(what, request);
            assert_eq!(seen.reason.as_deref(), Some("key_unknown"));
            let reply = seen.outcome.local_reply().expect("a reply");
            assert_eq!((reply.status, reply.values("cache-control")), (401, vec!["no-store".to_owned()]));
            let (is_grpc, is_head) = (kind.starts_with("application/grpc"), method == "HEAD");
            let wire = on_the_wire(&seen, is_grpc, is_head);
            let shown = format!(
                "{:?}",
                wire.headers
                    .iter()
                    .map(|(n, v)| [n, v].map(|text| String::from_utf8_lossy(text).into_owned()))
                    .collect::<Vec<_>>()
            );
            assert!(
                !shown.contains("zqzqzq")
                    && !String::from_utf8_lossy(&wire.body).contains("zqzqzq")
                    && !reply.details.contains("zqzqzq"),
                "{shown}"
            );
            assert_eq!(reply.grpc_status, if is_grpc { 16 } else { -1 });
            assert_eq!(wire.body.is_empty(), is_grpc || is_head, "{what}");
            assert!(!is_head || reply.body.is_empty());
        }
    }
}
