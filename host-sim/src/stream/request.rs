//! Building requests.

use std::collections::BTreeMap;

use crate::headers::Pair;

/// A request as a client sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub(crate) headers: Vec<Pair>,
    pub(crate) body: Vec<u8>,
    pub(crate) end_of_stream: bool,
    pub(crate) trailers: Option<Vec<Pair>>,
    pub(crate) properties: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Request {
    /// A request for `path` on `localhost`, without a body.
    pub fn new(method: &str, path: &str) -> Request {
        let own = Request::from_pairs(Vec::new());
        own.header(":method", method).header(":path", path).header(":scheme", "http").header(":authority", "localhost")
    }

    /// A GET for `path` on `localhost`.
    pub fn get(path: &str) -> Request {
        Request::new("GET", path)
    }

    /// Exactly these headers, pseudo-headers among them, without a body.
    pub fn from_pairs(headers: Vec<Pair>) -> Request {
        Request { headers, body: Vec::new(), end_of_stream: true, trailers: None, properties: BTreeMap::new() }
    }

    /// Adds a header after those already there.
    pub fn header(mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Request {
        self.headers.push((name.as_ref().to_vec(), value.as_ref().to_vec()));
        self
    }

    /// Sets the token that most requests are about.
    pub fn bearer(self, token: &str) -> Request {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// Sets `:authority`.
    pub fn authority(mut self, authority: &str) -> Request {
        self.headers.iter_mut().filter(|(name, _)| name == b":authority").for_each(|(_, v)| *v = authority.into());
        self
    }

    /// Sets the whole body, handed to the filter in one piece.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Request {
        self.body = body.into();
        self.end_of_stream = false;
        self
    }

    /// Says that a body follows, which the filter is not shown.
    pub fn streaming(mut self) -> Request {
        self.end_of_stream = false;
        self
    }

    /// Adds a trailer.
    pub fn trailer(mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Request {
        self.end_of_stream = false;
        self.trailers.get_or_insert_default().push((name.as_ref().to_vec(), value.as_ref().to_vec()));
        self
    }

    /// Sets the property at `path`, as `get_property` finds it.
    pub fn property(mut self, path: &[&str], value: impl AsRef<[u8]>) -> Request {
        self.properties.insert(path.join("\0").into_bytes(), value.as_ref().to_vec());
        self
    }

    /// Names the policy in the route's metadata.
    pub fn route_policy(self, name: &str) -> Request {
        self.property(&["xds", "route_metadata", "filter_metadata", "claimgate", "policy"], name)
    }

    /// The headers as the client sends them, pseudo-headers among them.
    pub fn headers(&self) -> &[Pair] {
        &self.headers
    }

    pub(crate) fn value(&self, name: &str) -> Option<&[u8]> {
        let found = self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name.as_bytes()));
        found.map(|(_, value)| value.as_slice())
    }

    /// Returns whether the client speaks gRPC, by its content type.
    pub fn is_grpc(&self) -> bool {
        self.value("content-type").is_some_and(|kind| {
            kind == b"application/grpc"
                || kind.starts_with(b"application/grpc+")
                || kind.starts_with(b"application/grpc;")
        })
    }
}
