//! The embedded host and Envoy run the same module, so the demo prints the same table on both.

use std::process::Command;

use claimgate_tests::module;

/// The demo's output on one host, without the line that names it.
fn table(host: &str) -> Vec<String> {
    let module = module();
    let output = Command::new(claimgate())
        .args(["demo", "--host", host, "--wasm"])
        .arg(&module)
        .output()
        .unwrap_or_else(|error| panic!("cannot run the claimgate command: {error}"));
    let text = String::from_utf8(output.stdout).expect("the table is text");
    assert!(output.status.success(), "{host}:\n{text}{}", String::from_utf8_lossy(&output.stderr));
    let mut lines = text.lines().map(str::to_owned);
    assert_eq!(lines.next().as_deref(), Some(format!("host: {host}").as_str()));
    lines.collect()
}

/// The command beside the tests' own folder: cargo builds it for them as part of the workspace.
fn claimgate() -> std::path::PathBuf {
    let test = std::env::current_exe().expect("a test knows where it is");
    let folder = test.parent().and_then(|deps| deps.parent()).expect("tests run in target/PROFILE/deps");
    let command = folder.join("claimgate");
    assert!(command.is_file(), "there is no {}: run `cargo build -p host-sim`", command.display());
    command
}

#[test]
fn the_demo_prints_the_same_on_both_hosts() {
    let (sim, envoy) = (table("sim"), table("envoy"));
    assert!(sim.len() > 12, "a dozen requests:\n{}", sim.join("\n"));
    for (sim, envoy) in sim.iter().zip(&envoy) {
        assert_eq!(sim, envoy);
    }
    assert_eq!(sim.len(), envoy.len());
}
