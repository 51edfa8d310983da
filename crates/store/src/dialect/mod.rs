//! The points where SQLite and PostgreSQL differ, all of them.

/// Which database answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// The embedded one.
    Sqlite,
    /// The server.
    Postgres,
}

impl Dialect {
    /// The type words of migrations and their meaning here.
    ///
    /// `{id}` a 63-bit key, `{key}` the primary key with the office first (SQLite keeps rows by `{id}`
    /// alone, which is unique over all offices), `{blob}` bytes, `{code}` a text that sorts by bytes.
    #[must_use]
    pub fn ddl(self, text: &str) -> String {
        let words = match self {
            Dialect::Sqlite => {
                [("{id}", "integer primary key"), ("{key}", ""), ("{blob}", "blob"), ("{code}", "text")]
            }
            Dialect::Postgres => [
                ("{id}", "bigint not null"),
                ("{key}", ", primary key (office, id)"),
                ("{blob}", "bytea"),
                ("{code}", "text collate \"C\""),
            ],
        };
        words.iter().fold(text.to_owned(), |text, (word, meaning)| text.replace(word, meaning))
    }
}
