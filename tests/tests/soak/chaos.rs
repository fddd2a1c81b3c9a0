//! What goes wrong around the filter, drawn at random.

use std::time::Duration;

use host_sim::{Occurrence, Status};

use crate::providers::Mood;
use crate::run::Run;

/// Hostcalls that can fail without making the workers differ about keys, while they are made for a request.
const OF_REQUESTS: [&str; 10] = [
    "proxy_log",
    "proxy_get_header_map_pairs",
    "proxy_add_header_map_value",
    "proxy_replace_header_map_value",
    "proxy_remove_header_map_value",
    "proxy_send_local_response",
    "proxy_call_foreign_function",
    "proxy_define_metric",
    "proxy_increment_metric",
    "proxy_record_metric",
];

/// Hostcalls whose failure reaches the life of the keys.
const OF_KEYS: [&str; 8] = [
    "proxy_get_current_time_nanoseconds",
    "proxy_set_tick_period_milliseconds",
    "proxy_get_buffer_bytes",
    "proxy_get_shared_data",
    "proxy_set_shared_data",
    "proxy_continue_stream",
    "proxy_set_effective_context",
    "proxy_http_call",
];

/// Calls that do something: a host that says it did and did not is not one to be safe on.
const WITH_EFFECT: [&str; 4] = [
    "proxy_remove_header_map_value",
    "proxy_replace_header_map_value",
    "proxy_set_tick_period_milliseconds",
    "proxy_set_shared_data",
];

/// Whether a strike on this hostcall can only touch the request that it was made for.
pub(crate) fn only_touches_its_request(hostcall: &str) -> bool {
    OF_REQUESTS.contains(&hostcall)
}

/// Whether anything may fail at the moment, or only what leaves all workers of one mind.
pub(crate) struct Weather {
    storm: bool,
    until: Duration,
}

impl Weather {
    pub(crate) fn fair() -> Weather {
        Weather { storm: false, until: Duration::from_secs(30) }
    }
}

impl Run {
    /// What goes wrong before the next request.
    pub(crate) fn chaos(&mut self) {
        let now = self.steady();
        if now >= self.weather.until {
            self.weather.storm = !self.weather.storm;
            let lasts = if self.weather.storm { self.random.between(5, 40) } else { self.random.between(40, 150) };
            self.weather.until = now + Duration::from_secs(lasts);
        }
        match self.random.below(4000) {
            0..4 => self.rotate(),
            4..10 => self.change_mood(),
            10 => self.reload(),
            11 => self.reconfigure(),
            12..52 => self.force(&OF_REQUESTS),
            52..82 if self.weather.storm => self.force(&OF_KEYS),
            82..85 if self.weather.storm => self.jump(),
            85..88 if self.weather.storm => self.scribble(),
            88 if self.random.one_in(20) => self.sleep(),
            _ => {}
        }
    }

    fn rotate(&mut self) {
        let provider = self.random.below(2);
        self.providers[provider].rotate(&mut self.random);
        self.tally.fault("keys rotated");
    }

    fn change_mood(&mut self) {
        let moods = [Mood::Well, Mood::Well, Mood::Well, Mood::Well, Mood::Slow, Mood::Down, Mood::Wrong];
        let mood = *self.random.pick(&moods);
        let provider = self.random.below(2);
        if mood != Mood::Well && self.providers[provider].mood != mood {
            self.tally.fault(match mood {
                Mood::Slow => "provider becomes slow",
                Mood::Down => "provider goes down",
                _ => "provider answers nonsense",
            });
        }
        self.providers[provider].mood = mood;
    }

    /// One of the next calls of one of these hostcalls answers with some status.
    fn force(&mut self, hostcalls: &[&'static str]) {
        let hostcall = *self.random.pick(hostcalls);
        let status = *self.random.pick(&Status::ALL);
        let lies = status == Status::Ok && WITH_EFFECT.contains(&hostcall);
        if !lies {
            let nth = self.random.between(1, 6);
            self.host.process().faults.force(hostcall, Occurrence::Nth(nth), status);
            self.forced += 1;
        }
        // Those that struck are over.
        if self.forced > 8 {
            self.calm_hostcalls();
        }
    }

    pub(crate) fn calm_hostcalls(&mut self) {
        self.forced = 0;
        self.host.process().faults.clear();
    }

    /// The wall clock is set, up to three hours either way.
    fn jump(&mut self) {
        let most = *self.random.pick(&[5, 90, 600, 10_800]);
        let seconds = self.random.between(1, most);
        let by = Duration::from_secs(seconds);
        let wall = self.host.process().clock.now().wall;
        if self.random.one_in(2) {
            self.host.set_now(wall + by);
        } else {
            self.host.set_now(wall - by);
            self.back += by;
        }
        self.jumps += 1;
        self.disturb();
        self.tally.fault("clock set");
    }

    /// Another module with the same `vm_id` writes where the keys are.
    fn scribble(&mut self) {
        let entries = self.host.process().shared_data.entries();
        if entries.is_empty() {
            return;
        }
        let (name, value) = self.random.pick(&entries).clone();
        let attackers = crate::providers::Key { kid: 0, material: 0 }.stranger(&mut self.random).jwk();
        let garbage = match self.random.below(4) {
            0 => Vec::new(),
            1 => serde_json::json!({"keys": [attackers]}).to_string().into_bytes(),
            2 => value[..self.random.below(value.len() + 1)].to_vec(),
            _ => vec![0xff; 400],
        };
        let _written = self.host.process().shared_data.set(&name, &garbage, 0);
        self.disturb();
        self.tally.fault("shared data overwritten");
    }

    /// Nobody asks for anything for some minutes.
    fn sleep(&mut self) {
        let span = Duration::from_secs(self.random.between(60, 400));
        self.pass(span);
        self.tally.fault("minutes without a request");
    }
}
