//! A line of `replay`'s input.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::answers::Answers;
use crate::bytes::Bytes;
use host_sim::Request;

/// What a line says.
pub(super) struct Line {
    pub(super) id: Value,
    pub(super) configuration: Option<String>,
    pub(super) answers: Option<Answers>,
    pub(super) now: Option<Duration>,
    pub(super) reset: bool,
    pub(super) request: Option<Request>,
}

#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(default)]
    id: Value,
    /// Kept as it was written: the module judges repeated members and all else.
    #[serde(borrow)]
    config: Option<&'a RawValue>,
    #[serde(borrow)]
    jwks: Option<BTreeMap<String, &'a RawValue>>,
    now: Option<f64>,
    #[serde(default)]
    reset: bool,
    request: Option<RawRequest>,
}

#[derive(Deserialize)]
struct RawRequest {
    method: Option<String>,
    path: Option<Bytes>,
    authority: Option<String>,
    scheme: Option<String>,
    #[serde(default)]
    headers: Vec<(Bytes, Bytes)>,
    body: Option<Bytes>,
    trailers: Option<Vec<(Bytes, Bytes)>>,
    /// The policy named by the host's route metadata.
    policy: Option<String>,
}

/// The last time a line may set: 9999-12-31T23:59:59Z.
const LAST_SECOND: f64 = 253_402_300_799.0;

impl Line {
    pub(super) fn read(text: &[u8]) -> Result<Line, String> {
        let raw: Raw<'_> = serde_json::from_slice(text).map_err(|e| e.to_string())?;
        let now = match raw.now {
            Some(now) if (0.0..=LAST_SECOND).contains(&now) => Some(Duration::from_secs_f64(now)),
            Some(now) => return Err(format!("now: {now} is no Unix time")),
            None => None,
        };
        Ok(Line {
            id: raw.id,
            configuration: raw.config.map(|config| config.get().to_owned()),
            answers: raw.jwks.map(Answers::read).transpose()?,
            now,
            reset: raw.reset,
            request: raw.request.map(RawRequest::build),
        })
    }
}

impl RawRequest {
    fn build(self) -> Request {
        let host = |(name, _): &&(Bytes, Bytes)| name.0.eq_ignore_ascii_case(b"host");
        let from_host = self.headers.iter().find(host).map(|(_, value)| value.0.clone());
        let authority = self.authority.map(String::into_bytes).or(from_host).unwrap_or_else(|| b"localhost".to_vec());
        let mut request = Request::from_pairs(Vec::new())
            .header(":method", self.method.as_deref().unwrap_or("GET"))
            .header(":path", self.path.map_or(b"/".to_vec(), |path| path.0))
            .header(":scheme", self.scheme.as_deref().unwrap_or("https"))
            .header(":authority", authority);
        for (name, value) in self.headers.into_iter().filter(|pair| !host(&pair)) {
            request = request.header(name.0, value.0);
        }
        if let Some(body) = self.body {
            request = request.body(body.0);
        }
        for (name, value) in self.trailers.unwrap_or_default() {
            request = request.trailer(name.0, value.0);
        }
        match self.policy {
            Some(policy) => request.route_policy(&policy),
            None => request,
        }
    }
}
