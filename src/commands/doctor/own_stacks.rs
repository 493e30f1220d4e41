//! The stacks that are found, and the Swarm that they are deployed to.

use super::sheet::Sheet;
use crate::commands::Context;
use crate::commands::stacks::{DockerHost, StackSource, several};
use crate::failure::Failure;
use crate::repository::Repository;
use crate::stack::{ObjectKind, SETTINGS_FILE};
use crate::swarm::{Engine as _, Inventory};

/// Reads the stacks, if there is a repository, and looks for the Docker daemon. Without stacks, a missing daemon is no problem.
pub(super) fn look(
    sheet: &mut Sheet,
    context: &Context,
    repository: Option<&Repository>,
    host: &DockerHost,
) -> Result<(), Failure> {
    let stacks = match repository {
        Some(repository) => look_at_stacks(sheet, repository)?,
        None => 0,
    };
    look_at_docker(sheet, context, host, stacks > 0);
    Ok(())
}

/// Reads the stacks; returns how many there are.
fn look_at_stacks(sheet: &mut Sheet, repository: &Repository) -> Result<usize, Failure> {
    let source = StackSource::default();
    let settings = match source.settings(repository) {
        Ok(settings) => settings,
        Err(failure) => {
            sheet.row("stacks", "unknown");
            sheet.failure(&failure);
            return Ok(0);
        }
    };
    let names = source.all_names(repository, &settings)?;
    let words: Vec<String> = names.iter().map(ToString::to_string).collect();
    let found = if words.is_empty() {
        format!(
            "none (NAME/stack.yml, stacks/NAME.yml, NAME.yml, or `[stacks.NAME]` in {SETTINGS_FILE})"
        )
    } else {
        words.join(", ")
    };
    sheet.row("stacks", found);
    for name in &names {
        match source.load_partially(repository, &settings, name) {
            Ok(partial) => partial
                .problems
                .into_iter()
                .for_each(|problem| sheet.failure(&problem.into())),
            Err(error) => sheet.failure(&error.into()),
        }
    }
    let overlooked = source.overlooked(repository, &settings)?;
    if !overlooked.is_empty() {
        sheet.note(format!(
            "not taken, though it looks like a stack file: {}; `[stacks.NAME]` with `files = [...]` in {SETTINGS_FILE} takes it",
            several(&overlooked)
        ));
    }
    Ok(names.len())
}

fn look_at_docker(sheet: &mut Sheet, context: &Context, host: &DockerHost, is_needed: bool) {
    let failure = match host.connect(context) {
        Ok(engine) => {
            match engine.version() {
                Ok(version) => sheet.row("engine", version),
                Err(_) => sheet.row("engine", "found"),
            }
            match engine.inventory() {
                Ok(inventory) => return sheet.row("swarm", counted(&inventory)),
                Err(error) => Failure::from(error),
            }
        }
        Err(failure) => {
            sheet.row("engine", "not reached");
            failure
        }
    };
    if is_needed {
        sheet.failure(&failure);
    }
}

fn counted(inventory: &Inventory) -> String {
    let count = |kind| {
        let of_kind = inventory.objects.iter();
        of_kind.filter(|object| object.kind == kind).count()
    };
    format!(
        "this is a manager; secrets: {}, configs: {}, services: {}",
        count(ObjectKind::Secret),
        count(ObjectKind::Config),
        inventory.services.len()
    )
}
