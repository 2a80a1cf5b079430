"""httpx-sse: python httpx_sse_client.py URL. Prints a JSON object for each event."""

import json
import sys
import time

import httpx
from httpx_sse import connect_sse

last_event_id = ""
retry_seconds = 1.0

# The client does not reconnect by itself, so its users write this loop.
with httpx.Client() as client:
    while True:
        headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
        try:
            with connect_sse(client, "GET", sys.argv[1], headers=headers) as source:
                source.response.raise_for_status()
                for event in source.iter_sse():
                    last_event_id = event.id
                    if event.retry is not None:
                        retry_seconds = event.retry / 1000
                    print(json.dumps({"type": event.event, "data": event.data, "id": event.id}), flush=True)
        except httpx.HTTPError:
            pass
        time.sleep(retry_seconds)
