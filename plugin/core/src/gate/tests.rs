//! The line, step by step; every reason to refuse; the providers' own tokens.

mod explained;
mod line;
mod providers;
mod reasons;
