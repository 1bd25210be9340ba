//! One operation on the page: a line, and what is behind it.

use crate::escape_html;
use crate::openapi::page::source::{Listed, Page, resolve};
use crate::openapi::page::{markdown, sample, schema};
use serde_json::Value;

impl Page<'_> {
    /// The card of an operation. `open`: it is shown from the start.
    pub(super) fn operation(&self, listed: &Listed<'_>, open: bool) -> String {
        let operation = listed.operation;
        let id = escape_html(listed.id()).into_owned();
        let summary = operation
            .get("summary")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let deprecated = operation.get("deprecated").is_some();
        let mut flags = String::new();
        if deprecated {
            flags.push_str("<span class=\"flag\">deprecated</span>");
        }
        if let Some(security) = operation.get("security").and_then(Value::as_array) {
            let optional = security
                .iter()
                .any(|one| one.as_object().is_some_and(|one| one.is_empty()));
            flags.push_str(match optional {
                true => "<span class=\"flag\">authorization optional</span>",
                false => "<span class=\"flag lock\">authorization</span>",
            });
        }
        format!(
            "<details class=\"op{}\"{}><summary>{}<code class=\"path\">{}</code><span class=\"sum\">{}</span>{flags}\
             </summary>\n<div class=\"body\" id=\"{id}\">\n<div class=\"say\">\n{}</div>\n\
             <div class=\"show\">\n{}</div>\n</div></details>\n",
            if deprecated { " old" } else { "" },
            if open { " open" } else { "" },
            badge(listed.method),
            path(listed.path),
            markdown::inline(summary),
            self.say(operation),
            self.show(listed),
        )
    }

    /// What it does, takes and answers.
    fn say(&self, operation: &Value) -> String {
        let mut html = String::new();
        if let Some(text) = operation.get("description").and_then(Value::as_str) {
            html.push_str(&markdown::html(text));
        }
        html.push_str(&self.security(operation));
        html.push_str(&parameters(operation));
        if let Some(body) = operation.get("requestBody") {
            html.push_str(&self.request_body(body));
        }
        html.push_str(&self.responses(operation));
        html
    }

    fn security(&self, operation: &Value) -> String {
        let mut rows = String::new();
        let all = operation.get("security").and_then(Value::as_array);
        let schemes = all
            .into_iter()
            .flatten()
            .filter_map(Value::as_object)
            .flatten();
        for (name, _) in schemes {
            let scheme = &self.document["components"]["securitySchemes"][name];
            let about = scheme
                .get("description")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let kind = match (scheme["type"].as_str(), scheme["scheme"].as_str()) {
                (Some("http"), Some("basic")) => "<code>Authorization: Basic</code>".to_owned(),
                (Some("http"), _) => "<code>Authorization: Bearer</code>".to_owned(),
                _ => format!(
                    "{} <code>{}</code>",
                    escape_html(scheme["in"].as_str().unwrap_or_default()),
                    escape_html(scheme["name"].as_str().unwrap_or_default())
                ),
            };
            rows.push_str(&format!(
                "<tr><th scope=\"row\"><code>{}</code></th><td>{kind}{}</td></tr>\n",
                escape_html(name),
                markdown::html(about)
            ));
        }
        section("Authorization", &rows)
    }

    fn request_body(&self, body: &Value) -> String {
        let required = body.get("required").is_some();
        let mut html = format!(
            "<h4>Body{}</h4>\n",
            if required {
                "<em class=\"req\">required</em>"
            } else {
                ""
            }
        );
        if let Some(text) = body.get("description").and_then(Value::as_str) {
            html.push_str(&markdown::html(text));
        }
        html.push_str(&self.content(body));
        html
    }

    /// The media types, each with its schema; what has no name is shown in full.
    fn content(&self, holder: &Value) -> String {
        let mut html = String::new();
        for (media_type, media) in holder
            .get("content")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let shape = &media["schema"];
            html.push_str(&format!(
                "<p class=\"media\"><code>{}</code> <span class=\"type\">{}</span></p>\n{}",
                escape_html(media_type),
                schema::words(shape),
                schema::parts(shape, &media["encoding"])
            ));
        }
        html
    }

    fn responses(&self, operation: &Value) -> String {
        let mut html = String::from("<h4>Responses</h4>\n<ul class=\"answers\">\n");
        for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
            let about = answer
                .get("description")
                .and_then(Value::as_str)
                .unwrap_or_default();
            html.push_str(&format!(
                "<li><span class=\"st s{}\">{}</span><div>{}{}{}</div></li>\n",
                escape_html(status.get(..1).unwrap_or_default()),
                escape_html(status),
                markdown::html(about),
                headers(answer),
                self.answer_content(answer)
            ));
        }
        html.push_str("</ul>\n");
        html
    }

    /// What an answer has is said in a line: its schema has a place of its own.
    fn answer_content(&self, answer: &Value) -> String {
        let content = answer
            .get("content")
            .and_then(Value::as_object)
            .into_iter()
            .flatten();
        content
            .map(|(media_type, media)| {
                format!(
                    "<p class=\"media\"><code>{}</code> <span class=\"type\">{}</span></p>\n",
                    escape_html(media_type),
                    schema::words(&media["schema"])
                )
            })
            .collect()
    }

    /// A request to copy, a form to try, and a sample of the answer.
    fn show(&self, listed: &Listed<'_>) -> String {
        let mut html = format!(
            "<figure><figcaption>Request</figcaption><pre tabindex=\"0\">{}</pre></figure>\n",
            self.curl(listed)
        );
        if listed.method == "get" && !listed.path.contains('{') {
            html.push_str(&form(listed));
        }
        let answers = listed.operation["responses"]
            .as_object()
            .into_iter()
            .flatten();
        for (status, answer) in answers {
            let Some(media) = answer
                .get("content")
                .and_then(|all| all.get("application/json"))
            else {
                continue;
            };
            let value = sample::of(self.document, &media["schema"]);
            if value.is_null() {
                continue;
            }
            html.push_str(&format!(
                "<figure><figcaption>Response <span class=\"st s{}\">{}</span></figcaption>\
                 <pre tabindex=\"0\">{}</pre></figure>\n",
                escape_html(status.get(..1).unwrap_or_default()),
                escape_html(status),
                sample::html(&value)
            ));
        }
        html
    }

    /// The request as a line for a shell.
    fn curl(&self, listed: &Listed<'_>) -> String {
        let mut line = String::from("<s>curl</s>");
        if listed.method != "get" {
            line.push_str(&format!(
                " -X {}",
                escape_html(&listed.method.to_uppercase())
            ));
        }
        let required: Vec<String> = self
            .parameters_of(listed, "query")
            .filter(|one| one.get("required").is_some())
            .map(|one| {
                format!(
                    "{}={}",
                    one["name"].as_str().unwrap_or_default(),
                    self.value(one)
                )
            })
            .collect();
        let query = if required.is_empty() {
            String::new()
        } else {
            format!("?{}", required.join("&"))
        };
        let address = format!("{}{}{query}", self.server(), listed.path);
        line.push_str(&format!(" <i>'{}'</i>", escape_html(&address)));
        for one in self
            .parameters_of(listed, "header")
            .filter(|one| one.get("required").is_some())
        {
            let name = one["name"].as_str().unwrap_or_default();
            line.push_str(&option("-H", &format!("{name}: {}", self.value(one))));
        }
        if let Some(security) = listed.operation.get("security").and_then(Value::as_array) {
            let named = security.iter().filter_map(Value::as_object).flatten();
            for (name, _) in named {
                let scheme = &self.document["components"]["securitySchemes"][name];
                line.push_str(&match (scheme["scheme"].as_str(), scheme["in"].as_str()) {
                    (Some("basic"), _) => option("-u", "USER:PASSWORD"),
                    (Some(_), _) => option("-H", "Authorization: Bearer TOKEN"),
                    (None, Some("cookie")) => option(
                        "-b",
                        &format!("{}=KEY", scheme["name"].as_str().unwrap_or_default()),
                    ),
                    (None, _) => option(
                        "-H",
                        &format!("{}: KEY", scheme["name"].as_str().unwrap_or_default()),
                    ),
                });
            }
        }
        let content = listed.operation["requestBody"]["content"].as_object();
        if let Some((media_type, media)) = content.and_then(|content| content.iter().next()) {
            line.push_str(&self.data(media_type, &media["schema"]));
        }
        line
    }

    /// The body of a request, as curl takes it.
    fn data(&self, media_type: &str, schema: &Value) -> String {
        let fields = |flag: &str| -> String {
            let schema = resolve(self.document, schema);
            let properties = schema.get("properties").and_then(Value::as_object);
            let fields = properties.into_iter().flatten().map(|(name, schema)| {
                let value = match sample::of(self.document, schema) {
                    Value::String(text) => text,
                    other => other.to_string(),
                };
                let one = schema.get("items").unwrap_or(schema);
                let is_file = one.get("format").is_some_and(|format| format == "binary");
                option(
                    flag,
                    &format!("{name}={}", if is_file { "@FILE" } else { &value }),
                )
            });
            fields.collect()
        };
        match media_type {
            "application/x-www-form-urlencoded" => fields("--data-urlencode"),
            "multipart/form-data" => fields("-F"),
            kind if kind.contains("json") => {
                let value = sample::of(self.document, schema);
                format!(
                    "{} \\\n  -d <i>'</i>{}<i>'</i>",
                    option("-H", &format!("Content-Type: {media_type}")),
                    sample::html(&value)
                )
            }
            kind => format!(
                "{}{}",
                option("-H", &format!("Content-Type: {kind}")),
                option("--data-binary", "@FILE")
            ),
        }
    }

    fn parameters_of<'l>(
        &self,
        listed: &'l Listed<'_>,
        place: &'l str,
    ) -> impl Iterator<Item = &'l Value> {
        let all = listed.operation.get("parameters").and_then(Value::as_array);
        all.into_iter()
            .flatten()
            .filter(move |one| one["in"] == place)
    }

    fn value(&self, parameter: &Value) -> String {
        match sample::of(self.document, &parameter["schema"]) {
            Value::String(text) => text,
            other => other.to_string(),
        }
    }

    /// The first address of the API, with the host that servers are tried at where it has none.
    fn server(&self) -> String {
        let first = self.document["servers"].get(0);
        let url = first.and_then(|server| server["url"].as_str());
        let url = url.unwrap_or_default().trim_end_matches('/');
        match url.is_empty() || url.starts_with('/') {
            true => format!("http://localhost:8000{url}"),
            false => url.to_owned(),
        }
    }
}

/// The method as a badge.
pub(super) fn badge(method: &str) -> String {
    let shown = if method == "delete" { "del" } else { method };
    format!("<span class=\"m {method}\">{}</span>", shown.to_uppercase())
}

/// A path, its placeholders set off.
pub(super) fn path(path: &str) -> String {
    // A long path may be broken behind a slash.
    escape_html(path)
        .replace('/', "/<wbr>")
        .replace('{', "<var>{")
        .replace('}', "}</var>")
}

fn option(flag: &str, text: &str) -> String {
    format!(" \\\n  {flag} <i>'{}'</i>", escape_html(text))
}

fn parameters(operation: &Value) -> String {
    let mut html = String::new();
    for (place, title) in [
        ("path", "Path"),
        ("query", "Query"),
        ("header", "Header fields"),
        ("cookie", "Cookies"),
    ] {
        let all = operation.get("parameters").and_then(Value::as_array);
        let rows: String = all
            .into_iter()
            .flatten()
            .filter(|one| one["in"] == place)
            .map(|one| {
                let name = one["name"].as_str().unwrap_or_default();
                let about = one["description"].as_str().unwrap_or_default();
                let note = if one.get("x-rest").is_some() {
                    "may have slashes"
                } else {
                    ""
                };
                // A part of the path is always there.
                let required = place != "path" && one.get("required").is_some();
                schema::row(name, note, required, &one["schema"], about)
            })
            .collect();
        html.push_str(&section(title, &rows));
    }
    html
}

fn section(title: &str, rows: &str) -> String {
    match rows {
        "" => String::new(),
        rows => format!("<h4>{title}</h4>\n<table class=\"fields\">\n{rows}</table>\n"),
    }
}

fn headers(answer: &Value) -> String {
    let headers = answer
        .get("headers")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    headers
        .map(|(name, header)| {
            format!(
                "<p class=\"media\"><code>{}:</code> <span class=\"type\">{}</span></p>\n",
                escape_html(name),
                schema::words(&header["schema"])
            )
        })
        .collect()
}

/// A form that a browser can send without a script.
fn form(listed: &Listed<'_>) -> String {
    let mut fields = String::new();
    let all = listed.operation.get("parameters").and_then(Value::as_array);
    for one in all.into_iter().flatten().filter(|one| one["in"] == "query") {
        let name = escape_html(one["name"].as_str().unwrap_or_default()).into_owned();
        let required = if one.get("required").is_some() {
            " required"
        } else {
            ""
        };
        let hint = one["schema"].get("default").map(|value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        let hint = hint.map(|hint| format!(" placeholder=\"{}\"", escape_html(&hint)));
        let kind = match sample::kind(&one["schema"]) {
            "integer" => " inputmode=\"numeric\"",
            _ => "",
        };
        fields.push_str(&format!(
            "<label><span>{name}</span><input name=\"{name}\"{kind}{}{required} autocomplete=\"off\"></label>\n",
            hint.unwrap_or_default()
        ));
    }
    format!(
        "<form method=\"get\" action=\"{}\">\n{fields}<button>Send</button>\n</form>\n",
        escape_html(listed.path)
    )
}
