//! The straight-line code is what its generator writes.

#[test]
fn the_generated_code_is_current() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/generate.py");
    match std::process::Command::new("python3").args([script, "--check"]).output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => eprintln!("not checked, python3 does not run: {error}"),
    }
}
