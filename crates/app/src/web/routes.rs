//! Routes with their access: recorded, so that a test can go through all of them, and enforced before the
//! handler runs.

use super::App;
use super::guard::guard;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::{Next, from_fn};
use axum::routing::{MethodFilter, MethodRouter, on};
use std::sync::Arc;

/// Largest form without files, in bytes.
pub const FORM_MOST: usize = 1024 * 1024;
/// Largest form with files, in bytes: six photos and the text.
pub const UPLOAD_MOST: usize = 80 * 1024 * 1024;

/// Who may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody. What may be seen is for the handler to decide.
    Public,
    /// Anybody who is logged in.
    Session,
    /// An account with this right; by session, and under `/api/` also by token.
    Grant(&'static str),
    /// An account with one of these rights.
    AnyGrant(&'static [&'static str]),
    /// A program with a token of an account that has this right; no session.
    Token(&'static str),
    /// This machine only: monitoring.
    Local,
}

/// One route, as recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The method.
    pub method: Method,
    /// The path with its parameters, for example `/cases/{id}`.
    pub path: &'static str,
    /// Who may come in.
    pub access: Access,
}

/// Routes of a feature, or of all.
#[derive(Default)]
pub struct Routes {
    entries: Vec<Entry>,
    router: Router<Arc<App>>,
}

impl Routes {
    /// None yet.
    #[must_use]
    pub fn new() -> Routes {
        Routes::default()
    }

    /// A page or a fragment; must change nothing.
    #[must_use]
    pub fn get<H, T>(self, path: &'static str, access: Access, handler: H) -> Routes
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        self.add(Method::GET, path, access, on(MethodFilter::GET, handler))
    }

    /// An act by a form without files.
    #[must_use]
    pub fn post<H, T>(self, path: &'static str, access: Access, handler: H) -> Routes
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        self.add(Method::POST, path, access, on(MethodFilter::POST, handler))
    }

    /// An act by a form with files, read by [`super::Upload`]. The hidden field `csrf` must be the first.
    #[must_use]
    pub fn upload<H, T>(self, path: &'static str, access: Access, handler: H) -> Routes
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        let route = on(MethodFilter::POST, handler).layer(DefaultBodyLimit::max(UPLOAD_MOST));
        self.add(Method::POST, path, access, route)
    }

    /// For the API: a record replaced.
    #[must_use]
    pub fn put<H, T>(self, path: &'static str, access: Access, handler: H) -> Routes
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        self.add(Method::PUT, path, access, on(MethodFilter::PUT, handler))
    }

    /// For the API: a link or a setting removed; records are never deleted.
    #[must_use]
    pub fn delete<H, T>(self, path: &'static str, access: Access, handler: H) -> Routes
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        self.add(Method::DELETE, path, access, on(MethodFilter::DELETE, handler))
    }

    /// All routes of both.
    #[must_use]
    pub fn merge(mut self, other: Routes) -> Routes {
        self.entries.extend(other.entries);
        self.router = self.router.merge(other.router);
        self
    }

    /// What has been recorded.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(crate) fn into_router(self) -> Router<Arc<App>> {
        self.router
    }

    fn add(
        mut self,
        method: Method,
        path: &'static str,
        access: Access,
        route: MethodRouter<Arc<App>>,
    ) -> Routes {
        let guarded =
            route.route_layer(from_fn(move |request: Request, next: Next| guard(access, request, next)));
        self.router = self.router.route(path, guarded);
        self.entries.push(Entry { method, path, access });
        self
    }
}
