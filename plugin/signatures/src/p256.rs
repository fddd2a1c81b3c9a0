//! ECDSA on P-256 with SHA-256 (FIPS 186-5).

use crate::{Backend, Hash, KeyError, ecdsa::Point};
use p256::ecdsa::{Signature, VerifyingKey, signature::hazmat::PrehashVerifier};

const PRIME: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
];

/// 1.2.840.10045.3.1.7
const CURVE: [u8; 8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

pub(crate) struct Key {
    point: Point<32>,
    library: VerifyingKey,
}

impl Key {
    pub(crate) fn new(x: &[u8], y: &[u8], _backend: Backend) -> Result<Self, KeyError> {
        let point = Point::new(x, y, &PRIME)?;
        let library = VerifyingKey::from_sec1_bytes(&point.sec1()).map_err(|_| KeyError::NotOnCurve)?;
        Ok(Self { point, library })
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let digest = Hash::Sha256.digest(&[message]);
        Signature::from_slice(signature).is_ok_and(|signature| self.library.verify_prehash(&digest, &signature).is_ok())
    }

    pub(crate) fn spki(&self) -> Vec<u8> {
        self.point.spki(&CURVE)
    }
}
