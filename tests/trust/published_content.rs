//! An attacker puts content where a stack publishes it. Only files that the attributes declare as encrypted are
//! decrypted, and only with the key named there (rows 8, 24 and 25 of the attacks).

use hs_secrets::internals::Accepted;

use crate::scene::{Scene, published_secret};

const NOTHING: Accepted = Accepted {
    plaintext: false,
    retired_keys: false,
};
const RETIRED: Accepted = Accepted {
    plaintext: false,
    retired_keys: true,
};

/// The secret that `sync` would publish from the victim's clone, or the error.
fn secret(scene: &Scene, revision: Option<&str>, accepted: Accepted) -> Result<String, String> {
    published_secret(&scene.victim, revision, accepted)
}

fn refused_for(result: Result<String, String>, reason: &str) {
    let error = result.expect_err("it must not be published");
    assert!(error.contains(reason), "{error}");
}

#[test]
fn ciphertext_at_a_path_without_an_attribute_is_no_oracle() {
    let scene = Scene::new();
    let secret = scene.blob("HEAD:web/secret/db");
    scene.attacker_writes("web/site.conf", secret);
    scene.attacker_pushes();
    scene.victim_pulls();
    let reason = "web/site.conf holds ciphertext, but no ";
    for verb in ["env", "render", "plan", "sync", "deploy"] {
        for revision in [&[][..], &["--rev", "HEAD"]] {
            let arguments = [&[verb, "web"], revision].concat();
            let told = scene.victim_runs(&arguments).fails_saying(&[reason]);
            assert!(told.stderr.contains("`git log -- web/site.conf` says who"));
        }
    }
    // Attributes of this clone alone are not part of the commit, and do not count.
    let own = scene.victim.join(".git/info/attributes");
    std::fs::write(own, "web/site.conf filter=git-crypt\n").expect("a file");
    let publish = ["sync", "web", "--rev", "HEAD"];
    scene.victim_runs(&publish).fails_saying(&[reason]);
}

#[test]
fn a_file_of_variables_is_no_oracle_either() {
    let scene = Scene::new();
    let secret = scene.blob("HEAD:web/secret/db");
    scene.attacker_writes("web/site.env", secret);
    let stack = "services:\n  app:\n    image: app\n    env_file: site.env\n";
    scene.attacker_writes("web/stack.yml", stack);
    scene.attacker_pushes();
    scene.victim_pulls();
    for revision in [&[][..], &["--rev", "HEAD"]] {
        let arguments = [&["deploy", "web"], revision].concat();
        scene.victim_runs(&arguments).fails_saying(&[
            "web/stack.yml:4: env_file of service `app`: web/site.env holds ciphertext",
        ]);
    }
}

#[test]
fn what_only_a_retired_key_opens_is_not_published() {
    let scene = Scene::new();
    let (old, before) = scene.victim_rotates();
    assert_eq!(
        secret(&scene, None, NOTHING).as_deref(),
        Ok("correct horse\n")
    );
    scene.git_of_attacker(&["pull", "--quiet"]);
    scene.attacker_encrypts(&old, "web/secret/db", "evil\n");
    scene.attacker_encrypts(&old, "web/secret/app.env", "PASSWORD=evil\n");
    scene.attacker_pushes();
    scene.victim_pulls();
    for revision in [None, Some("HEAD")] {
        let reason = "web/secret/db is encrypted with a key default that was rotated out";
        refused_for(secret(&scene, revision, NOTHING), reason);
        let accepted = secret(&scene, revision, RETIRED);
        assert_eq!(
            accepted.as_deref(),
            Ok("evil\n"),
            "where its user asks for it"
        );
    }
    let reason = "web/secret/app.env is encrypted with a key default that was rotated out";
    let deploy = ["deploy", "web", "--rev", "HEAD"];
    let told = scene.victim_runs(&deploy).fails_saying(&[reason]);
    assert!(told.stderr.contains("`--allow-retired`"), "{}", told.stderr);
    // Going back to a commit from before the rotation still works.
    assert_eq!(
        secret(&scene, Some(&before), NOTHING).as_deref(),
        Ok("correct horse\n")
    );
    let bad = secret(&scene, Some("HEAD"), NOTHING);
    assert!(bad.is_err());
}

#[test]
fn a_commit_beside_the_rotation_is_not_one_before_it() {
    let scene = Scene::new();
    let (old, before) = scene.victim_rotates();
    scene.git_of_attacker(&["pull", "--quiet"]);
    let current = scene.blob("HEAD:web/secret/db");
    // Branches off before the rotation, and merges that into the commit that everybody has.
    scene.git_of_attacker(&["checkout", "--quiet", "-b", "evil", &before]);
    scene.attacker_encrypts(&old, "web/secret/db", "evil\n");
    scene.git_of_attacker(&["commit", "--quiet", "--all", "-m", "evil"]);
    let evil = scene.sandbox.git(&scene.attacker, ["rev-parse", "HEAD"]);
    let evil = evil.succeeds().text().trim().to_owned();
    // With a copy of the new ciphertext, the commit looks like another rotation.
    scene.attacker_writes("web/secret/db", current);
    scene.git_of_attacker(&["commit", "--quiet", "--all", "-m", "as if rotated"]);
    scene.git_of_attacker(&["checkout", "--quiet", "main"]);
    scene.git_of_attacker(&["merge", "--quiet", "--strategy=ours", "-m", "merge", "evil"]);
    scene.attacker_pushes();
    scene.victim_pulls();
    refused_for(secret(&scene, Some(&evil), NOTHING), "was rotated out");
    assert_eq!(
        secret(&scene, Some(&before), NOTHING).as_deref(),
        Ok("correct horse\n"),
        "the honest way back stays open"
    );
}

#[test]
fn a_file_of_another_key_is_not_published_at_the_path_of_this_one() {
    let scene = Scene::new();
    scene.victim_runs(&["init", "-k", "low"]).succeeds();
    let low = scene.sandbox.path("low.key");
    let path = low.to_str().expect("UTF-8");
    scene
        .victim_runs(&["export-key", "-k", "low", path])
        .succeeds();
    scene.attacker_encrypts(&low, "web/secret/db", "evil\n");
    scene.attacker_pushes();
    // Git refuses to check the file out, but the commit was fetched.
    scene.git_of_victim(&["fetch", "--quiet"]);
    let reason = "decrypting web/secret/db with the key default, which its attributes name, failed";
    refused_for(secret(&scene, Some("origin/main"), NOTHING), reason);
    refused_for(secret(&scene, Some("origin/main"), RETIRED), reason);
}
