//! Logins: a password at a place that is made for one, whatever it is called.
//!
//! `urls` and data source names have one between the user and the host, `headers` in their scheme. `commands` and `calls` of
//! functions take one as an argument, commands also from what is `piped` into them. Some files have one in each of their `entries`, `cloud_init` in each line of a list,
//! others are those of `clients`. `schemes` says that a password is written as it is.

pub(crate) mod calls;
pub(crate) mod clients;
pub(crate) mod cloud_init;
pub(crate) mod commands;
pub(crate) mod entries;
pub(crate) mod headers;
pub(crate) mod piped;
pub(crate) mod schemes;
pub(crate) mod statements;
pub(crate) mod urls;

use super::settings::assignments::looks_like_secret;
use super::settings::chosen::is_chosen;
use super::settings::dialect::Dialect;

/// True if `value`, at a place for passwords in a text of this dialect, is one.
fn is_password(value: &[u8], dialect: Dialect) -> bool {
    looks_like_secret(value) || (dialect.has_chosen_values() && is_chosen(value))
}
