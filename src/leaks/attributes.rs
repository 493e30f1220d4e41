//! Compares the attributes of the checked files with those of earlier commits.

use std::collections::HashSet;

use super::LeakError;
use super::checkup::Checkup;
use super::report::inspection::Inspection;
use super::rules::coverage::{self, Depth};
use super::rules::outside;
use super::targets::{Scope, Targets};
use crate::repository::{CommitId, PathBytes};

impl Checkup<'_> {
    /// Compares attributes with those of earlier commits: the attributes of the index, or of the newest of the checked commits.
    /// If a `.gitattributes` is staged, also looks at the files that it newly covers. Returns remarks for the user.
    pub(super) fn look_at_attributes(
        &self,
        targets: &Targets,
        inspection: &mut Inspection,
    ) -> Result<Vec<String>, LeakError> {
        let files = targets.files.iter().filter(|target| !target.is_link);
        let paths: Vec<&PathBytes> = files.map(|target| &target.path).collect();
        let (repository, index) = (self.repository, self.index);
        let depth = match self.scope {
            Scope::All | Scope::History => Depth::Whole,
            _ => Depth::Quick,
        };
        let mut notes = Vec::new();
        match self.scope {
            Scope::Message(_) => {}
            Scope::Staged | Scope::All | Scope::Files(_) => {
                if depth == Depth::Quick && paths.iter().any(|path| path.is_attributes_file()) {
                    self.look_at_newly_covered(&paths, inspection);
                }
                notes.extend(coverage::inspect(
                    repository, index, &paths, depth, inspection,
                ));
            }
            Scope::Range(_) | Scope::Commits(_) | Scope::Pushed { .. } | Scope::History => {
                notes.extend(outside::inspect(repository, index, &paths, inspection));
                let tips = match self.scope {
                    Scope::History => repository.objects().head_commit()?.into_iter().collect(),
                    _ => repository.commits().tips_of(&targets.messages)?,
                };
                for tip in tips {
                    notes.extend(self.look_at_commit(tip, depth, targets, inspection)?);
                }
            }
        }
        Ok(notes)
    }

    /// Looks at the files of the index other than `paths` that are to be encrypted now, but that Git stored before that was so.
    fn look_at_newly_covered(&self, paths: &[&PathBytes], inspection: &mut Inspection) {
        let looked_at: HashSet<&PathBytes> = paths.iter().copied().collect();
        let others = self.index.iter();
        for (path, blob) in others.filter(|(path, _)| !looked_at.contains(path)) {
            self.encrypted
                .look_at_stored(self.repository, path, *blob, inspection);
        }
    }

    /// Compares the attributes of `tip` with earlier ones, for those of `targets` that this commit has.
    fn look_at_commit(
        &self,
        tip: CommitId,
        depth: Depth,
        targets: &Targets,
        inspection: &mut Inspection,
    ) -> Result<Option<String>, LeakError> {
        let mut paths = Vec::new();
        for target in targets.files.iter().filter(|target| !target.is_link) {
            if self.repository.objects().file_in(tip, &target.path)? == Some(target.blob) {
                paths.push(&target.path);
            }
        }
        let mut encrypted = Vec::new();
        for (path, blob) in &inspection.ciphertext {
            if self.repository.objects().file_in(tip, path)? == Some(*blob) {
                encrypted.push(path.clone());
            }
        }
        let ciphertext: Vec<&PathBytes> = encrypted.iter().collect();
        let repository = self.repository;
        let note =
            coverage::inspect_commit(repository, tip, &paths, &ciphertext, depth, inspection);
        Ok(note)
    }
}
