//! Tokens for the measurements, signed once and kept in `target/bench`.

use claimgate_devkit::provider::{Algorithm, SigningKey};
use serde_json::{Value, json};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// An issuer and its one public key.
#[derive(Clone, Debug)]
pub struct Issuer {
    /// Its `iss`.
    pub name: String,
    /// What it publishes.
    pub keys: Value,
    signer: SigningKey,
}

/// What kind of tokens.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Size {
    /// About 700 bytes, as most are.
    Usual,
    /// About 6 KiB, with 200 groups.
    Large,
}

/// Good until 2035.
const EXPIRY: u64 = 2_051_222_400;

impl Issuer {
    /// Issuer number `n`, signing with `algorithm`.
    pub fn new(algorithm: Algorithm, n: usize) -> Self {
        let kid = format!("key-{n}");
        let signer = SigningKey::numbered(algorithm, 0).with_kid(kid.as_str());
        Self { name: format!("https://login-{n}.example.com/"), keys: json!({"keys": [signer.jwk()]}), signer }
    }

    /// A file with that many distinct tokens, one a line. `expired` ones are refused by everybody.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn tokens(&self, folder: &Path, count: usize, size: Size, expired: bool) -> io::Result<PathBuf> {
        let algorithm = self.signer.algorithm().name();
        let kind = if expired { "expired" } else { "good" };
        let path =
            folder.join(format!("{algorithm}-{}-{size:?}-{kind}-{count}.txt", self.signer.kid().unwrap_or_default()));
        if !path.is_file() {
            fs::create_dir_all(folder)?;
            let lines: Vec<String> = (0..count).map(|n| self.signer.token(&self.claims(n, size, expired))).collect();
            fs::write(&path, lines.join("\n") + "\n")?;
        }
        Ok(path)
    }

    /// Good token number `n`.
    pub fn token(&self, n: usize, size: Size) -> String {
        self.signer.token(&self.claims(n, size, false))
    }

    fn claims(&self, n: usize, size: Size, expired: bool) -> Value {
        let groups = if size == Size::Large { 200 } else { 4 };
        json!({
            "iss": self.name,
            "sub": format!("00u1a2b3c4d5e6f7g8h9-{n}"),
            "aud": "api",
            "exp": if expired { 1_700_000_000 } else { EXPIRY },
            "iat": 1_690_000_000,
            "jti": format!("AT.0NzNdOd8yAUd3rTqOgsJ-{n}"),
            "email": format!("user-{n}@example.com"),
            "preferred_username": format!("user-{n}@example.com"),
            "scope": "openid profile email orders:read orders:write",
            "groups": (0..groups).map(|group| format!("engineering-team-{group:03}")).collect::<Vec<_>>(),
        })
    }
}
