//! How values are written in a file, judged by the file's name.

/// How values are written in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Settings: a value may stand without quotes, and any literal under the name of a password is one.
    Settings,
    /// Settings whose values stand in quotes or in markup.
    Quoted,
    /// Text, or a sample of settings: a value may stand without quotes, and must look like a password.
    Document,
    /// A program: only quoted strings are values.
    Program,
    /// A lock file: names of packages and their checksums.
    Lock,
}

/// Endings of files whose values stand in quotes or in markup.
const QUOTED: [&str; 16] = [
    "json",
    "json5",
    "jsonc",
    "xml",
    "tf",
    "tfvars",
    "nix",
    "sql",
    "ino",
    "plist",
    "kdl",
    "xsl",
    "jsonnet",
    "libsonnet",
    "cue",
    "dhall",
];

/// Extensions of programs.
const PROGRAMS: [&str; 84] = [
    "rs", "py", "pyi", "js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "go", "c", "h", "cc",
    "cpp", "cxx", "hpp", "hh", "m", "mm", "java", "kt", "kts", "scala", "groovy", "gradle",
    "swift", "cs", "fs", "vb", "rb", "erb", "php", "pl", "pm", "lua", "ex", "exs", "erl", "hs",
    "ml", "mli", "clj", "cljs", "el", "lisp", "r", "jl", "dart", "vue", "svelte", "css", "scss",
    "sass", "less", "html", "htm", "svg", "ipynb", "sol", "zig", "nim", "proto", "graphql", "map",
    "wasm", "d", "asm", "t", "hrl", "tcl", "pas", "f90", "cr", "rkt", "scm", "v", "sv", "awk", "y",
    "yy", "asn1", "idl",
];

/// Extensions of languages in which settings are often written as a program: `config.php`, `settings.py`, `secrets.h`.
const WITH_SETTINGS: [&str; 11] = [
    "php", "py", "js", "mjs", "cjs", "ts", "lua", "rb", "pl", "h", "hpp",
];

/// Words in the names of such files of settings.
const OF_SETTINGS: [&str; 9] = [
    "config",
    "conf",
    "configuration",
    "settings",
    "localsettings",
    "secrets",
    "secret",
    "env",
    "environment",
];

/// Extensions of texts.
const TEXTS: [&str; 26] = [
    "md", "markdown", "mdx", "rst", "adoc", "txt", "log", "csv", "tsv", "po", "pot", "tex",
    "patch", "diff", "in", "baseline", "pod", "man", "1", "2", "3", "4", "5", "6", "7", "8",
];

/// Parts of the names of samples, in which the user has to replace the values.
const SAMPLES: [&str; 12] = [
    "example", "sample", "template", "dist", "tpl", "tmpl", "j2", "jinja", "jinja2", "mustache",
    "gotmpl", "skel",
];

/// Names of texts without an extension.
const TEXT_NAMES: [&str; 12] = [
    "license",
    "licence",
    "copying",
    "readme",
    "notice",
    "changelog",
    "changes",
    "authors",
    "todo",
    "news",
    "install",
    "codeowners",
];

/// Names and extensions of lock files.
const LOCKS: [&str; 9] = [
    "lock",
    "package-lock",
    "npm-shrinkwrap",
    "pnpm-lock",
    "yarn-lock",
    "sum",
    "lockfile",
    "resolved",
    "gemspec",
];

/// Names of folders that hold translations.
const TRANSLATIONS: [&str; 9] = [
    "locale",
    "locales",
    "i18n",
    "l10n",
    "lang",
    "langs",
    "languages",
    "translations",
    "messages",
];

/// Codes of languages, which files of translations are named after. Codes that mean something else in a home lab (`ca`,
/// `id`, `no`) are left out.
const LANGUAGES: [&str; 36] = [
    "ar", "bg", "bn", "cs", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr", "gl", "he",
    "hi", "hr", "hu", "it", "ja", "ko", "lt", "lv", "nb", "nl", "nn", "pl", "pt", "ro", "ru", "sk",
    "sv", "tr", "uk", "zh",
];

impl Dialect {
    /// The dialect of a file of this path.
    pub(crate) fn of_path(path: &[u8]) -> Self {
        let path = String::from_utf8_lossy(path).to_ascii_lowercase();
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", &path));
        let parts: Vec<&str> = name.trim_start_matches('.').split('.').collect();
        let ending = match parts[..] {
            [] | [_] => "",
            [.., ending] => ending,
        };
        let has = |words: &[&str]| parts.iter().any(|part| words.contains(part));
        if name.is_empty() || is_translated(folders, &parts) {
            return Self::Document;
        }
        if has(&LOCKS) {
            return Self::Lock;
        }
        // A backup copy of a program is a program, too.
        let kept = ["bak", "old", "orig", "save"];
        let last = parts.iter().rev().find(|part| !kept.contains(part));
        let last = last.filter(|_| parts.len() > 1).map_or(ending, |last| last);
        if has(&SAMPLES) || TEXTS.contains(&last) {
            return Self::Document;
        }
        if PROGRAMS.contains(&last) {
            let has_settings = parts.iter().any(|part| has_settings(part));
            return if WITH_SETTINGS.contains(&last) && has_settings {
                Self::Quoted
            } else {
                Self::Program
            };
        }
        if QUOTED.contains(&last) {
            return Self::Quoted;
        }
        if parts.len() == 1 && TEXT_NAMES.contains(&parts[0]) {
            return Self::Document;
        }
        Self::Settings
    }

    /// True if a value may stand without quotes.
    pub(crate) fn has_bare_values(self) -> bool {
        matches!(self, Self::Settings | Self::Document)
    }

    /// True if a password may be one that a person chose.
    pub(crate) fn has_chosen_values(self) -> bool {
        matches!(self, Self::Settings | Self::Quoted)
    }
}

/// True for the name of a file that consists of settings.
fn has_settings(name: &str) -> bool {
    name.split(['-', '_'])
        .any(|word| OF_SETTINGS.contains(&word))
}

/// True for files with translations, whose values are texts for users.
fn is_translated(folders: &str, parts: &[&str]) -> bool {
    let below = folders
        .split('/')
        .any(|folder| TRANSLATIONS.contains(&folder));
    let named = |part: &&str| {
        part.split(['-', '_'])
            .any(|word| TRANSLATIONS.contains(&word))
    };
    let language = |part: &str| {
        let Some((language, country)) = part.split_once(['-', '_']) else {
            return LANGUAGES.contains(&part);
        };
        let letters = |word: &str| word.bytes().all(|byte| byte.is_ascii_lowercase());
        language.len() == 2
            && letters(language)
            && (2..=4).contains(&country.len())
            && letters(country)
    };
    let is_language = parts.len() == 2 && language(parts[0]);
    let translates = [
        "yml",
        "yaml",
        "json",
        "toml",
        "properties",
        "xml",
        "ini",
        "arb",
    ];
    below || parts.iter().any(named) || (is_language && translates.contains(&parts[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_the_rule_and_programs_the_exception() {
        for (path, dialect) in [
            ("web/stack.yml", Dialect::Settings),
            ("Makefile", Dialect::Settings),
            ("Caddyfile", Dialect::Settings),
            (".env", Dialect::Settings),
            (".env.production", Dialect::Settings),
            ("smb.conf.bak", Dialect::Settings),
            ("wg0.network", Dialect::Settings),
            ("config.fish", Dialect::Settings),
            ("deploy.ps1", Dialect::Settings),
            ("shop.nomad.hcl", Dialect::Settings),
            ("a/settings.json", Dialect::Quoted),
            ("main.tf", Dialect::Quoted),
            (".env.example", Dialect::Document),
            ("app.conf.j2", Dialect::Document),
            ("README", Dialect::Document),
            ("docs/setup.md", Dialect::Document),
            ("", Dialect::Document),
            ("locales/de.yml", Dialect::Document),
            ("app/en-us.json", Dialect::Document),
            ("app/de.json", Dialect::Document),
            ("nc.yml", Dialect::Settings),
            ("ca.yml", Dialect::Settings),
            ("src/main.rs", Dialect::Program),
            ("src/config.rs", Dialect::Program),
            ("aws/credentials.py", Dialect::Program),
            ("web/config.php", Dialect::Quoted),
            ("wp-config.php", Dialect::Quoted),
            ("shop/local_settings.py", Dialect::Quoted),
            ("esp/arduino_secrets.h", Dialect::Quoted),
            ("app.py.bak", Dialect::Program),
            ("yarn.lock", Dialect::Lock),
            ("pnpm-lock.yaml", Dialect::Lock),
            ("go.sum", Dialect::Lock),
        ] {
            assert_eq!(Dialect::of_path(path.as_bytes()), dialect, "{path}");
        }
    }
}
