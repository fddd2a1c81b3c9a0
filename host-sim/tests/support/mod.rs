//! Builds the fixture filter once per test program.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use host_sim::{Host, HostBuilder, LogLine, Module, Report};

/// The fixture's file, compiled anew.
#[allow(dead_code, reason = "each test binary uses its own part of this")]
pub(crate) fn file(name: &str) -> PathBuf {
    build_file(name, &[])
}

fn build(name: &str, flags: &[&str]) -> Vec<u8> {
    std::fs::read(build_file(name, flags)).unwrap()
}

fn build_file(name: &str, flags: &[&str]) -> PathBuf {
    let program = std::env::current_exe().unwrap();
    let unique = format!("{name}-{}", program.file_stem().unwrap().to_string_lossy());
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let (source, out) = (folder.join(format!("{unique}.rs")), folder.join(format!("{unique}.wasm")));
    std::fs::write(&source, include_str!("../fixture/filter.rs")).unwrap();
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut command = Command::new(rustc);
    command.args(["--edition=2024", "--crate-type=cdylib", "--target=wasm32-wasip1", "-O", "-Cpanic=abort", "-o"]);
    let status = command.arg(&out).args(flags).arg(source).status().unwrap();
    assert!(status.success(), "the fixture does not compile: is the target wasm32-wasip1 installed?");
    out
}

/// The fixture, compiled.
pub(crate) fn module() -> &'static Module {
    static MODULE: OnceLock<Module> = OnceLock::new();
    MODULE.get_or_init(|| Module::new(&build("filter", &[])).unwrap())
}

/// The fixture with a metric defined during initialisation, which no host allows.
#[allow(dead_code, reason = "each test binary uses its own part of this")]
pub(crate) fn restricted_module() -> Module {
    Module::new(&build("restricted", &["--cfg", "restricted"])).unwrap()
}

/// The fixture without some of its callbacks, by a `cfg` of its source.
#[allow(dead_code, reason = "each test binary uses its own part of this")]
pub(crate) fn module_without(callbacks: &str) -> Module {
    let cfg = format!("without_{callbacks}");
    Module::new(&build(&cfg, &["--cfg", &cfg])).unwrap()
}

/// A host with the fixture, set up and configured.
#[allow(dead_code, reason = "each test binary uses its own part of this")]
pub(crate) fn host(configuration: &str, set_up: impl FnOnce(HostBuilder) -> HostBuilder) -> Host {
    let mut host = set_up(Host::builder(module())).build();
    host.configure(configuration.as_bytes()).unwrap();
    host
}

/// The texts of log lines.
#[allow(dead_code, reason = "each test binary uses its own part of this")]
pub(crate) fn texts(log: &[LogLine]) -> Vec<&str> {
    log.iter().map(|line| line.text.as_str()).collect()
}

/// The body of a report's local reply.
#[allow(dead_code, reason = "each test binary uses its own part of this")]
pub(crate) fn body(report: &Report) -> String {
    String::from_utf8_lossy(&report.outcome.local_reply().expect("a local reply").body).into_owned()
}
