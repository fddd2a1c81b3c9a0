//! Log, clock, timers, contexts, properties and foreign functions.

use std::time::Duration;

use super::memory::{hand_over, read, read_text, write, write_u32};
use super::{Call, Guest, misused, trap};
use crate::log::Level;
use crate::profile::{RootProperties, TickPeriod};
use crate::status::Status;
use crate::vm::state::{Deferred, Phase, Tick};

pub(super) fn log(guest: &mut Guest<'_>, level: u32, text: u32, len: u32) -> Call {
    let level = Level::from_number(level).ok_or(Status::BadArgument)?;
    let text = read_text(guest, text, len)?;
    guest.data_mut().write_log(level, text);
    Ok(())
}

pub(super) fn log_level(guest: &mut Guest<'_>, out: u32) -> Call {
    write_u32(guest, out, Level::Info as u32)
}

pub(super) fn current_time(guest: &mut Guest<'_>, out: u32) -> Call {
    let wall = guest.data().process.clock.now().wall.as_nanos();
    let step = guest.data().rules().clock_step.as_nanos();
    write(guest, out, &((wall - wall % step) as u64).to_le_bytes())
}

/// Re-arms the root's timer, on a host that can.
pub(super) fn set_tick_period(guest: &mut Guest<'_>, period: u32) -> Call {
    let state = guest.data_mut();
    let now = state.process.clock.now().steady;
    let once = state.rules().tick == TickPeriod::SetOnce;
    let root = state.root_context();
    let root = state.roots.get_mut(&root).ok_or(Status::BadArgument)?;
    if once && root.tick_was_set && period > 0 {
        return Err(trap("tick period set a second time"));
    }
    let period = Duration::from_millis(u64::from(period));
    root.tick_was_set |= !period.is_zero();
    root.tick = (!period.is_zero()).then_some(Tick { period, due: now + period });
    Ok(())
}

pub(super) fn set_effective_context(guest: &mut Guest<'_>, context: u32) -> Call {
    let state = guest.data_mut();
    if !state.rules().changes_context {
        return Ok(());
    }
    if !state.knows(context) {
        return Err(Status::BadArgument.into());
    }
    state.effective = context;
    Ok(())
}

pub(super) fn done(guest: &mut Guest<'_>) -> Call {
    let state = guest.data_mut();
    let root = state.root_context();
    if !state.roots.get(&root).is_some_and(|root| root.awaits_done) {
        return Err(Status::NotFound.into());
    }
    state.deferred.push(Deferred::Done(root));
    Ok(())
}

pub(super) fn property(guest: &mut Guest<'_>, path: u32, len: u32, out: u32, out_len: u32) -> Call {
    let path = read(guest, path, len)?;
    let state = guest.data_mut();
    let settings = &state.process.settings;
    let own = match path.as_slice() {
        b"plugin_name" => Some(settings.plugin_name.clone()),
        b"plugin_root_id" => Some(settings.root_id.clone()),
        b"plugin_vm_id" => Some(settings.vm_id.clone()),
        _ => None,
    };
    let in_root = state.stream().is_none();
    if in_root && state.rules().root_properties == RootProperties::Hazardous {
        if own.is_some() && state.phase == Phase::InCallback("proxy_on_configure") {
            return Err(trap("get_property(plugin_name) during configuration crashes this host"));
        }
        if path.contains(&0) || path.contains(&b'.') {
            return Err(Status::InternalFailure.into());
        }
    }
    let value = own.map(String::into_bytes).or_else(|| {
        let stream = state.stream()?;
        let of_route = stream.shown_route.as_ref().and_then(|route| route.property(&path));
        of_route.map(|value| value.as_bytes().to_vec()).or_else(|| stream.properties.get(&path).cloned())
    });
    hand_over(guest, &value.ok_or(Status::NotFound)?, out, out_len)
}

pub(super) fn set_property(guest: &mut Guest<'_>, path: u32, len: u32, value: u32, value_len: u32) -> Call {
    let path = read(guest, path, len)?;
    let value = read(guest, value, value_len)?;
    let stream = guest.data_mut().stream().ok_or(Status::NotFound)?;
    stream.report.properties_set.push((path, value));
    Ok(())
}

pub(super) fn foreign_function(
    guest: &mut Guest<'_>,
    name: u32,
    len: u32,
    args: u32,
    args_len: u32,
    out: u32,
    out_len: u32,
) -> Call {
    let name = read_text(guest, name, len)?;
    let args = read(guest, args, args_len)?;
    let process = guest.data().process.clone();
    match process.foreign.call(&name, &args) {
        Some(result) => {
            let (result, status) = match result {
                Ok(result) => (result, None),
                Err(status) => (Vec::new(), Some(status)),
            };
            if out != 0 {
                hand_over(guest, &result, out, out_len)?;
            }
            status.map_or(Ok(()), |status| Err(status.into()))
        }
        None => Err(misused(guest.data(), Status::NotFound, &format!("unknown foreign function {name:?}"))),
    }
}
