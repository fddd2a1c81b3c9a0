//! The whole life of a key set in a real Envoy with two workers.

mod gate;
mod load;
mod steady;
mod workers;
