//! Clients that never rest, good and bad, and what each must be answered.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use claimgate_tests::{Algorithm, Connection, Response, SigningKey, Token, broken, now};
use serde_json::json;

use crate::facts::{Facts, Key, Span};

pub(crate) const ISSUER: &str = "https://login.workforce.example";

/// After so many requests a connection is closed, so that every client meets both workers.
const REQUESTS_A_CONNECTION: usize = 25;

/// What all clients know and tell.
pub(crate) struct Shared {
    pub(crate) to: SocketAddr,
    pub(crate) facts: Mutex<Facts>,
    pub(crate) tally: Mutex<Tally>,
    pub(crate) stop: AtomicBool,
}

/// What came of it.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) requests: u64,
    pub(crate) verdicts: BTreeMap<(&'static str, u16), u64>,
    /// Connections that Envoy closed when it updated its listeners, before it read the request.
    pub(crate) reopened: u64,
    pub(crate) wrong: Vec<String>,
}

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The secret behind a key, under its kid.
pub(crate) fn signer(key: Key) -> SigningKey {
    let algorithm = if key.secret.is_multiple_of(2) { Algorithm::EdDsa } else { Algorithm::Es256 };
    SigningKey::numbered(algorithm, key.secret).with_kid(format!("kid-{}", key.kid).as_str())
}

/// A request, and what is known of it.
#[derive(Clone)]
struct Made {
    kind: &'static str,
    token: Option<String>,
    subject: String,
    audience: &'static str,
    key: Option<Key>,
    sound: bool,
}

/// One client, until it is told to stop.
pub(crate) fn run(shared: &Arc<Shared>, seed: u64) {
    let mut random = Random(seed);
    let mut open: Option<(Instant, Connection)> = None;
    let mut repeated: Vec<Made> = Vec::new();
    for number in 0.. {
        if shared.stop.load(Ordering::SeqCst) {
            return;
        }
        if number % REQUESTS_A_CONNECTION == 0 {
            open = None;
        }
        let made = match random.below(10) {
            0..4 if !repeated.is_empty() => repeated[random.below(repeated.len())].clone(),
            _ => made(shared, &mut random),
        };
        if made.kind == "good" {
            repeated.push(Made { kind: "repeated", ..made.clone() });
            let old = repeated.len().saturating_sub(20);
            repeated.drain(..old);
        }
        send(shared, &made, &mut open);
        std::thread::sleep(Duration::from_micros(random.below(3000) as u64));
    }
}

fn made(shared: &Shared, random: &mut Random) -> Made {
    let (current, past, audience) = {
        let facts = locked(&shared.facts);
        (facts.current().to_vec(), facts.past().collect::<Vec<_>>(), facts.current_audience())
    };
    let key = current[current.len() - 1];
    let subject = format!("user-{}", random.below(1_000_000));
    let minted = |kind, key: Key, audience: &'static str, life: i64| {
        let at = i64::try_from(now()).unwrap_or(0);
        let claims = json!({"iss": ISSUER, "sub": subject, "aud": audience, "iat": at + life - 700, "exp": at + life});
        let token = Some(signer(key).token(&claims));
        Made { kind, token, subject: subject.clone(), audience, key: Some(key), sound: life > 0 }
    };
    match random.below(20) {
        0 => Made { kind: "no token", token: None, subject, audience, key: None, sound: false },
        1 => minted("expired", key, audience, -100),
        2 => minted("for another audience", key, "other", 600),
        3 => minted("a stranger's key", Key { secret: 250 + (key.secret & 1), ..key }, audience, 600),
        4 if random.below(4) == 0 => {
            minted("unknown kid", Key { kid: 1_000_000 + random.below(300) as u32, ..key }, audience, 600)
        }
        5..8 => minted("an older key", past[random.below(past.len())], audience, 600),
        8 => minted("for the other audience", key, if audience == "orders" { "bills" } else { "orders" }, 600),
        9..12 => {
            let good = minted("broken", key, audience, 600);
            let all = broken(good.token.as_deref().unwrap_or_default());
            let (_, token) = all[random.below(all.len())].clone();
            let headers = token.bytes().all(|byte| byte.is_ascii_graphic());
            Made { token: Some(token).filter(|_| headers), sound: false, ..good }
        }
        12 => {
            let good = minted("forged", key, audience, 600);
            let token = Token::parse(good.token.as_deref().unwrap_or_default()).claim("sub", json!("root")).text();
            Made { token: Some(token), sound: false, ..good }
        }
        _ => minted("good", key, audience, 600),
    }
}

fn send(shared: &Shared, made: &Made, open: &mut Option<(Instant, Connection)>) {
    let forged = [("x-auth-subject", "root"), ("X-Auth-Groups", "admins"), ("x-auth-email", "root@example.com")];
    let mut tries = 0;
    let (span, response) = loop {
        tries += 1;
        let sent = Instant::now();
        let connection = match open.take() {
            Some(connection) => Ok(connection),
            None => Connection::open(shared.to).map(|connection| (sent, connection)),
        };
        let answered = connection.and_then(|(opened, mut connection)| {
            let response = connection.get_with("/orders", made.token.as_deref(), &forged)?;
            Ok((opened, connection, response))
        });
        match answered {
            Ok((opened, connection, response)) => {
                let done = Instant::now();
                if response.header("connection") != Some("close") {
                    *open = Some((opened, connection));
                }
                break (Span { opened, sent, done }, response);
            }
            // A connection that is being drained may go at any moment.
            Err(_) if tries < 4 => {
                locked(&shared.tally).reopened += 1;
                std::thread::sleep(Duration::from_millis(50));
            }
            Err(error) => {
                locked(&shared.tally).wrong.push(format!("{}: no answer: {error}", made.kind));
                return;
            }
        }
    };
    judge(shared, made, span, &response);
}

fn judge(shared: &Shared, made: &Made, span: Span, response: &Response) {
    let mut right = match made.key {
        None => vec![401],
        Some(key) => locked(&shared.facts).right(key, made.audience, made.sound, span),
    };
    if made.kind == "broken" {
        // Most are refused for what they look like, whatever keys there are, and some name a kid that nobody has.
        right.extend([400, 401, 503]);
    }
    let subjects = response.upstream_saw("x-auth-subject");
    let others = ["x-auth-groups", "x-auth-email"].map(|name| response.upstream_saw(name)).concat();
    // The router says 504 of a request that the filter let through when the service takes too long on a busy machine.
    let verdict = if response.status == 504 { 200 } else { response.status };
    let itself = response.status != 200 || (subjects == [made.subject.clone()] && others.is_empty());
    let mut tally = locked(&shared.tally);
    tally.requests += 1;
    *tally.verdicts.entry((made.kind, response.status)).or_default() += 1;
    if !right.contains(&verdict) || !itself {
        let took = span.done - span.sent;
        tally.wrong.push(format!(
            "{} under {:?}: {} after {took:?}, right is {right:?}; subject {subjects:?}, others {others:?}",
            made.kind, made.key, response.status
        ));
    }
}

/// splitmix64.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }
}
