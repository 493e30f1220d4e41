//! The parts of a stack's files that only docker checks. The docker client is asked about them even if other parts have
//! errors.

use crate::stack::loaded::Stack;
use crate::stack::render::RenderedFile;

impl Stack<'_> {
    /// True if its files could be read, and have errors only in secrets and configs.
    pub(crate) fn is_sound(&self) -> bool {
        self.is_sound
    }

    /// The parts of its files that only docker checks. `None` if there are none, or if they can't be written without the
    /// rest.
    pub(crate) fn left_to_docker(&self) -> Option<Vec<RenderedFile>> {
        let is_unknown = |name: &str| self.variables.is_unread(name) && !self.is_version(name);
        let files = self.files.iter().map(|file| {
            Some(RenderedFile {
                path: file.path.clone(),
                text: file.compose.left_to_docker(&is_unknown)?,
            })
        });
        let files: Option<Vec<RenderedFile>> = files.collect();
        files.filter(|files| !files.is_empty())
    }

    /// True if the variable stands for the version of a file.
    fn is_version(&self, variable: &str) -> bool {
        let mut objects = self.desired.objects.iter();
        objects.any(|object| object.variable == variable)
    }
}
