//! The names that a repository has: in the settings, or at forges.

/// True if the settings may use `name` for a repository. The name is also that of the folder of its clone.
pub(super) fn is_repository_name(name: &str) -> bool {
    let is_of_name = |letter: u8| letter.is_ascii_alphanumeric() || b"-_".contains(&letter);
    !name.is_empty() && name.bytes().all(is_of_name)
}

/// The name of a repository at its forge, like `owner/name`, taken from its address.
pub(super) fn full_name(url: &str) -> String {
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        // The short form `host:path` of ssh, unless it is a local path.
        None => match url.split_once(':') {
            Some((host, path)) if !host.contains('/') => path,
            _ => url,
        },
    };
    let path = path.trim_matches('/');
    path.strip_suffix(".git").unwrap_or(path).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_full_name_is_the_path_of_the_address() {
        for (url, name) in [
            ("https://git.example.org/ada/home-lab", "ada/home-lab"),
            ("git@git.example.org:ada/home-lab.git", "ada/home-lab"),
            ("ssh://git@git.example.org:22/a/b/c.git/", "a/b/c"),
            ("/srv/home-lab.git", "srv/home-lab"),
        ] {
            assert_eq!(full_name(url), name, "{url}");
        }
    }

    #[test]
    fn a_name_in_the_settings_can_be_one_of_a_folder() {
        for (name, is_name) in [
            ("home-lab_2", true),
            ("", false),
            ("..", false),
            ("a/b", false),
            ("é", false),
        ] {
            assert_eq!(is_repository_name(name), is_name, "{name}");
        }
    }
}
