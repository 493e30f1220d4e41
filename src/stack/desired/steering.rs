//! Names of variables that control what programs run, read or trust. A file of a repository must not set any of them.

/// The names, sorted. A `*` stands for any text.
///
/// These variables are obeyed by a shell, or by a program that people start from one: loaders, interpreters, compilers, Git,
/// SSH, GPG, the clients of Docker and of clouds, pagers and editors. The docker client and its helpers obey some of them,
/// too. Names that only change how something is displayed (`TZ`, `LANG`, `LC_ALL`) are not in the list. Credentials such as
/// `AWS_ACCESS_KEY_ID` are not either: stacks need them, and they control no program.
const NAMES: &str = "
    *_ASKPASS *_EDITOR *_PAGER *_PASSCOMMAND *_PASSWORD_COMMAND *_PRELOAD *_PROXY *_RSH
    ACKRC ANSIBLE_* ANT_ARGS ANT_OPTS AR ARFLAGS AS ASFLAGS AWKLIBPATH AWKPATH AWS_CA_BUNDLE AWS_CONFIG_FILE AWS_CONTAINER_*
    AWS_DATA_PATH AWS_EC2_METADATA_* AWS_ENDPOINT_URL* AWS_PROFILE AWS_SHARED_CREDENTIALS_FILE AWS_WEB_IDENTITY_TOKEN_FILE
    AZURE_AUTHORITY_HOST AZURE_CONFIG_DIR AZURE_EXTENSION_DIR
    BASH BASHOPTS BASH_* BAT_CONFIG_PATH BOTO_CONFIG BROWSER BUILDKIT_* BUILDX_* BUNDLER_* BUNDLE_GEMFILE BUNDLE_PATH
    BUNDLE_USER_*
    CARGO_* CC CCACHE_* CDPATH CFLAGS CGO_* CLASSPATH CLOUDSDK_* CMAKE_* COMPILER_PATH COMPOSER_HOME COMPOSE_* CONDA_*
    CONFIG_SHELL CONFIG_SITE CONTAINERD_ADDRESS CONTAINERS_CONF CONTAINERS_CONF_OVERRIDE CONTAINERS_REGISTRIES_CONF
    CONTAINERS_STORAGE_CONF CONTAINER_CONNECTION CONTAINER_HOST CORECLR_* CPATH CPLUS_INCLUDE_PATH CPP CPPFLAGS CURL_* CXX
    CXXFLAGS C_INCLUDE_PATH
    DBUS_* DIRENV_* DISPLAY DISTCC_* DOCKER_* DOTNET_ADDITIONAL_DEPS DOTNET_ROOT DOTNET_STARTUP_HOOKS DYLD_*
    EDITOR ELIXIR_ERL_OPTIONS EMACSLOADPATH ENV ERL_AFLAGS ERL_FLAGS ERL_LIBS ERL_ZFLAGS EXECIGNORE EXINIT
    FC FCEDIT FFLAGS FIGNORE FPATH FZF_*
    GCC_EXEC_PREFIX GCONV_PATH GDK_* GEM_* GETCONF_DIR GH_BROWSER GH_CONFIG_DIR GH_HOST GH_PATH GIO_* GITHUB_ENV
    GITHUB_OUTPUT GITHUB_PATH GITHUB_STATE GIT_* GLAB_CONFIG_DIR GLIBC_* GLOBIGNORE GNUMAKEFLAGS GNUPGHOME GO111MODULE
    GOAUTH GOBIN GOCACHE GOCACHEPROG GOCOVERDIR GODEBUG GOENV GOEXPERIMENT GOFLAGS GOINSECURE GOMODCACHE GONOPROXY GONOSUMDB
    GOOGLE_APPLICATION_CREDENTIALS GOPATH GOPRIVATE GOPROXY GOROOT GOSUMDB GOTMPDIR GOTOOLCHAIN GOTOOLDIR GOTRACEBACK GOVCS
    GOWORK GPG_* GRADLE_* GREP_OPTIONS GTK_*
    HELM_* HG HGEDITOR HGRCPATH HISTCONTROL HISTFILE* HISTIGNORE HISTSIZE HISTTIMEFORMAT HOME HOMEBREW_* HOSTALIASES HOSTCC
    HS_SECRETS_*
    IFS INPUTRC IRBRC
    JAVA_HOME JAVA_OPTS JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS JRE_HOME
    KRB5CCNAME KRB5RCACHE* KRB5_CLIENT_KTNAME KRB5_CONFIG KRB5_KDC_PROFILE KRB5_KTNAME KRB5_TRACE KUBECONFIG KUBECTL_*
    KUBERNETES_MASTER KUBERNETES_SERVICE_*
    LD LDFLAGS LD_* LESS LESSCLOSE LESSHISTFILE LESSKEY* LESSOPEN LIBRARY_PATH LOCALDOMAIN LOCPATH LUA_CPATH* LUA_INIT*
    LUA_PATH*
    M2_HOME MAILPATH MAKE MAKEFILES MAKEFLAGS MAKEOVERRIDES MALLOC_* MANOPT MANPAGER MANPATH MAVEN_ARGS MAVEN_HOME
    MAVEN_OPTS MFLAGS MODULE_PATH
    NIX_* NLSPATH NM NODE_EXTRA_CA_CERTS NODE_ICU_DATA NODE_OPTIONS NODE_PATH NODE_REDIRECT_WARNINGS
    NODE_REPL_EXTERNAL_MODULE NODE_TLS_REJECT_UNAUTHORIZED NODE_V8_COVERAGE NOTIFY_SOCKET NPM_CONFIG_* NULLCMD
    OLDPWD OPENSSL_CONF OPENSSL_CONF_INCLUDE OPENSSL_ENGINES OPENSSL_MODULES OTEL_EXPORTER_*
    PAGER PATH PERL* PGSERVICEFILE PGSYSCONFDIR PHPRC PHP_INI_SCAN_DIR PINENTRY_USER_DATA PIPENV_* PIPX_* PIP_*
    PKCS11_MODULE_PATH PKG_CONFIG PKG_CONFIG_* PNPM_HOME PODMAN_CONNECTIONS_CONF POETRY_* POSIXLY_CORRECT PROMPT
    PROMPT_COMMAND PS0 PS1 PS2 PS3 PS4 PSQLRC PWD PYTHON*
    QT_*
    RANLIB RCLONE_CONFIG READNULLCMD REGISTRY_AUTH_FILE REQUESTS_CA_BUNDLE RESOLV_HOST_CONF RES_OPTIONS RIPGREP_CONFIG_PATH
    RPROMPT RPS1 RSYNC_CONNECT_PROG RUBY* RUSTC RUSTC_* RUSTDOC RUSTDOCFLAGS RUSTFLAGS RUSTUP_* R_ENVIRON* R_HOME R_LIBS*
    R_PROFILE*
    SBT_OPTS SCCACHE_* SHELL SHELLOPTS SSH_* SSLKEYLOGFILE SSL_CERT_DIR SSL_CERT_FILE STARSHIP_CONFIG STRIP SUDO_* SVN_SSH
    SYSTEMD_LESS SYSTEMD_PAGERSECURE SYSTEMD_UNIT_PATH
    TAR_OPTIONS TEMP TERM TERMCAP TERMINFO TERMINFO_DIRS TF_* TMP TMPDIR TZDIR
    UV_*
    VIM VIMINIT VIMRUNTIME VIRTUAL_ENV VISUAL
    WAYLAND_* WGETRC
    XAUTHORITY XDG_* XZ_DEFAULTS XZ_OPT
    YARN_*
    ZDOTDIR
    _JAVA_OPTIONS
";

/// True if the variable of this name controls programs. Case is ignored, because of `http_proxy`.
pub(crate) fn steers_programs(variable: &str) -> bool {
    let name = variable.to_ascii_uppercase();
    NAMES.split_whitespace().any(|pattern| {
        if let Some(end) = pattern.strip_prefix('*') {
            name.ends_with(end)
        } else if let Some(beginning) = pattern.strip_suffix('*') {
            name.starts_with(beginning)
        } else {
            name == pattern
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::desired::file_variable;

    #[test]
    fn each_name_stands_once_and_in_order() {
        let names: Vec<&str> = NAMES.split_whitespace().collect();
        assert!(names.is_sorted());
        for name in &names {
            let covered: Vec<&&str> = names
                .iter()
                .filter(|other| {
                    let beginning = other.strip_suffix('*').unwrap_or("\0");
                    let end = other.strip_prefix('*').unwrap_or("\0");
                    name.starts_with(beginning) || name.ends_with(end) || name == *other
                })
                .collect();
            assert_eq!(covered, [name], "one of them says it all");
        }
    }

    #[test]
    fn no_variable_and_no_file_has_one_of_the_names() {
        for pattern in NAMES.split_whitespace() {
            let name = pattern.replace('*', "x");
            assert!(steers_programs(&name), "{name}");
            assert!(steers_programs(&name.to_lowercase()), "{name}");
            // A leading dot of a file's name becomes a leading `_` of its variable.
            let file = format!("secret/{}", name.to_lowercase().replace('_', "."));
            assert!(steers_programs(&file_variable(&file)), "{file}");
        }
    }

    #[test]
    fn files_and_variables_of_usual_stacks_keep_their_names() {
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
            "pwd.txt",
            "id_ed25519",
            "aws.credentials",
            "krb5.conf",
            "krb5.keytab",
            "bundle.pem",
            "ssl.key",
            "ssl.cert",
            "openssl.cnf",
            "history.json",
            "terminal.conf",
            "makemkv.conf",
            "npm.env",
            "gotify.env",
            "google-credentials.json",
            "kubernetes.token",
            "node_exporter.yml",
            "filebrowser.json",
            "prompt.txt",
            "github.token",
            "rclone.conf",
            "containers.json",
            "podman.json",
            "systemd.json",
            "otel-collector.yaml",
        ] {
            assert!(!steers_programs(&file_variable(file)), "{file}");
        }
        for variable in [
            "TZ",
            "LANG",
            "LC_ALL",
            "USER",
            "PUID",
            "PGID",
            "DOMAIN",
            "TAG",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_REGION",
            "AZURE_CLIENT_SECRET",
            "GOOGLE_CLIENT_ID",
            "GITHUB_TOKEN",
            "NODE_ENV",
            "NPM_DB_PASSWORD",
            "RUST_LOG",
            "RESTIC_PASSWORD",
            "RSYNC_PASSWORD",
            "PGPASSWORD",
            "VIRTUAL_HOST",
            "VAULT_TOKEN",
        ] {
            assert!(!steers_programs(variable), "{variable}");
        }
    }
}
