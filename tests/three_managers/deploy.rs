//! `deploy` from two clones at once, and while the leader dies.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use crate::harness::engine::IMAGE;
use crate::harness::sandbox::{Run, Sandbox, run};
use crate::harness::three_managers::ThreeManagers;

const SERVICES: [&str; 3] = ["app", "front", "everywhere"];

struct Lab {
    sandbox: Sandbox,
    managers: ThreeManagers,
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn two_clones_deploy_at_once_and_the_leader_is_killed() {
    let mut lab = Lab::new();
    let [one, other] = ["one", "other"].map(|name| lab.clone_called(name));
    lab.deploy(1, &one).succeeds();

    // At once, by two managers: whole, whichever is last.
    lab.change(&one, "of one");
    lab.change(&other, "of the other");
    let both = [lab.start(2, &one), lab.start(3, &other)];
    let mut told = String::new();
    for deploy in both {
        let output = deploy.wait_with_output().expect("its output");
        told += &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{told}");
    }
    assert!(told.contains(" deploys stack busy since "), "{told}");
    let wanted = [&one, &other].map(|clone| lab.is_as_wanted(2, clone));
    assert_ne!(wanted[0], wanted[1]);
    lab.deploy(2, &one).succeeds();
    assert!(lab.is_as_wanted(2, &one));

    let [leader, second, third] = [1, 2, 3];
    assert_eq!(lab.managers.leader(&[leader]), Some(leader));
    let before = lab.objects(second);
    lab.change(&one, "while the leader dies");
    let mut deploy = lab.start(second, &one);
    let mut output = BufReader::new(deploy.stdout.take().expect("piped"));
    let mut line = String::new();
    while !line.starts_with("created ") {
        line.clear();
        let length = output.read_line(&mut line).expect("text");
        assert_ne!(length, 0, "nothing is created");
    }
    lab.managers.kill(leader);
    let mut said = String::new();
    output.read_to_string(&mut line).expect("the rest");
    let mut stderr = deploy.stderr.take().expect("piped");
    stderr.read_to_string(&mut said).expect("the rest");
    let code = deploy.wait().expect("it ends").code();
    let errors = said.lines().filter(|line| line.contains(": error: "));
    let told = (code, errors.count());
    assert!(
        [(Some(0), 0), (Some(1), 1)].contains(&told),
        "{told:?}: {said}"
    );

    lab.managers.wait_until("another leads", |managers| {
        managers.leader(&[second, third]).is_some()
    });
    lab.deploy(third, &one).succeeds();
    assert!(lab.is_as_wanted(third, &one), "running again finishes");
    let after = lab.objects(third);
    let distinct: BTreeSet<&String> = after.iter().collect();
    assert_eq!(distinct.len(), after.len(), "nothing is doubled");
    assert!(before.iter().all(|name| distinct.contains(name)), "or lost");
    let new = after.len() - before.len();
    assert_eq!(new, 2, "one secret, one config, and no lock that is left");
    let tasks = lab.tasks(third);
    let again = lab.deploy(third, &one).succeeds().text();
    assert!(!again.contains("created "), "{again}");
    assert_eq!(lab.tasks(third), tasks);

    lab.managers.start(leader);
    lab.managers.wait_until("it has caught up", |managers| {
        managers.docker(leader, &["node", "ls"]).code == 0
    });
    assert_eq!(lab.objects(leader), after);
}

impl Lab {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let repository = sandbox.repository("lab");
        sandbox.hs(&repository, ["init"]).succeeds();
        let lab = Self {
            sandbox,
            managers: ThreeManagers::new(),
        };
        lab.managers.import_image();
        let attributes = "secret/* filter=git-crypt diff=git-crypt\n";
        fs::write(repository.join(".gitattributes"), attributes).expect("it is ours");
        // These engines have no networks but the host's own.
        let mut stack = "version: '3.7'\nservices:\n".to_owned();
        for service in SERVICES {
            let mode = match service {
                "everywhere" => "mode: global",
                _ => "replicas: 2",
            };
            stack += &format!(
                "  {service}:\n    image: {IMAGE}\n    networks: [host]\n    stop_grace_period: 0s\n    \
                 secrets: [token]\n    configs: [settings]\n    \
                 deploy: {{ {mode}, update_config: {{ monitor: 500ms, parallelism: 0 }} }}\n"
            );
        }
        stack += "networks:\n  host: { external: true, name: host }\n\
                  secrets:\n  token: { file: secret/token }\n\
                  configs:\n  settings: { file: config/settings }\n";
        fs::write(repository.join("busy.yml"), stack).expect("it is ours");
        lab.change(&repository, "first");
        lab
    }

    /// Other content of both files, committed.
    fn change(&self, repository: &Path, word: &str) {
        for (folder, file) in [("secret", "token"), ("config", "settings")] {
            let folder = repository.join(folder);
            fs::create_dir_all(&folder).expect("a folder");
            fs::write(folder.join(file), format!("{word}\n")).expect("it is ours");
        }
        self.git(repository, &["add", "--all"]);
        self.git(repository, &["commit", "--quiet", "--message", word]);
    }

    fn clone_called(&self, name: &str) -> PathBuf {
        let top = self.sandbox.path("");
        self.git(&top, &["clone", "--quiet", "lab", name]);
        let clone = self.sandbox.path(name);
        let key = self.sandbox.path("key");
        if !key.exists() {
            let export = ["export-key", "../key"];
            self.sandbox
                .hs(&self.sandbox.path("lab"), export)
                .succeeds();
        }
        self.sandbox.hs(&clone, ["unlock", "../key"]).succeeds();
        clone
    }

    fn git(&self, repository: &Path, arguments: &[&str]) -> String {
        self.sandbox.git(repository, arguments).succeeds().text()
    }

    /// With `--force`, since neither clone has the commits of the other.
    fn deploy(&self, manager: u32, clone: &Path) -> Run {
        let mut command = self.sandbox.command(clone, "hs-secrets");
        let words = "deploy busy --force --timeout 240s -- --resolve-image never";
        command
            .args(words.split(' '))
            .env("DOCKER_HOST", self.managers.host(manager));
        run(command, b"")
    }

    /// Starts it, with little patience: Docker 20.10 never ends an update that waits for a node which is gone.
    fn start(&self, manager: u32, clone: &Path) -> Child {
        self.sandbox
            .command(clone, "hs-secrets")
            .args("deploy busy --force --timeout 40s -- --resolve-image never".split(' '))
            .env("DOCKER_HOST", self.managers.host(manager))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program under test can be run")
    }

    /// True where every service, and every task that is to run, uses what this clone wants; all or none of them do.
    fn is_as_wanted(&self, manager: u32, clone: &Path) -> bool {
        let wanted: Vec<String> = ["secret/token", "config/settings"]
            .iter()
            .map(|path| self.git(clone, &["rev-parse", &format!("HEAD:{path}")])[..32].to_owned())
            .collect();
        let mut specs = Vec::new();
        for service in SERVICES {
            let service = format!("busy_{service}");
            let spec = ["service", "inspect", "--format", "{{json .Spec}}", &service];
            specs.push(self.managers.docker(manager, &spec).succeeds().text());
        }
        for task in self.tasks(manager).lines() {
            let id = task.split(' ').next().expect("an id");
            let spec = [
                "inspect",
                "--type",
                "task",
                "--format",
                "{{json .Spec}}",
                id,
            ];
            specs.push(self.managers.docker(manager, &spec).succeeds().text());
        }
        let has_all = |spec: &&String| wanted.iter().all(|version| spec.contains(version));
        let wanted = specs.iter().filter(has_all).count();
        assert!(wanted == 0 || wanted == specs.len(), "by halves: {specs:?}");
        wanted > 0
    }

    /// Names of all secrets and configs, locks included, each as often as it is there.
    fn objects(&self, manager: u32) -> Vec<String> {
        let mut names = Vec::new();
        for kind in ["secret", "config"] {
            let ls = [kind, "ls", "--format", "{{.Name}}"];
            let listed = self.managers.docker(manager, &ls).succeeds().text();
            names.extend(listed.lines().map(str::to_owned));
        }
        names.sort();
        names
    }

    /// The tasks that are to run.
    fn tasks(&self, manager: u32) -> String {
        let filter = "desired-state=running";
        let format = "{{.ID}} {{.Name}}";
        let ps = [
            "stack",
            "ps",
            "busy",
            "--no-trunc",
            "--filter",
            filter,
            "--format",
            format,
        ];
        self.managers.docker(manager, &ps).succeeds().text()
    }
}
