//! Finds stack files (given, from the settings, or by convention), and the files that a stack file names.

mod conventions;
mod discover;
mod named_files;
mod settings;
mod stack_settings;

pub(crate) use conventions::{StackPaths, beside, is_yaml, may_be_stack_file, without_parents};
pub(crate) use discover::DiscoverError;
pub(crate) use discover::{overlooked, stack_files, stacks};
pub(crate) use named_files::{FileUse, named_files};
pub use settings::Settings;
pub(crate) use settings::{LONGEST_VERSION, VERSION_LENGTHS};
pub(crate) use settings::{MAXIMUM_FILE_LENGTH, SETTINGS_FILE, SettingsError, VersionScheme};
pub(crate) use stack_settings::{ObjectSettings, StackSettings};
