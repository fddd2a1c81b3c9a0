//! The dozen requests.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::table::Row;
use super::{Gate, Scene, now};
use claimgate_devkit::exchange::{Request, Response};
use claimgate_devkit::provider::{Algorithm, SigningKey};

/// A request with what must become of it.
struct Case {
    name: &'static str,
    request: Request,
    status: u16,
    reason: &'static str,
}

/// Sends the requests one after another.
pub(super) fn play(scene: &Scene, gate: &Gate) -> io::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for case in before_rotation(scene) {
        rows.push(case.play(scene, gate)?);
    }
    scene.workforce.rotate(SigningKey::numbered(Algorithm::Rs256, 1));
    rows.push(
        admitted("workforce: key rotated, first token", orders(&scene.workforce_token(json!({})))).play(scene, gate)?,
    );
    Ok(rows)
}

fn before_rotation(scene: &Scene) -> Vec<Case> {
    let alice = scene.workforce_token(json!({}));
    let bob = scene.partners_token(json!({}));
    let forger = SigningKey::numbered(Algorithm::Rs256, 3).with_kid(scene.workforce.signer().kid());
    let forged = forger.token(&scene.workforce.claims(now(), json!({"aud": "orders", "sub": "root"})));
    let expired = json!({"iat": now() - 7200, "exp": now() - 3600});
    let boss = scene.workforce_token(json!({"sub": "carol", "groups": ["Platform Admins"]}));
    let stranger = scene.workforce.claims(now(), json!({"iss": "https://evil.example", "aud": "orders"}));
    vec![
        admitted("workforce: good token", orders(&alice)),
        admitted("partners: good token", orders(&bob)),
        refused("no token", Request::get("/orders"), 401, "no_credential"),
        refused("not a token", Request::get("/orders").bearer("abc"), 401, "token_malformed"),
        refused("workforce: expired", orders(&scene.workforce_token(expired)), 401, "token_expired"),
        refused("workforce: forged signature", orders(&forged), 401, "signature_invalid"),
        refused(
            "partners: for another service",
            orders(&scene.partners_token(json!({"aud": "x"}))),
            401,
            "audience_mismatch",
        ),
        refused(
            "an issuer nobody configured",
            orders(&scene.workforce.signer().token(&stranger)),
            401,
            "issuer_unknown",
        ),
        admitted("workforce: sends x-auth-subject: root", orders(&alice).header("x-auth-subject", "root")),
        admitted("workforce: sends X-Auth-Subject: root", orders(&alice).header("X-Auth-Subject", "root")),
        admitted("workforce: sends x_auth_subject: root", orders(&alice).header("x_auth_subject", "root")),
        admitted("public path: sends X-Auth-Groups: admins", Request::get("/status").header("X-Auth-Groups", "admins")),
        admitted("the metadata document (RFC 9728)", Request::get("/.well-known/oauth-protected-resource")),
        admitted("optional path: no token", Request::get("/catalog/1")),
        refused("workforce: admin path without the group", Request::get("/admin").bearer(&alice), 403, "group_missing"),
        refused("partners: their admins are not ours", Request::get("/admin").bearer(&bob), 403, "group_missing"),
        admitted("workforce: admin path with the group", Request::get("/admin").bearer(&boss)),
    ]
}

/// The same by hand.
pub(super) fn commands(scene: &Scene, gate: SocketAddr, now: u64) -> String {
    let for_an_hour = json!({"exp": now + 3600});
    let alice = scene.workforce_token(for_an_hour.clone());
    let bob = scene.partners_token(for_an_hour);
    format!(
        "\nEverything is still running; Ctrl-C ends it. The tokens are good for an hour.\n\n\
         ALICE={alice}\nBOB={bob}\n\n\
         curl -i http://{gate}/orders -H \"Authorization: Bearer $ALICE\"\n\
         curl -i http://{gate}/orders -H \"Authorization: Bearer $BOB\"\n\
         curl -i http://{gate}/admin -H \"Authorization: Bearer $ALICE\"\n\
         curl -i http://{gate}/orders\n\
         curl -i http://{gate}/status -H 'X-Auth-Subject: root'\n\
         curl -i http://{}/keys\n",
        scene.workforce.address()
    )
}

fn orders(token: &str) -> Request {
    Request::get("/orders").bearer(token)
}

fn admitted(name: &'static str, request: Request) -> Case {
    Case { name, request, status: 200, reason: "-" }
}

fn refused(name: &'static str, request: Request, status: u16, reason: &'static str) -> Case {
    Case { name, request, status, reason }
}

impl Case {
    fn play(&self, scene: &Scene, gate: &Gate) -> io::Result<Row> {
        let (counted, reached) = (gate.refusals()?, scene.upstream.requests());
        let response = self.request.send(gate.address())?;
        let reason = reason(gate, &counted, response.status)?;
        let identity = match scene.upstream.requests() > reached {
            true => identity(&response),
            false => "-".to_owned(),
        };
        let status = response.status;
        let as_expected = status == self.status && reason == self.reason && !identity.contains("root");
        Ok(Row { request: self.name.to_owned(), status, reason, identity, as_expected })
    }
}

/// The counter of refusals that moved. A host may count a moment after it answered.
fn reason(gate: &Gate, before: &BTreeMap<String, u64>, status: u16) -> io::Result<String> {
    let deadline = Instant::now() + Duration::from_secs(1);
    loop {
        let after = gate.refusals()?;
        let moved: Vec<&str> = after
            .iter()
            .filter(|(name, count)| before.get(*name) != Some(*count) && **count > 0)
            .map(|(name, _)| name.as_str())
            .collect();
        if !moved.is_empty() || status < 400 || Instant::now() > deadline {
            return Ok(if moved.is_empty() { "-".to_owned() } else { moved.join(" ") });
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Identity headers that would make the lines too long.
const LEFT_OUT: [&str; 2] = ["x-auth-username", "x-auth-email"];

/// Every other header that a backend might take for an identity header, in a fixed order.
pub(super) fn identity(response: &Response) -> String {
    let echo = response.json();
    let mut seen: Vec<(usize, String)> = Vec::new();
    for pair in echo["headers"].as_array().into_iter().flatten() {
        let name = pair[0].as_str().unwrap_or_default();
        if LEFT_OUT.contains(&name) {
            continue;
        }
        if let Some(attribute) = name.replace('_', "-").strip_prefix("x-auth-") {
            let order = ["subject", "groups", "issuer"];
            let place = order.iter().position(|known| *known == attribute).unwrap_or(order.len());
            let attribute = if name.contains('_') { name } else { attribute };
            seen.push((place, format!("{attribute}={}", shown(&pair[1]))));
        }
    }
    seen.sort();
    match seen.is_empty() {
        true => "anonymous".to_owned(),
        false => seen.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(" "),
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
