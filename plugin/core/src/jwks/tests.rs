//! The promises of [`super`], one test each. `K`, `J` and `M` with a number are lines of the attack catalogue.

mod discovery;
mod format;
mod kit;
mod life;
mod model;
mod outcomes;
mod real_keys;
mod sharing;
mod unknown_kid;
mod waiting;
