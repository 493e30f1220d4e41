//! Settings of one stack override those for all stacks.

use crate::harness::desk::Desk;

#[test]
fn a_stack_has_versions_of_its_own_kind_and_length() {
    let desk = Desk::empty("lab");
    desk.write("app.conf", "content\n");
    for stack in ["web", "shop"] {
        let text = "services: {}\nconfigs: {a: {file: app.conf, name: 'a-${APP_CONF}'}}\n";
        desk.write(&format!("{stack}.yml"), text);
    }
    desk.write(
        ".hs-secrets.toml",
        "version = \"md5\"\nversion-length = 16\n[stacks.shop]\nversion = \"blob\"\nversion-length = 40\n",
    );
    let env = |stack: &str| desk.hs(["env", stack]).succeeds().text();
    // These are the digits that `md5sum` prints.
    assert_eq!(env("web"), "APP_CONF=f75b8179e4bbe7e2\n");
    let blob = desk.git(&["hash-object", "app.conf"]);
    assert_eq!(env("shop"), format!("APP_CONF={}\n", &blob[..40]));
    desk.write(
        ".hs-secrets.toml",
        "version-length = 40\n[stacks.web]\nversion = \"md5\"\n",
    );
    desk.hs(["env", "shop"]).fails_saying(&[
        ".hs-secrets.toml: [stacks.web]: `version-length` is 40, and must be from 12 to 32",
    ]);
}
