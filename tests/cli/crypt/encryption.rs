//! `init`, `unlock`, `lock`, `export-key`, `keygen`, `migrate-key`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::harness::desk::MAGIC;
use crate::harness::sandbox::Sandbox;

#[test]
fn a_repository_is_encrypted_shared_unlocked_and_locked() {
    let sandbox = Sandbox::new();
    let lab = sandbox.home_lab("lab");
    sandbox.hs(&lab, ["init"]).succeeds();
    sandbox.git(&lab, ["add", "."]).succeeds();
    sandbox
        .git(&lab, ["commit", "--quiet", "-m", "the lab"])
        .succeeds();
    let secrets = secret_files(&sandbox, &lab);
    assert!(secrets.len() > 50, "{} secrets", secrets.len());
    for path in &secrets {
        let blob = sandbox
            .git(&lab, ["cat-file", "blob", &format!("HEAD:{path}")])
            .succeeds()
            .stdout;
        assert!(blob.starts_with(MAGIC), "{path} is plaintext in Git");
    }
    sandbox.hs(&lab, ["export-key", "../lab.key"]).succeeds();

    sandbox
        .git(&sandbox.path(""), ["clone", "--quiet", "lab", "clone"])
        .succeeds();
    let clone = sandbox.path("clone");
    let config_before = fs::read(clone.join(".git/config")).expect("a configuration");
    sandbox.hs(&clone, ["unlock", "../lab.key"]).succeeds();
    for path in &secrets {
        assert_eq!(
            fs::read(clone.join(path)).expect("there"),
            fs::read(lab.join(path)).expect("there"),
            "{path}"
        );
    }
    assert_clean(&sandbox, &clone);
    let mode = fs::metadata(clone.join(".git/git-crypt/keys/default"))
        .expect("a key")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);

    sandbox.hs(&clone, ["lock"]).succeeds();
    for path in &secrets {
        assert!(
            fs::read(clone.join(path))
                .expect("there")
                .starts_with(MAGIC),
            "{path} is plaintext after `lock`"
        );
    }
    assert_clean(&sandbox, &clone);
    assert!(!clone.join(".git/git-crypt/keys/default").exists());
    assert_eq!(
        fs::read(clone.join(".git/config")).expect("a configuration"),
        config_before
    );
}

#[test]
fn the_key_comes_from_standard_input_too() {
    let sandbox = Sandbox::new();
    let (lab, clone) = encrypted_and_cloned(&sandbox);
    let key = sandbox.hs(&lab, ["export-key", "-"]).succeeds().stdout;
    sandbox
        .run(&clone, "hs-secrets", ["unlock", "-"], &key)
        .succeeds();
    assert_eq!(
        fs::read(clone.join("api.key")).expect("there"),
        b"opensesame\n"
    );
}

#[test]
fn a_bare_clone_keeps_the_key_for_commands_that_need_it() {
    let sandbox = Sandbox::new();
    let (lab, _) = encrypted_and_cloned(&sandbox);
    sandbox.hs(&lab, ["export-key", "../lab.key"]).succeeds();
    sandbox
        .git(
            &sandbox.path(""),
            ["clone", "--quiet", "--bare", "lab", "bare.git"],
        )
        .succeeds();
    let bare = sandbox.path("bare.git");
    sandbox.hs(&bare, ["unlock", "../lab.key"]).succeeds();
    assert!(bare.join("git-crypt/keys/default").is_file());
    sandbox.hs(&bare, ["lock"]).succeeds();
    assert!(!bare.join("git-crypt/keys/default").exists());
}

#[test]
fn linked_work_trees_share_the_key() {
    let sandbox = Sandbox::new();
    let (lab, _) = encrypted_and_cloned(&sandbox);
    sandbox
        .git(
            &lab,
            ["worktree", "add", "--quiet", "../linked", "-b", "side"],
        )
        .succeeds();
    let linked = sandbox.path("linked");
    assert_eq!(
        fs::read(linked.join("api.key")).expect("there"),
        b"opensesame\n"
    );
    fs::write(linked.join("new.key"), "new\n").expect("written");
    sandbox.git(&linked, ["add", "new.key"]).succeeds();
    assert!(
        sandbox
            .git(&linked, ["cat-file", "blob", ":new.key"])
            .succeeds()
            .stdout
            .starts_with(MAGIC)
    );
    sandbox.hs(&linked, ["status"]).succeeds();
}

#[test]
fn outside_a_repository_every_verb_says_so() {
    let sandbox = Sandbox::new();
    let nowhere = sandbox.path("home");
    for verb in [
        &["init"][..],
        &["status"],
        &["lock"],
        &["export-key", "k"],
        &["clean"],
        &["smudge"],
        &["filter-process"],
    ] {
        sandbox
            .hs(&nowhere, verb)
            .fails_saying(&["not a git repository"]);
    }
    assert!(!nowhere.join("k").exists());
}

#[test]
fn without_a_key_nothing_is_exported_cleaned_or_smudged() {
    let sandbox = Sandbox::new();
    let (_, clone) = encrypted_and_cloned(&sandbox);
    for verb in [
        &["export-key", "k"][..],
        &["clean"],
        &["smudge"],
        &["filter-process"],
        &["diff", "api.key"],
    ] {
        let run = sandbox
            .hs(&clone, verb)
            .fails_saying(&["no key `default` here"]);
        assert!(run.stdout.is_empty());
    }
    assert!(!clone.join("k").exists());
    sandbox
        .hs(&clone, ["lock"])
        .fails_saying(&["already locked"]);
}

#[test]
fn a_wrong_key_changes_nothing() {
    let sandbox = Sandbox::new();
    let (lab, clone) = encrypted_and_cloned(&sandbox);
    sandbox.hs(&lab, ["keygen", "../other.key"]).succeeds();
    let config = fs::read(clone.join(".git/config")).expect("a configuration");
    sandbox
        .hs(&clone, ["unlock", "../other.key"])
        .fails_saying(&["wrong key", "api.key"]);
    assert_eq!(
        fs::read(clone.join(".git/config")).expect("a configuration"),
        config
    );
    assert!(!clone.join(".git/git-crypt/keys/default").exists());
    sandbox
        .git(&clone, ["reset", "--hard", "--quiet"])
        .succeeds();
}

#[test]
fn bad_key_files_are_refused_with_their_defect_and_nothing_changes() {
    let sandbox = Sandbox::new();
    let (lab, clone) = encrypted_and_cloned(&sandbox);
    sandbox.hs(&lab, ["export-key", "../lab.key"]).succeeds();
    let good = fs::read(sandbox.path("lab.key")).expect("a key");
    let future = [&good[..12], &[0, 0, 0, 3], &good[16..]].concat();
    for (name, bytes, defect) in [
        ("empty", &b""[..], "not a git-crypt key file"),
        (
            "foreign",
            b"-----BEGIN OPENSSH PRIVATE KEY-----\n",
            "not a git-crypt key file",
        ),
        ("truncated", &good[..100], "cut off"),
        ("future", &future, "newer version"),
        ("legacy", &[7; 96], "legacy"),
    ] {
        fs::write(sandbox.path(name), bytes).expect("written");
        sandbox
            .hs(&clone, ["unlock", &format!("../{name}")])
            .fails_saying(&[name, defect]);
    }
    sandbox
        .hs(&clone, ["unlock", "../missing"])
        .fails_saying(&["../missing", "No such file"]);
    sandbox
        .hs(&clone, ["unlock", "/dev/zero"])
        .fails_saying(&["/dev/zero"]);
    assert!(!clone.join(".git/git-crypt/keys/default").exists());
}

#[test]
fn modified_encrypted_files_stop_unlock_and_lock_and_others_do_not() {
    let sandbox = Sandbox::new();
    let (lab, clone) = encrypted_and_cloned(&sandbox);
    sandbox.hs(&lab, ["export-key", "../lab.key"]).succeeds();
    fs::write(clone.join("plain.txt"), "changed\n").expect("written");
    fs::write(clone.join("api.key"), "my own\n").expect("written");
    let told = sandbox
        .hs(&clone, ["unlock", "../lab.key"])
        .fails_saying(&["modified", "api.key"])
        .stderr;
    assert_eq!(fs::read(clone.join("api.key")).expect("there"), b"my own\n");
    // A user might commit the file to get it out of the way, and publish it by that. The message warns of this.
    assert!(told.contains("move these files away") && told.contains("in plaintext"));
    let git = |arguments: &[&str]| sandbox.git(&clone, arguments).succeeds();
    fs::rename(clone.join("api.key"), sandbox.path("away")).expect("moved");
    git(&["checkout", "--quiet", "api.key"]);
    sandbox.hs(&clone, ["unlock", "../lab.key"]).succeeds();
    fs::rename(sandbox.path("away"), clone.join("api.key")).expect("moved");
    git(&["add", "api.key"]);
    let blob = git(&["cat-file", "blob", ":api.key"]).stdout;
    assert!(blob.starts_with(MAGIC));
    git(&["reset", "--quiet", "HEAD", "api.key"]);
    git(&["checkout", "--quiet", "api.key"]);
    assert_eq!(
        fs::read(clone.join("plain.txt")).expect("there"),
        b"changed\n"
    );

    fs::write(clone.join("api.key"), "my own\n").expect("written");
    sandbox
        .hs(&clone, ["lock"])
        .fails_saying(&["modified", "api.key"]);
    assert_eq!(fs::read(clone.join("api.key")).expect("there"), b"my own\n");
    sandbox.hs(&clone, ["lock", "--force"]).succeeds();
    assert!(
        fs::read(clone.join("api.key"))
            .expect("there")
            .starts_with(MAGIC)
    );
}

#[test]
#[ignore = "needs git-crypt: tests/run.sh"]
fn unlock_repairs_what_a_wrong_key_of_git_crypt_left_behind() {
    let sandbox = Sandbox::new();
    let (lab, clone) = encrypted_and_cloned(&sandbox);
    sandbox.hs(&lab, ["export-key", "../lab.key"]).succeeds();
    sandbox.hs(&lab, ["keygen", "../other.key"]).succeeds();
    sandbox
        .git_crypt(&clone, ["unlock", "../other.key"])
        .ends_with(1);
    sandbox.hs(&clone, ["unlock", "../lab.key"]).succeeds();
    assert_eq!(
        fs::read(clone.join("api.key")).expect("there"),
        b"opensesame\n"
    );
    assert_clean(&sandbox, &clone);
}

#[test]
fn unlock_and_lock_finish_what_was_interrupted() {
    let sandbox = Sandbox::new();
    let (lab, clone) = encrypted_and_cloned(&sandbox);
    sandbox.hs(&lab, ["export-key", "../lab.key"]).succeeds();
    let ciphertext = fs::read(clone.join("api.key")).expect("there");
    // The state after `unlock` was killed before the checkout.
    fs::create_dir_all(clone.join(".git/git-crypt/keys")).expect("created");
    fs::copy(
        sandbox.path("lab.key"),
        clone.join(".git/git-crypt/keys/default"),
    )
    .expect("copied");
    fs::copy(lab.join(".git/config"), clone.join(".git/config")).expect("copied");
    assert_clean(&sandbox, &clone);
    sandbox.hs(&clone, ["unlock", "../lab.key"]).succeeds();
    assert_eq!(
        fs::read(clone.join("api.key")).expect("there"),
        b"opensesame\n"
    );
    // The state after `lock` was killed during its checkout.
    fs::write(clone.join("api.key"), &ciphertext).expect("written");
    sandbox.hs(&clone, ["lock"]).succeeds();
    // The state after `lock` was killed before it removed the key.
    fs::copy(
        sandbox.path("lab.key"),
        clone.join(".git/git-crypt/keys/default"),
    )
    .expect("copied");
    sandbox.hs(&clone, ["lock"]).succeeds();
    assert!(!clone.join(".git/git-crypt/keys/default").exists());
    assert_eq!(fs::read(clone.join("api.key")).expect("there"), ciphertext);
}

#[test]
fn another_git_process_that_holds_the_configuration_stops_init_whole() {
    let sandbox = Sandbox::new();
    let repository = sandbox.repository("r");
    fs::write(repository.join(".git/config.lock"), "").expect("written");
    sandbox
        .hs(&repository, ["init"])
        .fails_saying(&["config.lock exists"]);
    assert!(!repository.join(".git/git-crypt/keys/default").exists());
    fs::remove_file(repository.join(".git/config.lock")).expect("removed");
    sandbox.hs(&repository, ["init"]).succeeds();
    assert!(!repository.join(".git/config.lock").exists());
    sandbox
        .hs(&repository, ["init"])
        .fails_saying(&["already been initialized"]);
}

#[test]
#[ignore = "needs git-crypt: tests/run.sh"]
fn keygen_never_overwrites_and_migrate_key_reads_legacy_keys_only() {
    let sandbox = Sandbox::new();
    let here = sandbox.path("");
    sandbox.hs(&here, ["keygen", "new.key"]).succeeds();
    let key = fs::read(here.join("new.key")).expect("a key");
    assert_eq!(key.len(), 148);
    sandbox
        .hs(&here, ["keygen", "new.key"])
        .fails_saying(&["new.key", "already exists"]);
    assert_eq!(fs::read(here.join("new.key")).expect("a key"), key);
    sandbox
        .hs(&here, ["keygen", "nowhere/new.key"])
        .fails_saying(&["nowhere/new.key", "No such file"]);

    fs::write(here.join("legacy"), [9; 96]).expect("written");
    sandbox
        .hs(&here, ["migrate-key", "legacy", "ours"])
        .succeeds();
    sandbox
        .git_crypt(&here, ["migrate-key", "legacy", "theirs"])
        .succeeds();
    assert_eq!(
        fs::read(here.join("ours")).expect("a key"),
        fs::read(here.join("theirs")).expect("a key")
    );
    sandbox
        .hs(&here, ["migrate-key", "new.key", "again"])
        .fails_saying(&["new.key", "today's format already"]);
}

#[test]
fn wrong_usage_ends_with_2() {
    let sandbox = Sandbox::new();
    let repository = sandbox.repository("r");
    for arguments in [
        &[][..],
        &["bogus"],
        &["lock", "-a", "-k", "ops"],
        &["lock", "extra"],
        &["status", "-e", "-u"],
        &["status", "-f", "-e"],
        &["export-key"],
        &["migrate-key", "one"],
        &["clean", "a", "b"],
    ] {
        sandbox.hs(&repository, arguments).ends_with(2);
    }
    sandbox
        .hs(&repository, ["init", "-k", "b@d"])
        .fails_saying(&["key names may contain only"]);
    sandbox
        .hs(&repository, ["init", "-k", "default"])
        .fails_saying(&["not a legal key name"]);
}

/// A repository with one encrypted file, and a locked clone of it.
fn encrypted_and_cloned(sandbox: &Sandbox) -> (PathBuf, PathBuf) {
    let lab = sandbox.encrypted(
        "lab",
        &[("api.key", "opensesame\n"), ("plain.txt", "for everyone\n")],
    );
    let clone = sandbox.cloned(&lab);
    (lab, clone)
}

fn secret_files(sandbox: &Sandbox, repository: &Path) -> Vec<String> {
    let listed = sandbox.git(repository, ["ls-files"]).succeeds().text();
    listed
        .lines()
        .filter(|path| path.contains("/secret/"))
        .map(str::to_owned)
        .collect()
}

#[track_caller]
fn assert_clean(sandbox: &Sandbox, repository: &Path) {
    assert_eq!(
        sandbox
            .git(repository, ["status", "--porcelain"])
            .succeeds()
            .text(),
        ""
    );
}
