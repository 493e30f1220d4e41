//! Commands that read stack files, before they ask Docker for anything.

mod all_errors;
mod bombs;
mod discovery;
mod env;
mod env_warnings;
mod errors_together;
mod many_configs;
mod own_settings;
mod render;
mod rotation;
mod shown_values;
mod stack_content;
