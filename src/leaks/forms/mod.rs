//! The forms of secrets: tokens, keys, hashes and passwords are recognised by their bytes, settings by their names.
//!
//! Everything here works on bytes alone. One pass searches for the `anchors`. At each anchor, one of the other files decides
//! whether a secret stands there. `yaml_lines` reads YAML by its indentation, for secrets that span several lines.

pub(crate) mod anchors;
pub(crate) mod encoded;
pub(crate) mod kubernetes;
pub(crate) mod logins;
pub(crate) mod password_hashes;
pub(crate) mod private_keys;
pub(crate) mod registry_logins;
pub(crate) mod settings;
pub(crate) mod tokens;
pub(crate) mod utf16;
mod yaml_lines;
