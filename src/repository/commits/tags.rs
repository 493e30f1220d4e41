//! Annotated tags, which stand between a reference and an object.

use super::walks::Commits;
use crate::repository::objects::id::ObjectId;

/// The message of an annotated tag.
#[derive(Debug, Clone)]
pub(crate) struct TagMessage {
    pub name: String,
    pub message: Vec<u8>,
}

impl<'repository> Commits<'repository> {
    /// The annotated tags on the way from `target` to an object that is not a tag, with that object.
    pub(in crate::repository) fn behind_tags(
        self,
        target: ObjectId,
    ) -> Result<(Vec<TagMessage>, git2::Object<'repository>), git2::Error> {
        let mut tags = Vec::new();
        let mut object = self.git.find_object(target.into(), None)?;
        while let Some(tag) = object.as_tag() {
            tags.push(TagMessage {
                name: String::from_utf8_lossy(tag.name_bytes()).into_owned(),
                message: tag.message_bytes().unwrap_or_default().to_vec(),
            });
            object = tag.target()?;
        }
        Ok((tags, object))
    }
}
