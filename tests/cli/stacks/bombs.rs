//! Stack files made to use up the memory or time of those who read them. Each is refused, or read with little of both (row
//! 18 of the attacks).

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::harness::sandbox::{Run, Sandbox, run};

/// Maximum address space in KiB of a command under test. An expanded bomb needs far more.
const MEMORY: u64 = 1_500_000;
/// Time limit: far more than a command takes on a busy machine, and far less than an expanded bomb takes.
const PATIENCE: Duration = Duration::from_secs(120);
/// Maximum length of a stack file in bytes.
const STACK_FILE: usize = 4 << 20;
const GIB: u64 = 1 << 30;

/// A repository with one stack `web`.
struct Bomb {
    sandbox: Sandbox,
    repository: PathBuf,
}

impl Bomb {
    fn new(stack: &str) -> Self {
        let sandbox = Sandbox::new();
        let repository = sandbox.repository("bomb");
        fs::create_dir(repository.join("web")).expect("a folder");
        let bomb = Self {
            sandbox,
            repository,
        };
        bomb.write("web/stack.yml", stack);
        bomb
    }

    fn write(&self, path: &str, content: &str) {
        fs::write(self.repository.join(path), content).expect("a file");
    }

    /// Runs the program with limited memory, and expects it to end soon.
    fn hs(&self, arguments: &[&str]) -> Run {
        let mut command = self.sandbox.command(&self.repository, "sh");
        let limited = format!("ulimit -v {MEMORY}; exec hs-secrets \"$@\"");
        command.args(["-c", &limited, "sh"]).args(arguments);
        let began = Instant::now();
        let run = run(command, b"");
        let took = began.elapsed();
        assert!(took < PATIENCE, "{arguments:?}: {took:?}");
        run
    }
}

/// A file of zeros that takes no space on the disk.
fn sparse(path: &Path, length: u64) {
    let file = File::create(path).expect("a file");
    file.set_len(length).expect("a sparse file");
}

#[test]
fn files_too_long_are_refused_by_their_length() {
    let bomb = Bomb::new(
        "services: {app: {image: app, env_file: long.env}}\nconfigs: {c: {file: long.conf}}\n",
    );
    sparse(&bomb.repository.join("web/long.conf"), 3 * GIB);
    let expected = "web/long.conf has 3221225472 bytes, and a config must have less than 1024000";
    bomb.hs(&["render", "web"]).fails_saying(&[expected]);
    bomb.write("web/long.conf", "short\n");
    sparse(&bomb.repository.join("web/long.env"), 3 * GIB);
    let expected = "web/long.env has 3221225472 bytes, and can be no file of variables";
    bomb.hs(&["deploy", "web"]).fails_saying(&[expected]);
    // Files of variables are compared by their ids.
    let git = |arguments: &[&str]| bomb.sandbox.git(&bomb.repository, arguments).succeeds();
    git(&["add", "web/stack.yml", "web/long.conf"]);
    git(&["commit", "--quiet", "-m", "a stack"]);
    let expected = "env_file of service `app`: web/long.env does not exist in ";
    bomb.hs(&["rollback", "web"]).fails_saying(&[expected]);

    sparse(&bomb.repository.join("web/stack.yml"), 3 * GIB / 2);
    let expected = "web/stack.yml has 1610612736 bytes, and can be no stack file";
    bomb.hs(&["render", "web"]).fails_saying(&[expected]);
    // A YAML file at the top is read to see whether it has services.
    sparse(&bomb.repository.join("long.yml"), 3 * GIB / 2);
    let none = ["no stack `other` here", "found web"];
    bomb.hs(&["render", "other"]).fails_saying(&none);
}

#[test]
fn files_that_are_too_long_together_are_refused() {
    let mut stack = "configs:\n".to_owned();
    let mut commit = "blob\nmark :1\ndata 1000000\n".to_owned();
    commit += &"0".repeat(1_000_000);
    commit += "\ncommit refs/heads/main\ncommitter Tester <tester@example.org> 0 +0000\ndata 0\n";
    for number in 0..20_000 {
        writeln!(stack, "  c{number}: {{file: c/{number}}}").expect("a string");
        writeln!(commit, "M 644 :1 c/{number}").expect("a string");
    }
    let length = stack.len();
    write!(commit, "M 644 inline web.yml\ndata {length}\n{stack}\n").expect("a string");
    let bomb = Bomb::new("services: {}\n");
    let import = ["fast-import", "--quiet"];
    bomb.sandbox
        .run(&bomb.repository, "git", import, commit.as_bytes())
        .succeeds();
    let expected = "web.yml:270: config `c268`: with c/268, the files of the stack have more than 256 MiB together";
    let render = ["render", "web", "--rev", "main"];
    bomb.hs(&render).fails_saying(&[expected]);
}

#[test]
fn a_stack_of_too_many_files_is_refused() {
    let bomb = Bomb::new("services: {}\n");
    let file = "'web/stack.yml', ".repeat(150_000);
    bomb.write(
        ".hs-secrets.toml",
        &format!("[stacks.web]\nfiles = [{file}]\n"),
    );
    let expected = "the stack has 150000 files; the maximum is 100";
    bomb.hs(&["render", "web"]).fails_saying(&[expected]);
}

/// A stack file filled with as many copies of `repeated` as fit into it.
fn filled(before: &str, repeated: &str, after: &str) -> String {
    let room = STACK_FILE - before.len() - after.len() - 1;
    [before, &repeated.repeat(room / repeated.len()), after, "\n"].concat()
}

#[test]
fn aliases_that_multiply_are_refused() {
    let repeated = "too much is repeated through aliases";
    let long_text = format!("x-a: &a {}\n", "a".repeat(STACK_FILE / 2));
    let long_list = format!("x-a: &a [{}]\n", "x, ".repeat(STACK_FILE / 10));
    for (what, text, reason) in [
        (
            "a long text, again and again",
            filled(
                &format!("{long_text}services: {{app: {{env_file: ["),
                "*a,",
                "]}}",
            ),
            repeated,
        ),
        (
            "a long text in labels",
            filled(
                &format!("{long_text}configs: {{c: {{file: f, labels: ["),
                "*a,",
                "]}}",
            ),
            repeated,
        ),
        (
            "a long list in every service",
            services(&long_list, "{configs: *a}"),
            repeated,
        ),
        (
            "a long mapping merged into every service",
            services(
                &format!("x-a: &a {{{}}}\n", numbered_keys(STACK_FILE / 3)),
                "{<<: *a}",
            ),
            repeated,
        ),
        (
            "a long key, again and again",
            filled(&format!("{long_text}x-b: ["), "{*a : 1},", "]"),
            "a key must not have more than 1024 bytes",
        ),
    ] {
        assert!(text.len() <= STACK_FILE, "{what}");
        let told = Bomb::new(&text).hs(&["render", "web"]);
        told.fails_saying(&["web/stack.yml:", reason]);
    }
}

/// A stack file with as many services of one kind as fit into it.
fn services(before: &str, service: &str) -> String {
    let mut text = format!("{before}services:\n");
    for number in 0.. {
        let line = format!("  s{number}: {service}\n");
        if text.len() + line.len() > STACK_FILE {
            return text;
        }
        text += &line;
    }
    unreachable!("the room ends")
}

fn numbered_keys(length: usize) -> String {
    let mut keys = String::new();
    let mut number = 0;
    while keys.len() < length {
        write!(keys, "k{number}: 1, ").expect("a string");
        number += 1;
    }
    keys
}

#[test]
fn deep_nesting_is_refused() {
    for opening in ["[", "{a: ", "- ", "? "] {
        let text = format!("x-a:\n  {}", opening.repeat(STACK_FILE / 8));
        let told = Bomb::new(&text).hs(&["render", "web"]);
        told.fails_saying(&["web/stack.yml:"]);
    }
    // Each of 100,000 levels has an alias of the level below it.
    let mut text = "x-0: &a0 {}\n".to_owned();
    for level in 1..100_000 {
        writeln!(text, "x-{level}: &a{level} [*a{}]", level - 1).expect("a string");
    }
    text += "services: {}\n";
    assert!(text.len() <= STACK_FILE, "{}", text.len());
    Bomb::new(&text).hs(&["render", "web"]).succeeds();
}

#[test]
fn long_lines_take_no_longer_than_many() {
    let room = STACK_FILE - 100;
    for text in [
        format!("services: {{}}\nx-a: {}\n", "a ".repeat(room / 2)),
        format!("services: {{}}\nx-a: \"{}\"\n", "\\\"".repeat(room / 2)),
        format!("services: {{}}\nx-a: '{}'\n", "''".repeat(room / 2)),
        format!("services: {{}}\n#{}\n", "#".repeat(room)),
        format!("services: {{}}\n{}\n", " ".repeat(room)),
        format!("services: {{}}\nx-a: [{}]\n", "'é',".repeat(room / 5)),
        format!("services: {{}}\nx-a: &{} b\n", "a".repeat(room)),
        format!("services: {{}}\nx-a: |\n{}", "  é\n\n".repeat(room / 6)),
    ] {
        let beginning: String = text.chars().take(40).collect();
        let told = Bomb::new(&text).hs(&["render", "web"]);
        assert_eq!(told.code, 0, "{beginning}: {}", told.stderr);
    }
}
