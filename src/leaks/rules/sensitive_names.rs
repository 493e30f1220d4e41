//! Files whose names say that they hold secrets.

use crate::leaks::forms::settings::chosen::is_word_of_settings;
use crate::leaks::forms::settings::placeholders::is_placeholder;
use crate::leaks::forms::settings::secret_names::{
    ValueOrigin, is_named_about_secret, origin_of_secret,
};
use crate::leaks::forms::settings::value::{contains, is_mixed, is_public, is_random, is_wordy};
use crate::leaks::known::unquoted;

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

/// Parts of names that mark a file as harmless: samples to be filled in, certificates, public keys.
const HARMLESS: [&str; 9] = [
    "example", "sample", "template", ".dist", ".pub", "public", ".tmpl", "cert", "chain",
];

/// True if a file of this path and content should not be public.
pub(crate) fn is_sensitive_name(path: &[u8], content: &[u8]) -> bool {
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
    let name = String::from_utf8_lossy(name).to_lowercase();
    let environment = name.starts_with(".env.") || name.ends_with(".env");
    let named = environment
        || NAMES.contains(&name.as_str())
        || ENDINGS
            .iter()
            .any(|ending| name.ends_with(ending) && name.len() > ending.len());
    named
        && !HARMLESS.iter().any(|part| name.contains(part))
        && !is_public_content(content)
        && !is_plain_environment(content, environment || name == ".envrc")
}

/// True for certificates and public keys, which often have the same names as private keys.
fn is_public_content(content: &[u8]) -> bool {
    let beginning = &content[..content.len().min(4096)];
    let public = [
        &b"-----BEGIN CERTIFICATE"[..],
        b"-----BEGIN PUBLIC KEY",
        b"-----BEGIN RSA PUBLIC KEY",
        b"-----BEGIN EC PUBLIC KEY",
        b"-----BEGIN X509 CRL",
        b"-----BEGIN DH PARAMETERS",
    ];
    content.trim_ascii().is_empty()
        || (public.iter().any(|heading| contains(beginning, heading))
            && !contains(content, b"PRIVATE KEY"))
}

/// True for environment variables without a secret among them.
///
/// With `has_directives`, lines that are no assignments are accepted, too.
fn is_plain_environment(content: &[u8], has_directives: bool) -> bool {
    let mut lines = content
        .split(|&byte| byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty() && !line.starts_with(b"#"));
    content.len() < 64 * 1024
        && lines.all(|line| (has_directives || line.contains(&b'=')) && is_plain_line(line))
}

/// True for a variable without a secret, and for a directive.
fn is_plain_line(line: &[u8]) -> bool {
    let is_text = |byte: &u8| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7F);
    let Some(split) = line.iter().position(|&byte| byte == b'=') else {
        let mut words = line.split(u8::is_ascii_whitespace);
        return line.iter().all(is_text) && !words.any(|word| is_random(word) && !is_wordy(word));
    };
    let name = line[..split].trim_ascii();
    let is_named = name
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || b"_.- ".contains(byte));
    let value = unquoted(&line[split + 1..]);
    is_named && line.iter().all(is_text) && !is_secret(name, value)
}

fn is_secret(name: &[u8], value: &[u8]) -> bool {
    if value.is_empty() || is_placeholder(value) || is_public(value) {
        return false;
    }
    let has_login = contains(value, b"://") && value.contains(&b'@');
    let is_made = (is_random(value) || is_mixed(value)) && !is_wordy(value);
    has_login
        || match origin_of_secret(name) {
            Some(ValueOrigin::MachinesAmongOthers) => is_made,
            Some(_) => !is_word_of_settings(value),
            None => {
                is_random(value)
                    && !is_named_about_secret(name)
                    && !value.contains(&b'(')
                    && !is_wordy(value)
            }
        }
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
        for secret in [
            "PORT=8080\nDB_PASSWORD=verysecretindeed\n",
            "DB_PASS=correct horse\n",
            "CACHE=redis://:summerhouse@cache\n",
            "export WEBHOOK='kJ82hQp0aLz9Xw3TgB5m'\n",
        ] {
            assert!(is_sensitive_name(b".env", secret.as_bytes()), "{secret}");
        }
        for harmless in [
            "TZ=\"Europe/Berlin\"\nBACKUP_CRON=\"0 3 * * 1-5\" # on working days\nLANGUAGES=\"de_DE,en_GB\"\n",
            "use flake\ndotenv_if_exists .env.local\nPATH_add bin\nexport KUBECONFIG=$PWD/kube\n",
            "DB_PASSWORD=changeme\nTOKEN_TTL=3600\nAUTH=basic\nCLIENT_ID=8d3f1b6c9e2a47058c7b4e1f6a9d2c03\n",
            "TITLE=\"Berta's library\"\nRULE=Host(`a1b2.lan.example`)\n",
        ] {
            assert!(
                !is_sensitive_name(b".envrc", harmless.as_bytes()),
                "{harmless}"
            );
        }
    }
}
