//! Requests of every kind, each with what is known of it because it was made on purpose.

use std::rc::Rc;

use host_sim::Request;

use crate::random::Random;
use crate::tokens::Token;

/// What the configuration says about a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Required,
    Admins,
    Optional,
    Public,
    Closed,
    Metadata,
}

/// What a request shows of its sender.
#[derive(Clone, Debug)]
pub(crate) enum Credential {
    None,
    /// Of another kind, which is no token.
    Foreign,
    /// More than one, or a header that is not well-formed.
    Malformed,
    Token(Rc<Token>),
}

/// A request, and what it is.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) request: Request,
    pub(crate) path: &'static str,
    pub(crate) route: Route,
    pub(crate) credential: Credential,
}

/// Paths, with spellings that a careless server might take for another one.
const PATHS: [(Route, &[&str]); 6] = [
    (
        Route::Required,
        &[
            "/orders",
            "/orders/7?x=/public",
            "/",
            "/publicity",
            "/PUBLIC",
            "//public/x",
            "/public/../orders",
            "/public/%2e%2e/orders",
            "/public/..%2forders",
            "/public\\..\\orders",
            "/public;x/../orders",
            "/%70ublic",
            "/./public",
            "/public%00",
            "/optional/../orders",
            "/optional//x",
        ],
    ),
    (Route::Admins, &["/admin", "/admin/x?y", "/orders/../admin", "/orders/%2e%2e/admin/x", "/%61dmin"]),
    (Route::Optional, &["/optional", "/optional/x"]),
    (Route::Public, &["/public", "/public/a/b?c=d", "/public/"]),
    (Route::Closed, &["/closed", "/closed/x", "/public/../closed", "/closed/%2e%2e/public"]),
    (Route::Metadata, &["/.well-known/oauth-protected-resource/mcp"]),
];

/// What only the filter may set, as somebody else might spell it.
const FORGED: [&str; 10] = [
    "x-auth-subject",
    "X-Auth-Subject",
    "x_auth_subject",
    "x-auth_groups",
    "x-auth-groups",
    "x.auth.groups",
    "x-auth-issuer",
    "X-AUTH-SCOPES",
    "x-auth-email",
    "x-auth-client",
];

/// What a forger writes there; no token says so.
pub(crate) const FORGERY: &str = "forged";

impl Made {
    /// A request that shows this.
    pub(crate) fn new(credential: Credential, random: &mut Random) -> Made {
        let weighted = [0, 0, 0, 0, 0, 1, 1, 2, 3, 3, 4, 5];
        let (route, paths) = PATHS[*random.pick(&weighted)];
        let route = match (&credential, route) {
            (Credential::Foreign, Route::Optional) => (Route::Required, "/orders"),
            _ => (route, *random.pick(paths)),
        };
        let method = if route.0 == Route::Metadata { "GET" } else { *random.pick(&["GET", "POST", "DELETE"]) };
        let mut request = Request::new(method, route.1).header("user-agent", "soak").header("x-request-id", "8f4fc3a1");
        for (name, value) in shown(&credential, random) {
            request = request.header(name, value);
        }
        if random.one_in(2) {
            for _ in 0..1 + random.below(3) {
                request = request.header(random.pick(&FORGED), FORGERY);
            }
        }
        if random.one_in(20) {
            request = request.trailer(random.pick(&FORGED), FORGERY).trailer("x-other", "kept");
        }
        Made { request, path: route.1, route: route.0, credential }
    }
}

/// The headers that show a credential.
fn shown(credential: &Credential, random: &mut Random) -> Vec<(&'static str, Vec<u8>)> {
    let bearer = |token: &[u8]| ("authorization", [b"Bearer ", token].concat());
    match credential {
        Credential::None => Vec::new(),
        Credential::Foreign => vec![("authorization", b"Basic YWxpY2U6c2VjcmV0".to_vec())],
        Credential::Malformed => match random.below(4) {
            0 => vec![("authorization", b"Bearer ".to_vec())],
            1 => vec![("authorization", b"Bearer\tabc".to_vec())],
            2 => vec![bearer(b"a.b.c"), bearer(b"d.e.f")],
            _ => vec![bearer(b"a.b.c,Bearer d.e.f")],
        },
        Credential::Token(token) => match random.below(10) {
            0 => vec![("Authorization", [b"bEaReR  ", &token.text[..]].concat())],
            _ => vec![bearer(&token.text)],
        },
    }
}
