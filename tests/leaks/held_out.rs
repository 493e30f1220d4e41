//! The corpus in `fixtures/held-out`: files that a home lab commits, and others that only look like them.

use std::fs;
use std::path::Path;

use crate::corpus::without_cuts;
use crate::harness::sandbox::{Sandbox, copy_tree};
use crate::{add_all, check};

#[test]
fn each_way_of_writing_is_found_and_nothing_that_looks_alike() {
    let sandbox = Sandbox::new();
    let repository = sandbox.repository("held-out");
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/held-out");
    copy_tree(&corpus, &repository);
    let mut expected = Vec::new();
    for folder in ["found", "none"] {
        for entry in fs::read_dir(repository.join(folder)).expect("the corpus") {
            let path = entry.expect("an entry").path();
            let content = without_cuts(&fs::read(&path).expect("a file"));
            fs::write(&path, content).expect("a file");
            let name = path.file_name().expect("a name").to_string_lossy();
            expected.extend((folder == "found").then(|| format!("found/{name}")));
        }
    }
    expected.sort();
    add_all(&sandbox, &repository);
    let (code, found) = check(&sandbox, &repository, &["--all"]);
    let mut found: Vec<String> = found
        .iter()
        .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
        .collect();
    found.dedup();
    assert_eq!(found, expected);
    assert_eq!(code, 3);
}
