//! Variables of a stack file that are set in an encrypted file named by the settings.

use crate::deploy_lab::lab;
use crate::harness::sandbox::run;

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn an_encrypted_file_gives_a_stack_s_variables_their_values() {
    let lab = lab("valued");
    lab.write(
        "secrets/stack.env",
        "# ours\nWORD='from the file'\nUNUSED=never\n",
    );
    lab.write(
        ".hs-secrets.toml",
        "[stacks.valued]\nvariables = [\"secrets/stack.env\"]\n",
    );
    lab.edit_stack(
        "  idle:\n    <<: *common\n",
        "  idle:\n    <<: *common\n    environment: {W: \"$WORD\"}\n",
    );
    lab.commit();
    let stored = lab.git(&["cat-file", "-p", "HEAD:secrets/stack.env"]);
    assert!(!stored.contains("from the file"));
    lab.deploy(&[]).succeeds();
    let value_of = |spec: String| spec.split("\"W=").nth(1).map(|rest| rest[..13].to_owned());
    assert_eq!(value_of(lab.spec("idle")).as_deref(), Some("from the file"));
    assert_eq!(lab.hs("plan", &[]).succeeds().text(), "nothing to do\n");

    lab.write("secrets/stack.env", "WORD='from a change'\n");
    lab.commit();
    let planned = lab.hs("plan", &[]).ends_with(3).text();
    let change = "secrets/stack.env (variables used by valued_idle)\n";
    assert!(planned.ends_with(change), "{planned}");
    assert!(!planned.contains("from a"), "{planned}");
    lab.deploy(&[]).succeeds();
    assert_eq!(value_of(lab.spec("idle")).as_deref(), Some("from a change"));
    // Deploy the earlier value, once from a bare clone and once by a rollback.
    let bare = lab.bare_clone();
    let words = "deploy valued --rev main~1 -- --resolve-image never";
    run(lab.command(&bare, words.split(' ')), b"").succeeds();
    assert_eq!(value_of(lab.spec("idle")).as_deref(), Some("from the file"));

    // The caller's environment wins, as with docker compose.
    let words = "deploy valued -- --resolve-image never";
    let mut command = lab.command(&lab.repository, words.split(' '));
    command.env("WORD", "of the caller");
    run(command, b"").succeeds();
    assert_eq!(value_of(lab.spec("idle")).as_deref(), Some("of the caller"));

    lab.write("secrets/stack.env", "WORD=x\nLD_PRELOAD=/tmp/evil.so\n");
    lab.deploy(&[])
        .fails_saying(&["secrets/stack.env:2: LD_PRELOAD steers programs"]);
    lab.git(&["checkout", "-q", "."]);
    lab.sandbox
        .hs(&lab.repository, ["lock", "--discard-key"])
        .succeeds();
    let locked = lab
        .deploy(&[])
        .fails_saying(&["secrets/stack.env", "locked"]);
    assert!(
        locked.stderr.contains("hint: `unlock "),
        "{}",
        locked.stderr
    );
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn an_encrypted_stack_file_is_rolled_back_to() {
    let lab = lab("sealed");
    lab.write(
        ".gitattributes",
        "secrets/* filter=git-crypt diff=git-crypt\nsealed.yml filter=git-crypt diff=git-crypt\n",
    );
    lab.git(&["add", "--renormalize", "."]);
    lab.commit();
    lab.deploy(&[]).succeeds();
    let first = lab.git(&["rev-parse", "HEAD"]);
    lab.edit_stack("sleep 1000", "sleep 2000");
    lab.commit();
    lab.deploy(&[]).succeeds();
    assert!(lab.spec("app").contains("sleep 2000"));
    let back = lab
        .hs("rollback", &["--", "--resolve-image", "never"])
        .succeeds();
    let said = format!("going back to commit {}", &first[..7]);
    assert!(back.stderr.contains(&said), "{}", back.stderr);
    assert!(lab.spec("app").contains("sleep 1000"));
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn docker_s_words_about_secret_values_are_not_shown() {
    let lab = lab("silent");
    let settings = "[stacks.silent]\nvariables = [\"secrets/stack.env\"]\n";
    lab.write(".hs-secrets.toml", settings);
    lab.write("secrets/stack.env", "WORD=swordfish\nOTHER=marlin\n");
    lab.write("secrets/words", "correct horse swordfish\n");
    lab.commit();
    let stack = lab.repository.join("silent.yml");
    let good = std::fs::read_to_string(&stack).expect("a stack file");
    for (from, to) in [
        (
            "  idle:\n    <<: *common\n    deploy:\n",
            "  idle:\n    <<: *common\n    deploy:\n      replicas: ${WORD}\n",
        ),
        (
            "[./secrets/app.env]",
            "[./secrets/app.env, ./secrets/words]",
        ),
    ] {
        lab.edit_stack(from, to);
        lab.commit();
        for arguments in [&["plan"][..], &["plan", "--json"], &["deploy"]] {
            let told = lab.hs(arguments[0], &arguments[1..]).fails_saying(&[
                "docker refuses stack silent, in words that may hold a value of secrets/",
            ]);
            let said = told.text() + &told.stderr;
            assert!(
                !said.contains("swordfish") && !said.contains("horse"),
                "{said}"
            );
        }
        std::fs::write(&stack, &good).expect("the stack file");
        lab.commit();
    }
    // A message of docker that contains no value is shown. Docker names one of the two services, at random.
    lab.edit_stack("image: ", "imge: $WORD\n  image: ");
    for _ in 0..4 {
        lab.hs("plan", &[])
            .fails_saying(&["docker refuses stack silent: ", "imge"]);
    }
    // Messages during the deployment name variables, not their values.
    std::fs::write(&stack, &good).expect("the stack file");
    lab.edit_stack("VALUE; cat", "VALUE; echo $WORD; cat");
    lab.edit_stack(
        "secrets:\n  token:\n    file",
        "networks:\n  default:\n    name: silent-$OTHER\nsecrets:\n  token:\n    file",
    );
    lab.commit();
    let told = lab.deploy(&[]).succeeds();
    let said = told.text() + &told.stderr;
    assert!(!said.contains("marlin"), "{said}");
}
