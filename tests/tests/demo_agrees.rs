//! The embedded host and Envoy run the same module, so the demo prints the same table on both.

use claimgate_cli::demo::table;
use claimgate_tests::{Host, module};

#[test]
fn the_demo_prints_the_same_on_both_hosts() {
    let [sim, envoy] = [Host::Sim, Host::Envoy]
        .map(|host| table(host, &module()).unwrap_or_else(|error| panic!("the demo on {host:?}: {error}")));
    for (sim, envoy) in sim.lines().zip(envoy.lines()) {
        assert_eq!(sim, envoy);
    }
    assert_eq!(sim, envoy);
    let last = sim.lines().last().unwrap_or_default();
    assert!(sim.lines().count() > 13 && last.ends_with("requests, all as they should be"), "{sim}");
}
