//! The repository: its keys, its hooks, and everything from `status --short`.

use std::collections::BTreeSet;

use super::sheet::Sheet;
use crate::commands::Context;
use crate::commands::crypt::{Attention, attention_of};
use crate::failure::Failure;
use crate::format::KeyName;
use crate::keyring::{Collaborators, Health, Holder, keys_here_alone};
use crate::leaks::hooks_with_check;
use crate::repository::Repository;

/// The beginning of a line about a file that Git has in plaintext.
const EXPOSED: &str = "exposed: ";

/// Maximum number of exposed files that are named.
const NAMED_FILES: usize = 3;

/// Looks at keys, people, hooks and files.
pub(super) fn look(
    sheet: &mut Sheet,
    context: &Context,
    repository: &Repository,
) -> Result<(), Failure> {
    let Some(top) = repository.work_tree().top() else {
        let place = repository.git_dir().display();
        sheet.row("repository", format!("{place}, bare"));
        return Ok(());
    };
    let place = top.display().to_string();
    sheet.row("repository", place.trim_end_matches('/'));
    let attention = attention_of(context, repository)?;
    keys(sheet, &attention.health);
    for name in keys_here_alone(repository)? {
        sheet.note(format!(
            "the key `{name}` is in this clone alone, as far as it knows: {} to a place with a backup, or `add-age-user` or `add-gpg-user` yourself",
            exporting(&name)
        ));
    }
    let wrapped = Collaborators::of(repository)?.wrapped_keys(repository)?;
    let people: BTreeSet<&Holder> = wrapped.iter().map(|wrapped| &wrapped.holder).collect();
    let people = people.len();
    sheet.row(
        "people",
        format!("keys are wrapped for {people} (`ls-users` names them)"),
    );
    hooks(sheet, repository)?;
    lines(sheet, &attention);
    Ok(())
}

fn keys(sheet: &mut Sheet, health: &Health) {
    for key in &health.keys {
        let state = if key.unlocked { "here" } else { "not here" };
        let filter = if key.trouble.is_some() {
            ", its filter can't be run"
        } else {
            ""
        };
        sheet.row(
            "keys",
            format!(
                "`{}` is {state}, for files: {}{filter}",
                key.name, key.files
            ),
        );
    }
    if health.keys.is_empty() {
        sheet.row("keys", "none: `init` makes one");
    }
}

/// The command that exports a key.
fn exporting(name: &KeyName) -> String {
    if *name == KeyName::default() {
        "`export-key FILE`".to_owned()
    } else {
        format!("`export-key -k {name} FILE`")
    }
}

fn hooks(sheet: &mut Sheet, repository: &Repository) -> Result<(), Failure> {
    let installed = hooks_with_check(repository)?;
    if installed.is_empty() {
        sheet.row("hooks", "none runs the leak check");
        sheet.note("nothing stops a commit with a secret in plaintext: `install-hooks`");
    } else {
        let names = installed.join(", ");
        sheet.row("hooks", format!("the leak check runs in {names}"));
    }
    Ok(())
}

/// Adds the lines of `status --short`. Only the first few of the exposed files are named.
fn lines(sheet: &mut Sheet, attention: &Attention) {
    let text = String::from_utf8_lossy(&attention.lines);
    let is_exposed = |line: &&str| line.starts_with(EXPOSED);
    let (exposed, others): (Vec<&str>, Vec<&str>) = text.lines().partition(is_exposed);
    for line in exposed.iter().take(NAMED_FILES) {
        sheet.wrong(*line);
    }
    if let Some(more) = exposed.len().checked_sub(NAMED_FILES + 1) {
        sheet.wrong(format!("    and {} more", more + 1));
    }
    if !exposed.is_empty() {
        sheet.wrong(
            "    `status --fix` stages encrypted versions; change what a commit has had in plaintext",
        );
    }
    for line in others {
        match line.strip_prefix("note: ") {
            Some(note) => sheet.note(note),
            None => sheet.wrong(line),
        }
    }
}
