//! Modular inversion in variable time: Bernstein and Yang's divsteps (<https://eprint.iacr.org/2019/266>) in batches of
//! 30, after `modinv32_var` of libsecp256k1, whose bounds hold for any number of limbs.

#![allow(clippy::indexing_slicing, reason = "every index is a constant or runs below the number of limbs")]

const WIDTH: u32 = 30;
const MASK: i64 = (1 << WIDTH) - 1;

/// An odd modulus in limbs of 30 bits.
pub(crate) struct Modulus<const N: usize> {
    limbs: [i32; N],
    /// `1 / modulus (mod 2^30)`
    inverse: i64,
}

impl<const N: usize> Modulus<N> {
    pub(crate) const fn new(limbs: [i32; N], inverse: i64) -> Self {
        Self { limbs, inverse }
    }

    /// `1 / value` of a value between 0 and the modulus in limbs of 30 bits; 0 if there is none.
    pub(crate) fn inverse(&self, value: &[i32; N]) -> [i32; N] {
        // The pair (f, g) walks to (gcd, 0); d and e keep f = d * value and g = e * value modulo the modulus.
        let (mut f, mut g) = (self.limbs, *value);
        let (mut d, mut e) = ([0; N], [0; N]);
        e[0] = 1;
        let (mut eta, mut length) = (-1, N);
        while g[..length].iter().any(|limb| *limb != 0) {
            let steps = thirty_steps(&mut eta, f[0], g[0]);
            self.apply_modulo(&steps, &mut d, &mut e);
            apply(&steps, &mut f[..length], &mut g[..length]);
            length = shorten(&mut f, &mut g, length);
        }
        self.normalized(d, f[length - 1] < 0)
    }

    /// `(d, e) = steps * (d, e) / 2^30` modulo the modulus, with multiples of it that keep both above `-2 modulus`.
    fn apply_modulo(&self, steps: &[i64; 4], d: &mut [i32; N], e: &mut [i32; N]) {
        let [u, v, q, r] = *steps;
        let sign = |limb: i32| i64::from(limb >> 31);
        let (sd, se) = (sign(d[N - 1]), sign(e[N - 1]));
        let (mut md, mut me) = ((u & sd) + (v & se), (q & sd) + (r & se));
        let (mut cd, mut ce) = (u * i64::from(d[0]) + v * i64::from(e[0]), q * i64::from(d[0]) + r * i64::from(e[0]));
        md -= (self.inverse * (cd & MASK) + md) & MASK;
        me -= (self.inverse * (ce & MASK) + me) & MASK;
        cd = (cd + i64::from(self.limbs[0]) * md) >> WIDTH;
        ce = (ce + i64::from(self.limbs[0]) * me) >> WIDTH;
        for i in 1..N {
            let (di, ei, modulus) = (i64::from(d[i]), i64::from(e[i]), i64::from(self.limbs[i]));
            cd += u * di + v * ei + modulus * md;
            ce += q * di + r * ei + modulus * me;
            d[i - 1] = (cd & MASK) as i32;
            e[i - 1] = (ce & MASK) as i32;
            cd >>= WIDTH;
            ce >>= WIDTH;
        }
        d[N - 1] = cd as i32;
        e[N - 1] = ce as i32;
    }

    /// `d` or `-d`, brought from `(-2 modulus, modulus)` to `[0, modulus)`.
    fn normalized(&self, d: [i32; N], negate: bool) -> [i32; N] {
        let plus = |d: [i32; N]| std::array::from_fn(|i| i64::from(d[i]) + i64::from(self.limbs[i]));
        let mut d = d;
        if d[N - 1] < 0 {
            d = crate::limbs::carry(plus(d), WIDTH);
        }
        if negate {
            d = crate::limbs::carry(d.map(|limb| -i64::from(limb)), WIDTH);
        }
        if d[N - 1] < 0 {
            d = crate::limbs::carry(plus(d), WIDTH);
        }
        d
    }
}

/// Thirty divsteps on the low limbs, as the matrix `[u, v, q, r]`.
fn thirty_steps(eta: &mut i32, f: i32, g: i32) -> [i64; 4] {
    let [mut u, mut v, mut q, mut r] = [1_i32, 0, 0, 1];
    let (mut f, mut g, mut left) = (f as u32, g as u32, WIDTH);
    loop {
        let zeros = (g | u32::MAX << left).trailing_zeros();
        g >>= zeros;
        u <<= zeros;
        v <<= zeros;
        *eta -= zeros as i32;
        left -= zeros;
        if left == 0 {
            return [u, v, q, r].map(i64::from);
        }
        if *eta < 0 {
            *eta = -*eta;
            (f, g) = (g, f.wrapping_neg());
            (u, q) = (q, -u);
            (v, r) = (r, -v);
        }
        // Up to eta + 1 steps clear as many low bits of g by one multiple of f; eight bits of -1/f are at hand.
        let limit = left.min((*eta + 1) as u32);
        let inverse = f.wrapping_mul(3) ^ 2;
        let inverse = inverse.wrapping_mul(2_u32.wrapping_sub(f.wrapping_mul(inverse)));
        let w = g.wrapping_mul(inverse.wrapping_neg()) & u32::MAX >> (32 - limit) & 255;
        g = g.wrapping_add(f.wrapping_mul(w));
        q += u * w as i32;
        r += v * w as i32;
    }
}

/// `(f, g) = steps * (f, g) / 2^30`, which is exact.
fn apply(steps: &[i64; 4], f: &mut [i32], g: &mut [i32]) {
    let [u, v, q, r] = *steps;
    let (mut cf, mut cg) = (0, 0);
    let last = f.len() - 1;
    for i in 0..=last {
        let (fi, gi) = (i64::from(f[i]), i64::from(g[i]));
        cf += u * fi + v * gi;
        cg += q * fi + r * gi;
        if i > 0 {
            f[i - 1] = (cf & MASK) as i32;
            g[i - 1] = (cg & MASK) as i32;
        }
        cf >>= WIDTH;
        cg >>= WIDTH;
    }
    f[last] = cf as i32;
    g[last] = cg as i32;
}

/// Drops the top limbs when both hold nothing but the sign.
fn shorten<const N: usize>(f: &mut [i32; N], g: &mut [i32; N], length: usize) -> usize {
    let (top_f, top_g) = (f[length - 1], g[length - 1]);
    if length < 2 || top_f != top_f >> 31 || top_g != top_g >> 31 {
        return length;
    }
    f[length - 2] |= top_f << WIDTH;
    g[length - 2] |= top_g << WIDTH;
    length - 1
}

#[cfg(test)]
mod tests;
