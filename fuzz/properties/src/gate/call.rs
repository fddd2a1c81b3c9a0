//! Requests.

use arbitrary::Arbitrary;

/// A request. All zero it carries the first token as it should.
#[derive(Arbitrary, Debug)]
pub(super) struct Call<'a> {
    method: u8,
    path: u8,
    tail: Option<&'a str>,
    policy: u8,
    carried: Carried<'a>,
    more: Option<Carried<'a>>,
    headers: Vec<Header<'a>>,
}

/// One more header, by the number of a known name or by another.
#[derive(Arbitrary, Debug)]
struct Header<'a> {
    known: u8,
    other: Option<&'a [u8]>,
    value: &'a [u8],
}

/// A token, and where.
#[derive(Arbitrary, Debug)]
struct Carried<'a> {
    place: u8,
    token: u8,
    damage: Option<&'a [u8]>,
}

const METHODS: [&str; 5] = ["GET", "POST", "OPTIONS", "HEAD", "get"];
const PATHS: [&str; 10] = [
    "/",
    "/public",
    "/public/a",
    "/maybe",
    "/internal/a/b",
    "/team/a",
    "/hook",
    "/write",
    "/.well-known/oauth-protected-resource/mcp",
    "",
];
const NAMES: [&str; 12] = [
    "x-auth-subject",
    "X_Auth_Subject",
    "x-auth-groups",
    "x.tenant",
    "x-actor",
    "origin",
    "access-control-request-method",
    "content-type",
    "authorization",
    "cookie",
    "x-api-token",
    "x-auth-subjects",
];
const POLICIES: [Option<&str>; 4] = [None, Some("open"), Some("team"), Some("nobody")];

impl Call<'_> {
    /// The name of the rule that the host chose.
    pub(super) fn policy(&self) -> Option<&'static str> {
        // Hardly ever does it choose one.
        if self.policy < 192 { None } else { POLICIES[usize::from(self.policy) % 4] }
    }

    /// All headers as they arrive.
    pub(super) fn headers(&self, tokens: &[String; 3]) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut target = PATHS[usize::from(self.path) % PATHS.len()].to_owned() + self.tail.unwrap_or_default();
        let mut headers = Vec::new();
        for carried in [Some(&self.carried), self.more.as_ref()].into_iter().flatten() {
            let mut token = tokens[usize::from(carried.token) % 3].clone().into_bytes();
            token.extend_from_slice(carried.damage.unwrap_or_default());
            let pair = |name: &str, before: &str| (name.as_bytes().to_vec(), [before.as_bytes(), &token].concat());
            match carried.place % 8 {
                0 => headers.push(pair("authorization", "Bearer ")),
                1 => headers.push(pair("Authorization", "bearer   ")),
                2 => headers.push(pair("cookie", "a=b; id=")),
                3 => {
                    let mark = if target.contains('?') { '&' } else { '?' };
                    target = format!("{target}{mark}access_token={}", String::from_utf8_lossy(&token));
                }
                4 => headers.push(pair("x-api-token", "")),
                5 => headers.push(pair("authorization", "Basic ")),
                6 => headers.push(pair("authorization", "")),
                _ => {}
            }
        }
        for Header { known, other, value } in self.headers.iter().take(8) {
            let name = other.unwrap_or_else(|| NAMES[usize::from(*known) % NAMES.len()].as_bytes());
            headers.push((name.to_vec(), value.to_vec()));
        }
        let method = METHODS[usize::from(self.method) % METHODS.len()];
        let pseudo = [(":method", method), (":path", target.as_str()), (":authority", "api.example:443")];
        let pseudo = pseudo.into_iter().map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()));
        pseudo.chain(headers).collect()
    }
}
