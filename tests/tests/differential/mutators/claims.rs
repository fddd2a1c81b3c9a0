//! The claims that all judges look at: when, by whom, for whom, about whom.

use super::Mutator;
use crate::draft::{AUDIENCE, ISSUER, now};
use crate::edit::{append, remove, set};

const DAY: u64 = 86_400;

pub(super) const ALL: &[Mutator] = &[
    Mutator::content("exp left out", |_, draft| remove(&mut draft.payload, "exp")),
    Mutator::content("exp past", |random, draft| {
        let past = random.pick(&[now() - DAY, now() - 2 * DAY, 1, 1_000_000_000]);
        set(&mut draft.payload, "exp", past.to_string());
        remove(&mut draft.payload, "iat");
        remove(&mut draft.payload, "nbf");
    }),
    Mutator::content("exp past within the skew", |_, draft| {
        set(&mut draft.payload, "exp", (now() - 600).to_string());
        remove(&mut draft.payload, "iat");
        remove(&mut draft.payload, "nbf");
    }),
    Mutator::content("exp zero", |random, draft| {
        set(&mut draft.payload, "exp", random.pick(&["0", "-0", "0.0", "0e5"]));
    }),
    Mutator::content("exp negative", |random, draft| {
        set(&mut draft.payload, "exp", random.pick(&["-1", "-1.5", "-9223372036854775808", "-1e300"]));
    }),
    Mutator::content("exp a fraction", |_, draft| set(&mut draft.payload, "exp", format!("{}.75", now() + DAY))),
    Mutator::content("exp with an exponent", |random, draft| {
        set(&mut draft.payload, "exp", random.pick(&["9e9", "9.0E+9", "90e8", "0.9e10"]));
    }),
    Mutator::content("exp far", |random, draft| {
        set(&mut draft.payload, "exp", random.pick(&["253402300799", "4102444800", "8000000000000"]));
    }),
    Mutator::content("exp beyond any calendar", |random, draft| {
        let huge = ["9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551615"];
        set(&mut draft.payload, "exp", random.pick(&huge));
    }),
    Mutator::content("exp beyond sixty-four bits", |random, draft| {
        set(&mut draft.payload, "exp", random.pick(&["18446744073709551616", "1e30", "1e308"]));
    }),
    Mutator::content("exp beyond floating point", |_, draft| set(&mut draft.payload, "exp", "1e400")),
    Mutator::content("exp a string", |random, draft| {
        let later = (now() + DAY).to_string();
        set(&mut draft.payload, "exp", format!("\"{}\"", random.pick(&[later.as_str(), "never", "", "2099-01-01"])));
    }),
    Mutator::content("exp null", |_, draft| set(&mut draft.payload, "exp", "null")),
    Mutator::content("exp of another type", |random, draft| {
        let list = format!("[{}]", now() + DAY);
        set(&mut draft.payload, "exp", random.pick(&["true", "false", "{}", list.as_str()]));
    }),
    Mutator::content("nbf to come", |random, draft| {
        let future = random.pick(&[now() + DAY / 2, now() + 3 * 3600]);
        set(&mut draft.payload, "nbf", future.to_string());
    }),
    Mutator::content("nbf to come within the skew", |_, draft| {
        set(&mut draft.payload, "nbf", (now() + 600).to_string());
        set(&mut draft.payload, "exp", (now() + DAY).to_string());
    }),
    Mutator::content("nbf long past", |random, draft| set(&mut draft.payload, "nbf", random.pick(&["0", "1", "1000"]))),
    Mutator::content("nbf a fraction", |_, draft| set(&mut draft.payload, "nbf", format!("{}.5", now() - DAY))),
    Mutator::content("nbf negative", |random, draft| set(&mut draft.payload, "nbf", random.pick(&["-1", "-1.5"]))),
    Mutator::content("nbf a string", |_, draft| set(&mut draft.payload, "nbf", format!("\"{}\"", now() - DAY))),
    Mutator::content("nbf null", |_, draft| set(&mut draft.payload, "nbf", "null")),
    Mutator::content("nbf of another type", |random, draft| {
        set(&mut draft.payload, "nbf", random.pick(&["true", "{}", "[1]"]));
    }),
    Mutator::content("nbf after exp", |_, draft| {
        set(&mut draft.payload, "exp", (now() + 60).to_string());
        set(&mut draft.payload, "nbf", (now() + 1200).to_string());
    }),
    Mutator::content("iat to come", |_, draft| set(&mut draft.payload, "iat", (now() + DAY / 2).to_string())),
    Mutator::content("iat after exp", |_, draft| {
        set(&mut draft.payload, "exp", (now() + 60).to_string());
        set(&mut draft.payload, "iat", (now() + 1200).to_string());
    }),
    Mutator::content("iat long past", |random, draft| set(&mut draft.payload, "iat", random.pick(&["0", "1", "1.5"]))),
    Mutator::content("iat a string", |_, draft| set(&mut draft.payload, "iat", format!("\"{}\"", now() - 60))),
    Mutator::content("iat null", |_, draft| set(&mut draft.payload, "iat", "null")),
    Mutator::content("iat of another type", |random, draft| {
        set(&mut draft.payload, "iat", random.pick(&["true", "{}", "[1]"]));
    }),
    Mutator::content("aud left out", |_, draft| remove(&mut draft.payload, "aud")),
    Mutator::content("aud of others", |random, draft| {
        let others = [
            "\"other\"",
            "[\"other\"]",
            "[\"other\",\"third\"]",
            "\"API\"",
            "\"api/\"",
            "\"ap\"",
            "\"apis\"",
            "\" api\"",
        ];
        set(&mut draft.payload, "aud", random.pick(&others));
    }),
    Mutator::content("aud empty", |random, draft| {
        set(&mut draft.payload, "aud", random.pick(&["\"\"", "[]", "[\"\"]", "[[]]"]));
    }),
    Mutator::content("aud us among many", |random, draft| {
        let others: Vec<String> = (0..1 + random.below(200)).map(|number| format!("\"other{number}\"")).collect();
        set(&mut draft.payload, "aud", format!("[{},\"{AUDIENCE}\"]", others.join(",")));
    }),
    Mutator::content("aud us twice", |_, draft| {
        set(&mut draft.payload, "aud", format!("[\"{AUDIENCE}\",\"{AUDIENCE}\"]"));
    }),
    Mutator::content("aud us with escapes", |_, draft| set(&mut draft.payload, "aud", "\"\\u0061pi\"")),
    Mutator::content("aud us and no string", |random, draft| {
        let other = random.pick(&["1", "null", "true", "[\"api\"]", "{}"]);
        set(&mut draft.payload, "aud", format!("[\"{AUDIENCE}\",{other}]"));
    }),
    Mutator::content("aud of another type", |random, draft| {
        set(&mut draft.payload, "aud", random.pick(&["null", "1", "true", "{\"api\":true}", "[[\"api\"]]"]));
    }),
    Mutator::content("iss left out", |_, draft| remove(&mut draft.payload, "iss")),
    Mutator::content("iss of another", |random, draft| {
        let others = [
            "https://evil.example",
            "https://idp.example/",
            "https://idp.example.",
            "http://idp.example",
            "https://IDP.example",
            "https://idp.example:443",
            "https://idp.exampl",
            "https://idp.example\\u0000",
            " https://idp.example",
            "https://idp.example.evil.example",
            "",
        ];
        set(&mut draft.payload, "iss", format!("\"{}\"", random.pick(&others)));
    }),
    Mutator::content("iss with escapes", |_, draft| {
        set(&mut draft.payload, "iss", format!("\"{}\"", ISSUER.replace('/', "\\/").replace('h', "\\u0068")));
    }),
    Mutator::content("iss a list", |random, draft| {
        let with_other = format!("[\"https://evil.example\",\"{ISSUER}\"]");
        set(&mut draft.payload, "iss", random.pick(&[format!("[\"{ISSUER}\"]").as_str(), with_other.as_str(), "[]"]));
    }),
    Mutator::content("iss of another type", |random, draft| {
        set(&mut draft.payload, "iss", random.pick(&["null", "1", "true", "{}"]));
    }),
    Mutator::content("sub left out", |_, draft| remove(&mut draft.payload, "sub")),
    Mutator::content("sub empty", |_, draft| set(&mut draft.payload, "sub", "\"\"")),
    Mutator::content("sub a number", |random, draft| set(&mut draft.payload, "sub", random.pick(&["42", "-7", "0"]))),
    Mutator::content("sub null", |_, draft| set(&mut draft.payload, "sub", "null")),
    Mutator::content("sub of another type", |random, draft| {
        set(&mut draft.payload, "sub", random.pick(&["true", "[\"alice\"]", "{\"id\":\"alice\"}"]));
    }),
    Mutator::content("sub long", |random, draft| {
        set(&mut draft.payload, "sub", format!("\"{}\"", "s".repeat(1 + random.below(4000))));
    }),
    Mutator::content("sub of unusual characters", |random, draft| {
        let texts = ["\\u0000", "a\\r\\nx-admin: 1", "\u{202e}root", "\u{1f600}", "a\\u002cb", "%00", "../.."];
        set(&mut draft.payload, "sub", format!("\"{}\"", random.pick(&texts)));
    }),
    Mutator::content("bound to a key", |random, draft| {
        append(&mut draft.payload, format!("\"cnf\":{}", random.pick(&["{\"jkt\":\"abc\"}", "{}", "null"])));
    }),
    Mutator::content("groups of the wrong type", |random, draft| {
        let wrong = random.pick(&["1", "null", "{\"a\":1}", "[\"a\",null]", "[[\"a\"]]"]);
        set(&mut draft.payload, "groups", wrong);
    }),
];
