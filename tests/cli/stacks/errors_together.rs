//! Errors of one kind do not hide those of another: missing files, rendering, files of variables.

use super::all_errors::errors;
use crate::harness::desk::Desk;

#[test]
fn all_missing_stack_files_are_named_and_hide_nothing_in_the_others() {
    let desk = Desk::empty("lab");
    let settings = |files: &str| format!("[stacks.shop]\nfiles = [{files}]\n");
    let all = settings("'shop/a.yml', 'shop/gone.yml', 'shop/b.yml', 'shop/lost.yml'");
    desk.write(".hs-secrets.toml", all);
    desk.write(
        "shop/a.yml",
        "services: {app: {image: x, configs: [a, of_gone]}}\nconfigs:\n  a: {file: nothing}\n",
    );
    desk.write("shop/b.yml", "configs:\n  b: {fil: x}\n");
    let expected = [
        "no stack file shop/gone.yml",
        "shop/b.yml:2: configs.b: Additional property fil is not allowed",
        "no stack file shop/lost.yml",
        "shop/a.yml:3: config `a`: shop/nothing does not exist",
    ];
    for verb in ["env", "render", "plan", "sync", "deploy"] {
        assert_eq!(errors(&desk.hs([verb, "shop"])), expected, "{verb}");
    }
    // Paths are relative to the folder of the first file, which is unknown here.
    desk.write(
        ".hs-secrets.toml",
        settings("'gone.yml', 'shop/b.yml', 'lost.yml'"),
    );
    let expected = ["no stack file gone.yml", "no stack file lost.yml"];
    assert_eq!(errors(&desk.hs(["render", "shop"])), expected);
}

const FAULTY: &str = "\
x-top: &top
  secrets:
    s: {file: s.key}
  configs:
    c: {file: c.conf}
<<: *top
services:
  app: {image: x, env_file: [gone.env, lost.env]}
";

#[test]
fn entries_rendering_and_files_of_variables_are_told_together() {
    let desk = Desk::empty("lab");
    desk.write("web/stack.yml", FAULTY);
    desk.write("web/c.conf", "c\n");
    let missing = "web/stack.yml:3: secret `s`: web/s.key does not exist";
    let unrendered = |line| {
        format!(
            "web/stack.yml:{line}: secrets and configs that come through `<<` at the top level can't be rendered; write them out"
        )
    };
    let of_variables = ["gone", "lost"].map(|file| {
        format!("web/stack.yml:8: env_file of service `app`: web/{file}.env does not exist")
    });
    let rendering = [missing.to_owned(), unrendered(4)];
    assert_eq!(errors(&desk.hs(["render", "web"])), rendering);
    for verb in ["plan", "deploy"] {
        let all = [&rendering[..], &of_variables].concat();
        assert_eq!(errors(&desk.hs([verb, "web"])), all, "{verb}");
    }
    // Commands that do not need the other files report only this error.
    for verb in ["env", "sync"] {
        assert_eq!(errors(&desk.hs([verb, "web"])), [missing], "{verb}");
    }
    desk.hs(["init"]).succeeds();
    desk.write(".gitattributes", "*.key filter=git-crypt diff=git-crypt\n");
    desk.write("web/s.key", "s\n");
    desk.git(&["add", "."]);
    let both = [unrendered(2), unrendered(4)];
    assert_eq!(errors(&desk.hs(["render", "web"])), both);
    let all = [&of_variables[..], &both].concat();
    assert_eq!(errors(&desk.hs(["deploy", "web"])), all);
}

#[test]
fn the_line_for_the_attributes_means_the_file() {
    let desk = Desk::empty("lab");
    desk.hs(["init"]).succeeds();
    desk.write(
        "web.yml",
        "services: {}\nsecrets:\n  s: {file: './my secrets/a [b]'}\n",
    );
    desk.write("my secrets/a [b]", "hunter2\n");
    let told = desk.hs(["plan", "web"]).stderr;
    let line = "\"my secrets/a \\\\[b]\" filter=git-crypt diff=git-crypt";
    let hint =
        format!("hint: add `{line}` to .gitattributes, then `git add 'my secrets/a [b]'` (with");
    assert!(told.contains(&hint), "{told}");
    // Follows the advice in the message.
    desk.write(".gitattributes", format!("{line}\n"));
    desk.git(&["add", "my secrets/a [b]", ".gitattributes"]);
    let stored = desk.git(&[
        "ls-files",
        "--format=%(objectname) %(path)",
        "--",
        "my secrets",
    ]);
    let blob = stored.split(' ').next().expect("an id");
    let of_plaintext = desk.git(&["hash-object", "--no-filters", "my secrets/a [b]"]);
    assert_ne!(blob, of_plaintext.trim());
    desk.hs(["render", "web"]).succeeds();
}

#[test]
fn each_wrong_setting_has_a_line() {
    let desk = Desk::empty("lab");
    desk.write("web.yml", "services: {}\n");
    desk.write(
        ".hs-secrets.toml",
        "version-length = 2\n[stacks.web]\nfiles = ['../x']\n[stacks.other]\n",
    );
    let expected = [
        ".hs-secrets.toml: `version-length` is 2, and must be from 12 to 40",
        ".hs-secrets.toml: [stacks.other] is empty; it needs `files` or another setting",
        ".hs-secrets.toml: [stacks.web]: ../x is not a path below the top of the repository",
    ];
    for verb in ["env", "render", "plan", "sync", "deploy"] {
        assert_eq!(errors(&desk.hs([verb, "web"])), expected, "{verb}");
    }
}

const WITH_VARIABLES: &str = "\
services:
  app: {image: 'x:$TAG', configs: [a, b, c, nowhere], env_file: gone.env}
configs:
  a: {file: gone.conf}
  b: {file: '${KIND}.conf', name: 'b-${KIND}-${OTHER}'}
  c: {file: c.conf, name: 'c-$A'}
";

#[test]
fn a_faulty_file_of_variables_hides_nothing_and_blames_nothing_else() {
    let desk = Desk::empty("lab");
    let settings = "[stacks.web]\nvariables = ['web.env', 'lost.env']\n";
    desk.write(".hs-secrets.toml", settings);
    desk.write("web.env", "A=1\nnonsense\n");
    desk.write("web.yml", WITH_VARIABLES);
    desk.write("c.conf", "c\n");
    desk.git(&["add", "."]);
    let expected = [
        "web.env:2: this line is not NAME=VALUE (`variables` of the stack in .hs-secrets.toml)",
        "lost.env does not exist (`variables` of the stack in .hs-secrets.toml)",
        "web.yml:2: service `app` uses the config `nowhere`, which the stack does not define",
        "web.yml:4: config `a`: gone.conf does not exist",
        "web.yml:6: config `c`: its name `c-$A` has no version; change it to `c-${A}-${C_CONF}`, or leave `name:` out",
    ];
    let env_file = "web.yml:2: env_file of service `app`: gone.env does not exist";
    for verb in ["env", "render", "plan", "sync", "deploy"] {
        let mut told = errors(&desk.hs([verb, "web"]));
        if ["plan", "deploy"].contains(&verb) {
            assert_eq!(told.pop().as_deref(), Some(env_file), "{verb}");
        }
        assert_eq!(told, expected, "{verb}");
    }
}

const ODD_KEYS: &str = "\
services:
  app: {image: x, labels: ['a=${ONE:?no}', 'b=${TWO:?no}'], env_file: ['$1', '$2']}
configs:
  a: {file: a.conf, labels: ['a=${ONE:?no}', 'b=${TWO:?no}'], name: 'a-${ONE}-${TWO}-${A_CONF}'}
  [b]: {file: gone}
  c: {file: gone.conf}
x-loop: &loop [*loop]
---
more: of it
";

#[test]
fn odd_yaml_hides_nothing_of_the_rest() {
    let desk = Desk::empty("lab");
    desk.write("web.yml", ODD_KEYS);
    desk.write("a.conf", "a\n");
    let invalid = |value| {
        format!(
            "web.yml:2: services.app.env_file: invalid interpolation format in `{value}`; a `$` that is no variable is written `$$`"
        )
    };
    let required = |name| {
        format!("web.yml:4: configs.a.labels: required variable `{name}` is missing a value: no")
    };
    let expected = [
        "web.yml:5: a key must be a string".to_owned(),
        "web.yml:7: the alias stands for something that contains itself".to_owned(),
        "web.yml:8: a second document begins here, and a stack file has one".to_owned(),
        invalid("$1"),
        invalid("$2"),
        required("ONE"),
        required("TWO"),
        "web.yml:6: config `c`: gone.conf does not exist".to_owned(),
    ];
    for verb in ["env", "render", "plan", "sync", "deploy"] {
        let told = errors(&desk.hs([verb, "web"]));
        assert_eq!(told[..expected.len()], expected, "{verb}");
    }
    let text = ODD_KEYS.replace("labels: ['a=${ONE:?no}', 'b=${TWO:?no}'], name", "name");
    desk.write("web.yml", text);
    let unset =
        "web.yml:4: config `a`: its name: variables `ONE`, `TWO` are not set in the environment";
    let told = errors(&desk.hs(["env", "web"]));
    assert!(told.iter().any(|line| line == unset), "{told:?}");
}
