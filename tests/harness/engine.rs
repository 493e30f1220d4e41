//! A private Docker engine, with its own data and socket. It does not use the networks of the machine.
//!
//! Without a bridge and iptables, engines do not interfere with each other, and services without networks run normally. An
//! engine with networks gets a network namespace of its own, which has no connection to the outside.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::sandbox::{Run, run};

/// The image that every engine has: busybox.
pub const IMAGE: &str = "hs-secrets-test:1";

const NEEDED: &str = "the tests of the Swarm need root and Docker's engine: apt-get install docker.io busybox-static";

/// A shell script that ends the engine when this test process has ended in any way.
const KEEPER: &str = r#"
test_program=$1; shift
"$@" &
engine=$!
while kill -0 "$test_program" && kill -0 "$engine"; do sleep 1; done 2>/dev/null
kill "$engine" 2>/dev/null
wait "$engine"
"#;

const NO_NETWORKS: [&str; 2] = ["--bridge=none", "--iptables=false"];

/// Runs the rest of the command in a new network namespace, which exists as long as the command runs.
const ALONE: [&str; 6] = [
    "unshare",
    "--net",
    "sh",
    "-c",
    r#"ip link set lo up && exec "$@""#,
    "alone",
];

/// A running engine, ended when dropped.
pub struct Engine {
    folder: TempDir,
    setup: Setup,
    keeper: Child,
}

/// Options of an engine.
#[derive(Default)]
pub struct Setup {
    /// True to have a bridge and overlay networks.
    pub networks: bool,
    /// Further arguments of `dockerd`.
    pub arguments: Vec<String>,
    /// Further environment variables of `dockerd`.
    pub environment: Vec<(&'static str, &'static str)>,
}

/// The engine that tests share. It runs as long as one of them holds it. Each test must use stacks of its own.
static SHARED: Mutex<Weak<Engine>> = Mutex::new(Weak::new());

impl Engine {
    /// An engine that is a manager of its own Swarm, shared with other tests.
    pub fn shared() -> Arc<Self> {
        // A test may have panicked while it started the engine. The next test must try again.
        let mut shared = SHARED
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        shared.upgrade().unwrap_or_else(|| {
            let engine = Arc::new(Self::swarm());
            *shared = Arc::downgrade(&engine);
            engine
        })
    }

    /// An engine that is a manager of its own Swarm.
    pub fn swarm() -> Self {
        Self::swarm_with(Setup::default())
    }

    /// An engine that is a manager of its own Swarm and can have networks.
    pub fn with_networks() -> Self {
        Self::swarm_with(Setup {
            networks: true,
            ..Setup::default()
        })
    }

    /// An engine that is a manager of its own Swarm, with these options.
    pub fn swarm_with(setup: Setup) -> Self {
        let engine = Self::start(setup);
        engine.init_swarm();
        engine.import_image();
        engine
    }

    /// Makes this engine the only manager of a new Swarm.
    pub fn init_swarm(&self) {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let listen = port.expect("a free port").to_string();
        let init = [
            "swarm",
            "init",
            "--advertise-addr",
            "127.0.0.1",
            "--listen-addr",
            &listen,
        ];
        self.docker(init).succeeds();
    }

    /// An engine that is not part of a Swarm.
    pub fn without_swarm() -> Self {
        Self::start(Setup::default())
    }

    fn start(setup: Setup) -> Self {
        assert!(rustix::process::geteuid().is_root(), "{NEEDED}");
        let folder = tempfile::Builder::new()
            .prefix("hs-secrets-engine-")
            .tempdir()
            .expect("a temporary directory");
        // Access must depend on the permissions of the socket only, so the folder must be accessible.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))
            .expect("the folder is ours");
        let keeper = start(folder.path(), &setup);
        let mut engine = Self {
            folder,
            setup,
            keeper,
        };
        engine.wait_until_ready();
        engine
    }

    /// The address, for `--host` and `DOCKER_HOST`.
    pub fn host(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("docker.sock")
    }

    /// Runs the docker client against this engine.
    pub fn docker<Argument: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = Argument>,
    ) -> Run {
        self.docker_with_input(arguments, b"")
    }

    /// Runs the docker client with `input` on its stdin.
    pub fn docker_with_input<Argument: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = Argument>,
        input: &[u8],
    ) -> Run {
        let mut command = Command::new("docker");
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("DOCKER_HOST", self.host())
            .args(arguments);
        run(command, input)
    }

    /// Runs the docker client repeatedly until its output satisfies `enough`.
    #[track_caller]
    pub fn wait_for(&self, arguments: &[&str], enough: impl Fn(&str) -> bool) -> String {
        let started = Instant::now();
        loop {
            let run = self.docker(arguments);
            let output = run.text() + &run.stderr;
            if enough(&output) {
                return output;
            }
            assert!(
                started.elapsed() < Duration::from_secs(30),
                "`docker {}` still says {output:?}",
                arguments.join(" ")
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Kills the engine with SIGKILL.
    pub fn kill(&mut self) {
        if let Some(pid) = self.pid("pid") {
            end(pid, rustix::process::Signal::KILL);
        }
        self.end_containerd();
        self.keeper.wait().expect("the keeper ends with its engine");
        let _ = fs::remove_file(self.folder.path().join("pid"));
    }

    /// Starts the engine again with its old data.
    pub fn restart(&mut self) {
        self.keeper = start(self.folder.path(), &self.setup);
        self.wait_until_ready();
        self.wait_for(&["node", "ls"], |output| output.contains("Leader"));
    }

    fn wait_until_ready(&mut self) {
        let started = Instant::now();
        let log = self.folder.path().join("log");
        while self.docker(["version"]).code != 0 {
            let told = fs::read_to_string(&log).unwrap_or_default();
            let has_ended = self.keeper.try_wait().expect("our own process").is_some();
            // On a busy machine containerd may not answer within the 15 s that dockerd gives it.
            let is_worth_another_try = has_ended && told.contains("timeout waiting for containerd");
            assert!(
                started.elapsed() < Duration::from_secs(60) && (!has_ended || is_worth_another_try),
                "the engine does not start ({NEEDED}):\n{told}"
            );
            if is_worth_another_try {
                self.end_containerd();
                self.keeper = start(self.folder.path(), &self.setup);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn import_image(&self) {
        let archive = image_archive(self.folder.path());
        self.docker_with_input(IMPORT, &archive).succeeds();
    }

    /// Removes the mounts that a killed engine leaves behind: its data folder (mounted on itself at each start), and network
    /// namespaces.
    fn unmount(&self) {
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
        let below = format!("{}/", self.folder.path().display());
        let ours = mounts
            .lines()
            .filter_map(|line| line.split(' ').nth(1))
            .filter(|target| target.starts_with(&below));
        for target in ours.collect::<Vec<_>>().into_iter().rev() {
            let _ = Command::new("umount")
                .args(["--lazy", target])
                .stderr(Stdio::null())
                .status();
        }
    }

    fn pid(&self, file: &str) -> Option<rustix::process::Pid> {
        let text = fs::read_to_string(self.folder.path().join(file)).ok()?;
        rustix::process::Pid::from_raw(text.trim().parse().ok()?)
    }

    fn end_containerd(&self) {
        const FILE: &str = "exec/containerd/containerd.pid";
        if let Some(pid) = self.pid(FILE) {
            end(pid, rustix::process::Signal::KILL);
            // If the file stays, the next engine believes that this containerd still runs.
            let _ = fs::remove_file(self.folder.path().join(FILE));
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // Containers must be removed first, because they would outlive the engine.
        let services = self.docker(["service", "ls", "--quiet"]).text();
        for service in services.lines() {
            self.docker(["service", "rm", service]);
        }
        let started = Instant::now();
        while !services.is_empty()
            && !self.docker(["ps", "--quiet"]).text().is_empty()
            && started.elapsed() < Duration::from_secs(10)
        {
            std::thread::sleep(Duration::from_millis(50));
        }
        if let Some(pid) = self.pid("pid") {
            end(pid, rustix::process::Signal::TERM);
        }
        let _ = self.keeper.wait();
        self.end_containerd();
        self.unmount();
    }
}

/// Starts an engine in `folder`, in a new session.
fn start(folder: &Path, setup: &Setup) -> Child {
    let log = File::create(folder.join("log")).expect("a log file");
    let path = |name: &str| folder.join(name).display().to_string();
    Command::new("setsid")
        .args(["sh", "-c", KEEPER, "keeper"])
        .arg(std::process::id().to_string())
        .args(ALONE.iter().filter(|_| setup.networks))
        .arg("dockerd")
        .args(NO_NETWORKS.iter().filter(|_| !setup.networks))
        .args(&setup.arguments)
        .args(["--data-root", &path("data"), "--exec-root", &path("exec")])
        .args(["--pidfile", &path("pid")])
        .args(["--host", &format!("unix://{}", path("docker.sock"))])
        .envs(setup.environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a second handle"))
        .stderr(log)
        .spawn()
        .expect("setsid can be run: apt-get install util-linux")
}

/// Arguments of the docker client that create the image from an archive on stdin.
pub const IMPORT: [&str; 5] = ["import", "--change", r#"CMD ["sleep", "1000"]"#, "-", IMAGE];

/// A tar archive with busybox, created in `folder`.
pub fn image_archive(folder: &Path) -> Vec<u8> {
    let busybox = ["/bin/busybox", "/usr/bin/busybox"]
        .into_iter()
        .find(|path| Path::new(path).exists())
        .expect(NEEDED);
    let files = folder.join("image/bin");
    fs::create_dir_all(&files).expect("a folder for the image");
    fs::copy(busybox, files.join("busybox")).expect("a copy of busybox");
    for name in ["sh", "cat", "sleep", "test", "true", "false"] {
        std::os::unix::fs::symlink("busybox", files.join(name)).expect("a link");
    }
    let archive = Command::new("tar")
        .args(["-C", "image", "-c", "."])
        .current_dir(folder)
        .output()
        .expect("tar can be run");
    archive.stdout
}

fn end(pid: rustix::process::Pid, signal: rustix::process::Signal) {
    // The process may have ended already.
    let _ = rustix::process::kill_process(pid, signal);
}
