//! `add-gpg-user`, `ls-users`, `rm-gpg-user`, and `unlock` without a key file.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::harness::desk::{MAGIC, read};
use crate::harness::gnupg::GnupgHome;
use crate::harness::sandbox::Sandbox;

/// A file encrypted with each of two keys.
const FILES: [(&str, &str); 2] = [("api.key", "opensesame\n"), ("pager.ops", "ring ring\n")];

#[test]
#[ignore = "needs GPG: tests/run.sh"]
fn a_user_added_by_either_program_is_unlocked_by_either() {
    let sandbox = Sandbox::new();
    let gnupg = GnupgHome::new();
    gnupg.new_key(&sandbox, "Alice <alice@example.org>");
    for (number, (adds, unlocks)) in [
        ("hs-secrets", "hs-secrets"),
        ("hs-secrets", "git-crypt"),
        ("git-crypt", "hs-secrets"),
    ]
    .into_iter()
    .enumerate()
    {
        let lab = sandbox.encrypted(&format!("lab{number}"), &FILES);
        for key in [&[][..], &["-k", "ops"]] {
            let arguments = [&["add-gpg-user"], key, &["alice@example.org"]].concat();
            gnupg.run(&sandbox, &lab, adds, arguments).succeeds();
        }
        let clone = sandbox.cloned(&lab);
        gnupg.run(&sandbox, &clone, unlocks, ["unlock"]).succeeds();
        assert_eq!(read(&clone, "api.key"), b"opensesame\n");
        assert_eq!(read(&clone, "pager.ops"), b"ring ring\n");
        for name in ["default", "ops"] {
            let key = format!(".git/git-crypt/keys/{name}");
            assert_eq!(
                read(&clone, &key),
                read(&lab, &key),
                "{adds} {unlocks} {name}"
            );
        }
    }
}

#[test]
#[ignore = "needs GPG and git-crypt: tests/run.sh"]
fn only_the_wrapped_keys_are_committed_and_the_message_says_for_whom() {
    let sandbox = Sandbox::new();
    let gnupg = GnupgHome::new();
    let alice = gnupg.new_key(&sandbox, "Alice <alice@example.org>");
    let bob = gnupg.new_key(&sandbox, "Bob <bob@example.org>");
    let lab = sandbox.encrypted("lab", &FILES);
    fs::write(lab.join("half.txt"), "half done\n").expect("written");
    sandbox.git(&lab, ["add", "half.txt"]).succeeds();
    fs::create_dir(lab.join("deep")).expect("created");
    gnupg
        .hs(
            &sandbox,
            &lab.join("deep"),
            ["add-gpg-user", "alice@example.org", &bob],
        )
        .succeeds();
    let shown = sandbox
        .git(&lab, ["show", "--name-only", "--format=%B"])
        .succeeds()
        .text();
    for part in [
        &*format!("{alice} Alice <alice@example.org>"),
        &*format!("{bob} Bob <bob@example.org>"),
        &*format!(".git-crypt/keys/default/0/{alice}.gpg\n"),
        &*format!(".git-crypt/keys/default/0/{bob}.gpg\n"),
        ".git-crypt/.gitattributes\n",
    ] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    assert!(!shown.contains("half.txt"), "{shown}");
    assert_eq!(status(&sandbox, &lab), "A  half.txt\n");

    // If the same user is added again, the key is wrapped anew: the existing file may be damaged, or be for an old subkey.
    let wrapped = format!(".git-crypt/keys/default/0/{alice}.gpg");
    fs::write(lab.join(&wrapped), "junk of somebody who can push").expect("written");
    sandbox.git(&lab, ["add", &wrapped]).succeeds();
    sandbox
        .git(&lab, ["commit", "--quiet", "-m", "junk", "--", &wrapped])
        .succeeds();
    gnupg
        .hs(&sandbox, &lab, ["add-gpg-user", "alice@example.org"])
        .succeeds();
    let clone = sandbox.cloned(&lab);
    gnupg
        .run(&sandbox, &clone, "git-crypt", ["unlock"])
        .succeeds();
    assert_eq!(read(&clone, "api.key"), b"opensesame\n");
}

#[test]
#[ignore = "needs GPG: tests/run.sh"]
fn what_unpacks_to_more_than_a_key_can_be_is_not_unpacked() {
    let sandbox = Sandbox::new();
    let gnupg = GnupgHome::new();
    let alice = gnupg.new_key(&sandbox, "Alice <alice@example.org>");
    let lab = sandbox.encrypted("lab", &FILES);
    gnupg
        .hs(&sandbox, &lab, ["add-gpg-user", "Alice"])
        .succeeds();
    let clone = sandbox.cloned(&lab);
    let wrapped = format!(".git-crypt/keys/default/0/{alice}.gpg");
    let pack = format!(
        "head -c 600000000 /dev/zero | gpg --batch --quiet --trust-model always --compress-level 9 \
         --recipient {alice} --encrypt >{wrapped}"
    );
    gnupg.run(&sandbox, &clone, "sh", ["-c", &pack]).succeeds();
    let size = fs::metadata(clone.join(&wrapped)).expect("there").len();
    assert!(size < 4_000_000, "{size}");
    // With less memory than the decompressed content needs.
    let limited = "ulimit -v 500000 && exec hs-secrets unlock";
    gnupg
        .run(&sandbox, &clone, "sh", ["-c", limited])
        .fails_saying(&["it printed more than 1 MiB"]);
}

#[test]
#[ignore = "needs GPG: tests/run.sh"]
fn without_a_commit_the_files_are_staged_and_a_later_run_commits_them() {
    let sandbox = Sandbox::new();
    let gnupg = GnupgHome::new();
    let alice = gnupg.new_key(&sandbox, "Alice <alice@example.org>");
    let lab = sandbox.encrypted("lab", &FILES);
    let file = format!(".git-crypt/keys/default/0/{alice}.gpg");
    gnupg
        .hs(&sandbox, &lab, ["add-gpg-user", "-n", &alice])
        .succeeds();
    assert_eq!(
        status(&sandbox, &lab),
        format!(
            "A  .git-crypt/.gitattributes\nA  .git-crypt/hs-secrets/holders/default/{alice}.gpg.txt\nA  {file}\n"
        )
    );
    gnupg
        .hs(&sandbox, &lab, ["add-gpg-user", &alice])
        .succeeds();
    assert_eq!(status(&sandbox, &lab), "");
}

#[test]
#[ignore = "needs GPG: tests/run.sh"]
fn the_first_commit_of_a_repository_can_be_a_collaborator() {
    let sandbox = Sandbox::new();
    let gnupg = GnupgHome::new();
    gnupg.new_key(&sandbox, "Alice <alice@example.org>");
    let lab = sandbox.repository("lab");
    sandbox.hs(&lab, ["init"]).succeeds();
    // A pattern that matches everything must not encrypt the wrapped keys, and an ignore rule must not hide them.
    fs::write(
        lab.join(".gitattributes"),
        "* filter=git-crypt diff=git-crypt\n",
    )
    .expect("written");
    fs::write(lab.join(".gitignore"), ".*\n").expect("written");
    gnupg
        .hs(&sandbox, &lab, ["add-gpg-user", "Alice"])
        .succeeds();
    let clone = sandbox.cloned(&lab);
    gnupg.hs(&sandbox, &clone, ["unlock"]).succeeds();
}

#[test]
#[ignore = "needs GPG and git-crypt: tests/run.sh"]
fn users_who_cannot_be_added_change_nothing() {
    let sandbox = Sandbox::new();
    let (gnupg, theirs) = (GnupgHome::new(), GnupgHome::new());
    theirs.new_key(&sandbox, "Stranger <stranger@example.org>");
    gnupg.import_from(&sandbox, &theirs, "stranger@example.org");
    gnupg.new_key(&sandbox, "Bob One <bob@example.org>");
    gnupg.new_key(&sandbox, "Bob Two <bob@example.net>");
    let expired = ["--faked-system-time", "20200101T000000"];
    let generate = [
        "--quick-gen-key",
        "Old <old@example.org>",
        "future-default",
        "default",
        "1d",
    ];
    gnupg
        .gpg(&sandbox, [&expired[..], &generate].concat())
        .succeeds();
    gnupg
        .gpg(
            &sandbox,
            [
                "--quick-gen-key",
                "Signer <signer@example.org>",
                "ed25519",
                "sign",
                "never",
            ],
        )
        .succeeds();
    let lab = sandbox.encrypted("lab", &FILES);
    let head = sandbox.git(&lab, ["rev-parse", "HEAD"]).succeeds().text();
    for (user, reasons) in [
        ("nobody", &["no public key", "nobody"][..]),
        (
            "bob",
            &["more than one", "bob@example.org", "bob@example.net"],
        ),
        ("old@example.org", &["has expired", "old@example.org"]),
        ("signer@example.org", &["can't be encrypted to"]),
        ("stranger@example.org", &["not trusted"]),
    ] {
        // Given together with a user who could be added.
        gnupg
            .hs(&sandbox, &lab, ["add-gpg-user", "bob@example.net", user])
            .fails_saying(reasons);
        assert_eq!(status(&sandbox, &lab), "", "{user}");
        assert!(!lab.join(".git-crypt").exists(), "{user}");
    }
    assert_eq!(
        sandbox.git(&lab, ["rev-parse", "HEAD"]).succeeds().text(),
        head
    );
    gnupg
        .hs(
            &sandbox,
            &lab,
            ["add-gpg-user", "--trusted", "stranger@example.org"],
        )
        .succeeds();
    let clone = sandbox.cloned(&lab);
    theirs
        .run(&sandbox, &clone, "git-crypt", ["unlock"])
        .succeeds();
    assert_eq!(read(&clone, "api.key"), b"opensesame\n");
}

#[test]
#[ignore = "needs GPG: tests/run.sh"]
fn keys_that_do_not_open_leave_the_repository_locked() {
    let sandbox = Sandbox::new();
    let (gnupg, theirs) = (GnupgHome::new(), GnupgHome::new());
    let alice = gnupg.new_key(&sandbox, "Alice <alice@example.org>");
    theirs.new_key(&sandbox, "Stranger <stranger@example.org>");
    let lab = sandbox.encrypted("lab", &FILES);
    let clone = sandbox.cloned(&lab);
    gnupg
        .hs(&sandbox, &clone, ["unlock"])
        .fails_saying(&["no collaborators"]);
    gnupg
        .hs(&sandbox, &lab, ["add-gpg-user", "Alice"])
        .succeeds();
    sandbox.git(&clone, ["pull", "--quiet"]).succeeds();
    let config = read(&clone, ".git/config");
    theirs
        .hs(&sandbox, &clone, ["unlock"])
        .fails_saying(&["none of your secret keys"]);
    let wrapped = format!(".git-crypt/keys/default/0/{alice}.gpg");
    let good = read(&clone, &wrapped);
    let plain = [&good[..good.len() - 20], &[0; 20]].concat();
    for bad in [&b""[..], b"garbage", &good[..good.len() / 2], &plain] {
        fs::write(clone.join(&wrapped), bad).expect("written");
        gnupg
            .hs(&sandbox, &clone, ["unlock"])
            .fails_saying(&["gpg failed to decrypt", &wrapped]);
    }
    fs::write(
        clone.join(&wrapped),
        encrypt_to(&gnupg, &sandbox, &alice, b"no key"),
    )
    .expect("written");
    gnupg
        .hs(&sandbox, &clone, ["unlock"])
        .fails_saying(&["not a git-crypt key file", &wrapped]);
    let ops = read(&lab, ".git/git-crypt/keys/ops");
    fs::write(
        clone.join(&wrapped),
        encrypt_to(&gnupg, &sandbox, &alice, &ops),
    )
    .expect("written");
    gnupg
        .hs(&sandbox, &clone, ["unlock"])
        .fails_saying(&["another one", "`ops`"]);
    assert_eq!(read(&clone, ".git/config"), config);
    assert!(!clone.join(".git/git-crypt/keys/default").exists());
}

#[test]
#[ignore = "needs GPG: tests/run.sh"]
fn another_secret_key_opens_where_the_first_file_is_damaged() {
    let sandbox = Sandbox::new();
    let gnupg = GnupgHome::new();
    let mut both = [
        gnupg.new_key(&sandbox, "Alice at home <home@example.org>"),
        gnupg.new_key(&sandbox, "Alice at work <work@example.org>"),
    ];
    both.sort();
    let lab = sandbox.encrypted("lab", &FILES);
    let arguments = ["add-gpg-user", &both[0], &both[1]];
    gnupg.hs(&sandbox, &lab, arguments).succeeds();
    let clone = sandbox.cloned(&lab);
    let first = format!(".git-crypt/keys/default/0/{}.gpg", both[0]);
    fs::write(clone.join(first), "garbage").expect("written");
    gnupg.hs(&sandbox, &clone, ["unlock"]).succeeds();
    assert_eq!(read(&clone, "api.key"), b"opensesame\n");
}

#[test]
#[ignore = "needs GPG: tests/run.sh"]
fn a_key_that_is_not_for_this_user_is_named_and_the_others_are_unlocked() {
    let sandbox = Sandbox::new();
    let (gnupg, theirs) = (GnupgHome::new(), GnupgHome::new());
    gnupg.new_key(&sandbox, "Alice <alice@example.org>");
    theirs.new_key(&sandbox, "Bob <bob@example.org>");
    gnupg.import_from(&sandbox, &theirs, "Bob");
    let lab = sandbox.encrypted("lab", &FILES);
    gnupg
        .hs(&sandbox, &lab, ["add-gpg-user", "-k", "ops", "Alice"])
        .succeeds();
    gnupg
        .hs(&sandbox, &lab, ["add-gpg-user", "--trusted", "Bob"])
        .succeeds();
    let clone = sandbox.cloned(&lab);
    let run = theirs.hs(&sandbox, &clone, ["unlock"]).succeeds();
    assert!(
        run.stderr.contains("`ops` is not open to you"),
        "{}",
        run.stderr
    );
    assert_eq!(read(&clone, "api.key"), b"opensesame\n");
    assert!(read(&clone, "pager.ops").starts_with(MAGIC));
}

#[test]
#[ignore = "needs GPG: tests/run.sh"]
fn wrapped_keys_are_found_where_the_work_tree_has_none() {
    let sandbox = Sandbox::new();
    let gnupg = GnupgHome::new();
    gnupg.new_key(&sandbox, "Alice <alice@example.org>");
    let lab = sandbox.encrypted("lab", &FILES);
    gnupg
        .hs(&sandbox, &lab, ["add-gpg-user", "Alice"])
        .succeeds();
    sandbox
        .git(
            &sandbox.path(""),
            ["clone", "--quiet", "--bare", "lab", "bare.git"],
        )
        .succeeds();
    let bare = sandbox.path("bare.git");
    gnupg.hs(&sandbox, &bare, ["unlock"]).succeeds();
    assert!(bare.join("git-crypt/keys/default").is_file());

    let clone = sandbox.cloned(&lab);
    sandbox
        .git(
            &clone,
            [
                "sparse-checkout",
                "set",
                "--no-cone",
                "/api.key",
                "/.gitattributes",
            ],
        )
        .succeeds();
    assert!(!clone.join(".git-crypt").exists());
    gnupg.hs(&sandbox, &clone, ["unlock"]).succeeds();
    assert_eq!(read(&clone, "api.key"), b"opensesame\n");
    assert!(!clone.join("pager.ops").exists());
}

#[test]
#[ignore = "needs GPG: tests/run.sh"]
fn the_state_directory_and_the_gpg_program_are_what_the_settings_say() {
    let sandbox = Sandbox::new();
    let gnupg = GnupgHome::new();
    let alice = gnupg.new_key(&sandbox, "Alice <alice@example.org>");
    let lab = sandbox.encrypted("lab", &FILES);
    let wrapper = sandbox.path("home/my gpg");
    let script = "#!/bin/sh\necho called >>\"$HOME/called\"\nexec gpg \"$@\"\n";
    fs::write(&wrapper, script).expect("written");
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).expect("executable");
    sandbox
        .git(&lab, ["config", "--global", "gpg.program", "~/my gpg"])
        .succeeds();
    sandbox
        .git(&lab, ["config", "git-crypt.repoStateDir", "./ops//crypt/"])
        .succeeds();
    gnupg
        .hs(&sandbox, &lab, ["add-gpg-user", "Alice"])
        .succeeds();
    assert!(
        lab.join(format!("ops/crypt/keys/default/0/{alice}.gpg"))
            .is_file()
    );
    assert!(!lab.join(".git-crypt").exists());
    assert!(sandbox.path("home/called").exists());
    for program in ["git-crypt", "hs-secrets"] {
        let clone = sandbox.cloned(&lab);
        sandbox
            .git(&clone, ["config", "git-crypt.repoStateDir", "ops/crypt"])
            .succeeds();
        sandbox
            .git(&clone, ["config", "gpg.program", "gpg"])
            .succeeds();
        gnupg.run(&sandbox, &clone, program, ["unlock"]).succeeds();
        assert_eq!(read(&clone, "api.key"), b"opensesame\n");
    }
    sandbox
        .git(&lab, ["config", "gpg.program", "/nowhere/gpg"])
        .succeeds();
    for verb in [&["add-gpg-user", "Alice"][..], &["unlock"]] {
        gnupg
            .hs(&sandbox, &lab, verb)
            .fails_saying(&["running /nowhere/gpg failed"]);
    }
}

#[test]
#[ignore = "needs GPG: tests/run.sh"]
fn collaborators_are_listed_and_removed() {
    let sandbox = Sandbox::new();
    let (gnupg, nobody) = (GnupgHome::new(), GnupgHome::new());
    let alice = gnupg.new_key(&sandbox, "Alice <alice@example.org>");
    let generate = [
        "--quick-gen-key",
        "Bob <bob@example.org>",
        "future-default",
        "default",
        "2099-01-02",
    ];
    gnupg.gpg(&sandbox, generate).succeeds();
    let bob = gnupg.fingerprint(&sandbox, "Bob");
    let lab = sandbox.encrypted("lab", &FILES);
    let hs = |arguments: &[&str]| gnupg.hs(&sandbox, &lab, arguments);
    assert_eq!(hs(&["ls-users", "--json"]).succeeds().text(), "[]\n");
    hs(&["add-gpg-user", "Alice", "Bob"]).succeeds();
    hs(&["add-gpg-user", "-k", "ops", "Bob"]).succeeds();

    let table = hs(&["ls-users"]).succeeds().text();
    let line_of = |fingerprint: &str| {
        let line = table.lines().find(|line| line.contains(fingerprint));
        line.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    assert_eq!(
        line_of(&alice),
        Some(format!(
            "Alice <alice@example.org> gpg {alice} never default"
        ))
    );
    assert_eq!(
        line_of(&bob),
        Some(format!(
            "Bob <bob@example.org> gpg {bob} 2099-01-02 default, ops"
        ))
    );
    let without = nobody.hs(&sandbox, &lab, ["ls-users", "--json"]).succeeds();
    let listed: serde_json::Value = serde_json::from_slice(&without.stdout).expect("JSON");
    assert_eq!(listed.as_array().map(Vec::len), Some(2));
    assert!(listed[0]["name"].is_null());
    assert_eq!(listed[0]["state"], "unknown");

    hs(&["rm-gpg-user", "Carol"]).fails_saying(&["no collaborator", "Carol"]);
    hs(&["rm-gpg-user", "example.org"]).fails_saying(&["more than one", &alice, &bob]);
    hs(&["rm-gpg-user", "bob@"]).fails_saying(&["`bob@` is only a part", &bob]);
    let removed = hs(&["rm-gpg-user", "bob@example.org"]).succeeds();
    assert!(
        removed.stderr.contains("other keys: ops"),
        "{}",
        removed.stderr
    );
    let theirs = |key: &str| {
        lab.join(format!(".git-crypt/keys/{key}/0/{bob}.gpg"))
            .exists()
    };
    assert!(!theirs("default") && theirs("ops"));
    hs(&["rm-gpg-user", "--all", &bob[bob.len() - 16..]]).succeeds();
    assert!(!theirs("ops"));
    assert_eq!(status(&sandbox, &lab), "");
    let subject = sandbox
        .git(&lab, ["log", "-1", "--format=%B"])
        .succeeds()
        .text();
    assert!(subject.contains(&bob), "{subject}");
}

fn encrypt_to(gnupg: &GnupgHome, sandbox: &Sandbox, fingerprint: &str, content: &[u8]) -> Vec<u8> {
    fs::write(sandbox.path("content"), content).expect("written");
    let arguments = [
        "--trust-model",
        "always",
        "--output",
        "-",
        "--recipient",
        fingerprint,
        "--encrypt",
        "content",
    ];
    gnupg.gpg(sandbox, arguments).succeeds().stdout
}

fn status(sandbox: &Sandbox, repository: &Path) -> String {
    sandbox
        .git(repository, ["status", "--porcelain"])
        .succeeds()
        .text()
}

#[test]
#[ignore = "needs GPG: tests/run.sh"]
fn somebody_with_a_new_encryption_subkey_gets_the_key_wrapped_anew() {
    let sandbox = Sandbox::new();
    let gnupg = GnupgHome::new();
    // Of two subkeys, GPG uses the newer one.
    let long_ago = "--faked-system-time=20250101T000000!";
    let name = "Alice <alice@example.org>";
    let made = ["future-default", "default", "never"];
    let made = [&[long_ago, "--quick-gen-key", name][..], &made].concat();
    gnupg.gpg(&sandbox, made).succeeds();
    let alice = gnupg.fingerprint(&sandbox, name);
    let lab = sandbox.encrypted("lab", &FILES);
    let add = |user: &str| gnupg.hs(&sandbox, &lab, ["add-gpg-user", user]);
    let told = add(&alice).succeeds().stderr;
    assert!(!told.contains("anew"), "{told}");
    let wrapped = format!(".git-crypt/keys/default/0/{alice}.gpg");
    let wrapped_for = || {
        let file = lab.join(&wrapped);
        let arguments = ["--list-only", "--status-fd", "1", "--decrypt"].map(AsRef::as_ref);
        let listed = gnupg.gpg(&sandbox, arguments.into_iter().chain([file.as_os_str()]));
        let text = listed.text();
        let line = text.lines().find(|line| line.contains("ENC_TO"));
        let id = line.and_then(|line| line.split(' ').nth(2));
        id.expect("a subkey").to_owned()
    };
    let subkeys = || {
        let listed = gnupg.gpg(&sandbox, ["--with-colons", "--list-keys", &alice]);
        let text = listed.succeeds().text();
        let of_subkeys = text.lines().filter(|line| line.starts_with("sub:"));
        let ids = of_subkeys.filter_map(|line| line.split(':').nth(4).map(str::to_owned));
        ids.collect::<Vec<_>>()
    };
    assert_eq!(subkeys(), [wrapped_for()]);
    let new = ["--quick-add-key", &alice, "cv25519", "encr", "never"];
    gnupg.gpg(&sandbox, new).succeeds();
    let told = add(&alice).succeeds().stderr;
    assert!(told.contains("alice@example.org>, wrapped anew"), "{told}");
    assert_eq!(subkeys().last(), Some(&wrapped_for()));
    assert_eq!(status(&sandbox, &lab), "");
    let subject = sandbox.git(&lab, ["log", "-1", "--format=%s"]).text();
    assert!(subject.contains("collaborator"), "{subject}");
}
