//! A page of the documentation as a story: its console blocks, run one after the other in one shell.
//!
//! A line that begins with `$ ` is a command. The lines below it are what it prints, on both channels; a command without
//! any may print what it likes and must succeed. `…` in such a line stands for any text. Blocks after a line `<!-- before:` are run first
//! and are not shown to readers.

use std::fs;
use std::path::Path;

use crate::harness::engine::Engine;
use crate::harness::sandbox::{Sandbox, run};

/// Ends the output of a command; no text has it.
const END: char = '\u{1}';

/// The commands of a page.
pub(crate) struct Page {
    name: String,
    steps: Vec<Step>,
}

#[derive(Default)]
struct Step {
    command: String,
    prints: Vec<String>,
}

impl Page {
    pub(crate) fn read(name: &str) -> Self {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
        let text = fs::read_to_string(docs.join(name)).unwrap_or_else(|_| panic!("docs/{name}"));
        Self {
            name: name.to_owned(),
            steps: steps_of(&text),
        }
    }

    pub(crate) fn has_commands(&self) -> bool {
        !self.steps.is_empty()
    }

    pub(crate) fn runs(&self) {
        self.run_in(&Sandbox::new(), None);
    }

    pub(crate) fn runs_on_an_engine(&self) {
        let engine = Engine::with_networks();
        self.run_in(&Sandbox::new(), Some(&engine));
    }

    fn run_in(&self, sandbox: &Sandbox, engine: Option<&Engine>) {
        let mut script = "exec 2>&1\n".to_owned();
        for step in &self.steps {
            script += &format!("{}\nprintf '\\n%s\\001' $?\n", step.command);
        }
        let mut shell = sandbox.command(&sandbox.path(""), "bash");
        if let Some(engine) = engine {
            shell.env("DOCKER_HOST", engine.host());
        }
        shell.arg("-c").arg(script);
        let printed = run(shell, b"").text();
        let mut outputs = printed.split(END);
        for step in &self.steps {
            let output = outputs.next().unwrap_or_default();
            step.assert_prints(output, &self.name);
        }
    }
}

impl Step {
    #[track_caller]
    fn assert_prints(&self, output: &str, page: &str) {
        let (output, status) = output.rsplit_once('\n').unwrap_or_default();
        let lines: Vec<&str> = output.trim().lines().map(str::trim_end).collect();
        let fits = self.prints.is_empty() && status == "0"
            || !self.prints.is_empty()
                && lines.len() == self.prints.len()
                && lines
                    .iter()
                    .zip(&self.prints)
                    .all(|(line, pattern)| is_like(line, pattern));
        assert!(
            fits,
            "docs/{page}: `{}` should print\n{}\nand prints, with status {status},\n{output}",
            self.command,
            self.prints.join("\n")
        );
    }
}

/// True if `line` is `pattern`, where `…` stands for any text.
fn is_like(line: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = line.strip_prefix(first) else {
        return false;
    };
    let mut ends_open = false;
    for part in parts {
        ends_open = part.is_empty();
        let Some(place) = rest.find(part) else {
            return false;
        };
        rest = &rest[place + part.len()..];
    }
    rest.is_empty() || ends_open
}

fn steps_of(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut block: Option<&str> = None;
    for line in text.lines() {
        block = match (block, line) {
            (None, "```console") => Some("```"),
            (None, "<!-- before:") => Some("-->"),
            (Some(end), line) if line == end => None,
            (other, _) => other,
        };
        let Some(end) = block else { continue };
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step {
                command: command.to_owned(),
                prints: Vec::new(),
            });
        } else if let Some(step) = steps.last_mut()
            && end == "```"
            && line != "```console"
            && !line.is_empty()
        {
            step.prints.push(line.trim_end().to_owned());
        }
    }
    steps
}

#[test]
fn a_line_is_like_its_pattern() {
    assert!(is_like("created x-12", "created x-…"));
    assert!(is_like("a b c", "a … c"));
    assert!(!is_like("a b d", "a … c"));
    assert!(!is_like("a b c", "a b"));
    assert!(is_like("a", "a"));
}

#[test]
fn a_page_is_its_commands_and_what_they_print() {
    let steps =
        steps_of("text\n<!-- before:\n$ a\n-->\n```console\n$ b\none\ntwo\n$ c\n```\n$ no\n");
    let commands: Vec<&str> = steps.iter().map(|step| step.command.as_str()).collect();
    assert_eq!(commands, ["a", "b", "c"]);
    assert_eq!(steps[1].prints, ["one", "two"]);
}
