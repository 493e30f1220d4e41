//! The reference: a home lab with sixty encrypted files, in which nothing leaks.

use std::fs;
use std::path::Path;

use crate::harness::sandbox::{Sandbox, copy_tree};
use crate::{PASSWORD, add_all, check, commit_all, locked_clone, write};

#[test]
fn the_home_lab_is_clean_before_and_after_its_first_commit() {
    let sandbox = Sandbox::new();
    let lab = sandbox.home_lab("lab");
    sandbox.hs(&lab, ["init"]).succeeds();
    add_all(&sandbox, &lab);
    for arguments in [&[][..], &["--all"]] {
        assert_eq!(
            check(&sandbox, &lab, arguments),
            (0, vec![]),
            "{arguments:?}"
        );
    }
    commit_all(&sandbox, &lab, "the lab");
    for arguments in [
        &[][..],
        &["--all"],
        &["--history"],
        &["web", "dns/stack.yml"],
    ] {
        assert_eq!(
            check(&sandbox, &lab, arguments),
            (0, vec![]),
            "{arguments:?}"
        );
    }
    let clone = locked_clone(&sandbox, &lab);
    assert_eq!(check(&sandbox, &clone, &["--all"]), (0, vec![]));
}

#[test]
fn this_project_is_clean_and_its_allow_list_has_no_idle_entry() {
    let sandbox = Sandbox::new();
    let repository = sandbox.repository("project");
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["src", "tests", "fixtures", "benches", "man", "docs"] {
        copy_tree(&top.join(folder), &repository.join(folder));
    }
    for file in [
        ".hs-secrets.toml",
        "README.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
    ] {
        fs::copy(top.join(file), repository.join(file)).expect("a file of the project");
    }
    sandbox.git(&repository, ["add", "--force", "."]).succeeds();
    let run = sandbox.hs(&repository, ["check", "--all"]);
    assert_eq!(run.code, 0, "{}{}", run.text(), run.stderr);
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
}

#[test]
#[ignore = "needs git-crypt: tests/run.sh"]
fn the_home_lab_encrypted_by_git_crypt_is_clean() {
    let sandbox = Sandbox::new();
    let lab = sandbox.home_lab("lab");
    sandbox.git_crypt(&lab, ["init"]).succeeds();
    commit_all(&sandbox, &lab, "the lab");
    assert_eq!(check(&sandbox, &lab, &["--all"]), (0, vec![]));
}

#[test]
fn without_encryption_every_secret_of_the_home_lab_is_found() {
    let sandbox = Sandbox::new();
    let lab = sandbox.home_lab("lab");
    sandbox.git(&lab, ["add", "."]).succeeds();
    let (code, found) = check(&sandbox, &lab, &[]);
    assert_eq!(code, 3);
    let unencrypted = found
        .iter()
        .filter(|line| line.ends_with(" unencrypted-blob"))
        .count();
    assert_eq!((found.len(), unencrypted), (60, 60), "{found:#?}");
    // Even without attributes, the stack files show what is secret.
    write(&lab, ".gitattributes", "");
    sandbox.git(&lab, ["add", "."]).succeeds();
    let (_, found) = check(&sandbox, &lab, &[]);
    let told = found
        .iter()
        .filter(|line| line.ends_with(" plaintext-stack-secret"))
        .count();
    assert_eq!((found.len(), told), (60, 60), "{found:#?}");
}

#[test]
fn a_password_of_the_home_lab_in_a_config_is_found() {
    let sandbox = Sandbox::new();
    let lab = sandbox.home_lab("lab");
    sandbox.hs(&lab, ["init"]).succeeds();
    write(
        &lab,
        "web/secret/one-more.env",
        format!("PASSWORD={PASSWORD}\n"),
    );
    commit_all(&sandbox, &lab, "the lab");
    write(
        &lab,
        "web/config/blog.db.cnf",
        format!("[client]\npassword={PASSWORD}\n"),
    );
    add_all(&sandbox, &lab);
    assert_eq!(
        check(&sandbox, &lab, &[]),
        (3, vec!["web/config/blog.db.cnf known-secret".to_owned()])
    );
}

/// All findings in the home lab by content and by name. A person has judged each: these are the secrets that anybody would
/// recognise, and nothing else.
const JUDGED: &str = "
    dns/secret/dynamic.accounts.env password-assignment
    dns/secret/dynamic.accounts.env sensitive-name
    dns/secret/providers/birchnames.ini password-assignment
    dns/secret/providers/cedarhost.json password-assignment
    dns/secret/providers/driftzone.env password-assignment
    dns/secret/providers/driftzone.env sensitive-name
    dns/secret/providers/elmregistry.yaml password-assignment
    dns/secret/providers/fernweh.key sensitive-name
    dns/secret/providers/gorse.key sensitive-name
    dns/secret/router.login.xml password-assignment
    docker/secret/browser.login.env password-assignment
    docker/secret/browser.login.env sensitive-name
    docker/secret/registry.htpasswd password-hash
    docker/secret/registry.htpasswd sensitive-name
    docker/secret/registry.notify.yml password-assignment
    docker/secret/upstream.logins.json password-assignment
    logging/secret/fluentd.credentials.env password-assignment
    logging/secret/fluentd.credentials.env sensitive-name
    logging/secret/fluentd.shared.key sensitive-name
    logging/secret/kibana.keys.yml password-assignment
    monitoring/secret/alertmanager.yml password-assignment
    monitoring/secret/grafana.ini password-assignment
    monitoring/secret/grafana.login.toml password-assignment
    monitoring/secret/probe.credentials.json password-assignment
    monitoring/secret/pygen.key sensitive-name
    monitoring/secret/remote-write.yml password-assignment
    monitoring/secret/snmp.auth.yml password-assignment
    monitoring/secret/telegraf.outputs.env password-assignment
    monitoring/secret/telegraf.outputs.env sensitive-name
    web/secret/blog.config.production.json password-assignment
    web/secret/blog.mail.env password-assignment
    web/secret/blog.mail.env sensitive-name
    web/secret/comments-api.ini password-assignment
    web/secret/comments.signing.key sensitive-name
    web/secret/demo-site.env password-assignment
    web/secret/demo-site.env sensitive-name
    web/secret/images-api.json password-assignment
    web/secret/newsletter.env password-assignment
    web/secret/newsletter.env sensitive-name
    web/secret/newsletter.env url-password
    web/secret/nginx.basic.auth password-hash
    web/secret/pygen.key sensitive-name
    web/secret/repos-api.key sensitive-name
    web/secret/weather-api.yaml password-assignment
    webhooks/secret/deploy.pem private-key
    webhooks/secret/deploy.pem sensitive-name
    webhooks/secret/registry.login.json password-assignment
";

#[test]
fn without_attributes_and_stacks_the_check_finds_what_a_person_would() {
    let sandbox = Sandbox::new();
    let lab = sandbox.home_lab("lab");
    write(&lab, ".gitattributes", "");
    for folder in ["dns", "docker", "logging", "monitoring", "web", "webhooks"] {
        fs::remove_file(lab.join(folder).join("stack.yml")).expect("a stack");
    }
    fs::remove_file(lab.join("monitoring/alerting.yml")).expect("a stack's other file");
    sandbox.git(&lab, ["add", "."]).succeeds();
    let judged = JUDGED.lines().map(str::trim);
    let judged: Vec<String> = judged
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect();
    assert_eq!(check(&sandbox, &lab, &["--all"]), (3, judged));
}
