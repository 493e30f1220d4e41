//! `unlock` and `lock` in a subdirectory, with a sparse checkout, and with submodules and links.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::harness::desk::{Desk, MAGIC, read};
use crate::harness::sandbox::{Sandbox, run};

#[test]
fn a_subdirectory_is_as_good_as_the_top() {
    let (sandbox, clone) = locked_clone();
    let below = clone.join("deep/er");
    sandbox
        .hs(&below, ["unlock", "../../../lab.key"])
        .succeeds();
    for path in ["api.key", "deep/er/token.key"] {
        assert_eq!(read(&clone, path), b"opensesame\n", "{path}");
    }
    sandbox.hs(&below, ["lock"]).succeeds();
    for path in ["api.key", "deep/er/token.key"] {
        assert!(read(&clone, path).starts_with(MAGIC), "{path}");
    }
}

#[test]
fn what_a_sparse_checkout_leaves_out_stays_out() {
    let (sandbox, clone) = locked_clone();
    sandbox
        .git(
            &clone,
            ["sparse-checkout", "set", "--no-cone", "/*", "!/deep"],
        )
        .succeeds();
    for verb in [&["unlock", "../lab.key"][..], &["lock"]] {
        sandbox.hs(&clone, verb).succeeds();
        assert!(!clone.join("deep").exists(), "{verb:?}");
        let status = sandbox.git(&clone, ["status", "--porcelain"]).succeeds();
        assert_eq!(status.text(), "", "{verb:?}");
    }
    sandbox.hs(&clone, ["unlock", "../lab.key"]).succeeds();
    sandbox
        .git(&clone, ["sparse-checkout", "disable"])
        .succeeds();
    assert_eq!(read(&clone, "deep/er/token.key"), b"opensesame\n");
}

#[test]
#[ignore = "needs git-crypt: tests/run.sh"]
fn an_index_that_is_split_or_sparse_is_as_good_as_any() {
    let forms: [&[&str]; 2] = [
        &["update-index", "--split-index"],
        &["sparse-checkout", "set", "--cone", "--sparse-index", "kept"],
    ];
    for form in forms {
        let desk = Desk::with(&[
            ("api.key", "one\n"),
            ("kept/token.key", "two\n"),
            ("left/out.key", "three\n"),
        ]);
        desk.git(form);
        desk.write("new.key", b"four\n");
        desk.git(&["add", "new.key"]);
        let theirs = desk.sandbox.git_crypt(&desk.repository, ["status"]);
        assert_eq!(desk.hs(["status"]).succeeds().text(), theirs.text());
        desk.hs(["check", "--staged"]).succeeds();
        desk.hs(["check", "--all"]).succeeds();
        desk.git(&["commit", "--quiet", "-m", "second"]);
        let secrets = [("kept/token.key", "two\n"), ("new.key", "four\n")];
        desk.hs(["lock"]).succeeds();
        for (path, _) in secrets {
            assert!(desk.read(path).starts_with(MAGIC), "{form:?}");
        }
        desk.hs(["unlock", "../desk.key"]).succeeds();
        for (path, content) in secrets {
            assert_eq!(desk.read(path), content.as_bytes(), "{form:?}");
        }
        desk.write("new.key", b"changed\n");
        desk.hs(["lock"]).fails_saying(&["new.key"]);
        desk.hs(["refresh"]).succeeds();
        assert_eq!(desk.git(&["status", "--porcelain"]), " M new.key\n");
        desk.git(&["commit", "--quiet", "-am", "third"]);
        desk.hs(["rotate-key", "--commit"]).succeeds();
        desk.assert_clean();
        assert_eq!(desk.read("new.key"), b"changed\n");
    }
}

#[test]
fn a_name_may_hold_any_bytes() {
    let desk = Desk::with(&[]);
    let names: [&[u8]; 9] = [
        b" sp ace .key",
        b"new\nline.key",
        b"tab\t.key",
        b"\"quote\".key",
        b"back\\slash.key",
        b"*.key",
        b"[a].key",
        b":(top)x.key",
        b"deep/\xff\xfe.key",
    ];
    let paths = names.map(|name| desk.repository.join(OsStr::from_bytes(name)));
    fs::create_dir(desk.repository.join("deep")).expect("created");
    for path in &paths {
        fs::write(path, "opensesame\n").expect("written");
    }
    desk.commit("names");
    desk.hs(["lock"]).succeeds();
    for path in &paths {
        let locked = fs::read(path).expect("there");
        assert!(locked.starts_with(MAGIC), "{}", path.display());
    }
    desk.hs(["unlock", "../desk.key"]).succeeds();
    for path in &paths {
        assert_eq!(fs::read(path).expect("there"), b"opensesame\n");
    }
    desk.assert_clean();
    let records = desk.hs(["status", "-z", "-e"]).succeeds().stdout;
    for name in names {
        let record = [b"encrypted ", name, b"\0"].concat();
        let found = records
            .windows(record.len())
            .any(|window| window == record.as_slice());
        assert!(found, "{}", String::from_utf8_lossy(name));
    }
    for path in &paths {
        fs::write(path, "work of mine\n").expect("written");
    }
    desk.hs(["lock"])
        .fails_saying(&["9 encrypted files are modified"]);
    desk.commit("changed");
    desk.hs(["rotate-key", "--commit"]).succeeds();
    desk.assert_clean();
}

#[test]
fn submodules_and_links_are_left_alone() {
    let (sandbox, clone) = locked_clone();
    let update = ["submodule", "--quiet", "update", "--init"];
    sandbox.git(&clone, update).succeeds();
    fs::write(sandbox.path("outside.key"), "not ours\n").expect("written");
    for verb in [&["unlock", "../lab.key"][..], &["lock"]] {
        sandbox.hs(&clone, verb).succeeds();
        assert_eq!(read(&clone, "module.key/in.key"), b"not ours either\n");
        assert_eq!(read(&clone, "link.key"), b"not ours\n");
        let link = fs::read_link(clone.join("link.key")).expect("still a link");
        assert_eq!(link, Path::new("../outside.key"));
        let status = sandbox.git(&clone, ["status", "--porcelain"]).succeeds();
        assert_eq!(status.text(), "", "{verb:?}");
    }
}

#[test]
fn what_lies_behind_a_linked_folder_is_neither_written_nor_taken_for_locked() {
    for (place, by_force) in [
        ("../outside", false),
        ("../outside", true),
        ("moved", false),
    ] {
        let desk = Desk::with(&[("api.key", "one\n"), ("deep/er/token.key", "two\n")]);
        let outside = desk.repository.join(place);
        fs::rename(desk.repository.join("deep"), &outside).expect("moved");
        symlink(place, desk.repository.join("deep")).expect("linked");
        // A single file is replaced by a link in the same way.
        fs::rename(desk.repository.join("api.key"), desk.sandbox.path("api")).expect("moved");
        symlink("../api", desk.repository.join("api.key")).expect("linked");
        let token = outside.join("er/token.key");
        let modified = || fs::metadata(&token).and_then(|metadata| metadata.modified());
        let before = modified().expect("a time");
        let unlock = ["unlock", "../desk.key"];
        let lock = ["lock", "--force"];
        for verb in [
            &["refresh"][..],
            &unlock,
            &lock[..1 + usize::from(by_force)],
            &unlock,
        ] {
            let told = desk.hs(verb).succeeds().stderr;
            for path in ["deep/er/token.key", "api.key"] {
                let warned = told.contains(&format!("{path} is reached through a symbolic link"));
                assert_eq!(warned, verb[0] == "lock", "{verb:?}: {told}");
            }
            assert_eq!(read(&outside, "er/token.key"), b"two\n");
            assert_eq!(read(&desk.sandbox.path(""), "api"), b"one\n");
            assert_eq!(modified().expect("a time"), before, "{verb:?}");
            assert!(desk.repository.join("deep").is_symlink(), "{verb:?}");
            assert!(desk.repository.join("api.key").is_symlink(), "{verb:?}");
        }
    }
}

#[test]
fn without_an_index_nothing_is_taken_for_done() {
    let desk = Desk::with(&[("api.key", "one\n")]);
    let verbs = [
        &["lock"][..],
        &["lock", "--force"],
        &["unlock", "../desk.key"],
        &["refresh"],
        &["rotate-key"],
    ];
    for verb in verbs {
        let mut command = desk.sandbox.command(&desk.repository, "hs-secrets");
        command.args(verb).env("GIT_INDEX_FILE", "/nowhere/index");
        run(command, b"").fails_saying(&["/nowhere/index is missing"]);
    }
    fs::remove_file(desk.repository.join(".git/index")).expect("removed");
    for verb in verbs {
        let run = desk.hs(verb).fails_saying(&["index is missing"]);
        assert!(run.stderr.contains("git reset"), "{}", run.stderr);
    }
    assert_eq!(desk.read("api.key"), b"one\n");
    desk.git(&["reset", "--quiet"]);
    desk.hs(["lock"]).succeeds();
    assert!(desk.read("api.key").starts_with(MAGIC));
    // Before the first checkout, there are no files that could be taken for modified ones.
    let places = ["clone", "--quiet", "--no-checkout", ".", "../bare-walls"];
    desk.git(&places);
    let clone = desk.sandbox.path("bare-walls");
    desk.sandbox
        .hs(&clone, ["unlock", "../desk.key"])
        .succeeds();
    desk.sandbox.git(&clone, ["checkout", "--quiet"]).succeeds();
    assert_eq!(read(&clone, "api.key"), b"one\n");
}

/// A locked clone with files in two folders, a submodule and a link that looks like a secret. The key lies next to the clone.
fn locked_clone() -> (Sandbox, PathBuf) {
    let sandbox = Sandbox::new();
    let (lab, module) = (sandbox.repository("lab"), sandbox.repository("module"));
    let git =
        |directory: &Path, arguments: &[&str]| drop(sandbox.git(directory, arguments).succeeds());
    fs::write(module.join("in.key"), "not ours either\n").expect("written");
    git(&module, &["add", "."]);
    git(&module, &["commit", "--quiet", "-m", "module"]);
    sandbox.hs(&lab, ["init"]).succeeds();
    sandbox.hs(&lab, ["export-key", "../lab.key"]).succeeds();
    fs::write(
        lab.join(".gitattributes"),
        "*.key filter=git-crypt diff=git-crypt\n",
    )
    .expect("written");
    fs::create_dir_all(lab.join("deep/er")).expect("created");
    for path in ["api.key", "deep/er/token.key"] {
        fs::write(lab.join(path), "opensesame\n").expect("written");
    }
    symlink("../outside.key", lab.join("link.key")).expect("linked");
    git(
        &lab,
        &["submodule", "--quiet", "add", "../module", "module.key"],
    );
    git(&lab, &["add", "."]);
    git(&lab, &["commit", "--quiet", "-m", "first"]);
    git(&sandbox.path(""), &["clone", "--quiet", "lab", "clone"]);
    let clone = sandbox.path("clone");
    (sandbox, clone)
}
