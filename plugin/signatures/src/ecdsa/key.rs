//! What a curve module is beside its constants, written once: the types of the RustCrypto crates share few traits.

/// The `Key` of a curve: the crate with its scalars, the library's key, its hash, the limbs and the octets of its field. The
/// module has `PRIME`, the object identifier `CURVE`, `LAYOUT`, and the `Parameters` of its field.
macro_rules! key {
    ($curve:ident, $library:ident, $hash:ident, $limbs:literal, $octets:literal) => {
        use crate::ecdsa::{self, Point, Prepared};
        use crate::{Backend, Hash, KeyError, Preparation};
        use ::$curve::ecdsa::Signature;
        use ::$curve::elliptic_curve::{PrimeField, ops::Reduce};
        use ::$curve::{FieldBytes, Scalar};
        use claimgate_library::$library as Library;
        use std::cell::OnceCell;

        thread_local! {
            static GENERATOR: OnceCell<Vec<i32>> = const { OnceCell::new() };
        }

        pub(crate) struct Key {
            point: Point<$octets>,
            prepared: Option<Prepared<$limbs>>,
            library: Library,
        }

        impl Key {
            pub(crate) fn new(x: &[u8], y: &[u8], backend: Backend) -> Result<Self, KeyError> {
                let point = Point::new(x, y, &PRIME)?;
                let library = Library::new(&point.x, &point.y).ok_or(KeyError::NotOnCurve)?;
                let prepared = (backend == Backend::Own).then(|| Prepared::new::<Parameters, $octets>(&point));
                Ok(Self { point, prepared, library })
            }

            pub(crate) fn prepare(&self) -> Preparation {
                self.prepared
                    .as_ref()
                    .map_or(Preparation::Ready, |prepared| prepared.prepare::<Parameters, $octets>(&GENERATOR, &LAYOUT))
            }

            pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
                self.verify_digest(&Hash::$hash.digest(&[message]), signature)
            }

            fn verify_digest(&self, digest: &[u8], signature: &[u8]) -> bool {
                Signature::from_slice(signature).is_ok_and(|signature| {
                    let verdict = self.prepared.as_ref().and_then(|prepared| verdict(prepared, digest, &signature));
                    let verified = verdict.unwrap_or_else(|| self.library.verify(digest, &signature));
                    self.prepared.iter().filter(|_| verified).for_each(Prepared::proved);
                    verified
                })
            }

            pub(crate) fn spki(&self) -> Vec<u8> {
                self.point.spki(&CURVE)
            }
        }

        /// None if only the library can tell.
        fn verdict(prepared: &Prepared<$limbs>, digest: &[u8], signature: &Signature) -> Option<bool> {
            let (r, s) = signature.split_bytes();
            let inverse =
                Option::<Scalar>::from(Scalar::from_repr(ecdsa::inverse::<Parameters, $limbs, $octets>(&s).into()))?;
            let multipliers = [Scalar::reduce(&FieldBytes::from(ecdsa::integer::<$octets>(digest))), *signature.r()]
                .map(|factor| ecdsa::Scalar::new(factor * inverse, |u| u.to_bytes().into()));
            prepared.verdict::<Parameters, $octets>(&GENERATOR, &LAYOUT, multipliers, &r)
        }
    };
}
pub(crate) use key;
