//! Which configuration each context of the host works under.
//!
//! A root context carries a configuration; a stream keeps the one it began with, so that requests outlive an update. The
//! books are closed before anything is done: a host that calls back in the middle of a call finds them free.

use crate::host;
use crate::root::{SharedFilter, Work, configure as take_configuration};
use crate::stream;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The contexts of this VM: roots with nothing before they were configured, streams with nothing where their root had
/// nothing.
struct Contexts {
    roots: BTreeMap<u32, Option<Work>>,
    streams: BTreeMap<u32, Option<Work>>,
}

thread_local! {
    static CONTEXTS: RefCell<Contexts> = const { RefCell::new(Contexts { roots: BTreeMap::new(), streams: BTreeMap::new() }) };
}

/// Opens the books. They are never open twice: nothing in here calls the host.
fn with<T: Default>(look: impl FnOnce(&mut Contexts) -> T) -> T {
    CONTEXTS.with(|contexts| contexts.try_borrow_mut().map(|mut contexts| look(&mut contexts)).unwrap_or_default())
}

/// A context begins: a root where it has no parent, a stream under that root otherwise.
pub(crate) fn create(context: u32, parent: u32) {
    with(|contexts| {
        if parent == 0 {
            contexts.roots.entry(context).or_default();
        } else {
            let work = contexts.roots.get(&parent).cloned().flatten();
            contexts.streams.insert(context, work);
        }
    });
}

/// A root is to take the configuration that the host has for it. One that is refused leaves the root as it was.
pub(crate) fn configure(root: u32) -> bool {
    let Some(work) = take_configuration(root) else { return false };
    // What it did before ends only when the books are closed.
    let Some(before) = with(|contexts| Some(contexts.roots.insert(root, Some(work)))) else { return false };
    clear_shared(before.flatten().as_ref());
    true
}

/// Time has passed for a root.
pub(crate) fn tick(root: u32) {
    if let Some(Work::Gate(filter)) = with(|contexts| contexts.roots.get(&root).cloned().flatten())
        && let Ok(mut filter) = filter.try_borrow_mut()
    {
        filter.tick(host::now());
    }
}

/// A callout came back. Hosts differ in whose context they name, so the token says whose it was.
pub(crate) fn answered(token: u32, headers: usize, body_size: usize) {
    let filters = filters();
    let expects = |filter: &&SharedFilter| filter.try_borrow().is_ok_and(|filter| filter.expects(token));
    if let Some(filter) = filters.iter().find(expects)
        && let Ok(mut filter) = filter.try_borrow_mut()
    {
        filter.answered(token, headers, body_size, host::now());
    }
}

/// The filters of all roots.
fn filters() -> Vec<SharedFilter> {
    with(|contexts| {
        let gates = contexts.roots.values().filter_map(|work| match work {
            Some(Work::Gate(filter)) => Some(Rc::clone(filter)),
            _ => None,
        });
        gates.collect()
    })
}

/// Clears what the filter of a root that has gone left in shared data.
fn clear_shared(gone: Option<&Work>) {
    if let Some(Work::Gate(filter)) = gone
        && let Ok(filter) = filter.try_borrow()
    {
        filter.clear_shared(&filters());
    }
}

/// The headers of a request are there. Whether it goes on now.
pub(crate) fn request_headers(context: u32, headers: usize) -> bool {
    match with(|contexts| contexts.streams.get(&context).cloned().flatten()) {
        Some(Work::Gate(filter)) => {
            // Taken where a host calls back in the middle of another call.
            match filter.try_borrow_mut() {
                Ok(mut filter) => stream::decide(&mut filter, context, headers),
                Err(_) => stream::refuse_unconfigured(),
            }
        }
        Some(Work::Jws(layer)) => stream::answer_jws(&layer),
        None => stream::refuse_unconfigured(),
    }
}

/// The trailers of a request are there. Whether they go on.
pub(crate) fn request_trailers(context: u32, trailers: usize) -> bool {
    match with(|contexts| contexts.streams.get(&context).cloned().flatten()) {
        Some(Work::Gate(filter)) => filter.try_borrow().is_ok_and(|filter| filter.clean_trailers(trailers)),
        _ => false,
    }
}

/// A context ends.
pub(crate) fn delete(context: u32) {
    let Some(ended) = with(|contexts| contexts.streams.remove(&context)) else {
        let root = with(|contexts| contexts.roots.remove(&context).flatten());
        return clear_shared(root.as_ref());
    };
    if let Some(Work::Gate(filter)) = ended
        && let Ok(mut filter) = filter.try_borrow_mut()
    {
        filter.gone(context);
    }
}
