//! Shortens a list of names for a message: the first few, and how many more there are.

use std::fmt::Display;

/// Maximum number of names in a message.
const NAMED: usize = 5;

/// The first few of `names`, separated by commas, and how many more there are.
pub(crate) fn abridged_names<Name: Display>(names: &[Name]) -> String {
    let shown: Vec<String> = names.iter().take(NAMED).map(ToString::to_string).collect();
    let shown = shown.join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_names_the_first_are_shown_and_the_others_counted() {
        for (number, shown) in [
            (0, ""),
            (2, "1, 2"),
            (5, "1, 2, 3, 4, 5"),
            (20_000, "1, 2, 3, 4, 5 and 19995 more"),
        ] {
            let names: Vec<usize> = (1..=number).collect();
            assert_eq!(abridged_names(&names), shown);
        }
    }
}
