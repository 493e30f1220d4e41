//! Decrypts the files whose keys are here, to get the values that must not appear in plaintext.

use super::encryption::Encrypted;
use crate::format::{Header, decrypt};
use crate::leaks::known::known_secrets::KnownValues;
use crate::repository::{BlobId, PathBytes, Repository};
use crate::secret::SecretBytes;

impl Encrypted<'_> {
    /// Decrypts the encrypted files among `files` and collects their values.
    pub(crate) fn known_values<'listed>(
        &mut self,
        repository: &Repository,
        files: impl Iterator<Item = (&'listed PathBytes, BlobId)>,
    ) -> KnownValues {
        let mut values = KnownValues::default();
        let files: Vec<_> = files.collect();
        let opened = files
            .iter()
            .filter(|(path, _)| self.key_for(path).is_some());
        let opened = opened.map(|(_, blob)| *blob);
        // An error is ignored here: a blob that Git can't fetch becomes a gap later.
        drop(repository.objects().fetch_blobs(opened));
        for (path, id) in files {
            let Some(name) = self.key_of.get(path) else {
                continue;
            };
            if self.opened.contains(&id) {
                continue;
            }
            let key = self.keys.iter().find(|key| key.name() == name);
            if key.is_none() && !repository.objects().has_blob(id).unwrap_or(false) {
                // A blob is not fetched if it could not be decrypted anyway.
                self.locked += 1;
                continue;
            }
            if key.is_some() && repository.objects().is_long(id) {
                values.skip_file(path);
                continue;
            }
            let blob = match repository.objects().blob(id) {
                Ok(blob) => blob,
                Err(error) => {
                    match key {
                        Some(_) => self.unread.push((path.clone(), error.to_string())),
                        // Without its key, it could not have been decrypted anyway.
                        None => self.locked += 1,
                    }
                    continue;
                }
            };
            let Ok(Some(header)) = Header::parse(blob.content()) else {
                continue;
            };
            let Some(key) = key else {
                self.locked += 1;
                continue;
            };
            let Some(mut plaintext) = SecretBytes::try_copy_of(&blob.content()[Header::LEN..])
            else {
                let reason = "there is not enough memory to decrypt it";
                self.unread.push((path.clone(), reason.to_owned()));
                continue;
            };
            if decrypt(key, header, &mut plaintext).is_err() {
                self.unopened.push(path.clone());
                continue;
            }
            if let Err(error) = values.add_file(path, plaintext.expose()) {
                self.unread.push((path.clone(), error.to_string()));
            }
            self.opened.insert(id);
        }
        values
    }
}
