//! What becomes of a request.

use crate::filter::{Filter, Outcome};
use crate::host::{self, Map};
use crate::metrics::Metrics;
use crate::mode::SignatureLayer;
use claimgate_core::config::Host;
use claimgate_core::refusal::{Reason, Refusal};

/// Decides about the request of a context; whether it goes on. It waits where a fetch may bring the key.
pub(crate) fn decide(filter: &mut Filter, context: u32, headers: usize) -> bool {
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
        // A generic host may send a paused request on: there, what cannot be decided now is refused now.
        if filter.config.host == Host::Generic || !filter.can_wait(issuer) {
            outcome = filter.refuse(unavailable(Reason::KeysUnavailable), issuer, now);
        } else if !filter.wait(context, issuer, now) {
            outcome = filter.refuse(unavailable(Reason::TooManyWaiting), issuer, now);
        } else {
            filter.hurry(context);
        }
    }
    outcome == Outcome::Goes
}

/// Answers a request of [`crate::mode::Mode::Jws`]: nothing is ever let through.
pub(crate) fn answer_jws(layer: &SignatureLayer) -> bool {
    let map = host::map(Map::RequestHeaders).unwrap_or_default();
    let pairs = host::pairs(&map).unwrap_or_default();
    let verdict = layer.answer(&pairs);
    let status = if verdict.is_ok() { 200 } else { 401 };
    if let Err(reason) = verdict {
        Metrics::default().refused(None, reason);
    }
    let _best_effort = host::respond(status, &[], "", None, "");
    false
}

/// Answers a request that came before a configuration was taken, or that the host never announced.
pub(crate) fn refuse_unconfigured() -> bool {
    Metrics::default().refused(None, Reason::Internal);
    let _best_effort = host::respond(500, &[], "", None, "");
    false
}
