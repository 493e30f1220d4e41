//! The content that each scope of a check covers: the index, commits, all of history, files, messages.

use std::fs;

use crate::harness::sandbox::Sandbox;
use crate::{PASSWORD, add_all, check, commit_all, locked_clone, repository, write};

#[test]
fn staged_looks_at_the_index_and_never_at_the_work_tree() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(
        &repository,
        "notes.md",
        format!("the password: {PASSWORD}\n"),
    );
    assert_eq!(check(&sandbox, &repository, &[]), (0, vec![]), "not staged");
    add_all(&sandbox, &repository);
    write(&repository, "notes.md", "nothing here\n");
    let expected = (3, vec!["notes.md known-secret".to_owned()]);
    assert_eq!(
        check(&sandbox, &repository, &[]),
        expected,
        "staged, and gone from the work tree"
    );
    assert_eq!(check(&sandbox, &repository, &["--staged"]), expected);
}

#[test]
fn staged_looks_at_added_lines_only_and_all_at_everything() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(&repository, "old.md", format!("one\n{PASSWORD}\nthree\n"));
    commit_all(&sandbox, &repository, "an old leak");
    write(
        &repository,
        "old.md",
        format!("zero\none\n{PASSWORD}\nthree\nfour\n"),
    );
    add_all(&sandbox, &repository);
    assert_eq!(check(&sandbox, &repository, &[]), (0, vec![]));
    let all = (3, vec!["old.md known-secret".to_owned()]);
    assert_eq!(check(&sandbox, &repository, &["--all"]), all);
    assert_eq!(check(&sandbox, &repository, &["old.md"]), all);
    assert_eq!(check(&sandbox, &repository, &["README.md"]), (0, vec![]));
    write(
        &repository,
        "old.md",
        format!("zero\n{PASSWORD}\n{PASSWORD}\n"),
    );
    add_all(&sandbox, &repository);
    assert_eq!(
        check(&sandbox, &repository, &[]),
        all,
        "a second one is new"
    );
}

#[test]
fn a_file_that_only_moved_is_no_news_unless_it_moved_out_of_its_pattern() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(&repository, "old.md", format!("{PASSWORD}\n"));
    commit_all(&sandbox, &repository, "an old leak");
    sandbox
        .git(&repository, ["mv", "old.md", "new.md"])
        .succeeds();
    assert_eq!(check(&sandbox, &repository, &[]), (0, vec![]));
    sandbox
        .git(&repository, ["mv", "secret/app.env", "app.settings"])
        .succeeds();
    sandbox
        .git(&repository, ["add", "--renormalize", "."])
        .succeeds();
    assert_eq!(
        check(&sandbox, &repository, &[]),
        (3, vec!["app.settings lost-encryption".to_owned()])
    );
}

#[test]
fn a_lost_attribute_is_found_with_and_without_the_key() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(
        &repository,
        ".gitattributes",
        "# nothing is secret any more\n",
    );
    sandbox
        .git(&repository, ["add", "--renormalize", "."])
        .succeeds();
    let lost = ["secret/** lost-attribute", "secret/app.env lost-encryption"];
    let expected = (3, lost.map(str::to_owned).to_vec());
    assert_eq!(check(&sandbox, &repository, &[]), expected);
    fs::remove_dir_all(repository.join(".git/git-crypt")).expect("a key store");
    assert_eq!(check(&sandbox, &repository, &[]), expected);
}

#[test]
fn attributes_count_as_they_are_staged() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let clone = locked_clone(&sandbox, &repository);
    // Even an attribute removed in the work tree lets no plaintext through.
    write(&clone, ".gitattributes", "");
    write(&clone, "secret/new.env", "A=b\n");
    sandbox.git(&clone, ["add", "secret/new.env"]).succeeds();
    assert_eq!(
        check(&sandbox, &clone, &[]),
        (3, vec!["secret/new.env unencrypted-blob".to_owned()])
    );
}

#[test]
fn a_range_looks_at_each_of_its_commits_and_their_messages() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(&repository, "oops.md", format!("{PASSWORD}\n"));
    commit_all(&sandbox, &repository, "oops");
    fs::remove_file(repository.join("oops.md")).expect("it was there");
    commit_all(&sandbox, &repository, "removed again");
    commit_all(
        &sandbox,
        &repository,
        &format!("the password is {PASSWORD}"),
    );
    let both = vec![
        "- known-secret".to_owned(),
        "oops.md known-secret".to_owned(),
    ];
    assert_eq!(
        check(&sandbox, &repository, &["--range", "HEAD~3..HEAD"]),
        (3, both.clone())
    );
    assert_eq!(
        check(&sandbox, &repository, &["--range", "HEAD~3.."]),
        (3, both.clone())
    );
    assert_eq!(
        check(&sandbox, &repository, &["--range", "HEAD~2..HEAD~1"]),
        (0, vec![])
    );
    assert_eq!(check(&sandbox, &repository, &["--history"]), (3, both));
    assert_eq!(
        check(&sandbox, &repository, &["--all"]),
        (0, vec![]),
        "only history has it"
    );
    sandbox
        .hs(&repository, ["check", "--range", "nowhere..HEAD"])
        .fails_saying(&["reading the range `nowhere..HEAD`"]);
    let no_range = sandbox.hs(&repository, ["check", "--range", "HEAD~3"]);
    let told = no_range.ends_with(2).stderr;
    assert!(told.contains("A~1..A for the commit A alone"), "{told}");
}

#[test]
fn three_dots_are_what_only_one_side_has() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let git = |words: &[&str]| sandbox.git(&repository, words).succeeds();
    let leak = |path: &str| {
        write(&repository, path, format!("{PASSWORD}\n"));
        commit_all(&sandbox, &repository, path);
    };
    leak("common.md");
    git(&["branch", "other"]);
    leak("ours.md");
    git(&["switch", "--quiet", "other"]);
    leak("theirs.md");
    let found = |range: &str| check(&sandbox, &repository, &["--range", range]).1;
    let [ours, theirs] = ["ours.md", "theirs.md"].map(|path| format!("{path} known-secret"));
    assert_eq!(found("main..other"), [theirs.as_str()]);
    assert_eq!(found("main...other"), [ours.as_str(), &theirs]);
    assert_eq!(found("main..."), [ours.as_str(), &theirs]);
    git(&["checkout", "--quiet", "--orphan", "unrelated"]);
    leak("unrelated.md");
    assert_eq!(found("...main").len(), 4, "nothing is in common");
}

#[test]
fn history_reads_branches_tags_and_values_of_old_versions() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    sandbox
        .git(&repository, ["switch", "--quiet", "-c", "side"])
        .succeeds();
    write(&repository, "side.md", format!("{PASSWORD}\n"));
    commit_all(&sandbox, &repository, "aside");
    sandbox.git(&repository, ["tag", "kept"]).succeeds();
    sandbox
        .git(&repository, ["switch", "--quiet", "main"])
        .succeeds();
    sandbox
        .git(&repository, ["branch", "--quiet", "-D", "side"])
        .succeeds();
    write(
        &repository,
        "secret/app.env",
        "DB_PASSWORD=another-password-99\n",
    );
    commit_all(&sandbox, &repository, "changed");
    assert_eq!(
        check(&sandbox, &repository, &["--history"]),
        (3, vec!["side.md known-secret".to_owned()])
    );
}

#[test]
fn history_works_in_a_bare_clone() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(&repository, "secret/plain.env", "A=b\n");
    sandbox
        .git(
            &repository,
            [
                "-c",
                "filter.git-crypt.process=",
                "-c",
                "filter.git-crypt.required=false",
                "-c",
                "filter.git-crypt.clean=cat",
                "add",
                "secret/plain.env",
            ],
        )
        .succeeds();
    sandbox
        .git(&repository, ["commit", "--quiet", "-m", "plaintext"])
        .succeeds();
    let expected = (3, vec!["secret/plain.env unencrypted-blob".to_owned()]);
    for name in ["bare", "with\nline end", "with line end\n"] {
        let clone = ["clone", "--quiet", "--bare", "repository", name];
        sandbox.git(&sandbox.path(""), clone).succeeds();
        let bare = sandbox.path(name);
        for scope in ["--history", "--all"] {
            assert_eq!(check(&sandbox, &bare, &[scope]), expected, "{name:?}");
        }
    }
}

#[test]
fn a_message_is_read_without_comments_and_without_the_diff() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let message = |text: &str| {
        write(&repository, "message", text);
        check(&sandbox, &repository, &["--message", "message"])
    };
    assert_eq!(message("subject\n\nbody\n"), (0, vec![]));
    assert_eq!(message(&format!("subject\n\n{PASSWORD}\n")).0, 3);
    assert_eq!(message(&format!("subject\n# {PASSWORD}\n")), (0, vec![]));
    let scissors = "# ------------------------ >8 ------------------------";
    assert_eq!(
        message(&format!("subject\n{scissors}\n+{PASSWORD}\n")),
        (0, vec![])
    );
    sandbox
        .git(&repository, ["config", "core.commentChar", ";"])
        .succeeds();
    assert_eq!(message(&format!("subject\n# {PASSWORD}\n")).0, 3);
}

#[test]
fn the_same_value_in_two_files_is_said_with_place_and_source() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(&repository, "a.yml", format!("ä: 1\nurl: \"{PASSWORD}\"\n"));
    add_all(&sandbox, &repository);
    let run = sandbox.hs(&repository, ["check"]).ends_with(3);
    let line = run.text().lines().next().expect("a line").to_owned();
    assert!(line.starts_with("a.yml:2:7: [known-secret] "), "{line}");
    assert!(
        line.contains("23 characters from line 1 of secret/app.env"),
        "{line}"
    );
    assert!(run.text().contains("    fix: "), "{}", run.text());
}

#[test]
fn a_message_is_checked_without_printing_a_file_name_that_is_a_known_value() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let named = format!("secret/{PASSWORD}.env");
    write(&repository, &named, "API_TOKEN=kJ82hQp0aLz9Xw3TgB5m\n");
    commit_all(&sandbox, &repository, "a file called after a password");
    write(
        &repository,
        "message",
        "the token is kJ82hQp0aLz9Xw3TgB5m\n",
    );
    for format in ["text", "json", "sarif", "github"] {
        let arguments = ["check", "--message", "message", "--format", format];
        let run = sandbox.hs(&repository, arguments).ends_with(3);
        let said = format!("{}{}", run.text(), run.stderr);
        assert!(said.contains("secret/***.env"), "{said}");
        assert!(!said.contains(PASSWORD), "{said}");
    }
}
