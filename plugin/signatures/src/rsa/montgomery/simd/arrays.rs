//! The vector operations of the kernel on arrays, for tests: native overflow checks see every sum, where the
//! instructions would wrap.

use std::array::from_fn;

/// Four digits.
pub(super) type Digits = [i32; 4];

/// Four columns.
pub(super) type Columns = [i64; 4];

pub(super) fn digits(digits: [i32; 4]) -> Digits {
    digits
}

pub(super) fn splat(digit: i32) -> Digits {
    [digit; 4]
}

pub(super) fn zero() -> Columns {
    [0; 4]
}

/// Adds the product of each pair of digits to its column.
pub(super) fn add_product(sum: Columns, a: Digits, b: Digits) -> Columns {
    from_fn(|lane| sum[lane] + i64::from(a[lane]) * i64::from(b[lane]))
}

pub(super) fn add(a: Columns, b: Columns) -> Columns {
    from_fn(|lane| a[lane] + b[lane])
}

pub(super) fn columns(columns: Columns) -> [i64; 4] {
    columns
}

/// The four digits that begin none, one, two and three below those of `upper`.
pub(super) fn shifted(lower: Digits, upper: Digits) -> [Digits; 4] {
    from_fn(|shift| from_fn(|lane| if lane < shift { lower[4 + lane - shift] } else { upper[lane - shift] }))
}

/// Zeros in place of the digits below `FROM`.
pub(super) fn cleared<const FROM: usize>(a: Digits) -> Digits {
    from_fn(|lane| if lane < FROM { 0 } else { a[lane] })
}

/// Twice the digits from `FROM`, once those below.
pub(super) fn doubled<const FROM: usize>(a: Digits) -> Digits {
    from_fn(|lane| a[lane] + cleared::<FROM>(a)[lane])
}

pub(super) fn array(digits: Digits) -> [i32; 4] {
    digits
}
