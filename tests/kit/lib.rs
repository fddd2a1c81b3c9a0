//! Mints tokens and mutates them.
