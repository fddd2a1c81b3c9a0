//! The functions a module may import, and how each answers.

mod buffers;
mod callouts;
mod general;
mod maps;
mod memory;
mod metrics;
mod shared_data;
mod streams;
mod unused;
mod wasi;

use wasmtime::{Caller, Engine, Linker};

use crate::fault::Ending;
use crate::profile::Misuse;
use crate::status::Status;
use crate::vm::state::{Phase, VmState};

pub(crate) type Guest<'a> = Caller<'a, VmState>;

/// Why a hostcall does not end with status 0.
pub(crate) enum Stop {
    /// The module gets this status.
    Status(Status),
    /// The VM is lost.
    Trap(wasmtime::Error),
}

pub(crate) type Call<T = ()> = Result<T, Stop>;

impl From<Status> for Stop {
    fn from(status: Status) -> Stop {
        Stop::Status(status)
    }
}

pub(crate) fn trap(message: impl std::fmt::Display) -> Stop {
    Stop::Trap(wasmtime::Error::msg(message.to_string()))
}

/// How a host call ends that was made where it makes no sense.
fn misused(state: &VmState, status: Status, crash: &str) -> Stop {
    match state.rules().misuse {
        Misuse::Answered => status.into(),
        Misuse::Crashes => trap(crash),
    }
}

/// Runs a hostcall the way every one is run: counted, forbidden where the host forbids it, and answered by a fault,
/// a restriction or a missing ability before it does anything.
fn guarded(
    mut guest: Guest<'_>,
    name: &'static str,
    body: impl FnOnce(&mut Guest<'_>) -> Call,
) -> wasmtime::Result<u32> {
    let state = guest.data_mut();
    state.count(name);
    let during = match state.phase {
        Phase::Initialising => Some("initialisation"),
        Phase::Allocating => Some("memory allocation"),
        Phase::InCallback(_) | Phase::Idle => None,
    };
    if let Some(during) = during.filter(|_| name != "proxy_log") {
        return Err(wasmtime::Error::msg(format!("restricted callback: {name} called during {during}")));
    }
    if state.rules().fatal_hostcalls.contains(&name) {
        return Err(wasmtime::Error::msg(format!("{name} is not supported by this host")));
    }
    match state.refusal(name) {
        Some(Ending::Status(status)) => return Ok(status as u32),
        Some(Ending::Trap) => return Err(wasmtime::Error::msg("a fault that was asked for")),
        None => {}
    }
    match body(&mut guest) {
        Ok(()) => Ok(Status::Ok as u32),
        Err(Stop::Status(status)) => Ok(status as u32),
        Err(Stop::Trap(error)) => Err(error),
    }
}

/// Registers one `env` function per line: its ABI name, its arguments, and the function that carries it out.
macro_rules! hostcalls {
    ($linker:ident; $($name:ident($($arg:ident: $kind:ty),*) => $body:path;)*) => {$(
        $linker.func_wrap("env", stringify!($name), |guest: Guest<'_>, $($arg: $kind),*| {
            guarded(guest, stringify!($name), |guest| $body(guest, $($arg),*))
        })?;
    )*};
}

/// A linker with everything a proxy-wasm 0.2.1 module may import.
#[rustfmt::skip]
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<VmState>> {
    let mut linker = Linker::new(engine);
    hostcalls! { linker;
        proxy_log(level: u32, text: u32, len: u32) => general::log;
        proxy_get_log_level(out: u32) => general::log_level;
        proxy_get_current_time_nanoseconds(out: u32) => general::current_time;
        proxy_set_tick_period_milliseconds(period: u32) => general::set_tick_period;
        proxy_set_effective_context(context: u32) => general::set_effective_context;
        proxy_done() => general::done;
        proxy_get_property(path: u32, len: u32, out: u32, out_len: u32) => general::property;
        proxy_set_property(path: u32, len: u32, value: u32, value_len: u32) => general::set_property;
        proxy_call_foreign_function(name: u32, len: u32, args: u32, args_len: u32, out: u32, out_len: u32) => general::foreign_function;

        proxy_get_buffer_bytes(kind: u32, start: u32, max: u32, out: u32, out_len: u32) => buffers::bytes;
        proxy_set_buffer_bytes(kind: u32, start: u32, size: u32, data: u32, len: u32) => buffers::set_bytes;
        proxy_get_buffer_status(kind: u32, out_len: u32, out_flags: u32) => buffers::status;

        proxy_get_header_map_pairs(kind: u32, out: u32, out_len: u32) => maps::pairs;
        proxy_set_header_map_pairs(kind: u32, data: u32, len: u32) => maps::set_pairs;
        proxy_get_header_map_size(kind: u32, out: u32) => maps::size;
        proxy_get_header_map_value(kind: u32, key: u32, len: u32, out: u32, out_len: u32) => maps::value;
        proxy_add_header_map_value(kind: u32, key: u32, len: u32, value: u32, value_len: u32) => maps::add;
        proxy_replace_header_map_value(kind: u32, key: u32, len: u32, value: u32, value_len: u32) => maps::replace;
        proxy_remove_header_map_value(kind: u32, key: u32, len: u32) => maps::remove;

        proxy_continue_stream(kind: u32) => streams::resume;
        proxy_close_stream(kind: u32) => streams::close;
        proxy_send_local_response(status: u32, details: u32, details_len: u32, body: u32, body_len: u32, headers: u32, headers_len: u32, grpc_status: i32) => streams::send_local_response;

        proxy_http_call(cluster: u32, len: u32, headers: u32, headers_len: u32, body: u32, body_len: u32, trailers: u32, trailers_len: u32, timeout: u32, out: u32) => callouts::http_call;
        proxy_get_status(out: u32, text: u32, text_len: u32) => callouts::call_status;

        proxy_get_shared_data(key: u32, len: u32, out: u32, out_len: u32, out_cas: u32) => shared_data::value;
        proxy_set_shared_data(key: u32, len: u32, value: u32, value_len: u32, cas: u32) => shared_data::set;

        proxy_define_metric(kind: u32, name: u32, len: u32, out: u32) => metrics::define;
        proxy_increment_metric(id: u32, offset: i64) => metrics::increment;
        proxy_record_metric(id: u32, value: u64) => metrics::record;
        proxy_get_metric(id: u32, out: u32) => metrics::value;
    }
    unused::add_to(&mut linker)?;
    wasi::add_to(&mut linker)?;
    Ok(linker)
}
