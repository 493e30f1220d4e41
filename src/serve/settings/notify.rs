//! Reads `[notify]`.

use super::addresses::{BearerToken, WebAddress};
use super::error::SettingProblem;
use super::layout::NotifyLayout;
use super::reader::SettingsReader;
use super::served::NotifySettings;
use crate::serve::notify::{AnnouncementFormat, Occasion};

/// The occasions for notifications if `on` is not set.
const OCCASIONS: [Occasion; 2] = [Occasion::Failure, Occasion::Recovery];

impl SettingsReader<'_> {
    pub(super) fn notify(&mut self, layout: NotifyLayout) -> Option<NotifySettings> {
        let format = layout.format.as_deref().unwrap_or("json");
        let format = self.word("notify.format", format, &AnnouncementFormat::ALL);
        let occasions = match layout.on {
            None => OCCASIONS.to_vec(),
            Some(words) => {
                let words = words.iter();
                let found = words.map(|word| self.word("notify.on", word, &Occasion::ALL));
                let found: Vec<Option<Occasion>> = found.collect();
                found.into_iter().flatten().collect()
            }
        };
        let parse = match format {
            Some(format) if format.has_paths() => WebAddress::parse_base,
            _ => WebAddress::parse,
        };
        let address = match (layout.url, layout.url_file) {
            (Some(url), None) => {
                if format.is_some_and(AnnouncementFormat::has_secret_address) {
                    self.problems.push(SettingProblem::SecretAddress);
                }
                self.parsed("notify.url", parse(&url))
            }
            (None, Some(file)) => self.parsed_file("notify.url-file", file, parse),
            (None, None) | (Some(_), Some(_)) => {
                self.problems.push(SettingProblem::OneAddress);
                None
            }
        };
        let has_token = layout.token_file.is_some();
        let token = layout.token_file;
        let token =
            token.map(|file| self.parsed_file("notify.token-file", file, BearerToken::parse));
        let format = format?;
        if format.needs_token() && !has_token {
            self.problems.push(SettingProblem::Notify {
                reason: "this format needs `token-file`",
            });
        }
        if format.has_secret_address() && has_token {
            self.problems.push(SettingProblem::Notify {
                reason: "this format has no `token-file`",
            });
        }
        let is_matrix = format == AnnouncementFormat::Matrix;
        let room = layout.room;
        match &room {
            Some(room) if is_matrix && !room.starts_with('!') => {
                self.problems.push(SettingProblem::Notify {
                    reason: "`room` must be the id of a room, which begins with `!`",
                });
            }
            None if is_matrix => self.problems.push(SettingProblem::Notify {
                reason: "this format needs `room`",
            }),
            Some(_) if !is_matrix => self.problems.push(SettingProblem::Notify {
                reason: "`room` is for the format `matrix` alone",
            }),
            _ => {}
        }
        Some(NotifySettings {
            address: address?,
            format,
            occasions,
            token: token.flatten(),
            room,
        })
    }
}
