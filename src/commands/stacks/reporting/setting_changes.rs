//! The warning about a setting that was changed since the newest objects in the Swarm were made.

use crate::commands::Context;
use crate::commands::stacks::reporting::short_id::short;
use crate::stack::SETTINGS_FILE;
use crate::swarm::SettingChange;

/// Warns, with the name of the setting, both values, and the commit that changed it.
pub(crate) fn warn_of_setting(context: &Context, change: &SettingChange) {
    let SettingChange {
        setting,
        stack,
        before,
        now,
        made_at,
        changed_by,
    } = change;
    let by = changed_by.as_ref().map_or_else(
        || "a change that is not committed".to_owned(),
        |commit| format!("commit {} {}", short(&commit.id, 7), commit.summary),
    );
    let made_at = short(made_at, 7);
    let of_stack = stack
        .as_ref()
        .map_or_else(String::new, |stack| format!(" of [stacks.{stack}]"));
    context.terminal.warning(format_args!(
        "{SETTINGS_FILE}: `{setting}`{of_stack} is {now}, and was {before} when the newest objects in the Swarm were made (commit {made_at}): set by {by}"
    ));
    if *setting == "version" && now == "\"md5\"" {
        context.terminal.hint(
            "names then tell the MD5 of each secret's content, against which anybody who sees them can guess",
        );
    }
}
