//! 隐去号码: ID numbers, telephone numbers and bank accounts leave the server whole only for those whose rights say so.
//!
//! It is done at the one way out, by the names of the fields, so that no answer can forget it.
use std::sync::{Arc, OnceLock};

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use huzhu_domain::{case::masked, retention::ERASED};
use serde_json::Value;

use super::error::Problem;

/// Fields of answers that hold such a number.
const FIELDS: [&str; 5] = ["id_number", "other_id_number", "phone", "appellant_phone", "account_no"];
/// Fields that hold the number where another says which it is: a line of a change, a text typed off a paper.
const TOLD: [&str; 3] = ["before", "after", "value"];
/// Characters from which on a cell of somebody's Excel file may be such a number: a telephone number has eleven.
const LONG: usize = 11;

/// Whether whoever asks sees numbers whole; what looks at the session says it.
#[derive(Clone, Debug, Default)]
struct Sees(Arc<OnceLock<bool>>);

/// Says of a request whether its answer may hold whole numbers.
pub fn sees_numbers(parts: &Parts, sees: bool) {
    if let Some(said) = parts.extensions.get::<Sees>() {
        // Said twice, it is the same session.
        let _ = said.0.set(sees);
    }
}

/// A number as those see it who don't see it whole.
#[must_use]
pub fn hidden(number: &str) -> String {
    if number == ERASED {
        return number.to_owned();
    }
    masked(number, 3, 4)
}

/// Middleware: hides numbers in answers to somebody who is signed in and doesn't see them whole.
pub async fn numbers(mut request: Request, next: Next) -> Response {
    let sees = Sees::default();
    request.extensions_mut().insert(sees.clone());
    let response = next.run(request).await;
    let is_json = response.headers().get(header::CONTENT_TYPE).is_some_and(|t| t == "application/json");
    if !is_json || sees.0.get() != Some(&false) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let hidden = async {
        let mut value = serde_json::from_slice(&to_bytes(body, usize::MAX).await.ok()?).ok()?;
        hide(&mut value);
        serde_json::to_vec(&value).ok()
    };
    match hidden.await {
        Some(bytes) => {
            parts.headers.remove(header::CONTENT_LENGTH);
            Response::from_parts(parts, Body::from(bytes))
        }
        None => Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal").into_response(),
    }
}

fn hide(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(hide),
        Value::Object(fields) => {
            let which = ["field", "code"].iter().find_map(|k| fields.get(*k)?.as_str());
            let told = which.is_some_and(|name| FIELDS.contains(&name));
            for (name, value) in fields {
                match value {
                    Value::String(text) if FIELDS.contains(&name.as_str()) || told && TOLD.contains(&name.as_str()) => {
                        *text = hidden(text);
                    }
                    Value::Array(cells) if name == "cells" => cells.iter_mut().for_each(hide_long),
                    _ => hide(value),
                }
            }
        }
        _ => {}
    }
}

/// A cell of a row as it stood in the file: which column it is of isn't said.
fn hide_long(cell: &mut Value) {
    if let Value::String(text) = cell
        && text.chars().filter(char::is_ascii_digit).count() >= LONG
    {
        *text = hidden(text);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_hidden_wherever_they_stand() {
        let mut answer = json!({
            "id_number": "110101199001011237", "phone": "13812345678", "name": "张三", "other_id_number": null,
            "payees": [{ "account_no": "6222000000001234567" }],
            "lines": [{ "field": "id_number", "before": "110101900101123", "after": "110101199001011237" }, { "field": "name", "before": "张", "after": "张三" }],
            "fields": [{ "code": "account_no", "value": "6222000000001234567" }, { "code": "place", "value": "13812345678 楼" }],
            "history": [{ "before": { "phone": "13812345678" }, "after": null }],
            "rows": [{ "cells": ["张三", "110101199001011237", "2026-01-01"] }],
        });
        hide(&mut answer);
        let expected = json!({
            "id_number": "110***********1237", "phone": "138****5678", "name": "张三", "other_id_number": null,
            "payees": [{ "account_no": "622************4567" }],
            "lines": [{ "field": "id_number", "before": "110********1123", "after": "110***********1237" }, { "field": "name", "before": "张", "after": "张三" }],
            "fields": [{ "code": "account_no", "value": "622************4567" }, { "code": "place", "value": "13812345678 楼" }],
            "history": [{ "before": { "phone": "138****5678" }, "after": null }],
            "rows": [{ "cells": ["张三", "110***********1237", "2026-01-01"] }],
        });
        assert_eq!(answer, expected);
    }
}
