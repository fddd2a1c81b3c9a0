//! The requests of the catalogue as lines for `claimgate replay`, for trying them on other hosts: where `CLAIMGATE_RECORD`
//! names a file, each stage adds its requests to it when it ends.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use host_sim::{Answer, CalloutOutcome, CalloutResponse, Host, Request};
use serde_json::{Map, Value, json};

/// One file for all threads of the program.
static FILE: Mutex<()> = Mutex::new(());

/// The most lines of one stage: what comes after is one of thousands of random requests.
const MOST: usize = 40;

/// The lines of one stage; the first has the configuration and drops what lines before left behind.
pub(crate) struct Record {
    configuration: Option<Value>,
    answers: Option<Value>,
    lines: Vec<Value>,
}

impl Record {
    /// A record that keeps nothing unless a file is named.
    pub(crate) fn of(configuration: &Value) -> Record {
        let wanted = std::env::var_os("CLAIMGATE_RECORD").is_some();
        Record { configuration: wanted.then(|| configuration.clone()), answers: None, lines: Vec::new() }
    }

    /// Adds a request, with the time and what providers answer.
    pub(crate) fn note(&mut self, host: &Host, providers: &BTreeMap<String, Answer>, request: &Request) {
        let Some(configuration) = self.configuration.as_ref().filter(|_| self.lines.len() < MOST) else { return };
        let now = host.process().clock.now().wall.as_secs_f64();
        let mut line = json!({"id": self.lines.len(), "now": now, "request": written(request)});
        let answers: Map<String, Value> =
            providers.iter().filter_map(|(url, answer)| Some((url.clone(), described(answer)?))).collect();
        if self.lines.is_empty() {
            line["config"] = configuration.clone();
            line["reset"] = true.into();
        }
        if self.answers.as_ref() != Some(&Value::Object(answers.clone())) {
            line["jwks"] = answers.clone().into();
            self.answers = Some(answers.into());
        }
        self.lines.push(line);
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let Some(path) = std::env::var_os("CLAIMGATE_RECORD").filter(|_| !self.lines.is_empty()) else { return };
        let text: String = self.lines.iter().map(|line| format!("{line}\n")).collect();
        let _alone = FILE.lock().unwrap_or_else(PoisonError::into_inner);
        let mut file = OpenOptions::new().create(true).append(true).open(path).expect("the file can be written");
        file.write_all(text.as_bytes()).expect("the file can be written");
    }
}

/// Text, or `{"hex": "ff00"}`.
fn bytes(bytes: &[u8]) -> Value {
    let hex = || bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    std::str::from_utf8(bytes).map_or_else(|_| json!({"hex": hex()}), Value::from)
}

fn pairs<'a>(pairs: impl Iterator<Item = &'a (Vec<u8>, Vec<u8>)>) -> Value {
    pairs.map(|(name, value)| json!([bytes(name), bytes(value)])).collect()
}

fn written(request: &Request) -> Value {
    let headers = request.headers();
    let mut line = json!({"headers": pairs(headers.iter().filter(|(name, _)| !name.starts_with(b":")))});
    for name in ["method", "path", "authority", "scheme"] {
        let found = headers.iter().find(|(own, _)| own.strip_prefix(b":") == Some(name.as_bytes()));
        if let Some(text) = found.and_then(|(_, value)| std::str::from_utf8(value).ok()) {
            line[name] = text.into();
        }
    }
    line
}

/// An answer as a line has it; nothing for a connection that is refused, which is what a URL without an answer gets.
fn described(answer: &Answer) -> Option<Value> {
    let response = |response: &CalloutResponse| {
        let body = String::from_utf8(response.body.clone()).ok()?;
        Some(json!({"status": response.status, "headers": pairs(response.headers.iter()), "body": body}))
    };
    let mut line = match &answer.outcome {
        CalloutOutcome::Response(given) => response(given)?,
        CalloutOutcome::Truncated(given) => {
            let mut line = response(given)?;
            line["truncated"] = true.into();
            line
        }
        CalloutOutcome::Timeout => json!({"timeout": true}),
        CalloutOutcome::Reset => json!({"reset": true}),
        CalloutOutcome::ConnectFailure => return None,
    };
    if let Ok(after) = u64::try_from(answer.after.as_millis()) {
        line["after"] = after.into();
    }
    Some(line)
}
