//! The two entries in shared data: a small record that every worker polls, and the key set, read only when it changed.

use super::meta;
use super::record::{Record, SetRecord};
use super::report::SharedFault;
use super::source::{Digest, sha256};

/// The map that all workers of a process share, as proxy-wasm offers it.
pub trait Shared {
    /// The value under a name and its compare-and-swap number, or nothing when there is none.
    ///
    /// # Errors
    /// When the host has no such map or does not let this module at it.
    fn read(&mut self, name: &str) -> Result<Option<(Vec<u8>, u32)>, Unshared>;

    /// Puts a value under a name if nobody else has since `cas` was read; `cas` is 0 when there was no value. Envoy takes 0
    /// for "in any case", and any number for a name that has no value; nginx takes both at their word.
    ///
    /// # Errors
    /// When the host has no such map or does not let this module at it.
    fn write(&mut self, name: &str, value: &[u8], cas: u32) -> Result<Swap, Unshared>;
}

/// What came of a write.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Swap {
    /// The value is there.
    Done,
    /// Somebody else wrote first: read again.
    Mismatch,
}

/// Shared data cannot be used.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Unshared;

/// Shared data on a host that has none.
pub struct NoShared;

impl Shared for NoShared {
    fn read(&mut self, _: &str) -> Result<Option<(Vec<u8>, u32)>, Unshared> {
        Err(Unshared)
    }

    fn write(&mut self, _: &str, _: &[u8], _: u32) -> Result<Swap, Unshared> {
        Err(Unshared)
    }
}

/// How often a write that lost to another is tried again.
pub(super) const TRIES: usize = 4;

/// The place in shared data of one source. Its names come from the configuration alone.
pub(super) struct Place {
    binding: Digest,
    meta: String,
    body: String,
}

/// What was found under the record's name.
pub(super) enum Found {
    Record(Record, u32),
    Nothing(u32),
    Foreign(u32),
}

impl Place {
    pub(super) fn new(binding: Digest) -> Self {
        let hex: String = binding.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { binding, meta: format!("claimgate/1/{hex}/meta"), body: format!("claimgate/1/{hex}/body") }
    }

    /// Whether both are one place.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.binding == other.binding
    }

    /// Overwrites both entries with an empty value, which reads as none: the map has no way to remove a name.
    pub(super) fn clear(&self, shared: &mut dyn Shared) {
        for name in [&self.meta, &self.body] {
            if let Ok(Some((value, cas))) = shared.read(name)
                && !value.is_empty()
            {
                let _in_use = shared.write(name, &[], cas);
            }
        }
    }

    pub(super) fn read(&self, shared: &mut dyn Shared) -> Result<Found, Unshared> {
        Ok(match shared.read(&self.meta)? {
            None => Found::Nothing(0),
            Some((bytes, cas)) if bytes.is_empty() => Found::Nothing(cas),
            Some((bytes, cas)) => match meta::decode(&bytes, &self.binding) {
                Some(record) => Found::Record(record, cas),
                None => Found::Foreign(cas),
            },
        })
    }

    pub(super) fn write(&self, record: &Record, cas: u32, shared: &mut dyn Shared) -> Result<Swap, Unshared> {
        shared.write(&self.meta, &meta::encode(record, &self.binding), cas)
    }

    /// The bytes of the set that a record describes.
    pub(super) fn read_body(&self, set: &SetRecord, shared: &mut dyn Shared) -> Result<Vec<u8>, SharedFault> {
        let (body, _) = shared.read(&self.body).ok().flatten().ok_or(SharedFault::ForeignBody)?;
        let same = u32::try_from(body.len()) == Ok(set.len) && sha256(&body) == set.digest;
        same.then_some(body).ok_or(SharedFault::ForeignBody)
    }

    /// Puts the set there before the record that describes it. When this cannot be done, workers that lack the set find
    /// no match for the record's digest and fetch for themselves.
    pub(super) fn write_body(&self, body: &[u8], shared: &mut dyn Shared) {
        for _ in 0..TRIES {
            let Ok(there) = shared.read(&self.body) else { return };
            match shared.write(&self.body, body, there.map_or(0, |(_, cas)| cas)) {
                Ok(Swap::Mismatch) => {}
                Ok(Swap::Done) | Err(Unshared) => return,
            }
        }
    }
}
