//! A virtual host's routes, picked as Envoy picks them.
//!
//! Envoy picks a route when the request arrives, and forgets it whenever a module changes a request header. It picks again only
//! when something asks for the route: a native filter, or the router after the last filter. Properties of the route show
//! the last pick. A module that changes a header therefore goes on reading the name and metadata of the route that the
//! unchanged request had, while another route serves it (Envoy 1.40).

use crate::headers::{HeaderMap, Pair};

/// One route: the conditions that a request must meet, and what the route says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    name: String,
    policy: Option<String>,
    path: Option<ValueMatch>,
    headers: Vec<(String, ValueMatch)>,
    query: Vec<(String, ValueMatch)>,
}

/// A condition on a header, a query parameter or the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueMatch {
    /// Any value.
    Present,
    /// Exactly this value.
    Exact(String),
    /// A value that begins so.
    Prefix(String),
    /// A value that has this in it, as with the regular expression `.*TEXT.*`.
    Contains(String),
}

/// When the properties of a route show the pick that follows from a changed header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RouteProperties {
    /// When the router has asked for the route: the module never sees it.
    #[default]
    AfterTheModule,
    /// At once, as on a host that picks again with each change.
    AtOnce,
}

impl Route {
    /// A route that takes every request.
    pub fn new(name: &str) -> Route {
        Route { name: name.to_owned(), policy: None, path: None, headers: Vec::new(), query: Vec::new() }
    }

    /// Names the policy in the route's metadata.
    pub fn policy(mut self, name: &str) -> Route {
        self.policy = Some(name.to_owned());
        self
    }

    /// Takes only requests whose path, without the query, matches.
    pub fn path(mut self, condition: ValueMatch) -> Route {
        self.path = Some(condition);
        self
    }

    /// Takes only requests with a header one of whose values matches.
    pub fn header(mut self, name: &str, condition: ValueMatch) -> Route {
        self.headers.push((name.to_ascii_lowercase(), condition));
        self
    }

    /// Takes only requests with a query parameter whose first value matches.
    pub fn query(mut self, name: &str, condition: ValueMatch) -> Route {
        self.query.push((name.to_owned(), condition));
        self
    }

    /// The route's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value of a property of the route.
    pub(crate) fn property(&self, path: &[u8]) -> Option<&str> {
        match path {
            b"xds\0route_name" => Some(&self.name),
            b"xds\0route_metadata\0filter_metadata\0claimgate\0policy" => self.policy.as_deref(),
            _ => None,
        }
    }

    fn takes(&self, headers: &[Pair]) -> bool {
        let values = |name: &str| {
            let named = headers.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name.as_bytes()));
            named.map(|(_, value)| String::from_utf8_lossy(value).into_owned()).collect::<Vec<_>>()
        };
        let target = values(":path").into_iter().next().unwrap_or_default();
        let target = target.split('#').next().unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let parameter = |name: &str| {
            let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
            pairs.filter(|(own, _)| *own == name).map(|(_, value)| value.to_owned()).next()
        };
        self.path.as_ref().is_none_or(|condition| condition.holds(path))
            && self.headers.iter().all(|(name, condition)| values(name).iter().any(|value| condition.holds(value)))
            && self.query.iter().all(|(name, condition)| parameter(name).is_some_and(|value| condition.holds(&value)))
    }
}

impl ValueMatch {
    fn holds(&self, value: &str) -> bool {
        match self {
            ValueMatch::Present => true,
            ValueMatch::Exact(expected) => value == expected,
            ValueMatch::Prefix(prefix) => value.starts_with(prefix.as_str()),
            ValueMatch::Contains(part) => value.contains(part.as_str()),
        }
    }
}

/// The first route that takes the request.
pub(crate) fn pick<'r>(routes: &'r [Route], headers: &HeaderMap) -> Option<&'r Route> {
    let headers = headers.forwarded();
    routes.iter().find(|route| route.takes(&headers))
}
