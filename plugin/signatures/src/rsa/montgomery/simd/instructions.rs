//! The vector operations of the kernel, as instructions of wasm.

use std::arch::wasm32::{
    i32x4, i32x4_add, i32x4_shuffle, i32x4_splat, i64x2_add, i64x2_extmul_high_i32x4, i64x2_extmul_low_i32x4,
    i64x2_extract_lane, i64x2_splat, v128, v128_and,
};

/// Four digits.
pub(super) type Digits = v128;

/// Four columns.
pub(super) type Columns = [v128; 2];

#[inline(always)]
pub(super) fn digits([a, b, c, d]: [i32; 4]) -> Digits {
    i32x4(a, b, c, d)
}

#[inline(always)]
pub(super) fn splat(digit: i32) -> Digits {
    i32x4_splat(digit)
}

#[inline(always)]
pub(super) fn zero() -> Columns {
    [i64x2_splat(0); 2]
}

/// Adds the product of each pair of digits to its column.
#[inline(always)]
pub(super) fn add_product([low, high]: Columns, a: Digits, b: Digits) -> Columns {
    [i64x2_add(low, i64x2_extmul_low_i32x4(a, b)), i64x2_add(high, i64x2_extmul_high_i32x4(a, b))]
}

#[inline(always)]
pub(super) fn add([a, b]: Columns, [c, d]: Columns) -> Columns {
    [i64x2_add(a, c), i64x2_add(b, d)]
}

#[inline(always)]
pub(super) fn columns([low, high]: Columns) -> [i64; 4] {
    [
        i64x2_extract_lane::<0>(low),
        i64x2_extract_lane::<1>(low),
        i64x2_extract_lane::<0>(high),
        i64x2_extract_lane::<1>(high),
    ]
}

/// The four digits that begin none, one, two and three below those of `upper`.
#[inline(always)]
pub(super) fn shifted(lower: Digits, upper: Digits) -> [Digits; 4] {
    [
        upper,
        i32x4_shuffle::<3, 4, 5, 6>(lower, upper),
        i32x4_shuffle::<2, 3, 4, 5>(lower, upper),
        i32x4_shuffle::<1, 2, 3, 4>(lower, upper),
    ]
}

/// Zeros in place of the digits below `FROM`.
#[inline(always)]
pub(super) fn cleared<const FROM: usize>(a: Digits) -> Digits {
    let kept = |index| if index < FROM { 0 } else { -1 };
    v128_and(a, i32x4(kept(0), kept(1), kept(2), kept(3)))
}

/// Twice the digits from `FROM`, once those below.
#[inline(always)]
pub(super) fn doubled<const FROM: usize>(a: Digits) -> Digits {
    i32x4_add(a, cleared::<FROM>(a))
}

#[cfg(test)]
pub(super) fn array(digits: Digits) -> [i32; 4] {
    use std::arch::wasm32::i32x4_extract_lane;
    [
        i32x4_extract_lane::<0>(digits),
        i32x4_extract_lane::<1>(digits),
        i32x4_extract_lane::<2>(digits),
        i32x4_extract_lane::<3>(digits),
    ]
}
