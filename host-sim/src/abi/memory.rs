//! Reading and writing a module's memory.

use super::{Call, Guest, Stop, trap};
use crate::status::Status;
use crate::vm::state::Phase;

/// The `len` bytes at `ptr`.
pub(super) fn read(guest: &mut Guest<'_>, ptr: u32, len: u32) -> Call<Vec<u8>> {
    let memory = guest.data().memory.ok_or(Status::InvalidMemoryAccess)?;
    let (start, len) = (ptr as usize, len as usize);
    let bytes = start.checked_add(len).and_then(|end| memory.data(&*guest).get(start..end));
    bytes.map(<[u8]>::to_vec).ok_or(Stop::Status(Status::InvalidMemoryAccess))
}

/// The text at `ptr`, with bytes that are not UTF-8 replaced.
pub(super) fn read_text(guest: &mut Guest<'_>, ptr: u32, len: u32) -> Call<String> {
    Ok(String::from_utf8_lossy(&read(guest, ptr, len)?).into_owned())
}

/// Writes `bytes` at `ptr`.
pub(super) fn write(guest: &mut Guest<'_>, ptr: u32, bytes: &[u8]) -> Call {
    let memory = guest.data().memory.ok_or(Status::InvalidMemoryAccess)?;
    memory.write(guest, ptr as usize, bytes).map_err(|_| Stop::Status(Status::InvalidMemoryAccess))
}

/// Writes a number at `ptr`.
pub(super) fn write_u32(guest: &mut Guest<'_>, ptr: u32, number: u32) -> Call {
    write(guest, ptr, &number.to_le_bytes())
}

/// Hands `bytes` over in memory the module allocates, and writes where and how long they are. No bytes: a null pointer.
pub(super) fn hand_over(guest: &mut Guest<'_>, bytes: &[u8], out: u32, out_len: u32) -> Call {
    let address = if bytes.is_empty() { 0 } else { allocate(guest, bytes)? };
    write_u32(guest, out, address)?;
    write_u32(guest, out_len, bytes.len() as u32)
}

fn allocate(guest: &mut Guest<'_>, bytes: &[u8]) -> Call<u32> {
    let allocator = guest.data().allocator.clone().ok_or_else(|| trap("no allocator"))?;
    let outer = std::mem::replace(&mut guest.data_mut().phase, Phase::Allocating);
    let address = allocator.call(&mut *guest, bytes.len() as u32).map_err(Stop::Trap)?;
    guest.data_mut().phase = outer;
    if address == 0 {
        return Err(trap(format!("the module could not allocate {} bytes", bytes.len())));
    }
    write(guest, address, bytes)?;
    Ok(address)
}
