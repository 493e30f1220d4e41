//! Judges strings by their characters: random, mixed, words, or public.

/// Minimum length of a generated value with all kinds of punctuation.
const SHORTEST_NOISE: usize = 32;

/// True if `value` looks like the output of a random number generator: letters and digits, or upper and lower case,
/// change places more often than in words.
pub(crate) fn is_random(value: &[u8]) -> bool {
    let characters = Characters::of(value);
    if characters.other_than_text > 0 {
        return false;
    }
    let run = value.len() as f64 / characters.runs as f64;
    match value.len() {
        0..8 => false,
        8..16 => characters.classes() >= 3 && run <= 2.5 && entropy(value) >= 2.7,
        16..24 => characters.classes() >= 2 && run <= 3.0 && entropy(value) >= 3.2,
        _ => {
            characters.classes() >= 2
                && characters.digits > 0
                && (run <= 3.6 || is_unpronounceable(value))
                && entropy(value) >= 3.0
        }
    }
}

/// True for letters that form no words: about 20 % of random letters are vowels, but 40 % in words.
fn is_unpronounceable(value: &[u8]) -> bool {
    let letters = value.iter().filter(|byte| byte.is_ascii_alphabetic());
    let vowels = value.iter().filter(|byte| b"aeiouAEIOU".contains(byte));
    value.iter().all(u8::is_ascii_alphanumeric) && vowels.count() * 4 < letters.count()
}

/// True if letters and digits alternate often enough for a password that a person chose. They alternate less than in a
/// random value, so only a name can tell that this is a password.
pub(crate) fn is_mixed(value: &[u8]) -> bool {
    let characters = Characters::of(value);
    let letters = characters.lower + characters.upper;
    let run = value.len() as f64 / characters.runs as f64;
    characters.other_than_text == 0
        && characters.digits > 0
        && letters > 0
        && run <= 4.0
        && entropy(value) >= 2.7
}

/// True for a generated value with all kinds of punctuation: too mixed for code, a pattern or prose.
pub(crate) fn is_noise(value: &[u8]) -> bool {
    let characters = Characters::of(value);
    let blanks = value.iter().filter(|&&byte| byte == b' ').count();
    let signs = value.iter().filter(|byte| byte.is_ascii_punctuation());
    let signs: Vec<u8> = signs.copied().collect();
    let letters = value
        .split(|byte| !byte.is_ascii_alphabetic())
        .map(<[u8]>::len);
    let run = value.len() as f64 / characters.runs as f64;
    let of_patterns = [
        &b"(?"[..],
        b"a-z",
        b"A-Z",
        b"0-9",
        b".*",
        b"\\d",
        b"\\w",
        b"\\s",
        b"://",
        b"->",
    ];
    value.len() >= SHORTEST_NOISE
        && characters.other_than_text == blanks
        && blanks * 16 <= value.len()
        && signs.len() * 8 >= value.len()
        && distinct_bytes(&signs) >= 5
        && characters.digits >= 2
        && run <= 3.0
        && letters.max().unwrap_or(0) <= 8
        && entropy(value) >= 4.3
        && !of_patterns.iter().any(|part| contains(value, part))
}

/// True if `value` is public by its kind: a host, an address, a path, a number, a date, the version of a package.
pub(crate) fn is_public(value: &[u8]) -> bool {
    is_path(value)
        || is_public_ssh_key(value)
        || is_host(value)
        || is_number(value)
        || is_mail_address(value)
        || is_pinned(value)
}

/// True if `value` consists of words: letters in one case (or capitalised), joined by the punctuation of names and lists.
pub(crate) fn is_wordy(value: &[u8]) -> bool {
    value
        .split(|byte| b"-_./:=, ".contains(byte))
        .filter(|part| !part.is_empty())
        .all(|part| {
            let letters = part
                .iter()
                .filter(|byte| byte.is_ascii_alphabetic())
                .count();
            let digits = part.len() - letters;
            let tail_digits = part
                .iter()
                .rev()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            let run = part.len() as f64 / Characters::of(part).runs as f64;
            digits == tail_digits && digits <= 4 && (run >= 3.0 || part.len() <= 4)
        })
}

/// Shannon's entropy in bits per byte.
fn entropy(value: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    for &byte in value {
        counts[usize::from(byte)] += 1;
    }
    let length = value.len() as f64;
    counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| f64::from(count) / length)
        .map(|share| -share * share.log2())
        .sum()
}

/// True for an SSH public key in base64. It begins with the length and the name of its kind.
fn is_public_ssh_key(value: &[u8]) -> bool {
    let beginnings = [&b"AAAAC3NzaC1"[..], b"AAAAB3NzaC1", b"AAAAE2VjZHNh"];
    beginnings.iter().any(|start| value.starts_with(start))
}

fn is_path(value: &[u8]) -> bool {
    let parts = value.split(|&byte| byte == b'/').count();
    // Random bytes in base64 practically never begin like these.
    let relative = [&b"/dev/"[..], b"/run/", b"./", b"../", b"~/"];
    if relative.iter().any(|start| value.starts_with(start)) {
        return true;
    }
    parts > 1
        && (value.starts_with(b"/") || is_wordy(value))
        && !value.split(|&byte| byte == b'/').any(is_random)
}

/// A host name or address, with or without a port or a prefix length.
fn is_host(value: &[u8]) -> bool {
    let end = value.iter().rposition(|byte| b":/".contains(byte));
    let (host, port) = end.map_or((value, &b""[..]), |end| (&value[..end], &value[end + 1..]));
    let labels: Vec<&[u8]> = host.split(|&byte| byte == b'.').collect();
    let plain = |label: &&[u8]| {
        !label.is_empty()
            && label
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_*".contains(byte))
            && !is_random(label)
    };
    let last = labels.last().copied().unwrap_or_default();
    let ending = last.iter().all(u8::is_ascii_lowercase) || last.iter().all(u8::is_ascii_digit);
    port.iter().all(u8::is_ascii_digit) && labels.len() > 1 && ending && labels.iter().all(plain)
}

/// True for numbers, dates, times and versions: digits with separators between them and units after them.
fn is_number(value: &[u8]) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let units = value
        .iter()
        .filter(|byte| byte.is_ascii_alphabetic())
        .count();
    let others = value.len() - digits - units;
    let separated = value
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-+.,:/_ %".contains(byte));
    separated && digits > 0 && units <= 2 && (value.len() < 12 || others >= 2)
}

fn is_mail_address(value: &[u8]) -> bool {
    let at = value.iter().position(|&byte| byte == b'@');
    at.is_some_and(|at| at > 0 && is_wordy(&value[..at]) && is_host(&value[at + 1..]))
}

/// A package with its version: `name==1.5.0`, `name@1.5.0`.
fn is_pinned(value: &[u8]) -> bool {
    let sign = value.iter().position(|byte| b"=@".contains(byte));
    sign.is_some_and(|sign| {
        let (name, version) = (&value[..sign], &value[sign..]);
        let version = version.strip_prefix(b"==").or(version.strip_prefix(b"@"));
        let is_version = |version: &[u8]| version.contains(&b'.') && is_number(version);
        !name.is_empty() && is_wordy(name) && version.is_some_and(is_version)
    })
}

/// Counts of the kinds of characters in a string.
struct Characters {
    lower: usize,
    upper: usize,
    digits: usize,
    symbols: usize,
    other_than_text: usize,
    /// Number of runs of characters of one kind. A capital letter belongs to the run of lower-case letters after it.
    runs: usize,
}

impl Characters {
    fn of(value: &[u8]) -> Self {
        let mut counted = Self {
            lower: 0,
            upper: 0,
            digits: 0,
            symbols: 0,
            other_than_text: 0,
            runs: 0,
        };
        let mut before = None;
        for &byte in value {
            let (class, count) = match byte {
                b'a'..=b'z' => (0, &mut counted.lower),
                b'A'..=b'Z' => (1, &mut counted.upper),
                b'0'..=b'9' => (2, &mut counted.digits),
                b'!'..=b'~' => (3, &mut counted.symbols),
                _ => (4, &mut counted.other_than_text),
            };
            *count += 1;
            let capitalised = before == Some(1) && class == 0;
            if before != Some(class) && !capitalised {
                counted.runs += 1;
            }
            before = Some(class);
        }
        counted.runs = counted.runs.max(1);
        counted
    }

    fn classes(&self) -> usize {
        [self.lower, self.upper, self.digits, self.symbols]
            .iter()
            .filter(|&&count| count > 0)
            .count()
    }
}

/// How many different bytes `value` has.
pub(crate) fn distinct_bytes(value: &[u8]) -> usize {
    let mut seen = [false; 256];
    value
        .iter()
        .for_each(|&byte| seen[usize::from(byte)] = true);
    seen.iter().filter(|&&seen| seen).count()
}

pub(crate) fn contains(value: &[u8], part: &[u8]) -> bool {
    // Nearly all places are ruled out by the first byte, which is compared faster than a text.
    let mut windows = value.windows(part.len());
    windows.any(|window| window[0] == part[0] && window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_strings_are_told_from_words() {
        for random in [
            "Tr0ub4dor&3",
            "x7Kp2vQ9",
            "9f86d081884c7d659a2feaa0c55ad015",
            "kJ8s-2hQp_0aLz9Xw3",
            "wJalrXUtnFEMIK7MDENGbPxRfiCYzzQ1",
            "zmigewsanbbsdf59xnmduzypjc",
        ] {
            assert!(is_random(random.as_bytes()), "{random}");
        }
        for words in [
            "password",
            "blog-db-password",
            "correct-horse-battery-staple",
            "getAccessTokenFromRequest",
            "DATABASE_CONNECTION_STRING",
            "2026-11-22",
            "sha256-password",
            "grafana.home.example",
            "http://localhost:8080/path",
            "projectdescriptionmanagement2",
        ] {
            assert!(!is_random(words.as_bytes()), "{words}");
        }
    }

    #[test]
    fn noise_is_told_from_code_and_patterns() {
        for noise in [
            "zu#9(v_t[q8BR31k4x)LI+$wh2ss*nYRCeu([xjW5hdzaq",
            "D>Y7.4Cq0-8ce|=vhus[IzF(UJ2yZ|SN#:bG;PSa+KJmj _4Ed(tVZ9r#+XMlB,W",
        ] {
            assert!(is_noise(noise.as_bytes()), "{noise}");
        }
        for other in [
            "^(?=.*[A-Za-z])(?=.*[0-9])[A-Za-z0-9@$!%*#?&]{8,}$",
            "SELECT * FROM users WHERE name = 'x' AND password = $1;",
            "https://nas.lan/api?user=berta&id=12#top,2(3)[4]",
            "correct-horse-battery-staple-2026+with=more;words:here",
            "a[0] + b[1] * (c[2] - d[3]) / e[4] % f[5] ^ g[6] | h",
        ] {
            assert!(!is_noise(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn hosts_paths_numbers_and_addresses_are_public() {
        for public in [
            "grafana.home.example",
            "registry.home.example:5000",
            "192.168.20.1",
            "10.0.0.0/24",
            "/run/secrets/grafana",
            "./config/nginx.conf",
            "~/.ssh/id_ed25519",
            "2026-11-22T10:00:00Z",
            "ops@home.example",
            "12345678",
            "1.25.3",
            "detect-secrets==1.5.0",
            "ripsecrets@0.1.11",
        ] {
            assert!(is_public(public.as_bytes()), "{public}");
        }
        for secret in [
            "x7Kp2vQ9mR",
            "correct-horse-battery-staple",
            "T7.kQ9/zX2mPw4",
        ] {
            assert!(!is_public(secret.as_bytes()), "{secret}");
        }
    }
}
