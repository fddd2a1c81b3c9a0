//! What the first token costs that a fresh Envoy verifies, beside later ones that are as new: V8 compiles on first use.
//!
//! Each Envoy is started for this alone. A request without a token goes first, so that connection and route are there; then
//! tokens follow one by one, no two the same. Medians over `ROUNDS` Envoys.

#[allow(dead_code, reason = "the other modes are for the comparison")]
mod proxy;

use claimgate_benches::tokens::{Issuer, Size};
use claimgate_devkit::provider::Algorithm;
use claimgate_tests::Connection;
use proxy::Mode;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How many tokens follow the first.
const LATER: usize = 300;

/// What one request cost, in microseconds.
#[derive(Copy, Clone, Debug)]
struct Cost {
    /// CPU time of the worker's thread.
    cpu: f64,
    /// From the request to its answer.
    latency: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("the bench stands in no workspace")?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), Into::into);
    let module = target.join("wasm32-wasip1/release/claimgate.wasm");
    let rounds = std::env::var("ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(7);
    println!("{:22} {:>28}   {:>28}", "", "CPU time of the worker, us", "latency, us");
    let columns = format!("{:>9} {:>9} {:>8}", "first", "later", "ratio");
    println!("{:9} {:12} {columns}   {columns}", "algorithm", "filter");
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::Ps256, Algorithm::EdDsa, Algorithm::Es384] {
        for mode in [Mode::Native, Mode::Claimgate] {
            let mut measured = Vec::new();
            for _ in 0..rounds {
                measured.push(measure(mode, algorithm, &module)?);
            }
            let of = |figure: fn(&(Cost, Cost)) -> f64| median(measured.iter().map(figure).collect());
            let told = |first: f64, later: f64| format!("{first:>9.0} {later:>9.0} {:>8.1}", first / later);
            let cpu = told(of(|(first, _)| first.cpu), of(|(_, later)| later.cpu));
            let latency = told(of(|(first, _)| first.latency), of(|(_, later)| later.latency));
            println!("{:9} {:12} {cpu}   {latency}", algorithm.name(), mode.name());
        }
    }
    Ok(())
}

/// The first token, and the median of the later ones.
fn measure(mode: Mode, algorithm: Algorithm, module: &Path) -> Result<(Cost, Cost), Box<dyn Error>> {
    let issuer = Issuer::new(algorithm, 0);
    let tokens: Vec<String> = (0..=LATER).map(|n| issuer.token(n, Size::Usual)).collect();
    let envoy = mode.start(&[issuer], module)?;
    let clock = worker_clock(envoy.process_id())?;
    let mut connection = Connection::open(envoy.listener())?;
    connection.get("/public", None)?;
    let mut costs = Vec::new();
    for token in &tokens {
        let (begun, before) = (Instant::now(), run_for(&clock)?);
        let status = connection.get("/orders", Some(token))?.status;
        let latency = begun.elapsed().as_secs_f64() * 1e6;
        // The worker does what is left to do after an answer.
        std::thread::sleep(Duration::from_millis(2));
        costs.push(Cost { cpu: (run_for(&clock)? - before) as f64 / 1000.0, latency });
        if status != 200 {
            return Err(format!("{} {}: {status}", mode.name(), algorithm.name()).into());
        }
    }
    let later = |of: fn(&Cost) -> f64| median(costs[1..].iter().map(of).collect());
    Ok((costs[0], Cost { cpu: later(|cost| cost.cpu), latency: later(|cost| cost.latency) }))
}

/// Where Linux says how long the worker's thread has run.
fn worker_clock(process: u32) -> Result<PathBuf, Box<dyn Error>> {
    for task in std::fs::read_dir(format!("/proc/{process}/task"))? {
        let task = task?.path();
        if std::fs::read_to_string(task.join("comm"))?.trim() == "wrk:worker_0" {
            return Ok(task.join("schedstat"));
        }
    }
    Err("Envoy has no worker".into())
}

/// How long a thread has run, in nanoseconds.
fn run_for(clock: &Path) -> Result<u64, Box<dyn Error>> {
    let text = std::fs::read_to_string(clock)?;
    Ok(text.split(' ').next().unwrap_or_default().parse()?)
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or_default()
}
