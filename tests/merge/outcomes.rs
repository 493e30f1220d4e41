//! Every way to bring two changes together leaves what it would leave of plain files, and only ciphertext in Git.

use crate::scene::{PATH, Scene};

const BASE: &[u8] = b"user=app\n\nhost=db\nport=5432\n\npassword=old-secret\n";
const OURS: &[u8] = b"user=application\n\nhost=db\nport=5432\n\npassword=old-secret\n";
const THEIRS: &[u8] = b"user=app\n\nhost=db\nport=5432\n\npassword=new-secret\n";
const BOTH: &[u8] = b"user=application\n\nhost=db\nport=5432\n\npassword=new-secret\n";

#[test]
fn a_merge_takes_both_changes() {
    let scene = Scene::encrypted(BASE, OURS, THEIRS);
    scene.git(&["merge", "--quiet", "-m", "both", "side"]);
    assert_eq!(scene.read(PATH), BOTH);
    scene.assert_ciphertext("HEAD:db.env");
    scene.assert_clean();
    scene.assert_nowhere_in_git("new-secret");
}

#[test]
fn a_rebase_takes_both_changes() {
    for backend in ["--merge", "--apply"] {
        let scene = Scene::encrypted(BASE, OURS, THEIRS);
        scene.git(&["rebase", "--quiet", backend, "side"]);
        assert_eq!(scene.read(PATH), BOTH, "{backend}");
        scene.assert_ciphertext("HEAD:db.env");
        scene.assert_clean();
        scene.assert_nowhere_in_git("new-secret");
    }
}

#[test]
fn a_cherry_pick_and_a_revert_take_one_change() {
    let scene = Scene::encrypted(BASE, OURS, THEIRS);
    scene.git(&["cherry-pick", "side"]);
    assert_eq!(scene.read(PATH), BOTH);
    scene.git(&["revert", "--no-edit", "HEAD~1"]);
    assert_eq!(scene.read(PATH), THEIRS);
    scene.assert_ciphertext("HEAD:db.env");
    scene.assert_clean();
}

#[test]
fn a_stash_comes_back_on_top_of_another_change() {
    let scene = Scene::encrypted(BASE, OURS, THEIRS);
    scene.git(&["checkout", "--quiet", "side~1"]);
    scene.write(PATH, OURS);
    scene.git(&["stash", "push", "--quiet"]);
    assert_eq!(scene.read(PATH), BASE);
    scene.git(&["checkout", "--quiet", "side"]);
    scene.git(&["stash", "pop", "--quiet"]);
    assert_eq!(scene.read(PATH), BOTH);
    assert_eq!(scene.git(&["status", "--porcelain"]), " M db.env\n");
    scene.assert_nowhere_in_git("new-secret");
}

#[test]
fn a_merge_in_memory_gives_the_same_tree() {
    let scene = Scene::encrypted(BASE, OURS, THEIRS);
    let tree = scene.git(&["merge-tree", "--write-tree", "main", "side"]);
    scene.git(&["merge", "--quiet", "-m", "both", "side"]);
    assert_eq!(tree, scene.git(&["rev-parse", "HEAD^{tree}"]));
}

#[test]
fn branches_merged_crosswise_merge_again() {
    let scene = Scene::encrypted(BASE, OURS, THEIRS);
    scene.git(&["branch", "old-main"]);
    scene.git(&["merge", "--quiet", "-m", "side into main", "side"]);
    scene.git(&["checkout", "--quiet", "side"]);
    scene.git(&["merge", "--quiet", "-m", "main into side", "old-main"]);
    scene.commit(
        b"user=application\n\nhost=db\nport=5433\n\npassword=new-secret\n",
        "another port",
    );
    scene.git(&["checkout", "--quiet", "main"]);
    scene.commit(
        b"user=application\n\nhost=db\nport=5432\n\npassword=newer-secret\n",
        "another password",
    );
    scene.git(&["merge", "--quiet", "-m", "again", "side"]);
    assert_eq!(
        scene.read(PATH),
        b"user=application\n\nhost=db\nport=5433\n\npassword=newer-secret\n"
    );
    scene.assert_nowhere_in_git("newer-secret");
}

#[test]
fn empty_files_are_merged_emptied_and_filled() {
    let scene = Scene::encrypted(BASE, BASE, THEIRS);
    scene.git(&["checkout", "--quiet", "side"]);
    scene.write("empty.env", b"");
    scene.git(&["add", "."]);
    scene.git(&["commit", "--quiet", "-m", "an empty one"]);
    scene.git(&["checkout", "--quiet", "--force", "main"]);
    scene.git(&["merge", "--quiet", "-m", "m", "side"]);
    assert_eq!(scene.read("empty.env"), b"");
    assert_eq!(scene.read(PATH), THEIRS);
    scene.assert_clean();
    scene.commit(b"", "emptied");
    scene.assert_ciphertext("HEAD:db.env");
    scene.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    assert_eq!(scene.read(PATH), THEIRS);
    scene.assert_clean();
}

#[test]
fn a_file_encrypted_on_one_side_only_ends_up_encrypted() {
    let scene = Scene::plain(BASE, BASE, THEIRS);
    scene.sandbox.hs(&scene.repository, ["init"]).succeeds();
    scene.write(
        ".gitattributes",
        b"*.env filter=git-crypt diff=git-crypt merge=git-crypt\n",
    );
    scene.git(&["rm", "--quiet", "--cached", PATH]);
    scene.commit(OURS, "encrypted from now on");
    scene.git(&["merge", "--quiet", "-m", "both", "side"]);
    assert_eq!(scene.read(PATH), BOTH);
    scene.assert_ciphertext("HEAD:db.env");
    scene.assert_clean();
}

#[test]
fn a_named_key_merges_with_its_own_driver() {
    let scene = Scene::encrypted(BASE, OURS, THEIRS);
    scene
        .sandbox
        .hs(&scene.repository, ["init", "-k", "ops"])
        .succeeds();
    let name = "-k $(x) 'q'.ops";
    scene.write(
        ".gitattributes",
        b"*.ops filter=git-crypt-ops diff=git-crypt-ops merge=git-crypt-ops\n",
    );
    for (branch, content) in [("one", BASE), ("two", THEIRS)] {
        scene.git(&["checkout", "--quiet", "-b", branch]);
        scene.write(name, content);
        scene.git(&["add", "."]);
        scene.git(&["commit", "--quiet", "-m", branch]);
    }
    scene.git(&["checkout", "--quiet", "-b", "three", "one"]);
    scene.write(name, OURS);
    scene.git(&["commit", "--quiet", "-am", "three"]);
    scene.git(&["merge", "--quiet", "-m", "both", "two"]);
    assert_eq!(scene.read(name), BOTH);
    scene.assert_clean();
}
