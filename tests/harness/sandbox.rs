//! A temporary directory for each test. Commands in it do not see the user's environment.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// The date of every commit.
const DATE: &str = "2026-01-02T03:04:05Z";

/// The environment variable with the format of the repositories that `git` creates in a sandbox: `sha256`, `reftable`, or
/// both, separated by a comma. `tests/run.sh` sets it.
const FORMAT_VARIABLE: &str = "REPOSITORY_FORMAT";

/// A temporary directory with a home directory and room for repositories. The program under test is first on the `PATH`.
pub struct Sandbox {
    root: TempDir,
    format: String,
}

/// Stands for the exit code of a program that was ended by a signal.
pub const ENDED_BY_SIGNAL: i32 = -1;

/// The result of a command.
#[derive(Debug)]
pub struct Run {
    /// The command line.
    pub command: String,
    /// The exit code, or -1 if a signal ended the command.
    pub code: i32,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Sandbox {
    pub fn new() -> Self {
        Self::of_format(&std::env::var(FORMAT_VARIABLE).unwrap_or_default())
    }

    /// A sandbox whose repositories have a format, written as in [`FORMAT_VARIABLE`]. An empty text means Git's default.
    pub fn of_format(format: &str) -> Self {
        let root = tempfile::Builder::new()
            .prefix("hs-secrets-test-")
            .tempdir()
            .expect("a temporary directory");
        for folder in ["home", "tmp"] {
            fs::create_dir(root.path().join(folder)).expect("a folder");
        }
        let sandbox = Self {
            root,
            format: format.to_owned(),
        };
        fs::write(
            sandbox.path("home/.gitconfig"),
            "[user]\n\tname = Tester\n\temail = tester@example.org\n[init]\n\tdefaultBranch = main\n[advice]\n\tdetachedHead = false\n[protocol \"file\"]\n\tallow = always\n",
        )
        .expect("a git configuration");
        sandbox
    }

    /// A path in the sandbox.
    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.path().join(relative)
    }

    /// A new, empty repository.
    pub fn repository(&self, name: &str) -> PathBuf {
        self.git(self.root.path(), ["init", "--quiet", name])
            .succeeds();
        self.path(name)
    }

    /// A repository with the files of the home lab, which are not added yet.
    pub fn home_lab(&self, name: &str) -> PathBuf {
        let repository = self.repository(name);
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/home-lab");
        copy_tree(&fixture, &repository);
        repository
    }

    /// Runs the program under test.
    pub fn hs<Argument: AsRef<OsStr>>(
        &self,
        directory: &Path,
        arguments: impl IntoIterator<Item = Argument>,
    ) -> Run {
        self.run(directory, "hs-secrets", arguments, b"")
    }

    /// Runs git.
    pub fn git<Argument: AsRef<OsStr>>(
        &self,
        directory: &Path,
        arguments: impl IntoIterator<Item = Argument>,
    ) -> Run {
        self.run(directory, "git", arguments, b"")
    }

    /// Runs the real git-crypt.
    pub fn git_crypt<Argument: AsRef<OsStr>>(
        &self,
        directory: &Path,
        arguments: impl IntoIterator<Item = Argument>,
    ) -> Run {
        self.run(directory, "git-crypt", arguments, b"")
    }

    /// Runs any program with `input` on its stdin.
    pub fn run<Argument: AsRef<OsStr>>(
        &self,
        directory: &Path,
        program: &str,
        arguments: impl IntoIterator<Item = Argument>,
        input: &[u8],
    ) -> Run {
        let mut command = self.command(directory, program);
        command.args(arguments);
        run(command, input)
    }

    /// A command in the sandbox. It can be changed, and is then run by [`run`].
    pub fn command(&self, directory: &Path, program: &str) -> Command {
        let own = Path::new(env!("CARGO_BIN_EXE_hs-secrets"))
            .parent()
            .expect("the program is in a directory");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(
            std::iter::once(own.to_owned()).chain(std::env::split_paths(&path)),
        );
        let mut command = Command::new(program);
        command
            .current_dir(directory)
            .env_clear()
            .env("PATH", path.expect("no colon in the build directory"))
            .env("HOME", self.path("home"))
            .env("TMPDIR", self.path("tmp")) // files left there by a killed program are removed with the sandbox
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_DATE", DATE)
            .env("GIT_COMMITTER_DATE", DATE)
            .env("LC_ALL", "C")
            .env("TZ", "UTC");
        set_format(&mut command, &self.format);
        command
    }
}

/// Makes `git` create repositories of a format, written as in [`FORMAT_VARIABLE`].
pub fn set_format(command: &mut Command, format: &str) {
    for part in format.split(',').filter(|part| !part.is_empty()) {
        match part {
            "sha256" => command.env("GIT_DEFAULT_HASH", part),
            "reftable" => command.env("GIT_DEFAULT_REF_FORMAT", part),
            _ => panic!("{FORMAT_VARIABLE}: `{part}` is no format"),
        };
    }
}

/// Runs a command to its end.
pub fn run(mut command: Command, input: &[u8]) -> Run {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let text = words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ");
    let program = command.get_program().to_string_lossy().into_owned();
    let spawned = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = spawned
        .unwrap_or_else(|error| panic!("`{text}` could not be run: {error}{}", install(&program)));
    let mut stdin = child.stdin.take().expect("piped");
    let input = input.to_vec();
    // It is not an error if a program does not read its stdin.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child
        .wait_with_output()
        .expect("the child's output can be read");
    writer.join().expect("the writer does not panic");
    Run {
        command: text,
        code: output.status.code().unwrap_or(ENDED_BY_SIGNAL),
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

impl Run {
    /// Fails unless the exit code is 0.
    #[track_caller]
    pub fn succeeds(self) -> Self {
        self.ends_with(0)
    }

    /// Fails unless the exit code is `code`.
    #[track_caller]
    pub fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}", self.summary());
        self
    }

    /// Fails unless the exit code is 1 and there is one error line that contains each of `parts`. A panic is a failure, too.
    #[track_caller]
    pub fn fails_saying(self, parts: &[&str]) -> Self {
        assert_eq!(self.code, 1, "{}", self.summary());
        let errors: Vec<&str> = self
            .stderr
            .lines()
            .filter(|line| line.contains(": error: "))
            .collect();
        assert_eq!(
            errors.len(),
            1,
            "one line of error, please: {}",
            self.summary()
        );
        for part in parts {
            assert!(
                errors[0].contains(part),
                "the error does not say `{part}`: {}",
                self.summary()
            );
        }
        self
    }

    /// The stdout as text.
    #[track_caller]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    fn summary(&self) -> String {
        format!(
            "`{}` ended with {}\n{}{}",
            self.command,
            self.code,
            self.text(),
            self.stderr
        )
    }
}

/// Copies a directory with everything in it.
pub fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a readable directory") {
        let entry = entry.expect("a readable entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a file type").is_dir() {
            copy_tree(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// Says how to install a program that a test needs.
fn install(program: &str) -> String {
    let package = match program {
        "git" | "git-crypt" | "strace" | "age" | "pre-commit" | "python3" => program,
        "age-keygen" => "age",
        "script" => "bsdutils",
        "ssh-keygen" => "openssh-client",
        "gpg" => "gnupg",
        "docker" | "dockerd" => "docker.io",
        "ip" | "nsenter" => "iproute2 util-linux",
        _ => return String::new(),
    };
    format!("\nthis test needs the real {program}: apt-get install {package}")
}
