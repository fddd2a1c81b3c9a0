//! A demo identity provider: a real HTTP server with keys that can be rotated, and faults that can be switched on.
//!
//! ```
//! use claimgate_devkit::provider::{Algorithm, Provider};
//! use serde_json::json;
//!
//! let provider = Provider::start("https://login.workforce.example", Algorithm::Rs256).unwrap();
//! let token = provider.token(1_767_225_600, json!({"sub": "alice", "aud": "orders", "groups": ["Engineering"]}));
//! assert_eq!(token.split('.').count(), 3);
//! assert_eq!(provider.jwks_uri(), "https://login.workforce.example/keys");
//! ```
//!
//! The issuer is a name: the server itself speaks plain HTTP on [`Provider::address`], and whoever sends requests there
//! (an Envoy cluster, `--cluster NAME=URL`) decides that this is where the name leads.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

use crate::loopback::{Answer, Connections, Dropped, Loopback, ReplyBody};

mod behaviour;
mod keys;
mod mint;
#[cfg(test)]
mod tests;

pub use behaviour::{Behaviour, Endpoint};
pub use keys::{Algorithm, RsaSize, SigningKey};

/// A running provider. Dropping it closes its port.
pub struct Provider {
    issuer: String,
    state: Arc<Mutex<State>>,
    server: Loopback,
}

struct State {
    issuer: String,
    keys: Vec<SigningKey>,
    signer: SigningKey,
    behaviour: [Behaviour; 2],
    requests: [usize; 2],
    cache_control: Option<String>,
    etag: bool,
}

impl Provider {
    /// Starts on a port that the system picks, with key number 0 of the algorithm published and signing.
    pub fn start(issuer: &str, algorithm: Algorithm) -> io::Result<Self> {
        Self::start_with(issuer, SigningKey::numbered(algorithm, 0))
    }

    /// The same with a key of your own.
    pub fn start_with(issuer: &str, signer: SigningKey) -> io::Result<Self> {
        let state = Arc::new(Mutex::new(State {
            issuer: issuer.to_owned(),
            keys: vec![signer.clone()],
            signer,
            behaviour: [Behaviour::Serve, Behaviour::Serve],
            requests: [0, 0],
            cache_control: None,
            etag: false,
        }));
        let shared = state.clone();
        let handler = Arc::new(move |request: hyper::Request<_>| {
            let (wait, answer) = locked(&shared).answer(&request);
            let waited: std::pin::Pin<Box<dyn Future<Output = Answer> + Send>> = Box::pin(async move {
                tokio::time::sleep(wait).await;
                answer
            });
            waited
        });
        let server = Loopback::start(0, Connections::Single, handler)?;
        Ok(Self { issuer: issuer.to_owned(), state, server })
    }

    /// The `iss` of its tokens.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// The published address of the key set: the issuer and `/keys`.
    pub fn jwks_uri(&self) -> String {
        format!("{}/keys", self.issuer)
    }

    /// The published address of the discovery document.
    pub fn discovery_uri(&self) -> String {
        format!("{}/.well-known/openid-configuration", self.issuer)
    }

    /// The key set as it would be served now.
    pub fn jwks(&self) -> Value {
        self.state().jwks()
    }

    /// The key that signs now.
    pub fn signer(&self) -> SigningKey {
        self.state().signer.clone()
    }

    /// A token of this provider, issued at `now` for five minutes. `changes` adds and replaces claims; `null` takes one away.
    pub fn token(&self, now: u64, changes: Value) -> String {
        self.signer().token(&self.claims(now, changes))
    }

    /// The claims of such a token.
    pub fn claims(&self, now: u64, changes: Value) -> Value {
        let mut claims = json!({"iss": self.issuer, "sub": "alice", "iat": now, "exp": now + 300});
        for (name, value) in changes.as_object().into_iter().flatten() {
            match value {
                Value::Null => drop(claims.as_object_mut().and_then(|claims| claims.remove(name))),
                value => claims[name] = value.clone(),
            }
        }
        claims
    }

    /// Publishes another key beside those there are and signs with it from now on.
    pub fn rotate(&self, key: SigningKey) {
        let mut state = self.state();
        state.keys.push(key.clone());
        state.signer = key;
    }

    /// Stops publishing the keys of this kid.
    pub fn withdraw(&self, kid: &str) {
        self.state().keys.retain(|key| key.kid() != Some(kid));
    }

    /// Publishes exactly these keys and signs with the last.
    ///
    /// # Panics
    /// When there is none.
    pub fn publish(&self, keys: Vec<SigningKey>) {
        let mut state = self.state();
        state.signer = keys.last().expect("a provider signs with something").clone();
        state.keys = keys;
    }

    /// What an endpoint does from its next request on.
    pub fn set(&self, endpoint: Endpoint, behaviour: Behaviour) {
        self.state().behaviour[endpoint as usize] = behaviour;
    }

    /// Refuses connections (`false`) or accepts them again (`true`). The port stays the provider's.
    pub fn listen(&self, listen: bool) {
        self.server.listen(listen);
    }

    /// The `Cache-Control` that good answers carry.
    pub fn set_cache_control(&self, value: Option<&str>) {
        self.state().cache_control = value.map(str::to_owned);
    }

    /// Whether good answers carry an `ETag`, and an `If-None-Match` that names it gets 304.
    pub fn set_etag(&self, etag: bool) {
        self.state().etag = etag;
    }

    /// How many requests an endpoint has had, whatever it answered.
    pub fn requests(&self, endpoint: Endpoint) -> usize {
        self.state().requests[endpoint as usize]
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn jwks(&self) -> Value {
        json!({"keys": self.keys.iter().map(SigningKey::jwk).collect::<Vec<_>>()})
    }

    fn document(&self, endpoint: Endpoint) -> Value {
        match endpoint {
            Endpoint::Jwks => self.jwks(),
            Endpoint::Discovery => json!({
                "issuer": self.issuer,
                "jwks_uri": format!("{}/keys", self.issuer),
                "id_token_signing_alg_values_supported": [self.signer.algorithm().name()],
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
            }),
        }
    }

    /// How long to wait, and then what to say.
    fn answer<B>(&mut self, request: &hyper::Request<B>) -> (Duration, Answer) {
        let endpoint = match request.uri().path() {
            path if path.ends_with("/keys") => Endpoint::Jwks,
            path if path.ends_with("/.well-known/openid-configuration") => Endpoint::Discovery,
            _ => return (Duration::ZERO, Ok(reply(StatusCode::NOT_FOUND, "text/plain", "no such document"))),
        };
        self.requests[endpoint as usize] += 1;
        let json = self.document(endpoint).to_string();
        let ok = |kind, body: String| Ok(reply(StatusCode::OK, kind, body));
        let (wait, answer) = match &self.behaviour[endpoint as usize] {
            Behaviour::Serve => (Duration::ZERO, Ok(self.good(request, json))),
            Behaviour::Slow(wait) => (*wait, Ok(self.good(request, json))),
            Behaviour::Hang => (Duration::from_secs(3600), Err(Dropped)),
            Behaviour::Reset => (Duration::ZERO, Err(Dropped)),
            Behaviour::Status(status) => (Duration::ZERO, Ok(refusal(*status))),
            Behaviour::Body(body) => (Duration::ZERO, ok("application/json", body.clone())),
            Behaviour::Html => (Duration::ZERO, ok("text/html", "<!doctype html><title>Maintenance</title>".into())),
            Behaviour::Empty => (Duration::ZERO, ok("application/json", String::new())),
            Behaviour::Truncated => {
                let half = json[..json.len() / 2].to_owned();
                let missing = (json.len() - half.len()) as u64;
                let mut response = reply(StatusCode::OK, "application/json", String::new());
                *response.body_mut() = ReplyBody::truncated(half, missing);
                (Duration::ZERO, Ok(response))
            }
            Behaviour::Padded(size) => {
                let padding = "x".repeat(size.saturating_sub(json.len()));
                (
                    Duration::ZERO,
                    ok("application/json", json.replacen('{', &format!("{{\"padding\":\"{padding}\","), 1)),
                )
            }
        };
        (wait, answer)
    }

    fn good<B>(&self, request: &hyper::Request<B>, json: String) -> Response<ReplyBody> {
        let tag = format!(
            "\"{:x}\"",
            json.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            })
        );
        let unchanged = self.etag && request.headers().get(IF_NONE_MATCH).is_some_and(|known| known == tag.as_str());
        let mut response = match unchanged {
            true => reply(StatusCode::NOT_MODIFIED, "application/json", String::new()),
            false => reply(StatusCode::OK, "application/json", json),
        };
        if let Some(value) = self.cache_control.as_deref().and_then(|value| value.parse().ok()) {
            response.headers_mut().insert(CACHE_CONTROL, value);
        }
        if let Some(value) = tag.parse().ok().filter(|_| self.etag) {
            response.headers_mut().insert(ETAG, value);
        }
        response
    }
}

fn reply(status: StatusCode, kind: &'static str, body: impl Into<String>) -> Response<ReplyBody> {
    let mut response = Response::new(ReplyBody::whole(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(kind));
    response
}

fn refusal(status: u16) -> Response<ReplyBody> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = if status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED { "" } else { "not today" };
    let mut response = reply(status, "text/plain", body);
    if status.is_redirection() {
        response.headers_mut().insert(LOCATION, hyper::header::HeaderValue::from_static("/elsewhere/keys"));
    }
    response
}
