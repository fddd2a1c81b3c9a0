//! Ed25519 (RFC 8032), strict: canonical A outside the small subgroup, S below the order, R not of small order.

mod edwards;
#[rustfmt::skip]
mod field;

use crate::digits::Window;
use crate::tables::{Preparation, Slot};
use crate::{Backend, Hash, KeyError};
use curve25519_dalek::Scalar;
use ed25519_dalek::{Signature, VerifyingKey};
use edwards::{Term, decoded, sum, table};
#[cfg(test)]
pub(crate) use field::Parameters;
use std::cell::OnceCell;
use std::rc::Rc;

/// 432 KiB once and 74 KiB for each key.
const GENERATOR_WINDOW: Window = Window { bits: 8, spacing: 1 };
const KEY_WINDOW: Window = Window { bits: 6, spacing: 2 };

/// The size of a key's table.
const LIMBS: usize = 27 * KEY_WINDOW.positions(256) * KEY_WINDOW.multiples();

thread_local! {
    static GENERATOR: OnceCell<Vec<i32>> = const { OnceCell::new() };
}

pub(crate) struct Key {
    slot: Option<Rc<Slot>>,
    library: VerifyingKey,
}

impl Key {
    pub(crate) fn new(encoded: &[u8], backend: Backend) -> Result<Self, KeyError> {
        let encoded = encoded.try_into().map_err(|_| KeyError::EncodingLength)?;
        let library = VerifyingKey::from_bytes(encoded).map_err(|_| KeyError::NotAPoint)?;
        if library.to_edwards().compress().to_bytes() != *encoded {
            return Err(KeyError::NotCanonical);
        }
        if library.is_weak() {
            return Err(KeyError::SmallOrder);
        }
        Ok(Self { slot: (backend == Backend::Own).then(Rc::default), library })
    }

    /// The key's encoding (RFC 8032 section 5.1.2).
    pub(crate) fn encoded(&self) -> &[u8; 32] {
        self.library.as_bytes()
    }

    pub(crate) fn prepare(&self) -> Preparation {
        let Some(slot) = &self.slot else { return Preparation::Ready };
        GENERATOR.with(|cell| _ = table_of_generator(cell));
        slot.prepare(LIMBS, || self.table())
    }

    fn table(&self) -> Vec<i32> {
        let [x, y] = decoded(self.library.as_bytes());
        table(&x, &y, KEY_WINDOW)
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| {
            let verdict = self.verdict(message, &signature);
            let verified = verdict.unwrap_or_else(|| self.library.verify_strict(message, &signature).is_ok());
            self.slot.iter().filter(|_| verified).for_each(|slot| slot.proved());
            verified
        })
    }

    /// Whether `S B - k A` is R; none without a table.
    fn verdict(&self, message: &[u8], signature: &Signature) -> Option<bool> {
        let table_of_key = self.slot.as_ref()?.table(LIMBS, || self.table())?;
        let Some(s) = Option::<Scalar>::from(Scalar::from_canonical_bytes(*signature.s_bytes())) else {
            return Some(false);
        };
        let r = signature.r_bytes();
        let k = Hash::Sha512.digest(&[r, self.library.as_bytes(), message]);
        let k = Scalar::from_bytes_mod_order_wide(&k.octets);
        GENERATOR.with(|cell| {
            let term = |scalar: Scalar, negative, table, window: Window| {
                let mut octets = scalar.to_bytes();
                octets.reverse();
                Term { digits: window.digits(&octets, negative), table, window }
            };
            let terms =
                [term(s, false, table_of_generator(cell), GENERATOR_WINDOW), term(k, true, &table_of_key, KEY_WINDOW)];
            Some(sum(&terms).is_encoded_by(r))
        })
    }
}

fn table_of_generator(cell: &OnceCell<Vec<i32>>) -> &[i32] {
    let [x, y] = [field::Parameters::GENERATOR_X, field::Parameters::GENERATOR_Y];
    cell.get_or_init(|| table(&x, &y, GENERATOR_WINDOW))
}

#[cfg(test)]
mod tests;
