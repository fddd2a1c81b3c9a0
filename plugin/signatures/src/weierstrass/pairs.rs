//! Sums of affine points, two at a time, with one inversion for all pairs.
//!
//! A pair takes 5M + 1S and its share of the inversion, a mixed addition 8M + 3S; an inversion takes as long as fifty
//! products. So it pays for the first two levels of the tree, and the few sums that are left are added one by one.

#![allow(clippy::indexing_slicing, reason = "every index runs below half of the points")]

use super::{Affine, Curve, reciprocal};
use crate::field::{add, neg, sub};

/// Replaces the neighbours of each group by their sums; the last of an odd number stays. None if two neighbours are a
/// point and itself, or its negative.
///
/// An x is carried, between -2 p and 5 p; the limbs of a y grow with each level by what a carried element has: `y2 - y1`
/// of a second level is three times as wide, which a product still takes.
#[inline(never)]
pub(super) fn halve<C: Curve<N>, const N: usize>(groups: &mut [Vec<Affine<N>>]) -> Option<()> {
    let mut differences = Vec::with_capacity(groups.iter().map(|points| points.len() / 2).sum());
    for points in groups.iter().rev() {
        differences.extend(points.as_chunks::<2>().0.iter().rev().map(|[first, second]| sub(&second[0], &first[0])));
    }
    let Some((&start, rest)) = differences.split_first() else { return Some(()) };
    let mut products = Vec::with_capacity(differences.len());
    products.push(start);
    let mut product = start;
    for difference in rest {
        product = C::mul(&product, difference);
        products.push(product);
    }
    let mut inverse = reciprocal::<C, N>(&product)?;
    for points in groups {
        let pairs = points.len() / 2;
        for at in 0..pairs {
            products.pop();
            let slope = match (products.last(), differences.pop()) {
                (Some(before), Some(difference)) => {
                    let slope = C::mul(&inverse, before);
                    inverse = C::mul(&inverse, &difference);
                    slope
                }
                _ => inverse,
            };
            let [[x1, y1], [x2, y2]] = [&points[2 * at], &points[2 * at + 1]];
            let slope = C::mul(&sub(y2, y1), &slope);
            let x = C::sqr_add(&slope, &neg(&add(x1, x2)));
            points[at] = [x, sub(&C::mul(&slope, &sub(x1, &x)), y1)];
        }
        if points.len() % 2 == 1 {
            points[pairs] = points[2 * pairs];
        }
        points.truncate(points.len().div_ceil(2));
    }
    Some(())
}
