//! Stack files are known wherever the conventions and the settings put them, also when only the file they name is new.

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
