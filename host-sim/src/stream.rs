//! One request through the filter: what goes in, and what came of it.

use std::collections::BTreeMap;

use crate::headers::{HeaderMap, Pair};
use crate::log::LogLine;
use crate::route::Route;

mod reply;
mod request;

pub use reply::{ClientResponse, LocalReply};
pub use request::Request;

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The filter holds it.
    Pending,
    /// It went on to the upstream.
    Upstream(Upstream),
    /// The filter answered it.
    LocalReply(LocalReply),
    /// The host answered it for the filter, which trapped.
    Failed(Failure),
    /// The client went away first.
    Disconnected,
}

/// A request as the upstream sees it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Upstream {
    /// Headers, pseudo-headers among them, in order.
    pub headers: Vec<Pair>,
    /// Trailers, if the client sent some.
    pub trailers: Option<Vec<Pair>>,
}

impl Upstream {
    /// The values of a header, in order.
    pub fn values(&self, name: &str) -> Vec<String> {
        let same = |own: &[u8]| own.eq_ignore_ascii_case(name.as_bytes());
        let values = self.headers.iter().filter(|(own, _)| same(own));
        values.map(|(_, value)| String::from_utf8_lossy(value).into_owned()).collect()
    }
}

/// A request failed closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The status the client gets.
    pub status: u16,
    /// Why.
    pub message: String,
}

impl Outcome {
    /// True once the request is no longer the filter's.
    pub fn is_decided(&self) -> bool {
        !matches!(self, Outcome::Pending)
    }

    /// The request as the upstream sees it, if it went there.
    pub fn upstream(&self) -> Option<&Upstream> {
        match self {
            Outcome::Upstream(upstream) => Some(upstream),
            _ => None,
        }
    }

    /// The filter's answer, if it gave one.
    pub fn local_reply(&self) -> Option<&LocalReply> {
        match self {
            Outcome::LocalReply(reply) => Some(reply),
            _ => None,
        }
    }

    /// The status the client gets, unless it comes from the upstream or is not known.
    pub fn status(&self) -> Option<u16> {
        match self {
            Outcome::LocalReply(reply) => Some(reply.status),
            Outcome::Failed(failure) => Some(failure.status),
            _ => None,
        }
    }
}

/// Everything seen of one stream, complete once the stream has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What became of the request.
    pub outcome: Outcome,
    /// The response's headers as the client sees them, after the filter's response callback, `:status` first.
    pub response_headers: Vec<Pair>,
    /// How often each hostcall was made in this stream's own callbacks.
    pub hostcalls: BTreeMap<&'static str, u64>,
    /// The lines logged for this stream.
    pub log: Vec<LogLine>,
    /// Things no filter should do, each in a sentence: a second answer, a resume of what does not wait.
    pub anomalies: Vec<String>,
    /// Properties the filter set, in order; path parts are separated by NUL.
    pub properties_set: Vec<Pair>,
    /// The name of the route that served the request, if it went upstream on a host with routes.
    pub route: Option<String>,
    /// The request's headers at the end of the stream, as Envoy's access log reads them.
    pub logged_headers: Vec<Pair>,
}

impl Report {
    pub(crate) fn of(outcome: Outcome) -> Report {
        Report {
            outcome,
            response_headers: Vec::new(),
            hostcalls: BTreeMap::new(),
            log: Vec::new(),
            anomalies: Vec::new(),
            properties_set: Vec::new(),
            route: None,
            logged_headers: Vec::new(),
        }
    }

    /// How many hostcalls there were in all.
    pub fn hostcall_count(&self) -> u64 {
        self.hostcalls.values().sum()
    }
}

/// A stream inside a VM.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) root: u32,
    pub(crate) request_headers: HeaderMap,
    pub(crate) request_headers_open: bool,
    pub(crate) request_body: Vec<u8>,
    pub(crate) request_body_open: bool,
    pub(crate) request_trailers: Option<HeaderMap>,
    pub(crate) request_trailers_open: bool,
    pub(crate) response_headers: Option<HeaderMap>,
    pub(crate) response_headers_open: bool,
    pub(crate) logging: bool,
    pub(crate) paused: bool,
    pub(crate) reply_pending: bool,
    pub(crate) properties: BTreeMap<Vec<u8>, Vec<u8>>,
    /// The route that properties show.
    pub(crate) shown_route: Option<Route>,
    pub(crate) is_grpc: bool,
    pub(crate) is_head: bool,
    pub(crate) report: Report,
}

impl Stream {
    pub(crate) fn new(root: u32, request: Request, maps: crate::headers::MapRules) -> Stream {
        let is_grpc = request.is_grpc();
        let is_head = request.value(":method") == Some(b"HEAD");
        let mut properties = request.properties;
        if let Some((_, path)) = request.headers.iter().find(|(name, _)| name == b":path") {
            properties.entry(b"request\0path".to_vec()).or_insert_with(|| path.clone());
        }
        Stream {
            root,
            request_headers: HeaderMap::new(maps, request.headers),
            request_headers_open: true,
            request_body: request.body,
            request_body_open: false,
            request_trailers: request.trailers.map(|pairs| HeaderMap::new(maps, pairs)),
            request_trailers_open: false,
            response_headers: None,
            response_headers_open: false,
            logging: false,
            paused: false,
            reply_pending: false,
            properties,
            shown_route: None,
            is_grpc,
            is_head,
            report: Report::of(Outcome::Pending),
        }
    }

    pub(crate) fn anomaly(&mut self, text: &str) {
        self.report.anomalies.push(text.to_owned());
    }
}
