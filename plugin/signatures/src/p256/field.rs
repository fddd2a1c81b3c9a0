//! The field of P-256: 9 limbs of 29 bits, Montgomery form with R = 2^261.
// Written by generate.py.

use crate::{field::Field, inverse::Modulus, weierstrass::Curve};

pub(crate) struct Parameters;

impl Field<9> for Parameters {
    const WIDTH: u32 = 29;
    const TOP: u32 = 24;
    const PRIME: [i32; 9] = [0x1fffffff, 0x1fffffff, 0x1fffffff, 0x1ff, 0x0, 0x0, 0x40000, 0x1fe00000, 0xffffff];
    const PRIME_30: Modulus<9> = Modulus::new([0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3f, 0x0, 0x0, 0x1000, 0x3fffc000,
        0xffff], 0x3fffffff);

    #[inline(never)]
    fn mul(a: &[i32; 9], b: &[i32; 9]) -> [i32; 9] {
        const MASK: i64 = (1 << 29) - 1;
        let [a0, a1, a2, a3, a4, a5, a6, a7, a8] = a.map(i64::from);
        let [b0, b1, b2, b3, b4, b5, b6, b7, b8] = b.map(i64::from);
        let t0 = a0 * b0;
        let m0 = t0 & MASK;
        let t1 = (t0 >> 29) + a0 * b1 + a1 * b0;
        let m1 = t1 & MASK;
        let t2 = (t1 >> 29) + a0 * b2 + a1 * b1 + a2 * b0;
        let m2 = t2 & MASK;
        let t3 = (t2 >> 29) + a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0 + (m0 << 9);
        let m3 = t3 & MASK;
        let t4 = (t3 >> 29) + a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0 + (m1 << 9);
        let m4 = t4 & MASK;
        let t5 = (t4 >> 29) + a0 * b5 + a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1 + a5 * b0 + (m2 << 9);
        let m5 = t5 & MASK;
        let t6 = (t5 >> 29) + a0 * b6 + a1 * b5 + a2 * b4 + a3 * b3 + a4 * b2 + a5 * b1 + a6 * b0 + (m3 << 9)
            + (m0 << 18);
        let m6 = t6 & MASK;
        let t7 = (t6 >> 29) + a0 * b7 + a1 * b6 + a2 * b5 + a3 * b4 + a4 * b3 + a5 * b2 + a6 * b1 + a7 * b0
            + (m4 << 9) + (m1 << 18) - (m0 << 21);
        let m7 = t7 & MASK;
        let t8 = (t7 >> 29) + a0 * b8 + a1 * b7 + a2 * b6 + a3 * b5 + a4 * b4 + a5 * b3 + a6 * b2 + a7 * b1 + a8 * b0
            + (m5 << 9) + (m2 << 18) - (m1 << 21) + (m0 << 24);
        let m8 = t8 & MASK;
        let t9 = (t8 >> 29) + a1 * b8 + a2 * b7 + a3 * b6 + a4 * b5 + a5 * b4 + a6 * b3 + a7 * b2 + a8 * b1
            + (m6 << 9) + (m3 << 18) - (m2 << 21) + (m1 << 24);
        let t10 = (t9 >> 29) + a2 * b8 + a3 * b7 + a4 * b6 + a5 * b5 + a6 * b4 + a7 * b3 + a8 * b2 + (m7 << 9)
            + (m4 << 18) - (m3 << 21) + (m2 << 24);
        let t11 = (t10 >> 29) + a3 * b8 + a4 * b7 + a5 * b6 + a6 * b5 + a7 * b4 + a8 * b3 + (m8 << 9) + (m5 << 18)
            - (m4 << 21) + (m3 << 24);
        let t12 = (t11 >> 29) + a4 * b8 + a5 * b7 + a6 * b6 + a7 * b5 + a8 * b4 + (m6 << 18) - (m5 << 21)
            + (m4 << 24);
        let t13 = (t12 >> 29) + a5 * b8 + a6 * b7 + a7 * b6 + a8 * b5 + (m7 << 18) - (m6 << 21) + (m5 << 24);
        let t14 = (t13 >> 29) + a6 * b8 + a7 * b7 + a8 * b6 + (m8 << 18) - (m7 << 21) + (m6 << 24);
        let t15 = (t14 >> 29) + a7 * b8 + a8 * b7 - (m8 << 21) + (m7 << 24);
        let t16 = (t15 >> 29) + a8 * b8 + (m8 << 24);
        [t9 & MASK, t10 & MASK, t11 & MASK, t12 & MASK, t13 & MASK, t14 & MASK, t15 & MASK, t16 & MASK,
            t16 >> 29].map(|limb| limb as i32)
    }

    fn sqr(a: &[i32; 9]) -> [i32; 9] {
        Self::sqr_add(a, &[0; 9])
    }
}

impl Curve<9> for Parameters {
    const R_SQUARED: [i32; 9] = [0xc00, 0x0, 0x1fff0000, 0x1fdfffff, 0x1fbfffff, 0x1fffffff, 0x1fffffff, 0x1ffffffe,
        0x13];
    const ORDER: [i32; 9] = [0x1c632551, 0x1dce5617, 0x5e7a13c, 0xdf55b4e, 0x1ffffbce, 0x1fffffff, 0x3ffff,
        0x1fe00000, 0xffffff];
    const ORDER_30: Modulus<9> = Modulus::new([0x3c632551, 0xee72b0b, 0x3179e84f, 0x39beab69, 0x3fffffbc, 0x3fffffff,
        0xfff, 0x3fffc000, 0xffff], 0x11ff43b1);
    const GENERATOR_X: [i32; 9] = [0x15228783, 0x730d418, 0xdb00bcf, 0x57f11fb, 0xa20eb75, 0x12b77622, 0x330fdb9,
        0x1af4dd57, 0x120bee];
    const GENERATOR_Y: [i32; 9] = [0x12aac150, 0x125357ce, 0xf22e6ef, 0xe390e86, 0x64b1695, 0x88dd21f, 0x2a97443,
        0x2962176, 0xae3fe3];

    #[inline(never)]
    fn sqr_add(a: &[i32; 9], s: &[i32; 9]) -> [i32; 9] {
        const MASK: i64 = (1 << 29) - 1;
        let [a0, a1, a2, a3, a4, a5, a6, a7, a8] = a.map(i64::from);
        let [s0, s1, s2, s3, s4, s5, s6, s7, s8] = s.map(i64::from);
        let [d0, d1, d2, d3, d4, d5, d6, d7, _] = a.map(|limb| 2 * i64::from(limb));
        let t0 = a0 * a0;
        let m0 = t0 & MASK;
        let t1 = (t0 >> 29) + d0 * a1;
        let m1 = t1 & MASK;
        let t2 = (t1 >> 29) + d0 * a2 + a1 * a1;
        let m2 = t2 & MASK;
        let t3 = (t2 >> 29) + d0 * a3 + d1 * a2 + (m0 << 9);
        let m3 = t3 & MASK;
        let t4 = (t3 >> 29) + d0 * a4 + d1 * a3 + a2 * a2 + (m1 << 9);
        let m4 = t4 & MASK;
        let t5 = (t4 >> 29) + d0 * a5 + d1 * a4 + d2 * a3 + (m2 << 9);
        let m5 = t5 & MASK;
        let t6 = (t5 >> 29) + d0 * a6 + d1 * a5 + d2 * a4 + a3 * a3 + (m3 << 9) + (m0 << 18);
        let m6 = t6 & MASK;
        let t7 = (t6 >> 29) + d0 * a7 + d1 * a6 + d2 * a5 + d3 * a4 + (m4 << 9) + (m1 << 18) - (m0 << 21);
        let m7 = t7 & MASK;
        let t8 = (t7 >> 29) + d0 * a8 + d1 * a7 + d2 * a6 + d3 * a5 + a4 * a4 + (m5 << 9) + (m2 << 18) - (m1 << 21)
            + (m0 << 24);
        let m8 = t8 & MASK;
        let t9 = (t8 >> 29) + d1 * a8 + d2 * a7 + d3 * a6 + d4 * a5 + (m6 << 9) + (m3 << 18) - (m2 << 21) + (m1 << 24)
            + s0;
        let t10 = (t9 >> 29) + d2 * a8 + d3 * a7 + d4 * a6 + a5 * a5 + (m7 << 9) + (m4 << 18) - (m3 << 21)
            + (m2 << 24) + s1;
        let t11 = (t10 >> 29) + d3 * a8 + d4 * a7 + d5 * a6 + (m8 << 9) + (m5 << 18) - (m4 << 21) + (m3 << 24) + s2;
        let t12 = (t11 >> 29) + d4 * a8 + d5 * a7 + a6 * a6 + (m6 << 18) - (m5 << 21) + (m4 << 24) + s3;
        let t13 = (t12 >> 29) + d5 * a8 + d6 * a7 + (m7 << 18) - (m6 << 21) + (m5 << 24) + s4;
        let t14 = (t13 >> 29) + d6 * a8 + a7 * a7 + (m8 << 18) - (m7 << 21) + (m6 << 24) + s5;
        let t15 = (t14 >> 29) + d7 * a8 - (m8 << 21) + (m7 << 24) + s6;
        let t16 = (t15 >> 29) + a8 * a8 + (m8 << 24) + s7;
        [t9 & MASK, t10 & MASK, t11 & MASK, t12 & MASK, t13 & MASK, t14 & MASK, t15 & MASK, t16 & MASK,
            (t16 >> 29) + s8].map(|limb| limb as i32)
    }

    #[inline(never)]
    fn mul_sub(a: &[i32; 9], b: &[i32; 9], e: &[i32; 9], f: &[i32; 9]) -> [i32; 9] {
        const MASK: i64 = (1 << 29) - 1;
        let [a0, a1, a2, a3, a4, a5, a6, a7, a8] = a.map(i64::from);
        let [b0, b1, b2, b3, b4, b5, b6, b7, b8] = b.map(i64::from);
        let [e0, e1, e2, e3, e4, e5, e6, e7, e8] = e.map(i64::from);
        let [f0, f1, f2, f3, f4, f5, f6, f7, f8] = f.map(i64::from);
        let t0 = a0 * b0 - e0 * f0;
        let m0 = t0 & MASK;
        let t1 = (t0 >> 29) + a0 * b1 + a1 * b0 - e0 * f1 - e1 * f0;
        let m1 = t1 & MASK;
        let t2 = (t1 >> 29) + a0 * b2 + a1 * b1 + a2 * b0 - e0 * f2 - e1 * f1 - e2 * f0;
        let m2 = t2 & MASK;
        let t3 = (t2 >> 29) + a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0 - e0 * f3 - e1 * f2 - e2 * f1 - e3 * f0
            + (m0 << 9);
        let m3 = t3 & MASK;
        let t4 = (t3 >> 29) + a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0 - e0 * f4 - e1 * f3 - e2 * f2 - e3 * f1
            - e4 * f0 + (m1 << 9);
        let m4 = t4 & MASK;
        let t5 = (t4 >> 29) + a0 * b5 + a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1 + a5 * b0 - e0 * f5 - e1 * f4 - e2 * f3
            - e3 * f2 - e4 * f1 - e5 * f0 + (m2 << 9);
        let m5 = t5 & MASK;
        let t6 = (t5 >> 29) + a0 * b6 + a1 * b5 + a2 * b4 + a3 * b3 + a4 * b2 + a5 * b1 + a6 * b0 - e0 * f6 - e1 * f5
            - e2 * f4 - e3 * f3 - e4 * f2 - e5 * f1 - e6 * f0 + (m3 << 9) + (m0 << 18);
        let m6 = t6 & MASK;
        let t7 = (t6 >> 29) + a0 * b7 + a1 * b6 + a2 * b5 + a3 * b4 + a4 * b3 + a5 * b2 + a6 * b1 + a7 * b0 - e0 * f7
            - e1 * f6 - e2 * f5 - e3 * f4 - e4 * f3 - e5 * f2 - e6 * f1 - e7 * f0 + (m4 << 9) + (m1 << 18)
            - (m0 << 21);
        let m7 = t7 & MASK;
        let t8 = (t7 >> 29) + a0 * b8 + a1 * b7 + a2 * b6 + a3 * b5 + a4 * b4 + a5 * b3 + a6 * b2 + a7 * b1 + a8 * b0
            - e0 * f8 - e1 * f7 - e2 * f6 - e3 * f5 - e4 * f4 - e5 * f3 - e6 * f2 - e7 * f1 - e8 * f0 + (m5 << 9)
            + (m2 << 18) - (m1 << 21) + (m0 << 24);
        let m8 = t8 & MASK;
        let t9 = (t8 >> 29) + a1 * b8 + a2 * b7 + a3 * b6 + a4 * b5 + a5 * b4 + a6 * b3 + a7 * b2 + a8 * b1 - e1 * f8
            - e2 * f7 - e3 * f6 - e4 * f5 - e5 * f4 - e6 * f3 - e7 * f2 - e8 * f1 + (m6 << 9) + (m3 << 18)
            - (m2 << 21) + (m1 << 24);
        let t10 = (t9 >> 29) + a2 * b8 + a3 * b7 + a4 * b6 + a5 * b5 + a6 * b4 + a7 * b3 + a8 * b2 - e2 * f8 - e3 * f7
            - e4 * f6 - e5 * f5 - e6 * f4 - e7 * f3 - e8 * f2 + (m7 << 9) + (m4 << 18) - (m3 << 21) + (m2 << 24);
        let t11 = (t10 >> 29) + a3 * b8 + a4 * b7 + a5 * b6 + a6 * b5 + a7 * b4 + a8 * b3 - e3 * f8 - e4 * f7
            - e5 * f6 - e6 * f5 - e7 * f4 - e8 * f3 + (m8 << 9) + (m5 << 18) - (m4 << 21) + (m3 << 24);
        let t12 = (t11 >> 29) + a4 * b8 + a5 * b7 + a6 * b6 + a7 * b5 + a8 * b4 - e4 * f8 - e5 * f7 - e6 * f6
            - e7 * f5 - e8 * f4 + (m6 << 18) - (m5 << 21) + (m4 << 24);
        let t13 = (t12 >> 29) + a5 * b8 + a6 * b7 + a7 * b6 + a8 * b5 - e5 * f8 - e6 * f7 - e7 * f6 - e8 * f5
            + (m7 << 18) - (m6 << 21) + (m5 << 24);
        let t14 = (t13 >> 29) + a6 * b8 + a7 * b7 + a8 * b6 - e6 * f8 - e7 * f7 - e8 * f6 + (m8 << 18) - (m7 << 21)
            + (m6 << 24);
        let t15 = (t14 >> 29) + a7 * b8 + a8 * b7 - e7 * f8 - e8 * f7 - (m8 << 21) + (m7 << 24);
        let t16 = (t15 >> 29) + a8 * b8 - e8 * f8 + (m8 << 24);
        [t9 & MASK, t10 & MASK, t11 & MASK, t12 & MASK, t13 & MASK, t14 & MASK, t15 & MASK, t16 & MASK,
            t16 >> 29].map(|limb| limb as i32)
    }
}
