//! Functions that every SDK imports and this kind of filter has no use for: present, and fatal to call.

use wasmtime::Linker;

use super::{Guest, guarded, trap};
use crate::vm::state::VmState;

macro_rules! fatal {
    ($linker:ident; $($name:ident($($arg:ident: $kind:ty),*);)*) => {$(
        $linker.func_wrap("env", stringify!($name), |guest: Guest<'_>, $($arg: $kind),*| {
            let _ = ($($arg),*);
            guarded(guest, stringify!($name), |_| Err(trap(concat!(stringify!($name), " is not for this filter"))))
        })?;
    )*};
}

pub(super) fn add_to(linker: &mut Linker<VmState>) -> wasmtime::Result<()> {
    fatal! { linker;
        proxy_register_shared_queue(a: u32, b: u32, c: u32);
        proxy_resolve_shared_queue(a: u32, b: u32, c: u32, d: u32, e: u32);
        proxy_dequeue_shared_queue(a: u32, b: u32, c: u32);
        proxy_enqueue_shared_queue(a: u32, b: u32, c: u32);
        proxy_grpc_call(a: u32, b: u32, c: u32, d: u32, e: u32, f: u32, g: u32, h: u32, i: u32, j: u32, k: u32, l: u32);
        proxy_grpc_stream(a: u32, b: u32, c: u32, d: u32, e: u32, f: u32, g: u32, h: u32, i: u32);
        proxy_grpc_send(a: u32, b: u32, c: u32, d: u32);
        proxy_grpc_cancel(a: u32);
        proxy_grpc_close(a: u32);
    }
    Ok(())
}
