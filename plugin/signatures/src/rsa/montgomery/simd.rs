//! Products and reductions in vectors of four digits.
//!
//! A product is scanned in tiles of four columns: each row, one digit of the left factor in all four lanes, times the
//! four digits of the right factor that meet it there. Those begin at any digit, so the right factor is kept in four
//! copies, each shifted by one digit more. Both operands of a multiplication are loads: where one stays the same in a
//! loop, LLVM moves its sign extension out and leaves a multiplication of 64 bits, for which processors have no
//! instruction.

#[cfg(not(target_feature = "simd128"))]
mod arrays;
#[cfg(target_feature = "simd128")]
mod instructions;

use super::{BLOCK, NARROW, Parts, WIDE, balanced, split};
#[cfg(not(target_feature = "simd128"))]
use arrays as lanes;
#[cfg(target_feature = "simd128")]
use instructions as lanes;
use lanes::{Columns, Digits, add, add_product, cleared, columns, digits, doubled, shifted, splat, zero};

/// Four rows of a left factor.
type Rows = [Digits; BLOCK];

/// Four digits of a right factor, and those that begin one, two and three digits lower.
type Copies = [Digits; BLOCK];

pub(crate) struct Kernel {
    width: u32,
    blocks: usize,
    n: Divisor,
    friendly: Divisor,
    r_squared: Vec<Copies>,
}

/// A number that products are reduced by.
struct Divisor {
    copies: Vec<Copies>,
    lowest: [i64; BLOCK],
    /// `-1 / divisor (mod 2^width)`
    inverse: i64,
}

/// A number as either factor.
struct Operand {
    rows: Vec<Rows>,
    copies: Vec<Copies>,
}

impl super::Kernel for Kernel {
    fn new(parts: &Parts) -> Self {
        let divisor = |number: &[i32], inverse| Divisor {
            copies: Operand::new(number).copies,
            lowest: std::array::from_fn(|index| i64::from(number[index])),
            inverse,
        };
        Self {
            width: parts.width,
            blocks: parts.n.len() / BLOCK,
            n: divisor(&parts.n, parts.inverse),
            friendly: divisor(&parts.friendly, 1),
            r_squared: Operand::new(&parts.r_squared).copies,
        }
    }

    fn power(&self, base: &[i32], exponent: u32) -> Vec<i32> {
        match self.width {
            WIDE => self.power_of::<WIDE>(base, exponent),
            _ => self.power_of::<NARROW>(base, exponent),
        }
    }
}

impl Kernel {
    fn power_of<const WIDTH: u32>(&self, base: &[i32], exponent: u32) -> Vec<i32> {
        let base = Operand::new(base);
        let [mut power, mut next, mut factor] = [(); 3].map(|()| Operand::with_capacity(self.blocks));
        let mut quotient = Vec::with_capacity(self.blocks);
        self.multiply::<WIDTH>(&base, &self.r_squared, &mut quotient, &mut factor);
        self.square::<WIDTH>(&factor, &mut quotient, &mut power);
        for bit in (1..exponent.ilog2()).rev() {
            if exponent >> bit & 1 == 1 {
                self.multiply::<WIDTH>(&power, &factor.copies, &mut quotient, &mut next);
                std::mem::swap(&mut power, &mut next);
            }
            self.square::<WIDTH>(&power, &mut quotient, &mut next);
            std::mem::swap(&mut power, &mut next);
        }
        // The lowest bit is set: the plain base takes R out again.
        let mut number = Vec::with_capacity(self.blocks * BLOCK);
        let tile = |index| tile(&power.rows, &base.copies, index);
        self.reduce::<WIDTH, false>(&self.n, tile, &mut quotient, |block| number.extend(block));
        number
    }

    fn multiply<const WIDTH: u32>(&self, a: &Operand, b: &[Copies], quotient: &mut Vec<Rows>, product: &mut Operand) {
        product.clear();
        self.reduce::<WIDTH, true>(
            &self.friendly,
            |index| tile(&a.rows, b, index),
            quotient,
            |block| product.push(block),
        );
        product.push_above([0; BLOCK]);
    }

    fn square<const WIDTH: u32>(&self, a: &Operand, quotient: &mut Vec<Rows>, product: &mut Operand) {
        product.clear();
        self.reduce::<WIDTH, true>(
            &self.friendly,
            |index| tile_of_square(a, index),
            quotient,
            |block| product.push(block),
        );
        product.push_above([0; BLOCK]);
    }

    /// The product whose tiles are given, divided by R, modulo the divisor. Each tile is carried, then cleared by a
    /// multiple of the divisor while there is something to clear, then part of the result.
    ///
    /// FRIENDLY says that the lowest digit of the divisor is -1.
    #[inline(always)]
    fn reduce<const WIDTH: u32, const FRIENDLY: bool>(
        &self,
        divisor: &Divisor,
        product: impl Fn(usize) -> Columns,
        quotient: &mut Vec<Rows>,
        mut result: impl FnMut([i32; BLOCK]),
    ) {
        let [n0, n1, n2, n3] = divisor.lowest;
        let digit_for = |column: i64| {
            let (digit, carry) = split::<WIDTH>(column);
            if FRIENDLY {
                return (digit, carry);
            }
            let digit = balanced::<WIDTH>(digit * divisor.inverse);
            (digit, (column + digit * n0) >> WIDTH)
        };
        let (mut above_product, mut above) = (0, 0);
        quotient.clear();
        for index in 0..2 * self.blocks {
            let multiples = columns(tile(quotient, &divisor.copies, index));
            let mut cleared = columns(product(index));
            for (column, multiple) in cleared.iter_mut().zip(multiples) {
                let (digit, carry) = split::<WIDTH>(*column + above_product);
                above_product = carry;
                *column = digit + multiple;
            }
            let [a, b, c, d] = cleared;
            if index < self.blocks {
                let (m0, carry) = digit_for(a + above);
                let (m1, carry) = digit_for(b + carry + m0 * n1);
                let (m2, carry) = digit_for(c + carry + m0 * n2 + m1 * n1);
                let (m3, carry) = digit_for(d + carry + m0 * n3 + m1 * n2 + m2 * n1);
                above = carry;
                quotient.push([m0, m1, m2, m3].map(|digit| splat(digit as i32)));
            } else {
                result([a, b, c, d].map(|column| {
                    let (digit, carry) = split::<WIDTH>(column + above);
                    above = carry;
                    digit as i32
                }));
            }
        }
    }
}

impl Operand {
    fn with_capacity(blocks: usize) -> Self {
        Self { rows: Vec::with_capacity(blocks), copies: Vec::with_capacity(blocks + 1) }
    }

    fn new(number: &[i32]) -> Self {
        let blocks = number.as_chunks().0;
        let mut operand = Self::with_capacity(blocks.len());
        blocks.iter().for_each(|block| operand.push(*block));
        operand.push_above([0; BLOCK]);
        operand
    }

    fn clear(&mut self) {
        self.rows.clear();
        self.copies.clear();
    }

    /// The next higher digits.
    fn push(&mut self, block: [i32; BLOCK]) {
        self.rows.push(block.map(splat));
        self.push_above(block);
    }

    /// The same for the copies alone, which reach beyond the highest digit.
    fn push_above(&mut self, block: [i32; BLOCK]) {
        let lower = self.copies.last().map_or_else(|| splat(0), |[lower, ..]| *lower);
        self.copies.push(shifted(lower, digits(block)));
    }
}

/// Four columns of a product; rows that are not there yet count as zeros.
#[inline(always)]
fn tile(rows: &[Rows], copies: &[Copies], index: usize) -> Columns {
    let (from, to) = ((index + 1).saturating_sub(copies.len()), rows.len().min(index + 1));
    sum(&rows[from..to], &copies[index + 1 - to..=index - from])
}

/// Four columns of a square: twice the products of a row with higher digits, and once with its own.
#[inline(always)]
fn tile_of_square(a: &Operand, index: usize) -> Columns {
    let (from, to) = ((index + 1).saturating_sub(a.copies.len()), index / 2);
    let mut higher = sum(&a.rows[from..to], &a.copies[index + 1 - to..=index - from]);
    let ([row0, row1, row2, row3], [copy0, copy1, copy2, copy3]) = (a.rows[to], a.copies[index - to]);
    let [(row, copy), (next_row, next_copy)] = if index.is_multiple_of(2) {
        [(row0, copy0), (row1, copy1)]
    } else {
        higher = add_product(add_product(higher, row0, copy0), row1, copy1);
        [(row2, copy2), (row3, copy3)]
    };
    let sum = add_product(add(higher, higher), row, doubled::<1>(copy));
    add_product(sum, next_row, doubled::<3>(cleared::<2>(next_copy)))
}

/// Row times digits, the rows upwards and the digits downwards.
#[inline(always)]
fn sum(rows: &[Rows], copies: &[Copies]) -> Columns {
    rows.iter().zip(copies.iter().rev()).fold(zero(), |sum, (rows, copies)| {
        rows.iter().zip(copies).fold(sum, |sum, (row, copy)| add_product(sum, *row, *copy))
    })
}

#[cfg(test)]
impl Kernel {
    /// `a * a` twice, as a square and as a product.
    pub(super) fn square_and_product<const WIDTH: u32>(&self, a: &[i32]) -> [Vec<i32>; 2] {
        let a = Operand::new(a);
        let [mut square, mut product] = [(); 2].map(|()| Operand::with_capacity(self.blocks));
        self.square::<WIDTH>(&a, &mut Vec::new(), &mut square);
        self.multiply::<WIDTH>(&a, &a.copies, &mut Vec::new(), &mut product);
        [square, product].map(|operand| {
            operand.copies.iter().take(self.blocks).flat_map(|[digits, ..]| lanes::array(*digits)).collect()
        })
    }
}
