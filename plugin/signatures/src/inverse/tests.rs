use super::*;
use crate::field::Field;
use crate::limbs;
use crate::testing::{cases, octets, random};
use crate::weierstrass::Curve;
use num_bigint::BigUint;

fn number<const N: usize>(limbs: &[i32; N]) -> BigUint {
    limbs.iter().rev().fold(BigUint::ZERO, |number, limb| (number << WIDTH) + u32::try_from(*limb).unwrap())
}

fn inverses_agree<const N: usize>(modulus: &Modulus<N>) {
    let mut random = random();
    let m = number(&modulus.limbs);
    let length = m.bits().div_ceil(8) as usize;
    let one = BigUint::from(1_u32);
    let extremes = [one.clone(), 2_u32.into(), &m - &one, &m - 2_u32, &m >> 1, (&m >> 1) + &one];
    let random = (0..cases(2000)).map(|_| BigUint::from_bytes_be(&octets(&mut random, length)) % &m);
    for value in random.chain(extremes) {
        let inverse = modulus.inverse(&limbs::from_octets(&value.to_bytes_be(), WIDTH));
        assert_eq!(number(&inverse), value.modinv(&m).unwrap_or_default(), "1 / {value:x} mod {m:x}");
    }
}

#[test]
fn inverses_agree_with_num_bigint() {
    inverses_agree(&crate::ed25519::Parameters::PRIME_30);
    inverses_agree(&crate::p256::Parameters::PRIME_30);
    inverses_agree(&crate::p256::Parameters::ORDER_30);
    inverses_agree(&crate::p384::Parameters::PRIME_30);
    inverses_agree(&crate::p384::Parameters::ORDER_30);
    inverses_agree(&crate::p521::Parameters::PRIME_30);
    inverses_agree(&crate::p521::Parameters::ORDER_30);
}
