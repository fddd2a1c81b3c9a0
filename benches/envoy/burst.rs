//! One burst of load on one proxy.

use super::scenario::Scenario;
use claimgate_devkit::envoy::Envoy;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::process::Command;

/// What one burst showed.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Measured {
    /// Requests a second.
    pub(crate) rps: f64,
    /// CPU time of the Envoy process in microseconds a request.
    pub(crate) cpu_us: f64,
    /// Median latency in microseconds.
    pub(crate) p50_us: f64,
    /// 99th percentile of latency in microseconds.
    pub(crate) p99_us: f64,
}

#[derive(Deserialize)]
struct Load {
    statuses: BTreeMap<String, u64>,
    errors: u64,
    seconds: f64,
    p50_us: f64,
    p99_us: f64,
}

/// Connections of the load.
const CONNECTIONS: &str = "16";

/// Sends a burst and takes the figures. Every answer must be the scenario's.
pub(crate) fn run(
    envoy: &Envoy,
    scenario: &Scenario,
    tokens: Option<&Path>,
    offset: u32,
    requests: u32,
) -> Result<Measured, Box<dyn Error>> {
    pin(envoy.process_id(), 0)?;
    let before = cpu_nanoseconds(envoy.process_id())?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("envoy/load.mjs");
    let mut command = Command::new("taskset");
    command.args(["-c", "1", "node"]).arg(script).arg(format!("http://{}{}", envoy.listener(), scenario.path));
    command.args([&requests.to_string(), CONNECTIONS]);
    if let Some(tokens) = tokens {
        command.arg(tokens).arg(offset.to_string());
    }
    let output =
        command.output().map_err(|error| format!("the load did not start (taskset and node are needed): {error}"))?;
    let after = cpu_nanoseconds(envoy.process_id())?;
    let load: Load = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("the load says {error}: {}", String::from_utf8_lossy(&output.stderr)))?;
    let answered = load.statuses.get(&scenario.status.to_string()).copied().unwrap_or(0);
    if answered != u64::from(requests) || load.errors > 0 {
        let (name, statuses, errors) = (scenario.name, load.statuses, load.errors);
        return Err(format!(
            "{name}: expected {requests} times {}, got {statuses:?} and {errors} errors",
            scenario.status
        )
        .into());
    }
    let count = f64::from(requests);
    let cpu_us = (after - before) as f64 / 1000.0 / count;
    Ok(Measured { rps: count / load.seconds, cpu_us, p50_us: load.p50_us, p99_us: load.p99_us })
}

/// Keeps all threads of a process on one processor.
fn pin(process: u32, processor: u32) -> Result<(), Box<dyn Error>> {
    let pinned =
        Command::new("taskset").args(["-a", "-p", "-c", &processor.to_string(), &process.to_string()]).output()?;
    if pinned.status.success() { Ok(()) } else { Err("taskset could not pin Envoy".into()) }
}

/// What all threads of a process have run for.
fn cpu_nanoseconds(process: u32) -> Result<u64, Box<dyn Error>> {
    let mut sum = 0;
    for task in std::fs::read_dir(format!("/proc/{process}/task"))? {
        let text = std::fs::read_to_string(task?.path().join("schedstat"))?;
        sum += text.split(' ').next().unwrap_or_default().parse::<u64>()?;
    }
    Ok(sum)
}
