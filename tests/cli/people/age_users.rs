//! `add-age-user`, `ls-users`, `rm-age-user`, and `unlock` with an age or SSH key.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::desk::read;
use crate::harness::gnupg::GnupgHome;
use crate::harness::pty::run_answering;
use crate::harness::sandbox::{Sandbox, run};

/// A file encrypted with each of two keys.
const FILES: [(&str, &str); 2] = [("api.key", "opensesame\n"), ("pager.ops", "ring ring\n")];

#[test]
#[ignore = "needs age and ssh-keygen: tests/run.sh"]
fn age_and_ssh_keys_open_the_repository_and_the_age_program_opens_the_files() {
    let sandbox = Sandbox::new();
    let lab = sandbox.encrypted("lab", &FILES);
    let age = sandbox.new_age_key("age.txt");
    let ed25519 = ssh_key(&sandbox, "ed25519", &["-t", "ed25519"], "");
    let rsa = ssh_key(&sandbox, "rsa", &["-t", "rsa", "-b", "3072"], "");
    let pem = ssh_key(
        &sandbox,
        "pem",
        &["-t", "rsa", "-b", "2048", "-m", "PEM"],
        "",
    );
    sandbox
        .hs(&lab, ["add-age-user", &age, &ed25519, &rsa])
        .succeeds();
    sandbox.hs(&lab, ["add-age-user", &pem]).succeeds();
    sandbox
        .hs(
            &lab,
            ["add-age-user", "-k", "ops", &age, &ed25519, &rsa, &pem],
        )
        .succeeds();
    let key = read(&lab, ".git/git-crypt/keys/default");
    let sealed: Vec<PathBuf> = fs::read_dir(lab.join(".git-crypt/keys/default/0"))
        .expect("wrapped keys")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "age"))
        .collect();
    assert_eq!(sealed.len(), 4);
    for identity in ["age.txt", "ed25519", "rsa", "pem"] {
        let clone = sandbox.cloned(&lab);
        let identity = sandbox.path(identity);
        let identity = identity.to_str().expect("plain");
        sandbox
            .hs(&clone, ["unlock", "--identity", identity])
            .succeeds();
        assert_unlocked(&clone);
        let opened = sealed.iter().filter(|file| {
            let file = file.to_str().expect("plain");
            let run = sandbox.run(&lab, "age", ["--decrypt", "-i", identity, file], b"");
            run.code == 0 && run.stdout == key
        });
        assert_eq!(opened.count(), 1, "{identity}");
    }
}

#[test]
#[ignore = "needs GPG, age and git-crypt: tests/run.sh"]
fn gpg_age_and_git_crypt_share_one_repository() {
    let sandbox = Sandbox::new();
    let gnupg = GnupgHome::new();
    gnupg.new_key(&sandbox, "Alice <alice@example.org>");
    let lab = sandbox.encrypted("lab", &FILES);
    let age = sandbox.new_age_key("age.txt");
    // Both programs add users, one after the other. git-crypt has written its `.gitattributes` first.
    gnupg
        .run(&sandbox, &lab, "git-crypt", ["add-gpg-user", "Alice"])
        .succeeds();
    for key in [&[][..], &["-k", "ops"]] {
        let arguments = [&["add-age-user"], key, &[&age]].concat();
        sandbox.hs(&lab, arguments).succeeds();
    }
    gnupg
        .run(
            &sandbox,
            &lab,
            "git-crypt",
            ["add-gpg-user", "-k", "ops", "Alice"],
        )
        .succeeds();
    let by_gpg = sandbox.cloned(&lab);
    gnupg
        .run(&sandbox, &by_gpg, "git-crypt", ["unlock"])
        .succeeds();
    assert_unlocked(&by_gpg);
    let by_age = sandbox.cloned(&lab);
    sandbox
        .hs(&by_age, ["unlock", "-i", "../age.txt"])
        .succeeds();
    assert_unlocked(&by_age);
    // Without GPG, the identity in the settings is enough, whatever the current directory is.
    let by_setting = sandbox.cloned(&lab);
    fs::create_dir_all(by_setting.join("below/here")).expect("created");
    for identity in ["~/../age.txt", "../age.txt"] {
        for (name, value) in [
            ("gpg.program", "/nowhere/gpg"),
            ("hs-secrets.identity", identity),
        ] {
            sandbox.git(&by_setting, ["config", name, value]).succeeds();
        }
        sandbox
            .hs(&by_setting.join("below/here"), ["unlock"])
            .succeeds();
        assert_unlocked(&by_setting);
        sandbox.hs(&by_setting, ["lock", "-a"]).succeeds();
    }
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn line_ends_that_a_checkout_changes_do_no_harm() {
    let sandbox = Sandbox::new();
    let lab = sandbox.encrypted("lab", &FILES);
    let age = sandbox.new_age_key("age.txt");
    sandbox.hs(&lab, ["add-age-user", &age]).succeeds();
    sandbox
        .git(
            &sandbox.path(""),
            [
                "clone",
                "--quiet",
                "-c",
                "core.autocrlf=true",
                "lab",
                "crlf",
            ],
        )
        .succeeds();
    let clone = sandbox.path("crlf");
    sandbox
        .hs(&clone, ["unlock", "-i", "../age.txt"])
        .succeeds();
    assert_eq!(read(&clone, "api.key"), b"opensesame\n");
    let listed = sandbox.hs(&clone, ["ls-users", "--json"]).succeeds();
    assert!(listed.text().contains(&age), "{}", listed.text());
}

#[test]
#[ignore = "needs ssh-keygen: tests/run.sh"]
fn the_ssh_key_in_its_usual_place_is_found_and_its_passphrase_asked_once() {
    let sandbox = Sandbox::new();
    let lab = sandbox.encrypted("lab", &FILES);
    fs::create_dir(sandbox.path("home/.ssh")).expect("created");
    let public = ssh_key(
        &sandbox,
        "home/.ssh/id_ed25519",
        &["-t", "ed25519"],
        "open up",
    );
    sandbox.hs(&lab, ["add-age-user", &public]).succeeds();
    sandbox
        .hs(&lab, ["add-age-user", "-k", "ops", &public])
        .succeeds();
    let clone = sandbox.cloned(&lab);
    sandbox
        .hs(&clone, ["unlock"])
        .fails_saying(&["no terminal"]);
    run_answering(
        &sandbox,
        &clone,
        "hs-secrets unlock",
        &[("assphrase", "wrong")],
    )
    .fails_saying(&["wrong passphrase"]);
    assert!(!clone.join(".git/git-crypt/keys/default").exists());
    let run = run_answering(
        &sandbox,
        &clone,
        "hs-secrets unlock",
        &[("assphrase", "open up")],
    )
    .succeeds();
    let shown = run.text() + &run.stderr;
    assert!(shown.contains("assphrase"), "{shown}");
    assert!(!shown.contains(['\u{2068}', '\u{2069}']), "{shown:?}");
    assert_unlocked(&clone);
}

#[test]
#[ignore = "needs ssh-keygen: tests/run.sh"]
fn an_ssh_key_of_another_name_is_found_by_its_public_half() {
    let sandbox = Sandbox::new();
    let lab = sandbox.encrypted("lab", &FILES);
    fs::create_dir(sandbox.path("home/.ssh")).expect("created");
    let fixed = ["-t", "ed25519"];
    // The passphrase of a key that opens nothing here is not asked for.
    ssh_key(&sandbox, "home/.ssh/aaa", &fixed, "a passphrase");
    let public = ssh_key(&sandbox, "home/.ssh/git.lab", &fixed, "");
    for key in [&[][..], &["-k", "ops"]] {
        let add = [&["add-ssh-user"], key, &[&public]].concat();
        sandbox.hs(&lab, add).succeeds();
    }
    let clone = sandbox.cloned(&lab);
    sandbox.hs(&clone, ["unlock"]).succeeds();
    assert_unlocked(&clone);
    sandbox.hs(&lab, ["rm-ssh-user", &public]).succeeds();
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn a_sealed_identity_and_a_key_file_sealed_for_one_are_opened() {
    let sandbox = Sandbox::new();
    let lab = sandbox.encrypted("lab", &FILES);
    let here = sandbox.path("");
    let age = sandbox.new_age_key("age.txt");
    sandbox.hs(&lab, ["export-key", "../raw.key"]).succeeds();
    sandbox
        .run(
            &here,
            "age",
            ["-r", &age, "-o", "for-me.age", "raw.key"],
            b"",
        )
        .succeeds();
    let clone = sandbox.cloned(&lab);
    sandbox
        .hs(&clone, ["unlock", "../for-me.age"])
        .fails_saying(&["sealed for others"]);
    sandbox
        .hs(&clone, ["unlock", "-i", "../age.txt", "../for-me.age"])
        .succeeds();
    assert_eq!(read(&clone, "api.key"), b"opensesame\n");

    let twice = [("passphrase", "open up"), ("onfirm", "open up")];
    run_answering(&sandbox, &here, "age -p -a -o sealed.txt age.txt", &twice).succeeds();
    sandbox.hs(&lab, ["add-age-user", &age]).succeeds();
    let clone = sandbox.cloned(&lab);
    run_answering(
        &sandbox,
        &clone,
        "hs-secrets unlock -i ../sealed.txt",
        &[("passphrase", "open up")],
    )
    .succeeds();
    assert_eq!(read(&clone, "api.key"), b"opensesame\n");
}

#[test]
#[ignore = "needs age and ssh-keygen: tests/run.sh"]
fn identities_that_do_not_open_leave_the_repository_locked() {
    let sandbox = Sandbox::new();
    let lab = sandbox.encrypted("lab", &FILES);
    let age = sandbox.new_age_key("age.txt");
    sandbox.new_age_key("other.txt");
    ssh_key(&sandbox, "ecdsa", &["-t", "ecdsa"], "");
    ssh_key(
        &sandbox,
        "old",
        &["-t", "rsa", "-b", "2048", "-m", "PEM"],
        "open up",
    );
    sandbox.hs(&lab, ["add-age-user", &age]).succeeds();
    let clone = sandbox.cloned(&lab);
    fs::write(sandbox.path("empty"), "").expect("written");
    for (identity, reason) in [
        ("other.txt", "none of your secret keys"),
        ("ecdsa", "can't be used"),
        ("old", "ssh-keygen -p"),
        ("empty", "holds no age or SSH secret key"),
        ("ecdsa.pub", "holds no age or SSH secret key"),
        ("missing", "No such file"),
    ] {
        sandbox
            .hs(&clone, ["unlock", "-i", &format!("../{identity}")])
            .fails_saying(&[reason]);
    }
    sandbox
        .hs(&clone, ["unlock"])
        .fails_saying(&["none of your secret keys"]);
    let sealed = sealed_file(&clone);
    let good = fs::read(&sealed).expect("sealed");
    for bad in [&b""[..], b"garbage", &good[..good.len() / 2]] {
        fs::write(&sealed, bad).expect("written");
        sandbox
            .hs(&clone, ["unlock", "-i", "../age.txt"])
            .fails_saying(&["opening .git-crypt/keys/default/0/", "damaged"]);
    }
    // The key of another name is put into the place of this one.
    let ops = read(&lab, ".git/git-crypt/keys/ops");
    let swapped = sandbox
        .run(&lab, "age", ["-a", "-r", &age], &ops)
        .succeeds();
    fs::write(&sealed, swapped.stdout).expect("written");
    sandbox
        .hs(&clone, ["unlock", "-i", "../age.txt"])
        .fails_saying(&["another one", "`ops`"]);
    assert!(!clone.join(".git/git-crypt/keys/default").exists());
}

#[test]
#[ignore = "needs age and ssh-keygen: tests/run.sh"]
fn what_is_no_recipient_changes_nothing() {
    let sandbox = Sandbox::new();
    let lab = sandbox.encrypted("lab", &FILES);
    let age = sandbox.new_age_key("age.txt");
    let ecdsa = ssh_key(&sandbox, "ecdsa", &["-t", "ecdsa"], "");
    let small = ssh_key(&sandbox, "small", &["-t", "rsa", "-b", "1024"], "");
    let secret = fs::read_to_string(sandbox.path("age.txt")).expect("an identity");
    let secret = secret.lines().last().expect("a line").to_owned();
    for (recipient, reason) in [
        ("alice", "`alice` is no recipient"),
        (&age[..40], "is no recipient"),
        (&ecdsa, "only ssh-ed25519 and ssh-rsa"),
        (&small, "too small"),
        (&secret, "that is a secret key"),
    ] {
        let run = sandbox
            .hs(&lab, ["add-age-user", &age, recipient])
            .fails_saying(&[reason]);
        assert!(!run.stderr.contains(&secret));
        assert!(!lab.join(".git-crypt").exists(), "{recipient}");
    }
    // A secret key that is given as a name must be refused, since names are committed.
    fs::write(sandbox.path("list"), format!("# {secret}\n{age}\n")).expect("written");
    for arguments in [&["--name", &secret, &age][..], &["-R", "../list"]] {
        let run = sandbox.hs(&lab, [&["add-age-user"], arguments].concat());
        let run = run.fails_saying(&["looks like a secret key", &age]);
        assert!(!run.stderr.contains(&secret), "{}", run.stderr);
        assert!(!lab.join(".git-crypt").exists());
    }
    sandbox.hs(&lab, ["add-age-user"]).ends_with(2);
    sandbox
        .hs(&lab, ["add-age-user", "--name", "Both", &age, &age])
        .ends_with(2);
    fs::write(sandbox.path("list"), "# nobody\n").expect("written");
    sandbox
        .hs(&lab, ["add-age-user", "-R", "../list"])
        .fails_saying(&["../list", "there are none"]);
}

#[test]
#[ignore = "needs age and ssh-keygen: tests/run.sh"]
fn they_are_listed_by_name_and_removed() {
    let sandbox = Sandbox::new();
    let lab = sandbox.encrypted("lab", &FILES);
    let (alice, carol) = (
        sandbox.new_age_key("alice.txt"),
        sandbox.new_age_key("carol.txt"),
    );
    let bob = ssh_key(&sandbox, "bob", &["-t", "ed25519"], "");
    assert_eq!(
        sandbox.hs(&lab, ["ls-users", "--json"]).succeeds().text(),
        "[]\n"
    );
    sandbox
        .hs(&lab, ["add-age-user", "--name", "Alice in Ops", &alice])
        .succeeds();
    fs::write(sandbox.path("list"), format!("# Carol\n{carol}\n\n{bob}\n")).expect("written");
    sandbox
        .hs(&lab, ["add-age-user", "-k", "ops", "-R", "../list"])
        .succeeds();
    sandbox
        .hs(&lab, ["add-age-user", "-k", "ops", &alice])
        .succeeds();
    let table = sandbox.hs(&lab, ["ls-users"]).succeeds().text();
    let rows: Vec<String> = table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert!(
        rows.contains(&format!("Alice in Ops age {alice} - default, ops")),
        "{table}"
    );
    assert!(
        rows.contains(&format!("Carol age {carol} - ops")),
        "{table}"
    );
    assert!(table.contains("bob@test"), "{table}");
    let message = sandbox
        .git(&lab, ["log", "-1", "--skip=1", "--format=%B"])
        .succeeds()
        .text();
    assert!(
        message.contains("Carol") && message.contains("bob@test"),
        "{message}"
    );

    sandbox
        .hs(&lab, ["rm-age-user", "Dave"])
        .fails_saying(&["no collaborator", "Dave"]);
    sandbox
        .hs(&lab, ["rm-age-user", "-k", "ops", "o"])
        .fails_saying(&["more than one", "Carol", "bob@test"]);
    sandbox
        .hs(&lab, ["rm-age-user", "-k", "ops", &bob])
        .succeeds();
    sandbox
        .hs(&lab, ["rm-age-user", "alice"])
        .fails_saying(&["`alice` is only a part of Alice in Ops"]);
    let run = sandbox.hs(&lab, ["rm-age-user", "alice in ops"]).succeeds();
    assert!(run.stderr.contains("other keys: ops"), "{}", run.stderr);
    sandbox
        .hs(&lab, ["rm-age-user", "--all", &alice])
        .succeeds();
    let left = sandbox.hs(&lab, ["ls-users", "--json"]).succeeds();
    let left: serde_json::Value = serde_json::from_slice(&left.stdout).expect("JSON");
    assert_eq!(left.as_array().map(Vec::len), Some(1), "{left}");
    assert_eq!(left[0]["name"], "Carol");
    assert_eq!(left[0]["public_key"], *carol);
    assert_eq!(
        sandbox
            .git(&lab, ["status", "--porcelain"])
            .succeeds()
            .text(),
        ""
    );
    assert!(!lab.join(".git-crypt/keys/default").exists());
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn a_whole_name_goes_before_a_part_and_a_part_is_asked_about() {
    let sandbox = Sandbox::new();
    let lab = sandbox.encrypted("lab", &FILES);
    let old = sandbox.new_age_key("old.txt");
    let new = sandbox.new_age_key("new.txt");
    for (name, key) in [("alice", &old), ("alice (new laptop)", &new)] {
        sandbox
            .hs(&lab, ["add-age-user", "--name", name, key])
            .succeeds();
    }
    let remove = ["rm-age-user", "alice"];
    let removed = sandbox.hs(&lab, remove).succeeds().stderr;
    assert!(
        removed.contains(&format!("removed alice {old}")),
        "{removed}"
    );
    sandbox
        .hs(&lab, remove)
        .fails_saying(&["only a part of alice (new laptop)"]);
    let asked = |answer| {
        let answers = [("remove alice (new laptop)", answer)];
        run_answering(&sandbox, &lab, "hs-secrets rm-age-user alice", &answers)
    };
    asked("n").fails_saying(&["nothing was changed"]);
    let listed = || sandbox.hs(&lab, ["ls-users"]).succeeds().text();
    assert!(listed().contains(&new));
    asked("y").succeeds();
    assert!(!listed().contains(&new));
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn a_public_key_that_cannot_be_is_no_recipient_and_no_panic() {
    let sandbox = Sandbox::new();
    let lab = sandbox.encrypted("lab", &FILES);
    let alice = sandbox.new_age_key("alice.txt");
    sandbox.hs(&lab, ["add-age-user", &alice]).succeeds();
    let hostile = "ssh-rsa AAAAB3NzaC1yc2EAAAABAAAAAAMBAAE=";
    sandbox
        .hs(&lab, ["add-age-user", hostile])
        .fails_saying(&["no recipient", "cut off or changed"]);
    // The id is computed like a blob's id with SHA-1, whatever the repository's format.
    let mut hash = sandbox.command(&sandbox.path(""), "git");
    hash.args(["hash-object", "--stdin"]);
    hash.env("GIT_DEFAULT_HASH", "sha1");
    let id = run(hash, hostile.as_bytes()).succeeds().text();
    let beside = lab.join(format!(".git-crypt/keys/default/0/{}.pub", id.trim()));
    fs::write(&beside, format!("{hostile}\n")).expect("written");
    fs::write(beside.with_extension("age"), "junk\n").expect("written");
    let listed = sandbox.hs(&lab, ["ls-users"]).succeeds().text();
    assert!(
        listed.contains(&format!("unknown, id {}", id.trim())),
        "{listed}"
    );
    let clone = sandbox.cloned(&lab);
    sandbox
        .hs(&clone, ["unlock", "-i", "../alice.txt"])
        .succeeds();
    let whom = beside.with_extension("pub");
    let whom = whom.to_str().expect("plain");
    sandbox
        .hs(&lab, ["unlock", "-i", whom])
        .fails_saying(&["holds no age or SSH secret key"]);
    sandbox
        .hs(&lab, ["rotate-key"])
        .fails_saying(&["the public key of the collaborator", id.trim()]);
    sandbox.hs(&lab, ["rm-age-user", id.trim()]).succeeds();
    assert!(!beside.exists());
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn junk_in_the_place_of_a_sealed_key_is_sealed_anew() {
    let sandbox = Sandbox::new();
    let lab = sandbox.encrypted("lab", &FILES);
    let bob = sandbox.new_age_key("bob.txt");
    let add = ["add-age-user", "--name", "bob", &bob];
    sandbox.hs(&lab, add).succeeds();
    let sealed = sealed_file(&lab);
    for junk in ["", "junk of somebody who can push\n"] {
        fs::write(&sealed, junk).expect("written");
        sandbox
            .git(&lab, ["commit", "--quiet", "-am", "junk"])
            .succeeds();
        sandbox.hs(&lab, ["add-age-user", &bob]).succeeds();
        let clone = sandbox.cloned(&lab);
        sandbox
            .hs(&clone, ["unlock", "-i", "../bob.txt"])
            .succeeds();
        let listed = sandbox.hs(&clone, ["ls-users"]).succeeds().text();
        assert!(listed.contains("bob"), "{listed}");
    }
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn a_recipient_that_was_exchanged_behind_ones_back_is_not_believed() {
    let sandbox = Sandbox::new();
    let lab = sandbox.encrypted("lab", &FILES);
    let (alice, mallory) = (
        sandbox.new_age_key("alice.txt"),
        sandbox.new_age_key("mallory.txt"),
    );
    sandbox.hs(&lab, ["add-age-user", &alice]).succeeds();
    let beside = sealed_file(&lab).with_extension("pub");
    fs::write(&beside, format!("# Alice\n{mallory}\n")).expect("written");
    let listed = sandbox.hs(&lab, ["ls-users", "--json"]).succeeds().text();
    assert!(!listed.contains(&mallory), "{listed}");
}

#[test]
#[ignore = "needs age and ssh-keygen: tests/run.sh"]
fn an_ssh_key_whose_passphrase_nobody_enters_hides_no_other_identity() {
    let sandbox = Sandbox::new();
    let lab = sandbox.encrypted("lab", &FILES);
    let age = sandbox.new_age_key("age.txt");
    let ssh = ssh_key(&sandbox, "ed25519", &["-t", "ed25519"], "open up");
    sandbox.hs(&lab, ["export-key", "../raw.key"]).succeeds();
    let seal = ["-r", &ssh, "-r", &age, "-o", "for-both.age", "raw.key"];
    sandbox.run(&sandbox.path(""), "age", seal, b"").succeeds();
    let clone = sandbox.cloned(&lab);
    let unlock = ["unlock", "-i", "../ed25519", "../for-both.age"];
    sandbox.hs(&clone, unlock).fails_saying(&["no terminal"]);
    let unlock = [
        "unlock",
        "-i",
        "../ed25519",
        "-i",
        "../age.txt",
        "../for-both.age",
    ];
    sandbox.hs(&clone, unlock).succeeds();
}

/// Makes a new SSH key; returns the line of its public half.
fn ssh_key(sandbox: &Sandbox, file: &str, kind: &[&str], passphrase: &str) -> String {
    let name = Path::new(file).file_name().and_then(|name| name.to_str());
    let comment = format!("{}@test", name.expect("plain"));
    let fixed = ["-q", "-N", passphrase, "-C", &comment, "-f", file];
    sandbox
        .run(
            &sandbox.path(""),
            "ssh-keygen",
            [&fixed, kind].concat(),
            b"",
        )
        .succeeds();
    let public = fs::read_to_string(sandbox.path(format!("{file}.pub"))).expect("a public key");
    public.trim().to_owned()
}

/// The only sealed key of a repository.
fn sealed_file(repository: &Path) -> PathBuf {
    let files = fs::read_dir(repository.join(".git-crypt/keys/default/0")).expect("wrapped keys");
    files
        .map(|entry| entry.expect("a file").path())
        .find(|path| path.extension().is_some_and(|extension| extension == "age"))
        .expect("a sealed key")
}

#[track_caller]
fn assert_unlocked(repository: &Path) {
    assert_eq!(read(repository, "api.key"), b"opensesame\n");
    assert_eq!(read(repository, "pager.ops"), b"ring ring\n");
}
