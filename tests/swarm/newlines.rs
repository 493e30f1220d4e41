//! Secrets of one line that end with a newline. `plan` reports them, and the settings can have the newline removed.

use crate::deploy_lab::lab;

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn the_newline_of_a_secret_is_named_and_stripped_if_the_settings_say_so() {
    let lab = lab("stripped");
    lab.write("secrets/token", "hunter2\n");
    lab.edit_stack(
        "echo $$VALUE; cat /run/secrets/token",
        "wc -c < /run/secrets/token",
    );
    lab.commit();
    let told = lab.hs("plan", &[]).ends_with(3).stderr;
    let warning = "warning: secrets of one value that end with a newline, which many programs take for a part of a \
                   password: token (stripped)\n";
    assert!(told.contains(warning), "{told}");
    assert!(!told.contains("hunter2"), "{told}");
    // A user name with a hash is not a bare value. A newline that the settings keep on purpose is not reported.
    lab.write("secrets/token", "admin:$apr1$x$abcdefgh\n");
    let told = lab.hs("plan", &[]).ends_with(3).stderr;
    assert!(!told.contains("newline"), "{told}");
    lab.write("secrets/token", "hunter2\n");
    lab.write(".hs-secrets.toml", "strip-newline = false\n");
    let told = lab.hs("plan", &[]).ends_with(3).stderr;
    assert!(!told.contains("newline"), "{told}");
    lab.write(".hs-secrets.toml", "");
    lab.deploy(&[]).succeeds();
    lab.logs_of_app("8\n");
    let with_newline = lab.secrets();
    assert!(!lab.hs("plan", &[]).succeeds().stderr.contains("newline"));

    lab.write(
        ".hs-secrets.toml",
        "[stacks.stripped]\nstrip-newline = true\n",
    );
    lab.commit();
    let planned = lab.hs("plan", &[]).ends_with(3);
    assert!(
        planned.text().contains("restart service stripped_app: "),
        "{}",
        planned.text()
    );
    assert!(
        !planned.stderr.contains("end with a newline"),
        "{}",
        planned.stderr
    );
    let changed = "warning: .hs-secrets.toml: `strip-newline` of [stacks.stripped] is true, and was not set when the newest objects";
    assert!(planned.stderr.contains(changed), "{}", planned.stderr);
    lab.deploy(&["--no-prune"]).succeeds();
    lab.logs_of_app("7\n");
    let both = lab.secrets();
    assert_eq!(both.len(), 2, "{both:?}");
    assert!(
        both.contains(&with_newline[0]),
        "a rollback has what it had"
    );
    // The name can be computed without the key.
    let named = lab.hs("env", &[]).succeeds().text();
    let key = lab.sandbox.path("key").display().to_string();
    lab.desk.hs(["export-key", &key]).succeeds();
    lab.desk.hs(["lock"]).succeeds();
    assert_eq!(lab.hs("env", &[]).succeeds().text(), named);
    assert_eq!(lab.hs("plan", &[]).succeeds().text(), "nothing to do\n");
}
