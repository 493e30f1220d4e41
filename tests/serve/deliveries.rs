//! Accepted and refused deliveries, and the runs that follow. There is no daemon at the daemon's address.

use serde_json::json;

use crate::scene::{Scene, TOKEN};
use crate::web_client::{
    SECRET, get, get_as, github_headers, github_headers_signed, github_push, post, signature,
};

pub(crate) const NO_DAEMON: &str = "unix:///nowhere/docker.sock";

#[test]
fn a_signed_push_is_a_run_of_each_stack_and_its_redelivery_the_same_one() {
    let scene = Scene::new(NO_DAEMON);
    let service = scene.serve();
    let commit = scene.commit();
    let first = service.deliver("d1", &commit, "").expect(202);
    let (web, _) = first.run_of("web");
    assert_ne!(first.run_of("mail").0, web);
    assert_eq!(
        service
            .deliver("d1", &commit, "")
            .expect(202)
            .run_of("web")
            .0,
        web
    );
    let next = service
        .deliver("d2", &commit, "")
        .expect(202)
        .run_of("web")
        .0;
    assert!(next > web);
    // The run waits for the daemon, and its state is shown everywhere. It is a single run, although several deliveries led
    // to it.
    let waiting = service.wait_for_run("web", |run| run["state"] == "waiting");
    assert_eq!(waiting["run"], next);
    let reason = waiting["reason"].as_str().expect("a reason");
    assert!(reason.contains("no Docker daemon answers"), "{reason}");
    let overtaken = get(service.page, &format!("/runs/{web}"))
        .expect(200)
        .json();
    assert_eq!(overtaken["state"], "overtaken", "{overtaken}");
    service.log.wait_for("trying again in ");
    // The run is tried again now and then, and does not wait meanwhile.
    service.wait_for_page("/", |page| {
        page.contains("no Docker daemon answers") && page.contains(">waiting<")
    });
    let metrics = service.wait_for_page("/metrics", |metrics| {
        metrics.contains("hs_secrets_open_runs{stack=\"web\",state=\"pending\"} 1\n")
    });
    let is_retried = !metrics.body.contains("hs_secrets_retries_total 0\n");
    assert!(is_retried, "{metrics:?}");
    // The service itself may ask the daemon later than the run does.
    service.wait_for_page("/metrics", |metrics| {
        metrics.contains("hs_secrets_swarm_reachable 0\n")
    });
    get(service.page, "/healthz").expect(503);
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn whoever_is_not_the_forge_is_refused() {
    let scene = Scene::new(NO_DAEMON);
    let service = scene.serve();
    let hook = |headers: &str, body: &[u8]| post(service.forges, "/hooks/github", headers, body);
    let body = github_push("ada/home-lab", "main", &scene.commit());
    let right = signature(SECRET, &body);
    let signed = |with: &str| hook(&github_headers_signed("d1", "push", with), &body).status;
    for (wrong, why) in [
        (
            signature("another secret of nobody", &body),
            "another secret",
        ),
        (signature(SECRET, b"{}"), "another body"),
        (right[..62].to_owned(), "cut off"),
        ("zz".repeat(32), "no number"),
        (String::new(), "nothing"),
    ] {
        assert_eq!(signed(&wrong), 401, "{why}");
    }
    assert_eq!(
        hook("X-GitHub-Event: push\r\n", &body).status,
        401,
        "no signature"
    );
    let only_sha1 = "X-GitHub-Event: push\r\nX-Hub-Signature: sha1=00\r\n";
    assert_eq!(hook(only_sha1, &body).status, 401, "an old signature");
    // These deliveries are signed by the forge, but concern nothing that is deployed.
    let deliver = |event: &str, body: &[u8]| {
        hook(
            &github_headers_signed("d2", event, &signature(SECRET, body)),
            body,
        )
    };
    let other = github_push("ada/another", "main", &scene.commit());
    deliver("push", &other).expect(404);
    let branch = github_push("ada/home-lab", "draft", &scene.commit());
    assert_eq!(
        deliver("push", &branch).expect(200).json()["ignored"],
        "the branch main is deployed, and no other"
    );
    let deleted = github_push("ada/home-lab", "main", &"0".repeat(40));
    assert_eq!(
        deliver("push", &deleted).expect(200).json()["ignored"],
        "the branch was deleted"
    );
    assert_eq!(deliver("ping", b"{}").expect(200).json()["pong"], true);
    deliver("push", b"no JSON").expect(400);
    // None of these deliveries has created a run. The existing runs are from the start of the service.
    let runs = get(service.page, "/runs").expect(200).json();
    let runs = runs["runs"].as_array().expect("runs").clone();
    assert!(runs.iter().all(|run| run["because"] == "start"), "{runs:?}");
    let metrics = get(service.page, "/metrics").expect(200).body;
    assert!(
        metrics.contains("hs_secrets_deliveries_total{outcome=\"refused\"} 9\n"),
        "{metrics}"
    );
    let log = service.whole_log();
    assert!(
        log.contains("a delivery to /hooks/github was refused: "),
        "{log}"
    );
    assert!(!log.contains(SECRET) && !log.contains(TOKEN), "{log}");
}

#[test]
fn each_listener_has_its_own_paths_and_a_request_needs_the_token() {
    let scene = Scene::new(NO_DAEMON);
    let service = scene.serve();
    for path in ["/", "/metrics"] {
        get(service.forges, path).expect(404);
        get(service.page, path).expect(200);
    }
    get(service.forges, "/healthz");
    let body = github_push("ada/home-lab", "main", &scene.commit());
    let headers = github_headers("d1", &body);
    post(service.page, "/hooks/github", &headers, &body).expect(404);
    get(service.forges, "/hooks/github").expect(405);
    let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
    for wrong in [
        "",
        "Authorization: Bearer no\r\n",
        "Authorization: Basic YQ==\r\n",
    ] {
        post(service.forges, "/deploy/web", wrong, b"").expect(401);
        get_as(service.forges, "/runs", wrong).expect(401);
    }
    let (run, _) = post(service.forges, "/deploy/web", &bearer, b"")
        .expect(202)
        .run_of("web");
    post(service.forges, "/deploy/other", &bearer, b"").expect(404);
    let told = get_as(service.forges, &format!("/runs/{run}"), &bearer)
        .expect(200)
        .json();
    assert_eq!(
        (&told["because"], &told["stack"]),
        (&"request".into(), &"web".into())
    );
    get_as(service.forges, "/runs/999", &bearer).expect(404);
    let lower = bearer.replace("Bearer", "bearer");
    get_as(service.forges, "/runs", &lower).expect(200);
    let page = get_as(
        service.page,
        &format!("/runs/{run}"),
        "Accept: text/html\r\n",
    )
    .expect(200);
    assert!(page.body.starts_with("<!doctype html>"), "{page:?}");
}

#[test]
fn one_delivery_may_tell_of_several_branches() {
    let scene = Scene::new(NO_DAEMON);
    let remote = scene.desk.sandbox.path("remote.git");
    let staging = format!(
        "[repositories.staging]\nurl = \"{}\"\nbranch = \"staging\"\nfull-names = [\"ada/home-lab\"]\nsecret-files = [\"hook\"]\n",
        remote.display()
    );
    let stacks = "[stacks.web]\nrepository = \"lab\"\n[stacks.mail]\nrepository = \"staging\"\n";
    scene.edit_settings("[stacks.web]\n[stacks.mail]\n", &(staging + stacks));
    let service = scene.serve();
    let change = |branch: &str| {
        let target = json!({ "hash": scene.commit() });
        json!({ "old": null, "new": { "type": "branch", "name": branch, "target": target } })
    };
    let body = json!({
        "repository": { "full_name": "ada/home-lab" },
        "push": { "changes": [change("main"), change("staging")] },
    });
    let body = body.to_string().into_bytes();
    let signed = signature(SECRET, &body);
    let headers = format!("X-Event-Key: repo:push\r\nX-Hub-Signature: sha256={signed}\r\n");
    let taken = post(service.forges, "/hooks/bitbucket", &headers, &body).expect(202);
    assert_ne!(taken.run_of("web").0, taken.run_of("mail").0);
}

#[test]
fn a_verified_delivery_is_not_refused_for_the_secret_of_another_repository() {
    let scene = Scene::new(NO_DAEMON);
    let other = scene.desk.sandbox.path("other-hook");
    std::fs::write(other, "the secret of another repository\n").expect("a file");
    let remote = scene.desk.sandbox.path("remote.git");
    let attic = format!(
        "[repositories.attic]\nurl = \"{}\"\nfull-names = [\"ada/attic\"]\nsecret-files = [\"other-hook\"]\n",
        remote.display()
    );
    let stacks = "[stacks.web]\nrepository = \"attic\"\n[stacks.mail]\nrepository = \"lab\"\n";
    scene.edit_settings("[stacks.web]\n[stacks.mail]\n", &(attic + stacks));
    let service = scene.serve();
    for secret in [SECRET, "the secret of another repository"] {
        let signed = signature(secret, b"{");
        let headers = format!("X-GitHub-Event: push\r\nX-Hub-Signature-256: sha256={signed}\r\n");
        let refused = post(service.forges, "/hooks/github", &headers, b"{").expect(400);
        assert!(refused.body.contains("body can't be read"), "{refused:?}");
    }
    let signed = signature("the secret of nobody here", b"{");
    let headers = format!("X-GitHub-Event: push\r\nX-Hub-Signature-256: sha256={signed}\r\n");
    post(service.forges, "/hooks/github", &headers, b"{").expect(401);
}
