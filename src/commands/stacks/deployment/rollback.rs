//! `rollback`: deploys a stack as an earlier commit wanted it.

use std::path::PathBuf;

use clap::Args;

use super::options::{DeploymentOptions, Direction};
use crate::commands::stacks::reporting::short_id::short;
use crate::commands::stacks::selection::stack_selection::StackSelection;
use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::repository::{CommitId, Repository};
use crate::stack::{RenderedFile, StackName};
use crate::swarm::{Engine as _, Inventory};

/// Deploy a stack as an earlier commit wants it
///
/// Without `--to`, the commit is chosen as follows. If the last deployment has not converged, it is the newest commit that did.
/// Otherwise, if the work tree has changes of the stack that are not committed, it is the checked-out commit. Otherwise it is
/// the newest commit before that one (first parents only) that wants something else of the stack.
///
/// Obstacles are found before anything is done: a commit without the stack, or a version that is not in the Swarm and can't be
/// decrypted. Nothing is removed. Repeating the command changes nothing: go further back with `--to`, and forward with `deploy`.
#[derive(Args)]
pub(crate) struct RollbackArgs {
    /// The stack's name
    #[arg(value_name = "STACK")]
    stack: String,
    /// Go to this commit, branch or tag
    #[arg(long, value_name = "REVISION")]
    to: Option<String>,
    /// Stack file, instead of the one found by convention; several are merged as docker does
    #[arg(short, long = "file", value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    options: DeploymentOptions,
}

/// A stack as a revision wants it: its rendered files, and for each other file its path and blob id.
type WantedStack = (Vec<RenderedFile>, Vec<(String, String)>);

impl RollbackArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        let stack = StackName::parse(self.stack.trim_end_matches('/'))?;
        let typed = self.to.as_ref();
        let typed = typed
            .map(|revision| repository.commit(revision))
            .transpose()?;
        // Errors in the stack's files are reported without asking the daemon.
        let before = match typed {
            Some(commit) => commit,
            None => self.previous(&repository, &stack)?,
        };
        self.at(&stack, Some(before))
            .load(&repository, self.options.accept.accepted())?;
        let engine = self.options.host.connect(context)?;
        let inventory = engine.inventory_of_services()?;
        let converged = last_converged(&repository, &inventory, &stack);
        let target = typed.or(converged).unwrap_or(before);
        let selection = self.at(&stack, Some(target));
        let selected = selection.load(&repository, self.options.accept.accepted())?;
        let prefix = stack.service_name("");
        let services = inventory.services.iter();
        if !services
            .into_iter()
            .any(|service| service.name.starts_with(&prefix))
        {
            return Err(Failure::new(format_args!(
                "stack {stack} has no services in the Swarm, so there is nothing to go back from"
            ))
            .hint(format_args!(
                "`deploy {stack} --rev REV` deploys it as a commit wants it"
            )));
        }
        context.terminal.info(format_args!(
            "going back to commit {}",
            short(&target.to_string(), 7)
        ));
        let history = selection.history(&repository)?;
        // Nothing is pruned, since the newer versions may be wanted again soon.
        let (options, direction) = (&self.options, Direction::Back);
        options.deploy(context, direction, &repository, &selected, &history, None)
    }

    /// The newest commit that wants something else of the stack than the work tree does.
    fn previous(&self, repository: &Repository, stack: &StackName) -> Result<CommitId, Failure> {
        let history = repository.history(repository.objects().head_commit()?);
        let mut commits = history.first_parents();
        let none = || {
            Failure::new(format_args!(
                "no commit before this one wants anything else of stack {stack}"
            ))
            .hint("`--to REVISION` says where to go back to")
        };
        let head = commits.next().ok_or_else(none)?;
        let wanted = self.wanted(repository, stack, Some(head))?;
        let changed = |here| here != wanted;
        if repository.work_tree().top().is_some()
            && self.wanted(repository, stack, None).is_ok_and(changed)
        {
            return Ok(head);
        }
        for commit in commits {
            // Commits in which the stack does not exist or can't be read are no target: the search stops there.
            match self.wanted(repository, stack, Some(commit)) {
                Ok(earlier) if earlier == wanted => {}
                Ok(_) => return Ok(commit),
                Err(_) => break,
            }
        }
        Err(none())
    }

    /// The stack as a commit or the work tree wants it.
    fn wanted(
        &self,
        repository: &Repository,
        stack: &StackName,
        commit: Option<CommitId>,
    ) -> Result<WantedStack, Failure> {
        let selected = self
            .at(stack, commit)
            .load(repository, self.options.accept.accepted())?;
        let stack = &selected.stacks[0];
        let files = stack.deployment_input()?.files.into_iter();
        Ok((stack.render()?, files.collect()))
    }

    fn at(&self, stack: &StackName, commit: Option<CommitId>) -> StackSelection {
        let revision = commit.map(|commit| commit.to_string());
        StackSelection::at(stack, self.files.clone(), revision)
    }
}

/// The newest commit that has converged, if the last deployment has not converged.
fn last_converged(
    repository: &Repository,
    inventory: &Inventory,
    stack: &StackName,
) -> Option<CommitId> {
    let index = inventory.index();
    let last = index.record(stack).filter(|last| !last.has_converged)?;
    let converged = last.last_converged.as_deref()?;
    repository.commit(converged).ok()
}
