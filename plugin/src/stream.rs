//! The life of one request.

use crate::filter::{Filter, Outcome};
use crate::host;
use crate::root::SharedFilter;
use claimgate_core::config::Host;
use claimgate_core::refusal::{Reason, Refusal};
use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::Action;

/// One request under the configuration it began with.
pub(crate) struct Stream {
    context: u32,
    filter: SharedFilter,
}

impl Stream {
    pub(crate) fn new(context: u32, filter: SharedFilter) -> Self {
        Self { context, filter }
    }

    /// Decides; pauses where a fetch may bring the key.
    fn decide(&self, filter: &mut Filter, headers: usize) -> Action {
        let now = host::now();
        let mut outcome = filter.handle(Some(headers), now);
        if let Outcome::Waits(issuer, kid) = &outcome {
            // Another worker may have the key, or know that there is none; if not, the next tick asks for it.
            filter.want(*issuer, kid.as_deref(), now);
            outcome = filter.handle(Some(headers), now);
        }
        if let Outcome::Waits(issuer, _) = outcome {
            let retry_after = filter.keys.remote(issuer).map(|jwks| jwks.retry_after(now));
            let unavailable = |reason| Refusal { reason, retry_after };
            // A generic host may send a paused request on, and Envoy picks a route anew only for the request at hand: where
            // either matters, what cannot be decided now is refused now.
            let never_waits = filter.config.host == Host::Generic || filter.config.recompute_route;
            if never_waits || !filter.can_wait(issuer) {
                outcome = filter.refuse(unavailable(Reason::KeysUnavailable), Some(issuer));
            } else if !filter.wait(self.context, issuer, now) {
                outcome = filter.refuse(unavailable(Reason::TooManyWaiting), Some(issuer));
            } else {
                filter.hurry(self.context);
            }
        }
        if outcome == Outcome::Goes { Action::Continue } else { Action::Pause }
    }
}

impl Context for Stream {
    fn on_http_call_response(&mut self, token: u32, headers: usize, body_size: usize, _: usize) {
        // Only on a host without ticks does a request send the callout.
        if let Ok(mut filter) = self.filter.try_borrow_mut() {
            filter.answered(token, headers, body_size, host::now());
        }
    }
}

impl HttpContext for Stream {
    fn on_http_request_headers(&mut self, headers: usize, _: bool) -> Action {
        match self.filter.try_borrow_mut() {
            Ok(mut filter) => self.decide(&mut filter, headers),
            // A host that calls back in the middle of another call; the request stays where it is.
            Err(_) => Action::Pause,
        }
    }

    fn on_http_request_trailers(&mut self, trailers: usize) -> Action {
        let cleaned = self.filter.try_borrow().is_ok_and(|filter| filter.clean_trailers(trailers));
        if cleaned { Action::Continue } else { Action::Pause }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if let Ok(mut filter) = self.filter.try_borrow_mut() {
            filter.gone(self.context);
        }
    }
}
