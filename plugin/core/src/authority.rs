//! The host that a request names in `:authority`, and the hosts that a rule is for.
//!
//! Servers disagree about an authority that RFC 9110 does not allow: one cuts `admin.test:x` at the colon, another takes it for
//! a host of that name. Such an authority is [`Authority::Ambiguous`]. It meets every rule that names hosts and is never open.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The `:authority` of a request.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Authority<'r> {
    /// A host that every server reads alike.
    Host(Host<'r>),
    /// The request names no host, and a server answers it as its default host.
    Absent,
    /// Anything else, and an authority that is given twice.
    Ambiguous,
}

/// A host without its port.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Host<'r> {
    /// A registered name or an IPv4 address, in the case in which it arrived and without the dot at the end.
    Name(&'r str),
    /// An address in brackets.
    Address(Ipv6Addr),
}

/// A host, or all hosts below one, that a rule is for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HostPattern {
    /// This name or IPv4 address.
    Name(String),
    /// Every name that ends with this, which starts with a dot.
    Below(String),
    /// This address.
    Address(Ipv6Addr),
}

impl<'r> Authority<'r> {
    /// Parses `host`, `host:port`, `[v6]` or `[v6]:port`.
    pub fn parse(text: &'r str) -> Self {
        if text.is_empty() {
            return Self::Absent;
        }
        Host::with_port(text).map_or(Self::Ambiguous, Self::Host)
    }
}

impl<'r> Host<'r> {
    /// Parses a host and an optional port. RFC 3986 section 3.2.3 allows a port without digits, but Envoy looks for a virtual
    /// host with the colon in its name then.
    fn with_port(text: &'r str) -> Option<Self> {
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (address, port) = rest.split_once(']')?;
                (Self::Address(address.parse().ok()?), port)
            }
            None => {
                let (name, port) = text.split_at_checked(text.find(':').unwrap_or(text.len()))?;
                (Self::Name(name_of(name)?), port)
            }
        };
        let digits =
            port.is_empty() || (port.len() > 1 && port.strip_prefix(':')?.bytes().all(|byte| byte.is_ascii_digit()));
        digits.then_some(host)
    }
}

/// A name of letters, digits, `-` and `_` in labels, without the one dot that it may end with.
fn name_of(text: &str) -> Option<&str> {
    let name = text.strip_suffix('.').unwrap_or(text);
    let sound = name.split('.').all(|label| {
        let bytes = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        bytes && !label.is_empty() && !is_ascii_in_punycode(label)
    });
    // The URL standard reads a name that ends in a number as an IPv4 address: `127.1`, `0x7f000001`.
    let last = name.rsplit('.').next().unwrap_or_default();
    (sound && (!is_number(last) || name.parse::<Ipv4Addr>().is_ok())).then_some(name)
}

/// Whether the label is the punycode of an ASCII name: some servers decode `xn--admin-` to `admin`.
fn is_ascii_in_punycode(label: &str) -> bool {
    let prefixed = label.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("xn--"));
    prefixed && label.ends_with('-')
}

/// Whether a server that follows the URL standard reads the label as a number: decimal, octal or hexadecimal.
fn is_number(label: &str) -> bool {
    let hexadecimal = label.strip_prefix("0x").or_else(|| label.strip_prefix("0X"));
    label.bytes().all(|byte| byte.is_ascii_digit())
        || hexadecimal.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

impl HostPattern {
    /// Parses a host of the configuration, without a port; `*.` in front of a name stands for all names below it.
    ///
    /// # Errors
    /// Says why no request could ever name such a host.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let (name, below) = text.strip_prefix("*.").map_or((text, false), |name| (name, true));
        if name.contains("]:") || name.contains(':') && !name.starts_with('[') {
            return Err("is a host without a port");
        }
        if name.ends_with('.') {
            return Err("must not end with a dot: requests match with and without it");
        }
        match (Host::with_port(name), below) {
            (Some(Host::Name(name)), false) => Ok(Self::Name(name.to_owned())),
            (Some(Host::Name(name)), true) => Ok(Self::Below(format!(".{name}"))),
            (Some(Host::Address(address)), false) => Ok(Self::Address(address)),
            _ => Err("is not a host name, `*.` and a host name, or an address: no request would match it"),
        }
    }

    /// Whether this is the host, without ASCII case.
    pub fn matches(&self, host: &Host<'_>) -> bool {
        match (self, host) {
            (Self::Name(expected), Host::Name(name)) => name.eq_ignore_ascii_case(expected),
            (Self::Below(domain), Host::Name(name)) => {
                let label = name.len().checked_sub(domain.len()).filter(|length| *length > 0);
                label.and_then(|length| name.get(length..)).is_some_and(|end| end.eq_ignore_ascii_case(domain))
            }
            (Self::Address(expected), Host::Address(address)) => expected == address,
            _ => false,
        }
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Below(domain) => write!(f, "*{domain}"),
            Self::Address(address) => write!(f, "[{address}]"),
        }
    }
}

#[cfg(test)]
mod tests;
