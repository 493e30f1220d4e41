//! `render`, on the home lab.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::sandbox::Sandbox;

const STACKS: [&str; 6] = ["web", "monitoring", "logging", "webhooks", "docker", "dns"];

fn home_lab(sandbox: &Sandbox) -> PathBuf {
    let lab = sandbox.home_lab("lab");
    sandbox.hs(&lab, ["init"]).succeeds();
    sandbox.git(&lab, ["add", "--all"]).succeeds();
    sandbox
        .git(&lab, ["commit", "--quiet", "--message", "lab"])
        .succeeds();
    lab
}

/// All lines outside of the secrets and configs, and all comments.
fn untouched(text: &str) -> Vec<&str> {
    let mut inside = false;
    let lines = text.lines().filter(|line| {
        if !line.starts_with([' ', '#']) && !line.is_empty() {
            inside = line.starts_with("secrets:") || line.starts_with("configs:");
        }
        !inside || line.trim_start().starts_with('#') || line.is_empty()
    });
    lines.collect()
}

#[test]
fn the_home_lab_stays_as_it_is_around_its_entries() {
    let sandbox = Sandbox::new();
    let lab = home_lab(&sandbox);
    for stack in STACKS {
        let original = fs::read_to_string(lab.join(stack).join("stack.yml")).unwrap();
        let rendered = sandbox.hs(&lab, ["render", stack]).succeeds().text();
        assert_eq!(untouched(&rendered), untouched(&original), "{stack}");
        let file = |line: &&str| line.trim_start().starts_with("file: ");
        assert_eq!(rendered.lines().find(file), None, "{stack}");
        // Rendering the result again changes nothing.
        fs::write(lab.join("again.yml"), &rendered).unwrap();
        let again = sandbox
            .hs(&lab, ["render", stack, "--file", "again.yml"])
            .succeeds();
        assert_eq!(again.text(), rendered, "{stack}");
    }
}

#[test]
fn a_locked_clone_and_a_bare_one_render_the_same() {
    let sandbox = Sandbox::new();
    let lab = home_lab(&sandbox);
    let rendered = sandbox.hs(&lab, ["render", "web"]).succeeds().text();
    for (options, name) in [
        (&["clone", "--quiet"][..], "locked"),
        (&["clone", "--quiet", "--bare"], "bare.git"),
    ] {
        sandbox
            .git(lab.parent().unwrap(), [options, &["lab", name]].concat())
            .succeeds();
        let run = sandbox.hs(&sandbox.path(name), ["render", "web", "--rev", "HEAD"]);
        assert_eq!(run.succeeds().text(), rendered, "{name}");
    }
    let run = sandbox.hs(&sandbox.path("locked"), ["render", "web"]);
    assert_eq!(run.succeeds().text(), rendered);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn the_docker_client_accepts_what_was_rendered() {
    let sandbox = Sandbox::new();
    let lab = home_lab(&sandbox);
    for stack in STACKS {
        let path = lab.join(stack).join("rendered.yml").display().to_string();
        sandbox
            .hs(&lab, ["render", stack, "--output", &path])
            .succeeds();
        // `docker` reads the stack file before it looks for the daemon, which is missing here.
        let arguments = [
            "--host",
            "unix:///nowhere.sock",
            "stack",
            "deploy",
            "-c",
            &path,
            stack,
        ];
        let run = sandbox.run(&lab, "docker", arguments, b"").ends_with(1);
        let read = run.stderr.contains("Cannot connect to the Docker daemon");
        assert!(read, "{stack}: {}", run.stderr);
    }
}

#[test]
fn several_files_are_written_to_a_folder_never_over_themselves() {
    let sandbox = Sandbox::new();
    let lab = home_lab(&sandbox);
    let files = [
        "--file",
        "monitoring/stack.yml",
        "--file",
        "monitoring/alerting.yml",
    ];
    let render = |output: &str| {
        let arguments = [&["render", "monitoring", "--output", output][..], &files].concat();
        sandbox.hs(&lab, arguments)
    };
    fs::create_dir(lab.join("out")).unwrap();
    render("out").succeeds();
    for name in ["stack.yml", "alerting.yml"] {
        let rendered = fs::read_to_string(lab.join("out").join(name)).unwrap();
        assert!(rendered.contains("external: true"), "{name}");
    }
    let before = fs::read(lab.join("monitoring/stack.yml")).unwrap();
    let run = render("monitoring").ends_with(2);
    assert!(
        run.stderr.contains("is the stack file itself"),
        "{}",
        run.stderr
    );
    assert_eq!(fs::read(lab.join("monitoring/stack.yml")).unwrap(), before);
}

#[test]
fn what_an_anchor_shares_is_not_changed_behind_one_s_back() {
    let sandbox = Sandbox::new();
    let lab = home_lab(&sandbox);
    let stack = "secrets:\n  a: &a\n    file: web/secret/pygen.key\nx-a: *a\n";
    fs::write(lab.join("shared.yml"), stack).unwrap();
    let rendered = sandbox.hs(&lab, ["render", "shared"]).succeeds().text();
    let name = rendered.lines().nth(2).expect("a name");
    let expected = format!(
        "secrets:\n  a: &a\n{name}\n    external: true\nx-a: &a {{ file: web/secret/pygen.key }}\n"
    );
    assert_eq!(rendered, expected);
    let tagged = "secrets:\n  a: &a\n    file: !!str web/secret/pygen.key\nx-a: *a\n";
    fs::write(lab.join("shared.yml"), tagged).unwrap();
    sandbox.hs(&lab, ["render", "shared"]).fails_saying(&[
        "shared.yml:2: what stands here is also used elsewhere, through an anchor",
    ]);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn env_files_are_found_in_the_stack_s_folder_or_from_a_file_beside_it() {
    let sandbox = Sandbox::new();
    let lab = home_lab(&sandbox);
    let web = lab.join("web");
    let stack = "version: '3.8'\nservices:\n  a:\n    image: a\n    env_file: app.env\n    secrets: [k]\n\
        secrets:\n  k:\n    file: secret/pygen.key\n";
    fs::write(web.join("stack.yml"), stack).unwrap();
    fs::write(web.join("app.env"), "WORD=yes\n").unwrap();
    let rendered = sandbox.hs(&web, ["render", "web"]).succeeds().stdout;
    let beside = ["render", "web", "--output", "rendered.yml"];
    sandbox.hs(&web, beside).succeeds();
    // `docker` reads all files before it looks for the daemon, which is missing here.
    let deploy = |directory: &Path, file: &str| {
        let words = ["--host", "unix:///nowhere.sock", "stack", "deploy", "-c"];
        let words = [&words[..], &[file, "web"]].concat();
        let run = sandbox.run(directory, "docker", words, &rendered);
        run.ends_with(1).stderr
    };
    let elsewhere = deploy(&lab, "-");
    assert!(elsewhere.contains("app.env: no such file"), "{elsewhere}");
    for told in [deploy(&web, "-"), deploy(&lab, "web/rendered.yml")] {
        let read = told.contains("Cannot connect to the Docker daemon");
        assert!(read, "{told}");
    }
}
