//! An attacker uses variables of an encrypted file where their values would be shown: in names, paths, labels.

use crate::scene::Scene;

const VALUE: &str = "swordfish9f3kq2xz";

/// Stack files with the variable at a place that the program shows, each with the position that the error names.
const STACKS: [(&str, &str); 13] = [
    (
        "configs: {app: {file: site.conf, name: 'app-${DB_PASSWORD}-${SITE_CONF}'}}",
        "web/stack.yml:2: config `app`: its name: ",
    ),
    (
        "configs: {app: {file: site.conf, name: 'app-${DB_PASSWORD} bad !${SITE_CONF}'}}",
        "web/stack.yml:2: config `app`: its name: ",
    ),
    (
        "configs: {app: {file: site.conf, name: '${DB_PASSWORD:-a}${SITE_CONF}'}}",
        "web/stack.yml:2: config `app`: its name: ",
    ),
    (
        "configs: {app: {file: '${DB_PASSWORD}.conf'}}",
        "web/stack.yml:2: configs.app.file: ",
    ),
    (
        "configs: {app: {external: true, name: $DB_PASSWORD}}",
        "web/stack.yml:2: configs.app.name: ",
    ),
    (
        "secrets: {app: {external: {name: $DB_PASSWORD}}}",
        "web/stack.yml:2: secrets.app.external.name: ",
    ),
    (
        "configs: {app: {external: $DB_PASSWORD}}",
        "web/stack.yml:2: configs.app.external: ",
    ),
    (
        "configs: {app: {file: site.conf, labels: {a: $DB_PASSWORD}}}",
        "web/stack.yml:2: configs.app.labels.a: ",
    ),
    (
        "configs: {app: {file: site.conf, template_driver: $DB_PASSWORD}}",
        "web/stack.yml:2: configs.app.template_driver: ",
    ),
    (
        "networks: {n: {external: true, name: '${DB_PASSWORD?}'}}",
        "web/stack.yml:2: networks.n.name: ",
    ),
    (
        "x-a: &a {configs: [$DB_PASSWORD]}",
        "web/stack.yml:2: services.app.configs: ",
    ),
    (
        "x-a: &a {credential_spec: {config: $DB_PASSWORD}}",
        "web/stack.yml:2: services.app.credential_spec.config: ",
    ),
    (
        "x-a: &a {env_file: [$DB_PASSWORD]}",
        "web/stack.yml:2: services.app.env_file: ",
    ),
];

/// A scene in which the victim has an encrypted file of variables.
fn scene() -> Scene {
    let scene = Scene::new();
    let folder = scene.victim.join("web/secret");
    let variables = format!("DB_PASSWORD={VALUE}\n");
    std::fs::write(folder.join("stack.env"), variables).expect("a file");
    scene.victim_pushes();
    scene.git_of_attacker(&["pull", "--quiet"]);
    let settings = "[stacks.web]\nvariables = [\"web/secret/stack.env\"]\n";
    scene.attacker_writes(".hs-secrets.toml", settings);
    scene
}

fn push(scene: &Scene, line: &str) {
    let services = if line.starts_with("x-a") {
        "services: {app: {<<: *a, image: app}}"
    } else {
        "services: {}"
    };
    let stack = format!("version: '3.8'\n{line}\n{services}\n");
    scene.attacker_writes("web/stack.yml", stack);
    scene.attacker_pushes();
    scene.victim_pulls();
}

#[track_caller]
fn assert_refused(scene: &Scene, arguments: &[&str], place: &str) {
    let refusal = "the variable `DB_PASSWORD` comes from web/secret/stack.env, which Git does not hold in plaintext";
    let told = scene.victim_runs(arguments).fails_saying(&[place, refusal]);
    let hint = "hint: set `DB_PASSWORD` in the environment";
    assert!(told.stderr.contains(hint), "{}", told.stderr);
    assert!(!told.stderr.contains("swordfish"), "{}", told.stderr);
    assert_eq!(told.text(), "", "{arguments:?}");
}

#[test]
fn no_value_of_an_encrypted_file_is_shown_as_a_name() {
    let scene = scene();
    for (line, place) in STACKS {
        push(&scene, line);
        assert_refused(&scene, &["render", "web"], place);
        assert_refused(&scene, &["plan", "web", "--json", "--rev", "HEAD"], place);
    }
    let (line, place) = STACKS[0];
    push(&scene, line);
    for arguments in [
        &["env", "web"][..],
        &["env", "--json", "web"],
        &["render", "web", "--rev", "HEAD"],
        &["plan", "web"],
        &["sync", "web"],
        &["deploy", "web"],
    ] {
        assert_refused(&scene, arguments, place);
    }
    let listed = scene.victim_runs(&["ls", "web"]);
    assert!(!(listed.text() + &listed.stderr).contains("swordfish"));
}

#[test]
fn taking_the_attribute_away_opens_nothing() {
    let scene = scene();
    scene.attacker_writes(".gitattributes", "web/secret/db filter=git-crypt\n");
    let (line, place) = STACKS[0];
    push(&scene, line);
    // The file of variables did not change, and is still plaintext in the victim's work tree.
    let file = scene.victim.join("web/secret/stack.env");
    assert!(
        std::fs::read_to_string(file)
            .expect("a file")
            .contains(VALUE)
    );
    assert_refused(&scene, &["plan", "web"], place);
}

#[test]
fn elsewhere_in_a_stack_file_such_a_variable_may_stand() {
    let scene = scene();
    push(
        &scene,
        "x-a: &a {environment: {PASSWORD: '${DB_PASSWORD}'}}",
    );
    let rendered = scene.victim_runs(&["render", "web"]).succeeds().text();
    assert!(rendered.contains("${DB_PASSWORD}"), "{rendered}");
}
