//! The life of a configuration: taken, ticking, answered, drained.

use crate::crypto::Signatures;
use crate::filter::Filter;
use crate::host::{self, Buffer, Level};
use crate::metrics::Metrics;
use crate::mode::{Mode, jws_keys, verify_jws};
use crate::stream::Stream;
use crate::waiting::Waiting;
use claimgate_core::config::Config;
use claimgate_core::json::Located;
use claimgate_core::keyring::KeyRing;
use claimgate_core::keyset::KeySet;
use claimgate_core::refusal::Reason;
use claimgate_core::remembered::TokenMemory;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, ContextType};
use std::cell::RefCell;
use std::rc::Rc;

/// The filter that all requests of a configuration share on this worker.
pub(crate) type SharedFilter = Rc<RefCell<Filter>>;

/// Configurations larger than this are refused.
const MAX_CONFIGURATION: usize = 4 * 1024 * 1024;

/// The root context of one configuration.
pub(crate) struct Root {
    id: u32,
    work: Option<Work>,
}

enum Work {
    Gate(SharedFilter),
    Jws(Rc<KeySet>),
}

impl Root {
    pub(crate) fn new(id: u32) -> Self {
        Self { id, work: None }
    }

    /// Takes a configuration. A pure function of it: whatever else might fail must not, since a worker that refuses what
    /// the main thread took leaves Envoy unable to update the filter ever again.
    fn configure(&self) -> Result<Work, Vec<Located>> {
        let mistake = |problem: &str| vec![Located { path: String::new(), problem: problem.to_owned() }];
        let mode = Mode::of_vm().ok_or_else(|| mistake("the VM's own configuration is not one of this filter's"))?;
        let text = host::buffer(Buffer::PluginConfiguration, MAX_CONFIGURATION.saturating_add(1)).unwrap_or_default();
        if text.len() > MAX_CONFIGURATION {
            return Err(mistake("longer than 4 MiB"));
        }
        if mode == Mode::Jws {
            return jws_keys(&text).map(|keys| Work::Jws(Rc::new(keys))).map_err(mistake);
        }
        let (config, warnings) = Config::parse(&text)?;
        if mode == Mode::Explain {
            host::log(Level::Info, &format!("claimgate configuration {}", config.json()));
        }
        for Located { path, problem } in warnings {
            host::log(Level::Warn, &format!("configuration warning: {path}: {problem}"));
        }
        let now = host::now();
        let mut filter = Filter {
            root: self.id,
            keys: KeyRing::new(&config, now.millis() ^ u64::from(self.id)),
            memory: TokenMemory::new(&config.limits),
            metrics: Metrics::default(),
            waiting: Waiting::new(config.limits.waiting_requests, config.limits.wait_timeout),
            tick_period: None,
            callouts: Vec::new(),
            signatures: Signatures::self_tested(&config),
            explains: mode == Mode::Explain,
            config,
        };
        filter.start_keys(now);
        Ok(Work::Gate(Rc::new(RefCell::new(filter))))
    }

    fn with_filter(&self, act: impl FnOnce(&mut Filter)) {
        if let Some(Work::Gate(filter)) = &self.work
            && let Ok(mut filter) = filter.try_borrow_mut()
        {
            act(&mut filter);
        }
    }
}

impl Context for Root {
    fn on_http_call_response(&mut self, token: u32, headers: usize, body_size: usize, _: usize) {
        self.with_filter(|filter| filter.answered(token, headers, body_size, host::now()));
    }
}

impl RootContext for Root {
    fn on_configure(&mut self, _: usize) -> bool {
        match self.configure() {
            Ok(work) => {
                self.work = Some(work);
                true
            }
            Err(mistakes) => {
                for Located { path, problem } in mistakes {
                    host::log(Level::Error, &format!("configuration refused: {path}: {problem}"));
                }
                false
            }
        }
    }

    fn on_tick(&mut self) {
        self.with_filter(|filter| filter.tick(host::now()));
    }

    fn create_http_context(&self, context: u32) -> Option<Box<dyn HttpContext>> {
        Some(match &self.work {
            Some(Work::Gate(filter)) => Box::new(Stream::new(context, Rc::clone(filter))),
            Some(Work::Jws(keys)) => Box::new(JwsRequest(Some(Rc::clone(keys)))),
            // Requests before a configuration was taken: none is let through.
            None => Box::new(JwsRequest(None)),
        })
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}

/// A request of [`Mode::Jws`]: answered, never let through.
struct JwsRequest(Option<Rc<KeySet>>);

impl Context for JwsRequest {}

impl HttpContext for JwsRequest {
    fn on_http_request_headers(&mut self, _: usize, _: bool) -> Action {
        let map = host::map(host::Map::RequestHeaders).unwrap_or_default();
        let pairs = host::pairs(&map).unwrap_or_default();
        let jws = pairs.iter().find(|(name, _)| *name == b"x-jws").map(|(_, value)| *value);
        let verdict = match (&self.0, jws) {
            (Some(keys), Some(jws)) => verify_jws(jws, keys),
            (Some(_), None) => Err(Reason::NoCredential),
            (None, _) => Err(Reason::Internal),
        };
        let status = if verdict.is_ok() { 200 } else { 401 };
        if let Err(reason) = verdict {
            Metrics::default().refused(None, reason);
        }
        let _best_effort = host::respond(status, &[], "", None, "");
        Action::Pause
    }
}
