//! Other Git clients, such as graphical ones: they run no filters when they commit or check out, and some run no hooks.

use std::path::Path;

use crate::harness::desk::{Desk, MAGIC};
use crate::harness::sandbox::Sandbox;

/// The Python for which Debian packages both libraries.
const PYTHON: &str = "/usr/bin/python3";

/// A client: its package, its code to commit all files, and its code to go back to the previous commit.
const CLIENTS: [(&str, &str, &str); 2] = [
    (
        "pygit2",
        "
import pygit2
repository = pygit2.Repository('.')
repository.index.add_all()
repository.index.write()
tree = repository.index.write_tree()
who = pygit2.Signature('Buttons', 'buttons@example.org')
repository.create_commit('HEAD', who, who, 'by another client', tree, [repository.head.target])
",
        "
import pygit2
repository = pygit2.Repository('.')
repository.reset(repository.revparse_single('HEAD~1').id, pygit2.GIT_RESET_HARD)
",
    ),
    (
        "dulwich",
        "
from dulwich import porcelain
from dulwich.repo import Repo
porcelain.add('.', ['a.key', 'new.key'])
who = b'Buttons <buttons@example.org>'
Repo('.').do_commit(b'by another client', author=who, committer=who)
",
        "
from dulwich import porcelain
from dulwich.repo import Repo
repository = Repo('.')
before = repository[repository.head()].parents[0]
porcelain.reset(repository, 'hard', before)
repository.refs[b'refs/heads/main'] = before
",
    ),
];

/// An unlocked repository of the format that these clients read, with `a.key` committed.
fn desk() -> Desk {
    let sandbox = Sandbox::of_format("");
    let repository = sandbox.encrypted("desk", &[("a.key", "one\n")]);
    Desk {
        sandbox,
        repository,
    }
}

fn python(sandbox: &Sandbox, directory: &Path, (package, script): (&str, &str)) {
    let run = sandbox.run(directory, PYTHON, ["-c", script], b"");
    assert_eq!(
        run.code, 0,
        "{package}: {} (apt-get install python3-{package})",
        run.stderr
    );
}

#[test]
#[ignore = "needs python3-pygit2 and python3-dulwich: tests/run.sh"]
fn what_another_client_committed_in_plaintext_is_found_stopped_and_mended() {
    for (package, commit, _) in CLIENTS {
        let desk = desk();
        let (sandbox, repository) = (&desk.sandbox, &desk.repository);
        desk.write("a.key", "two\n");
        desk.write("new.key", "new\n");
        python(sandbox, repository, (package, commit));
        assert_eq!(desk.git(&["show", "HEAD:a.key"]), "two\n", "{package}");

        let status = sandbox.hs(repository, ["status", "--short"]).ends_with(1);
        let told = status.text();
        assert!(
            told.contains("exposed: a.key\nexposed: new.key\n"),
            "{package}: {told}"
        );
        let found = sandbox.hs(repository, ["check", "--all"]).ends_with(3);
        assert!(
            found.text().contains("a.key: [unencrypted-blob]"),
            "{package}: {}",
            found.text()
        );
        sandbox
            .git(&sandbox.path(""), ["init", "-q", "--bare", "hub"])
            .succeeds();
        sandbox.hs(repository, ["install-hooks"]).succeeds();
        let push = sandbox.git(repository, ["push", "-q", "../hub", "main"]);
        assert_ne!(push.code, 0, "{package}");

        sandbox
            .git(repository, ["add", "--renormalize", "."])
            .succeeds();
        sandbox
            .git(repository, ["commit", "-qm", "mended"])
            .succeeds();
        let stored = desk.git(&["cat-file", "-p", "HEAD:a.key"]);
        assert!(stored.as_bytes().starts_with(MAGIC), "{package}");
        let stored = desk.git(&["cat-file", "-p", "HEAD:new.key"]);
        assert!(stored.as_bytes().starts_with(MAGIC), "{package}");
        assert_eq!(desk.read("a.key"), b"two\n", "{package}");
    }
}

#[test]
#[ignore = "needs python3-pygit2 and python3-dulwich: tests/run.sh"]
fn what_another_client_checked_out_as_ciphertext_is_told_and_decrypted() {
    for (package, _, back) in CLIENTS {
        let desk = desk();
        desk.write("a.key", "two\n");
        desk.commit("second");
        let (sandbox, repository) = (&desk.sandbox, &desk.repository);
        python(sandbox, repository, (package, back));
        assert!(desk.read("a.key").starts_with(MAGIC), "{package}");
        let told = sandbox.hs(repository, ["status", "--short"]).text();
        assert!(
            told.contains("a.key is ciphertext in the work tree though the key is here"),
            "{package}: {told}"
        );
        sandbox.hs(repository, ["refresh"]).succeeds();
        assert_eq!(desk.read("a.key"), b"one\n", "{package}");
        let changed = sandbox.git(repository, ["status", "--porcelain"]);
        assert_eq!(changed.succeeds().text(), "", "{package}");
    }
}
