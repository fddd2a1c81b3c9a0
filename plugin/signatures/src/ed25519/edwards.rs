//! Points of `-x^2 + y^2 = 1 + d x^2 y^2`: `S B - k A` from tables of affine multiples.
//!
//! The additions are complete, because -1 is a square and d is not: there are no exceptional cases.

use super::field::Parameters;
use crate::digits::{Window, steps};
use crate::field::{Field, add, canonical, inverse, neg, scaled, sub};
use crate::limbs;

pub(super) type Element = [i32; 9];

/// The affine point (x, y) as `(y + x) / 2`, `(y - x) / 2` and `d x y`, canonical: the halves save a doubling.
type Entry = [Element; 3];

/// The point `(x / z, y / z)` with `t = x y / z`.
#[derive(Clone)]
pub(super) struct Extended {
    x: Element,
    y: Element,
    z: Element,
    t: Element,
}

/// One scalar of the sum in digits, with the table of its point.
pub(super) struct Term<'a> {
    pub(super) digits: Vec<i16>,
    pub(super) table: &'a [i32],
    pub(super) window: Window,
}

const ZERO: Element = [0; 9];
const ONE: Element = [1, 0, 0, 0, 0, 0, 0, 0, 0];

fn mul(a: &Element, b: &Element) -> Element {
    Parameters::mul(a, b)
}

/// The sum of the terms. Terms with a spacing above 1 have digits of the same size.
pub(super) fn sum(terms: &[Term<'_>]) -> Extended {
    let widest = terms.iter().map(|term| term.window).max_by_key(|window| window.spacing);
    let Window { bits, spacing } = widest.unwrap_or(Window { bits: 1, spacing: 1 });
    let mut sum = Extended { x: ZERO, y: ONE, z: ONE, t: ZERO };
    for shift in (0..spacing).rev() {
        if shift + 1 < spacing {
            (0..bits).for_each(|_| sum = sum.double());
        }
        for term in terms.iter().filter(|term| shift < term.window.spacing) {
            let entries = term.table.as_chunks::<9>().0.as_chunks::<3>().0;
            for (index, negative) in steps(&term.digits, term.window, shift) {
                if let Some(entry) = entries.get(index) {
                    sum = sum.add(entry, negative);
                }
            }
        }
    }
    sum
}

/// The multiples `k * 2^(bits * spacing * j) * P`, for scalars of 256 bits: `k` from 1 to `2^(bits-1)`, for every `j`.
pub(super) fn table(x: &Element, y: &Element, window: Window) -> Vec<i32> {
    let point = Extended::new(x, y);
    let mut bases = vec![point.clone()];
    for _ in 1..window.positions(256) {
        let mut base = bases.last().unwrap_or(&point).clone();
        (0..window.bits as usize * window.spacing).for_each(|_| base = base.double());
        bases.push(base);
    }
    let mut table = Vec::with_capacity(27 * bases.len() * window.multiples());
    // One inversion for each position rather than for all: the points in between stay few.
    for [x, y] in affine(&bases) {
        let entry_of_base = entry(&x, &y);
        let mut multiples = vec![Extended::new(&x, &y)];
        let mut multiple = Extended::new(&x, &y);
        for _ in 1..window.multiples() {
            multiple = multiple.add(&entry_of_base, false);
            multiples.push(multiple.clone());
        }
        affine(&multiples).iter().for_each(|[x, y]| table.extend(entry(x, y).as_flattened()));
    }
    table
}

fn entry(x: &Element, y: &Element) -> Entry {
    let half = |element: Element| mul(&scaled::<Parameters, 9>(1, &element), &Parameters::HALF);
    [half(add(y, x)), half(sub(y, x)), mul(&mul(x, y), &Parameters::D)]
        .map(|element| canonical::<Parameters, 9>(&element))
}

/// Canonical affine coordinates, with one inversion for all points.
fn affine(points: &[Extended]) -> Vec<[Element; 2]> {
    let mut product = ONE;
    let mut before = Vec::with_capacity(points.len());
    for point in points {
        before.push(product);
        product = mul(&product, &point.z);
    }
    let mut inverse = inverse::<Parameters, 9>(&product);
    let mut affine = Vec::with_capacity(points.len());
    for (point, before) in points.iter().zip(&before).rev() {
        let reciprocal = mul(&inverse, before);
        inverse = mul(&inverse, &point.z);
        affine.push([&point.x, &point.y].map(|element| canonical::<Parameters, 9>(&mul(element, &reciprocal))));
    }
    affine.reverse();
    affine
}

/// The point of an encoding (RFC 8032 section 5.1.3), which is known to be one.
pub(super) fn decoded(encoded: &[u8; 32]) -> [Element; 2] {
    let (y, negative) = y_and_sign(encoded);
    let yy = Parameters::sqr(&y);
    let u = sub(&yy, &ONE);
    let v = scaled::<Parameters, 9>(1, &add(&mul(&yy, &Parameters::D), &ONE));
    // x = (u / v)^((p+3)/8), or that times a root of -1; 2^252 - 2 has the digits 1...10.
    let quotient = mul(&u, &inverse::<Parameters, 9>(&v));
    let power = (0..251).fold(quotient, |power, bit| {
        let square = Parameters::sqr(&power);
        if bit < 250 { mul(&square, &quotient) } else { square }
    });
    let x = match canonical::<Parameters, 9>(&sub(&Parameters::sqr(&power), &quotient)) {
        ZERO => power,
        _ => mul(&power, &Parameters::ROOT),
    };
    let x = canonical::<Parameters, 9>(&x);
    [if is_odd(&x) == negative { x } else { canonical::<Parameters, 9>(&neg(&x)) }, y]
}

/// The y coordinate, not reduced, and the sign of x.
fn y_and_sign(encoded: &[u8; 32]) -> (Element, bool) {
    let mut octets = *encoded;
    octets.reverse();
    let [top, ..] = &mut octets;
    let negative = *top >= 0x80;
    *top &= 0x7f;
    (limbs::from_octets(&octets, Parameters::WIDTH), negative)
}

fn is_odd(x: &Element) -> bool {
    x.first().is_some_and(|limb| limb % 2 == 1)
}

impl Extended {
    fn new(x: &Element, y: &Element) -> Self {
        Self { x: *x, y: *y, z: ONE, t: mul(x, y) }
    }

    /// Mixed addition in 7M of a point or its negative.
    fn add(&self, [plus, minus, dxy]: &Entry, negative: bool) -> Self {
        let (plus, minus) = if negative { (minus, plus) } else { (plus, minus) };
        let a = mul(&sub(&self.y, &self.x), minus);
        let b = mul(&add(&self.y, &self.x), plus);
        let c = mul(&self.t, dxy);
        let (f, g) = (sub(&self.z, &c), add(&self.z, &c));
        let (f, g) = if negative { (g, f) } else { (f, g) };
        let e = sub(&b, &a);
        // Sums have a bit more than a product takes from both sides.
        let h = limbs::carry(add(&b, &a).map(i64::from), Parameters::WIDTH);
        Self { x: mul(&e, &f), y: mul(&g, &h), z: mul(&f, &g), t: mul(&e, &h) }
    }

    /// Doubling. It is rare, so every sum is reduced.
    fn double(&self) -> Self {
        let reduced = |factor: i64, element: &Element| scaled::<Parameters, 9>(factor, element);
        let [a, b, zz] = [&self.x, &self.y, &self.z].map(Parameters::sqr);
        let h = reduced(-1, &add(&a, &b));
        let e = reduced(1, &add(&Parameters::sqr(&reduced(1, &add(&self.x, &self.y))), &h));
        let g = reduced(1, &sub(&b, &a));
        let f = reduced(1, &sub(&g, &reduced(2, &zz)));
        Self { x: mul(&e, &f), y: mul(&g, &h), z: mul(&f, &g), t: mul(&e, &h) }
    }

    /// Whether these octets are the encoding of this point (RFC 8032 section 5.1.2), and it is not of small order.
    pub(super) fn is_encoded_by(&self, encoded: &[u8; 32]) -> bool {
        let reciprocal = inverse::<Parameters, 9>(&self.z);
        let [x, y] = [&self.x, &self.y].map(|element| canonical::<Parameters, 9>(&mul(element, &reciprocal)));
        (y, is_odd(&x)) == y_and_sign(encoded) && !Parameters::SMALL_ORDER.contains(&y)
    }
}

#[cfg(test)]
mod tests;
