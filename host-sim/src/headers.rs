//! Header maps as a host keeps them: raw bytes, in order, with the rules of the host that owns them.

mod nginx;
mod wire;

pub use wire::Pair;
pub(crate) use wire::{decode, encode};

/// The longest map that crosses into a module; a longer one is handed over empty, as in Envoy.
pub(crate) const MAX_PAIRS: usize = 1024;
/// The largest serialised map that crosses into a module, in bytes; a larger one is handed over empty, as in Envoy.
pub(crate) const MAX_BYTES: usize = 1 << 20;

/// Names Envoy keeps in one slot: a second value is appended to the first with a comma.
const INLINE: [&[u8]; 24] = [
    b"accept",
    b"accept-encoding",
    b"authorization",
    b"cache-control",
    b"connection",
    b"content-encoding",
    b"content-type",
    b"expect",
    b"grpc-timeout",
    b"if-none-match",
    b"keep-alive",
    b"origin",
    b"pragma",
    b"proxy-authorization",
    b"proxy-connection",
    b"referer",
    b"te",
    b"transfer-encoding",
    b"upgrade",
    b"user-agent",
    b"via",
    b"x-forwarded-for",
    b"x-forwarded-proto",
    b"x-request-id",
];

/// Whose rules a map follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MapRules {
    /// Envoy; `first_only` is how `replace` treats duplicates in releases before `http_set_copy_replace_all_headers`.
    Envoy {
        /// `replace` changes the first of several values and leaves the rest.
        first_only: bool,
    },
    /// nginx with ngx_wasm_module, where removal does not remove.
    Nginx,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    name: Vec<u8>,
    value: Vec<u8>,
    /// nginx only: no longer listed, still found by name and still forwarded.
    hidden: bool,
    /// nginx only: made up for the module and never forwarded.
    pseudo: bool,
}

/// An ordered multimap of header names to values, both raw bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderMap {
    rules: MapRules,
    entries: Vec<Entry>,
}

impl HeaderMap {
    /// The map a host makes of what a client sent.
    pub fn new<N: AsRef<[u8]>, V: AsRef<[u8]>>(rules: MapRules, pairs: impl IntoIterator<Item = (N, V)>) -> HeaderMap {
        let mut map = HeaderMap { rules, entries: Vec::new() };
        for (name, value) in pairs {
            match rules {
                MapRules::Envoy { .. } => map.append(name.as_ref(), value.as_ref()),
                MapRules::Nginx => map.push_as_sent(name.as_ref(), value.as_ref()),
            }
        }
        map
    }

    /// What the module is shown: every pair that is listed, cut to nothing when the map is too large to hand over.
    pub fn pairs(&self) -> Vec<Pair> {
        let listed: Vec<Pair> =
            self.entries.iter().filter(|e| !e.hidden).map(|e| (e.name.clone(), e.value.clone())).collect();
        match self.rules {
            MapRules::Nginx => listed.into_iter().take(nginx::MAX_LISTED).collect(),
            MapRules::Envoy { .. } if listed.len() > MAX_PAIRS || wire::encoded_len(&listed) > MAX_BYTES => Vec::new(),
            MapRules::Envoy { .. } => listed,
        }
    }

    /// What leaves the host for the next hop.
    pub fn forwarded(&self) -> Vec<Pair> {
        self.entries.iter().filter(|e| !e.pseudo).map(|e| (e.name.clone(), e.value.clone())).collect()
    }

    /// How many entries the map has, as the callback's argument counts them.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True when there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The first value of `name`, which is compared without case.
    pub fn value(&self, name: &[u8]) -> Option<&[u8]> {
        self.entries.iter().find(|e| e.name.eq_ignore_ascii_case(name)).map(|e| e.value.as_slice())
    }

    /// Adds a value, as the module's `add` does.
    pub fn add(&mut self, name: &[u8], value: &[u8]) {
        match self.rules {
            MapRules::Envoy { .. } => self.append(name, value),
            MapRules::Nginx => self.nginx_add(name, value),
        }
    }

    /// Removes every value of `name`, as the module's `remove` does.
    pub fn remove(&mut self, name: &[u8]) {
        match self.rules {
            MapRules::Envoy { .. } => self.entries.retain(|e| !e.name.eq_ignore_ascii_case(name)),
            MapRules::Nginx => self.nginx_remove(name),
        }
    }

    /// Sets `name` to one value, as the module's `replace` does.
    pub fn replace(&mut self, name: &[u8], value: &[u8]) {
        match self.rules {
            MapRules::Envoy { first_only } => {
                let mut places = self.entries.iter_mut().filter(|e| e.name.eq_ignore_ascii_case(name));
                match places.next() {
                    Some(first) if first_only => first.value = value.to_vec(),
                    Some(_) => {
                        self.remove(name);
                        self.append(name, value);
                    }
                    None => self.append(name, value),
                }
            }
            MapRules::Nginx => self.nginx_replace(name, value),
        }
    }

    /// Replaces the whole map.
    pub fn set_all(&mut self, pairs: Vec<Pair>) {
        let names: Vec<Vec<u8>> = self.entries.iter().map(|e| e.name.clone()).collect();
        names.iter().for_each(|name| self.remove(name));
        pairs.iter().for_each(|(name, value)| self.add(name, value));
    }

    fn append(&mut self, name: &[u8], value: &[u8]) {
        let name = name.to_ascii_lowercase();
        let glue: &[u8] = if name == b"cookie" { b"; " } else { b"," };
        let joins = name == b"cookie" || INLINE.contains(&name.as_slice());
        match self.entries.iter_mut().find(|entry| joins && entry.name == name) {
            // Envoy adds neither an empty value nor a separator for it (`HeaderMapImpl::appendToHeader`).
            Some(_) if value.is_empty() => {}
            Some(slot) => {
                if !slot.value.is_empty() {
                    slot.value.extend_from_slice(glue);
                }
                slot.value.extend_from_slice(value);
            }
            None => self.push(name, value.to_vec()),
        }
    }

    fn push(&mut self, name: Vec<u8>, value: Vec<u8>) {
        self.entries.push(Entry { name, value, hidden: false, pseudo: false });
    }
}

#[cfg(test)]
mod tests;
