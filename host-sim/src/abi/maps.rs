//! Header and trailer maps, and when each can be had.

use super::memory::{hand_over, read, write_u32};
use super::{Call, Guest, Stop, misused};
use crate::headers::{HeaderMap, MapRules, decode, encode};
use crate::route::{self, RouteProperties};
use crate::status::Status;
use crate::vm::state::VmState;

const REQUEST_HEADERS: u32 = 0;
const REQUEST_TRAILERS: u32 = 1;
const RESPONSE_HEADERS: u32 = 2;
const CALL_RESPONSE_HEADERS: u32 = 6;
const CALL_RESPONSE_TRAILERS: u32 = 7;
const LAST_KIND: u32 = 7;

fn check_kind(kind: u32) -> Call {
    if kind > LAST_KIND { Err(Status::BadArgument.into()) } else { Ok(()) }
}

/// A map to read: the callout's inside its callback, the stream's while it is open, all of the stream's for the log.
fn readable(state: &mut VmState, kind: u32) -> Call<HeaderMap> {
    let rules = state.rules();
    if let CALL_RESPONSE_HEADERS | CALL_RESPONSE_TRAILERS = kind {
        let root = state.root_context();
        let delivery = state.delivery.as_ref().filter(|(own, _)| *own == root).map(|(_, delivery)| delivery);
        if delivery.is_none() {
            let crash = "callout headers read outside the callout's callback crash this host";
            return Err(misused(state, Status::BadArgument, crash));
        }
        let pairs =
            delivery.and_then(|d| if kind == CALL_RESPONSE_HEADERS { &d.headers } else { &d.trailers }.as_ref());
        let pairs = pairs.ok_or(Status::BadArgument)?;
        return Ok(HeaderMap::new(MapRules::Envoy { first_only: false }, pairs.iter().map(|(n, v)| (n, v))));
    }
    if state.stream().is_none() {
        return Err(misused(state, Status::BadArgument, "a header map read in a root context crashes this host"));
    }
    let stream = state.stream().ok_or(Status::BadArgument)?;
    let logging = stream.logging;
    let (map, open) = match kind {
        REQUEST_HEADERS => (Some(&stream.request_headers), stream.request_headers_open),
        REQUEST_TRAILERS => (stream.request_trailers.as_ref(), stream.request_trailers_open),
        RESPONSE_HEADERS => (stream.response_headers.as_ref(), stream.response_headers_open),
        _ => (None, false),
    };
    let absent = if logging { Status::NotFound } else { Status::BadArgument };
    map.filter(|_| open || (logging && kind != REQUEST_TRAILERS) || rules.keeps_maps_open)
        .cloned()
        .ok_or(Stop::Status(absent))
}

/// A map to change: the stream's own, while it is open.
fn writable(state: &mut VmState, kind: u32) -> Call<&mut HeaderMap> {
    check_kind(kind)?;
    if state.stream().is_none() {
        return Err(misused(state, Status::BadArgument, "a header map changed in a root context crashes this host"));
    }
    let stream = state.stream().ok_or(Status::BadArgument)?;
    let absent = if stream.logging { Status::NotFound } else { Status::BadArgument };
    let map = match kind {
        REQUEST_HEADERS if stream.request_headers_open => Some(&mut stream.request_headers),
        REQUEST_TRAILERS if stream.request_trailers_open => stream.request_trailers.as_mut(),
        RESPONSE_HEADERS if stream.response_headers_open => stream.response_headers.as_mut(),
        _ => None,
    };
    map.ok_or(Stop::Status(absent))
}

pub(super) fn pairs(guest: &mut Guest<'_>, kind: u32, out: u32, out_len: u32) -> Call {
    check_kind(kind)?;
    let pairs = match readable(guest.data_mut(), kind) {
        Ok(map) => map.pairs(),
        Err(Stop::Status(_)) => Vec::new(),
        Err(trap) => return Err(trap),
    };
    hand_over(guest, &encode(&pairs), out, out_len)
}

pub(super) fn size(guest: &mut Guest<'_>, kind: u32, out: u32) -> Call {
    check_kind(kind)?;
    let map = readable(guest.data_mut(), kind)?;
    let size: usize = map.pairs().iter().map(|(name, value)| name.len() + value.len()).sum();
    write_u32(guest, out, size as u32)
}

pub(super) fn value(guest: &mut Guest<'_>, kind: u32, key: u32, len: u32, out: u32, out_len: u32) -> Call {
    check_kind(kind)?;
    let key = read(guest, key, len)?;
    let map = readable(guest.data_mut(), kind)?;
    let value = map.value(&key).ok_or(Status::NotFound)?.to_vec();
    hand_over(guest, &value, out, out_len)
}

pub(super) fn add(guest: &mut Guest<'_>, kind: u32, key: u32, len: u32, value: u32, value_len: u32) -> Call {
    let (key, value) = (read(guest, key, len)?, read(guest, value, value_len)?);
    writable(guest.data_mut(), kind)?.add(&key, &value);
    pick_again(guest.data_mut(), kind);
    check_text(guest.data_mut(), &key, &value);
    Ok(())
}

pub(super) fn replace(guest: &mut Guest<'_>, kind: u32, key: u32, len: u32, value: u32, value_len: u32) -> Call {
    let (key, value) = (read(guest, key, len)?, read(guest, value, value_len)?);
    writable(guest.data_mut(), kind)?.replace(&key, &value);
    pick_again(guest.data_mut(), kind);
    check_text(guest.data_mut(), &key, &value);
    Ok(())
}

pub(super) fn remove(guest: &mut Guest<'_>, kind: u32, key: u32, len: u32) -> Call {
    let key = read(guest, key, len)?;
    writable(guest.data_mut(), kind)?.remove(&key);
    pick_again(guest.data_mut(), kind);
    Ok(())
}

pub(super) fn set_pairs(guest: &mut Guest<'_>, kind: u32, data: u32, len: u32) -> Call {
    let pairs = decode(&read(guest, data, len)?);
    writable(guest.data_mut(), kind)?.set_all(pairs);
    pick_again(guest.data_mut(), kind);
    Ok(())
}

/// A changed request header may pick another route; whether properties show it yet is the host's.
fn pick_again(state: &mut VmState, kind: u32) {
    let process = state.process.clone();
    let at_once = process.settings.route_properties == RouteProperties::AtOnce;
    if let Some(stream) = state.stream().filter(|_| at_once && kind == REQUEST_HEADERS) {
        stream.shown_route = route::pick(&process.settings.routes, &stream.request_headers).cloned();
    }
}

/// Envoy asserts on such values in debug builds and drops the request later in release builds.
fn check_text(state: &mut VmState, name: &[u8], value: &[u8]) {
    if name.iter().chain(value).any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
        let context = state.context();
        state.anomaly(context, "a header with CR, LF or NUL was written");
    }
}
