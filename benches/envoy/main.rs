//! claimgate beside Envoy's own `jwt_authn`, in the same Envoy build, with the same tokens and the same headers set.
//!
//! Every proxy has one worker pinned to one processor, the load comes from another; the proxies are measured in turn, in
//! short bursts, and the figures are medians over the rounds. CPU time is that of the Envoy process, as Linux accounts it.

mod burst;
mod proxy;
mod report;
mod scenario;

use burst::Measured;
use claimgate_devkit::provider::Algorithm;
use proxy::Mode;
use report::Report;
use scenario::{Scenario, scenarios};
use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("the bench stands in no workspace")?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), Into::into);
    let module = target.join("wasm32-wasip1/release/claimgate.wasm");
    let number =
        |name: &str, default: u32| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let (rounds, requests) = (number("ROUNDS", 7), number("REQUESTS", 4000));
    let only = std::env::var("SCENARIO").unwrap_or_default();
    let mut report = Report::default();
    for scenario in scenarios().iter().filter(|scenario| scenario.name.contains(&only)) {
        measure(scenario, &module, &target.join("bench"), (rounds, requests), &mut report)?;
    }
    report.write(&target.join("bench"))?;
    Ok(())
}

fn measure(
    scenario: &Scenario,
    module: &Path,
    folder: &Path,
    (rounds, requests): (u32, u32),
    report: &mut Report,
) -> Result<(), Box<dyn Error>> {
    let issuers = scenario.issuers();
    let tokens = scenario.tokens(&issuers, folder)?;
    let mut proxies = Vec::new();
    for mode in scenario.modes {
        proxies.push((*mode, mode.start(&issuers, module)?, Vec::new()));
    }
    if scenario.baseline {
        let one = scenario::issuer(Algorithm::Rs256, scenario.issuer_count - 1);
        proxies.push((Mode::Claimgate, Mode::Claimgate.start(&[one], module)?, Vec::new()));
    }
    let mut offset = 0;
    for round in 0..=rounds {
        for (_, envoy, measured) in &mut proxies {
            let got = burst::run(envoy, scenario, tokens.as_deref(), offset, requests)?;
            // The first round warms what V8 compiles on first use and what fills on it.
            if round > 0 {
                measured.push(got);
            }
        }
        offset += requests;
    }
    let measured: Vec<(Mode, Vec<Measured>)> =
        proxies.into_iter().map(|(mode, _, measured)| (mode, measured)).collect();
    report.add(scenario, &measured);
    Ok(())
}
