//! Where the judges may differ, and why that is right or must be lived with.

/// What each judge makes of some tokens with this change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) mutator: &'static str,
    pub(crate) ours: bool,
    pub(crate) jsonwebtoken: bool,
    pub(crate) compact: bool,
    pub(crate) reason: &'static str,
}

impl Row {
    pub(crate) fn opinions(&self) -> [bool; 3] {
        [self.ours, self.jsonwebtoken, self.compact]
    }

    /// As it is printed.
    pub(crate) fn line(&self) -> String {
        let says = |admits| if admits { "admits" } else { "refuses" };
        let [ours, jsonwebtoken, compact] = self.opinions().map(says);
        let Self { mutator, reason, .. } = self;
        format!("{mutator}: ours {ours}, jsonwebtoken {jsonwebtoken}, jwt-compact {compact}: {reason}")
    }
}

const fn row(mutator: &'static str, [ours, jsonwebtoken, compact]: [bool; 3], reason: &'static str) -> Row {
    Row { mutator, ours, jsonwebtoken, compact, reason }
}

/// Admits.
const A: bool = true;
/// Refuses.
const R: bool = false;

/// All of them; the opinions are ours, jsonwebtoken's, jwt-compact's. That is what the libraries do as strict as they can be
/// told to be: what they leave to their callers nobody does for them.
pub(crate) const ROWS: &[Row] = &[
    row(
        "RSA signature plus the modulus",
        [R, R, A],
        "rsa 0.9 under jwt-compact does not ask that a PSS signature is below the modulus (RFC 8017 section 5.2.2); rsa 0.10 does",
    ),
    row(
        "a claim twice that is not read",
        [R, A, A],
        "serde looks at the names that it reads only; the service behind may read the others (RFC 7519 section 4 lets us refuse)",
    ),
    row("a header member twice that means nothing", [R, A, A], "the same for the header (RFC 7515 section 4)"),
    row("a member twice further down", [R, A, A], "the same further down"),
    row(
        "a member twice in a key",
        [R, R, A],
        "serde_json keeps the last of two members where nobody reads into a type",
    ),
    row(
        "a stranger's key under its kid, in front",
        [A, R, R],
        "they take the first key of a kid; we try those that fit the token's alg",
    ),
    row("alg Ed25519, EdDSA's other name", [A, R, R], "RFC 9864 gives EdDSA on this curve a second name"),
    row("b64 false", [R, A, A], "they leave it to the caller; RFC 7797 section 6 forbids it in a JWT"),
    row("bound to a key", [R, A, A], "a bearer proves no possession of a key (RFC 7800); they leave it to the caller"),
    row("crit", [R, A, A], "they leave it to the caller; RFC 7515 section 4.1.11 refuses what is not understood"),
    row("crit null", [R, A, A], "a member that is null is there; they take it for absent"),
    row("crit of another type", [R, R, A], "jwt-compact does not look at it"),
    row("cty JWT", [R, A, R], "a JWT in a JWT; jsonwebtoken leaves it to the caller"),
    row(
        "cty of anything",
        [A, A, R],
        "jwt-compact wants JSON said in no other words; RFC 7519 section 5.2 has it say JWT or be left out, and nothing follows from others",
    ),
    row("exp beyond any calendar", [A, A, R], "a number of seconds like any other; chrono has no such date"),
    row(
        "exp beyond sixty-four bits",
        [A, R, R],
        "a NumericDate is any JSON number (RFC 7519 section 2): far in the future, and the addition of the skew ends there",
    ),
    row("exp beyond floating point", [A, R, R], "the same; serde_json refuses what a double cannot hold"),
    row(
        "header numbers beyond floating point",
        [A, R, R],
        "numbers stay as written until they are read (RFC 8259 section 6); serde_json refuses what a double cannot hold",
    ),
    row(
        "payload numbers beyond floating point",
        [A, A, R],
        "the same; jsonwebtoken does not look into what it does not read",
    ),
    row("groups of the wrong type", [R, A, A], "groups are taken whole or not at all; they do not know the claim"),
    row("iat a string", [R, A, R], "jsonwebtoken does not look at iat"),
    row("iat null", [R, A, R], "the same"),
    row("iat of another type", [R, A, R], "the same"),
    row("iat to come", [R, A, A], "neither asks that a token was issued before it is used"),
    row("iat after exp", [R, A, A], "a token that contradicts itself; neither compares"),
    row("nbf after exp", [R, A, A], "the same"),
    row("nbf negative", [A, R, A], "before 1970; jsonwebtoken knows no date there"),
    row("key algorithm misspelled", [R, R, A], "jwt-compact does not look at a key's alg"),
    row("key algorithm of another type", [R, R, A], "the same"),
    row("key of an unknown algorithm", [R, R, A], "the same"),
    row("key of another algorithm", [R, R, A], "the same: one key, one algorithm (RFC 8725 section 3.1)"),
    row("key for encryption", [R, A, A], "they leave a key's use to the caller"),
    row("key of unknown use", [R, A, A], "the same"),
    row("key use of another type", [R, R, A], "jwt-compact does not look at it"),
    row("key for nothing", [R, A, A], "they leave key_ops to the caller"),
    row("key for signing only", [R, A, A], "the same"),
    row(
        "key for verifying and wrapping",
        [R, A, A],
        "the same: use and key_ops contradict each other (RFC 7517 section 4.3)",
    ),
    row("key for verifying twice", [R, A, A], "the same: an operation is listed once (RFC 7517 section 4.3)"),
    row("key operations no list", [R, R, A], "jwt-compact does not look at them"),
    row("key of another curve", [R, A, R], "jsonwebtoken goes by the length of the point alone"),
    row("key with its private part", [R, A, A], "a provider that publishes this has lost its key"),
    row(
        "key exponent with a zero in front",
        [A, R, A],
        "the number is the same; aws-lc wants the shortest spelling (RFC 7518 section 6.3.1.2), which providers get wrong",
    ),
    row("key modulus with a zero in front", [A, R, A], "the same for the modulus: Java writes it so"),
    row(
        "no key among the keys",
        [A, R, A],
        "one thing in a set that is no key costs jsonwebtoken the set; RFC 7517 section 5 has it ignored",
    ),
    row(
        "kid of another key",
        [R, R, A],
        "two RSA keys of one modulus and two algorithms: jwt-compact does not look at alg",
    ),
    row("kid null", [R, A, A], "a member that is null is there; they take it for absent"),
    row("typ null", [R, A, A], "the same"),
    row("typ of another token", [R, A, A], "they leave it to the caller; RFC 8725 section 3.11"),
    row("payload bytes that are not UTF-8", [R, A, R], "jsonwebtoken does not look into strings that it does not read"),
    row("payload lone surrogate", [R, A, R], "the same"),
    row("payload nested deeply", [R, A, R], "the same; the service behind may read them, and recurse"),
    row("payload over sixteen kilobytes", [R, A, A], "max_token_bytes; they have no limit"),
    row(
        "sub a number",
        [A, R, R],
        "some providers number their users; the number is passed on exactly as written, and is no string to serde",
    ),
    row("sub empty", [R, A, A], "nobody is not somebody"),
    row("zip", [R, A, A], "they leave it to the caller; a JWS is not compressed (RFC 7516 section 4.1.3)"),
];
