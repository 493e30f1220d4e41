//! Logins: passwords at places that are made for passwords, under whatever name.
//!
//! `urls` and data source names have a password between the user and the host, `headers` after the name of a scheme. `commands` and
//! `calls` of functions take one as an argument; commands also read one that is `piped` into them. Some files have a login in each
//! line (`entries`), or in each line of a list (`cloud_init`). Others belong to `clients` for mail, databases and the like.
//! `schemes` mark a password as plain text.

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

/// True if `value`, at a place for passwords in a text of this dialect, is a password.
fn is_password(value: &[u8], dialect: Dialect) -> bool {
    looks_like_secret(value) || (dialect.has_chosen_values() && is_chosen(value))
}
