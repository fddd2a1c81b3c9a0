use super::*;

fn modulus(octets: usize) -> Vec<u8> {
    let mut modulus = vec![0xc5; octets];
    modulus[octets - 1] = 0x9b;
    modulus
}

fn refusal(modulus: &[u8], exponent: &[u8]) -> Option<KeyError> {
    let [own, library] = [Backend::Own, Backend::Library].map(|backend| Key::new(modulus, exponent, backend).err());
    assert_eq!(own, library);
    own
}

#[test]
fn sizes_from_2048_to_8192_bits_are_admitted() {
    let mut small = modulus(256);
    assert_eq!(refusal(&small, &[3]), None);
    small[0] = 0x7f;
    assert_eq!(refusal(&small, &[3]), Some(KeyError::ModulusTooShort));
    let mut large = modulus(1025);
    large[0] = 1;
    assert_eq!(refusal(&large[1..], &[3]), None);
    assert_eq!(refusal(&large, &[3]), Some(KeyError::ModulusTooLong));
    assert_eq!(refusal(&[], &[3]), Some(KeyError::ModulusTooShort));
}

#[test]
fn leading_zero_octets_are_tolerated_and_do_not_count() {
    assert_eq!(refusal(&[&[0, 0], modulus(256).as_slice()].concat(), &[0, 0, 0, 0, 1, 0, 1]), None);
    assert_eq!(refusal(&[&[0], modulus(255).as_slice()].concat(), &[3]), Some(KeyError::ModulusTooShort));
}

#[test]
fn an_even_modulus_is_refused() {
    let mut even = modulus(256);
    even[255] ^= 1;
    assert_eq!(refusal(&even, &[3]), Some(KeyError::ModulusEven));
}

#[test]
fn exponents_are_odd_and_from_3_to_32_bits() {
    let verdicts: [(&[u8], Option<KeyError>); 10] = [
        (&[], Some(KeyError::ExponentTooSmall)),
        (&[0], Some(KeyError::ExponentTooSmall)),
        (&[1], Some(KeyError::ExponentTooSmall)),
        (&[2], Some(KeyError::ExponentTooSmall)),
        (&[3], None),
        (&[4], Some(KeyError::ExponentEven)),
        (&[1, 0, 1], None),
        (&[1, 0, 0], Some(KeyError::ExponentEven)),
        (&[0xff; 4], None),
        (&[1, 0, 0, 0, 1], Some(KeyError::ExponentTooLarge)),
    ];
    verdicts.into_iter().for_each(|(exponent, verdict)| assert_eq!(refusal(&modulus(256), exponent), verdict));
}
