//! A key that was typed as an argument is never printed, whatever the command and the form of the key.

use std::fs;

use crate::harness::sandbox::Sandbox;

#[test]
#[ignore = "needs age: tests/run.sh"]
fn no_verb_repeats_a_key_that_stands_where_something_else_belongs() {
    let sandbox = Sandbox::new();
    let lab = sandbox.encrypted("lab", &[("a.key", "opensesame\n")]);
    sandbox.new_age_key("age.txt");
    let base64 = sandbox.hs(&lab, ["export-key", "--base64", "-"]).text();
    let identity = fs::read_to_string(sandbox.path("age.txt")).expect("an identity");
    let age = identity.lines().last().expect("a secret key").to_owned();
    let raw = fs::read(sandbox.path("lab.key")).expect("a key");
    let hex: String = raw.iter().map(|byte| format!("{byte:02x}")).collect();
    let line = base64.trim_end();
    let keys = [
        base64.clone(),
        line.to_owned(),
        line.replace('+', "-").replace('/', "_"),
        // A line as the program `base64` wraps it.
        line[..76].to_owned(),
        // A verb may take this for a folder.
        format!("{}/", &line[..75]),
        hex,
        age.clone(),
        age.to_lowercase(),
        identity,
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n".to_owned(),
    ];
    for key in &keys {
        let option = format!("--min-age={key}");
        for arguments in [
            &["lock", key][..],
            &["check", "--format", key],
            &["render", key],
            &["prune", "--min-age", key],
            &["prune", &option],
            &["add-age-user", key],
            &["add-age-user", "--name", "A", key],
            &["rm-age-user", key],
            &["unlock", "--identity", key],
            &["init", "-k", key],
            &["export-key", "-k", key, "../out.key"],
            &["status", key],
            &["refresh", key],
            &["env", key],
            &[key],
        ] {
            let run = sandbox.hs(&lab, arguments);
            let told = run.text() + &run.stderr;
            for word in key.split(|letter: char| !letter.is_ascii_alphanumeric()) {
                let is_long = word.len() >= 12;
                assert!(!is_long || !told.contains(word), "{arguments:?}: {told}");
            }
        }
    }
}
