//! The field of P-521: 19 limbs of 28 bits, Montgomery form with R = 2^532.
// Written by generate.py.

use crate::{field::Field, inverse::Modulus, weierstrass::Curve};

pub(crate) struct Parameters;

impl Field<19> for Parameters {
    const WIDTH: u32 = 28;
    const TOP: u32 = 17;
    const PRIME: [i32; 19] = [0xfffffff, 0xfffffff, 0xfffffff, 0xfffffff, 0xfffffff, 0xfffffff, 0xfffffff, 0xfffffff,
        0xfffffff, 0xfffffff, 0xfffffff, 0xfffffff, 0xfffffff, 0xfffffff, 0xfffffff, 0xfffffff, 0xfffffff, 0xfffffff,
        0x1ffff];
    const PRIME_30: Modulus<19> = Modulus::new([0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3fffffff,
        0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3fffffff,
        0x3fffffff, 0x3fffffff, 0x3fffffff, 0x7ff, 0x0], 0x3fffffff);

    #[inline(never)]
    fn mul(a: &[i32; 19], b: &[i32; 19]) -> [i32; 19] {
        const MASK: i64 = (1 << 28) - 1;
        let [a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18] = a.map(i64::from);
        let [b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15, b16, b17, b18] = b.map(i64::from);
        let t0 = a0 * b0;
        let m0 = t0 & MASK;
        let t1 = (t0 >> 28) + a0 * b1 + a1 * b0;
        let m1 = t1 & MASK;
        let t2 = (t1 >> 28) + a0 * b2 + a1 * b1 + a2 * b0;
        let m2 = t2 & MASK;
        let t3 = (t2 >> 28) + a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0;
        let m3 = t3 & MASK;
        let t4 = (t3 >> 28) + a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0;
        let m4 = t4 & MASK;
        let t5 = (t4 >> 28) + a0 * b5 + a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1 + a5 * b0;
        let m5 = t5 & MASK;
        let t6 = (t5 >> 28) + a0 * b6 + a1 * b5 + a2 * b4 + a3 * b3 + a4 * b2 + a5 * b1 + a6 * b0;
        let m6 = t6 & MASK;
        let t7 = (t6 >> 28) + a0 * b7 + a1 * b6 + a2 * b5 + a3 * b4 + a4 * b3 + a5 * b2 + a6 * b1 + a7 * b0;
        let m7 = t7 & MASK;
        let t8 = (t7 >> 28) + a0 * b8 + a1 * b7 + a2 * b6 + a3 * b5 + a4 * b4 + a5 * b3 + a6 * b2 + a7 * b1 + a8 * b0;
        let m8 = t8 & MASK;
        let t9 = (t8 >> 28) + a0 * b9 + a1 * b8 + a2 * b7 + a3 * b6 + a4 * b5 + a5 * b4 + a6 * b3 + a7 * b2 + a8 * b1
            + a9 * b0;
        let m9 = t9 & MASK;
        let t10 = (t9 >> 28) + a0 * b10 + a1 * b9 + a2 * b8 + a3 * b7 + a4 * b6 + a5 * b5 + a6 * b4 + a7 * b3
            + a8 * b2 + a9 * b1 + a10 * b0;
        let m10 = t10 & MASK;
        let t11 = (t10 >> 28) + a0 * b11 + a1 * b10 + a2 * b9 + a3 * b8 + a4 * b7 + a5 * b6 + a6 * b5 + a7 * b4
            + a8 * b3 + a9 * b2 + a10 * b1 + a11 * b0;
        let m11 = t11 & MASK;
        let t12 = (t11 >> 28) + a0 * b12 + a1 * b11 + a2 * b10 + a3 * b9 + a4 * b8 + a5 * b7 + a6 * b6 + a7 * b5
            + a8 * b4 + a9 * b3 + a10 * b2 + a11 * b1 + a12 * b0;
        let m12 = t12 & MASK;
        let t13 = (t12 >> 28) + a0 * b13 + a1 * b12 + a2 * b11 + a3 * b10 + a4 * b9 + a5 * b8 + a6 * b7 + a7 * b6
            + a8 * b5 + a9 * b4 + a10 * b3 + a11 * b2 + a12 * b1 + a13 * b0;
        let m13 = t13 & MASK;
        let t14 = (t13 >> 28) + a0 * b14 + a1 * b13 + a2 * b12 + a3 * b11 + a4 * b10 + a5 * b9 + a6 * b8 + a7 * b7
            + a8 * b6 + a9 * b5 + a10 * b4 + a11 * b3 + a12 * b2 + a13 * b1 + a14 * b0;
        let m14 = t14 & MASK;
        let t15 = (t14 >> 28) + a0 * b15 + a1 * b14 + a2 * b13 + a3 * b12 + a4 * b11 + a5 * b10 + a6 * b9 + a7 * b8
            + a8 * b7 + a9 * b6 + a10 * b5 + a11 * b4 + a12 * b3 + a13 * b2 + a14 * b1 + a15 * b0;
        let m15 = t15 & MASK;
        let t16 = (t15 >> 28) + a0 * b16 + a1 * b15 + a2 * b14 + a3 * b13 + a4 * b12 + a5 * b11 + a6 * b10 + a7 * b9
            + a8 * b8 + a9 * b7 + a10 * b6 + a11 * b5 + a12 * b4 + a13 * b3 + a14 * b2 + a15 * b1 + a16 * b0;
        let m16 = t16 & MASK;
        let t17 = (t16 >> 28) + a0 * b17 + a1 * b16 + a2 * b15 + a3 * b14 + a4 * b13 + a5 * b12 + a6 * b11 + a7 * b10
            + a8 * b9 + a9 * b8 + a10 * b7 + a11 * b6 + a12 * b5 + a13 * b4 + a14 * b3 + a15 * b2 + a16 * b1
            + a17 * b0;
        let m17 = t17 & MASK;
        let t18 = (t17 >> 28) + a0 * b18 + a1 * b17 + a2 * b16 + a3 * b15 + a4 * b14 + a5 * b13 + a6 * b12 + a7 * b11
            + a8 * b10 + a9 * b9 + a10 * b8 + a11 * b7 + a12 * b6 + a13 * b5 + a14 * b4 + a15 * b3 + a16 * b2
            + a17 * b1 + a18 * b0 + (m0 << 17);
        let m18 = t18 & MASK;
        let t19 = (t18 >> 28) + a1 * b18 + a2 * b17 + a3 * b16 + a4 * b15 + a5 * b14 + a6 * b13 + a7 * b12 + a8 * b11
            + a9 * b10 + a10 * b9 + a11 * b8 + a12 * b7 + a13 * b6 + a14 * b5 + a15 * b4 + a16 * b3 + a17 * b2
            + a18 * b1 + (m1 << 17);
        let t20 = (t19 >> 28) + a2 * b18 + a3 * b17 + a4 * b16 + a5 * b15 + a6 * b14 + a7 * b13 + a8 * b12 + a9 * b11
            + a10 * b10 + a11 * b9 + a12 * b8 + a13 * b7 + a14 * b6 + a15 * b5 + a16 * b4 + a17 * b3 + a18 * b2
            + (m2 << 17);
        let t21 = (t20 >> 28) + a3 * b18 + a4 * b17 + a5 * b16 + a6 * b15 + a7 * b14 + a8 * b13 + a9 * b12 + a10 * b11
            + a11 * b10 + a12 * b9 + a13 * b8 + a14 * b7 + a15 * b6 + a16 * b5 + a17 * b4 + a18 * b3 + (m3 << 17);
        let t22 = (t21 >> 28) + a4 * b18 + a5 * b17 + a6 * b16 + a7 * b15 + a8 * b14 + a9 * b13 + a10 * b12
            + a11 * b11 + a12 * b10 + a13 * b9 + a14 * b8 + a15 * b7 + a16 * b6 + a17 * b5 + a18 * b4 + (m4 << 17);
        let t23 = (t22 >> 28) + a5 * b18 + a6 * b17 + a7 * b16 + a8 * b15 + a9 * b14 + a10 * b13 + a11 * b12
            + a12 * b11 + a13 * b10 + a14 * b9 + a15 * b8 + a16 * b7 + a17 * b6 + a18 * b5 + (m5 << 17);
        let t24 = (t23 >> 28) + a6 * b18 + a7 * b17 + a8 * b16 + a9 * b15 + a10 * b14 + a11 * b13 + a12 * b12
            + a13 * b11 + a14 * b10 + a15 * b9 + a16 * b8 + a17 * b7 + a18 * b6 + (m6 << 17);
        let t25 = (t24 >> 28) + a7 * b18 + a8 * b17 + a9 * b16 + a10 * b15 + a11 * b14 + a12 * b13 + a13 * b12
            + a14 * b11 + a15 * b10 + a16 * b9 + a17 * b8 + a18 * b7 + (m7 << 17);
        let t26 = (t25 >> 28) + a8 * b18 + a9 * b17 + a10 * b16 + a11 * b15 + a12 * b14 + a13 * b13 + a14 * b12
            + a15 * b11 + a16 * b10 + a17 * b9 + a18 * b8 + (m8 << 17);
        let t27 = (t26 >> 28) + a9 * b18 + a10 * b17 + a11 * b16 + a12 * b15 + a13 * b14 + a14 * b13 + a15 * b12
            + a16 * b11 + a17 * b10 + a18 * b9 + (m9 << 17);
        let t28 = (t27 >> 28) + a10 * b18 + a11 * b17 + a12 * b16 + a13 * b15 + a14 * b14 + a15 * b13 + a16 * b12
            + a17 * b11 + a18 * b10 + (m10 << 17);
        let t29 = (t28 >> 28) + a11 * b18 + a12 * b17 + a13 * b16 + a14 * b15 + a15 * b14 + a16 * b13 + a17 * b12
            + a18 * b11 + (m11 << 17);
        let t30 = (t29 >> 28) + a12 * b18 + a13 * b17 + a14 * b16 + a15 * b15 + a16 * b14 + a17 * b13 + a18 * b12
            + (m12 << 17);
        let t31 = (t30 >> 28) + a13 * b18 + a14 * b17 + a15 * b16 + a16 * b15 + a17 * b14 + a18 * b13 + (m13 << 17);
        let t32 = (t31 >> 28) + a14 * b18 + a15 * b17 + a16 * b16 + a17 * b15 + a18 * b14 + (m14 << 17);
        let t33 = (t32 >> 28) + a15 * b18 + a16 * b17 + a17 * b16 + a18 * b15 + (m15 << 17);
        let t34 = (t33 >> 28) + a16 * b18 + a17 * b17 + a18 * b16 + (m16 << 17);
        let t35 = (t34 >> 28) + a17 * b18 + a18 * b17 + (m17 << 17);
        let t36 = (t35 >> 28) + a18 * b18 + (m18 << 17);
        [t19 & MASK, t20 & MASK, t21 & MASK, t22 & MASK, t23 & MASK, t24 & MASK, t25 & MASK, t26 & MASK, t27 & MASK,
            t28 & MASK, t29 & MASK, t30 & MASK, t31 & MASK, t32 & MASK, t33 & MASK, t34 & MASK, t35 & MASK,
            t36 & MASK, t36 >> 28].map(|limb| limb as i32)
    }

    fn sqr(a: &[i32; 19]) -> [i32; 19] {
        Self::sqr_add(a, &[0; 19])
    }
}

impl Curve<19> for Parameters {
    const R_SQUARED: [i32; 19] = [0x400000, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0,
        0x0, 0x0, 0x0];
    const ORDER: [i32; 19] = [0x1386409, 0x6fb71e9, 0xc47aebb, 0xc9b8899, 0x5d03bb5, 0x48f709a, 0xb7fcc01, 0xbf2f966,
        0x1868783, 0xfffffa5, 0xfffffff, 0xfffffff, 0xfffffff, 0xfffffff, 0xfffffff, 0xfffffff, 0xfffffff, 0xfffffff,
        0x1ffff];
    const ORDER_30: Modulus<19> = Modulus::new([0x11386409, 0x2dbedc7a, 0x19c47aeb, 0x2d726e22, 0x9a5d03b, 0x300523dc,
        0x3966b7fc, 0x21e0efcb, 0x3ffa5186, 0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3fffffff,
        0x3fffffff, 0x3fffffff, 0x7ff, 0x0], 0x6566a39);
    const GENERATOR_X: [i32; 19] = [0xdeb331a, 0xf18e172, 0x4dfcbf3, 0xc2b521, 0x19a459e, 0x17fd46f, 0xee093d,
        0x3ac947f, 0xaf3bf7f, 0xedd50a5, 0xb035a69, 0xfc1457, 0x829fda9, 0xe32409c, 0xcada214, 0xf65b311, 0x74e6cf1,
        0x35b8202, 0x2c70];
    const GENERATOR_Y: [i32; 19] = [0xb328460, 0xa3b4fe8, 0x20445f4, 0x3513961, 0x9a9e384, 0xfd683b0, 0xa85c809,
        0xa132062, 0x394caf7, 0x3164bf7, 0x8b939f3, 0x40bd7de, 0xabcda23, 0xc7aa224, 0x3e8decc, 0x52fda16, 0xe0022e4,
        0x53c4d1d, 0x1c94b];

    #[inline(never)]
    fn sqr_add(a: &[i32; 19], s: &[i32; 19]) -> [i32; 19] {
        const MASK: i64 = (1 << 28) - 1;
        let [a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18] = a.map(i64::from);
        let [s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15, s16, s17, s18] = s.map(i64::from);
        let [d0, d1, d2, d3, d4, d5, d6, d7, d8, d9, d10, d11, d12, d13, d14, d15, d16, d17,
            _] = a.map(|limb| 2 * i64::from(limb));
        let t0 = a0 * a0;
        let m0 = t0 & MASK;
        let t1 = (t0 >> 28) + d0 * a1;
        let m1 = t1 & MASK;
        let t2 = (t1 >> 28) + d0 * a2 + a1 * a1;
        let m2 = t2 & MASK;
        let t3 = (t2 >> 28) + d0 * a3 + d1 * a2;
        let m3 = t3 & MASK;
        let t4 = (t3 >> 28) + d0 * a4 + d1 * a3 + a2 * a2;
        let m4 = t4 & MASK;
        let t5 = (t4 >> 28) + d0 * a5 + d1 * a4 + d2 * a3;
        let m5 = t5 & MASK;
        let t6 = (t5 >> 28) + d0 * a6 + d1 * a5 + d2 * a4 + a3 * a3;
        let m6 = t6 & MASK;
        let t7 = (t6 >> 28) + d0 * a7 + d1 * a6 + d2 * a5 + d3 * a4;
        let m7 = t7 & MASK;
        let t8 = (t7 >> 28) + d0 * a8 + d1 * a7 + d2 * a6 + d3 * a5 + a4 * a4;
        let m8 = t8 & MASK;
        let t9 = (t8 >> 28) + d0 * a9 + d1 * a8 + d2 * a7 + d3 * a6 + d4 * a5;
        let m9 = t9 & MASK;
        let t10 = (t9 >> 28) + d0 * a10 + d1 * a9 + d2 * a8 + d3 * a7 + d4 * a6 + a5 * a5;
        let m10 = t10 & MASK;
        let t11 = (t10 >> 28) + d0 * a11 + d1 * a10 + d2 * a9 + d3 * a8 + d4 * a7 + d5 * a6;
        let m11 = t11 & MASK;
        let t12 = (t11 >> 28) + d0 * a12 + d1 * a11 + d2 * a10 + d3 * a9 + d4 * a8 + d5 * a7 + a6 * a6;
        let m12 = t12 & MASK;
        let t13 = (t12 >> 28) + d0 * a13 + d1 * a12 + d2 * a11 + d3 * a10 + d4 * a9 + d5 * a8 + d6 * a7;
        let m13 = t13 & MASK;
        let t14 = (t13 >> 28) + d0 * a14 + d1 * a13 + d2 * a12 + d3 * a11 + d4 * a10 + d5 * a9 + d6 * a8 + a7 * a7;
        let m14 = t14 & MASK;
        let t15 = (t14 >> 28) + d0 * a15 + d1 * a14 + d2 * a13 + d3 * a12 + d4 * a11 + d5 * a10 + d6 * a9 + d7 * a8;
        let m15 = t15 & MASK;
        let t16 = (t15 >> 28) + d0 * a16 + d1 * a15 + d2 * a14 + d3 * a13 + d4 * a12 + d5 * a11 + d6 * a10 + d7 * a9
            + a8 * a8;
        let m16 = t16 & MASK;
        let t17 = (t16 >> 28) + d0 * a17 + d1 * a16 + d2 * a15 + d3 * a14 + d4 * a13 + d5 * a12 + d6 * a11 + d7 * a10
            + d8 * a9;
        let m17 = t17 & MASK;
        let t18 = (t17 >> 28) + d0 * a18 + d1 * a17 + d2 * a16 + d3 * a15 + d4 * a14 + d5 * a13 + d6 * a12 + d7 * a11
            + d8 * a10 + a9 * a9 + (m0 << 17);
        let m18 = t18 & MASK;
        let t19 = (t18 >> 28) + d1 * a18 + d2 * a17 + d3 * a16 + d4 * a15 + d5 * a14 + d6 * a13 + d7 * a12 + d8 * a11
            + d9 * a10 + (m1 << 17) + s0;
        let t20 = (t19 >> 28) + d2 * a18 + d3 * a17 + d4 * a16 + d5 * a15 + d6 * a14 + d7 * a13 + d8 * a12 + d9 * a11
            + a10 * a10 + (m2 << 17) + s1;
        let t21 = (t20 >> 28) + d3 * a18 + d4 * a17 + d5 * a16 + d6 * a15 + d7 * a14 + d8 * a13 + d9 * a12 + d10 * a11
            + (m3 << 17) + s2;
        let t22 = (t21 >> 28) + d4 * a18 + d5 * a17 + d6 * a16 + d7 * a15 + d8 * a14 + d9 * a13 + d10 * a12
            + a11 * a11 + (m4 << 17) + s3;
        let t23 = (t22 >> 28) + d5 * a18 + d6 * a17 + d7 * a16 + d8 * a15 + d9 * a14 + d10 * a13 + d11 * a12
            + (m5 << 17) + s4;
        let t24 = (t23 >> 28) + d6 * a18 + d7 * a17 + d8 * a16 + d9 * a15 + d10 * a14 + d11 * a13 + a12 * a12
            + (m6 << 17) + s5;
        let t25 = (t24 >> 28) + d7 * a18 + d8 * a17 + d9 * a16 + d10 * a15 + d11 * a14 + d12 * a13 + (m7 << 17) + s6;
        let t26 = (t25 >> 28) + d8 * a18 + d9 * a17 + d10 * a16 + d11 * a15 + d12 * a14 + a13 * a13 + (m8 << 17) + s7;
        let t27 = (t26 >> 28) + d9 * a18 + d10 * a17 + d11 * a16 + d12 * a15 + d13 * a14 + (m9 << 17) + s8;
        let t28 = (t27 >> 28) + d10 * a18 + d11 * a17 + d12 * a16 + d13 * a15 + a14 * a14 + (m10 << 17) + s9;
        let t29 = (t28 >> 28) + d11 * a18 + d12 * a17 + d13 * a16 + d14 * a15 + (m11 << 17) + s10;
        let t30 = (t29 >> 28) + d12 * a18 + d13 * a17 + d14 * a16 + a15 * a15 + (m12 << 17) + s11;
        let t31 = (t30 >> 28) + d13 * a18 + d14 * a17 + d15 * a16 + (m13 << 17) + s12;
        let t32 = (t31 >> 28) + d14 * a18 + d15 * a17 + a16 * a16 + (m14 << 17) + s13;
        let t33 = (t32 >> 28) + d15 * a18 + d16 * a17 + (m15 << 17) + s14;
        let t34 = (t33 >> 28) + d16 * a18 + a17 * a17 + (m16 << 17) + s15;
        let t35 = (t34 >> 28) + d17 * a18 + (m17 << 17) + s16;
        let t36 = (t35 >> 28) + a18 * a18 + (m18 << 17) + s17;
        [t19 & MASK, t20 & MASK, t21 & MASK, t22 & MASK, t23 & MASK, t24 & MASK, t25 & MASK, t26 & MASK, t27 & MASK,
            t28 & MASK, t29 & MASK, t30 & MASK, t31 & MASK, t32 & MASK, t33 & MASK, t34 & MASK, t35 & MASK,
            t36 & MASK, (t36 >> 28) + s18].map(|limb| limb as i32)
    }

    #[inline(never)]
    fn mul_sub(a: &[i32; 19], b: &[i32; 19], e: &[i32; 19], f: &[i32; 19]) -> [i32; 19] {
        const MASK: i64 = (1 << 28) - 1;
        let [a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18] = a.map(i64::from);
        let [b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15, b16, b17, b18] = b.map(i64::from);
        let [e0, e1, e2, e3, e4, e5, e6, e7, e8, e9, e10, e11, e12, e13, e14, e15, e16, e17, e18] = e.map(i64::from);
        let [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18] = f.map(i64::from);
        let t0 = a0 * b0 - e0 * f0;
        let m0 = t0 & MASK;
        let t1 = (t0 >> 28) + a0 * b1 + a1 * b0 - e0 * f1 - e1 * f0;
        let m1 = t1 & MASK;
        let t2 = (t1 >> 28) + a0 * b2 + a1 * b1 + a2 * b0 - e0 * f2 - e1 * f1 - e2 * f0;
        let m2 = t2 & MASK;
        let t3 = (t2 >> 28) + a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0 - e0 * f3 - e1 * f2 - e2 * f1 - e3 * f0;
        let m3 = t3 & MASK;
        let t4 = (t3 >> 28) + a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0 - e0 * f4 - e1 * f3 - e2 * f2 - e3 * f1
            - e4 * f0;
        let m4 = t4 & MASK;
        let t5 = (t4 >> 28) + a0 * b5 + a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1 + a5 * b0 - e0 * f5 - e1 * f4 - e2 * f3
            - e3 * f2 - e4 * f1 - e5 * f0;
        let m5 = t5 & MASK;
        let t6 = (t5 >> 28) + a0 * b6 + a1 * b5 + a2 * b4 + a3 * b3 + a4 * b2 + a5 * b1 + a6 * b0 - e0 * f6 - e1 * f5
            - e2 * f4 - e3 * f3 - e4 * f2 - e5 * f1 - e6 * f0;
        let m6 = t6 & MASK;
        let t7 = (t6 >> 28) + a0 * b7 + a1 * b6 + a2 * b5 + a3 * b4 + a4 * b3 + a5 * b2 + a6 * b1 + a7 * b0 - e0 * f7
            - e1 * f6 - e2 * f5 - e3 * f4 - e4 * f3 - e5 * f2 - e6 * f1 - e7 * f0;
        let m7 = t7 & MASK;
        let t8 = (t7 >> 28) + a0 * b8 + a1 * b7 + a2 * b6 + a3 * b5 + a4 * b4 + a5 * b3 + a6 * b2 + a7 * b1 + a8 * b0
            - e0 * f8 - e1 * f7 - e2 * f6 - e3 * f5 - e4 * f4 - e5 * f3 - e6 * f2 - e7 * f1 - e8 * f0;
        let m8 = t8 & MASK;
        let t9 = (t8 >> 28) + a0 * b9 + a1 * b8 + a2 * b7 + a3 * b6 + a4 * b5 + a5 * b4 + a6 * b3 + a7 * b2 + a8 * b1
            + a9 * b0 - e0 * f9 - e1 * f8 - e2 * f7 - e3 * f6 - e4 * f5 - e5 * f4 - e6 * f3 - e7 * f2 - e8 * f1
            - e9 * f0;
        let m9 = t9 & MASK;
        let t10 = (t9 >> 28) + a0 * b10 + a1 * b9 + a2 * b8 + a3 * b7 + a4 * b6 + a5 * b5 + a6 * b4 + a7 * b3
            + a8 * b2 + a9 * b1 + a10 * b0 - e0 * f10 - e1 * f9 - e2 * f8 - e3 * f7 - e4 * f6 - e5 * f5 - e6 * f4
            - e7 * f3 - e8 * f2 - e9 * f1 - e10 * f0;
        let m10 = t10 & MASK;
        let t11 = (t10 >> 28) + a0 * b11 + a1 * b10 + a2 * b9 + a3 * b8 + a4 * b7 + a5 * b6 + a6 * b5 + a7 * b4
            + a8 * b3 + a9 * b2 + a10 * b1 + a11 * b0 - e0 * f11 - e1 * f10 - e2 * f9 - e3 * f8 - e4 * f7 - e5 * f6
            - e6 * f5 - e7 * f4 - e8 * f3 - e9 * f2 - e10 * f1 - e11 * f0;
        let m11 = t11 & MASK;
        let t12 = (t11 >> 28) + a0 * b12 + a1 * b11 + a2 * b10 + a3 * b9 + a4 * b8 + a5 * b7 + a6 * b6 + a7 * b5
            + a8 * b4 + a9 * b3 + a10 * b2 + a11 * b1 + a12 * b0 - e0 * f12 - e1 * f11 - e2 * f10 - e3 * f9 - e4 * f8
            - e5 * f7 - e6 * f6 - e7 * f5 - e8 * f4 - e9 * f3 - e10 * f2 - e11 * f1 - e12 * f0;
        let m12 = t12 & MASK;
        let t13 = (t12 >> 28) + a0 * b13 + a1 * b12 + a2 * b11 + a3 * b10 + a4 * b9 + a5 * b8 + a6 * b7 + a7 * b6
            + a8 * b5 + a9 * b4 + a10 * b3 + a11 * b2 + a12 * b1 + a13 * b0 - e0 * f13 - e1 * f12 - e2 * f11
            - e3 * f10 - e4 * f9 - e5 * f8 - e6 * f7 - e7 * f6 - e8 * f5 - e9 * f4 - e10 * f3 - e11 * f2 - e12 * f1
            - e13 * f0;
        let m13 = t13 & MASK;
        let t14 = (t13 >> 28) + a0 * b14 + a1 * b13 + a2 * b12 + a3 * b11 + a4 * b10 + a5 * b9 + a6 * b8 + a7 * b7
            + a8 * b6 + a9 * b5 + a10 * b4 + a11 * b3 + a12 * b2 + a13 * b1 + a14 * b0 - e0 * f14 - e1 * f13
            - e2 * f12 - e3 * f11 - e4 * f10 - e5 * f9 - e6 * f8 - e7 * f7 - e8 * f6 - e9 * f5 - e10 * f4 - e11 * f3
            - e12 * f2 - e13 * f1 - e14 * f0;
        let m14 = t14 & MASK;
        let t15 = (t14 >> 28) + a0 * b15 + a1 * b14 + a2 * b13 + a3 * b12 + a4 * b11 + a5 * b10 + a6 * b9 + a7 * b8
            + a8 * b7 + a9 * b6 + a10 * b5 + a11 * b4 + a12 * b3 + a13 * b2 + a14 * b1 + a15 * b0 - e0 * f15
            - e1 * f14 - e2 * f13 - e3 * f12 - e4 * f11 - e5 * f10 - e6 * f9 - e7 * f8 - e8 * f7 - e9 * f6 - e10 * f5
            - e11 * f4 - e12 * f3 - e13 * f2 - e14 * f1 - e15 * f0;
        let m15 = t15 & MASK;
        let t16 = (t15 >> 28) + a0 * b16 + a1 * b15 + a2 * b14 + a3 * b13 + a4 * b12 + a5 * b11 + a6 * b10 + a7 * b9
            + a8 * b8 + a9 * b7 + a10 * b6 + a11 * b5 + a12 * b4 + a13 * b3 + a14 * b2 + a15 * b1 + a16 * b0
            - e0 * f16 - e1 * f15 - e2 * f14 - e3 * f13 - e4 * f12 - e5 * f11 - e6 * f10 - e7 * f9 - e8 * f8 - e9 * f7
            - e10 * f6 - e11 * f5 - e12 * f4 - e13 * f3 - e14 * f2 - e15 * f1 - e16 * f0;
        let m16 = t16 & MASK;
        let t17 = (t16 >> 28) + a0 * b17 + a1 * b16 + a2 * b15 + a3 * b14 + a4 * b13 + a5 * b12 + a6 * b11 + a7 * b10
            + a8 * b9 + a9 * b8 + a10 * b7 + a11 * b6 + a12 * b5 + a13 * b4 + a14 * b3 + a15 * b2 + a16 * b1
            + a17 * b0 - e0 * f17 - e1 * f16 - e2 * f15 - e3 * f14 - e4 * f13 - e5 * f12 - e6 * f11 - e7 * f10
            - e8 * f9 - e9 * f8 - e10 * f7 - e11 * f6 - e12 * f5 - e13 * f4 - e14 * f3 - e15 * f2 - e16 * f1
            - e17 * f0;
        let m17 = t17 & MASK;
        let t18 = (t17 >> 28) + a0 * b18 + a1 * b17 + a2 * b16 + a3 * b15 + a4 * b14 + a5 * b13 + a6 * b12 + a7 * b11
            + a8 * b10 + a9 * b9 + a10 * b8 + a11 * b7 + a12 * b6 + a13 * b5 + a14 * b4 + a15 * b3 + a16 * b2
            + a17 * b1 + a18 * b0 - e0 * f18 - e1 * f17 - e2 * f16 - e3 * f15 - e4 * f14 - e5 * f13 - e6 * f12
            - e7 * f11 - e8 * f10 - e9 * f9 - e10 * f8 - e11 * f7 - e12 * f6 - e13 * f5 - e14 * f4 - e15 * f3
            - e16 * f2 - e17 * f1 - e18 * f0 + (m0 << 17);
        let m18 = t18 & MASK;
        let t19 = (t18 >> 28) + a1 * b18 + a2 * b17 + a3 * b16 + a4 * b15 + a5 * b14 + a6 * b13 + a7 * b12 + a8 * b11
            + a9 * b10 + a10 * b9 + a11 * b8 + a12 * b7 + a13 * b6 + a14 * b5 + a15 * b4 + a16 * b3 + a17 * b2
            + a18 * b1 - e1 * f18 - e2 * f17 - e3 * f16 - e4 * f15 - e5 * f14 - e6 * f13 - e7 * f12 - e8 * f11
            - e9 * f10 - e10 * f9 - e11 * f8 - e12 * f7 - e13 * f6 - e14 * f5 - e15 * f4 - e16 * f3 - e17 * f2
            - e18 * f1 + (m1 << 17);
        let t20 = (t19 >> 28) + a2 * b18 + a3 * b17 + a4 * b16 + a5 * b15 + a6 * b14 + a7 * b13 + a8 * b12 + a9 * b11
            + a10 * b10 + a11 * b9 + a12 * b8 + a13 * b7 + a14 * b6 + a15 * b5 + a16 * b4 + a17 * b3 + a18 * b2
            - e2 * f18 - e3 * f17 - e4 * f16 - e5 * f15 - e6 * f14 - e7 * f13 - e8 * f12 - e9 * f11 - e10 * f10
            - e11 * f9 - e12 * f8 - e13 * f7 - e14 * f6 - e15 * f5 - e16 * f4 - e17 * f3 - e18 * f2 + (m2 << 17);
        let t21 = (t20 >> 28) + a3 * b18 + a4 * b17 + a5 * b16 + a6 * b15 + a7 * b14 + a8 * b13 + a9 * b12 + a10 * b11
            + a11 * b10 + a12 * b9 + a13 * b8 + a14 * b7 + a15 * b6 + a16 * b5 + a17 * b4 + a18 * b3 - e3 * f18
            - e4 * f17 - e5 * f16 - e6 * f15 - e7 * f14 - e8 * f13 - e9 * f12 - e10 * f11 - e11 * f10 - e12 * f9
            - e13 * f8 - e14 * f7 - e15 * f6 - e16 * f5 - e17 * f4 - e18 * f3 + (m3 << 17);
        let t22 = (t21 >> 28) + a4 * b18 + a5 * b17 + a6 * b16 + a7 * b15 + a8 * b14 + a9 * b13 + a10 * b12
            + a11 * b11 + a12 * b10 + a13 * b9 + a14 * b8 + a15 * b7 + a16 * b6 + a17 * b5 + a18 * b4 - e4 * f18
            - e5 * f17 - e6 * f16 - e7 * f15 - e8 * f14 - e9 * f13 - e10 * f12 - e11 * f11 - e12 * f10 - e13 * f9
            - e14 * f8 - e15 * f7 - e16 * f6 - e17 * f5 - e18 * f4 + (m4 << 17);
        let t23 = (t22 >> 28) + a5 * b18 + a6 * b17 + a7 * b16 + a8 * b15 + a9 * b14 + a10 * b13 + a11 * b12
            + a12 * b11 + a13 * b10 + a14 * b9 + a15 * b8 + a16 * b7 + a17 * b6 + a18 * b5 - e5 * f18 - e6 * f17
            - e7 * f16 - e8 * f15 - e9 * f14 - e10 * f13 - e11 * f12 - e12 * f11 - e13 * f10 - e14 * f9 - e15 * f8
            - e16 * f7 - e17 * f6 - e18 * f5 + (m5 << 17);
        let t24 = (t23 >> 28) + a6 * b18 + a7 * b17 + a8 * b16 + a9 * b15 + a10 * b14 + a11 * b13 + a12 * b12
            + a13 * b11 + a14 * b10 + a15 * b9 + a16 * b8 + a17 * b7 + a18 * b6 - e6 * f18 - e7 * f17 - e8 * f16
            - e9 * f15 - e10 * f14 - e11 * f13 - e12 * f12 - e13 * f11 - e14 * f10 - e15 * f9 - e16 * f8 - e17 * f7
            - e18 * f6 + (m6 << 17);
        let t25 = (t24 >> 28) + a7 * b18 + a8 * b17 + a9 * b16 + a10 * b15 + a11 * b14 + a12 * b13 + a13 * b12
            + a14 * b11 + a15 * b10 + a16 * b9 + a17 * b8 + a18 * b7 - e7 * f18 - e8 * f17 - e9 * f16 - e10 * f15
            - e11 * f14 - e12 * f13 - e13 * f12 - e14 * f11 - e15 * f10 - e16 * f9 - e17 * f8 - e18 * f7 + (m7 << 17);
        let t26 = (t25 >> 28) + a8 * b18 + a9 * b17 + a10 * b16 + a11 * b15 + a12 * b14 + a13 * b13 + a14 * b12
            + a15 * b11 + a16 * b10 + a17 * b9 + a18 * b8 - e8 * f18 - e9 * f17 - e10 * f16 - e11 * f15 - e12 * f14
            - e13 * f13 - e14 * f12 - e15 * f11 - e16 * f10 - e17 * f9 - e18 * f8 + (m8 << 17);
        let t27 = (t26 >> 28) + a9 * b18 + a10 * b17 + a11 * b16 + a12 * b15 + a13 * b14 + a14 * b13 + a15 * b12
            + a16 * b11 + a17 * b10 + a18 * b9 - e9 * f18 - e10 * f17 - e11 * f16 - e12 * f15 - e13 * f14 - e14 * f13
            - e15 * f12 - e16 * f11 - e17 * f10 - e18 * f9 + (m9 << 17);
        let t28 = (t27 >> 28) + a10 * b18 + a11 * b17 + a12 * b16 + a13 * b15 + a14 * b14 + a15 * b13 + a16 * b12
            + a17 * b11 + a18 * b10 - e10 * f18 - e11 * f17 - e12 * f16 - e13 * f15 - e14 * f14 - e15 * f13
            - e16 * f12 - e17 * f11 - e18 * f10 + (m10 << 17);
        let t29 = (t28 >> 28) + a11 * b18 + a12 * b17 + a13 * b16 + a14 * b15 + a15 * b14 + a16 * b13 + a17 * b12
            + a18 * b11 - e11 * f18 - e12 * f17 - e13 * f16 - e14 * f15 - e15 * f14 - e16 * f13 - e17 * f12
            - e18 * f11 + (m11 << 17);
        let t30 = (t29 >> 28) + a12 * b18 + a13 * b17 + a14 * b16 + a15 * b15 + a16 * b14 + a17 * b13 + a18 * b12
            - e12 * f18 - e13 * f17 - e14 * f16 - e15 * f15 - e16 * f14 - e17 * f13 - e18 * f12 + (m12 << 17);
        let t31 = (t30 >> 28) + a13 * b18 + a14 * b17 + a15 * b16 + a16 * b15 + a17 * b14 + a18 * b13 - e13 * f18
            - e14 * f17 - e15 * f16 - e16 * f15 - e17 * f14 - e18 * f13 + (m13 << 17);
        let t32 = (t31 >> 28) + a14 * b18 + a15 * b17 + a16 * b16 + a17 * b15 + a18 * b14 - e14 * f18 - e15 * f17
            - e16 * f16 - e17 * f15 - e18 * f14 + (m14 << 17);
        let t33 = (t32 >> 28) + a15 * b18 + a16 * b17 + a17 * b16 + a18 * b15 - e15 * f18 - e16 * f17 - e17 * f16
            - e18 * f15 + (m15 << 17);
        let t34 = (t33 >> 28) + a16 * b18 + a17 * b17 + a18 * b16 - e16 * f18 - e17 * f17 - e18 * f16 + (m16 << 17);
        let t35 = (t34 >> 28) + a17 * b18 + a18 * b17 - e17 * f18 - e18 * f17 + (m17 << 17);
        let t36 = (t35 >> 28) + a18 * b18 - e18 * f18 + (m18 << 17);
        [t19 & MASK, t20 & MASK, t21 & MASK, t22 & MASK, t23 & MASK, t24 & MASK, t25 & MASK, t26 & MASK, t27 & MASK,
            t28 & MASK, t29 & MASK, t30 & MASK, t31 & MASK, t32 & MASK, t33 & MASK, t34 & MASK, t35 & MASK,
            t36 & MASK, t36 >> 28].map(|limb| limb as i32)
    }
}
