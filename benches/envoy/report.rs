//! Medians and ratios, as a table and as JSON.

use super::burst::Measured;
use super::proxy::Mode;
use super::scenario::Scenario;
use serde_json::{Value, json};
use std::io;
use std::path::Path;

/// The rows measured so far.
#[derive(Default)]
pub(crate) struct Report(Vec<Value>);

impl Report {
    /// Adds a scenario and prints its rows.
    pub(crate) fn add(&mut self, scenario: &Scenario, measured: &[(Mode, Vec<Measured>)]) {
        if self.0.is_empty() {
            println!(
                "{:24} {:22} {:>9} {:>9} {:>8} {:>8} {:>9} {:>9}",
                "scenario", "mode", "requests/s", "CPU us", "p50 us", "p99 us", "to native", "to cached"
            );
        }
        let rounds =
            |wanted: Mode| measured.iter().find(|(mode, _)| *mode == wanted).map(|(_, rounds)| rounds.as_slice());
        for (index, (mode, own)) in measured.iter().enumerate() {
            let ratio = |other: Option<&[Measured]>| {
                other.map(|other| median(own.iter().zip(other).map(|(a, b)| a.cpu_us / b.cpu_us)))
            };
            let alone = scenario.baseline && index + 1 == measured.len();
            let name = if alone { "claimgate, 1 issuer" } else { mode.name() };
            let figure = |of: fn(&Measured) -> f64| median(own.iter().map(of));
            let (rps, cpu) = (figure(|m| m.rps), figure(|m| m.cpu_us));
            let (p50, p99) = (figure(|m| m.p50_us), figure(|m| m.p99_us));
            let (native, cached) = (ratio(rounds(Mode::Native)), ratio(rounds(Mode::NativeCached)));
            let shown = |ratio: Option<f64>| ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.2}"));
            println!(
                "{:24} {name:22} {rps:>9.0} {cpu:>9.1} {p50:>8.0} {p99:>8.0} {:>9} {:>9}",
                scenario.name,
                shown(native),
                shown(cached)
            );
            self.0.push(json!({
                "scenario": scenario.name,
                "mode": name,
                "rps": rps,
                "cpu_us_per_request": cpu,
                "p50_us": p50,
                "p99_us": p99,
                "cpu_ratio_to_native": native,
                "cpu_ratio_to_native_cached": cached,
                "cpu_ratio_to_no_filter": ratio(rounds(Mode::NoFilter)),
                "cpu_ratio_to_one_issuer": ratio(measured.last().filter(|_| scenario.baseline).map(|(_, rounds)| rounds.as_slice())),
            }));
        }
    }

    /// Writes `envoy.json`.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("envoy.json"), serde_json::to_string_pretty(&self.0)?)
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
