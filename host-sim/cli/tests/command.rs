//! The command line: what goes in and what comes out.

#[path = "../../tests/support/mod.rs"]
mod support;

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

fn claimgate(arguments: &[&str], input: &str) -> Output {
    static WASM: std::sync::OnceLock<std::path::PathBuf> = std::sync::OnceLock::new();
    let wasm = WASM.get_or_init(|| support::file("command"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_claimgate"));
    command.args(arguments).arg("--wasm").arg(wasm);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn replay(arguments: &[&str], lines: &[Value]) -> Vec<Value> {
    let input: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let output = claimgate(&[&["replay"], arguments].concat(), &input);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn scratch(name: &str, text: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn replay_answers_each_line_with_one_line_in_order_whatever_it_holds() {
    let output = claimgate(
        &["replay", "-"],
        "{\"id\":1,\"config\":\"\",\"request\":{\"path\":\"/admit\"}}\nnonsense\n\n{\"id\":4,\"now\":\"x\"}\n{\"id\":5,\"request\":{\"path\":\"/deny\"}}",
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 5);
    assert_eq!(lines[0]["verdict"], "admit");
    assert!(lines[1]["error"].is_string() && lines[1]["id"].is_null());
    assert!(lines[2]["error"].is_string());
    assert_eq!(lines[3]["id"], 4);
    assert_eq!(
        (&lines[4]["verdict"], &lines[4]["reason"], &lines[4]["status"]),
        (&json!("refuse"), &json!("denied"), &json!(401))
    );
    assert!(output.status.success());
}

#[test]
fn replay_shows_the_headers_the_upstream_gets_and_bytes_that_are_no_text_in_hex() {
    let request = json!({"method": "PUT", "path": "/admit", "authority": "a.test",
        "headers": [["X-Id", "evil"], ["raw", {"hex": "ff00"}], ["raw", "two"]]});
    let out = replay(&[], &[json!({"id": "a", "config": "", "request": request})]);
    let expected = json!([[":method", "PUT"], [":path", "/admit"], [":scheme", "https"], [":authority", "a.test"],
        ["raw", {"hex": "ff00"}], ["raw", "two"], ["x-id", "v1"]]);
    assert_eq!(out[0]["upstream_headers"], expected);
    assert_eq!(out[0]["status"], Value::Null);
    assert_eq!(out[0]["trapped"], false);
}

#[test]
fn replay_answers_callouts_by_url_and_gives_up_on_those_it_does_not_know() {
    let line = |jwks: Value| json!({"config": " tick=10 fetch=/jwks ", "jwks": jwks, "request": {"path": "/wait"}, "reset": true});
    let keys = |value: Value| json!({"https://idp.test/jwks": value});
    let out = replay(
        &[],
        &[
            line(keys(json!({"keys": []}))),
            line(keys(json!({"status": 500}))),
            line(keys(json!({"timeout": true}))),
            line(keys(json!({"body": "<html>"}))),
            line(json!({})),
            json!({"request": {"path": "/wait"}, "jwks": {"x": 5}}),
        ],
    );
    let verdicts: Vec<&str> = out.iter().map(|line| line["verdict"].as_str().unwrap_or("none")).collect();
    assert_eq!(verdicts, ["admit", "reply", "reply", "admit", "reply", "none"]);
    assert_eq!(out[0]["callouts"], 1);
    assert!(out[5]["error"].as_str().unwrap().contains("jwks[\"x\"]"));
}

#[test]
fn replay_keeps_state_while_the_configuration_stays_and_drops_it_on_reset() {
    let shared = json!({"request": {"path": "/shared"}});
    let first = json!({"config": "", "request": {"path": "/shared"}});
    let out = replay(&[], &[first.clone(), shared.clone(), first, json!({"reset": true}), shared]);
    let bodies: Vec<&str> = out.iter().map(|line| line["response_body"].as_str().unwrap_or("-")).collect();
    assert_eq!(bodies, ["0 Ok(([118], 1)) 8", "0 Ok(([118], 2)) 8", "0 Ok(([118], 3)) 8", "-", "0 Ok(([118], 1)) 8"]);
}

#[test]
fn replay_names_what_is_wrong_with_a_configuration_until_another_comes() {
    let lines = [
        json!({"id": 1, "config": " refuse=issuers[0].name ", "request": {"path": "/admit"}}),
        json!({"id": 2, "request": {"path": "/admit"}}),
        json!({"id": 3, "config": "", "request": {"path": "/admit"}}),
    ];
    let out = replay(&[], &lines);
    let refused = json!({"id": 1, "verdict": "bad_config", "reason": "issuers[0].name: must not be"});
    assert_eq!(out[0], refused);
    assert_eq!(out[1]["verdict"], "bad_config");
    assert_eq!(out[2]["verdict"], "admit");
}

#[test]
fn replay_says_that_a_vm_trapped_and_goes_on_with_a_new_one() {
    let line = |path: &str| json!({"config": "", "request": {"path": path}});
    let out = replay(&[], &[line("/trap"), line("/admit")]);
    assert_eq!((&out[0]["trapped"], &out[0]["status"]), (&json!(true), &json!(503)));
    assert!(out[0]["trap"].as_str().unwrap().contains("told to trap"));
    assert_eq!((&out[1]["trapped"], &out[1]["verdict"]), (&json!(false), &json!("admit")));
}

#[test]
fn replay_takes_another_host_and_more_workers() {
    let line = json!({"config": "", "request": {"path": "/wait"}});
    assert_eq!(replay(&["--host-profile", "nginx"], std::slice::from_ref(&line))[0]["verdict"], "admit");
    let out = replay(&["--workers", "3"], &[line.clone(), line]);
    assert!(out.iter().all(|line| line["verdict"] == "pending"), "{out:?}");
    assert_eq!(claimgate(&["replay", "--host-profile", "iis"], "").status.code(), Some(2));
}

#[test]
fn check_prints_mistakes_and_warnings_and_says_so_in_its_status() {
    let bad = scratch("bad.json", " warn=routes[1] refuse=issuers ");
    let output = claimgate(&["check", &bad], "");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "issuers: must not be\nwarning: routes[1]: unwise\n");
    let good = scratch("good.json", "warn=routes[1]");
    let output = claimgate(&["check", &good], "");
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("warning: routes[1]: unwise\n"));
    assert_eq!(claimgate(&["check", "/no/such/file"], "").status.code(), Some(1));
}

/// With the modules that `make wasm` built.
#[test]
fn check_takes_module_for_configured_host() {
    let keys = r#"{"jwks_uri": "https://a.example/keys", "cluster": "a.example:443"}"#;
    let issuer = format!(r#"{{"name": "a", "issuer": "https://a.example", "audiences": ["x"], "keys": {keys}}}"#);
    for host in ["envoy", "generic"] {
        let file = scratch(&format!("{host}.json"), &format!(r#"{{"host": "{host}", "issuers": [{issuer}]}}"#));
        let run = |arguments: &[&str]| Command::new(env!("CARGO_BIN_EXE_claimgate")).args(arguments).output().unwrap();
        let output = run(&["check", &file]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{host}: {text}{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(text.contains("warning: forward_token: "), host == "generic", "{text}");
        assert!(!text.contains("callouts"), "{text}");
        let output = run(&["explain", "--config", &file]);
        assert!(String::from_utf8(output.stdout).unwrap().contains("no_credential"), "{host}");
    }
}

#[test]
fn check_prints_what_the_module_took_as_it_applies() {
    let issuer =
        r#"{"name": "a", "preset": "google", "audiences": ["x"], "anyone": true, "keys": {"cluster": "google"}}"#;
    let good = scratch("preset.json", &format!(r#"{{"issuers": [{issuer}]}}"#));
    let printed: Value = serde_json::from_slice(&claimgate(&["check", "--print", &good], "").stdout).unwrap();
    assert_eq!(printed["issuers"][0]["issuer"], "https://accounts.google.com");
    assert_eq!(printed["clock_skew"], "60s");
    let strange = scratch("strange.json", "warn=routes[1]");
    let output = claimgate(&["check", "--print", &strange], "");
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), b"".as_slice()));
}

#[test]
fn schema_prints_the_committed_schema_and_needs_no_module() {
    let output = Command::new(env!("CARGO_BIN_EXE_claimgate")).args(["schema", "--wasm", "/nowhere"]).output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), include_str!("../../../plugin/core/config.schema.json"));
}
