//! Names of secrets: each word in the table is found.

use hs_secrets::internals::secret_words;

use crate::harness::sandbox::Sandbox;
use crate::{add_all, check, repository, write};

/// A value that nobody can have chosen.
const VALUE: &str = "kJ82hQp0aLz9Xw3TgB5mVq7R2nY4cD8e";

#[test]
fn each_word_of_the_table_is_reached_by_a_check() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let mut expected = Vec::new();
    let mut add = |path: String, text: String| {
        write(&repository, &path, text);
        expected.push(format!("{path} password-assignment"));
    };
    for word in secret_words() {
        let file = word.replace(' ', "-");
        let upper = word.replace(' ', "_").to_uppercase();
        add(format!("{file}.yml"), format!("APP_{upper}: {VALUE}\n"));
        add(format!("{file}.conf"), format!("app.{file} = {VALUE}\n"));
        let capitals: String = word.split(' ').map(capitalised).collect();
        add(
            format!("{file}.json"),
            format!("{{\"app{capitals}\": \"{VALUE}\"}}\n"),
        );
    }
    add("meili.yml".into(), format!("MEILI_MASTER_KEY: {VALUE}\n"));
    expected.sort();
    add_all(&sandbox, &repository);
    assert_eq!(check(&sandbox, &repository, &["--all"]), (3, expected));
}

/// Names that programs in a home lab use.
const USUAL_NAMES: &str = "MEILI_MASTER_KEY APP_KEY SECRET_KEY JWT_KEY ENCRYPTION_KEY N8N_ENCRYPTION_KEY SIGNING_KEY COOKIE_KEY
    SESSION_KEY RAILS_MASTER_KEY SECRET_KEY_BASE DB_ENCRYPTION_KEY API_KEY TMDB_KEY RESTIC_KEY TYPESENSE_KEY DB_PW ROOT_PW ADMIN_PW
    LDAP_BIND_PW SMTP_PW MQTT_PW PASSWORD_SALT HASH_SALT AUTH_SALT NONCE_SALT WALLET_SEED TOTP_SEED RANDOM_SEED WIFI_PSK IPSEC_PSK WPA_PSK
    PSK BEARER API_BEARER BEARER_TOKEN REGISTRY_AUTH SMTP_AUTH SMTP_PASS REDIS_PASS DB_PASSWD GPG_PASSPHRASE UNLOCK_PASSCODE
    CLIENT_SECRET WEBHOOK_SECRET AWS_SECRET_ACCESS_KEY CLOUD_CREDENTIAL";

#[test]
fn usual_names_are_reached_by_a_check_however_they_are_written() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let names: Vec<&str> = USUAL_NAMES.split_ascii_whitespace().collect();
    assert_eq!(names.len(), 47);
    let mut expected = Vec::new();
    for name in names {
        let words: Vec<String> = name.split('_').map(str::to_lowercase).collect();
        let rest: String = words[1..].iter().map(|word| capitalised(word)).collect();
        let camel = words[0].clone() + &rest;
        for (path, text) in [
            (format!("{name}.yml"), format!("{name}: {VALUE}\n")),
            (format!("{name}.conf"), format!("{name}={VALUE}\n")),
            (
                format!("{name}.json"),
                format!("{{\"{camel}\": \"{VALUE}\"}}\n"),
            ),
        ] {
            write(&repository, &path, text);
            expected.push(format!("{path} password-assignment"));
        }
    }
    let key = "base64:4tpCFKP57lwcU2kq0CrCT7R90vwZRhqRr5THMCo3eWE=";
    write(&repository, "laravel.conf", format!("APP_KEY={key}\n"));
    expected.push("laravel.conf password-assignment".to_owned());
    expected.sort();
    add_all(&sandbox, &repository);
    assert_eq!(check(&sandbox, &repository, &["--all"]), (3, expected));
}

#[test]
fn files_of_logins_have_passwords_however_common_they_are() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let mut expected = Vec::new();
    for (path, text) in [
        (
            ".vscode/sftp.json",
            "{\"host\": \"nas.lan\", \"password\": \"welcome1\"}\n",
        ),
        (
            "deployment-config.json",
            "{\"type\": \"sftp\", \"password\": \"hunter22\"}\n",
        ),
        (
            "home/.esmtprc",
            "hostname smtp.lan:587\npassword \"welcome1\"\n",
        ),
        (
            "ventrilo_srv.ini",
            "[Server]\nAdminPassword=AdminPassword1\n",
        ),
    ] {
        write(&repository, path, text);
        expected.push(format!("{path} password-assignment"));
    }
    let open =
        "{\"password\": \"${NAS_PASSWORD}\", \"passphrase\": \"\", \"promptForPass\": true}\n";
    write(&repository, "other/sftp.json", open);
    write(
        &repository,
        "other/settings.json",
        "{\"password\": \"hunter22\"}\n",
    );
    add_all(&sandbox, &repository);
    assert_eq!(check(&sandbox, &repository, &["--all"]), (3, expected));
}

fn capitalised(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}
