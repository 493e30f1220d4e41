//! Test vectors made by the real git-crypt, valid and broken ones: `fixtures/vectors/make.sh`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::sandbox::{Run, Sandbox};

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/vectors")
}

fn good(name: &str) -> String {
    vectors().join("good").join(name).display().to_string()
}

/// Encrypts with a broken key, or decrypts a broken blob, depending on `name`.
fn take_broken(sandbox: &Sandbox, program: &str, name: &str) -> Run {
    let path = vectors().join("broken").join(name);
    let (verb, key, content) = if name.starts_with("key_") {
        ("clean", path.display().to_string(), b"text".to_vec())
    } else {
        let blob = fs::read(&path).expect("a blob");
        ("smudge", good("key_default"), blob)
    };
    let key = format!("--key-file={key}");
    sandbox.run(&sandbox.path(""), program, [verb, &key], &content)
}

#[test]
fn every_good_key_encrypts_and_decrypts_every_good_blob() {
    let sandbox = Sandbox::new();
    let here = sandbox.path("");
    sandbox
        .hs(&here, ["migrate-key", &good("key_legacy"), "migrated"])
        .succeeds();
    let migrated = here.join("migrated").display().to_string();
    assert_eq!(
        fs::read(&migrated).expect("a key"),
        fs::read(good("key_default")).expect("a key")
    );
    let mut blobs = 0;
    for entry in fs::read_dir(vectors().join("good")).expect("the vectors") {
        let plain_name = entry
            .expect("a vector")
            .file_name()
            .into_string()
            .expect("plain names");
        let Some(name) = plain_name.strip_suffix(".plain") else {
            continue;
        };
        let plaintext = fs::read(good(&plain_name)).expect("a plaintext");
        let blob = fs::read(good(name)).expect("a blob");
        for key in [
            "key_default",
            "key_named",
            "key_two_versions",
            "key_unknown_even_fields",
        ]
        .map(good)
        {
            let key_file = format!("--key-file={key}");
            assert_eq!(
                sandbox
                    .run(&here, "hs-secrets", ["clean", &key_file], &plaintext)
                    .succeeds()
                    .stdout,
                blob
            );
            assert_eq!(
                sandbox
                    .run(&here, "hs-secrets", ["smudge", &key_file], &blob)
                    .succeeds()
                    .stdout,
                plaintext
            );
            assert_eq!(
                sandbox
                    .hs(&here, ["diff", &key_file, &good(name)])
                    .succeeds()
                    .stdout,
                plaintext
            );
        }
        blobs += 1;
    }
    assert!(blobs >= 8, "only {blobs} blobs");
}

#[test]
fn every_broken_vector_is_refused_with_its_defect() {
    let sandbox = Sandbox::new();
    let broken = vectors().join("broken");
    let table = fs::read_to_string(broken.join("errors.tsv")).expect("the table of errors");
    let mut named = BTreeSet::from(["errors.tsv".to_owned()]);
    for line in table.lines() {
        let (name, error) = line.split_once('\t').expect("a name and an error");
        let run = take_broken(&sandbox, "hs-secrets", name);
        let run = run.fails_saying(&[]);
        assert!(
            run.stderr
                .lines()
                .next()
                .is_some_and(|told| told.ends_with(error)),
            "{name}: {}",
            run.stderr
        );
        assert!(run.stdout.is_empty(), "{name}: something came out");
        named.insert(name.to_owned());
    }
    let there: BTreeSet<String> = fs::read_dir(&broken)
        .expect("the vectors")
        .map(|entry| {
            entry
                .expect("a vector")
                .file_name()
                .into_string()
                .expect("plain names")
        })
        .collect();
    assert_eq!(there, named, "vectors and table differ");
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn git_crypt_refuses_no_less() {
    let sandbox = Sandbox::new();
    // git-crypt does not detect repeated fields, nor missing ones.
    let laxer = [
        "key_name_twice",
        "key_version_twice",
        "key_version_missing",
        "key_aes_key_twice",
        "key_aes_key_missing",
        "key_hmac_key_missing",
    ];
    // git-crypt takes a blob that is shorter than a header for plaintext, and warns.
    let let_through = ["blob_magic_only", "blob_header_cut"];
    let broken = vectors().join("broken");
    for line in fs::read_to_string(broken.join("errors.tsv"))
        .expect("the table of errors")
        .lines()
    {
        let name = line.split('\t').next().expect("a name");
        if laxer.contains(&name) || let_through.contains(&name) {
            continue;
        }
        let run = take_broken(&sandbox, "git-crypt", name);
        assert_ne!(run.code, 0, "git-crypt takes {name}: {}", run.stderr);
    }
}
