//! `claimgate explain`: one request, each step of the line as the module tells it.

mod print;

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use clap::Args;
use serde_json::{Value, json};

use crate::bytes::pairs;
use crate::{Failure, Modules, oracle};
use host_sim::{Host, Outcome, Report, Request};

/// What `explain` is asked.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The configuration, a JSON file.
    #[arg(long, value_name = "C")]
    config: PathBuf,
    /// The token, sent as `Authorization: Bearer`; `-` reads it from standard input.
    #[arg(long, value_name = "T")]
    token: Option<String>,
    /// The keys of issuer NAME, from a file instead of its endpoint.
    #[arg(long, value_name = "NAME=FILE")]
    jwks: Vec<String>,
    /// The time, in seconds since 1970; otherwise the present.
    #[arg(long, value_name = "UNIX")]
    now: Option<u64>,
    /// The request's path, with its query.
    #[arg(long, value_name = "P", default_value = "/")]
    path: String,
    /// The request's method.
    #[arg(long, value_name = "M", default_value = "GET")]
    method: String,
    /// The request's host.
    #[arg(long, value_name = "HOST", default_value = "localhost")]
    authority: String,
    /// A further header.
    #[arg(long, value_name = "N: V")]
    header: Vec<String>,
    /// Prints one JSON object instead of text.
    #[arg(long)]
    json: bool,
}

/// What the module prints before each step.
const STEP: &str = "claimgate step ";

/// How long a request may wait for keys, in the host's own time.
const PATIENCE: Duration = Duration::from_secs(30);

/// Explains one request; true where it is admitted or answered.
pub(crate) fn run(arguments: &Arguments, modules: &Modules) -> Result<bool, Failure> {
    let configuration = with_keys(&arguments.config, &arguments.jwks)?;
    let now = arguments.now.map_or_else(present, |now| Ok(Duration::from_secs(now)))?;
    let module = modules.for_configuration(configuration.as_bytes())?;
    let mut host = Host::builder(module).vm_configuration(r#"{"mode":"explain"}"#).build();
    host.set_now(now);
    if let Err(rejected) = host.configure(configuration.as_bytes()) {
        oracle::mistakes(&rejected).iter().for_each(|mistake| println!("{mistake}"));
        return Ok(false);
    }
    host.advance(Duration::from_millis(20));
    host.set_now(now);
    host.take_log();
    let before = host.metrics();
    let id = host.open(0, request(arguments)?);
    host.advance_until_decided(id, PATIENCE);
    let report = host.finish(id);
    let log = host.take_log();
    let told =
        log.iter().filter_map(|line| line.text.strip_prefix(STEP)).filter_map(|step| serde_json::from_str(step).ok());
    let steps = last_run(told.collect());
    let explained = explained(steps, &report, oracle::refusal(&before, &host.metrics()));
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&explained)?);
    } else {
        print!("{}", print::text(&explained));
    }
    Ok(explained["verdict"] != "refuse")
}

/// A request that waited for keys ran through the line more than once; the last run decided.
fn last_run(steps: Vec<Value>) -> Vec<Value> {
    let start = steps.iter().rposition(|step| step["step"] == "strip").unwrap_or(0);
    steps.into_iter().skip(start).collect()
}

fn explained(steps: Vec<Value>, report: &Report, reason: Option<String>) -> Value {
    let end = steps.last().cloned().unwrap_or_default();
    let (verdict, upstream, response) = match &report.outcome {
        Outcome::Upstream(upstream) => ("admit", json!(pairs(&upstream.headers)), Value::Null),
        Outcome::LocalReply(reply) => {
            let response = json!({"status": reply.status, "headers": pairs(&reply.headers), "body": String::from_utf8_lossy(&reply.body)});
            (if reason.is_some() { "refuse" } else { "answer" }, Value::Null, response)
        }
        _ => ("refuse", Value::Null, Value::Null),
    };
    json!({
        "verdict": verdict,
        "reason": reason,
        "sentence": end["sentence"],
        "steps": steps,
        "upstream_headers": upstream,
        "response": response,
    })
}

fn request(arguments: &Arguments) -> Result<Request, Failure> {
    let mut request = Request::from_pairs(Vec::new())
        .header(":method", arguments.method.as_str())
        .header(":path", arguments.path.as_str())
        .header(":scheme", "https")
        .header(":authority", arguments.authority.as_str());
    if let Some(token) = &arguments.token {
        let mut piped = String::new();
        if token == "-" {
            std::io::stdin().read_to_string(&mut piped).map_err(|e| format!("cannot read the token: {e}"))?;
        }
        let token = if token == "-" { piped.trim() } else { token };
        request = request.header("authorization", format!("Bearer {token}"));
    }
    for header in &arguments.header {
        let (name, value) =
            header.split_once(':').ok_or_else(|| format!("--header {header}: expected `name: value`"))?;
        request = request.header(name.trim(), value.trim());
    }
    Ok(request)
}

/// The configuration, with key sets from files in the place of the endpoints they stand for.
fn with_keys(config: &Path, keys: &[String]) -> Result<String, Failure> {
    let read = |path: &Path| std::fs::read_to_string(path).map_err(|e| format!("cannot read {}: {e}", path.display()));
    let text = read(config)?;
    if keys.is_empty() {
        return Ok(text);
    }
    let mut value: Value = serde_json::from_str(&text).map_err(|e| format!("{}: {e}", config.display()))?;
    for given in keys {
        let (name, file) = given.split_once('=').ok_or_else(|| format!("--jwks {given}: expected NAME=FILE"))?;
        let set: Value = serde_json::from_str(&read(Path::new(file))?).map_err(|e| format!("{file}: {e}"))?;
        let issuers = value["issuers"].as_array_mut().into_iter().flatten();
        let issuer = issuers.into_iter().find(|issuer| issuer["name"] == name);
        issuer.ok_or_else(|| format!("--jwks {given}: no issuer is called {name}"))?["keys"] = json!({"inline": set});
    }
    Ok(value.to_string())
}

#[allow(clippy::disallowed_methods, reason = "the command's own clock: nobody else tells it the time")]
fn present() -> Result<Duration, Failure> {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_err(|e| format!("the clock is before 1970: {e}").into())
}
