//! The words with which git gets the credentials for a remote. The credentials stay in their files.

use std::process::Command;

use crate::serve::settings::GitAccess;

/// Has git and ssh use these files.
pub(super) fn give_access(command: &mut Command, access: &GitAccess) {
    if access.ssh_key_file.is_some() || access.known_hosts_file.is_some() {
        command.env("GIT_SSH_COMMAND", ssh_command(access));
    }
    if let Some(token) = &access.token_file {
        // git gives the words behind `!` to a shell. The token itself is in no argument.
        let user = shell_word(access.user.as_deref().unwrap_or("git"));
        let file = shell_word(&token.display().to_string());
        let helper = format!(
            "credential.helper=!f() {{ test \"$1\" = get && printf 'username=%s\\npassword=%s\\n' {user} \"$(cat {file})\"; }}; f"
        );
        command.args(["-c", "credential.helper=", "-c", &helper]);
    }
}

fn ssh_command(access: &GitAccess) -> String {
    let mut command = "ssh -o BatchMode=yes".to_owned();
    if let Some(key) = &access.ssh_key_file {
        let key = shell_word(&key.display().to_string());
        command += &format!(" -o IdentitiesOnly=yes -i {key}");
    }
    if let Some(hosts) = &access.known_hosts_file {
        let hosts = shell_word(&format!("UserKnownHostsFile=\"{}\"", hosts.display()));
        command += &format!(" -o StrictHostKeyChecking=yes -o {hosts}");
    }
    command
}

/// A word for a shell.
fn shell_word(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn git_reads_a_token_from_its_file_and_no_argument_has_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let token = folder.path().join("it's a token");
        std::fs::write(&token, "s3cret of nobody\n").expect("a file");
        let access = GitAccess {
            user: Some("ada".to_owned()),
            token_file: Some(token),
            ..GitAccess::default()
        };
        let mut command = Command::new("git");
        give_access(&mut command, &access);
        let shown = format!("{command:?}");
        assert!(!shown.contains("s3cret"), "{shown}");
        command
            .args(["credential", "fill"])
            .env("GIT_TERMINAL_PROMPT", "0");
        let asked = folder.path().join("asked");
        std::fs::write(&asked, "protocol=https\nhost=git.example.org\n\n").expect("a file");
        let asked = std::fs::File::open(asked).expect("the file");
        let filled = command.stdin(asked).output().expect("git");
        let filled = String::from_utf8_lossy(&filled.stdout).into_owned();
        assert!(
            filled.contains("username=ada\npassword=s3cret of nobody\n"),
            "{filled}"
        );
    }

    #[test]
    fn ssh_gets_its_files_and_asks_nobody() {
        let access = GitAccess {
            ssh_key_file: Some(PathBuf::from("/run/secrets/a key")),
            known_hosts_file: Some(PathBuf::from("/run/hosts")),
            ..GitAccess::default()
        };
        assert_eq!(
            ssh_command(&access),
            "ssh -o BatchMode=yes -o IdentitiesOnly=yes -i '/run/secrets/a key' -o StrictHostKeyChecking=yes -o 'UserKnownHostsFile=\"/run/hosts\"'"
        );
    }
}
