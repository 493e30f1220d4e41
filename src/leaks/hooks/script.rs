//! The shell scripts that Git runs as hooks.

use crate::repository::FilterProgram;

/// A hook that the check takes part in.
pub(super) struct HookTask {
    /// Its name.
    pub(super) name: &'static str,
    /// The check that it makes.
    arguments: &'static str,
    /// True if the hook before it reads, too, what Git tells on standard input.
    has_input: bool,
    /// Lines of shell that end the hook where there is nothing for it to check.
    condition: &'static str,
    /// The command whose output the check reads, if any.
    told_by: &'static str,
}

/// A hook that makes this check whenever Git runs it.
const fn task(name: &'static str, arguments: &'static str) -> HookTask {
    HookTask {
        name,
        arguments,
        has_input: false,
        condition: "",
        told_by: "",
    }
}

/// The hooks that the check takes part in.
pub(super) const HOOKS: [HookTask; 7] = [
    task("pre-commit", "check --staged --quiet"),
    // Git runs it instead of pre-commit for a merge without conflicts.
    task("pre-merge-commit", "check --staged --quiet"),
    task("commit-msg", "check --quiet --message \"$1\""),
    HookTask {
        has_input: true,
        ..task("pre-push", "check --quiet --pushed-to \"$1\"")
    },
    // Git runs it instead of pre-commit for each patch of `git am`, and for `git rebase --apply`.
    HookTask {
        condition: "case $GIT_REFLOG_ACTION in\nrebase*) exit 0 ;;\nesac\n",
        ..task("pre-applypatch", "check --staged --quiet")
    },
    // Git runs no hook before the commits of a cherry-pick, a revert and a rebase. The commits are looked at once they are there.
    HookTask {
        condition: "case $(git -c log.showSignature=false log -g -1 --format=%gs HEAD) in\n\
                    cherry-pick* | revert*) ;;\n\
                    *) exit 0 ;;\n\
                    esac\n",
        told_by: "echo \"- $(git rev-parse HEAD)\" | ",
        ..task("post-commit", "check --quiet --rewritten")
    },
    // An amended commit has been looked at before it was made.
    HookTask {
        has_input: true,
        condition: "[ \"$1\" = rebase ] || exit 0\n",
        ..task("post-rewrite", "check --quiet --rewritten")
    },
];

/// The line by which our hooks are told from others.
pub(super) const MARK: &str = "# hs-secrets: the leak check";

/// Places beside the search path where the program may lie: programs with a window have a short one.
const USUAL_PLACES: &str = "\"$HOME/.cargo/bin/hs-secrets\" \"$HOME/.local/bin/hs-secrets\" \
    /usr/local/bin/hs-secrets /opt/homebrew/bin/hs-secrets";

/// The programs that a hook tries to run, the best first.
pub(crate) struct HookPrograms {
    /// The program as it was called.
    pub called: FilterProgram,
    /// The place that it lies at.
    pub place: Option<FilterProgram>,
}

/// The kind of place that a hook lies at.
#[derive(Clone, Copy)]
pub(super) struct HookPlace {
    /// True if husky runs it.
    pub(super) is_of_husky: bool,
    /// True if commits may carry it to others.
    pub(super) is_in_work_tree: bool,
}

impl HookTask {
    /// A hook that runs the one before it, then the check; without the program it fails, since nothing was checked.
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
        // A file that others get with a commit names no place of this machine.
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

/// Runs the hook that was there before. Some go by the name that they are called by: a script of a shell is read by that shell
/// with the hook's own name as `$0`, and any other program is run by a link of this name.
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

/// Runs the hook that was there before as husky does: scripts that are not executable and have no first line of their own run, too.
const HUSKY_BEFORE: &str = r#"if [ -f "$0.before-hs-secrets" ]; then
    INPUT sh -e -c '. "$0.before-hs-secrets"' "$0" "$@" || exit
fi
"#;
