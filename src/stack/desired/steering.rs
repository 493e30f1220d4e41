//! Names of variables that tell programs what to run, read or trust. No file of a repository may set one.

/// Variables that a shell, the docker client, the programs it starts, or a loader obey.
const NAMES: &[&str] = &[
    "PATH",
    "HOME",
    "SHELL",
    "IFS",
    "ENV",
    "CDPATH",
    "GLOBIGNORE",
    "SHELLOPTS",
    "BASHOPTS",
    "PROMPT_COMMAND",
    "PS1",
    "PS2",
    "PS4",
    "ZDOTDIR",
    "FPATH",
    "TMPDIR",
    "TEMP",
    "TMP",
    "EDITOR",
    "VISUAL",
    "PAGER",
    "BROWSER",
    "LESSOPEN",
    "LESSCLOSE",
    "TERMINFO",
    "TERMINFO_DIRS",
    "NLSPATH",
    "LOCPATH",
    "GCONV_PATH",
    "HOSTALIASES",
    "LOCALDOMAIN",
    "RES_OPTIONS",
    "RESOLV_HOST_CONF",
    "GETCONF_DIR",
    "TZDIR",
    "GODEBUG",
    "GOCOVERDIR",
    "GOTRACEBACK",
    "KUBECONFIG",
    "CLASSPATH",
    "JAVA_TOOL_OPTIONS",
    "_JAVA_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "NODE_OPTIONS",
    "NODE_PATH",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "SSLKEYLOGFILE",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "GNUPGHOME",
    "OPENSSL_CONF",
    "OPENSSL_MODULES",
    "OPENSSL_ENGINES",
    "PKCS11_MODULE_PATH",
];

/// Beginnings of names that whole families of these variables share.
const BEGINNINGS: &[&str] = &[
    "LD_",
    "DYLD_",
    "DOCKER_",
    "BUILDKIT_",
    "BUILDX_",
    "COMPOSE_",
    "SSH_",
    "GIT_",
    "GPG_",
    "XDG_",
    "BASH_",
    "PYTHON",
    "PERL5",
    "PERLLIB",
    "RUBYLIB",
    "RUBYOPT",
    "MALLOC_",
    "GLIBC_",
    "OTEL_",
    "SUDO_",
    "HS_SECRETS_",
];

/// Ends of names that whole families of these variables share.
const ENDINGS: &[&str] = &["_PROXY", "_ASKPASS", "_PRELOAD"];

/// True if the variable of this name steers programs. Upper and lower case count alike, for the sake of `http_proxy`.
pub(crate) fn steers_programs(variable: &str) -> bool {
    let name = variable.to_ascii_uppercase();
    NAMES.contains(&name.as_str())
        || BEGINNINGS
            .iter()
            .any(|beginning| name.starts_with(beginning))
        || ENDINGS.iter().any(|ending| name.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::desired::file_variable;

    #[test]
    fn files_named_like_a_variable_that_steers_are_told_from_others() {
        for file in [
            "path",
            "secret/home",
            "ld.preload",
            "docker.config",
            "ssh-auth-sock",
            "https.proxy",
            "Bash.Env",
            "git.dir",
            "xdg-config-home",
            "python.path",
            "dyld.insert.libraries",
            "ifs",
            "env",
        ] {
            assert!(steers_programs(&file_variable(file)), "{file}");
        }
        for file in [
            "nginx.conf",
            ".env",
            "web.env",
            "db.password",
            "home.html",
            "path.conf",
            "gitea.ini",
            "dockerd.json",
            "proxy.conf",
            "ssh",
            "user",
            "id_ed25519",
        ] {
            assert!(!steers_programs(&file_variable(file)), "{file}");
        }
    }
}
