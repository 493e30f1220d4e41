//! Compares the attributes of today with those of earlier commits: what was encrypted must stay encrypted.
//!
//! A path or pattern to which an earlier commit assigned a key, and that now has none or another, is a finding until it
//! is accepted. Attributes that are overridden from outside of the tree are findings, too. Anybody who can push can
//! change `.gitattributes` without a key; the person who adds the next file must be warned first.

use std::collections::{BTreeMap, HashSet};

use super::keys_to_come;
use super::outside;
use super::tree_keys::{TreeKeys, filter_words, is_encrypting, to_ask};
use crate::leaks::report::finding::Gap;
use crate::leaks::report::inspection::Inspection;
use crate::leaks::rule::Rule;
use crate::repository::{
    AttributeHistory, AttributeState, BlobId, CommitId, PathBytes, Repository, RepositoryError,
};

/// Maximum number of commits that are read by a check before a commit. Reading them takes some seconds, once for a clone.
const COMMITS_BEFORE_A_COMMIT: usize = 20_000;
/// Maximum number of earlier states of the attributes that are compared with today's. The oldest ones are compared
/// first: an attacker who can push can add new states, but none before the existing ones.
const MAXIMUM_STATES: usize = 200;

/// How far back in history a check looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// To what the clone has remembered of earlier checks, and as many further commits as can be read quickly.
    Quick,
    /// To the first commit.
    Whole,
}

/// Compares the attributes in the `index` with earlier ones, for `paths` and for every pattern. Returns a remark if something
/// could not be compared.
pub(crate) fn inspect(
    repository: &Repository,
    index: &[(PathBytes, BlobId)],
    paths: &[&PathBytes],
    depth: Depth,
    seen: &mut Inspection,
) -> Option<String> {
    let mut coverage = Coverage::new(TreeKeys::of_files(repository, index));
    let mut missing = None;
    let are_shared = index.iter().any(|(path, _)| path.is_of_collaborators());
    let to_come = coverage.look_at_keys_to_come(are_shared, paths, depth, None, seen);
    let head = to_come.and_then(|()| repository.objects().head_commit());
    let compared = head.and_then(|head| {
        if let Some(head) = head {
            let history = repository
                .commits()
                .attribute_states(head, depth.commits())?;
            fetch_files(repository, &history)?;
            coverage.compare_with_history(&history, paths)?;
            if is_encrypting(repository, index)? {
                match depth {
                    Depth::Whole if repository.commits().is_shallow() => {
                        seen.gaps.push(Gap::of_shallow_clone());
                    }
                    _ => missing = missing_history_note(repository, &history),
                }
            }
        }
        Ok(())
    });
    let note = coverage.write_down(compared, None, seen);
    note.or(missing)
        .or(outside::inspect(repository, index, paths, seen))
}

/// In a partial clone, fetches all `.gitattributes` files that are to be compared, at once.
fn fetch_files(repository: &Repository, history: &AttributeHistory) -> Result<(), RepositoryError> {
    let files = history.states.iter().flat_map(|state| &state.files);
    repository
        .objects()
        .fetch_blobs(files.map(|(_, blob)| *blob))
}

/// A remark on the commits that could not be compared; `None` if all were.
fn missing_history_note(repository: &Repository, history: &AttributeHistory) -> Option<String> {
    if repository.commits().is_shallow() {
        let gap = Gap::of_shallow_clone();
        Some(format!(
            "the attributes were compared with few earlier ones: {}",
            gap.reason
        ))
    } else if history.complete {
        None
    } else {
        Some(format!(
            "the attributes were compared with those of the newest {COMMITS_BEFORE_A_COMMIT} commits: `check --all` compares them with all, once"
        ))
    }
}

/// Compares the attributes of the commit `tip` with those of its ancestors, for `paths` and for every pattern. The paths in
/// `ciphertext` are encrypted in `tip`; if its attributes assign no key to one of them, that is a finding, too. Returns a
/// remark if something could not be compared.
pub(crate) fn inspect_commit(
    repository: &Repository,
    tip: CommitId,
    paths: &[&PathBytes],
    ciphertext: &[&PathBytes],
    depth: Depth,
    seen: &mut Inspection,
) -> Option<String> {
    let history = match repository.commits().attribute_states(tip, depth.commits()) {
        Ok(history) => history,
        Err(error) => return Some(not_compared(&error)),
    };
    if let Err(error) = fetch_files(repository, &history) {
        return Some(not_compared(&error));
    }
    let own = history.states.first();
    let own = own.map_or(&[][..], |state| &state.files);
    let mut coverage = Coverage::new(TreeKeys::of_files(repository, own));
    // A check of the whole history reports missing commits itself.
    let missing = (depth == Depth::Quick)
        .then(|| missing_history_note(repository, &history))
        .flatten();
    let shared = repository.objects().tree_names(tip, ".git-crypt");
    let are_shared = shared.is_ok_and(|names| !names.is_empty());
    let compared = coverage
        .look_at_keys_to_come(are_shared, paths, depth, Some(tip), seen)
        .and_then(|()| coverage.compare_with_history(&history, paths))
        .and_then(|()| coverage.now.ask(ciphertext));
    if compared.is_ok() {
        let uncovered = ciphertext.iter();
        for path in uncovered.filter(|path| coverage.now.key(path).is_none()) {
            seen.add_path(Rule::UncoveredCiphertext, path, Some(tip), String::new());
        }
    }
    coverage.write_down(compared, Some(tip), seen).or(missing)
}

impl Depth {
    /// Maximum number of commits to look at.
    fn commits(self) -> usize {
        match self {
            Self::Quick => COMMITS_BEFORE_A_COMMIT,
            Self::Whole => usize::MAX,
        }
    }
}

/// The attributes that apply now, and what earlier attributes encrypted and these do not.
struct Coverage<'check> {
    now: TreeKeys<'check>,
    /// Each path or pattern that has lost its key, with a description of what changed.
    lost: BTreeMap<PathBytes, String>,
    /// Why an earlier state could not be read: the first such error.
    unread: Option<RepositoryError>,
    /// How many earlier states were not compared because there were too many.
    too_many: usize,
}

impl<'check> Coverage<'check> {
    fn new(now: TreeKeys<'check>) -> Self {
        Self {
            now,
            lost: BTreeMap::new(),
            unread: None,
            too_many: 0,
        }
    }

    /// Looks for attributes that would encrypt new wrapped keys. A quick check does this only if `paths` has a `.gitattributes`.
    fn look_at_keys_to_come(
        &mut self,
        are_shared: bool,
        paths: &[&PathBytes],
        depth: Depth,
        commit: Option<CommitId>,
        seen: &mut Inspection,
    ) -> Result<(), RepositoryError> {
        if depth == Depth::Quick && !paths.iter().any(|path| path.is_attributes_file()) {
            return Ok(());
        }
        keys_to_come::inspect(&mut self.now, are_shared, commit, seen)
    }

    /// Adds findings for everything that was lost. Returns a remark if something could not be compared. `.gitattributes` that
    /// apply and can't be read are a gap, since an attacker who can push could hide a change in them.
    fn write_down(
        self,
        compared: Result<(), RepositoryError>,
        commit: Option<CommitId>,
        seen: &mut Inspection,
    ) -> Option<String> {
        if self.too_many > 0 {
            let reason = format!(
                "there were {} sets of filters in the history, and the oldest {MAXIMUM_STATES} were compared",
                MAXIMUM_STATES + self.too_many
            );
            seen.add_gap(&PathBytes::new(".gitattributes"), reason);
        }
        for (path, hint) in self.lost {
            seen.add_path(Rule::LostAttribute, &path, commit, hint);
        }
        let unread = match (compared, self.unread) {
            (Err(RepositoryError::TooLong { path, maximum }), _) => {
                let path = PathBytes::new(path.as_os_str().as_encoded_bytes());
                seen.add_gap(
                    &path,
                    format!("it is longer than the {maximum} bytes that are read"),
                );
                None
            }
            (Err(error), _) => Some(error),
            (Ok(()), unread) => unread,
        };
        unread.as_ref().map(not_compared)
    }

    /// Finds paths and patterns that earlier attributes encrypted with another key than today's. A state that can't be read
    /// is left out; the others are still compared.
    fn compare_with_history(
        &mut self,
        history: &AttributeHistory,
        paths: &[&PathBytes],
    ) -> Result<(), RepositoryError> {
        self.now.patterns()?;
        let now = self.now.files().to_vec();
        let earlier = history.states.iter().rev();
        let earlier = earlier.filter(|state| !state.files.is_empty() && state.files != now);
        let mut seen: HashSet<Vec<u8>> = HashSet::new();
        seen.insert(self.now.about_filters(&now)?);
        let mut different = Vec::new();
        for state in earlier {
            match self.now.about_filters(&state.files) {
                Ok(said) => {
                    if seen.insert(said) {
                        different.push(state);
                    }
                }
                Err(error) => {
                    self.unread.get_or_insert(error);
                }
            }
        }
        self.too_many = different.len().saturating_sub(MAXIMUM_STATES);
        for state in different.into_iter().take(MAXIMUM_STATES) {
            if let Err(error) = self.compare_with(state, paths) {
                self.unread.get_or_insert(error);
            }
        }
        Ok(())
    }

    fn compare_with(
        &mut self,
        state: &AttributeState,
        paths: &[&PathBytes],
    ) -> Result<(), RepositoryError> {
        let patterns = self.now.patterns_of(&state.files)?;
        let mut shown = to_ask(&patterns, paths);
        shown.retain(|_, shown| !self.lost.contains_key(*shown));
        let questions: Vec<&PathBytes> = shown.keys().copied().collect();
        if questions.is_empty() {
            return Ok(());
        }
        self.now.ask(&questions)?;
        let then = self.now.keys_by(&state.files, &questions)?;
        for (path, before) in questions.into_iter().zip(then) {
            let now = self.now.key(path);
            if before.is_some() && now != before {
                let commit = state.commit.to_string();
                let hint = format!(
                    "{} as of {}, {} now",
                    filter_words(before.as_ref()),
                    &commit[..10],
                    filter_words(now.as_ref())
                );
                self.lost.insert(shown[path].clone(), hint);
            }
        }
        Ok(())
    }
}

fn not_compared(error: &RepositoryError) -> String {
    format!("the attributes could not be compared with earlier ones: {error}")
}
