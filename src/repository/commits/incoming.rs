//! Commits that Git is about to bring into the work tree, or was stopped at bringing.

use std::collections::BTreeSet;
use std::fs;

use git2::ErrorCode;

use super::walks::Commits;
use crate::repository::error::RepositoryError;
use crate::repository::objects::blobs::BlobId;
use crate::repository::objects::id::ObjectId;
use crate::repository::objects::revision::CommitId;
use crate::repository::path::PathBytes;

/// Prefix of the references to the branches of other repositories, as they were last fetched.
const REMOTE_BRANCHES: &str = "refs/remotes/";

/// A commit that `HEAD` does not have yet.
#[derive(Debug, Clone)]
pub(crate) struct Incoming {
    /// The name under which the user knows the commit.
    pub name: String,
    pub commit: CommitId,
    /// True if `HEAD` has commits that this one does not have.
    pub diverged: bool,
    /// True for the default branch of another repository that nothing marks as to be merged.
    pub is_default: bool,
}

/// A command that Git can be in the middle of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnderWay {
    /// `git merge`, or `git pull`.
    Merge,
    /// `git rebase`, or `git pull --rebase`.
    Rebase,
}

impl<'repository> Commits<'repository> {
    /// The command in which Git was stopped, if it has left a trace.
    pub(crate) fn under_way(self) -> Option<UnderWay> {
        let begun = |name: &str| self.git.path().join(name).exists();
        if begun("rebase-merge") || begun("rebase-apply") {
            return Some(UnderWay::Rebase);
        }
        begun("MERGE_HEAD").then_some(UnderWay::Merge)
    }

    /// The commits that the user is likely to merge next.
    ///
    /// These are the upstream of the branch; without an upstream, what was last fetched to be merged; without that (as
    /// in a CI job that checks out a commit without a branch), the default branches of other repositories. Other
    /// branches do not count: anybody who can push may create them. Commits that are being merged, or rebased onto, are
    /// added.
    pub(crate) fn incoming(self) -> Result<Vec<Incoming>, RepositoryError> {
        let mut found = match self.objects().upstream() {
            Some((name, id)) => vec![(name, CommitId(id))],
            None => self.fetched_to_merge(),
        };
        let is_default = found.is_empty();
        if is_default {
            found = self.default_branches()?;
        }
        let defaults = if is_default { found.len() } else { 0 };
        for id in self.merge_heads()? {
            found.push(("MERGE_HEAD".to_owned(), id));
        }
        for place in ["rebase-merge/onto", "rebase-apply/onto"] {
            let text = fs::read_to_string(self.git.path().join(place)).unwrap_or_default();
            if let Some(id) = ObjectId::parse(text.trim()) {
                found.push((id.to_string(), CommitId(id)));
            }
        }
        let (defaults, others) = (found[..defaults].to_vec(), found[defaults..].to_vec());
        let mut incoming = self.not_in_head(defaults)?;
        incoming.iter_mut().for_each(|one| one.is_default = true);
        incoming.extend(self.not_in_head(others)?);
        Ok(incoming)
    }

    /// The default branches of other repositories, or the only branch that is known of them.
    fn default_branches(self) -> Result<Vec<(String, CommitId)>, RepositoryError> {
        let branches = self.branches_in(REMOTE_BRANCHES)?;
        let remotes = branches.iter().filter_map(|(name, _)| name.split_once('/'));
        let remotes: BTreeSet<&str> = remotes.map(|(remote, _)| remote).collect();
        let defaults = remotes.into_iter().filter_map(|remote| {
            let name = format!("{remote}/HEAD");
            let commit = self.objects().named(&format!("{REMOTE_BRANCHES}{name}"));
            Some((name, CommitId(commit.ok()?)))
        });
        let defaults: Vec<(String, CommitId)> = defaults.collect();
        Ok(if defaults.is_empty() && branches.len() == 1 {
            branches
        } else {
            defaults
        })
    }

    /// All branches of this repository, and of others as they were last fetched, that have commits which `HEAD` does not have.
    /// Branches that can't be read are skipped.
    pub(crate) fn branches_ahead(self) -> Result<Vec<Incoming>, RepositoryError> {
        let mut found = self.branches_in("refs/heads/")?;
        found.extend(self.branches_in(REMOTE_BRANCHES)?);
        self.not_in_head(found)
    }

    /// The last commits of all branches that may have commits which `HEAD` does not have. A branch that can't be read is an
    /// error.
    pub(crate) fn every_tip_ahead(self) -> Result<Vec<CommitId>, RepositoryError> {
        let Some(head) = self.objects().head_commit()? else {
            return Ok(Vec::new());
        };
        let mut branches = Vec::new();
        for place in ["refs/heads/", REMOTE_BRANCHES] {
            self.objects().refuse_broken_references(place)?;
            branches.extend(self.objects().references(place)?);
        }
        let mut tips = BTreeSet::new();
        for (name, id) in branches {
            let tip = self
                .tip(id)
                .map_err(RepositoryError::git(format!("reading the branch {name}")))?;
            tips.extend(tip);
        }
        // If commits in between are missing, nobody can tell whether `HEAD` has the tip.
        let merged = |tip| head == tip || self.objects().is_before(tip, head).unwrap_or(false);
        Ok(tips.into_iter().filter(|tip| !merged(*tip)).collect())
    }

    /// The commit that `id` is or, if it is a tag, names; `None` if that is no commit.
    fn tip(self, id: ObjectId) -> Result<Option<CommitId>, git2::Error> {
        let object = self.git.find_object(id.into(), None)?;
        match object.peel_to_commit() {
            Ok(commit) => Ok(Some(CommitId(commit.id().into()))),
            Err(error) if matches!(error.code(), ErrorCode::Peel | ErrorCode::InvalidSpec) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The branches below `place`, with their names relative to it. Branches that can't be read are skipped.
    fn branches_in(self, place: &str) -> Result<Vec<(String, CommitId)>, RepositoryError> {
        let listed = self.objects().references(place)?.into_iter();
        let named = listed.filter_map(|(name, id)| {
            let commit = self.git.find_commit(id.into()).ok()?;
            let short = name.strip_prefix(place)?.to_owned();
            Some((short, CommitId(commit.id().into())))
        });
        Ok(named.collect())
    }

    /// Each of the commits in `found` once, without those that `HEAD` has.
    fn not_in_head(self, found: Vec<(String, CommitId)>) -> Result<Vec<Incoming>, RepositoryError> {
        let Some(head) = self.objects().head_commit()? else {
            return Ok(Vec::new());
        };
        let mut incoming: Vec<Incoming> = Vec::new();
        for (name, commit) in found {
            let known = incoming.iter().any(|known| known.commit == commit);
            // A commit that this clone does not have is skipped.
            let merged = head == commit || self.objects().is_before(commit, head).unwrap_or(true);
            if !known && !merged {
                let diverged = !self.objects().is_before(head, commit).unwrap_or(false);
                incoming.push(Incoming {
                    name,
                    commit,
                    diverged,
                    is_default: false,
                });
            }
        }
        Ok(incoming)
    }

    /// The files that `commit` has and `HEAD` does not have, or has with another content.
    pub(crate) fn brought_by(
        self,
        commit: CommitId,
    ) -> Result<Vec<(PathBytes, BlobId)>, RepositoryError> {
        let changes = self.changes_between(
            self.objects().head_tree()?.as_ref(),
            &self.objects().tree(commit)?,
        )?;
        let files = changes.changed.into_iter();
        let files = files.filter(|change| !change.is_link);
        Ok(files.map(|change| (change.path, change.blob)).collect())
    }

    /// The commits that the last fetch in this work tree, and the last one in the main work tree, have marked to be
    /// merged. (libgit2 can't read the line of a fetch without a branch.)
    fn fetched_to_merge(self) -> Vec<(String, CommitId)> {
        // FETCH_HEAD is missing if nothing was fetched.
        let (own, common) = (self.git.path(), self.git.commondir());
        let shared = (own != common).then_some(common);
        let noted = [own].into_iter().chain(shared);
        let noted = noted.map(|place| fs::read(place.join("FETCH_HEAD")).unwrap_or_default());
        let text = noted.collect::<Vec<_>>().concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        let to_merge = text.lines().filter_map(|line| {
            let mut fields = line.split('\t');
            let (id, mark) = (fields.next()?, fields.next()?);
            let commit = CommitId(ObjectId::parse(id)?);
            mark.is_empty().then(|| ("FETCH_HEAD".to_owned(), commit))
        });
        to_merge.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::invented_history::InventedHistory;
    use super::*;

    fn names(incoming: Vec<Incoming>) -> Vec<(String, bool)> {
        let named = incoming.into_iter();
        named.map(|commit| (commit.name, commit.diverged)).collect()
    }

    #[test]
    fn commits_come_in_from_a_fetch_and_from_a_merge_under_way() {
        let invented = InventedHistory::new();
        let first = invented.commit(&[], &[("a", "1")]);
        let ours = invented.commit(&[first], &[("a", "2")]);
        let ahead = invented.commit(&[ours], &[("a", "3")]);
        let theirs = invented.commit(&[first], &[("a", "4")]);
        invented.point("refs/heads/main", ours);
        let incoming = || {
            names(
                invented
                    .repository()
                    .commits()
                    .incoming()
                    .expect("all is here"),
            )
        };
        assert_eq!(incoming(), []);
        // Git marks other fetched branches with `not-for-merge`.
        let fetched =
            format!("{ahead}\t\tbranch 'main' of x\n{theirs}\tnot-for-merge\tbranch 'b' of x\n");
        invented.note("FETCH_HEAD", &fetched);
        assert_eq!(incoming(), [("FETCH_HEAD".to_owned(), false)]);
        assert_eq!(invented.repository().commits().under_way(), None);
        invented.note("MERGE_HEAD", &format!("{theirs}\n"));
        let merged = ("MERGE_HEAD".to_owned(), true);
        assert_eq!(incoming(), [("FETCH_HEAD".to_owned(), false), merged]);
        assert_eq!(
            invented.repository().commits().under_way(),
            Some(UnderWay::Merge)
        );
        // Without a branch, git marks nothing as to be merged.
        fs::remove_file(invented.repository().git_dir().join("MERGE_HEAD")).expect("noted");
        invented.note("FETCH_HEAD", &fetched.replace("\t\t", "\tnot-for-merge\t"));
        assert_eq!(incoming(), []);
        invented.point("refs/remotes/origin/main", ahead);
        assert_eq!(incoming(), [("origin/main".to_owned(), false)]);
        // If there are several, the default branch counts.
        invented.point("refs/remotes/origin/aaa", theirs);
        assert_eq!(incoming(), []);
        invented.point("refs/remotes/origin/HEAD", ahead);
        assert_eq!(incoming(), [("origin/HEAD".to_owned(), false)]);
        invented.point("refs/heads/main", ahead);
        invented.note("MERGE_HEAD", "no commit\n");
        assert!(invented.repository().commits().incoming().is_err());
    }

    #[test]
    fn branches_that_head_has_are_not_ahead() {
        let invented = InventedHistory::new();
        let first = invented.commit(&[], &[("a", "1")]);
        let second = invented.commit(&[first], &[("a", "2")]);
        let third = invented.commit(&[second], &[("a", "3")]);
        invented.point("refs/heads/main", second);
        invented.point("refs/heads/old", first);
        invented.point("refs/remotes/origin/main", third);
        let ahead = invented.repository().commits().branches_ahead();
        assert_eq!(
            names(ahead.expect("all is here")),
            [("origin/main".to_owned(), false)]
        );
        let brought = invented.repository().commits().brought_by(third);
        let file = (PathBytes::new(b"a"), InventedHistory::blob("3"));
        assert_eq!(brought.expect("it is here"), [file]);
    }

    #[test]
    fn a_tip_that_can_t_be_read_is_an_error() {
        let invented = InventedHistory::new();
        let first = invented.commit(&[], &[("a", "1")]);
        let second = invented.commit(&[first], &[("a", "2")]);
        let third = invented.commit(&[second], &[("a", "3")]);
        let fourth = invented.commit(&[third], &[("a", "4")]);
        invented.point("refs/heads/main", second);
        invented.point("refs/heads/old", first);
        invented.point("refs/heads/ahead", fourth);
        invented.point("refs/remotes/origin/main", third);
        let repository = invented.repository();
        let tree = repository.objects().tree(first).expect("it is here").id();
        invented.point("refs/remotes/origin/tree", CommitId(tree.into()));
        let tips = || invented.repository().commits().every_tip_ahead();
        let lose = |commit: CommitId| {
            let name = commit.to_string();
            let (folder, file) = name.split_at(2);
            let objects = invented.repository().git_dir().join("objects");
            fs::remove_file(objects.join(folder).join(file)).expect("a loose object");
        };
        let ahead: Vec<CommitId> = BTreeSet::from([third, fourth]).into_iter().collect();
        invented.note("refs/heads/ahead.lock", "");
        invented.note(
            "refs/remotes/origin/HEAD",
            "ref: refs/remotes/origin/none\n",
        );
        assert_eq!(tips().expect("all is here"), ahead);
        for content in ["", "\n", "junk\n"] {
            invented.note("refs/remotes/origin/emptied", content);
            let error = tips().expect_err("a branch names no commit").to_string();
            let said = "reading the branch refs/remotes/origin/emptied failed: its file";
            assert!(error.starts_with(said), "{error}");
        }
        invented.note("refs/remotes/origin/emptied", &format!("{first}\n"));
        invented.point("refs/remotes/origin/main", second);
        lose(third);
        assert_eq!(tips().expect("the tips are here"), [fourth]);
        lose(fourth);
        let error = tips().expect_err("a tip is missing").to_string();
        assert!(error.starts_with("reading the branch refs/heads/ahead failed"));
    }
}
