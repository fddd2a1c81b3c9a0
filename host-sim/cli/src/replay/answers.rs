//! The answers to the filter's callouts, by URL.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::bytes::Bytes;
use host_sim::{Answer, Callout, CalloutOutcome, CalloutResponse};

/// URLs with what they answer; one that is missing refuses the connection.
#[derive(Debug, Default)]
pub(super) struct Answers {
    by_url: BTreeMap<String, Answer>,
}

#[derive(Debug, Deserialize)]
struct Special {
    status: Option<u16>,
    body: Option<Value>,
    #[serde(default)]
    headers: Vec<(Bytes, Bytes)>,
    #[serde(default)]
    timeout: bool,
    #[serde(default)]
    reset: bool,
    #[serde(default)]
    truncated: bool,
    /// Milliseconds until the answer.
    after: Option<u64>,
}

/// Members that make an object a description of an answer, unless it is a document itself.
const DESCRIBES: [&str; 4] = ["status", "body", "timeout", "reset"];
const IS_DOCUMENT: [&str; 2] = ["keys", "issuer"];

impl Answers {
    pub(super) fn read(values: BTreeMap<String, &RawValue>) -> Result<Answers, String> {
        let read = |(url, raw): (String, &RawValue)| match answer(raw) {
            Ok(answer) => Ok((url, answer)),
            Err(problem) => Err(format!("jwks[{url:?}]: {problem}")),
        };
        Ok(Answers { by_url: values.into_iter().map(read).collect::<Result<_, _>>()? })
    }

    /// What a callout gets. Where it names no scheme, https is tried before http.
    pub(super) fn to(&self, callout: &Callout) -> Answer {
        let schemes = callout.header(":scheme").map_or(vec!["https", "http"], |scheme| vec![scheme]);
        let found = schemes.iter().find_map(|scheme| self.by_url.get(&callout.url_with(scheme)));
        found.cloned().unwrap_or_else(|| Answer::soon(CalloutOutcome::ConnectFailure))
    }
}

fn answer(raw: &RawValue) -> Result<Answer, String> {
    let value: Value = serde_json::from_str(raw.get()).map_err(|e| e.to_string())?;
    let has = |name: &str| value.get(name).is_some();
    match &value {
        Value::Object(_) if DESCRIBES.iter().any(|n| has(n)) && !IS_DOCUMENT.iter().any(|n| has(n)) => special(raw),
        Value::Object(_) | Value::Array(_) => Ok(Answer::json(200, raw.get())),
        _ => Err("expected an object or an array".to_owned()),
    }
}

fn special(raw: &RawValue) -> Result<Answer, String> {
    let own: Special = serde_json::from_str(raw.get()).map_err(|e| e.to_string())?;
    let body = match own.body {
        Some(Value::String(text)) => text.into_bytes(),
        Some(other) => other.to_string().into_bytes(),
        None => Vec::new(),
    };
    let headers = own.headers.into_iter().map(|(name, value)| (name.0.to_ascii_lowercase(), value.0)).collect();
    let response = CalloutResponse { status: own.status.unwrap_or(200), headers, body, trailers: Vec::new() };
    let answer = Answer::soon(match (own.timeout, own.reset, own.truncated) {
        (true, _, _) => return Ok(Answer { after: Duration::MAX, outcome: CalloutOutcome::Timeout }),
        (_, true, _) => CalloutOutcome::Reset,
        (_, _, true) => CalloutOutcome::Truncated(response),
        _ => CalloutOutcome::Response(response),
    });
    Ok(own.after.map_or(answer.clone(), |after| answer.after(Duration::from_millis(after))))
}
