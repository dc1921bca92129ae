"""An app's callback address, which knows of the sandbox only what Feishu documents.

usage: app.py FOLDER [ENCRYPT_KEY]

The first line on standard output is the port. Then follows a line of JSON for each request, as soon
as it was read: its type, whether it was encrypted and signed as it must be, and what it said.

  FOLDER/title    the title of every preview, read at each request
  FOLDER/delay    how many seconds each answer takes, if the file exists
"""

import base64
import ctypes
import ctypes.util
import hashlib
import hmac
import http.server
import json
import pathlib
import sys
import threading
import time

folder = pathlib.Path(sys.argv[1])
encrypt_key = sys.argv[2] if len(sys.argv) > 2 else None
printing = threading.Lock()


def decrypted(text):
    """Decrypts with OpenSSL, which shares no code with the sandbox. In this process: on a busy
    machine the `openssl` command may take longer to start than a challenge may take to answer."""
    key = hashlib.sha256(encrypt_key.encode()).digest()
    whole = base64.b64decode(text, validate=True)
    context = crypto.EVP_CIPHER_CTX_new()
    plain = ctypes.create_string_buffer(len(whole))
    size, rest = ctypes.c_int(), ctypes.c_int()
    try:
        done = (
            crypto.EVP_DecryptInit_ex(context, crypto.EVP_aes_256_cbc(), None, key, whole[:16]),
            crypto.EVP_DecryptUpdate(
                context, plain, ctypes.byref(size), whole[16:], len(whole) - 16
            ),
            crypto.EVP_DecryptFinal_ex(
                context, ctypes.byref(plain, size.value), ctypes.byref(rest)
            ),
        )
    finally:
        crypto.EVP_CIPHER_CTX_free(context)
    if done != (1, 1, 1):
        raise ValueError("the callback cannot be decrypted")
    return plain.raw[: size.value + rest.value]


def loaded_crypto():
    """OpenSSL's libcrypto. Pointers are longer than the integers that ctypes assumes."""
    library = ctypes.CDLL(ctypes.util.find_library("crypto"))
    pointer, integer, text = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p
    library.EVP_CIPHER_CTX_new.restype = pointer
    library.EVP_aes_256_cbc.restype = pointer
    library.EVP_CIPHER_CTX_free.argtypes = [pointer]
    library.EVP_DecryptInit_ex.argtypes = [pointer, pointer, pointer, text, text]
    library.EVP_DecryptUpdate.argtypes = [pointer, text, pointer, text, integer]
    library.EVP_DecryptFinal_ex.argtypes = [pointer, pointer, pointer]
    return library


crypto = loaded_crypto()


def is_signed(headers, body):
    parts = [headers.get("X-Lark-Request-" + name, "") for name in ("Timestamp", "Nonce")]
    signed = "".join(parts).encode() + (encrypt_key or "").encode() + body
    expected = hashlib.sha256(signed).hexdigest()
    return hmac.compare_digest(expected, headers.get("X-Lark-Signature", ""))


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        body = json.loads(raw)
        is_encrypted = list(body) == ["encrypt"]
        if is_encrypted:
            body = json.loads(decrypted(body["encrypt"]))
        line = {
            "type": body.get("type") or body["header"]["event_type"],
            "encrypted": is_encrypted,
            "signed": is_signed(self.headers, raw),
            "body": body,
        }
        with printing:
            print(json.dumps(line), flush=True)
        self.answer(body)

    def answer(self, body):
        if body.get("type") == "url_verification":
            answer = {"challenge": body["challenge"]}
        else:
            # Read before the delay, so that a late answer is an old one.
            title = (folder / "title").read_text()
            if (folder / "delay").exists():
                time.sleep(float((folder / "delay").read_text()))
            answer = {"inline": {"title": title}}
        data = json.dumps(answer).encode()
        try:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            pass  # The client has given up.

    def log_message(self, *words):
        pass


class Server(http.server.ThreadingHTTPServer):
    # A whole chat connects at once.
    request_queue_size = 1024


server = Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
