//! The promises of [`super`], one test each.





