//! Advisories of others, each a test by its number, so that whoever asks finds the answer. The attack itself is mostly one
//! of the catalogue's lines; what is tried here is the advisory's own form of it.

use std::time::Duration;

use crate::c_header::critical_headers;
use crate::e_claims::{issuer_with, spellings_refused};
use crate::f_issuers::look_alikes;
use crate::fixture::*;
use crate::forge::{der_spki, pem};
use crate::i_routes::AMBIGUOUS;
use crate::k_key_life::{fetched, keeps_the_last_good_set, lasting, seconds};
use crate::stage::*;
use claimgate_tests::{Algorithm, SigningKey, Token};
use host_sim::{Answer, CalloutOutcome, CalloutResponse, Request};
use serde_json::{Value, json};

/// Every header under the good claims, truly signed, is refused as unsupported.
fn unsupported(headers: impl IntoIterator<Item = Value>) {
    let mut stage = Stage::new(&config());
    for change in headers {
        let header = header(change);
        stage.refuses(&header, orders(token_under(&header)), R401, "header_unsupported");
    }
}

#[test]
fn cve_2026_32597_ghsa_752w_cve_2025_59420_ghsa_hm7r_an_unknown_crit_is_refused() {
    unsupported(critical_headers());
}

#[test]
fn cve_2026_48525_an_unencoded_payload_is_refused() {
    unsupported([json!({"b64": false, "crit": ["b64"]}), json!({"b64": false})]);
}

#[test]
fn cve_2026_48526_cve_2026_0265_a_public_jwk_is_no_hmac_secret() {
    let rsa = key(Algorithm::Rs256);
    let mut stage =
        Stage::new(&with(config_with_keys([rsa.jwk()]), "/issuers/0/algorithms", json!(["RS256", "HS256"])));
    for secret in [rsa.jwk().to_string(), rsa.jwk_material().to_string(), rsa.jwk()["n"].to_string()] {
        let forged = SigningKey::hmac(Algorithm::Hs256, secret.as_bytes()).with_kid(rsa.kid()).token(&claims());
        stage.refuses("a JWK as secret", orders(forged), R401, "key_unfit");
    }
}

#[test]
fn cve_2026_34950_a_pem_behind_whitespace_is_no_hmac_secret() {
    let rsa = key(Algorithm::Rs256);
    let part = |name: &str| decoded(rsa.jwk()[name].as_str().unwrap_or_default());
    let text = pem("PUBLIC KEY", &der_spki(&part("n"), &part("e")));
    let mut stage = Stage::new(&config_with_keys([rsa.jwk()]));
    for space in [" ", "\n", "\t", "\r\n", "\u{feff}", "\0"] {
        let forged = SigningKey::hmac(Algorithm::Hs256, format!("{space}{text}").as_bytes()).with_kid(rsa.kid());
        stage.refuses("a PEM as secret", orders(forged.token(&claims())), R401, "algorithm_not_allowed");
    }
}

#[test]
fn cve_2026_48523_the_algorithm_of_the_key_binds_the_token() {
    let rsa = key(Algorithm::Rs256);
    let mut stage = Stage::new(&config_with_keys([with(rsa.jwk(), "/alg", json!("PS256"))]));
    stage.refuses("RS256 under a key for PS256", orders(rsa.token(&claims())), R401, "key_unfit");
}

#[test]
fn cve_2026_48522_cve_2026_41413_ghsa_fgw5_keys_come_from_configured_urls_only() {
    for uri in [
        "file:///etc/passwd",
        "http://169.254.169.254/",
        "ftp://idp.example/jwks",
        "gopher://x/",
        "data:application/json,{}",
        "https://",
        "https://user@idp.example/jwks",
    ] {
        refuses_configuration(
            with(remote_config(), "/issuers/0/keys/jwks_uri", json!(uri)).to_string(),
            "issuers[0].keys.jwks_uri",
        );
    }
    let mut stage = fetched();
    let forged = stranger().token_raw(header(json!({"jku": "http://169.254.169.254/"})), claims().to_string());
    stage.refuses("jku", orders(forged), R401, "signature_invalid");
    assert_eq!(stage.host.callout_count(), 1);
    // What a provider says is never shown to anybody.
    stage.serve(JWKS, Answer::json(200, "zqzqzqzq"));
    stage.pass(seconds(700));
    assert!(stage.host.take_log().iter().all(|line| !line.text.contains("zqzqzqzq")));
}

#[test]
fn cve_2026_48524_a_transient_error_keeps_the_keys() {
    for answer in [Answer::status(500), Answer::soon(CalloutOutcome::Timeout), Answer::json(200, "{}")] {
        keeps_the_last_good_set("a transient error", answer);
    }
}

#[test]
fn ghsa_9v7f_a_redirect_to_other_keys_is_not_followed() {
    let location = vec![(b"location".to_vec(), b"https://evil.example/jwks".to_vec())];
    for status in [301, 302, 303, 307, 308] {
        let body = json!({"keys": [stranger().jwk()]}).to_string().into();
        let response = CalloutResponse { status, headers: location.clone(), body, trailers: Vec::new() };
        keeps_the_last_good_set("a redirect", Answer::soon(CalloutOutcome::Response(response)));
    }
}

#[test]
fn ghsa_2gx3_a_flood_of_unknown_kids_causes_three_fetches() {
    let mut stage = fetched();
    for n in 0..500 {
        let forged = stranger().with_kid(format!("k{n}").as_str()).token(&claims());
        let (verdict, reason) = if n < 3 { (R401, "key_unknown") } else { (R503, "keys_unavailable") };
        stage.send("unknown", orders(forged)).is_refused("unknown", verdict, reason);
    }
    assert_eq!(stage.host.callout_count(), 1 + 3);
}

#[test]
fn ghsa_8wjv_ghsa_w6j9_one_bad_key_or_a_deep_one_spoils_no_other() {
    let mut deep = json!(1);
    for _ in 0..50 {
        deep = json!([deep]);
    }
    for bad in [
        json!({"kty": "RSA"}),
        json!(null),
        json!({"kty": "EC", "crv": "P-256", "x": "!", "y": "!"}),
        json!({"kty": "XX", "deep": deep}),
    ] {
        let mut stage = Stage::fetching(&remote_config(), JWKS, key_set([bad.clone(), signer().jwk()]));
        stage.admits(&bad.to_string(), orders(token()));
    }
    let bottomless =
        format!(r#"{{"keys":[{},{{"x":{}{}}}]}}"#, signer().jwk(), "[".repeat(100_000), "]".repeat(100_000));
    keeps_the_last_good_set("deeper than anything is read", Answer::json(200, bottomless));
}

#[test]
fn ghsa_hxm8_the_compact_encoding_has_one_spelling() {
    let good = token();
    let mut stage = Stage::new(&config());
    for lax in [
        format!("{good}="),
        format!("{good}=="),
        good.replace('.', ".\n"),
        format!("{good}\n"),
        good.replacen('.', "..", 1),
        format!("{good} "),
    ] {
        stage.refuses("lax", orders(lax), R401, "token_malformed");
    }
}

#[test]
fn pyjwt_2_14_an_empty_hmac_key_is_no_key() {
    let keys = json!({"inline": {"keys": [{"kty": "oct", "k": "", "kid": "a"}]}});
    let empty = with(with(config(), "/issuers/0/keys", keys), "/issuers/0/algorithms", json!(["HS256"]));
    refuses_configuration(empty.to_string(), "issuers[0].keys.inline");
}

#[test]
fn cve_2026_25537_a_wrong_typed_exp_or_nbf_is_not_an_absent_one() {
    let mut stage = Stage::new(&issuer_with("required_claims", json!([])));
    for claim in ["exp", "nbf"] {
        spellings_refused(
            &mut stage,
            claim,
            &["\"0\"", "null", "[]", "{}", "true", "\"1900000000\""],
            "claim_malformed",
        );
    }
}

#[test]
fn jsonwebtoken_542_nbf_is_checked_without_being_asked_for() {
    let early = token_of(&claims_with(json!({"nbf": NOW + 600})));
    Stage::new(&config()).refuses("early", orders(early), R401, "token_not_yet_valid");
}

#[test]
fn cve_2026_35039_a_collision_of_hashes_gives_nobody_elses_claims() {
    // Same length, same end: the same hash, whatever it keeps of the rest.
    let mut stage = Stage::new(&config());
    let [admin, alice] = ["admin", "alice"].map(|sub| token_of(&claims_with(json!({"sub": sub}))));
    stage.admits("admin", orders(&admin));
    let forged = Token::parse(&alice).signature(Token::parse(&admin).signature).text();
    assert_eq!((forged.len(), &forged[forged.len() - 60..]), (admin.len(), &admin[admin.len() - 60..]));
    stage.refuses("a collision", orders(forged), R401, "signature_invalid");
    assert_eq!(stage.admits("alice", orders(alice)).values("x-auth-subject"), ["alice"]);
}

#[test]
fn cve_2026_27962_an_embedded_jwk_is_no_key() {
    let attacker = SigningKey::numbered(Algorithm::Es256, 9).with_kid(None);
    let token = attacker.token_raw(header_of(&attacker, json!({"jwk": attacker.jwk()})), claims().to_string());
    Stage::new(&config()).refuses("inline", orders(&token), R401, "signature_invalid");
    let mut stage = Stage::new(&remote_config());
    stage.serve(JWKS, Answer::status(404));
    stage.send("without any key", orders(&token)).is_refused("without any key", R503, "keys_unavailable");
}

#[test]
fn cve_2024_53861_a_part_of_an_issuer_is_not_the_issuer() {
    let mut stage = Stage::new(&config());
    for part in ["", "h", "https", "https://idp", "idp.example", "example", "://"] {
        stage.refuses(part, orders(token_of(&claims_with(json!({"iss": part})))), R401, "issuer_unknown");
    }
    for other in look_alikes() {
        stage.refuses(&other, orders(token_of(&claims_with(json!({"iss": other})))), R401, "issuer_unknown");
    }
}

#[test]
fn cve_2025_30204_cve_2025_27144_many_dots_cost_no_memory() {
    let mut stage =
        Stage::on(metered_module(), &with(config(), "/limits", json!({"max_token_bytes": "1MiB"})), |builder| builder);
    let cost = |stage: &mut Stage, text: &str| {
        let spent =
            |stage: &Stage| stage.host.workers()[0].vm().and_then(host_sim::Vm::instructions).unwrap_or_default();
        let before = spent(stage);
        stage.refuses("dots", orders(text), R401, "token_malformed");
        spent(stage) - before
    };
    cost(&mut stage, ".");
    let [dots, letters] = [".", "a"].map(|unit| cost(&mut stage, &unit.repeat(500_000)));
    assert!(dots < letters * 20, "{dots} against {letters}");
}

#[test]
fn cve_2026_29000_ghsa_c8v6_an_encrypted_token_is_not_unwrapped() {
    let inner = format!("{}.{}.", encoded(r#"{"alg":"none"}"#), encoded(claims().to_string()));
    let jwe = format!(
        "{}.{}.{}.{}.{}",
        encoded(r#"{"alg":"RSA-OAEP","enc":"A256GCM","cty":"JWT"}"#),
        encoded([1; 256]),
        encoded([2; 12]),
        encoded(inner),
        encoded([3; 16])
    );
    Stage::new(&config()).refuses("JWE", orders(jwe), R401, "token_encrypted");
}

#[test]
fn ghsa_jc38_the_algorithm_comes_from_the_protected_header() {
    let [protected, payload, signature] = segments(&token());
    let text = json!({"protected": protected, "header": {"alg": "none"}, "payload": payload, "signature": signature})
        .to_string();
    let escaped: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let mut stage = Stage::new(&with(config(), "/token_sources", json!([{"query": "t"}])));
    stage.refuses("JSON", Request::get(&format!("/orders?t={escaped}")), R401, "token_malformed");
}

#[test]
fn envoy_46586_forged_identity_headers_go_where_no_token_is_read() {
    let routes = json!([{"match": {"prefix": "/public"}, "access": "public"}, {"match": {"prefix": "/cors"}, "cors_preflight": true}, {"match": {"prefix": "/free"}, "access": "optional"}]);
    let mut stage = Stage::new(&with(config(), "/routes", routes));
    let preflight =
        Request::new("OPTIONS", "/cors").header("origin", "https://x").header("access-control-request-method", "GET");
    for request in [Request::get("/public"), preflight, Request::get("/free")] {
        let upstream = stage.admits("open", request.header("x-auth-subject", "root").header("X-Auth-Groups", "admins"));
        assert!(
            upstream.values("x-auth-subject").is_empty() && upstream.values("x-auth-groups").is_empty(),
            "{upstream:?}"
        );
    }
}

#[test]
fn cve_2023_27487_x_envoy_original_path_opens_nothing() {
    let mut stage =
        Stage::new(&with(config(), "/routes", json!([{"match": {"prefix": "/public"}, "access": "public"}])));
    stage.refuses(
        "the header",
        Request::get("/admin").header("x-envoy-original-path", "/public"),
        R401m,
        "no_credential",
    );
}

#[test]
fn cve_2021_21378_an_unknown_issuer_is_not_anonymous() {
    let mut stage = Stage::new(&with(config(), "/default_route", json!({"access": "optional"})));
    let unknown = token_of(&claims_with(json!({"iss": "https://unknown.example"})));
    stage.refuses("unknown", orders(unknown), R401, "issuer_unknown");
}

#[test]
fn cve_2020_25017_every_copy_of_a_header_is_replaced() {
    for first_only in [false, true] {
        let mut stage =
            Stage::on(module(), &config(), |builder| builder.settings(|own| own.replace_first_only = first_only));
        let request = (0..5).fold(orders(token()), |request, _| request.header("x-auth-subject", "root"));
        assert_eq!(stage.admits("copies", request).values("x-auth-subject"), ["alice"]);
    }
}

#[test]
fn cve_2026_26308_headers_joined_with_a_comma_are_two_credentials() {
    let mut stage = Stage::new(&config());
    for second in [token(), "x".to_owned()] {
        let joined = Request::get("/orders").header("authorization", format!("Bearer {},Bearer {second}", token()));
        stage.refuses("joined", joined, R400, "credentials_conflict");
    }
}

#[test]
fn cve_2019_9900_a_nul_in_a_header_splits_nothing() {
    let mut stage = Stage::new(&with(config(), "/routes", json!([{"match": {"path": "/public"}, "access": "public"}])));
    stage.refuses("in the token", orders(format!("{}\0", token())), R401, "token_malformed");
    stage.refuses("in the path", Request::get("/public\0/admin"), R401m, "no_credential");
    let upstream = stage.admits("in a header's name", orders(token()).header("x-auth-subject\0", "root"));
    assert_eq!(upstream.values("x-auth-subject"), ["alice"]);
}

#[test]
fn cve_2023_27493_cve_2024_45808_claims_cannot_break_out_of_a_header_or_a_log_line() {
    let hostile = "a\r\nx-auth-groups: admins\r\n\r\n";
    let mut stage = Stage::new(&with(config(), "/audit", json!("all")));
    let seen = stage.send("hostile", orders(token_of(&claims_with(json!({"sub": hostile})))));
    let upstream = seen.is_admitted("hostile");
    let raw = |text: &str| text.contains(['\r', '\n']);
    assert!(upstream.headers.iter().all(|(_, value)| !raw(&String::from_utf8_lossy(value))));
    assert!(upstream.values("x-auth-groups").is_empty() && seen.log.iter().all(|line| !raw(&line.text)));
}

#[test]
fn cve_2024_45809_cve_2025_64527_no_answer_about_keys_brings_the_filter_down() {
    let mut stage = Stage::new(&remote_config());
    for (n, outcome) in
        [CalloutOutcome::Reset, CalloutOutcome::Timeout, CalloutOutcome::ConnectFailure].into_iter().enumerate()
    {
        stage.serve(JWKS, Answer::soon(outcome).after(Duration::from_millis(100)));
        let held = stage.open(0, orders(token()));
        if n % 2 == 0 {
            stage.host.finish(held);
        }
        stage.pass(seconds(70));
    }
    stage.serve(JWKS, key_set([signer().jwk()]));
    stage.pass(seconds(70));
    stage.send("afterwards", orders(lasting(signer()))).is_admitted("afterwards");
}

#[test]
fn cve_2019_9901_cve_2021_31920_no_spelling_of_a_path_slips_past_a_rule() {
    let mut stage =
        Stage::new(&with(config(), "/routes", json!([{"match": {"prefix": "/public"}, "access": "public"}])));
    for path in AMBIGUOUS {
        stage.refuses(path, Request::get(path), R401m, "no_credential");
    }
}

#[test]
fn cve_2026_31837_without_keys_there_is_no_key() {
    let mut stage = Stage::new(&remote_config());
    stage.serve(JWKS, Answer::status(503));
    for signed in asymmetric().map(|algorithm| key(algorithm).token(&claims())) {
        stage.send("no keys", orders(signed)).is_refused("no keys", R503, "keys_unavailable");
    }
}

#[test]
fn linkerd_4605_wasm_shim_405_a_host_has_no_case() {
    let routes = json!([{"match": {"prefix": "/", "hosts": ["Admin.Example.com"]}, "access": "deny"}]);
    let mut stage = Stage::new(&with(config(), "/routes", routes));
    for host in ["admin.example.com", "ADMIN.EXAMPLE.COM", "Admin.example.com:443", "aDMIN.example.com."] {
        stage.refuses(host, Request::get("/x").authority(host).bearer(&token()), Denied, "route_denied");
    }
}
