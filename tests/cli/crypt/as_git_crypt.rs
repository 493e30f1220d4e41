//! The program in git-crypt's place: called by its name, with the arguments that its old versions understood.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::harness::sandbox::{Run, Sandbox, run};

#[test]
#[ignore = "needs git-crypt: tests/run.sh"]
fn by_the_name_of_git_crypt_it_speaks_of_git_crypt_only() {
    let sandbox = Sandbox::new();
    let bin = linked(&sandbox);
    let repository = sandbox.repository("r");
    let git_crypt = |arguments: &[&str]| as_git_crypt(&sandbox, &bin, &repository, arguments);
    for arguments in [&["version"][..], &["--version"]] {
        let text = git_crypt(arguments).succeeds().text();
        assert!(text.starts_with("git-crypt 0.7.0 "), "{text}");
    }
    for (arguments, usage) in [
        (&["help"][..], "Usage: git-crypt <COMMAND>"),
        (&["--help"], "Usage: git-crypt <COMMAND>"),
        (&["help", "init"], "Usage: git-crypt init"),
        (&["help", "add-gpg-user"], "Usage: git-crypt add-gpg-user"),
        (&["unlock", "--help"], "Usage: git-crypt unlock"),
    ] {
        let text = git_crypt(arguments).succeeds().text();
        assert!(text.contains(usage), "{text}");
        assert!(!text.contains("hs-secrets <"), "{text}");
    }
    for arguments in [&[][..], &["bogus"], &["lock", "extra"]] {
        let run = git_crypt(arguments).ends_with(2);
        assert!(run.stderr.contains("Usage: git-crypt"), "{}", run.stderr);
    }
    let run = git_crypt(&["unlock", "missing"]).ends_with(1);
    assert!(
        run.stderr.starts_with("git-crypt: error: "),
        "{}",
        run.stderr
    );
}

#[test]
#[ignore = "needs git-crypt: tests/run.sh"]
fn wrong_usage_ends_as_with_git_crypt() {
    let sandbox = Sandbox::new();
    let bin = linked(&sandbox);
    let repository = sandbox.repository("r");
    for line in [
        "",
        "bogus",
        "--bogus",
        "help",
        "help init",
        "help bogus",
        "help -x",
        "help a b",
        "--help",
        "version",
        "version x",
        "--version",
        "init a b",
        "init -x",
        "init -k b@d",
        "init -k",
        "init -k default -k b@d",
        "lock -k one -k two",
        "lock -f -f -k two",
        "status -e -e",
        "lock extra",
        "lock -x",
        "lock -a -k x",
        "lock -k",
        "unlock nofile",
        "unlock -x",
        "status -x",
        "status -e -u",
        "status -f -e",
        "status -f -u",
        "export-key",
        "export-key a b",
        "export-key -x",
        "keygen",
        "keygen a b",
        "migrate-key a",
        "migrate-key a b c",
        "add-gpg-user",
        "add-gpg-user -x y",
        "rm-gpg-user x",
        "clean a b",
        "smudge a b",
        "diff",
        "diff a b c",
        "clean -x",
    ] {
        let arguments: Vec<&str> = line.split_whitespace().collect();
        let theirs = sandbox.git_crypt(&repository, &arguments);
        let ours = as_git_crypt(&sandbox, &bin, &repository, &arguments);
        assert_eq!(
            ours.code, theirs.code,
            "{line}: {}{}",
            ours.stderr, theirs.stderr
        );
        // Under its own name, all wrong usage ends with exit code 2.
        if line.starts_with("help b") || line == "unlock -x" || line == "version x" {
            sandbox.hs(&repository, &arguments).ends_with(2);
        }
    }
}

#[test]
fn by_the_name_of_git_crypt_it_configures_git_crypt_and_either_program_goes_on() {
    let sandbox = Sandbox::new();
    let bin = linked(&sandbox);
    let repository = sandbox.repository("r");
    as_git_crypt(&sandbox, &bin, &repository, &["init"]).succeeds();
    as_git_crypt(&sandbox, &bin, &repository, &["init", "-k", "ops"]).succeeds();
    let config = fs::read_to_string(repository.join(".git/config")).expect("a configuration");
    for line in [
        "smudge = \\\"git-crypt\\\" smudge\n",
        "clean = \\\"git-crypt\\\" clean\n",
        "textconv = \\\"git-crypt\\\" diff\n",
        "smudge = \\\"git-crypt\\\" smudge --key-name=ops\n",
        "required = true\n",
    ] {
        assert!(config.contains(line), "{line} is not in {config}");
    }
    assert!(!config.contains("hs-secrets"), "{config}");
    fs::write(
        repository.join(".gitattributes"),
        "*.key filter=git-crypt diff=git-crypt\n",
    )
    .expect("written");
    fs::write(repository.join("api.key"), "opensesame\n").expect("written");
    let mut add = sandbox.command(&repository, "git");
    add.env("PATH", path_with(&bin)).args(["add", "."]);
    run(add, b"").succeeds();
    // If the program is called by its path, that path is configured, not the file that the link leads to.
    let other = sandbox.repository("other");
    let program = bin.join("git-crypt");
    sandbox
        .run(&other, program.to_str().expect("plain"), ["init"], b"")
        .succeeds();
    let clean = sandbox
        .git(&other, ["config", "filter.git-crypt.clean"])
        .succeeds()
        .text();
    assert_eq!(clean, format!("\"{}\" clean\n", program.display()));
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn the_filters_of_git_crypt_0_3_go_on_working() {
    let sandbox = Sandbox::new();
    let here = sandbox.repository("r");
    let key: Vec<u8> = (0..96).collect();
    fs::write(here.join("legacy"), key).expect("written");
    sandbox.hs(&here, ["keygen", "modern"]).succeeds();
    let plain = b"opensesame\n";
    let [ours, theirs] = ["hs-secrets", "git-crypt"]
        .map(|program| sandbox.run(&here, program, ["clean", "legacy"], plain));
    assert_eq!(ours.succeeds().stdout, theirs.stdout);
    fs::write(here.join("blob"), &theirs.stdout).expect("written");
    for program in ["hs-secrets", "git-crypt"] {
        let smudged = sandbox.run(&here, program, ["smudge", "legacy"], &theirs.stdout);
        assert_eq!(smudged.succeeds().stdout, plain);
        let shown = sandbox.run(&here, program, ["diff", "legacy", "blob"], b"");
        assert_eq!(shown.succeeds().stdout, plain);
        sandbox
            .run(&here, program, ["clean", "modern"], plain)
            .ends_with(1);
        sandbox
            .run(&here, program, ["diff", "a", "b", "c"], b"")
            .ends_with(2);
    }
    // The configuration that such an old version has written.
    let command = |verb: &str| format!("hs-secrets {verb} {}", here.join("legacy").display());
    for (name, value) in [
        ("filter.git-crypt.clean", command("clean")),
        ("filter.git-crypt.smudge", command("smudge")),
        ("diff.git-crypt.textconv", command("diff")),
    ] {
        sandbox.git(&here, ["config", name, &value]).succeeds();
    }
    fs::write(
        here.join(".gitattributes"),
        "*.key filter=git-crypt diff=git-crypt\n",
    )
    .expect("written");
    fs::write(here.join("api.key"), plain).expect("written");
    sandbox.git(&here, ["add", "api.key"]).succeeds();
    let blob = sandbox
        .git(&here, ["cat-file", "blob", ":api.key"])
        .succeeds();
    assert_eq!(blob.stdout, theirs.stdout);
    let diff = sandbox
        .git(&here, ["diff", "--cached", "api.key"])
        .succeeds()
        .text();
    assert!(diff.contains("+opensesame"), "{diff}");
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn init_with_a_key_file_unlocks_and_says_how_it_is_said_today() {
    let sandbox = Sandbox::new();
    let lab = sandbox.repository("lab");
    sandbox.hs(&lab, ["init"]).succeeds();
    sandbox.hs(&lab, ["export-key", "../lab.key"]).succeeds();
    fs::write(sandbox.path("legacy"), [7; 96]).expect("written");
    for program in ["hs-secrets", "git-crypt"] {
        let clone = sandbox.repository(&format!("clone-{program}"));
        let init = |arguments: &[&str]| {
            let arguments = [&["init"], arguments].concat();
            sandbox.run(&clone, program, arguments, b"")
        };
        init(&["../legacy"]).ends_with(1);
        init(&["../missing"]).ends_with(1);
        init(&["../lab.key", "../lab.key"]).ends_with(2);
        assert!(!clone.join(".git/git-crypt/keys/default").exists());
        let run = init(&["../lab.key"]).succeeds();
        assert!(run.stderr.contains("unlock KEYFILE"), "{}", run.stderr);
        assert_eq!(
            fs::read(clone.join(".git/git-crypt/keys/default")).expect("a key"),
            fs::read(sandbox.path("lab.key")).expect("a key")
        );
    }
}

/// A directory with `git-crypt` in it, a link to the program under test.
fn linked(sandbox: &Sandbox) -> PathBuf {
    let bin = sandbox.path("home/bin");
    fs::create_dir(&bin).expect("created");
    symlink(env!("CARGO_BIN_EXE_hs-secrets"), bin.join("git-crypt")).expect("linked");
    bin
}

fn path_with(bin: &Path) -> String {
    let path = std::env::var("PATH").expect("a path");
    format!("{}:{path}", bin.display())
}

fn as_git_crypt(sandbox: &Sandbox, bin: &Path, directory: &Path, arguments: &[&str]) -> Run {
    // `env` finds the program by PATH, so that the program's first argument is its name alone.
    let mut command = sandbox.command(directory, "env");
    command
        .env("PATH", path_with(bin))
        .arg("git-crypt")
        .args(arguments);
    run(command, b"")
}
