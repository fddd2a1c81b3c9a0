//! Resuming, closing and answering streams. All of it happens after the callback in which it was asked for.

use super::memory::{read, read_text};
use super::{Call, Guest, trap};
use crate::headers::decode;
use crate::profile::{LocalReplies, Misuse};
use crate::status::Status;
use crate::stream::LocalReply;
use crate::vm::state::Deferred;

const REQUEST: u32 = 0;
const RESPONSE: u32 = 1;
const LAST_KIND: u32 = 3;

/// The request's maps are gone from this moment, though the stream moves on only after the callback.
pub(super) fn resume(guest: &mut Guest<'_>, kind: u32) -> Call {
    let state = guest.data_mut();
    let context = state.context();
    if state.rules().misuse == Misuse::Crashes && !state.streams.contains_key(&context) {
        return Err(trap("continue_stream in a root context crashes this host"));
    }
    let action = match kind {
        REQUEST => Deferred::ResumeRequest(context),
        RESPONSE => Deferred::ResumeResponse(context),
        _ => return Err(Status::BadArgument.into()),
    };
    if let Some(stream) = state.stream() {
        stream.request_headers_open = false;
        stream.request_body_open = false;
        stream.request_trailers_open = false;
        state.deferred.push(action);
    }
    Ok(())
}

pub(super) fn close(_guest: &mut Guest<'_>, kind: u32) -> Call {
    if kind > LAST_KIND {
        return Err(Status::BadArgument.into());
    }
    Err(trap("proxy_close_stream is not for this filter"))
}

#[allow(clippy::too_many_arguments, reason = "the ABI's own signature")]
pub(super) fn send_local_response(
    guest: &mut Guest<'_>,
    status: u32,
    details: u32,
    details_len: u32,
    body: u32,
    body_len: u32,
    headers: u32,
    headers_len: u32,
    grpc_status: i32,
) -> Call {
    let details = read_text(guest, details, details_len)?;
    let body = read(guest, body, body_len)?;
    let headers = decode(&read(guest, headers, headers_len)?);
    let headers = headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    let state = guest.data_mut();
    let context = state.context();
    if state.rules().local_replies == LocalReplies::LastOfEachName {
        let Some(stream) = state.stream() else {
            return Err(trap("a local response in a root context crashes this host"));
        };
        if stream.reply_pending {
            return Err(trap("local response already stashed"));
        }
        if status < 100 {
            return Err(Status::BadArgument.into());
        }
    }
    state.stop_next = true;
    if let Some(stream) = state.stream() {
        if stream.reply_pending {
            state.anomaly(context, "a second local reply");
            return Ok(());
        }
        stream.reply_pending = true;
        let reply = LocalReply { status: status as u16, headers, body, grpc_status, details };
        state.deferred.push(Deferred::Reply(context, reply));
    }
    Ok(())
}
