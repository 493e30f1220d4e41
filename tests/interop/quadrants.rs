//! {git-crypt, hs-secrets} sets up and encrypts × {git-crypt, hs-secrets} unlocks, shows the status and locks.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::harness::sandbox::Sandbox;

const PROGRAMS: [&str; 2] = ["git-crypt", "hs-secrets"];

#[test]
#[ignore = "needs git-crypt: tests/run.sh"]
fn a_repository_made_by_either_works_with_the_other() {
    for key_name in [None, Some("ops")] {
        let mut trees = Vec::new();
        for maker in PROGRAMS {
            for user in PROGRAMS {
                trees.push(made_and_used(maker, user, key_name));
            }
        }
        assert!(trees[0].len() > 60);
        assert!(
            trees.iter().all(|tree| *tree == trees[0]),
            "plaintexts differ"
        );
    }
}

/// The files in a clone that `user` has unlocked, of a repository that `maker` has encrypted.
fn made_and_used(maker: &str, user: &str, key_name: Option<&str>) -> BTreeMap<String, Vec<u8>> {
    let sandbox = Sandbox::new();
    let lab = sandbox.home_lab("lab");
    let driver = key_name.map_or("git-crypt".to_owned(), |name| format!("git-crypt-{name}"));
    fs::write(
        lab.join(".gitattributes"),
        format!("**/secret/** filter={driver} diff={driver}\n"),
    )
    .expect("written");
    let key_option: Vec<&str> = key_name.map_or(vec![], |name| vec!["-k", name]);
    let on = |directory: &Path, program: &str, verb: &str, options: &[&str], rest: &[&str]| {
        sandbox.run(directory, program, [&[verb], options, rest].concat(), b"")
    };
    on(&lab, maker, "init", &key_option, &[]).succeeds();
    sandbox.git(&lab, ["add", "."]).succeeds();
    sandbox
        .git(&lab, ["commit", "--quiet", "-m", "the lab"])
        .succeeds();
    on(&lab, maker, "export-key", &key_option, &["../key"]).succeeds();

    sandbox
        .git(&sandbox.path(""), ["clone", "--quiet", "lab", "clone"])
        .succeeds();
    let clone = sandbox.path("clone");
    on(&clone, user, "unlock", &[], &["../key"]).succeeds();
    assert_eq!(
        sandbox
            .git(&clone, ["status", "--porcelain"])
            .succeeds()
            .text(),
        "",
        "{maker} × {user}"
    );
    let listed = |program| on(&clone, program, "status", &[], &[]).succeeds().text();
    assert_eq!(
        listed("git-crypt"),
        listed("hs-secrets"),
        "{maker} × {user}"
    );

    // Longer than a blob's header: git-crypt's own textconv shows nothing of a shorter plaintext.
    let password = "correct horse battery staple\n";
    // The user's program encrypts, and the maker's decrypts.
    fs::write(clone.join("web/secret/new.password"), password).expect("written");
    sandbox.git(&clone, ["add", "."]).succeeds();
    sandbox
        .git(&clone, ["commit", "--quiet", "-m", "one more"])
        .succeeds();
    sandbox
        .git(&lab, ["pull", "--quiet", "../clone", "main"])
        .succeeds();
    assert_eq!(
        fs::read(lab.join("web/secret/new.password")).expect("pulled"),
        password.as_bytes(),
        "{maker} × {user}"
    );
    let shown = sandbox
        .git(&lab, ["show", "--format=", "HEAD"])
        .succeeds()
        .text();
    assert!(shown.contains("+correct horse battery staple"), "{shown}");

    let tree = plaintexts(&sandbox, &clone);
    // One program locks, the other one unlocks the same clone.
    for program in PROGRAMS {
        on(&clone, program, "lock", &key_option, &[]).succeeds();
        assert!(
            fs::read(clone.join("web/secret/new.password"))
                .expect("there")
                .starts_with(b"\0GITCRYPT\0")
        );
        assert_eq!(
            sandbox
                .git(&clone, ["status", "--porcelain"])
                .succeeds()
                .text(),
            "",
            "{maker} × {user}"
        );
        let config = fs::read_to_string(clone.join(".git/config")).expect("a configuration");
        assert!(
            !config.contains("[filter") && !config.contains("[diff"),
            "{program} left {config}"
        );
        let other = PROGRAMS
            .into_iter()
            .find(|other| *other != program)
            .expect("two programs");
        on(&clone, other, "unlock", &[], &["../key"]).succeeds();
        assert_eq!(plaintexts(&sandbox, &clone), tree);
    }
    tree
}

fn plaintexts(sandbox: &Sandbox, repository: &Path) -> BTreeMap<String, Vec<u8>> {
    let listed = sandbox
        .git(repository, ["ls-files", "--", "*/secret/*"])
        .succeeds()
        .text();
    let read = |path: &str| {
        (
            path.to_owned(),
            fs::read(repository.join(path)).expect("there"),
        )
    };
    listed.lines().map(read).collect()
}
