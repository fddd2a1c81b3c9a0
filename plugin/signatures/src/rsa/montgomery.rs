//! The public operation: `base ^ exponent mod n`, without a carry flag and without 128-bit products.
//!
//! Numbers are vectors of balanced signed digits: 28 or 29 bits each, in `[-2^(W-1), 2^(W-1)]`, so that a whole column
//! of a product fits `i64` and is carried once. Arithmetic runs modulo `c * n = -1 (mod 2^W)`, which makes the
//! Montgomery quotient digit the low digit itself; the last multiplication reduces modulo `n`.
//!
//! Bounds, with `k` digits and `R = 2^(kW)`: `k * 2^(2W-2) + 2^(W+1) < 2^63`, and `c * n < R / 16`, so a product of
//! numbers up to `c * n` in size is again at most that: `(cn)^2 / R + (cn) (1/2 + 2^-W) < cn`.

#![allow(clippy::indexing_slicing, reason = "every index is a digit position below a length fixed in Modulus::new")]

use ::rsa::BoxedUint;

/// Digits come in blocks of four: four rows of a product are added in one pass over the columns.
const BLOCK: usize = 4;

/// A modulus prepared for exponentiation. Every number has `digits` digits and a block of zeros above them.
pub(super) struct Modulus {
    width: u32,
    digits: usize,
    octets: usize,
    n: Vec<i32>,
    /// `-1 / n (mod 2^width)`
    inverse: i64,
    /// `(c * n + 1) / 2^width`
    friendly: Vec<i32>,
    /// `R^2 mod n`
    r_squared: Vec<i32>,
}

impl Modulus {
    /// None unless the big-endian modulus is odd and not longer than 8192 bits.
    pub(super) fn new(modulus: &[u8]) -> Option<Self> {
        let bits = modulus.len() as u32 * 8;
        let width = if bits <= 3560 { 29 } else { 28 };
        let digits = (bits + width + 4).div_ceil(width).next_multiple_of(BLOCK as u32) as usize;
        if modulus.last()? % 2 == 0 || bits > 8192 {
            return None;
        }
        let n = number(modulus, width, digits);
        let inverse = i64::from(negative_inverse(n[0], width));

        // One digit more than `n`, and the lowest is -1.
        let mut multiple = n.iter().map(|digit| i64::from(*digit) * inverse).collect::<Vec<_>>();
        carry(&mut multiple, width);
        let mut friendly = multiple[1..].iter().map(|digit| *digit as i32).collect::<Vec<_>>();
        friendly.push(0);

        let exponent = 2 * digits as u32 * width;
        let power = BoxedUint::one_with_precision(exponent + 1).shl_vartime(exponent)?;
        let modulus_uint = BoxedUint::from_be_slice_vartime(modulus).into_nz().into_option()?;
        let r_squared = number(&power.rem_vartime(&modulus_uint).to_be_bytes(), width, digits);
        Some(Self { width, digits, octets: modulus.len(), n, inverse, friendly, r_squared })
    }

    /// `base ^ exponent mod n`, big-endian and as long as the modulus, of a big-endian base below `n` and an odd
    /// exponent of at least 3.
    pub(super) fn power(&self, base: &[u8], exponent: u32) -> Vec<u8> {
        let base = number(base, self.width, self.digits);
        let factor = self.multiply(&base, &self.r_squared);
        let mut power = factor.clone();
        for bit in (1..exponent.ilog2()).rev() {
            power = self.square(&power);
            if exponent >> bit & 1 == 1 {
                power = self.multiply(&power, &factor);
            }
        }
        // The lowest bit is set: the plain base takes R out again.
        power = self.square(&power);
        let mut columns = product(&power, &base);
        carry(&mut columns, self.width);
        self.octets(self.reduce_to_n(columns))
    }

    fn multiply(&self, a: &[i32], b: &[i32]) -> Vec<i32> {
        self.reduce(product(a, b))
    }

    fn square(&self, a: &[i32]) -> Vec<i32> {
        self.reduce(square(a))
    }

    /// The columns divided by R, modulo `c * n`.
    fn reduce(&self, mut columns: Vec<i64>) -> Vec<i32> {
        carry(&mut columns, self.width);
        let width = self.width;
        reduce(&mut columns, &self.friendly, self.digits, |column| {
            let digit = balanced(column, width);
            (digit, (column - digit) >> width)
        });
        self.upper_half(columns)
    }

    /// The columns divided by R, modulo `n`.
    fn reduce_to_n(&self, mut columns: Vec<i64>) -> Vec<i32> {
        let (width, inverse, lowest) = (self.width, self.inverse, i64::from(self.n[0]));
        reduce(&mut columns, &self.n[1..], self.digits, |column| {
            let digit = balanced(balanced(column, width) * inverse, width);
            (digit, (column + digit * lowest) >> width)
        });
        self.upper_half(columns)
    }

    fn upper_half(&self, mut columns: Vec<i64>) -> Vec<i32> {
        let upper = &mut columns[self.digits..];
        carry(upper, self.width);
        upper.iter().map(|digit| *digit as i32).collect()
    }

    /// Big-endian octets of a number between `-n` and `n`, modulo `n`.
    fn octets(&self, mut number: Vec<i32>) -> Vec<u8> {
        if number.iter().rev().find(|digit| **digit != 0).is_some_and(|digit| *digit < 0) {
            number.iter_mut().zip(&self.n).for_each(|(digit, n)| *digit += n);
        }
        let mut octets = Vec::with_capacity(self.octets + BLOCK);
        let (mut window, mut bits) = (0, 0);
        for digit in number {
            window += i64::from(digit) << bits;
            bits += self.width;
            while bits >= 8 {
                octets.push(window as u8);
                window >>= 8;
                bits -= 8;
            }
        }
        octets.truncate(self.octets);
        octets.reverse();
        octets
    }
}

/// Balanced digits of a big-endian number, least significant first.
fn number(octets: &[u8], width: u32, digits: usize) -> Vec<i32> {
    let mut number = Vec::with_capacity(digits + BLOCK);
    let (mut window, mut bits) = (0, 0);
    for octet in octets.iter().rev() {
        window += i64::from(*octet) << bits;
        bits += 8;
        if bits >= width {
            let digit = balanced(window, width);
            number.push(digit as i32);
            window = (window - digit) >> width;
            bits -= width;
        }
    }
    number.push(window as i32);
    number.resize(digits + BLOCK, 0);
    number
}

/// `-1 / n (mod 2^width)` of an odd `n`, by Newton's iteration from 3 correct bits.
fn negative_inverse(n: i32, width: u32) -> i32 {
    let inverse = (0..4).fold(n, |x, _| x.wrapping_mul(2i32.wrapping_sub(n.wrapping_mul(x))));
    inverse.wrapping_neg() & ((1 << width) - 1)
}

/// The representative of `value` modulo `2^width` in `[-2^(width-1), 2^(width-1))`.
#[inline(always)]
fn balanced(value: i64, width: u32) -> i64 {
    let unused = 64 - width;
    value << unused >> unused
}

/// Carries every column into the next; the last takes what is left.
fn carry(columns: &mut [i64], width: u32) {
    let mut carry = 0;
    for column in columns {
        *column += carry;
        let digit = balanced(*column, width);
        carry = (*column - digit) >> width;
        *column = digit;
    }
}

fn product(a: &[i32], b: &[i32]) -> Vec<i64> {
    let digits = a.len() - BLOCK;
    let mut columns = vec![0; 2 * digits + BLOCK];
    for (row, block) in a[..digits].as_chunks::<BLOCK>().0.iter().enumerate() {
        accumulate(&mut columns[BLOCK * row..], block.map(i64::from), [0; 3], b);
    }
    columns
}

fn square(a: &[i32]) -> Vec<i64> {
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
fn accumulate(columns: &mut [i64], [m0, m1, m2, m3]: [i64; 4], [mut x, mut y, mut z]: [i64; 3], v: &[i32]) {
    for (columns, v) in columns.as_chunks_mut::<BLOCK>().0.iter_mut().zip(v.as_chunks::<BLOCK>().0) {
        let [a, b, c, d] = v.map(i64::from);
        columns[0] += m0 * a + m1 * x + m2 * y + m3 * z;
        columns[1] += m0 * b + m1 * a + m2 * x + m3 * y;
        columns[2] += m0 * c + m1 * b + m2 * a + m3 * x;
        columns[3] += m0 * d + m1 * c + m2 * b + m3 * a;
        [x, y, z] = [d, c, b];
    }
}

#[cfg(test)]
mod tests;
