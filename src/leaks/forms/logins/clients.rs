//! Files in which clients for file transfer, mail or databases store a user's logins.
//!
//! The password in such a file belongs to a real account, so any literal counts, however common it is.

use std::ops::Range;

use super::urls::login_in_url;
use crate::leaks::forms::settings::assignments::value_assigned_at;
use crate::leaks::forms::settings::chosen::is_word_of_settings;
use crate::leaks::forms::settings::dialect::Dialect;
use crate::leaks::forms::settings::templates::is_template;

/// The names of such files, in lower case.
const FILES: [&str; 17] = [
    ".esmtprc",
    ".fetchmailrc",
    ".ftpconfig",
    ".msmtprc",
    ".netrc",
    ".remote-sync.json",
    "_netrc",
    "deployment-config.json",
    "filezilla.xml",
    "recentservers.xml",
    "robomongo.json",
    "sftp-config.json",
    "sftp.json",
    "sitemanager.xml",
    "ventrilo_srv.ini",
    "webservers.xml",
    "winscp.ini",
];

/// The names of files in which each line is a URL with a login.
const FILES_OF_URLS: [&str; 2] = [".git-credentials", "git-credentials"];

/// The part of a setting's name that marks a password in these files.
const NAME: &[u8] = b"pass";

/// Minimum length of a password.
const SHORTEST: usize = 4;

/// The passwords in `content`, if `path` is one of these files.
pub(crate) fn passwords_of_clients(content: &[u8], path: &[u8]) -> Vec<Range<usize>> {
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
    let name = name.to_ascii_lowercase();
    let is_in = |files: &[&str]| files.iter().any(|file| file.as_bytes() == name);
    if is_in(&FILES_OF_URLS) {
        return passwords_in_urls(content);
    }
    if !is_in(&FILES) {
        return Vec::new();
    }
    let dialect = Dialect::of_path(path);
    let windows = content.windows(NAME.len()).enumerate();
    let places = windows.filter(|(_, window)| window.eq_ignore_ascii_case(NAME));
    let values = places.filter_map(|(place, _)| value_assigned_at(content, place, dialect));
    values
        .filter(|place| is_typed(&content[place.clone()]))
        .collect()
}

fn passwords_in_urls(content: &[u8]) -> Vec<Range<usize>> {
    let signs = content.windows(3).enumerate();
    let signs = signs.filter(|(_, window)| window == b"://");
    let places = signs.filter_map(|(place, _)| Some(login_in_url(content, place)?.1));
    places
        .filter(|place| is_typed(&content[place.clone()]))
        .collect()
}

/// True for a literal, false for a reference such as a variable.
fn is_typed(value: &[u8]) -> bool {
    value.len() >= SHORTEST
        && value.iter().all(u8::is_ascii_graphic)
        && value.iter().any(u8::is_ascii_alphanumeric)
        && !is_template(value)
        && !is_word_of_settings(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'text>(path: &str, text: &'text str) -> Vec<&'text str> {
        let places = passwords_of_clients(text.as_bytes(), path.as_bytes());
        places.into_iter().map(|place| &text[place]).collect()
    }

    #[test]
    fn the_password_of_an_account_counts_however_common_it_is() {
        for (path, text) in [
            (
                "shop/.vscode/sftp.json",
                "{\n  \"password\": \"hunter22\",\n  \"promptForPass\": false\n}\n",
            ),
            (
                ".ftpconfig",
                "{\"pass\": \"hunter22\", \"passphrase\": \"\"}\n",
            ),
            (
                "home/.netrc",
                "machine nas.lan login berta password hunter22\n",
            ),
            (
                "home/.esmtprc",
                "username \"berta\"\npassword \"hunter22\"\n",
            ),
            (
                "home/.git-credentials",
                "https://berta:hunter22@git.lan\nhttps://git.lan\n",
            ),
            ("ventrilo_srv.ini", "[Server]\nAdminPassword=hunter22\n"),
            (
                "sitemanager.xml",
                "<Server><User>berta</User><Pass>hunter22</Pass></Server>\n",
            ),
        ] {
            assert_eq!(found(path, text), ["hunter22"], "{path}");
        }
        assert!(found("settings.json", "{\"password\": \"hunter22\"}\n").is_empty());
        for other in [
            "{\"password\": \"${PASSWORD}\"}\n",
            "{\"password\": \"\", \"askPassword\": true}\n",
            "{\"password\": \"********\"}\n",
        ] {
            assert!(found("sftp.json", other).is_empty(), "{other}");
        }
    }
}
