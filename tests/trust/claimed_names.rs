//! Names that an attacker has written next to wrapped keys never replace names that holders of the key have signed.

use std::fs;
use std::path::PathBuf;

use crate::harness::desk::write;
use crate::team::{KEYS, Team};

/// An administrator, Alice, whom the key attests, and Mallory, who can push but has no key.
struct Claims {
    team: Team,
    alice: String,
    mallory: String,
    pusher: PathBuf,
}

impl Claims {
    fn new(given: &str) -> Self {
        let team = Team::new();
        let alice = team.sandbox.new_age_key("alice.txt");
        let add = ["add-age-user", "--name", given, &alice];
        team.hs(&add).succeeds();
        team.push(&team.admin);
        let mallory = team.sandbox.new_age_key("mallory.txt");
        let pusher = team.clone_of("Mallory");
        Self {
            team,
            alice,
            mallory,
            pusher,
        }
    }

    /// The path of a recipient's files, without their extension.
    fn files_of(&self, recipient: &str) -> String {
        let hash = ["hash-object", "--stdin"];
        let hash = self
            .team
            .sandbox
            .run(&self.pusher, "git", hash, recipient.as_bytes());
        format!("{KEYS}/{}", hash.succeeds().text().trim())
    }

    /// Mallory writes this name for a recipient. If the recipient has no wrapped key, she adds a false one.
    fn claim(&self, recipient: &str, name: &str) {
        let files = self.files_of(recipient);
        let wrapped = format!("{files}.age");
        if !self.pusher.join(&wrapped).exists() {
            write(&self.pusher, &wrapped, b"whatever it may be\n");
        }
        let claim = format!("# {name}\n{recipient}\n");
        write(&self.pusher, &format!("{files}.pub"), claim.as_bytes());
    }

    fn pushed_and_pulled(&self) {
        self.team.git(&self.pusher, &["add", "--all"]);
        let commit = ["commit", "--quiet", "-m", "tidied up"];
        self.team.git(&self.pusher, &commit);
        self.team.push(&self.pusher);
        self.team.pull(&self.team.admin);
    }

    fn has(&self, recipient: &str) -> bool {
        let files = self.files_of(recipient);
        self.team.admin.join(format!("{files}.age")).exists()
    }

    /// The row of a recipient in the output of `ls-users`.
    fn listed(&self, recipient: &str) -> String {
        let listed = self.team.hs(&["ls-users"]).succeeds().text();
        let mut lines = listed.lines();
        let row = lines.find(|line| line.contains(recipient));
        row.unwrap_or_else(|| panic!("{listed}")).to_owned()
    }

    fn holders(&self) -> String {
        let grep = ["grep", "-h", "^name:", "--", ".git-crypt/hs-secrets"];
        let found = self.team.sandbox.git(&self.team.admin, grep);
        found.text()
    }
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn who_has_changed_the_names_is_removed_in_nobody_s_place() {
    for locked in [false, true] {
        let claims = Claims::new("alice");
        claims.claim(&claims.alice, "bob");
        claims.claim(&claims.mallory, "alice");
        claims.pushed_and_pulled();
        if locked {
            // A locked clone remembers which key attests.
            claims.team.hs(&["lock"]).succeeds();
        }
        assert!(claims.listed(&claims.alice).starts_with("alice "));
        let unproven = claims.listed(&claims.mallory);
        let marked = unproven.starts_with("\"alice\" (unproven) ");
        assert_eq!(marked, !locked, "{unproven}");
        let json = claims.team.hs(&["ls-users", "--json"]).succeeds().text();
        let given = json.matches("\"name_given\": true").count();
        assert_eq!(given, 1, "{json}");
        for unknown in ["bob", "alice (unproven)"] {
            let told = claims.team.hs(&["rm-age-user", unknown]);
            told.fails_saying(&["is no collaborator"]);
        }
        if locked {
            claims.team.hs(&["unlock", "../lab.key"]).succeeds();
        }
        claims.team.hs(&["rm-age-user", "alice"]).succeeds();
        assert!(!claims.has(&claims.alice) && claims.has(&claims.mallory));
        // With Alice gone, only the attacker's claim to her name is left, which nobody has signed.
        claims.team.hs(&["rm-age-user", "alice"]).succeeds();
        assert!(!claims.has(&claims.mallory));
        assert_eq!(claims.holders(), "name: alice\n");
    }
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn between_a_part_of_a_given_name_and_the_whole_of_a_claimed_one_nobody_is_guessed() {
    let claims = Claims::new("alice (laptop)");
    claims.claim(&claims.mallory, "alice");
    claims.pushed_and_pulled();
    let told = claims.team.hs(&["rm-age-user", "alice"]);
    told.fails_saying(&["more than one collaborator fits `alice`", "alice (laptop)"]);
    assert!(claims.has(&claims.alice) && claims.has(&claims.mallory));
    let whole = ["rm-age-user", "alice (laptop)"];
    claims.team.hs(&whole).succeeds();
    assert!(!claims.has(&claims.alice) && claims.has(&claims.mallory));
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn who_is_attested_is_known_without_the_file_that_names_them() {
    let claims = Claims::new("alice");
    let named = claims.files_of(&claims.alice);
    fs::remove_file(claims.pusher.join(format!("{named}.pub"))).expect("there");
    claims.pushed_and_pulled();
    let row = claims.listed(&claims.alice);
    assert!(row.starts_with("alice "), "{row}");
    claims.team.hs(&["rotate-key", "--commit"]).succeeds();
    assert_eq!(claims.holders(), "name: alice\n");
    let clone = claims.team.clone_of("alice");
    claims.team.push(&claims.team.admin);
    claims.team.pull(&clone);
    claims.team.unlock(&clone, "alice").succeeds();
    claims.team.hs(&["rm-age-user", "alice"]).succeeds();
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn a_rotation_signs_no_name_that_its_user_has_not_seen() {
    // Alice was attested without a name.
    let team = Team::new();
    let alice = team.sandbox.new_age_key("alice.txt");
    team.hs(&["add-age-user", &alice]).succeeds();
    team.push(&team.admin);
    let pusher = team.clone_of("Mallory");
    let mallory = team.sandbox.new_age_key("mallory.txt");
    let claims = Claims {
        team,
        alice,
        mallory,
        pusher,
    };
    claims.claim(&claims.alice, "the boss");
    claims.pushed_and_pulled();
    claims.team.hs(&["rotate-key", "--commit"]).succeeds();
    assert_eq!(claims.holders(), "");
    // The list is gone, but this clone has accepted Alice before.
    claims.team.push(&claims.team.admin);
    claims.team.pull(&claims.pusher);
    claims.claim(&claims.alice, "the boss");
    let listed = ".git-crypt/hs-secrets/holders";
    claims
        .team
        .git(&claims.pusher, &["rm", "-r", "--quiet", listed]);
    claims.claim(&claims.mallory, "mallory");
    claims.pushed_and_pulled();
    // Somebody else is attested, so that a list exists again.
    let carol = claims.team.sandbox.new_age_key("carol.txt");
    let add = ["add-age-user", "--name", "carol", &carol];
    claims.team.hs(&add).succeeds();
    let rotate = ["rotate-key", "--commit", "--trust", &claims.mallory];
    let told = claims.team.hs(&rotate).succeeds().stderr;
    for unseen in ["the boss", "mallory"] {
        let line = format!("the name \"{unseen}\" that the repository had");
        assert!(told.contains(&line), "{told}");
    }
    assert_eq!(claims.holders(), "name: carol\n");
}
