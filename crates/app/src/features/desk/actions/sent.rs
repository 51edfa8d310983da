//! A form with or without files: one route takes both, because an action asks for photos or not.

use super::super::service::input::Typed;
use crate::web::{Form, Upload, UploadedFile, WebError};
use axum::extract::{FromRequest, Request};
use axum::http::header;

/// What was sent.
#[derive(Debug, Default)]
pub struct Sent {
    /// The text fields.
    pub typed: Typed,
    /// The files.
    pub files: Vec<UploadedFile>,
}

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = WebError;

    async fn from_request(request: Request, state: &S) -> Result<Self, WebError> {
        let kind =
            request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if kind.to_ascii_lowercase().starts_with("multipart/form-data") {
            let upload = Upload::from_request(request, state).await?;
            return Ok(Sent { typed: Typed(upload.fields), files: upload.files });
        }
        let Form(fields) = Form::<Vec<(String, String)>>::from_request(request, state).await?;
        Ok(Sent { typed: Typed(fields), files: Vec::new() })
    }
}
