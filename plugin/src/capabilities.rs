//! Looks, while a configuration is taken, for host calls that it needs and that the host does not have or does not allow
//! (`capability_restriction_config` in Envoy). What is missing is logged and refuses nothing: whether a configuration is taken
//! must depend on the configuration alone.
//!
//! Each call is made in the root context with arguments that change nothing. Envoy answers a call that it does not allow with
//! a status of its own. Other hosts trap on some of these calls, so only Envoy is asked. `proxy_send_local_response` is left
//! out: it would stop the next request. `proxy_set_shared_data` is left out as well, since it would write. Callbacks cannot be
//! seen from here.

use crate::filter::POLICY;
use crate::host::{self, Answer, Level, Map};
use claimgate_core::config::{Config, Host};
use claimgate_core::jwks::Callout;
use claimgate_core::keyring::KeyRing;
use std::time::Duration;

/// A callout to no cluster, which Envoy refuses.
const NO_CALL: Callout =
    Callout { ticket: 0, cluster: String::new(), headers: Vec::new(), timeout: Duration::from_millis(1), max_bytes: 0 };

/// What this host cannot do for the configuration.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Capabilities {
    /// A paused request cannot be resumed: none may wait.
    pub(crate) cannot_resume: bool,
}

/// Calls what the configuration needs, and logs a warning for each call that is missing.
pub(crate) fn probe(config: &Config, keys: &KeyRing, root: u32) -> Capabilities {
    if config.host != Host::Envoy {
        return Capabilities::default();
    }
    let missing = |call: &str, consequence: &str, answer: Answer<()>| {
        let Some(status) = answer.err().filter(|failed| failed.is_missing()) else { return false };
        let status = status.0;
        host::log(
            Level::Warn,
            &format!("configuration warning: the host does not allow {call} (status {status}): {consequence}"),
        );
        true
    };
    let headers = Map::RequestHeaders;
    missing("proxy_get_header_map_pairs", "every request is refused", host::map(headers).map(drop));
    let unwritten = "requests that need it are refused";
    missing("proxy_add_header_map_value", unwritten, host::add_header(headers, b"x", b""));
    missing("proxy_replace_header_map_value", unwritten, host::replace_header(headers, b"x", b""));
    missing("proxy_remove_header_map_value", unwritten, host::remove_header(headers, b"x"));
    missing("proxy_get_current_time_nanoseconds", "every token is refused", host::time().map(drop));
    missing("proxy_increment_metric", "nothing is counted", host::increment_metric(u32::MAX, 0));
    if config.routes.named {
        missing(
            "proxy_get_property",
            "every request is refused: its rule is not known",
            host::property(POLICY).map(drop),
        );
    }
    if config.filter_state {
        missing("proxy_set_property", "every token is refused", host::set_property("claimgate", ""));
    }
    let mut capabilities = Capabilities::default();
    if !keys.remote_ids().is_empty() {
        missing("proxy_http_call", "keys cannot be fetched", host::http_call(&NO_CALL).map(drop));
        missing("proxy_get_shared_data", "each worker fetches keys for itself", host::shared_data("").map(drop));
        let waits = "no request waits for keys";
        let cannot_switch = missing("proxy_set_effective_context", waits, host::set_effective_context(root));
        capabilities.cannot_resume = missing("proxy_continue_stream", waits, host::resume_request()) || cannot_switch;
    }
    capabilities
}
