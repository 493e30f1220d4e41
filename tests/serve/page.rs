//! The pages contain nothing from other sites and no scripts, and text is never taken for HTML.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::deliveries::NO_DAEMON;
use crate::scene::Scene;
use crate::web_client::{Reply, get_as};

/// A text that would be a script if it were taken for HTML.
const HOSTILE: &str = "\"'><script>alert(1)</script><img/src=x/onerror=alert(1)>&lt;";

/// Fails unless the page is complete, shows [`HOSTILE`] as text, and forbids everything else in its headers.
#[track_caller]
fn assert_harmless(page: &Reply) {
    let head = page.head.to_ascii_lowercase();
    assert!(head.contains("content-type: text/html; charset=utf-8"));
    let policy = "content-security-policy: default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    assert!(head.contains(policy), "{head}");
    let body = &page.body;
    let words = "&quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;img/src=x/onerror=alert(1)&gt;&amp;lt;";
    assert!(body.contains(words), "{body}");
    for sign in ["<script", "<img", "<link", "<iframe", "<form", "<object"] {
        assert!(!body.contains(sign), "{sign} in {body}");
    }
    for reference in body.split(" href=").skip(1) {
        let is_here = reference.starts_with("\"/\"") || reference.starts_with("\"/runs/");
        assert!(is_here, "{reference}");
    }
    let (start, styles) = body.split_once("<style>").expect("styles");
    let (styles, _) = styles.split_once("</style>").expect("an end");
    for way_out in ["url(", "@import", "http"] {
        assert!(!styles.contains(way_out), "{way_out} in {styles}");
    }
    for needed in ["<html lang=\"en\">", "name=\"viewport\"", "<title>"] {
        assert!(start.contains(needed), "{needed} in {start}");
    }
}

#[test]
fn hostile_names_and_words_are_shown_as_they_are() {
    let scene = Scene::new(NO_DAEMON);
    scene.edit_settings("url =", &format!("branch = '''{HOSTILE}'''\nurl ="));
    // A stored run from an earlier time, whose commit and daemon messages contain the hostile text.
    let state = scene.desk.sandbox.path("state");
    fs::create_dir(&state).expect("a folder");
    let happened = [
        serde_json::json!({ "happened": "accepted", "target": "web", "because": "push", "commit": HOSTILE }),
        serde_json::json!({ "happened": "started" }),
        serde_json::json!({ "happened": "ended", "result": "failed", "commit": HOSTILE, "said": [HOSTILE] }),
    ];
    let lines = happened.map(|mut entry| {
        entry["run"] = 1.into();
        entry["at"] = "2026-01-02T03:04:05Z".into();
        format!("{entry}\n")
    });
    let runs = format!("{{\"hs-secrets-runs\":1}}\n{}", lines.concat());
    fs::write(state.join("runs"), runs).expect("the file is ours");
    fs::set_permissions(&state, fs::Permissions::from_mode(0o700)).expect("the folder is ours");
    let service = scene.serve();
    let look = |path| get_as(service.page, path, "Accept: text/html\r\n").expect(200);
    let run = look("/runs/1");
    assert_harmless(&run);
    let times = run.body.matches("&lt;script&gt;").count();
    assert_eq!(times, 2, "{}", run.body);
    // A run that has ended does not change any more, so its page is not refreshed.
    assert!(!run.body.contains("http-equiv=\"refresh\""));
    // The remote does not have the branch. The message of a run that waits contains the branch's name.
    let overview = service.wait_for_page("/", |page| page.contains(">waiting<"));
    assert_harmless(&overview);
    assert!(overview.body.contains("http-equiv=\"refresh\""));
    // Some of the runs may be retried at this moment.
    let title = "<title>2 stacks: ";
    assert!(overview.body.contains(title), "{}", overview.body);
}
