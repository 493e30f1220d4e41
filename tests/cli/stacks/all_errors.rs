//! All errors in a repository's stacks are reported at once, and following the advice fixes them.

use std::fs;

use crate::harness::desk::Desk;
use crate::harness::sandbox::{Run, Sandbox};

const WEB: &str = "\
services:
  app:
    image: app
    configs: [fixed, gone, inline, nowhere]
configs:
  fixed: {file: one.conf, name: fixed-v3}
  own: {file: one.conf, name: 'x$STAGE'}
  other: {file: one.conf, name: 'x_${ONE_HASH}'}
  gone: {file: gone.conf}
  inline: {content: abc}
";

/// The lines about errors, without the program's name.
#[track_caller]
pub(super) fn errors(told: &Run) -> Vec<String> {
    assert_eq!(told.code, 1, "{}", told.stderr);
    let lines = told.stderr.lines();
    let errors = lines.filter_map(|line| line.strip_prefix("hs-secrets: error: "));
    errors.map(str::to_owned).collect()
}

#[test]
fn every_error_of_every_stack_is_said_with_its_line() {
    let sandbox = Sandbox::new();
    let repository = sandbox.repository("lab");
    for (path, content) in [
        ("web/stack.yml", WEB),
        ("web/one.conf", "one\n"),
        (
            "shop.yml",
            "services: {}\nconfigs:\n  a: {file: ./nothing}\n",
        ),
    ] {
        let path = repository.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, content).expect("a file");
    }
    let hs = |arguments: &[&str]| {
        let mut command = sandbox.command(&repository, "hs-secrets");
        command.env("STAGE", "prod").args(arguments);
        crate::harness::sandbox::run(command, b"")
    };
    let of_web = [
        "web/stack.yml:10: configs.inline: `content` is Docker Compose's, the docker client rejects it in a stack file; \
         put the content into a file and name it with `file:`",
        "web/stack.yml:4: service `app` uses the config `nowhere`, which the stack does not define",
        "web/stack.yml:6: config `fixed`: its name `fixed-v3` has no version; change it to `fixed-v3-${ONE_CONF}`, or \
         leave `name:` out",
        "web/stack.yml:7: config `own`: its name `x$STAGE` has no version; change it to `x${STAGE}-${ONE_CONF}`, or \
         leave `name:` out",
        "web/stack.yml:8: config `other`: its name has the variable `ONE_HASH`, which is not set, and not that of its \
         file one.conf, which is `ONE_CONF`; change it to `x_${ONE_CONF}`",
        "web/stack.yml:9: config `gone`: web/gone.conf does not exist",
    ];
    for verb in ["env", "render", "plan", "sync", "deploy"] {
        assert_eq!(errors(&hs(&[verb, "web"])), of_web, "{verb}");
    }
    let of_shop = "shop.yml:3: config `a`: nothing does not exist";
    let told = hs(&["plan"]);
    let all: Vec<&str> = [of_shop].into_iter().chain(of_web).collect();
    assert_eq!(errors(&told), all);
    let hint = "paths in a stack file are relative to it, and stay within the repository";
    assert_eq!(told.stderr.matches(hint).count(), 1, "{}", told.stderr);

    // The advice is followed, and the missing file added.
    let corrected = WEB
        .replace(", nowhere", "")
        .replace("fixed-v3", "'fixed-v3-${ONE_CONF}'")
        .replace("x$STAGE", "x${STAGE}-${ONE_CONF}")
        .replace("${ONE_HASH}", "${ONE_CONF}")
        .replace("content: abc", "file: inline.conf");
    fs::write(repository.join("web/stack.yml"), corrected).expect("a file");
    for file in ["gone", "inline"] {
        let path = repository.join(format!("web/{file}.conf"));
        fs::write(path, "new\n").expect("a file");
    }
    hs(&["render", "web"]).succeeds();
}

#[test]
fn a_version_has_the_digits_that_its_name_leaves_room_for() {
    let sandbox = Sandbox::new();
    let repository = sandbox.repository("lab");
    let long = "n".repeat(40);
    let stack = format!(
        "services: {{}}\nconfigs:\n  long: {{file: a.conf, name: '{long}-${{A_CONF}}'}}\n  \
         short: {{file: a.conf, name: 's-${{A_CONF}}'}}\n  other: {{file: b.conf, name: 'o-${{B_CONF}}'}}\n"
    );
    let write = |path: &str, content: &str| {
        fs::write(repository.join(path), content).expect("a file");
    };
    write("lab.yml", &stack);
    for file in ["a.conf", "b.conf"] {
        write(file, "content\n");
    }
    let blob = sandbox.git(&repository, ["hash-object", "a.conf"]);
    let blob = blob.succeeds().text();
    let rendered = sandbox.hs(&repository, ["render", "lab"]).succeeds().text();
    // A variable has one value, which must fit into every name that uses it.
    for name in [
        format!("{long}-{}", &blob[..23]),
        format!("s-{}", &blob[..23]),
        format!("o-{}", &blob[..32]),
    ] {
        assert!(rendered.contains(&format!("name: {name},")), "{rendered}");
    }
    let variables = sandbox.hs(&repository, ["env", "lab"]).succeeds().text();
    let expected = format!("A_CONF={}\nB_CONF={}\n", &blob[..23], &blob[..32]);
    assert_eq!(variables, expected);

    write("lab.yml", &stack.replace(&long, &"n".repeat(60)));
    sandbox
        .hs(&repository, ["render", "lab"])
        .fails_saying(&["has room for no version; make it 9 characters shorter"]);
    write(
        "lab.yml",
        &stack.replace("name: 's-", "name: 'nine-nine-nine-nine-nine-nine-"),
    );
    write(".hs-secrets.toml", "version-length = 40\n");
    let told = sandbox.hs(&repository, ["render", "lab"]);
    assert_eq!(errors(&told).len(), 2, "{}", told.stderr);
    // The length that makes the longest name fit makes all names fit.
    let hint = "hint: `version-length = 23` in .hs-secrets.toml makes it fit\n";
    assert!(told.stderr.ends_with(hint), "{}", told.stderr);
    assert_eq!(told.stderr.matches("hint: ").count(), 1, "{}", told.stderr);
    write(".hs-secrets.toml", "version-length = 23\n");
    sandbox.hs(&repository, ["render", "lab"]).succeeds();
}

#[test]
fn entries_in_one_line_have_an_error_each() {
    let sandbox = Sandbox::new();
    let repository = sandbox.repository("lab");
    let written = "services: {}\nconfigs: {a: {file: a.conf, name: one}, b: {fil: x}, c: {file: gone}, d: {file: a.conf}}\n";
    for (path, content) in [("web.yml", written), ("a.conf", "a\n")] {
        fs::write(repository.join(path), content).expect("a file");
    }
    let hs = || sandbox.hs(&repository, ["render", "web"]);
    assert_eq!(
        errors(&hs()),
        [
            "web.yml:2: configs.b: Additional property fil is not allowed",
            "web.yml:2: config `a`: its name `one` has no version; change it to `one-${A_CONF}`, or leave `name:` out",
            "web.yml:2: config `c`: gone does not exist",
        ]
    );
    let corrected = written
        .replace("name: one", "name: 'one-${A_CONF}'")
        .replace("fil: x", "file: a.conf")
        .replace("gone", "a.conf");
    fs::write(repository.join("web.yml"), corrected).expect("a file");
    let rendered = hs().succeeds().text();
    let line = rendered.lines().nth(1).expect("two lines");
    assert_eq!(line.matches("external: true").count(), 4, "{line}");
}

const WRONG_IN_STRUCTURE: &str = "\
version: '3.4'
services:
  app:
    image: a
    image: b
    secrets: {token: x}
    configs: [one, 'a b']
  job: [wrong]
secret: {}
configs:
  one: {fil: x, content: y, name: n}
  'a b': {file: x}
  two: {file: gone, name: fixed}
networks:
  n: {external: {name: '$UNSET'}}
";

#[test]
fn errors_of_keys_of_structure_and_of_entries_come_together() {
    let desk = Desk::empty("lab");
    desk.write("web/stack.yml", WRONG_IN_STRUCTURE);
    let of_web = [
        "web/stack.yml:5: key `image` is already defined in line 4",
        "web/stack.yml:9: (root): Additional property secret is not allowed",
        "web/stack.yml:6: services.app.secrets must be a list",
        "web/stack.yml:8: services.job must be a mapping",
        "web/stack.yml:11: configs.one: Additional property fil is not allowed",
        "web/stack.yml:11: configs.one: `content` is Docker Compose's, the docker client rejects it in a stack file; \
         put the content into a file and name it with `file:`",
        "web/stack.yml:11: configs.one: property name needs version: \"3.5\" or newer, and this file says 3.4",
        "web/stack.yml:12: configs: Additional property a b is not allowed",
        "web/stack.yml:15: networks.n.name: variable `UNSET` is not set in the environment",
        "web/stack.yml:13: config `two`: web/gone does not exist",
        "web/stack.yml:13: config `two`: its name `fixed` has no version; change it to `fixed-${GONE}`, or leave `name:` out",
    ];
    for verb in ["env", "render", "plan", "sync", "deploy"] {
        assert_eq!(errors(&desk.hs([verb, "web"])), of_web, "{verb}");
    }
    let corrected = WRONG_IN_STRUCTURE
        .replace("3.4", "3.5")
        .replace("    image: b\n", "")
        .replace("secrets: {token: x}", "command: x")
        .replace("[wrong]", "{image: a}")
        .replace("secret: {}\n", "")
        .replace("fil: x, content: y, name: n", "file: one")
        .replace("'a b'", "a-b")
        .replace("file: x", "file: one")
        .replace("name: fixed", "name: 'fixed-${GONE}'")
        .replace("$UNSET", "net");
    desk.write("web/stack.yml", corrected);
    desk.write("web/one", "one\n");
    desk.write("web/gone", "here now\n");
    desk.hs(["render", "web"]).succeeds();
}

#[test]
fn errors_of_several_files_come_together_and_hide_no_others() {
    let desk = Desk::empty("lab");
    let settings = "[stacks.shop]\nfiles = ['shop/a.yml', 'shop/b.yml']\n";
    desk.write(".hs-secrets.toml", settings);
    desk.write("shop/a.yml", "configs:\n  a: {file: a.conf\nservices: {}\n");
    // Entries that the broken file may define are not reported as missing.
    desk.write(
        "shop/b.yml",
        "services: {app: {image: x, configs: [a, b]}}\nconfigs:\n  b: {fil: x}\n",
    );
    let told = errors(&desk.hs(["render", "shop"]));
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("shop/a.yml:"), "{told:?}");
    assert!(told[0].contains("not valid YAML"), "{told:?}");
    assert_eq!(
        told[1],
        "shop/b.yml:3: configs.b: Additional property fil is not allowed"
    );

    // Every line of every file of variables is checked.
    let settings =
        "[stacks.shop]\nfiles = ['shop/b.yml']\nvariables = ['one.env', 'gone.env', 'two.env']\n";
    desk.write(".hs-secrets.toml", settings);
    desk.write("one.env", "A=1\nnonsense\nPATH=/tmp\n");
    desk.write("two.env", "1=2\n");
    let told = errors(&desk.hs(["render", "shop"]));
    let beginnings = [
        "one.env:2: ",
        "one.env:3: PATH steers",
        "gone.env ",
        "two.env:1: ",
        "shop/b.yml:3: configs.b: Additional property fil",
        "shop/b.yml:1: service `app` uses the config `a`",
    ];
    assert_eq!(told.len(), beginnings.len(), "{told:?}");
    for (told, beginning) in told.iter().zip(beginnings) {
        assert!(told.starts_with(beginning), "{told}");
    }
}

#[test]
fn files_of_variables_that_are_missing_are_named_for_all_stacks() {
    let desk = Desk::empty("lab");
    for stack in ["one", "two"] {
        let text = "services:\n  app: {image: x, env_file: [gone.env, lost.env]}\n";
        desk.write(&format!("{stack}.yml"), text);
    }
    let told = errors(&desk.hs(["deploy"]));
    let expected = ["one", "two"].map(|stack| {
        ["gone", "lost"].map(|file| {
            format!("{stack}.yml:2: env_file of service `app`: {file}.env does not exist")
        })
    });
    assert_eq!(told, expected.concat());
}
