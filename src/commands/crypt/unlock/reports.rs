//! Messages about keys that were followed, left out or replaced, and the question about a rotation.

use crate::commands::Context;
use crate::keyring::{Consent, NotOpened, RotationQuestion, Unlocked, abridged_names};
use crate::repository::{Repository, UnderWay};

/// Asks whether to follow a rotation, if there is a terminal to ask on.
pub(super) fn ask_about(context: &Context, question: &RotationQuestion) -> Consent {
    let terminal = &context.terminal;
    if !terminal.is_interactive() {
        return Consent::Withheld;
    }
    let ids: Vec<String> = question.follows.iter().map(ToString::to_string).collect();
    terminal.info(format_args!(
        "the key `{}` was rotated: {}",
        question.name,
        ids.join(", then ")
    ));
    for origin in &question.origins {
        terminal.info(format_args!("it was said so in {origin}"));
    }
    terminal.info("who was removed and still has the old key can have said it, too");
    match terminal.confirm("follow it?") {
        Some(true) => Consent::Given,
        _ => Consent::Withheld,
    }
}

/// Says which keys this clone trusts from now on, and which it does not use.
pub(super) fn report_trust(context: &Context, unlocked: &Unlocked) {
    let terminal = &context.terminal;
    if terminal.program() != "git-crypt" {
        for key in unlocked.keys.iter().filter(|key| key.is_first_use) {
            terminal.info(format_args!(
                "the id of key `{}` is {}: from now on this clone opens no other without your word",
                key.name, key.id
            ));
        }
    }
    for (name, unusable) in &unlocked.rebuilt {
        context.warn_of_rebuilt_memory(name, unusable);
    }
    for left_out in &unlocked.left_out {
        terminal.warning(format_args!(
            "the key `{}` stays as it is: {}",
            left_out.name, left_out.why
        ));
        for origin in &left_out.origins {
            terminal.hint(format_args!("it was said so in {origin}"));
        }
        if matches!(left_out.why, NotOpened::NotAccepted { .. }) {
            terminal.hint("if you know of that rotation: `unlock --accept-rotation`");
        }
    }
}

/// Says which keys are new, and how to continue the Git command that could not decrypt files.
pub(super) fn report_succession(context: &Context, repository: &Repository, unlocked: &Unlocked) {
    let terminal = &context.terminal;
    for new in &unlocked.succeeded {
        if let Some(proof) = &new.proof {
            terminal.info(format_args!(
                "the key `{}` was rotated in {}: the new one is in use, and the old one kept to read what it has encrypted",
                new.key, proof.name
            ));
        }
    }
    if !unlocked.restored.is_empty() {
        terminal.info(format_args!(
            "restored what git had begun to change: {}",
            abridged_names(&unlocked.restored)
        ));
    }
    if !unlocked.succeeded.is_empty() {
        terminal.hint(match repository.commits().under_way() {
            Some(UnderWay::Rebase) => "`git rebase --abort`, then `git pull` again",
            Some(UnderWay::Merge) => "`git merge --abort`, then `git pull` again",
            None => "now `git pull`, or again what git was stopped at",
        });
    }
    let mut proofs = unlocked
        .succeeded
        .iter()
        .filter_map(|new| new.proof.as_ref());
    if proofs.any(|proof| proof.diverged) {
        terminal.hint("`status --short` then names what your own commits have under the old key");
    }
}
