//! Repositories of the newer formats, shared by users of git-crypt and of this program.

use crate::harness::desk::{MAGIC, read, write};
use crate::harness::sandbox::Sandbox;

const SHA256: &str = "--object-format=sha256";
const TABLE: &str = "--ref-format=reftable";

#[test]
#[ignore = "needs git-crypt: tests/run.sh"]
fn a_colleague_with_git_crypt_shares_a_repository_of_each_format() {
    for format in [&[SHA256][..], &[TABLE], &[SHA256, TABLE]] {
        let sandbox = Sandbox::new();
        let top = sandbox.path("");
        let init = ["init", "--quiet", "ours"].into_iter();
        sandbox
            .git(&top, init.chain(format.iter().copied()))
            .succeeds();
        let ours = sandbox.path("ours");
        write(
            &ours,
            ".gitattributes",
            b"*.key filter=git-crypt diff=git-crypt\n",
        );
        sandbox.run(&ours, "git-crypt", ["init"], b"").succeeds();
        let exported = sandbox.run(&ours, "git-crypt", ["export-key", "../key"], b"");
        exported.succeeds();
        write(&ours, "a.key", b"by git-crypt\n");
        sandbox.git(&ours, ["add", "."]).succeeds();
        sandbox.git(&ours, ["commit", "-qm", "first"]).succeeds();

        // Uses this program's filters in the clone, and git-crypt's in the original.
        let theirs = sandbox.cloned(&ours);
        sandbox.hs(&theirs, ["unlock", "../key"]).succeeds();
        assert_eq!(read(&theirs, "a.key"), b"by git-crypt\n", "{format:?}");
        write(&theirs, "b.key", b"by us\n");
        sandbox.git(&theirs, ["add", "."]).succeeds();
        sandbox.git(&theirs, ["commit", "-qm", "second"]).succeeds();
        let status = sandbox
            .run(&theirs, "git-crypt", ["status"], b"")
            .succeeds();
        assert!(status.text().contains("encrypted: b.key"), "{format:?}");
        sandbox
            .git(
                &ours,
                [
                    "pull",
                    "-q",
                    "--ff-only",
                    theirs.to_str().expect("text"),
                    "HEAD",
                ],
            )
            .succeeds();
        assert_eq!(read(&ours, "b.key"), b"by us\n", "{format:?}");
        sandbox.hs(&ours, ["status"]).succeeds();
        sandbox.run(&ours, "git-crypt", ["lock"], b"").succeeds();
        assert!(read(&ours, "b.key").starts_with(MAGIC), "{format:?}");
        sandbox.hs(&ours, ["unlock", "../key"]).succeeds();
        assert_eq!(read(&ours, "b.key"), b"by us\n", "{format:?}");
        sandbox.hs(&theirs, ["lock"]).succeeds();
        assert!(read(&theirs, "a.key").starts_with(MAGIC), "{format:?}");
        let unlocked = sandbox.run(&theirs, "git-crypt", ["unlock", "../key"], b"");
        unlocked.succeeds();
        assert_eq!(read(&theirs, "a.key"), b"by git-crypt\n", "{format:?}");
    }
}
