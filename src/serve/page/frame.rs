//! The frame of every page: its head, its styles, and the escaping of text.

use std::fmt::{Display, Write};

use jiff::{SignedDuration, Timestamp};

const STYLES: &str = "
:root { color-scheme: light dark; --text: #1b1f24; --faint: #57606a; --back: #fff; --line: #d0d7de; --box: #f6f8fa;
  --good: #116329; --bad: #a40e26; --busy: #0550ae; --wait: #7d4e00; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --faint: #9da7b1; --back: #0d1117; --line: #30363d; --box: #161b22;
  --good: #56d364; --bad: #ff8b82; --busy: #79c0ff; --wait: #e3b341; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 70rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); }
h1 { font-size: 1.4rem; margin: 0 0 .3rem; overflow-wrap: anywhere; } header { margin: 0 0 1rem; } header p { margin: 0; } h2 { font-size: 1.1rem; margin: 0; overflow-wrap: anywhere; }
a { color: var(--busy); } a:focus-visible { outline: 3px solid var(--busy); outline-offset: 2px; border-radius: 2px; }
.stacks { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); gap: 1rem; }
.stack, .note { border: 1px solid var(--line); border-radius: .5rem; background: var(--box); padding: 1rem; overflow-wrap: anywhere; }
.note { margin: 0 0 1rem; } .bad-one { border-color: var(--bad); }
.stack { min-width: 0; } .stack p, main p { margin: .3rem 0 0; } ul { list-style: none; margin: .5rem 0 0; padding: 0; } li { margin: .2rem 0; }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; } .faint { color: var(--faint); }
pre { border: 1px solid var(--line); border-radius: .5rem; background: var(--box); padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.good { color: var(--good); } .bad { color: var(--bad); } .busy { color: var(--busy); } .wait { color: var(--wait); }
.state { font-weight: 600; }
";

/// Makes a browser load the page again every 15 s.
const REFRESH: &str = "<meta http-equiv=\"refresh\" content=\"15\">";

/// A page. Its title is plain text, its other parts are HTML.
pub(super) struct Page<'a> {
    pub(super) title: &'a str,
    /// The heading, and notes about the whole page.
    pub(super) header: &'a str,
    pub(super) main: &'a str,
    /// True if the page will not change any more.
    pub(super) is_final: bool,
}

impl Page<'_> {
    /// The whole document. Unless the page is final, a browser loads it again at regular intervals.
    pub(super) fn document(&self) -> String {
        let (title, header, main) = (text(self.title), self.header, self.main);
        let again = if self.is_final { "" } else { REFRESH };
        format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"color-scheme\" content=\"light dark\">{again}<title>{title}</title><style>{STYLES}</style></head>\n\
             <body>\n<header>\n{header}\n</header>\n<main>\n{main}\n</main>\n</body></html>\n"
        )
    }
}

/// The text with everything escaped that could be HTML.
pub(super) fn text(plain: impl Display) -> String {
    let plain = plain.to_string();
    let mut safe = String::with_capacity(plain.len());
    for letter in plain.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            letter => safe.push(letter),
        }
    }
    safe
}

/// How long ago `time` was, as an HTML element.
pub(super) fn ago(time: Timestamp) -> String {
    let past = Timestamp::now()
        .duration_since(time)
        .max(SignedDuration::ZERO);
    let (count, unit) = match past.as_secs() {
        seconds @ 0..60 => (seconds, "s"),
        seconds @ 60..3600 => (seconds / 60, "min"),
        seconds @ 3600..86_400 => (seconds / 3600, "h"),
        seconds => (seconds / 86_400, "d"),
    };
    let mut shown = String::new();
    // Writing to a `String` can't fail.
    let _ = write!(shown, "<time datetime=\"{time}\">{count} {unit} ago</time>");
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_a_mark() {
        assert_eq!(
            text("<img src='x' onerror=\"a()\">&amp;"),
            "&lt;img src=&#39;x&#39; onerror=&quot;a()&quot;&gt;&amp;amp;"
        );
        assert!(ago(Timestamp::now()).ends_with(">0 s ago</time>"));
        let day = SignedDuration::from_hours(49);
        assert!(ago(Timestamp::now() - day).ends_with(">2 d ago</time>"));
    }
}
