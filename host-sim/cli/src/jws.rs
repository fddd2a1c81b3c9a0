//! `claimgate jws`: the signature layer alone.

use std::path::PathBuf;

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

use crate::bytes::Bytes;
use crate::{Failure, lines, oracle};
use host_sim::Host;
use host_sim::Module;
use host_sim::Request;

/// What `jws` is asked.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The key set for lines that bring none.
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// JSON Lines; `-` or nothing is standard input.
    #[arg(value_name = "FILE")]
    input: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(default)]
    id: Value,
    #[serde(borrow)]
    jwks: Option<&'a RawValue>,
    jws: Bytes,
}

#[derive(Serialize)]
struct Verdict {
    id: Value,
    valid: bool,
    reason: Option<String>,
}

/// How many key sets stay prepared.
const KEPT_SETS: usize = 8;

/// A key set in a host of its own, or why the module refuses it.
struct KeySet {
    json: String,
    host: Result<Host, String>,
}

pub(crate) fn run(arguments: &Arguments, module: &Module) -> Result<(), Failure> {
    let read =
        |path: &PathBuf| std::fs::read_to_string(path).map_err(|e| format!("cannot read {}: {e}", path.display()));
    let common = arguments.jwks.as_ref().map(read).transpose()?;
    let mut sets: Vec<KeySet> = Vec::new();
    lines::each(arguments.input.as_deref(), |line| {
        let line: Line<'_> = serde_json::from_slice(line).map_err(|e| e.to_string())?;
        let json = line.jwks.map(RawValue::get).or(common.as_deref()).ok_or("no jwks here and no --jwks")?;
        let set = prepared(&mut sets, module, json);
        let (valid, reason) = match &mut set.host {
            Ok(host) => verify(host, &line.jws.0),
            Err(reason) => (false, Some(reason.clone())),
        };
        Ok(Verdict { id: line.id, valid, reason })
    })
}

/// The key set among those kept, moved to the end, or made anew in place of the one longest unused.
fn prepared<'a>(sets: &'a mut Vec<KeySet>, module: &Module, json: &str) -> &'a mut KeySet {
    let set = match sets.iter().position(|set| set.json == json) {
        Some(at) => sets.remove(at),
        None => {
            if sets.len() == KEPT_SETS {
                sets.remove(0);
            }
            let builder = Host::builder(module).vm_configuration(r#"{"mode":"jws"}"#).reload_after(Default::default());
            let mut host = builder.build();
            let configured = host.configure(json.as_bytes());
            let host = configured.map(|()| host).map_err(|rejected| whole_set(&oracle::mistakes(&rejected)));
            KeySet { json: json.to_owned(), host }
        }
    };
    sets.push(set);
    let last = sets.len() - 1;
    &mut sets[last]
}

/// What is wrong with a key set, which has no path of its own.
fn whole_set(mistakes: &[String]) -> String {
    let bare: Vec<&str> = mistakes.iter().map(|mistake| mistake.trim_start_matches([':', ' '])).collect();
    bare.join("; ")
}

fn verify(host: &mut Host, jws: &[u8]) -> (bool, Option<String>) {
    let before = host.metrics();
    let report = host.request(0, Request::get("/").header("x-jws", jws));
    host.take_log();
    match report.outcome.status() {
        Some(200) => (true, None),
        Some(503) => (false, Some(host.traps().last().map_or("trapped".to_owned(), |trap| format!("trapped: {trap}")))),
        _ => (false, oracle::reason(&before, &host.metrics(), &report.log)),
    }
}
