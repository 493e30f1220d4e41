//! The programs that this one runs: Git, GPG and the docker client.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::sheet::Sheet;
use crate::keyring::AGE_IS_BUILT_IN;
use crate::repository::Repository;

/// The oldest Git that is known to work.
const OLDEST_GIT: (u32, u32) = (2, 39);

/// Looks for the programs under the names that the configuration of `repository` gives.
pub(super) fn look(sheet: &mut Sheet, repository: Option<&Repository>) {
    sheet.row("hs-secrets", env!("CARGO_PKG_VERSION"));
    match version_of(Path::new("git")) {
        Some(version) => {
            if is_older(&version, OLDEST_GIT) {
                let (major, minor) = OLDEST_GIT;
                sheet.wrong(format!(
                    "git {version} is too old: install {major}.{minor} or later"
                ));
            }
            sheet.row("git", version);
        }
        None => {
            sheet.row("git", "not found");
            sheet.wrong("git is not found in PATH: install it");
        }
    }
    let configured = repository.and_then(|repository| {
        let program = repository.configuration().path("gpg.program");
        program.ok().flatten()
    });
    let gpg = configured.clone().unwrap_or_else(|| PathBuf::from("gpg"));
    match version_of(&gpg) {
        Some(version) => sheet.row("gpg", version),
        None if configured.is_some() => {
            sheet.row("gpg", "not found");
            sheet.wrong(format!(
                "gpg.program is {}, which can't be run: `git config --unset gpg.program`, or name another one",
                gpg.display()
            ));
        }
        None => sheet.row(
            "gpg",
            "not found: it is for collaborators with GPG keys only",
        ),
    }
    let age = if AGE_IS_BUILT_IN {
        "built in, with SSH keys"
    } else {
        "left out of this build, and SSH keys with it"
    };
    sheet.row("age", age);
    if cfg!(feature = "swarm") {
        let docker = version_of(Path::new("docker"));
        let missing = || "not found: `deploy` and `rollback` need it".to_owned();
        sheet.row("docker", docker.unwrap_or_else(missing));
    }
}

/// The first number with a dot in it in the first line of `PROGRAM --version`.
fn version_of(program: &Path) -> Option<String> {
    let output = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    version_in(&String::from_utf8_lossy(&output.stdout))
}

fn version_in(printed: &str) -> Option<String> {
    let mut words = printed.lines().next()?.split([' ', ',']);
    let is_version =
        |word: &&str| word.starts_with(|first: char| first.is_ascii_digit()) && word.contains('.');
    words.find(is_version).map(str::to_owned)
}

fn is_older(version: &str, oldest: (u32, u32)) -> bool {
    let mut numbers = version.split('.').map_while(|number| number.parse().ok());
    match (numbers.next(), numbers.next()) {
        (Some(major), Some(minor)) => (major, minor) < oldest,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_in_what_programs_print() {
        for (printed, version) in [
            ("git version 2.47.1 (Apple Git-155)\n", "2.47.1"),
            ("gpg (GnuPG) 2.2.40\nlibgcrypt 1.10.1\n", "2.2.40"),
            (
                "Docker version 20.10.24+dfsg1, build 297e128\n",
                "20.10.24+dfsg1",
            ),
        ] {
            assert_eq!(version_in(printed).as_deref(), Some(version));
        }
        assert_eq!(version_in("no number\n1.2\n"), None);
    }

    #[test]
    fn git_is_old_below_the_oldest() {
        assert!(is_older("2.38.5", OLDEST_GIT));
        assert!(is_older("1.99.0", OLDEST_GIT));
        assert!(!is_older("2.39.0", OLDEST_GIT));
        assert!(!is_older("3.0.rc1", OLDEST_GIT));
        assert!(!is_older("unheard of", OLDEST_GIT));
    }
}
