//! A Swarm of three managers on one machine. Each has its own network namespace, and a bridge connects them.
//!
//! Everything, including the bridge, is in namespaces that end with one process. It is invisible to the machine, and no
//! packet leaves it. However the test ends, the kernel then removes all processes, mounts and links.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::engine::{IMPORT, image_archive};
use super::sandbox::{Run, run};

const NEEDED: &str = "a Swarm of three managers needs root, Docker's engine and ip: apt-get install docker.io iproute2 util-linux";

/// The first process in the namespaces; everything ends with it. It reads commands to start and kill engines from its stdin
/// until that is closed.
const HOUSE: &str = r#"
folder=$1
ip link set lo up
ip link add swarm0 type bridge
ip link set swarm0 up
# Nobody answers, and says so at once: engines ask for the registry of an image before each task.
echo "nameserver 127.0.0.1" >"$folder/resolv.conf"
mount --bind "$folder/resolv.conf" /etc/resolv.conf
start() {
  mkdir -p "$folder/$1"
  unshare --net sh -c '
    until ip link show eth0 >/dev/null 2>&1; do sleep 0.05; done
    ip link set lo up
    ip address add "10.213.0.$1/24" dev eth0
    ip link set eth0 up
    ip route add default dev eth0
    exec dockerd --bridge=none --iptables=false --data-root "$2/data" --exec-root "$2/exec" --pidfile "$2/pid" \
      --host "unix://$2/docker.sock"
  ' manager "$1" "$folder/$1" >>"$folder/$1/log" 2>&1 </dev/null &
  engine=$!
  echo "$engine" >"$folder/$1/engine"
  while [ "$(readlink /proc/$engine/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
  # Containers outlive an engine that was killed, and keep the network that it was in.
  ip link delete "port$1" 2>/dev/null
  ip link add "port$1" type veth peer name "host$1"
  ip link set "host$1" netns "$engine" name eth0
  ip link set "port$1" master swarm0 up
}
stop() {
  engine=$(cat "$folder/$1/engine")
  kill -9 "$engine"
  wait "$engine"
  kill -9 "$(cat "$folder/$1/exec/containerd/containerd.pid")"
  rm -f "$folder/$1/pid" "$folder/$1/exec/containerd/containerd.pid" "$folder/$1/docker.sock"
}
while read -r verb number; do "$verb" "$number" 2>>"$folder/log"; done
kill -9 -1
sed -n "s|^[^ ]* \($folder/[^ ]*\) .*|\1|p" /proc/mounts | sort -r | while read -r mount; do umount -l "$mount"; done
rm -rf "$folder"
"#;

/// Three running managers, ended when dropped.
pub struct ThreeManagers {
    folder: TempDir,
    house: Child,
    orders: Option<ChildStdin>,
}

impl ThreeManagers {
    /// Starts managers 1, 2 and 3. Manager 1 is the leader.
    pub fn new() -> Self {
        assert!(rustix::process::geteuid().is_root(), "{NEEDED}");
        let folder = tempfile::Builder::new()
            .prefix("hs-secrets-managers-")
            .tempdir()
            .expect("a temporary directory");
        let mut house = Command::new("unshare")
            .args(["--net", "--mount", "--pid", "--fork", "--kill-child"])
            .args(["--mount-proc", "sh", "-c", HOUSE, "house"])
            .arg(folder.path())
            .stdin(Stdio::piped())
            .spawn()
            .expect(NEEDED);
        let orders = house.stdin.take();
        let mut managers = Self {
            folder,
            house,
            orders,
        };
        for number in 1..=3 {
            managers.start(number);
        }
        let advertise = |number: u32| format!("--advertise-addr=10.213.0.{number}");
        managers
            .docker(1, &["swarm", "init", &advertise(1)])
            .succeeds();
        let token = managers.docker(1, &["swarm", "join-token", "--quiet", "manager"]);
        let token = token.succeeds().text();
        for number in 2..=3 {
            let join = ["swarm", "join", "--token", token.trim(), &advertise(number)];
            let join = join.into_iter().chain(["10.213.0.1:2377"]);
            managers
                .docker(number, &join.collect::<Vec<_>>())
                .succeeds();
        }
        managers.wait_until("all three are reachable", |managers| {
            let status = ["node", "ls", "--format", "{{.ManagerStatus}}"];
            let listed = managers.docker(1, &status).text();
            listed.matches("Reachable").count() == 2
        });
        managers
    }

    /// The address of a manager, for `--host` and `DOCKER_HOST`.
    pub fn host(&self, number: u32) -> String {
        format!("unix://{}", self.path(number, "docker.sock").display())
    }

    /// Imports the test image into all of them.
    pub fn import_image(&self) {
        let archive = image_archive(self.folder.path());
        for number in 1..=3 {
            self.docker_with_input(number, &IMPORT, &archive).succeeds();
        }
    }

    /// Runs the docker client against a manager.
    pub fn docker(&self, number: u32, arguments: &[&str]) -> Run {
        self.docker_with_input(number, arguments, b"")
    }

    fn docker_with_input(&self, number: u32, arguments: &[&str], input: &[u8]) -> Run {
        let mut command = Command::new("docker");
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("DOCKER_HOST", self.host(number))
            .args(arguments);
        run(command, input)
    }

    /// The manager that is the leader. Only those in `among` are asked.
    pub fn leader(&self, among: &[u32]) -> Option<u32> {
        let leads = [
            "node",
            "inspect",
            "self",
            "--format",
            "{{.ManagerStatus.Leader}}",
        ];
        let mut among = among.iter().copied();
        among.find(|number| self.docker(*number, &leads).text().trim() == "true")
    }

    /// Kills a manager with SIGKILL.
    pub fn kill(&mut self, number: u32) {
        self.send_order("stop", number);
        self.wait_until("the engine is gone", |managers| {
            !managers.path(number, "docker.sock").exists()
        });
    }

    /// Starts a manager again with its old data.
    pub fn start(&mut self, number: u32) {
        self.send_order("start", number);
        self.wait_until("the engine runs", |managers| {
            managers.docker(number, &["version"]).code == 0
        });
    }

    /// Waits until `there` returns true, for at most a minute.
    #[track_caller]
    pub fn wait_until(&self, what: &str, there: impl Fn(&Self) -> bool) {
        let started = Instant::now();
        while !there(self) {
            assert!(
                started.elapsed() < Duration::from_secs(60),
                "it does not happen that {what} ({NEEDED}):\n{}",
                fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
                    + &fs::read_to_string(self.path(1, "log")).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn send_order(&mut self, verb: &str, number: u32) {
        let orders = self.orders.as_mut().expect("it takes orders till the end");
        writeln!(orders, "{verb} {number}").expect("the house stands");
    }

    fn path(&self, number: u32, name: &str) -> PathBuf {
        self.folder.path().join(number.to_string()).join(name)
    }
}

impl Drop for ThreeManagers {
    fn drop(&mut self) {
        drop(self.orders.take());
        let _ = self.house.wait();
    }
}
