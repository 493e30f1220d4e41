//! Archives are read, and the report names those that are not.

use std::process::Command;

use crate::harness::sandbox::{Sandbox, run};
use crate::{PASSWORD, check, commit_all, repository, write};

#[test]
fn leaks_in_tar_and_gzip_are_found_and_other_packed_files_counted() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(&repository, "etc/app.env", format!("A={PASSWORD}\n"));
    let login = concat!("db: postgres://app:x7Kp2vQ9mR", "@db.home.example/app\n");
    write(&repository, "etc/app.yml", login);
    let packed = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&repository);
        run(command, b"").succeeds();
    };
    packed("tar", &["czf", "backup.tgz", "etc"]);
    packed("tar", &["cf", "backup.tar", "etc"]);
    packed("gzip", &["-k", "etc/app.yml"]);
    packed("rm", &["etc/app.env", "etc/app.yml"]);
    for name in ["a.zip", "b.zip"] {
        write(&repository, name, b"PK\x03\x04 and so on");
    }
    commit_all(&sandbox, &repository, "packed");
    let expected = [
        "backup.tar known-secret",
        "backup.tar url-password",
        "backup.tgz known-secret",
        "backup.tgz url-password",
        "etc/app.yml.gz url-password",
    ];
    let expected = expected.map(str::to_owned).to_vec();
    assert_eq!(check(&sandbox, &repository, &["--all"]), (3, expected));
    let run = sandbox.hs(&repository, ["check", "--all"]);
    let note = "a.zip and 1 more file are packed, and were not looked into as a whole";
    assert!(run.stderr.contains(note), "{}", run.stderr);
    assert!(
        run.text().contains("in the packed etc/app.env"),
        "{}",
        run.text()
    );
}
