//! `rotate-key`: makes a new key, and encrypts everything again.

use std::collections::{BTreeSet, HashSet};

use clap::Args;
use jiff::Timestamp;

use super::marks::{warn_of_names, warn_of_shallow_clone};
use crate::commands::{Context, Interrupt, KeyOption, Outcome};
use crate::failure::Failure;
use crate::keyring::{
    Gpg, HolderFacts, Rotated, RotationFacts, RotationRequest, abort_rotation, commit_rotation,
    look_at_rotation, rotate,
};
use crate::repository::Repository;
use crate::stack::services_that_use;

/// Make a new key, encrypt every file again with it and wrap it for all collaborators
///
/// Do this after somebody has left: first take away their right to push, then remove them (`rm-gpg-user`, `rm-age-user`),
/// then rotate. Before anything is changed, it asks about every collaborator whom this clone has not accepted before:
/// anybody who can push can add one.
///
/// Everything is staged, and you commit it. The old key still opens the history, and everybody who had it may have kept
/// it. Therefore change the passwords themselves, too: the files that hold them are listed.
///
/// In every other unlocked clone: `git fetch`, then `hs-secrets unlock`, then `git pull`. With git-crypt itself: `git-crypt
/// lock`, then `git pull`, then `git-crypt unlock`.
#[derive(Args)]
pub(crate) struct RotateKeyArgs {
    #[command(flatten)]
    key: KeyOption,
    /// Commit as well
    #[arg(long)]
    commit: bool,
    /// Vouch for a collaborator whom this clone has not accepted before, by whole public key, fingerprint or id
    #[arg(long, value_name = "ID", conflicts_with = "abort")]
    trust: Vec<String>,
    /// Do not keep the old key in the repository (sealed for the new one). Collaborators who come later can't read the
    /// history then
    #[arg(long, conflicts_with_all = ["abort", "go_on"])]
    no_history: bool,
    /// Finish a rotation that was interrupted
    #[arg(long = "continue", conflicts_with = "abort")]
    go_on: bool,
    /// Undo a rotation that is not committed: the old key comes back, and what was encrypted with it
    #[arg(long, conflicts_with = "commit")]
    abort: bool,
}

impl RotateKeyArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        repository.work_tree().require("rotating a key")?;
        let name = self.key.name()?;
        if self.abort {
            let _interrupt = Interrupt::of_repository_work()?;
            abort_rotation(&repository, &name)?;
            context.terminal.info("the old key is back");
            return Ok(Outcome::Done);
        }
        let gpg = Gpg::of(&repository)?;
        let mut request = RotationRequest {
            continues: self.go_on,
            commits: self.commit,
            no_history: self.no_history,
            trusted: self.trust.iter().cloned().collect(),
            seen: BTreeSet::new(),
        };
        let (facts, strangers) = look_at_rotation(&repository, &name, &gpg, &request)?;
        show(context, &facts, &strangers);
        if !strangers.is_empty() && confirm(context, &strangers)? {
            let ids = strangers.iter().map(|facts| facts.holder.id().to_owned());
            request.seen = ids.collect();
            request.trusted.extend(request.seen.iter().cloned());
        }
        let _interrupt = Interrupt::of_repository_work()?;
        let rotated = rotate(&repository, &name, &gpg, &request, Timestamp::now())?;
        if self.commit {
            let of_key = name
                .name()
                .map(|name| format!(" {name}"))
                .unwrap_or_default();
            let message = format!(
                "Rotate the git-crypt key{of_key}\n\nEvery file is encrypted again; the history stays readable with the old key."
            );
            commit_rotation(&repository, &name, &message)?;
        }
        self.report(context, &repository, &rotated)?;
        Ok(Outcome::Done)
    }

    fn report(
        &self,
        context: &Context,
        repository: &Repository,
        rotated: &Rotated,
    ) -> Result<(), Failure> {
        let terminal = &context.terminal;
        let mut lines = Vec::new();
        for path in &rotated.files {
            lines.extend_from_slice(&terminal.name(path.as_bytes()));
            lines.push(b'\n');
        }
        terminal.bytes(&lines)?;
        let number = rotated.files.len();
        let files = if number == 1 { "file" } else { "files" };
        terminal.info(format_args!("encrypted {number} {files} with a new key"));
        for collaborator in &rotated.collaborators {
            terminal.info(format_args!("wrapped the new key for {collaborator}"));
        }
        warn_of_names(context, &rotated.names_left_out);
        report_restarts(context, repository, rotated);
        terminal.warning(
            "the history stays readable with the old key: change the secrets in these files",
        );
        if !self.commit && repository.index().has_changes()? {
            terminal
                .hint("all of it is staged: `git commit`, or undo it with `rotate-key --abort`");
        }
        terminal.hint(
            "wherever else the repository is unlocked: `git fetch`, `unlock` with the new key, `git pull`; with git-crypt itself: `lock`, `git pull`, `unlock`",
        );
        if rotated.collaborators.is_empty() {
            terminal.hint("copies of the old key don't open what comes: `export-key FILE` again");
        } else {
            terminal.hint("who has had the old key can still sign for clones that know no other: the right to push has to be gone first");
        }
        Ok(())
    }
}

/// Says which services the next deployment will restart, since files that they use get new versions.
fn report_restarts(context: &Context, repository: &Repository, rotated: &Rotated) {
    let paths = rotated.files.iter();
    let paths: HashSet<String> = paths.map(|path| path.to_string()).collect();
    let environment = |name: &str| std::env::var(name).ok();
    let services = services_that_use(repository, &environment, &paths);
    if !services.is_empty() {
        context.terminal.info(format_args!(
            "the next deployment restarts the services that use these files: {}",
            services.join(", ")
        ));
    }
}

/// Says which collaborators are new, and which are gone.
fn show(context: &Context, facts: &RotationFacts, strangers: &[HolderFacts]) {
    let terminal = &context.terminal;
    for stranger in strangers {
        terminal.warning(format_args!(
            "not accepted by this clone before: {}",
            described(stranger)
        ));
    }
    if facts.history_is_cut && !strangers.is_empty() {
        warn_of_shallow_clone(terminal);
    }
    for gone in &facts.gone {
        terminal.info(format_args!(
            "accepted before, and no collaborator any more: {gone}"
        ));
    }
}

/// Asks on the terminal whether the user vouches for these collaborators; false if there is no terminal.
fn confirm(context: &Context, strangers: &[HolderFacts]) -> Result<bool, Failure> {
    let whom = match strangers.len() {
        1 => "this collaborator".to_owned(),
        number => format!("these {number} collaborators"),
    };
    match context
        .terminal
        .confirm(&format!("wrap the new key for {whom} too?"))
    {
        Some(false) => Err(Failure::new("nothing was changed")
            .hint("`rm-age-user` and `rm-gpg-user` remove a collaborator")),
        answer => Ok(answer.is_some()),
    }
}

/// A holder, with what is known about them.
fn described(facts: &HolderFacts) -> String {
    let attested = if facts.attested {
        "attested by a holder of the key"
    } else {
        "not attested"
    };
    let removed = match facts.removed {
        Some(removed) if !facts.attested => format!(", removed on {removed}"),
        _ => String::new(),
    };
    let origin = match &facts.origin {
        Some(origin) => format!("since {origin}"),
        None => "not committed".to_owned(),
    };
    format!(
        "{} ({}), {attested}{removed}, {origin}",
        facts.shown,
        facts.holder.id()
    )
}
