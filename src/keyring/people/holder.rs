//! Holders: the people who can open a wrapped key, as the file name says.

use super::age::AgeId;
use super::gpg::Fingerprint;

/// The owner of the secret half of a key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Holder {
    /// The owner of this GPG key.
    Gpg(Fingerprint),
    /// The owner of the age or SSH key with this id.
    Age(AgeId),
}

impl Holder {
    /// Reads the name of a file with a wrapped key; `None` for any other file name.
    pub(crate) fn of_file_name(name: &str) -> Option<Self> {
        match name.rsplit_once('.')? {
            (digits, "gpg") => Fingerprint::parse(digits).map(Self::Gpg),
            (digits, "age") => AgeId::parse(digits).map(Self::Age),
            _ => None,
        }
    }

    /// The name of the file that holds a key wrapped for this holder.
    pub(crate) fn file_name(&self) -> String {
        match self {
            Self::Gpg(fingerprint) => format!("{fingerprint}.gpg"),
            Self::Age(id) => format!("{id}.age"),
        }
    }

    /// The name of the file beside it with the public key and name of the owner. `None` for GPG, whose keyring knows this.
    pub(super) fn file_name_beside(&self) -> Option<String> {
        match self {
            Self::Gpg(_) => None,
            Self::Age(id) => Some(format!("{id}.pub")),
        }
    }

    /// True for the owner of a GPG key.
    pub(crate) fn is_by_gpg(&self) -> bool {
        matches!(self, Self::Gpg(_))
    }

    /// True for the owner of an age or SSH key.
    pub(crate) fn is_by_age(&self) -> bool {
        matches!(self, Self::Age(_))
    }

    /// The fingerprint or id.
    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Gpg(fingerprint) => fingerprint.as_str(),
            Self::Age(id) => id.as_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_reads_as_it_was_written_and_nothing_else_is_one() {
        let digits = "0123456789abcdef0123456789abcdef01234567";
        for name in [
            format!("{}.gpg", digits.to_uppercase()),
            format!("{digits}.age"),
        ] {
            let holder = Holder::of_file_name(&name).expect(&name);
            assert_eq!(holder.file_name(), name);
        }
        for name in ["", ".age", "x.gpg", "0123.age", digits] {
            assert_eq!(Holder::of_file_name(name), None, "{name}");
        }
        assert_eq!(Holder::of_file_name(&format!("{digits}.pub")), None);
        let upper_case = format!("{}.age", digits.to_uppercase());
        assert_eq!(Holder::of_file_name(&upper_case), None);
    }
}
