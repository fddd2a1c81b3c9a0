//! What the host calls: the callbacks of ABI 0.2.1 that the filter has a use for, and no others.
//!
//! Envoy skips the callbacks that a module does not export, so a response, a request's body and the access log cost nothing
//! here; what other hosts call regardless is in `generic.rs`. Numbers come in and go out; [`crate::contexts`] makes sense of
//! them.
#![allow(unsafe_code, reason = "exports keep the names that the ABI gives them; no pointer is followed here")]

use crate::contexts;
use std::mem::MaybeUninit;
use std::ptr::null_mut;

pub(crate) const CONTINUE: u32 = 0;
pub(crate) const PAUSE: u32 = 1;

unsafe extern "C" {
    /// The C library's own beginnings.
    fn __wasm_call_ctors();
}

/// Says which ABI this is.
#[unsafe(no_mangle)]
extern "C" fn proxy_abi_version_0_2_1() {}

#[unsafe(no_mangle)]
extern "C" fn _initialize() {
    // SAFETY: the linker makes this function, and the host calls `_initialize` once, before anything else.
    unsafe { __wasm_call_ctors() }
}

/// Memory for bytes that the host hands over, for [`crate::host`] to take. Null where there is none left: the host call
/// that needed it then fails, which is answered; running out is no trap.
#[unsafe(no_mangle)]
extern "C" fn proxy_on_memory_allocate(size: usize) -> *mut u8 {
    let mut bytes = Vec::<MaybeUninit<u8>>::new();
    if bytes.try_reserve_exact(size).is_err() {
        return null_mut();
    }
    bytes.resize_with(size, MaybeUninit::uninit);
    Box::into_raw(bytes.into_boxed_slice()).cast()
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_context_create(context: u32, parent: u32) {
    contexts::create(context, parent);
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_configure(root: u32, _size: usize) -> u32 {
    u32::from(contexts::configure(root))
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_tick(root: u32) {
    contexts::tick(root);
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_http_call_response(_context: u32, token: u32, headers: usize, body: usize, _trailers: usize) {
    contexts::answered(token, headers, body);
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_request_headers(context: u32, headers: usize, _end_of_stream: u32) -> u32 {
    if contexts::request_headers(context, headers) { CONTINUE } else { PAUSE }
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_request_trailers(context: u32, trailers: usize) -> u32 {
    if contexts::request_trailers(context, trailers) { CONTINUE } else { PAUSE }
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_delete(context: u32) {
    contexts::delete(context);
}
