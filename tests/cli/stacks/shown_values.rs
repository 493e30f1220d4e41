//! Values of variables in names and paths: an error shows the variable, never its value.

use crate::harness::desk::Desk;
use crate::harness::sandbox::{Run, run};

const VALUE: &str = "zebra crossing/4711";

/// The output of `render` for a stack with this line, with a value for `TOKEN` in the environment.
fn rendered(line: &str, value: &str) -> Run {
    let desk = Desk::empty("lab");
    desk.write("web/app.conf", "content\n");
    desk.write("web/stack.yml", format!("version: '3.8'\n{line}\n"));
    let mut command = desk.sandbox.command(&desk.repository, "hs-secrets");
    command.env("TOKEN", value).args(["render", "web"]);
    run(command, b"")
}

#[test]
fn errors_show_what_the_stack_file_says_and_no_value() {
    let long = "n".repeat(40);
    let too_long =
        format!("configs: {{a: {{file: app.conf, name: '{long}-${{TOKEN}}-${{APP_CONF}}'}}}}");
    let no_room = format!(
        "its name `{long}-${{TOKEN}}-${{APP_CONF}}` has room for no version; make it 9 characters"
    );
    for (line, expected) in [
        (
            "configs: {a: {file: app.conf, name: 'a-${TOKEN}!${APP_CONF}'}}",
            "name `a-${TOKEN}!${APP_CONF}`, with the values of its variables, is not valid",
        ),
        (&too_long, &no_room),
        (
            "configs: {a: {external: true, name: 'b-$TOKEN'}}",
            "name `b-$TOKEN`, with the values of its variables, is not valid",
        ),
        (
            "secrets: {a: {external: {name: 'b-$TOKEN'}}}",
            "name `b-$TOKEN`, with the values of its variables, is not valid",
        ),
        (
            "configs: {a: {file: './${TOKEN}.conf'}}",
            "config `a`: web/${TOKEN}.conf does not exist",
        ),
        (
            "configs: {a: {file: '../../${TOKEN}'}}",
            "config `a`: web/../../${TOKEN} leaves the repository",
        ),
        (
            "services: {a: {image: a, configs: [$TOKEN]}}",
            "uses the config `$TOKEN`, which the stack does not define",
        ),
        (
            "services: {a: {image: a, secrets: [{source: 'a$TOKEN'}]}}",
            "uses the secret `a$TOKEN`, which the stack does not define",
        ),
        (
            "configs: {a: {file: app.conf, name: 'a${APP_CONF}', labels: {l: '$TOKEN $'}}}",
            "invalid interpolation format in `$TOKEN $`",
        ),
    ] {
        let told = rendered(line, VALUE).fails_saying(&[expected]);
        assert!(!told.stderr.contains("zebra"), "{}", told.stderr);
    }
    let fixed = "configs: {a: {file: app.conf, name: 'a-$TOKEN ${APP_CONF:-}'}}";
    let told = rendered(fixed, &"zebra".repeat(20)).fails_saying(&["`a-$TOKEN ${APP_CONF:-}`"]);
    assert!(!told.stderr.contains("zebra"), "{}", told.stderr);
}

#[test]
fn a_committed_plain_file_of_variables_gives_names_their_values() {
    let desk = Desk::empty("lab");
    desk.write("web/app.conf", "content\n");
    desk.write("web/stage.env", "STAGE=prod\n");
    desk.write(
        "web/stack.yml",
        "services: {}\nconfigs: {a: {file: app.conf, name: 'a-${STAGE}-${APP_CONF}'}}\n",
    );
    let settings = "[stacks.web]\nfiles = [\"web/stack.yml\"]\nvariables = [\"web/stage.env\"]\n";
    desk.write(".hs-secrets.toml", settings);
    // A file that is not committed may be kept out of Git because it has secrets.
    let refusal = "`STAGE` comes from web/stage.env, which Git does not hold in plaintext";
    desk.hs(["render", "web"]).fails_saying(&[refusal]);
    desk.commit("a stack");
    let rendered = desk.hs(["render", "web"]).succeeds().text();
    assert!(rendered.contains("name: a-prod-"), "{rendered}");
}
