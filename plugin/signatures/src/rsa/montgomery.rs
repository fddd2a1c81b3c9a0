//! The public operation: `base ^ exponent mod n`, without a carry flag and without 128-bit products.
//!
//! Numbers are vectors of balanced signed digits: 28 or 29 bits each, in `[-2^(W-1), 2^(W-1)]`, so that a whole column
//! of a product fits `i64` and is carried once. Arithmetic runs modulo `c * n = -1 (mod 2^W)`, which makes the
//! Montgomery quotient digit the low digit itself; the last multiplication reduces modulo `n`.
//!
//! Bounds, with `k` digits and `R = 2^(kW)`: `k * 2^(2W-2) + 2^(W+1) < 2^63`, and `c * n < R / 16`, so a product of
//! numbers up to `c * n` in size is again at most that: `(cn)^2 / R + (cn) (1/2 + 2^-W) < cn`.
//!
//! Two kernels multiply and reduce: `scalar` everywhere, and `simd` in a module built with vector instructions.

#![allow(clippy::indexing_slicing, reason = "every index is a digit position below a length fixed in parts")]

#[cfg(any(test, not(target_feature = "simd128")))]
mod scalar;
#[cfg(any(test, target_feature = "simd128"))]
mod simd;

use ::rsa::BoxedUint;

/// Digits come in blocks of four.
const BLOCK: usize = 4;

/// Bits of a digit of moduli up to 3560 bits, and of longer ones: known to the compiler, so that shifts are short.
const WIDE: u32 = 29;
const NARROW: u32 = 28;

/// A modulus prepared for exponentiation by the kernel of this build.
#[cfg(not(target_feature = "simd128"))]
pub(crate) type Modulus = Prepared<scalar::Kernel>;
#[cfg(target_feature = "simd128")]
pub(crate) type Modulus = Prepared<simd::Kernel>;

pub(crate) struct Prepared<K> {
    width: u32,
    octets: usize,
    n: Vec<i32>,
    kernel: K,
}

/// What a kernel does: exponentiation of numbers that have as many digits as `n`.
pub(crate) trait Kernel {
    fn new(parts: &Parts) -> Self;

    /// `base ^ exponent`, between `-n` and `n`, of a base below `n` and an odd exponent of at least 3. Digits above
    /// those of `n` are zeros.
    fn power(&self, base: &[i32], exponent: u32) -> Vec<i32>;
}

/// What a kernel is made from. Every number has the same number of digits, a multiple of `BLOCK`.
pub(crate) struct Parts {
    width: u32,
    n: Vec<i32>,
    /// `-1 / n (mod 2^width)`
    inverse: i64,
    /// `c * n`, with -1 for its lowest digit.
    friendly: Vec<i32>,
    /// `R^2 mod n`
    r_squared: Vec<i32>,
}

impl<K: Kernel> Prepared<K> {
    /// None unless the big-endian modulus is odd and not longer than 8192 bits.
    pub(super) fn new(modulus: &[u8]) -> Option<Self> {
        let parts = parts(modulus)?;
        Some(Self { width: parts.width, octets: modulus.len(), kernel: K::new(&parts), n: parts.n })
    }

    /// `base ^ exponent mod n`, big-endian and as long as the modulus, of a big-endian base below `n` and an odd
    /// exponent of at least 3.
    pub(super) fn power(&self, base: &[u8], exponent: u32) -> Vec<u8> {
        self.octets(self.kernel.power(&number(base, self.width, self.n.len()), exponent))
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

fn parts(modulus: &[u8]) -> Option<Parts> {
    let bits = modulus.len() as u32 * 8;
    let width = if bits <= 3560 { WIDE } else { NARROW };
    let digits = (bits + width + 4).div_ceil(width).next_multiple_of(BLOCK as u32) as usize;
    if modulus.last()? % 2 == 0 || bits > 8192 {
        return None;
    }
    let n = number(modulus, width, digits);
    let inverse = i64::from(negative_inverse(n[0], width));
    let friendly = match width {
        WIDE => multiple::<WIDE>(&n, inverse),
        _ => multiple::<NARROW>(&n, inverse),
    };

    let exponent = 2 * digits as u32 * width;
    let power = BoxedUint::one_with_precision(exponent + 1).shl_vartime(exponent)?;
    let modulus = BoxedUint::from_be_slice_vartime(modulus).into_nz().into_option()?;
    let r_squared = number(&power.rem_vartime(&modulus).to_be_bytes(), width, digits);
    Some(Parts { width, n, inverse, friendly, r_squared })
}

/// Balanced digits of a big-endian number, least significant first.
fn number(octets: &[u8], width: u32, digits: usize) -> Vec<i32> {
    let mut number = Vec::with_capacity(digits + BLOCK);
    let (mut window, mut bits) = (0, 0);
    for octet in octets.iter().rev() {
        window += i64::from(*octet) << bits;
        bits += 8;
        if bits >= width {
            let above = (window + (1 << (width - 1))) >> width;
            number.push((window - (above << width)) as i32);
            window = above;
            bits -= width;
        }
    }
    number.push(window as i32);
    number.resize(digits, 0);
    number
}

fn multiple<const WIDTH: u32>(n: &[i32], factor: i64) -> Vec<i32> {
    let mut above = 0;
    let digit = |digit: &i32| {
        let (digit, carry) = split::<WIDTH>(i64::from(*digit) * factor + above);
        above = carry;
        digit as i32
    };
    n.iter().map(digit).collect()
}

/// `-1 / n (mod 2^width)` of an odd `n`, by Newton's iteration from 3 correct bits.
fn negative_inverse(n: i32, width: u32) -> i32 {
    let inverse = (0..4).fold(n, |x, _| x.wrapping_mul(2i32.wrapping_sub(n.wrapping_mul(x))));
    inverse.wrapping_neg() & ((1 << width) - 1)
}

/// The representative of `value` modulo `2^WIDTH` in `[-2^(WIDTH-1), 2^(WIDTH-1))`.
#[inline(always)]
fn balanced<const WIDTH: u32>(value: i64) -> i64 {
    value << (64 - WIDTH) >> (64 - WIDTH)
}

/// The balanced digit of a column and what it carries into the next, which does not wait for the digit.
#[inline(always)]
fn split<const WIDTH: u32>(column: i64) -> (i64, i64) {
    (balanced::<WIDTH>(column), (column + (1 << (WIDTH - 1))) >> WIDTH)
}

#[cfg(test)]
mod tests;
