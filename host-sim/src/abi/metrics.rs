//! Metrics.

use super::memory::{read_text, write, write_u32};
use super::{Call, Guest};

pub(super) fn define(guest: &mut Guest<'_>, kind: u32, name: u32, len: u32, out: u32) -> Call {
    let name = read_text(guest, name, len)?;
    let process = guest.data().process.clone();
    let id = guest.data_mut().metric_ids.define(&process.metrics, kind, &name)?;
    write_u32(guest, out, id)
}

pub(super) fn increment(guest: &mut Guest<'_>, id: u32, offset: i64) -> Call {
    let state = guest.data();
    Ok(state.metric_ids.increment(&state.process.metrics, id, offset)?)
}

pub(super) fn record(guest: &mut Guest<'_>, id: u32, value: u64) -> Call {
    let state = guest.data();
    Ok(state.metric_ids.record(&state.process.metrics, id, value)?)
}

pub(super) fn value(guest: &mut Guest<'_>, id: u32, out: u32) -> Call {
    let state = guest.data();
    let value = state.metric_ids.value(&state.process.metrics, id)?;
    write(guest, out, &value.to_le_bytes())
}
