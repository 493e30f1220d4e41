//! Stack files are found wherever the conventions and the settings put them, even if only a file that they name is new.

use crate::harness::sandbox::Sandbox;
use crate::{add_all, check, commit_all, repository, write};

const STACK: &str = "services:\n  web:\n    image: web\nsecrets:\n  db:\n    file: db.txt\n";

#[test]
fn a_plaintext_secret_is_found_by_every_convention() {
    for (stack, secret) in [
        ("web/stack.yml", "web/db.txt"),
        ("stacks/web.yml", "stacks/db.txt"),
        ("web.yaml", "db.txt"),
        ("compose.yml", "db.txt"),
        ("apps/web/stack.yml", "apps/web/db.txt"),
        ("deep/down/by-settings.yml", "deep/down/db.txt"),
        ("web/docker-compose.prod.yml", "web/db.txt"),
    ] {
        let sandbox = Sandbox::new();
        let repository = repository(&sandbox);
        let settings = "[stacks.named]\nfiles = [\"deep/down/by-settings.yml\"]\n";
        write(&repository, ".hs-secrets.toml", settings);
        write(&repository, stack, STACK);
        commit_all(&sandbox, &repository, "a stack");
        write(&repository, secret, "correct horse\n");
        add_all(&sandbox, &repository);
        let expected = (3, vec![format!("{secret} plaintext-stack-secret")]);
        assert_eq!(
            check(&sandbox, &repository, &["--staged"]),
            expected,
            "{stack}"
        );
        commit_all(&sandbox, &repository, "its secret");
        let range = ["--range", "HEAD~1.."];
        assert_eq!(check(&sandbox, &repository, &range), expected, "{stack}");
    }
}

#[test]
fn a_stack_of_several_files_finds_its_files_beside_the_first_one() {
    for files in [
        "[\"shop/stack.yml\", \"over/prod.yml\"]",
        "[\"./shop/stack.yml\", \"./over//./prod.yml\"]",
    ] {
        let sandbox = Sandbox::new();
        let repository = repository(&sandbox);
        let settings = format!("[stacks.shop]\nfiles = {files}\n");
        write(&repository, ".hs-secrets.toml", settings);
        write(
            &repository,
            "shop/stack.yml",
            "services:\n  web:\n    image: web\n",
        );
        write(&repository, "over/prod.yml", STACK);
        // Only the file next to the first stack file belongs to the stack.
        write(&repository, "over/db.txt", "correct horse\n");
        commit_all(&sandbox, &repository, "a stack");
        write(&repository, "shop/db.txt", "correct horse\n");
        add_all(&sandbox, &repository);
        let expected = (3, vec!["shop/db.txt plaintext-stack-secret".to_owned()]);
        for scope in ["--staged", "--all"] {
            let found = check(&sandbox, &repository, &[scope]);
            assert_eq!(found, expected, "{files} {scope}");
        }
        commit_all(&sandbox, &repository, "its secret");
        for scope in [&["--range", "HEAD~1.."][..], &["--history"]] {
            let found = check(&sandbox, &repository, scope);
            assert_eq!(found, expected, "{files} {scope:?}");
        }
    }
}
