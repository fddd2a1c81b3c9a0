//! How large a VM's memory is after so many distinct good tokens: linear memory never shrinks, so this is the most it ever
//! was. `TOKENS` changes the last number.

use claimgate_benches::tokens::{Issuer, Size};
use claimgate_devkit::provider::Algorithm;
use host_sim::{Host, Module, Request, Vm};
use serde_json::json;
use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("the bench stands in no workspace")?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), Into::into);
    let module = Module::from_file(&target.join("wasm32-wasip1/release/claimgate.wasm"))?;
    let most = std::env::var("TOKENS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let issuer = Issuer::new(Algorithm::EdDsa, 0);
    let configuration = json!({
        "issuers": [{"name": "i0", "issuer": issuer.name, "keys": {"inline": issuer.keys}, "audiences": ["api"]}],
        "audit": "none",
    });
    let mut host = Host::builder(&module).build();
    host.configure(configuration.to_string().as_bytes())?;
    let kibibytes = |host: &Host| host.workers()[0].vm().map_or(0, Vm::memory_pages) * 64;
    println!("{:>16} {:>12}", "distinct tokens", "memory, KiB");
    println!("{:>16} {:>12}", 0, kibibytes(&host));
    let mut sent = 0;
    for count in [1, 1000, 20_000, 100_000, most] {
        while sent < count {
            let report = host.request(0, Request::get("/orders").bearer(&issuer.token(sent, Size::Usual)));
            if report.outcome.upstream().is_none() {
                return Err(format!("token {sent} was refused: {:?}", report.outcome).into());
            }
            sent += 1;
        }
        println!("{count:>16} {:>12}", kibibytes(&host));
    }
    Ok(())
}
