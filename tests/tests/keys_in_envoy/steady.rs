//! A key server fails in every way that key servers do while requests come in all the time: each gets the right verdict.

use std::sync::Arc;
use std::time::{Duration, Instant};

use claimgate_tests::{Behaviour, Token};

use crate::gate::{Gate, MAX_STALE, key};
use crate::load::{Lane, Load};

/// How long a worker may go on with a set that another has replaced.
const FOLLOWED: Duration = Duration::from_secs(1);

/// The labels of fetches that bring the set.
const GOOD: [&str; 2] = ["changed", "unchanged"];

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn not_one_verdict_is_wrong_while_the_key_server_fails_in_every_way() {
    let gate = Gate::start(SECOND);
    let mut run = Run::start(&gate);
    run.all_is_well();
    run.rotation();
    run.withdrawal();
    run.other_key_under_the_same_kid();
    run.unknown_kids();
    let slow = |milliseconds| Some(Behaviour::Slow(Duration::from_millis(milliseconds)));
    let body = |body: &str| Some(Behaviour::Body(body.to_owned()));
    run.answers("slow but in time", slow(200), &GOOD);
    run.answers("refused connections", None, &["server_error"]);
    run.answers("too slow", slow(3000), &["timeout"]);
    run.answers("status 500", Some(Behaviour::Status(500)), &["server_error"]);
    run.answers("status 404", Some(Behaviour::Status(404)), &["client_error"]);
    run.answers("redirect", Some(Behaviour::Status(302)), &["redirect"]);
    run.answers("HTML", Some(Behaviour::Html), &["not_a_key_set"]);
    run.answers("no keys", body(r#"{"keys":[]}"#), &["no_usable_key"]);
    run.answers("truncated", Some(Behaviour::Truncated), &["reset"]);
    run.outage_beyond_max_stale();
    run.finish();
}

/// The load, and the lanes whose right verdict changes.
struct Run<'a> {
    gate: &'a Gate,
    load: Load,
    /// A good token under the key that signs now, twice as often as the rest together.
    current: Arc<Lane>,
    /// A good token under the key that signed first.
    old: Arc<Lane>,
    /// The current token with a bit of its signature flipped.
    forged: Arc<Lane>,
    nobody: Arc<Lane>,
    stranger: Arc<Lane>,
}

impl<'a> Run<'a> {
    fn start(gate: &'a Gate) -> Self {
        let pause = Duration::from_millis;
        let token = gate.token(&key(0));
        let strangers =
            (0..100).map(|number| Some(gate.token(&key(0).with_kid(format!("stranger-{number}").as_str()))));
        let current = Lane::new("current key", pause(5), vec![Some(token.clone())], &[200]);
        let old = Lane::new("old key", pause(15), vec![Some(token.clone())], &[200]);
        let forged = Lane::new("forged", pause(15), vec![Some(forgery(&token))], &[401]);
        let nobody = Lane::new("no token", pause(15), vec![None], &[401]);
        let stranger = Lane::new("unknown kid", pause(100), strangers.collect(), &[401, 503]);
        let mut load = Load::new(gate.envoy.listener());
        load.phase("start");
        [&current, &old, &forged, &nobody].into_iter().for_each(|lane| load.run(lane));
        Self { gate, load, current, old, forged, nobody, stranger }
    }

    /// One fetch a refresh, however many workers there are: with a set that lives a second, at most one a second.
    fn all_is_well(&mut self) {
        self.gate.until_fetch(&GOOD);
        let began = self.load.phase("all is well");
        let before = (self.gate.asked(), self.gate.fetches(&GOOD));
        std::thread::sleep(5 * SECOND);
        let after = (self.gate.asked(), self.gate.fetches(&GOOD));
        let (asked, seconds) = (after.0 - before.0, began.elapsed().as_secs());
        println!("the key server was asked {asked} times in {seconds} s");
        assert!((seconds as usize / 3..=seconds as usize + 1).contains(&asked), "{asked} fetches in {seconds} s");
        assert!(
            (after.1 - before.1).abs_diff(asked as u64) <= 1,
            "the filter counts {} of {asked}",
            after.1 - before.1
        );
    }

    /// Three more fetches in a cool-down, also a second here, for all of them. Kids that none of them asked for are 503.
    fn unknown_kids(&mut self) {
        let began = self.load.phase("unknown kids");
        self.load.run(&self.stranger);
        let before = self.gate.asked();
        std::thread::sleep(3 * SECOND);
        let (asked, seconds) = (self.gate.asked() - before, began.elapsed().as_secs() as usize);
        println!("the key server was asked {asked} times in {seconds} s");
        assert!(asked <= 4 * (seconds + 1), "{asked} fetches in {seconds} s");
    }

    fn rotation(&mut self) {
        self.load.phase("rotation");
        self.gate.provider.rotate(key(1));
        let token = self.gate.token(&key(1));
        self.current.send(&token);
        self.gate.until_fetch(&["changed"]);
        self.forged.send(&forgery(&token));
        std::thread::sleep(SECOND);
    }

    fn withdrawal(&mut self) {
        let began = self.load.phase("withdrawal");
        self.old.right_from(began, &[200, 401]);
        self.gate.provider.withdraw(key(0).kid().expect("it has a kid"));
        let (_, fetched) = self.gate.until_asked();
        std::thread::sleep(FOLLOWED);
        self.old.right_from(fetched + FOLLOWED + self.slack(began), &[401]);
        std::thread::sleep(SECOND);
        let last = self.old.last(200, began).map_or(Duration::ZERO, |last| last.saturating_duration_since(fetched));
        println!("the withdrawn key was last admitted {:.3} s after the fetch", last.as_secs_f64());
    }

    fn other_key_under_the_same_kid(&mut self) {
        let began = self.load.phase("another key, the same kid");
        let (gone, new) = (key(1), key(2).with_kid(key(1).kid()));
        let (gone, token) = (self.gate.token(&gone), self.gate.token(&new));
        // Nothing but the next refresh can tell that the key is another: until then both are judged by the old one.
        self.current.right_from(began, &[200, 401]);
        self.old.right_from(began, &[200, 401]);
        self.current.send(&token);
        self.old.send(&gone);
        self.forged.send(&forgery(&token));
        self.gate.provider.publish(vec![new]);
        let (_, fetched) = self.gate.until_asked();
        std::thread::sleep(FOLLOWED);
        let followed = fetched + FOLLOWED + self.slack(began);
        self.current.right_from(followed, &[200]);
        self.old.right_from(followed, &[401]);
        std::thread::sleep(SECOND);
    }

    /// The key server answers so, or refuses connections, until a fetch has ended so; then it is well again. Who has a key is
    /// not touched by it; whether an unknown kid exists cannot be told while the key server fails.
    fn answers(&mut self, name: &str, behaviour: Option<Behaviour>, outcome: &[&str]) {
        let began = self.load.phase(name);
        let fails = outcome != GOOD;
        let provider = &self.gate.provider;
        if fails {
            [&self.old, &self.stranger].into_iter().for_each(|lane| lane.right_from(began, &[401, 503]));
        }
        match behaviour {
            Some(behaviour) => provider.set(claimgate_tests::Endpoint::Jwks, behaviour),
            None => provider.listen(false),
        }
        self.gate.until_fetch(outcome);
        std::thread::sleep(Duration::from_millis(300));
        provider.set(claimgate_tests::Endpoint::Jwks, Behaviour::Serve);
        provider.listen(true);
        self.gate.until_fetch(&GOOD);
        let lasted = began.elapsed();
        assert!(lasted + SECOND < MAX_STALE, "{name} lasted {lasted:?}: this machine is too slow to tell anything");
        if fails {
            let well = Instant::now();
            [&self.old, &self.stranger].into_iter().for_each(|lane| lane.right_from(well, &[401, 503]));
        }
    }

    /// Keys are used until `max_stale` and not a moment longer; then no token can be judged, and that is nobody's fault.
    fn outage_beyond_max_stale(&mut self) {
        let began = self.load.phase("outage up to max_stale");
        [&self.old, &self.stranger].into_iter().for_each(|lane| lane.right_from(began, &[401, 503]));
        let (earliest, _) = self.gate.until_asked();
        self.gate.provider.listen(false);
        // Long enough for a fetch that an unknown kid caused at the same time.
        std::thread::sleep(Duration::from_millis(200));
        let (latest, asked) = (Instant::now(), self.gate.asked());
        let gone = earliest + MAX_STALE;
        self.current.right_from(gone, &[200, 503]);
        self.forged.right_from(gone, &[401, 503]);
        rest_until(latest + MAX_STALE);
        assert_eq!(self.gate.asked(), asked, "the set was confirmed later than this test thinks");
        let began = self.load.phase("outage beyond max_stale");
        std::thread::sleep(SECOND);
        let all_gone = latest + MAX_STALE + SECOND + self.slack(began);
        [&self.current, &self.forged, &self.stranger].into_iter().for_each(|lane| lane.right_from(all_gone, &[503]));
        std::thread::sleep(2 * SECOND);
        let first = self.current.first(503, began - MAX_STALE).expect("keys are gone");
        println!("the first 503 came {:.3} s after the last good fetch began", (first - earliest).as_secs_f64());

        let back = self.load.phase("the key server is back");
        self.current.right_from(back, &[200, 503]);
        [&self.forged, &self.stranger].into_iter().for_each(|lane| lane.right_from(back, &[401, 503]));
        self.gate.provider.listen(true);
        self.gate.until_fetch(&GOOD);
        let well = Instant::now();
        self.current.right_from(well, &[200]);
        self.forged.right_from(well, &[401]);
        [&self.old, &self.stranger].into_iter().for_each(|lane| lane.right_from(well, &[401, 503]));
        println!("keys were back {:.3} s after the key server", (well - back).as_secs_f64());
        std::thread::sleep(2 * SECOND);
    }

    fn finish(self) {
        let log = self.gate.log();
        let told = |text: &str| log.lines().filter(|line| line.contains(text)).count();
        let wrong = self.load.finish();
        assert!(wrong.is_empty(), "{:#?}\n{log}", &wrong[..wrong.len().min(40)]);
        // A change of state is told once in the whole process, and a request never.
        for (text, times) in [("keys obtained", 1), ("no longer used", 1), ("keys changed", 3)] {
            assert_eq!(told(text), times, "{text}\n{log}");
        }
        assert!(told("claimgate") < 60, "{log}");
    }

    /// What the machine delays and not the filter: the longest that a request took which needs no keys.
    fn slack(&self, since: Instant) -> Duration {
        self.nobody.slowest_since(since)
    }
}

fn forgery(token: &str) -> String {
    Token::parse(token).flip_signature_bit(9).text()
}

fn rest_until(then: Instant) {
    std::thread::sleep(then.saturating_duration_since(Instant::now()));
}
