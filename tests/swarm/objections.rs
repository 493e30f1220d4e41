//! All errors that docker would report are reported at once, together with the errors of this program.

use crate::deploy_lab::lab;
use crate::harness::engine::IMAGE;
use crate::harness::sandbox::{Run, run};
use crate::lab::Lab;

fn errors(told: &Run) -> Vec<String> {
    assert_eq!(told.code, 1, "{}", told.stderr);
    let lines = told.stderr.lines();
    let errors = lines.filter_map(|line| line.strip_prefix("hs-secrets: error: "));
    errors.map(str::to_owned).collect()
}

fn refused(lab: &Lab, verb: &str) -> Vec<String> {
    errors(&run(lab.command(&lab.repository, [verb]), b""))
}

fn service(name: &str, rest: &str) -> String {
    format!("  {name}: {{image: '{IMAGE}', {rest}}}\n")
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn each_service_of_each_stack_is_named() {
    let lab = lab("faulty");
    let services = [
        service("good", "init: true"),
        service("one", "imge: x"),
        service("two", "ports: {a: b}"),
        service("three", "labels: {l: '${NEEDED:?say what}'}"),
        service("four", "portz: 1"),
    ];
    let text = format!("version: '3.7'\nservices:\n{}", services.concat());
    lab.write("faulty.yml", &text);
    lab.write("other.yml", "services:\n  five: {imge: x}\n");
    lab.commit();
    let of_docker = [
        "faulty.yml:4: docker refuses stack faulty: services.one Additional property imge is not allowed",
        "faulty.yml:5: docker refuses stack faulty: services.two.ports must be a list",
        "faulty.yml:6: docker refuses stack faulty: invalid interpolation format for services.three.labels.l: \
         \"required variable NEEDED is missing a value: say what\"; you may need to escape any $ with another $",
        "faulty.yml:7: docker refuses stack faulty: services.four Additional property portz is not allowed",
        "other.yml:2: docker refuses stack other: services.five Additional property imge is not allowed",
    ];
    for verb in ["plan", "deploy"] {
        assert_eq!(refused(&lab, verb), of_docker, "{verb}");
    }

    // Errors in entries, an unknown entry or a missing `env_file` must not hide docker's errors.
    let text = text.replace("init: true", "configs: [unknown], env_file: gone.env");
    let entry = "configs:\n  gone: {file: gone.conf}\n";
    lab.write("faulty.yml", format!("{text}{entry}"));
    let of_entries = [
        "faulty.yml:3: service `good` uses the config `unknown`, which the stack does not define",
        "faulty.yml:9: config `gone`: gone.conf does not exist",
        "faulty.yml:3: env_file of service `good`: gone.env does not exist",
    ];
    for verb in ["plan", "deploy"] {
        let all = [&of_entries[..], &of_docker].concat();
        assert_eq!(refused(&lab, verb), all, "{verb}");
    }
    lab.write("faulty.yml", text.replace("configs: [unknown], ", ""));
    for verb in ["plan", "deploy"] {
        let mut told = refused(&lab, verb);
        let mut all = [&of_entries[2..], &of_docker].concat();
        told.sort_unstable();
        all.sort_unstable();
        assert_eq!(told, all, "{verb}");
    }
    // A stack file that can't be parsed must not hide the errors in the others.
    lab.write("faulty.yml", "services: {a: {\n");
    let told = refused(&lab, "plan");
    assert!(told[0].starts_with("faulty.yml:"), "{told:?}");
    assert_eq!(told[1..], of_docker[4..]);
    lab.write(
        "faulty.yml",
        format!("services: {{a: {{image: '{IMAGE}', env_file: gone.env}}}}\n"),
    );
    let told = refused(&lab, "deploy");
    assert!(told[0].ends_with("gone.env does not exist"), "{told:?}");
    assert_eq!(told[1..], of_docker[4..]);
    assert_eq!(lab.secrets(), [""; 0]);

    // An error in lines that several services share is reported once.
    let shared = "x-all: &all {image: x, imge: y}\nservices:\n  a: *all\n  b: {<<: *all}\n  c: {image: x, imge: y}\n";
    lab.write("faulty.yml", format!("version: '3.7'\n{shared}"));
    let told = refused(&lab, "plan");
    let lines = told.iter().map(|told| told.split(' ').next());
    let lines: Vec<&str> = lines.flatten().collect();
    assert_eq!(lines, ["faulty.yml:2:", "faulty.yml:6:", "other.yml:2:"]);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn words_that_may_hold_a_secret_are_not_shown_for_any_service() {
    let lab = lab("hushed");
    lab.write("secrets/stack.env", "WORD=hunter2\n");
    let settings = "[stacks.hushed]\nvariables = [\"secrets/stack.env\"]\n";
    lab.write(".hs-secrets.toml", settings);
    let services = [
        service("one", "imge: x"),
        service("two", "deploy: {replicas: '$WORD'}"),
    ];
    let text = format!("version: '3.7'\nservices:\n{}", services.concat());
    lab.write("hushed.yml", text);
    lab.commit();
    for verb in ["plan", "deploy"] {
        let told = refused(&lab, verb);
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].contains("property imge is not"), "{told:?}");
        let hushed = "in words that may hold a value of secrets/stack.env and are not shown";
        assert!(told[1].ends_with(hushed), "{told:?}");
        assert!(!told.concat().contains("hunter2"), "{told:?}");
    }
}

const MANIFOLD: &str = "\
version: '3.7'
services:
  one:
    imge: x
    portz: 1
    deploy:
      replicas: many
      resources: {limits: {memory: lots}}
    ports:
      - '1:1'
      - {target: x}
      - {target: 2, mode: 7}
  two:
    secrets: {t: x}
    labels: 7
secret: {}
networks:
  inner:
    drvr: x
    attachable: maybe
configs:
  c: {file: gone.conf}
";

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn each_fault_of_a_service_is_named_beside_those_of_structure() {
    let lab = lab("manifold");
    lab.write("manifold.yml", MANIFOLD);
    lab.commit();
    let of_structure = [
        "manifold.yml:16: (root): Additional property secret is not allowed",
        "manifold.yml:14: services.two.secrets must be a list",
        "manifold.yml:22: config `c`: gone.conf does not exist",
    ];
    let of_docker = [
        "4: docker refuses stack manifold: services.one Additional property imge is not allowed",
        "5: docker refuses stack manifold: services.one Additional property portz is not allowed",
        "7: docker refuses stack manifold: services.one.deploy.replicas must be a integer",
        "8: docker refuses stack manifold: error decoding 'Deploy.Resources.Limits.memory': invalid size: 'lots'",
        "11: docker refuses stack manifold: services.one.ports.1.target must be a integer",
        "12: docker refuses stack manifold: services.one.ports.2.mode must be a string",
        "15: docker refuses stack manifold: services.two.labels must be a mapping",
        "19: docker refuses stack manifold: networks.inner Additional property drvr is not allowed",
        "20: docker refuses stack manifold: networks.inner.attachable must be a boolean",
    ]
    .map(|line| format!("manifold.yml:{line}"));
    for verb in ["plan", "deploy"] {
        let told = refused(&lab, verb);
        assert_eq!(told[..3], of_structure, "{verb}");
        assert_eq!(without_preamble(&told[3..]), of_docker, "{verb}");
    }
    // The same errors without the others.
    let text = MANIFOLD
        .replace("secrets: {t: x}", "user: x")
        .replace("secret: {}", "x-secret: {}")
        .replace("gone.conf", "config/settings");
    lab.write("manifold.yml", text);
    assert_eq!(without_preamble(&refused(&lab, "plan")), of_docker);
    assert_eq!(lab.secrets(), [""; 0]);
}

/// Docker's message without the preamble of a decoding error, which differs between versions of the client.
fn without_preamble(told: &[String]) -> Vec<String> {
    let before = [
        "decoding failed due to the following error(s): ",
        "1 error(s) decoding: * ",
    ];
    let without = |told: &String| {
        before
            .iter()
            .fold(told.clone(), |told, words| told.replace(words, ""))
    };
    told.iter().map(without).collect()
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn docker_is_asked_about_what_is_known_while_variables_are_not() {
    let lab = lab("unknowing");
    lab.write(
        ".hs-secrets.toml",
        "[stacks.unknowing]\nvariables = ['gone.env']\n",
    );
    let services = [
        service("one", "deploy: {replicas: '$COUNT'}, imge: x"),
        service("two", "labels: ['${WORD:?say what}']"),
    ];
    let text = format!("version: '3.7'\nservices:\n{}", services.concat());
    lab.write("unknowing.yml", text);
    lab.commit();
    for verb in ["plan", "deploy"] {
        assert_eq!(
            refused(&lab, verb),
            [
                "gone.env does not exist (`variables` of the stack in .hs-secrets.toml)",
                "unknowing.yml:3: docker refuses stack unknowing: services.one Additional property imge is not allowed",
            ],
            "{verb}"
        );
    }
}
