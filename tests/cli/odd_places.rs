//! `unlock` and `lock` in a subdirectory, with a sparse checkout, beside submodules and links.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::harness::sandbox::Sandbox;

const MAGIC: &[u8] = b"\0GITCRYPT\0";

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

/// A locked clone with files at two depths, a submodule and a link that looks like a secret; the key lies beside it.
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

fn read(repository: &Path, path: &str) -> Vec<u8> {
    fs::read(repository.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}
