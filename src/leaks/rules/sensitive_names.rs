//! Files whose name says that they hold secrets.

/// Whole names, in lower case.
const NAMES: [&str; 31] = [
    ".env",
    ".envrc",
    ".netrc",
    "_netrc",
    ".pgpass",
    ".my.cnf",
    ".htpasswd",
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    "id_ecdsa_sk",
    "id_ed25519_sk",
    ".dockercfg",
    ".git-credentials",
    ".pypirc",
    "credentials.json",
    "service-account.json",
    ".vault_pass",
    "wp-config.php",
    "kubeconfig",
    "secrets.yml",
    "secrets.yaml",
    "master.key",
    "netrc",
    "acme.json",
    "rclone.conf",
    "smbpasswd",
    ".s3cfg",
    ".vault-token",
    ".terraformrc",
];

/// Endings, in lower case.
const ENDINGS: [&str; 16] = [
    ".pem",
    ".key",
    ".p12",
    ".pfx",
    ".jks",
    ".keystore",
    ".kdb",
    ".kdbx",
    ".ppk",
    ".asc.key",
    ".ovpn",
    ".tfstate",
    ".tfstate.backup",
    ".agekey",
    ".pkcs12",
    ".htpasswd",
];

/// Parts that take it back: samples to be filled in, and the public half.
const HARMLESS: [&str; 9] = [
    "example", "sample", "template", ".dist", ".pub", "public", ".tmpl", "cert", "chain",
];

/// True if a file of this path should not lie in the open.
pub(crate) fn is_sensitive_name(path: &[u8], content: &[u8]) -> bool {
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
    let name = String::from_utf8_lossy(name).to_lowercase();
    let environment = name.starts_with(".env.") || name.ends_with(".env");
    let named = environment
        || NAMES.contains(&name.as_str())
        || ENDINGS
            .iter()
            .any(|ending| name.ends_with(ending) && name.len() > ending.len());
    named && !HARMLESS.iter().any(|part| name.contains(part)) && !is_public_content(content)
}

/// Certificates and public keys bear the same names as what they belong to.
fn is_public_content(content: &[u8]) -> bool {
    let beginning = &content[..content.len().min(4096)];
    let public = [
        &b"-----BEGIN CERTIFICATE"[..],
        b"-----BEGIN PUBLIC KEY",
        b"-----BEGIN RSA PUBLIC KEY",
        b"-----BEGIN DH PARAMETERS",
    ];
    content.trim_ascii().is_empty()
        || (public
            .iter()
            .any(|heading| crate::leaks::forms::value::contains(beginning, heading))
            && !crate::leaks::forms::value::contains(content, b"PRIVATE KEY"))
        || is_plain_environment(content)
}

/// Settings without a value, or with numbers, words and references only.
fn is_plain_environment(content: &[u8]) -> bool {
    let assignment = |line: &[u8]| {
        let split = line.iter().position(|&byte| byte == b'=')?;
        let name = &line[..split];
        let word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.- ".contains(byte);
        let value = line[split + 1..].trim_ascii();
        let plain = value.is_empty()
            || crate::leaks::forms::value::is_template(value)
            || crate::leaks::forms::value::is_public(value)
            || crate::leaks::forms::value::is_wordy(value);
        Some(
            plain
                && name.iter().all(word)
                && !(crate::leaks::forms::secret_names::is_named_secret(name)
                    && !value.is_empty()
                    && !crate::leaks::forms::value::is_template(value)),
        )
    };
    let mut lines = content
        .split(|&byte| byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty() && !line.starts_with(b"#"));
    content.len() < 64 * 1024 && lines.all(|line| assignment(line).unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_keys_and_environments_are_sensitive() {
        for path in [
            "web/.env",
            "deploy/id_ed25519",
            "tls/server.pem",
            "a/vault.kdbx",
            "prod.env",
            ".env.production",
        ] {
            assert!(
                is_sensitive_name(path.as_bytes(), b"DB_PASSWORD=x7Kp2vQ9mR"),
                "{path}"
            );
        }
        for path in [
            "web/.env.example",
            "id_ed25519.pub",
            "environment.md",
            "monkey",
            "key",
            "src/keys.rs",
            "fullchain.pem",
        ] {
            assert!(
                !is_sensitive_name(path.as_bytes(), b"DB_PASSWORD=x7Kp2vQ9mR"),
                "{path}"
            );
        }
    }

    #[test]
    fn certificates_and_harmless_settings_are_not() {
        assert!(!is_sensitive_name(
            b"server.pem",
            b"-----BEGIN CERTIFICATE-----\n"
        ));
        assert!(!is_sensitive_name(
            b".env",
            b"# ports\nPORT=8080\nHOST=0.0.0.0\nLOG=debug\nX=${Y}\n"
        ));
        assert!(is_sensitive_name(
            b".env",
            b"PORT=8080\nDB_PASSWORD=verysecretindeed\n"
        ));
    }
}
