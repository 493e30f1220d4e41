//! Statements that one key follows another, signed by both.

use super::since::Since;
use super::statement_text::{StatementError, StatementReader, StatementWriter};
use crate::format::{Identity, KeyFile, KeyId, KeyName, PublicIdentity, Signature};

const SUCCESSION: &str = "hs-secrets succession v1";

/// A statement that one key follows another. Every value of this type has valid signatures of both keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SuccessionStatement {
    pub key: KeyName,
    /// The earlier key.
    pub from: KeyId,
    /// The later key.
    pub to: KeyId,
    /// The moment of the rotation.
    pub since: Since,
    from_public: PublicIdentity,
    to_public: PublicIdentity,
    /// Signature by the earlier key.
    signature: Signature,
    /// Signature by the later key, which proves that the author of the statement has it.
    signature_to: Signature,
}

impl SuccessionStatement {
    /// Signs that `to` follows `from`.
    pub(crate) fn sign(from: &KeyFile, to: &KeyFile, since: Since) -> Self {
        let (old, new) = (Identity::of(from), Identity::of(to));
        let unsigned = Signature::from_bytes([0; Signature::LEN]);
        let mut statement = Self {
            key: to.name().clone(),
            from: old.public().id(),
            to: new.public().id(),
            since,
            from_public: old.public(),
            to_public: new.public(),
            signature: unsigned,
            signature_to: unsigned,
        };
        let signed = statement.signed_text().finish();
        statement.signature = old.sign(signed.as_bytes());
        statement.signature_to = new.sign(signed.as_bytes());
        statement
    }

    /// Reads a statement. An error if it is malformed, or not signed by both keys.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, StatementError> {
        let (_, mut reader) = StatementReader::new(bytes, &[SUCCESSION])?;
        let key = reader.key_name("key")?;
        let from = reader.key_id("from")?;
        let from_public = reader.public("from-public-key", from)?;
        let to = reader.key_id("to")?;
        let to_public = reader.public("to-public-key", to)?;
        let statement = Self {
            key,
            from,
            to,
            since: reader.since("since")?,
            from_public,
            to_public,
            signature: reader.signature("signature")?,
            signature_to: reader.signature("signature-to")?,
        };
        reader.end()?;
        if from == to {
            return Err(StatementError::BadValue { field: "to" });
        }
        let signed = statement.signed_text().finish();
        for (public, signature, field) in [
            (&from_public, &statement.signature, "signature"),
            (&to_public, &statement.signature_to, "signature-to"),
        ] {
            if !public.has_signed(signed.as_bytes(), signature) {
                return Err(StatementError::BadSignature { field });
            }
        }
        Ok(statement)
    }

    /// The signed text, which is committed.
    pub(crate) fn to_text(&self) -> String {
        self.signed_text()
            .signature("signature", &self.signature)
            .signature("signature-to", &self.signature_to)
            .finish()
    }

    /// The file name of the statement that `to` follows `from`.
    pub(crate) fn file_name_between(from: KeyId, to: KeyId) -> String {
        format!("{from}-{to}.txt")
    }

    fn signed_text(&self) -> StatementWriter {
        StatementWriter::new(SUCCESSION)
            .field("key", self.key.file_name())
            .field("from", self.from)
            .field("from-public-key", self.from_public)
            .field("to", self.to)
            .field("to-public-key", self.to_public)
            .field("since", self.since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::examples::key;
    use crate::keyring::trust::examples::since;
    use proptest::prelude::*;

    fn statement() -> SuccessionStatement {
        SuccessionStatement::sign(&key("default", 1), &key("default", 2), since(0))
    }

    #[test]
    fn both_keys_have_to_sign() {
        let text = statement().to_text();
        let others =
            SuccessionStatement::sign(&key("default", 1), &key("default", 3), since(0)).to_text();
        let line = |text: &str, field: &str| {
            text.lines()
                .find(|line| line.starts_with(field))
                .expect(field)
                .to_owned()
        };
        for field in ["signature: ", "signature-to: "] {
            let forged = text.replace(&line(&text, field), &line(&others, field));
            let refused = SuccessionStatement::parse(forged.as_bytes()).expect_err(field);
            assert!(
                matches!(refused, StatementError::BadSignature { .. }),
                "{refused}"
            );
        }
        // Somebody who has only the new key can't sign that it follows.
        let own =
            SuccessionStatement::sign(&key("default", 3), &key("default", 2), since(0)).to_text();
        let forged = text.replace(&line(&text, "signature: "), &line(&own, "signature: "));
        assert!(SuccessionStatement::parse(forged.as_bytes()).is_err());
    }

    #[test]
    fn a_key_does_not_follow_itself() {
        let same = SuccessionStatement::sign(&key("default", 1), &key("default", 1), since(0));
        let refused = SuccessionStatement::parse(same.to_text().as_bytes());
        assert_eq!(refused, Err(StatementError::BadValue { field: "to" }));
    }

    #[test]
    fn a_statement_of_one_key_name_does_not_count_for_another() {
        let other = statement().to_text().replace("key: default", "key: low");
        let refused = SuccessionStatement::parse(other.as_bytes());
        assert_eq!(
            refused,
            Err(StatementError::BadSignature { field: "signature" })
        );
    }

    proptest! {
        #[test]
        fn what_is_written_reads_the_same_with_either_line_end(one: u8, other: u8, seconds in 0..1_000_000_i64) {
            prop_assume!(one != other);
            let written = SuccessionStatement::sign(&key("low", one), &key("low", other), since(seconds));
            let text = written.to_text();
            prop_assert_eq!(SuccessionStatement::parse(text.as_bytes()), Ok(written.clone()));
            prop_assert_eq!(SuccessionStatement::parse(text.replace('\n', "\r\n").as_bytes()), Ok(written));
        }

        #[test]
        fn no_change_of_a_bit_is_accepted(flipped: prop::sample::Index, bit in 0..8u32) {
            let mut text = statement().to_text().into_bytes();
            let at = flipped.index(text.len());
            text[at] ^= 1 << bit;
            if let Ok(read) = SuccessionStatement::parse(&text) {
                prop_assert_eq!(read, statement());
            }
        }
    }
}
