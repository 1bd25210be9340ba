//! The page: the document for people, without a script and without anything from elsewhere.

mod markdown;
mod operation;
mod sample;
mod schema;
mod source;

pub(crate) use source::Listed;

use crate::escape_html;
use crate::openapi::page::operation::{badge, path};
use crate::openapi::page::source::Page;
use serde_json::Value;

const STYLE: &str = include_str!("style.css");

/// The digest of the style, which is all that the page may use. A test compares the two.
pub(crate) const STYLE_DIGEST: &str = "sha256-3etDgEFFkK7u7bulUtSiu6ll/vq9+MezTKEXm+YWJAU=";

/// So many operations are shown from the start; of more there is first a line of each.
const OPEN: usize = 4;

/// So many operations are shown in the list beside; of more there are the tags first.
const UNFOLDED: usize = 60;

/// The page of a document of OpenAPI 3.1. `at`: where the document itself is served, if that is known.
pub(crate) fn page(document: &Value, listed: &[Listed<'_>], at: Option<&str>) -> String {
    let page = Page { document };
    let title = escape_html(document["info"]["title"].as_str().unwrap_or_default()).into_owned();
    let mut tags: Vec<&str> = Vec::new();
    for one in listed {
        if !tags.contains(&one.tag()) {
            tags.push(one.tag());
        }
    }
    let groups: String = tags.iter().map(|tag| page.group(tag, listed)).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<a class=\"skip\" href=\"#main\">To the operations</a>\n{}<main id=\"main\">\n{}{groups}{}</main>\n\
         </body>\n</html>\n",
        page.navigation(&title, &tags, listed),
        page.header(&title, listed.len(), at),
        page.schemas(),
    )
}

impl Page<'_> {
    fn navigation(&self, title: &str, tags: &[&str], listed: &[Listed<'_>]) -> String {
        let mut html = format!(
            "<nav aria-label=\"Operations\">\n<div class=\"brand\"><a href=\"#top\">{title}</a>\
             <label for=\"menu\">Menu</label></div>\n<input type=\"checkbox\" id=\"menu\">\n<div class=\"menu\">\n"
        );
        for tag in tags {
            let of_tag = listed.iter().filter(|one| one.tag() == *tag);
            let items: String = of_tag
                .map(|one| {
                    format!(
                        "<li{}><a href=\"#{}\">{}<span>{}</span></a></li>\n",
                        if one.operation.get("deprecated").is_some() {
                            " class=\"old\""
                        } else {
                            ""
                        },
                        escape_html(one.id()),
                        badge(one.method),
                        path(one.path)
                    )
                })
                .collect();
            let open = if listed.len() <= UNFOLDED {
                " open"
            } else {
                ""
            };
            html.push_str(&format!(
                "<details{open}><summary>{}<small>{}</small></summary>\n<ul>\n{items}</ul></details>\n",
                escape_html(if tag.is_empty() { "Operations" } else { tag }),
                listed.iter().filter(|one| one.tag() == *tag).count(),
            ));
        }
        if let Some(schemas) = self.document["components"]["schemas"].as_object() {
            let items: String = schemas
                .keys()
                .map(|name| {
                    let name = escape_html(name);
                    format!("<li><a href=\"#schema-{name}\"><span>{name}</span></a></li>\n")
                })
                .collect();
            html.push_str(&format!(
                "<details class=\"shapes\"><summary>Schemas</summary>\n<ul>\n{items}</ul></details>\n"
            ));
        }
        html.push_str("</div>\n</nav>\n");
        html
    }

    fn header(&self, title: &str, count: usize, at: Option<&str>) -> String {
        let info = &self.document["info"];
        let about = info["description"].as_str().unwrap_or_default();
        let mut facts = vec![match count {
            1 => "1 operation".to_owned(),
            count => format!("{count} operations"),
        }];
        for server in self.document["servers"].as_array().into_iter().flatten() {
            let url = server["url"].as_str().unwrap_or_default();
            facts.push(format!("<code>{}</code>", escape_html(url)));
        }
        if let Some(at) = at {
            facts.push(format!(
                "<a href=\"{}\">OpenAPI document</a>",
                escape_html(at)
            ));
        }
        format!(
            "<header id=\"top\">\n<h1>{title} <span class=\"version\">{}</span></h1>\n<div class=\"about\">{}</div>\n\
             <p class=\"facts\">{}</p>\n</header>\n",
            escape_html(info["version"].as_str().unwrap_or_default()),
            markdown::html(about),
            facts.join("<span aria-hidden=\"true\"> · </span>")
        )
    }

    fn group(&self, tag: &str, listed: &[Listed<'_>]) -> String {
        let about = self.document["tags"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|one| one["name"] == tag)
            .and_then(|one| one["description"].as_str())
            .unwrap_or_default();
        let operations: String = listed
            .iter()
            .filter(|one| one.tag() == tag)
            .map(|one| self.operation(one, listed.len() <= OPEN))
            .collect();
        format!(
            "<section>\n<h2>{}</h2>\n{}{operations}</section>\n",
            escape_html(if tag.is_empty() { "Operations" } else { tag }),
            markdown::html(about)
        )
    }

    fn schemas(&self) -> String {
        let Some(schemas) = self.document["components"]["schemas"].as_object() else {
            return String::new();
        };
        let mut html = String::from("<section>\n<h2>Schemas</h2>\n");
        for (name, shape) in schemas {
            let about = shape["description"].as_str().unwrap_or_default();
            let (first, _) = about.split_once("\n\n").unwrap_or((about, ""));
            let value = sample::of(self.document, shape);
            let sample = match &value {
                Value::Object(map) if !map.is_empty() => format!(
                    "<div class=\"show\"><figure><figcaption>Sample</figcaption>\
                     <pre tabindex=\"0\">{}</pre></figure></div>\n",
                    sample::html(&value)
                ),
                _ => String::new(),
            };
            html.push_str(&format!(
                "<details class=\"op shape\"><summary><code class=\"path\">{name}</code><span class=\"sum\">{}</span>\
                 </summary>\n<div class=\"body\" id=\"schema-{name}\">\n<div class=\"say\">{}<p class=\"media\">\
                 <span class=\"type\">{}</span> {}</p>\n{}{}</div>\n{sample}</div></details>\n",
                markdown::inline(first),
                if first == about { String::new() } else { markdown::html(about) },
                schema::words(shape),
                schema::bounds(shape),
                schema::properties(shape),
                schema::variants(shape),
                name = escape_html(name),
            ));
        }
        html.push_str("</section>\n");
        html
    }
}
