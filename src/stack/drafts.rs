//! Turns entries of a stack file into the objects that the Swarm must have. If several names use one variable, its value
//! must have the same length in all of them. That length is known only after every entry has been read, so each entry is
//! first read into a draft.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};

use crate::secret::SecretBytes;
use crate::stack::compose::{Environment, Managed};
use crate::stack::desired::{
    ExternalObject, NamePattern, NamingError, StackObject, WrittenName, file_variable,
    version_length,
};
use crate::stack::error::StackError;
use crate::stack::files::Placed;
use crate::stack::find::{ObjectSettings, VersionScheme};
use crate::stack::line_end::stripped;
use crate::stack::names::{NameError, ObjectKind, ObjectName, StackName, Version, hexadecimal};
use crate::stack::source::{ManagedFile, Sources};

/// Makes drafts of entries with a `file:`.
pub(super) struct EntryReader<'a> {
    pub(super) stack: &'a StackName,
    pub(super) sources: &'a Sources<'a>,
    pub(super) settings: ObjectSettings,
    pub(super) environment: Environment<'a>,
}

/// An entry with a `file:`, before the length of its version is known.
pub(super) struct Draft<'a> {
    placed: Placed<'a>,
    managed: &'a Managed,
    file: ManagedFile,
    /// All digits of the blob id or MD5 digest. The version is a prefix of them.
    digits: String,
    variable: String,
    pattern: NamePattern,
    /// How many digits of a version its name has room for.
    length: usize,
}

impl EntryReader<'_> {
    /// Reads an entry as far as possible before all others are read. Its file and its name are checked independently, and
    /// both may have an error.
    pub(super) fn draft<'a>(
        &self,
        placed: Placed<'a>,
        managed: &'a Managed,
    ) -> Result<Draft<'a>, Vec<StackError>> {
        let variable = file_variable(&managed.file);
        let read = self.file_and_digits(&placed, managed);
        let named = self.pattern_and_length(&placed, managed, &variable);
        match (read, named) {
            (Ok((file, digits)), Ok((pattern, length))) => Ok(Draft {
                placed,
                managed,
                file,
                digits,
                variable,
                pattern,
                length,
            }),
            // If the file is missing because the path is wrong, the name may be right: report the file alone.
            (Err(read), Err(named)) if read.is_missing_file() && named.is_foreign_variable() => {
                Err(vec![read])
            }
            (read, named) => Err(read.err().into_iter().chain(named.err()).collect()),
        }
    }

    /// The file of an entry, and all the digits that its version may be cut from.
    fn file_and_digits(
        &self,
        placed: &Placed<'_>,
        managed: &Managed,
    ) -> Result<(ManagedFile, String), StackError> {
        let place = placed.place(managed.file_line);
        let failed = |source| {
            let source = placed.file.as_written(source, &managed.written_file);
            StackError::of_source(&place, source)
        };
        let path = placed.file.beside(&managed.file);
        let file = self.sources.managed_file(&path, place.kind);
        let file = file.map_err(failed)?;
        let strips = self.settings.strip_newline == Some(true) && place.kind == ObjectKind::Secret;
        let digits = match self.settings.scheme {
            VersionScheme::Blob if strips => digits_of_stripped(&file.origin.blob),
            VersionScheme::Blob => file.origin.blob.clone(),
            VersionScheme::Md5 => {
                let content = self.sources.open(&file.origin.path, &file.content);
                let content = content.map_err(failed)?;
                md5(&if strips { stripped(content) } else { content })
            }
        };
        Ok((file, digits))
    }

    /// The pattern for the names of an entry's versions, and how many digits there is room for.
    fn pattern_and_length(
        &self,
        placed: &Placed<'_>,
        managed: &Managed,
        variable: &str,
    ) -> Result<(NamePattern, usize), StackError> {
        let fixed = self.settings.version_length;
        let (line, pattern) = match &managed.name {
            Some((name, line)) => {
                let written = WrittenName {
                    text: name,
                    file: &managed.file,
                    variable,
                    fixed_length: fixed,
                };
                (*line, written.pattern(self.environment))
            }
            None => {
                let pattern = NamePattern::by_default(self.stack, &placed.entry.key);
                (placed.entry.line, Ok(pattern))
            }
        };
        let named = pattern.and_then(|pattern| {
            let length = version_length(&pattern, fixed)?;
            Ok((pattern, length))
        });
        named.map_err(|source| naming_error(placed, managed, line, source))
    }
}

/// How many digits the value of each variable has: the maximum for which all names that use the variable have room.
pub(super) fn lengths_by_variable(drafts: &[Draft<'_>]) -> HashMap<String, usize> {
    let mut lengths: HashMap<String, usize> = HashMap::new();
    for draft in drafts.iter().filter(|draft| draft.managed.name.is_some()) {
        let length = lengths
            .entry(draft.variable.clone())
            .or_insert(draft.length);
        *length = draft.length.min(*length);
    }
    lengths
}

impl Draft<'_> {
    /// The object. `lengths` has the length of the version for each variable.
    pub(super) fn object(
        self,
        lengths: &HashMap<String, usize>,
    ) -> Result<StackObject, StackError> {
        let place = self.placed.place(self.managed.file_line);
        let is_named_by_variable = self.managed.name.is_some();
        let of_variable = lengths.get(&self.variable);
        let length = of_variable.filter(|_| is_named_by_variable);
        let version = Version::from_hex(&self.digits, length.copied().unwrap_or(self.length))
            .expect("because no version is longer than its digits");
        let line = self.managed.name.as_ref().map(|(_, line)| *line);
        let line = line.unwrap_or(self.placed.entry.line);
        let name = self
            .pattern
            .name(&version)
            .map_err(|source| naming_error(&self.placed, self.managed, line, source))?;
        Ok(StackObject {
            kind: place.kind,
            entry: place.key,
            name,
            pattern: self.pattern,
            version,
            origin: self.file.origin,
            template_driver: self.managed.template_driver.clone(),
            labels: self.managed.labels.clone(),
            place: place.place,
            variable: self.variable,
            is_named_by_variable,
            content: self.file.content,
            is_encrypted_in_git: self.file.is_encrypted_in_git,
        })
    }
}

/// The error for an entry whose name, on this line, can't be used.
fn naming_error(
    placed: &Placed<'_>,
    managed: &Managed,
    line: usize,
    source: NamingError,
) -> StackError {
    let source = match &managed.name {
        Some((written, _)) => source.with_name(written),
        None => source,
    };
    StackError::of_naming(&placed.place(line), source)
}

/// The digits of the version of a secret that is published without its last newline. They must differ from the digits of the
/// unchanged secret, because the two contents must not have the same name. They are made from the blob id alone, so no key
/// is needed.
fn digits_of_stripped(blob: &str) -> String {
    hexadecimal(&Sha256::digest(format!("without newline {blob}")))
}

/// The object of an `external` entry.
pub(super) fn external(
    placed: &Placed<'_>,
    name: &str,
    written: &str,
) -> Result<ExternalObject, StackError> {
    let place = placed.place(placed.entry.line);
    let invalid = |source: NameError| {
        let source = source.with_name(written);
        StackError::of_naming(&place, NamingError::Invalid(source))
    };
    let name = ObjectName::parse(name).map_err(invalid)?;
    Ok(ExternalObject {
        kind: place.kind,
        entry: place.key,
        name,
        place: place.place,
    })
}

fn md5(content: &SecretBytes) -> String {
    use md5::{Digest, Md5};
    let mut hash = Md5::new();
    content.expose_chunks().for_each(|chunk| hash.update(chunk));
    hexadecimal(&hash.finalize())
}
