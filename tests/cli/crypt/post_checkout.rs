//! The post-checkout hook runs after files were written. People use it to set the modes of secrets.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use crate::harness::desk::{Desk, MAGIC, write};
use crate::harness::sandbox::run;

/// A hook that sets the mode of all keys, and records its arguments and where it ran. Git expands the pattern, not the shell.
const HOOK: &str = "#!/bin/sh
echo \"$1 $2 $3 $(git rev-parse --show-toplevel) $(git ls-files '*.key' | tr '\\n' ' ')\" >> \"$HOME/hook.log\"
echo from the hook
chmod 600 *.key
";

fn hook(folder: &Path, text: &str) {
    write(folder, "post-checkout", text.as_bytes());
    let hook = folder.join("post-checkout");
    fs::set_permissions(hook, fs::Permissions::from_mode(0o755)).expect("ours");
}

/// The lines that the hook has recorded since the last call.
fn said(desk: &Desk) -> Vec<String> {
    let log = desk.sandbox.path("home/hook.log");
    let lines = fs::read_to_string(&log).unwrap_or_default();
    let _ = fs::remove_file(log);
    lines.lines().map(str::to_owned).collect()
}

fn mode(desk: &Desk, path: &str) -> u32 {
    let metadata = fs::metadata(desk.repository.join(path)).expect("it is there");
    metadata.permissions().mode() & 0o777
}

#[track_caller]
fn ran_once(desk: &Desk, head: &str) {
    let top = desk.repository.canonicalize().expect("it is there");
    let line = format!("{head} {head} 0 {} a.key b.key ", top.display());
    assert_eq!(said(desk), [line]);
    assert_eq!(mode(desk, "a.key"), 0o600);
}

#[test]
fn the_hook_runs_once_after_the_work_as_after_a_checkout_of_files() {
    for hooks_path in [false, true] {
        let desk = Desk::with(&[("a.key", "opensesame\n"), ("b.key", "hunter2\n")]);
        if hooks_path {
            let place = desk.sandbox.path("hooks");
            desk.git(&["config", "core.hooksPath", "../hooks"]);
            hook(&place, HOOK);
        } else {
            hook(&desk.repository.join(".git/hooks"), HOOK);
        }
        let head = desk.git(&["rev-parse", "HEAD"]).trim().to_owned();
        desk.git(&["checkout", "--", "a.key"]);
        ran_once(&desk, &head);
        for words in [
            &["lock"][..],
            &["unlock", "../desk.key"],
            &["refresh"],
            &["unlock"],
        ] {
            let told = desk.hs(words).succeeds();
            assert_eq!(told.text(), "", "{words:?}");
            assert_eq!(
                told.stderr.matches("from the hook\n").count(),
                1,
                "{words:?}"
            );
            ran_once(&desk, &head);
        }
        desk.assert_clean();
        // Also under the name `git-crypt`, and from a subfolder.
        let bin = desk.sandbox.path("bin");
        fs::create_dir(&bin).expect("a new folder");
        symlink(env!("CARGO_BIN_EXE_hs-secrets"), bin.join("git-crypt")).expect("a new link");
        let folder = desk.repository.join("folder");
        fs::create_dir(&folder).expect("a new folder");
        for words in [&["lock"][..], &["unlock", "../../desk.key"]] {
            let mut command = desk.sandbox.command(&folder, "git-crypt");
            let path = command.get_envs().find(|(name, _)| *name == "PATH");
            let path = path.and_then(|(_, value)| value).expect("it is set");
            let path = format!("{}:{}", bin.display(), path.display());
            command.env("PATH", path).args(words);
            run(command, b"").succeeds();
            ran_once(&desk, &head);
        }
    }
}

#[test]
fn a_hook_that_fails_fails_the_command_whose_work_is_done() {
    let desk = Desk::with(&[("a.key", "opensesame\n")]);
    hook(
        &desk.repository.join(".git/hooks"),
        "#!/bin/sh\necho no luck >&2\nexit 3\n",
    );
    let checked_out = desk
        .sandbox
        .git(&desk.repository, ["checkout", "--", "a.key"]);
    assert_eq!(checked_out.code, 3, "Git says how the hook ended");
    let told = desk
        .hs(["lock"])
        .fails_saying(&["post-checkout hook", "exit status: 3"]);
    assert!(told.stderr.contains("no luck\n"), "{}", told.stderr);
    assert!(desk.read("a.key").starts_with(MAGIC));
    assert!(!desk.repository.join(".git/git-crypt/keys/default").exists());
    let told = desk.hs(["unlock", "../desk.key"]);
    told.fails_saying(&["post-checkout hook"]);
    assert_eq!(desk.read("a.key"), b"opensesame\n");
    desk.hs(["refresh"]).fails_saying(&["post-checkout hook"]);
}

#[test]
fn the_hook_runs_in_every_work_tree_and_before_the_first_commit() {
    let desk = Desk::with(&[("a.key", "opensesame\n"), ("b.key", "hunter2\n")]);
    hook(&desk.repository.join(".git/hooks"), HOOK);
    desk.git(&["worktree", "add", "--quiet", "../linked"]);
    said(&desk);
    desk.hs(["lock"]).succeeds();
    let places: Vec<String> = said(&desk)
        .iter()
        .filter_map(|line| line.split(' ').nth(3).map(str::to_owned))
        .collect();
    let tops = [&desk.repository, &desk.sandbox.path("linked")];
    let tops = tops.map(|top| top.canonicalize().expect("there").display().to_string());
    assert_eq!(places, tops);

    let desk = Desk::empty("fresh");
    hook(&desk.repository.join(".git/hooks"), HOOK);
    desk.write("a.key", "opensesame\n");
    desk.hs(["init"]).succeeds();
    desk.hs(["refresh"]).succeeds();
    let said = said(&desk);
    assert_eq!(said.len(), 1, "{said:?}");
    let zeros = said[0].split(' ').next().expect("a word");
    assert!(zeros.len() >= 40 && zeros.bytes().all(|digit| digit == b'0'));
}

#[test]
fn a_hook_that_unlocks_does_not_call_itself() {
    let desk = Desk::with(&[("a.key", "opensesame\n")]);
    let text = format!(
        "#!/bin/sh
echo \"in hook: $HS_SECRETS_IN_HOOK\" >> \"$HOME/hook.log\"
test $(wc -l < \"$HOME/hook.log\") -lt 6 || exit 9
'{0}' unlock && '{0}' refresh
",
        env!("CARGO_BIN_EXE_hs-secrets")
    );
    hook(&desk.repository.join(".git/hooks"), &text);
    for verb in ["unlock", "refresh"] {
        desk.hs([verb]).succeeds();
        assert_eq!(said(&desk), ["in hook: 1"], "{verb}");
    }
    // If Git itself calls the hook, the variable is not set.
    desk.git(&["checkout", "--", "a.key"]);
    assert_eq!(said(&desk), ["in hook: ", "in hook: 1", "in hook: 1"]);
}
