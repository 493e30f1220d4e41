//! A stack's files for a question to the docker client although something is wrong with them that docker is not asked about.

use crate::stack::loaded::Stack;
use crate::stack::render::RenderedFile;

impl Stack<'_> {
    /// True if its files could be read, and only entries are wrong in them.
    pub(crate) fn is_sound(&self) -> bool {
        self.is_sound
    }

    /// The parts of its files that only docker judges. None if there are none, or if they can't be written alone.
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
