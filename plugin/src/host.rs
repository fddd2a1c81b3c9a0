//! Every call to the host, and nothing else: thin, bytes only, and a `Result` whatever status comes back.
//!
//! Statuses are plain numbers: a host may answer with any, and none is a reason to panic. [`pairs`] has the form in which
//! header maps cross.
#![allow(unsafe_code, reason = "the foreign function interface; every block says why it is sound")]

mod pairs;

use claimgate_core::jwks::{Callout, Shared, Swap, Unshared};
use claimgate_core::time::Timestamp;
pub(crate) use pairs::pairs;
use pairs::serialized;
use std::ptr::{null, null_mut};

/// A host call that did not do what was asked: the status it answered.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(crate) struct Failed(pub(crate) u32);

impl Failed {
    /// Whether the host says that what was asked for is not there. Any other status says nothing about that.
    pub(crate) fn is_not_found(self) -> bool {
        self.0 == NOT_FOUND
    }

    /// Whether the host does not have the function, or does not allow it.
    pub(crate) fn is_missing(self) -> bool {
        matches!(self.0, INTERNAL_FAILURE | UNIMPLEMENTED)
    }
}

/// The result of a host call.
pub(crate) type Answer<T> = Result<T, Failed>;

/// A header map of the host.
#[derive(Copy, Clone, Debug)]
#[repr(u32)]
pub(crate) enum Map {
    RequestHeaders = 0,
    RequestTrailers = 1,
    CalloutHeaders = 6,
}

/// A buffer of the host.
#[derive(Copy, Clone, Debug)]
#[repr(u32)]
pub(crate) enum Buffer {
    CalloutBody = 4,
    VmConfiguration = 6,
    PluginConfiguration = 7,
}

/// What a metric is.
#[derive(Copy, Clone, Debug)]
#[repr(u32)]
pub(crate) enum Metric {
    Counter = 0,
    Gauge = 1,
}

/// How important a line is.
#[derive(Copy, Clone, Debug)]
#[repr(u32)]
pub(crate) enum Level {
    Info = 2,
    Warn = 3,
    Error = 4,
}

const OK: u32 = 0;
const NOT_FOUND: u32 = 1;
const CAS_MISMATCH: u32 = 8;
const INTERNAL_FAILURE: u32 = 10;
const UNIMPLEMENTED: u32 = 12;
const HTTP_REQUEST: u32 = 0;

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn proxy_log(level: u32, text: *const u8, text_size: usize) -> u32;
    fn proxy_get_current_time_nanoseconds(time: *mut u64) -> u32;
    fn proxy_set_tick_period_milliseconds(period: u32) -> u32;
    fn proxy_get_buffer_bytes(buffer: u32, start: usize, max: usize, data: *mut *mut u8, size: *mut usize) -> u32;
    fn proxy_get_header_map_pairs(map: u32, data: *mut *mut u8, size: *mut usize) -> u32;
    fn proxy_add_header_map_value(
        map: u32,
        name: *const u8,
        name_size: usize,
        value: *const u8,
        value_size: usize,
    ) -> u32;
    fn proxy_replace_header_map_value(
        map: u32,
        name: *const u8,
        name_size: usize,
        value: *const u8,
        value_size: usize,
    ) -> u32;
    fn proxy_remove_header_map_value(map: u32, name: *const u8, name_size: usize) -> u32;
    fn proxy_get_property(path: *const u8, path_size: usize, data: *mut *mut u8, size: *mut usize) -> u32;
    fn proxy_set_property(path: *const u8, path_size: usize, value: *const u8, value_size: usize) -> u32;
    fn proxy_get_shared_data(
        name: *const u8,
        name_size: usize,
        data: *mut *mut u8,
        size: *mut usize,
        cas: *mut u32,
    ) -> u32;
    fn proxy_set_shared_data(name: *const u8, name_size: usize, value: *const u8, value_size: usize, cas: u32) -> u32;
    fn proxy_continue_stream(stream: u32) -> u32;
    fn proxy_send_local_response(
        status: u32,
        details: *const u8,
        details_size: usize,
        body: *const u8,
        body_size: usize,
        headers: *const u8,
        headers_size: usize,
        grpc_status: i32,
    ) -> u32;
    fn proxy_set_effective_context(context: u32) -> u32;
    fn proxy_http_call(
        upstream: *const u8,
        upstream_size: usize,
        headers: *const u8,
        headers_size: usize,
        body: *const u8,
        body_size: usize,
        trailers: *const u8,
        trailers_size: usize,
        timeout: u32,
        token: *mut u32,
    ) -> u32;
    fn proxy_call_foreign_function(
        name: *const u8,
        name_size: usize,
        arguments: *const u8,
        arguments_size: usize,
        data: *mut *mut u8,
        size: *mut usize,
    ) -> u32;
    fn proxy_define_metric(kind: u32, name: *const u8, name_size: usize, metric: *mut u32) -> u32;
    fn proxy_increment_metric(metric: u32, by: i64) -> u32;
    fn proxy_record_metric(metric: u32, value: u64) -> u32;
}

fn checked(status: u32) -> Answer<()> {
    if status == OK { Ok(()) } else { Err(Failed(status)) }
}

/// Takes over bytes that the host put into this module's memory, which it asked [`crate::exports`] for. A host that has
/// nothing to give may leave the pointer null; one that says how much it gives and leaves it null has failed.
fn received(data: *mut u8, size: usize) -> Answer<Vec<u8>> {
    if data.is_null() {
        return if size == 0 { Ok(Vec::new()) } else { Err(Failed(INTERNAL_FAILURE)) };
    }
    // SAFETY: `proxy_on_memory_allocate` made this a slice of exactly this size and forgot it, and the host filled it and
    // gave up the pointer.
    Ok(unsafe { Vec::from_raw_parts(data, size, size) })
}

/// Runs a call that answers with bytes.
fn receive(call: impl FnOnce(*mut *mut u8, *mut usize) -> u32) -> Answer<Vec<u8>> {
    let (mut data, mut size) = (null_mut(), 0);
    checked(call(&raw mut data, &raw mut size))?;
    received(data, size)
}

/// Writes one line to the host's log. A host that cannot log is no reason to fail.
pub(crate) fn log(level: Level, line: &str) {
    // SAFETY: the pointer and the size are one string's.
    let _best_effort = unsafe { proxy_log(level as u32, line.as_ptr(), line.len()) };
}

/// The time in milliseconds since the epoch.
pub(crate) fn time() -> Answer<u64> {
    let mut nanoseconds = 0u64;
    // SAFETY: the pointer is to a live variable.
    checked(unsafe { proxy_get_current_time_nanoseconds(&raw mut nanoseconds) })?;
    Ok(nanoseconds / 1_000_000)
}

/// The time; unset, which refuses every token, where the host has no clock.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(time().unwrap_or(0))
}

/// Asks for `on_tick` every so many milliseconds.
pub(crate) fn set_tick_period(milliseconds: u32) -> Answer<()> {
    // SAFETY: no pointers.
    checked(unsafe { proxy_set_tick_period_milliseconds(milliseconds) })
}

/// The first `max` bytes of a buffer.
pub(crate) fn buffer(buffer: Buffer, max: usize) -> Answer<Vec<u8>> {
    // SAFETY: `receive` passes pointers to live variables.
    receive(|data, size| unsafe { proxy_get_buffer_bytes(buffer as u32, 0, max, data, size) })
}

/// A header map as the host serialises it, see [`pairs`].
pub(crate) fn map(map: Map) -> Answer<Vec<u8>> {
    // SAFETY: `receive` passes pointers to live variables.
    receive(|data, size| unsafe { proxy_get_header_map_pairs(map as u32, data, size) })
}

/// Adds a header beside any there are.
pub(crate) fn add_header(map: Map, name: &[u8], value: &[u8]) -> Answer<()> {
    let (map, n, v) = (map as u32, name, value);
    // SAFETY: pointers and sizes are those of two live slices.
    checked(unsafe { proxy_add_header_map_value(map, n.as_ptr(), n.len(), v.as_ptr(), v.len()) })
}

/// Sets a header.
pub(crate) fn replace_header(map: Map, name: &[u8], value: &[u8]) -> Answer<()> {
    let (map, n, v) = (map as u32, name, value);
    // SAFETY: pointers and sizes are those of two live slices.
    checked(unsafe { proxy_replace_header_map_value(map, n.as_ptr(), n.len(), v.as_ptr(), v.len()) })
}

/// Removes every header of that name.
pub(crate) fn remove_header(map: Map, name: &[u8]) -> Answer<()> {
    // SAFETY: pointer and size are those of a live slice.
    checked(unsafe { proxy_remove_header_map_value(map as u32, name.as_ptr(), name.len()) })
}

/// A property of the host by its path, the parts separated by NUL.
pub(crate) fn property(path: &str) -> Answer<Vec<u8>> {
    // SAFETY: pointer and size are those of a live string; `receive` passes pointers to live variables.
    receive(|data, size| unsafe { proxy_get_property(path.as_ptr(), path.len(), data, size) })
}

/// A property of the host by its path; nothing where this host has no such property, or leaves it empty.
#[cfg(feature = "generic")]
pub(crate) fn property_if_any(path: &str) -> Answer<Option<Vec<u8>>> {
    match property(path) {
        Err(Failed(NOT_FOUND | UNIMPLEMENTED)) => Ok(None),
        value => value.map(|value| Some(value).filter(|value| !value.is_empty())),
    }
}

/// Sets a property of the effective context; Envoy keeps it as filter state under `wasm.` and the path.
pub(crate) fn set_property(path: &str, value: &str) -> Answer<()> {
    // SAFETY: pointers and sizes are those of two live strings.
    checked(unsafe { proxy_set_property(path.as_ptr(), path.len(), value.as_ptr(), value.len()) })
}

/// Lets the paused request of the effective context go on.
pub(crate) fn resume_request() -> Answer<()> {
    // SAFETY: no pointers.
    checked(unsafe { proxy_continue_stream(HTTP_REQUEST) })
}

/// Answers the request of the effective context.
pub(crate) fn respond(
    status: u32,
    headers: &[(&str, &str)],
    body: &str,
    grpc_status: Option<i32>,
    details: &str,
) -> Answer<()> {
    let headers = serialized(headers);
    // SAFETY: pointers and sizes are those of live slices; the host reads null with size zero as nothing.
    let sent = checked(unsafe {
        proxy_send_local_response(
            status,
            details.as_ptr(),
            details.len(),
            if body.is_empty() { null() } else { body.as_ptr() },
            body.len(),
            headers.as_ptr(),
            headers.len(),
            grpc_status.unwrap_or(-1),
        )
    });
    if cfg!(feature = "generic") && sent.is_err() {
        // A pause may not hold there, so that only a trap keeps the request from the service.
        std::process::abort();
    }
    sent
}

/// Makes the next calls about another context.
pub(crate) fn set_effective_context(context: u32) -> Answer<()> {
    // SAFETY: no pointers.
    checked(unsafe { proxy_set_effective_context(context) })
}

/// Calls a function of the host by name. A host without it may trap: never called on one that is not known.
pub(crate) fn foreign_function(name: &str, arguments: &[u8]) -> Answer<Vec<u8>> {
    // SAFETY: pointers and sizes are those of live slices; `receive` passes pointers to live variables.
    receive(|data, size| unsafe {
        proxy_call_foreign_function(name.as_ptr(), name.len(), arguments.as_ptr(), arguments.len(), data, size)
    })
}

/// The number of a metric, made known to the host if it is new.
pub(crate) fn define_metric(kind: Metric, name: &str) -> Answer<u32> {
    let mut metric = 0;
    // SAFETY: pointer and size are those of a live string, the other pointer is to a live variable.
    checked(unsafe { proxy_define_metric(kind as u32, name.as_ptr(), name.len(), &raw mut metric) })?;
    Ok(metric)
}

/// Counts.
pub(crate) fn increment_metric(metric: u32, by: i64) -> Answer<()> {
    // SAFETY: no pointers.
    checked(unsafe { proxy_increment_metric(metric, by) })
}

/// Sets a gauge.
pub(crate) fn record_metric(metric: u32, value: u64) -> Answer<()> {
    // SAFETY: no pointers.
    checked(unsafe { proxy_record_metric(metric, value) })
}

/// Sends a callout; the answer comes back with the token.
pub(crate) fn http_call(callout: &Callout) -> Answer<u32> {
    let headers: Vec<_> = callout.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let (headers, trailers, cluster) = (serialized(&headers), serialized(&[]), &callout.cluster);
    let timeout = u32::try_from(callout.timeout.as_millis()).unwrap_or(u32::MAX);
    let mut token = 0;
    // SAFETY: pointers and sizes are those of live slices; the host reads null with size zero as nothing; the last pointer
    // is to a live variable.
    checked(unsafe {
        proxy_http_call(
            cluster.as_ptr(),
            cluster.len(),
            headers.as_ptr(),
            headers.len(),
            null(),
            0,
            trailers.as_ptr(),
            trailers.len(),
            timeout,
            &raw mut token,
        )
    })?;
    Ok(token)
}

/// An entry of the map that all workers of a process share, with the number that a later write is compared by.
pub(crate) fn shared_data(name: &str) -> Answer<(Vec<u8>, u32)> {
    let (mut data, mut size, mut cas) = (null_mut(), 0, 0);
    // SAFETY: pointer and size are those of a live string, the others are to live variables.
    checked(unsafe { proxy_get_shared_data(name.as_ptr(), name.len(), &raw mut data, &raw mut size, &raw mut cas) })?;
    Ok((received(data, size)?, cas))
}

/// The map that all workers of a process share.
pub(crate) struct SharedData;

impl Shared for SharedData {
    fn read(&mut self, name: &str) -> Result<Option<(Vec<u8>, u32)>, Unshared> {
        match shared_data(name) {
            Ok(entry) => Ok(Some(entry)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(_) => Err(Unshared),
        }
    }

    fn write(&mut self, name: &str, value: &[u8], cas: u32) -> Result<Swap, Unshared> {
        // SAFETY: pointers and sizes are those of two live slices.
        let status = unsafe { proxy_set_shared_data(name.as_ptr(), name.len(), value.as_ptr(), value.len(), cas) };
        match status {
            OK => Ok(Swap::Done),
            CAS_MISMATCH => Ok(Swap::Mismatch),
            _ => Err(Unshared),
        }
    }
}
