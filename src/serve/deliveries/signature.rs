//! Verifies that a delivery is from the forge, by its signature over the raw body, before any part of the body is parsed.

use http::HeaderMap;

use super::forge::Forge;
use super::secret::HookSecret;
use super::signature_header::{SignatureError, found, hexadecimal, single};
use super::standard;

/// The proofs that a hook accepts.
pub(crate) struct HookTrust {
    /// The secrets of the hook. There are several while the secret is being changed.
    pub secrets: Vec<HookSecret>,
    /// True if GitHub's older signature by SHA-1 is enough.
    pub allows_sha1: bool,
}

impl HookTrust {
    /// Verifies that one of the secrets has signed `body`, the way `forge` does it. `now` is in seconds since 1970.
    ///
    /// Any forge may send the signature of the Standard Webhooks. If it is there, no other signature counts.
    pub(crate) fn verify(
        &mut self,
        forge: Forge,
        headers: &HeaderMap,
        body: &[u8],
        now: u64,
    ) -> Result<(), SignatureError> {
        if headers.contains_key(standard::SIGNATURE) {
            return standard::verify(&mut self.secrets, headers, body, now);
        }
        match forge {
            Forge::GitHub => match self.verify_hex(headers, "x-hub-signature-256", "sha256=", body)
            {
                Err(SignatureError::Missing { .. }) if self.allows_sha1 => {
                    self.verify_sha1(headers, body)
                }
                verified => verified,
            },
            Forge::Gitea => {
                // Forgejo sends Gitea's header, too, and Gitea that of Gogs.
                let bare = [
                    "x-forgejo-signature",
                    "x-gitea-signature",
                    "x-gogs-signature",
                ];
                match bare.into_iter().find(|name| headers.contains_key(*name)) {
                    Some(header) => self.verify_hex(headers, header, "", body),
                    None => self.verify_hex(headers, "x-hub-signature-256", "sha256=", body),
                }
            }
            Forge::GitLab => self.verify_token(headers),
            Forge::Bitbucket => self.verify_hex(headers, "x-hub-signature", "sha256=", body),
        }
    }

    fn verify_hex(
        &mut self,
        headers: &HeaderMap,
        header: &'static str,
        prefix: &str,
        body: &[u8],
    ) -> Result<(), SignatureError> {
        let code = hexadecimal(headers, header, prefix)?;
        let mut secrets = self.secrets.iter_mut();
        found(secrets.any(|secret| secret.has_signed(body, &code)), header)
    }

    fn verify_sha1(&mut self, headers: &HeaderMap, body: &[u8]) -> Result<(), SignatureError> {
        let header = "x-hub-signature";
        let code = hexadecimal(headers, header, "sha1=")?;
        let mut secrets = self.secrets.iter_mut();
        found(
            secrets.any(|secret| secret.has_signed_with_sha1(body, &code)),
            header,
        )
    }

    fn verify_token(&mut self, headers: &HeaderMap) -> Result<(), SignatureError> {
        let header = "x-gitlab-token";
        let token = single(headers, header)?.as_bytes();
        let mut secrets = self.secrets.iter_mut();
        found(secrets.any(|secret| secret.is(token)), header)
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;
    use crate::secret::SecretBytes;

    /// GitHub's own example.
    const SECRET: &str = "It's a Secret to Everybody";
    const BODY: &[u8] = b"Hello, World!";
    const SHA256: &str = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    fn trust(secrets: &[&str]) -> HookTrust {
        let parse = |text: &&str| {
            HookSecret::parse(SecretBytes::copy_of(text.as_bytes())).expect("long enough")
        };
        HookTrust {
            secrets: secrets.iter().map(parse).collect(),
            allows_sha1: false,
        }
    }

    fn headers(named: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in named {
            let value = HeaderValue::from_str(value).expect("plain");
            headers.append(HeaderName::from_static(name), value);
        }
        headers
    }

    fn verified(forge: Forge, named: &[(&'static str, &str)]) -> Result<(), SignatureError> {
        trust(&["another secret of this hook", SECRET]).verify(forge, &headers(named), BODY, 0)
    }

    #[test]
    fn each_forge_signs_in_its_own_way() {
        let named = format!("sha256={SHA256}");
        for (forge, header, value) in [
            (Forge::GitHub, "x-hub-signature-256", &*named),
            (Forge::Gitea, "x-forgejo-signature", SHA256),
            (Forge::Gitea, "x-gitea-signature", SHA256),
            (Forge::Gitea, "x-gogs-signature", SHA256),
            (Forge::Gitea, "x-hub-signature-256", &named),
            (Forge::GitLab, "x-gitlab-token", SECRET),
            (Forge::Bitbucket, "x-hub-signature", &named),
        ] {
            assert_eq!(verified(forge, &[(header, value)]), Ok(()), "{header}");
            // The last letter is another one.
            let (all, last) = value.split_at(value.len() - 1);
            let other = if last == "0" { "1" } else { "0" };
            let wrong = verified(forge, &[(header, &format!("{all}{other}"))]);
            assert_eq!(wrong, Err(SignatureError::Wrong { header }));
            let twice = verified(forge, &[(header, value), (header, value)]);
            assert_eq!(twice, Err(SignatureError::Malformed { header }));
            assert!(matches!(
                verified(forge, &[]),
                Err(SignatureError::Missing { .. })
            ));
        }
    }

    #[test]
    fn a_malformed_signature_is_refused() {
        let header = "x-hub-signature-256";
        for value in [
            "",
            "sha256=",
            "sha256=7",
            "sha256=zz",
            SHA256,
            "sha1=00",
            "sha256=é",
        ] {
            let mut named = HeaderMap::new();
            named.insert(
                header,
                HeaderValue::from_bytes(value.as_bytes()).expect("bytes"),
            );
            let refused = trust(&[SECRET]).verify(Forge::GitHub, &named, BODY, 0);
            assert_eq!(
                refused,
                Err(SignatureError::Malformed { header }),
                "{value}"
            );
        }
        let short = [(header, &SHA256[..62])].map(|(name, code)| (name, format!("sha256={code}")));
        let short = short.map(|(name, value)| verified(Forge::GitHub, &[(name, &value)]));
        assert_eq!(short, [Err(SignatureError::Wrong { header })]);
    }

    #[test]
    fn where_forgejo_s_own_signature_is_there_it_alone_counts() {
        let zeros = "0".repeat(64);
        let both = [
            ("x-forgejo-signature", &*zeros),
            ("x-gitea-signature", SHA256),
        ];
        let header = "x-forgejo-signature";
        assert_eq!(
            verified(Forge::Gitea, &both),
            Err(SignatureError::Wrong { header })
        );
    }

    #[test]
    fn sha1_counts_only_where_it_is_allowed() {
        // As the program openssl computes it.
        let sha1 = "sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59";
        let old = headers(&[("x-hub-signature", sha1)]);
        let mut trust = trust(&[SECRET]);
        let expected = "x-hub-signature-256";
        let refused = trust.verify(Forge::GitHub, &old, BODY, 0);
        assert_eq!(refused, Err(SignatureError::Missing { expected }));
        trust.allows_sha1 = true;
        assert_eq!(trust.verify(Forge::GitHub, &old, BODY, 0), Ok(()));
        let header = "x-hub-signature";
        let changed = trust.verify(Forge::GitHub, &old, b"Hello, world!", 0);
        assert_eq!(changed, Err(SignatureError::Wrong { header }));
        // If both signatures are there, only SHA-256 counts.
        let zeros = format!("sha256={}", "0".repeat(64));
        let both = headers(&[("x-hub-signature", sha1), (expected, &zeros)]);
        let refused = trust.verify(Forge::GitHub, &both, BODY, 0);
        assert_eq!(refused, Err(SignatureError::Wrong { header: expected }));
    }
}
