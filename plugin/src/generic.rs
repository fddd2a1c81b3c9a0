//! The callbacks that Envoy does without and some other host calls, whether a module exports them or not.
//!
//! The filter decides in `proxy_on_request_headers`, so these have nothing to do: HTTP goes on, and a raw connection, which this
//! filter does not understand, does not.
#![allow(unsafe_code, reason = "exports keep the names that the ABI gives them; no pointer is followed here")]

use crate::exports::{CONTINUE, PAUSE};

/// Exports callbacks that answer one number, or nothing.
macro_rules! callbacks {
    ($($name:ident($($argument:ident),*) $(-> $answer:expr)?;)*) => {$(
        callbacks!(@one $name($($argument),*) $($answer)?);
    )*};
    (@one $name:ident($($argument:ident),*)) => {
        #[unsafe(no_mangle)]
        extern "C" fn $name($($argument: u32),*) {}
    };
    (@one $name:ident($($argument:ident),*) $answer:expr) => {
        #[unsafe(no_mangle)]
        extern "C" fn $name($($argument: u32),*) -> u32 {
            $answer
        }
    };
}

/// What `proxy_on_vm_start` and `proxy_on_done` answer: yes.
const TRUE: u32 = 1;

callbacks! {
    proxy_on_vm_start(_root, _size) -> TRUE;
    proxy_on_done(_context) -> TRUE;
    proxy_on_log(_context);
    proxy_on_request_body(_context, _size, _end) -> CONTINUE;
    proxy_on_request_metadata(_context, _count) -> CONTINUE;
    proxy_on_response_headers(_context, _count, _end) -> CONTINUE;
    proxy_on_response_body(_context, _size, _end) -> CONTINUE;
    proxy_on_response_trailers(_context, _count) -> CONTINUE;
    proxy_on_response_metadata(_context, _count) -> CONTINUE;
    proxy_on_new_connection(_context) -> PAUSE;
    proxy_on_downstream_data(_context, _size, _end) -> PAUSE;
    proxy_on_upstream_data(_context, _size, _end) -> PAUSE;
    proxy_on_downstream_connection_close(_context, _peer);
    proxy_on_upstream_connection_close(_context, _peer);
    proxy_on_queue_ready(_root, _queue);
    proxy_on_foreign_function(_root, _function, _size);
    proxy_on_grpc_receive_initial_metadata(_root, _token, _count);
    proxy_on_grpc_receive(_root, _token, _size);
    proxy_on_grpc_receive_trailing_metadata(_root, _token, _count);
    proxy_on_grpc_close(_root, _token, _status);
}
