use p256::ecdsa::signature::Signer;
use rsa::pkcs8::EncodePublicKey;

use super::*;

const VALID: [u8; 2] = [0x08, 0x01];

fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    let mut len = bytes.len();
    while len > 0x7f {
        out.push(len as u8 | 0x80);
        len >>= 7;
    }
    out.push(len as u8);
    out.extend_from_slice(bytes);
    out
}

fn arguments(hash: &str, key: &[u8], signature: &[u8], text: &[u8]) -> Vec<u8> {
    [field(1, hash.as_bytes()), field(2, key), field(3, signature), field(4, text)].concat()
}

fn p256_key() -> (p256::ecdsa::SigningKey, Vec<u8>) {
    let key = p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap();
    let mut der = hex::decode("3059301306072a8648ce3d020106082a8648ce3d030107034200").unwrap();
    der.extend_from_slice(key.verifying_key().to_sec1_point(false).as_bytes());
    (key, der)
}

#[test]
fn a_der_ecdsa_signature_is_valid_and_a_raw_one_is_not() {
    let (key, der) = p256_key();
    let signature: p256::ecdsa::Signature = key.sign(b"text");
    let good = arguments("SHA256", &der, signature.to_der().as_bytes(), b"text");
    assert_eq!(verify_signature(&good).unwrap(), VALID);
    let other = arguments("sha256", &der, signature.to_der().as_bytes(), b"texT");
    assert!(String::from_utf8(verify_signature(&other).unwrap()).unwrap().ends_with(NOT_VALID));
    let raw = arguments("sha256", &der, &signature.to_bytes(), b"text");
    assert_ne!(verify_signature(&raw).unwrap(), VALID);
}

#[test]
fn an_rsa_signature_is_checked_as_pkcs1_and_never_as_pss() {
    use claimgate_devkit::provider::{Algorithm, SigningKey};
    for (algorithm, hash, valid) in [
        (Algorithm::Rs256, "sha256", true),
        (Algorithm::Rs512, "sha512", true),
        (Algorithm::Rs256, "sha384", false),
        (Algorithm::Ps256, "sha256", false),
    ] {
        let key = SigningKey::numbered(algorithm, 1);
        let jwk = key.jwk();
        let part = |name: &str| {
            use base64::Engine as _;
            let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
            rsa::BoxedUint::from_be_slice_vartime(&bytes)
        };
        let der = rsa::RsaPublicKey::new(part("n"), part("e")).unwrap().to_public_key_der().unwrap().into_vec();
        let result = verify_signature(&arguments(hash, &der, &key.sign(b"text"), b"text")).unwrap();
        assert_eq!(result == VALID, valid, "{algorithm:?} {hash}");
    }
}

#[test]
fn a_key_that_does_not_parse_is_no_error_and_no_key_is_one() {
    let result = verify_signature(&arguments("sha256", b"not a key", b"s", b"t")).unwrap();
    assert!(String::from_utf8(result).unwrap().ends_with(NO_INIT));
    assert_eq!(verify_signature(&arguments("sha256", b"", b"s", b"t")), Err(Status::BadArgument));
    assert_eq!(verify_signature(&[0x0a, 0xff]), Err(Status::BadArgument));
    let (key, der) = p256_key();
    let signature: p256::ecdsa::Signature = key.sign(b"t");
    assert_ne!(verify_signature(&arguments("", &der, signature.to_der().as_bytes(), b"t")).unwrap(), VALID);
}
