"""Load for benches/serve.sh: what forges and strangers can send, and how long /healthz takes meanwhile.

Usage: serve.py FORGES PAGE PID SECRET COMMIT LOAD, with addresses as HOST:PORT. Prints a line of the table.
"""

import asyncio
import hashlib
import hmac
import json
import multiprocessing
import socket
import sys
import time

CONNECTIONS = 1000
SECONDS = 6


def address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


def source(number):
    """One of twenty addresses of this machine, as if so many senders came."""
    return f"127.0.1.{1 + number % 20}", 0


def ask_for_health(page, worst, asked):
    """Asks again and again from an address of its own, in a process of its own."""
    while True:
        began = time.monotonic()
        with socket.create_connection(page, source_address=("127.0.2.1", 0)) as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n")
            answer = connection.recv(100)
        took = time.monotonic() - began
        if not answer.startswith(b"HTTP/1.1 "):
            took = float("inf")
        worst.value = max(worst.value, took)
        asked.value += 1
        time.sleep(0.02)


class Bench:
    def __init__(self, forges, page, pid, secret, commit):
        self.forges, self.page, self.pid = address(forges), address(page), pid
        self.secret, self.commit = secret.encode(), commit
        self.answers = {}

    async def connect(self, number, one_address=False):
        own = None if one_address else source(number)
        return await asyncio.open_connection(*self.forges, local_addr=own)

    def count(self, answer):
        self.answers[answer] = self.answers.get(answer, 0) + 1

    def push(self, delivery):
        body = json.dumps({
            "ref": "refs/heads/main", "after": self.commit, "deleted": False,
            "repository": {"full_name": "ada/home-lab"},
        }).encode()
        return self.request(delivery, body, hmac.new(self.secret, body, hashlib.sha256).hexdigest())

    def request(self, delivery, body, signature, length=None):
        head = (
            "POST /hooks/github HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
            f"X-GitHub-Event: push\r\nX-GitHub-Delivery: {delivery}\r\n"
            f"X-Hub-Signature-256: sha256={signature}\r\nContent-Length: {length or len(body)}\r\n\r\n"
        )
        return head.encode() + body

    async def ask(self, number, request, one_address=False):
        """The status that a request is answered with; 0 if the connection was closed."""
        try:
            reader, writer = await self.connect(number, one_address)
        except OSError:
            return 0
        try:
            writer.write(request)
            answer = await asyncio.wait_for(reader.read(), 60)
            return int(answer.split(b" ", 2)[1]) if answer else 0
        except (OSError, IndexError):
            return 0
        finally:
            writer.close()

    async def deliver(self, number, one_address):
        """Delivers until it is taken, as somebody does who presses the button again."""
        status = await self.ask(number, self.push(f"d{number}"), one_address)
        self.count(status)
        while status != 202:
            await asyncio.sleep(0.5)
            status = await self.ask(number, self.push(f"d{number}"), one_address)

    async def deliveries(self, one_address=False):
        await asyncio.gather(*(self.deliver(number, one_address) for number in range(CONNECTIONS)))

    async def through_a_proxy(self):
        await self.deliveries(one_address=True)

    async def silent(self):
        """Connections that say nothing."""
        await self.held(b"")

    async def heads(self):
        """Heads of requests that never end."""
        await self.held(b"GET / HTTP/1.1\r\nHost: bench\r\n" + b"X-Long: " + b"x" * (1 << 20))

    async def held(self, words):
        async def hold(number):
            try:
                reader, writer = await self.connect(number)
                writer.write(words)
                answer = await asyncio.wait_for(reader.read(), SECONDS)
                self.count(int(answer.split(b" ", 2)[1]) if answer else 0)
                writer.close()
            except (OSError, asyncio.TimeoutError):
                self.count("open or reset")

        await asyncio.gather(*(hold(number) for number in range(CONNECTIONS)))

    async def huge(self):
        """Bodies of the greatest length, from nobody."""
        body = b" " * (25 << 20)
        for _ in range(3):
            asked = (self.ask(n, self.request("h", body, "0" * 64)) for n in range(16))
            for status in await asyncio.gather(*asked):
                self.count(status)

    async def slow(self):
        """Long bodies that come a piece a second."""

        async def drip(number):
            try:
                reader, writer = await self.connect(number)
                writer.write(self.request("s", b"", "0" * 64, 20 << 20))
                for _ in range(SECONDS):
                    writer.write(b" " * (200 << 10))
                    await asyncio.sleep(1)
                writer.write_eof()
                answer = await asyncio.wait_for(reader.read(), 20)
                self.count(int(answer.split(b" ", 2)[1]) if answer else 0)
                writer.close()
            except (OSError, asyncio.TimeoutError):
                self.count(0)

        await asyncio.gather(*(drip(number) for number in range(300)))

    async def chunked(self):
        """Bodies in many small pieces, which have no end."""

        async def send(number):
            try:
                reader, writer = await self.connect(number)
                head = self.request("c", b"", "0" * 64).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
                writer.write(head)
                piece = b"1\r\nx\r\n" * 20_000
                for _ in range(20):
                    writer.write(piece)
                    await writer.drain()
                answer = await asyncio.wait_for(reader.read(), 20)
                self.count(int(answer.split(b" ", 2)[1]) if answer else 0)
                writer.close()
            except (OSError, asyncio.TimeoutError):
                self.count(0)

        await asyncio.gather(*(send(number) for number in range(40)))

    def peak(self):
        """The most memory since the last reset, in MB."""
        with open(f"/proc/{self.pid}/status") as status:
            line = next(line for line in status if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024

    async def run(self, load):
        with open(f"/proc/{self.pid}/clear_refs", "w") as peak:
            peak.write("5")
        worst, asked = multiprocessing.Value("d", 0), multiprocessing.Value("i", 0)
        health = multiprocessing.Process(target=ask_for_health, args=(self.page, worst, asked), daemon=True)
        health.start()
        await asyncio.sleep(0.5)
        began = time.monotonic()
        await getattr(self, load)()
        took = time.monotonic() - began
        health.terminate()
        health.join()
        answers = ", ".join(f"{count} × {answer}" for answer, count in sorted(self.answers.items(), key=str))
        print(f"  {load:16} {took:6.1f} s  healthz worst {worst.value * 1000:6.1f} ms of {asked.value:4}"
              f"  peak {self.peak():5.1f} MB  {answers}")


if __name__ == "__main__":
    asyncio.run(Bench(*sys.argv[1:6]).run(sys.argv[6]))
