//! `merge`: the merge driver of encrypted files, which Git calls.

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};

use clap::Args;

use super::filters::{FilterKey, refused};
use super::{Context, Outcome};
use crate::failure::Failure;
use crate::filter::{
    FilterError, Filtered, InRepository, MergeError, Merged, RepositoryOnDemand, Versions, merge,
};
use crate::repository::{ConflictMarkers, Repository};

/// Merge three encrypted versions of a file, as Git's merge driver
///
/// The second version is overwritten with the result, encrypted. Exits with 1 where there is a conflict.
/// Git does not tell a merge driver about `-X ours` and `-X theirs`. Even with these options, an encrypted file that both sides
/// have changed ends in a conflict. `git checkout --ours FILE` or `--theirs` takes one side.
#[derive(Args)]
pub(super) struct MergeArgs {
    #[command(flatten)]
    key: FilterKey,
    /// The version that both come from (%O)
    base: PathBuf,
    /// Our version, and where the result goes (%A)
    ours: PathBuf,
    /// Their version (%B)
    theirs: PathBuf,
    /// Length of the conflict markers (%L)
    marker_size: u16,
    /// The path in the repository (%P)
    path: OsString,
    /// The names of base, ours and theirs in conflict markers (%S %X %Y); before Git 2.44 it does not tell them
    #[arg(num_args = 0..=3)]
    labels: Vec<OsString>,
}

impl MergeArgs {
    pub(super) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let path = self.path.to_string_lossy();
        let keys = self.key.load(None)?;
        let labels = labels(&self.labels);
        // All labels are empty only for rerere, which merges work-tree files.
        let replayed = labels.iter().all(String::is_empty);
        let markers = ConflictMarkers {
            style: Repository::of_calling_git()?
                .configuration()
                .conflict_style()?,
            size: self.marker_size,
            labels,
        };
        let versions = Versions {
            base: open(&self.base)?,
            ours: open(&self.ours)?,
            theirs: open(&self.theirs)?,
        };
        let repository = RepositoryOnDemand::default();
        let destination = InRepository::at(&repository, self.path.as_encoded_bytes());
        let merged = merge(&keys, versions, &markers, replayed, &destination).map_err(|error| {
            let message = format!("merging {path} failed: {error}");
            match &error {
                MergeError::BadVersion { source, .. } => refused(context, source, message),
                _ => Failure::new(message),
            }
        })?;
        match merged {
            Merged::Clean(result) => {
                write(&self.ours, result)?;
                Ok(Outcome::Done)
            }
            Merged::Conflict(result) => {
                write(&self.ours, result)?;
                Ok(Outcome::Warned)
            }
            Merged::Binary => {
                context.terminal.warning(format_args!(
                    "{path}: binary content can't be merged, ours is kept"
                ));
                Ok(Outcome::Warned)
            }
        }
    }
}

/// The names of the three versions. Git before 2.44 passes the placeholders themselves, or nothing.
fn labels(given: &[OsString]) -> [String; 3] {
    let named = |index: usize, placeholder: &str, name: &str| match given.get(index) {
        Some(label) if label != placeholder => label.to_string_lossy().into_owned(),
        _ => name.to_owned(),
    };
    [
        named(0, "%S", "base"),
        named(1, "%X", "ours"),
        named(2, "%Y", "theirs"),
    ]
}

fn open(path: &Path) -> Result<File, FilterError> {
    File::open(path).map_err(FilterError::Read)
}

/// Overwrites a file that Git made for the merge. It has ciphertext before and after.
fn write(path: &Path, result: Filtered) -> Result<(), Failure> {
    let mut file = File::create(path).map_err(FilterError::Write)?;
    Ok(result.write_to(&mut file).map_err(FilterError::Write)?)
}
