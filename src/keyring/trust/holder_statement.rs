//! Statements that somebody is a holder of a key, or is removed, signed with that key.

use std::fmt;

use super::since::Since;
use super::statement_text::{StatementError, StatementReader, StatementWriter, plain_line};
use crate::format::{Identity, KeyFile, KeyId, KeyName, PublicIdentity, Signature};
use crate::keyring::people::Holder;
use crate::keyring::people::age::AgeId;
use crate::keyring::people::gpg::Fingerprint;

const HOLDER: &str = "hs-secrets holder v1";
const REMOVAL: &str = "hs-secrets removal v1";

/// The public key of a holder: `age1…`, `ssh-… …`, or `gpg:` with a fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct HolderText(String);

/// A statement about one holder of one key. Every value of this type has a valid signature of that key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HolderStatement {
    /// True if it removes the holder.
    pub is_removal: bool,
    pub key: KeyName,
    /// The id of the key.
    pub key_id: KeyId,
    pub holder: HolderText,
    /// The holder's name.
    pub name: Option<String>,
    /// The moment from which it holds.
    pub since: Since,
    public: PublicIdentity,
    signature: Signature,
}

impl HolderText {
    /// An age or SSH key, written as by age and OpenSSH without a comment.
    pub(crate) fn of_age(text: &str) -> Option<Self> {
        let is_word =
            |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_graphic());
        let fits = match text.split_once(' ') {
            Some((kind, digits)) => kind.starts_with("ssh-") && is_word(kind) && is_word(digits),
            None => text.starts_with("age1") && is_word(text),
        };
        fits.then(|| Self(text.to_owned()))
    }

    /// A GPG key.
    pub(crate) fn of_gpg(fingerprint: &Fingerprint) -> Self {
        Self(format!("gpg:{fingerprint}"))
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("gpg:") {
            Some(digits) => {
                let read = Self::of_gpg(&Fingerprint::parse(digits)?);
                (read.0 == text).then_some(read)
            }
            None => Self::of_age(text),
        }
    }

    /// The holder, who can open keys wrapped for this public key.
    pub(crate) fn holder(&self) -> Holder {
        let fingerprint = self.0.strip_prefix("gpg:").and_then(Fingerprint::parse);
        fingerprint.map_or_else(|| Holder::Age(AgeId::of(&self.0)), Holder::Gpg)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HolderText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl HolderStatement {
    /// Signs with `key` that somebody is a holder, or is removed.
    pub(crate) fn sign(
        is_removal: bool,
        key: &KeyFile,
        holder: HolderText,
        name: Option<&str>,
        since: Since,
    ) -> Self {
        let identity = Identity::of(key);
        let public = identity.public();
        let mut statement = Self {
            is_removal,
            key: key.name().clone(),
            key_id: public.id(),
            holder,
            name: name.and_then(plain_line),
            since,
            public,
            signature: Signature::from_bytes([0; Signature::LEN]),
        };
        statement.signature = identity.sign(statement.signed_text().finish().as_bytes());
        statement
    }

    /// Reads a statement. An error if it is malformed, or not signed by the key that it names.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, StatementError> {
        let (kind, mut reader) = StatementReader::new(bytes, &[HOLDER, REMOVAL])?;
        let key = reader.key_name("key")?;
        let key_id = reader.key_id("key-id")?;
        let holder = HolderText::parse(reader.field("holder")?);
        let statement = Self {
            is_removal: kind == REMOVAL,
            key,
            key_id,
            holder: holder.ok_or(StatementError::BadValue { field: "holder" })?,
            name: reader.optional("name")?.map(str::to_owned),
            since: reader.since("since")?,
            public: reader.public("public-key", key_id)?,
            signature: reader.signature("signature")?,
        };
        reader.end()?;
        let signed = statement.signed_text().finish();
        if !statement
            .public
            .has_signed(signed.as_bytes(), &statement.signature)
        {
            return Err(StatementError::BadSignature { field: "signature" });
        }
        Ok(statement)
    }

    /// The signed text, which is committed.
    pub(crate) fn to_text(&self) -> String {
        self.signed_text()
            .signature("signature", &self.signature)
            .finish()
    }

    /// The file name in the folder of holders.
    pub(crate) fn file_name(&self) -> String {
        format!("{}.txt", self.holder.holder().file_name())
    }

    fn signed_text(&self) -> StatementWriter {
        StatementWriter::new(if self.is_removal { REMOVAL } else { HOLDER })
            .field("key", self.key.file_name())
            .field("key-id", self.key_id)
            .field("holder", &self.holder)
            .optional("name", self.name.as_deref())
            .field("since", self.since)
            .field("public-key", self.public)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::examples::key;
    use crate::keyring::trust::examples::since;
    use proptest::prelude::*;

    const AGE: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

    fn statement(is_removal: bool) -> HolderStatement {
        let holder = HolderText::of_age(AGE).expect("a recipient");
        HolderStatement::sign(
            is_removal,
            &key("default", 1),
            holder,
            Some("alice (laptop)"),
            since(5),
        )
    }

    #[test]
    fn a_statement_is_text_that_people_can_read() {
        let text = statement(false).to_text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "hs-secrets holder v1");
        assert_eq!(lines[1], "key: default");
        assert_eq!(
            lines[2],
            format!("key-id: {}", KeyId::of(&key("default", 1)))
        );
        assert_eq!(lines[3], format!("holder: {AGE}"));
        assert_eq!(lines[4], "name: alice (laptop)");
        assert_eq!(lines[5], "since: 2026-11-26T12:00:05Z");
        assert!(lines[6].starts_with("public-key: "));
        assert!(lines[7].starts_with("signature: "));
        assert_eq!(lines.len(), 8);
        assert_eq!(
            statement(false).file_name(),
            format!("{}.age.txt", AgeId::of(AGE))
        );
    }

    #[test]
    fn line_ends_of_windows_are_read_and_other_changes_refused() {
        let text = statement(false).to_text();
        let windows = text.replace('\n', "\r\n");
        assert_eq!(
            HolderStatement::parse(windows.as_bytes()),
            Ok(statement(false))
        );
        for (changed, to) in [
            ("holder v1", "removal v1"),
            ("holder v1", "holder v2"),
            ("key: default", "key: low"),
            ("alice", "mallory"),
            ("12:00:05", "12:00:06"),
            ("since: ", "since:  "),
            ("name: alice (laptop)\n", ""),
            ("\nsince", "\nx: y\nsince"),
            ("public-key", "other"),
        ] {
            let changed = text.replacen(changed, to, 1);
            assert!(
                HolderStatement::parse(changed.as_bytes()).is_err(),
                "{changed}"
            );
        }
        let (shorter, _) = text.split_once("public-key").expect("there is one");
        assert_eq!(
            HolderStatement::parse(shorter.as_bytes()),
            Err(StatementError::EndsEarly {
                field: "public-key"
            })
        );
        let longer = format!("{text}more: yes\n");
        assert_eq!(
            HolderStatement::parse(longer.as_bytes()),
            Err(StatementError::Trailing)
        );
        let long = format!("{text}{}", " ".repeat(5000));
        assert_eq!(
            HolderStatement::parse(long.as_bytes()),
            Err(StatementError::TooLong)
        );
    }

    #[test]
    fn a_signature_of_another_key_does_not_count() {
        let theirs = HolderStatement::sign(
            false,
            &key("default", 2),
            HolderText::of_age(AGE).expect("good"),
            None,
            since(5),
        );
        let ours = statement(false).to_text();
        let line = |text: &str, field: &str| {
            text.lines()
                .find(|line| line.starts_with(field))
                .expect(field)
                .to_owned()
        };
        // With the attacker's signature; with the attacker's public half, too; with the attacker's id, but our signature.
        let signature = ours.replace(
            &line(&ours, "signature"),
            &line(&theirs.to_text(), "signature"),
        );
        assert_eq!(
            HolderStatement::parse(signature.as_bytes()),
            Err(StatementError::BadSignature { field: "signature" })
        );
        let public = signature.replace(
            &line(&ours, "public-key"),
            &line(&theirs.to_text(), "public-key"),
        );
        assert_eq!(
            HolderStatement::parse(public.as_bytes()),
            Err(StatementError::OtherIdentity {
                field: "public-key"
            })
        );
    }

    #[test]
    fn names_can_not_forge_lines_or_hide_what_is_there() {
        let of = |name: &str| {
            HolderStatement::sign(
                false,
                &key("default", 1),
                HolderText::of_age(AGE).expect("good"),
                Some(name),
                since(5),
            )
        };
        assert_eq!(
            of("a\nkey: x\u{1b}[2J\u{202e}b").name.as_deref(),
            Some("akey: x[2Jb")
        );
        assert_eq!(of("\u{200b}\n").name, None);
        let raw = statement(false).to_text().replace("alice", "al\u{202e}ice");
        assert_eq!(
            HolderStatement::parse(raw.as_bytes()),
            Err(StatementError::NotText)
        );
    }

    proptest! {
        #[test]
        fn what_is_written_reads_the_same(is_removal: bool, seed: u8, name in prop::option::of(".*"), seconds in 0..1_000_000_i64, gpg in prop::option::of("[0-9A-F]{40}"), named in prop::option::of("[a-z]{1,9}")) {
            let holder = match &gpg {
                Some(digits) => HolderText::of_gpg(&Fingerprint::parse(digits).expect("digits")),
                None => HolderText::of_age(AGE).expect("good"),
            };
            let key = key(named.as_deref().filter(|name| *name != "default").unwrap_or("default"), seed);
            let written = HolderStatement::sign(is_removal, &key, holder, name.as_deref(), since(seconds));
            prop_assert_eq!(HolderStatement::parse(written.to_text().as_bytes()), Ok(written));
        }

        #[test]
        fn no_bytes_make_it_panic_and_what_is_read_is_written_the_same(bytes: Vec<u8>, flipped: prop::sample::Index, bit in 0..8u32) {
            let _ = HolderStatement::parse(&bytes);
            let mut text = statement(true).to_text().into_bytes();
            let at = flipped.index(text.len());
            text[at] ^= 1 << bit;
            if let Ok(read) = HolderStatement::parse(&text) {
                prop_assert_eq!(read, statement(true));
            }
        }
    }
}
