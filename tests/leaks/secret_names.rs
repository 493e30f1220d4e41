//! Names of secrets: each word that the table has is looked for.

use hs_secrets::internals::secret_words;

use crate::harness::sandbox::Sandbox;
use crate::{add_all, check, repository, write};

/// What nobody can have thought of.
const VALUE: &str = "kJ82hQp0aLz9Xw3TgB5mVq7R2nY4cD8e";

#[test]
fn each_word_of_the_table_is_reached_by_a_check() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let mut expected = Vec::new();
    let mut add = |path: String, text: String| {
        write(&repository, &path, text);
        expected.push(format!("{path} password-assignment"));
    };
    for word in secret_words() {
        let file = word.replace(' ', "-");
        let upper = word.replace(' ', "_").to_uppercase();
        add(format!("{file}.yml"), format!("APP_{upper}: {VALUE}\n"));
        add(format!("{file}.conf"), format!("app.{file} = {VALUE}\n"));
        let capitals: String = word.split(' ').map(capitalised).collect();
        add(
            format!("{file}.json"),
            format!("{{\"app{capitals}\": \"{VALUE}\"}}\n"),
        );
    }
    add("meili.yml".into(), format!("MEILI_MASTER_KEY: {VALUE}\n"));
    expected.sort();
    add_all(&sandbox, &repository);
    assert_eq!(check(&sandbox, &repository, &["--all"]), (3, expected));
}

fn capitalised(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}
