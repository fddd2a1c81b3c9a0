use super::*;

#[test]
fn an_ecdsa_signature_has_minimal_non_negative_integers() {
    let mut raw = [0; 64];
    raw[31] = 1;
    raw[32] = 0x80;
    let mut der = vec![0x30, 38, 2, 1, 1, 2, 33, 0, 0x80];
    der.extend_from_slice(&[0; 31]);
    assert_eq!(ecdsa_der(&raw), Some(der));
    assert_eq!(ecdsa_der(&[0; 64]), Some(vec![0x30, 6, 2, 1, 0, 2, 1, 0]));
}

#[test]
fn a_long_ecdsa_signature_has_a_long_form_length() {
    let der = ecdsa_der(&[0xff; 132]).unwrap();
    assert_eq!(der[..5], [0x30, 0x81, 138, 2, 67]);
    assert_eq!(der.len(), 141);
}

#[test]
fn other_lengths_are_no_ecdsa_signature() {
    assert!(
        (0..200).filter(|length| ![64, 96, 132].contains(length)).all(|length| ecdsa_der(&vec![1; length]).is_none())
    );
}
