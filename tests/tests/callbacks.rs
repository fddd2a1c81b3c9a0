//! Callbacks in every order that the ABI allows and in many that it does not: doubled, missing, about contexts that are not
//! there or no longer, about tokens and sizes that nobody gave. A host that does so is broken or being shut down; the VM
//! survives it, and lets nobody in.
//!
//! `CLAIMGATE_CALLBACKS` is how many (default 30,000), `CLAIMGATE_SEED` repeats a run.

use std::sync::OnceLock;

use claimgate_tests::{Algorithm, SigningKey, generic_module, module};
use host_sim::{Clock, Log, Module, Outcome, Process, Profile, Request, Settings, Vm, VmName};
use serde_json::json;

const NOW: u64 = 1_767_225_600;

/// Every callback of the ABI that a module may export, and how many arguments it takes.
const CALLBACKS: [(&str, usize); 31] = [
    ("proxy_on_context_create", 2),
    ("proxy_on_vm_start", 2),
    ("proxy_on_configure", 2),
    ("proxy_on_tick", 1),
    ("proxy_on_request_headers", 3),
    ("proxy_on_request_body", 3),
    ("proxy_on_request_trailers", 2),
    ("proxy_on_request_metadata", 2),
    ("proxy_on_response_headers", 3),
    ("proxy_on_response_body", 3),
    ("proxy_on_response_trailers", 2),
    ("proxy_on_response_metadata", 2),
    ("proxy_on_log", 1),
    ("proxy_on_done", 1),
    ("proxy_on_delete", 1),
    ("proxy_on_http_call_response", 5),
    ("proxy_on_queue_ready", 2),
    ("proxy_on_foreign_function", 3),
    ("proxy_on_new_connection", 1),
    ("proxy_on_downstream_data", 3),
    ("proxy_on_upstream_data", 3),
    ("proxy_on_downstream_connection_close", 2),
    ("proxy_on_upstream_connection_close", 2),
    ("proxy_on_grpc_receive_initial_metadata", 3),
    ("proxy_on_grpc_receive", 3),
    ("proxy_on_grpc_receive_trailing_metadata", 3),
    ("proxy_on_grpc_close", 3),
    ("proxy_on_grpc_trailing_metadata", 3),
    ("proxy_on_grpc_initial_metadata", 3),
    ("proxy_on_grpc_message", 3),
    ("proxy_validate_configuration", 2),
];

/// The module that takes this `host`.
fn module_for(host: &str) -> &'static Module {
    static ENVOY: OnceLock<Module> = OnceLock::new();
    static GENERIC: OnceLock<Module> = OnceLock::new();
    let (cell, file) = if host == "generic" { (&GENERIC, generic_module()) } else { (&ENVOY, module()) };
    cell.get_or_init(|| Module::from_file(&file).expect("the module loads"))
}

fn key() -> SigningKey {
    SigningKey::numbered(Algorithm::EdDsa, 0)
}

fn token() -> String {
    key().token(
        &json!({"iss": "https://here.example", "sub": "alice", "aud": "api", "iat": NOW - 10, "exp": NOW + 3600}),
    )
}

fn configuration(host: &str) -> String {
    json!({
        "host": host,
        "issuers": [
            {"name": "here", "issuer": "https://here.example", "audiences": ["api"], "keys": {"inline": {"keys": [key().jwk()]}}},
            {"name": "there", "issuer": "https://there.example", "audiences": ["api"],
             "keys": {"jwks_uri": "https://there.example/keys", "cluster": "there"}},
        ],
        "routes": [{"match": {"prefix": "/public"}, "access": "public"}],
    })
    .to_string()
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// A context that may be there, one that never was, or a number that is no number.
    fn number(&mut self, contexts: u64) -> u32 {
        match self.below(10) {
            0 => *[0, u32::MAX, u32::MAX / 2, 1 << 31].get(self.below(4) as usize).unwrap_or(&0),
            _ => self.below(contexts + 4) as u32,
        }
    }
}

/// A VM with one root, where every requirement on a host holds.
fn started(host: &str) -> (Vm, u32) {
    let process = Process::new(Settings::new(Profile::Envoy), Clock::at(NOW), Log::to(|_| ()));
    let mut vm = Vm::start(module_for(host), process, VmName::Worker(0), 0).expect("the module starts");
    let root = vm.add_root(configuration(host).as_bytes()).expect("it is sound");
    (vm, root)
}

/// A good request passes and a bad one does not, after any history. `strips`: the host can be relied on to remove a header.
fn still_decides(vm: &mut Vm, root: u32, strips: bool, told: &str) -> u64 {
    let mut contexts = 0;
    for (request, goes) in [
        (Request::get("/orders").bearer(&token()), true),
        (Request::get("/orders").bearer(&token()).header("x-auth-subject", "root"), strips),
        (Request::get("/orders"), false),
        (Request::get("/orders").bearer("a.b.c"), false),
        (Request::get("/public"), true),
    ] {
        let id = vm.open(root, request);
        contexts = u64::from(id);
        let outcome = vm.outcome(id).cloned();
        assert_eq!(vm.trap(), None, "{told}");
        let upstream = outcome.as_ref().and_then(Outcome::upstream);
        assert_eq!(upstream.is_some(), goes, "{told}: {outcome:?}");
        let subjects = upstream.map(|upstream| upstream.values("x-auth-subject")).unwrap_or_default();
        assert!(!subjects.contains(&"root".to_owned()), "{told}: {subjects:?}");
        vm.disconnect(id);
        vm.take_report(id);
    }
    contexts
}

#[test]
fn no_order_of_callbacks_traps_or_lets_anybody_in() {
    no_order_traps("envoy");
}

#[test]
fn no_order_of_callbacks_traps_generic_module() {
    no_order_traps("generic");
}

fn no_order_traps(host: &str) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seed = number("CLAIMGATE_SEED").unwrap_or(1);
    let total = number("CLAIMGATE_CALLBACKS").unwrap_or(30_000);
    let exported = module_for(host).exports();
    let callbacks: Vec<(&'static str, usize)> =
        CALLBACKS.into_iter().filter(|(name, _)| exported.iter().any(|export| export == name)).collect();
    let unknown: Vec<_> = exported
        .iter()
        .filter(|name| name.starts_with("proxy_on_") && !CALLBACKS.iter().any(|(known, _)| known == name))
        .filter(|name| *name != "proxy_on_memory_allocate")
        .collect();
    assert!(unknown.is_empty(), "callbacks that nobody tries: {unknown:?}");
    let mut random = Random(seed);
    let mut called = 0;
    while called < total {
        let (mut vm, root) = started(host);
        let mut contexts = u64::from(root) + 4;
        let mut trace = Vec::new();
        for _ in 0..300 {
            let (name, count) = callbacks[random.below(callbacks.len() as u64) as usize];
            let arguments: Vec<u32> = (0..count).map(|_| random.number(contexts)).collect();
            trace.push(format!("{name}{arguments:?}"));
            called += 1;
            let last = trace.len().saturating_sub(12);
            if let Err(trap) = vm.callback(name, &arguments) {
                panic!("CLAIMGATE_SEED={seed}: {trap}\nafter {}", trace[last..].join("\n"));
            }
            // Real streams come and go in between, some of them held.
            if random.below(10) == 0 {
                let id = vm.open(root, Request::get("/orders").bearer(&token()));
                contexts = contexts.max(u64::from(id));
                if random.below(2) == 0 {
                    vm.disconnect(id);
                    vm.take_report(id);
                }
            }
        }
        let fresh = vm.add_root(configuration(host).as_bytes()).unwrap_or_else(|error| panic!("{seed}: {error}"));
        still_decides(&mut vm, fresh, host == "envoy", &format!("CLAIMGATE_SEED={seed}"));
    }
    println!("{called} callbacks of {} kinds, no trap", callbacks.len());
}
