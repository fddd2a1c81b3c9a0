//! The part of WASI that Envoy offers: output to the log, an empty environment, clocks, randomness, and no files.

use wasmtime::Linker;

use super::memory::{read, write, write_u32};
use super::{Call, Guest, Stop, trap};
use crate::log::Level;
use crate::status::Status;
use crate::vm::state::VmState;

const MODULE: &str = "wasi_snapshot_preview1";
const ERRNO_BADF: u32 = 8;
const ERRNO_FAULT: u32 = 21;
const ERRNO_INVAL: u32 = 28;
const ERRNO_NOSYS: u32 = 52;

fn errno(result: Call) -> wasmtime::Result<u32> {
    match result {
        Ok(()) => Ok(0),
        Err(Stop::Status(Status::BadArgument)) => Ok(ERRNO_INVAL),
        Err(Stop::Status(Status::NotFound)) => Ok(ERRNO_BADF),
        Err(Stop::Status(_)) => Ok(ERRNO_FAULT),
        Err(Stop::Trap(error)) => Err(error),
    }
}

macro_rules! wasi {
    ($linker:ident; $($name:ident($($arg:ident: $kind:ty),*) => $body:expr;)*) => {$(
        $linker.func_wrap(MODULE, stringify!($name), |mut guest: Guest<'_>, $($arg: $kind),*| {
            guest.data_mut().count(stringify!($name));
            let body: fn(&mut Guest<'_>, $($kind),*) -> Call = $body;
            errno(body(&mut guest, $($arg),*))
        })?;
    )*};
}

macro_rules! not_implemented {
    ($linker:ident; $($name:ident($($kind:ty),*);)*) => {$(
        $linker.func_wrap(MODULE, stringify!($name), not_implemented!(@ $($kind),*))?;
    )*};
    (@) => { || ERRNO_NOSYS };
    (@ $a:ty) => { |_: $a| ERRNO_NOSYS };
    (@ $a:ty, $b:ty) => { |_: $a, _: $b| ERRNO_NOSYS };
    (@ $a:ty, $b:ty, $c:ty, $d:ty) => { |_: $a, _: $b, _: $c, _: $d| ERRNO_NOSYS };
}

pub(super) fn add_to(linker: &mut Linker<VmState>) -> wasmtime::Result<()> {
    wasi! { linker;
        fd_write(fd: u32, iovs: u32, count: u32, out: u32) => fd_write;
        environ_sizes_get(count: u32, size: u32) => |g, count, size| { write_u32(g, count, 0)?; write_u32(g, size, 0) };
        environ_get(_table: u32, _text: u32) => |_, _, _| Ok(());
        args_sizes_get(count: u32, size: u32) => |g, count, size| { write_u32(g, count, 0)?; write_u32(g, size, 0) };
        args_get(_table: u32, _text: u32) => |_, _, _| Ok(());
        clock_time_get(id: u32, _precision: u64, out: u32) => clock_time_get;
        random_get(ptr: u32, len: u32) => random_get;
    }
    not_implemented! { linker;
        fd_read(u32, u32, u32, u32);
        fd_seek(u32, u64, u32, u32);
        fd_close(u32);
        fd_fdstat_get(u32, u32);
        sched_yield();
        poll_oneoff(u32, u32, u32, u32);
    }
    linker.func_wrap(MODULE, "proc_exit", |mut guest: Guest<'_>, code: u32| -> wasmtime::Result<()> {
        guest.data_mut().count("proc_exit");
        Err(wasmtime::Error::msg(format!("the module called proc_exit({code})")))
    })?;
    Ok(())
}

fn fd_write(guest: &mut Guest<'_>, fd: u32, iovs: u32, count: u32, out: u32) -> Call {
    let level = match fd {
        1 => Level::Info,
        2 => Level::Error,
        _ => return Err(Status::NotFound.into()),
    };
    let table = read(guest, iovs, count.saturating_mul(8))?;
    let mut text = Vec::new();
    for entry in table.chunks_exact(8) {
        let word = |at: usize| entry[at..at + 4].try_into().map_or(0, u32::from_le_bytes);
        text.extend(read(guest, word(0), word(4))?);
    }
    let written = text.len() as u32;
    let line = String::from_utf8_lossy(&text).trim_end_matches('\n').to_owned();
    guest.data_mut().write_log(level, line);
    write_u32(guest, out, written)
}

fn clock_time_get(guest: &mut Guest<'_>, id: u32, _precision: u64, out: u32) -> Call {
    let now = guest.data().process.clock.now();
    let time = match id {
        0 => now.wall,
        1 => now.steady,
        _ => return Err(Status::BadArgument.into()),
    };
    write(guest, out, &(time.as_nanos() as u64).to_le_bytes())
}

fn random_get(guest: &mut Guest<'_>, ptr: u32, len: u32) -> Call {
    const LARGEST: u32 = 64 * 1024;
    if len > LARGEST {
        return Err(trap(format!("random_get asked for {len} bytes; the host gives at most {LARGEST} at once")));
    }
    let mut bytes = Vec::with_capacity(len as usize + 8);
    while bytes.len() < len as usize {
        bytes.extend_from_slice(&guest.data_mut().next_random().to_le_bytes());
    }
    bytes.truncate(len as usize);
    write(guest, ptr, &bytes)
}
