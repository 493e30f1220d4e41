//! `prune` removes what is unused, and nothing that a rollback needs.

use std::io::Write;
use std::process::Stdio;

use crate::harness::sandbox::run;
use crate::lab::Lab;

/// Options that keep as little as possible.
const ALL: [&str; 5] = ["--keep", "0", "--min-age", "0", "--yes"];

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_rollback_works_after_a_prune_and_not_after_removal_by_hand() {
    let lab = Lab::new("rollback");
    let names = four_versions_third_running(&lab);
    let [first, second, third, fourth] = &names;
    let removed = lab.hs("prune", &ALL).succeeds().text();
    assert!(
        removed.contains(&format!("removed secret {first}\n")),
        "{removed}"
    );
    let left = lab.secrets();
    assert!(!left.contains(first));
    assert!(
        [second, third, fourth]
            .iter()
            .all(|name| left.contains(name))
    );

    let rollback = ["service", "rollback", "--detach", "rollback_app"];
    lab.engine.docker(rollback).succeeds();
    lab.wait_for_update("rollback_completed");
    lab.engine
        .wait_for(&["service", "logs", "rollback_app"], |logs| {
            logs.lines()
                .filter(|line| line.contains("second secret"))
                .count()
                == 2
        });

    // Shows why `prune` keeps it: docker itself would remove a secret that the previous spec needs (now the third).
    lab.engine.docker(["secret", "rm", third]).succeeds();
    lab.engine.docker(rollback).succeeds();
    lab.wait_for_update("rollback_paused");
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn the_newest_and_the_young_are_kept() {
    let lab = Lab::new("keeping");
    lab.hs("sync", &[]).succeeds();
    for word in ["second", "third", "fourth"] {
        lab.next_version(word);
    }
    let newest = "2 among the newest of an entry (`--keep`)";
    for arguments in [&["--yes"][..], &["--dry-run"]] {
        let pruned = lab.hs("prune", arguments).succeeds();
        assert_eq!(pruned.text(), "nothing to do\n");
        let kept = format!("unused, but kept: {newest}, 4 younger than 15m (`--min-age`)\n");
        assert!(pruned.stderr.ends_with(&kept), "{}", pruned.stderr);
    }
    assert_eq!(
        lab.secrets().len(),
        4,
        "all of them are younger than 15 minutes"
    );
    let pruned = lab.hs("prune", &["--min-age", "0", "--yes"]).succeeds();
    assert_eq!(
        pruned.text().lines().count(),
        4,
        "two of three others, of secret and config: {}",
        pruned.text()
    );
    let kept = format!("unused, but kept: {newest}\n");
    assert!(pruned.stderr.ends_with(&kept), "{}", pruned.stderr);
    assert_eq!(lab.secrets().len(), 2);
    assert_eq!(lab.hs("prune", &ALL).succeeds().stderr, "");
    assert_eq!(lab.secrets().len(), 1);
    assert_eq!(lab.hs("sync", &[]).succeeds().text(), "nothing to do\n");
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_stack_s_own_numbers_count_before_those_of_all() {
    let lab = Lab::new("numbered");
    lab.hs("sync", &[]).succeeds();
    for word in ["second", "third", "fourth", "fifth"] {
        lab.next_version(word);
    }
    let settings = |text: &str| {
        lab.write(".hs-secrets.toml", text);
        lab.commit();
    };
    let counts = || (lab.secrets().len(), lab.names("config").len());
    assert_eq!(counts(), (5, 5));
    let prune = || {
        lab.hs("prune", &["--min-age", "0", "--yes"])
            .succeeds()
            .text()
    };
    // The newest version is wanted. Those that are kept are counted in addition.
    settings("keep = 9\n[stacks.other]\nkeep = 0\n[stacks.numbered]\nkeep = 3\nkeep-configs = 2\n");
    assert_eq!(prune().lines().count(), 1 + 2);
    assert_eq!(counts(), (4, 3));
    settings("keep = 0\nkeep-secrets = 0\n[stacks.numbered]\nkeep = 3\n");
    assert_eq!(prune(), "nothing to do\n");
    assert_eq!(counts(), (4, 3));
    // Numbers on the command line override all settings.
    let typed = ["--keep", "1", "--min-age", "0", "--yes"];
    lab.hs("prune", &typed).succeeds();
    assert_eq!(counts(), (2, 2));
    settings("keep = 9\n[stacks.numbered]\nkeep-secrets = 0\n");
    assert_eq!(prune().lines().count(), 1);
    assert_eq!(counts(), (1, 2));
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_dry_run_shows_what_is_then_done_and_nobody_is_asked_in_a_script() {
    let lab = Lab::new("script");
    lab.hs("sync", &[]).succeeds();
    lab.next_version("second");
    let told = lab
        .hs("prune", &["--keep", "0", "--min-age", "0"])
        .ends_with(2);
    assert!(told.stderr.contains("--yes"), "{}", told.stderr);
    let shown = lab
        .hs("prune", &["--keep", "0", "--min-age", "0", "--dry-run"])
        .succeeds()
        .text();
    assert_eq!(lab.secrets().len(), 2);
    let done = lab.hs("prune", &ALL).succeeds().text();
    let objects = |output: &str, verb: &str| -> Vec<String> {
        let lines = output.lines().filter_map(|line| line.strip_prefix(verb));
        lines
            .map(|line| line.split(" (").next().expect("a first part").to_owned())
            .collect()
    };
    assert_eq!(objects(&shown, "would remove "), objects(&done, "removed "));
    assert_eq!(objects(&done, "removed ").len(), 2);
    assert_eq!(lab.hs("prune", &ALL).succeeds().text(), "nothing to do\n");
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn sync_prunes_when_it_is_told_to() {
    let lab = Lab::new("both");
    lab.hs("sync", &[]).succeeds();
    lab.next_version("second");
    lab.next_version("third");
    lab.write(".hs-secrets.toml", "keep = 0\n");
    lab.write("secrets/token", "fourth secret\n");
    lab.commit();
    let shown = lab.hs("sync", &["--prune", "--dry-run"]).succeeds().text();
    assert_eq!(
        shown.lines().count(),
        1,
        "all is younger than 15 minutes: {shown}"
    );
    assert_eq!(
        lab.hs("sync", &["--prune"])
            .succeeds()
            .text()
            .lines()
            .count(),
        1
    );
    assert_eq!(lab.secrets().len(), 4);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn an_older_checkout_leaves_alone_what_a_newer_one_made() {
    let lab = Lab::new("older");
    lab.hs("sync", &[]).succeeds();
    lab.next_version("second");
    lab.write("secrets/token", "not committed\n");
    lab.hs("sync", &[]).succeeds();
    lab.git(&["checkout", "--quiet", "--force", "HEAD~"]);
    let told = lab.hs("prune", &ALL).succeeds();
    assert_eq!(told.text(), "nothing to do\n");
    assert!(
        told.stderr.contains("kept: 3 made from commits"),
        "{}",
        told.stderr
    );
    assert_eq!(lab.secrets().len(), 3);

    lab.git(&["checkout", "--quiet", "main"]);
    lab.hs("prune", &ALL).succeeds();
    assert_eq!(
        lab.secrets().len(),
        2,
        "the first is gone, what was never committed is there"
    );
    lab.next_version("third");
    lab.hs("prune", &ALL).succeeds();
    assert_eq!(lab.secrets().len(), 1);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn what_docker_made_for_the_stack_is_adopted_and_the_rest_left_alone() {
    let lab = Lab::new("adopted");
    lab.hs("sync", &[]).succeeds();
    let create = |stack: &str, name: &str| {
        let label = format!("com.docker.stack.namespace={stack}");
        let create = ["secret", "create", "--label", &label, name, "-"];
        lab.engine.docker_with_input(create, b"old").succeeds();
    };
    create("adopted", "adopted_token-0123456789abcdef0123456789abcdef");
    create("adopted", "adopted_token-by-hand");
    create(
        "elsewhere",
        "adopted_token-fedcba9876543210fedcba9876543210",
    );
    let removed = lab.hs("prune", &ALL).succeeds().text();
    assert_eq!(
        removed,
        "removed secret adopted_token-0123456789abcdef0123456789abcdef\n"
    );
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn what_begins_to_be_used_before_the_answer_stays() {
    let lab = Lab::new("asked");
    lab.hs("sync", &[]).succeeds();
    let first = lab.secrets().remove(0);
    lab.next_version("second");
    // `script` runs the program in a terminal.
    let mut command = lab.command(&lab.repository, []);
    let typed = "hs-secrets prune asked --keep 0 --min-age 0";
    command = {
        let mut script = lab.sandbox.command(&lab.repository, "script");
        let host = command.get_envs().find(|(name, _)| *name == "DOCKER_HOST");
        script.env(
            "DOCKER_HOST",
            host.and_then(|(_, host)| host).expect("it was just set"),
        );
        script.args(["--quiet", "--return", "--command", typed, "/dev/null"]);
        script
    };
    let mut prune = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("script can be run: apt-get install bsdutils");
    let mut output = prune.stdout.take().expect("piped");
    let mut shown = Vec::new();
    while !String::from_utf8_lossy(&shown).contains("remove 2 objects?") {
        let mut piece = [0];
        std::io::Read::read_exact(&mut output, &mut piece).expect("it asks");
        shown.extend(piece);
    }
    lab.create_service(&first);
    let mut input = prune.stdin.take().expect("piped");
    input.write_all(b"y\n").expect("it reads the answer");
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut output, &mut rest).expect("it ends");
    assert!(prune.wait().expect("it ends").success(), "{rest}");
    assert!(rest.contains("removed config"), "{rest}");
    assert!(!rest.contains("removed secret"), "{rest}");
    assert!(lab.secrets().contains(&first));
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn without_a_terminal_and_with_nothing_to_do_there_is_no_question() {
    let lab = Lab::new("calm");
    lab.hs("sync", &[]).succeeds();
    assert_eq!(lab.hs("prune", &[]).succeeds().text(), "nothing to do\n");
    let words = ["prune", "calm", "--min-age", "soon"];
    run(lab.command(&lab.repository, words), b"").ends_with(2);
}

/// Creates four versions of the secret. A service runs the third and has run the second.
pub(crate) fn four_versions_third_running(lab: &Lab) -> [String; 4] {
    lab.hs("sync", &[]).succeeds();
    let first = lab.secrets().remove(0);
    lab.create_service(&first);
    let second = lab.next_version("second");
    lab.update_service(&first, &second);
    let third = lab.next_version("third");
    lab.update_service(&second, &third);
    let fourth = lab.next_version("fourth");
    [first, second, third, fourth]
}
