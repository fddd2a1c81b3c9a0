//! An upstream that shows what reached it: every request is answered with its method, path and headers as JSON.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Request, Response};
use serde_json::{Value, json};

use crate::loopback::{Connections, Loopback, ReplyBody, immediate};

/// A running echo upstream. Dropping it closes its port.
pub struct Upstream {
    requests: Arc<AtomicUsize>,
    server: Loopback,
}

impl Upstream {
    /// Starts on a port that the system picks.
    ///
    /// The answer is `{"method": …, "path": …, "headers": [[name, value], …], "body_bytes": N}`, names in lower case, repeats
    /// kept in order; a value that is not UTF-8 is `{"hex": "ff00"}`.
    pub fn start() -> io::Result<Self> {
        let requests = Arc::new(AtomicUsize::new(0));
        let counter = requests.clone();
        let handler = immediate(move |request| {
            counter.fetch_add(1, Ordering::SeqCst);
            let mut response = Response::new(ReplyBody::whole(echo(&request).to_string()));
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            Ok(response)
        });
        Ok(Self { requests, server: Loopback::start(0, Connections::Kept, handler)? })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// How many requests reached it.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn echo(request: &Request<Bytes>) -> Value {
    let headers: Vec<Value> = request
        .headers()
        .iter()
        .map(|(name, value)| match std::str::from_utf8(value.as_bytes()) {
            Ok(text) => json!([name.as_str(), text]),
            Err(_) => json!([name.as_str(), {"hex": hex::encode(value.as_bytes())}]),
        })
        .collect();
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    json!({
        "method": request.method().as_str(),
        "path": path,
        "headers": headers,
        "body_bytes": request.body().len(),
    })
}
