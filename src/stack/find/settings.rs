//! The optional settings in `.hs-secrets.toml`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use thiserror::Error;

use super::stack_settings::{ObjectSettings, StackSettings, problems_of};
use crate::repository::Repository;
use crate::stack::names::NameError;
use crate::stack::source::{Tree, TreeError};

/// The path of the settings file, from the top of the repository.
pub(crate) const SETTINGS_FILE: &str = ".hs-secrets.toml";

/// Maximum length in bytes of a stack file or the settings file. A longer file is refused without reading it.
pub(crate) const MAXIMUM_FILE_LENGTH: u64 = 4 << 20;

/// How many hexadecimal digits a version may have. The minimum makes collisions unlikely, and the maximum is the length of a
/// SHA-1 blob id.
pub(crate) const VERSION_LENGTHS: std::ops::RangeInclusive<usize> = 12..=40;

/// Maximum number of digits of a version if `version-length` is not set. An MD5 digest has as many.
pub(crate) const LONGEST_VERSION: usize = 32;

/// The settings of a repository. They are committed, so that everybody has the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The source of versions.
    pub scheme: VersionScheme,
    /// How many digits a version has. `None` for as many as its name has room for, up to 32.
    pub version_length: Option<usize>,
    /// How many versions of each entry `prune` keeps besides the wanted one. `None` for the default.
    pub keep: Option<usize>,
    /// How many versions of each secret `prune` keeps. `None` for the number in `keep`.
    pub keep_secrets: Option<usize>,
    /// How many versions of each config `prune` keeps. `None` for the number in `keep`.
    pub keep_configs: Option<usize>,
    /// True if secrets of one line are published without their line ending, false if with it. `None` if it is not set: they
    /// are published with it, and the user is warned.
    pub strip_newline: Option<bool>,
    /// The settings of stacks, by their names.
    pub stacks: BTreeMap<String, StackSettings>,
    /// The table of the leak check, which is parsed there.
    pub check: Option<toml::Table>,
}

/// The source of a file's version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VersionScheme {
    /// The blob id of the file in Git.
    Blob,
    /// The MD5 digest of the file's plaintext. Scripts with `md5sum` name objects like this, so that a migration from them
    /// restarts nothing.
    Md5,
}

/// Why the settings can't be used. Each message begins with the name of the file.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The file is not valid TOML, or has an unknown setting.
    #[error("{SETTINGS_FILE}:{line}: {reason}")]
    Invalid {
        /// Line, from 1.
        line: usize,
        /// The parser's message.
        reason: String,
    },
    /// The `version-length` is too short or too long.
    #[error("{SETTINGS_FILE}: {}`version-length` is {length}, and must be from {} to {longest}", in_table(stack.as_ref()), VERSION_LENGTHS.start())]
    VersionLength {
        /// The stack that it is set for. `None` if it is set for all stacks.
        stack: Option<String>,
        /// The length as written.
        length: usize,
        /// The maximum length for this source of versions.
        longest: usize,
    },
    /// The name of a stack is not valid.
    #[error("{SETTINGS_FILE}: [stacks.{name}]: {source}")]
    StackName {
        /// The name as written.
        name: String,
        source: NameError,
    },
    /// The table of a stack has no setting.
    #[error("{SETTINGS_FILE}: [stacks.{name}] is empty; it needs `files` or another setting")]
    EmptyStack {
        /// The stack.
        name: String,
    },
    /// The file is too long.
    #[error("{SETTINGS_FILE} has {length} bytes, and the maximum is {MAXIMUM_FILE_LENGTH}")]
    TooLong {
        /// Its length in bytes.
        length: u64,
    },
    /// The file is not text.
    #[error("{SETTINGS_FILE} is not UTF-8 text")]
    NotText,
    /// The file could not be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// A file of a stack is outside the repository.
    #[error("{SETTINGS_FILE}: [stacks.{name}]: {} is not a path below the top of the repository", file.display())]
    OutsideFile {
        /// The stack.
        name: String,
        file: PathBuf,
    },
    /// Several problems, found at once.
    #[error("{}", problems.iter().map(Self::to_string).collect::<Vec<_>>().join("; "))]
    Several {
        /// Each of them.
        problems: Vec<SettingsError>,
    },
}

/// The settings file as TOML.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct SettingsFile {
    version: Option<VersionScheme>,
    version_length: Option<usize>,
    keep: Option<usize>,
    keep_secrets: Option<usize>,
    keep_configs: Option<usize>,
    strip_newline: Option<bool>,
    #[serde(default)]
    stacks: BTreeMap<String, StackSettings>,
    check: Option<toml::Table>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            scheme: VersionScheme::Blob,
            version_length: None,
            keep: None,
            keep_secrets: None,
            keep_configs: None,
            strip_newline: None,
            stacks: BTreeMap::new(),
            check: None,
        }
    }
}

impl Settings {
    /// Reads the settings of the repository, at `revision` or in the work tree. Without a settings file, the defaults.
    pub fn load(repository: &Repository, revision: Option<&str>) -> Result<Self, SettingsError> {
        let tree = Tree::open(repository, revision).map_err(TreeError::from)?;
        let Some(found) = tree.find(SETTINGS_FILE)? else {
            return Ok(Self::default());
        };
        let length = tree.len(&found)?;
        if length > MAXIMUM_FILE_LENGTH {
            return Err(SettingsError::TooLong { length });
        }
        let mut bytes = tree.read(&found)?;
        let text = std::str::from_utf8(bytes.expose()).map_err(|_| SettingsError::NotText)?;
        Self::parse(text)
    }

    /// Parses the text of a settings file.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let file: SettingsFile = toml::from_str(text).map_err(|error| {
            let before = error.span().map_or("", |span| &text[..span.start]);
            SettingsError::Invalid {
                line: before.matches('\n').count() + 1,
                // The parser's message names a type of Rust, which tells the user nothing.
                reason: error
                    .message()
                    .replace('\n', " ")
                    .replace("expected usize", "expected a number from 0"),
            }
        })?;
        let settings = Self {
            scheme: file.version.unwrap_or(VersionScheme::Blob),
            version_length: file.version_length,
            keep: file.keep,
            keep_secrets: file.keep_secrets,
            keep_configs: file.keep_configs,
            strip_newline: file.strip_newline,
            stacks: file.stacks,
            check: file.check,
        };
        let of_all = ObjectSettings {
            scheme: settings.scheme,
            version_length: settings.version_length,
            strip_newline: settings.strip_newline,
        };
        let mut problems = Vec::new();
        problems.extend(check_length(of_all, None).err());
        for (name, stack) in &settings.stacks {
            problems.extend(problems_of(name, stack));
            if stack.version.is_some() || stack.version_length.is_some() {
                let of_stack = settings.for_objects_of(name);
                problems.extend(check_length(of_stack, Some(name)).err());
            }
        }
        match problems.len() {
            0 => Ok(settings),
            1 => Err(problems.remove(0)),
            _ => Err(SettingsError::Several { problems }),
        }
    }
}

/// An error if no version from this source can have this length.
fn check_length(settings: ObjectSettings, stack: Option<&String>) -> Result<(), SettingsError> {
    let longest = match settings.scheme {
        VersionScheme::Blob => *VERSION_LENGTHS.end(),
        VersionScheme::Md5 => LONGEST_VERSION,
    };
    let lengths = *VERSION_LENGTHS.start()..=longest;
    match settings.version_length {
        Some(length) if !lengths.contains(&length) => Err(SettingsError::VersionLength {
            stack: stack.cloned(),
            length,
            longest,
        }),
        _ => Ok(()),
    }
}

fn in_table(stack: Option<&String>) -> String {
    stack.map_or_else(String::new, |name| format!("[stacks.{name}]: "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::names::ObjectKind;

    fn refused(text: &str) -> String {
        Settings::parse(text).expect_err(text).to_string()
    }

    #[test]
    fn everything_has_a_default() {
        assert_eq!(Settings::parse("").unwrap(), Settings::default());
    }

    #[test]
    fn all_settings_are_read() {
        let text = "\
version = \"md5\"
version-length = 12
keep = 3
keep-configs = 5
strip-newline = true
[stacks.monitoring]
version = \"blob\"
version-length = 40
strip-newline = false
files = [\"monitoring/stack.yml\", \"monitoring/alerting.yml\"]
[stacks.web]
variables = [\"./web/secret/web.env\"]
keep = 0
keep-secrets = 7
[check]
allow = [{ rule = \"aws\", path = \"docs/*\", reason = \"invented\" }]
";
        let settings = Settings::parse(text).unwrap();
        assert_eq!(settings.scheme, VersionScheme::Md5);
        assert_eq!(settings.version_length, Some(12));
        assert_eq!(settings.keep, Some(3));
        let of_objects = |stack| {
            let of_stack = settings.for_objects_of(stack);
            let ObjectSettings {
                scheme,
                version_length,
                strip_newline,
            } = of_stack;
            (scheme, version_length, strip_newline)
        };
        assert_eq!(
            of_objects("web"),
            (VersionScheme::Md5, Some(12), Some(true))
        );
        assert_eq!(
            of_objects("monitoring"),
            (VersionScheme::Blob, Some(40), Some(false))
        );
        assert_eq!(settings.files_of("monitoring").map(<[_]>::len), Some(2));
        assert_eq!(settings.files_of("web"), None);
        assert_eq!(settings.variable_files("web"), ["web/secret/web.env"]);
        let keep = |stack, kind| settings.keep_of(stack, kind);
        assert_eq!(keep(None, ObjectKind::Secret), Some(3));
        assert_eq!(keep(None, ObjectKind::Config), Some(5));
        assert_eq!(keep(Some("monitoring"), ObjectKind::Config), Some(5));
        assert_eq!(keep(Some("web"), ObjectKind::Secret), Some(7));
        assert_eq!(keep(Some("web"), ObjectKind::Config), Some(0));
        assert!(settings.check.is_some());
    }

    #[test]
    fn paths_are_read_in_their_shortest_form() {
        let text = "[stacks.a]\nfiles = ['./a//b/./c.yml', 'd.yml/']\nvariables = ['.//e.env']\n";
        let settings = Settings::parse(text).unwrap();
        let files: Vec<_> = settings.stack_files().map(|file| file.to_str()).collect();
        assert_eq!(files, [Some("a/b/c.yml"), Some("d.yml")]);
        assert_eq!(settings.variable_files("a"), ["e.env"]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let unknown = refused("keep = 1\n\nkepe = 2\n");
        assert!(
            unknown.starts_with(".hs-secrets.toml:3: unknown field `kepe`"),
            "{unknown}"
        );
        assert!(refused("keep = 1\nversion = \"sha\"\n").starts_with(".hs-secrets.toml:2: "));
        assert!(refused("[stacks.web]\nfile = \"a\"\n").starts_with(".hs-secrets.toml:2: "));
        for keep in ["-1", "'x'"] {
            let wrong = refused(&format!("keep = {keep}"));
            assert!(wrong.ends_with(", expected a number from 0"), "{wrong}");
        }
        assert!(refused("= 3").starts_with(".hs-secrets.toml:1: "));
        assert!(refused("version-length = 8").contains("must be from 12 to 40"));
        assert!(
            refused("version = \"md5\"\nversion-length = 40").contains("must be from 12 to 32")
        );
        assert!(
            refused("version-length = 40\n[stacks.a]\nversion = \"md5\"")
                .contains("[stacks.a]: `version-length` is 40, and must be from 12 to 32")
        );
        assert!(refused("[stacks.'a b']\nfiles = ['x']").contains("name `a b` is not valid"));
        assert!(refused("[stacks.a]\nfiles = []").contains("it needs `files`"));
        assert!(refused("[stacks.a]\nfiles = ['../x']").contains("is not a path below"));
        assert!(refused("[stacks.a]\nvariables = ['/x']").contains("is not a path below"));
        assert!(refused("[stacks.a]\nfiles = ['a/../../x']").contains("a/../../x is not a path"));
        for top in ["", ".", "./."] {
            let top = refused(&format!("[stacks.a]\nfiles = ['{top}']"));
            assert!(top.contains("is not a path below"), "{top}");
        }
        let several = "version-length = 2\n[stacks.a]\nfiles = ['/x', '../y']\n[stacks.b]\n[stacks.c]\nversion-length = 3\n";
        let told = refused(several);
        let each: Vec<&str> = told.split("; .hs-secrets.toml: ").collect();
        assert_eq!(each.len(), 5, "{told}");
        for (told, expected) in
            each.iter()
                .zip(["is 2,", "/x is", "../y is", "[stacks.b] is empty", "is 3,"])
        {
            assert!(told.contains(expected), "{told}");
        }
    }
}
