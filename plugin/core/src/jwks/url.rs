//! The little of a URL (RFC 3986) that a fetch needs, read strictly.

use std::fmt;

/// An `https` or `http` URL without user information and fragment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Url {
    scheme: Scheme,
    authority: String,
    path: String,
}

/// How the server is spoken to.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Scheme {
    /// With TLS.
    Https,
    /// In the clear; only where the configuration allows it.
    Http,
}

/// Why a text is not a URL that keys may be fetched from.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct UrlError(&'static str);

impl Url {
    /// Reads a URL. Visible ASCII only, so that it can stand in a request header as it is.
    ///
    /// # Errors
    /// Says in one phrase what is wrong.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        if text.bytes().any(|byte| !byte.is_ascii_graphic() || b"\\\"<>^`{|}#".contains(&byte)) {
            return Err(UrlError("must be a URL without a fragment"));
        }
        let (scheme, rest) = text.split_once("://").ok_or(UrlError("must be an absolute URL"))?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "https" => Scheme::Https,
            "http" => Scheme::Http,
            _ => return Err(UrlError("must be https")),
        };
        let (authority, path) = rest.split_at_checked(rest.find(['/', '?']).unwrap_or(rest.len())).unwrap_or_default();
        let host = host_of(authority).ok_or(UrlError("must name a host, and no user"))?;
        let port = authority.get(host.len()..).unwrap_or_default();
        if !port.is_empty() && port.strip_prefix(':').and_then(decimal_port).is_none() {
            return Err(UrlError("has no sound port"));
        }
        let slash = if path.starts_with('/') { "" } else { "/" };
        Ok(Self { scheme, authority: authority.to_ascii_lowercase(), path: format!("{slash}{path}") })
    }

    /// How the server is spoken to.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Host and port as written, in lower case.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The host alone, in lower case; an IPv6 address with its brackets.
    pub fn host(&self) -> &str {
        host_of(&self.authority).unwrap_or_default()
    }

    /// Path and query, beginning with `/`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether this URL is on the host of an allow-list's entry: `host` on any port, `host:port` on that port.
    /// A port chooses no other server, since the cluster comes from the configuration.
    pub fn is_on(&self, allowed: &str) -> bool {
        let host = self.host();
        let port = self.authority.get(host.len()..).and_then(|rest| rest.strip_prefix(':'));
        let full = format!("{host}:{}", port.unwrap_or(self.scheme.port()));
        allowed.eq_ignore_ascii_case(host) || allowed.eq_ignore_ascii_case(&full)
    }
}

impl Scheme {
    /// As it stands in `:scheme`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
        }
    }

    fn port(self) -> &'static str {
        match self {
            Self::Https => "443",
            Self::Http => "80",
        }
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme.as_str(), self.authority, self.path)
    }
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The host of `host`, `host:port` or `[v6]:port`.
fn host_of(authority: &str) -> Option<&str> {
    let end = if authority.starts_with('[') {
        authority.find(']')?.saturating_add(1)
    } else {
        authority.find(':').unwrap_or(authority.len())
    };
    let host = authority.get(..end)?;
    let sound = !host.is_empty() && !host.contains(['@', ',', '%']) && host != "[]";
    sound.then_some(host)
}

fn decimal_port(digits: &str) -> Option<u16> {
    let decimal = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|port| decimal && *port > 0)
}
