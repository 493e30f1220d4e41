//! Line ends in ciphertext, if Git does not say whether it converts them.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;

use crate::conversation::Conversation;
use crate::harness::sandbox::Sandbox;

#[test]
fn a_file_whose_line_ends_can_t_be_checked_is_passed_on_with_a_warning() {
    let sandbox = Sandbox::new();
    let repository = sandbox.repository("repository");
    sandbox.hs(&repository, ["init"]).succeeds();
    let bin = sandbox.path("bin");
    fs::create_dir(&bin).expect("created");
    let path = std::env::var("PATH").expect("a path");
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in *check-attr*) exit 3;; esac\nPATH='{path}' exec git \"$@\"\n"
    );
    fs::write(bin.join("git"), script).expect("written");
    fs::set_permissions(bin.join("git"), fs::Permissions::from_mode(0o755)).expect("executable");
    let errors = sandbox.path("errors");
    let mut command = sandbox.command(&repository, env!("CARGO_BIN_EXE_hs-secrets"));
    command
        .env("PATH", format!("{}:{path}", bin.display()))
        .stderr(File::create(&errors).expect("created"));
    let mut conversation = Conversation::begin_with(command);
    // Long enough to have a CR LF in its ciphertext.
    let long = b"opensesame\n".repeat(100_000);
    let has_line_end = |blob: &[u8]| blob.windows(2).any(|pair| pair == b"\r\n");
    assert!(has_line_end(&conversation.filter(
        "clean",
        "web/long.key",
        &long
    )));
    // One key in 3,000 makes a CR LF of a short file, too.
    let short = conversation.filter("clean", "short.key", b"opensesame\n");
    let expected = 1 + usize::from(has_line_end(&short));
    conversation.end();
    let told = fs::read_to_string(errors).expect("text");
    let beginning = "hs-secrets: warning: web/long.key: can't tell whether Git changes";
    assert!(told.starts_with(beginning), "{told}");
    assert_eq!(told.lines().count(), expected, "{told}");
}
