//! Lists of names in one short line.

/// Maximum number of names in a line; the rest is counted.
const NAMED: usize = 5;

/// The first names, and how many others there are.
pub(crate) fn several(names: &[String]) -> String {
    match names.get(NAMED..) {
        Some(rest) if !rest.is_empty() => {
            format!("{} and {} more", names[..NAMED].join(", "), rest.len())
        }
        _ => names.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_counted() {
        let names: Vec<String> = ["a", "b", "c", "d", "e", "f"].map(str::to_owned).to_vec();
        assert_eq!(several(&names), "a, b, c, d, e and 1 more");
        assert_eq!(several(&names[..5]), "a, b, c, d, e");
        assert_eq!(several(&[]), "");
    }
}
