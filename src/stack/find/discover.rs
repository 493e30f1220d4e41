//! Finds the files of a stack: those that are given, those in the settings, or by convention.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::stack::find::conventions::{StackPath, candidates, has_services};
use crate::stack::find::settings::{MAXIMUM_FILE_LENGTH, Settings};
use crate::stack::find::stack_settings::in_slashes;
use crate::stack::names::StackName;
use crate::stack::source::{FoundFile, Tree, TreeError};

/// Why a stack's files were not found.
#[derive(Debug, Error)]
pub enum DiscoverError {
    /// No file was found by the conventions.
    #[error("no stack `{name}` here: looked for {}; {}", looked_for.join(", "), found_instead(found))]
    NotFound {
        /// The stack.
        name: StackName,
        /// The paths where its file was looked for.
        looked_for: Vec<String>,
        /// The stacks that the repository has.
        found: Vec<StackName>,
    },
    /// The repository has no stacks, as far as the conventions can tell.
    #[error(
        "no stacks here: looked for {}, and the same names with `compose` or `docker-compose`",
        "NAME/stack.yml, stacks/NAME.yml, NAME.yml with `services:`, stack.yml"
    )]
    NoStacks,
    /// A file that was given does not exist.
    #[error("no stack file {path}{}", revision.as_ref().map(|revision| format!(" in {revision}")).unwrap_or_default())]
    NoFile {
        /// The file, from the top of the repository.
        path: String,
        /// The commit in which it was looked for. `None` for the work tree.
        revision: Option<String>,
    },
    /// A file that was given is outside the repository.
    #[error("the stack file {} is outside of the repository", path.display())]
    Outside { path: PathBuf },
    /// The repository's files could not be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

/// The files of the stack called `name`: those in `files` if there are any, else those in the settings, else the first file
/// found by the conventions. Each file that is given may have an error of its own.
pub(crate) fn stack_files(
    tree: &Tree<'_>,
    settings: &Settings,
    name: &StackName,
    files: &[PathBuf],
) -> Result<Vec<Result<FoundFile, DiscoverError>>, DiscoverError> {
    let configured = settings.files_of(name.as_str());
    if !files.is_empty() {
        let named = |file: &PathBuf| named_file(tree, &from_top(tree, file)?);
        return Ok(files.iter().map(named).collect());
    }
    if let Some(configured) = configured {
        let named = |file: &PathBuf| named_file(tree, &in_slashes(file));
        return Ok(configured.iter().map(named).collect());
    }
    let suffix = format!("-{name}");
    let is_own = |repository: &String| repository == name.as_str() || repository.ends_with(&suffix);
    let candidates = candidates(name.as_str(), repository_names(tree).iter().any(is_own));
    for candidate in &candidates {
        if let Some(found) = tree.find(candidate)? {
            return Ok(vec![Ok(found)]);
        }
    }
    Err(DiscoverError::NotFound {
        name: name.clone(),
        looked_for: abridged(candidates),
        found: stacks(tree, settings)?,
    })
}

/// The names of all stacks, sorted: those in the settings, and those found by the conventions.
pub(crate) fn stacks(tree: &Tree<'_>, settings: &Settings) -> Result<Vec<StackName>, TreeError> {
    let configured = settings.stacks.iter();
    let configured = configured.filter(|(_, stack)| !stack.files.is_empty());
    let mut names: Vec<String> = configured.map(|(name, _)| name.clone()).collect();
    for path in paths(tree)? {
        match StackPath::of(&path) {
            Some(StackPath::InOwnFolder(name) | StackPath::InStacksFolder(name)) => {
                names.push(name.to_owned());
            }
            Some(StackPath::AtTop(name)) if holds_services(tree, &path)? => {
                names.push(name.to_owned());
            }
            Some(StackPath::OfRepository) => {
                let last = |name: &String| name.rsplit('-').next().unwrap_or(name).to_owned();
                names.extend(repository_names(tree).first().map(last));
            }
            Some(StackPath::AtTop(_) | StackPath::FurtherDown) | None => {}
        }
    }
    names.sort();
    names.dedup();
    Ok(names
        .iter()
        .filter_map(|name| StackName::parse(name).ok())
        .collect())
}

/// The paths of files that look like stack files but are in deeper folders and not in the settings. Their stacks are found
/// only if they are asked for by name.
pub(crate) fn overlooked(tree: &Tree<'_>, settings: &Settings) -> Result<Vec<String>, TreeError> {
    let configured: HashSet<String> = settings
        .stack_files()
        .map(|file| in_slashes(file))
        .collect();
    let mut overlooked = Vec::new();
    for folder in tree.names("")? {
        if folder.starts_with('.') {
            continue;
        }
        for inner in tree.names(&folder)? {
            let inner = format!("{folder}/{inner}");
            let names = tree.names(&inner)?.into_iter();
            let paths = names.map(|name| format!("{inner}/{name}"));
            overlooked.extend(paths.filter(|path| {
                StackPath::of(path) == Some(StackPath::FurtherDown) && !configured.contains(path)
            }));
        }
    }
    Ok(overlooked)
}

/// The paths at the top of the tree, and one folder below it.
fn paths(tree: &Tree<'_>) -> Result<Vec<String>, TreeError> {
    let mut paths = tree.names("")?;
    for folder in paths.clone() {
        if !folder.starts_with('.') {
            let inside = tree.names(&folder)?.into_iter();
            paths.extend(inside.map(|name| format!("{folder}/{name}")));
        }
    }
    Ok(paths)
}

/// The names of the repository: the name of its folder and, in a linked work tree, the name of the main repository's folder.
fn repository_names(tree: &Tree<'_>) -> Vec<String> {
    let common = tree.repository.common_dir();
    let main = match common.file_name() {
        Some(name) if name == ".git" => common.parent(),
        _ => Some(common),
    };
    let paths = [tree.repository.work_tree().top(), main];
    let mut names: Vec<String> = paths
        .into_iter()
        .flatten()
        .filter_map(|path| path.file_name()?.to_str())
        .map(|name| name.strip_suffix(".git").unwrap_or(name).to_owned())
        .collect();
    names.dedup();
    names
}

/// True if the file has services. A file that is too long for a stack file is not read.
fn holds_services(tree: &Tree<'_>, path: &str) -> Result<bool, TreeError> {
    let Some(found) = tree.find(path)? else {
        return Ok(false);
    };
    if tree.len(&found)? > MAXIMUM_FILE_LENGTH {
        return Ok(false);
    }
    let mut text = tree.read(&found)?;
    Ok(has_services(&String::from_utf8_lossy(text.expose())))
}

fn named_file(tree: &Tree<'_>, path: &str) -> Result<FoundFile, DiscoverError> {
    tree.find(path)?.ok_or_else(|| DiscoverError::NoFile {
        path: path.to_owned(),
        revision: tree.commit().map(|commit| commit.to_string()),
    })
}

/// Resolves the path of a file, as typed by the user, to a path from the top of the repository. In a bare repository, or if
/// the current directory is outside of the work tree, a relative path is taken as relative to the top already.
fn from_top(tree: &Tree<'_>, file: &Path) -> Result<String, DiscoverError> {
    let outside = || DiscoverError::Outside {
        path: file.to_owned(),
    };
    let Some(top) = tree.repository.work_tree().top() else {
        return if file.is_absolute() {
            Err(outside())
        } else {
            Ok(in_slashes(file))
        };
    };
    let typed = std::path::absolute(file).map_err(|_| outside())?;
    if let Ok(inside) = typed.strip_prefix(top) {
        return Ok(in_slashes(inside));
    }
    // The user may have entered the work tree through a symbolic link.
    let folder = typed.parent().and_then(|folder| folder.canonicalize().ok());
    if let (Some(folder), Some(name)) = (folder, typed.file_name())
        && let Ok(inside) = folder.join(name).strip_prefix(top)
    {
        return Ok(in_slashes(inside));
    }
    if file.is_absolute() {
        Err(outside())
    } else {
        Ok(in_slashes(file))
    }
}

/// Shortens the candidates for a message: one of those that differ only in their extension, and one for each folder of
/// folders.
fn abridged(candidates: Vec<String>) -> Vec<String> {
    let is_told = |candidate: &String| {
        let is_deep = candidate.matches('/').count() > 1;
        candidate.ends_with(".yml") && (!is_deep || candidate.ends_with("/stack.yml"))
    };
    candidates.into_iter().filter(is_told).collect()
}

fn found_instead(found: &[StackName]) -> String {
    match found {
        [] => "there are no stacks".to_owned(),
        names => {
            let names: Vec<&str> = names.iter().map(StackName::as_str).collect();
            format!("found {}", names.join(", "))
        }
    }
}
