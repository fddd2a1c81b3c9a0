//! What a demo provider does when it is asked: the truth, or one of the ways in which providers fail.

use std::time::Duration;

/// One of the two documents a provider publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// The key set (RFC 7517), at `jwks_uri`.
    Jwks,
    /// The OpenID configuration (OpenID Connect Discovery 1.0 section 4).
    Discovery,
}

/// How an endpoint answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// The document as it stands now.
    Serve,
    /// This status and a short text; a redirect also gets a `Location`.
    Status(u16),
    /// 200 with another body (HTML, JSON of another kind, a key set of your own).
    Body(String),
    /// 200 with an HTML page.
    Html,
    /// 200 with no body.
    Empty,
    /// The first half of the document under the length of the whole, then the connection breaks.
    Truncated,
    /// The document with a member of padding, so that it has at least this many bytes.
    Padded(usize),
    /// The document after this long.
    Slow(Duration),
    /// No answer for an hour.
    Hang,
    /// The connection is closed without an answer.
    Reset,
}
