//! The user's own arguments for the docker client, changed because it runs in the stack file's folder.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;

/// The arguments with absolute paths of stack files. They were typed as seen from the current directory.
pub(crate) fn with_absolute_paths(arguments: Vec<OsString>) -> io::Result<Vec<OsString>> {
    let mut is_path = false;
    let arguments = arguments.into_iter().map(|argument| {
        if std::mem::replace(&mut is_path, false) {
            return absolute(&argument);
        }
        let text = argument.to_str().unwrap_or_default();
        is_path = matches!(text, "-c" | "--compose-file");
        if let Some(path) = text.strip_prefix("--compose-file=") {
            let mut option = OsString::from("--compose-file=");
            option.push(absolute(path.as_ref())?);
            return Ok(option);
        }
        Ok(argument)
    });
    arguments.collect()
}

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

/// The treatment of services that these arguments ask for.
pub(crate) fn service_pruning(arguments: &[OsString]) -> ServicePruning {
    let texts = arguments.iter().map(|argument| argument.to_string_lossy());
    let (mut prunes, mut has_files) = (false, false);
    for text in texts {
        match &*text {
            "--prune" | "--prune=true" => prunes = true,
            "--prune=false" => prunes = false,
            "-c" | "--compose-file" => has_files = true,
            other => has_files |= other.starts_with("--compose-file="),
        }
    }
    match (prunes, has_files) {
        (false, _) => ServicePruning::Off,
        (true, false) => ServicePruning::On,
        (true, true) => ServicePruning::WithOtherFiles,
    }
}

fn absolute(path: &OsStr) -> io::Result<OsString> {
    match path.to_str() {
        // `-` is standard input.
        Some("-") => Ok(path.to_owned()),
        _ => Ok(std::path::absolute(Path::new(path))?.into_os_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docker_s_own_pruning_is_seen() {
        for (typed, expected) in [
            (&["--with-registry-auth"][..], ServicePruning::Off),
            (&["--prune"], ServicePruning::On),
            (&["--prune=true", "--prune=false"], ServicePruning::Off),
            (&["-c", "b.yml", "--prune"], ServicePruning::WithOtherFiles),
        ] {
            let typed: Vec<OsString> = typed.iter().map(OsString::from).collect();
            assert_eq!(service_pruning(&typed), expected, "{typed:?}");
        }
    }

    #[test]
    fn only_the_paths_of_stack_files_are_changed() {
        let typed = [
            "-c",
            "a.yml",
            "--compose-file=b.yml",
            "--prune",
            "-c",
            "/c.yml",
        ];
        let given =
            with_absolute_paths(typed.map(OsString::from).to_vec()).expect("there is a here");
        let here = std::env::current_dir().expect("there is a here");
        let here = here.display();
        let expected = [
            "-c".to_owned(),
            format!("{here}/a.yml"),
            format!("--compose-file={here}/b.yml"),
            "--prune".to_owned(),
            "-c".to_owned(),
            "/c.yml".to_owned(),
        ];
        assert_eq!(given, expected.map(OsString::from));
    }
}
