//! Obstacles to a check: each is reported, and never leads to a false "clean".

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::harness::sandbox::{Sandbox, run};
use crate::{PASSWORD, add_all, check, commit_all, repository, write};

#[test]
fn before_the_first_commit_everything_is_new() {
    let sandbox = Sandbox::new();
    let repository = sandbox.repository("fresh");
    assert_eq!(
        check(&sandbox, &repository, &[]),
        (0, vec![]),
        "an empty repository"
    );
    assert_eq!(check(&sandbox, &repository, &["--history"]), (0, vec![]));
    write(&repository, "a.yml", "api_key: Zq81mRt5vLx02KpW\n");
    add_all(&sandbox, &repository);
    assert_eq!(
        check(&sandbox, &repository, &[]),
        (3, vec!["a.yml password-assignment".to_owned()])
    );
    assert_eq!(check(&sandbox, &repository, &["--all"]).0, 3);
}

#[test]
fn an_unborn_branch_beside_others_is_no_obstacle() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    sandbox
        .git(&repository, ["switch", "--quiet", "--orphan", "new"])
        .succeeds();
    write(&repository, "a.yml", "api_key: Zq81mRt5vLx02KpW\n");
    add_all(&sandbox, &repository);
    assert_eq!(
        check(&sandbox, &repository, &[]),
        (3, vec!["a.yml password-assignment".to_owned()])
    );
    assert_eq!(check(&sandbox, &repository, &["--history"]), (0, vec![]));
}

#[test]
fn outside_of_a_repository_it_says_so() {
    let sandbox = Sandbox::new();
    sandbox
        .hs(&sandbox.path(""), ["check"])
        .fails_saying(&["not a git repository"]);
}

#[test]
fn during_a_merge_only_what_neither_side_has_is_new() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    sandbox
        .git(&repository, ["switch", "--quiet", "-c", "side"])
        .succeeds();
    write(&repository, "theirs.md", format!("{PASSWORD}\n"));
    write(&repository, "README.md", "# Theirs\n");
    commit_all(&sandbox, &repository, "theirs");
    sandbox
        .git(&repository, ["switch", "--quiet", "main"])
        .succeeds();
    write(&repository, "README.md", "# Ours\n");
    commit_all(&sandbox, &repository, "ours");
    assert_ne!(
        sandbox.git(&repository, ["merge", "side"]).code,
        0,
        "a conflict"
    );
    let run = sandbox.hs(&repository, ["check"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(
        run.stderr
            .contains("could not check README.md: it is in conflict"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.contains("no clean bill of health"),
        "{}",
        run.stderr
    );
    assert_eq!(
        sandbox.hs(&repository, ["check", "--all"]).code,
        3,
        "theirs.md is found all the same"
    );

    write(&repository, "README.md", "# Both\n");
    add_all(&sandbox, &repository);
    assert_eq!(
        check(&sandbox, &repository, &[]),
        (0, vec![]),
        "theirs.md was theirs before"
    );
    write(&repository, "README.md", format!("# Both\n{PASSWORD}\n"));
    add_all(&sandbox, &repository);
    assert_eq!(
        check(&sandbox, &repository, &[]),
        (3, vec!["README.md known-secret".to_owned()])
    );
    sandbox
        .git(&repository, ["commit", "--quiet", "-m", "merged"])
        .succeeds();
    assert_eq!(
        check(&sandbox, &repository, &["--range", "HEAD^1..HEAD"]).1,
        ["README.md known-secret", "theirs.md known-secret"]
    );
}

#[test]
fn a_submodule_is_said_not_to_be_looked_into() {
    let sandbox = Sandbox::new();
    let other = sandbox.repository("other");
    commit_all(&sandbox, &other, "something");
    let repository = repository(&sandbox);
    sandbox
        .git(&repository, ["submodule", "--quiet", "add", "../other"])
        .succeeds();
    let run = sandbox.hs(&repository, ["check"]).succeeds();
    assert!(
        run.stderr
            .contains("warning: submodules are repositories of their own"),
        "{}",
        run.stderr
    );
    commit_all(&sandbox, &repository, "a submodule");
    for arguments in [&["--all"][..], &["--history"]] {
        let run = sandbox
            .hs(&repository, [&["check"], arguments].concat())
            .succeeds();
        assert!(run.stderr.contains("warning: submodules"), "{}", run.stderr);
    }
}

#[test]
fn paths_that_are_no_text_are_checked_and_printed_safely() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let name = OsStr::from_bytes(b"caf\xe9\x1b[31m.md");
    fs::write(repository.join(name), format!("{PASSWORD}\n")).expect("a file");
    fs::create_dir(repository.join(OsStr::from_bytes(b"secret/\xff"))).expect("a folder");
    fs::write(
        repository.join(OsStr::from_bytes(b"secret/\xff/x")),
        "A=b\n",
    )
    .expect("a file");
    add_all(&sandbox, &repository);
    let run = sandbox.hs(&repository, ["check"]).ends_with(3);
    assert!(run.text().contains("[known-secret]"), "{}", run.text());
    assert!(
        !run.stdout.contains(&0x1b),
        "an escape sequence gets through"
    );
    assert_eq!(check(&sandbox, &repository, &["--all"]).1.len(), 1);
    commit_all(&sandbox, &repository, "odd names");
    assert_eq!(check(&sandbox, &repository, &["--history"]).0, 3);
}

#[test]
fn long_and_binary_blobs_are_read_to_their_end() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let file = fs::File::create(repository.join("image.raw")).expect("a file");
    file.set_len(40 << 20).expect("a sparse file");
    let mut file = fs::File::options()
        .append(true)
        .open(repository.join("image.raw"))
        .expect("the file");
    write!(file, "\0{PASSWORD}\0").expect("room");
    sandbox
        .git(
            &repository,
            ["-c", "core.compression=1", "add", "image.raw"],
        )
        .succeeds();
    assert_eq!(
        check(&sandbox, &repository, &[]),
        (3, vec!["image.raw known-secret".to_owned()])
    );
}

#[test]
fn a_stack_file_that_does_not_parse_is_a_gap() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(&repository, "web/stack.yml", "services:\n  web: [\n");
    add_all(&sandbox, &repository);
    for arguments in [&[][..], &["--all"]] {
        let run = sandbox.hs(&repository, [&["check"], arguments].concat());
        assert_eq!(run.code, 1, "{}", run.stderr);
        assert!(
            run.stderr
                .contains("could not check web/stack.yml: no stack file that can be read"),
            "{}",
            run.stderr
        );
    }
    commit_all(&sandbox, &repository, "broken");
    write(&repository, "README.md", "# Other things go on\n");
    add_all(&sandbox, &repository);
    sandbox.hs(&repository, ["check"]).succeeds();
}

#[test]
fn a_file_that_git_does_not_have_can_t_be_checked() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(&repository, "untracked.md", "x\n");
    sandbox
        .hs(&repository, ["check", "untracked.md"])
        .fails_saying(&["`git ls-files` failed", "untracked.md"]);
    sandbox
        .hs(&repository, ["check", "nowhere.md"])
        .fails_saying(&["nowhere.md"]);
    sandbox
        .hs(&repository, ["check", "--message", "nowhere"])
        .fails_saying(&["reading the message in nowhere"]);
    sandbox
        .hs(&repository, ["check", "--all", "--history"])
        .ends_with(2);
    sandbox
        .hs(&repository, ["check", "--write-baseline"])
        .ends_with(2);
}

#[test]
fn a_broken_key_stops_the_check_and_a_wrong_one_is_said() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let key = repository.join(".git/git-crypt/keys/default");
    sandbox
        .hs(&repository, ["keygen", "../other.key"])
        .succeeds();
    fs::copy(sandbox.path("other.key"), &key).expect("a key");
    assert_eq!(
        check(&sandbox, &repository, &["--all"]),
        (3, vec!["secret/app.env wrong-key".to_owned()])
    );
    let run = sandbox.hs(&repository, ["check"]).succeeds();
    assert!(
        run.stderr
            .contains("warning: the key does not open secret/app.env"),
        "{}",
        run.stderr
    );
    fs::write(&key, "nonsense").expect("a key");
    sandbox
        .hs(&repository, ["check"])
        .fails_saying(&["reading the key in", "not a git-crypt key file"]);
}

#[test]
fn hostile_content_ends_in_time() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let words = "password=".repeat(200_000);
    write(&repository, "words.conf", words);
    write(&repository, "begin.txt", "-----BEGIN ".repeat(100_000));
    write(&repository, "urls.txt", "a://b:".repeat(200_000));
    write(
        &repository,
        "secret/many.env",
        "A_PASSWORD=x7Kp2vQ9mR4t\n".repeat(20_000),
    );
    write(
        &repository,
        "secret/more.env",
        (0..6000)
            .map(|n| format!("K{n}_TOKEN=x{n}Kp2vQ9mR4t\n"))
            .collect::<String>(),
    );
    add_all(&sandbox, &repository);
    let run = sandbox.hs(&repository, ["check"]);
    assert_eq!(run.code, 0, "{}{}", run.text(), run.stderr);
    assert!(
        run.stderr.contains("secret/more.env holds too many values"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_deep_tree_and_many_files_are_no_trouble() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let deep = Path::new("d/").iter().collect::<std::path::PathBuf>();
    let deep = (0..60).fold(deep, |path, _| path.join("d"));
    write(
        &repository,
        deep.join("x.md").to_str().expect("plain"),
        format!("{PASSWORD}\n"),
    );
    for number in 0..300 {
        write(&repository, &format!("many/{number}.txt"), "nothing\n");
    }
    commit_all(&sandbox, &repository, "deep");
    for arguments in [&["--all"][..], &["--history"]] {
        assert_eq!(check(&sandbox, &repository, arguments).1.len(), 1);
    }
}

#[test]
fn without_the_memory_to_decode_utf_16_there_is_no_clean_bill_of_health() {
    let sandbox = Sandbox::new();
    let text: Vec<u8> = "nothing in it\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let large = [&b"\xFF\xFE"[..], &text.repeat((64 << 20) / text.len())].concat();
    let repository = repository(&sandbox);
    // The memory in MiB is enough to read and decrypt the file, but not to decode it, which takes half as much again.
    for (path, memory) in [("large.txt", 128), ("secret/large.txt", 300)] {
        write(&repository, path, &large);
        add_all(&sandbox, &repository);
        let mut check = sandbox.command(&repository, "sh");
        let memory = memory << 10;
        check.args([
            "-c",
            &format!("ulimit -v {memory}; exec hs-secrets check {path}"),
        ]);
        let told = run(check, b"").ends_with(1).stderr;
        assert!(
            told.contains(&format!("could not check {path}: ")),
            "{told}"
        );
        fs::remove_file(repository.join(path)).expect("it was there");
    }
}

#[test]
fn settings_and_stack_files_that_are_too_large_are_not_read() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let padding = "# padding\n".repeat((5 << 20) / 10);
    write(
        &repository,
        "shop/stack.yml",
        format!("services:\n  a:\n    image: b\n{padding}"),
    );
    add_all(&sandbox, &repository);
    for arguments in [&["check"][..], &["check", "--all"]] {
        let told = sandbox.hs(&repository, arguments).ends_with(1).stderr;
        let expected = "could not check shop/stack.yml: it has ";
        assert!(told.contains(expected), "{arguments:?}: {told}");
    }
    write(&repository, ".hs-secrets.toml", padding);
    add_all(&sandbox, &repository);
    sandbox
        .hs(&repository, ["check"])
        .fails_saying(&[".hs-secrets.toml has ", "at most 4194304 are read"]);
}

#[test]
fn many_markers_in_a_line_and_many_stars_in_a_pattern_take_no_longer() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let marker = concat!("hs-secrets: ", "allow token ");
    write(&repository, "a.txt", marker.repeat(200_000) + "\n");
    let passwords = concat!("x_password=", "'kJ82hQp0aLz9Xw3TgB5m' ").repeat(20_000);
    write(&repository, "b.sh", passwords + "\n");
    let stars = "*a".repeat(200);
    let path = "a".repeat(240);
    write(
        &repository,
        &path,
        concat!("password: ", "kJ82hQp0aLz9Xw3TgB5m\n"),
    );
    write(
        &repository,
        ".hs-secrets.toml",
        format!(
            "[[check.allow]]\nrule = \"password-assignment\"\npath = \"{stars}b\"\nreason = \"x\"\n"
        ),
    );
    add_all(&sandbox, &repository);
    let mut check = sandbox.command(&repository, "timeout");
    check.args(["60", "hs-secrets", "check", "--format", "json"]);
    let run = run(check, b"").ends_with(3);
    assert!(crate::found(&run).contains(&"b.sh password-assignment".to_owned()));
}
