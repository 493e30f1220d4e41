//! The local configuration that makes Git call this program: a filter, a diff and a merge driver for each key.

use super::configuration::{Configuration, if_set};
use super::driver::Driver;
use super::filter_program::FilterProgram;
use crate::format::KeyName;
use crate::repository::error::RepositoryError;

impl Configuration<'_> {
    /// The keys whose filter is configured here.
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

    /// The drivers of `key`, wherever Git reads settings from.
    pub(crate) fn driver(self, key: &KeyName) -> Result<Driver, RepositoryError> {
        let reading = || RepositoryError::git("reading the git configuration");
        let config = self.snapshot()?;
        let text = |name: String| {
            let value = if_set(config.get_string(&name)).map_err(reading())?;
            Ok(value.filter(|value| !value.is_empty()))
        };
        let driver = key.driver();
        // Git itself complains about a value that is neither true nor false.
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

    /// The keys whose filter is another program's, if `program` would leave it there.
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

    /// Configures filter, diff and merge driver of `keys`, all in one step; returns the keys whose filter stays that of
    /// another program, which gets a merge driver beside it.
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

    /// Removes filter, diff and merge driver of `keys`, all in one step.
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
