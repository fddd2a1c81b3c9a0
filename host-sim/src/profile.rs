//! Which host is imitated, and what it can do.

mod rules;

use std::collections::BTreeSet;
use std::str::FromStr;
use std::time::Duration;

use crate::headers::MapRules;
use crate::route::{Route, RouteProperties};

pub(crate) use rules::{
    CalloutFailures, LocalReplies, Misuse, Pause, RootIds, RootProperties, Rules, Targets, TickPeriod, Update,
};

/// A kind of host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// Envoy 1.40.
    #[default]
    Envoy,
    /// nginx 1.27 with ngx_wasm_module of April 2025, where a pause does not hold and a removed header is forwarded.
    Nginx,
    /// Envoy's rules without shared data, timers, callouts, metrics and foreign functions.
    Minimal,
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(name: &str) -> Result<Profile, String> {
        match name {
            "envoy" => Ok(Profile::Envoy),
            "nginx" => Ok(Profile::Nginx),
            "minimal" => Ok(Profile::Minimal),
            other => Err(format!("unknown host profile {other:?}; there are envoy, nginx and minimal")),
        }
    }
}

/// Something a host may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ability {
    /// `proxy_get_shared_data`, `proxy_set_shared_data`.
    SharedData,
    /// `proxy_set_tick_period_milliseconds`.
    Ticks,
    /// `proxy_http_call`.
    Callouts,
    /// `proxy_define_metric` and its kin.
    Metrics,
    /// `proxy_call_foreign_function`.
    ForeignFunctions,
}

impl Ability {
    /// Every ability.
    pub const ALL: [Ability; 5] =
        [Ability::SharedData, Ability::Ticks, Ability::Callouts, Ability::Metrics, Ability::ForeignFunctions];

    /// The ability without which `hostcall` does not work, if there is one.
    pub(crate) fn behind(hostcall: &str) -> Option<Ability> {
        match hostcall {
            "proxy_get_shared_data" | "proxy_set_shared_data" => Some(Ability::SharedData),
            "proxy_set_tick_period_milliseconds" => Some(Ability::Ticks),
            "proxy_http_call" => Some(Ability::Callouts),
            "proxy_define_metric" | "proxy_get_metric" | "proxy_record_metric" | "proxy_increment_metric" => {
                Some(Ability::Metrics)
            }
            "proxy_call_foreign_function" => Some(Ability::ForeignFunctions),
            _ => None,
        }
    }
}

/// What becomes of a worker whose VM trapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailurePolicy {
    /// Every request fails from then on.
    Closed,
    /// The first request made `backoff` or more after the last load gets a new VM.
    Reload {
        /// The least time between two loads.
        backoff: Duration,
    },
}

impl Default for FailurePolicy {
    fn default() -> FailurePolicy {
        FailurePolicy::Reload { backoff: Duration::from_secs(1) }
    }
}

/// The clusters a host knows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Clusters {
    /// Any name is taken for a cluster's.
    #[default]
    Any,
    /// These and no others.
    Only(BTreeSet<String>),
}

impl Clusters {
    pub(crate) fn has(&self, name: &str) -> bool {
        match self {
            Clusters::Any => true,
            Clusters::Only(names) => names.contains(name),
        }
    }
}

/// Everything about a host that is fixed before a VM is made.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Which host is imitated.
    pub profile: Profile,
    /// What it lacks.
    pub missing: BTreeSet<Ability>,
    /// What becomes of a worker whose VM trapped.
    pub failure_policy: FailurePolicy,
    /// The clusters that callouts may go to.
    pub clusters: Clusters,
    /// The VM's configuration, readable at any time.
    pub vm_configuration: Vec<u8>,
    /// The property `plugin_name`.
    pub plugin_name: String,
    /// The property `plugin_root_id`.
    pub root_id: String,
    /// The property `plugin_vm_id`.
    pub vm_id: String,
    /// `replace` changes only the first of several values, as in older releases of Envoy.
    pub replace_first_only: bool,
    /// The routes of the one virtual host, first match wins; a host without any sends every request on.
    pub routes: Vec<Route>,
    /// When the properties of a route show the pick that follows from a changed header.
    pub route_properties: RouteProperties,
    /// Hostcalls that a capability restriction turns into stubs answering 10.
    pub restricted_hostcalls: BTreeSet<String>,
    /// Callbacks that a capability restriction keeps from being called.
    pub restricted_callbacks: BTreeSet<String>,
    /// Seeds randomness and the order of things that are due at the same time.
    pub seed: u64,
    /// The most linear memory a VM may have, in bytes; what asks for more does not get it.
    pub memory_limit: usize,
}

/// Envoy's limit: 1 GiB.
const MEMORY_LIMIT: usize = 1 << 30;

impl Settings {
    /// A host of this profile that otherwise does everything the profile can.
    pub fn new(profile: Profile) -> Settings {
        let missing = match profile {
            Profile::Minimal => Ability::ALL.into_iter().collect(),
            Profile::Envoy | Profile::Nginx => BTreeSet::new(),
        };
        Settings {
            profile,
            missing,
            failure_policy: FailurePolicy::default(),
            clusters: Clusters::Any,
            vm_configuration: Vec::new(),
            plugin_name: "claimgate".to_owned(),
            root_id: "claimgate".to_owned(),
            vm_id: "claimgate".to_owned(),
            replace_first_only: false,
            routes: Vec::new(),
            route_properties: RouteProperties::default(),
            restricted_hostcalls: BTreeSet::new(),
            restricted_callbacks: BTreeSet::new(),
            seed: 0,
            memory_limit: MEMORY_LIMIT,
        }
    }

    pub(crate) fn rules(&self) -> &'static Rules {
        self.profile.rules()
    }

    /// The rules of request header maps.
    pub(crate) fn request_map(&self) -> MapRules {
        match self.profile {
            Profile::Nginx => MapRules::Nginx,
            Profile::Envoy | Profile::Minimal => self.other_maps(),
        }
    }

    /// The rules of every other map.
    pub(crate) fn other_maps(&self) -> MapRules {
        MapRules::Envoy { first_only: self.replace_first_only }
    }
}
