//! An attacker names files so that their variables would control programs of those who deploy (row 39 of the attacks).

use crate::scene::Scene;

const FILES: [(&str, &str); 5] = [
    ("path", "PATH"),
    ("ld.preload", "LD_PRELOAD"),
    ("docker.config", "DOCKER_CONFIG"),
    ("https.proxy", "HTTPS_PROXY"),
    ("ssh-auth-sock", "SSH_AUTH_SOCK"),
];

/// The attacker pushes a stack that has a config made from this file.
fn attack(scene: &Scene, file: &str, entry: &str) {
    scene.attacker_writes(&format!("web/{file}"), "/tmp/evil\n");
    let stack = format!("services: {{}}\nconfigs:\n  c:\n    file: {file}\n{entry}");
    scene.attacker_writes("web/stack.yml", stack);
    scene.attacker_pushes();
    scene.victim_pulls();
}

#[test]
fn no_name_of_a_stack_has_the_variable_of_such_a_file() {
    let scene = Scene::new();
    for (file, variable) in FILES {
        let entry = format!("    name: c-${{{variable}}}\n");
        attack(&scene, file, &entry);
        for arguments in [
            &["env", "web"][..],
            &["env", "--export", "web"],
            &["env", "--json", "web"],
            &["render", "web"],
            // Before the program looks for a daemon.
            &["plan", "web"],
            &["sync", "web"],
            &["deploy", "web"],
            &["deploy", "web", "--rev", "HEAD"],
        ] {
            let told = scene.victim_runs(arguments).fails_saying(&[
                "web/stack.yml:5: config `c`",
                &format!("`{variable}` of {file}, which steers programs; rename the file"),
            ]);
            assert_eq!(told.text(), "", "{arguments:?}");
        }
    }
}

#[test]
fn without_a_name_the_variable_of_such_a_file_is_not_handed_on() {
    let scene = Scene::new();
    for (file, variable) in FILES {
        attack(&scene, file, "");
        let told = scene.victim_runs(&["env", "--export", "web"]).succeeds();
        assert_eq!(told.text(), "", "{variable}");
        let rendered = scene.victim_runs(&["render", "web"]).succeeds();
        assert!(
            rendered.text().contains("name: web_c-"),
            "{}",
            rendered.text()
        );
    }
}
