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
