//! The pages in `docs/`: every command on them is run as it stands, and prints the lines that stand below it.

#[path = "../harness/mod.rs"]
mod harness;

mod ci_files;
mod errors;
mod page;
mod yaml;

use page::Page;

#[test]
fn encrypt() {
    Page::read("encrypt.md").runs();
}

#[test]
#[ignore = "needs gpg and age: tests/run.sh"]
fn people() {
    Page::read("people.md").runs();
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn rotate() {
    Page::read("rotate.md").runs();
}

#[test]
fn merge() {
    Page::read("merge.md").runs();
}

#[test]
fn leaks() {
    Page::read("leaks.md").runs();
}

#[test]
#[ignore = "needs git-crypt: tests/run.sh"]
fn from_git_crypt() {
    Page::read("from-git-crypt.md").runs();
}

#[test]
fn ci() {
    Page::read("ci.md").runs();
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn stacks() {
    Page::read("stacks.md").runs_on_an_engine();
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn from_scripts() {
    Page::read("from-scripts.md").runs_on_an_engine();
}

#[test]
#[ignore = "needs root, a Docker engine, age and SOPS: tests/run.sh"]
fn from_sops() {
    Page::read("from-sops.md").runs_on_an_engine();
}

#[test]
#[ignore = "needs root, a Docker engine, age and SOPS: tests/run.sh"]
fn from_swarm_tools() {
    Page::read("from-swarm-tools.md").runs_on_an_engine();
}

#[test]
fn lost_key() {
    Page::read("lost-key.md").runs();
}

#[test]
fn how_it_works() {
    Page::read("how-it-works.md").runs();
}

#[test]
fn no_page_is_left_out() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let source = include_str!("main.rs");
    for page in std::fs::read_dir(folder).expect("the pages") {
        let name = page.expect("a page").file_name();
        let name = name.to_str().expect("UTF-8");
        if !name.ends_with(".md") {
            continue;
        }
        let has_commands = Page::read(name).has_commands();
        let is_run = source.contains(&format!("Page::read(\"{name}\")"));
        assert_eq!(has_commands, is_run, "{name}");
    }
}
