//! HTTP callouts: what a module asks for and what comes back.

use std::fmt;
use std::time::Duration;

use crate::headers::Pair;
use crate::log::VmName;
use crate::profile::CalloutFailures;

/// Names a callout within its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CalloutId {
    /// The VM that made it.
    pub vm: VmName,
    /// How many VMs that worker had before this one.
    pub generation: u32,
    /// The token the module holds.
    pub token: u32,
}

/// A request a module sent to a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callout {
    /// Which one.
    pub id: CalloutId,
    /// The root context it belongs to.
    pub root: u32,
    /// The cluster it goes to; on nginx, `host:port`.
    pub cluster: String,
    /// Its headers, pseudo-headers among them.
    pub headers: Vec<Pair>,
    /// Its body.
    pub body: Vec<u8>,
    /// Its trailers.
    pub trailers: Vec<Pair>,
    /// After how long the host gives up; `None` is never.
    pub timeout: Option<Duration>,
}

impl Callout {
    /// The value of a header, if it is there and text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name.as_bytes()))?;
        std::str::from_utf8(value).ok()
    }

    /// The URL asked for; `https` when the module names no scheme.
    pub fn url(&self) -> String {
        self.url_with(self.header(":scheme").unwrap_or("https"))
    }

    /// The URL asked for, with this scheme.
    pub fn url_with(&self, scheme: &str) -> String {
        let part = |name| self.header(name).unwrap_or_default();
        format!("{scheme}://{}{}", part(":authority"), part(":path"))
    }
}

impl fmt::Display for Callout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} by {} to cluster {}",
            self.header(":method").unwrap_or("?"),
            self.url(),
            self.id.vm,
            self.cluster
        )
    }
}

/// How a callout ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CalloutOutcome {
    /// The cluster answered.
    Response(CalloutResponse),
    /// Nothing came in time: on Envoy a 504 with a text body.
    Timeout,
    /// No connection: on Envoy a 503 with a text body.
    ConnectFailure,
    /// The connection broke: on Envoy the callback gets no headers and no body.
    Reset,
    /// The body broke off after these bytes of a longer one: on Envoy the same as a reset.
    Truncated(CalloutResponse),
}

/// A cluster's answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CalloutResponse {
    /// Status code.
    pub status: u16,
    /// Headers without `:status`.
    pub headers: Vec<Pair>,
    /// Body.
    pub body: Vec<u8>,
    /// Trailers.
    pub trailers: Vec<Pair>,
}

/// An answer, and when it comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// How long after the callout.
    pub after: Duration,
    /// What it is.
    pub outcome: CalloutOutcome,
}

impl Answer {
    /// `outcome`, one millisecond after the callout.
    pub fn soon(outcome: CalloutOutcome) -> Answer {
        Answer { after: Duration::from_millis(1), outcome }
    }

    /// A response with a JSON content type, one millisecond after the callout.
    pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Answer {
        let headers = vec![(b"content-type".to_vec(), b"application/json".to_vec())];
        let response = CalloutResponse { status, headers, body: body.into(), trailers: Vec::new() };
        Answer::soon(CalloutOutcome::Response(response))
    }

    /// A bare response, one millisecond after the callout.
    pub fn status(status: u16) -> Answer {
        Answer::soon(CalloutOutcome::Response(CalloutResponse { status, ..CalloutResponse::default() }))
    }

    /// The same answer after a different time.
    pub fn after(self, after: Duration) -> Answer {
        Answer { after, ..self }
    }
}

/// What the module is shown in its callback: the three counts it is told, and the maps and body it can read.
#[derive(Debug, Default)]
pub(crate) struct Delivery {
    pub(crate) header_count: u32,
    pub(crate) body_size: u32,
    pub(crate) trailer_count: u32,
    pub(crate) headers: Option<Vec<Pair>>,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) trailers: Option<Vec<Pair>>,
}

impl CalloutOutcome {
    /// How a host that presents failures so presents the outcome.
    pub(crate) fn deliver(self, failures: CalloutFailures) -> Delivery {
        let dispatch = failures == CalloutFailures::AsDispatchStatus;
        match self {
            CalloutOutcome::Response(response) => Delivery::of(response),
            CalloutOutcome::Truncated(response) if dispatch => {
                let announced = response.body.len() as u32 + 97;
                Delivery { body: None, body_size: announced, ..Delivery::of(response) }
            }
            CalloutOutcome::Timeout if dispatch => Delivery::failed("timeout"),
            CalloutOutcome::ConnectFailure | CalloutOutcome::Reset if dispatch => Delivery::failed("broken connection"),
            CalloutOutcome::Timeout => Delivery::text(504, "upstream request timeout"),
            CalloutOutcome::ConnectFailure => Delivery::text(
                503,
                "upstream connect error or disconnect/reset before headers. reset reason: remote connection failure",
            ),
            CalloutOutcome::Reset | CalloutOutcome::Truncated(_) => Delivery::default(),
        }
    }
}

impl Delivery {
    fn of(response: CalloutResponse) -> Delivery {
        let mut headers = vec![(b":status".to_vec(), response.status.to_string().into_bytes())];
        headers.extend(response.headers);
        Delivery {
            header_count: headers.len() as u32,
            body_size: response.body.len() as u32,
            trailer_count: response.trailers.len() as u32,
            headers: Some(headers),
            body: Some(response.body),
            trailers: Some(response.trailers),
        }
    }

    fn text(status: u16, body: &str) -> Delivery {
        let headers = vec![
            (b"content-length".to_vec(), body.len().to_string().into_bytes()),
            (b"content-type".to_vec(), b"text/plain".to_vec()),
        ];
        Delivery::of(CalloutResponse { status, headers, body: body.into(), trailers: Vec::new() })
    }

    fn failed(reason: &str) -> Delivery {
        Delivery { headers: Some(vec![(b":dispatch_status".to_vec(), reason.into())]), ..Delivery::default() }
    }
}
