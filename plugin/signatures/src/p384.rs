//! ECDSA on P-384 with SHA-384 (FIPS 186-5).

use crate::{Backend, Hash, KeyError, ecdsa::Point};
use p384::ecdsa::{Signature, VerifyingKey, signature::hazmat::PrehashVerifier};

const PRIME: [u8; 48] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff,
];

/// 1.3.132.0.34
const CURVE: [u8; 5] = [0x2b, 0x81, 0x04, 0x00, 0x22];

pub(crate) struct Key {
    point: Point<48>,
    library: VerifyingKey,
}

impl Key {
    pub(crate) fn new(x: &[u8], y: &[u8], _backend: Backend) -> Result<Self, KeyError> {
        let point = Point::new(x, y, &PRIME)?;
        let library = VerifyingKey::from_sec1_bytes(&point.sec1()).map_err(|_| KeyError::NotOnCurve)?;
        Ok(Self { point, library })
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let digest = Hash::Sha384.digest(&[message]);
        Signature::from_slice(signature).is_ok_and(|signature| self.library.verify_prehash(&digest, &signature).is_ok())
    }

    pub(crate) fn spki(&self) -> Vec<u8> {
        self.point.spki(&CURVE)
    }
}
