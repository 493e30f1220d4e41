//! Secrets that are ordinary words: found where a secret is expected, without a finding in every file that has the word.

use crate::harness::sandbox::Sandbox;
use crate::{check, commit_all, repository, write};

#[test]
fn weak_values_are_found_under_names_and_in_urls_only() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let weak = "DB_PASSWORD=summerhouse\nALARM_PIN=7392\nMAIL_PASSWORD=wicker7\nROOT_PASSWORD=admin\nSHOP_PASSWORD=password1\n";
    write(&repository, "secret/weak.env", weak);
    // A file that has only a password in it.
    write(&repository, "secret/only", "velvets\n");
    for (path, text) in [
        ("app.py", "password = \"summerhouse\"\n"),
        ("door.rs", "let alarm_pin = \"7392\";\n"),
        (
            "door.json",
            "{\"alarm\": {\"pin\": 7392, \"delay\": 7392}}\n",
        ),
        ("setup.md", "Use postgres://app:wicker7@db/app for it.\n"),
        (
            "compose.yml",
            "services:\n  a:\n    environment:\n      MAIL_PASSWORD: velvets\n",
        ),
        (
            "prose.md",
            "The summerhouse is at 7392 Lane; wicker7 and velvets are words. The password1 of admin.\n",
        ),
        (
            "words.yml",
            "user: admin\nhouse: summerhouse\nnumber: 7392\nadmin: true\nkey: velvets\n",
        ),
        ("sample.yml", "password: admin\nother_password: password1\n"),
    ] {
        write(&repository, path, text);
    }
    commit_all(&sandbox, &repository, "weak ones");
    let expected = ["app.py", "compose.yml", "door.json", "door.rs", "setup.md"];
    let expected = expected.map(|path| format!("{path} known-secret")).to_vec();
    for scope in [&["--all"][..], &["--history"]] {
        assert_eq!(
            check(&sandbox, &repository, scope),
            (3, expected.clone()),
            "{scope:?}"
        );
    }
    let run = sandbox.hs(&repository, ["check", "--all"]);
    for part in [
        "common: 4 values of encrypted files are not looked for everywhere, but under the names of secrets and in URLs",
        "2 values of encrypted files are not looked for: everybody tries such words",
    ] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
    let all = format!("{}{}", run.text(), run.stderr);
    for value in ["summerhouse", "7392", "wicker7", "velvets", "password1"] {
        assert!(!all.contains(value), "{all}");
    }
    // Hooks run often, so they do not print this remark.
    let run = sandbox.hs(&repository, ["check", "--all", "--quiet"]);
    assert!(!run.stderr.contains("common:"), "{}", run.stderr);
}

#[test]
fn aliases_of_yaml_are_no_secrets_though_an_encrypted_file_has_them_too() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let text = "creds: &default_login7 {user: a}\npassword: *default_login7\n";
    write(&repository, "secret/creds.yml", text);
    write(&repository, "config.yml", text);
    commit_all(&sandbox, &repository, "aliases");
    assert_eq!(check(&sandbox, &repository, &["--all"]), (0, vec![]));
}
