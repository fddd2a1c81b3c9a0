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

    /// Whether the rule names hosts and is for a request of one of the path's readings on one of them.
    pub(super) fn may_match_on_some_host(&self, request: &Request<'_>, cors_preflight: bool) -> bool {
        let path = &request.path;
        self.hosts.is_some()
            && self.has_method(request, cors_preflight)
            && (self.place.holds(path.raw()) || path.readings().iter().any(|reading| self.place.holds(reading)))
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
    fn holds(&self, path: &str) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Nowhere => false,
            Self::Path(own) => own == path,
            Self::Prefix(own) => {
                let behind = path.strip_prefix(own.as_str());
                behind.is_some_and(|rest| rest.is_empty() || own.ends_with('/') || rest.starts_with('/'))
            }
            Self::Template(segments) => {
                let mut path = path.strip_prefix('/').unwrap_or(path).split('/');
                for segment in segments {
                    match (segment, path.next()) {
                        (Segment::Rest, _) => return true,
                        (Segment::Literal(own), Some(other)) if own == other => {}
                        (Segment::One, Some(other)) if !other.is_empty() => {}
                        _ => return false,
                    }
                }
                path.next().is_none()
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
