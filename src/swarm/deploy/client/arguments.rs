//! Reads the user's own arguments for `docker stack deploy`, as far as they matter here.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;

/// The treatment of services that are not in the stack's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServicePruning {
    /// They stay.
    Off,
    /// They are removed.
    On,
    /// They are removed if they are in none of the files that the arguments name either.
    WithOtherFiles,
}

/// An argument, or two that belong together.
enum ClientArgument<'a> {
    /// A stack file, as it was typed.
    ComposeFile(&'a OsStr),
    /// True if docker is to remove services that are not in the files.
    Prune(bool),
    Other(&'a OsStr),
}

/// The arguments with absolute paths of stack files. They were typed as seen from the current directory, and docker runs in the
/// stack's folder.
pub(crate) fn with_absolute_paths(arguments: &[OsString]) -> io::Result<Vec<OsString>> {
    let mut absolute = Vec::new();
    for argument in read(arguments) {
        match argument {
            ClientArgument::ComposeFile(path) => {
                absolute.push(OsString::from("--compose-file"));
                absolute.push(match path.to_str() {
                    // `-` is standard input.
                    Some("-") => path.to_owned(),
                    _ => std::path::absolute(Path::new(path))?.into_os_string(),
                });
            }
            ClientArgument::Prune(prunes) => absolute.push(format!("--prune={prunes}").into()),
            ClientArgument::Other(other) => absolute.push(other.to_owned()),
        }
    }
    Ok(absolute)
}

/// The stack files among the arguments, each behind its option.
pub(super) fn compose_files(arguments: &[OsString]) -> Vec<OsString> {
    let files = read(arguments)
        .into_iter()
        .filter_map(|argument| match argument {
            ClientArgument::ComposeFile(path) => Some(["--compose-file".into(), path.to_owned()]),
            ClientArgument::Prune(_) | ClientArgument::Other(_) => None,
        });
    files.flatten().collect()
}

/// The treatment of services that the arguments ask for.
pub(crate) fn service_pruning(arguments: &[OsString]) -> ServicePruning {
    let (mut prunes, mut has_files) = (false, false);
    for argument in read(arguments) {
        match argument {
            ClientArgument::ComposeFile(_) => has_files = true,
            ClientArgument::Prune(on) => prunes = on,
            ClientArgument::Other(_) => {}
        }
    }
    match (prunes, has_files) {
        (false, _) => ServicePruning::Off,
        (true, false) => ServicePruning::On,
        (true, true) => ServicePruning::WithOtherFiles,
    }
}

/// The arguments as docker reads them: `-c FILE`, `-cFILE`, `-c=FILE`, `--compose-file FILE`, `--compose-file=FILE`, `--prune`,
/// `--prune=BOOLEAN`.
fn read(arguments: &[OsString]) -> Vec<ClientArgument<'_>> {
    let mut found = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let text = argument.to_str().unwrap_or_default();
        let path_within = text.strip_prefix("--compose-file=").or_else(|| {
            let path = text.strip_prefix("-c").filter(|path| !path.is_empty())?;
            Some(path.strip_prefix('=').unwrap_or(path))
        });
        found.push(if let Some(path) = path_within {
            ClientArgument::ComposeFile(path.as_ref())
        } else if matches!(text, "-c" | "--compose-file") {
            match rest.next() {
                Some(path) => ClientArgument::ComposeFile(path),
                // Docker says what is missing.
                None => ClientArgument::Other(argument),
            }
        } else {
            match prune(text) {
                Some(prunes) => ClientArgument::Prune(prunes),
                None => ClientArgument::Other(argument),
            }
        });
    }
    found
}

/// The value of `--prune`, if this is it (`strconv.ParseBool` of Go).
fn prune(text: &str) -> Option<bool> {
    match text.strip_prefix("--prune")? {
        "" => Some(true),
        "=1" | "=t" | "=T" | "=true" | "=TRUE" | "=True" => Some(true),
        "=0" | "=f" | "=F" | "=false" | "=FALSE" | "=False" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(words: &[&str]) -> Vec<OsString> {
        words.iter().map(OsString::from).collect()
    }

    #[test]
    fn docker_s_own_pruning_is_seen() {
        for (words, expected) in [
            (&["--with-registry-auth"][..], ServicePruning::Off),
            (&["--prune"], ServicePruning::On),
            (&["--prune=1"], ServicePruning::On),
            (&["--prune=true", "--prune=false"], ServicePruning::Off),
            (&["-c", "b.yml", "--prune"], ServicePruning::WithOtherFiles),
            (&["-cb.yml", "--prune"], ServicePruning::WithOtherFiles),
        ] {
            assert_eq!(service_pruning(&typed(words)), expected, "{words:?}");
        }
    }

    #[test]
    fn only_the_paths_of_stack_files_are_changed() {
        let words = [
            "-c",
            "a.yml",
            "--compose-file=b.yml",
            "-cd.yml",
            "-c=e.yml",
            "--prune",
            "--detach",
            "-c",
            "/c.yml",
            "-c",
            "-",
        ];
        let here = std::env::current_dir().expect("there is a here");
        let here = |name: &str| here.join(name).display().to_string();
        let expected = [
            "--compose-file".to_owned(),
            here("a.yml"),
            "--compose-file".to_owned(),
            here("b.yml"),
            "--compose-file".to_owned(),
            here("d.yml"),
            "--compose-file".to_owned(),
            here("e.yml"),
            "--prune=true".to_owned(),
            "--detach".to_owned(),
            "--compose-file".to_owned(),
            "/c.yml".to_owned(),
            "--compose-file".to_owned(),
            "-".to_owned(),
        ];
        let given = with_absolute_paths(&typed(&words)).expect("there is a here");
        assert_eq!(given, expected.map(OsString::from));
        let last = with_absolute_paths(&typed(&["-c"])).expect("there is a here");
        assert_eq!(last, typed(&["-c"]));
    }

    #[test]
    fn only_stack_files_are_asked_about() {
        let words = ["--prune", "-c", "a.yml", "--compose-file=b.yml", "--detach"];
        assert_eq!(
            compose_files(&typed(&words)),
            typed(&["--compose-file", "a.yml", "--compose-file", "b.yml"])
        );
    }
}
