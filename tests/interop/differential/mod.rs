//! Both programs do the same random steps in two repositories, which must stay equal to the byte.
//!
//! Steps in which hs-secrets differs on purpose are avoided. `differences` tests each of these.
//!
//! The seed of a walk also chooses the format of the repositories. A walk that fails prints its steps. Its seed is in the test's
//! name, and `DIFFERENTIAL_SEED` runs a walk with another seed.

mod differences;
mod random;
mod steps;
mod twins;

use self::steps::Walk;

const STEPS: usize = 100;

#[test]
#[ignore = "needs git-crypt: tests/run.sh"]
fn walk_1() {
    walk(1);
}

#[test]
#[ignore = "needs git-crypt: tests/run.sh"]
fn walk_2() {
    walk(2);
}

#[test]
#[ignore = "needs git-crypt: tests/run.sh"]
fn walk_3() {
    walk(3);
}

#[test]
#[ignore = "needs git-crypt: tests/run.sh"]
fn walk_4() {
    let seed = std::env::var("DIFFERENTIAL_SEED").ok();
    walk(seed.map_or(4, |seed| seed.parse().expect("a number")));
}

fn walk(seed: u64) {
    let mut walk = Walk::new(seed);
    for _ in 0..STEPS {
        walk.step();
        walk.twins.assert_same();
    }
    assert!(
        walk.commits > STEPS / 20,
        "a walk that commits nothing shows nothing"
    );
}
