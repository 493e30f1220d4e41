//! Reads `[stacks.NAME]`.

use std::collections::BTreeMap;

use super::error::SettingProblem;
use super::layout::StackLayout;
use super::reader::SettingsReader;
use super::served::ServedStack;
use crate::serve::window::DeploymentWindow;
use crate::stack::StackName;

impl SettingsReader<'_> {
    /// Reads the tables of all stacks. Each stack comes from one of `repositories`.
    pub(super) fn stacks(
        &mut self,
        layouts: BTreeMap<String, StackLayout>,
        repositories: &[String],
    ) -> Vec<ServedStack> {
        if layouts.is_empty() {
            self.problems.push(SettingProblem::NoStacks);
        }
        let mut stacks = Vec::new();
        for (name, layout) in layouts {
            match stack(&name, layout, repositories) {
                Ok(stack) => stacks.push(stack),
                Err(problem) => self.problems.push(problem),
            }
        }
        stacks
    }
}

fn stack(
    name: &str,
    layout: StackLayout,
    repositories: &[String],
) -> Result<ServedStack, SettingProblem> {
    let own = || name.to_owned();
    let parsed = StackName::parse(name);
    let parsed = parsed.map_err(|source| SettingProblem::StackName {
        name: own(),
        source,
    })?;
    let repository = match (layout.repository, repositories) {
        (None, [_]) => 0,
        (None, several) => {
            let count = several.len();
            return Err(SettingProblem::NoRepository { name: own(), count });
        }
        (Some(wanted), there) => there.iter().position(|name| *name == wanted).ok_or(
            SettingProblem::UnknownRepository {
                name: own(),
                repository: wanted,
            },
        )?,
    };
    let window = layout.window;
    let window = window
        .map(|window| DeploymentWindow::parse(&window))
        .transpose();
    let window = window.map_err(|source| SettingProblem::Window {
        name: own(),
        source,
    })?;
    Ok(ServedStack {
        name: parsed,
        repository,
        window,
        heal: layout.heal,
    })
}
