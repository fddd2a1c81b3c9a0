//! The whole gate: a configuration, keys that come and go, time that passes, and several requests in a row. Signatures are
//! keyed checksums, so that a fuzzer can make tokens that are proven; everything behind the signature is the real code.

mod call;
mod expected;
mod keys;
mod setting;
mod token;

use arbitrary::{Arbitrary, Unstructured};
use call::Call;
use claimgate_core::audit;
use claimgate_core::config::Config;
use claimgate_core::explain::{Step, Trace};
use claimgate_core::gate::{Decision, Gate, Verdict, decide};
use claimgate_core::jwks::{Answer, Effect, Event, FetchFailure, NoShared};
use claimgate_core::keyring::KeyRing;
use claimgate_core::refusal::Occasion;
use claimgate_core::remembered::TokenMemory;
use claimgate_core::request::Request;
use claimgate_core::time::Timestamp;
use keys::{Checksum, REMOTE_SETS, key_set};
use setting::Setting;
use std::collections::BTreeSet;
use token::Token;

/// When the story begins, in seconds.
const START: i64 = 1_800_000_000;

/// What happens to one worker under one configuration.
#[derive(Arbitrary, Debug)]
struct Story<'a> {
    setting: Setting,
    tokens: [Token<'a>; 3],
    events: Vec<Happening<'a>>,
}

#[derive(Arbitrary, Debug)]
enum Happening<'a> {
    Request(Call<'a>),
    /// Tenths of seconds pass, or the clock is set back.
    Time(i32),
    /// The second issuer is asked for its keys, if that is due, and answers with one of [`REMOTE_SETS`], or badly.
    Fetch(u8, &'a [u8]),
    /// The host has no clock for one request.
    NoClock(Call<'a>),
}

struct Worker {
    setting: Setting,
    config: &'static Config,
    keys: KeyRing,
    memory: TokenMemory,
    now: Timestamp,
    /// What the second issuer last answered well, and when.
    published: Option<(usize, Timestamp)>,
    verdicts: BTreeSet<&'static str>,
}

/// The bytes are a [`Story`].
pub fn gate(data: &[u8]) {
    gate_verdicts(data);
}

/// The same, and which verdicts there were: labels of reasons, `admit`, `anonymous`, `answer` and `wait`.
pub fn gate_verdicts(data: &[u8]) -> BTreeSet<&'static str> {
    let Ok(story) = Story::arbitrary_take_rest(Unstructured::new(data)) else { return BTreeSet::new() };
    let config = story.setting.config();
    let now = Timestamp::from_millis(START.unsigned_abs() * 1000);
    let memory = TokenMemory::new(&config.limits);
    let mut worker = Worker {
        setting: story.setting,
        config,
        keys: KeyRing::new(config, 7),
        memory,
        now,
        published: None,
        verdicts: BTreeSet::new(),
    };
    worker.fetch(0, &[]);
    for event in story.events.iter().take(16) {
        match event {
            Happening::Request(call) => worker.request(call, &story.tokens),
            Happening::Time(tenths) => {
                let millis = i64::try_from(worker.now.millis()).expect("a small number") + i64::from(*tenths) * 100;
                worker.now = Timestamp::from_millis(millis.max(1).unsigned_abs());
            }
            Happening::Fetch(choice, bad) => worker.fetch(*choice, bad),
            Happening::NoClock(call) => {
                let now = std::mem::replace(&mut worker.now, Timestamp::from_millis(0));
                worker.request(call, &story.tokens);
                worker.now = now;
            }
        }
    }
    worker.verdicts
}

impl Worker {
    fn request(&mut self, call: &Call<'_>, tokens: &[Token<'_>; 3]) {
        let texts = tokens.each_ref().map(|token| token.text(self.now));
        let (headers, policy) = (call.headers(&texts), call.policy());
        let pairs: Vec<(&[u8], &[u8])> = headers.iter().map(|(name, value)| (&name[..], &value[..])).collect();
        let Some(request) = Request::from_headers(&pairs, policy) else { return };
        let mut nothing = TokenMemory::new(&self.config.limits);
        let fresh = decided(self.config, &self.keys, &mut nothing, self.now, &request, |decision| {
            expected::hold(&expected::Case {
                setting: self.setting,
                request: &request,
                decision,
                now: self.now,
                published: self.published,
            });
            told(self.config, &request, decision);
            self.verdicts.insert(verdict(decision));
            summary(decision)
        });
        for _ in 0..2 {
            let known = decided(self.config, &self.keys, &mut self.memory, self.now, &request, summary);
            assert_eq!(known, fresh, "what is remembered changes no verdict");
        }
        assert!(self.memory.used_bytes() <= self.config.limits.remembered_bytes);
        assert!(self.memory.len() <= self.config.limits.remembered_entries);
    }

    fn fetch(&mut self, choice: u8, bad: &[u8]) {
        let Some(jwks) = self.keys.remote_mut(1) else { return };
        let effects = jwks.handle(self.now, &mut NoShared, Event::Tick);
        let callouts = effects.into_iter().filter_map(|effect| match effect {
            Effect::Dispatch(callout) => Some(callout.ticket),
            _ => None,
        });
        for ticket in callouts {
            let choice = usize::from(choice) % (REMOTE_SETS.len() + 3);
            let body = REMOTE_SETS.get(choice).map(|kids| key_set(kids).to_string());
            let status = if choice == REMOTE_SETS.len() { "500" } else { "200" };
            let headers = [(b":status".to_vec(), status.as_bytes().to_vec())];
            let answer = Answer { headers: &headers, body: body.as_deref().map_or(bad, str::as_bytes) };
            if choice == REMOTE_SETS.len() + 1 {
                jwks.handle(self.now, &mut NoShared, Event::Failed { ticket, failure: FetchFailure::Timeout });
            } else {
                jwks.handle(self.now, &mut NoShared, Event::Answered { ticket, answer });
            }
            if body.is_some() {
                self.published = Some((choice, self.now));
            }
        }
    }
}

fn decided<T>(
    config: &Config,
    keys: &KeyRing,
    memory: &mut TokenMemory,
    now: Timestamp,
    request: &Request<'_>,
    look: impl FnOnce(&Decision<'_>) -> T,
) -> T {
    let mut gate = Gate { config, keys, memory, verifier: &mut Checksum, trace: &mut Reader, now };
    look(&decide(&mut gate, request))
}

/// Reads what each step tells.
struct Reader;

impl Trace for Reader {
    fn note(&mut self, step: Step<'_>) {
        let told = step.json();
        assert!(serde_json::from_str::<&serde_json::value::RawValue>(&told).is_ok(), "{told}");
    }
}

/// What goes out beside the verdict: sound, and nothing of the request in it.
fn told(config: &Config, request: &Request<'_>, decision: &Decision<'_>) {
    if let Some(line) = audit::line(config, decision) {
        assert!(serde_json::from_str::<&serde_json::value::RawValue>(&line).is_ok(), "{line}");
        assert!(line.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{line}");
    }
    if let Verdict::Refuse(refusal) = &decision.verdict {
        let resource = decision.rule.and_then(|rule| rule.resource).and_then(|at| config.resources.get(at));
        let (head, grpc) = (request.method == "HEAD", request.is_grpc());
        let occasion = Occasion { rule: decision.rule, resource, detail: config.detail, head, grpc };
        let response = refusal.response(occasion);
        assert!([400, 401, 403, 503].contains(&response.status) && response.body.is_empty() == head);
        for (name, value) in &response.headers {
            assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{name}: {value}");
        }
    }
}

fn verdict(decision: &Decision<'_>) -> &'static str {
    match &decision.verdict {
        Verdict::Admit(admission) if admission.token.is_some() => "admit",
        Verdict::Admit(_) => "anonymous",
        Verdict::Answer(_) => "answer",
        Verdict::WaitForKeys(..) => "wait",
        Verdict::Refuse(refusal) | Verdict::Report(refusal) => refusal.reason.label(),
    }
}

/// All of a decision that anyone can notice. The kid that is waited for is none of it: a remembered token is not read again.
fn summary(decision: &Decision<'_>) -> String {
    let rule = decision.rule.and_then(|rule| rule.name.as_deref());
    let verdict = match &decision.verdict {
        Verdict::Admit(admission) => {
            let caller = admission.token.as_ref().map(|token| token.caller().expect("an admitted token has a caller"));
            format!("admit {:?} {:?}", caller, admission.removal)
        }
        Verdict::Refuse(refusal) => format!("refuse {refusal:?}"),
        Verdict::Report(refusal) => format!("report {refusal:?}"),
        Verdict::Answer(resource) => format!("answer {}", resource.name),
        Verdict::WaitForKeys(issuer, _) => format!("wait for {issuer}"),
    };
    format!("{verdict} {rule:?} {:?} {:?}", decision.issuer, decision.forged.names)
}
