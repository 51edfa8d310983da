//! What went wrong, as an answer: a designed page, a fragment or JSON, always with what to do next. The
//! error itself travels in the response and is drawn by [`super::envelope`], which knows the request.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use kernel::{Refusal, RefusalKind};
use std::sync::Arc;

/// Why a handler did not give a page.
#[derive(Debug)]
pub enum WebError {
    /// The user must correct something, or may not do it.
    Refused(Box<Refusal>),
    /// Nobody is logged in, or the session has ended.
    SignedOut,
    /// The form did not come from one of our pages, or its session is an older one.
    Csrf,
    /// The address is there, but not for this method.
    Method,
    /// The request cannot be understood: a form without its fields, a broken upload.
    Bad(String),
    /// Our problem; logged once, never shown.
    Failed(anyhow::Error),
}

impl WebError {
    /// A thing that is not there, or not for these eyes.
    #[must_use]
    pub fn not_found() -> WebError {
        Refusal::not_found().into()
    }

    /// Why a file that was sent could not be kept: for a trouble of the machine, such as a full disk, the file is not to
    /// blame; for anything else it is refused.
    #[must_use]
    pub fn of_file(error: anyhow::Error, refusal: impl FnOnce() -> Refusal) -> WebError {
        if store::Trouble::of(&error).is_some() {
            return WebError::Failed(error);
        }
        tracing::info!(error = format!("{error:#}"), "a file was not taken");
        refusal().into()
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            WebError::Refused(refusal) => match refusal.kind {
                RefusalKind::Rule => StatusCode::UNPROCESSABLE_ENTITY,
                RefusalKind::Forbidden => StatusCode::FORBIDDEN,
                RefusalKind::NotFound => StatusCode::NOT_FOUND,
                RefusalKind::Conflict => StatusCode::CONFLICT,
                RefusalKind::TooMany => StatusCode::TOO_MANY_REQUESTS,
                RefusalKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            },
            WebError::SignedOut => StatusCode::UNAUTHORIZED,
            WebError::Csrf => StatusCode::FORBIDDEN,
            WebError::Method => StatusCode::METHOD_NOT_ALLOWED,
            WebError::Bad(_) => StatusCode::BAD_REQUEST,
            WebError::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The refusal, if it is one: to show it in the form again instead of on a page of its own.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            WebError::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }
}

impl From<store::Error> for WebError {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Refused(refusal) => WebError::Refused(refusal),
            store::Error::Failed(error) => WebError::Failed(error),
            other => WebError::Failed(anyhow::anyhow!("{other}")),
        }
    }
}

impl From<Refusal> for WebError {
    fn from(refusal: Refusal) -> Self {
        WebError::Refused(Box::new(refusal))
    }
}

impl From<anyhow::Error> for WebError {
    fn from(error: anyhow::Error) -> Self {
        store::Error::from(error).into()
    }
}

impl From<askama::Error> for WebError {
    fn from(error: askama::Error) -> Self {
        WebError::Failed(anyhow::anyhow!("a page cannot be drawn: {error}"))
    }
}

impl From<tokio::task::JoinError> for WebError {
    fn from(error: tokio::task::JoinError) -> Self {
        WebError::Failed(error.into())
    }
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}
