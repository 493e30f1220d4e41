//! From an entry of a stack file to the object that the Swarm is to have. The versions of all names with one variable have one
//! length, which is known when every entry has been read.

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

/// An entry with a `file:`, before its version has a length.
pub(super) struct Draft<'a> {
    placed: Placed<'a>,
    managed: &'a Managed,
    file: ManagedFile,
    /// All digits of the blob id or MD5. The version is their beginning.
    digits: String,
    variable: String,
    pattern: NamePattern,
    /// How many digits its name has room for.
    length: usize,
}

impl EntryReader<'_> {
    /// Reads an entry as far as that can be done before all others are read. Its file and its name may both be wrong.
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
            // If the file is another one than is meant, the name may be right.
            (Err(read), Err(named)) if read.is_missing_file() && named.is_foreign_variable() => {
                Err(vec![read])
            }
            (read, named) => Err(read.err().into_iter().chain(named.err()).collect()),
        }
    }

    /// The file of an entry, and all digits that its version may have.
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

    /// The names of an entry's versions, and how many digits there is room for.
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

/// How many digits the value of each variable has: as many as all names with it have room for.
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
    /// The object, where the version of each variable has its length in `lengths`.
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

/// The error of an entry whose name, on this line, can't be used.
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

/// The digits of the version of a secret whose last newline is taken away. They differ from those of the secret with its
/// newline, since the two must not have one name, and need no key.
fn digits_of_stripped(blob: &str) -> String {
    hexadecimal(&Sha256::digest(format!("without newline {blob}")))
}

/// The object of an entry with `external: true`.
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
