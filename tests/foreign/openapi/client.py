"""Talks to the example `api` through the client that was made from its document: client.py ADDRESS"""

import sys

sys.path.insert(0, ".")

from notes_client import Client
from notes_client.api.notes import delete_note, get_note, get_notes, post_note, put_note
from notes_client.models import Draft, Note, Page, Problem

client = Client(base_url=sys.argv[1])

made = post_note.sync_detailed(client=client, body=Draft(title="Milk", tags=["shop"]))
assert made.status_code == 201, made
assert isinstance(made.parsed, Note)
assert made.headers["Location"] == f"/notes/{made.parsed.id}"

note = get_note.sync(made.parsed.id, client=client)
assert isinstance(note, Note) and note.title == "Milk" and note.tags == ["shop"]

page = get_notes.sync(client=client, tag="shop", limit=1)
assert isinstance(page, Page) and page.total == 1 and page.notes[0].id == note.id

changed = put_note.sync(note.id, client=client, body=Draft(title="Tea", text="green"))
assert isinstance(changed, Note) and changed.text == "green"

refused = post_note.sync(client=client, body=Draft(title=""))
assert isinstance(refused, Problem) and refused.status == 422
assert refused.errors[0].pointer == "/title"

refused = get_notes.sync(client=client, limit=1000)
assert isinstance(refused, Problem) and refused.status == 400
assert (refused.errors[0].in_, refused.errors[0].name) == ("query", "limit")

assert delete_note.sync_detailed(note.id, client=client).status_code == 204
gone = get_note.sync(note.id, client=client)
assert isinstance(gone, Problem) and gone.status == 404

print("openapi-python-client: its client made, read, listed, changed and removed a note")
