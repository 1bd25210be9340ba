//! The document of the shop, part by part.

use crate::shop::{Shop, api, document, operation};
use doget::openapi::OpenApi;
use doget::{AllowHosts, With};
use serde_json::json;

#[test]
fn comments_types_and_attributes_of_a_method() {
    assert_eq!(
        operation("get", "/items/{id}"),
        json!({
            "operationId": "get_item",
            "summary": "One item.",
            "description": "More words.",
            "tags": ["Shop"],
            "parameters": [{
                "name": "id",
                "in": "path",
                "required": true,
                "description": "The item's number.",
                "schema": { "type": "integer", "format": "uint64", "minimum": 0 },
            }],
            "responses": {
                "200": {
                    "description": "Request fulfilled, document follows",
                    "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Item" } } },
                },
                "404": {
                    "description": "Nothing matches the given URI",
                    "content": { "text/html; charset=utf-8": { "schema": { "type": "string" } } },
                },
            },
        })
    );
}

#[test]
fn info_comes_from_the_block() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["title"], "Shop");
    assert_eq!(document["info"]["version"], "1.2.3");
    assert_eq!(
        document["info"]["description"],
        "A shop.\n\nIt sells *items*."
    );
}

#[test]
fn two_routes_of_one_shape_are_one_path() {
    let put = operation("put", "/items/{id}");
    assert_eq!(put["parameters"][0]["name"], "id");
    assert_eq!(put["deprecated"], true);
    assert_eq!(put["tags"], json!(["Admin"]));
    assert_eq!(put["security"], json!([{ "bearer": [] }]));
    assert_eq!(
        put["requestBody"]["description"],
        "The item as it is to be."
    );
    assert_eq!(put["requestBody"]["required"], true);
    let statuses: Vec<&String> = put["responses"].as_object().unwrap().keys().collect();
    assert_eq!(
        statuses,
        ["200", "400", "401", "404", "413", "415", "default"]
    );
}

#[test]
fn what_may_be_left_out() {
    let post = operation("post", "/orders");
    assert_eq!(post["operationId"], "place_orders");
    assert_eq!(post["security"], json!([{}, { "bearer": [] }]));
}

#[test]
fn one_schema_where_both_ways_agree_and_two_where_not() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let names: Vec<&String> = schemas.keys().collect();
    assert_eq!(
        names,
        [
            "Item",
            "Kind",
            "Order",
            "OrderInput",
            "Orders",
            "OrdersInput"
        ]
    );
    assert_eq!(schemas["Item"]["required"], json!(["id", "name"]));
    assert_eq!(
        schemas["OrdersInput"]["properties"]["orders"]["items"]["$ref"],
        "#/components/schemas/OrderInput"
    );
    assert!(schemas["OrderInput"]["properties"]["cardNumber"].is_object());
    assert!(schemas["Order"]["properties"]["cardNumber"].is_null());
    assert!(schemas["Order"]["properties"]["paid"].is_object());
}

#[test]
fn paths_with_slashes_and_values_without_a_schema() {
    let file = operation("get", "/files/{path}");
    assert_eq!(file["parameters"][0]["x-rest"], true);
    let odd = operation("get", "/odd/{when}");
    assert_eq!(odd["parameters"][0]["schema"]["format"], "ipv4");
    assert!(odd["responses"]["default"].is_object());
    let go = operation("get", "/go");
    assert!(go["responses"]["303"]["headers"]["Location"].is_object());
}

#[test]
fn a_base_says_what_is_left_to_it() {
    let document = document();
    assert_eq!(operation("get", "/about")["tags"], json!(["Base"]));
    assert_eq!(
        operation("get", "/other/item/{number}")["operationId"],
        "get_items_2"
    );
    assert!(document["paths"]["/items/{number}"].is_null());
    assert_eq!(document["tags"][0]["name"], "Shop");
}

#[test]
fn a_handler_around_another_adds_what_it_refuses() {
    let api = OpenApi::of::<With<AllowHosts, Shop>>("Shop", "1");
    let document: serde_json::Value = serde_json::from_str(&api.to_json()).unwrap();
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            assert!(operation["responses"]["421"].is_object(), "{operation}");
        }
    }
    let boxed = OpenApi::of::<Box<Shop>>("Shop", "1.2.3");
    assert_eq!(boxed.to_json(), crate::shop::api().to_json());
}

#[test]
fn what_is_missing_is_said() {
    let remarks: Vec<String> = api().undescribed().map(|one| one.to_string()).collect();
    for expected in [
        "GET /odd/{when}: `get_odd` has no comment",
        "GET /odd/{when}: the parameter `Unknown` is not described",
        "GET /odd/{when}: the path parameter `when` has no comment",
        "POST /raw: the answer `Result<Sent>` is not described",
    ] {
        assert!(
            remarks.iter().any(|remark| remark == expected),
            "{expected} in {remarks:#?}"
        );
    }
    assert!(!remarks.iter().any(|remark| remark.contains("/hidden")));
    let omitted: Vec<String> = api().omitted().map(|one| one.to_string()).collect();
    assert_eq!(
        omitted,
        [
            "GET /hidden: it is hidden",
            "SEARCH /items: OpenAPI 3.1 has no key for its method",
            "GET /openapi.json: it is hidden",
            "GET /openapi-3.0.json: it is hidden",
            "GET /docs: it is hidden",
            "DELETE *: it answers for every path",
        ]
    );
}

#[test]
fn faults_and_answers_whose_status_is_in_their_type() {
    let shelf = operation("post", "/shelf");
    let described = |status: &str| shelf["responses"][status]["description"].clone();
    assert_eq!(described("201"), "It is new.");
    assert_eq!(described("200"), "It took the place of another.");
    assert_eq!(described("202"), "It will be saved.");
    assert_eq!(described("409"), "Sold out.");
    assert_eq!(described("404"), "There is no such shelf.");
    assert!(shelf["responses"]["default"].is_null());
    assert!(shelf["responses"]["201"]["headers"]["Location"].is_object());
    let json = "application/json";
    assert_eq!(
        shelf["responses"]["201"]["content"][json]["schema"]["$ref"],
        "#/components/schemas/Item"
    );
    let export = operation("post", "/export");
    let statuses: Vec<&String> = export["responses"].as_object().unwrap().keys().collect();
    assert_eq!(statuses, ["202", "204"]);
}

#[test]
fn fields_of_the_query_and_of_forms() {
    let search = operation("get", "/search");
    assert_eq!(
        search["parameters"],
        json!([
            { "name": "q", "in": "query", "description": "Words to look for.",
              "schema": { "type": "string", "examples": ["nails"] } },
            {
                "name": "tag",
                "in": "query",
                "description": "All tags that it must have.",
                "schema": { "type": "array", "items": { "type": "string", "examples": ["steel"] } },
            },
            {
                "name": "page",
                "in": "query",
                "description": "Which page.",
                "schema": { "type": "integer", "minimum": 1, "maximum": 1000, "default": 1 },
            },
            {
                "name": "limit",
                "in": "query",
                "description": "How many on a page.",
                "schema": { "type": "integer", "minimum": 1, "maximum": 100, "default": 20, "examples": [50] },
            },
        ])
    );
    let login = operation("post", "/login");
    assert_eq!(
        login["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"],
        json!({
            "type": "object",
            "properties": {
                "user": { "type": "string", "description": "Who." },
                "password": { "type": "string", "minLength": 8, "maxLength": 128 },
                "days": {
                    "type": "integer", "minimum": 0, "maximum": 65535, "description": "For how many days.",
                },
            },
            "required": ["user", "password"],
        })
    );
    let statuses: Vec<&String> = login["responses"].as_object().unwrap().keys().collect();
    assert_eq!(statuses, ["204", "400", "404", "409", "413", "415"]);
}
