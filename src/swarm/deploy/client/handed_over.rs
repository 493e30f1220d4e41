//! A stack's files as they are handed to the docker client: in memory, through pipes.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::process::Command;

use super::anonymous_file::AnonymousFile;
use super::error::ClientError;
use super::run::ClientRun;
use crate::stack::{EnvFile, FilePart, FileParts, RenderedFile, Stack, StackError};
use crate::swarm::error::SwarmError;

/// Stand-in for a secret value, which most properties of a stack file accept.
const INVENTED: &str = "1";

/// A stack's rendered files, and what they refer to, in memory.
pub(crate) struct HandedOver {
    files: Vec<RenderedFile>,
    /// All stack files but the first, which goes through standard input.
    others: Vec<AnonymousFile>,
    /// The `env_file`s, which must last for as long as the client may read them.
    _env_files: Vec<AnonymousFile>,
    /// The files that give secret values.
    secret_files: BTreeSet<String>,
    values: HandedValues,
    env_files: HandedEnvFiles,
}

/// The `env_file`s as the client gets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HandedEnvFiles {
    /// Each that lies in the repository, with its content.
    Whole,
    /// Each that lies in the repository, as a blank file.
    Blank,
    /// None: the services are handed over without them.
    LeftOut,
}

/// The values that the client gets for secret variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HandedValues {
    /// The values that the files give.
    Own,
    /// The value [`INVENTED`], and no line of a secret `env_file`.
    Invented,
}

impl HandedOver {
    /// Renders a stack and decrypts its `env_file`s, so that errors in them are found before anything is done.
    pub(crate) fn prepare(stack: &Stack<'_>) -> Result<Self, SwarmError> {
        Self::with_values(stack, HandedValues::Own)
    }

    /// The files for asking docker about a stack that may have other errors. If an `env_file` can't be read, all are
    /// blank. If the stack can't be rendered, only the parts that rendering does not change are included.
    pub(super) fn for_question(stack: &Stack<'_>) -> Option<Self> {
        Self::for_question_with(stack, HandedValues::Own)
    }

    /// A stack for a question, with no secret in it.
    pub(super) fn with_invented_values(stack: &Stack<'_>) -> Option<Self> {
        Self::for_question_with(stack, HandedValues::Invented)
    }

    fn for_question_with(stack: &Stack<'_>, values: HandedValues) -> Option<Self> {
        if !stack.is_sound() {
            return Self::left_to_docker(stack, values);
        }
        let whole = Self::with_values(stack, values);
        let whole = whole.or_else(|_| Self::with_blank_env_files(stack, values));
        whole.ok().or_else(|| Self::left_to_docker(stack, values))
    }

    fn left_to_docker(stack: &Stack<'_>, values: HandedValues) -> Option<Self> {
        let files = stack.left_to_docker()?;
        let variables = stack.secret_variables().into_iter();
        Some(Self {
            others: others(&files).ok()?,
            files,
            _env_files: Vec::new(),
            secret_files: variables.map(|(_, file)| file.to_owned()).collect(),
            values,
            env_files: HandedEnvFiles::LeftOut,
        })
    }

    fn with_blank_env_files(stack: &Stack<'_>, values: HandedValues) -> Result<Self, SwarmError> {
        // One for each path, since docker wants the files of a service to differ.
        let blank: RefCell<HashMap<String, AnonymousFile>> = RefCell::default();
        let path_of_blank = |path: &str| {
            if let Some(known) = blank.borrow().get(path) {
                return Some(known.path());
            }
            let file = memory_file(path, std::iter::empty()).ok()?;
            let new = file.path();
            blank.borrow_mut().insert(path.to_owned(), file);
            Some(new)
        };
        let files = stack.render_handing_over(&path_of_blank)?;
        let variables = stack.secret_variables().into_iter();
        Ok(Self {
            others: others(&files)?,
            files,
            _env_files: blank.into_inner().into_values().collect(),
            secret_files: variables.map(|(_, file)| file.to_owned()).collect(),
            values,
            env_files: HandedEnvFiles::Blank,
        })
    }

    fn with_values(stack: &Stack<'_>, values: HandedValues) -> Result<Self, SwarmError> {
        let mut env_files = Vec::new();
        let mut paths = HashMap::new();
        let read = stack.env_files().map_err(|error| {
            // A stack that can't be rendered either has both errors.
            let problems = [Some(error), stack.render().err()];
            StackError::together(problems.into_iter().flatten().collect())
        })?;
        let variables = stack.secret_variables().into_iter();
        let mut secret_files: BTreeSet<String> =
            variables.map(|(_, file)| file.to_owned()).collect();
        for EnvFile {
            path,
            content,
            is_secret,
        } in read
        {
            let is_blank = is_secret && values == HandedValues::Invented;
            let chunks = content.expose_chunks().filter(|_| !is_blank);
            let file = memory_file(&path, chunks)?;
            if is_secret {
                secret_files.insert(path.clone());
            }
            paths.insert(path, file.path());
            env_files.push(file);
        }
        let files = stack.render_handing_over(&|path| paths.get(path).cloned())?;
        Ok(Self {
            others: others(&files)?,
            files,
            _env_files: env_files,
            secret_files,
            values,
            env_files: HandedEnvFiles::Whole,
        })
    }

    /// `docker stack VERB` on these files, without the user's own arguments.
    pub(super) fn command(
        &self,
        verb: &str,
        stack: &Stack<'_>,
        run: &ClientRun,
        top: Option<&Path>,
    ) -> Command {
        let mut command = run.docker();
        command
            .args(["stack", verb, "--compose-file", "-"])
            .current_dir(run.directory_of(top, self.folder()));
        for file in &self.others {
            command.arg("--compose-file").arg(file.path());
        }
        for variable in stack.variables() {
            command.env(variable.name, variable.value);
        }
        // Only variables that the stack's own files hold: their values become part of its services.
        command.envs(stack.expose_variables());
        if self.values == HandedValues::Invented {
            let variables = stack.secret_variables().into_iter();
            command.envs(variables.map(|(name, _)| (name, INVENTED)));
        }
        command
    }

    /// The `env_file`s that the client reads where they are.
    pub(super) fn env_files_elsewhere<'a>(&self, stack: &'a Stack<'_>) -> Vec<&'a str> {
        match self.env_files {
            HandedEnvFiles::Whole => stack.env_files_elsewhere(),
            HandedEnvFiles::Blank => stack.absolute_env_files(),
            HandedEnvFiles::LeftOut => Vec::new(),
        }
    }

    /// The files that give secret values.
    pub(super) fn secret_files(&self) -> &BTreeSet<String> {
        &self.secret_files
    }

    /// The files, to be divided. None if one of them can't be read.
    pub(super) fn parts(&self) -> Option<FileParts> {
        FileParts::of(self.files.iter().map(|file| file.text.as_str()))
    }

    /// A part of this stack alone, which is one of its `parts`. None if its files can't be written like that. It lasts no longer than
    /// this one, which holds the `env_file`s.
    pub(super) fn with_part(&self, parts: &FileParts, part: &FilePart) -> Option<Self> {
        let texts = parts.texts(part)?.into_iter();
        let files = self.files.iter().zip(texts);
        let files = files.map(|(file, text)| RenderedFile {
            path: file.path.clone(),
            text,
        });
        let files: Vec<RenderedFile> = files.collect();
        Some(Self {
            others: others(&files).ok()?,
            files,
            _env_files: Vec::new(),
            secret_files: self.secret_files.clone(),
            values: self.values,
            env_files: self.env_files,
        })
    }

    /// The text of the first file, which goes through standard input.
    pub(super) fn first_text(&self) -> String {
        let first = self.files.first();
        first.map(|file| file.text.clone()).unwrap_or_default()
    }

    /// The folder of the first file, from the top of the repository. Relative paths are relative to it.
    fn folder(&self) -> &str {
        let first = self.files.first();
        let folder = first.and_then(|file| file.path.rsplit_once('/'));
        folder.map_or("", |(folder, _)| folder)
    }
}

/// All files but the first, in memory.
fn others(files: &[RenderedFile]) -> Result<Vec<AnonymousFile>, ClientError> {
    let others = files.iter().skip(1);
    let others = others.map(|file| memory_file(&file.path, [file.text.as_bytes()].into_iter()));
    others.collect()
}

fn memory_file<'a>(
    file: &str,
    chunks: impl Iterator<Item = &'a [u8]>,
) -> Result<AnonymousFile, ClientError> {
    AnonymousFile::holding(chunks).map_err(|source| ClientError::HandOver {
        file: file.to_owned(),
        source,
    })
}
