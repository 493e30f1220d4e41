//! What was encrypted stays encrypted: the attributes of today beside those of every commit before.
//!
//! A path, or a pattern, that an earlier commit gave to a key and that now has none or another is a finding, until it is
//! accepted. Attributes that something outside of the tree takes away are one as well. Whoever can push can change
//! `.gitattributes` without any key; whoever adds the next file must hear of it first.

use std::collections::{BTreeMap, HashMap};

use super::encrypting_patterns::EncryptingPattern;
use crate::format::KeyName;
use crate::leaks::report::inspection::Inspection;
use crate::leaks::rule::Rule;
use crate::repository::{
    AttributeState, BlobId, PathBytes, Repository, RepositoryError, TreeAttributes,
};

/// Maximum number of commits that are looked at before a commit is made.
const COMMITS_BEFORE_A_COMMIT: usize = 1000;
/// Maximum number of states of the attributes that today's are compared with, the newest first.
const MOST_STATES: usize = 100;

/// How far back a check looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// To what a clone remembers, and as many commits as take no time.
    Quick,
    /// To the first commit.
    Whole,
}

/// Compares the attributes in the `index` with earlier ones, for `paths` and for every pattern. Returns why that could not be
/// done, if so.
pub(crate) fn inspect(
    repository: &Repository,
    index: &[(PathBytes, BlobId)],
    paths: &[&PathBytes],
    depth: Depth,
    seen: &mut Inspection,
) -> Option<String> {
    let lost = Coverage::new(repository, index).and_then(|mut coverage| {
        coverage.compare_with_history(paths, depth)?;
        coverage.compare_with_outside(paths)?;
        Ok(coverage.lost)
    });
    match lost {
        Ok(lost) => {
            for (path, hint) in lost {
                seen.add_file(Rule::LostAttribute, &path, None, hint);
            }
            None
        }
        Err(error) => Some(format!(
            "the attributes could not be compared with earlier ones: {error}"
        )),
    }
}

/// Writes down the files in the `index` that are ciphertext, and that no attribute gives to a key.
pub(crate) fn inspect_ciphertext(
    repository: &Repository,
    index: &[(PathBytes, BlobId)],
    seen: &mut Inspection,
) -> Result<(), RepositoryError> {
    let files = index.iter().map(|(path, blob)| (path, *blob));
    let covered = repository.attributes().encrypted_paths(files)?;
    for (path, blob) in index.iter().filter(|(path, _)| !covered.contains_key(path)) {
        match repository.objects().is_encrypted(*blob) {
            Ok(true) => seen.add_file(Rule::UncoveredCiphertext, path, None, String::new()),
            Ok(false) => {}
            Err(error) => seen.add_gap(path, error.to_string()),
        }
    }
    Ok(())
}

struct Coverage<'check> {
    repository: &'check Repository,
    index: &'check [(PathBytes, BlobId)],
    /// The `.gitattributes` in the index.
    files: Vec<(PathBytes, BlobId)>,
    /// Their answers. Git is asked at need only.
    now: Option<TreeAttributes>,
    /// The keys that they give to what was asked about.
    keys: HashMap<PathBytes, Option<KeyName>>,
    /// Each path or pattern that has lost its key, with what is known of it.
    lost: BTreeMap<PathBytes, String>,
}

impl<'check> Coverage<'check> {
    fn new(
        repository: &'check Repository,
        index: &'check [(PathBytes, BlobId)],
    ) -> Result<Self, RepositoryError> {
        let files = index.iter().filter(|(path, _)| is_attributes_file(path));
        Ok(Self {
            repository,
            index,
            files: files.cloned().collect(),
            now: None,
            keys: HashMap::new(),
            lost: BTreeMap::new(),
        })
    }

    /// Finds what an earlier state of the attributes encrypted with another key than they do now.
    fn compare_with_history(
        &mut self,
        paths: &[&PathBytes],
        depth: Depth,
    ) -> Result<(), RepositoryError> {
        let most = match depth {
            Depth::Quick => COMMITS_BEFORE_A_COMMIT,
            Depth::Whole => usize::MAX,
        };
        let history = self.repository.commits().attribute_states(most)?;
        let mut files = self.files.clone();
        files.sort();
        let earlier = history.states.iter();
        let earlier = earlier.filter(|state| !state.files.is_empty() && state.files != files);
        for state in earlier.take(MOST_STATES) {
            self.compare_with(state, paths)?;
        }
        Ok(())
    }

    fn compare_with(
        &mut self,
        state: &AttributeState,
        paths: &[&PathBytes],
    ) -> Result<(), RepositoryError> {
        let mut patterns = Vec::new();
        for (path, blob) in &state.files {
            let blob = self.repository.objects().blob(*blob)?;
            patterns.extend(EncryptingPattern::all_in(path, blob.content()));
        }
        // Where the pattern is that each sample stands for; a path stands for itself.
        let mut shown: BTreeMap<&PathBytes, &PathBytes> = BTreeMap::new();
        for pattern in &patterns {
            shown.insert(&pattern.sample, &pattern.shown);
        }
        for path in paths {
            if patterns.iter().any(|pattern| pattern.may_match(path)) {
                shown.insert(path, path);
            }
        }
        shown.retain(|_, shown| !self.lost.contains_key(*shown));
        let questions: Vec<&PathBytes> = shown.keys().copied().collect();
        if questions.is_empty() {
            return Ok(());
        }
        self.ask(&questions)?;
        let attributes = self.repository.attributes();
        let files = state.files.iter().map(|(path, blob)| (path, *blob));
        let then = attributes
            .of_files(files)?
            .encryptions(questions.iter().copied())?;
        for (path, before) in questions.into_iter().zip(then) {
            let Some(before) = before else {
                continue;
            };
            let now = self.keys.get(path).cloned().flatten();
            if now.as_ref() != Some(&before.key) {
                let commit = state.commit.to_string();
                let hint = format!(
                    "{} as of {}, {} now",
                    filter_words(Some(&before.key)),
                    &commit[..10],
                    filter_words(now.as_ref())
                );
                self.lost.insert(shown[path].clone(), hint);
            }
        }
        Ok(())
    }

    /// Finds what the tree encrypts and Git does not: something outside of the tree takes the attribute away.
    fn compare_with_outside(&mut self, paths: &[&PathBytes]) -> Result<(), RepositoryError> {
        let outside = self.repository.attributes().files_outside_the_tree()?;
        let Some(first) = outside.first() else {
            return Ok(());
        };
        let place = first.display().to_string();
        let mut patterns = Vec::new();
        for (path, blob) in &self.files {
            let blob = self.repository.objects().blob(*blob)?;
            patterns.extend(EncryptingPattern::all_in(path, blob.content()));
        }
        let mut shown: BTreeMap<&PathBytes, &PathBytes> =
            paths.iter().map(|path| (*path, *path)).collect();
        let samples = patterns.iter();
        shown.extend(samples.map(|pattern| (&pattern.sample, &pattern.shown)));
        let questions: Vec<&PathBytes> = shown.keys().copied().collect();
        self.ask(&questions)?;
        let attributes = self.repository.attributes();
        let really = attributes.encryptions(questions.iter().copied())?;
        for (path, really) in questions.into_iter().zip(really) {
            let tree = self.keys.get(path).cloned().flatten();
            let really = really.map(|encryption| encryption.key);
            if tree.is_some() && tree != really {
                let hint = format!(
                    "{} in the repository, {} in this clone: see {place}",
                    filter_words(tree.as_ref()),
                    filter_words(really.as_ref())
                );
                self.lost.entry(shown[path].clone()).or_insert(hint);
            }
        }
        Ok(())
    }

    /// Learns the keys that the `.gitattributes` of the index give to `paths`.
    fn ask(&mut self, paths: &[&PathBytes]) -> Result<(), RepositoryError> {
        let new = paths.iter().copied();
        let new: Vec<&PathBytes> = new.filter(|path| !self.keys.contains_key(*path)).collect();
        if new.is_empty() {
            return Ok(());
        }
        let now = match &self.now {
            Some(now) => now,
            None => {
                let files = self.index.iter().map(|(path, blob)| (path, *blob));
                self.now
                    .insert(self.repository.attributes().of_files(files)?)
            }
        };
        let answers = now.encryptions(new.iter().copied())?;
        let answers = answers
            .into_iter()
            .map(|found| found.map(|found| found.key));
        self.keys.extend(new.into_iter().cloned().zip(answers));
        Ok(())
    }
}

/// True if `path` is that of a `.gitattributes`.
pub(crate) fn is_attributes_file(path: &PathBytes) -> bool {
    let name = path.as_bytes().rsplit(|&byte| byte == b'/').next();
    name == Some(b".gitattributes")
}

fn filter_words(key: Option<&KeyName>) -> String {
    match key {
        Some(key) => format!("filter={}", key.driver()),
        None => "no filter".to_owned(),
    }
}
