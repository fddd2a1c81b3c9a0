//! Local replies: as the filter asked for them and as the client gets them.

use crate::headers::Pair;

/// An answer the filter gave instead of the upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalReply {
    /// Status code.
    pub status: u16,
    /// The headers the filter added, in order.
    pub headers: Vec<Pair>,
    /// The body.
    pub body: Vec<u8>,
    /// The gRPC status, or -1 for the host to choose.
    pub grpc_status: i32,
    /// What the access log says of it.
    pub details: String,
}

/// A local reply on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientResponse {
    /// Headers, `:status` first.
    pub headers: Vec<Pair>,
    /// Body.
    pub body: Vec<u8>,
}

impl LocalReply {
    /// The values of a header the filter added, in order.
    pub fn values(&self, name: &str) -> Vec<String> {
        let same = |own: &[u8]| own.eq_ignore_ascii_case(name.as_bytes());
        let values = self.headers.iter().filter(|(own, _)| same(own));
        values.map(|(_, value)| String::from_utf8_lossy(value).into_owned()).collect()
    }

    /// What Envoy sends for it: trailers-only to a gRPC client, no body to `HEAD`, and a type and length for a body.
    pub fn on_the_wire(&self, is_grpc: bool, is_head: bool) -> ClientResponse {
        let mut headers = Vec::new();
        let mut put = |name: &str, value: String| headers.push((name.as_bytes().to_vec(), value.into_bytes()));
        if is_grpc {
            put(":status", "200".to_owned());
            put("content-type", "application/grpc".to_owned());
            put("grpc-status", self.grpc_code().to_string());
            if !self.body.is_empty() {
                put("grpc-message", percent_encoded(&self.body));
            }
            headers.extend(self.headers.iter().filter(|(name, _)| !is_framing(name)).cloned());
            return ClientResponse { headers, body: Vec::new() };
        }
        put(":status", self.status.to_string());
        if !self.body.is_empty() {
            put("content-length", self.body.len().to_string());
            if self.values("content-type").is_empty() {
                put("content-type", "text/plain".to_owned());
            }
        }
        headers.extend(self.headers.iter().filter(|(name, _)| name != b"content-length").cloned());
        ClientResponse { headers, body: if is_head { Vec::new() } else { self.body.clone() } }
    }

    fn grpc_code(&self) -> i32 {
        match (self.grpc_status, self.status) {
            (code, _) if code >= 0 => code,
            (_, 400) => 13,
            (_, 401) => 16,
            (_, 403) => 7,
            (_, 404) => 12,
            (_, 429 | 502 | 503 | 504) => 14,
            _ => 2,
        }
    }
}

fn is_framing(name: &[u8]) -> bool {
    name == b"content-length" || name == b"content-type"
}

fn percent_encoded(text: &[u8]) -> String {
    let mut out = String::new();
    for &byte in text {
        match byte {
            b' '..=b'~' if byte != b'%' => out.push(byte as char),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
