//! `rotate-key` says which services the next deployment restarts.

use crate::harness::desk::Desk;

const STACK: &str = "\
services:
  app: {image: app, secrets: [token]}
  reader: {image: app, configs: [plain]}
secrets:
  token: {file: token.key}
configs:
  plain: {file: plain.conf}
";

#[test]
fn services_that_use_what_is_encrypted_anew_are_named() {
    let desk = Desk::with(&[
        ("web/stack.yml", STACK),
        ("web/token.key", "hunter2\n"),
        ("web/plain.conf", "public\n"),
        ("broken.yml", "services: [\n"),
    ]);
    let told = desk.hs(["rotate-key", "--commit"]).succeeds().stderr;
    let restarts = "the next deployment restarts the services that use these files: web_app\n";
    assert!(told.contains(restarts), "{told}");
    // MD5 versions are made from the plaintext, which a new key does not change.
    desk.write(".hs-secrets.toml", "version = \"md5\"\n");
    desk.commit("md5");
    let told = desk.hs(["rotate-key", "--commit"]).succeeds().stderr;
    assert!(!told.contains("restarts"), "{told}");
}
