//! The fingerprint of CVE-2017-15361: primes made as k * M + (65537^a mod M), M a product of small primes.

/// Small divisors of M modulo which 65537 generates a proper subgroup. Random moduli match all of them with
/// probability below 2^-27 (Nemec et al., "The Return of Coppersmith's Attack", section 2.3).
const PRIMES: [u32; 17] = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];

/// Whether the big-endian modulus is a power of 65537 modulo every one of the small primes.
pub(super) fn fingerprint(modulus: &[u8]) -> bool {
    PRIMES.iter().all(|prime| {
        let residue = modulus.iter().fold(0, |residue, octet| (residue << 8 | u32::from(*octet)) % prime);
        let mut powers =
            std::iter::successors(Some(1), |power| Some(power * (65537 % prime) % prime)).take(*prime as usize);
        powers.any(|power| power == residue)
    })
}

#[cfg(test)]
mod tests;
