//! Integers as little-endian limbs of a given width, and their other spellings.

/// The limbs of a non-negative integer.
#[inline(never)]
pub(crate) fn from_octets<const N: usize>(big_endian: &[u8], width: u32) -> [i32; N] {
    repack(big_endian.iter().rev().map(|octet| i64::from(*octet)), 8, width).map(|limb| limb as i32)
}

/// The same non-negative integer in limbs of another width.
pub(crate) fn change_width<const N: usize>(limbs: &[i32; N], from: u32, to: u32) -> [i32; N] {
    repack(limbs.iter().map(|limb| i64::from(*limb)), from, to).map(|limb| limb as i32)
}

/// Big-endian octets of a non-negative integer that fits them.
#[inline(never)]
pub(crate) fn to_octets<const N: usize, const M: usize>(limbs: &[i32; N], width: u32) -> [u8; M] {
    let mut octets = repack(limbs.iter().map(|limb| i64::from(*limb)), width, 8).map(|octet| octet as u8);
    octets.reverse();
    octets
}

fn repack<const N: usize>(mut digits: impl Iterator<Item = i64>, from: u32, to: u32) -> [i64; N] {
    let (mut window, mut bits) = (0, 0);
    std::array::from_fn(|_| {
        while bits < to {
            let Some(digit) = digits.next() else { break };
            window |= digit << bits;
            bits += from;
        }
        let limb = window & ((1 << to) - 1);
        window >>= to;
        bits = bits.saturating_sub(to);
        limb
    })
}

/// Brings every limb but the last into `[0, 2^width)`; the last takes the carry and the sign.
pub(crate) fn carry<const N: usize>(limbs: [i64; N], width: u32) -> [i32; N] {
    let mut carried = [0; N];
    let mut carry = 0;
    let last = N - 1;
    for (index, (to, limb)) in carried.iter_mut().zip(limbs).enumerate() {
        carry += limb;
        *to = if index == last { carry as i32 } else { (carry & ((1 << width) - 1)) as i32 };
        carry >>= width;
    }
    carried
}
