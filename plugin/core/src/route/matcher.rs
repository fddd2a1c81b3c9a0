//! Which requests a rule is for.

use crate::request::Request;

/// Which requests a rule is for.
#[derive(Debug, Default)]
pub struct Matcher {
    /// Where; everywhere by default.
    pub place: Place,
    /// Exact method names; all by default.
    pub methods: Option<Vec<String>>,
    /// Hosts in lower case, `*.` in front for any host below; all by default.
    pub hosts: Option<Vec<String>>,
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
    pub(super) fn matches(&self, path: &str, request: &Request<'_>, cors_preflight: bool) -> bool {
        let preflight = if cors_preflight { request.preflight_method() } else { None };
        let method = preflight.unwrap_or(request.method);
        self.methods.as_ref().is_none_or(|methods| methods.iter().any(|own| own == method))
            && self.hosts.as_ref().is_none_or(|hosts| hosts.iter().any(|own| host_matches(own, request.authority)))
            && self.place.holds(path)
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

/// Hosts compare without case, port or trailing dot.
fn host_matches(own: &str, authority: &str) -> bool {
    let without_port = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let host = without_port.strip_suffix('.').unwrap_or(without_port);
    match own.strip_prefix('*') {
        None => host.eq_ignore_ascii_case(own),
        Some(domain) => {
            let label = host.len().checked_sub(domain.len()).filter(|length| *length > 0);
            label.and_then(|length| host.get(length..)).is_some_and(|end| end.eq_ignore_ascii_case(domain))
        }
    }
}
