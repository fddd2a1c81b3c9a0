//! Products and reductions digit by digit. Four rows of a product are added in one pass over the columns.

use super::{BLOCK, NARROW, Parts, WIDE, balanced, split};

/// Numbers here have a block of zeros above their digits.
pub(crate) struct Kernel {
    width: u32,
    digits: usize,
    n: Vec<i32>,
    /// `-1 / n (mod 2^width)`
    inverse: i64,
    /// `(c * n + 1) / 2^width`
    friendly: Vec<i32>,
    /// `R^2 mod n`
    r_squared: Vec<i32>,
}

impl super::Kernel for Kernel {
    fn new(parts: &Parts) -> Self {
        Self {
            width: parts.width,
            digits: parts.n.len(),
            n: padded(&parts.n),
            inverse: parts.inverse,
            friendly: padded(&parts.friendly)[1..].to_vec(),
            r_squared: padded(&parts.r_squared),
        }
    }

    fn power(&self, base: &[i32], exponent: u32) -> Vec<i32> {
        match self.width {
            WIDE => self.power_of::<WIDE>(&padded(base), exponent),
            _ => self.power_of::<NARROW>(&padded(base), exponent),
        }
    }
}

impl Kernel {
    fn power_of<const WIDTH: u32>(&self, base: &[i32], exponent: u32) -> Vec<i32> {
        let factor = self.multiply::<WIDTH>(base, &self.r_squared);
        let mut power = self.square::<WIDTH>(&factor);
        for bit in (1..exponent.ilog2()).rev() {
            if exponent >> bit & 1 == 1 {
                power = self.multiply::<WIDTH>(&power, &factor);
            }
            power = self.square::<WIDTH>(&power);
        }
        // The lowest bit is set: the plain base takes R out again.
        let (inverse, lowest) = (self.inverse, i64::from(self.n[0]));
        self.reduced::<WIDTH>(product(&power, base), &self.n[1..], |column| {
            let digit = balanced::<WIDTH>(balanced::<WIDTH>(column) * inverse);
            (digit, (column + digit * lowest) >> WIDTH)
        })
    }

    pub(super) fn multiply<const WIDTH: u32>(&self, a: &[i32], b: &[i32]) -> Vec<i32> {
        self.reduced::<WIDTH>(product(a, b), &self.friendly, split::<WIDTH>)
    }

    pub(super) fn square<const WIDTH: u32>(&self, a: &[i32]) -> Vec<i32> {
        self.reduced::<WIDTH>(square(a), &self.friendly, split::<WIDTH>)
    }

    /// The columns divided by R, modulo `lowest + 2^width * v`.
    #[inline(always)]
    fn reduced<const WIDTH: u32>(
        &self,
        mut columns: Vec<i64>,
        v: &[i32],
        quotient: impl Fn(i64) -> (i64, i64),
    ) -> Vec<i32> {
        carry::<WIDTH>(&mut columns);
        reduce(&mut columns, v, self.digits, quotient);
        let upper = &mut columns[self.digits..];
        carry::<WIDTH>(upper);
        upper.iter().map(|digit| *digit as i32).collect()
    }
}

fn padded(number: &[i32]) -> Vec<i32> {
    [number, &[0; BLOCK]].concat()
}

/// Carries every column into the next; the last takes what is left.
#[inline(never)]
fn carry<const WIDTH: u32>(columns: &mut [i64]) {
    let mut above = 0;
    for column in columns {
        (*column, above) = split::<WIDTH>(*column + above);
    }
}

pub(super) fn product(a: &[i32], b: &[i32]) -> Vec<i64> {
    let digits = a.len() - BLOCK;
    let mut columns = vec![0; 2 * digits + BLOCK];
    for (row, block) in a[..digits].as_chunks::<BLOCK>().0.iter().enumerate() {
        accumulate(&mut columns[BLOCK * row..], block.map(i64::from), [0; 3], b);
    }
    columns
}

pub(super) fn square(a: &[i32]) -> Vec<i64> {
    let digits = a.len() - BLOCK;
    let mut columns = vec![0; 2 * digits + BLOCK];
    for (row, block) in a[..digits].as_chunks::<BLOCK>().0.iter().enumerate() {
        let [p, q, r, s] = block.map(i64::from);
        let columns = &mut columns[2 * BLOCK * row..];
        columns[0] += p * p;
        columns[1] += 2 * p * q;
        columns[2] += 2 * p * r + q * q;
        columns[3] += 2 * (p * s + q * r);
        columns[4] += 2 * q * s + r * r;
        columns[5] += 2 * r * s;
        columns[6] += s * s;
        accumulate(&mut columns[BLOCK..], [2 * p, 2 * q, 2 * r, 2 * s], [0; 3], &a[BLOCK * (row + 1)..]);
    }
    columns
}

/// Clears the lower `digits` columns by multiples of `lowest + 2^width * v`. `quotient` gives the digit that clears
/// a column and what it carries into the next.
#[inline(always)]
fn reduce(columns: &mut [i64], v: &[i32], digits: usize, quotient: impl Fn(i64) -> (i64, i64)) {
    let [v0, v1, v2] = [v[0], v[1], v[2]].map(i64::from);
    for row in (0..digits).step_by(BLOCK) {
        let (lower, upper) = columns[row..].split_at_mut(BLOCK);
        let (m0, carry) = quotient(lower[0]);
        let (m1, carry) = quotient(lower[1] + carry + m0 * v0);
        let (m2, carry) = quotient(lower[2] + carry + m0 * v1 + m1 * v0);
        let (m3, carry) = quotient(lower[3] + carry + m0 * v2 + m1 * v1 + m2 * v0);
        upper[0] += carry;
        accumulate(upper, [m0, m1, m2, m3], [v2, v1, v0], &v[3..]);
    }
}

/// Adds four rows: `columns[j] += m0 v[j] + m1 v[j-1] + m2 v[j-2] + m3 v[j-3]`, where `before` is `v[-1], v[-2], v[-3]`.
/// The sliding window halves the loads.
#[inline(never)]
pub(super) fn accumulate(columns: &mut [i64], [m0, m1, m2, m3]: [i64; 4], [mut x, mut y, mut z]: [i64; 3], v: &[i32]) {
    for (columns, v) in columns.as_chunks_mut::<BLOCK>().0.iter_mut().zip(v.as_chunks::<BLOCK>().0) {
        let [a, b, c, d] = v.map(i64::from);
        columns[0] += m0 * a + m1 * x + m2 * y + m3 * z;
        columns[1] += m0 * b + m1 * a + m2 * x + m3 * y;
        columns[2] += m0 * c + m1 * b + m2 * a + m3 * x;
        columns[3] += m0 * d + m1 * c + m2 * b + m3 * a;
        [x, y, z] = [d, c, b];
    }
}
