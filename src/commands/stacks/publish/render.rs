//! `render`: prints a stack file as the docker client needs it.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::commands::stacks::selection::one_stack::OneStack;
use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::repository::Repository;
use crate::stack::RenderedFile;

/// Print a stack's file with its secrets and configs under their names in the Swarm
///
/// They become `external`, for your own `docker stack deploy`. Every other byte stays as it is. No key is needed.
///
/// A stack of several files prints them one after another, as documents that `---` separates. `docker stack deploy` wants
/// them one by one: for that there is `--output`.
///
/// Docker looks for each `env_file:` from the directory that it runs in: deploy standard output in the stack's folder, as in
/// `cd web && hs-secrets render web | docker stack deploy -c - web`, or write it beside the stack file with `--output`.
#[derive(Args)]
pub(crate) struct RenderArgs {
    #[command(flatten)]
    stack: OneStack,
    /// Write to this file instead of standard output; with several stack files, to a file of the same name in this folder
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
}

impl RenderArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        let rendered = self.stack.render(&repository)?;
        let Some(output) = self.output else {
            print(context, &rendered)?;
            return Ok(Outcome::Done);
        };
        let targets = targets(&output, &rendered);
        check(&targets, &repository)?;
        for (target, file) in targets {
            repository
                .work_tree()
                .write_output(&target, file.text.as_bytes())?;
        }
        Ok(Outcome::Done)
    }
}

/// The path to which each file is written: `output` itself, or a path in the folder `output`.
fn targets<'files>(
    output: &Path,
    rendered: &'files [RenderedFile],
) -> Vec<(PathBuf, &'files RenderedFile)> {
    let name = |file: &RenderedFile| file.path.rsplit('/').next().map(|name| output.join(name));
    match rendered {
        [file] if !output.is_dir() => vec![(output.to_owned(), file)],
        files => files
            .iter()
            .filter_map(|file| Some((name(file)?, file)))
            .collect(),
    }
}

/// Fails if a stack file would be overwritten, or two results written to the same path.
fn check(targets: &[(PathBuf, &RenderedFile)], repository: &Repository) -> Result<(), Failure> {
    for (index, (target, file)) in targets.iter().enumerate() {
        if targets[..index].iter().any(|(other, _)| other == target) {
            return Err(Failure::usage(format_args!(
                "two stack files would both become {}",
                target.display()
            )));
        }
        let own = repository
            .work_tree()
            .top()
            .and_then(|top| top.join(&file.path).canonicalize().ok());
        if own.is_some() && target.canonicalize().ok() == own {
            return Err(Failure::usage(format_args!(
                "{} is the stack file itself; write the rendered one somewhere else",
                target.display()
            )));
        }
    }
    Ok(())
}

fn print(context: &Context, files: &[RenderedFile]) -> Result<(), Failure> {
    for (index, file) in files.iter().enumerate() {
        if index > 0 {
            context.terminal.line("---")?;
        }
        context.terminal.bytes(file.text.as_bytes())?;
    }
    Ok(())
}
