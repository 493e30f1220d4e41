//! The next steps when something about keys fails.

mod keys;
mod people;
mod rotation;
mod setup;
