//! The web shell: router, session, CSRF, content policy, layout, errors. No rules live here.
