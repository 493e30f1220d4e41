//! The choices of whoever is told: on which occasions, and in which form.

/// The occasions on which somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// A run failed, or waits for long.
    Failure,
    /// A run was successful, and the one before it was not.
    Recovery,
    /// Another run has deployed something.
    Deploy,
}

/// The form of the message, by who receives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnnouncementFormat {
    Json,
    /// Slack, and servers that take its messages.
    Slack,
    Discord,
    Ntfy,
    Gotify,
    Matrix,
}

impl Occasion {
    /// All of them, with their words in the settings.
    pub(crate) const ALL: [(&'static str, Self); 3] = [
        ("failure", Self::Failure),
        ("recovery", Self::Recovery),
        ("deploy", Self::Deploy),
    ];

    /// The word for it.
    pub(super) fn word(self) -> &'static str {
        let mut all = Self::ALL.into_iter();
        let found = all.find(|(_, occasion)| *occasion == self);
        found.map_or("", |(word, _)| word)
    }
}

impl AnnouncementFormat {
    /// All of them, with their words in the settings.
    pub(crate) const ALL: [(&'static str, Self); 6] = [
        ("json", Self::Json),
        ("slack", Self::Slack),
        ("discord", Self::Discord),
        ("ntfy", Self::Ntfy),
        ("gotify", Self::Gotify),
        ("matrix", Self::Matrix),
    ];

    /// True if whoever knows the address may send messages to it: it is a secret.
    pub(crate) fn has_secret_address(self) -> bool {
        matches!(self, Self::Slack | Self::Discord)
    }

    /// True if nobody takes a message without a token.
    pub(crate) fn needs_token(self) -> bool {
        matches!(self, Self::Gotify | Self::Matrix)
    }
}
