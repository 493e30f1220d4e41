//! A stack of several files publishes the same as the docker client would.

use std::fs;

use crate::lab::{Lab, name_in};

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn every_file_is_relative_to_the_first_stack_file_s_folder() {
    let lab = Lab::new("severalfiles");
    let base = "version: '3.7'\nservices: {}\nconfigs:\n  one: {file: ./one.conf}\n";
    let over = "version: '3.7'\nservices: {}\nconfigs:\n  two: {file: ./two.conf}\n";
    lab.write("base/a.yml", base);
    lab.write("over/b.yml", over);
    for folder in ["base", "over"] {
        lab.write(&format!("{folder}/one.conf"), format!("one of {folder}\n"));
        lab.write(&format!("{folder}/two.conf"), format!("two of {folder}\n"));
    }
    lab.commit();
    let path = |file: &str| lab.repository.join(file).display().to_string();
    let (a, b) = (path("base/a.yml"), path("over/b.yml"));
    let by_docker = ["stack", "deploy", "-c", &a, "-c", &b, "bydocker"];
    lab.engine.docker(by_docker).succeeds();
    let files = ["--file", "base/a.yml", "--file", "over/b.yml"];
    let created = lab.hs("sync", &files).succeeds().text();
    let content = |name: &str| {
        let inspect = ["config", "inspect", "--format", "{{json .Spec.Data}}", name];
        lab.engine.docker(inspect).succeeds().text()
    };
    for entry in ["one", "two"] {
        let name = name_in(&created, &format!("created config severalfiles_{entry}-"));
        let ours = content(&format!("severalfiles_{entry}-{name}"));
        assert_eq!(ours, content(&format!("bydocker_{entry}")), "{entry}");
    }
    let variables = lab.hs("env", &[&files[..], &["--json"]].concat());
    let variables = variables.succeeds().text();
    assert!(variables.contains("base/two.conf"), "{variables}");
    fs::remove_file(lab.repository.join("base/two.conf")).expect("it is there");
    lab.hs("sync", &files)
        .fails_saying(&["over/b.yml:4: config `two`: base/two.conf does not exist"]);
}
