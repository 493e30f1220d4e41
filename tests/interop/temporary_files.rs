//! The plaintext of a file of any size is only where it belongs: in pipes, and in the work tree.

use std::fs;
use std::path::Path;

use crate::harness::desk::{MAGIC, read, write};
use crate::harness::sandbox::Sandbox;
use crate::harness::trace::Trace;

/// The words in every line of the plaintext.
const WORDS: &str = "opensesame";

/// 12 MiB of numbered lines. The first and the last line can be chosen.
fn plaintext(first: &str, last: &str) -> Vec<u8> {
    let lines = (1..600_000).map(|number| format!("{WORDS} {number:09}\n"));
    let edge = |line: &str| format!("{WORDS} {line}\n");
    let whole: String = std::iter::once(edge(first))
        .chain(lines)
        .chain([edge(last)])
        .collect();
    assert!(whole.len() > 11 << 20, "{} bytes only", whole.len());
    whole.into_bytes()
}

#[track_caller]
fn traced(sandbox: &Sandbox, directory: &Path, words: &[&str]) -> Trace {
    let mut strace = sandbox.command(directory, "strace");
    strace.arg("--string-limit=100");
    Trace::of(sandbox, strace, words, &[WORDS])
}

/// False for the nameless file in which a filter stores long content. The plaintext is encrypted in it.
fn has_name(path: &str) -> bool {
    let name = Path::new(path).file_name().unwrap_or_default();
    !name.as_encoded_bytes().starts_with(b"#")
}

#[test]
#[ignore = "needs strace: tests/run.sh"]
fn the_filters_write_to_their_output_only() {
    let sandbox = Sandbox::new();
    let repository = sandbox.encrypted("r", &[]);
    let whole = plaintext("first", "last");
    fs::write(sandbox.path("plain"), &whole).expect("written");
    for (words, output, is_plaintext) in [
        ("hs-secrets clean < ../plain", "blob", false),
        ("hs-secrets smudge < ../blob", "again", true),
        // As Git calls it. For a file that is not checked out, Git itself writes a temporary plaintext, whatever the filter.
        ("hs-secrets diff ../blob", "shown", true),
        // Proves that the test notices plaintext that is written.
        ("tee ../copy < ../plain", "teed", true),
    ] {
        let script = format!("exec {words} > ../{output}");
        let seen = traced(&sandbox, &repository, &["sh", "-c", &script]);
        let path = |name| sandbox.path(name).display().to_string();
        if words.starts_with("tee") {
            let copy = path("copy");
            assert!(seen.plaintext.contains(&copy) && seen.opened.contains(&copy));
            continue;
        }
        let output = path(output);
        assert!(seen.plaintext.iter().all(|path| *path == output), "{words}");
        assert_eq!(!seen.plaintext.is_empty(), is_plaintext, "{words}");
        let named: Vec<&String> = seen.opened.iter().filter(|path| has_name(path)).collect();
        assert_eq!(named, [&output], "{words}");
    }
    for output in ["again", "shown"] {
        assert!(fs::read(sandbox.path(output)).expect("there") == whole);
    }
}

#[test]
#[ignore = "needs strace: tests/run.sh"]
fn git_s_add_checkout_and_merge_write_to_the_work_tree_only() {
    let sandbox = Sandbox::new();
    let repository = sandbox.encrypted("r", &[]);
    let git = |arguments: &[&str]| sandbox.git(&repository, arguments).succeeds();
    let place = repository.join("big.key").display().to_string();
    // Git's own writes may also be caused by the filter process or the merge driver.
    let traced = |words: &[&str]| {
        let seen = traced(&sandbox, &repository, words);
        for path in &seen.plaintext {
            assert!(
                path.starts_with("pipe:") || *path == place,
                "{path} of {words:?}"
            );
        }
        for path in seen.opened.iter().filter(|path| has_name(path)) {
            let own = Path::new(path)
                .strip_prefix(&repository)
                .expect("in the repository");
            let own = own.to_str().expect("a path in ASCII");
            let known = [".git/", ".merge_file_", "big.key"];
            assert!(
                known.iter().any(|known| own.starts_with(known)),
                "{path} of {words:?}"
            );
        }
        let is_pipe = |path: &String| path.starts_with("pipe:");
        assert!(seen.plaintext.iter().any(is_pipe), "{words:?}: {seen:?}");
        seen
    };
    let change = |first, last| write(&repository, "big.key", plaintext(first, last));
    change("first", "last");
    let added = traced(&["git", "add", "big.key"]);
    assert!(!added.plaintext.contains(&place));
    git(&["commit", "--quiet", "-m", "base"]);
    git(&["branch", "side"]);
    change("ours", "last");
    git(&["commit", "--quiet", "-am", "ours"]);
    let switched = traced(&["git", "checkout", "--quiet", "side"]);
    assert!(switched.plaintext.contains(&place));
    change("first", "theirs");
    git(&["commit", "--quiet", "-am", "theirs"]);
    git(&["checkout", "--quiet", "main"]);
    let merged = traced(&["git", "merge", "--quiet", "-m", "both", "side"]);
    assert!(merged.plaintext.contains(&place));
    assert!(read(&repository, "big.key") == plaintext("ours", "theirs"));
    let blob = git(&["cat-file", "blob", "HEAD:big.key"]).stdout;
    assert!(blob.starts_with(MAGIC));
}
