//! The repository's configuration that makes Git call this program: filter, diff driver and merge driver of each key.

use super::configuration::{Configuration, if_set};
use super::driver::Driver;
use super::filter_program::FilterProgram;
use crate::format::KeyName;
use crate::repository::error::RepositoryError;

impl Configuration<'_> {
    /// The keys for which a filter is configured.
    pub(crate) fn keys_with_filter(self) -> Result<Vec<KeyName>, RepositoryError> {
        let reading = || RepositoryError::git("reading the git configuration");
        let config = self.snapshot()?;
        let mut keys = Vec::new();
        let mut entries = config
            .entries(Some(r"^filter\.git-crypt.*\.(clean|smudge|process)$"))
            .map_err(reading())?;
        while let Some(entry) = entries.next() {
            let entry = entry.map_err(reading())?;
            let driver = entry
                .name()
                .ok()
                .and_then(|name| name.strip_prefix("filter.")?.rsplit_once('.'));
            keys.extend(driver.and_then(|(driver, _)| KeyName::of_driver(driver)));
        }
        keys.sort();
        keys.dedup();
        Ok(keys)
    }

    /// The drivers of `key`, from all configuration files that Git reads.
    pub(crate) fn driver(self, key: &KeyName) -> Result<Driver, RepositoryError> {
        let reading = || RepositoryError::git("reading the git configuration");
        let config = self.snapshot()?;
        let text = |name: String| {
            let value = if_set(config.get_string(&name)).map_err(reading())?;
            Ok(value.filter(|value| !value.is_empty()))
        };
        let driver = key.driver();
        // Git itself reports a value that is neither true nor false.
        let is_true = |name: String| config.get_bool(&name).unwrap_or(false);
        Ok(Driver {
            clean: text(format!("filter.{driver}.clean"))?,
            smudge: text(format!("filter.{driver}.smudge"))?,
            process: text(format!("filter.{driver}.process"))?,
            merge: text(format!("merge.{driver}.driver"))?,
            required: is_true(format!("filter.{driver}.required")),
            keeps_plaintext: is_true(format!("diff.{driver}.cachetextconv")),
        })
    }

    /// The keys that keep the filter of another program, as `program` decides.
    pub(crate) fn kept_drivers<'key>(
        self,
        keys: &[&'key KeyName],
        program: &FilterProgram,
    ) -> Result<Vec<&'key KeyName>, RepositoryError> {
        let mut kept = Vec::new();
        for key in keys {
            if program.keeps(&self.driver(key)?, key) {
                kept.push(*key);
            }
        }
        Ok(kept)
    }

    /// Configures filter, diff driver and merge driver of `keys`, all in one step. Returns the keys that keep the
    /// filter of another program; they only get the merge driver.
    pub(crate) fn set_drivers<'key>(
        self,
        keys: &[&'key KeyName],
        program: &FilterProgram,
    ) -> Result<Vec<&'key KeyName>, RepositoryError> {
        let kept = self.kept_drivers(keys, program)?;
        self.edit(|edit| {
            for key in keys {
                let driver = key.driver();
                edit.set(
                    &format!("merge.{driver}.name"),
                    "three-way merge of encrypted files",
                )?;
                edit.set(
                    &format!("merge.{driver}.driver"),
                    &program.merge_command(key),
                )?;
                edit.set(&format!("filter.{driver}.required"), "true")?;
                if kept.contains(key) {
                    continue;
                }
                edit.set(
                    &format!("filter.{driver}.smudge"),
                    &program.command("smudge", key),
                )?;
                edit.set(
                    &format!("filter.{driver}.clean"),
                    &program.command("clean", key),
                )?;
                edit.set(
                    &format!("filter.{driver}.process"),
                    &program.command("filter-process", key),
                )?;
                edit.set(
                    &format!("diff.{driver}.textconv"),
                    &program.command("diff", key),
                )?;
            }
            Ok(())
        })?;
        Ok(kept)
    }

    /// Removes filter, diff driver and merge driver of `keys`, all in one step.
    pub(crate) fn remove_drivers(self, keys: &[&KeyName]) -> Result<(), RepositoryError> {
        self.edit(|edit| {
            for key in keys {
                edit.remove_section(&format!("filter.{}", key.driver()))?;
                edit.remove_section(&format!("diff.{}", key.driver()))?;
                edit.remove_section(&format!("merge.{}", key.driver()))?;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::process::Command;

    use super::*;
    use crate::repository::{Repository, SearchPath};

    fn program(path: &str) -> FilterProgram {
        FilterProgram::new(Path::new(path), SearchPath::new([]))
    }

    /// The values of a setting in the repository's own configuration file, as git reads them.
    fn settings(repository: &Repository, name: &str) -> Vec<String> {
        let mut git = Command::new("git");
        git.arg("config")
            .arg("--file")
            .arg(repository.common_dir().join("config"));
        let printed = git.args(["--get-all", name]).output().expect("git runs");
        let printed = String::from_utf8(printed.stdout).expect("text");
        printed.lines().map(str::to_owned).collect()
    }

    #[test]
    fn git_reads_the_commands_as_they_were_meant_whatever_letters_are_in_them() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let repository = Repository::empty(folder.path());
        let ops = KeyName::named("ops").expect("a good name");
        for path in [
            "hs-secrets",
            "/opt/a b/hs-secrets",
            r#"/opt/"quoted" \back;semi#hash $dollar`tick/hs-secrets"#,
            "/opt/t\tab/hs-secrets",
        ] {
            let program = program(path);
            let keys = [&KeyName::default(), &ops];
            let kept = repository.configuration().set_drivers(&keys, &program);
            assert_eq!(kept.expect("writable"), [] as [&KeyName; 0]);
            for key in keys {
                let driver = repository.configuration().driver(key).expect("readable");
                let command = program.command("clean", key);
                assert_eq!(driver.clean.as_ref(), Some(&command), "{path}");
                let name = format!("filter.{}.clean", key.driver());
                assert_eq!(settings(&repository, &name), [command], "{path}");
                let name = format!("merge.{}.driver", key.driver());
                assert_eq!(settings(&repository, &name), [program.merge_command(key)]);
                assert!(driver.required && driver.filters());
            }
        }
    }

    #[test]
    fn a_section_is_removed_however_git_lets_its_heading_be_written() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let repository = Repository::empty(folder.path());
        let config = repository.common_dir().join("config");
        let before = fs::read_to_string(&config).expect("text");
        let key = KeyName::default();
        for heading in [
            "[filter \"git-crypt\"]",
            "[Filter \"git-crypt\"]",
            "[FILTER \"git-crypt\"] # by hand",
            "[filter   \"git-crypt\"]",
            "[filter \"git\\-crypt\"]",
            "[filter.git-crypt]",
            "[filter \"git-crypt\"]\n\tclean = one\n[fiLter \"git-crypt\"]",
        ] {
            let others = "[Filter \"Git-Crypt\"]\n\tclean = another\n";
            let text =
                format!("{before}{heading}\n\tclean = x\n\tSmudge = y\n\tclean = z\n{others}");
            fs::write(&config, text).expect("our own file");
            assert_eq!(
                settings(&repository, "filter.git-crypt.clean")
                    .last()
                    .map(String::as_str),
                Some("z"),
                "{heading}"
            );
            repository
                .configuration()
                .remove_drivers(&[&key])
                .expect("writable");
            for name in ["filter.git-crypt.clean", "filter.git-crypt.smudge"] {
                assert_eq!(settings(&repository, name), [] as [&str; 0], "{heading}");
            }
            assert_eq!(
                settings(&repository, "filter.Git-Crypt.clean"),
                ["another"],
                "{heading}"
            );
        }
    }

    #[test]
    fn each_setting_is_there_once_and_what_is_not_ours_stays() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let repository = Repository::empty(folder.path());
        let config = repository.common_dir().join("config");
        let others = "# ours\n[filter \"git-crypt\"]\n\tclean = one\n\tclean = two\n";
        fs::write(repository.common_dir().join("other"), others).expect("a new file");
        let before =
            fs::read_to_string(&config).expect("text") + others + "[include]\n\tpath = other\n";
        fs::write(&config, &before).expect("our own file");
        let key = KeyName::default();
        let configuration = repository.configuration();
        let program = program("hs-secrets");
        configuration
            .set_drivers(&[&key], &program)
            .expect("writable");
        let clean = settings(&repository, "filter.git-crypt.clean");
        assert_eq!(clean, [program.command("clean", &key)]);
        let after = fs::read_to_string(&config).expect("text");
        assert!(
            after.contains("# ours") && after.contains("path = other"),
            "{after}"
        );
        assert_eq!(
            configuration.keys_with_filter().expect("readable"),
            std::slice::from_ref(&key)
        );
        configuration.remove_drivers(&[&key]).expect("writable");
        assert_eq!(
            settings(&repository, "filter.git-crypt.clean"),
            [] as [&str; 0]
        );
        let after = fs::read_to_string(&config).expect("text");
        assert!(!after.contains("git-crypt"), "{after}");
        assert_eq!(
            fs::read_to_string(repository.common_dir().join("other")).expect("text"),
            others
        );
        let beside = fs::read_dir(repository.common_dir()).expect("a folder");
        let left = beside.filter(|entry| {
            let name = entry.as_ref().expect("readable").file_name();
            name.to_string_lossy().starts_with("config.")
        });
        assert_eq!(left.count(), 0);
    }

    #[test]
    fn the_configuration_is_left_alone_while_another_process_has_its_lock() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let repository = Repository::empty(folder.path());
        let [config, lock] =
            ["config", "config.lock"].map(|name| repository.common_dir().join(name));
        fs::write(&lock, "").expect("a new file");
        let before = fs::read(&config).expect("the file");
        let key = KeyName::default();
        let refused = repository
            .configuration()
            .set_drivers(&[&key], &program("x"));
        assert!(matches!(refused, Err(RepositoryError::ConfigLocked { path }) if path == lock));
        assert_eq!(fs::read(&config).expect("the file"), before);
        assert!(lock.exists(), "it is the other's");
    }
}
