//! Warnings about the sources of a stack: uncommitted changes, variables that are not set, an old clone.

use crate::commands::Context;
use crate::commands::stacks::reporting::several::several;
use crate::commands::stacks::reporting::short_id::short;
use crate::stack::StackName;
use crate::swarm::{CommitAhead, SwarmObject};

/// Warns, with the names of the files that differ from the commit.
pub(crate) fn warn_of_uncommitted(context: &Context, stack: &StackName, files: &[String]) {
    let named = several(files);
    context
        .terminal
        .warning(format_args!("stack {stack}: not committed: {named}"));
}

/// Warns, with the name of a variable that docker replaces by an empty text.
pub(crate) fn warn_of_unset_variable(context: &Context, name: &str, place: &str) {
    context.terminal.warning(format_args!(
        "{place}: the variable {name} is not set; docker puts nothing in its place"
    ));
}

/// Warns of an object or deployment in the Swarm that was made from a commit which the chosen revision does not contain.
pub(crate) fn warn_of_commit_ahead(context: &Context, ahead: &CommitAhead, is_shallow: bool) {
    let CommitAhead {
        runs,
        commit,
        is_here,
        ..
    } = ahead;
    let commit = short(commit, 7);
    let terminal = &context.terminal;
    if *is_here {
        terminal.warning(format_args!(
            "the Swarm runs {runs} of commit {commit}, which the revision in hand does not contain"
        ));
        return;
    }
    let clone = if is_shallow {
        "this shallow clone"
    } else {
        "this clone"
    };
    terminal.warning(format_args!(
        "the Swarm runs {runs} of commit {commit}, which {clone} does not have"
    ));
    terminal.hint(if is_shallow {
        "`git fetch --unshallow` gets the history that tells whether that commit is a newer one"
    } else {
        "`git pull` first"
    });
}

/// Warns, with the names of objects whose entries now have other labels.
pub(crate) fn warn_of_changed_labels(context: &Context, objects: &[&SwarmObject]) {
    let name = |object: &&SwarmObject| format!("{} {}", object.kind, object.name);
    let names: Vec<String> = objects.iter().map(name).collect();
    context.terminal.warning(format_args!(
        "`labels:` have changed; the next version of the content will have them, what is in the Swarm keeps its own: {}",
        several(&names)
    ));
}

/// Says that docker may change services of a stack because its files or variables have changed.
pub(crate) fn report_changed_input(
    context: &Context,
    stack: &StackName,
    changed: &[String],
    since: Option<&str>,
) {
    let deployed = match since {
        Some(commit) => format!("commit {} was deployed", short(commit, 7)),
        None => "it was deployed".to_owned(),
    };
    context.terminal.info(format_args!(
        "stack {stack} will be updated: changed since {deployed}: {}",
        several(changed)
    ));
}
