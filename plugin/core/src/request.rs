//! A request as the filter sees it.

use crate::authority::Authority;
use crate::path::RequestPath;

/// The parts of a request that decisions are made on. Header names and values are bytes as they arrived.
#[derive(Clone, Debug)]
pub struct Request<'r> {
    /// `:method`
    pub method: &'r str,
    /// `:path`, with the query.
    pub target: &'r str,
    /// The path of `target`.
    pub path: RequestPath<'r>,
    /// `:authority`
    pub authority: Authority<'r>,
    /// All headers in their order, pseudo-headers too.
    pub headers: &'r [(&'r [u8], &'r [u8])],
    /// The name of the rule that the host chose for this request.
    pub policy: Option<&'r str>,
}

impl<'r> Request<'r> {
    /// Builds a request of its parts, without a rule that the host chose.
    pub fn new(method: &'r str, target: &'r str, authority: &'r str, headers: &'r [(&'r [u8], &'r [u8])]) -> Self {
        // RFC 9112 section 3.2.2: the host of a URL in the target's place wins over the authority, if a server knows the rule.
        let is_url = !target.starts_with('/') && target.contains("://");
        let authority = if is_url { Authority::Ambiguous } else { Authority::parse(authority) };
        let path = RequestPath::parse(target);
        Self { method, target, path, authority, headers, policy: None }
    }

    /// Reads the pseudo-headers out of a header map. A host that hands over none of them hands over nothing that can be
    /// judged.
    pub fn from_headers(headers: &'r [(&'r [u8], &'r [u8])], policy: Option<&'r str>) -> Option<Self> {
        // One that is given twice is as bad as absent.
        let (mut method, mut target, mut authority) = (None, None, None);
        for (name, value) in headers.iter().filter(|(name, _)| name.first() == Some(&b':')) {
            let pseudo = match *name {
                b":method" => &mut method,
                b":path" => &mut target,
                b":authority" => &mut authority,
                _ => continue,
            };
            *pseudo = if pseudo.is_none() { Some(Some(*value)) } else { Some(None) };
        }
        // A target or authority that is not UTF-8 keeps its place but matches no rule by name: the mark is ambiguous. So is
        // an authority that is given twice.
        let text = |bytes: &'r [u8]| std::str::from_utf8(bytes).unwrap_or("\u{fffd}");
        let authority = authority.map_or("", |value| value.map_or("\u{fffd}", text));
        let request =
            Self::new(text(method.flatten()?), text(target.flatten().unwrap_or_default()), authority, headers);
        Some(Self { policy, ..request })
    }

    /// Returns the request as the client sent it, for hosts that show pseudo-headers of their making: nginx normalises `:path` and
    /// forwards what was sent, and its `:authority` is the server's name. `target` is what was sent, where the host tells;
    /// the authority is that of `Host`, where there is one.
    pub fn as_sent(self, target: Option<&'r [u8]>) -> Self {
        let text = |bytes: &'r [u8]| std::str::from_utf8(bytes).unwrap_or("\u{fffd}");
        let target = target.map_or(self.target, text);
        let mut hosts = self.values("host");
        let sent = match (hosts.next(), hosts.next()) {
            (None, _) => Self { authority: self.authority, ..Self::new(self.method, target, "", self.headers) },
            (Some(host), None) => Self::new(self.method, target, text(host), self.headers),
            // Nobody knows which of them the service reads.
            (Some(_), Some(_)) => Self::new(self.method, target, "\u{fffd}", self.headers),
        };
        Self { policy: self.policy, ..sent }
    }

    /// Whether servers might take the request for one of another host or path. Such a request is never open.
    pub fn is_ambiguous(&self) -> bool {
        self.path.is_ambiguous() || self.authority == Authority::Ambiguous
    }

    /// All values of a header, whatever the case of its name.
    pub fn values<'n>(&self, name: &'n str) -> impl Iterator<Item = &'r [u8]> + use<'r, 'n> {
        let named = self.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name.as_bytes()));
        named.map(|(_, value)| *value)
    }

    /// Whether the client speaks gRPC.
    pub fn is_grpc(&self) -> bool {
        self.values("content-type").any(|value| {
            value.strip_prefix(b"application/grpc").is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
        })
    }

    /// The method that a CORS preflight asks for: `OPTIONS` with one `Origin` and one `Access-Control-Request-Method`.
    pub fn preflight_method(&self) -> Option<&'r str> {
        let one = |name| {
            let mut values = self.values(name);
            // A host may join repeated headers with a comma, which neither of the two has.
            let single = |value: &&[u8]| !value.is_empty() && !value.contains(&b',');
            values.next().filter(single).filter(|_| values.next().is_none())
        };
        let asked = one("origin").and(one("access-control-request-method")).filter(|_| self.method == "OPTIONS")?;
        std::str::from_utf8(asked).ok()
    }

    /// The header names that a CORS preflight asks for, as sent: RFC 9110 tokens and commas, 512 bytes at most. Anything else
    /// counts as no names.
    pub fn preflight_headers(&self) -> Option<&'r str> {
        let sound = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~, ".contains(byte);
        let names = self.values("access-control-request-headers").next()?;
        let names = Some(names).filter(|names| names.len() <= 512 && names.iter().all(sound))?;
        std::str::from_utf8(names).ok()
    }
}

#[cfg(test)]
mod tests;
