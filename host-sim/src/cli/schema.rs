//! `claimgate schema`: the JSON Schema of the configuration, from the module itself.

use super::Failure;
use crate::host::Host;
use crate::module::Module;
use crate::stream::Request;

/// Asks the module, started with the VM configuration `{"mode":"schema"}`, and prints what it answers.
pub(super) fn run(module: &Module) -> Result<(), Failure> {
    let mut host = Host::builder(module).vm_configuration(r#"{"mode":"schema"}"#).build();
    host.configure(b"{}").map_err(|rejected| format!("this module offers no schema: {rejected}"))?;
    let report = host.request(0, Request::get("/"));
    let reply = report.outcome.local_reply().filter(|reply| reply.status == 200);
    let schema = reply.ok_or("this module offers no schema")?;
    println!("{}", String::from_utf8_lossy(&schema.body).trim_end());
    Ok(())
}
