"""Feishu's callbacks: the checks before one is believed, with the standard library alone."""

import base64
import ctypes
import ctypes.util
import hashlib
import hmac
import json


class Refused(Exception):
    """The request did not come from Feishu."""


def opened(headers, raw, encrypt_key, verification_token):
    """The callback in a request with this body, decrypted if the app has an Encrypt Key."""
    try:
        callback = json.loads(raw)
        if encrypt_key:
            callback = json.loads(decrypted(callback["encrypt"], encrypt_key))
        is_challenge = callback.get("type") == "url_verification"
        token = callback["token"] if is_challenge else callback["header"]["token"]
        # Compared in constant time: how long it takes must not tell how much of it was right.
        known = hmac.compare_digest(token.encode(), verification_token.encode())
    except (AttributeError, KeyError, TypeError, ValueError):
        known = False
    # Feishu's own libraries do not expect a challenge to be signed.
    if known and encrypt_key and not is_challenge:
        known = is_signed(headers, raw, encrypt_key)
    if not known:
        # Always the same, so that nobody can find out by trying which check failed.
        raise Refused("not a callback of this app")
    return callback


def is_signed(headers, raw, encrypt_key):
    """Checks the bytes that were received. JSON that was parsed and written again may differ."""
    signed = headers.get("X-Lark-Request-Timestamp", "") + headers.get("X-Lark-Request-Nonce", "")
    expected = hashlib.sha256((signed + encrypt_key).encode() + raw).hexdigest()
    return hmac.compare_digest(expected.encode(), headers.get("X-Lark-Signature", "").encode())


def decrypted(text, encrypt_key):
    """AES-256 in CBC mode; the first block is the initialization vector. Python has no AES, but its
    module `ssl` needs OpenSSL, which has. With the package `cryptography` this is three lines."""
    key = hashlib.sha256(encrypt_key.encode()).digest()
    whole = base64.b64decode(text, validate=True)
    plain = ctypes.create_string_buffer(len(whole))
    size, rest = ctypes.c_int(), ctypes.c_int()
    context = _crypto.EVP_CIPHER_CTX_new()
    try:
        # OpenSSL would read past the end of what is shorter.
        is_done = (
            len(whole) >= 32
            and _crypto.EVP_DecryptInit_ex(
                context, _crypto.EVP_aes_256_cbc(), None, key, whole[:16]
            )
            and _crypto.EVP_DecryptUpdate(
                context, plain, ctypes.byref(size), whole[16:], len(whole) - 16
            )
            and _crypto.EVP_DecryptFinal_ex(
                context, ctypes.byref(plain, size.value), ctypes.byref(rest)
            )
        )
    finally:
        _crypto.EVP_CIPHER_CTX_free(context)
    if not is_done:
        raise ValueError("it cannot be decrypted")
    return plain.raw[: size.value + rest.value]


def _libcrypto():
    library = ctypes.CDLL(ctypes.util.find_library("crypto"))
    # Pointers are longer than the integers that ctypes assumes.
    pointer, integer, text = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p
    library.EVP_CIPHER_CTX_new.restype = pointer
    library.EVP_aes_256_cbc.restype = pointer
    library.EVP_CIPHER_CTX_free.argtypes = [pointer]
    library.EVP_DecryptInit_ex.argtypes = [pointer, pointer, pointer, text, text]
    library.EVP_DecryptUpdate.argtypes = [pointer, pointer, pointer, text, integer]
    library.EVP_DecryptFinal_ex.argtypes = [pointer, pointer, pointer]
    return library


_crypto = _libcrypto()
