//! Talks to the example `api` through a client that progenitor makes from its document in OpenAPI 3.0.

progenitor::generate_api!("notes-3.0.json");

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let address = std::env::args().nth(1).expect("the address of the example");
    let client = Client::new(&address);
    let draft: types::Draft = serde_json::from_str(r#"{"title": "Milk", "tags": ["shop"]}"#).expect("a draft");
    let made = client.post_note(&draft).await.expect("a note").into_inner();
    let note = client.get_note(made.id).await.expect("the note").into_inner();
    assert_eq!(note.title, "Milk");
    let page = client.get_notes(None, None, Some("shop")).await.expect("a page").into_inner();
    assert_eq!(page.total, 1);
    client.delete_note(made.id).await.expect("no content");
    match client.get_note(made.id).await {
        // It reads `application/json` alone, so the body of a problem is bytes to it.
        Err(Error::ErrorResponse(problem)) => assert_eq!(problem.status(), 404),
        _ => panic!("a problem is due"),
    }
    println!("progenitor: its client made, read, listed and removed a note");
}
