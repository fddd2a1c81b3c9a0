//! The process's key-value store.

use super::memory::{hand_over, read, write_u32};
use super::{Call, Guest};
use crate::status::Status;

pub(super) fn value(guest: &mut Guest<'_>, key: u32, len: u32, out: u32, out_len: u32, out_cas: u32) -> Call {
    let key = read(guest, key, len)?;
    let (value, cas) = guest.data().process.shared_data.value(&key).ok_or(Status::NotFound)?;
    hand_over(guest, &value, out, out_len)?;
    write_u32(guest, out_cas, cas)
}

pub(super) fn set(guest: &mut Guest<'_>, key: u32, len: u32, value: u32, value_len: u32, cas: u32) -> Call {
    let (key, value) = (read(guest, key, len)?, read(guest, value, value_len)?);
    Ok(guest.data().process.shared_data.set(&key, &value, cas)?)
}
