//! What the three curves share: admission of a point, and the prepared key.

use crate::{KeyError, der};

/// The coordinates of an admitted point, big-endian and as long as the field.
pub(crate) struct Point<const N: usize> {
    pub(crate) x: [u8; N],
    pub(crate) y: [u8; N],
}

impl<const N: usize> Point<N> {
    /// Lengths and ranges; the curve equation is left to the curve.
    pub(crate) fn new(x: &[u8], y: &[u8], prime: &[u8; N]) -> Result<Self, KeyError> {
        let x: [u8; N] = x.try_into().map_err(|_| KeyError::CoordinateLength)?;
        let y: [u8; N] = y.try_into().map_err(|_| KeyError::CoordinateLength)?;
        if x >= *prime || y >= *prime {
            return Err(KeyError::CoordinateRange);
        }
        Ok(Self { x, y })
    }

    /// The uncompressed encoding (SEC 1 section 2.3.3).
    pub(crate) fn sec1(&self) -> Vec<u8> {
        [&[4], self.x.as_slice(), self.y.as_slice()].concat()
    }

    pub(crate) fn spki(&self, curve: &[u8]) -> Vec<u8> {
        der::ec_spki(curve, &self.x, &self.y)
    }
}
