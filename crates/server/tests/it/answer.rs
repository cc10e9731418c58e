//! What the server answers, and what a test expects of it.
use serde_json::Value;

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub json: Value,
    pub bytes: Vec<u8>,
    pub headers: axum::http::HeaderMap,
}

impl Answer {
    /// The answer's JSON, after seeing that the status is the expected one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.json);
        self.json
    }

    /// The stable code of a refusal with this status.
    #[track_caller]
    pub fn code(self, status: u16) -> String {
        self.expect(status)["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The codes of everything that stands in the way.
    #[track_caller]
    pub fn blockers(self) -> Vec<String> {
        codes(&self.expect(422)["blockers"])
    }

    /// The fields that are wrong, `path: code`.
    #[track_caller]
    pub fn fields(self) -> Vec<String> {
        let json = self.expect(422);
        let fields = json["fields"].as_array().cloned().unwrap_or_default();
        fields.iter().map(|f| format!("{}: {}", text(&f["field"]), text(&f["code"]))).collect()
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

pub fn codes(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().map(|b| text(&b["code"])).collect()
}
