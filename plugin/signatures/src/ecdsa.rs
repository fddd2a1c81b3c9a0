//! ECDSA (FIPS 186-5 section 6.4.2): what the three curves share.

mod key;

use crate::digits::Window;
use crate::tables::{Preparation, Slot};
use crate::weierstrass::{Curve, Term, element, table, x_matches};
use crate::{KeyError, der, limbs};
use ::p256::elliptic_curve::scalar::IsHigh;
use std::cell::OnceCell;
use std::rc::Rc;
use std::thread::LocalKey;

pub(crate) use key::key;

/// The coordinates of an admitted point, big-endian and as long as the field.
pub(crate) struct Point<const M: usize> {
    pub(crate) x: [u8; M],
    pub(crate) y: [u8; M],
}

impl<const M: usize> Point<M> {
    /// Lengths and ranges; the curve equation is left to the curve.
    pub(crate) fn new(x: &[u8], y: &[u8], prime: &[u8; M]) -> Result<Self, KeyError> {
        let x: [u8; M] = x.try_into().map_err(|_| KeyError::CoordinateLength)?;
        let y: [u8; M] = y.try_into().map_err(|_| KeyError::CoordinateLength)?;
        if x >= *prime || y >= *prime {
            return Err(KeyError::CoordinateRange);
        }
        Ok(Self { x, y })
    }

    pub(crate) fn spki(&self, curve: &[u8]) -> Vec<u8> {
        der::ec_spki(curve, &self.x, &self.y)
    }
}

/// The table of a generator, one for each thread.
pub(crate) type Generator = LocalKey<OnceCell<Vec<i32>>>;

/// How the two tables of a verification are laid out.
pub(crate) struct Layout {
    pub(crate) generator: Window,
    pub(crate) key: Window,
}

/// A scalar of `M` octets, halved in size by its sign: `n - u` with `negative` for a `u` above `n / 2`.
pub(crate) struct Scalar<const M: usize> {
    octets: [u8; M],
    negative: bool,
}

impl<const M: usize> Scalar<M> {
    pub(crate) fn new<S: IsHigh + std::ops::Neg<Output = S> + Copy>(scalar: S, octets: impl Fn(S) -> [u8; M]) -> Self {
        let negative = bool::from(scalar.is_high());
        Self { octets: octets(if negative { -scalar } else { scalar }), negative }
    }
}

/// The integer of a digest that is not longer than the order (FIPS 186-5 section 6.4.2, step 2).
pub(crate) fn integer<const M: usize>(digest: &[u8]) -> [u8; M] {
    let mut octets = [0; M];
    octets.iter_mut().rev().zip(digest.iter().rev()).for_each(|(to, from)| *to = *from);
    octets
}

/// `1 / s` modulo the order.
pub(crate) fn inverse<C: Curve<N>, const N: usize, const M: usize>(s: &[u8]) -> [u8; M] {
    limbs::to_octets(&C::ORDER_30.inverse(&limbs::from_octets(s, 30)), 30)
}

/// A point of the curve with `N` limbs for `M` octets, and the place of its table.
pub(crate) struct Prepared<const N: usize> {
    x: [i32; N],
    y: [i32; N],
    slot: Rc<Slot>,
}

impl<const N: usize> Prepared<N> {
    pub(crate) fn new<C: Curve<N>, const M: usize>(point: &Point<M>) -> Self {
        Self { x: element::<C, N>(&point.x), y: element::<C, N>(&point.y), slot: Rc::default() }
    }

    /// Builds the tables that a verification needs.
    pub(crate) fn prepare<C: Curve<N>, const M: usize>(
        &self,
        generator: &'static Generator,
        layout: &Layout,
    ) -> Preparation {
        generator.with(|cell| _ = table_of_generator::<C, N>(cell, layout, M as u32 * 8));
        self.slot.prepare(limbs_of_key::<N>(layout, M), || self.table::<C>(layout, M as u32 * 8))
    }

    /// Notes that a signature of this key verified.
    pub(crate) fn proved(&self) {
        self.slot.proved();
    }

    fn table<C: Curve<N>>(&self, layout: &Layout, bits: u32) -> Vec<i32> {
        table::<C, N>(&self.x, &self.y, layout.key, bits)
    }

    /// Whether `u1 G + u2 Q` has the x coordinate `r` modulo the order; none if only the library can tell.
    pub(crate) fn verdict<C: Curve<N>, const M: usize>(
        &self,
        generator: &'static Generator,
        layout: &Layout,
        [u1, u2]: [Scalar<M>; 2],
        r: &[u8],
    ) -> Option<bool> {
        let bits = M as u32 * 8;
        let table_of_key = self.slot.table(limbs_of_key::<N>(layout, M), || self.table::<C>(layout, bits))?;
        generator.with(|cell| {
            let table_of_generator = table_of_generator::<C, N>(cell, layout, bits);
            let term = |u: Scalar<M>, table, window: Window| Term {
                digits: window.digits(&u.octets, u.negative),
                table,
                window,
            };
            let terms = [term(u1, table_of_generator, layout.generator), term(u2, &table_of_key, layout.key)];
            x_matches::<C, N>(&terms, &limbs::from_octets(r, C::WIDTH))
        })
    }
}

/// The size of a key's table, for coordinates of `octets`.
fn limbs_of_key<const N: usize>(layout: &Layout, octets: usize) -> usize {
    2 * N * layout.key.positions(octets as u32 * 8) * layout.key.multiples()
}

fn table_of_generator<'a, C: Curve<N>, const N: usize>(
    cell: &'a OnceCell<Vec<i32>>,
    layout: &Layout,
    bits: u32,
) -> &'a [i32] {
    cell.get_or_init(|| table::<C, N>(&C::GENERATOR_X, &C::GENERATOR_Y, layout.generator, bits))
}

#[cfg(test)]
pub(crate) mod tests;
