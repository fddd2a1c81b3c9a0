//! The attack catalogue: each line of it is one test named after its id and its promise, run on the real module in the
//! embedded host. `registry` asserts that no line is missing, `stage` what must hold in every case: no trap, nothing
//! upstream but what was admitted, no callout but where one is expected, no token in a log line or a response, and exactly
//! one reason counted for a refusal.

mod a_structure;
mod b_algorithm;
mod c_header;
mod d_signatures;
mod fixture;
mod forge;
mod stage;
