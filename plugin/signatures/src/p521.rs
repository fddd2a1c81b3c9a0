//! ECDSA on P-521 with SHA-512 (FIPS 186-5).

#[rustfmt::skip]
mod field;

use crate::digits::Window;
use crate::ecdsa::{self, Layout, Point, Prepared};
use crate::{Backend, Hash, KeyError};
use ::p521::ecdsa::{Signature, VerifyingKey, signature::hazmat::PrehashVerifier};
use ::p521::elliptic_curve::{PrimeField, ops::Reduce, point::AffineCoordinates};
use ::p521::{AffinePoint, FieldBytes, Scalar};
pub(crate) use field::Parameters;
use std::cell::OnceCell;

const PRIME: [u8; 66] = [
    0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
];

/// 1.3.132.0.35
const CURVE: [u8; 5] = [0x2b, 0x81, 0x04, 0x00, 0x23];

/// 64 KiB once and 64 KiB for each key.
const LAYOUT: Layout = Layout { generator: Window { bits: 5, spacing: 4 }, key: Window { bits: 5, spacing: 4 } };

thread_local! {
    static GENERATOR: OnceCell<Vec<i32>> = const { OnceCell::new() };
}

pub(crate) struct Key {
    point: Point<66>,
    prepared: Option<Prepared<19>>,
    library: VerifyingKey,
}

impl Key {
    pub(crate) fn new(x: &[u8], y: &[u8], backend: Backend) -> Result<Self, KeyError> {
        let point = Point::new(x, y, &PRIME)?;
        let affine = AffinePoint::from_coordinates(&point.x.into(), &point.y.into()).into_option();
        let library = affine.and_then(|affine| VerifyingKey::from_affine(affine).ok()).ok_or(KeyError::NotOnCurve)?;
        let prepared = (backend == Backend::Own).then(|| Prepared::new::<Parameters, 66>(&point));
        Ok(Self { point, prepared, library })
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verify_digest(&Hash::Sha512.digest(&[message]), signature)
    }

    fn verify_digest(&self, digest: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| {
            let verdict = self.prepared.as_ref().and_then(|prepared| verdict(prepared, digest, &signature));
            verdict.unwrap_or_else(|| self.library.verify_prehash(digest, &signature).is_ok())
        })
    }

    pub(crate) fn spki(&self) -> Vec<u8> {
        self.point.spki(&CURVE)
    }
}

/// None if only the library can tell.
fn verdict(prepared: &Prepared<19>, digest: &[u8], signature: &Signature) -> Option<bool> {
    let (r, s) = signature.split_bytes();
    let inverse = Option::<Scalar>::from(Scalar::from_repr(ecdsa::inverse::<Parameters, 19, 66>(&s).into()))?;
    let multipliers = [Scalar::reduce(&FieldBytes::from(ecdsa::integer::<66>(digest))), *signature.r()]
        .map(|factor| ecdsa::Scalar::new(factor * inverse, |u| u.to_bytes().into()));
    prepared.verdict::<Parameters, 66>(&GENERATOR, &LAYOUT, multipliers, &r)
}

#[cfg(test)]
mod tests {
    crate::ecdsa::tests::curve!(p521, EcdsaP521, 66);
}
