//! Stacks in repositories with newer formats: names, labels, plans and earlier revisions work as in any other repository.

use crate::lab::{Lab, name_in};

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_stack_is_synced_listed_pruned_and_taken_back_from_each_format() {
    for (format, stack) in [
        ("sha256", "sixtyfour"),
        ("reftable", "table"),
        ("sha256,reftable", "newest"),
    ] {
        let lab = Lab::of_format(format, stack);
        let made = [
            lab.git(&["rev-parse", "--show-object-format"]),
            lab.git(&["rev-parse", "--show-ref-format"]),
        ];
        let parts = format.split(',');
        assert!(
            parts.into_iter().all(|part| made.iter().any(|m| m == part)),
            "{made:?}"
        );

        let first = name_in(&lab.hs("sync", &[]).succeeds().text(), "created secret ");
        let blob = lab.git(&["rev-parse", "HEAD:secrets/token"]);
        assert!(first.ends_with(&format!("-{}", &blob[..32])), "{first}");
        let label = "{{index .Spec.Labels \"hs-secrets.commit\"}}";
        let commit = lab
            .engine
            .docker(["secret", "inspect", "--format", label, &first]);
        assert_eq!(
            commit.succeeds().text().trim(),
            lab.git(&["rev-parse", "HEAD"]),
            "{format}"
        );
        let planned = lab.hs("plan", &[]).ends_with(3).text();
        assert_eq!(planned, format!("create service {stack}_app\n"), "{format}");

        let second = lab.next_version("second");
        let version = second.rsplit('-').next().expect("a version");
        let find = format!("--find-object={version}");
        let found = lab.git(&["log", "--format=%H", "-1", &find, "--", "secrets"]);
        assert_eq!(found, lab.git(&["rev-parse", "HEAD"]), "{format}");
        let listed = lab.hs("ls", &[]).succeeds().text();
        let short = lab.git(&["rev-parse", "--short=7", "HEAD"]);
        assert!(listed.contains(&short), "{format}: {listed}");

        let back = lab.hs("sync", &["--rev", "HEAD~1"]).succeeds().text();
        assert_eq!(back, "nothing to do\n", "{format}");
        let prune = ["--yes", "--keep", "0", "--min-age", "0"];
        lab.hs("prune", &prune).succeeds();
        assert_eq!(lab.secrets(), [second], "{format}");
        let again = lab.hs("sync", &["--rev", "HEAD~1"]).succeeds().text();
        assert_eq!(name_in(&again, "created secret "), first, "{format}");
    }
}
