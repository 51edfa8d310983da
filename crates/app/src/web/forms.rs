//! Extractors whose failures are [`WebError`]s: forms, queries, paths, and forms with files.

use super::WebError;
use super::routes::{FORM_MOST, UPLOAD_MOST};
use crate::files::BYTES_MOST;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Multipart, RawForm, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use kernel::Refusal;
use serde::de::DeserializeOwned;

/// Why a body could not be taken: more than is allowed, or broken.
fn unread(status: StatusCode, most: usize, why: String) -> WebError {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        Refusal::too_large("common.form_large", most / 1024).into()
    } else {
        WebError::Bad(why)
    }
}

/// A body as it came, for programs that send JSON.
#[derive(Clone, Debug)]
pub struct Raw(pub Bytes);

/// Largest body of a program, in bytes: the usual bound of the router.
const RAW_MOST: usize = 2 * 1024 * 1024;

impl<S: Send + Sync> FromRequest<S> for Raw {
    type Rejection = WebError;

    async fn from_request(request: Request, state: &S) -> Result<Self, WebError> {
        let taken = Bytes::from_request(request, state).await;
        taken.map(Raw).map_err(|e| unread(e.status(), RAW_MOST, e.body_text()))
    }
}

/// A form without files. Fields that occur several times go into a `Vec`; a blank `Option` is `None`.
#[derive(Clone, Copy, Debug)]
pub struct Form<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = WebError;

    async fn from_request(request: Request, state: &S) -> Result<Self, WebError> {
        let RawForm(bytes) = RawForm::from_request(request, state)
            .await
            .map_err(|e| unread(e.status(), FORM_MOST, e.body_text()))?;
        serde_html_form::from_bytes(&bytes).map(Form).map_err(|e| WebError::Bad(e.to_string()))
    }
}

/// The query of an address. One that cannot be read is a bad request.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, WebError> {
        let query = parts.uri.query().unwrap_or_default();
        serde_html_form::from_str(query).map(Query).map_err(|e| WebError::Bad(e.to_string()))
    }
}

/// The parameters of a path. An id that is none is a thing that is not there.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, WebError> {
        axum::extract::Path::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Path(value)| Path(value))
            .map_err(|_| WebError::not_found())
    }
}

/// A file of a form.
#[derive(Clone, Debug)]
pub struct UploadedFile {
    /// The field.
    pub field: String,
    /// Its name on the sender's machine; never a path to write to.
    pub name: String,
    /// The content; what it is, is for the reader to find out.
    pub bytes: Bytes,
}

/// A form with files, for routes made by [`super::Routes::upload`].
#[derive(Clone, Debug, Default)]
pub struct Upload {
    /// The text fields in order.
    pub fields: Vec<(String, String)>,
    /// The files in order; fields without a file are left out.
    pub files: Vec<UploadedFile>,
}

/// Files taken from one form at most.
const FILES_MOST: usize = 20;

impl Upload {
    /// The first value of a text field.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The text fields as a form type, as [`Form`] reads it.
    ///
    /// # Errors
    /// When a field is missing or of another kind.
    pub fn form<T: DeserializeOwned>(&self) -> Result<T, WebError> {
        let text = serde_html_form::to_string(&self.fields).map_err(|e| WebError::Bad(e.to_string()))?;
        serde_html_form::from_str(&text).map_err(|e| WebError::Bad(e.to_string()))
    }
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = WebError;

    async fn from_request(request: Request, state: &S) -> Result<Self, WebError> {
        let bad =
            |e: axum::extract::multipart::MultipartError| unread(e.status(), UPLOAD_MOST, e.body_text());
        let mut parts =
            Multipart::from_request(request, state).await.map_err(|e| WebError::Bad(e.body_text()))?;
        let mut upload = Upload::default();
        while let Some(mut part) = parts.next_field().await.map_err(bad)? {
            let field = part.name().unwrap_or_default().to_owned();
            match part.file_name().map(str::to_owned) {
                None => upload.fields.push((field, part.text().await.map_err(bad)?)),
                Some(name) => {
                    let mut bytes = Vec::new();
                    while bytes.len() <= BYTES_MOST
                        && let Some(chunk) = part.chunk().await.map_err(bad)?
                    {
                        bytes.extend_from_slice(&chunk);
                    }
                    if bytes.is_empty() {
                        continue;
                    }
                    if upload.files.len() >= FILES_MOST {
                        return Err(Refusal::rule("common.files_many").with("most", FILES_MOST).into());
                    }
                    if bytes.len() > BYTES_MOST {
                        let most = BYTES_MOST / 1024 / 1024;
                        return Err(Refusal::too_large("common.file_large", most).with("name", name).into());
                    }
                    upload.files.push(UploadedFile { field, name, bytes: bytes.into() });
                }
            }
        }
        Ok(upload)
    }
}
