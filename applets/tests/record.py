#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs scripts in cref, the simulated card of the Java Card 2.2.2 kit, and writes its answers into them:

    applets/tests/record.py /path/to/jc222_kit src/javacard/testdata/cref/*.txt

cref is a 32-bit Linux program; on Debian for amd64 it needs the package libc6-i386. README.md says what a
script looks like.
"""
import pathlib
import random
import socket
import subprocess
import sys
import tempfile
import time
import zipfile

HERE = pathlib.Path(__file__).parent
INSTALLER = bytes.fromhex("A00000006203010801")
COMPONENTS = ["Header", "Directory", "Import", "Applet", "Class", "Method", "StaticField", "Export",
              "ConstantPool", "RefLocation"]
TAGS = {"Header": 1, "Directory": 2, "Applet": 3, "Import": 4, "ConstantPool": 5, "Class": 6, "Method": 7,
        "StaticField": 8, "RefLocation": 9, "Export": 10}
COMMAND, POWER_UP, POWER_DOWN = 0x80, 0xF0, 0xE0
IFS = 32


class Card:
    """cref behind its socket: blocks of T=1 (ISO/IEC 7816-3, 11), each in a frame of its own."""

    def __init__(self, kit, folder):
        self.program = kit / "bin" / "cref"
        self.image = pathlib.Path(folder) / "eeprom"
        self.start()

    def start(self):
        port = random.randrange(20000, 60000, 2)
        image = ["-i", self.image] if self.image.exists() else []
        self.process = subprocess.Popen([self.program, "-s", "-p", str(port), *image, "-o", self.image],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(50):
            try:
                self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
                break
            except ConnectionRefusedError:
                time.sleep(0.1)
        self.frame(POWER_UP)
        self.message()
        self.sent = self.received = 0

    def stop(self):
        """It ends when the power goes, and leaves its EEPROM in the file."""
        self.frame(POWER_DOWN)
        self.socket.close()
        self.process.wait(10)

    def reset(self):
        self.stop()
        self.start()

    def frame(self, opcode, message=b""):
        frame = bytes([opcode]) + len(message).to_bytes(2, "big") + message
        self.socket.sendall(frame + bytes([lrc(frame)]))

    def take(self, size):
        taken = b""
        while len(taken) < size:
            part = self.socket.recv(size - len(taken))
            if not part:
                raise ConnectionError("cref has ended")
            taken += part
        return taken

    def message(self):
        head = self.take(3)
        return self.take(int.from_bytes(head[1:], "big") + 1)[:-1]

    def block(self, pcb, data=b""):
        block = bytes([0, pcb, len(data)]) + data
        self.frame(COMMAND, block + bytes([lrc(block)]))
        answer = self.message()
        while answer[1] == 0xC3:  # it asks for more time
            block = bytes([0, 0xE3, 1, answer[3]])
            self.frame(COMMAND, block + bytes([lrc(block)]))
            answer = self.message()
        return answer[1], answer[3:3 + answer[2]]

    def exchange(self, command):
        parts = [command[i:i + IFS] for i in range(0, len(command), IFS)]
        for number, part in enumerate(parts):
            more = number + 1 < len(parts)
            pcb, data = self.block(self.sent << 6 | more << 5, part)
            self.sent ^= 1
        response = data
        while pcb & 0x20:
            self.received ^= 1
            pcb, data = self.block(0x80 | self.received << 4)
            response += data
        self.received ^= 1
        return response

    # What the installer does ---------------------------------------------------------------------------------
    def ask(self, command, *expected):
        response = self.exchange(command)
        if response[-2:].hex().upper() not in (expected or ("9000",)):
            raise RuntimeError(f"the installer answers {response.hex()} to {command[:5].hex()}")
        return response[-2:]

    def select_installer(self):
        self.ask(bytes([0, 0xA4, 4, 0, len(INSTALLER)]) + INSTALLER + b"\0")

    def load(self, cap):
        self.select_installer()
        with zipfile.ZipFile(cap) as archive:
            files = {pathlib.PurePath(name).stem: name for name in archive.namelist()}
            self.ask(bytes([0x80, 0xB0, 0, 0, 0]))
            for name in COMPONENTS:
                if name not in files:
                    continue
                content = archive.read(files[name])
                self.ask(bytes([0x80, 0xB2, TAGS[name], 0, 0]))
                for i in range(0, len(content), 32):
                    part = content[i:i + 32]
                    self.ask(bytes([0x80, 0xB4, TAGS[name], 0, len(part)]) + part + b"\0")
                self.ask(bytes([0x80, 0xBC, TAGS[name], 0, 0]))
            self.ask(bytes([0x80, 0xBA, 0, 0, 0]))
        return b"\x90\0"

    def command(self, instruction, data, p1=0):
        self.select_installer()
        return self.exchange(bytes([0x80, instruction, p1, 0, len(data)]) + data + b"\0")[-2:]


def lrc(data):
    result = 0
    for byte in data:
        result ^= byte
    return result


def lv(data):
    return bytes([len(data)]) + data


def run(card, words):
    """What a line of a script answers; None if it is no command."""
    argument = [bytes.fromhex(word) for word in words[1:]] if words[0] != "load" else []
    match words[0]:
        case ">":
            return card.exchange(b"".join(argument))
        case "reset":
            card.reset()
        case "load":
            return card.load(HERE / words[1])
        case "install":
            # JCRE specification, 3.1: the instance's AID, no control information, the applet's data.
            module, instance, data = argument[0], argument[1], b"".join(argument[2:])
            return card.command(0xB8, lv(module) + lv(lv(instance) + lv(b"") + lv(data)))
        case "delete":
            return card.command(0xC4, lv(argument[0]), 1)
        case "unload":
            return card.command(0xC0, lv(argument[0]))
    return None


def record(kit, path):
    lines = []
    exchanges = 0
    with tempfile.TemporaryDirectory() as folder:
        card = Card(kit, folder)
        try:
            for line in path.read_text().splitlines():
                if line.startswith("<"):
                    continue
                lines.append(line)
                words = line.split("#")[0].split()
                if not words or words[0] == "=":
                    continue
                answer = run(card, words)
                if answer is not None:
                    lines.append("< " + answer.hex().upper())
                    exchanges += words[0] == ">"
        except Exception as error:
            raise RuntimeError(f"{path}, line {len(lines)}") from error
        finally:
            card.process.kill()
    path.write_text("\n".join(lines) + "\n")
    print(f"{path}: {exchanges} exchanges")


if __name__ == "__main__":
    for argument in sys.argv[2:]:
        record(pathlib.Path(sys.argv[1]), pathlib.Path(argument))
