//! Curves `y^2 = x^3 - 3x + b` of prime order: `u1 G + u2 Q` from tables of affine multiples, and what ECDSA asks of it.
//!
//! Most points are first summed in pairs, see [`pairs`]. The additions are incomplete and unchecked. Adding a point to
//! itself or to its negative gives Z = 0, and Z stays 0 through every later addition and doubling; so one look at the last
//! Z tells whether the sum can be trusted. When it cannot, which takes a crafted signature, the answer is "undecided" and
//! the library's complete formulas decide. So it is for a pair of two such points, which has no inverse.
//!
//! With R of at least 32 p, both formulas keep x within (-4 p, 2 p), and y and z within (-p, 2 p). Operands of a product
//! are carried or differences of carried ones, one of the two may be three times as wide: `3 N * 2^(2 WIDTH)` is below
//! `2^63`.

mod pairs;

use crate::digits::{Window, steps};
use crate::field::{Field, add, canonical, inverse, is_zero, neg, scaled, sub};
use crate::inverse::Modulus;
use crate::limbs;

/// A curve over a field in Montgomery form.
pub(crate) trait Curve<const N: usize>: Field<N> {
    /// `R^2 mod p`
    const R_SQUARED: [i32; N];
    /// The order of the curve, below the prime.
    const ORDER: [i32; N];
    /// The order in limbs of 30 bits.
    const ORDER_30: Modulus<N>;
    /// The generator, in Montgomery form.
    const GENERATOR_X: [i32; N];
    const GENERATOR_Y: [i32; N];

    /// `a * a + s`, carried.
    fn sqr_add(a: &[i32; N], s: &[i32; N]) -> [i32; N];

    /// `a * b - e * f`, carried.
    fn mul_sub(a: &[i32; N], b: &[i32; N], e: &[i32; N], f: &[i32; N]) -> [i32; N];
}

/// A point by its coordinates in Montgomery form.
type Affine<const N: usize> = [[i32; N]; 2];

/// Levels of the tree of points that are summed in pairs.
const PAIRED: usize = 2;

/// The point `(x / z^2, y / z^3)`, every coordinate carried.
#[derive(Clone)]
struct Jacobian<const N: usize> {
    x: [i32; N],
    y: [i32; N],
    z: [i32; N],
}

/// One scalar of the sum in digits, with the table of its point.
pub(crate) struct Term<'a> {
    pub(crate) digits: Vec<i16>,
    pub(crate) table: &'a [i32],
    pub(crate) window: Window,
}

/// Whether the x coordinate of the sum of the terms is `r` modulo the order; none if that stays undecided.
///
/// `r` is below the order. Terms with a spacing above 1 have digits of the same size.
#[inline(never)]
pub(crate) fn x_matches<C: Curve<N>, const N: usize>(terms: &[Term<'_>], r: &[i32; N]) -> Option<bool> {
    let sum = sum::<C, N>(terms)?;
    if is_zero::<C, N>(&sum.z) {
        return None;
    }
    let zz = C::sqr(&sum.z);
    let matches = |x: &[i32; N]| is_zero::<C, N>(&sub(&C::mul(&C::mul(x, &C::R_SQUARED), &zz), &sum.x));
    let next = limbs::carry(add(r, &C::ORDER).map(i64::from), C::WIDTH);
    let below_prime = limbs::carry(sub(&next, &C::PRIME).map(i64::from), C::WIDTH).last().is_some_and(|top| *top < 0);
    Some(matches(r) || below_prime && matches(&next))
}

fn sum<C: Curve<N>, const N: usize>(terms: &[Term<'_>]) -> Option<Jacobian<N>> {
    let widest = terms.iter().map(|term| term.window).max_by_key(|window| window.spacing)?;
    let mut groups = (0..widest.spacing).rev().map(|shift| points::<N>(terms, shift)).collect::<Option<Vec<_>>>()?;
    for _ in 0..PAIRED {
        pairs::halve::<C, N>(&mut groups)?;
    }
    let mut sum: Option<Jacobian<N>> = None;
    for group in groups {
        if let Some(point) = &mut sum {
            (0..widest.bits).for_each(|_| *point = point.double::<C>());
        }
        for [x, y] in &group {
            sum = Some(match &sum {
                Some(point) => point.add::<C>(x, y),
                None => Jacobian::new::<C>(x, y),
            });
        }
    }
    sum
}

/// The multiples that the terms have for the digits `shift` above a position of the table; a y is negated by its limbs.
#[inline(never)]
fn points<const N: usize>(terms: &[Term<'_>], shift: usize) -> Option<Vec<Affine<N>>> {
    let mut points = Vec::with_capacity(terms.iter().map(|term| term.digits.len() / term.window.spacing + 1).sum());
    for term in terms.iter().filter(|term| shift < term.window.spacing) {
        let entries = term.table.as_chunks::<N>().0;
        for (index, negative) in steps(&term.digits, term.window, shift) {
            let [x, y] = entries.get(2 * index..)?.first_chunk()?;
            points.push([*x, if negative { neg(y) } else { *y }]);
        }
    }
    Some(points)
}

/// The affine multiples `k * 2^(bits * spacing * j) * P` of a point in Montgomery form, for scalars of so many bits:
/// `x` and `y` for `k` from 1 to `2^(bits-1)`, for every `j`.
pub(crate) fn table<C: Curve<N>, const N: usize>(
    x: &[i32; N],
    y: &[i32; N],
    window: Window,
    scalar_bits: u32,
) -> Vec<i32> {
    let mut bases = vec![Jacobian::new::<C>(x, y)];
    for _ in 1..window.positions(scalar_bits) {
        let mut base = bases.last().cloned().unwrap_or_else(|| Jacobian::new::<C>(x, y));
        (0..window.bits as usize * window.spacing).for_each(|_| base = base.double::<C>());
        bases.push(base);
    }
    let mut table = Vec::with_capacity(2 * N * bases.len() * window.multiples());
    // One inversion for each position rather than for all: the points in between stay few.
    for [x, y] in affine::<C, N>(&bases) {
        let mut multiples = vec![Jacobian::new::<C>(&x, &y)];
        // The order is a large prime: only the first step meets the point itself.
        let mut multiple = Jacobian::new::<C>(&x, &y).double::<C>();
        for _ in 1..window.multiples() {
            multiples.push(multiple.clone());
            multiple = multiple.add::<C>(&x, &y);
        }
        table.extend(affine::<C, N>(&multiples).as_flattened().as_flattened());
    }
    table
}

/// Canonical affine coordinates, with one inversion for all points; none of them is the point at infinity.
fn affine<C: Curve<N>, const N: usize>(points: &[Jacobian<N>]) -> Vec<[[i32; N]; 2]> {
    let mut product = C::mul(&C::R_SQUARED, &one());
    let mut before = Vec::with_capacity(points.len());
    for point in points {
        before.push(product);
        product = C::mul(&product, &point.z);
    }
    let mut inverse = reciprocal::<C, N>(&product).unwrap_or(product);
    let mut affine = Vec::with_capacity(points.len());
    for (point, before) in points.iter().zip(&before).rev() {
        let reciprocal = C::mul(&inverse, before);
        inverse = C::mul(&inverse, &point.z);
        let square = C::sqr(&reciprocal);
        let x = C::mul(&point.x, &square);
        let y = C::mul(&point.y, &C::mul(&square, &reciprocal));
        affine.push([canonical::<C, N>(&x), canonical::<C, N>(&y)]);
    }
    affine.reverse();
    affine
}

/// `1 / a` of a value in Montgomery form; none for 0.
#[inline(never)]
fn reciprocal<C: Curve<N>, const N: usize>(a: &[i32; N]) -> Option<[i32; N]> {
    // Of a R the inverse is 1 / (a R): twice R^2 makes it R / a.
    let inverse = inverse::<C, N>(a);
    (inverse != [0; N]).then(|| C::mul(&C::mul(&inverse, &C::R_SQUARED), &C::R_SQUARED))
}

/// The integer 1.
fn one<const N: usize>() -> [i32; N] {
    let mut one = [0; N];
    one.iter_mut().take(1).for_each(|limb| *limb = 1);
    one
}

/// The Montgomery form of big-endian coordinates below the prime.
pub(crate) fn element<C: Curve<N>, const N: usize>(octets: &[u8]) -> [i32; N] {
    canonical::<C, N>(&C::mul(&limbs::from_octets(octets, C::WIDTH), &C::R_SQUARED))
}

impl<const N: usize> Jacobian<N> {
    fn new<C: Curve<N>>(x: &[i32; N], y: &[i32; N]) -> Self {
        let z = C::mul(&C::R_SQUARED, &one());
        Self { x: *x, y: limbs::carry(y.map(i64::from), C::WIDTH), z }
    }

    /// Mixed addition in 8M + 3S. `x` is carried, `y` is at most twice as wide.
    fn add<C: Curve<N>>(&self, x: &[i32; N], y: &[i32; N]) -> Self {
        let zz = C::sqr(&self.z);
        let zzz = C::mul(&self.z, &zz);
        let h = sub(&C::mul(x, &zz), &self.x);
        let r = sub(&C::mul(y, &zzz), &self.y);
        let hh = C::sqr(&h);
        let hhh = C::mul(&h, &hh);
        let v = C::mul(&self.x, &hh);
        let x = C::sqr_add(&r, &neg(&add(&hhh, &add(&v, &v))));
        let y = C::mul_sub(&r, &sub(&v, &x), &self.y, &hhh);
        Self { x, y, z: C::mul(&self.z, &h) }
    }

    /// Doubling for a = -3. It is rare, so every multiple is reduced.
    fn double<C: Curve<N>>(&self) -> Self {
        let zz = C::sqr(&self.z);
        let yy = C::sqr(&self.y);
        let sum = scaled::<C, N>(1, &add(&self.x, &zz));
        let alpha = scaled::<C, N>(3, &C::mul(&sub(&self.x, &zz), &sum));
        let beta = scaled::<C, N>(4, &C::mul(&self.x, &yy));
        let x = scaled::<C, N>(1, &C::sqr_add(&alpha, &neg(&add(&beta, &beta))));
        let y = C::mul_sub(&alpha, &sub(&beta, &x), &scaled::<C, N>(8, &yy), &yy);
        Self { x, y, z: C::mul(&add(&self.y, &self.y), &self.z) }
    }
}

#[cfg(test)]
mod tests;
