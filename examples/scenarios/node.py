"""A device with a console and a serial line to another one: `say TEXT` sends a line there, and what comes is told."""

import os
import socket
import sys
import threading


def tell(text: str) -> None:
    os.write(sys.stdout.fileno(), text.encode())


def listen(line: socket.socket) -> None:
    with line.makefile() as lines:
        for text in lines:
            tell(f"heard: {text}")


def main() -> None:
    prompt = f"{sys.argv[1]}> "
    line = socket.socket(fileno=int(os.environ["LINK_LINE"]))
    threading.Thread(target=listen, args=(line,), daemon=True).start()
    tell(prompt)
    for command in sys.stdin:
        word, _, text = command.rstrip("\n").partition(" ")
        if word == "say":
            line.sendall(f"{text}\n".encode())
            tell(f"said: {text}\n")
        else:
            tell(f"unknown command: {word}\n")
        tell(prompt)


main()
