//! A second host under the same configuration with `"enforce": false`. Every request of the catalogue passes through it too:
//! there it goes on where it was refused, without identity, and with the same identity where it was admitted.

use claimgate_core::config::Config;
use host_sim::{Answer, Callout, HeaderMap, Host, HostBuilder, MapRules, Outcome, Pair, Reading, Request};
use serde_json::{Value, json};

use crate::fixture::with;
use crate::stage::{Seen, moved};

/// What is refused in this mode too: closed routes, and requests that cannot be made safe.
const STILL_REFUSED: [&str; 4] = ["route_denied", "managed_header", "headers_unreadable", "internal"];

/// How many requests of one test are sent here before only every eighth is: some tests send thousands that differ in a bit.
const ALL_OF: u32 = 100;

pub(crate) struct ReportOnly {
    host: Host,
    config: Config,
    requests: u32,
}

impl ReportOnly {
    /// Builds the host, unless the configuration says itself what is enforced, or is one for hosts that remove nothing.
    pub(crate) fn new(
        builder: HostBuilder,
        configuration: &Value,
        answer: impl FnMut(&Callout) -> Answer + Send + 'static,
    ) -> Option<ReportOnly> {
        let text = configuration.to_string();
        if text.contains("\"enforce\":") || text.contains("\"host\":\"generic\"") {
            return None;
        }
        let text = with(configuration.clone(), "/enforce", json!(false)).to_string();
        let (config, _) = Config::parse(text.as_bytes()).unwrap_or_else(|mistakes| panic!("{mistakes:?}\n{text}"));
        let mut host = builder.build();
        host.answer_with(answer);
        host.configure(text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"));
        Some(ReportOnly { host, config, requests: 0 })
    }

    /// Sends a request at the time when the other host got it, and looks at what must hold for every request.
    pub(crate) fn send(&mut self, what: &str, worker: usize, request: Request, at: Reading, enforced: &Seen) {
        self.requests += 1;
        if self.requests > ALL_OF && !self.requests.is_multiple_of(8) {
            return;
        }
        let what = format!("{what}, report only");
        self.catch_up(at);
        let before = self.host.metrics();
        let sent = HeaderMap::new(MapRules::Envoy { first_only: false }, request.headers().to_vec()).forwarded();
        let report = self.host.request(worker, request);
        assert_eq!((self.host.traps(), self.host.anomalies()), (Vec::<&str>::new(), Vec::<&str>::new()), "{what}");
        let after = self.host.metrics();
        let reported = moved(&before, &after, "would_refuse.reason.", &what);
        match &report.outcome {
            Outcome::Upstream(upstream) => {
                assert_eq!(reported, enforced.reason, "{what}");
                let admitted = enforced.outcome.upstream();
                let proven = admitted.map_or(Vec::new(), |upstream| self.managed(&upstream.headers));
                assert_eq!(self.managed(&upstream.headers), proven, "{what}: an identity without proof");
                assert_eq!(self.others(&upstream.headers), self.others(&sent), "{what}: other headers are untouched");
                let trailers = upstream.trailers.as_deref().unwrap_or_default();
                assert!(self.managed(trailers).is_empty(), "{what}: a trailer of the client's");
            }
            Outcome::LocalReply(reply) => {
                assert_eq!(Some(reply), enforced.outcome.local_reply(), "{what}");
                let reason = moved(&before, &after, "refused.reason.", &what);
                assert_eq!((&reason, reported), (&enforced.reason, None), "{what}");
                let refused = reason.is_none_or(|reason| STILL_REFUSED.contains(&reason.as_str()));
                assert!(refused, "{what}: {:?} is refused", enforced.reason);
            }
            other => panic!("{what}: {other:?}"),
        }
    }

    /// Lives through the time that has passed in the other host.
    pub(crate) fn catch_up(&mut self, at: Reading) {
        self.host.advance(at.steady.saturating_sub(self.host.process().clock.now().steady));
        self.host.set_now(at.wall);
    }

    fn managed(&self, headers: &[Pair]) -> Vec<Pair> {
        headers.iter().filter(|(name, _)| self.config.identity_headers.manages(name)).cloned().collect()
    }

    /// The headers that the filter has nothing to do with. `connection` may lose the names of managed headers.
    fn others(&self, headers: &[Pair]) -> Vec<Pair> {
        let is_touched = |name: &[u8]| {
            name == b"connection" || name == b"proxy-connection" || self.config.identity_headers.manages(name)
        };
        headers.iter().filter(|(name, _)| !is_touched(name)).cloned().collect()
    }
}
