//! What one warm request costs inside the module: wasm instructions and host calls. The same on every machine, whatever else
//! it does, so that a change of a few percent shows.

use claimgate_benches::tokens::{Issuer, Size};
use claimgate_devkit::provider::Algorithm;
use host_sim::{Host, Module, Request};
use serde_json::json;
use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("the bench stands in no workspace")?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), Into::into);
    let module = Module::metered(&std::fs::read(target.join("wasm32-wasip1/release/claimgate.wasm"))?)?;
    println!("{:28} {:>12} {:>10}", "request", "instructions", "host calls");
    for (algorithm, size) in [
        (Algorithm::Rs256, Size::Usual),
        (Algorithm::Rs256, Size::Large),
        (Algorithm::Ps256, Size::Usual),
        (Algorithm::Es256, Size::Usual),
        (Algorithm::EdDsa, Size::Usual),
        (Algorithm::Es384, Size::Usual),
    ] {
        let issuer = Issuer::new(algorithm, 0);
        let tokens = std::fs::read_to_string(issuer.tokens(&target.join("bench"), 8, size, false)?)?;
        let tokens: Vec<&str> = tokens.lines().collect();
        let configuration = json!({
            "issuers": [{"name": "i0", "issuer": issuer.name, "keys": {"inline": issuer.keys}, "audiences": ["api"]}],
            "routes": [{"match": {"prefix": "/public"}, "access": "public"}],
            "identity_headers": {"username": null, "client": null, "groups": null, "scopes": null},
        });
        let mut host = Host::builder(&module).build();
        host.configure(configuration.to_string().as_bytes())?;
        let mut cost = |request: Request| {
            let spent = |host: &Host| host.workers()[0].vm().and_then(host_sim::Vm::instructions).unwrap_or(0);
            let before = spent(&host);
            let report = host.request(0, request);
            (spent(&host) - before, report.hostcall_count())
        };
        for token in &tokens[..4] {
            cost(request("/orders", token));
        }
        let name = format!("{} {size:?}", algorithm.name());
        let print = |what: &str, (instructions, calls): (u64, u64)| {
            println!("{name:18} {what:9} {instructions:>12} {calls:>10}")
        };
        print("fresh", cost(request("/orders", tokens[5])));
        print("repeated", cost(request("/orders", tokens[5])));
        if (algorithm, size) == (Algorithm::Rs256, Size::Usual) {
            print("public", cost(request("/public/x", tokens[5])));
        }
    }
    unauthenticated(&module)
}

/// What a request without a token costs under a thousand rules, by its path.
fn unauthenticated(module: &Module) -> Result<(), Box<dyn Error>> {
    let rule = |number: usize| json!({"match": {"template": format!("/v1/service-{number}/{{id}}/**")}, "groups": {"any": ["a"]}});
    let issuer = json!({"name": "i0", "issuer": "https://i0.example", "audiences": ["api"],
        "keys": {"jwks_uri": "https://i0.example/keys", "cluster": "i0"}});
    let configuration = json!({"issuers": [issuer], "routes": (0..1000).map(rule).collect::<Vec<_>>()});
    let mut host = Host::builder(module).build();
    host.configure(configuration.to_string().as_bytes())?;
    println!("\n{:28} {:>12} {:>10}", "path, 1,000 rules", "instructions", "host calls");
    for (name, piece, length) in [
        ("plain, 10 B", "a", 10),
        ("plain, 58 KB", "a", 58_000),
        ("braces, 58 KB", "{", 58_000),
        ("escapes, 58 KB", "%2e", 58_000),
        ("braces, 4 KB", "{", 4090),
        ("escapes, 4 KB", "%252e", 4090),
        ("everything, 4 KB", "/..;x/%25", 4090),
        ("everything, 500 B", "/..;x/%25", 500),
    ] {
        let spent = |host: &Host| host.workers()[0].vm().and_then(host_sim::Vm::instructions).unwrap_or(0);
        let before = spent(&host);
        let report = host.request(0, Request::get(&format!("/{}", piece.repeat(length / piece.len()))));
        println!("{name:28} {:>12} {:>10}", spent(&host) - before, report.hostcall_count());
    }
    Ok(())
}

/// A request with the headers that Envoy sees of an ordinary client.
fn request(path: &str, token: &str) -> Request {
    Request::get(path)
        .header("user-agent", "curl/8.5.0")
        .header("accept", "*/*")
        .header("x-forwarded-proto", "https")
        .header("x-request-id", "8f4fc3a1-6b7e-4b1f-9c53-2d3a4b5c6d7e")
        .bearer(token)
}
