//! The stack of the home lab that updates all stacks, including itself: receivers in front, an updater behind them.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::engine::{Engine, IMAGE};
use crate::harness::sandbox::{Sandbox, run};
use crate::web_client::{github_push, signature};

/// The user id in the image.
const USER: u32 = 10001;

/// Maximum time that the test waits for anything.
const PATIENCE: Duration = Duration::from_secs(120);

const UPDATER: &str = "webhooks_updater";

struct Lab {
    sandbox: Sandbox,
    repository: PathBuf,
    remote: PathBuf,
    engine: Engine,
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn the_updater_updates_itself_and_is_rolled_back_without_losing_its_run() {
    let lab = Lab::new();
    lab.deploy_by_hand();
    // The first run finds what was deployed by hand.
    let first = lab.wait_for_run(is_over);
    assert!(is_good(&first), "{first}");
    assert_eq!(first["because"], "start", "{first}");
    let tasks = lab.tasks();
    assert_eq!(tasks.len(), 1, "{tasks:?}");

    // The updater replaces itself and both receivers in the middle of its run. The new updater completes the run.
    lab.edit(
        "image: registry.home.example/hs-secrets:0.1",
        "image: registry.home.example/hs-secrets:0.2",
    );
    let commit = lab.push("A new version");
    lab.deliver("d1", &commit);
    let done = lab.wait_for_run(|run| is_over(run) && run["commit"] == *commit);
    assert!(is_good(&done), "{done}");
    assert_eq!(lab.image(), "registry.home.example/hs-secrets:0.2");
    // Docker has replaced the updater only once: repeating the deployment changed nothing.
    assert_eq!(lab.tasks().len(), 2, "{:?}", lab.tasks());
    let pushed = lab.first_run_because("push");
    let known = ["deployed", "nothing-to-do", "overtaken"];
    assert!(
        known.contains(&pushed["state"].as_str().expect("a state")),
        "{pushed}"
    );

    // A version that can't start is rolled back. The old updater reports that, and does not try again.
    lab.edit(
        "  updater:\n    <<: *app\n",
        "  updater:\n    <<: *app\n    image: registry.home.example/broken:1\n",
    );
    let broken = lab.push("A broken version");
    lab.deliver("d2", &broken);
    let failed = lab.wait_for_run(|run| is_over(run) && run["commit"] == *broken);
    assert_eq!(failed["state"], "failed", "{failed}");
    let why = "docker has rolled service webhooks_updater back since";
    assert!(failed["said"].to_string().contains(why), "{failed}");
    assert_eq!(lab.image(), "registry.home.example/hs-secrets:0.2");

    // The next good push is deployed.
    lab.edit("    image: registry.home.example/broken:1\n", "");
    lab.edit("Europe/Budapest", "Europe/Berlin");
    let good = lab.push("Mended");
    lab.deliver("d3", &good);
    let done = lab.wait_for_run(|run| is_over(run) && run["commit"] == *good);
    assert!(is_good(&done), "{done}");
}

fn is_over(run: &Value) -> bool {
    let state = run["state"].as_str().unwrap_or_default();
    ["deployed", "nothing-to-do", "failed", "timed-out"].contains(&state)
}

fn is_good(run: &Value) -> bool {
    run["state"] == "deployed" || run["state"] == "nothing-to-do"
}

impl Lab {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let repository = sandbox.home_lab("home-lab");
        let lab = Self {
            remote: sandbox.path("remote.git"),
            engine: Engine::with_networks(),
            repository,
            sandbox,
        };
        lab.import_images();
        for stack in ["dns", "docker", "logging", "monitoring", "web"] {
            fs::remove_dir_all(lab.repository.join(stack)).expect("a stack");
        }
        // The remote is a folder that is mounted into the updater.
        let mount = format!(
            "- state:/var/lib/hs-secrets\n      - {}:/srv/home-lab.git:ro\n",
            lab.remote.display()
        );
        lab.edit("- state:/var/lib/hs-secrets\n", &mount);
        lab.edit_in(
            "config/updater.toml",
            "url = \"git@git.home.example:stacks/home-lab.git\"",
            "url = \"/srv/home-lab.git\"\nfull-names = [\"stacks/home-lab\"]",
        );
        lab.edit_in(
            "config/updater.toml",
            "timeout = ",
            "docker-arguments = [\"--resolve-image\", \"never\"]\ntimeout = ",
        );
        for stack in ["dns", "docker", "monitoring"] {
            lab.edit_in("config/updater.toml", &format!("[stacks.{stack}]\n"), "");
        }
        let settings = fs::read_to_string(lab.repository.join("webhooks/config/updater.toml"))
            .expect("settings");
        let (before, rest) = settings.split_once("[stacks.logging]").expect("a stack");
        let (_, after) = rest.split_once("[stacks.webhooks]").expect("its own stack");
        lab.write(
            "config/updater.toml",
            &format!("{before}[stacks.webhooks]{after}"),
        );
        lab.sandbox.hs(&lab.repository, ["init"]).succeeds();
        let everywhere = ["config", "--global", "safe.directory", "*"];
        lab.sandbox.git(&lab.repository, everywhere).succeeds();
        lab.commit("The home lab");
        let top = lab.sandbox.path("");
        let clone = ["clone", "--quiet", "--bare", "home-lab", "remote.git"];
        lab.sandbox.git(&top, clone).succeeds();
        // Git checks the owner of a remote on the disk.
        chown(&lab.remote, Some(USER), Some(USER)).expect("root may");
        lab.sandbox
            .hs(&lab.repository, ["export-key", "../key"])
            .succeeds();
        let key = fs::read(lab.sandbox.path("key")).expect("the key");
        let create = ["secret", "create", "home-lab-key", "-"];
        lab.engine.docker_with_input(create, &key).succeeds();
        lab
    }

    /// Creates two versions of the image, and an image that can't start.
    fn import_images(&self) {
        let root = self.sandbox.path("image");
        let programs = ["hs-secrets", "git", "docker"].map(|name| {
            let which = self.sandbox.run(
                &self.repository,
                "sh",
                ["-c", &format!("command -v {name}")],
                b"",
            );
            (name, PathBuf::from(which.succeeds().text().trim()))
        });
        for folder in ["usr/bin", "bin", "etc", "tmp", "var/lib/hs-secrets"] {
            fs::create_dir_all(root.join(folder)).expect("a folder");
        }
        for (name, program) in &programs {
            let there = root.join("usr/bin").join(name);
            fs::copy(program, &there).expect("a copy");
            if *name == "hs-secrets" {
                let _ = Command::new("strip").arg(&there).status();
            }
            copy_libraries(program, &root);
        }
        fs::copy("/bin/busybox", root.join("bin/busybox")).expect("busybox-static");
        std::os::unix::fs::symlink("busybox", root.join("bin/sh")).expect("a link");
        let everybody = fs::Permissions::from_mode(0o1777);
        fs::set_permissions(root.join("tmp"), everybody).expect("it is ours");
        // Git runs this program as the other side of a clone from a folder.
        let upload = root.join("usr/bin/git-upload-pack");
        std::os::unix::fs::symlink("git", upload).expect("a link");
        let user = format!("hs-secrets:x:{USER}:{USER}::/var/lib/hs-secrets:/bin/sh\n");
        fs::write(root.join("etc/passwd"), user).expect("a file");
        // The chat server for notifications does not exist, but the HTTP client needs the system's certificate authorities.
        const AUTHORITIES: &str = "etc/ssl/certs/ca-certificates.crt";
        fs::create_dir_all(root.join("etc/ssl/certs")).expect("a folder");
        fs::copy(Path::new("/").join(AUTHORITIES), root.join(AUTHORITIES))
            .expect("ca-certificates");
        let state = root.join("var/lib/hs-secrets");
        chown(&state, Some(USER), Some(USER)).expect("root may");
        fs::set_permissions(&state, fs::Permissions::from_mode(0o700)).expect("it is ours");
        let tar = ["-C", "image", "-c", "."];
        let archive = Command::new("tar")
            .args(tar)
            .current_dir(self.sandbox.path(""))
            .output();
        let archive = archive.expect("tar can be run").stdout;
        let change = [
            "ENTRYPOINT [\"/usr/bin/hs-secrets\"]",
            "CMD [\"serve\"]",
            "USER 10001",
            "ENV PATH=/usr/bin:/bin",
            "WORKDIR /var/lib/hs-secrets",
        ];
        let mut import = vec!["import"];
        import.extend(change.iter().flat_map(|change| ["--change", change]));
        import.extend(["-", "registry.home.example/hs-secrets:0.1"]);
        self.engine.docker_with_input(import, &archive).succeeds();
        let tag = [
            "tag",
            "registry.home.example/hs-secrets:0.1",
            "registry.home.example/hs-secrets:0.2",
        ];
        self.engine.docker(tag).succeeds();
        let made = self.engine.docker(["create", IMAGE]).succeeds().text();
        let commit = [
            "commit",
            "--change",
            "CMD [\"false\"]",
            made.trim(),
            "registry.home.example/broken:1",
        ];
        self.engine.docker(commit).succeeds();
    }

    fn deploy_by_hand(&self) {
        let socket = self.engine.socket();
        let group = fs::metadata(&socket).expect("a socket").gid();
        let mut command = self.sandbox.command(&self.repository, "hs-secrets");
        command.args([
            "deploy",
            "webhooks",
            "--timeout",
            "200s",
            "--",
            "--resolve-image",
            "never",
        ]);
        command.env("DOCKER_HOST", self.engine.host());
        command
            .env("DOCKER_SOCKET", socket)
            .env("SOCKET_GROUP", group.to_string());
        let deployed = run(command, b"");
        assert_eq!(
            deployed.code,
            0,
            "{}\n{}",
            deployed.stderr,
            self.logs(UPDATER)
        );
    }

    fn path(&self, file: &str) -> PathBuf {
        self.repository.join("webhooks").join(file)
    }

    fn write(&self, file: &str, text: &str) {
        crate::harness::written::write(
            &self.repository,
            &format!("webhooks/{file}"),
            text.as_bytes(),
        );
    }

    fn edit(&self, from: &str, to: &str) {
        self.edit_in("stack.yml", from, to);
    }

    #[track_caller]
    fn edit_in(&self, file: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(file)).expect("a file");
        assert!(text.contains(from), "{from} in {text}");
        self.write(file, &text.replace(from, to));
    }

    fn commit(&self, message: &str) {
        self.sandbox
            .git(&self.repository, ["add", "--all"])
            .succeeds();
        let commit = ["commit", "--quiet", "--message", message];
        self.sandbox.git(&self.repository, commit).succeeds();
    }

    fn push(&self, message: &str) -> String {
        self.commit(message);
        let push = ["push", "--quiet", "../remote.git", "main"];
        self.sandbox.git(&self.repository, push).succeeds();
        let head = self.sandbox.git(&self.repository, ["rev-parse", "HEAD"]);
        head.succeeds().text().trim().to_owned()
    }

    /// The id of a running container of a service. `None` while it is being replaced.
    fn container(&self, service: &str) -> Option<String> {
        let filter = format!("label=com.docker.swarm.service.name={service}");
        let list = self.engine.docker(["ps", "--quiet", "--filter", &filter]);
        list.text().lines().next().map(str::to_owned)
    }

    /// Sends a request to the updater. `None` if the updater does not run.
    fn ask(&self, path: &str) -> Option<Value> {
        let address = format!("http://127.0.0.1:8421{path}");
        let container = self.container(UPDATER)?;
        let asked = self.engine.docker([
            "exec",
            &container,
            "/bin/busybox",
            "wget",
            "-q",
            "-O",
            "-",
            &address,
        ]);
        serde_json::from_str(&asked.text()).ok()
    }

    /// Waits until the newest run satisfies `enough`, and returns it.
    #[track_caller]
    fn wait_for_run(&self, enough: impl Fn(&Value) -> bool) -> Value {
        let started = Instant::now();
        loop {
            let newest = self.ask("/runs").and_then(|runs| {
                let newest = runs["runs"].get(0)?;
                self.ask(&format!("/runs/{}", newest["run"]))
            });
            if let Some(newest) = newest.clone().filter(|run| enough(run)) {
                return newest;
            }
            if started.elapsed() > PATIENCE {
                let tasks = self
                    .engine
                    .docker(["service", "ps", "--no-trunc", UPDATER])
                    .text();
                panic!(
                    "the newest run is still {newest:?}\n{tasks}\n{}",
                    self.logs(UPDATER)
                );
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Everything that the tasks of a service have printed, including tasks that have ended.
    fn logs(&self, service: &str) -> String {
        let filter = format!("label=com.docker.swarm.service.name={service}");
        let list = ["ps", "--all", "--quiet", "--filter", &filter];
        let containers = self.engine.docker(list).text();
        let logs = containers.lines().map(|container| {
            let log = self.engine.docker(["logs", "--tail", "60", container]);
            format!("{container}:\n{}{}", log.text(), log.stderr)
        });
        logs.collect()
    }

    fn first_run_because(&self, cause: &str) -> Value {
        let runs = self.ask("/runs").expect("it is there");
        let runs = runs["runs"].as_array().expect("runs").clone();
        let mut oldest_first = runs.into_iter().rev();
        oldest_first
            .find(|run| run["because"] == cause)
            .expect("such a run")
    }

    /// Delivers a push to a receiver as GitHub does. It is repeated while the receivers are being replaced, as a user of the
    /// forge would do.
    fn deliver(&self, delivery: &str, commit: &str) {
        let secret = fs::read_to_string(self.path("secret/webhook.secret")).expect("the secret");
        let body = github_push("stacks/home-lab", "main", commit);
        let signature = format!(
            "X-Hub-Signature-256: sha256={}",
            signature(secret.trim(), &body)
        );
        let delivery = format!("X-GitHub-Delivery: {delivery}");
        let body = String::from_utf8(body).expect("JSON");
        let started = Instant::now();
        loop {
            let container = self.container("webhooks_receiver").unwrap_or_default();
            let told = self.engine.docker([
                "exec",
                &container,
                "/bin/busybox",
                "wget",
                "-q",
                "-O",
                "-",
                "--header",
                "Content-Type: application/json",
                "--header",
                "X-GitHub-Event: push",
                "--header",
                &delivery,
                "--header",
                &signature,
                "--post-data",
                &body,
                "http://127.0.0.1:8420/hooks/github",
            ]);
            if told.code == 0 {
                return;
            }
            assert!(
                started.elapsed() < PATIENCE,
                "{told:?}\n{}",
                self.logs("webhooks_receiver")
            );
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// All tasks that the updater has had.
    fn tasks(&self) -> Vec<String> {
        let list = ["service", "ps", "--quiet", UPDATER];
        let list = self.engine.docker(list).succeeds().text();
        list.lines().map(str::to_owned).collect()
    }

    fn image(&self) -> String {
        let format = "{{.Spec.TaskTemplate.ContainerSpec.Image}}";
        let inspect = ["service", "inspect", "--format", format, UPDATER];
        self.engine
            .docker(inspect)
            .succeeds()
            .text()
            .trim()
            .to_owned()
    }
}

/// Copies the libraries that a program needs. A static program needs none.
fn copy_libraries(program: &Path, root: &Path) {
    let listed = Command::new("ldd")
        .arg(program)
        .output()
        .expect("ldd can be run");
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let libraries = listed
        .split_whitespace()
        .filter(|word| word.starts_with('/'));
    for library in libraries {
        let there = root.join(library.trim_start_matches('/'));
        fs::create_dir_all(there.parent().expect("a folder")).expect("a folder");
        fs::copy(library, there).expect("a copy");
    }
}
