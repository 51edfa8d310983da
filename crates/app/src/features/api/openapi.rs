//! The OpenAPI 3.1 document, made from the routes as they are recorded: a route that exists is in it, and
//! nothing else. What a route is for stands in [`ABOUT`]; a test refuses a route without.

use crate::web::{Access, Entry, Routes};
use serde_json::{Map, Value, json};

/// Where programs come in.
pub const PREFIX: &str = "/api/v1/";

/// What is said of a route: method, path, summary, query parameters, schema of the body, schema of the answer.
struct About {
    method: &'static str,
    path: &'static str,
    summary: &'static str,
    query: &'static [(&'static str, &'static str)],
    body: Option<&'static str>,
    answer: &'static str,
}

const PAGE: [(&str, &str); 2] = [
    ("after", "The cursor `next` of the page before"),
    ("limit", "Rows on a page, 1 to 200; 50 when left out"),
];

const ABOUT: &[About] = &[
    About {
        method: "get",
        path: "/api/v1/cases",
        summary: "Cases within the scope of the token's account, as the list page shows them",
        query: &[
            ("q", "Words of number, title, text or address"),
            ("phase", "A phase, or open; may be given several times"),
            ("place", "Code of a place; what lies in it"),
            ("matter", "Code of a matter"),
            ("unit", "Code of a unit that leads or helps"),
            ("channel", "Channel"),
            ("kind", "Kind of demand"),
            ("class", "Code of a class of matters"),
            ("queue", "What waits in one of the account's own queues"),
            ("due", "late, soon (within two hours) or today"),
            ("urgent", "1: the emergency lane"),
            ("supervised", "1: watched by a leader"),
            ("upper", "1: with a record of an upper platform"),
            ("from", "First local day of receipt, 2026-03-01"),
            ("to", "Last local day of receipt"),
            ("where", "A condition over the names of cases"),
            ("figure", "A figure whose records are asked for"),
            ("by", "By what the figure's rows are told apart"),
            ("key", "The figure's row"),
            ("side", "below: the records of which the figure is a share"),
            ("sort", "due or new"),
            PAGE[0],
            PAGE[1],
        ],
        body: None,
        answer: "CaseList",
    },
    About {
        method: "get",
        path: "/api/v1/cases/{id}",
        summary: "A case with its parts, clocks, requests, reports and the actions allowed now",
        query: &[],
        body: None,
        answer: "Case",
    },
    About {
        method: "get",
        path: "/api/v1/cases/{id}/clocks/{clock}/explain",
        summary: "How a deadline was computed, day by day",
        query: &[],
        body: None,
        answer: "Explanation",
    },
    About {
        method: "post",
        path: "/api/v1/cases/{id}/actions/{action}",
        summary: "Does an action; what it needs stands in the case's actions",
        query: &[],
        body: Some("Act"),
        answer: "Acted",
    },
    About {
        method: "post",
        path: "/api/v1/reports",
        summary: "Hands in what somebody says; the header Idempotency-Key is required",
        query: &[],
        body: Some("Report"),
        answer: "Created",
    },
    About {
        method: "post",
        path: "/api/v1/upstream/tickets",
        summary: "Takes over tickets of an upper platform: new numbers become cases, known ones follow what has changed; rows in which something is wrong are named and left out. The header Idempotency-Key is required",
        query: &[],
        body: Some("Tickets"),
        answer: "TicketsTaken",
    },
    About {
        method: "get",
        path: "/api/v1/upstream/replies",
        summary: "Tickets that are done and wait to be written back, the earliest deadline first, with the fields of the platform's form",
        query: &[],
        body: None,
        answer: "Register",
    },
    About {
        method: "post",
        path: "/api/v1/upstream/replies/{id}",
        summary: "Notes that a ticket was written back, with the platform's receipt",
        query: &[],
        body: Some("Reply"),
        answer: "Acted",
    },
    About {
        method: "get",
        path: "/api/v1/places",
        summary: "The places that exist, by code",
        query: &[("kind", "One kind only"), ("within", "Code of the place above"), PAGE[0], PAGE[1]],
        body: None,
        answer: "Register",
    },
    About {
        method: "get",
        path: "/api/v1/matters",
        summary: "The matters in force today, by code",
        query: &[("kind", "One kind only"), PAGE[0], PAGE[1]],
        body: None,
        answer: "Register",
    },
    About {
        method: "get",
        path: "/api/v1/units",
        summary: "The units that exist, by code",
        query: &[("kind", "One kind only"), PAGE[0], PAGE[1]],
        body: None,
        answer: "Register",
    },
    About {
        method: "get",
        path: "/api/v1/stats",
        summary: "The figures there are",
        query: &[],
        body: None,
        answer: "Figures",
    },
    About {
        method: "get",
        path: "/api/v1/stats/{indicator}",
        summary: "A figure within the scope of the token's account",
        query: &[],
        body: None,
        answer: "Figure",
    },
];

/// The routes of the API among all, with what is said of each; `None` where nothing is.
pub fn described(routes: &Routes) -> Vec<(&Entry, Option<&'static str>)> {
    let api = routes.entries().iter().filter(|e| e.path.starts_with(PREFIX));
    api.map(|entry| (entry, about(entry).map(|a| a.summary))).collect()
}

fn about(entry: &Entry) -> Option<&'static About> {
    let method = entry.method.as_str().to_ascii_lowercase();
    ABOUT.iter().find(|a| a.path == entry.path && a.method == method)
}

/// The document.
#[must_use]
pub fn document(routes: &Routes) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for (entry, _) in described(routes) {
        let method = entry.method.as_str().to_ascii_lowercase();
        let path = paths.entry(entry.path).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(method, operation(entry, about(entry)));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Gezhi",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Cases, reports and registers of a sub-district office. A token acts as an account, within that account's rights and scope of the moment. Ids are strings; instants are RFC 3339 in UTC; days are local to the office."
        },
        "security": [{ "token": [] }],
        "paths": paths,
        "components": { "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } }, "schemas": schemas() },
    })
}

fn operation(entry: &Entry, about: Option<&About>) -> Value {
    let mut parameters: Vec<Value> = entry
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    let query = about.map_or(&[][..], |a| a.query);
    parameters.extend(query.iter().map(|(name, text)| {
        let array = *name == "phase";
        let number = json!({ "type": "integer", "minimum": 0 });
        let one = if *name == "limit" { number } else { json!({ "type": "string" }) };
        let schema = if array { json!({ "type": "array", "items": one }) } else { one };
        json!({ "name": name, "in": "query", "description": text, "schema": schema })
    }));
    if entry.method.as_str() == "POST" {
        let required = entry.path.ends_with("/reports") || entry.path.ends_with("/tickets");
        parameters.push(json!({ "name": "Idempotency-Key", "in": "header", "required": required,
            "description": "8 to 80 letters, digits, - and _; the same key and body give the first answer again",
            "schema": { "type": "string" } }));
    }
    let status = if entry.path.ends_with("/reports") { "201" } else { "200" };
    let problem = json!({ "description": "Refused: says why", "content":
        { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } });
    let answer = json!({ "description": "Done", "content":
        { "application/json": { "schema": { "$ref": format!("#/components/schemas/{}", about.map_or("Any", |a| a.answer)) } } } });
    let mut value = json!({
        "operationId": id_of(entry),
        "summary": about.map_or("", |a| a.summary),
        "description": grant(entry.access),
        "parameters": parameters,
        "responses": { status: answer, "default": problem },
    });
    if let (Some(name), Some(value)) = (about.and_then(|a| a.body), value.as_object_mut()) {
        let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
        value.insert(
            "requestBody".to_owned(),
            json!({ "required": true, "content": { "application/json": { "schema": schema } } }),
        );
    }
    value
}

fn id_of(entry: &Entry) -> String {
    let parts = entry.path.trim_start_matches(PREFIX).split('/').map(|p| p.trim_matches(['{', '}']));
    format!("{}_{}", entry.method.as_str().to_ascii_lowercase(), parts.collect::<Vec<_>>().join("_"))
}

fn grant(access: Access) -> String {
    match access {
        Access::Grant(verb) | Access::Token(verb) => format!("Needs the right {verb}."),
        Access::AnyGrant(verbs) => format!("Needs one of the rights {}.", verbs.join(", ")),
        Access::Public | Access::Session | Access::Local => String::new(),
    }
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn object(required: &[&str], names: &[(&str, &str)]) -> Value {
    let kind = |word: &str| match word {
        "id?" | "text?" | "instant?" | "day?" => json!({ "type": ["string", "null"] }),
        "flag" => json!({ "type": "boolean" }),
        "flag?" => json!({ "type": ["boolean", "null"] }),
        "number" => json!({ "type": "integer" }),
        "number?" => json!({ "type": ["integer", "null"] }),
        "degrees?" => json!({ "type": ["number", "null"] }),
        "list" => json!({ "type": "array", "items": { "type": "object" } }),
        "ids" => json!({ "type": "array", "items": text() }),
        "object" => json!({ "type": "object" }),
        _ => text(),
    };
    let properties: Map<String, Value> =
        names.iter().map(|(name, word)| ((*name).to_owned(), kind(word))).collect();
    json!({ "type": "object", "required": required, "properties": properties })
}

const CASE: &[(&str, &str)] = &[
    ("id", "id"),
    ("no", "text"),
    ("title", "text"),
    ("state", "text"),
    ("phase", "text"),
    ("ended", "text?"),
    ("kind", "text"),
    ("class", "text"),
    ("matter", "id?"),
    ("matter_code", "text?"),
    ("channel", "text"),
    ("urgent", "flag"),
    ("place", "id?"),
    ("community", "id?"),
    ("grid", "id?"),
    ("address", "text"),
    ("lead", "id?"),
    ("opened_at", "instant"),
    ("due_at", "instant?"),
    ("closed_at", "instant?"),
    ("version", "number"),
];

fn schemas() -> Value {
    let whole: Vec<(&str, &str)> = CASE
        .iter()
        .copied()
        .chain([
            ("parent", "id?"),
            ("merged_into", "id?"),
            ("accepted_at", "instant?"),
            ("dispatched_at", "instant?"),
            ("signed_at", "instant?"),
            ("done_at", "instant?"),
            ("verified_at", "instant?"),
            ("handle_late", "flag?"),
            ("exempt", "flag"),
            ("upper_due_at", "instant?"),
            ("returns", "number"),
            ("reopens", "number"),
            ("extensions", "number"),
            ("urges", "number"),
            ("supervised", "flag"),
            ("solved", "flag?"),
            ("satisfied", "number?"),
            ("assignments", "list"),
            ("clocks", "list"),
            ("requests", "list"),
            ("reports", "list"),
            ("photos", "list"),
            ("actions", "list"),
        ])
        .collect();
    json!({
        "Any": {},
        "Figure": { "type": "object" },
        "Figures": { "type": "array", "items": { "$ref": "#/components/schemas/Figure" } },
        "CaseRow": object(&["id", "no", "version"], CASE),
        "CaseList": { "type": "object", "required": ["items", "next"], "properties": {
            "items": { "type": "array", "items": { "$ref": "#/components/schemas/CaseRow" } },
            "next": { "type": ["string", "null"] }, "total": { "type": "integer" }, "is_many": { "type": "boolean" } } },
        "Register": object(&["items", "next"], &[("items", "list"), ("next", "text?")]),
        "Case": object(&["id", "no", "version"], &whole),
        "Explanation": object(&["id", "steps"], &[
            ("id", "id"), ("kind", "text"), ("limit", "text"), ("start", "instant"), ("due", "instant?"),
            ("expected", "flag"), ("state", "text"), ("calendar", "text"), ("steps", "list")]),
        "Act": object(&[], &[
            ("version", "number?"), ("behalf", "id?"), ("occurred", "instant?"), ("note", "text?"), ("reason", "text?"),
            ("basis", "text?"), ("route", "text?"), ("matter", "id?"), ("subject", "object"), ("urgent", "flag?"),
            ("lead", "id?"), ("co", "list"), ("limit", "text?"), ("photos", "ids"), ("assignment", "id?"),
            ("request", "id?"), ("until", "day?"), ("missing", "text?"), ("reviewer", "text?"), ("solved", "flag?"),
            ("satisfied", "number?")]),
        "Acted": object(&["case", "version"], &[
            ("case", "id"), ("no", "text"), ("state", "text"), ("phase", "text"), ("version", "number")]),
        "Report": object(&["text"], &[
            ("text", "text"), ("title", "text"), ("channel", "text"), ("kind", "text"), ("class", "text"),
            ("matter", "text"), ("place", "text"), ("address", "text"), ("lon", "degrees?"), ("lat", "degrees?"),
            ("contact", "object"), ("reply_wanted", "flag"), ("share_contact", "flag"), ("urgent", "flag"),
            ("upper", "object")]),
        "Created": object(&["report", "case", "no", "code"], &[
            ("report", "id"), ("case", "id"), ("no", "text"), ("code", "text")]),
        "Tickets": object(&["system", "tickets"], &[("system", "text"), ("tickets", "list")]),
        "TicketsTaken": object(&["new", "changed", "same", "wrong"], &[
            ("new", "list"), ("changed", "list"), ("same", "number"), ("wrong", "list")]),
        "Reply": object(&[], &[("receipt", "text")]),
        "Problem": object(&["code", "message"], &[
            ("code", "text"), ("message", "text"), ("field", "text?"), ("args", "object")]),
    })
}
