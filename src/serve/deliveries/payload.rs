//! The bodies of deliveries. Sources: the documentation of GitHub, Gitea, GitLab and Bitbucket about their webhooks.

use serde::Deserialize;

use super::forge::Forge;
use super::push::{Push, branch_of, commit_of};

/// The pushes to branches that the JSON in `body` tells of.
pub(super) fn pushes(forge: Forge, body: &[u8]) -> Result<Vec<Push>, serde_json::Error> {
    match forge {
        Forge::GitHub | Forge::Gitea => serde_json::from_slice::<GitHubPush>(body)?.pushes(),
        Forge::GitLab => serde_json::from_slice::<GitLabPush>(body)?.pushes(),
        Forge::Bitbucket => serde_json::from_slice::<BitbucketPush>(body)?.pushes(),
    }
}

type Pushes = Result<Vec<Push>, serde_json::Error>;

/// The body of GitHub, Gitea, Forgejo and Gogs.
#[derive(Deserialize)]
struct GitHubPush {
    #[serde(rename = "ref")]
    reference: String,
    after: String,
    repository: GitHubRepository,
}

#[derive(Deserialize)]
struct GitHubRepository {
    full_name: String,
}

impl GitHubPush {
    fn pushes(self) -> Pushes {
        one_push(&self.reference, &self.after, self.repository.full_name)
    }
}

#[derive(Deserialize)]
struct GitLabPush {
    /// The kind of the event. A system hook also sends kinds other than `push`, which have no branch.
    #[serde(default)]
    object_kind: Option<String>,
    #[serde(rename = "ref", default)]
    reference: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    project: Option<GitLabProject>,
}

#[derive(Deserialize)]
struct GitLabProject {
    path_with_namespace: String,
}

impl GitLabPush {
    fn pushes(self) -> Pushes {
        let is_push = self
            .object_kind
            .as_deref()
            .is_none_or(|kind| kind == "push");
        let Some(project) = self.project.filter(|_| is_push) else {
            return Ok(Vec::new());
        };
        one_push(&self.reference, &self.after, project.path_with_namespace)
    }
}

/// The body of Bitbucket Cloud and of Bitbucket Data Center. Each has fields that the other lacks.
#[derive(Deserialize)]
struct BitbucketPush {
    repository: BitbucketRepository,
    /// Of Bitbucket Cloud.
    #[serde(default)]
    push: Option<CloudChanges>,
    /// Of Bitbucket Data Center.
    #[serde(default)]
    changes: Vec<DataCenterChange>,
}

#[derive(Deserialize)]
struct BitbucketRepository {
    #[serde(default)]
    full_name: Option<String>,
    #[serde(default)]
    slug: Option<String>,
    #[serde(default)]
    project: Option<BitbucketProject>,
}

#[derive(Deserialize)]
struct BitbucketProject {
    key: String,
}

#[derive(Deserialize)]
struct CloudChanges {
    changes: Vec<CloudChange>,
}

#[derive(Deserialize)]
struct CloudChange {
    /// Null if the branch was deleted.
    new: Option<CloudBranch>,
    /// Null if the branch was created.
    old: Option<CloudBranch>,
}

#[derive(Deserialize)]
struct CloudBranch {
    #[serde(rename = "type")]
    kind: String,
    name: String,
    target: CloudCommit,
}

#[derive(Deserialize)]
struct CloudCommit {
    hash: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DataCenterChange {
    #[serde(rename = "ref")]
    reference: DataCenterReference,
    to_hash: String,
}

#[derive(Deserialize)]
struct DataCenterReference {
    id: String,
}

impl BitbucketPush {
    fn pushes(self) -> Pushes {
        let Some(repository) = self.repository.full_name() else {
            return Ok(Vec::new());
        };
        let cloud = self.push.into_iter().flat_map(|push| push.changes);
        let cloud = cloud.filter_map(|change| change.branch_and_commit());
        let data_center = self.changes.iter().filter_map(|change| {
            let branch = branch_of(&change.reference.id)?;
            Some((branch.to_owned(), Some(change.to_hash.clone())))
        });
        let all = cloud.chain(data_center).map(|(branch, commit)| {
            let commit = commit.map(|commit| commit_of(&commit)).transpose()?;
            Ok(Push {
                repository: repository.clone(),
                branch,
                commit: commit.flatten(),
            })
        });
        all.collect()
    }
}

impl BitbucketRepository {
    fn full_name(&self) -> Option<String> {
        let in_data_center = || {
            let project = self.project.as_ref()?;
            Some(format!("{}/{}", project.key, self.slug.as_ref()?))
        };
        self.full_name.clone().or_else(in_data_center)
    }
}

impl CloudChange {
    fn branch_and_commit(self) -> Option<(String, Option<String>)> {
        let (there, commit) = match (self.new, self.old) {
            (Some(new), _) => {
                let commit = new.target.hash.clone();
                (new, Some(commit))
            }
            (None, Some(old)) => (old, None),
            (None, None) => return None,
        };
        (there.kind == "branch").then_some((there.name, commit))
    }
}

/// The one push to a branch, or none if `reference` is a tag. `after` is the id that the branch is at.
fn one_push(reference: &str, after: &str, repository: String) -> Pushes {
    let Some(branch) = branch_of(reference) else {
        return Ok(Vec::new());
    };
    Ok(vec![Push {
        repository,
        branch: branch.to_owned(),
        commit: commit_of(after)?,
    }])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const COMMIT: &str = "1481a2de7b2a7d02428ad93446ab166be7793fbb";

    fn read(forge: Forge, body: &str) -> Vec<Push> {
        pushes(forge, body.as_bytes()).expect(body)
    }

    fn told(pushes: &[Push]) -> Vec<(&str, &str, Option<&str>)> {
        let told = pushes.iter().map(|push| {
            let name = push.repository.as_str();
            (name, push.branch.as_str(), push.commit.as_deref())
        });
        told.collect()
    }

    #[test]
    fn each_forge_s_push_is_read() {
        for (forge, body, name) in [
            (
                Forge::GitHub,
                include_str!("../../../fixtures/webhooks/github-push.json"),
                "ada/home-lab",
            ),
            (
                Forge::Gitea,
                include_str!("../../../fixtures/webhooks/forgejo-push.json"),
                "ada/home-lab",
            ),
            (
                Forge::GitLab,
                include_str!("../../../fixtures/webhooks/gitlab-push.json"),
                "engines/difference/home-lab",
            ),
            (
                Forge::Bitbucket,
                include_str!("../../../fixtures/webhooks/bitbucket-cloud-push.json"),
                "ada/home-lab",
            ),
            (
                Forge::Bitbucket,
                include_str!("../../../fixtures/webhooks/bitbucket-data-center-push.json"),
                "ENG/home-lab",
            ),
        ] {
            let pushes = read(forge, body);
            assert_eq!(told(&pushes), [(name, "main", Some(COMMIT))], "{body}");
        }
    }

    #[test]
    fn a_branch_that_is_gone_has_no_commit_and_a_tag_is_no_branch() {
        let github = |reference: &str, after: &str| {
            let body = format!(
                r#"{{"ref": "{reference}", "after": "{after}", "repository": {{"full_name": "a/b"}}}}"#
            );
            read(Forge::GitHub, &body)
        };
        let zeros = "0".repeat(40);
        assert_eq!(
            told(&github("refs/heads/main", &zeros)),
            [("a/b", "main", None)]
        );
        assert!(github("refs/tags/v1", COMMIT).is_empty());
        let junk =
            r#"{"ref": "refs/heads/main", "after": "junk", "repository": {"full_name": "a/b"}}"#;
        assert!(pushes(Forge::GitHub, junk.as_bytes()).is_err());
        let cloud = |change: &str| {
            let body = format!(
                r#"{{"repository": {{"full_name": "a/b"}}, "push": {{"changes": [{change}]}}}}"#
            );
            read(Forge::Bitbucket, &body)
        };
        let branch = |kind: &str| {
            format!(r#"{{"type": "{kind}", "name": "main", "target": {{"hash": "{COMMIT}"}}}}"#)
        };
        let gone = format!(r#"{{"new": null, "old": {}}}"#, branch("branch"));
        assert_eq!(told(&cloud(&gone)), [("a/b", "main", None)]);
        let tag = format!(r#"{{"new": {}, "old": null}}"#, branch("tag"));
        assert!(cloud(&tag).is_empty());
        let two = format!("{gone}, {{\"new\": {}, \"old\": null}}", branch("branch"));
        assert_eq!(cloud(&two).len(), 2);
        // A system hook of GitLab about something else.
        let created = r#"{"event_name": "user_create", "object_kind": "user"}"#;
        assert!(read(Forge::GitLab, created).is_empty());
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic(body: Vec<u8>, forge in 0..Forge::ALL.len()) {
            let _ = pushes(Forge::ALL[forge].1, &body);
        }
    }
}
