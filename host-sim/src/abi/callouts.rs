//! HTTP callouts.

use std::time::Duration;

use super::memory::{hand_over, read, read_text, write_u32};
use super::{Call, Guest, trap};
use crate::callout::{Callout, CalloutId};
use crate::headers::{Pair, decode};
use crate::profile::Targets;
use crate::status::Status;
use crate::vm::state::{Phase, VmState};

#[allow(clippy::too_many_arguments, reason = "the ABI's own signature")]
pub(super) fn http_call(
    guest: &mut Guest<'_>,
    cluster: u32,
    len: u32,
    headers: u32,
    headers_len: u32,
    body: u32,
    body_len: u32,
    trailers: u32,
    trailers_len: u32,
    timeout: u32,
    out: u32,
) -> Call {
    let cluster = read_text(guest, cluster, len)?;
    let headers: Vec<Pair> = decode(&read(guest, headers, headers_len)?);
    let headers: Vec<Pair> = headers.into_iter().map(|(n, v)| (n.to_ascii_lowercase(), v)).collect();
    let body = read(guest, body, body_len)?;
    let trailers = decode(&read(guest, trailers, trailers_len)?);
    let state = guest.data_mut();
    let named = |name: &[u8]| headers.iter().any(|(own, _)| own == name);
    let has_authority = match state.rules().targets {
        Targets::Clusters => {
            check_cluster(state, &cluster, timeout)?;
            named(b":authority")
        }
        Targets::Addresses => {
            check_address(state, &cluster)?;
            named(b":authority") || named(b"host")
        }
    };
    if !named(b":method") || !named(b":path") || !has_authority {
        return Err(Status::BadArgument.into());
    }
    let token = state.allocate_token();
    let root = state.root_context();
    state.callouts.insert(token, root);
    let id = CalloutId { vm: state.name, generation: state.generation, token };
    let timeout = (timeout > 0).then(|| Duration::from_millis(u64::from(timeout)));
    state.started.push(Callout { id, root, cluster, headers, body, trailers, timeout });
    write_u32(guest, out, token)
}

fn check_cluster(state: &VmState, cluster: &str, timeout: u32) -> Call {
    if timeout > i32::MAX as u32 || !state.process.settings.clusters.has(cluster) {
        return Err(Status::BadArgument.into());
    }
    Ok(())
}

/// nginx wants `host:port`, looks the name up later, and allows callouts in few callbacks.
fn check_address(state: &VmState, target: &str) -> Call {
    let allowed = ["proxy_on_request_headers", "proxy_on_request_body", "proxy_on_tick", "proxy_on_http_call_response"];
    match state.phase {
        Phase::InCallback(name) if allowed.contains(&name) => {}
        _ => {
            return Err(trap(
                "can only send HTTP calls during on_request_headers, on_request_body, on_tick and callbacks",
            ));
        }
    }
    let (host, port) = target.rsplit_once(':').unwrap_or((target, "80"));
    if host.is_empty() || host.contains('/') || port.parse::<u16>().is_err() {
        return Err(trap(format!("{target:?} is not host:port")));
    }
    Ok(())
}

/// Why the last callout that failed did so.
pub(super) fn call_status(guest: &mut Guest<'_>, out: u32, text: u32, text_len: u32) -> Call {
    let (code, message) = guest.data().call_status;
    write_u32(guest, out, code)?;
    hand_over(guest, message.as_bytes(), text, text_len)
}
