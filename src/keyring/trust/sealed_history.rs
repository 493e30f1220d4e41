//! Retired keys, sealed with the key that replaced them, so that new holders can read history.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::format::{Header, KeyFile, KeyId, decrypt, encrypt, history_key};
use crate::secret::SecretBytes;

/// Maximum length in bytes of a sealed key.
pub(crate) const MAXIMUM_SEALED: usize = 16 << 10;

/// The first line of a sealed key. Without it, the file would look like an encrypted file of the filter, to people and
/// to leak checks.
const KIND: &str = "hs-secrets former key v1";

/// Seals `before` for everybody who has `key`, as text.
pub(crate) fn seal_former(key: &KeyFile, before: &KeyFile) -> Vec<u8> {
    let mut content = before.to_bytes();
    let header = encrypt(&history_key(key), &mut content).expect("a key file is short");
    let sealed = [&header.to_bytes()[..], content.expose()].concat();
    format!("{KIND}\n{}\n", STANDARD.encode(sealed)).into_bytes()
}

/// Opens what was sealed for `key`. `None` if it is not the key with the id `named`, which comes from the file name.
pub(crate) fn open_former(key: &KeyFile, named: KeyId, sealed: &[u8]) -> Option<KeyFile> {
    let text = std::str::from_utf8(sealed).ok()?;
    let mut lines = text.lines();
    let (kind, digits, end) = (lines.next()?, lines.next()?, lines.next());
    if kind != KIND || end.is_some() {
        return None;
    }
    let sealed = STANDARD.decode(digits).ok()?;
    let header = Header::parse(&sealed).ok()??;
    let mut content = SecretBytes::copy_of(&sealed[Header::LEN..]);
    decrypt(&history_key(key), header, &mut content).ok()?;
    let former = KeyFile::parse(content.expose()).ok()?;
    (former.name() == key.name() && KeyId::of(&former) == named).then_some(former)
}

/// All keys before `key`, the latest first: those that `key` opens, those that these open, and so on.
pub(crate) fn open_all_former(key: &KeyFile, sealed: &[(KeyId, Vec<u8>)]) -> Vec<KeyFile> {
    let mut found: Vec<(KeyId, KeyFile)> = Vec::new();
    let mut next = 0;
    loop {
        let opener = match next {
            0 => key,
            _ => match found.get(next - 1) {
                Some((_, opener)) => opener,
                None => break,
            },
        };
        let is_new = |id: &KeyId| found.iter().all(|(known, _)| known != id);
        let opened = sealed
            .iter()
            .filter(|(id, _)| is_new(id))
            .filter_map(|(id, sealed)| Some((*id, open_former(opener, *id, sealed)?)));
        let opened: Vec<_> = opened.collect();
        found.extend(opened);
        next += 1;
    }
    found.into_iter().map(|(_, former)| former).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::examples::{id, key};
    use crate::format::is_authentic;

    fn sealed(by: u8, before: u8) -> (KeyId, Vec<u8>) {
        (
            id(before),
            seal_former(&key("default", by), &key("default", before)),
        )
    }

    #[test]
    fn a_newcomer_opens_one_key_with_the_next() {
        let all = [sealed(2, 1), sealed(4, 3), sealed(3, 2)];
        let former = open_all_former(&key("default", 4), &all);
        let ids: Vec<KeyId> = former.iter().map(KeyId::of).collect();
        assert_eq!(ids, [id(3), id(2), id(1)]);
        // If one key is missing, those before it can't be opened.
        assert_eq!(open_all_former(&key("default", 4), &all[..2]).len(), 1);
    }

    #[test]
    fn only_the_next_key_opens_it_and_only_under_its_own_name() {
        let (named, bytes) = sealed(2, 1);
        assert!(open_former(&key("default", 2), named, &bytes).is_some());
        assert!(open_former(&key("default", 1), named, &bytes).is_none());
        assert!(open_former(&key("default", 3), named, &bytes).is_none());
        assert!(open_former(&key("default", 2), id(9), &bytes).is_none());
        assert!(open_former(&key("low", 2), named, &bytes).is_none());
        assert!(open_former(&key("default", 2), named, b"").is_none());
        let windows = String::from_utf8(bytes)
            .expect("text")
            .replace('\n', "\r\n");
        assert!(open_former(&key("default", 2), named, windows.as_bytes()).is_some());
    }

    #[test]
    fn what_is_sealed_is_no_file_of_the_key() {
        let (_, bytes) = sealed(2, 1);
        assert!(!is_authentic(
            &key("default", 2),
            std::iter::once(&bytes[..])
        ));
        assert!(!is_authentic(
            &key("default", 1),
            std::iter::once(&bytes[..])
        ));
    }

    #[test]
    fn keys_that_seal_each_other_are_an_end_too() {
        let former = open_all_former(&key("default", 2), &[sealed(2, 1), sealed(1, 2)]);
        assert_eq!(former.len(), 2);
    }
}
