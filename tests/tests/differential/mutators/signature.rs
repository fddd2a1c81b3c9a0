//! What a signature may be that is not the issuer's.

use claimgate_tests::Algorithm;
use num_bigint::BigUint;

use super::Mutator;
use super::rsa::{bytes, number};
use crate::draft::{Draft, key};
use crate::random::Random;

const CURVES: &[Algorithm] = &[Algorithm::Es256, Algorithm::Es384, Algorithm::Es512];

const NOT_ES256: &[Algorithm] =
    &[Algorithm::EdDsa, Algorithm::Es384, Algorithm::Es512, Algorithm::Rs256, Algorithm::Ps256];

const WITH_STRANGERS: &[Algorithm] =
    &[Algorithm::EdDsa, Algorithm::Es256, Algorithm::Es384, Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512];

pub(super) const ALL: &[Mutator] = &[
    Mutator::signature("signature bit flipped", |random, draft| {
        let bit = random.below(draft.signature.len() * 8);
        if let Some(byte) = draft.signature.get_mut(bit / 8) {
            *byte ^= 1 << (bit % 8);
        }
    }),
    Mutator::signature("signature cut short", |random, draft| {
        let length = random.below(draft.signature.len());
        draft.signature.truncate(length);
    }),
    Mutator::signature("signature without its first bytes", |random, draft| {
        let length = 1 + random.below(draft.signature.len());
        draft.signature.drain(..length.min(draft.signature.len()));
    }),
    Mutator::signature("signature longer", |random, draft| {
        let more = vec![random.pick(&[0, 1, 255]); 1 + random.below(3)];
        draft.signature.extend(more);
    }),
    Mutator::signature("signature with zeros in front", |random, draft| {
        let zeros = 1 + random.below(3);
        draft.signature.splice(0..0, vec![0; zeros]);
    }),
    Mutator::signature("signature of zeros or ones", |random, draft| {
        let byte = random.pick(&[0, 1, 255]);
        draft.signature.fill(byte);
    }),
    Mutator::signature("signature twice", |_, draft| draft.signature = draft.signature.repeat(2)),
    Mutator::signature("signature backwards", |_, draft| draft.signature.reverse()),
    Mutator::signature("signature of random bytes", |random, draft| {
        draft.signature.iter_mut().for_each(|byte| *byte = random.next() as u8);
    }),
    Mutator::signature("signature by a stranger", |_, draft| {
        draft.signature = key(draft.key.algorithm(), 1).sign(&draft.message());
    })
    .of(WITH_STRANGERS),
    Mutator::signature("signature by another of the issuer's keys", |_, draft| {
        let others = [Algorithm::EdDsa, Algorithm::Es256];
        let other = others[usize::from(draft.key.algorithm() == others[0])];
        draft.signature = key(other, 0).sign(&draft.message());
    })
    .of(NOT_ES256),
    Mutator::signature("signature of another message", |random, draft| {
        draft.signature = match random.below(3) {
            0 => draft.key.sign(b""),
            1 => draft.key.sign(b"."),
            _ => draft.key.sign(&draft.payload),
        };
    })
    .of(WITH_STRANGERS),
    Mutator::signature("signature of the decoded text", |_, draft| {
        let text = [draft.header.as_slice(), b".", &draft.payload].concat();
        draft.signature = draft.key.sign(&text);
    })
    .of(WITH_STRANGERS),
    Mutator::signature("header of another token", |_, draft| draft.header.extend(b" ")),
    Mutator::signature("payload of another token", |_, draft| {
        let text = String::from_utf8_lossy(&draft.payload).replace("alice", "carol").replace("bob", "root");
        draft.payload = format!("{text} ").into_bytes();
    }),
    Mutator::signature("ECDSA in DER", |_, draft| {
        let [r, s] = halves(draft);
        let integer = |number: &BigUint| {
            let own = number.to_bytes_be();
            let sign: &[u8] = if own[0] & 0x80 == 0 { &[] } else { &[0] };
            [&[2, (sign.len() + own.len()) as u8], sign, &own].concat()
        };
        let content = [integer(&r), integer(&s)].concat();
        let head: Vec<u8> = if content.len() < 128 { vec![0x30] } else { vec![0x30, 0x81] };
        draft.signature = [head.as_slice(), &[content.len() as u8], &content].concat();
    })
    .of(CURVES),
    Mutator::signature("ECDSA r or s zero", |random, draft| {
        let zeros = random.pick(&[[true, false], [false, true], [true, true]]);
        let [r, s] = halves(draft);
        let or_zero = |zero: bool, number: BigUint| if zero { BigUint::ZERO } else { number };
        join(draft, &or_zero(zeros[0], r), &or_zero(zeros[1], s));
    })
    .of(CURVES),
    Mutator::signature("ECDSA r or s at the order", |random, draft| {
        let order = order(draft.key.algorithm());
        let special = [order.clone(), &order + 1u8, &order - 1u8, BigUint::from(1u8)];
        let [mut r, mut s] = halves(draft);
        let number = special[random.below(4)].clone();
        if random.one_in(2) {
            r = number
        } else {
            s = number
        }
        join(draft, &r, &s);
    })
    .of(CURVES),
    Mutator::signature("ECDSA s plus the order", |_, draft| {
        let [r, s] = halves(draft);
        let s = s + order(draft.key.algorithm());
        join(draft, &r, &s);
    })
    .of(CURVES),
    Mutator::signature("ECDSA s negated", |_, draft| {
        let [r, s] = halves(draft);
        let order = order(draft.key.algorithm());
        let s = &order - s % &order;
        join(draft, &r, &s);
    })
    .of(CURVES),
    Mutator::signature("ECDSA r and s swapped", |_, draft| {
        let [r, s] = halves(draft);
        join(draft, &s, &r);
    })
    .of(CURVES),
    Mutator::signature("P-521 without leading zeros", |_, draft| {
        if draft.signature.len() == 132 {
            draft.signature = [&draft.signature[1..66], &draft.signature[67..]].concat();
        }
    })
    .of(&[Algorithm::Es512]),
    Mutator::signature("Ed25519 s plus the order", |random, draft| {
        if draft.signature.len() != 64 {
            return;
        }
        let order = number("1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed");
        let s = BigUint::from_bytes_le(&draft.signature[32..]) + order * (1 + random.below(14) as u32);
        let mut s = s.to_bytes_le();
        s.resize(32, 0);
        draft.signature.splice(32.., s);
    })
    .of(&[Algorithm::EdDsa]),
    Mutator::signature("Ed25519 R of small order", |random, draft| {
        let mut small = [0; 32];
        small[0] = random.pick(&[0, 1, 0xee]);
        if small[0] == 0xee {
            small[1..].fill(0xff);
            small[31] = 0x7f;
        }
        if let Some(commitment) = draft.signature.get_mut(..32) {
            commitment.copy_from_slice(&small);
        }
    })
    .of(&[Algorithm::EdDsa]),
];

/// r and s, however long the signature is by now.
fn halves(draft: &Draft) -> [BigUint; 2] {
    let (r, s) = draft.signature.split_at(draft.signature.len() / 2);
    [r, s].map(BigUint::from_bytes_be)
}

fn join(draft: &mut Draft, r: &BigUint, s: &BigUint) {
    let size = match draft.key.algorithm() {
        Algorithm::Es256 => 32,
        Algorithm::Es384 => 48,
        _ => 66,
    };
    draft.signature = [bytes(r, size), bytes(s, size)].concat();
}

fn order(algorithm: Algorithm) -> BigUint {
    match algorithm {
        Algorithm::Es256 => number("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"),
        Algorithm::Es384 => {
            number("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973")
        }
        _ => number(&format!("01{}fa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409", "f".repeat(64))),
    }
}

#[test]
fn the_halves_joined_are_the_signature() {
    let mut random = Random::new(5);
    for algorithm in CURVES {
        let mut draft = Draft::new(&mut random, *algorithm);
        draft.sign();
        let own = draft.signature.clone();
        let [r, s] = halves(&draft);
        join(&mut draft, &r, &s);
        assert_eq!(draft.signature, own);
    }
}
