//! Tokens that tell by their form whose they are: an anchor, then runs of certain characters.
//!
//! A shape is listed only if its anchor and length make a chance match next to impossible.

/// The form of one sort of token.
pub(crate) struct Shape {
    /// Whose tokens these are.
    pub(crate) owner: &'static str,
    /// The text to search for. The token begins with it.
    pub(crate) anchor: &'static str,
    /// The rest that must follow.
    parts: &'static [Part],
}

enum Part {
    /// At least so many, at most so many characters of a set.
    Run(Set, usize, usize),
    /// Exactly this.
    Text(&'static str),
}

#[derive(Clone, Copy)]
enum Set {
    Digits,
    LowerHex,
    UpperAndDigits,
    LowerAndDigits,
    Alphanumeric,
    /// Letters, digits, `-` and `_`.
    UrlSafe,
    /// Letters, digits, `+` and `/`.
    Base64,
}

use Part::{Run, Text};
use Set::{Alphanumeric, Base64, Digits, LowerAndDigits, LowerHex, UpperAndDigits, UrlSafe};

/// No token is longer.
const LONG: usize = 400;

const fn shape(owner: &'static str, anchor: &'static str, parts: &'static [Part]) -> Shape {
    Shape {
        owner,
        anchor,
        parts,
    }
}

/// All shapes; the anchors as their providers document them.
#[rustfmt::skip]
pub(crate) const SHAPES: &[Shape] = &[
    shape("Docker Swarm (join token)", "SWMTKN-1-", &[Run(LowerAndDigits, 50, 50), Text("-"), Run(LowerAndDigits, 25, 25)]),
    shape("Docker Swarm (unlock key)", "SWMKEY-1-", &[Run(Base64, 43, 43)]),
    shape("Docker Hub", "dckr_pat_", &[Run(UrlSafe, 27, 32)]),
    shape("Docker Hub", "dckr_oat_", &[Run(UrlSafe, 27, 40)]),
    shape("AWS", "AKIA", &[Run(UpperAndDigits, 16, 16)]),
    shape("AWS", "ASIA", &[Run(UpperAndDigits, 16, 16)]),
    shape("GitHub", "ghp_", &[Run(Alphanumeric, 36, LONG)]),
    shape("GitHub", "gho_", &[Run(Alphanumeric, 36, LONG)]),
    shape("GitHub", "ghu_", &[Run(Alphanumeric, 36, LONG)]),
    shape("GitHub", "ghs_", &[Run(Alphanumeric, 36, LONG)]),
    shape("GitHub", "ghr_", &[Run(Alphanumeric, 36, LONG)]),
    shape("GitHub", "github_pat_", &[Run(Alphanumeric, 22, 22), Text("_"), Run(Alphanumeric, 59, 59)]),
    shape("GitLab", "glpat-", &[Run(UrlSafe, 20, LONG)]),
    shape("GitLab", "gldt-", &[Run(UrlSafe, 20, 64)]),
    shape("GitLab", "glrt-", &[Run(UrlSafe, 20, 64)]),
    shape("GitLab", "glptt-", &[Run(LowerHex, 40, 40)]),
    shape("GitLab", "glcbt-", &[Run(UrlSafe, 20, 64)]),
    shape("GitLab", "glft-", &[Run(UrlSafe, 20, 64)]),
    shape("GitLab", "glsoat-", &[Run(UrlSafe, 20, 64)]),
    shape("GitLab", "glagent-", &[Run(UrlSafe, 50, 64)]),
    shape("Slack", "xoxb-", &[Run(Digits, 8, 16), Text("-"), Run(UrlSafe, 20, LONG)]),
    shape("Slack", "xoxp-", &[Run(Digits, 8, 16), Text("-"), Run(UrlSafe, 20, LONG)]),
    shape("Slack", "xoxe-", &[Run(Digits, 1, 16), Text("-"), Run(UrlSafe, 40, LONG)]),
    shape("Slack", "xapp-1-", &[Run(UpperAndDigits, 9, 14), Text("-"), Run(Digits, 8, 16), Text("-"), Run(LowerHex, 40, 80)]),
    shape("Slack (webhook)", "hooks.slack.com/services/T", &[Run(UpperAndDigits, 8, 12), Text("/B"), Run(UpperAndDigits, 8, 12), Text("/"), Run(Alphanumeric, 20, 32)]),
    shape("Discord (webhook)", "discord.com/api/webhooks/", &[Run(Digits, 17, 20), Text("/"), Run(UrlSafe, 60, 80)]),
    shape("Discord (webhook)", "discordapp.com/api/webhooks/", &[Run(Digits, 17, 20), Text("/"), Run(UrlSafe, 60, 80)]),
    shape("Stripe", "sk_live_", &[Run(Alphanumeric, 24, LONG)]),
    shape("Stripe", "rk_live_", &[Run(Alphanumeric, 24, LONG)]),
    shape("Stripe (webhook)", "whsec_", &[Run(Base64, 32, 64)]),
    shape("Google", "AIza", &[Run(UrlSafe, 35, 35)]),
    shape("Google", "GOCSPX-", &[Run(UrlSafe, 28, 28)]),
    shape("SendGrid", "SG.", &[Run(UrlSafe, 22, 22), Text("."), Run(UrlSafe, 43, 43)]),
    shape("npm", "npm_", &[Run(Alphanumeric, 36, 36)]),
    shape("PyPI", "pypi-AgEIcHlwaS5vcmc", &[Run(UrlSafe, 50, LONG)]),
    shape("crates.io", "cio", &[Run(Alphanumeric, 32, 32)]),
    shape("RubyGems", "rubygems_", &[Run(LowerHex, 48, 48)]),
    shape("DigitalOcean", "dop_v1_", &[Run(LowerHex, 64, 64)]),
    shape("DigitalOcean", "doo_v1_", &[Run(LowerHex, 64, 64)]),
    shape("HashiCorp Vault", "hvs.", &[Run(UrlSafe, 80, LONG)]),
    shape("Grafana", "glsa_", &[Run(Alphanumeric, 32, 32), Text("_"), Run(LowerHex, 8, 8)]),
    shape("Grafana Cloud", "glc_", &[Run(Base64, 60, LONG)]),
    shape("Hugging Face", "hf_", &[Run(Alphanumeric, 34, 34)]),
    shape("Anthropic", "sk-ant-api03-", &[Run(UrlSafe, 90, 110)]),
    shape("OpenAI", "sk-proj-", &[Run(UrlSafe, 48, LONG)]),
    shape("ntfy", "tk_", &[Run(LowerAndDigits, 29, 29)]),
    shape("Matrix", "syt_", &[Run(Alphanumeric, 2, 80), Text("_"), Run(Alphanumeric, 20, 20), Text("_"), Run(Alphanumeric, 6, 6)]),
    shape("Cloudflare (tunnel)", "eyJhIjoi", &[Run(Base64, 120, LONG)]),
    shape("NetBird", "nbp_", &[Run(Alphanumeric, 36, 36)]),
    shape("Notion", "ntn_", &[Run(Alphanumeric, 46, 46)]),
    shape("Linear", "lin_api_", &[Run(Alphanumeric, 40, 40)]),
    shape("Shopify", "shpat_", &[Run(LowerHex, 32, 32)]),
    shape("Atlassian", "ATATT3xFfGF0", &[Run(UrlSafe, 100, LONG)]),
    shape("Pulumi", "pul-", &[Run(LowerHex, 40, 40)]),
    shape("Doppler", "dp.pt.", &[Run(Alphanumeric, 40, 44)]),
    shape("Tailscale", "tskey-api-", &[Run(Alphanumeric, 10, 20), Text("-"), Run(Alphanumeric, 20, 40)]),
    shape("Tailscale", "tskey-auth-", &[Run(Alphanumeric, 10, 20), Text("-"), Run(Alphanumeric, 20, 40)]),
    shape("Home Assistant or another issuer (JWT)", "eyJhbGciOi", &[Run(UrlSafe, 8, LONG), Text(".eyJ"), Run(UrlSafe, 20, 4 * LONG), Text("."), Run(UrlSafe, 20, 2 * LONG)]),
];

impl Shape {
    /// The end of the token that begins at `start`, where its anchor stands.
    pub(crate) fn end_in(&self, content: &[u8], start: usize) -> Option<usize> {
        if start > 0 && is_word(content[start - 1]) && !self.anchor.contains('/') {
            return None;
        }
        let mut end = start + self.anchor.len();
        for part in self.parts {
            let rest = content.get(end..)?;
            end += match part {
                Text(text) => rest.starts_with(text.as_bytes()).then_some(text.len())?,
                Run(set, least, most) => {
                    let length = rest
                        .iter()
                        .take(*most)
                        .take_while(|byte| set.has(**byte))
                        .count();
                    (length >= *least).then_some(length)?
                }
            };
        }
        let goes_on = content.get(end).is_some_and(|&byte| is_word(byte));
        let body = &content[start + self.anchor.len()..end];
        (!goes_on && is_varied(body)).then_some(end)
    }
}

impl Set {
    fn has(self, byte: u8) -> bool {
        match self {
            Digits => byte.is_ascii_digit(),
            LowerHex => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
            UpperAndDigits => byte.is_ascii_digit() || byte.is_ascii_uppercase(),
            LowerAndDigits => byte.is_ascii_digit() || byte.is_ascii_lowercase(),
            Alphanumeric => byte.is_ascii_alphanumeric(),
            UrlSafe => byte.is_ascii_alphanumeric() || b"-_".contains(&byte),
            Base64 => byte.is_ascii_alphanumeric() || b"+/".contains(&byte),
        }
    }
}

/// The text between the number and the secret of a Telegram bot's token, with the secret's first letters.
pub(crate) const TELEGRAM_ANCHOR: &str = ":AA";

/// The token of a Telegram bot around the colon at `colon`: `<number>:AA…`.
pub(crate) fn telegram_token_around(content: &[u8], colon: usize) -> Option<(usize, usize)> {
    let digits = content[..colon]
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit())
        .take(11)
        .count();
    let secret = content[colon + 1..]
        .iter()
        .take_while(|byte| UrlSafe.has(**byte))
        .take(36)
        .count();
    let body = &content[colon + 1..colon + 1 + secret];
    let fits = (8..=10).contains(&digits) && secret == 35 && body.starts_with(b"AA");
    (fits && is_varied(body)).then_some((colon - digits, colon + 1 + secret))
}

/// False for bodies that somebody typed: `xxxxxxxx`, `1234567890abcdef`, `…EXAMPLE`, `your_token_here`.
fn is_varied(body: &[u8]) -> bool {
    let lower = body.to_ascii_lowercase();
    let typed = [
        &b"example"[..],
        b"xxxx",
        b"1234567",
        b"abcdefg",
        b"your",
        b"0000000",
        b"placeholder",
        b"redacted",
    ];
    let mut seen = [false; 256];
    body.iter().for_each(|&byte| seen[usize::from(byte)] = true);
    let distinct = seen.iter().filter(|&&seen| seen).count();
    distinct >= 8
        && !typed
            .iter()
            .any(|word| super::value::contains(&lower, word))
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A body that is no token of anybody: it is put together here.
    fn body(set: Set, length: usize) -> String {
        std::iter::successors(Some(7u8), |byte| {
            Some(byte.wrapping_mul(137).wrapping_add(59))
        })
        .take(256)
        .filter(|&byte| set.has(byte) && byte.is_ascii())
        .cycle()
        .take(length)
        .map(char::from)
        .collect()
    }

    fn token(shape: &Shape) -> String {
        let parts = shape.parts.iter().map(|part| match part {
            Text(text) => (*text).to_owned(),
            Run(set, least, _) => body(*set, *least),
        });
        shape.anchor.to_owned() + &parts.collect::<String>()
    }

    #[test]
    fn each_shape_finds_its_tokens_and_nothing_shorter() {
        for shape in SHAPES {
            let token = token(shape);
            let text = format!("x = \"{token}\"");
            assert_eq!(
                shape.end_in(text.as_bytes(), 5),
                Some(5 + token.len()),
                "{}",
                shape.owner
            );
            assert_eq!(
                shape.end_in(&token.as_bytes()[..token.len() - 1], 0),
                None,
                "{}",
                shape.owner
            );
        }
    }

    #[test]
    fn a_telegram_token_is_a_number_and_a_secret_of_its_length() {
        let token = format!("123456789:AA{}", body(UrlSafe, 33));
        let text = format!("https://api.telegram.org/bot{token}/getMe");
        assert_eq!(
            telegram_token_around(text.as_bytes(), 37),
            Some((28, 28 + token.len()))
        );
        for other in ["12:AA", "aa:AA:bb:cc", "123456789:AA12"] {
            let colon = other.find(':').expect("a colon");
            assert_eq!(telegram_token_around(other.as_bytes(), colon), None);
        }
    }

    #[test]
    fn tokens_that_somebody_typed_are_passed_over() {
        for typed in [
            "AKIAIOSFODNN7EXAMPLE",
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        ] {
            assert!(
                SHAPES.iter().all(|shape| !typed.starts_with(shape.anchor)
                    || shape.end_in(typed.as_bytes(), 0).is_none()),
                "{typed}"
            );
        }
    }
}
