//! The field of Ed25519: 9 limbs of 29 bits, as plain integers.
// Written by generate.py.

use crate::{field::Field, inverse::Modulus};

pub(crate) struct Parameters;

impl Parameters {
    /// The coefficient of the curve.
    pub(super) const D: [i32; 9] = [0x135978a3, 0xf5a6e50, 0x10762add, 0x149a82, 0x1e898007, 0x3cbbbc, 0x19ce331d,
        0x1dc56dff, 0x52036c];
    pub(super) const HALF: [i32; 9] = [0x1ffffff7, 0x1fffffff, 0x1fffffff, 0x1fffffff, 0x1fffffff, 0x1fffffff,
        0x1fffffff, 0x1fffffff, 0x3fffff];
    /// A square root of -1.
    pub(super) const ROOT: [i32; 9] = [0xa0ea0b0, 0x770d93a, 0xbf91e31, 0x6300d5a, 0x1d7a72f4, 0x4c9efd, 0x1c2cad34,
        0x1009f83b, 0x2b8324];
    pub(super) const GENERATOR_X: [i32; 9] = [0xf25d51a, 0xab16b04, 0x969ecb2, 0x198ec12a, 0xdc5c692, 0x1118feeb,
        0xffb0293, 0x1a79adca, 0x216936];
    pub(super) const GENERATOR_Y: [i32; 9] = [0x6666658, 0x13333333, 0x19999999, 0xccccccc, 0x6666666, 0x13333333,
        0x19999999, 0xccccccc, 0x666666];
    /// The y coordinates of the eight points of small order.
    pub(super) const SMALL_ORDER: [[i32; 9]; 5] = [
        [0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0],
        [0x1, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0],
        [0xf95e826, 0x13d9614, 0x1d30d16c, 0x11dfe513, 0xdfd5f09, 0x36982d6, 0x2c4e4cf, 0xdb10047, 0x5fc53],
        [0x106a17c7, 0x1ec269eb, 0x2cf2e93, 0xe201aec, 0x1202a0f6, 0x1c967d29, 0x1d3b1b30, 0x124effb8, 0x7a03ac],
        [0x1fffffec, 0x1fffffff, 0x1fffffff, 0x1fffffff, 0x1fffffff, 0x1fffffff, 0x1fffffff, 0x1fffffff, 0x7fffff],
    ];
}

impl Field<9> for Parameters {
    const WIDTH: u32 = 29;
    const TOP: u32 = 23;
    const PRIME: [i32; 9] = [0x1fffffed, 0x1fffffff, 0x1fffffff, 0x1fffffff, 0x1fffffff, 0x1fffffff, 0x1fffffff,
        0x1fffffff, 0x7fffff];
    const PRIME_30: Modulus<9> = Modulus::new([0x3fffffed, 0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3fffffff,
        0x3fffffff, 0x3fffffff, 0x7fff], 0x179435e5);

    #[inline(never)]
    fn mul(a: &[i32; 9], b: &[i32; 9]) -> [i32; 9] {
        const MASK: i64 = (1 << 29) - 1;
        let [a0, a1, a2, a3, a4, a5, a6, a7, a8] = a.map(i64::from);
        let [b0, b1, b2, b3, b4, b5, b6, b7, b8] = b.map(i64::from);
        let t0 = a0 * b0;
        let t1 = a0 * b1 + a1 * b0;
        let t2 = a0 * b2 + a1 * b1 + a2 * b0;
        let t3 = a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0;
        let t4 = a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0;
        let t5 = a0 * b5 + a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1 + a5 * b0;
        let t6 = a0 * b6 + a1 * b5 + a2 * b4 + a3 * b3 + a4 * b2 + a5 * b1 + a6 * b0;
        let t7 = a0 * b7 + a1 * b6 + a2 * b5 + a3 * b4 + a4 * b3 + a5 * b2 + a6 * b1 + a7 * b0;
        let t8 = a0 * b8 + a1 * b7 + a2 * b6 + a3 * b5 + a4 * b4 + a5 * b3 + a6 * b2 + a7 * b1 + a8 * b0;
        let t9 = (t8 >> 29) + a1 * b8 + a2 * b7 + a3 * b6 + a4 * b5 + a5 * b4 + a6 * b3 + a7 * b2 + a8 * b1;
        let t10 = (t9 >> 29) + a2 * b8 + a3 * b7 + a4 * b6 + a5 * b5 + a6 * b4 + a7 * b3 + a8 * b2;
        let t11 = (t10 >> 29) + a3 * b8 + a4 * b7 + a5 * b6 + a6 * b5 + a7 * b4 + a8 * b3;
        let t12 = (t11 >> 29) + a4 * b8 + a5 * b7 + a6 * b6 + a7 * b5 + a8 * b4;
        let t13 = (t12 >> 29) + a5 * b8 + a6 * b7 + a7 * b6 + a8 * b5;
        let t14 = (t13 >> 29) + a6 * b8 + a7 * b7 + a8 * b6;
        let t15 = (t14 >> 29) + a7 * b8 + a8 * b7;
        let t16 = (t15 >> 29) + a8 * b8;
        let r0 = t0 + (1216 * (t9 & MASK));
        let r1 = (r0 >> 29) + t1 + (1216 * (t10 & MASK));
        let r2 = (r1 >> 29) + t2 + (1216 * (t11 & MASK));
        let r3 = (r2 >> 29) + t3 + (1216 * (t12 & MASK));
        let r4 = (r3 >> 29) + t4 + (1216 * (t13 & MASK));
        let r5 = (r4 >> 29) + t5 + (1216 * (t14 & MASK));
        let r6 = (r5 >> 29) + t6 + (1216 * (t15 & MASK));
        let r7 = (r6 >> 29) + t7 + (1216 * (t16 & MASK));
        let r8 = (r7 >> 29) + (t8 & MASK) + (1216 * (t16 >> 29));
        let s0 = (r0 & MASK) + 19 * (r8 >> 23);
        [s0 & MASK, (r1 & MASK) + (s0 >> 29), r2 & MASK, r3 & MASK, r4 & MASK, r5 & MASK, r6 & MASK, r7 & MASK,
            r8 & ((1 << 23) - 1)].map(|limb| limb as i32)
    }

    #[inline(never)]
    fn sqr(a: &[i32; 9]) -> [i32; 9] {
        const MASK: i64 = (1 << 29) - 1;
        let [a0, a1, a2, a3, a4, a5, a6, a7, a8] = a.map(i64::from);
        let [d0, d1, d2, d3, d4, d5, d6, d7, _] = a.map(|limb| 2 * i64::from(limb));
        let t0 = a0 * a0;
        let t1 = d0 * a1;
        let t2 = d0 * a2 + a1 * a1;
        let t3 = d0 * a3 + d1 * a2;
        let t4 = d0 * a4 + d1 * a3 + a2 * a2;
        let t5 = d0 * a5 + d1 * a4 + d2 * a3;
        let t6 = d0 * a6 + d1 * a5 + d2 * a4 + a3 * a3;
        let t7 = d0 * a7 + d1 * a6 + d2 * a5 + d3 * a4;
        let t8 = d0 * a8 + d1 * a7 + d2 * a6 + d3 * a5 + a4 * a4;
        let t9 = (t8 >> 29) + d1 * a8 + d2 * a7 + d3 * a6 + d4 * a5;
        let t10 = (t9 >> 29) + d2 * a8 + d3 * a7 + d4 * a6 + a5 * a5;
        let t11 = (t10 >> 29) + d3 * a8 + d4 * a7 + d5 * a6;
        let t12 = (t11 >> 29) + d4 * a8 + d5 * a7 + a6 * a6;
        let t13 = (t12 >> 29) + d5 * a8 + d6 * a7;
        let t14 = (t13 >> 29) + d6 * a8 + a7 * a7;
        let t15 = (t14 >> 29) + d7 * a8;
        let t16 = (t15 >> 29) + a8 * a8;
        let r0 = t0 + (1216 * (t9 & MASK));
        let r1 = (r0 >> 29) + t1 + (1216 * (t10 & MASK));
        let r2 = (r1 >> 29) + t2 + (1216 * (t11 & MASK));
        let r3 = (r2 >> 29) + t3 + (1216 * (t12 & MASK));
        let r4 = (r3 >> 29) + t4 + (1216 * (t13 & MASK));
        let r5 = (r4 >> 29) + t5 + (1216 * (t14 & MASK));
        let r6 = (r5 >> 29) + t6 + (1216 * (t15 & MASK));
        let r7 = (r6 >> 29) + t7 + (1216 * (t16 & MASK));
        let r8 = (r7 >> 29) + (t8 & MASK) + (1216 * (t16 >> 29));
        let s0 = (r0 & MASK) + 19 * (r8 >> 23);
        [s0 & MASK, (r1 & MASK) + (s0 >> 29), r2 & MASK, r3 & MASK, r4 & MASK, r5 & MASK, r6 & MASK, r7 & MASK,
            r8 & ((1 << 23) - 1)].map(|limb| limb as i32)
    }
}
