"""A thermostat with a web page, and a console that says what it does: a device that is a program of the host."""

import json
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

PAGE = """<!doctype html>
<html lang="en">
<title>Thermostat</title>
<h1>20 degrees</h1>
<p>heating: <output>off</output></p>
<button>warmer</button>
<script>
  const show = state => {
    document.querySelector("h1").textContent = `${state.target} degrees`;
    document.querySelector("output").textContent = state.heating ? "on" : "off";
  };
  const load = options => fetch("/state", options).then(answer => answer.json()).then(show);
  let target = 20;
  document.querySelector("button").onclick = () => load({method: "PUT", body: JSON.stringify({target: ++target})});
  load();
</script>
</html>
"""
state = {"target": 20, "reading": 20.5, "heating": False}


class Thermostat(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/":
            self.answer(200, "text/html; charset=utf-8", PAGE)
        elif self.path == "/state":
            self.answer(200, "application/json", json.dumps(state))
        else:
            self.answer(404, "text/plain", "there is no such page\n")

    def do_PUT(self) -> None:
        wish = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not 5 <= wish["target"] <= 30:
            self.answer(422, "application/json", json.dumps({"error": "target is not between 5 and 30"}))
            return
        state.update(target=wish["target"], heating=wish["target"] > state["reading"])
        print(f"target: {state['target']}, heating: {'on' if state['heating'] else 'off'}", flush=True)
        self.answer(200, "application/json", json.dumps(state))

    def answer(self, status: int, kind: str, text: str) -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


port = int(os.environ["PORT_WEB"])  # TestArena's <forward name="web"/>
with HTTPServer(("127.0.0.1", port), Thermostat) as server:
    print(f"listening at port {port}", flush=True)
    server.serve_forever()
