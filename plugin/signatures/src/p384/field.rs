//! The field of P-384: 14 limbs of 28 bits, Montgomery form with R = 2^392.
// Written by generate.py.

use crate::{field::Field, inverse::Modulus, weierstrass::Curve};

pub(crate) struct Parameters;

impl Field<14> for Parameters {
    const WIDTH: u32 = 28;
    const TOP: u32 = 20;
    const PRIME: [i32; 14] = [0xfffffff, 0xf, 0x0, 0xffff000, 0xffeffff, 0xfffffff, 0xfffffff, 0xfffffff, 0xfffffff,
        0xfffffff, 0xfffffff, 0xfffffff, 0xfffffff, 0xfffff];
    const PRIME_30: Modulus<14> = Modulus::new([0x3fffffff, 0x3, 0x0, 0x3fffffc0, 0x3ffffeff, 0x3fffffff, 0x3fffffff,
        0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3fffffff, 0xffffff, 0x0], 0x3fffffff);

    #[inline(never)]
    fn mul(a: &[i32; 14], b: &[i32; 14]) -> [i32; 14] {
        const MASK: i64 = (1 << 28) - 1;
        let [a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13] = a.map(i64::from);
        let [b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13] = b.map(i64::from);
        let t0 = a0 * b0;
        let m0 = t0 & MASK;
        let t1 = (t0 >> 28) + a0 * b1 + a1 * b0 + (m0 << 4);
        let m1 = t1 & MASK;
        let t2 = (t1 >> 28) + a0 * b2 + a1 * b1 + a2 * b0 + (m1 << 4);
        let m2 = t2 & MASK;
        let t3 = (t2 >> 28) + a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0 + (m2 << 4) - (m0 << 12);
        let m3 = t3 & MASK;
        let t4 = (t3 >> 28) + a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0 + (m3 << 4) - (m1 << 12) - (m0 << 16);
        let m4 = t4 & MASK;
        let t5 = (t4 >> 28) + a0 * b5 + a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1 + a5 * b0 + (m4 << 4) - (m2 << 12)
            - (m1 << 16);
        let m5 = t5 & MASK;
        let t6 = (t5 >> 28) + a0 * b6 + a1 * b5 + a2 * b4 + a3 * b3 + a4 * b2 + a5 * b1 + a6 * b0 + (m5 << 4)
            - (m3 << 12) - (m2 << 16);
        let m6 = t6 & MASK;
        let t7 = (t6 >> 28) + a0 * b7 + a1 * b6 + a2 * b5 + a3 * b4 + a4 * b3 + a5 * b2 + a6 * b1 + a7 * b0
            + (m6 << 4) - (m4 << 12) - (m3 << 16);
        let m7 = t7 & MASK;
        let t8 = (t7 >> 28) + a0 * b8 + a1 * b7 + a2 * b6 + a3 * b5 + a4 * b4 + a5 * b3 + a6 * b2 + a7 * b1 + a8 * b0
            + (m7 << 4) - (m5 << 12) - (m4 << 16);
        let m8 = t8 & MASK;
        let t9 = (t8 >> 28) + a0 * b9 + a1 * b8 + a2 * b7 + a3 * b6 + a4 * b5 + a5 * b4 + a6 * b3 + a7 * b2 + a8 * b1
            + a9 * b0 + (m8 << 4) - (m6 << 12) - (m5 << 16);
        let m9 = t9 & MASK;
        let t10 = (t9 >> 28) + a0 * b10 + a1 * b9 + a2 * b8 + a3 * b7 + a4 * b6 + a5 * b5 + a6 * b4 + a7 * b3
            + a8 * b2 + a9 * b1 + a10 * b0 + (m9 << 4) - (m7 << 12) - (m6 << 16);
        let m10 = t10 & MASK;
        let t11 = (t10 >> 28) + a0 * b11 + a1 * b10 + a2 * b9 + a3 * b8 + a4 * b7 + a5 * b6 + a6 * b5 + a7 * b4
            + a8 * b3 + a9 * b2 + a10 * b1 + a11 * b0 + (m10 << 4) - (m8 << 12) - (m7 << 16);
        let m11 = t11 & MASK;
        let t12 = (t11 >> 28) + a0 * b12 + a1 * b11 + a2 * b10 + a3 * b9 + a4 * b8 + a5 * b7 + a6 * b6 + a7 * b5
            + a8 * b4 + a9 * b3 + a10 * b2 + a11 * b1 + a12 * b0 + (m11 << 4) - (m9 << 12) - (m8 << 16);
        let m12 = t12 & MASK;
        let t13 = (t12 >> 28) + a0 * b13 + a1 * b12 + a2 * b11 + a3 * b10 + a4 * b9 + a5 * b8 + a6 * b7 + a7 * b6
            + a8 * b5 + a9 * b4 + a10 * b3 + a11 * b2 + a12 * b1 + a13 * b0 + (m12 << 4) - (m10 << 12) - (m9 << 16)
            + (m0 << 20);
        let m13 = t13 & MASK;
        let t14 = (t13 >> 28) + a1 * b13 + a2 * b12 + a3 * b11 + a4 * b10 + a5 * b9 + a6 * b8 + a7 * b7 + a8 * b6
            + a9 * b5 + a10 * b4 + a11 * b3 + a12 * b2 + a13 * b1 + (m13 << 4) - (m11 << 12) - (m10 << 16)
            + (m1 << 20);
        let t15 = (t14 >> 28) + a2 * b13 + a3 * b12 + a4 * b11 + a5 * b10 + a6 * b9 + a7 * b8 + a8 * b7 + a9 * b6
            + a10 * b5 + a11 * b4 + a12 * b3 + a13 * b2 - (m12 << 12) - (m11 << 16) + (m2 << 20);
        let t16 = (t15 >> 28) + a3 * b13 + a4 * b12 + a5 * b11 + a6 * b10 + a7 * b9 + a8 * b8 + a9 * b7 + a10 * b6
            + a11 * b5 + a12 * b4 + a13 * b3 - (m13 << 12) - (m12 << 16) + (m3 << 20);
        let t17 = (t16 >> 28) + a4 * b13 + a5 * b12 + a6 * b11 + a7 * b10 + a8 * b9 + a9 * b8 + a10 * b7 + a11 * b6
            + a12 * b5 + a13 * b4 - (m13 << 16) + (m4 << 20);
        let t18 = (t17 >> 28) + a5 * b13 + a6 * b12 + a7 * b11 + a8 * b10 + a9 * b9 + a10 * b8 + a11 * b7 + a12 * b6
            + a13 * b5 + (m5 << 20);
        let t19 = (t18 >> 28) + a6 * b13 + a7 * b12 + a8 * b11 + a9 * b10 + a10 * b9 + a11 * b8 + a12 * b7 + a13 * b6
            + (m6 << 20);
        let t20 = (t19 >> 28) + a7 * b13 + a8 * b12 + a9 * b11 + a10 * b10 + a11 * b9 + a12 * b8 + a13 * b7
            + (m7 << 20);
        let t21 = (t20 >> 28) + a8 * b13 + a9 * b12 + a10 * b11 + a11 * b10 + a12 * b9 + a13 * b8 + (m8 << 20);
        let t22 = (t21 >> 28) + a9 * b13 + a10 * b12 + a11 * b11 + a12 * b10 + a13 * b9 + (m9 << 20);
        let t23 = (t22 >> 28) + a10 * b13 + a11 * b12 + a12 * b11 + a13 * b10 + (m10 << 20);
        let t24 = (t23 >> 28) + a11 * b13 + a12 * b12 + a13 * b11 + (m11 << 20);
        let t25 = (t24 >> 28) + a12 * b13 + a13 * b12 + (m12 << 20);
        let t26 = (t25 >> 28) + a13 * b13 + (m13 << 20);
        [t14 & MASK, t15 & MASK, t16 & MASK, t17 & MASK, t18 & MASK, t19 & MASK, t20 & MASK, t21 & MASK, t22 & MASK,
            t23 & MASK, t24 & MASK, t25 & MASK, t26 & MASK, t26 >> 28].map(|limb| limb as i32)
    }

    fn sqr(a: &[i32; 14]) -> [i32; 14] {
        Self::sqr_add(a, &[0; 14])
    }
}

impl Curve<14> for Parameters {
    const R_SQUARED: [i32; 14] = [0x10000, 0xfe00000, 0xffffff, 0x0, 0x2, 0x0, 0xffffe00, 0xfff, 0x20000, 0x100000,
        0x0, 0x0, 0x0, 0x0];
    const ORDER: [i32; 14] = [0xcc52973, 0xec196ac, 0xa77aec, 0xdb248b, 0xddf581a, 0x81f4372, 0xfc7634d, 0xfffffff,
        0xfffffff, 0xfffffff, 0xfffffff, 0xfffffff, 0xfffffff, 0xfffff];
    const ORDER_30: Modulus<14> = Modulus::new([0xcc52973, 0x33b065ab, 0xb0a77ae, 0x6836c92, 0x372ddf58, 0xd3607d0,
        0x3ffffc76, 0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3fffffff, 0xffffff, 0x0], 0x177023bb);
    const GENERATOR_X: [i32; 14] = [0xb5284d, 0x7565fcc, 0xe383dd0, 0xe2edd6c, 0xe6de378, 0x541b4d6, 0x79c3afc,
        0xa30eff8, 0x4868459, 0xde2b645, 0x723614e, 0x13812ff, 0x2299e15, 0x3aadc];
    const GENERATOR_Y: [i32; 14] = [0x3a4fe2b, 0x3dad200, 0x9ac2304, 0xbfa6b4a, 0xccbfa8, 0x2e83b05, 0xbade756,
        0xf4ffd98, 0x3521968, 0xa840c6c, 0x2263969, 0xe9dd800, 0x25a15c5, 0x78abc];

    #[inline(never)]
    fn sqr_add(a: &[i32; 14], s: &[i32; 14]) -> [i32; 14] {
        const MASK: i64 = (1 << 28) - 1;
        let [a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13] = a.map(i64::from);
        let [s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13] = s.map(i64::from);
        let [d0, d1, d2, d3, d4, d5, d6, d7, d8, d9, d10, d11, d12, _] = a.map(|limb| 2 * i64::from(limb));
        let t0 = a0 * a0;
        let m0 = t0 & MASK;
        let t1 = (t0 >> 28) + d0 * a1 + (m0 << 4);
        let m1 = t1 & MASK;
        let t2 = (t1 >> 28) + d0 * a2 + a1 * a1 + (m1 << 4);
        let m2 = t2 & MASK;
        let t3 = (t2 >> 28) + d0 * a3 + d1 * a2 + (m2 << 4) - (m0 << 12);
        let m3 = t3 & MASK;
        let t4 = (t3 >> 28) + d0 * a4 + d1 * a3 + a2 * a2 + (m3 << 4) - (m1 << 12) - (m0 << 16);
        let m4 = t4 & MASK;
        let t5 = (t4 >> 28) + d0 * a5 + d1 * a4 + d2 * a3 + (m4 << 4) - (m2 << 12) - (m1 << 16);
        let m5 = t5 & MASK;
        let t6 = (t5 >> 28) + d0 * a6 + d1 * a5 + d2 * a4 + a3 * a3 + (m5 << 4) - (m3 << 12) - (m2 << 16);
        let m6 = t6 & MASK;
        let t7 = (t6 >> 28) + d0 * a7 + d1 * a6 + d2 * a5 + d3 * a4 + (m6 << 4) - (m4 << 12) - (m3 << 16);
        let m7 = t7 & MASK;
        let t8 = (t7 >> 28) + d0 * a8 + d1 * a7 + d2 * a6 + d3 * a5 + a4 * a4 + (m7 << 4) - (m5 << 12) - (m4 << 16);
        let m8 = t8 & MASK;
        let t9 = (t8 >> 28) + d0 * a9 + d1 * a8 + d2 * a7 + d3 * a6 + d4 * a5 + (m8 << 4) - (m6 << 12) - (m5 << 16);
        let m9 = t9 & MASK;
        let t10 = (t9 >> 28) + d0 * a10 + d1 * a9 + d2 * a8 + d3 * a7 + d4 * a6 + a5 * a5 + (m9 << 4) - (m7 << 12)
            - (m6 << 16);
        let m10 = t10 & MASK;
        let t11 = (t10 >> 28) + d0 * a11 + d1 * a10 + d2 * a9 + d3 * a8 + d4 * a7 + d5 * a6 + (m10 << 4) - (m8 << 12)
            - (m7 << 16);
        let m11 = t11 & MASK;
        let t12 = (t11 >> 28) + d0 * a12 + d1 * a11 + d2 * a10 + d3 * a9 + d4 * a8 + d5 * a7 + a6 * a6 + (m11 << 4)
            - (m9 << 12) - (m8 << 16);
        let m12 = t12 & MASK;
        let t13 = (t12 >> 28) + d0 * a13 + d1 * a12 + d2 * a11 + d3 * a10 + d4 * a9 + d5 * a8 + d6 * a7 + (m12 << 4)
            - (m10 << 12) - (m9 << 16) + (m0 << 20);
        let m13 = t13 & MASK;
        let t14 = (t13 >> 28) + d1 * a13 + d2 * a12 + d3 * a11 + d4 * a10 + d5 * a9 + d6 * a8 + a7 * a7 + (m13 << 4)
            - (m11 << 12) - (m10 << 16) + (m1 << 20) + s0;
        let t15 = (t14 >> 28) + d2 * a13 + d3 * a12 + d4 * a11 + d5 * a10 + d6 * a9 + d7 * a8 - (m12 << 12)
            - (m11 << 16) + (m2 << 20) + s1;
        let t16 = (t15 >> 28) + d3 * a13 + d4 * a12 + d5 * a11 + d6 * a10 + d7 * a9 + a8 * a8 - (m13 << 12)
            - (m12 << 16) + (m3 << 20) + s2;
        let t17 = (t16 >> 28) + d4 * a13 + d5 * a12 + d6 * a11 + d7 * a10 + d8 * a9 - (m13 << 16) + (m4 << 20) + s3;
        let t18 = (t17 >> 28) + d5 * a13 + d6 * a12 + d7 * a11 + d8 * a10 + a9 * a9 + (m5 << 20) + s4;
        let t19 = (t18 >> 28) + d6 * a13 + d7 * a12 + d8 * a11 + d9 * a10 + (m6 << 20) + s5;
        let t20 = (t19 >> 28) + d7 * a13 + d8 * a12 + d9 * a11 + a10 * a10 + (m7 << 20) + s6;
        let t21 = (t20 >> 28) + d8 * a13 + d9 * a12 + d10 * a11 + (m8 << 20) + s7;
        let t22 = (t21 >> 28) + d9 * a13 + d10 * a12 + a11 * a11 + (m9 << 20) + s8;
        let t23 = (t22 >> 28) + d10 * a13 + d11 * a12 + (m10 << 20) + s9;
        let t24 = (t23 >> 28) + d11 * a13 + a12 * a12 + (m11 << 20) + s10;
        let t25 = (t24 >> 28) + d12 * a13 + (m12 << 20) + s11;
        let t26 = (t25 >> 28) + a13 * a13 + (m13 << 20) + s12;
        [t14 & MASK, t15 & MASK, t16 & MASK, t17 & MASK, t18 & MASK, t19 & MASK, t20 & MASK, t21 & MASK, t22 & MASK,
            t23 & MASK, t24 & MASK, t25 & MASK, t26 & MASK, (t26 >> 28) + s13].map(|limb| limb as i32)
    }

    #[inline(never)]
    fn mul_sub(a: &[i32; 14], b: &[i32; 14], e: &[i32; 14], f: &[i32; 14]) -> [i32; 14] {
        const MASK: i64 = (1 << 28) - 1;
        let [a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13] = a.map(i64::from);
        let [b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13] = b.map(i64::from);
        let [e0, e1, e2, e3, e4, e5, e6, e7, e8, e9, e10, e11, e12, e13] = e.map(i64::from);
        let [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13] = f.map(i64::from);
        let t0 = a0 * b0 - e0 * f0;
        let m0 = t0 & MASK;
        let t1 = (t0 >> 28) + a0 * b1 + a1 * b0 - e0 * f1 - e1 * f0 + (m0 << 4);
        let m1 = t1 & MASK;
        let t2 = (t1 >> 28) + a0 * b2 + a1 * b1 + a2 * b0 - e0 * f2 - e1 * f1 - e2 * f0 + (m1 << 4);
        let m2 = t2 & MASK;
        let t3 = (t2 >> 28) + a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0 - e0 * f3 - e1 * f2 - e2 * f1 - e3 * f0
            + (m2 << 4) - (m0 << 12);
        let m3 = t3 & MASK;
        let t4 = (t3 >> 28) + a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0 - e0 * f4 - e1 * f3 - e2 * f2 - e3 * f1
            - e4 * f0 + (m3 << 4) - (m1 << 12) - (m0 << 16);
        let m4 = t4 & MASK;
        let t5 = (t4 >> 28) + a0 * b5 + a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1 + a5 * b0 - e0 * f5 - e1 * f4 - e2 * f3
            - e3 * f2 - e4 * f1 - e5 * f0 + (m4 << 4) - (m2 << 12) - (m1 << 16);
        let m5 = t5 & MASK;
        let t6 = (t5 >> 28) + a0 * b6 + a1 * b5 + a2 * b4 + a3 * b3 + a4 * b2 + a5 * b1 + a6 * b0 - e0 * f6 - e1 * f5
            - e2 * f4 - e3 * f3 - e4 * f2 - e5 * f1 - e6 * f0 + (m5 << 4) - (m3 << 12) - (m2 << 16);
        let m6 = t6 & MASK;
        let t7 = (t6 >> 28) + a0 * b7 + a1 * b6 + a2 * b5 + a3 * b4 + a4 * b3 + a5 * b2 + a6 * b1 + a7 * b0 - e0 * f7
            - e1 * f6 - e2 * f5 - e3 * f4 - e4 * f3 - e5 * f2 - e6 * f1 - e7 * f0 + (m6 << 4) - (m4 << 12)
            - (m3 << 16);
        let m7 = t7 & MASK;
        let t8 = (t7 >> 28) + a0 * b8 + a1 * b7 + a2 * b6 + a3 * b5 + a4 * b4 + a5 * b3 + a6 * b2 + a7 * b1 + a8 * b0
            - e0 * f8 - e1 * f7 - e2 * f6 - e3 * f5 - e4 * f4 - e5 * f3 - e6 * f2 - e7 * f1 - e8 * f0 + (m7 << 4)
            - (m5 << 12) - (m4 << 16);
        let m8 = t8 & MASK;
        let t9 = (t8 >> 28) + a0 * b9 + a1 * b8 + a2 * b7 + a3 * b6 + a4 * b5 + a5 * b4 + a6 * b3 + a7 * b2 + a8 * b1
            + a9 * b0 - e0 * f9 - e1 * f8 - e2 * f7 - e3 * f6 - e4 * f5 - e5 * f4 - e6 * f3 - e7 * f2 - e8 * f1
            - e9 * f0 + (m8 << 4) - (m6 << 12) - (m5 << 16);
        let m9 = t9 & MASK;
        let t10 = (t9 >> 28) + a0 * b10 + a1 * b9 + a2 * b8 + a3 * b7 + a4 * b6 + a5 * b5 + a6 * b4 + a7 * b3
            + a8 * b2 + a9 * b1 + a10 * b0 - e0 * f10 - e1 * f9 - e2 * f8 - e3 * f7 - e4 * f6 - e5 * f5 - e6 * f4
            - e7 * f3 - e8 * f2 - e9 * f1 - e10 * f0 + (m9 << 4) - (m7 << 12) - (m6 << 16);
        let m10 = t10 & MASK;
        let t11 = (t10 >> 28) + a0 * b11 + a1 * b10 + a2 * b9 + a3 * b8 + a4 * b7 + a5 * b6 + a6 * b5 + a7 * b4
            + a8 * b3 + a9 * b2 + a10 * b1 + a11 * b0 - e0 * f11 - e1 * f10 - e2 * f9 - e3 * f8 - e4 * f7 - e5 * f6
            - e6 * f5 - e7 * f4 - e8 * f3 - e9 * f2 - e10 * f1 - e11 * f0 + (m10 << 4) - (m8 << 12) - (m7 << 16);
        let m11 = t11 & MASK;
        let t12 = (t11 >> 28) + a0 * b12 + a1 * b11 + a2 * b10 + a3 * b9 + a4 * b8 + a5 * b7 + a6 * b6 + a7 * b5
            + a8 * b4 + a9 * b3 + a10 * b2 + a11 * b1 + a12 * b0 - e0 * f12 - e1 * f11 - e2 * f10 - e3 * f9 - e4 * f8
            - e5 * f7 - e6 * f6 - e7 * f5 - e8 * f4 - e9 * f3 - e10 * f2 - e11 * f1 - e12 * f0 + (m11 << 4)
            - (m9 << 12) - (m8 << 16);
        let m12 = t12 & MASK;
        let t13 = (t12 >> 28) + a0 * b13 + a1 * b12 + a2 * b11 + a3 * b10 + a4 * b9 + a5 * b8 + a6 * b7 + a7 * b6
            + a8 * b5 + a9 * b4 + a10 * b3 + a11 * b2 + a12 * b1 + a13 * b0 - e0 * f13 - e1 * f12 - e2 * f11
            - e3 * f10 - e4 * f9 - e5 * f8 - e6 * f7 - e7 * f6 - e8 * f5 - e9 * f4 - e10 * f3 - e11 * f2 - e12 * f1
            - e13 * f0 + (m12 << 4) - (m10 << 12) - (m9 << 16) + (m0 << 20);
        let m13 = t13 & MASK;
        let t14 = (t13 >> 28) + a1 * b13 + a2 * b12 + a3 * b11 + a4 * b10 + a5 * b9 + a6 * b8 + a7 * b7 + a8 * b6
            + a9 * b5 + a10 * b4 + a11 * b3 + a12 * b2 + a13 * b1 - e1 * f13 - e2 * f12 - e3 * f11 - e4 * f10
            - e5 * f9 - e6 * f8 - e7 * f7 - e8 * f6 - e9 * f5 - e10 * f4 - e11 * f3 - e12 * f2 - e13 * f1 + (m13 << 4)
            - (m11 << 12) - (m10 << 16) + (m1 << 20);
        let t15 = (t14 >> 28) + a2 * b13 + a3 * b12 + a4 * b11 + a5 * b10 + a6 * b9 + a7 * b8 + a8 * b7 + a9 * b6
            + a10 * b5 + a11 * b4 + a12 * b3 + a13 * b2 - e2 * f13 - e3 * f12 - e4 * f11 - e5 * f10 - e6 * f9
            - e7 * f8 - e8 * f7 - e9 * f6 - e10 * f5 - e11 * f4 - e12 * f3 - e13 * f2 - (m12 << 12) - (m11 << 16)
            + (m2 << 20);
        let t16 = (t15 >> 28) + a3 * b13 + a4 * b12 + a5 * b11 + a6 * b10 + a7 * b9 + a8 * b8 + a9 * b7 + a10 * b6
            + a11 * b5 + a12 * b4 + a13 * b3 - e3 * f13 - e4 * f12 - e5 * f11 - e6 * f10 - e7 * f9 - e8 * f8 - e9 * f7
            - e10 * f6 - e11 * f5 - e12 * f4 - e13 * f3 - (m13 << 12) - (m12 << 16) + (m3 << 20);
        let t17 = (t16 >> 28) + a4 * b13 + a5 * b12 + a6 * b11 + a7 * b10 + a8 * b9 + a9 * b8 + a10 * b7 + a11 * b6
            + a12 * b5 + a13 * b4 - e4 * f13 - e5 * f12 - e6 * f11 - e7 * f10 - e8 * f9 - e9 * f8 - e10 * f7
            - e11 * f6 - e12 * f5 - e13 * f4 - (m13 << 16) + (m4 << 20);
        let t18 = (t17 >> 28) + a5 * b13 + a6 * b12 + a7 * b11 + a8 * b10 + a9 * b9 + a10 * b8 + a11 * b7 + a12 * b6
            + a13 * b5 - e5 * f13 - e6 * f12 - e7 * f11 - e8 * f10 - e9 * f9 - e10 * f8 - e11 * f7 - e12 * f6
            - e13 * f5 + (m5 << 20);
        let t19 = (t18 >> 28) + a6 * b13 + a7 * b12 + a8 * b11 + a9 * b10 + a10 * b9 + a11 * b8 + a12 * b7 + a13 * b6
            - e6 * f13 - e7 * f12 - e8 * f11 - e9 * f10 - e10 * f9 - e11 * f8 - e12 * f7 - e13 * f6 + (m6 << 20);
        let t20 = (t19 >> 28) + a7 * b13 + a8 * b12 + a9 * b11 + a10 * b10 + a11 * b9 + a12 * b8 + a13 * b7 - e7 * f13
            - e8 * f12 - e9 * f11 - e10 * f10 - e11 * f9 - e12 * f8 - e13 * f7 + (m7 << 20);
        let t21 = (t20 >> 28) + a8 * b13 + a9 * b12 + a10 * b11 + a11 * b10 + a12 * b9 + a13 * b8 - e8 * f13
            - e9 * f12 - e10 * f11 - e11 * f10 - e12 * f9 - e13 * f8 + (m8 << 20);
        let t22 = (t21 >> 28) + a9 * b13 + a10 * b12 + a11 * b11 + a12 * b10 + a13 * b9 - e9 * f13 - e10 * f12
            - e11 * f11 - e12 * f10 - e13 * f9 + (m9 << 20);
        let t23 = (t22 >> 28) + a10 * b13 + a11 * b12 + a12 * b11 + a13 * b10 - e10 * f13 - e11 * f12 - e12 * f11
            - e13 * f10 + (m10 << 20);
        let t24 = (t23 >> 28) + a11 * b13 + a12 * b12 + a13 * b11 - e11 * f13 - e12 * f12 - e13 * f11 + (m11 << 20);
        let t25 = (t24 >> 28) + a12 * b13 + a13 * b12 - e12 * f13 - e13 * f12 + (m12 << 20);
        let t26 = (t25 >> 28) + a13 * b13 - e13 * f13 + (m13 << 20);
        [t14 & MASK, t15 & MASK, t16 & MASK, t17 & MASK, t18 & MASK, t19 & MASK, t20 & MASK, t21 & MASK, t22 & MASK,
            t23 & MASK, t24 & MASK, t25 & MASK, t26 & MASK, t26 >> 28].map(|limb| limb as i32)
    }
}
