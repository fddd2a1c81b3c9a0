use super::*;

#[test]
fn rfc_4231_test_case_6_verifies() {
    let key = Key::new(&[0xaa; 131]).unwrap();
    let tag = [
        0x60, 0xe4, 0x31, 0x59, 0x1e, 0xe0, 0xb6, 0x7f, 0x0d, 0x8a, 0x26, 0xaa, 0xcb, 0xf5, 0xb7, 0x7f, 0x8e, 0x0b,
        0xc6, 0x21, 0x37, 0x28, 0xc5, 0x14, 0x05, 0x46, 0x04, 0x0f, 0x0e, 0xe3, 0x7f, 0x54,
    ];
    let message = b"Test Using Larger Than Block-Size Key - Hash Key First";
    assert!(key.verify(Hash::Sha256, message, &tag));
    assert!(!key.verify(Hash::Sha256, message, &tag[..31]));
    assert!(!key.verify(Hash::Sha384, message, &tag));
}

#[test]
fn a_secret_is_at_least_as_long_as_the_hash() {
    for hash in [Hash::Sha256, Hash::Sha384, Hash::Sha512] {
        assert!(Key::new(&vec![1; hash.length()]).unwrap().long_enough(hash));
        assert!(!Key::new(&vec![1; hash.length() - 1]).unwrap().long_enough(hash));
    }
    assert_eq!(Key::new(&[]).err(), Some(KeyError::SecretEmpty));
}
