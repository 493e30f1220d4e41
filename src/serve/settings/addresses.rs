//! Addresses that the service sends requests to, and the tokens for them. Each may be a secret.

use http::{HeaderValue, Uri};
use thiserror::Error;

use crate::secret::SecretBytes;

/// An address of HTTP or HTTPS. The path may be a secret: only the host is ever shown.
pub(crate) struct WebAddress {
    text: SecretBytes,
    host: String,
    is_https: bool,
}

/// A token for a header of a request.
pub(crate) struct BearerToken(SecretBytes);

/// Why a text is no address or no token. It does not show the text.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum WebAddressError {
    #[error("it must be an address, as in `https://hooks.example.org/path`")]
    NoAddress,
    #[error("it must have no user or password")]
    User,
    #[error("it must have no `?` or `#`: paths are put behind it")]
    Query,
    #[error("it must be one line of plain letters")]
    NoToken,
}

impl WebAddress {
    pub(crate) fn parse(text: &str) -> Result<Self, WebAddressError> {
        let address: Uri = text.parse().map_err(|_| WebAddressError::NoAddress)?;
        let scheme = address.scheme_str().unwrap_or_default();
        let authority = address.authority().ok_or(WebAddressError::NoAddress)?;
        if !["http", "https"].contains(&scheme) || authority.host().is_empty() {
            return Err(WebAddressError::NoAddress);
        }
        if authority.as_str().contains('@') {
            return Err(WebAddressError::User);
        }
        Ok(Self {
            text: SecretBytes::copy_of(text.as_bytes()),
            host: authority.to_string(),
            is_https: scheme == "https",
        })
    }

    /// Parses an address for `below`.
    pub(crate) fn parse_base(text: &str) -> Result<Self, WebAddressError> {
        let address = Self::parse(text)?;
        if text.contains(['?', '#']) {
            return Err(WebAddressError::Query);
        }
        Ok(address)
    }

    /// The host with its port, which is no secret.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn is_https(&self) -> bool {
        self.is_https
    }

    /// The address of `path` below this one, which must be from `parse_base`.
    pub(crate) fn below(&self, path: &str) -> String {
        format!("{}/{path}", self.expose().trim_end_matches('/'))
    }

    /// The whole address.
    pub(crate) fn expose(&self) -> String {
        exposed(&self.text)
    }
}

impl BearerToken {
    pub(crate) fn parse(text: &str) -> Result<Self, WebAddressError> {
        let is_plain = !text.is_empty() && text.bytes().all(|letter| letter.is_ascii_graphic());
        if !is_plain || HeaderValue::from_str(text).is_err() {
            return Err(WebAddressError::NoToken);
        }
        Ok(Self(SecretBytes::copy_of(text.as_bytes())))
    }

    /// The token itself.
    pub(crate) fn expose(&self) -> String {
        exposed(&self.0)
    }
}

fn exposed(secret: &SecretBytes) -> String {
    let bytes: Vec<u8> = secret.expose_chunks().flatten().copied().collect();
    String::from_utf8(bytes).expect("because it was made of a text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_scheme_and_a_host_and_no_password() {
        let good = WebAddress::parse("https://hooks.example.org:8443/a/b?c").ok();
        let good = good.expect("an address");
        assert_eq!(good.host(), "hooks.example.org:8443");
        assert_eq!(good.expose(), "https://hooks.example.org:8443/a/b?c");
        assert!(good.is_https());
        for (text, error) in [
            ("", WebAddressError::NoAddress),
            ("hooks.example.org", WebAddressError::NoAddress),
            ("/path", WebAddressError::NoAddress),
            ("ftp://h/", WebAddressError::NoAddress),
            ("https://a b/", WebAddressError::NoAddress),
            ("https://ada:pw@h/", WebAddressError::User),
        ] {
            assert_eq!(WebAddress::parse(text).err(), Some(error), "{text}");
        }
        for text in ["https://h/?x", "https://h/a#b"] {
            let refused = WebAddress::parse_base(text).err();
            assert_eq!(refused, Some(WebAddressError::Query), "{text}");
        }
        let base = WebAddress::parse_base("https://h/a/").expect("an address");
        assert_eq!(base.below("b"), "https://h/a/b");
        for text in ["", "a b", "a\nb", "é"] {
            assert!(BearerToken::parse(text).is_err(), "{text}");
        }
    }
}
