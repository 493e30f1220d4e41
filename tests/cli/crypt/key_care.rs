//! Keys are never lost, and no setup stays half done, whatever goes wrong.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Child;

use crate::harness::desk::{Desk, MAGIC, read, write};
use crate::harness::sandbox::{Sandbox, run};

#[test]
fn git_dir_names_the_repository_whatever_is_around() {
    let sandbox = Sandbox::new();
    let (lab, _) = lab_and_clone(&sandbox);
    let other = sandbox.repository("other");
    sandbox.hs(&other, ["init"]).succeeds();
    let mut command = sandbox.command(&other, "hs-secrets");
    command
        .args(["status", "-e"])
        .env("GIT_DIR", lab.join(".git"))
        .env("GIT_WORK_TREE", &lab);
    assert!(run(command, b"").succeeds().text().contains("api.key"));

    // A user's dotfiles: the work tree lies within another repository, and Git passes the right one to its filters.
    sandbox
        .git(
            &sandbox.path(""),
            ["clone", "--quiet", "--bare", "lab", "dot.git"],
        )
        .succeeds();
    sandbox.hs(&lab, ["export-key", "../key"]).succeeds();
    let git = |arguments: &[&str]| {
        let place = ["--git-dir=../dot.git", "--work-tree=."];
        sandbox
            .git(&other, place.iter().chain(arguments))
            .succeeds()
    };
    let mut unlock = sandbox.command(&other, "hs-secrets");
    unlock
        .args(["unlock", "../key"])
        .env("GIT_DIR", "../dot.git")
        .env("GIT_WORK_TREE", ".");
    run(unlock, b"").succeeds();
    fs::write(
        other.join(".gitattributes"),
        "*.key filter=git-crypt diff=git-crypt\n",
    )
    .expect("written");
    fs::write(other.join("new.key"), "for the other key\n").expect("written");
    git(&["add", "new.key"]);
    let blob = git(&["cat-file", "blob", ":new.key"]).stdout;
    let read = sandbox
        .run(&lab, "hs-secrets", ["smudge"], &blob)
        .succeeds()
        .stdout;
    assert_eq!(read, b"for the other key\n");
}

#[test]
fn a_bare_repository_with_a_work_tree_elsewhere_is_locked_and_unlocked_in_it() {
    let sandbox = Sandbox::new();
    let home = sandbox.path("home");
    sandbox
        .git(&home, ["init", "--quiet", "--bare", "dot.git"])
        .succeeds();
    let in_place = |program: &str, place: &str, work_tree: &str, arguments: &[&str]| {
        let mut command = sandbox.command(&home.join(place), program);
        command
            .args(arguments)
            .env("GIT_DIR", home.join("dot.git"))
            .env("GIT_WORK_TREE", work_tree);
        run(command, b"")
    };
    let git = |arguments: &[&str]| in_place("git", "", ".", arguments).succeeds().text();
    let hs = |place: &str, work_tree: &str, arguments: &[&str]| {
        in_place("hs-secrets", place, work_tree, arguments).succeeds()
    };
    hs("", ".", &["init"]);
    fs::write(
        home.join(".gitattributes"),
        "*.key filter=git-crypt diff=git-crypt\n",
    )
    .expect("written");
    fs::create_dir(home.join("sub")).expect("created");
    fs::write(home.join("sub/api.key"), "opensesame\n").expect("written");
    git(&["add", ".gitattributes", "sub"]);
    git(&["commit", "--quiet", "-m", "dotfiles"]);
    hs("", ".", &["export-key", "key"]);
    let listed = hs("", ".", &["status", "-e"]).text();
    assert_eq!(listed, "    encrypted: sub/api.key\n");
    let home_as_given = home.to_str().expect("plain");
    for (place, work_tree) in [("", "."), ("sub", home_as_given), ("sub", "..")] {
        hs(place, work_tree, &["lock"]);
        let locked = fs::read(home.join("sub/api.key")).expect("there");
        assert!(locked.starts_with(MAGIC), "{place} {work_tree}");
        hs(
            place,
            work_tree,
            &["unlock", &format!("{home_as_given}/key")],
        );
        let unlocked = fs::read(home.join("sub/api.key")).expect("there");
        assert_eq!(unlocked, b"opensesame\n");
        assert_eq!(git(&["status", "--porcelain", "--untracked-files=no"]), "");
        // For the second round, the repository is no longer bare.
        git(&["config", "core.bare", "false"]);
    }
}

#[test]
fn several_at_once_leave_a_repository_that_is_set_up() {
    let sandbox = Sandbox::new();
    let (lab, clone) = lab_and_clone(&sandbox);
    sandbox.hs(&lab, ["export-key", "../key"]).succeeds();
    for _ in 0..5 {
        let unlocks: Vec<Child> = (0..3)
            .map(|_| started(&sandbox, &clone, &["unlock", "../key"]))
            .collect();
        for mut unlock in unlocks {
            assert!(unlock.wait().expect("it ends").success());
        }
        assert_eq!(
            fs::read(clone.join("api.key")).expect("there"),
            b"opensesame\n"
        );
        sandbox.git(&clone, ["status", "--porcelain"]).succeeds();
        let mut both = [
            started(&sandbox, &clone, &["lock"]),
            started(&sandbox, &clone, &["unlock", "../key"]),
        ];
        both.iter_mut()
            .for_each(|child| assert!(child.wait().is_ok()));
        let key = clone.join(".git/git-crypt/keys/default").exists();
        let config = fs::read_to_string(clone.join(".git/config")).expect("a configuration");
        assert_eq!(
            key,
            config.contains("filter \"git-crypt\""),
            "key and filters part"
        );
        sandbox
            .git(&clone, ["reset", "--hard", "--quiet"])
            .succeeds();
        sandbox.hs(&clone, ["lock"]);
    }
    let fresh = sandbox.repository("fresh");
    let inits: Vec<Child> = (0..3)
        .map(|_| started(&sandbox, &fresh, &["init"]))
        .collect();
    let succeeded = inits
        .into_iter()
        .filter_map(|mut init| init.wait().ok())
        .filter(|status| status.success());
    assert_eq!(succeeded.count(), 1);
    sandbox.hs(&fresh, ["export-key", "-"]).succeeds();
}

#[test]
fn a_key_is_not_replaced_by_another_that_nothing_proves() {
    let sandbox = Sandbox::new();
    let (lab, _) = lab_and_clone(&sandbox);
    let key = fs::read(lab.join(".git/git-crypt/keys/default")).expect("a key");
    sandbox.hs(&lab, ["keygen", "../other"]).succeeds();
    for arguments in [
        &["checkout", "--quiet", "--orphan", "pages"][..],
        &["rm", "-rfq", "."],
    ] {
        sandbox.git(&lab, arguments).succeeds();
    }
    sandbox
        .hs(&lab, ["unlock", "../other"])
        .fails_saying(&["another key `default`"]);
    assert_eq!(
        fs::read(lab.join(".git/git-crypt/keys/default")).expect("a key"),
        key
    );
    sandbox.hs(&lab, ["export-key", "../same"]).succeeds();
    sandbox.hs(&lab, ["unlock", "../same"]).succeeds();
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn a_key_may_be_given_twice_and_two_of_a_name_may_not() {
    let sandbox = Sandbox::new();
    let (lab, clone) = lab_and_clone(&sandbox);
    sandbox.hs(&lab, ["export-key", "../key"]).succeeds();
    sandbox.hs(&lab, ["keygen", "../other"]).succeeds();
    sandbox
        .hs(&clone, ["unlock", "../key", "../other"])
        .fails_saying(&["two of the keys given are called `default`"]);
    for program in ["git-crypt", "hs-secrets"] {
        let unlock = ["unlock", "../key", "../key"];
        sandbox.run(&clone, program, unlock, b"").succeeds();
        sandbox.run(&clone, program, ["lock"], b"").succeeds();
    }
}

#[test]
fn a_locked_clone_is_not_given_a_new_key_by_mistake() {
    let sandbox = Sandbox::new();
    let (lab, clone) = lab_and_clone(&sandbox);
    let run = sandbox
        .hs(&clone, ["init"])
        .fails_saying(&["api.key is encrypted already, with a key `default` that is not here"]);
    assert!(run.stderr.contains("`unlock`"), "{}", run.stderr);
    assert!(!clone.join(".git/git-crypt/keys/default").exists());
    sandbox.hs(&clone, ["init", "-k", "mine"]).succeeds();
    sandbox.hs(&lab, ["export-key", "../key"]).succeeds();
    sandbox.hs(&clone, ["unlock", "../key"]).succeeds();
    sandbox.hs(&clone, ["lock"]).succeeds();
    // The user has lost the key, and removes the files that need it.
    sandbox
        .git(&clone, ["rm", "--quiet", "-r", "*.key"])
        .succeeds();
    sandbox.hs(&clone, ["init"]).succeeds();
}

#[test]
fn one_damaged_file_does_not_keep_the_others_closed() {
    let sandbox = Sandbox::new();
    let (lab, _) = lab_and_clone(&sandbox);
    let mut blob = sandbox
        .git(&lab, ["cat-file", "blob", ":api.key"])
        .succeeds()
        .stdout;
    *blob.last_mut().expect("not empty") ^= 1;
    let id = sandbox
        .run(&lab, "git", ["hash-object", "-w", "--stdin"], &blob)
        .succeeds()
        .text();
    let entry = format!("100644,{},a-bad.key", id.trim());
    sandbox
        .git(&lab, ["update-index", "--add", "--cacheinfo", &entry])
        .succeeds();
    sandbox
        .git(&lab, ["commit", "--quiet", "-m", "damaged"])
        .succeeds();
    sandbox.hs(&lab, ["export-key", "../key"]).succeeds();
    sandbox
        .git(&sandbox.path(""), ["clone", "--quiet", "lab", "second"])
        .succeeds();
    let second = sandbox.path("second");
    sandbox
        .hs(&second, ["unlock", "../key"])
        .fails_saying(&["a-bad.key", "stays encrypted"]);
    assert_eq!(
        fs::read(second.join("api.key")).expect("there"),
        b"opensesame\n"
    );
    assert_eq!(fs::read(second.join("a-bad.key")).expect("there"), blob);
    sandbox.git(&second, ["status"]).succeeds();
}

#[test]
fn lock_leaves_no_plaintext_in_a_conflict_or_beside_a_sparse_checkout() {
    let sandbox = Sandbox::new();
    let (lab, _) = lab_and_clone(&sandbox);
    let git = |arguments: &[&str]| sandbox.git(&lab, arguments);
    // Without `merge`, Git leaves our version in the work tree.
    let attributes = "*.key filter=git-crypt diff=git-crypt\n";
    fs::write(lab.join(".gitattributes"), attributes).expect("written");
    git(&["commit", "--quiet", "-am", "attributes"]).succeeds();
    git(&["checkout", "--quiet", "-b", "side"]).succeeds();
    fs::write(lab.join("api.key"), "theirs\n").expect("written");
    git(&["commit", "--quiet", "-am", "theirs"]).succeeds();
    git(&["checkout", "--quiet", "main"]).succeeds();
    fs::write(lab.join("api.key"), "ours\n").expect("written");
    git(&["commit", "--quiet", "-am", "ours"]).succeeds();
    assert_ne!(git(&["merge", "side"]).code, 0);
    sandbox.hs(&lab, ["export-key", "../key"]).succeeds();
    sandbox.hs(&lab, ["lock"]).succeeds();
    assert!(
        fs::read(lab.join("api.key"))
            .expect("there")
            .starts_with(MAGIC)
    );
    sandbox.hs(&lab, ["unlock", "../key"]).succeeds();
    git(&["merge", "--abort"]).succeeds();

    git(&["update-index", "--skip-worktree", "api.key"]).succeeds();
    fs::write(lab.join("untracked.key"), "new\n").expect("written");
    let run = sandbox.hs(&lab, ["lock"]).succeeds();
    assert!(
        fs::read(lab.join("api.key"))
            .expect("there")
            .starts_with(MAGIC)
    );
    assert!(
        run.stderr.contains("untracked.key is untracked"),
        "{}",
        run.stderr
    );
}

#[test]
fn export_writes_through_a_link_and_keygen_never_over_a_file() {
    let sandbox = Sandbox::new();
    let (lab, _) = lab_and_clone(&sandbox);
    sandbox.hs(&lab, ["export-key", "../vault"]).succeeds();
    std::os::unix::fs::symlink(sandbox.path("vault"), sandbox.path("link")).expect("linked");
    sandbox.hs(&lab, ["export-key", "../link"]).succeeds();
    assert!(sandbox.path("link").is_symlink());
    assert_eq!(fs::read(sandbox.path("vault")).expect("a key").len(), 148);
    sandbox
        .hs(&lab, ["keygen", "../link"])
        .fails_saying(&["already exists"]);
}

fn started(sandbox: &Sandbox, directory: &Path, arguments: &[&str]) -> Child {
    let mut command = sandbox.command(directory, "hs-secrets");
    command
        .args(arguments)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null());
    command.spawn().expect("the program is there")
}

/// A repository with one encrypted file, and a locked clone of it.
fn lab_and_clone(sandbox: &Sandbox) -> (PathBuf, PathBuf) {
    let lab = sandbox.encrypted("lab", &[("api.key", "opensesame\n")]);
    let clone = sandbox.cloned(&lab);
    (lab, clone)
}

#[test]
fn what_no_key_here_opens_is_not_encrypted_twice() {
    let sandbox = Sandbox::new();
    let lab = sandbox.encrypted("lab", &[("a.key", "opensesame\n"), ("b.key", "hunter2\n")]);
    let mut blob = sandbox.git(&lab, ["cat-file", "blob", ":b.key"]).stdout;
    *blob.last_mut().expect("not empty") ^= 1;
    let write = ["hash-object", "-w", "--stdin"];
    let id = sandbox.run(&lab, "git", write, &blob).succeeds().text();
    let entry = format!("100644,{},b.key", id.trim());
    for arguments in [
        &["update-index", "--cacheinfo", &entry][..],
        &["commit", "--quiet", "-m", "damaged"],
    ] {
        sandbox.git(&lab, arguments).succeeds();
    }
    let clone = sandbox.cloned(&lab);
    sandbox
        .hs(&clone, ["unlock", "../lab.key"])
        .fails_saying(&["b.key stays encrypted"]);
    assert_eq!(read(&clone, "b.key"), blob);
    // With the long-running filter, and with one process for each file.
    for process in [None, Some("filter.git-crypt.process")] {
        if let Some(process) = process {
            sandbox
                .git(&clone, ["config", "--unset", process])
                .succeeds();
        }
        write_again(&clone, "b.key", &blob);
        sandbox.git(&clone, ["add", "."]).succeeds();
        let status = sandbox.git(&clone, ["status", "--porcelain"]);
        assert_eq!(status.succeeds().text(), "");
    }
}

fn write_again(clone: &Path, path: &str, content: &[u8]) {
    fs::remove_file(clone.join(path)).expect("there");
    write(clone, path, content);
}

#[test]
fn a_key_that_a_shell_has_taken_apart_is_not_repeated() {
    let sandbox = Sandbox::new();
    let lab = sandbox.encrypted("lab", &[("a.key", "opensesame\n")]);
    let key = sandbox.hs(&lab, ["export-key", "--base64", "-"]).text();
    for line in key.split_whitespace().filter(|line| line.len() >= 40) {
        for arguments in [&["unlock", line][..], &["unlock", "--key-env", "KEY", line]] {
            let told = sandbox.hs(&lab, arguments).stderr;
            assert!(!told.contains(line), "{told}");
        }
    }
    let secret = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n";
    let told = sandbox.hs(&lab, ["add-age-user", secret]).ends_with(2);
    assert!(!told.stderr.contains("b3Bl"), "{}", told.stderr);
}

#[test]
fn a_key_that_cannot_be_read_is_not_replaced() {
    let sandbox = Sandbox::new();
    let (lab, _) = lab_and_clone(&sandbox);
    sandbox.hs(&lab, ["export-key", "../key"]).succeeds();
    let stored = lab.join(".git/git-crypt/keys/default");
    // The key is a link to a USB stick that is not plugged in.
    fs::remove_file(&stored).expect("removed");
    std::os::unix::fs::symlink("/no/such/stick/key", &stored).expect("a link");
    for arguments in [&["unlock", "../key"][..], &["rotate-key"]] {
        sandbox.hs(&lab, arguments).fails_saying(&[
            "reading the key",
            "keys/default",
            "No such file",
        ]);
        assert!(stored.is_symlink(), "{arguments:?}");
    }
    sandbox
        .hs(&lab, ["init"])
        .fails_saying(&["already been initialized"]);
    assert!(stored.is_symlink());
}

#[test]
fn folders_of_keys_are_their_owners_alone_whatever_the_umask() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    for (name, umask) in [("none", "000"), ("group", "002")] {
        let lab = sandbox.encrypted(name, &[("api.key", "opensesame\n")]);
        sandbox.hs(&lab, ["export-key", "../key"]).succeeds();
        sandbox.hs(&lab, ["lock", "--force"]).succeeds();
        fs::remove_dir_all(lab.join(".git/git-crypt")).expect("removed");
        let script = format!("umask {umask} && hs-secrets unlock ../key && hs-secrets rotate-key");
        sandbox.run(&lab, "sh", ["-c", &script], b"").succeeds();
        for (place, mode) in [
            ("git-crypt", 0o700),
            ("git-crypt/keys", 0o700),
            ("git-crypt/keys/default", 0o600),
            ("hs-secrets", 0o700),
            ("hs-secrets/retired/default", 0o700),
            ("hs-secrets/retired/default/0", 0o600),
        ] {
            let metadata = fs::metadata(lab.join(".git").join(place)).expect(place);
            assert_eq!(metadata.permissions().mode() & 0o777, mode, "{place}");
        }
        fs::remove_file(sandbox.path("key")).expect("removed");
    }
}

#[test]
fn an_unlock_that_fails_leaves_the_keys_of_before_the_rotation() {
    let desk = Desk::with(&[("api.key", "opensesame\n")]);
    desk.hs(["rotate-key", "--no-history", "--commit"])
        .succeeds();
    desk.hs(["export-key", "../new.key"]).succeeds();
    let former = ".git/hs-secrets/retired/default/0";
    let before = desk.read(former);
    // The state after `git-crypt lock`.
    fs::remove_file(desk.repository.join(".git/git-crypt/keys/default")).expect("removed");
    write(&desk.repository, ".git/config.lock", b"");
    desk.hs(["unlock", "../new.key"])
        .fails_saying(&["config.lock"]);
    assert_eq!(desk.read(former), before);
    assert!(!desk.repository.join(".git/git-crypt/keys/default").exists());
}

#[test]
fn an_edit_of_the_same_length_with_the_time_of_before_is_an_edit() {
    let desk = Desk::with(&[("api.key", "opensesame\n")]);
    let path = desk.repository.join("api.key");
    // Git does not trust the time of a file that is as new as the index itself.
    let past = std::time::SystemTime::now() - std::time::Duration::from_secs(60);
    let file = fs::File::options().write(true).open(&path).expect("open");
    file.set_modified(past).expect("set");
    desk.git(&["status"]);
    write(&desk.repository, "api.key", b"xpensesame\n");
    let file = fs::File::options().write(true).open(&path).expect("open");
    file.set_modified(past).expect("set");
    desk.hs(["lock"]).fails_saying(&["api.key"]);
    assert_eq!(desk.read("api.key"), b"xpensesame\n");
}
