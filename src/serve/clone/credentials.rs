//! Arguments and environment variables with which git reads the credentials for a remote from their files.

use std::process::Command;

use crate::serve::settings::GitAccess;

/// Has git and ssh use these files for the remote at `url`.
pub(super) fn give_access(command: &mut Command, access: &GitAccess, url: &str) {
    if access.ssh_key_file.is_some() || access.known_hosts_file.is_some() {
        command.env("GIT_SSH_COMMAND", ssh_command(access));
    }
    if let (Some(token), Some(origin)) = (&access.token_file, origin_of(url)) {
        // The helper is for this origin alone: a remote that redirects git to another host must not learn the token. Git runs the
        // text behind `!` in a shell, which reads the token from its file. No argument contains the token.
        let user = shell_word(access.user.as_deref().unwrap_or("git"));
        let file = shell_word(&token.display().to_string());
        let helper = format!(
            "credential.{origin}.helper=!f() {{ test \"$1\" = get && printf 'username=%s\\npassword=%s\\n' {user} \"$(cat {file})\"; }}; f"
        );
        command.args(["-c", "credential.helper=", "-c", &helper]);
    }
}

/// The scheme, the host and the port of an HTTP address; `None` for other addresses.
fn origin_of(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let host = rest.split(['/', '?', '#']).next()?.rsplit('@').next()?;
    matches!(&*scheme, "http" | "https").then(|| format!("{scheme}://{host}"))
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

/// The text as one quoted word of a shell command.
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
        let fill = |url: &str, host: &str| {
            let mut command = Command::new("git");
            give_access(&mut command, &access, url);
            let shown = format!("{command:?}");
            assert!(!shown.contains("s3cret"), "{shown}");
            command
                .args(["credential", "fill"])
                .env("GIT_TERMINAL_PROMPT", "0");
            let asked = folder.path().join("asked");
            std::fs::write(&asked, format!("{host}\n\n")).expect("a file");
            let asked = std::fs::File::open(asked).expect("the file");
            let filled = command.stdin(asked).output().expect("git");
            String::from_utf8_lossy(&filled.stdout).into_owned()
        };
        for url in [
            "https://git.example.org/ada/home-lab",
            "HTTPS://ada:x@git.example.org/",
        ] {
            let filled = fill(url, "protocol=https\nhost=git.example.org");
            let expected = "username=ada\npassword=s3cret of nobody\n";
            assert!(filled.contains(expected), "{url}: {filled}");
            // A remote that redirects git to another host does not make git send the token there.
            for other in [
                "protocol=https\nhost=git.example.com",
                "protocol=https\nhost=git.example.org:8443",
                "protocol=http\nhost=git.example.org",
            ] {
                let filled = fill(url, other);
                assert!(!filled.contains("s3cret"), "{url}: {filled}");
            }
        }
        let filled = fill("http://[::1]:8080/x", "protocol=http\nhost=[::1]:8080");
        assert!(filled.contains("s3cret"), "{filled}");
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
