//! The shell scripts that Git runs as hooks.

use crate::repository::FilterProgram;

/// A hook into which the check is installed.
pub(super) struct HookTask {
    /// Its name.
    pub(super) name: &'static str,
    /// The arguments of `hs-secrets` for this hook.
    arguments: &'static str,
    /// True if the hook that was there before also reads stdin.
    has_input: bool,
    /// Lines of shell that end the hook early if it has nothing to check.
    condition: &'static str,
    /// A pipe from a command whose output the check reads, or empty.
    told_by: &'static str,
}

/// A hook that runs this check every time.
const fn task(name: &'static str, arguments: &'static str) -> HookTask {
    HookTask {
        name,
        arguments,
        has_input: false,
        condition: "",
        told_by: "",
    }
}

/// The hooks into which the check is installed.
pub(super) const HOOKS: [HookTask; 7] = [
    task("pre-commit", "check --staged --quiet"),
    // For a merge without conflicts, Git runs this hook instead of pre-commit.
    task("pre-merge-commit", "check --staged --quiet"),
    task("commit-msg", "check --quiet --message \"$1\""),
    HookTask {
        has_input: true,
        ..task("pre-push", "check --quiet --pushed-to \"$1\"")
    },
    // For each patch of `git am` and `git rebase --apply`, Git runs this hook instead of pre-commit. A rebase is left
    // to post-rewrite.
    HookTask {
        condition: "case $GIT_REFLOG_ACTION in\nrebase*) exit 0 ;;\nesac\n",
        ..task("pre-applypatch", "check --staged --quiet")
    },
    // Git runs no hook before the commits of a cherry-pick, a revert or a rebase. They are checked right after they are made.
    HookTask {
        condition: "case $(git -c log.showSignature=false log -g -1 --format=%gs HEAD) in\n\
                    cherry-pick* | revert*) ;;\n\
                    *) exit 0 ;;\n\
                    esac\n",
        told_by: "echo \"- $(git rev-parse HEAD)\" | ",
        ..task("post-commit", "check --quiet --rewritten")
    },
    // An amended commit was already checked by pre-commit.
    HookTask {
        has_input: true,
        condition: "[ \"$1\" = rebase ] || exit 0\n",
        ..task("post-rewrite", "check --quiet --rewritten")
    },
];

/// The line that marks a hook as ours.
pub(super) const MARK: &str = "# hs-secrets: the leak check";

/// Paths at which the program may be installed, besides `PATH`. Graphical programs often run hooks with a short `PATH`.
const USUAL_PLACES: &str = "\"$HOME/.cargo/bin/hs-secrets\" \"$HOME/.local/bin/hs-secrets\" \
    /usr/local/bin/hs-secrets /opt/homebrew/bin/hs-secrets";

/// The programs that a hook tries to run, in this order.
pub(crate) struct HookPrograms {
    /// The name or path by which this program was called.
    pub called: FilterProgram,
    /// The path of this program's file.
    pub place: Option<FilterProgram>,
}

/// The kind of folder that a hook is installed into.
#[derive(Clone, Copy)]
pub(super) struct HookPlace {
    /// True if husky runs the hook.
    pub(super) is_of_husky: bool,
    /// True if commits may carry the hook to others.
    pub(super) is_in_work_tree: bool,
}

impl HookTask {
    /// The script: runs the previous hook, then the check. Fails if the program is missing, since nothing was checked then.
    pub(super) fn script(&self, place: HookPlace, programs: &HookPrograms) -> String {
        let (input, piped) = if self.has_input {
            ("input=$(cat; echo .)\n", "printf '%s' \"${input%.}\" | ")
        } else {
            ("", "")
        };
        let before = if place.is_of_husky {
            HUSKY_BEFORE
        } else {
            BEFORE_OURS
        };
        let before = before.replace("INPUT ", piped);
        // Commits may carry this file to others, so it must not name a path of this machine.
        let own = match &programs.place {
            Some(own) if !place.is_in_work_tree => own.as_str(),
            _ => "",
        };
        let called = if place.is_in_work_tree {
            "hs-secrets"
        } else {
            programs.called.as_str()
        };
        let Self {
            name,
            arguments,
            condition,
            told_by,
            ..
        } = self;
        format!(
            "#!/bin/sh\n\
             {MARK}; `hs-secrets install-hooks --remove` takes it away\n\
             {input}{before}{condition}\
             for program in {called} hs-secrets {own} {USUAL_PLACES}; do\n\
             \x20   command -v \"$program\" >/dev/null 2>&1 && break\n\
             done\n\
             if ! command -v \"$program\" >/dev/null 2>&1; then\n\
             \x20   echo \"{name}: hs-secrets is not installed here, so nothing was checked for leaks\" >&2\n\
             \x20   echo \"hint: install it, or take this hook away: $0\" >&2\n\
             \x20   exit 1\n\
             fi\n\
             {piped}{told_by}\"$program\" {arguments}\n"
        )
    }
}

/// Runs the hook that was there before. Some hooks depend on the name that they are called by. A shell script is therefore
/// read by its shell with the hook's own name as `$0`, and any other program runs through a link of that name.
const BEFORE_OURS: &str = r#"before="$0.before-hs-secrets"
if [ -x "$before" ]; then
    read -r interpreter < "$before"
    own="${0%/*}/before-hs-secrets/${0##*/}"
    case "$interpreter" in
    '#!'*fish* | '#!'*csh*)
        INPUT "$before" "$@" || exit ;;
    '#!'*sh | '#!'*sh' '*)
        INPUT ${interpreter#??} -c '. "$0.before-hs-secrets"' "$0" "$@" || exit ;;
    *)
        [ -x "$own" ] || own=$before
        INPUT "$own" "$@" || exit ;;
    esac
fi
"#;

/// Runs the previous hook the way husky does: also a script that is not executable and has no `#!` line.
const HUSKY_BEFORE: &str = r#"if [ -f "$0.before-hs-secrets" ]; then
    INPUT sh -e -c '. "$0.before-hs-secrets"' "$0" "$@" || exit
fi
"#;
