//! Completions that know the current repository: its stacks, keys, collaborators and revisions.
//!
//! The script that `completions` prints calls this program again for each completion, with [`VARIABLE`] set.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};

use clap::Command;
use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};

#[cfg(feature = "swarm")]
use super::stacks::StackSource;
use crate::failure::Failure;
use crate::keyring::{Collaborator, Collaborators, Gpg, Holder, attest_names, collaborators};
use crate::repository::Repository;

/// The environment variable by which a shell's script asks for completions. Its value is the name of the shell.
pub(super) const VARIABLE: &str = "HS_SECRETS_COMPLETE";

/// A word that a shell can complete to, with an explanation.
type Word = (String, Option<String>);

/// Answers a shell that asks for completions of `arguments`. Returns false if this is no such call.
pub(super) fn complete(arguments: &[OsString], program: fn() -> Command) -> bool {
    let directory = std::env::current_dir().ok();
    CompleteEnv::with_factory(program)
        .var(VARIABLE)
        .try_complete(arguments, directory.as_deref())
        // An error means that the shell's script is of an unknown version. The shell then shows nothing.
        .unwrap_or(true)
}

/// Adds completions to those arguments of all commands whose possible values are known.
pub(super) fn with_completers(program: Command) -> Command {
    program.mut_subcommands(|verb| {
        let words: fn() -> Result<Vec<Word>, Failure> = match verb.get_name() {
            "rm-gpg-user" => gpg_users,
            _ => age_users,
        };
        verb.mut_args(|argument| match argument.get_id().as_str() {
            #[cfg(feature = "swarm")]
            "stack" | "stacks" => argument.add(completer(stacks)),
            "key_name" => argument.add(completer(keys)),
            "rev" | "to" => argument.add(completer(revisions)),
            "user" => argument.add(completer(words)),
            _ => argument,
        })
    })
}

/// Completes with the `words` that begin with the typed text. If they can't be found out, there are none.
fn completer(words: fn() -> Result<Vec<Word>, Failure>) -> ArgValueCompleter {
    ArgValueCompleter::new(move |typed: &OsStr| {
        let typed = typed.to_string_lossy();
        let words = words().unwrap_or_default();
        let fitting = words
            .into_iter()
            .filter(|(word, _)| word.starts_with(&*typed));
        fitting
            .map(|(word, about)| CompletionCandidate::new(word).help(about.map(Into::into)))
            .collect()
    })
}

#[cfg(feature = "swarm")]
fn stacks() -> Result<Vec<Word>, Failure> {
    let repository = Repository::of_environment(Vec::new())?;
    let source = StackSource::default();
    let names = source.all_names(&repository, &source.settings(&repository)?)?;
    Ok(plain(names.iter().map(ToString::to_string)))
}

/// The keys that are stored here, that Git has a filter for, or that are wrapped for somebody.
fn keys() -> Result<Vec<Word>, Failure> {
    let repository = Repository::of_environment(Vec::new())?;
    let wrapped = Collaborators::of(&repository)?.wrapped_keys(&repository)?;
    let stored = repository.keys().names()?.into_iter();
    let configured = repository.configuration().keys_with_filter()?.into_iter();
    let names = stored.chain(configured);
    let names = names.chain(wrapped.into_iter().map(|wrapped| wrapped.key));
    let names: BTreeSet<String> = names.map(|name| name.to_string()).collect();
    Ok(plain(names.into_iter().filter(|name| name != "default")))
}

fn revisions() -> Result<Vec<Word>, Failure> {
    let repository = Repository::of_environment(Vec::new())?;
    let names = repository.objects().branches_and_tags()?;
    Ok(plain(std::iter::once("HEAD".to_owned()).chain(names)))
}

fn age_users() -> Result<Vec<Word>, Failure> {
    users(Holder::is_by_age)
}

fn gpg_users() -> Result<Vec<Word>, Failure> {
    users(Holder::is_by_gpg)
}

/// Collaborators by name, or by key if they have no name.
fn users(holders: fn(&Holder) -> bool) -> Result<Vec<Word>, Failure> {
    let repository = Repository::of_environment(Vec::new())?;
    let (mut users, _) = collaborators(&repository, &Gpg::of(&repository)?, holders)?;
    attest_names(&repository, &mut users)?;
    Ok(users.iter().map(word_for).collect())
}

fn word_for(user: &Collaborator) -> Word {
    let name = user
        .recipient
        .as_ref()
        .and_then(|recipient| recipient.name());
    let id = user.holder.id();
    match name {
        Some(name) => (name.to_string(), Some(id.to_owned())),
        None => (id.to_owned(), None),
    }
}

fn plain(words: impl Iterator<Item = String>) -> Vec<Word> {
    words.map(|word| (word, None)).collect()
}
