//! Which requests a rule is for.

use crate::authority::{Authority, HostPattern};
use crate::request::Request;

/// Which requests a rule is for.
#[derive(Debug, Default)]
pub struct Matcher {
    /// Where; everywhere by default.
    pub place: Place,
    /// Exact method names; all by default.
    pub methods: Option<Vec<String>>,
    /// Hosts; all by default.
    pub hosts: Option<Vec<HostPattern>>,
}

/// Which paths a rule is for.
#[derive(Debug, Default)]
pub enum Place {
    /// All.
    #[default]
    Everywhere,
    /// Nowhere: the host alone chooses the rule, by name.
    Nowhere,
    /// Exactly this path.
    Path(String),
    /// This path and everything below it.
    Prefix(String),
    /// Segments, some of them open.
    Template(Vec<Segment>),
}

/// One segment of a template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Segment {
    /// Exactly this.
    Literal(String),
    /// `{name}`: any one segment that is not empty.
    One,
    /// `**`: all the rest, at the end only.
    Rest,
}

impl Matcher {
    /// Whether the rule is for a request of this path.
    pub(super) fn matches(&self, path: &str, request: &Request<'_>, cors_preflight: bool) -> bool {
        self.has_method(request, cors_preflight) && self.has_host(&request.authority) && self.place.holds(path)
    }

    /// Whether the rule may be for a request of which the path or the host is unclear: on some host, if it names hosts, and
    /// under some path, if nobody can say which paths the request may be for.
    pub(super) fn may_match(&self, request: &Request<'_>, cors_preflight: bool) -> bool {
        let (path, no_host) = (&request.path, !matches!(request.authority, Authority::Host(_)));
        let place = match path.readings() {
            Some(readings) => self.place.holds(path.raw()) || readings.iter().any(|reading| self.place.holds(reading)),
            None => true,
        };
        let unclear = path.readings().is_none() || no_host && self.hosts.is_some();
        unclear && place && self.has_method(request, cors_preflight) && (no_host || self.has_host(&request.authority))
    }

    fn has_method(&self, request: &Request<'_>, cors_preflight: bool) -> bool {
        let Some(methods) = &self.methods else { return true };
        let preflight = if cors_preflight { request.preflight_method() } else { None };
        let method = preflight.unwrap_or(request.method);
        methods.iter().any(|expected| expected == method)
    }

    fn has_host(&self, authority: &Authority<'_>) -> bool {
        let Some(hosts) = &self.hosts else { return true };
        matches!(authority, Authority::Host(host) if hosts.iter().any(|expected| expected.matches(host)))
    }
}

impl Place {
    pub(crate) fn holds(&self, path: &str) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Nowhere => false,
            Self::Path(own) => own == path,
            Self::Prefix(own) => {
                let behind = path.strip_prefix(own.as_str());
                behind.is_some_and(|rest| rest.is_empty() || own.ends_with('/') || rest.starts_with('/'))
            }
            Self::Template(segments) => {
                let mut rest = Some(path.strip_prefix('/').unwrap_or(path));
                for segment in segments {
                    let Some(path) = rest else { return matches!(segment, Segment::Rest) };
                    let after = match segment {
                        Segment::Rest => return true,
                        Segment::Literal(literal) => path.strip_prefix(literal.as_str()),
                        Segment::One => {
                            let after = path.get(path.find('/').unwrap_or(path.len())..);
                            after.filter(|after| after.len() < path.len())
                        }
                    };
                    match after {
                        Some("") => rest = None,
                        Some(after) if after.starts_with('/') => rest = after.get(1..),
                        _ => return false,
                    }
                }
                rest.is_none()
            }
        }
    }
}

impl Segment {
    /// Reads a template such as `/v1/agents/{id}/**`.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn parse_template(text: &str) -> Result<Vec<Self>, &'static str> {
        let mut segments = Vec::new();
        for part in text.strip_prefix('/').ok_or("must start with `/`")?.split('/') {
            if segments.last() == Some(&Self::Rest) {
                return Err("`**` may only stand at the end");
            }
            let open = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
            segments.push(match (part, open) {
                ("**", _) => Self::Rest,
                (_, Some(name)) if !name.is_empty() && !name.contains(['{', '}', '*']) => Self::One,
                (part, None) if !part.contains(['{', '}', '*']) => Self::Literal(part.to_owned()),
                _ => return Err("a segment is a literal, `{name}` or `**`"),
            });
        }
        Ok(segments)
    }
}
