//! External networks: what uses them, and which of those created by this program are unused.

use std::sync::Arc;

use crate::harness::engine::{Engine, IMAGE};
use crate::lab::Lab;

/// A lab on an engine with networks. `hs-secrets` is run outside of its repository.
struct Networks {
    lab: Lab,
}

impl Networks {
    fn hs(&self, arguments: &[&str]) -> crate::harness::sandbox::Run {
        let anywhere = self.lab.sandbox.path("");
        let command = self.lab.command(&anywhere, arguments.iter().copied());
        crate::harness::sandbox::run(command, b"")
    }

    fn create(&self, name: &str, label: &str) {
        let label = format!("--label={label}");
        let arguments = [
            "network",
            "create",
            "--driver=overlay",
            "--attachable",
            &label,
            name,
        ];
        self.lab.engine.docker(arguments).succeeds();
    }

    fn service(&self, stack: &str, name: &str, network: &str) {
        let label = format!("--label=com.docker.stack.namespace={stack}");
        let name = format!("--name={name}");
        let network = format!("--network={network}");
        let words = "service create --detach --quiet --no-resolve-image --stop-grace-period=0s --update-monitor=100ms";
        let arguments =
            words
                .split(' ')
                .chain([label.as_str(), &name, &network, IMAGE, "sleep", "1000"]);
        self.lab.engine.docker(arguments).succeeds();
    }

    fn update(&self, name: &str, change: &[&str]) {
        let before = [
            "service",
            "update",
            "--detach",
            "--quiet",
            "--no-resolve-image",
        ];
        let arguments = before.iter().chain(change).chain([&name]);
        self.lab.engine.docker(arguments).succeeds();
        let status = [
            "service",
            "inspect",
            "--format",
            "{{.UpdateStatus.State}}",
            name,
        ];
        self.lab
            .engine
            .wait_for(&status, |output| output.trim() == "completed");
    }

    fn unused(&self) -> Vec<String> {
        let run = self.hs(&["prune", "--networks", "--min-age", "0", "--dry-run"]);
        let said = run.succeeds().text();
        let names = said
            .lines()
            .filter_map(|line| line.strip_prefix("would remove network "));
        names
            .map(|line| line.split(' ').next().unwrap_or_default().to_owned())
            .collect()
    }
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn services_move_from_a_legacy_network_to_a_new_one() {
    let networks = Networks {
        lab: Lab::on(Arc::new(Engine::with_networks()), "moving"),
    };
    let ours = "hs-secrets.network=true";
    networks.create("legacy", ours);
    networks.create("web", ours);
    networks.create("theirs", "team=edge");
    networks.create("web_default", "com.docker.stack.namespace=web");
    networks.service("web", "web_nginx", "legacy");
    networks.service("shop", "shop_front", "legacy");

    let listed = networks.hs(&["ls", "--networks"]).succeeds().text();
    let lines: Vec<Vec<&str>> = listed
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(
        lines[0].join(" "),
        "NETWORK MADE BY AGE STATE STACK USED BY"
    );
    let ends = |line: usize| lines[line][lines[line].len() - 3..].join(" ");
    assert_eq!(
        (lines[1][0], ends(1).as_str()),
        ("legacy", "used shop shop_front")
    );
    assert_eq!(
        (lines[2][0], ends(2).as_str()),
        ("legacy", "used web web_nginx")
    );
    assert!(
        listed.contains("theirs") && listed.contains("others"),
        "{listed}"
    );
    assert!(
        !listed.contains("web_default") && !listed.contains("ingress"),
        "{listed}"
    );
    let of_shop = networks
        .hs(&["ls", "--networks", "shop", "--json"])
        .succeeds()
        .text();
    let of_shop: serde_json::Value = serde_json::from_str(&of_shop).expect("it is JSON");
    assert_eq!(of_shop.as_array().map(Vec::len), Some(1));
    assert_eq!(of_shop[0]["made_by_hs_secrets"], true);
    assert_eq!(of_shop[0]["stacks"][0]["services"][0], "shop_front");

    // Young networks and networks in use are kept.
    let pruned = networks.hs(&["prune", "--networks", "--yes"]).succeeds();
    assert_eq!(pruned.text(), "nothing to do\n");
    let kept = "unused, but kept: 1 younger than 15m (`--min-age`)\n";
    assert!(pruned.stderr.ends_with(kept), "{}", pruned.stderr);
    assert_eq!(networks.unused(), ["web"]);
    networks
        .hs(&["prune", "--networks", "--min-age", "0"])
        .ends_with(2);

    let to_web = ["--network-add=web", "--network-rm=legacy"];
    networks.update("web_nginx", &to_web);
    networks
        .lab
        .engine
        .docker(["service", "rm", "shop_front"])
        .succeeds();
    networks
        .lab
        .engine
        .wait_for(&["ps", "--format", "{{.Names}}"], |names| {
            !names.contains("shop_front")
        });
    assert!(
        networks.unused().is_empty(),
        "the rollback of web_nginx needs it"
    );
    let listed = networks.hs(&["ls", "--networks"]).succeeds().text();
    assert!(listed.contains("web_nginx (previous)"), "{listed}");
    networks
        .lab
        .engine
        .docker(["service", "rollback", "--detach", "web_nginx"])
        .succeeds();
    let status = [
        "service",
        "inspect",
        "--format",
        "{{.UpdateStatus.State}}",
        "web_nginx",
    ];
    networks
        .lab
        .engine
        .wait_for(&status, |output| output.trim() == "rollback_completed");
    networks.update("web_nginx", &to_web);
    networks.update("web_nginx", &["--env-add=SECOND=update"]);
    assert_eq!(networks.unused(), ["legacy"]);

    // A container that does not belong to a service.
    let attach = [
        "run",
        "--detach",
        "--name=shell",
        "--network=legacy",
        IMAGE,
        "sleep",
        "1000",
    ];
    networks.lab.engine.docker(attach).succeeds();
    assert!(networks.unused().is_empty());
    let listed = networks.hs(&["ls", "--networks"]).succeeds().text();
    assert!(listed.contains("container shell"), "{listed}");
    networks
        .lab
        .engine
        .docker(["rm", "--force", "shell"])
        .succeeds();

    let pruned = networks.hs(&["prune", "--networks", "--min-age", "0", "--yes"]);
    assert_eq!(pruned.succeeds().text(), "removed network legacy\n");
    let names = ["network", "ls", "--format", "{{.Name}}"];
    let left = networks
        .lab
        .engine
        .wait_for(&names, |names| !names.contains("legacy"));
    assert!(left.contains("theirs") && left.contains("web"), "{left}");
    networks.hs(&["prune", "--networks", "web"]).ends_with(2);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_network_in_use_by_now_is_left() {
    use hs_secrets::internals::{DockerEngine, Endpoint, EngineError, Networks as _};

    let networks = Networks {
        lab: Lab::on(Arc::new(Engine::with_networks()), "late"),
    };
    networks.create("late", "hs-secrets.network=true");
    let endpoint = Endpoint::parse(&networks.lab.engine.host(), None).expect("its address");
    let engine = DockerEngine::connect(&endpoint, |_| ()).expect("the engine runs");
    let seen = engine.network_inventory().expect("it is a manager");
    let late = seen.networks.iter().find(|network| network.name == "late");
    let late = late.expect("it was made");
    // Like a container on another node: no listing shows it, but it prevents the removal.
    let attach = [
        "run",
        "--detach",
        "--name=shell",
        "--network=late",
        IMAGE,
        "sleep",
        "1000",
    ];
    networks.lab.engine.docker(attach).succeeds();
    let refused = engine
        .remove_network(late)
        .expect_err("a container is on it");
    assert!(
        matches!(refused, EngineError::NetworkInUse { .. }),
        "{refused}"
    );
    networks
        .lab
        .engine
        .docker(["rm", "--force", "shell"])
        .succeeds();
    let started = std::time::Instant::now();
    while let Err(refused) = engine.remove_network(late) {
        assert!(started.elapsed().as_secs() < 10, "{refused}");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let gone = engine.remove_network(late).expect_err("it is gone");
    assert!(matches!(gone, EngineError::NoSuchNetwork { .. }), "{gone}");
}
