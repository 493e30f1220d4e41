//! Both programs do the same random things to two repositories, which must stay the same to the byte.
//!
//! Where hs-secrets differs on purpose, the walk goes around; `differences` shows each of these places.
//!
//! The seed of a walk draws the format of the repositories, too. A walk that fails prints its steps; its seed is in the test's name, and `DIFFERENTIAL_SEED` walks another one.

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
