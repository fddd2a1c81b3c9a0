//! Callouts over real connections.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::Uri;
use hyper::body::Bytes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;

use super::message;
use host_sim::{Callout, CalloutOutcome, CalloutResponse};

/// The most of a response's body that is taken.
const LARGEST_BODY: usize = 16 << 20;
/// How long a callout without a timeout of its own may take.
const LONGEST: Duration = Duration::from_secs(60);

/// Where callouts go, and the connections they go over.
#[derive(Debug)]
pub(super) struct Clusters {
    bases: BTreeMap<String, Uri>,
    connector: HttpsConnector<HttpConnector>,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl Clusters {
    pub(super) fn new(bases: BTreeMap<String, Uri>) -> io::Result<Clusters> {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_connect_timeout(Some(Duration::from_secs(5)));
        let connector = HttpsConnectorBuilder::new()
            .with_native_roots()?
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(http);
        let client = Client::builder(TokioExecutor::new()).build(connector.clone());
        Ok(Clusters { bases, connector, client })
    }

    /// The connector, for other connections to the same world.
    pub(super) fn connector(&self) -> HttpsConnector<HttpConnector> {
        self.connector.clone()
    }

    /// Sends a callout and waits for what becomes of it.
    pub(super) async fn send(&self, callout: &Callout) -> CalloutOutcome {
        let limit = callout.timeout.unwrap_or(LONGEST);
        tokio::time::timeout(limit, self.exchange(callout)).await.unwrap_or(CalloutOutcome::Timeout)
    }

    async fn exchange(&self, callout: &Callout) -> CalloutOutcome {
        let own = callout.header(":authority").unwrap_or_default();
        let scheme = callout.header(":scheme").unwrap_or("https");
        let direct = || Uri::builder().scheme(scheme).authority(own).path_and_query("/").build().ok();
        let Some(base) = self.bases.get(&callout.cluster).cloned().or_else(direct) else {
            return CalloutOutcome::ConnectFailure;
        };
        let body = Full::new(Bytes::from(callout.body.clone()));
        let Ok(request) = message::request(&callout.headers, &base, body) else {
            return CalloutOutcome::Reset;
        };
        let response = match self.client.request(request).await {
            Ok(response) => response,
            Err(error) if error.is_connect() => return CalloutOutcome::ConnectFailure,
            Err(_) => return CalloutOutcome::Reset,
        };
        let (parts, body) = response.into_parts();
        let headers = message::response_pairs(&parts).into_iter().filter(|(name, _)| name != b":status").collect();
        match Limited::new(body, LARGEST_BODY).collect().await {
            Ok(whole) => CalloutOutcome::Response(CalloutResponse {
                status: parts.status.as_u16(),
                headers,
                body: whole.to_bytes().to_vec(),
                trailers: Vec::new(),
            }),
            Err(_) => CalloutOutcome::Reset,
        }
    }
}
