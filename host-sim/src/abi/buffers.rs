//! Bodies and configurations.

use super::memory::{hand_over, read, write_u32};
use super::{Call, Guest, misused};
use crate::status::Status;
use crate::vm::state::VmState;

const REQUEST_BODY: u32 = 0;
const RESPONSE_BODY: u32 = 1;
const CALL_RESPONSE_BODY: u32 = 4;
const VM_CONFIGURATION: u32 = 6;
const PLUGIN_CONFIGURATION: u32 = 7;

/// The bytes of a buffer where it is readable now.
fn contents(state: &mut VmState, kind: u32) -> Call<Vec<u8>> {
    match kind {
        REQUEST_BODY => {
            let stream = state.stream().ok_or(Status::BadArgument)?;
            Ok(if stream.request_body_open { stream.request_body.clone() } else { Vec::new() })
        }
        RESPONSE_BODY => Ok(Vec::new()),
        CALL_RESPONSE_BODY => match &state.delivery {
            Some((root, delivery)) if *root == state.root_context() => {
                Ok(delivery.body.clone().ok_or(state.rules().absent_body)?)
            }
            _ => Err(misused(state, Status::NotFound, "callout body read outside the callout's callback")),
        },
        VM_CONFIGURATION => Ok(state.process.settings.vm_configuration.clone()),
        PLUGIN_CONFIGURATION => {
            let root = state.configuring.and_then(|root| state.roots.get(&root)).ok_or(Status::NotFound)?;
            Ok(root.configuration.clone())
        }
        2 | 3 | 5 | 8 => Err(Status::NotFound.into()),
        _ => Err(Status::BadArgument.into()),
    }
}

pub(super) fn bytes(guest: &mut Guest<'_>, kind: u32, start: u32, max: u32, out: u32, out_len: u32) -> Call {
    let contents = contents(guest.data_mut(), kind)?;
    let start = (start as usize).min(contents.len());
    let end = start.saturating_add(max as usize).min(contents.len());
    hand_over(guest, contents.get(start..end).unwrap_or_default(), out, out_len)
}

pub(super) fn status(guest: &mut Guest<'_>, kind: u32, out_len: u32, out_flags: u32) -> Call {
    let len = contents(guest.data_mut(), kind)?.len();
    write_u32(guest, out_len, len as u32)?;
    write_u32(guest, out_flags, 0)
}

/// Only the request body can be changed, and only while the filter is shown it.
pub(super) fn set_bytes(guest: &mut Guest<'_>, kind: u32, start: u32, size: u32, data: u32, len: u32) -> Call {
    let data = read(guest, data, len)?;
    let stream = guest.data_mut().stream().ok_or(Status::BadArgument)?;
    if kind != REQUEST_BODY || !stream.request_body_open {
        return Err(Status::BadArgument.into());
    }
    let start = (start as usize).min(stream.request_body.len());
    let end = start.saturating_add(size as usize).min(stream.request_body.len());
    stream.request_body.splice(start..end, data);
    Ok(())
}
