//! Scalars in signed digits, and the tables of multiples they index.

/// How a table of multiples is laid out.
#[derive(Clone, Copy)]
pub(crate) struct Window {
    /// Bits of a digit: `2^(bits-1)` multiples for every position.
    pub(crate) bits: u32,
    /// Only every so many-th position has multiples of its own; the others share them by doublings.
    pub(crate) spacing: usize,
}

impl Window {
    /// Multiples of one position.
    pub(crate) const fn multiples(self) -> usize {
        1 << (self.bits - 1)
    }

    /// Positions that have multiples of their own, for scalars of so many bits.
    pub(crate) const fn positions(self, scalar_bits: u32) -> usize {
        (scalar_bits.div_ceil(self.bits) as usize).div_ceil(self.spacing)
    }

    /// Signed digits of a big-endian scalar, the lowest first, in `(-2^(bits-1), 2^(bits-1)]`, of `-scalar` if
    /// `negative`. The scalar must be short enough for the last digit not to carry.
    #[inline(never)]
    pub(crate) fn digits(self, scalar: &[u8], negative: bool) -> Vec<i16> {
        let mut digits = Vec::with_capacity(1 + scalar.len() * 8 / self.bits as usize);
        let (mut window, mut bits) = (0_i32, 0);
        let mut octets = scalar.iter().rev();
        while digits.len() < (scalar.len() as u32 * 8).div_ceil(self.bits) as usize {
            while bits < self.bits {
                window += i32::from(octets.next().copied().unwrap_or(0)) << bits;
                bits += 8;
            }
            let mut digit = window & ((1 << self.bits) - 1);
            if digit > 1 << (self.bits - 1) {
                digit -= 1 << self.bits;
            }
            window = (window - digit) >> self.bits;
            bits -= self.bits;
            digits.push(if negative { -digit } else { digit } as i16);
        }
        digits
    }
}

/// The digits of `digits` that stand `shift` above a position with multiples of its own: the index of the multiple in
/// the table, and whether it is to be subtracted.
pub(crate) fn steps(digits: &[i16], window: Window, shift: usize) -> impl Iterator<Item = (usize, bool)> {
    digits.iter().skip(shift).step_by(window.spacing).enumerate().filter(|(_, digit)| **digit != 0).map(
        move |(position, digit)| (position * window.multiples() + usize::from(digit.unsigned_abs()) - 1, *digit < 0),
    )
}

#[cfg(test)]
mod tests;
