//! Reads typed values from a document, with Docker's interpolation.

use super::error::ComposeError;
use super::interpolate::{Environment, interpolate, interpolate_strictly};
use super::interpolation_error::InterpolationError;
use crate::stack::yaml::{NodeId, Pair, YamlDocument, is_plain_string};

/// Reads values. An error names the line of the wrong value.
pub(crate) struct Reader<'a> {
    pub(crate) document: &'a YamlDocument,
    pub(crate) environment: Environment<'a>,
    /// The minor version of the format (3.x), if the file states it.
    pub(crate) minor: Option<u32>,
}

impl Reader<'_> {
    pub(crate) fn mapping(&self, id: NodeId, place: &str) -> Result<Vec<Pair>, ComposeError> {
        self.document
            .pairs(id)?
            .ok_or_else(|| ComposeError::NotMapping {
                line: self.document.line(id),
                place: place.to_owned(),
            })
    }

    /// A string before interpolation.
    pub(crate) fn string(&self, id: NodeId, place: &str) -> Result<String, ComposeError> {
        match self.document.counted_scalar(id)? {
            Some((text, plain)) if !plain || is_plain_string(text) => Ok(text.to_owned()),
            _ => Err(ComposeError::NotString {
                line: self.document.line(id),
                place: place.to_owned(),
            }),
        }
    }

    /// A string, interpolated as Docker does.
    pub(crate) fn text(&self, id: NodeId, place: &str) -> Result<String, ComposeError> {
        self.string(id, place)?;
        self.interpolated(id, place)
    }

    /// A string whose variables must all have a value: with an empty value, it would name something else.
    pub(crate) fn strict(&self, id: NodeId, place: &str) -> Result<String, ComposeError> {
        let text = self.string(id, place)?;
        let line = self.document.line(id);
        interpolate_strictly(&text, self.environment).map_err(interpolation(line, place))
    }

    /// Any scalar, interpolated as Docker does.
    pub(crate) fn interpolated(&self, id: NodeId, place: &str) -> Result<String, ComposeError> {
        let line = self.document.line(id);
        let Some((text, _)) = self.document.counted_scalar(id)? else {
            let place = place.to_owned();
            return Err(ComposeError::NotString { line, place });
        };
        interpolate(text, self.environment).map_err(interpolation(line, place))
    }

    /// Refuses a property that needs a newer version of the format than the file states.
    pub(crate) fn needs(
        &self,
        needed: u32,
        property: NodeId,
        place: &str,
    ) -> Result<(), ComposeError> {
        match self.minor {
            Some(minor) if minor < needed => Err(ComposeError::TooNew {
                line: self.document.line(property),
                place: place.to_owned(),
                property: self.document.key(property).to_owned(),
                needed,
                minor,
            }),
            _ => Ok(()),
        }
    }
}

pub(crate) fn interpolation(
    line: usize,
    place: &str,
) -> impl FnOnce(InterpolationError) -> ComposeError {
    let place = place.to_owned();
    move |source| ComposeError::Interpolation {
        line,
        place,
        source: Box::new(source),
    }
}

/// Adds an error to `problems` and returns `None` instead. An error about a limit of the whole document is returned, since
/// it ends the reading.
pub(crate) fn noted<T>(
    read: Result<T, ComposeError>,
    problems: &mut Vec<ComposeError>,
) -> Result<Option<T>, ComposeError> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error @ ComposeError::Document(_)) => Err(error),
        Err(error) => {
            problems.push(error);
            Ok(None)
        }
    }
}
